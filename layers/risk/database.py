"""The database by hazard and region: hazard, exposure and capacity to reduce, as one tidy table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from layers.census.catalogue import catalogue
from layers.layer import VectorLayer
from layers.risk.exposure import middles, owners
from layers.risk.grades import GRADE_KEYS
from layers.risk.inputs import layers_of, needed
from layers.storage.geopackage import ProjectFile

CAPACITY: dict[str, tuple[str, ...]] = {
    "fire_station": ("people", "vehicles"),
    "rescue_team": ("people",),
    "shelter": ("effective_area", "capacity"),
    "depot": ("tents", "quilts", "food", "water"),
    "hospital": ("beds",),
    "responder": ("people",),
}


class Item(NamedTuple):
    """One row of the database.

    ``section`` is hazard, exposure or capacity; ``status`` real, synthetic or derived.
    """

    section: str
    item: str
    unit: str
    value: float
    layer: str
    status: str


@dataclass(frozen=True, eq=False)
class QueryResult:
    """What the database says of one hazard and region.

    Parameters
    ----------
    hazard, region : str
    table : pandas.DataFrame
        Columns ``section, item, unit, value, layer, status``.
    """

    hazard: str
    region: str
    table: pd.DataFrame


def query_table(
    project: ProjectFile, hazard: str, region: str, unit: str, overlay: pd.DataFrame
) -> QueryResult:
    """The rows of one region, or the sums of all regions.

    Parameters
    ----------
    overlay : pandas.DataFrame
        The overlay of this hazard by `unit`: the one source of every number of hazard and exposure.
    """
    rows = overlay if region == "all" else overlay[overlay["code"] == region]
    sums = rows.drop(columns=["code", "name"]).sum()
    items = [*_hazard(hazard, sums), *_exposure(project, sums), *_capacity(project, region, unit)]
    return QueryResult(hazard, region, pd.DataFrame(items, columns=list(Item._fields)))


def _hazard(hazard: str, sums: pd.Series) -> Iterator[Item]:
    for grade in (*GRADE_KEYS, "nodata"):
        yield Item(
            "hazard",
            f"area_km2_{grade}",
            "km²",
            float(sums[f"area_km2_{grade}"]),
            f"hazard_{hazard}",
            "derived",
        )


def _exposure(project: ProjectFile, sums: pd.Series) -> Iterator[Item]:
    for column, value in sums.items():
        name = str(column)
        if name.startswith("area_km2"):
            continue
        kind = next((k for k in _KIND_OF if name.startswith(k)), "")
        entries = layers_of(project, _KIND_OF.get(kind, ""))
        layer = entries[0].name if entries else ""
        synthetic = bool(entries) and entries[0].provenance.synthetic
        yield Item("exposure", name, _unit(name), value, layer, "synthetic" if synthetic else "real")


_KIND_OF = {
    "population": "township",
    "buildings": "building",
    "floor_area": "building",
    "enterprises": "enterprise",
    "schools": "school",
    "hospitals": "hospital",
    "road_km": "road",
}


def _unit(name: str) -> str:
    if name.startswith("population"):
        return "人"
    if name.startswith("floor_area"):
        return "m²"
    return "km" if name.startswith("road_km") else ""


def _capacity(project: ProjectFile, region: str, unit: str) -> Iterator[Item]:
    """How many there are, and the sums of what they have."""
    area = _region(project, region, unit)
    for kind, columns in CAPACITY.items():
        for entry in layers_of(project, kind):
            layer = project.read(entry.name)
            inside = layer.take(owners(area, *middles(layer)) < len(area))
            status = "synthetic" if entry.provenance.synthetic else "real"
            yield Item("capacity", kind, "", float(len(inside)), entry.name, status)
            for column in columns:
                if column in inside.attributes:
                    total = float(np.nansum(pd.to_numeric(inside[column], errors="coerce")))
                    field = catalogue()[kind].field(column)
                    yield Item("capacity", f"{kind}_{column}", field.unit, total, entry.name, status)


def _region(project: ProjectFile, region: str, unit: str) -> VectorLayer:
    units = project.read(needed(project, unit)[0].name)
    return units if region == "all" else units.take((units["code"].astype(str) == region).to_numpy())

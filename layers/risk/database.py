"""The hazard database: by hazard and region, how strong, what is exposed, what there is to help."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.errors import BadInput
from layers.hazards.inputs import numbers
from layers.hazards.memory import remembered
from layers.hazards.origin import Traced
from layers.hazards.source import Reading, Source
from layers.layer import Provenance
from layers.progress import Progress, ignore, part
from layers.risk.assessment import exposure_of, overlay
from layers.risk.exposure import EXPOSURES, Exposure, middles

COLUMNS = ("section", "item", "unit", "value", "layer", "status")

CAPACITIES: Mapping[str, Mapping[str, str]] = {
    "fire_station": {"people": "人", "vehicles": "辆"},
    "rescue_team": {"people": "人"},
    "shelter": {"capacity": "人", "effective_area": "m²"},
    "depot": {"tents": "顶", "quilts": "床", "food": "t", "water": "t"},
    "hospital": {"beds": "张"},
    "responder": {"people": "人"},
}
"""Capacity to reduce: kinds of layers, and the columns that are summed, with their units."""

_LAYER_OF = {
    "buildings": "building",
    "floor_area_m2": "building",
    "enterprises": "enterprise",
    "schools": "school",
    "hospitals": "hospital",
    "road_km": "road",
}


@dataclass(frozen=True, eq=False)
class QueryResult(Traced):
    """The rows of one hazard and region.

    Parameters
    ----------
    hazard : str
    region : str
        Code, or ``all``.
    name : str
        Of the region; empty for ``all``.
    table : pandas.DataFrame
        Columns ``section`` (hazard, exposure, capacity), ``item``, ``unit``, ``value``, ``layer``, ``status``
        (real, synthetic). The numbers of hazard and exposure are those of the overlay's table. A number
        that is missing in the layer is NaN here, never 0.
    """

    hazard: str
    region: str
    name: str
    table: pd.DataFrame


def query(project: Source, hazard: str, region: str, progress: Progress = ignore) -> QueryResult:
    """Hazard, exposure and capacity to reduce of a region.

    Parameters
    ----------
    project : Source
    hazard : str
        One of `layers.risk.hazard.HAZARD_NAMES`.
    region : str
        Code of a county or township, or ``all``.
    progress : Progress

    Raises
    ------
    KnownError
        No such region, or layers are missing.
    """
    exposure = exposure_of(project, part(progress, 0.0, 0.5))
    unit = _unit_of(exposure, region)
    whole = overlay(project, hazard, unit, part(progress, 0.5, 0.9))
    table = whole.table
    amounts = table if region == "all" else table[table["code"] == region]
    reading = Reading(project)
    rows = [*_hazard_rows(amounts, hazard, whole.provenance), *_exposure_rows(amounts, reading)]
    rows += _capacity_rows(project, exposure, unit, region)
    name = "" if region == "all" else str(amounts["name"].iloc[0])
    progress(1.0)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return QueryResult(hazard, region, name, frame, origin=whole.origin)


def _unit_of(exposure: Exposure, region: str) -> str:
    if region == "all":
        return next(iter(exposure.regions))
    for unit, regions in exposure.regions.items():
        if region in regions.codes:
            return unit
    raise BadInput("region_unknown", region=region)


Row = tuple[str, str, str, float | int, str, str]


def _status(synthetic: bool) -> str:
    return "synthetic" if synthetic else "real"


def _hazard_rows(amounts: pd.DataFrame, hazard: str, provenance: Provenance) -> list[Row]:
    """Area in each grade; every layer that the hazard was made from stands in the column."""
    columns = [str(column) for column in amounts if str(column).startswith("area_km2_")]
    layers, status = f"hazard_{hazard}", _status(provenance.synthetic)
    return [("hazard", name, "km²", float(amounts[name].sum()), layers, status) for name in columns]


def _exposure_rows(amounts: pd.DataFrame, reading: Reading) -> list[Row]:
    rows: list[Row] = []
    for column in map(str, amounts.columns):
        exposure = exposure_name(column)
        if exposure in EXPOSURES and exposure != "area_km2":
            entry = reading.first(_LAYER_OF.get(exposure, "township")) or reading.first("county")
            assert entry is not None
            value = amounts[column].sum().item()
            status = _status(entry.provenance.synthetic)
            rows.append(("exposure", column, EXPOSURES[exposure], value, entry.name, status))
    return rows


def exposure_name(column: str) -> str:
    """The exposure that a column of the overlay's table is about, without structure and grade.

    Examples
    --------
    >>> exposure_name("buildings_rc_medium_low"), exposure_name("road_km_total"), exposure_name("code")
    ('buildings', 'road_km', '')
    """
    return next((name for name in EXPOSURES if column.startswith(f"{name}_")), "")


def _capacity_rows(project: Source, exposure: Exposure, unit: str, region: str) -> list[Row]:
    counts = remembered(project, ("capacity",), lambda: _capacities(Reading(project), exposure))
    if not len(counts):
        return []
    here = counts if region == "all" else counts[counts[unit] == exposure.regions[unit].place[region]]
    rows: list[Row] = []
    for (item, unit_text, layer, status), amount in _groups(counts, here):
        rows.append(("capacity", item, unit_text, amount, layer, status))
    return rows


def _groups(counts: pd.DataFrame, here: pd.DataFrame) -> list[tuple[tuple[str, str, str, str], float]]:
    """Sums of the items; an item of which nothing lies here is 0, one of which no number is known is NaN."""
    keys = ["item", "unit", "layer", "status"]
    found = []
    for key, everywhere in counts.groupby(keys, sort=False):
        chosen = here.loc[here.index.intersection(everywhere.index), "value"]
        known = bool(everywhere["value"].notna().any()) and (not len(chosen) or bool(chosen.notna().any()))
        found.append((key, float(chosen.sum()) if known else float("nan")))
    return found


def _capacities(reading: Reading, exposure: Exposure) -> pd.DataFrame:
    """One row a feature and item: item, unit, layer, status, value, county, township."""
    frames = [_capacity(reading, exposure, kind, sums) for kind, sums in CAPACITIES.items()]
    present = [frame for frame in frames if frame is not None]
    return pd.concat(present, ignore_index=True) if present else pd.DataFrame()


def _capacity(
    reading: Reading, exposure: Exposure, kind: str, sums: Mapping[str, str]
) -> pd.DataFrame | None:
    layer = reading.read(kind, *sums)
    if layer is None:
        return None
    x, y = middles(layer.shapes)
    places = {unit: regions.locate(x, y) for unit, regions in exposure.regions.items()}
    items = {f"{kind}_count": ("处", np.ones(len(layer)))}
    items |= {f"{kind}_{column}": (unit, numbers(layer[column])) for column, unit in sums.items()}
    constant = {"layer": layer.name, "status": _status(layer.provenance.synthetic)}
    frames = [
        pd.DataFrame({**constant, "item": item, "unit": unit, "value": value, **places})
        for item, (unit, value) in items.items()
    ]
    return pd.concat(frames, ignore_index=True)

"""Exposure: people, buildings, roads … as points that carry amounts.

Every exposure is brought into one form, a *cloud* of points with weights, so that one rule decides in which
unit and grade an amount counts, and every total is the sum of what was put in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Lattice
from layers.hazards.inputs import code_text, numbers
from layers.hazards.rasterise import centres
from layers.hazards.source import Reading
from layers.hazards.standards import standard
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.risk.regions import OUTSIDE, Places, Regions, read_regions

Array = NDArray[np.float64]

ROAD_STEP = 25.0
"""Roads are followed in steps of at most this length, m; a step counts where its middle lies."""

UNKNOWN_STRUCTURE = "unknown"

EXPOSURES: Mapping[str, str] = {
    "population": "人",
    "buildings": "栋",
    "floor_area_m2": "m²",
    "enterprises": "家",
    "schools": "所",
    "hospitals": "所",
    "road_km": "km",
    "area_km2": "km²",
}
"""Name and unit of every exposure; buildings also by structure, ``buildings_SLUG``."""

USES: Mapping[str, str] = {
    "城镇住宅": "home",
    "农村住宅": "home",
    "公共建筑": "public",
    "工商建筑": "business",
}
"""How the census writes the use of buildings."""

ROAD_CLASSES: Mapping[str, str] = {
    "高速": "expressway",
    "国道": "national",
    "省道": "provincial",
    "县道": "county_road",
    "乡道": "township_road",
}
"""How it writes the classes of roads."""

COUNTED = frozenset({"population", "buildings", "enterprises", "schools", "hospitals"})
"""What is counted in whole numbers."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points with amounts.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        Project CRS; NaN for a feature without place.
    amounts : mapping of str to ndarray of float64, shape (n,)
        By name of exposure.
    county, township : ndarray of int, shape (n,)
        Position of the unit, `OUTSIDE` for none.
    structure : ndarray of str, shape (n,)
        Slug of the structure type; empty array if these are no buildings.
    year : ndarray of float64, shape (n,)
        Year built, NaN if not known; empty array if these are no buildings.
    sort : ndarray of str, shape (n,)
        Use of a building (``home``, ``business``, ``public``), class of a road (`ROAD_CLASSES`); empty where
        it is not told, and an empty array for what has none.
    layer : str
        Name of the layer.
    is_cells : bool
        The points are the centres of cells.
    """

    x: Array
    y: Array
    amounts: Mapping[str, Array]
    county: Places
    township: Places
    layer: str
    structure: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype="U16"))
    year: Array = field(default_factory=lambda: np.empty(0))
    sort: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype="U16"))
    is_cells: bool = False


@dataclass(frozen=True, eq=False)
class Exposure:
    """All that a project's layers expose, and the units in which it is counted.

    Parameters
    ----------
    clouds : tuple of Cloud
    regions : mapping of str to Regions
        ``county``, ``township``: those the project has.
    reading : Reading
        The layers read and the assumptions made.
    """

    clouds: tuple[Cloud, ...]
    regions: Mapping[str, Regions]
    reading: Reading

    @property
    def names(self) -> tuple[str, ...]:
        """The exposures at hand, in the order of the table's columns."""
        present = {name for cloud in self.clouds for name in cloud.amounts}
        order = []
        for name in EXPOSURES:
            order.append(name)
            if name == "buildings":
                order += [f"buildings_{slug}" for slug in structure_slugs()]
        return tuple(name for name in order if name in present)


def structure_slugs() -> tuple[str, ...]:
    """Short names of the structure types, and of the unknown one."""
    return (*standard("structures")["slug"], UNKNOWN_STRUCTURE)


def apportion(total: int, weights: Array) -> NDArray[np.int64]:
    """Share a whole number out by weights, by largest remainder; the shares sum to it exactly.

    Equal remainders: the earlier gets more. Without any weight all weigh the same.

    Parameters
    ----------
    total : int
        Not negative.
    weights : ndarray of float64, shape (n,)
        Not negative; n > 0.

    Examples
    --------
    >>> apportion(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    weights = weights if weights.sum() > 0 else np.ones(len(weights))
    quota = total * (weights / weights.sum())
    shares: NDArray[np.int64] = np.floor(quota).astype(np.int64)
    left = int(total - shares.sum())
    # rounding of the quotas may leave a seat too many or too few: left can be below 0
    order = np.argsort(shares - quota, kind="stable")
    if left >= 0:
        shares[order[:left]] += 1
    else:
        held = order[shares[order] > 0]
        shares[held[left:]] -= 1
    return shares


def read_exposure(reading: Reading, lattice: Lattice, progress: Progress = ignore) -> Exposure:
    """The exposure of a project.

    Residents of the townships (without townships: of the counties) are the truth. They are shared out over
    the buildings that stand in the unit by occupants, by floor area where no occupants are known, and over
    its cells where no building stands.

    Parameters
    ----------
    reading : Reading
    lattice : Lattice
        Its cells carry the area, and the people of units without buildings.
    progress : Progress

    Raises
    ------
    MissingLayer
        Neither counties nor townships.
    """
    kinds = [kind for kind in ("county", "township") if reading.first(kind)] or ["county"]
    regions = {kind: read_regions(reading, kind) for kind in kinds}
    clouds = [_cells(regions, lattice)]
    progress(0.2)
    buildings = _buildings(reading, regions)
    progress(0.6)
    clouds += [] if buildings is None else [buildings]
    clouds = _settle_people(clouds, regions, reading)
    clouds += [cloud for cloud in (_roads(reading, regions), *_sites(reading, regions)) if cloud is not None]
    progress(1.0)
    return Exposure(tuple(clouds), regions, reading)


def _placed(regions: Mapping[str, Regions], x: Array, y: Array, **rest: object) -> Cloud:
    """A cloud whose points know their units: the county is the township's, where there is one."""
    none = np.full(len(x), OUTSIDE, np.intp)
    township = regions["township"].locate(x, y) if "township" in regions else none
    county = none.copy()
    if "county" in regions:
        county = _counties_of(regions, township)
        lost = np.flatnonzero(county == OUTSIDE)
        county[lost] = regions["county"].locate(x[lost], y[lost])
    return Cloud(x, y, county=county, township=township, **rest)  # type: ignore[arg-type]


def _counties_of(regions: Mapping[str, Regions], township: Places) -> Places:
    """The county that each township's row names."""
    if "township" not in regions:
        return np.full(len(township), OUTSIDE, np.intp)
    place = regions["county"].place
    parents = [place.get(parent, OUTSIDE) for parent in regions["township"].parents]
    return np.append(np.array(parents, np.intp), OUTSIDE)[township]


def _cells(regions: Mapping[str, Regions], lattice: Lattice) -> Cloud:
    """Cell centres inside the units, each with its share of the unit's exact area, km²."""
    truth = regions.get("township") or regions["county"]
    owner = truth.on(lattice)
    inside = np.flatnonzero(owner != OUTSIDE)
    x, y = centres(lattice)
    x, y, owner = x[inside], y[inside], owner[inside]
    missed = np.setdiff1d(np.arange(len(truth)), owner)  # smaller than a cell
    spots = shapely.point_on_surface(truth.shapes.geometries(missed))
    x, y = np.append(x, shapely.get_x(spots)), np.append(y, shapely.get_y(spots))
    owner = np.append(owner, missed)
    area = truth.areas[owner] / np.bincount(owner, minlength=len(truth))[owner]
    if "township" not in regions:
        return Cloud(
            x, y, {"area_km2": area}, owner, np.full(len(x), OUTSIDE, np.intp), truth.layer, is_cells=True
        )
    county = _counties_of(regions, owner) if "county" in regions else np.full(len(x), OUTSIDE, np.intp)
    return Cloud(x, y, {"area_km2": area}, county, owner, truth.layer, is_cells=True)


def _buildings(reading: Reading, regions: Mapping[str, Regions]) -> Cloud | None:
    layer = reading.read("building", "structure", "floor_area", "occupants", "year", "use")
    if layer is None:
        return None
    one = np.ones(len(layer))
    structure = _slugs(layer["structure"])
    amounts = {"buildings": one}
    for slug in structure_slugs():
        if slug != UNKNOWN_STRUCTURE or (structure == slug).any():
            amounts[f"buildings_{slug}"] = (structure == slug).astype(np.float64)
    floor_area = np.nan_to_num(numbers(layer["floor_area"]))
    amounts |= {"floor_area_m2": floor_area, "population": np.nan_to_num(numbers(layer["occupants"]))}
    x, y = middles(layer.shapes)
    year, use = numbers(layer["year"]), _sorts(layer["use"], USES)
    return _placed(regions, x, y, amounts=amounts, layer=layer.name, structure=structure, year=year, sort=use)


def _slugs(structures: "pd.Series[object]") -> NDArray[np.str_]:
    table = standard("structures")
    slugs = dict(zip(table["structure"], table["slug"], strict=True))
    return _sorts(structures, slugs, UNKNOWN_STRUCTURE)


def _sorts(column: "pd.Series[object]", slugs: Mapping[str, str], unknown: str = "") -> NDArray[np.str_]:
    result: NDArray[np.str_] = column.map(code_text).map(slugs).fillna(unknown).to_numpy(dtype="U16")
    return result


def middles(shapes: Shapes) -> tuple[Array, Array]:
    """One place for each feature: the middle of its box; NaN where it is empty."""
    boxes = shapes.boxes
    return (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2


def _settle_people(clouds: list[Cloud], regions: Mapping[str, Regions], reading: Reading) -> list[Cloud]:
    """Make the people of the clouds (cells, perhaps buildings) sum to each unit's residents."""
    kind = _counted_by(regions)
    cells, buildings = clouds[0], clouds[1] if len(clouds) > 1 else None
    people = np.zeros(len(cells.x)), np.zeros(0 if buildings is None else len(buildings.x))
    in_cells = _members(getattr(cells, kind), len(regions[kind]))
    housed = None if buildings is None else _members(getattr(buildings, kind), len(regions[kind]))
    for unit, residents in enumerate(regions[kind].populations):
        if not np.isfinite(residents):
            reading.note("note.population_missing")
        elif housed is not None and buildings is not None and len(housed[unit]):
            people[1][housed[unit]] = apportion(round(residents), _roof(buildings, housed[unit]))
        else:
            reading.note("note.people_by_area")
            people[0][in_cells[unit]] = apportion(round(residents), np.ones(len(in_cells[unit])))
    parts = (cells,) if buildings is None else (cells, buildings)
    return [_with_people(cloud, counts) for cloud, counts in zip(parts, people, strict=False)]


def _counted_by(regions: Mapping[str, Regions]) -> str:
    """Townships, if they know their residents."""
    towns = regions.get("township")
    known = towns is not None and bool(np.isfinite(towns.populations).any())
    return "township" if known or "county" not in regions else "county"


def _members(owner: Places, units: int) -> list[Places]:
    """The points of each unit."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(units + 1))
    return [order[start:end] for start, end in pairwise(bounds)]


def _roof(buildings: Cloud, members: Places) -> Array:
    """What the people of a unit are shared out by: occupants, else floor area."""
    occupants = np.maximum(buildings.amounts["population"][members], 0.0)
    return occupants if occupants.sum() > 0 else np.maximum(buildings.amounts["floor_area_m2"][members], 0.0)


def _with_people(cloud: Cloud, people: Array) -> Cloud:
    return replace(cloud, amounts={**cloud.amounts, "population": people})


def _roads(reading: Reading, regions: Mapping[str, Regions]) -> Cloud | None:
    layer = reading.read("road", "class")
    if layer is None:
        return None
    x, y, length, road = steps(layer.shapes, ROAD_STEP)
    sort = _sorts(layer["class"], ROAD_CLASSES)[road]
    return _placed(regions, x, y, amounts={"road_km": length / 1000.0}, layer=layer.name, sort=sort)


def steps(shapes: Shapes, longest: float) -> tuple[Array, Array, Array, Places]:
    """Lines cut into steps of at most a length: their middles, lengths (which sum to the lines'), and lines.

    Parameters
    ----------
    shapes : Shapes
        Lines.
    longest : float
        m.

    Returns
    -------
    x, y, length : ndarray of float64, shape (steps,)
    line : ndarray of int, shape (steps,)
        Position of the line that each is part of.
    """
    parts, lines = shapes.offsets
    line = np.repeat(np.arange(len(lines) - 1), np.diff(parts[lines]))[:-1]
    start, end = shapes.xy[:-1], shapes.xy[1:]
    joined = np.ones(len(start), bool)
    breaks = shapes.offsets[0][1:-1] - 1  # from the last vertex of a part leads no segment to the next part
    joined[breaks[breaks < len(joined)]] = False
    start, end, line = start[joined], end[joined], line[joined]
    length = np.hypot(*(end - start).T)
    count = np.maximum(np.ceil(length / longest).astype(np.int64), 1)
    segment = np.repeat(np.arange(len(start)), count)
    number = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    share = ((number + 0.5) / count[segment])[:, None]
    middle = start[segment] + (end - start)[segment] * share
    return middle[:, 0], middle[:, 1], (length / count)[segment], line[segment]


def _sites(reading: Reading, regions: Mapping[str, Regions]) -> list[Cloud | None]:
    kinds = {"school": "schools", "hospital": "hospitals"}
    enterprises = _points(reading.read("enterprise", "workers"), "enterprises", regions, "workers")
    return [enterprises, *(_points(reading.read(kind), name, regions) for kind, name in kinds.items())]


def _points(
    layer: VectorLayer | None, name: str, regions: Mapping[str, Regions], number: str = ""
) -> Cloud | None:
    """Sites, and a number that each may carry (NaN where it is not told)."""
    if layer is None:
        return None
    x, y = middles(layer.shapes)
    amounts = {name: np.ones(len(layer))} | ({number: numbers(layer[number])} if number else {})
    return _placed(regions, x, y, amounts=amounts, layer=layer.name)

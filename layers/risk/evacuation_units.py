"""Units to evacuate after a flood: villages if the project has them, else townships, else counties."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Array, Grid
from layers.hazards.inputs import code_text
from layers.hazards.source import Reading, Source
from layers.layer import Provenance, Shapes, VectorLayer
from layers.risk.assessment import exposure_of
from layers.risk.companions import Companions
from layers.risk.damage import WaterDamage
from layers.risk.loss import Displaced, LossResult
from layers.risk.regions import OUTSIDE

Places = NDArray[np.intp]

BY_UNIT = {"village": "evacuation_village", "township": "evacuation_unit", "county": "evacuation_county"}
"""Catalogue kinds of the units, by what they are; their titles say it."""
EVACUATED = frozenset(BY_UNIT.values())
VILLAGE = "village"


def evacuation_units(
    project: Source, depth: Grid, companions: Companions, lost: LossResult, provenance: Provenance
) -> VectorLayer | None:
    """Units with people in the water: who, when, how deep, how many; None if there are none.

    Parameters
    ----------
    project : Source
    depth : Grid
        Greatest, m.
    companions : Companions
        Of the run, with the arrival.
    lost : LossResult
    provenance : Provenance

    Returns
    -------
    VectorLayer or None
        Of a kind in `BY_UNIT`. Loss is told for townships and counties.
    """
    villages = Reading(project).read(VILLAGE, "code", "name")
    if villages is not None and len(villages):
        return _villages(villages, depth, companions, lost.displaced, provenance)
    unit = "township" if len(lost.by_township) else "county"
    regions = exposure_of(project).regions[unit]
    table = lost.by(unit).iloc[: len(regions)]
    at = tuple(getattr(each, unit) for each in lost.displaced)
    when = _first(companions.grid("arrival_flood"), lost.displaced, at, len(regions), np.fmin)
    deep = _first(depth, lost.displaced, at, len(regions), np.fmax)
    hit = np.flatnonzero(table["people_hit"] > 0)
    numbers = table.iloc[hit]
    columns = {
        "code": numbers["code"].to_numpy(object),
        "name": numbers["name"].to_numpy(object),
        "arrival": when[hit].round(2),
        "depth": deep[hit].round(2),
        "people": numbers["people_hit"].to_numpy(),
        "displaced_low": numbers["displaced_low"].to_numpy(),
        "displaced": numbers["displaced"].to_numpy(),
        "displaced_high": numbers["displaced_high"].to_numpy(),
        "loss": numbers["loss"].to_numpy() / 1e4,
    }
    return _layer(BY_UNIT[unit], regions.shapes.geometries(hit), columns, depth, provenance)


def _villages(
    villages: VectorLayer,
    depth: Grid,
    companions: Companions,
    people: tuple[Displaced, ...],
    provenance: Provenance,
) -> VectorLayer | None:
    """People are counted in the village in which they live; those in none are told by no unit."""
    shapes = villages.shapes.geometries()
    at = tuple(_within(shapes, each) for each in people)
    count = len(villages)
    when = _first(companions.grid("arrival_flood"), people, at, count, np.fmin)
    deep = _first(depth, people, at, count, np.fmax)
    sums = {name: np.zeros(count + 1) for name in ("people", "displaced_low", "displaced", "displaced_high")}
    for each, place in zip(people, at, strict=True):
        wet = np.nan_to_num(depth.at(each.x, each.y)) >= WaterDamage.least
        given = (each.people * wet, each.leaving.low, each.leaving.mid, each.leaving.high)
        for name, amounts in zip(sums, given, strict=True):
            sums[name] += np.bincount(place, np.nan_to_num(amounts), count + 1)
    whole = {name: np.rint(amounts[:count]).astype(np.int64) for name, amounts in sums.items()}
    hit = np.flatnonzero(whole["people"] > 0)
    rows = villages.attributes.iloc[hit]
    columns = {
        "code": [code_text(code) for code in rows["code"]],
        "name": [code_text(name) for name in rows["name"]],
        "arrival": when[hit].round(2),
        "depth": deep[hit].round(2),
        **{name: amounts[hit] for name, amounts in whole.items()},
    }
    return _layer(BY_UNIT[VILLAGE], shapes[hit], columns, depth, provenance)


def _within(shapes: NDArray[np.object_], people: Displaced) -> Places:
    """The village of each place where people live; one more than the last for none."""
    place = np.full(len(people.x), len(shapes), np.intp)
    points = shapely.points(people.x, people.y)
    village, point = shapely.STRtree(points).query(shapes, predicate="intersects")
    place[point] = village
    return place


def _first(
    grid: Grid | None, people: tuple[Displaced, ...], at: tuple[Places, ...], count: int, choose: np.ufunc
) -> Array:
    """The least or greatest value where people live, of each unit; NaN where none is known."""
    found = np.full(count + 1, np.nan)
    for each, place in zip(people, at, strict=True):
        if grid is not None:
            choose.at(found, np.where(place == OUTSIDE, count, place), grid.at(each.x, each.y))
    return found[:count]


def _layer(
    kind: str, shapes: NDArray[np.object_], columns: dict[str, object], depth: Grid, provenance: Provenance
) -> VectorLayer | None:
    if not len(shapes):
        return None
    rows = pd.DataFrame(columns)
    return VectorLayer(kind, kind, depth.lattice.crs, Shapes.of(list(shapes)), rows, provenance=provenance)

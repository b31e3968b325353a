"""Overlay: how much of every exposure lies in each grade, by unit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.progress import Progress, ignore
from layers.risk.exposure import COUNTED, Cloud, Exposure
from layers.risk.grades import GRADE_KEYS, Grades
from layers.risk.regions import OUTSIDE

Array = NDArray[np.float64]

PARTS = ("total", *GRADE_KEYS, "nodata")
"""What is told of each exposure: ``population_total``, ``population_low`` … ``population_nodata``."""

GRID_CELL = 1000.0
"""Side of the squares when the unit is ``grid``, m."""


@dataclass(frozen=True, eq=False)
class Units:
    """What the rows of a table are about.

    Parameters
    ----------
    codes, names : tuple of str
    places : tuple of ndarray of int
        For each cloud: position of the unit of each point, `OUTSIDE` for none.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[NDArray[np.intp], ...]


def units_of(exposure: Exposure, unit: str) -> Units:
    """The units of a table: ``county``, ``township``, or ``grid``: squares of `GRID_CELL`.

    Raises
    ------
    KeyError
        The project has no such units.
    """
    if unit == "grid":
        return _squares(exposure)
    regions = exposure.regions[unit]
    return Units(regions.codes, regions.names, tuple(getattr(cloud, unit) for cloud in exposure.clouds))


def _squares(exposure: Exposure) -> Units:
    """Squares named by their south-west corner in kilometres, E before N, as Chinese map sheets are."""
    keys = [_square_keys(cloud) for cloud in exposure.clouds]
    found, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    names = tuple(f"E{key // 100_000}N{key % 100_000}" for key in found[found >= 0])
    shifted = inverse - int((found < 0).any())
    places = np.split(shifted, np.cumsum([len(each) for each in keys])[:-1])
    return Units(names, names, tuple(places))


def _square_keys(cloud: Cloud) -> NDArray[np.int64]:
    """One number a square; negative for a feature without place or outside all units."""
    nowhere = (cloud.county == OUTSIDE) & (cloud.township == OUTSIDE) | ~np.isfinite(cloud.x)
    east = np.floor(np.nan_to_num(cloud.x) / GRID_CELL).astype(np.int64)
    north = np.floor(np.nan_to_num(cloud.y) / GRID_CELL).astype(np.int64)
    return np.where(nowhere, -1, east * 100_000 + north)


def tabulate(
    exposure: Exposure, grades: tuple[Grades, ...], unit: str, progress: Progress = ignore
) -> pd.DataFrame:
    """The table: one row a unit, for each exposure its total, its five grades, and what has no grade.

    Parameters
    ----------
    exposure : Exposure
    grades : tuple of ndarray of uint8
        For each cloud: the grade at each point, 0 for no data.
    unit : {"county", "township", "grid"}
    progress : Progress

    Returns
    -------
    pandas.DataFrame
        Columns ``code, name, EXPOSURE_total, EXPOSURE_low … EXPOSURE_high, EXPOSURE_nodata``. Rows in the
        order of the codes; a last row ``outside`` only if something lies outside all units. Exposures of
        which the project has no layer have no columns: they are not known, not zero.
    """
    units = units_of(exposure, unit)
    count = len(units.codes) + 1
    columns: dict[str, NDArray[np.generic]] = {}
    for number, name in enumerate(exposure.names):
        progress(number / len(exposure.names))
        amounts = np.zeros((count, 6))
        for cloud, place, grade in zip(exposure.clouds, units.places, grades, strict=True):
            if name in cloud.amounts:
                amounts += _amounts(cloud.amounts[name], place, grade, count)
        columns |= _named(name, amounts)
    return _framed(units, columns)


def _amounts(amount: Array, place: NDArray[np.intp], grade: Grades, count: int) -> Array:
    """Sums by unit (the last row: outside) and grade 0 to 5."""
    row = np.where(place == OUTSIDE, count - 1, place)
    sums = np.bincount(row * 6 + grade, weights=amount, minlength=count * 6)
    table: Array = sums.astype(np.float64).reshape(count, 6)
    return table


def _named(name: str, amounts: Array) -> dict[str, NDArray[np.generic]]:
    parts = np.column_stack([amounts.sum(axis=1), amounts[:, 1:], amounts[:, 0]])
    whole = name in COUNTED or name.startswith("buildings_")
    typed = np.rint(parts).astype(np.int64) if whole else parts
    return {f"{name}_{part}": typed[:, number] for number, part in enumerate(PARTS)}


def _framed(units: Units, columns: dict[str, NDArray[np.generic]]) -> pd.DataFrame:
    codes, names = [*units.codes, "outside"], [*units.names, ""]
    table = pd.DataFrame({"code": codes, "name": names, **columns})
    totals = [column for column in table if str(column).endswith("_total")]
    anything = bool((table.loc[len(table) - 1, totals].to_numpy(np.float64) > 0).any())
    return table if anything else table.iloc[:-1].reset_index(drop=True)

"""Census overlay: how much of each exposure lies in which grade, by region. Missing data count apart."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Grid
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.risk.exposure import Exposure, Owners
from layers.risk.grades import GRADE_KEYS
from layers.risk.inputs import burn

COLUMNS = ("total", *GRADE_KEYS, "nodata")
OUTSIDE = "outside"


@dataclass(frozen=True, eq=False)
class Overlay:
    """The table of an overlay, and what it is of.

    Parameters
    ----------
    hazard, unit : str
    table : pandas.DataFrame
        One row a unit, in the order of their codes; columns ``code``, ``name`` and, for each exposure,
        ``NAME_total``, ``NAME_low`` … ``NAME_high``, ``NAME_nodata``. No total row. A last row of code
        ``outside`` only if something lies outside all units.
    """

    hazard: str
    unit: str
    table: pd.DataFrame


def overlay_grades(
    grades: Grid, units: VectorLayer, exposures: Iterable[Exposure], progress: Progress = ignore
) -> pd.DataFrame:
    """Amounts of each exposure by unit and grade.

    Parameters
    ----------
    grades : Grid
        1 to 5; NaN is no data.
    units : VectorLayer
        Polygons with ``code`` and ``name``.
    exposures : iterable of Exposure
        Each amount is counted in the one unit and the one grade of its point.
    progress : Progress

    Returns
    -------
    pandas.DataFrame
        As `Overlay.table`. Counts are integers.
    """
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {}
    left_over, holders = 0.0, Owners(units)
    for number, each in enumerate(exposures):
        grade = np.nan_to_num(grades.at(each.x, each.y)).astype(np.intp)
        counts = _count(holders.of(each), grade, each.amount, len(units))
        left_over += counts[-1, 0]
        whole = bool(np.all(each.amount == np.rint(each.amount)))
        for column, amounts in zip(COLUMNS, counts.T, strict=True):
            columns[f"{each.name}_{column}"] = np.rint(amounts).astype(np.int64) if whole else amounts
        progress(1 - 0.8 ** (number + 1))
    for column, amounts in zip(COLUMNS, _areas(grades, units).T, strict=True):
        columns[f"area_km2_{column}"] = amounts
    names = pd.DataFrame(
        {
            "code": [*units["code"].astype(str), OUTSIDE],
            "name": [*units["name"].astype(str), ""],
        }
    )
    table = pd.concat([names, pd.DataFrame(columns)], axis=1)
    order = np.argsort(names["code"][:-1].to_numpy(), kind="stable")
    rows = [*order, len(units)] if left_over > 0 else list(order)
    progress(1.0)
    return table.iloc[rows].reset_index(drop=True)


def _count(
    owner: NDArray[np.intp], grade: NDArray[np.intp], amount: NDArray[np.float64], units: int
) -> NDArray[np.float64]:
    """Amounts, shape (units + 1, 7): total, five grades, no data; the last row is outside."""
    sums = np.bincount(owner * 6 + grade, amount, (units + 1) * 6).reshape(-1, 6)
    return np.column_stack([sums.sum(axis=1), sums[:, 1:], sums[:, 0]])


def _areas(grades: Grid, units: VectorLayer) -> NDArray[np.float64]:
    """Areas in km², shape (units + 1, 7): each polygon's own area, shared as its cells are."""
    burnt = burn(grades.lattice, units, np.arange(len(units), dtype=np.float64)).ravel()
    covered = np.isfinite(burnt)
    owner = burnt[covered].astype(np.intp)
    grade = np.nan_to_num(grades.values.ravel()[covered]).astype(np.intp)
    counts = _count(owner, grade, np.ones(len(owner)), len(units))[:-1, 1:]
    area = shapely.area(units.shapes.geometries())[:, None] / 1e6
    cells = counts.sum(axis=1, keepdims=True)
    unknown = np.eye(6)[-1]  # a region smaller than a cell: nothing is known
    share = np.where(cells > 0, counts / np.maximum(cells, 1), unknown)
    return np.vstack([np.column_stack([area, share * area]), np.zeros(7)])

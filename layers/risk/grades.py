"""Five grades with fixed, printed bounds; 0 is no data and never a grade."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from layers.grid import Grid
from layers.hazards.model import IntensityMeasure, Status
from layers.hazards.standards import standard

Array = NDArray[np.float64]
Grades = NDArray[np.uint8]


class RiskGrade(IntEnum):
    """低, 中低, 中, 中高, 高."""

    LOW = 1
    MEDIUM_LOW = 2
    MEDIUM = 3
    MEDIUM_HIGH = 4
    HIGH = 5


GRADE_KEYS = tuple(grade.name.lower() for grade in RiskGrade)
"""``low`` … ``high``; their words are ``grade.low`` …"""

CENSUS_GRADES = {"低": 1, "中低": 2, "中": 3, "中高": 4, "高": 5}
"""How the census writes the grades."""


@dataclass(frozen=True)
class RiskScale:
    """Bounds of the grades. They are absolute: next year's map is comparable, and so is the next city's.

    Parameters
    ----------
    measure : IntensityMeasure
    bounds : tuple of four float
        Rising. A value on a bound belongs to the worse of the two grades.
    source : str
    status : {"verified", "recalled", "derived"}
    """

    measure: IntensityMeasure
    bounds: tuple[float, float, float, float]
    source: str
    status: Status

    def __post_init__(self) -> None:
        if len(self.bounds) != 4 or not all(np.diff(self.bounds) > 0):
            raise ValueError(f"four rising bounds are needed, not {self.bounds}")

    def grade(self, values: Array) -> Grades:
        """Grades 1 to 5 of the values; 0 where they are NaN.

        Examples
        --------
        >>> people = RiskScale(IntensityMeasure("people", "人/km²"), (1, 10, 50, 200), "", "derived")
        >>> people.grade(np.array([0.0, 1.0, 49.9, 200.0, np.nan])).tolist()
        [1, 2, 3, 5, 0]
        """
        values = np.asarray(values, np.float64)
        if self.measure.worse == "higher":
            grades = 1 + np.searchsorted(self.bounds, values, side="right")
        else:
            grades = 5 - np.searchsorted(self.bounds, values, side="left")
        result: Grades = np.where(np.isnan(values), 0, grades).astype(np.uint8)
        return result

    def interval(self, grade: RiskGrade) -> tuple[float, float]:
        """Lower and upper bound of a grade, infinite at the ends: what a legend prints."""
        edges = (-np.inf, *self.bounds, np.inf)
        place = grade - 1 if self.measure.worse == "higher" else 5 - grade
        return float(edges[place]), float(edges[place + 1])

    def graded(self, grid: Grid) -> Grid:
        """The grades of a grid: 1 to 5, NaN where no data."""
        return grade_grid(grid, self.grade(grid.values))


def grade_grid(grid: Grid, grades: NDArray[np.generic]) -> Grid:
    """Grades as a grid on another's lattice: 0 becomes NaN."""
    values = grades.astype(np.float64)
    values[values == 0] = np.nan
    return grid.like(values, unit="")


@cache
def scale_of(measure: str) -> RiskScale:
    """The scale of ``resources/standards/risk_scales.csv`` for a measure.

    Raises
    ------
    KeyError
        There is none.
    """
    rows = standard("risk_scales")
    found = rows[rows["measure"] == measure]
    if not len(found):
        raise KeyError(measure)
    row = found.iloc[0]
    unit = "" if row["unit"] != row["unit"] else str(row["unit"])
    bounds = tuple(float(row[f"bound_{number}"]) for number in range(1, 5))
    return RiskScale(IntensityMeasure(measure, unit, row["worse"]), bounds, row["source"], row["status"])  # type: ignore[arg-type]

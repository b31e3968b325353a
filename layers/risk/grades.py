"""Grades: five, by fixed bounds that are printed on the map; never relative, so that maps can be compared."""

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from layers.hazards.model import IntensityMeasure
from layers.hazards.standards import standard

GRADE_KEYS = ("low", "medium_low", "medium", "medium_high", "high")


class RiskGrade(IntEnum):
    """Five grades, from low to high. 0 is no data and no grade."""

    LOW = 1
    MEDIUM_LOW = 2
    MEDIUM = 3
    MEDIUM_HIGH = 4
    HIGH = 5

    @property
    def key(self) -> str:
        """Its words are ``grade.KEY``; its columns end in ``_KEY``."""
        return GRADE_KEYS[self - 1]


@dataclass(frozen=True)
class RiskScale:
    """The bounds between the five grades of one measure.

    Parameters
    ----------
    measure : IntensityMeasure
    bounds : tuple of 4 float
        From the low to the high grade if higher is worse; rising in any case.
    source, status : str
        Where the bounds come from: shown wherever the grades are.
    """

    measure: IntensityMeasure
    bounds: tuple[float, float, float, float]
    source: str
    status: str

    def __post_init__(self) -> None:
        if any(low >= high for low, high in pairwise(self.bounds)):
            raise ValueError(f"the bounds do not rise: {self.bounds}")

    def grade(self, values: ArrayLike) -> NDArray[np.uint8]:
        """Grades 1 to 5 of the values; 0 where they are NaN.

        A value on a bound belongs to the worse grade.

        Examples
        --------
        >>> scale = RiskScale(IntensityMeasure("depth", "m"), (0.5, 1.0, 2.0, 3.0), "", "derived")
        >>> scale.grade([0.2, 0.5, 9.0, float("nan")]).tolist()
        [1, 2, 5, 0]
        """
        array = np.asarray(values, np.float64)
        if self.measure.worse == "higher":
            grades = 1 + np.searchsorted(self.bounds, array, side="right")
        else:
            grades = 5 - np.searchsorted(self.bounds, array, side="left")
        return np.where(np.isnan(array), 0, grades).astype(np.uint8)

    def ranges(self) -> tuple[tuple[float, float], ...]:
        """Lower and upper value of each grade, from low to high; infinite at the ends."""
        edges = (-np.inf, *self.bounds, np.inf)
        pairs = tuple(pairwise(edges))
        return pairs if self.measure.worse == "higher" else pairs[::-1]


def scale_of(measure: str) -> RiskScale:
    """The scale of a measure, from ``resources/standards/risk_scales.csv``.

    Raises
    ------
    KeyError
        The table has no such measure.
    """
    rows = standard("risk_scales")
    rows = rows[rows["measure"] == measure]
    if rows.empty:
        raise KeyError(measure)
    row = rows.iloc[0].fillna("")
    bounds = (float(row.bound_1), float(row.bound_2), float(row.bound_3), float(row.bound_4))
    return RiskScale(IntensityMeasure(measure, row.unit, row.worse), bounds, row.source, row.status)

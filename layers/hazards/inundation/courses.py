"""What drives the water, in tables that a kernel reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.forcing import Course

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Courses:
    """Several courses in one table.

    Parameters
    ----------
    times, values, sums : ndarray of float64
        Points of all courses, one after the other, and the integral of each from its first point.
    first : ndarray of int64, shape (courses + 1,)
        Where each begins.
    """

    times: Array
    values: Array
    sums: Array
    first: NDArray[np.int64]

    @classmethod
    def of(cls, courses: Sequence[Course]) -> "Courses":
        """The table of some courses."""
        points = [course.points for course in courses]
        columns = [np.array([x for each in points for x in each[k]], np.float64) for k in range(3)]
        first = np.cumsum([0, *(len(each[0]) for each in points)]).astype(np.int64)
        return cls(columns[0], columns[1], columns[2], first)

    @property
    def table(self) -> tuple[Array, Array, Array, NDArray[np.int64]]:
        """What the kernels read."""
        return self.times, self.values, self.sums, self.first


@dataclass(frozen=True, eq=False)
class Drive:
    """What drives the water.

    Parameters
    ----------
    courses : Courses
    inflows : ndarray of int64, shape (n, 4)
        Row, column, course and tile.
    sides : ndarray of int64, shape (n, 3)
        Number, kind and course of the sides that are not closed.
    lowest_beds : ndarray of float64, shape (n,)
        For sides with a level, the lowest bed along them, m; infinite for others.
    fallen : int
        The course of the rain since the start, m; negative for none.
    names : tuple of str
        Of the sides.
    """

    courses: Courses
    inflows: NDArray[np.int64]
    sides: NDArray[np.int64]
    lowest_beds: Array
    fallen: int
    names: tuple[str, ...]

    @property
    def tables(self) -> tuple[Any, ...]:
        """What the kernels read."""
        return self.sides, self.lowest_beds, self.inflows, self.fallen, self.courses.table


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def value_at(table: Any, k: int, time: float) -> Any:
    """As `Course.at`, of the k-th course."""
    times, values, _, first = table
    begin, end = first[k], first[k + 1]
    after = begin + np.searchsorted(times[begin:end], time, "right")
    if after == begin:
        return values[begin]
    if after == end:
        return values[end - 1]
    share = (time - times[after - 1]) / (times[after] - times[after - 1])
    return values[after - 1] + share * (values[after] - values[after - 1])


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _since_first(table: Any, k: int, time: float) -> Any:
    times, values, sums, first = table
    begin, end = first[k], first[k + 1]
    after = max(begin + np.searchsorted(times[begin:end], time, "right"), begin + 1)
    mean = 0.5 * (values[after - 1] + value_at(table, k, time))
    return sums[after - 1] + mean * (time - times[after - 1])


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def total_between(table: Any, k: int, start: float, end: float) -> Any:
    """As `Course.total`, of the k-th course."""
    return _since_first(table, k, end) - _since_first(table, k, start)

"""What drives the water: values over time at points, on sides, from the sky."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput

Array = NDArray[np.float64]
SideKind = Literal["closed", "open", "level", "slope"]
SIDES = ("west", "east", "north", "south")


def _in_order(name: str, times: Array, values: Array) -> None:
    if len(times) == 0 or len(times) != len(values) or not np.isfinite(np.r_[times, values]).all():
        raise BadInput("flood_series_holes", name=name)
    back = np.flatnonzero(np.diff(times) <= 0)
    if len(back):
        raise BadInput("flood_series_order", name=name, row=int(back[0]) + 2, time=times[back[0] + 1] / 3600)


@dataclass(frozen=True, eq=False)
class Course:
    """A quantity over time, linear between its points and held before the first and after the last.

    Parameters
    ----------
    times : ndarray of float64, shape (n,)
        Seconds, rising.
    values : ndarray of float64, shape (n,)
    name : str
        For error messages.

    Raises
    ------
    BadInput
        No points, a hole, or times that do not rise.
    """

    times: Array
    values: Array
    name: str = ""

    def __post_init__(self) -> None:
        _in_order(self.name, self.times, self.values)

    def at(self, time: float) -> float:
        """The value at a time."""
        times, values, _ = self.points
        after = bisect_right(times, time)
        if after == 0 or after == len(times):
            return values[0] if after == 0 else values[-1]
        share = (time - times[after - 1]) / (times[after] - times[after - 1])
        return values[after - 1] + share * (values[after] - values[after - 1])

    def total(self, start: float, end: float) -> float:
        """The exact integral from `start` to `end`."""
        return self._since_first(end) - self._since_first(start)

    def _since_first(self, time: float) -> float:
        """Integral from the first point to a time; negative before it."""
        times, values, sums = self.points
        after = max(bisect_right(times, time), 1)
        begin = times[after - 1]
        return sums[after - 1] + 0.5 * (values[after - 1] + self.at(time)) * (time - begin)

    @cached_property
    def points(self) -> tuple[list[float], list[float], list[float]]:
        """Times, values, and the integral from the first point to each, as plain numbers: steps are many."""
        pieces = 0.5 * (self.values[1:] + self.values[:-1]) * np.diff(self.times)
        return self.times.tolist(), self.values.tolist(), [0.0, *np.cumsum(pieces).tolist()]


@dataclass(frozen=True, eq=False)
class Rain:
    """A hyetograph: each intensity holds until the next; none before the first.

    Parameters
    ----------
    times : ndarray of float64, shape (n,)
        Seconds, rising.
    intensity : ndarray of float64, shape (n,)
        Metres a second, not negative; the last holds on.

    Raises
    ------
    BadInput
        No rows, a hole, times that do not rise, or negative rain.
    """

    times: Array
    intensity: Array
    name: str = ""

    def __post_init__(self) -> None:
        _in_order(self.name, self.times, self.intensity)
        negative = np.flatnonzero(self.intensity < 0)
        if len(negative):
            row = int(negative[0])
            raise BadInput(
                "flood_rain_negative", name=self.name, row=row + 1, rain=self.intensity[row] * 3.6e6
            )

    def total(self, start: float, end: float) -> float:
        """Depth of rain from `start` to `end`, m."""
        return float(self._fallen(end) - self._fallen(start))

    def course(self, end: float) -> Course:
        """What has fallen since the start, m, until a time."""
        times = np.unique(np.concatenate([[0.0, end], self.times[(self.times > 0) & (self.times < end)]]))
        return Course(times, np.array([self._fallen(time) - self._fallen(0.0) for time in times]))

    def _fallen(self, time: float) -> float:
        spans = np.clip(time - self.times, 0.0, np.diff(self.times, append=np.inf))
        return float((spans * self.intensity).sum())


@dataclass(frozen=True, eq=False)
class Inflow:
    """Water that enters at a point as volume.

    In the shallow-water scheme, water that enters along a side of the terrain brings the momentum of its
    discharge inward, as through an open end; elsewhere it enters at rest.

    Parameters
    ----------
    name : str
    x, y : float
        In the CRS of the terrain.
    discharge : Course
        m³/s; negative takes water away as far as there is any.
    """

    name: str
    x: float
    y: float
    discharge: Course


@dataclass(frozen=True, eq=False)
class LineInflow:
    """Water that enters along a line, evenly by the cells that it crosses.

    Parameters
    ----------
    name : str
    line : tuple of points
        In the CRS of the terrain.
    discharge : Course
        m³/s, of the whole line.
    """

    name: str
    line: tuple[tuple[float, float], ...]
    discharge: Course

    def spread(self, cell: float) -> tuple[Inflow, ...]:
        """Inflows at points a cell apart, at least one, that together give the discharge."""
        corners = np.array(self.line, float)
        along = np.append(0.0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T)))
        count = max(int(np.ceil(along[-1] / cell)), 1)
        middles = (np.arange(count) + 0.5) / count * along[-1]
        x, y = (np.interp(middles, along, corners[:, k]) for k in (0, 1))
        part = Course(self.discharge.times, self.discharge.values / count, self.discharge.name)
        return tuple(Inflow(self.name, float(a), float(b), part) for a, b in zip(x, y, strict=True))


def inward(places: Sequence[tuple[int, int]], shape: tuple[int, int]) -> list[tuple[float, float]]:
    """The direction in which water enters: inward from the side along which the inflows lie.

    Parameters
    ----------
    places : sequence of row, column
        Cells of the inflows.
    shape : tuple of int
        Rows, columns.

    Returns
    -------
    list of two floats
        Eastward and southward; 0, 0 for a cell that is on no side, or in a corner between equal sides.
    """
    row, column = (np.array([place[n] for place in places], np.intp) for n in (0, 1))
    on = np.stack([column == 0, column == shape[1] - 1, row == 0, row == shape[0] - 1])
    for one, other in ((0, 1), (2, 3)):
        both = on[one] & on[other]
        on[one] &= ~both
        on[other] &= ~both
    weight = np.where(on, on.sum(axis=1, keepdims=True), 0)
    most = weight.max(axis=0, initial=0)
    ways = np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])
    return [
        tuple(ways[int(weight[:, k].argmax())])
        if most[k] and (weight[:, k] == most[k]).sum() == 1
        else (0.0, 0.0)
        for k in range(len(places))
    ]


@dataclass(frozen=True, eq=False)
class Side:
    """What holds along one side of the terrain.

    Parameters
    ----------
    kind : {"closed", "open", "level", "slope"}
        A wall; free outflow, never inflow; a water level imposed on the edge; outflow at normal depth.
    level : Course or None
        For ``level``: m, in the datum of the terrain.
    slope : float
        For ``slope``.
    """

    kind: SideKind = "closed"
    level: Course | None = None
    slope: float = 0.0

    def value(self, time: float, datum: float) -> float:
        """The number that a kernel needs: level above `datum`, or slope."""
        return self.level.at(time) - datum if self.level is not None else self.slope


@dataclass(frozen=True, eq=False)
class Gauge:
    """A point where depth, level and speed are told over time."""

    name: str
    x: float
    y: float

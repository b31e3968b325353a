"""Many steps of the local-inertial scheme in one call, by one thread: a small water is not worth two.

On a few thousand cells a step is some microseconds of arithmetic; Python around it would take several times
as long. What drives the water stands in tables that a kernel reads, so it can go on by itself to the next
mark. Larger waters, and runs in which something else happens between steps, go step by step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.forcing import Course
from layers.hazards.inundation.inertial import join, move, repay
from layers.hazards.inundation.maxima import remember_discharge
from layers.hazards.inundation.sides import flow_at_side, leaves
from layers.hazards.inundation.steps import longest_step, raising_step
from layers.hazards.inundation.tiles import PAD, rest_tiles, spread, widen_wet

Array = NDArray[np.float64]
MOST_CELLS = 60_000  # worked in a step: more are shared between threads
_MOST_WORK = 5e6  # cells in a call, some 50 ms: then progress is told
_STEP = 2000  # cells whose work is as much as what a step costs beside
_WEST, _EAST, _NORTH, _SOUTH = range(4)
CLOCK, STEPS, WORKED, CELLS, RAIN, DUE, INFLOW, TAKEN, MADE, CLIPPED = range(10)


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
    """What drives the water, as the kernel reads it: see `leap`."""

    courses: Courses
    inflows: NDArray[np.int64]
    sides: NDArray[np.int64]
    lowest_beds: Array
    fallen: int
    names: tuple[str, ...]


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


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _stride(
    start: float, mark: float, deepest: float, fastest: float, cell: float, inflows: Any, courses: Any, h: Any
) -> tuple[int, float]:
    """How many equal steps lead to the mark, and how long the next is."""
    dt = longest_step(deepest, fastest, cell)
    for k in range(len(inflows)):
        depth = np.float64(h[PAD + inflows[k, 0], PAD + inflows[k, 1]])
        dt = min(dt, raising_step(depth, value_at(courses, inflows[k, 2], start), cell))
    pieces = max(int(np.ceil((mark - start) / dt - 1e-9)), 1)
    return pieces, (mark - start) / pieces


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _pour(
    start: float, end: float, cell: float, inflows: Any, courses: Any, h: Any, tiling: Any, highest: Any,
    told: Any,
) -> None:  # fmt: skip
    """Let the inflows of a step in; as `LocalInertial.pour`."""
    _, _, wet, always, _ = tiling
    for k in range(len(inflows)):
        i, j, tile = PAD + inflows[k, 0], PAD + inflows[k, 1], inflows[k, 3]
        before = h[i, j]
        volume = total_between(courses, inflows[k, 2], start, end)
        h[i, j] = max(before + np.float32(volume / cell**2), np.float32(0))
        always[tile] = True
        widen_wet(wet, tile, i, j)
        highest[tile] = max(highest[tile], h[i, j])
        added = (np.float64(h[i, j]) - np.float64(before)) * cell**2
        told[INFLOW] += max(added, 0.0)
        told[TAKEN] += max(-added, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _choose(tiling: Any, shape: tuple[int, int], everywhere: bool, water: Any, marks: Any) -> Any:
    """The numbers of the tiles to be worked; as `Tiling.choose`, and what dried out rests."""
    boxes, full, wet, always, worked = tiling
    highest, _, fastest = marks
    if everywhere:
        boxes[:] = full
        needed = np.ones(len(full), np.bool_)
    else:
        needed = spread(boxes, full, wet, always, shape[0], shape[1])
    left = np.flatnonzero(worked & ~needed)
    for k in left:
        boxes[k], wet[k], highest[k], fastest[k] = 0, 0, 0, 0
    for each in water:
        rest_tiles(each, full, left)
    worked[:] = needed
    return np.flatnonzero(needed)


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def leap(
    until: float,
    pause: float,
    cell: float,
    theta: np.float32,
    ground: Any,
    crests: Any,
    h: Any,
    rest: Any,
    water: Any,
    marks: Any,
    tiling: Any,
    shape: tuple[int, int],
    outward: Any,
    sides: Any,
    lowest_beds: Array,
    through: Array,
    inflows: Any,
    fallen: int,
    open_area: float,
    courses: Any,
    wet_depth: np.float32,
    maxima: Any,
    told: Array,
) -> bool:
    """Steps until a mark, or until there is enough to do for several threads.

    Parameters
    ----------
    until, pause, cell, theta : float
        The mark, s; when to stop with the step, s; m; as in `inertial.move`.
    ground : tuple of arrays
        Bed and friction.
    crests, h, rest
        As in `inertial.move`.
    water : tuple of four arrays
        Discharge now (west, north faces), and those of the last step.
    marks : tuple of three arrays
        `highest`, `lowest`, `fastest` of the tiles.
    tiling : tuple of five arrays
        `boxes`, `full`, `wet`, `always`, `worked` of a `Tiling`.
    shape : tuple of int
        Of the tiling.
    outward : tuple of four arrays
        Discharge through the sides.
    sides : ndarray of int64, shape (n, 3)
        Number, kind and course of the sides that are not closed.
    lowest_beds : ndarray of float64, shape (n,)
        For sides with a level, the lowest bed along them, m; infinite for others.
    through : ndarray of float64, shape (n, 2)
        In, out: volumes through the sides so far, m³.
    inflows : ndarray of int64, shape (n, 4)
        Row, column, course and tile.
    fallen : int
        The course of the rain since the start, m; negative for none.
    open_area : float
        m².
    courses
        The table of `Courses`.
    wet_depth, maxima
        As in `remember_discharge`.
    told : ndarray of float64, shape (10,)
        In, out: what is named at the head of this module.

    Returns
    -------
    bool
        Whether the discharges of the last step are now in the second pair of `water`.
    """
    z, friction = ground
    highest, lowest, fastest = marks
    boxes = tiling[0]
    qx, qy, new_x, new_y = water
    swapped, work = False, 0.0
    while told[CLOCK] < min(until, pause) and told[CELLS] <= MOST_CELLS and work < _MOST_WORK:
        start = told[CLOCK]
        deepest = np.float64(highest.max())
        for k in range(len(sides)):
            deepest = max(deepest, value_at(courses, sides[k, 2], start) - lowest_beds[k])
        pieces, dt = _stride(start, until, deepest, np.float64(fastest.max()), cell, inflows, courses, h)
        step, width, gain = np.float32(dt), np.float32(cell), np.float32(0)
        if fallen >= 0:
            rain = value_at(courses, fallen, start + dt) - value_at(courses, fallen, start)
            gain = np.float32(told[DUE] + rain)
            told[DUE] += rain - np.float64(gain)
            told[RAIN] += np.float64(gain) * open_area
        numbers = _choose(tiling, shape, gain > 0, water, marks)
        some = boxes[numbers]
        cells = ((some[:, 1] - some[:, 0]) * (some[:, 3] - some[:, 2])).sum()
        for k in range(len(sides)):
            side, kind, course = sides[k]
            value = value_at(courses, course, start + 0.5 * dt)
            flow_at_side(side, kind, value, h, z, friction, qx, qy, dt, cell, outward[side])
            if side == _EAST:
                new_x[PAD:-PAD, -PAD] = outward[_EAST]
            elif side == _SOUTH:
                new_y[-PAD, PAD:-PAD] = outward[_SOUTH]
        move(
            some, numbers, h, z, friction, qx, qy, new_x, new_y, rest, step, width, gain, theta, crests,
            outward[_WEST], outward[_NORTH], highest, lowest, fastest, tiling[2],
        )  # fmt: skip
        join(some, numbers, h, z, new_x, new_y, rest, step / width, gain, highest, lowest, tiling[2])
        qx, qy, new_x, new_y, swapped = new_x, new_y, qx, qy, not swapped
        short = numbers[lowest[numbers] < 0]
        if len(short) > 0:
            clipped, made = repay(boxes[short], h, z, qx, qy, np.float64(step / width))
            told[CLIPPED] += clipped
            told[MADE] += made * cell**2
        for k in range(len(sides)):
            passed = leaves(sides[k, 0], qx, qy) * dt * cell
            through[k, 0] += max(-passed, 0.0)
            through[k, 1] += max(passed, 0.0)
        told[CLOCK] = until if pieces == 1 else start + dt
        _pour(start, told[CLOCK], cell, inflows, courses, h, tiling, highest, told)
        remember_discharge(
            some, h, z, qx, qy, wet_depth, np.float32(told[CLOCK] - start), np.float32(told[CLOCK]),
            maxima[0], maxima[1], maxima[2], maxima[3], maxima[4],
        )  # fmt: skip
        told[STEPS] += 1
        told[WORKED] += cells
        told[CELLS] = cells
        work += cells + _STEP
    return swapped

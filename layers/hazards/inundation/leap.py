"""Many steps of the local-inertial scheme in one call, by one thread or by several.

On a few thousand cells a step is some microseconds of arithmetic; Python around it would take several times
as long, and handing the tiles of larger waters to threads through Python cost a third of the threads' time.
So what drives the water stands in tables that a kernel reads, and one thread leads it to the next mark in
`leap`. The passes over the tiles it shares with all who `attend`: a tile comes out the same whoever works it.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.courses import total_between, value_at
from layers.hazards.inundation.inertial import join, move, repay
from layers.hazards.inundation.maxima import is_due, remember_discharge
from layers.hazards.inundation.portions import (
    Board,
    await_all,
    give_way,
    hand_in,
    is_closed,
    offer,
    take,
)
from layers.hazards.inundation.sides import flow_at_side, leaves
from layers.hazards.inundation.steps import longest_step, raising_step
from layers.hazards.inundation.tiles import PAD, rest_tiles, spread, widen_wet

Array = NDArray[np.float64]
_MOST_WORK = 1e7  # cells in a call, some 20 ms of two threads: then progress is told
_STEP = 2000  # cells whose work is as much as what a step costs beside
_IDLE = 300  # looks at the board, some 0.1 ms: who finds nothing on it for so long goes and rests
_MOVE, _JOIN, _REMEMBER = range(3)
_WEST, _EAST, _NORTH, _SOUTH = range(4)
TOLD = (
    "clock", "steps", "worked", "remembered", "cells", "due", "rain", "inflow", "taken", "made", "clipped",
    "swapped",
)  # fmt: skip
CLOCK, STEPS, WORKED, REMEMBERED, CELLS, DUE, RAIN, INFLOW, TAKEN, MADE, CLIPPED, SWAPPED = range(len(TOLD))
ORDERS = 9
PASS, IN_SECOND, DT, CELL, GAIN, THETA, WET, SECONDS, UNTIL = range(ORDERS)


def orders_of(cell: float, theta: float, wet: float) -> Array:
    """Orders for a run: of cells, m, the weight of `faces`, and the depth that counts as wet, m."""
    orders = np.zeros(ORDERS)
    orders[[CELL, THETA, WET]] = np.array([cell, theta, wet], np.float32)
    return orders


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _work(k: int, orders: Array, numbers: Any, field: Any) -> None:
    """The k-th of the tiles in the pass that is ordered."""
    h, z, friction, crests, rest, pairs, marks, boxes, wet, outward, maxima = field
    highest, lowest, fastest = marks
    some, number = boxes[numbers[k] : numbers[k] + 1], numbers[k : k + 1]
    dt, cell, gain = np.float32(orders[DT]), np.float32(orders[CELL]), np.float32(orders[GAIN])
    if orders[IN_SECOND] > 0:
        new_x, new_y, qx, qy = pairs
    else:
        qx, qy, new_x, new_y = pairs
    if orders[PASS] == _MOVE:
        move(
            some, number, h, z, friction, qx, qy, new_x, new_y, rest, dt, cell, gain,
            np.float32(orders[THETA]), crests, outward[_WEST], outward[_NORTH], highest, lowest, fastest,
            wet,
        )  # fmt: skip
    elif orders[PASS] == _JOIN:
        join(some, number, h, z, new_x, new_y, rest, dt / cell, gain, highest, lowest, wet)
    else:
        remember_discharge(
            some, h, z, qx, qy, np.float32(orders[WET]), np.float32(orders[SECONDS]),
            np.float32(orders[UNTIL]), maxima[0], maxima[1], maxima[2], maxima[3], maxima[4],
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def attend(board: Board, orders: Array, numbers: NDArray[np.int64], field: Any) -> bool:
    """Take part in the passes of a `leap`, as long as there are any; its arguments.

    Returns
    -------
    bool
        Whether there may be more to do after a rest.
    """
    idle = 0
    while idle < _IDLE:
        k = take(board)
        if k >= 0:
            idle = 0
            _work(k, orders, numbers, field)
            hand_in(board)
        elif is_closed(board):
            return False
        else:
            idle += 1
            give_way()
    return True


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _share(count: int, alone: bool, board: Board, orders: Array, numbers: Any, field: Any) -> None:
    """The pass that is ordered, over the first tiles that are named."""
    if alone or count < 2:
        for k in range(count):
            _work(k, orders, numbers, field)
        return
    offer(board, count)
    k = take(board)
    while k >= 0:
        _work(k, orders, numbers, field)
        hand_in(board)
        k = take(board)
    await_all(board, count)


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _stride(start: float, mark: float, marks: Any, cell: float, drive: Any, h: Any) -> tuple[int, float]:
    """How many equal steps lead to the mark, and how long the next is."""
    sides, lowest_beds, inflows, _, courses = drive
    deepest = np.float64(marks[0].max())
    for k in range(len(sides)):
        deepest = max(deepest, value_at(courses, sides[k, 2], start) - lowest_beds[k])
    dt = longest_step(deepest, np.float64(marks[2].max()), cell)
    for k in range(len(inflows)):
        depth = np.float64(h[PAD + inflows[k, 0], PAD + inflows[k, 1]])
        dt = min(dt, raising_step(depth, value_at(courses, inflows[k, 2], start), cell))
    pieces = max(int(np.ceil((mark - start) / dt - 1e-9)), 1)
    return pieces, (mark - start) / pieces


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _open(
    time: float, dt: float, cell: float, drive: Any, ground: Any, qx: Any, qy: Any, new_x: Any, new_y: Any,
    outward: Any,
) -> None:  # fmt: skip
    """The new discharge through the sides that are not closed."""
    sides, _, _, _, courses = drive
    h, z, friction = ground
    for k in range(len(sides)):
        side, kind, course = sides[k]
        value = value_at(courses, course, time)
        flow_at_side(side, kind, value, h, z, friction, qx, qy, dt, cell, outward[side])
        if side == _EAST:
            new_x[PAD:-PAD, -PAD] = outward[_EAST]
        elif side == _SOUTH:
            new_y[-PAD, PAD:-PAD] = outward[_SOUTH]


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
def _choose(tiling: Any, shape: tuple[int, int], everywhere: bool, pairs: Any, marks: Any) -> Any:
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
    for each in pairs:
        rest_tiles(each, full, left)
    worked[:] = needed
    return np.flatnonzero(needed)


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def leap(
    until: float,
    pause: float,
    most: float,
    alone: bool,
    board: Board,
    orders: Array,
    numbers: NDArray[np.int64],
    field: Any,
    tiling: Any,
    shape: tuple[int, int],
    everywhere: bool,
    fall: float,
    open_area: float,
    drive: Any,
    through: Array,
    told: Array,
) -> None:
    """Steps until a mark, or until there is enough to do for several threads.

    Parameters
    ----------
    until, pause : float
        The mark, s, and when to stop with the step, s.
    most : float
        The most cells worked in a step for which to go on.
    alone : bool
        Whether nobody attends.
    board : ndarray of int64
        Of `portions.new_board`, shared with who attends; as the next three.
    orders : ndarray of float64, shape (ORDERS,)
        Of `orders_of`: what is to be done in a pass.
    numbers : ndarray of int64, shape (tiles,)
        Out: the tiles worked in the last step.
    field : tuple
        Depth, bed, friction, crests, rest and discharges as in `inertial.move`; `highest`, `lowest` and
        `fastest` of the tiles; `boxes` and `wet` of the tiling; discharge through the four sides; the arrays
        of `Maxima`.
    tiling : tuple of five arrays
        `boxes`, `full`, `wet`, `always`, `worked` of a `Tiling`.
    shape : tuple of int
        Of the tiling.
    everywhere : bool
        Whether all tiles are worked.
    fall : float
        If not negative, there is one step up to the mark, with this rain, m; all else is up to the caller.
    open_area : float
        m².
    drive : tuple
        What drives the water: `Drive.tables`.
    through : ndarray of float64, shape (n, 2)
        In, out: volumes through the sides so far, m³.
    told : ndarray of float64
        In, out: what `TOLD` names. Clock, steps, cells worked in them and up to when the maxima are, s; cells
        worked in the last step; rain that is due, m; volumes let in, m³; cells clipped; whether the last
        discharges are in the second pair.
    """
    h, z, friction, _, _, pairs, marks, boxes, _, outward, _ = field
    _, _, inflows, fallen, courses = drive
    cell, work = orders[CELL], 0.0
    while True:
        start = told[CLOCK]
        pieces, dt, rain = 1, until - start, fall
        if fall < 0:
            pieces, dt = _stride(start, until, marks, cell, drive, h)
            rain = 0.0
            if fallen >= 0:
                rain = value_at(courses, fallen, start + dt) - value_at(courses, fallen, start)
        gain = np.float32(told[DUE] + rain)
        told[DUE] += rain - np.float64(gain)
        told[RAIN] += np.float64(gain) * open_area
        chosen = _choose(tiling, shape, everywhere or gain > 0, pairs, marks)
        count = len(chosen)
        numbers[:count] = chosen
        cells = 0
        for k in chosen:
            cells += (boxes[k, 1] - boxes[k, 0]) * (boxes[k, 3] - boxes[k, 2])
        if told[SWAPPED] > 0:
            new_x, new_y, qx, qy = pairs
        else:
            qx, qy, new_x, new_y = pairs
        _open(start + 0.5 * dt, dt, cell, drive, (h, z, friction), qx, qy, new_x, new_y, outward)
        orders[PASS], orders[DT], orders[GAIN], orders[IN_SECOND] = _MOVE, dt, gain, told[SWAPPED]
        _share(count, alone, board, orders, numbers, field)
        orders[PASS] = _JOIN
        _share(count, alone, board, orders, numbers, field)
        told[SWAPPED] = 1 - told[SWAPPED]
        short = chosen[marks[1][chosen] < 0]
        if len(short) > 0:
            ratio = np.float32(dt) / np.float32(cell)
            clipped, made = repay(boxes[short], h, z, new_x, new_y, np.float64(ratio))
            told[CLIPPED] += clipped
            told[MADE] += made * cell**2
        for k in range(len(drive[0])):
            passed = leaves(drive[0][k, 0], new_x, new_y) * dt * cell
            through[k, 0] += max(-passed, 0.0)
            through[k, 1] += max(passed, 0.0)
        told[CLOCK] = until if pieces == 1 else start + dt
        told[STEPS] += 1
        told[WORKED] += cells
        told[CELLS] = cells
        work += cells + _STEP
        if fall >= 0:
            return
        _pour(start, told[CLOCK], cell, inflows, courses, h, tiling, marks[0], told)
        if is_due(cells, told[STEPS]):
            orders[PASS], orders[IN_SECOND] = _REMEMBER, told[SWAPPED]
            orders[SECONDS], orders[UNTIL] = told[CLOCK] - told[REMEMBERED], told[CLOCK]
            _share(count, alone, board, orders, numbers, field)
            told[REMEMBERED] = told[CLOCK]
        if told[CLOCK] >= min(until, pause) or cells > most or work >= _MOST_WORK:
            return

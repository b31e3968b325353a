"""How water reaches a cell: two kernels that release the interpreter's lock.

Both are compiled once and cached on disk. The long one works in portions, so that the caller can report
progress and stop between them.
"""

import numpy as np
from numpy.typing import NDArray

from layers.kernels import Kernel
from layers.progress import Progress, ignore

Array = NDArray[np.float64]

_PORTION = 100_000
_DROW = np.array([-1, -1, -1, 0, 0, 1, 1, 1], np.int64)
_DCOLUMN = np.array([-1, 0, 1, -1, 1, -1, 0, 1], np.int64)
# the sixteen directions of a 5 × 5 chamfer: distances are at most 2.8 % too long
_CHAMFER = np.array([(-2, -1), (-2, 1), (-1, -2), (-1, -1), (-1, 0), (-1, 1), (-1, 2), (0, -1)], np.int64)


@Kernel
def lower_away(levels: Array, drop: float) -> None:
    """Spread levels over a lattice so that they fall by `drop` a cell of distance, in place.

    Each cell ends with the highest of: the level of any source less `drop` times the distance from it, by a
    5 × 5 chamfer. Two sweeps suffice, for nothing stands in the way.

    Parameters
    ----------
    levels : ndarray of float64, shape (rows, columns)
        ``-inf`` where there is no source.
    drop : float
    """
    rows, columns = levels.shape
    for turn in range(2):
        sign = 1 if turn == 0 else -1
        for i in range(rows):
            row = i if turn == 0 else rows - 1 - i
            for j in range(columns):
                column = j if turn == 0 else columns - 1 - j
                best = levels[row, column]
                for k in range(len(_CHAMFER)):
                    dr, dc = _CHAMFER[k, 0] * sign, _CHAMFER[k, 1] * sign
                    r, c = row + dr, column + dc
                    if 0 <= r < rows and 0 <= c < columns:
                        best = max(best, levels[r, c] - drop * np.sqrt(dr * dr + dc * dc))
                levels[row, column] = best


def spill_heights(ground: Array, starts: Array, progress: Progress = ignore) -> Array:
    """The least height to which water must rise to come from a start to each cell.

    That is, over all eight-connected ways from any start, the least of the highest ground on the way: a
    priority flood (Barnes, Lehman & Mulla 2014, algorithm 1). A cell is entered once, from the neighbour
    that is reached first, so the answer is exact; raising any ground can only raise it.

    Parameters
    ----------
    ground : ndarray of float64, shape (rows, columns)
        NaN is a wall.
    starts : ndarray of float64, shape (rows, columns)
        The height at which water leaves a start; NaN elsewhere.
    progress : Progress
        Told about every hundred thousand cells.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        NaN where no way leads.
    """
    height = starts.copy()
    first = np.flatnonzero(np.isfinite(starts))
    first = first[np.argsort(starts.ravel()[first], kind="stable")]  # a sorted row is a heap
    keys, cells = np.zeros(ground.size), np.zeros(ground.size, np.int64)
    keys[: len(first)], cells[: len(first)] = starts.ravel()[first], first
    size, settled = len(first), 0
    while size:
        size = _settle(ground, height, keys, cells, size, _PORTION)
        settled += _PORTION
        progress(min(settled / ground.size, 1.0))
    return height


@Kernel
def _settle(
    ground: Array, height: Array, keys: Array, cells: NDArray[np.int64], size: int, portion: int
) -> int:
    """Take up to `portion` cells off the heap, lowest first, and enter their free neighbours."""
    rows, columns = ground.shape
    for _ in range(portion):
        if size == 0:
            break
        low, cell = keys[0], cells[0]
        size = take_lowest(keys, cells, size)
        row, column = cell // columns, cell % columns
        for k in range(8):
            r, c = row + _DROW[k], column + _DCOLUMN[k]
            if 0 <= r < rows and 0 <= c < columns and np.isnan(height[r, c]) and not np.isnan(ground[r, c]):
                height[r, c] = max(low, ground[r, c])
                put(keys, cells, size, height[r, c], r * columns + c)
                size += 1
    return size


@Kernel
def put(keys: Array, cells: NDArray[np.int64], size: int, key: float, cell: int) -> None:
    """Sift a new cell up a binary heap of `size` cells."""
    at = size
    while at > 0 and keys[(at - 1) // 2] > key:
        above = (at - 1) // 2
        keys[at], cells[at] = keys[above], cells[above]
        at = above
    keys[at], cells[at] = key, cell


@Kernel
def take_lowest(keys: Array, cells: NDArray[np.int64], size: int) -> int:
    """Remove the root; the last cell sifts down in its place. Returns the new size."""
    size -= 1
    key, cell = keys[size], cells[size]
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at], cells[at] = keys[child], cells[child]
        at = child
    keys[at], cells[at] = key, cell
    return size


def compile_kernels() -> None:
    """Compile both kernels into the disk cache, or load them from it: some seconds the first time."""
    lower_away(np.zeros((1, 1)), 0.0)
    spill_heights(np.zeros((1, 1)), np.zeros((1, 1)))

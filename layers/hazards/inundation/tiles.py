"""How a lattice is cut into tiles, so that dry ground costs nothing; arrays with a rim around them."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Boxes = NDArray[np.int64]

PAD = 2  # cells of the rim on each side: what a second-order stencil reads
TILE_ROWS, TILE_COLUMNS = 32, 1024
LANES = 32  # columns that the machine works at once: boxes are as wide as some of these
_LINE, _PAGE = 64, 4096  # bytes
CLOSED = 1e9  # m: bed of a cell that takes no water; kernels ask for more than 1e8


def padded(values: NDArray[np.float64], fill: float, kind: type) -> NDArray:  # type: ignore[type-arg]
    """A copy with a rim of `PAD` cells that hold `fill`."""
    return np.pad(values.astype(kind), PAD, constant_values=kind(fill))


def in_lines(values: NDArray, first: int = PAD) -> NDArray:  # type: ignore[type-arg]
    """A copy in whose rows a column begins a line of the cache: each vector from there on lies in one.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
    first : int
        The column.

    Returns
    -------
    ndarray, shape (rows, columns)
        Not contiguous, unless it is of one row: kernels take that for another kind of array. Rows do not lie
        whole pages apart, or they would contend for the same lines.
    """
    rows, columns = values.shape
    line = _LINE // values.itemsize
    width = (columns // line + 2) * line
    width += line if width * values.itemsize % _PAGE == 0 else 0
    whole = np.zeros(rows * width + line, values.dtype)
    start = -(whole.ctypes.data // values.itemsize + first) % line
    found = whole[start : start + rows * width].reshape(rows, width)[:, :columns]
    found[:] = values
    return found


def inner(values: NDArray) -> NDArray:  # type: ignore[type-arg]
    """The view of an array without its rim."""
    return values[PAD:-PAD, PAD:-PAD]


class Tiling:
    """The tiles of a lattice, and which part of each has to be worked.

    Parameters
    ----------
    rows, columns : int

    Attributes
    ----------
    full : ndarray of int64, shape (n, 4)
        First row, last row + 1, first column, last column + 1 of each tile, in arrays with a rim.
    boxes : ndarray of int64, shape (n, 4)
        The part that is worked: what was wet since the tile was taken up, and `PAD` cells around.
    wet : ndarray of int64, shape (n, 4)
        The box of the wet cells of each tile, as the kernels found it; empty where none is.
    always : ndarray of bool, shape (n,)
        Tiles into which water may come from outside: worked whole.
    numbers : ndarray of int64
        Of the tiles worked now, in row order.
    cells : int
        How many cells are worked.
    """

    def __init__(self, rows: int, columns: int) -> None:
        north, west = np.arange(0, rows, TILE_ROWS), np.arange(0, columns, TILE_COLUMNS)
        self.shape = len(north), len(west)
        first, left = (each.ravel() for each in np.meshgrid(north, west, indexing="ij"))
        last, right = np.minimum(first + TILE_ROWS, rows), np.minimum(left + TILE_COLUMNS, columns)
        self.full = PAD + np.stack([first, last, left, right], axis=1).astype(np.int64)
        self.boxes = np.zeros_like(self.full)
        self.wet = np.zeros_like(self.full)
        self.always = np.zeros(len(self.full), np.bool_)
        self.worked = np.zeros(len(self.full), np.bool_)
        self.numbers = np.zeros(0, np.int64)
        self.cells = 0

    def number(self, row: int, column: int) -> int:
        """Of the tile of a cell (counted without rim)."""
        return (row // TILE_ROWS) * self.shape[1] + column // TILE_COLUMNS

    def hold(self, row: int, column: int) -> None:
        """Keep the tile of a cell (counted without rim) among those worked."""
        self.always[self.number(row, column)] = True

    def touch(self, row: int, column: int) -> None:
        """Hold the tile of a cell to which water was given, and count the cell as wet."""
        self.hold(row, column)
        widen_wet(self.wet, self.number(row, column), row + PAD, column + PAD)

    def look(self, depth: NDArray) -> None:  # type: ignore[type-arg]
        """Find the wet boxes of a depth with a rim."""
        for k, (first, last, west, east) in enumerate(self.full):
            there = depth[first:last, west:east] > 0
            if there.any():
                rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
                self.wet[k] = first + rows[0], first + rows[-1] + 1, west + columns[0], west + columns[-1] + 1

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What the kernels read and write."""
        return self.boxes, self.full, self.wet, self.always, self.worked

    def choose(self, *, everywhere: bool = False) -> NDArray[np.int64]:
        """Take the wet boxes and what is around them for the next step, or all cells.

        Returns
        -------
        ndarray of int64
            Tiles that need no more work.
        """
        if everywhere:
            self.boxes[:] = self.full
            needed = np.ones(len(self.full), np.bool_)
        else:
            needed = spread(self.boxes, self.full, self.wet, self.always, self.shape[0], self.shape[1])
        left = np.flatnonzero(self.worked & ~needed)
        self.boxes[left], self.wet[left] = 0, 0
        self.worked, self.numbers = needed, np.flatnonzero(needed)
        boxes = self.boxes[self.numbers]
        self.cells = int(((boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])).sum())
        return left


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def spread(
    boxes: Boxes, full: Boxes, wet: Boxes, always: NDArray[np.bool_], rows: int, columns: int
) -> NDArray[np.bool_]:
    """Widen the boxes to all that water can reach in a step, over corners too; says which tiles that are."""
    needed = always.copy()
    for k in range(len(full)):
        if always[k]:
            boxes[k] = full[k]
        if wet[k, 1] == 0:
            continue
        north, south = wet[k, 0] - PAD, wet[k, 1] + PAD
        west, east = wet[k, 2] - PAD, wet[k, 3] + PAD
        west, east = PAD + (west - PAD) // LANES * LANES, PAD - (PAD - east) // LANES * LANES
        row, column = k // columns, k % columns
        for i in range(max(row - 1, 0), min(row + 2, rows)):
            for j in range(max(column - 1, 0), min(column + 2, columns)):
                other = i * columns + j
                a, b = max(north, full[other, 0]), min(south, full[other, 1])
                c, d = max(west, full[other, 2]), min(east, full[other, 3])
                if a >= b or c >= d:
                    continue
                needed[other] = True
                if boxes[other, 1] == 0:
                    boxes[other, 0], boxes[other, 1], boxes[other, 2], boxes[other, 3] = a, b, c, d
                else:
                    boxes[other, 0], boxes[other, 1] = min(boxes[other, 0], a), max(boxes[other, 1], b)
                    boxes[other, 2], boxes[other, 3] = min(boxes[other, 2], c), max(boxes[other, 3], d)
    return needed


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def widen_wet_row(wet: Boxes, k: int, i: int, west: int, n: int, depths: Any) -> None:
    """Take a row that is wet somewhere into the wet box of a tile.

    Parameters
    ----------
    wet : ndarray of int64, shape (n, 4)
    k, i : int
        Of the tile; of the row.
    west, n : int
        Column of the first depth; how many there are.
    depths : ndarray of float, shape (n,), or such a row
    """
    none = wet[k, 1] == 0
    first, last = (n, 0) if none else (wet[k, 2] - west, wet[k, 3] - west)
    left, right = 0, n
    while left < first and depths[left] <= 0:
        left += 1
    while right > last and depths[right - 1] <= 0:
        right -= 1
    wet[k, 0], wet[k, 1] = (i, i + 1) if none else (min(wet[k, 0], i), max(wet[k, 1], i + 1))
    wet[k, 2], wet[k, 3] = min(first, left) + west, max(last, right) + west


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def widen_wet(wet: Boxes, k: int, i: int, j: int) -> None:
    """Take a wet cell into the wet box of a tile."""
    if wet[k, 1] == 0:
        wet[k, 0], wet[k, 1], wet[k, 2], wet[k, 3] = i, i + 1, j, j + 1
        return
    wet[k, 0], wet[k, 1] = min(wet[k, 0], i), max(wet[k, 1], i + 1)
    wet[k, 2], wet[k, 3] = min(wet[k, 2], j), max(wet[k, 3], j + 1)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def rest_tiles(values: NDArray[Any], full: Boxes, left: NDArray[np.int64]) -> None:
    """Set what stands in tiles that dried out to nothing."""
    for k in left:
        values[full[k, 0] : full[k, 1], full[k, 2] : full[k, 3]] = 0


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def widest(boxes: Boxes) -> int:
    """Columns of the widest box: what a row of scratch has to hold."""
    width = 0
    for k in range(boxes.shape[0]):
        width = max(width, boxes[k, 3] - boxes[k, 2])
    return width

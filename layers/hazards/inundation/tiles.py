"""How a lattice is cut into tiles, so that dry ground costs nothing; arrays with a rim around them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

PAD = 2  # cells of the rim on each side: what a second-order stencil reads
TILE_ROWS, TILE_COLUMNS = 16, 256
CLOSED = 1e9  # m: bed of a cell that takes no water; kernels ask for more than 1e8


def padded(values: NDArray[np.float64], fill: float, kind: type) -> NDArray:  # type: ignore[type-arg]
    """A copy with a rim of `PAD` cells that hold `fill`."""
    return np.pad(values.astype(kind), PAD, constant_values=kind(fill))


def inner(values: NDArray) -> NDArray:  # type: ignore[type-arg]
    """The view of an array without its rim."""
    return values[PAD:-PAD, PAD:-PAD]


class Tiling:
    """The tiles of a lattice and which of them have to be worked.

    Parameters
    ----------
    rows, columns : int

    Attributes
    ----------
    boxes : ndarray of int64, shape (n, 4)
        First row, last row + 1, first column, last column + 1, in arrays with a rim.
    always : ndarray of bool, shape (n,)
        Tiles into which water may come from outside.
    numbers : ndarray of int64
        Of the tiles worked now, in row order.
    """

    def __init__(self, rows: int, columns: int) -> None:
        north, west = np.arange(0, rows, TILE_ROWS), np.arange(0, columns, TILE_COLUMNS)
        self.shape = len(north), len(west)
        first, left = (each.ravel() for each in np.meshgrid(north, west, indexing="ij"))
        self.boxes = PAD + np.stack(
            [
                first,
                np.minimum(first + TILE_ROWS, rows),
                left,
                np.minimum(left + TILE_COLUMNS, columns),
            ],
            axis=1,
        ).astype(np.int64)
        self.always = np.zeros(len(self.boxes), np.bool_)
        self.worked = np.zeros(len(self.boxes), np.bool_)
        self.numbers = np.zeros(0, np.int64)
        self.cells = 0

    def hold(self, row: int, column: int) -> None:
        """Keep the tile of a cell (counted without rim) among those worked."""
        self.always[self.number(row, column)] = True

    def number(self, row: int, column: int) -> int:
        """Of the tile of a cell (counted without rim)."""
        return (row // TILE_ROWS) * self.shape[1] + column // TILE_COLUMNS

    def choose(self, wet: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Take the wet tiles and their neighbours for the next step.

        Returns
        -------
        ndarray of int64
            Tiles that need no more work.
        """
        needed = _grown(wet, self.always, self.shape[0], self.shape[1])
        if np.array_equal(needed, self.worked):
            return self.numbers[:0]
        left = np.flatnonzero(self.worked & ~needed)
        self.worked, self.numbers = needed, np.flatnonzero(needed)
        boxes = self.boxes[self.numbers]
        self.cells = int(((boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])).sum())
        return left


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _grown(wet: NDArray[np.bool_], always: NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.bool_]:
    """The wet tiles, those beside them, and those that are always worked."""
    grown = always.copy()
    for k in range(len(wet)):
        if wet[k]:
            row, column = k // columns, k % columns
            grown[k] = True
            grown[max(row - 1, 0) * columns + column] = True
            grown[min(row + 1, rows - 1) * columns + column] = True
            grown[row * columns + max(column - 1, 0)] = True
            grown[row * columns + min(column + 1, columns - 1)] = True
    return grown

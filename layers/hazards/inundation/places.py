"""Where points lie on the terrain."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Lattice

Array = NDArray[np.float64]


def places(
    names: Sequence[str], x: Array, y: Array, lattice: Lattice, bed: Array, key: str
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of points; refuses those off the terrain or in a closed cell.

    Raises
    ------
    BadInput
        With `key`: the first such point is named.
    """
    extent = lattice.extent
    x, y = (
        np.where(x == extent.east, x - 1e-9 * lattice.cell, x),
        np.where(y == extent.south, y + 1e-9 * lattice.cell, y),
    )  # the last edge belongs to the last cell
    row, column, inside = lattice.cells_at(x, y)
    outside = np.flatnonzero(~(inside & np.isfinite(bed[row, column])))
    if len(outside):
        first = int(outside[0])
        raise BadInput(key, name=names[first], x=x[first], y=y[first])
    return row, column

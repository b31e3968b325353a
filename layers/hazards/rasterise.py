"""Shapes on a lattice."""

import numpy as np
import rasterio
from numpy.typing import NDArray

from layers.grid import Lattice
from layers.late import Late
from layers.layer import Shapes

features = Late("rasterio.features")

Array = NDArray[np.float64]


def burn(
    shapes: Shapes, values: Array, lattice: Lattice, *, empty: float = np.nan, touched: bool = False
) -> Array:
    """Values of features in the cells that they cover.

    Where several cover a cell, the highest value stands, whatever the order of the features.

    Parameters
    ----------
    shapes : Shapes
        In the lattice's CRS.
    values : ndarray of float64, shape (features,)
        A feature without value (NaN) is left out.
    lattice : Lattice
    empty : float
        Where nothing lies.
    touched : bool
        Every cell that a feature touches, so that a line leaves no gap even diagonally; else the cells
        whose centre lies in a polygon.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
    """
    result = np.full(lattice.shape, empty)
    rows = np.flatnonzero(np.isfinite(values) & (np.diff(shapes.spans) > 0))
    if not len(rows):
        return result
    rows = rows[np.argsort(values[rows], kind="stable")]
    pairs = zip(shapes.geometries(rows), values[rows].tolist(), strict=True)
    features.rasterize(pairs, out=result, transform=rasterio.Affine(*lattice.transform), all_touched=touched)
    return result


def centres(lattice: Lattice) -> tuple[Array, Array]:
    """Easting and northing of the cells' centres, each of shape (rows × columns,), row by row."""
    x = lattice.west + (np.arange(lattice.columns) + 0.5) * lattice.cell
    y = lattice.north - (np.arange(lattice.rows) + 0.5) * lattice.cell
    return np.tile(x, lattice.rows), np.repeat(y, lattice.columns)

"""Rain of another grid laid on the terrain's: its cells are taken as even, so that no volume is made or lost.

In the reference system of the terrain, each cell gets the mean of the rain over its area, exactly. In another
one (degrees, mostly) the rain is looked up at points spread evenly over each cell, two or more for every cell
of the rain that it crosses: inexact only where cells of the rain meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from numpy.typing import NDArray

from layers.grid import Lattice

if TYPE_CHECKING:
    from pyproj import Transformer
    from scipy.sparse import csr_matrix

Values = NDArray[np.float32]
Array = NDArray[np.float64]
_MOST = 6  # points along a cell
_NODES = 16  # cells between the points that are projected; between them all is linear


@dataclass(frozen=True, eq=False)
class ByArea:
    """Shares of the rain's rows and columns in those of the terrain."""

    down: csr_matrix
    across: csr_matrix

    def lay(self, rain: Values) -> Values:
        """Rain on the terrain, from rain on its own grid."""
        return np.asarray(self.down @ (self.across @ rain.T).T, np.float32)

    @property
    def covered(self) -> Array:
        """Share of each cell of the terrain that the rain's grid covers."""
        return np.outer(self.down.sum(axis=1), self.across.sum(axis=1))


@dataclass(frozen=True, eq=False)
class ByPoint:
    """Cells of the rain at the points of each cell of the terrain; one beyond the last for points outside."""

    cells: tuple[NDArray[np.int32], ...]
    count: int

    def lay(self, rain: Values) -> Values:
        """Rain on the terrain, from rain on its own grid."""
        values = np.append(rain.ravel(), np.float32(0))
        found = np.zeros(self.cells[0].shape, np.float32)
        for cells in self.cells:
            found += values[cells]
        found /= np.float32(len(self.cells))
        return found

    @property
    def covered(self) -> Array:
        """Share of each cell of the terrain that the rain's grid covers."""
        return np.asarray(np.mean([cells < self.count for cells in self.cells], axis=0))


Fitting = ByArea | ByPoint


def fitting_of(source: rasterio.DatasetReader, here: Lattice) -> Fitting:
    """How an open raster, north up, lies on a terrain.

    Parameters
    ----------
    source : DatasetReader
    here : Lattice
    """
    along, _, west, _, down, north = tuple(source.transform)[:6]
    is_same = not here.crs or not source.crs or source.crs == rasterio.crs.CRS.from_user_input(here.crs)
    if is_same:
        rows = _overlaps(here.north, -here.cell, here.rows, north, down, source.height)
        columns = _overlaps(here.west, here.cell, here.columns, west, along, source.width)
        return ByArea(rows, columns)
    from pyproj import Transformer

    project = Transformer.from_crs(here.crs, source.crs, always_xy=True)
    places = _Places(here, project, (west, along, source.width), (north, down, source.height))
    return places.fitting()


def _overlaps(start: float, cell: float, count: int, other: float, step: float, many: int) -> csr_matrix:
    """Share of each of `count` cells from `start` on that lies in each of `many` from `other` on."""
    from scipy.sparse import csr_matrix

    edges = (start + cell * np.arange(count + 1) - other) / step  # in cells of the rain
    first, last = np.minimum(edges[:-1], edges[1:]), np.maximum(edges[:-1], edges[1:])
    widest = int(np.ceil((last - first).max())) + 1
    rows, columns, shares = [], [], []
    for k in range(widest):
        mine = np.floor(first) + k
        share = (np.minimum(last, mine + 1) - np.maximum(first, mine)) / (last - first)
        holds = (share > 0) & (mine >= 0) & (mine < many)
        rows.append(np.flatnonzero(holds))
        columns.append(mine[holds].astype(int))
        shares.append(share[holds])
    parts = (np.concatenate(shares), (np.concatenate(rows), np.concatenate(columns)))
    return csr_matrix(parts, shape=(count, many), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class _Places:
    """The cells of the terrain in the reference system of the rain; of that: start, step, count by axis."""

    here: Lattice
    project: Transformer
    along: tuple[float, float, int]
    down: tuple[float, float, int]

    def fitting(self) -> ByPoint:
        """Points enough for the cells of the rain."""
        column, row = self._at(0.5, 0.5)
        most = max(
            float(np.abs(np.diff(each, axis=k)).max(initial=0.0)) for each in (column, row) for k in (0, 1)
        )
        side = int(np.clip(np.ceil(2.0 * most), 1, _MOST))
        offsets = (np.arange(side) + 0.5) / side
        cells = tuple(self._cells(a, b) for a in offsets for b in offsets)
        return ByPoint(cells, self.along[2] * self.down[2])

    def _cells(self, right: float, lower: float) -> NDArray[np.int32]:
        column, row = (np.floor(each) for each in self._at(right, lower))
        inside = (column >= 0) & (column < self.along[2]) & (row >= 0) & (row < self.down[2])
        number = np.where(inside, row * self.along[2] + column, self.along[2] * self.down[2])
        return number.astype(np.int32)

    def _at(self, right: float, lower: float) -> tuple[Array, Array]:
        """Column and row of the rain, with their fractions, at the same point of each cell of the terrain."""
        here = self.here
        rows, columns = _nodes(here.rows), _nodes(here.columns)
        x, y = np.meshgrid(here.west + (columns + right) * here.cell, here.north - (rows + lower) * here.cell)
        found = self.project.transform(x, y)
        across, down = _between(columns, here.columns), _between(rows, here.rows)
        wide = (
            (np.asarray(values) - start) / step
            for values, (start, step, _) in zip(found, (self.along, self.down), strict=True)
        )
        column, row = (np.asarray(down @ (across @ each.T).T) for each in wide)
        return column, row


def _nodes(count: int) -> Array:
    return np.unique(np.append(np.arange(0, count, _NODES), count - 1)).astype(float)


def _between(nodes: Array, count: int) -> csr_matrix:
    """Weights of the nodes at each of `count` places: linear between two of them."""
    from scipy.sparse import csr_matrix

    places = np.arange(count)
    after = np.clip(np.searchsorted(nodes, places, "right"), 1, max(len(nodes) - 1, 1))
    if len(nodes) == 1:
        return csr_matrix(np.ones((count, 1)))
    share = (places - nodes[after - 1]) / (nodes[after] - nodes[after - 1])
    parts = (np.r_[1 - share, share], (np.r_[places, places], np.r_[after - 1, after]))
    return csr_matrix(parts, shape=(count, len(nodes)))

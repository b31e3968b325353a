"""Grid: float64 values on square cells of a projected plane; NaN is no data."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput

Array = NDArray[np.float64]


class Extent(NamedTuple):
    """A box in CRS units: metres on a projected plane."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        """East minus west."""
        return self.east - self.west

    @property
    def height(self) -> float:
        """North minus south."""
        return self.north - self.south

    def grown(self, by: float) -> "Extent":
        """The box widened by `by` on each side."""
        return Extent(self.west - by, self.south - by, self.east + by, self.north + by)

    def meets(self, other: "Extent") -> bool:
        """Whether the two boxes share a point."""
        return not (
            self.east < other.west
            or other.east < self.west
            or self.north < other.south
            or other.north < self.south
        )

    def holds(self, other: "Extent") -> bool:
        """Whether no point of the other box lies outside of this one."""
        return (
            self.west <= other.west
            and self.south <= other.south
            and self.east >= other.east
            and self.north >= other.north
        )


@dataclass(frozen=True)
class Lattice:
    """Where the cells of a grid lie.

    Parameters
    ----------
    west, north : float
        Outer corner of the north-west cell, CRS units.
    cell : float
        Side of the square cells, CRS units.
    rows, columns : int
    crs : str
        ``EPSG:code`` or WKT of a projected CRS in metres.
    """

    west: float
    north: float
    cell: float
    rows: int
    columns: int
    crs: str

    def __str__(self) -> str:
        """As people are told of it: corner, cell, rows and columns, CRS."""
        corner = f"({self.west:.10g}, {self.north:.10g})"
        return f"{corner} / {self.cell:g} / {self.rows} × {self.columns} / {self.crs or '—'}"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.rows, self.columns

    @property
    def extent(self) -> Extent:
        """The box of all cells."""
        return Extent(
            self.west,
            self.north - self.rows * self.cell,
            self.west + self.columns * self.cell,
            self.north,
        )

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients a, b, c, d, e, f in rasterio's order."""
        return self.cell, 0.0, self.west, 0.0, -self.cell, self.north

    def cells_at(self, x: Array, y: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
        """Row, column and "is inside" of the cells that hold the points; clipped to the edge if outside."""
        column = np.floor((np.asarray(x) - self.west) / self.cell)
        row = np.floor((self.north - np.asarray(y)) / self.cell)
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return (
            np.clip(np.nan_to_num(row), 0, self.rows - 1).astype(np.intp),
            np.clip(np.nan_to_num(column), 0, self.columns - 1).astype(np.intp),
            inside,
        )

    @classmethod
    def covering(cls, extent: Extent, cell: float, crs: str) -> "Lattice":
        """The smallest lattice of whole multiples of `cell` that covers `extent`."""
        west = np.floor(extent.west / cell) * cell
        north = np.ceil(extent.north / cell) * cell
        rows = int(np.ceil((north - extent.south) / cell))
        columns = int(np.ceil((extent.east - west) / cell))
        return cls(float(west), float(north), cell, max(rows, 1), max(columns, 1), crs)


@dataclass(frozen=True, eq=False)
class Grid:
    """Values on a lattice, row 0 in the north.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, columns)
        NaN is no data.
    lattice : Lattice
    unit : str
        Unit of the values, for example ``"m"``; empty for classes and ratios.
    """

    values: Array
    lattice: Lattice
    unit: str = ""

    def __post_init__(self) -> None:
        if self.values.shape != self.lattice.shape:
            raise ValueError(f"values {self.values.shape} do not fill the lattice {self.lattice.shape}")

    def at(self, x: Array, y: Array) -> Array:
        """Values of the cells that hold the points; NaN outside.

        Parameters
        ----------
        x, y : ndarray of float64, shape (n,)
            Easting and northing in the grid's CRS.
        """
        row, column, inside = self.lattice.cells_at(x, y)
        return np.where(inside, self.values[row, column], np.nan)

    def like(self, values: Array, unit: str | None = None) -> "Grid":
        """A grid of other values on the same lattice."""
        return replace(self, values=values, unit=self.unit if unit is None else unit)


def same_lattice(*grids: Grid) -> Lattice:
    """The lattice that all grids share.

    Raises
    ------
    BadInput
        They lie on different lattices; both are named.
    """
    first = grids[0].lattice
    for grid in grids[1:]:
        if grid.lattice != first:
            raise BadInput("grids_differ", first=first, second=grid.lattice)
    return first

"""Buildings in the way of the water: what share of each cell they cover, and what that does to the ground.

A covered cell is closed (blockage), or raised so that only deep water passes over it; or all cells are the
rougher the more of them is covered.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.layer import Shapes
from layers.progress import Progress, ignore

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
BuildingMode = Literal["block", "raise", "roughen"]
MODES: tuple[BuildingMode, ...] = ("block", "raise", "roughen")
SHARE, HEIGHT, ROUGH = 0.5, 3.0, 0.4
"""Share from which a cell is closed or raised; by how much, m; n of a cell that is all building. The last is
recalled from AR&R Revision Project 15 (Smith & Wasko 2012) and Syme (2008), who find large n over footprints;
the others are choices of the program.
"""
_PARTS = 4  # along each side of a cell: shares are told in sixteenths
_ROWS = 256  # worked at a time, so that memory stays small


@dataclass(frozen=True)
class Standing:
    """How buildings stand in the way.

    Parameters
    ----------
    mode : {"block", "raise", "roughen"}
    share : float
        Of a cell covered, from which it is closed or raised; above 0, at most 1.
    height : float
        m, by which it is raised.
    roughness : float
        n of a cell that is all building.
    """

    mode: BuildingMode
    share: float = SHARE
    height: float = HEIGHT
    roughness: float = ROUGH

    def __post_init__(self) -> None:
        sound = 0 < self.share <= 1 and self.height > 0 and 0 < self.roughness <= 1
        if not sound or self.mode not in MODES:
            raise BadInput("flood_buildings", share=self.share, height=self.height, n=self.roughness)

    def taken(self, covered: Grid) -> Mask:
        """The cells that are closed or raised."""
        if self.mode == "roughen":
            return np.zeros(covered.values.shape, np.bool_)
        return np.asarray(covered.values >= self.share - 1e-9)

    def bed(self, bed: Array, covered: Grid) -> Array:
        """The ground with the buildings on it, m; NaN is closed."""
        if self.mode == "roughen":
            return bed
        return np.where(self.taken(covered), np.nan if self.mode == "block" else bed + self.height, bed)

    def manning(self, manning: Grid | float, covered: Grid) -> Grid | float:
        """Roughness by the share that is covered: n of the ground, towards that of buildings."""
        if self.mode != "roughen":
            return manning
        ground = manning.values if isinstance(manning, Grid) else manning
        rough = ground + covered.values * np.maximum(self.roughness - ground, 0.0)
        return covered.like(np.asarray(rough), "s/m^(1/3)")


def covered_share(shapes: Shapes, lattice: Lattice, progress: Progress = ignore) -> Grid:
    """What share of each cell polygons cover, in sixteenths; 0 where none stands.

    Parameters
    ----------
    shapes : Shapes
        In the lattice's CRS.
    lattice : Lattice
    progress : Progress
    """
    from rasterio.features import rasterize  # the command line begins sooner without it
    from rasterio.transform import Affine

    share = np.zeros(lattice.shape)
    boxes, fine = shapes.boxes, lattice.cell / _PARTS
    for top in range(0, lattice.rows, _ROWS):
        progress(top / lattice.rows)
        rows = min(_ROWS, lattice.rows - top)
        north = lattice.north - top * lattice.cell
        south = north - rows * lattice.cell
        here = np.flatnonzero((boxes[:, 1] < north) & (boxes[:, 3] > south) & np.isfinite(boxes[:, 0]))
        if not len(here):
            continue
        parts = rasterize(
            shapes.geometries(here),
            out_shape=(rows * _PARTS, lattice.columns * _PARTS),
            transform=Affine(fine, 0.0, lattice.west, 0.0, -fine, north),
            default_value=1,
            dtype="uint8",
        )
        blocks = parts.reshape(rows, _PARTS, lattice.columns, _PARTS)
        share[top : top + rows] = blocks.sum(axis=(1, 3), dtype=np.uint8) / _PARTS**2
    progress(1.0)
    return Grid(share, lattice)


def filled_in(values: NDArray[np.floating], taken: Mask, known: Mask) -> None:
    """Give cells that buildings take the values of the nearest that they do not, in place: a building stands
    in the water around it.

    Parameters
    ----------
    values : ndarray of float, shape (rows, columns)
    taken, known : ndarray of bool
        Cells of buildings; cells with data.
    """
    free = known & ~taken
    if not taken.any() or not free.any():
        return
    from scipy.ndimage import distance_transform_edt  # the window opens sooner without it

    row, column = distance_transform_edt(~free, return_distances=False, return_indices=True)
    values[taken] = values[row[taken], column[taken]]

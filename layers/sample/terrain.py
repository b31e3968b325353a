"""Terrain refined: the real 5′ grid between its cells, with made-up relief, channels, levees and lake bed."""

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import uniform_filter
from scipy.sparse import csr_matrix

from layers.grid import Extent, Lattice
from layers.progress import Progress, ignore
from layers.sample.ground import Ground
from layers.sample.plane import PLANE, Waves, chance
from layers.sample.water import WIDTHS

NODATA = -9999.0
MARGIN = 3000.0  # metres of terrain kept around the city, so that rivers flow out of it
DEPTHS = {"滏阳新河": 3.5, "滹沱河": 3.0, "卫运河": 4.0, "南运河": 3.0, "潴龙河": 3.0, "滏东排河": 3.0}
DEPTH = 2.5  # metres, of the other rivers
REACH = 500.0  # metres of river that share one bed level
Heights = NDArray[np.float32]


def refine(ground: Ground, cell: float, progress: Progress = ignore) -> tuple[Heights, Lattice]:
    """Heights in metres on square cells; −9999 farther than 3 km from the city.

    Parameters
    ----------
    ground : Ground
    cell : float
        Side of the cells, metres.
    progress : Progress

    Returns
    -------
    heights : ndarray of float32, shape (rows, columns)
        In steps of 1/64 m.
    lattice : Lattice
    """
    lattice = Lattice.covering(Extent(*ground.real.city.bounds).grown(MARGIN), cell, PLANE)
    heights = _relief(ground, lattice)
    progress(0.3)
    _raise_levees(heights, ground, lattice)
    progress(0.5)
    _sink_lake(heights, ground, lattice)
    _cut_channels(heights, ground, lattice)
    progress(0.8)
    heights = np.round(heights * 64) / 64
    near = rasterize([ground.real.city.buffer(MARGIN)], lattice.shape, transform=lattice.transform)
    heights[near == 0] = NODATA
    progress(1.0)
    return heights, lattice


def _relief(ground: Ground, lattice: Lattice) -> Heights:
    """The real terrain with swells of decimetres and roughness of centimetres."""
    step = max(int(240 // lattice.cell), 1)
    rows, columns = -(-lattice.rows // step) + 1, -(-lattice.columns // step) + 1
    x, y = np.meshgrid(
        lattice.west + (np.arange(columns) * step + 0.5) * lattice.cell,
        lattice.north - (np.arange(rows) * step + 0.5) * lattice.cell,
    )
    coarse = (
        ground.real.height(x, y) + Waves("swell", 6000, 0.35)(x, y) + Waves("ripple", 1400, 0.18, 24)(x, y)
    )
    down, across = (_linear(n, m, step) for n, m in ((lattice.rows, rows), (lattice.columns, columns)))
    smooth = (across @ (down @ coarse.astype(np.float32)).T).T
    rough = chance("roughness").standard_normal(lattice.shape, np.float32)
    return np.ascontiguousarray(smooth) + np.float32(0.24) * uniform_filter(rough, 3)


def _linear(cells: int, nodes: int, step: int) -> csr_matrix:
    """The matrix that interpolates linearly from every `step`-th cell to all."""
    at = np.arange(cells) / step
    low = np.minimum(at.astype(int), nodes - 2)
    high_part = (at - low).astype(np.float32)
    row = np.arange(cells)
    parts = (np.concatenate([1 - high_part, high_part]), (np.tile(row, 2), np.concatenate([low, low + 1])))
    return csr_matrix(parts, shape=(cells, nodes))


def _raise_levees(heights: Heights, ground: Ground, lattice: Lattice) -> None:
    """A crest of at least three cells with softer flanks, above the ground it stands on."""
    lift = np.zeros(lattice.shape, np.float32)
    for width, part in ((2.6, 0.5), (1.3, 1.0)):
        shapes = [(levee.line.buffer(width * lattice.cell), levee.crest * part) for levee in ground.levees]
        rasterize(sorted(shapes, key=lambda s: s[1]), out=lift, transform=lattice.transform)
    heights += lift


def _sink_lake(heights: Heights, ground: Ground, lattice: Lattice) -> None:
    """The bed of each basin, a little uneven."""
    bed = np.zeros(lattice.shape, np.float32)
    shapes = [(basin, level) for level, basin in ground.basins.items()]
    rasterize(shapes, out=bed, transform=lattice.transform)
    wet = bed > 0
    uneven = chance("lake bed").normal(0, 0.1, int(wet.sum())).astype(np.float32)
    heights[wet] = bed[wet] + uneven


def _cut_channels(heights: Heights, ground: Ground, lattice: Lattice) -> None:
    """Channels whose bed only falls downstream, with a berm halfway up."""
    beds = np.full(lattice.shape, np.inf, np.float32)
    for berm in (True, False):
        shapes = [shape for name in ground.rivers for shape in _channel(name, ground, lattice.cell, berm)]
        rasterize(shapes, out=beds, transform=lattice.transform)
    np.minimum(heights, beds, out=heights)


def _channel(name: str, ground: Ground, cell: float, berm: bool) -> list[tuple[shapely.Geometry, float]]:
    """Stretches of a river with their bed level (m), or with the level of the berm."""
    line = ground.rivers[name].intersection(ground.real.city.buffer(MARGIN + 2000))
    parts = [part for part in shapely.get_parts(shapely.line_merge(line)) if part.length > REACH]
    depth, half = DEPTHS.get(name, DEPTH), max(WIDTHS[name] / 2, 0.8 * cell)
    shapes = []
    for part in parts:
        stops = np.linspace(0, part.length, max(int(part.length / REACH), 1) + 1)
        xy = shapely.get_coordinates(shapely.line_interpolate_point(part, stops))
        bed = np.minimum.accumulate(ground.real.height(xy[:, 0], xy[:, 1])) - depth
        for k in range(len(stops) - 1):
            reach = shapely.ops.substring(part, stops[k], stops[k + 1])
            width, level = (half + 2 * cell, bed[k] + depth / 2) if berm else (half, bed[k])
            shapes.append((reach.buffer(width), float(level)))
    return shapes

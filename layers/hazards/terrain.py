"""Ground made fit for water: mosaics of tiles, sinks filled or breached, rivers burned in, low places listed.

Ground is float64, row 0 in the north, NaN no data. Water leaves over the edge and into no data.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, label, maximum_position

from layers.errors import BadInput
from layers.grid import Grid
from layers.hazards.rasterise import burn
from layers.hazards.reach import Array, put, spill_heights, take_lowest
from layers.kernels import Kernel
from layers.layer import Shapes
from layers.progress import Progress, ignore

_EIGHT = np.ones((3, 3), np.bool_)
_PORTION = 100_000
_DROW = np.array([-1, -1, -1, 0, 0, 1, 1, 1], np.int64)
_DCOLUMN = np.array([-1, 0, 1, -1, 1, -1, 0, 1], np.int64)
_UNSEEN, _OUTLET = -2, -1


MOST_EMPTY = 100
"""Cells of a mosaic for one that a tile holds."""
SMALL = 10**8
"""Cells of a mosaic that may always be made."""


def mosaic(tiles: Sequence[Grid]) -> tuple[Grid, float]:
    """Tiles of one lattice as one grid; where several have a value, the first one's stands.

    Parameters
    ----------
    tiles : sequence of Grid
        Of one CRS and size of cells, their cells in line with each other.

    Returns
    -------
    grid : Grid
        NaN where no tile has a value.
    difference : float
        Greatest difference between tiles where they overlap.

    Raises
    ------
    BadInput
        A tile does not fit the first, both are named; or they lie so far apart that nearly all between them
        would be empty.
    """
    first = tiles[0].lattice
    for tile in tiles[1:]:
        other = tile.lattice
        east, south = (other.west - first.west) / first.cell, (first.north - other.north) / first.cell
        astray = max(abs(east - round(east)), abs(south - round(south)))
        if other.crs != first.crs or abs(other.cell - first.cell) > 1e-9 * first.cell or astray > 1e-3:
            raise BadInput("grids_differ", first=first, second=other)
    extents = [tile.lattice.extent for tile in tiles]
    west, north = min(e.west for e in extents), max(e.north for e in extents)
    rows = round((north - min(e.south for e in extents)) / first.cell)
    columns = round((max(e.east for e in extents) - west) / first.cell)
    held = sum(tile.lattice.rows * tile.lattice.columns for tile in tiles)
    if rows * columns > max(MOST_EMPTY * held, SMALL):
        raise BadInput("tiles_far_apart", cells=f"{rows * columns:,}", held=f"{held:,}")
    lattice = replace(first, west=west, north=north, rows=rows, columns=columns)
    values, difference = np.full(lattice.shape, np.nan), 0.0
    for tile in tiles:
        row = round((north - tile.lattice.north) / first.cell)
        column = round((tile.lattice.west - west) / first.cell)
        part = values[row : row + tile.lattice.rows, column : column + tile.lattice.columns]
        apart = np.abs(part - tile.values)
        difference = max(difference, float(apart[np.isfinite(apart)].max(initial=0.0)))
        part[:] = np.where(np.isfinite(part), part, tile.values)
    return Grid(values, lattice, tiles[0].unit), difference


def _outlets(ground: Array) -> NDArray[np.bool_]:
    """Cells from which water leaves: those of the edge and those beside no data."""
    known = np.isfinite(ground)
    outside = np.pad(~known, 1, constant_values=True)
    beside: NDArray[np.bool_] = binary_dilation(outside, _EIGHT)[1:-1, 1:-1]
    return known & beside


def filled(ground: Array, progress: Progress = ignore) -> Array:
    """The ground with every sink filled to where it spills (Barnes, Lehman & Mulla 2014).

    Parameters
    ----------
    ground : ndarray of float64, shape (rows, columns)

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        Nowhere below the ground; flat in what was filled.
    """
    return spill_heights(ground, np.where(_outlets(ground), ground, np.nan), progress)


def breached(ground: Array, progress: Progress = ignore) -> Array:
    """The ground with a way cut out of every sink, and nothing filled (Lindsay 2016, complete breaching).

    From each sink the way to the outlet over the lowest saddle is lowered to the bottom of the sink.

    Parameters
    ----------
    ground : ndarray of float64, shape (rows, columns)

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        Nowhere above the ground; from every cell a way leads out that never rises.
    """
    cut = ground.copy()
    before = np.full(ground.size, _UNSEEN, np.int64)
    first = np.flatnonzero(_outlets(ground))
    first = first[np.argsort(ground.ravel()[first], kind="stable")]  # a sorted row is a heap
    keys, cells = np.zeros(ground.size), np.zeros(ground.size, np.int64)
    keys[: len(first)], cells[: len(first)], before[first] = ground.ravel()[first], first, _OUTLET
    size, settled = len(first), 0
    while size:
        size = _carve(cut, before, keys, cells, size, _PORTION)
        settled += _PORTION
        progress(min(settled / ground.size, 1.0))
    return cut


@Kernel
def _carve(
    ground: Array,
    before: NDArray[np.int64],
    keys: Array,
    cells: NDArray[np.int64],
    size: int,
    portion: int,
) -> int:
    """Take up to `portion` cells off the heap, lowest first; a neighbour that lies lower cuts its way out."""
    rows, columns = ground.shape
    for _ in range(portion):
        if size == 0:
            break
        cell = cells[0]
        size = take_lowest(keys, cells, size)
        row, column = cell // columns, cell % columns
        for k in range(8):
            r, c = row + _DROW[k], column + _DCOLUMN[k]
            if not (0 <= r < rows and 0 <= c < columns) or np.isnan(ground[r, c]):
                continue
            other = r * columns + c
            if before[other] != -2:
                continue
            before[other] = cell
            bottom, at = ground[r, c], cell
            while at >= 0 and ground[at // columns, at % columns] > bottom:
                ground[at // columns, at % columns] = bottom
                at = before[at]
            put(keys, cells, size, bottom, other)
            size += 1
    return size


def burned(ground: Grid, lines: Shapes, depth: float) -> Array:
    """The ground lowered by `depth`, m, in every cell that a line touches: rivers that the tiles bridge."""
    touched = burn(lines, np.ones(len(lines)), ground.lattice, empty=0.0, touched=True)
    return np.where(touched > 0, ground.values - depth, ground.values)


def depressions(
    ground: Grid, least_depth: float = 0.1, least_area: float = 0.0
) -> tuple[pd.DataFrame, Array]:
    """Low places: where water stands before it runs off.

    Parameters
    ----------
    ground : Grid
        m.
    least_depth : float
        m; shallower ones are left out.
    least_area : float
        m²; smaller ones are left out.

    Returns
    -------
    table : DataFrame
        ``number, x, y, bottom_m, level_m, depth_m, area_m2, volume_m3``, the greatest volume first; x, y is
        the centre of the deepest cell, the level that at which it spills.
    depth : ndarray of float64, shape (rows, columns)
        Depth of those listed, m; 0 elsewhere, NaN where there is no data.
    """
    lattice, area = ground.lattice, ground.lattice.cell**2
    depth = filled(ground.values) - ground.values
    numbers, count = label(np.nan_to_num(depth) > 0, _EIGHT)
    every = np.arange(1, count + 1)
    flat = numbers.ravel()
    cells = np.bincount(flat, minlength=count + 1)[1:]
    volume = np.bincount(flat, np.nan_to_num(depth).ravel(), minlength=count + 1)[1:] * area
    where = np.array(maximum_position(np.nan_to_num(depth), numbers, every), np.intp).reshape(-1, 2)
    row, column = where[:, 0], where[:, 1]
    table = pd.DataFrame(
        {
            "label": every,
            "x": lattice.west + (column + 0.5) * lattice.cell,
            "y": lattice.north - (row + 0.5) * lattice.cell,
            "bottom_m": ground.values[row, column],
            "level_m": ground.values[row, column] + depth[row, column],
            "depth_m": depth[row, column],
            "area_m2": cells * area,
            "volume_m3": volume,
        }
    )
    table = table[(table["depth_m"] >= least_depth) & (table["area_m2"] >= least_area)]
    table = table.sort_values("volume_m3", ascending=False, kind="stable").reset_index(drop=True)
    kept = np.isin(numbers, table["label"])
    table.insert(0, "number", np.arange(1, len(table) + 1))
    return table.drop(columns="label"), np.where(np.isnan(depth), np.nan, np.where(kept, depth, 0.0))


def doubtful_share(depth: Array, error: float, wet: float = 0.01) -> float:
    """How much of what is flooded is shallower than the terrain is wrong.

    Parameters
    ----------
    depth : ndarray of float, shape (rows, columns)
        m; NaN is no data.
    error : float
        Stated vertical error of the terrain, m.
    wet : float
        From which depth ground counts as flooded, m.

    Returns
    -------
    float
        Share of the flooded cells, 0 where nothing is flooded; a sheet should say so from a half on.
    """
    water = depth[depth >= wet]
    return float((water < error).mean()) if water.size else 0.0


def compile_kernels() -> None:
    """Compile the kernels into the disk cache, or load them from it."""
    breached(np.zeros((3, 3)))

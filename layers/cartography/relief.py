"""A project's piece as a relief: terrain, buildings with their storeys and the colours of their risk."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from layers.cartography.oblique import Colours, Heights, Relief
from layers.cartography.style import Style
from layers.cartography.timed import style_codes, style_table
from layers.grid import Array, Extent, Lattice
from layers.hazards.rasterise import burn
from layers.progress import Progress, ignore
from layers.storage.drawing import read_drawn
from layers.storage.frames import Piece, read_piece
from layers.storage.geopackage import LayerEntry, ProjectFile

STOREY = 3.0
"""Metres of a storey: 层高 of dwellings, recalled; for the picture only."""
MOST_BUILDINGS = 400_000
SPECK = 1.5
"""Cells below which a building is one cell."""
PLAIN = (205, 190, 165, 255)
"""Colour of a building of which no risk is known."""
Theme = tuple[str, Style]
"""Name and style of the raster whose colours the buildings take."""


def relief_of(
    project: ProjectFile,
    extent: Extent,
    colours: Colours,
    theme: Theme | None = None,
    progress: Progress = ignore,
) -> Relief:
    """The relief of an extent.

    Parameters
    ----------
    project : ProjectFile
    extent : Extent
    colours : ndarray of uint8, shape (n, m, 4)
        The map as a picture of the extent: what lies on the ground. Its cells are the relief's.
    theme : tuple of str and Style, optional
    progress : Progress

    Returns
    -------
    Relief
        Flat where the project has no terrain, without buildings where there are more than are drawn.
    """
    rows, columns = colours.shape[:2]
    lattice = Lattice(extent.west, extent.north, extent.width / columns, rows, columns, project.crs)
    terrain = next((e for e in project.layers() if e.kind == "terrain" and e.geometry == "raster"), None)
    ground = np.zeros((rows, columns), np.float32)
    if terrain is not None:
        path, cell = project.raster_path(terrain.name), lattice.cell
        ground = _filled(fitted(read_piece(path, extent, cell), lattice))
    progress(0.3)
    tops = _tops(project, lattice, progress)
    roofs = np.broadcast_to(np.array(PLAIN, np.uint8), (rows, columns, 4))
    if theme is not None:
        name, style = theme
        piece = read_piece(project.raster_path(name), extent, lattice.cell)
        graded = style_table(style)[style_codes(fitted(piece, lattice), style)]
        roofs = np.where(graded[..., 3:] > 0, graded, roofs)
    progress(1.0)
    return Relief(ground, colours, tops, roofs, lattice.cell)


def fitted(piece: Piece | None, lattice: Lattice) -> Heights:
    """A piece on another lattice, the nearest cell of each; NaN where there is none."""
    if piece is None:
        return np.full(lattice.shape, np.nan, np.float32)
    rows, columns = piece.values.shape
    x = lattice.west + (np.arange(lattice.columns) + 0.5) * lattice.cell
    y = lattice.north - (np.arange(lattice.rows) + 0.5) * lattice.cell
    box = piece.extent
    column = np.floor((x - box.west) / box.width * columns).astype(np.int64)
    row = np.floor((box.north - y) / box.height * rows).astype(np.int64)
    near = piece.values[np.clip(row, 0, rows - 1)][:, np.clip(column, 0, columns - 1)]
    found = np.array(near, np.float32)
    found[(row < 0) | (row >= rows)] = np.nan
    found[:, (column < 0) | (column >= columns)] = np.nan
    return found


def _filled(values: Heights) -> Heights:
    known = np.isfinite(values)
    lowest = values[known].min() if known.any() else np.float32(0)
    return np.asarray(np.where(known, values, lowest), np.float32)


def _tops(project: ProjectFile, lattice: Lattice, progress: Progress) -> Heights:
    entry = project.first("building")
    none = np.zeros(lattice.shape, np.float32)
    if entry is None or entry.geometry != "polygon" or _expected(entry, lattice.extent) > MOST_BUILDINGS:
        return none
    layer, _ = read_drawn(project.path, entry, _columns(project, entry.name), lattice.extent, progress)
    heights = _storeys(layer.attributes.get("storeys"), len(layer)) * STOREY
    is_speck = np.ptp(layer.shapes.boxes.reshape(-1, 2, 2), axis=1).max(axis=1) < SPECK * lattice.cell
    large = layer.shapes.take(~is_speck)
    burnt: Array = burn(large, heights[~is_speck], lattice, empty=0.0, touched=lattice.cell > 4.0)
    _strew(burnt, layer.shapes.boxes[is_speck], heights[is_speck], lattice)
    return burnt.astype(np.float32)


def _strew(tops: Array, boxes: Array, heights: Array, lattice: Lattice) -> None:
    """Each into the cell of its middle; the highest stands."""
    column = np.floor(((boxes[:, 0] + boxes[:, 2]) / 2 - lattice.west) / lattice.cell).astype(np.int64)
    row = np.floor((lattice.north - (boxes[:, 1] + boxes[:, 3]) / 2) / lattice.cell).astype(np.int64)
    inside = (row >= 0) & (row < lattice.rows) & (column >= 0) & (column < lattice.columns)
    np.maximum.at(tops, (row[inside], column[inside]), heights[inside])


def _expected(entry: LayerEntry, extent: Extent) -> float:
    """About how many rows of a layer lie in an extent: towns are three times as dense as the whole."""
    if entry.extent is None:
        return 0.0
    whole = max(entry.extent.width * entry.extent.height, 1.0)
    return entry.rows * min(3 * extent.width * extent.height / whole, 1.0)


def _columns(project: ProjectFile, name: str) -> tuple[str, ...]:
    return ("storeys",) if "storeys" in project.columns(name) else ()


def _storeys(column: object, count: int) -> Array:
    if column is None:
        return np.ones(count)
    values: NDArray[np.float64] = np.asarray(column, np.float64)
    return np.where(np.isfinite(values) & (values > 0), values, 1.0)


Read = Callable[[Extent, float], Piece | None]
"""Depths of water of an extent, at metres a cell."""


def flooded(relief: Relief, extent: Extent, read: Read, style: Style) -> Relief:
    """The relief under the water of a time."""
    rows, columns = relief.ground.shape
    lattice = Lattice(extent.west, extent.north, relief.cell, rows, columns, "")
    depths = fitted(read(extent, relief.cell), lattice)
    return relief.flooded(depths, style_table(style)[style_codes(depths, style)])

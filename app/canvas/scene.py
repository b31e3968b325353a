"""Scene: which layers are drawn, in which order and style; and the shelf where they lie in memory."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.cartography.style import Style
from layers.grid import Extent, Grid, Lattice
from layers.layer import VectorLayer
from layers.progress import Progress
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.rasters import read_grid

WHOLE_ROWS = 400_000
"""Layers with more rows are read by extent."""
WHOLE_CELLS = 3_000_000
"""Rasters with more cells are read at the resolution of the screen."""


@dataclass(frozen=True)
class Drawable:
    """A layer and how it is drawn; `only`: a column and the value of the rows that are."""

    entry: LayerEntry
    style: Style
    opacity: float = 1.0
    only: tuple[str, str] | None = None

    def is_drawn_at(self, denominator: float) -> bool:
        """Whether the style draws the layer at a scale."""
        return self.style.smallest_scale == 0 or denominator <= self.style.smallest_scale

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that drawing needs."""
        label = self.style.label
        wanted = (self.style.field, label.field if label else "", self.only[0] if self.only else "")
        return tuple({column for column in wanted if column})


class Shelf:
    """Layers of one project in memory, for the thread that draws.

    Parameters
    ----------
    path : Path
        The project; opened read-only, by and for this thread.
    """

    def __init__(self, path: Path) -> None:
        self._project = ProjectFile.open(path, read_only=True)
        self._vectors: dict[tuple[str, ...], tuple[Extent | None, VectorLayer]] = {}
        self._grids: dict[str, Grid] = {}
        self._anchors: dict[int, NDArray[np.float64]] = {}

    def close(self) -> None:
        """Let the project go."""
        self._project.close()

    def forget(self, tables: frozenset[str]) -> None:
        """Read these anew when they are next wanted."""
        self._vectors = {key: kept for key, kept in self._vectors.items() if key[0] not in tables}
        self._grids = {name: grid for name, grid in self._grids.items() if name not in tables}

    def layer(
        self, drawable: Drawable, extent: Extent, pixel: float, progress: Progress
    ) -> VectorLayer | Grid:
        """The layer as far as `extent`, at the resolution of the screen."""
        if drawable.entry.geometry == "raster":
            return self._grid(drawable.entry, extent, pixel)
        return self._vector(drawable, extent, progress)

    def anchors(self, layer: VectorLayer) -> NDArray[np.float64]:
        """Where a feature's name is put: on a point inside, or on the middle of a line; shape (n, 2)."""
        found = self._anchors.get(id(layer))
        if found is None:
            found = self._anchors[id(layer)] = anchors(layer)
        return found

    def _vector(self, drawable: Drawable, extent: Extent, progress: Progress) -> VectorLayer:
        entry, only = drawable.entry, drawable.only
        key = (entry.name, *sorted(drawable.columns), *(only or ()))
        kept = self._vectors.get(key)
        if kept is not None and (kept[0] is None or _holds(kept[0], extent)):
            return kept[1]
        wide = None if entry.rows <= WHOLE_ROWS else extent.grown(max(extent.width, extent.height) / 2)
        layer = self._project.read(entry.name, columns=drawable.columns, extent=wide, progress=progress)
        if only is not None:
            layer = layer.take((layer[only[0]] == only[1]).to_numpy(bool))
        self._vectors[key] = wide, layer
        return layer

    def _grid(self, entry: LayerEntry, extent: Extent, pixel: float) -> Grid:
        lattice = entry.lattice
        if lattice is not None and lattice.rows * lattice.columns > WHOLE_CELLS and pixel > lattice.cell:
            target = Lattice.covering(extent, pixel, lattice.crs)
            return read_grid(self._project.raster_path(entry.name), target=target, resampling="nearest")
        if entry.name not in self._grids:
            self._grids[entry.name] = self._project.grid(entry.name)
        return self._grids[entry.name]


def anchors(layer: VectorLayer) -> NDArray[np.float64]:
    """A point of each feature to put its name at, shape (n, 2); NaN where the feature is empty."""
    geometries = layer.shapes.geometries()
    if layer.geometry_kind == "polygon":
        points = shapely.point_on_surface(geometries)
    elif layer.geometry_kind == "line":
        points = shapely.line_interpolate_point(shapely.get_geometry(geometries, 0), 0.5, normalized=True)
    else:
        points = shapely.get_geometry(geometries, 0)
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _holds(outer: Extent, inner: Extent) -> bool:
    return (
        outer.west <= inner.west
        and outer.south <= inner.south
        and outer.east >= inner.east
        and outer.north >= inner.north
    )

"""What lies under a point or in a rectangle; read from the project, so it is as true as the project."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from app.canvas.gestures import Click
from layers.errors import MissingFile
from layers.grid import Extent, Lattice
from layers.layer import VectorLayer
from layers.progress import Progress, part
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.rasters import read_grid

MOST = 12
"""Features that one click names."""


@dataclass(frozen=True, eq=False)
class Found:
    """A feature, or a raster's value, at a point."""

    entry: LayerEntry
    values: dict[str, object]
    geometry: shapely.Geometry | None
    layer: VectorLayer | None = None


def identify(
    project: ProjectFile, entries: Sequence[LayerEntry], click: Click, progress: Progress
) -> tuple[Found, ...]:
    """The features at a point: of each layer the one that holds it or is nearest within reach."""
    found: list[Found] = []
    for number, entry in enumerate(entries):
        progress(number / len(entries))
        hit = (
            _raster(project, entry, click) if entry.geometry == "raster" else _feature(project, entry, click)
        )
        if hit is not None:
            found.append(hit)
    return tuple(found[:MOST])


def select(
    project: ProjectFile, entries: Sequence[LayerEntry], extent: Extent, progress: Progress
) -> tuple[VectorLayer, ...]:
    """The features of each vector layer that meet the rectangle; layers without any are left out."""
    box = shapely.box(*extent)
    chosen: list[VectorLayer] = []
    for number, entry in enumerate(entries):
        if entry.geometry in {"raster", "table"}:
            continue
        step = part(progress, number / len(entries), (number + 1) / len(entries))
        layer = project.read(entry.name, extent=extent, progress=step, strict=False)
        layer = layer.take(shapely.intersects(layer.shapes.geometries(), box))
        if len(layer):
            chosen.append(layer)
    return tuple(chosen)


def _feature(project: ProjectFile, entry: LayerEntry, click: Click) -> Found | None:
    reach = Extent(click.x, click.y, click.x, click.y).grown(click.reach)
    layer = project.read(entry.name, extent=reach, strict=False)
    if not len(layer):
        return None
    geometries = layer.shapes.geometries()
    distances = shapely.distance(geometries, shapely.Point(click.x, click.y))
    row = int(np.nanargmin(distances)) if np.isfinite(distances).any() else 0
    if not distances[row] <= click.reach:
        return None
    return Found(entry, dict(layer.attributes.iloc[row]), geometries[row], layer.take(np.array([row])))


def _raster(project: ProjectFile, entry: LayerEntry, click: Click) -> Found | None:
    lattice = entry.lattice
    if lattice is None or not lattice.extent.meets(Extent(click.x, click.y, click.x, click.y)):
        return None
    try:
        value = value_at(project, entry, click)
    except MissingFile:  # told by who draws it; what else lies here is found
        return None
    return None if np.isnan(value) else Found(entry, {"value": value}, None)


def value_at(project: ProjectFile, entry: LayerEntry, click: Click) -> float:
    """The raster's value at a point: one cell is read, not the raster."""
    lattice = entry.lattice
    assert lattice is not None
    rows, columns, _ = lattice.cells_at(np.array([click.x]), np.array([click.y]))
    west = lattice.west + float(columns[0]) * lattice.cell
    north = lattice.north - float(rows[0]) * lattice.cell
    cell = Lattice(west, north, lattice.cell, 1, 1, lattice.crs)
    grid = read_grid(project.raster_path(entry.name), target=cell, resampling="nearest")
    return float(grid.values[0, 0])

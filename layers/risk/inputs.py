"""The grids that hazard models read, made from the layers of a project."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize

from layers.census.catalogue import catalogue
from layers.errors import BadInput
from layers.grid import Extent, Grid, Lattice
from layers.hazards.earthquake import SITE_CLASSES
from layers.layer import VectorLayer
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.rasters import read_grid


class Maker(Protocol):
    """Makes one input on a lattice."""

    def __call__(self, project: ProjectFile, lattice: Lattice) -> Grid:
        """The grid, NaN outside the regions."""
        ...


def layers_of(project: ProjectFile, kind: str) -> tuple[LayerEntry, ...]:
    """All layers of a kind, in the order of the project."""
    return tuple(entry for entry in project.layers() if entry.kind == kind)


def needed(project: ProjectFile, kind: str) -> tuple[LayerEntry, ...]:
    """All layers of a kind.

    Raises
    ------
    BadInput
        There is none: the kind is named.
    """
    entries = layers_of(project, kind)
    if not entries:
        raise BadInput("layer_missing", kind=kind, title=catalogue()[kind].zh)
    return entries


def lattice_of(project: ProjectFile, cell: float = 90.0) -> Lattice:
    """The lattice that covers the regions of the project, with a margin of one cell.

    Parameters
    ----------
    project : ProjectFile
    cell : float
        Side of a cell, m.
    """
    extents = [entry.extent for entry in needed(project, "county") if entry.extent is not None]
    west, south, east, north = np.array(extents).T
    extent = Extent(west.min(), south.min(), east.max(), north.max())
    return Lattice.covering(extent.grown(cell), cell, project.crs)


def burn(
    lattice: Lattice, layer: VectorLayer, values: NDArray[np.float64] | None = None, *, touched: bool = False
) -> NDArray[np.float64]:
    """Values of features on the cells that they cover; NaN elsewhere. Of several the last counts.

    Parameters
    ----------
    lattice : Lattice
    layer : VectorLayer
        In the lattice's CRS.
    values : ndarray, shape (features,), optional
        1 by default; NaN leaves cells as they are.
    touched : bool
        Every cell that is touched, instead of those whose centre is covered.
    """
    amounts = np.ones(len(layer)) if values is None else values
    pairs = [
        (geometry, value)
        for geometry, value in zip(layer.shapes.geometries(), amounts, strict=True)
        if not shapely.is_empty(geometry) and np.isfinite(value)
    ]
    if not pairs:
        return np.full(lattice.shape, np.nan)
    burnt: NDArray[np.float64] = rasterize(
        pairs,
        out_shape=lattice.shape,
        transform=Affine(*lattice.transform),
        fill=np.nan,
        all_touched=touched,
        dtype="float64",
    )
    return burnt


def _terrain(project: ProjectFile, lattice: Lattice) -> Grid:
    """The finest terrain; a lake at its design level."""
    finest = min(needed(project, "terrain"), key=_cell_of)
    grid = read_grid(project.raster_path(finest.name), target=lattice, resampling="average")
    values = grid.values.copy()
    for entry in layers_of(project, "lake"):
        lake = project.read(entry.name)
        water = burn(lattice, lake, _numbers(lake, "level"))
        values = np.where(np.isfinite(water), np.fmax(water, values), values)
    return Grid(values, lattice, "m")


def _cell_of(entry: LayerEntry) -> float:
    """Side of a raster's cells, in degrees or metres: degrees are coarse terrain, so put last."""
    if entry.lattice is None:
        return np.inf
    return entry.lattice.cell if entry.lattice.cell >= 1 else entry.lattice.cell * 111_000


def _drainage(project: ProjectFile, lattice: Lattice) -> Grid:
    wet = np.zeros(lattice.shape)
    for entry in (*needed(project, "river"), *layers_of(project, "lake")):
        burnt = burn(lattice, project.read(entry.name, columns=()), touched=entry.kind == "river")
        wet = np.where(np.isfinite(burnt), 1.0, wet)
    return Grid(wet, lattice)


def _levee(project: ProjectFile, lattice: Lattice) -> Grid:
    crest = np.zeros(lattice.shape)
    for entry in layers_of(project, "levee"):
        levee = project.read(entry.name)
        crest = np.fmax(crest, burn(lattice, levee, _numbers(levee, "crest"), touched=True))
    return Grid(crest, lattice, "m")


def _pga(project: ProjectFile, lattice: Lattice) -> Grid:
    """The zoning table, joined to the counties by code."""
    zones = project.read(needed(project, "seismic_zone")[0].name)
    county = project.read(needed(project, "county")[0].name)
    by_code = dict(zip(zones["code"].astype(str), _numbers(zones, "pga"), strict=True))
    pga = county["code"].astype(str).map(by_code).to_numpy(np.float64)
    return Grid(burn(lattice, county, pga), lattice, "g")


def _site_class(project: ProjectFile, lattice: Lattice) -> Grid:
    """Class II where the project holds no site classes: what the zoning itself is given for."""
    entries = layers_of(project, "site_class")
    if not entries:
        return Grid(np.full(lattice.shape, float(SITE_CLASSES.index("II"))), lattice)
    layer = project.read(entries[0].name)
    codes = layer["class"].map({name: float(code) for code, name in enumerate(SITE_CLASSES)})
    return Grid(burn(lattice, layer, codes.to_numpy(np.float64)), lattice)


def _fuel(project: ProjectFile, lattice: Lattice) -> Grid:
    path = project.raster_path(needed(project, "fuel")[0].name)
    return read_grid(path, target=lattice, resampling="nearest")


def _slope(project: ProjectFile, lattice: Lattice) -> Grid:
    """Tangent of the slope of the terrain without its lakes' surface."""
    values = _terrain(project, lattice).values
    north, east = np.gradient(values, lattice.cell)
    return Grid(np.hypot(north, east), lattice)


def _dry_season_rain(project: ProjectFile, lattice: Lattice) -> Grid:
    """Rain of the three driest months in a row, of twelve bands."""
    path = project.raster_path(needed(project, "rainfall")[0].name)
    months = np.stack([read_grid(path, band=band, target=lattice).values for band in range(1, 13)])
    seasons = months + np.roll(months, 1, axis=0) + np.roll(months, 2, axis=0)
    return Grid(seasons.min(axis=0), lattice, "mm")


MAKERS: Mapping[str, Maker] = {
    "terrain": _terrain,
    "drainage": _drainage,
    "levee": _levee,
    "pga": _pga,
    "site_class": _site_class,
    "fuel": _fuel,
    "slope": _slope,
    "dry_season_rain": _dry_season_rain,
}

KINDS_READ: Mapping[str, tuple[str, ...]] = {
    "terrain": ("terrain", "lake"),
    "drainage": ("river", "lake"),
    "levee": ("levee",),
    "pga": ("seismic_zone", "county"),
    "site_class": ("site_class",),
    "fuel": ("fuel",),
    "slope": ("terrain",),
    "dry_season_rain": ("rainfall",),
}


def within_regions(project: ProjectFile, grid: Grid) -> Grid:
    """The grid with no data outside the counties."""
    county = project.read(needed(project, "county")[0].name, columns=())
    inside = np.isfinite(burn(grid.lattice, county))
    return grid.like(np.where(inside, grid.values, np.nan))


def _numbers(layer: VectorLayer, column: str) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = pd.to_numeric(layer[column], errors="coerce").to_numpy(np.float64)
    return numbers

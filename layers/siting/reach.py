"""What is reached from stations within some minutes, and which burnable ground is not."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes as outlines
from rasterio.transform import Affine

from layers.grid import Array, Grid
from layers.hazards.inputs import code_text
from layers.hazards.source import Reading, Source
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.siting.arcs import Mask
from layers.siting.closing import Closing
from layers.siting.network import by_vehicle
from layers.siting.paths import Access, isochrone
from layers.siting.relief_study import open_roads, origin_of, places_of, stations_of
from layers.storage.rasters import read_grid
from layers.words import Language, say

Cells = NDArray[np.intp]

NOT_BURNABLE = (91.0, 100.0)
"""Fuel models that do not burn, from and below."""
BESIDE = 300.0
"""How far from the road a crew works, m (assumed)."""


class Reach(NamedTuple):
    """What is reached from stations within some minutes.

    Parameters
    ----------
    layer : VectorLayer
        The ground, kind ``response_area``.
    beyond : VectorLayer or None
        Burnable ground that is not reached, kind ``fuel_beyond``; none without fuel models.
    burnable, reached : float
        km² of burnable fuel, and of it within reach; NaN without fuel models.
    table : pandas.DataFrame
        By county: ``name, burnable, reached`` (km²), ``share`` (per cent of the burnable ground).
    """

    layer: VectorLayer
    beyond: VectorLayer | None
    burnable: float
    reached: float
    table: pd.DataFrame


def fire_reach(
    project: Source,
    minutes: float,
    language: Language,
    progress: Progress = ignore,
    *,
    kind: str = "fire_station",
    beside: float = BESIDE,
    closing: Closing | None = None,
) -> Reach:
    """Ground within reach of stations along roads, against burnable fuel.

    Parameters
    ----------
    project : Source
    minutes : float
    language : {"zh_CN", "en"}
    progress : Progress
    kind : str
        Of the layer of stations.
    beside : float
        How far from the road they work, m.
    closing : Closing, optional
        The roads that an event closes.

    Raises
    ------
    MissingLayer
        No stations, or no roads.
    """
    stations = stations_of(project, kind)
    access = Access.of(open_roads(project, by_vehicle(), closing), places_of(stations))
    progress(0.3)
    ground = isochrone(access, np.arange(len(stations)), minutes * 60, beside)
    progress(0.6)
    title = say(
        "relief.response_layer", language, minutes=f"{minutes:g}", kind=say(f"relief.by.{kind}", language)
    )
    table = pd.DataFrame({"minutes": [minutes], "area_km2": [float(shapely.area(ground)) / 1e6]})
    origin = origin_of(project, language)
    layer = VectorLayer("response_area", "response_area", project.crs, Shapes.of([ground], "polygon"), table,
                        title, (), origin)  # fmt: skip
    fuel = _burnable(project)
    if fuel is None:
        nothing = pd.DataFrame(columns=["name", "burnable", "reached", "share"])
        return Reach(layer, None, float("nan"), float("nan"), nothing)
    row, column = np.nonzero(fuel.values)
    x, y = _places(fuel, row, column)
    shapely.prepare(ground)
    inside = shapely.contains_xy(ground, x, y)
    progress(0.8)
    cell = fuel.lattice.cell**2 / 1e6
    beyond = _beyond(fuel, row[~inside], column[~inside], say("relief.beyond_layer", language))
    progress(1.0)
    counties = _by_county(project, x, y, inside, cell)
    return Reach(layer, beyond, len(x) * cell, float(inside.sum()) * cell, counties)


def _burnable(project: Source) -> Grid | None:
    """1 where fuel burns, 0 elsewhere."""
    reading = Reading(project)
    entry = reading.first("fuel")
    if entry is None:
        return None
    grid = read_grid(reading.raster(entry))
    bare = (grid.values >= NOT_BURNABLE[0]) & (grid.values < NOT_BURNABLE[1])
    return grid.like((np.isfinite(grid.values) & ~bare).astype(np.float64), "")


def _places(grid: Grid, row: Cells, column: Cells) -> tuple[Array, Array]:
    lattice = grid.lattice
    x: Array = lattice.west + (np.asarray(column, np.float64) + 0.5) * lattice.cell
    y: Array = lattice.north - (np.asarray(row, np.float64) + 0.5) * lattice.cell
    return x, y


def _beyond(fuel: Grid, row: Cells, column: Cells, title: str) -> VectorLayer | None:
    cells = np.zeros(fuel.values.shape, np.uint8)
    cells[row, column] = 1
    transform = Affine(*fuel.lattice.transform)
    found = [shapely.geometry.shape(each) for each, _ in outlines(cells, mask=cells > 0, transform=transform)]
    if not found:
        return None
    table = pd.DataFrame({"area_km2": np.round(shapely.area(found) / 1e6, 4)})
    return VectorLayer(
        "fuel_beyond", "fuel_beyond", fuel.lattice.crs, Shapes.of(found, "polygon"), table, title
    )


def _by_county(project: Source, x: Array, y: Array, inside: Mask, cell: float) -> pd.DataFrame:
    counties = Reading(project).read_first("county", "name")
    rows = []
    for name, shape in (
        () if counties is None else zip(counties["name"], counties.shapes.geometries(), strict=True)
    ):
        shapely.prepare(shape)
        here = shapely.contains_xy(shape, x, y)
        burnable, reached = float(here.sum()) * cell, float((here & inside).sum()) * cell
        share = round(100 * reached / burnable, 1) if burnable else float("nan")
        rows.append((code_text(name), round(burnable, 2), round(reached, 2), share))
    return pd.DataFrame(rows, columns=["name", "burnable", "reached", "share"])

"""What follows from a simulated flood, as layers: flooded areas, units to evacuate, closed roads."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import rasterio
import shapely
from numpy.typing import NDArray

from layers.grid import Grid
from layers.hazards.inputs import code_text
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.source import Reading, Source
from layers.hazards.standards import standard
from layers.late import Late
from layers.layer import Provenance, Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.risk.assessment import RiskResult
from layers.risk.companions import FRAMES, Companions
from layers.risk.damage import WaterDamage
from layers.risk.evacuation_units import EVACUATED, evacuation_units
from layers.risk.exposure import ROAD_STEP, steps
from layers.risk.hydrographs import hydrograph_layers
from layers.risk.loss import loss_of
from layers.risk.valuation import Valuation
from layers.storage.frames import frame_times
from layers.storage.rasters import read_grid

features = Late("rasterio.features")

Array = NDArray[np.float64]

CLOSED = 0.3
"""Depth from which a road is closed to vehicles, m: cars float or stall at about 30 cm (recalled)."""

FOLLOWING = frozenset(
    {"flood_extent", "closed_road", "flood_gauge", "flood_section", "hydrograph", *EVACUATED}
)
"""Kinds of what follows from a run: those of an earlier run go with it."""

SMALLEST = 10_000.0
"""Flooded areas below this are drawn with their neighbours, m²."""


def consequences(project: Source, run: RiskResult, progress: Progress = ignore) -> tuple[VectorLayer, ...]:
    """The layers that follow from a run of a flood scenario.

    Parameters
    ----------
    project : Source
    run : RiskResult
        Of hazard ``inundation``, with its companions.
    progress : Progress

    Returns
    -------
    tuple of VectorLayer
        Of the kinds in `FOLLOWING`; those that would be empty are left out.
    """
    found = run.hazard_result
    assert found.intensity is not None
    assert found.companions is not None
    source = run.provenance
    areas = _areas(found.intensity, source)
    progress(0.3)
    lost = loss_of(project, found, run.vulnerability, Valuation(), part(progress, 0.3, 0.6))
    units = evacuation_units(project, found.intensity, found.companions, lost, source)
    roads = _roads(project, found.intensity, found.companions, source, part(progress, 0.6, 1.0))
    told: tuple[VectorLayer, ...] = ()
    if isinstance(found.model, InundationScenario):
        told = hydrograph_layers(found.model, found.companions, found.intensity.lattice.crs, source)
    return tuple(layer for layer in (areas, units, roads, *told) if layer is not None and len(layer))


def _areas(depth: Grid, provenance: Provenance) -> VectorLayer | None:
    """One feature a depth class of the standards."""
    table = standard("flood_depth_classes")
    lower = np.maximum(table["depth_low_m"].to_numpy(np.float64), WaterDamage.least)
    numbers = np.searchsorted(lower, np.nan_to_num(depth.values), side="right").astype(np.uint8)
    parts = list(_polygons(numbers, depth))
    kept = [number for number in range(1, len(lower) + 1) if any(number == each for each, _ in parts)]
    if not kept:
        return None
    shapes = [shapely.MultiPolygon([shape for each, shape in parts if each == k]) for k in kept]
    rows = table.iloc[[k - 1 for k in kept]]
    columns = {
        "class": rows["class"].to_numpy(),
        "depth_low": lower[[k - 1 for k in kept]],
        "depth_high": rows["depth_high_m"].to_numpy(np.float64),
        "area": [shapely.area(shape) / 1e6 for shape in shapes],
    }
    return _layer("flood_extent", shapes, columns, depth, provenance)


def _polygons(numbers: NDArray[np.uint8], depth: Grid) -> Iterator[tuple[int, shapely.Polygon]]:
    cells = max(int(SMALLEST / depth.lattice.cell**2), 1)
    if cells > 1 and numbers.any():
        numbers = features.sieve(numbers, cells)
    transform = rasterio.Affine(*depth.lattice.transform)
    for shape, number in features.shapes(numbers, mask=numbers > 0, transform=transform):
        yield int(number), shapely.geometry.shape(shape)


def _roads(
    project: Source, depth: Grid, companions: Companions, provenance: Provenance, progress: Progress
) -> VectorLayer | None:
    """Roads under water too deep to drive through: where, and between which frames of the run."""
    layer = Reading(project).read("road", "name", "class")
    if layer is None:
        return None
    x, y, length, road = steps(layer.shapes, ROAD_STEP)
    deep = np.flatnonzero(np.nan_to_num(depth.at(x, y)) >= CLOSED)
    if not len(deep):
        return None
    x, y, length, road = x[deep], y[deep], length[deep], road[deep]
    closed, place = np.unique(road, return_inverse=True)
    start, end = _closure(x, y, place, len(closed), companions, progress)
    greatest = np.zeros(len(closed))
    np.maximum.at(greatest, place, depth.at(x, y))
    rows = layer.attributes.iloc[closed]
    columns = {
        "name": [code_text(name) for name in rows["name"]],
        "class": [code_text(name) for name in rows["class"]],
        "closed_from": start,
        "closed_to": end,
        "depth": greatest.round(2),
        "length": (np.bincount(place, length) / 1000.0).round(3),
    }
    under = shapely.union_all(
        [shape for _, shape in _polygons((depth.values >= CLOSED).astype(np.uint8), depth)]
    )
    shapely.prepare(under)
    whole = layer.shapes.geometries(closed)
    parts = shapely.intersection(whole, under)
    lines = [part if part.length else line for part, line in zip(parts, whole, strict=True)]
    return _layer("closed_road", [_lines(line) for line in lines], columns, depth, provenance)


def _closure(
    x: Array, y: Array, place: NDArray[np.intp], count: int, companions: Companions, progress: Progress
) -> tuple[Array, Array]:
    """Hours from which to which each road is closed: the frame before the first and after the last in which
    it is; NaN at the end if it stays closed.
    """
    start, end = np.full(count, np.nan), np.full(count, np.nan)
    path = companions.files.get(FRAMES)
    times = () if path is None else frame_times(path)
    before = 0.0
    for band, time in enumerate(times, 1):
        assert path is not None
        water = np.nan_to_num(read_grid(path, band=band).at(x, y))
        is_closed = np.bincount(place, water >= CLOSED, count) > 0
        start[is_closed & np.isnan(start)] = before / 3600.0
        end[is_closed] = np.nan
        end[~is_closed & np.isfinite(start) & np.isnan(end)] = time / 3600.0
        before = time
        progress(band / len(times))
    return start, end


def _lines(found: shapely.Geometry) -> shapely.Geometry:
    """The lines of an intersection, without the points in which it touches."""
    return shapely.MultiLineString(
        [each for each in shapely.get_parts(found) if each.geom_type == "LineString"]
    )


def _layer(
    kind: str,
    shapes: list[shapely.Geometry],
    columns: dict[str, object],
    depth: Grid,
    provenance: Provenance,
) -> VectorLayer:
    rows = pd.DataFrame(columns)
    return VectorLayer(kind, kind, depth.lattice.crs, Shapes.of(shapes), rows, provenance=provenance)

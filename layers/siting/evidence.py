"""What the siting rules read: the layers of a project, found by kind or named by the user."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from layers.errors import BadInput
from layers.grid import Extent, Grid, Lattice
from layers.hazards.inputs import code_text, ground, numbers, slope
from layers.hazards.source import Reading, Source, SourceEntry, entries_of
from layers.late import Late
from layers.layer import Shapes, VectorLayer
from layers.siting.rules import Evidence, Rule
from layers.siting.scenario import DEPTHS
from layers.storage.rasters import read_grid

ndimage = Late("scipy.ndimage")
STOREY = 3.0
"""Height of a storey, m (assumed): a building's height is its storeys times this."""
SLOPE_CELL = 90.0
LEVEL_CELL, WATER_REACH = 30.0, 2000.0
"""Cells on which levels of water are reckoned; so far from water they say nothing, m (assumed)."""
GRIDS = ("flood_depth", "freeboard", "slope")
"""Evidence that is measured at a place."""
_MADE_OR_STORED = ("危险化学品生产", "危险化学品储存", "烟花爆竹")
_SOLD_OR_USED = ("危险化学品经营", "危险化学品使用")
_CLOSED = ("退出",)


def evidence_of(
    project: Source, rules: Sequence[Rule], sites: VectorLayer, named: Mapping[str, str]
) -> dict[str, Evidence]:
    """What each rule can be judged by.

    Parameters
    ----------
    project : Source
    rules : sequence of Rule
        Only what they read is looked for.
    sites : VectorLayer
        Evidence is read about them only.
    named : mapping of str to str
        Layers of the project that the user names, by name of the evidence.

    Returns
    -------
    dict of str to VectorLayer or Grid
        Without those that the project has nothing for. The depth of a flood comes from the scenario.
    """
    found: dict[str, Evidence] = {}
    for name, first in {rule.evidence: rule for rule in reversed(rules) if rule.evidence}.items():
        reach = max((_reach(rule) for rule in rules if rule.evidence == name), default=0.0)
        extent = sites.shapes.extent
        assert extent is not None
        maker = FINDERS.get(name)
        if named.get(name):
            evidence: Evidence | None = _named(project, first, named[name], extent)
        else:
            evidence = None if maker is None else maker(project, extent.grown(reach + 1.0), sites)
        if evidence is not None and (isinstance(evidence, Grid) or len(evidence)):
            found[name] = evidence
    return found


def can_be_named(rule: Rule, entry: SourceEntry) -> bool:
    """Whether a user may name this layer as the evidence of a rule."""
    if rule.evidence == "freeboard":
        return entry.lattice is not None and entry.kind in DEPTHS
    if rule.evidence in GRIDS:
        return entry.lattice is not None
    return entry.lattice is None and not entry.kind.startswith("plan_")


def _named(project: Source, rule: Rule, layer: str, extent: Extent) -> Evidence:
    """A layer that the user names: a raster for what is measured at a place, else a layer of features.

    Raises
    ------
    BadInput
        It is of the other kind; or it holds no depths of water, from which levels are reckoned.
    """
    entry = next(each for each in project.layers() if each.name == layer)
    if not can_be_named(rule, entry):
        raise BadInput("evidence_form", layer=layer, name=rule.evidence)
    if rule.evidence not in GRIDS:
        return project.read(layer)
    if rule.evidence == "freeboard":
        return _freeboard(Reading(project), entry, extent)
    return read_grid(Reading(project).raster(entry))


def _freeboard(reading: Reading, entry: SourceEntry, extent: Extent) -> Grid:
    """Height of the ground above the level that a flood has next to it, m; under water below 0.

    NaN where no water comes within `WATER_REACH`, and beyond the raster of the flood's depths.
    """
    cell = LEVEL_CELL if entry.lattice is None else max(entry.lattice.cell, LEVEL_CELL)
    lattice = Lattice.covering(extent.grown(WATER_REACH), cell, reading.source.crs)
    water = read_grid(reading.raster(entry), target=lattice, resampling="average").values
    heights = ground(reading, lattice)
    wet = np.nan_to_num(water) > 0
    if not wet.any():
        return heights.like(np.full(lattice.shape, np.nan), "m")
    apart, (row, column) = ndimage.distance_transform_edt(~wet, cell, return_indices=True)
    level = (heights.values + water)[row, column]
    known = np.isfinite(water) & (apart <= WATER_REACH)
    return heights.like(np.where(known, heights.values - level, np.nan), "m")


def _reach(rule: Rule) -> float:
    """As far as a rule may look, m."""
    return max(0.0 if np.isnan(rule.value) else rule.value, 200.0) if rule.test == "near" else 0.0


Finder = Callable[[Source, Extent, VectorLayer], Evidence | None]


def _enterprises(types: Sequence[str]) -> Finder:
    def find(project: Source, extent: Extent, sites: VectorLayer) -> Evidence | None:
        layer = Reading(project).read("enterprise", "name", "type", "status", "safety_distance")
        if layer is None:
            return None
        kept = layer["type"].map(code_text).isin(types) & ~layer["status"].map(code_text).isin(_CLOSED)
        return layer.take(kept.to_numpy())

    return find


def _floodways(project: Source, extent: Extent, sites: VectorLayer) -> Evidence | None:
    """Beds of rivers, by their width, and lakes."""
    reading, parts, names = Reading(project), [], []
    rivers = reading.read("river", "name", "width")
    if rivers is not None:
        width = np.nan_to_num(numbers(rivers["width"]))
        parts.append(shapely.buffer(rivers.shapes.geometries(), np.maximum(width, 1.0) / 2))
        names += list(rivers["name"].map(code_text))
    lakes = reading.read("lake", "name")
    if lakes is not None:
        parts.append(lakes.shapes.geometries())
        names += list(lakes["name"].map(code_text))
    if not parts:
        return None
    shapes = Shapes.of(np.concatenate(parts), "polygon")
    return VectorLayer("floodway", "", project.crs, shapes, pd.DataFrame({"name": names}))


def _buildings(project: Source, extent: Extent, sites: VectorLayer) -> Evidence | None:
    """Buildings near the sites, with their heights."""
    near = []
    for entry in entries_of(project, "building"):
        for box in sites.shapes.boxes:
            around = Extent(*box.tolist()).grown(100.0)
            near.append(project.read(entry.name, columns=("storeys",), extent=around))
    kept = [layer for layer in near if len(layer)]
    if not kept:
        return None
    shapes = np.concatenate([layer.shapes.geometries() for layer in kept])
    height = np.concatenate([numbers(layer["storeys"]) for layer in kept]) * STOREY
    table = pd.DataFrame({"height": height})
    return replace(kept[0], shapes=Shapes.of(shapes, "polygon"), attributes=table)


def _slope(project: Source, extent: Extent, sites: VectorLayer) -> Evidence | None:
    """Slope of the terrain, degrees."""
    reading = Reading(project)
    if reading.first("terrain") is None:
        return None
    lattice = Lattice.covering(extent.grown(SLOPE_CELL), SLOPE_CELL, project.crs)
    tangent = slope(reading, lattice)
    return tangent.like(np.degrees(np.arctan(tangent.values)), "°")


def _of_kind(kind: str) -> Finder:
    return lambda project, extent, sites: Reading(project).read(kind)


FINDERS: Mapping[str, Finder] = {
    "hazardous_enterprise": _enterprises(_MADE_OR_STORED),
    "explosive_plant": _enterprises(_MADE_OR_STORED),
    "fire_source": _enterprises(_SOLD_OR_USED),
    "floodway": _floodways,
    "building": _buildings,
    "slope": _slope,
    "geological_hazard": _of_kind("geological_hazard"),
    "power_line": _of_kind("power_line"),
    "pipeline": _of_kind("pipeline"),
}
"""How the evidence of each name is found in a project."""

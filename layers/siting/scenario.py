"""What happens: everybody leaves, an earthquake, a flood, an area that is cleared. Who needs a shelter."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import shapely

from layers.errors import BadInput
from layers.grid import Array, Grid
from layers.hazards.attenuation import ScenarioEarthquake
from layers.hazards.recipe import revived
from layers.hazards.source import Reading, Source, SourceEntry
from layers.layer import VectorLayer
from layers.risk.assessment import hazard_result
from layers.risk.damage import ShakingDamage, WaterDamage
from layers.risk.vulnerability import EarthquakeDamage
from layers.siting.demand import whole_people
from layers.siting.residents import Gathering, Residents
from layers.storage.rasters import read_grid
from layers.words import Language, say

Kind = Literal["everyone", "earthquake", "flood", "area"]
KINDS: tuple[Kind, ...] = ("earthquake", "flood", "area", "everyone")
STAGES = "hazard_flood"
"""Kind of the raster that holds, for each cell, the stage above the drainage at which water reaches it."""
DEPTHS = ("hazard_inundation", "flood_depth", "depth_max", "inundation")
"""Kinds of rasters that hold depths of water, m."""
SHAKEN = ("hazard_shaking", "hazard_earthquake")
"""Kinds of rasters that hold seismic intensities."""


@dataclass(frozen=True)
class Scenario:
    """One event for which shelters are chosen.

    Parameters
    ----------
    kind : {"everyone", "earthquake", "flood", "area"}
        ``area``: all leave the polygons of a layer, such as the footprint of a release or a fire.
    magnitude, x, y, azimuth, zone
        Of an earthquake, see `layers.hazards.attenuation.ScenarioEarthquake`. A magnitude of 0: not known,
        only the stored result is.
    layer : str
        Name of the stored hazard result, or of the layer of polygons. Empty: of a flood the first that there
        is; of an earthquake the one with these numbers.
    stage : float
        Of a flood, where the raster holds stages: how high the water stands above the drainage, m. 0: the
        raster holds depths.
    """

    kind: Kind = "everyone"
    magnitude: float = 6.5
    x: float = 0.0
    y: float = 0.0
    azimuth: float = 30.0
    zone: str = "east"
    layer: str = ""
    stage: float = 4.0

    def title(self, language: Language) -> str:
        """What people read."""
        facts = {field.name: getattr(self, field.name) for field in fields(self)}
        stored = {"earthquake": ("shaking", self.magnitude), "flood": ("water", self.stage)}
        name, number = stored.get(self.kind, ("", 1.0))
        return say(f"scenario.{self.kind if number else name}_title", language, **facts)

    @property
    def earthquake(self) -> ScenarioEarthquake | None:
        """The model of its shaking; nothing if it has none, or it is known only as a stored result."""
        if self.kind != "earthquake" or not self.magnitude:
            return None
        return ScenarioEarthquake(self.x, self.y, self.magnitude, self.azimuth, self.zone)


def flood_layers(project: Source) -> tuple[SourceEntry, ...]:
    """The rasters of a project that say where water stands."""
    return tuple(each for each in project.layers() if each.kind == STAGES or each.kind in DEPTHS)


def shaking_layers(project: Source) -> tuple[SourceEntry, ...]:
    """The rasters of a project that say how strongly the ground shakes."""
    return tuple(each for each in project.layers() if each.kind in SHAKEN)


def closers(project: Source) -> tuple[SourceEntry, ...]:
    """The stored results that could close roads: water and shaking."""
    return flood_layers(project) + shaking_layers(project)


def stored_earthquake(entry: SourceEntry) -> Scenario:
    """The event of a stored result, with its magnitude and epicentre where its recipe tells them."""
    model = _recipe(entry)
    if model is None:
        return Scenario("earthquake", magnitude=0.0, layer=entry.name)
    return Scenario("earthquake", model.magnitude, model.x, model.y, model.azimuth, model.zone)


def stored_flood(entry: SourceEntry, stage: float) -> Scenario:
    """The event of a stored flood result; a stage says nothing where it holds depths."""
    return Scenario("flood", layer=entry.name, stage=stage if entry.kind == STAGES else 0.0)


def first_flood(project: Source, stage: float) -> Scenario:
    """The event of the first flood result of a project.

    Raises
    ------
    BadInput
        It has none.
    """
    held = flood_layers(project)
    if not held:
        raise BadInput("scenario_no_flood")
    return stored_flood(held[0], stage)


def event_named(project: Source, name: str, stage: float) -> Scenario:
    """The event of a hazard result that the project holds, or of a layer of polygons, by name or title.

    Parameters
    ----------
    project : Source
    name : str
    stage : float
        Of a flood that is held as stages, m.

    Raises
    ------
    BadInput
        No such result; those that there are are named. Or a layer of that name without polygons.
    """
    shaken, wet = shaking_layers(project), flood_layers(project)
    for entry in (*shaken, *wet):
        if name in (entry.name, entry.title):
            return stored_earthquake(entry) if entry in shaken else stored_flood(entry, stage)
    area = next((each for each in project.layers() if name in (each.name, each.title)), None)
    if area is not None and area.lattice is None:
        found = Scenario("area", layer=area.name)
        area_of(project, found)
        return found
    known = "、".join(entry.name for entry in (*shaken, *wet)) or "—"
    raise BadInput("event_unknown", name=name, known=known)


def area_of(project: Source, scenario: Scenario) -> VectorLayer:
    """The ground that is cleared.

    Raises
    ------
    BadInput
        The project holds no polygons of that name.
    """
    for entry in project.layers():
        if entry.name == scenario.layer and entry.lattice is None:
            layer = project.read(entry.name, columns=())
            if layer.geometry_kind == "polygon" and len(layer):
                return layer
    raise BadInput("scenario_no_area", layer=scenario.layer or "—")


def _recipe(entry: SourceEntry) -> ScenarioEarthquake | None:
    return revived(entry.provenance.model, [ScenarioEarthquake])


def shaking_entry(project: Source, scenario: Scenario) -> SourceEntry | None:
    """The stored result that holds the shaking of an event; nothing if it is not stored, or no longer."""
    model = scenario.earthquake
    for each in shaking_layers(project):
        if model is None and each.name == scenario.layer:
            return each
        if model is not None and _recipe(each) == model:
            return each
    return None


def shaking_of(project: Source, scenario: Scenario) -> Grid:
    """Intensity of an earthquake: the stored result, else reckoned from magnitude and epicentre.

    So a plan keeps its event when another one is stored in its place; to the digit, as rasters are stored.

    Raises
    ------
    BadInput
        It is known only as a stored result, and the project holds that no longer.
    """
    entry, model = shaking_entry(project, scenario), scenario.earthquake
    if entry is not None:
        return read_grid(Reading(project).raster(entry))
    if model is None:
        raise BadInput("scenario_no_shaking", layer=scenario.layer)
    found = hazard_result(project, model.hazard, model=model).intensity
    assert found is not None
    return found.like(found.values.astype(np.float32).astype(np.float64), found.unit)


def hazard_of(project: Source, scenario: Scenario) -> Grid | VectorLayer | None:
    """What drives people out: intensity, depth of water, or an area; nothing if all set out."""
    if scenario.kind == "area":
        return area_of(project, scenario)
    return shaking_of(project, scenario) if scenario.kind == "earthquake" else flood_depth(project, scenario)


def flood_depth(project: Source, scenario: Scenario) -> Grid | None:
    """Depth of the water of a flood, m; nothing for other scenarios.

    Raises
    ------
    BadInput
        The project has no such raster.
    """
    if scenario.kind != "flood":
        return None
    return depth_of(project, scenario.layer, scenario.stage)


def depth_of(project: Source, layer: str, stage: float) -> Grid:
    """Depth of the water of a stored flood result, m; 0 where dry, NaN where not known."""
    known = flood_layers(project)
    entry = next((each for each in known if each.name == layer), known[0] if known and not layer else None)
    if entry is None:
        raise BadInput("scenario_no_flood")
    grid = read_grid(Reading(project).raster(entry))
    depth = np.maximum(stage - grid.values, 0.0) if entry.kind == STAGES else np.maximum(grid.values, 0.0)
    return grid.like(depth, "m")


def displaced_share(scenario: Scenario, residents: Residents, hazard: Grid | VectorLayer | None) -> Array:
    """Share of the people of each resident point who need a shelter, shape (n,).

    As the losses reckon them, `layers.risk.damage`: by intensity, structure and year; by depth of water. All
    of those who live in an area that is cleared.

    Parameters
    ----------
    scenario : Scenario
    residents : Residents
    hazard : Grid or VectorLayer, optional
        As `hazard_of` gives it.
    """
    if scenario.kind == "everyone":
        return np.ones(len(residents.xy))
    if isinstance(hazard, VectorLayer):
        ground = shapely.union_all(hazard.shapes.geometries())
        shapely.prepare(ground)
        return np.asarray(shapely.intersects_xy(ground, *residents.xy.T), np.float64)
    assert hazard is not None
    severity = hazard.at(*residents.xy.T)
    damage = WaterDamage() if scenario.kind == "flood" else ShakingDamage(EarthquakeDamage())
    return np.nan_to_num(damage.displaced(severity, residents.cloud).mid)


def displaced_people(places: Gathering, residents: Residents, share: Array) -> Array:
    """Whole people of each place who need a shelter; their sum is the rounded sum of the shares.

    Parameters
    ----------
    places : Gathering
    residents : Residents
    share : ndarray of float64, shape (n,)
        Of the resident points.

    Returns
    -------
    ndarray of float64, shape (k,)
    """
    kept = places.of >= 0
    needing = np.bincount(places.of[kept], (residents.people * share)[kept], len(places))
    return whole_people(needing.astype(np.float64))


def scenario_of(row: Mapping[str, Any]) -> Scenario:
    """A scenario from plain values; what it does not know is left out."""
    known = {field.name for field in fields(Scenario)}
    return Scenario(**{name: value for name, value in row.items() if name in known})

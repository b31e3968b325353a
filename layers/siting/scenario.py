"""What happens: everybody sets out, an earthquake shakes, or water stands. It says who needs a shelter."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from layers.errors import BadInput
from layers.grid import Array, Grid
from layers.hazards.attenuation import ScenarioEarthquake
from layers.hazards.source import Reading, Source, SourceEntry
from layers.risk.damage import ShakingDamage, WaterDamage
from layers.risk.vulnerability import EarthquakeDamage
from layers.siting.demand import whole_people
from layers.siting.network import Network
from layers.siting.residents import Gathering, Residents
from layers.storage.rasters import read_grid
from layers.words import Language, say

Kind = Literal["everyone", "earthquake", "flood"]
KINDS: tuple[Kind, ...] = ("earthquake", "flood", "everyone")
ROAD_CLOSED_AT = 0.3
"""Depth of water from which a road is closed, m (assumed)."""
STAGES = "hazard_flood"
"""Kind of the raster that holds, for each cell, the stage above the drainage at which water reaches it."""
DEPTHS = ("hazard_inundation", "flood_depth", "depth_max", "inundation")
"""Kinds of rasters that hold depths of water, m."""


@dataclass(frozen=True)
class Scenario:
    """One event for which shelters are chosen.

    Parameters
    ----------
    kind : {"everyone", "earthquake", "flood"}
    magnitude, x, y, azimuth : float
        Of an earthquake: magnitude, epicentre (easting, northing, m), long axis (degrees from north).
    layer : str
        Of a flood: name of a raster of the project; empty: the first that there is.
    stage : float
        Of a flood, where the raster holds stages: how high the water stands above the drainage, m.
    """

    kind: Kind = "everyone"
    magnitude: float = 6.5
    x: float = 0.0
    y: float = 0.0
    azimuth: float = 30.0
    layer: str = ""
    stage: float = 4.0

    def title(self, language: Language) -> str:
        """What people read."""
        facts = {field.name: getattr(self, field.name) for field in fields(self)}
        return say(f"scenario.{self.kind}_title", language, **facts)


def flood_layers(project: Source) -> tuple[SourceEntry, ...]:
    """The rasters of a project that say where water stands."""
    return tuple(each for each in project.layers() if each.kind == STAGES or each.kind in DEPTHS)


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


def displaced_share(scenario: Scenario, residents: Residents, depth: Grid | None) -> Array:
    """Share of the people of each resident point who need a shelter, shape (n,).

    As the losses reckon them, `layers.risk.damage`: by intensity, structure and year; by depth of water.

    Parameters
    ----------
    scenario : Scenario
    residents : Residents
    depth : Grid, optional
        Of a flood.
    """
    if scenario.kind == "everyone":
        return np.ones(len(residents.xy))
    x, y = residents.xy.T
    if scenario.kind == "flood":
        assert depth is not None
        return np.nan_to_num(WaterDamage().displaced(depth.at(x, y), residents.cloud).mid)
    event = ScenarioEarthquake(scenario.x, scenario.y, scenario.magnitude, scenario.azimuth)
    shaking = ShakingDamage(EarthquakeDamage())
    return np.nan_to_num(shaking.displaced(event.intensity(x, y), residents.cloud).mid)


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


def open_roads(network: Network, depth: Grid | None, limit: float = ROAD_CLOSED_AT) -> Network:
    """The network without the roads under water deeper than a limit."""
    return network if depth is None else network.closed_by(depth, limit)


def scenario_of(row: Mapping[str, Any]) -> Scenario:
    """A scenario from plain values; what it does not know is left out."""
    known = {field.name for field in fields(Scenario)}
    return Scenario(**{name: value for name, value in row.items() if name in known})

"""What happens: everybody sets out, an earthquake shakes, or water stands. It says who needs a shelter."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from layers.errors import BadInput
from layers.grid import Array, Grid
from layers.hazards.attenuation import ScenarioEarthquake
from layers.hazards.source import Reading, Source, SourceEntry
from layers.hazards.standards import curve, standard
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
DEPTHS = ("flood_depth", "depth_max", "inundation")
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

    An earthquake: those whose homes are destroyed, heavily or half of the moderately damaged
    (``resources/standards/homeless_share.csv``). A flood: by depth (``flood_displaced_share.csv``).

    Parameters
    ----------
    scenario : Scenario
    residents : Residents
    depth : Grid, optional
        Of a flood.
    """
    if scenario.kind == "everyone":
        return np.ones(len(residents.xy))
    if scenario.kind == "flood":
        assert depth is not None
        found = np.nan_to_num(depth.at(residents.xy[:, 0], residents.xy[:, 1]))
        bounds, shares = curve("flood_displaced_share", "depth_m", "share")
        return np.where(found < bounds[0], 0.0, np.interp(found, bounds, shares))
    return _homeless(scenario, residents)


def _homeless(scenario: Scenario, residents: Residents) -> Array:
    """The share whose home cannot be lived in, by structure, year and intensity."""
    event = ScenarioEarthquake(scenario.x, scenario.y, scenario.magnitude, scenario.azimuth)
    intensity = event.intensity(residents.xy[:, 0], residents.xy[:, 1])
    table = standard("structures").set_index("slug")
    year = np.nan_to_num(residents.year)
    share = np.zeros(len(intensity))
    for slug in np.unique(residents.structure):
        for column, recent in (("curve_old", False), ("curve_new", True)):
            here = (residents.structure == slug) & ((year >= DESIGNED_FROM) == recent)
            name = str(table[column].get(slug, "masonry_old"))
            share[here] = np.interp(
                intensity[here], *curve("homeless_share", "intensity", "share", curve=name)
            )
    return share


DESIGNED_FROM = 1990.0
"""Buildings of this year or later were designed for earthquakes (derived, as in `EarthquakeDamage`)."""


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

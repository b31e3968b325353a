"""Which roads an event closes: those under deep water, and bridges that the shaking brings down."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.grid import Grid
from layers.hazards.inputs import MissingLayer
from layers.hazards.source import Reading, Source
from layers.layer import VectorLayer
from layers.siting.arcs import Mask
from layers.siting.network import Lines, Network
from layers.siting.scenario import Scenario, flood_depth, shaking_of

ROAD_CLOSED_AT = 0.3
"""Depth of water from which a road is closed, m (assumed)."""
BRIDGES_FALL_AT = 8.5
"""Intensity from which bridges cannot be passed (assumed: IX, half-way between the whole intensities)."""


@dataclass(frozen=True, eq=False)
class Closing:
    """What closes roads.

    Parameters
    ----------
    depth : Grid, optional
        Water, m.
    shaking : Grid, optional
        Seismic intensity.
    rivers : ndarray of shapely.Geometry
        A road that crosses one stands on a bridge there.
    bridges : float
        Intensity from which bridges are closed.
    limit : float
        Depth from which roads are, m.
    """

    depth: Grid | None = None
    shaking: Grid | None = None
    rivers: Lines | None = None
    bridges: float = BRIDGES_FALL_AT
    limit: float = ROAD_CLOSED_AT

    @property
    def is_idle(self) -> bool:
        """Whether there is neither water nor shaking that might close a road."""
        return self.depth is None and self.shaking is None

    def of(self, network: Network) -> Network:
        """The network without the roads that are closed."""
        closed = self.shut(network)
        return network.closed(closed) if closed.any() else network

    def shut(self, network: Network) -> Mask:
        """Edges that are under too much water, or whose bridge is down, shape (e,)."""
        fallen = self.fallen(network)
        return fallen if self.depth is None else fallen | network.reached_by(self.depth, self.limit)

    def fallen(self, network: Network) -> Mask:
        """Edges with a bridge where the shaking is too strong, shape (e,)."""
        fallen = np.zeros(len(network.lines), bool)
        if self.shaking is None or self.rivers is None or not len(self.rivers):
            return fallen
        river, edge = shapely.STRtree(network.lines).query(self.rivers, predicate="intersects")
        where = shapely.centroid(shapely.intersection(network.lines[edge], self.rivers[river]))
        strong = self.shaking.at(shapely.get_x(where), shapely.get_y(where)) >= self.bridges
        fallen[edge[strong]] = True
        return fallen


def closing_of(
    project: Source,
    scenario: Scenario,
    depth: Grid | None = None,
    bridges: float = BRIDGES_FALL_AT,
    limit: float = ROAD_CLOSED_AT,
) -> Closing:
    """What an event closes: roads under its water, or under `depth` where that is given, and its bridges."""
    depth = flood_depth(project, scenario) if depth is None else depth
    shaken = scenario.kind == "earthquake"
    shaking, rivers = (shaking_of(project, scenario), rivers_of(project)) if shaken else (None, None)
    return Closing(depth, shaking, rivers, bridges, limit)


def roads_of(project: Source) -> VectorLayer:
    """The roads of a project: ``name, class, oneway``.

    Raises
    ------
    MissingLayer
        No roads.
    """
    roads = Reading(project).read("road", "name", "class", "oneway")
    if roads is None or not len(roads):
        raise MissingLayer("road")
    return roads


def rivers_of(project: Source) -> Lines | None:
    """The rivers of a project, as lines; none without."""
    rivers = Reading(project).read("river")
    if rivers is None:
        return None
    shapes: Lines = rivers.shapes.geometries()
    return shapes

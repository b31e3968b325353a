"""Which roads an event closes: those under deep water, and bridges that the shaking brings down."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.grid import Grid
from layers.hazards.source import Reading, Source
from layers.siting.arcs import Mask
from layers.siting.network import Lines, Network

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

    def of(self, network: Network) -> Network:
        """The network without the roads that are closed."""
        closed = np.zeros(len(network.lines), bool)
        if self.depth is not None:
            closed |= network.reached_by(self.depth, self.limit)
        closed |= self.fallen(network)
        return network.closed(closed) if closed.any() else network

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


def rivers_of(project: Source) -> Lines | None:
    """The rivers of a project, as lines; none without."""
    rivers = Reading(project).read("river")
    if rivers is None:
        return None
    shapes: Lines = rivers.shapes.geometries()
    return shapes

"""Ways from all demand points to one place anywhere: what a site needs that is dragged over the map."""

import numpy as np

from layers.grid import Array
from layers.late import Late
from layers.siting.arcs import Index
from layers.siting.paths import Access, nearest_edges

csgraph = Late("scipy.sparse.csgraph")

FURTHEST = 2000.0
"""Metres from the nearest road beyond which a place is not reached."""


def metres_to(access: Access, points: int, xy: Array, radius: float = np.inf) -> Array:
    """Metres on foot from the first `points` of an access to a place, shape (points,).

    The place is tied to the nearest open road. No point lies within the piece of road that holds it, so the
    least way leads over one of that piece's ends.

    Parameters
    ----------
    access : Access
    points : int
    xy : ndarray of float64, shape (2,)
    radius : float
        Farther ways are not looked for, and infinite.
    """
    found = np.full(points, np.inf)
    edge, at, away = nearest_edges(access.network, np.asarray(xy)[None], FURTHEST)
    if edge[0] < 0:
        return found
    ends, ahead = piece_of(access, int(edge[0]), float(at[0]))
    speed = access.network.travel.off_road
    seconds = csgraph.dijkstra(access.backwards, indices=ends, limit=radius / speed)
    last = access.nodes[:points]
    reached = np.min(seconds[:, last] + ahead[:, None], axis=0)
    metres = (reached + access.approach[:points]) * speed + away[0]
    return np.where(metres <= radius, metres, np.inf)


def piece_of(access: Access, edge: int, at: float) -> tuple[Index, Array]:
    """Both ends of the piece of road that holds a place, and the seconds from each to the place."""
    mine = np.flatnonzero(access.of_edge == edge)
    piece = int(mine[np.argmin(np.maximum(access.start[mine] - at, at - access.end[mine]))])
    network = access.network
    there, back = network.there[edge] / network.length[edge], network.back[edge] / network.length[edge]
    before, after = max(at - access.start[piece], 0.0), max(access.end[piece] - at, 0.0)
    ahead = np.array([before * there if before else 0.0, after * back if after else 0.0])
    return np.array([access.tail[piece], access.head[piece]]), ahead

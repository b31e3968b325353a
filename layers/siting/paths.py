"""Ways on a network: points tied to their roads, many-to-many times, what is reached in time, routes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from layers.errors import BadInput
from layers.grid import Array
from layers.late import Late
from layers.progress import Progress, ignore
from layers.siting.arcs import Index, Mask
from layers.siting.network import Lines, Network

sparse, csgraph = Late("scipy.sparse"), Late("scipy.sparse.csgraph")
Matrix: TypeAlias = Any
"""A sparse matrix of scipy, by rows."""

_SOURCES_A_TURN = 32
_STRAIGHT, _SHARP = 30.0, 150.0  # degrees


@dataclass(frozen=True, eq=False)
class Access:
    """Points on the roads of a network.

    Parameters
    ----------
    network : Network
    graph : csr_matrix, shape (n + k, n + k)
        Seconds; the nodes of the network, then the k points.
    edge : ndarray of int64, shape (k,)
        The nearest open edge of each point; -1 if there is none near enough.
    at : ndarray of float64, shape (k,)
        Metres from the beginning of that edge.
    away : ndarray of float64, shape (k,)
        Metres from the road.
    tail, head, of_edge : ndarray of int64, shape (q,)
        The pieces into which the points part the edges: their nodes in the direction of the edge's line.
    start, end : ndarray of float64, shape (q,)
        Where each piece begins and ends on its edge, metres.
    """

    network: Network
    graph: Matrix
    edge: Index
    at: Array
    away: Array
    tail: Index
    head: Index
    of_edge: Index
    start: Array
    end: Array

    @classmethod
    def of(cls, network: Network, points: Array, furthest: float = 2000.0) -> "Access":
        """Tie points to the nearest roads that are open.

        Parameters
        ----------
        network : Network
        points : ndarray of float64, shape (k, 2)
            Easting, northing.
        furthest : float
            Metres beyond which a point is not tied: it reaches nothing, and is reported by `is_tied`.
        """
        edge, at, away = nearest_edges(network, points, furthest)
        tail, head, of_edge, start, end = _pieces(network, edge, at)
        size = len(network.nodes) + len(points)
        share = (end - start) / network.length[of_edge]
        row = np.concatenate([tail, head])
        column = np.concatenate([head, tail])
        seconds = np.concatenate([_part(share, pace[of_edge]) for pace in (network.there, network.back)])
        graph = _least(row, column, seconds, size)
        return cls(network, graph, edge, at, away, tail, head, of_edge, start, end)

    @cached_property
    def backwards(self) -> Matrix:
        """The graph with all ways turned round."""
        return self.graph.T.tocsr()

    @property
    def is_tied(self) -> Mask:
        """Whether a point has a road near enough, shape (k,)."""
        return self.edge >= 0

    @property
    def nodes(self) -> Index:
        """The node of each point, shape (k,)."""
        return len(self.network.nodes) + np.arange(len(self.edge))

    @property
    def approach(self) -> Array:
        """Seconds between each point and its road, shape (k,)."""
        return self.away / self.network.travel.off_road


def _part(share: Array, seconds: Array) -> Array:
    """A share of the time of an edge; of none where the edge cannot be used."""
    usable = np.isfinite(seconds)
    return np.where(usable, share * np.where(usable, seconds, 0.0), np.inf)


def nearest_edges(network: Network, points: Array, furthest: float) -> tuple[Index, Array, Array]:
    """The nearest open edge of each point (-1: none within `furthest` m), where on it, and how far off."""
    open_edges = np.flatnonzero(network.is_open)
    places = shapely.points(points)
    edge, at, away = np.full(len(points), -1), np.zeros(len(points)), np.full(len(points), np.inf)
    if len(open_edges):
        point, found, distance = _first_nearest(network.tree, places, furthest)
        edge[point] = open_edges[found]
        at[point] = shapely.line_locate_point(network.lines[edge[point]], places[point])
        away[point] = distance
    return edge, at, away


def _first_nearest(tree: shapely.STRtree, places: Lines, furthest: float) -> tuple[Index, Index, Array]:
    """One nearest line for each place that has any near enough."""
    (point, line), distance = tree.query_nearest(
        places, max_distance=furthest, return_distance=True, all_matches=False
    )
    return point, line, distance


def _pieces(network: Network, edge: Index, at: Array) -> tuple[Index, Index, Index, Array, Array]:
    """Edges parted at the points on them: tail, head, edge, and where the piece starts and ends on it."""
    tied = np.flatnonzero(edge >= 0)
    order = tied[np.lexsort((at[tied], edge[tied]))]
    on, place, node = edge[order], at[order], len(network.nodes) + order
    first = np.ones(len(order), bool)
    first[1:] = on[1:] != on[:-1]
    last = np.roll(first, -1)
    tail = np.where(first, network.ends[on, 0], np.roll(node, 1))
    start = np.where(first, 0.0, np.roll(place, 1))
    free = np.ones(len(network.lines), bool)
    free[on] = False
    rest = np.flatnonzero(free)
    closing = on[last]
    return (
        np.concatenate([tail, node[last], network.ends[rest, 0]]),
        np.concatenate([node, network.ends[closing, 1], network.ends[rest, 1]]),
        np.concatenate([on, closing, rest]),
        np.concatenate([start, place[last], np.zeros(len(rest))]),
        np.concatenate([place, network.length[closing], network.length[rest]]),
    )


def _least(row: Index, column: Index, seconds: Array, size: int) -> Matrix:
    """The graph of the quickest edge between any two nodes; a way of no length is a very short one."""
    usable = np.isfinite(seconds)
    row, column, seconds = row[usable], column[usable], np.maximum(seconds[usable], 1e-9)
    order = np.lexsort((seconds, column, row))
    row, column, seconds = row[order], column[order], seconds[order]
    first = np.ones(len(row), bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    return sparse.csr_matrix((seconds[first], (row[first], column[first])), shape=(size, size))


def travel_times(
    access: Access, origins: Index, targets: Index, limit: float = np.inf, progress: Progress = ignore
) -> Array:
    """Seconds from every origin to every target; the search begins at the fewer ones.

    Parameters
    ----------
    access : Access
    origins, targets : ndarray of int64
        Numbers of points.
    limit : float
        Seconds beyond which a target counts as not reached.
    progress : Progress

    Returns
    -------
    ndarray of float64, shape (origins, targets)
        Infinite where there is no way.
    """
    if len(origins) < len(targets):
        found = _searched(access.graph, access.nodes[origins], access.nodes[targets], limit, progress)
    else:
        found = _searched(access.backwards, access.nodes[targets], access.nodes[origins], limit, progress).T
    found += access.approach[origins][:, None] + access.approach[targets]
    found[found > limit] = np.inf
    return found


def _searched(graph: Matrix, starts: Index, ends: Index, limit: float, progress: Progress) -> Array:
    """Seconds from some nodes to others, a few searches at a time."""
    found = np.full((len(starts), len(ends)), np.inf)
    for first in range(0, len(starts), _SOURCES_A_TURN):
        turn = starts[first : first + _SOURCES_A_TURN]
        found[first : first + len(turn)] = csgraph.dijkstra(graph, indices=turn, limit=limit)[:, ends]
        progress(min((first + len(turn)) / len(starts), 1.0))
    return found


def seconds_from(access: Access, sources: Index) -> Array:
    """Seconds from the nearest of some points to every node of the graph; infinite where none leads."""
    roads, size = access.graph.tocoo(), access.graph.shape[0]
    seconds = np.concatenate([roads.data, np.maximum(access.approach[sources], 1e-9)])
    row = np.concatenate([roads.row, np.full(len(sources), size)])
    column = np.concatenate([roads.col, access.nodes[sources]])
    everywhere = csgraph.dijkstra(
        sparse.csr_matrix((seconds, (row, column)), shape=(size + 1,) * 2), indices=size
    )
    return np.asarray(everywhere[:-1])


def reached(access: Access, sources: Index, limit: float) -> Lines:
    """The pieces of road that are reached from some points within a limit, as lines.

    Parameters
    ----------
    access : Access
    sources : ndarray of int64
        Numbers of points, for example fire stations.
    limit : float
        Seconds.
    """
    seconds = seconds_from(access, sources)
    network = access.network
    pieces = []
    for tail, head, edge, start, end in zip(
        access.tail, access.head, access.of_edge, access.start, access.end, strict=True
    ):
        for node, pace, sign in ((tail, network.there[edge], 1), (head, network.back[edge], -1)):
            left = limit - seconds[node]
            if left <= 0 or not np.isfinite(pace):
                continue
            metres = min(left / pace * network.length[edge], end - start)
            span = (start, start + metres) if sign > 0 else (end - metres, end)
            pieces.append(substring(network.lines[edge], *span))
    return np.array(pieces, object)


def isochrone(access: Access, sources: Index, limit: float, width: float = 300.0) -> shapely.Geometry:
    """The ground within `width` metres of the road pieces that are reached within a limit of seconds."""
    lines = reached(access, sources, limit)
    return shapely.union_all(shapely.buffer(lines, width, quad_segs=4)) if len(lines) else shapely.Polygon()


@dataclass(frozen=True, eq=False)
class Route:
    """A way from one point to another.

    Parameters
    ----------
    line : shapely.LineString
    seconds : float
        With the ways between points and roads.
    table : pandas.DataFrame
        One row a road, in order: ``road`` (row of the road layer), ``turn`` (key of words), ``metres``,
        ``seconds``.
    """

    line: shapely.LineString
    seconds: float
    table: pd.DataFrame


def route(access: Access, origin: int, target: int) -> Route:
    """The quickest way between two points.

    Raises
    ------
    BadInput
        There is none.
    """
    start, end = access.nodes[[origin, target]]
    seconds, before = csgraph.dijkstra(access.graph, indices=start, return_predecessors=True)
    if not np.isfinite(seconds[end]):
        raise BadInput("siting_no_route")
    nodes = [int(end)]
    while nodes[-1] != start:
        nodes.append(int(before[nodes[-1]]))
    steps = [_step(access, a, b) for a, b in zip(nodes[:0:-1], nodes[-2::-1], strict=True)]
    table = _turns([step for step in steps if step.metres > 0])
    approach = float(access.approach[[origin, target]].sum())
    xy = np.concatenate([step.xy for step in steps]) if steps else np.repeat(access.network.nodes[:1], 2, 0)
    return Route(shapely.LineString(xy), float(seconds[end]) + approach, table)


@dataclass(frozen=True, eq=False)
class _Step:
    """A piece of road on a route, in the direction of travel."""

    road: int
    xy: Array
    metres: float
    seconds: float


def _step(access: Access, tail: int, head: int) -> _Step:
    """The quickest piece between two neighbouring nodes."""
    network = access.network
    there = np.flatnonzero((access.tail == tail) & (access.head == head))
    back = np.flatnonzero((access.tail == head) & (access.head == tail))
    share = (access.end - access.start) / network.length[access.of_edge]
    ways = [(share[k] * network.there[access.of_edge[k]], k, False) for k in there]
    ways += [(share[k] * network.back[access.of_edge[k]], k, True) for k in back]
    seconds, k, reverse = min(ways)
    edge = access.of_edge[k]
    xy = shapely.get_coordinates(substring(network.lines[edge], access.start[k], access.end[k]))
    metres = float(access.end[k] - access.start[k])
    return _Step(int(network.road[edge]), xy[::-1] if reverse else xy, metres, float(seconds))


def _turns(steps: list[_Step]) -> pd.DataFrame:
    """One row a road, with the turn into it."""
    rows: list[dict[str, object]] = []
    for k, step in enumerate(steps):
        if rows and rows[-1]["road"] == step.road:
            rows[-1]["metres"] = float(str(rows[-1]["metres"])) + step.metres
            rows[-1]["seconds"] = float(str(rows[-1]["seconds"])) + step.seconds
        else:
            turn = _turn(steps[k - 1].xy, step.xy) if k else "start"
            rows.append({"road": step.road, "turn": turn, "metres": step.metres, "seconds": step.seconds})
    return pd.DataFrame(rows, columns=["road", "turn", "metres", "seconds"])


def _turn(before: Array, after: Array) -> str:
    """Which way one line goes on into another."""
    arriving, leaving = before[-1] - before[-2], after[1] - after[0]
    cross = arriving[0] * leaving[1] - arriving[1] * leaving[0]
    angle = np.degrees(np.arctan2(cross, arriving @ leaving))
    if abs(angle) < _STRAIGHT:
        return "straight"
    if abs(angle) > _SHARP:
        return "back"
    return "left" if angle > 0 else "right"

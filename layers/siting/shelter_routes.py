"""By which roads people go: the way of every flow of a plan, one search for each shelter."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.ops import substring

from layers.grid import Array
from layers.hazards.inputs import code_text
from layers.late import Late
from layers.progress import Progress, ignore
from layers.siting.arcs import Index
from layers.siting.paths import Access, nearest_edges
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.ways_to import FURTHEST, piece_of

csgraph = Late("scipy.sparse.csgraph")

LEAST = 100.0
"""A road that is followed for less, m, is not named."""


@dataclass(frozen=True, eq=False)
class Way:
    """How one group of people goes.

    Parameters
    ----------
    line : shapely.LineString
        From where they live to the shelter.
    roads : tuple of str
        Names of the roads in order, those that are followed for `LEAST` metres at least.
    edges : ndarray of int64
        Edges of the network that are used.
    """

    line: shapely.LineString
    roads: tuple[str, ...]
    edges: Index


def ways_of(plan: ShelterPlan, rows: Index | None = None, progress: Progress = ignore) -> list[Way]:
    """The way of every flow of a plan, or of some.

    Parameters
    ----------
    plan : ShelterPlan
    rows : ndarray of int64, optional
        Flows.
    progress : Progress

    Returns
    -------
    list of Way
        In the order of the flows asked for. No way leads over a closed road.
    """
    chosen = np.arange(len(plan.flows.point)) if rows is None else rows
    access, pieces = plan.case.access, _pieces(plan.case.access)
    names = [code_text(name) for name in plan.case.roads["name"]]
    found: dict[int, Way] = {}
    sites = np.unique(plan.flows.site[chosen])
    for number, site in enumerate(sites):
        progress(number / len(sites))
        mine = chosen[plan.flows.site[chosen] == site]
        before, edge = _search(plan, int(site))
        for flow in mine:
            nodes = _nodes(before, int(access.nodes[plan.flows.point[flow]]))
            found[int(flow)] = _way(access, pieces, names, nodes, plan, int(flow), edge)
    progress(1.0)
    return [found[int(flow)] for flow in chosen]


def _pieces(access: Access) -> dict[tuple[int, int], int]:
    """The quickest piece of road between two nodes, in the direction of travel."""
    network = access.network
    share = (access.end - access.start) / network.length[access.of_edge]
    made: dict[tuple[int, int], tuple[float, int]] = {}
    both = ((network.there, access.tail, access.head), (network.back, access.head, access.tail))
    for ahead, tail, head in both:
        with np.errstate(invalid="ignore"):
            seconds = np.where(np.isfinite(ahead[access.of_edge]), share * ahead[access.of_edge], np.inf)
        for k in np.flatnonzero(np.isfinite(seconds)).tolist():
            key = int(tail[k]), int(head[k])
            if key not in made or seconds[k] < made[key][0]:
                made[key] = float(seconds[k]), k
    return {key: k for key, (_, k) in made.items()}


def _search(plan: ShelterPlan, site: int) -> tuple[Index, tuple[int, float]]:
    """For each node the next one on the way to a site; the edge at which a dragged one stands (else -1), and
    where on it.
    """
    access, xy = plan.case.access, plan.xy[site]
    points = len(plan.case.points)
    if not plan.is_moved[site]:
        node = int(access.nodes[points + plan.row[site]])
        _, before = csgraph.dijkstra(access.backwards, indices=node, return_predecessors=True)
        return before, (-1, 0.0)
    edge, at, _ = nearest_edges(access.network, xy[None], FURTHEST)
    ends, ahead = piece_of(access, int(edge[0]), float(at[0]))
    seconds, before = csgraph.dijkstra(access.backwards, indices=ends, return_predecessors=True)
    nearer = np.argmin(seconds + ahead[:, None], axis=0)
    return before[nearer, np.arange(before.shape[1])], (int(edge[0]), float(at[0]))


def _nodes(before: Index, start: int) -> list[int]:
    """The nodes from a demand point on: in the graph turned round, predecessors lead to the site."""
    nodes = [start]
    while before[nodes[-1]] >= 0:
        nodes.append(int(before[nodes[-1]]))
    return nodes


def _way(
    access: Access, pieces: dict[tuple[int, int], int], names: list[str], nodes: list[int],
    plan: ShelterPlan, flow: int, last: tuple[int, float],
) -> Way:  # fmt: skip
    network = access.network
    used = [pieces[pair] for pair in pairwise(nodes)]
    edges = access.of_edge[used].astype(np.int64) if used else np.zeros(0, np.int64)
    parts = [plan.case.points.xy[plan.flows.point[flow]][None]]
    length: dict[str, float] = {}
    for (a, _), k in zip(pairwise(nodes), used, strict=True):
        edge = access.of_edge[k]
        xy = shapely.get_coordinates(substring(network.lines[edge], access.start[k], access.end[k]))
        parts.append(xy if a == access.tail[k] else xy[::-1])
        name = names[network.road[edge]]
        length[name] = length.get(name, 0.0) + float(access.end[k] - access.start[k])
    if last[0] >= 0:
        parts.append(_last_piece(access, nodes[-1], *last))
    parts.append(plan.xy[plan.flows.site[flow]][None])
    roads = tuple(name for name, metres in length.items() if name and metres >= LEAST)
    edges = edges if last[0] < 0 else np.append(edges, last[0])
    return Way(shapely.LineString(np.concatenate(parts)), roads, edges)


def _last_piece(access: Access, node: int, edge: int, at: float) -> Array:
    """The way along an edge from a node to a place on it."""
    line, mine = access.network.lines[edge], np.flatnonzero(access.of_edge == edge)
    from_tail = mine[access.tail[mine] == node]
    start = access.start[from_tail] if len(from_tail) else access.end[mine[access.head[mine] == node]]
    return np.asarray(
        shapely.get_coordinates(substring(line, float(start[np.argmin(np.abs(start - at))]), at))
    )

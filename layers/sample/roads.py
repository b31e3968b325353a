"""Road network: one planar graph over villages and towns, on which main roads are shortest paths.

Every road runs from junction to junction and shares the junction's coordinates exactly, so that the roads
are a graph as they stand. Expressways meet the others at interchanges only.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay

from layers.grid import Array
from layers.sample.plane import bend, chance

CLASSES = ("高速", "国道", "省道", "县道", "乡道")
WIDTHS = {"高速": 27.0, "国道": 15.0, "省道": 12.0, "县道": 7.5, "乡道": 5.0}
LANE = 5  # an edge of the mesh that is no road
# Expressways as chains of county seats, each passed at an interchange outside the town.
EXPRESSWAYS = (
    ("131124", "131182", "131102", "131121", "131126"),
    ("131182", "131123", "131128"),
    ("131121", "131127"),
)
Edges = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Roads:
    """Roads on the plane.

    Parameters
    ----------
    lines : ndarray of shapely.LineString, shape (n,)
    grade : ndarray of int64, shape (n,)
        Index into `CLASSES`.
    name : tuple of str
    """

    lines: NDArray[np.object_]
    grade: NDArray[np.int64]
    name: tuple[str, ...]


def build_roads(
    villages: Array,
    towns: NDArray[np.intp],
    seats: dict[str, int],
    city: shapely.Polygon,
    lake: shapely.Geometry,
    rivers: shapely.Geometry,
) -> Roads:
    """A connected network.

    Parameters
    ----------
    villages : ndarray of float64, shape (n, 2)
        Nodes; none in the lake.
    towns : ndarray of intp
        Which of them are township seats.
    seats : dict
        Which of them are county seats, by county code.
    city, lake, rivers : shapely geometry
        Roads keep in the city and out of the lake, and cross rivers seldom.
    """
    edges, cost = _mesh(villages, city, lake, rivers)
    grade = np.full(len(edges), LANE)
    seat_nodes = np.array(list(seats.values()))
    pairs = _neighbours(villages[seat_nodes], seat_nodes, 0.72)
    _promote(grade, edges, cost, pairs[: len(seats) + 1], 1)
    _promote(grade, edges, cost, pairs, 2)
    _promote(grade, edges, cost, _neighbours(villages[towns], towns, 0.93), 3)
    _tie_villages(grade, edges, cost)
    kept = grade < LANE
    edges, grade = edges[kept], grade[kept]
    nodes = np.round(_straighten(villages, edges, grade, np.asarray(towns), lake), 2)
    lines = _draw(nodes, edges)
    fast = _expressways(nodes, edges, grade, seats, lake)
    names = _names(grade)
    return Roads(
        np.concatenate([fast, lines]),
        np.concatenate([np.zeros(len(fast), np.int64), grade]),
        (*[f"示例高速{n + 1:02d}段" for n in range(len(fast))], *names),
    )


def _mesh(
    villages: Array, city: shapely.Polygon, lake: shapely.Geometry, rivers: shapely.Geometry
) -> tuple[Edges, Array]:
    """Edges that could be roads, and what each costs: its length, more where it crosses a river."""
    corners = Delaunay(villages).simplices
    edges = np.unique(np.sort(corners[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1), axis=0)
    lines = shapely.linestrings(villages[edges])
    near, wet = city.buffer(300), shapely.buffer(lake, 150)
    for shape in (near, wet, rivers):
        shapely.prepare(shape)
    kept = shapely.covers(near, lines) & ~shapely.intersects(wet, lines) & (shapely.length(lines) < 7000)
    edges, lines = edges[kept], lines[kept]
    return edges, shapely.length(lines) ** 1.15 * np.where(shapely.intersects(rivers, lines), 4.0, 1.0)


def _neighbours(points: Array, index: NDArray[np.intp], slack: float) -> Edges:
    """Pairs with no third point much nearer to both, the shortest tree of them first.

    `slack` is the share of their distance within which a third point parts them: 1 gives the relative
    neighbourhood graph, less gives more pairs.
    """
    distance = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    blocked = np.maximum(distance[:, None], distance[None]).min(axis=2) < distance * slack
    np.fill_diagonal(blocked, True)
    tree = minimum_spanning_tree(distance).toarray() > 0
    first, second = np.nonzero(np.triu(~blocked | tree | tree.T, 1))
    order = np.lexsort((distance[first, second], ~(tree | tree.T)[first, second]))
    return np.asarray(np.column_stack([index[first], index[second]])[order])


def _promote(grade: Edges, edges: Edges, cost: Array, pairs: Edges, to: int) -> None:
    """Give the edges on the cheapest path of each pair at least that grade; main roads draw traffic."""
    size = int(edges.max()) + 1
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(edges)}
    for start, end in pairs:
        price = cost * np.where(grade <= to, 0.6, 1.0)
        graph = csr_matrix((price, tuple(edges.T)), shape=(size, size))
        _, before = dijkstra(graph, directed=False, indices=int(start), return_predecessors=True)
        node = int(end)
        while node != start and before[node] >= 0:
            step = number[min(node, int(before[node])), max(node, int(before[node]))]
            grade[step] = min(grade[step], to)
            node = int(before[node])


def _tie_villages(grade: Edges, edges: Edges, cost: Array) -> None:
    """Every village gets a road: the cheapest tree that uses the main roads for nothing, and some loops."""
    size = int(edges.max()) + 1
    price = np.where(grade < LANE, 1e-3, cost)
    tree = minimum_spanning_tree(csr_matrix((price, tuple(edges.T)), shape=(size, size))).tocoo()
    chosen = {(min(a, b), max(a, b)) for a, b in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    loops = chance("village roads").random(len(edges)) < 0.10
    short = cost < np.quantile(cost, 0.45)
    for k, (a, b) in enumerate(edges.tolist()):
        if grade[k] == LANE and ((a, b) in chosen or (loops[k] and short[k])):
            grade[k] = 4


def _straighten(
    villages: Array, edges: Edges, grade: Edges, towns: NDArray[np.intp], lake: shapely.Geometry
) -> Array:
    """Nodes on main roads drawn towards the line of their neighbours; towns stay, no road comes to cross."""
    nodes = villages.copy()
    main = grade <= 3
    ends = np.concatenate([edges[main], edges[main][:, ::-1]])
    weight = np.where(np.concatenate([grade[main]] * 2) <= 2, 6.0, 1.0)
    total = np.bincount(ends[:, 0], weight, len(nodes))
    free = total > 0
    free[towns] = False
    wet = shapely.buffer(lake, 200)
    for _ in range(25):
        mean = np.column_stack(
            [np.bincount(ends[:, 0], weight * nodes[ends[:, 1], a], len(nodes)) for a in (0, 1)]
        )
        moved = nodes.copy()
        moved[free] += 0.3 * (mean[free] / total[free, None] - nodes[free])
        lines = shapely.linestrings(moved[edges])
        pairs = shapely.STRtree(lines).query(lines, predicate="crosses")
        bad = np.unique(edges[np.unique(pairs)].ravel())
        bad = np.union1d(bad, edges[shapely.intersects(wet, lines)].ravel())
        free[bad.astype(np.intp)] = False
        moved[bad.astype(np.intp)] = nodes[bad.astype(np.intp)]
        nodes = moved
    return nodes


def _draw(nodes: Array, edges: Edges) -> NDArray[np.object_]:
    """Edges as slightly winding lines from node to node, straight where two would cross."""
    straight = shapely.linestrings(nodes[edges])
    lines = bend(straight, "roads", 1800, 45, 350)
    while len(crossing := np.unique(shapely.STRtree(lines).query(lines, predicate="crosses"))):
        lines[crossing] = straight[crossing]
    drawn: NDArray[np.object_] = shapely.transform(lines, lambda xy: np.round(xy, 2))
    return drawn


def _expressways(
    nodes: Array, edges: Edges, grade: Edges, seats: dict[str, int], lake: shapely.Geometry
) -> NDArray[np.object_]:
    """Smooth lines from interchange to interchange; an interchange is a main-road node near a seat."""
    main = np.unique(edges[grade <= 2])
    roads: list[shapely.LineString] = []
    for chain in EXPRESSWAYS:
        stops = [_interchange(nodes, main, seats, code, chain, lake) for code in chain]
        for a, b in pairwise(stops):
            if a != b:
                line = bend(shapely.linestrings(nodes[[[a, b]]]), f"expressway {a}", 26000, 900, 600)[0]
                roads.append(shapely.transform(line, lambda xy: np.round(xy, 2)))
    if shapely.intersects(lake, roads).any():
        raise RuntimeError("an expressway crosses the lake")
    return np.array(roads, dtype=object)


def _interchange(
    nodes: Array,
    main: NDArray[np.int64],
    seats: dict[str, int],
    code: str,
    chain: tuple[str, ...],
    lake: shapely.Geometry,
) -> int:
    """The main-road node 3 to 6 km from the seat that lies best on the way to the chain's other seats."""
    seat = nodes[seats[code]]
    away = np.hypot(*(nodes[main] - seat).T)
    near = main[(away > 3000) & (away < 6500)]
    others = np.array([nodes[seats[c]] for c in chain if c != code])
    detour = np.zeros(len(near))
    for other in others:
        ways = shapely.linestrings(np.stack([nodes[near], np.broadcast_to(other, (len(near), 2))], axis=1))
        detour += shapely.length(ways) * np.where(shapely.distance(ways, lake) < 1500, 3.0, 1.0)
    return int(near[np.argmin(detour)])


def _names(grade: Edges) -> list[str]:
    """Numbered names that nobody takes for real roads; village roads have none."""
    count = dict.fromkeys(range(LANE), 0)
    names = []
    for k in grade.tolist():
        count[k] += 1
        names.append("" if k == 4 else f"示例{CLASSES[k]}{count[k]:03d}段")
    return names

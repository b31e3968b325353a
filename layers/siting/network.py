"""Roads as a graph: ends that meet are joined, and what does not meet is reported.

Lines meet where their ends lie within a tolerance of each other, or of the inside of another line (which is
parted there). Lines that merely cross are not joined: one may pass over the other; they are counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from layers.errors import BadInput
from layers.grid import Array, Grid
from layers.hazards.standards import standard
from layers.late import Late
from layers.layer import VectorLayer
from layers.siting.arcs import Index, Mask

sparse, csgraph, spatial = Late("scipy.sparse"), Late("scipy.sparse.csgraph"), Late("scipy.spatial")

Lines = NDArray[np.object_]
OTHER = "其他"
_FORWARD = ("yes", "true", "1", "1.0", "f", "是", "单行", "单向", "正向")
_BACKWARD = ("-1", "-1.0", "reverse", "t", "反向", "逆向")


@dataclass(frozen=True)
class Travel:
    """How people or vehicles move.

    Parameters
    ----------
    speed : mapping of str to float
        Metres a second by road class; 0: this class may not be used. `OTHER` is for unknown classes.
    one_way : bool
        Whether one-way roads bind; not on foot.
    off_road : float
        Metres a second between a point and its road.
    """

    speed: Mapping[str, float] = field(hash=False)
    one_way: bool
    off_road: float


WALKING = 1.1
"""Metres a second; 1.0-1.3, the old and the young 0.7-0.9 (RECALLED 0.85, shelter siting rule S19)."""


def on_foot(speed: float = WALKING) -> Travel:
    """Walking on all roads but expressways, in both directions."""
    table = standard("road_speed")
    return Travel({row["class"]: speed * row["on_foot"] for _, row in table.iterrows()}, False, speed)


def by_vehicle(share: float = 1.0) -> Travel:
    """Driving at a share of the usual speeds (``resources/standards/road_speed.csv``, assumed)."""
    table = standard("road_speed")
    return Travel(
        {row["class"]: share * row["vehicle_km_h"] / 3.6 for _, row in table.iterrows()}, True, WALKING
    )


@dataclass(frozen=True, eq=False)
class NetworkReport:
    """What was joined, and what could not be.

    Parameters
    ----------
    joined : int
        Ends that were not at the same place but within the tolerance.
    parted : int
        Places where a line was parted because another ends there.
    crossings : int
        Pairs of lines that cross without a junction.
    pieces : int
        Parts of the network that do not hang together.
    apart : ndarray of int64
        Rows of the road layer outside the largest part.
    """

    joined: int
    parted: int
    crossings: int
    pieces: int
    apart: Index


@dataclass(frozen=True, eq=False)
class Network:
    """Edges between nodes, each a piece of a road.

    Parameters
    ----------
    nodes : ndarray of float64, shape (n, 2)
    lines : ndarray of shapely.LineString, shape (e,)
    road : ndarray of int64, shape (e,)
        Row of the road layer.
    ends : ndarray of int64, shape (e, 2)
        Nodes where each line begins and ends.
    length : ndarray of float64, shape (e,)
        Metres.
    there, back : ndarray of float64, shape (e,)
        Seconds along the line and against it; infinite where that is not possible.
    travel : Travel
    report : NetworkReport
    """

    nodes: Array
    lines: Lines
    road: Index
    ends: Index
    length: Array
    there: Array
    back: Array
    travel: Travel
    report: NetworkReport

    @property
    def is_open(self) -> Mask:
        """Whether an edge can be used at all, shape (e,)."""
        return np.isfinite(self.there) | np.isfinite(self.back)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the open edges' lines."""
        return shapely.STRtree(self.lines[self.is_open])

    def closed(self, edges: Mask) -> "Network":
        """The network with these edges closed in both directions."""
        return replace(
            self, there=np.where(edges, np.inf, self.there), back=np.where(edges, np.inf, self.back)
        )

    def closed_by(self, hazard: Grid, limit: float) -> "Network":
        """The network without the edges on which the hazard exceeds a limit anywhere.

        Parameters
        ----------
        hazard : Grid
            Water depth, intensity, heat …, in the CRS of the roads; no data closes nothing.
        limit : float
            In the unit of the hazard.
        """
        return self.closed(self.reached_by(hazard, limit))

    def reached_by(self, hazard: Grid, limit: float) -> Mask:
        """Edges on which the hazard exceeds a limit at a vertex or half a cell from one, shape (e,)."""
        dense = shapely.segmentize(self.lines, hazard.lattice.cell / 2)
        xy, edge = shapely.get_coordinates(dense, return_index=True)
        over = hazard.at(xy[:, 0], xy[:, 1]) > limit
        found: Mask = np.bincount(edge[over], minlength=len(self.lines)) > 0
        return found


def road_network(roads: VectorLayer, travel: Travel, tolerance: float = 1.0) -> Network:
    """The graph of a road layer.

    Parameters
    ----------
    roads : VectorLayer
        Lines in a projected CRS in metres; columns ``class`` and, if there, ``oneway``.
    travel : Travel
    tolerance : float
        Metres within which ends meet.

    Raises
    ------
    BadInput
        No lines.
    """
    if roads.geometry_kind != "line" or not len(roads):
        raise BadInput("siting_no_roads", layer=roads.title or roads.name)
    whole, row = shapely.get_parts(roads.shapes.geometries(), return_index=True)
    real = shapely.length(whole) > 0
    whole, row = whole[real], row[real]
    lines, road, parted = _parted(whole, row, tolerance)
    ends, nodes, joined = _joined(lines, tolerance)
    length = shapely.length(lines)
    there, back = _seconds(roads, road, length, travel)
    report = _report(lines, road, ends, len(nodes), joined, parted)
    return Network(nodes, lines, road, ends, length, there, back, travel, report)


def _end_points(lines: Lines) -> Lines:
    return np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])


def _parted(lines: Lines, road: Index, tolerance: float) -> tuple[Lines, Index, int]:
    """Lines parted where another one ends on them."""
    ends = _end_points(lines)
    tree = shapely.STRtree(lines)
    point, line = tree.query(ends, predicate="dwithin", distance=tolerance)
    at = shapely.line_locate_point(lines[line], ends[point])
    inside = (at > tolerance) & (at < shapely.length(lines[line]) - tolerance)
    cuts: dict[int, list[float]] = {}
    for k, place in sorted(zip(line[inside].tolist(), at[inside].tolist(), strict=True)):
        if not cuts.get(k) or place - cuts[k][-1] > tolerance:
            cuts.setdefault(k, []).append(place)
    if not cuts:
        return lines, np.asarray(road, np.int64), 0
    pieces = [
        (substring(lines[k], start, end), road[k])
        for k, places in cuts.items()
        for start, end in zip([0.0, *places], [*places, shapely.length(lines[k])], strict=True)
    ]
    kept = np.ones(len(lines), bool)
    kept[list(cuts)] = False
    parts = np.array([piece for piece, _ in pieces], object)
    rows = np.array([of for _, of in pieces], np.int64)
    number = sum(map(len, cuts.values()))
    return np.concatenate([lines[kept], parts]), np.concatenate([road[kept], rows]), number


def _joined(lines: Lines, tolerance: float) -> tuple[Index, Array, int]:
    """The nodes of both ends of each line, and their places."""
    xy = shapely.get_coordinates(_end_points(lines))
    places, place = np.unique(xy, axis=0, return_inverse=True)
    pairs = spatial.cKDTree(places).query_pairs(tolerance, output_type="ndarray")
    graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(places),) * 2)
    count, node = csgraph.connected_components(graph, directed=False)
    nodes = np.column_stack([np.bincount(node, places[:, k]) / np.bincount(node) for k in (0, 1)])
    ends = node[place.ravel()].reshape(2, -1).T.astype(np.int64)
    return ends, nodes, len(places) - int(count)


def _seconds(roads: VectorLayer, road: Index, length: Array, travel: Travel) -> tuple[Array, Array]:
    """Seconds along each line and against it."""
    classes = (
        roads["class"].astype(str).to_numpy() if "class" in roads.attributes else np.full(len(roads), OTHER)
    )
    usual = travel.speed.get(OTHER, 0.0)
    speed = np.array([travel.speed.get(name, usual) for name in classes])[road]
    with np.errstate(divide="ignore"):
        there = np.where(speed > 0, length / speed, np.inf)
    back = there.copy()
    if travel.one_way and "oneway" in roads.attributes:
        way = roads["oneway"].astype(str).str.strip().str.casefold().to_numpy()[road]
        there[np.isin(way, _BACKWARD)] = np.inf
        back[np.isin(way, _FORWARD)] = np.inf
    return there, back


def _report(lines: Lines, road: Index, ends: Index, nodes: int, joined: int, parted: int) -> NetworkReport:
    graph = sparse.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    pieces, piece = csgraph.connected_components(graph, directed=False)
    largest = np.bincount(piece[ends[:, 0]], minlength=pieces).argmax()
    apart = np.unique(road[piece[ends[:, 0]] != largest])
    one, other = shapely.STRtree(lines).query(lines, predicate="crosses")
    return NetworkReport(joined, parted, int((one < other).sum()), int(pieces), apart)

"""Snapping to what lies near, and tracing along it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from layers.grid import Extent
from layers.layer import Shapes

Point = tuple[float, float]
Sort = Literal["vertex", "intersection", "edge"]
Coordinates = NDArray[np.float64]

ALL: tuple[Sort, ...] = ("vertex", "intersection", "edge")
_MOST_CROSSING = 400  # segments of which all pairs are looked at


@dataclass(frozen=True)
class Snap:
    """Where a gesture catches.

    Parameters
    ----------
    x, y : float
    sort : {"vertex", "intersection", "edge"}
    row : int
        Row of the shapes.
    distance : float
        Metres from the pointer.
    """

    x: float
    y: float
    sort: Sort
    row: int
    distance: float


@dataclass(frozen=True, eq=False)
class Around:
    """Vertices and segments about a place, ready to be asked many times.

    Parameters
    ----------
    xy : ndarray of float64, shape (vertices, 2)
    owners : ndarray of intp, shape (vertices,)
        Row of the shapes, of each vertex.
    starts, ends : ndarray of float64, shape (segments, 2)
    rows : ndarray of intp, shape (segments,)
        Row of the shapes, of each segment.
    """

    xy: Coordinates
    owners: NDArray[np.intp]
    starts: Coordinates
    ends: Coordinates
    rows: NDArray[np.intp]


def around(near: Shapes, extent: Extent | None = None) -> Around:
    """The vertices within an extent, and the segments whose boxes meet it; all of them by default."""
    owners = (np.searchsorted(near.spans, np.arange(len(near.xy)), "right") - 1).astype(np.intp)
    starts, ends, rows = segments(near)
    if extent is None:
        return Around(near.xy, owners, starts, ends, rows)
    low, high = np.array([extent.west, extent.south]), np.array([extent.east, extent.north])
    inside = ((near.xy >= low) & (near.xy <= high)).all(axis=1)
    meets = ((np.maximum(starts, ends) >= low) & (np.minimum(starts, ends) <= high)).all(axis=1)
    return Around(near.xy[inside], owners[inside], starts[meets], ends[meets], rows[meets])


def snap(point: Point, near: Shapes | Around, tolerance: float, sorts: Sequence[Sort] = ALL) -> Snap | None:
    """The nearest vertex within the tolerance, else the nearest crossing of borders, else the nearest border.

    Parameters
    ----------
    point : tuple of float
    near : Shapes or Around
        What lies about; see `layers.storage.pages.near`.
    tolerance : float
        Metres.
    sorts : sequence of {"vertex", "intersection", "edge"}
        What may be caught.
    """
    about = around(near) if isinstance(near, Shapes) else near
    at = np.asarray(point)
    if "vertex" in sorts and len(about.xy):
        away = np.hypot(*(about.xy - at).T)
        best = int(np.argmin(away))
        if away[best] <= tolerance:
            x, y = about.xy[best]
            return Snap(float(x), float(y), "vertex", int(about.owners[best]), float(away[best]))
    if not len(about.starts):
        return None
    foot, away = _feet(at, about.starts, about.ends)
    close = away <= tolerance
    if not close.any():
        return None
    if "intersection" in sorts:
        crossing = _crossing(at, about.starts[close], about.ends[close], about.rows[close], tolerance)
        if crossing is not None:
            return crossing
    if "edge" not in sorts:
        return None
    best = int(np.argmin(away))
    return Snap(float(foot[best, 0]), float(foot[best, 1]), "edge", int(about.rows[best]), float(away[best]))


def segments(shapes: Shapes) -> tuple[Coordinates, Coordinates, NDArray[np.intp]]:
    """Starts, ends and rows of all segments; none for points."""
    if shapes.kind not in {"line", "polygon"} or len(shapes.xy) < 2:
        return np.empty((0, 2)), np.empty((0, 2)), np.empty(0, np.intp)
    joined = np.ones(len(shapes.xy) - 1, bool)
    inner = shapes.offsets[0][1:-1]
    joined[inner[(inner > 0) & (inner < len(shapes.xy))] - 1] = False
    first = np.flatnonzero(joined)
    rows = np.searchsorted(shapes.spans, first, "right") - 1
    return shapes.xy[first], shapes.xy[first + 1], rows


def _feet(at: Coordinates, starts: Coordinates, ends: Coordinates) -> tuple[Coordinates, NDArray[np.float64]]:
    """The nearest point of each segment, and how far it is."""
    way = ends - starts
    square = (way**2).sum(axis=1)
    along = ((at - starts) * way).sum(axis=1) / np.where(square > 0, square, 1)
    foot = starts + np.clip(along, 0, 1)[:, None] * way
    return foot, np.hypot(*(foot - at).T)


def _crossing(
    at: Coordinates, starts: Coordinates, ends: Coordinates, rows: NDArray[np.intp], tolerance: float
) -> Snap | None:
    if len(starts) > _MOST_CROSSING:
        return None
    a, b = np.triu_indices(len(starts), 1)
    p, r = starts[a], ends[a] - starts[a]
    q, s = starts[b], ends[b] - starts[b]
    cross = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
    apart = q - p
    with np.errstate(all="ignore"):
        t = (apart[:, 0] * s[:, 1] - apart[:, 1] * s[:, 0]) / cross
        u = (apart[:, 0] * r[:, 1] - apart[:, 1] * r[:, 0]) / cross
    meets = (cross != 0) & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
    if not meets.any():
        return None
    places = p[meets] + t[meets, None] * r[meets]
    away = np.hypot(*(places - at).T)
    best = int(np.argmin(away))
    if away[best] > tolerance:
        return None
    row = int(rows[a[meets][best]])
    return Snap(float(places[best, 0]), float(places[best, 1]), "intersection", row, float(away[best]))


def trace(near: Shapes, start: Point, end: Point, *, tolerance: float = 1e-3) -> Coordinates | None:
    """The shortest way along borders from one point to another, both included; ``None`` if there is none.

    Borders of several features are followed where they share a vertex.

    Parameters
    ----------
    near : Shapes
    start, end : tuple of float
        On a border.
    tolerance : float
        Metres within which a point lies on a border and two vertices are one.

    Returns
    -------
    ndarray of float64, shape (n, 2)
    """
    from scipy.sparse import coo_array  # the window opens sooner without it
    from scipy.sparse.csgraph import dijkstra

    starts, ends, _ = segments(near)
    for place in (start, end):
        divided = _divided(starts, ends, np.asarray(place, np.float64), tolerance)
        if divided is None:
            return None
        starts, ends = divided
    exact = np.vstack([starts, ends])
    which, count = _joined(exact, tolerance)
    a, b = which[: len(starts)], which[len(starts) :]
    lengths = np.maximum(np.hypot(*(ends - starts).T), 1e-12)
    graph = coo_array((lengths, (a, b)), shape=(count, count)).tocsr()
    nodes = np.empty((count, 2))
    nodes[which] = exact
    first, last = (_node(nodes, place, tolerance) for place in (start, end))
    if first is None or last is None:
        return None
    length, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
    if not np.isfinite(length[last]):
        return None
    path = [last]
    while path[-1] != first:
        path.append(int(before[path[-1]]))
    return nodes[path[::-1]]


def _joined(places: Coordinates, tolerance: float) -> tuple[NDArray[np.intp], int]:
    """Which node each place is, those within a cell of the tolerance being one; and how many nodes."""
    cells = np.round((places - places.min(axis=0)) / tolerance).astype(np.int64)
    keys = cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]
    found, which = np.unique(keys, return_inverse=True)
    return which.reshape(-1), len(found)


def _divided(
    starts: Coordinates, ends: Coordinates, place: Coordinates, tolerance: float
) -> tuple[Coordinates, Coordinates] | None:
    """Segments that pass through the place are divided there; ``None`` if the place lies on none."""
    if not len(starts):
        return None
    _, away = _feet(place, starts, ends)
    at_end = (np.hypot(*(starts - place).T) <= tolerance) | (np.hypot(*(ends - place).T) <= tolerance)
    if not (away <= tolerance).any():
        return None
    through = np.flatnonzero((away <= tolerance) & ~at_end)
    if not len(through):
        return starts, ends
    middle = np.repeat(place[None, :], len(through), axis=0)
    kept = np.delete(np.arange(len(starts)), through)
    return (
        np.vstack([starts[kept], starts[through], middle]),
        np.vstack([ends[kept], middle, ends[through]]),
    )


def _node(nodes: Coordinates, place: Point, tolerance: float) -> int | None:
    away = np.hypot(*(nodes - place).T)
    best = int(np.argmin(away))
    return best if away[best] <= 2 * tolerance else None

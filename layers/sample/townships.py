"""Township polygons: power cells over a mesh of made-up villages, their edges smoothed and shared.

The counties are real, the division is not. Every internal edge ends on a vertex that its county already
has, so the townships tile the counties exactly and the counties stay untouched.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from layers.grid import Array
from layers.sample.plane import chance, largest_remainder

Labels = NDArray[np.intp]

BAND = 450.0  # metres inside the county line where edges are cut before they are led to a vertex of it


@dataclass(frozen=True, eq=False)
class Towns:
    """The townships of one county before they have a shape.

    Parameters
    ----------
    code, name : tuple of str
    villages : ndarray of int64, shape (n,)
        Villages and communities of the official code list.
    urban : ndarray of bool, shape (n,)
        Sub-districts and zones: many people on little land, around the seat.
    group : tuple of str
        Code of the statistical area whose census population they share.
    anchor : ndarray of float64, shape (n, 2)
        Where the centre is known (the seat) or wanted; NaN where free.
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    villages: NDArray[np.int64]
    urban: NDArray[np.bool_]
    group: tuple[str, ...]
    anchor: Array


@dataclass(frozen=True, eq=False)
class Division:
    """A county divided.

    Parameters
    ----------
    polygons : ndarray of shapely.Polygon, shape (n,)
        On the plane, in the order of the towns.
    villages : ndarray of float64, shape (m, 2)
    labels : ndarray of intp, shape (m,)
        Township of each village.
    centres : ndarray of intp, shape (n,)
        The village that is the seat of each township.
    """

    polygons: NDArray[np.object_]
    villages: Array
    labels: Labels
    centres: Labels


def divide(county: shapely.Polygon, towns: Towns, name: str) -> Division:
    """Townships of a county.

    Parameters
    ----------
    county : shapely.Polygon
        On the plane.
    towns : Towns
    name : str
        Seeds the division.
    """
    draw = chance(f"division {name}")
    villages = _scatter(county, int(towns.villages.sum()), draw)
    known = ~np.isnan(towns.anchor[:, 0])
    villages = _replace_nearest(villages, towns.anchor[known])
    labels = _gather(villages, towns, draw)
    faces = _faces(county, _arcs(villages, labels), shapely.get_coordinates(county.exterior))
    owner = _owners(faces, villages, labels)
    polygons = _one_part_each(faces, owner, len(towns.code))
    labels = shapely.STRtree(polygons).nearest(shapely.points(villages))
    return Division(polygons, villages, labels, _centres(polygons, villages, labels, towns.anchor))


def _scatter(county: shapely.Polygon, count: int, draw: np.random.Generator) -> Array:
    """Villages on a jittered hexagonal mesh: neither clumped nor in rows."""
    step = np.sqrt(county.area / count * 2 / np.sqrt(3))
    west, south, east, north = county.bounds
    inner = county.buffer(-0.25 * step)
    while True:
        rows = np.arange(south, north + step, step * np.sqrt(3) / 2)
        columns = np.arange(west, east + step, step)
        x, y = np.meshgrid(columns, rows)
        x[1::2] += step / 2
        xy = np.column_stack([x.ravel(), y.ravel()]) + draw.normal(0, 0.2 * step, (x.size, 2))
        xy = xy[shapely.contains_xy(inner, xy)]
        if len(xy) >= count:
            kept = np.sort(draw.permutation(len(xy))[:count])
            return np.asarray(xy[kept])
        step *= 0.985


def _replace_nearest(villages: Array, anchors: Array) -> Array:
    """The villages, one of them moved onto each anchor."""
    moved, free = villages.copy(), np.ones(len(villages), bool)
    for anchor in anchors:
        distance = np.where(free, np.hypot(*(moved - anchor).T), np.inf)
        nearest = int(distance.argmin())
        moved[nearest], free[nearest] = anchor, False
    return moved


def _gather(villages: Array, towns: Towns, draw: np.random.Generator) -> Labels:
    """Villages to townships: power cells whose weights are tuned until their sizes fit the code list."""
    wanted = np.maximum(towns.villages * np.where(towns.urban, 0.3, 1.0), 1.6)
    wanted *= len(villages) / wanted.sum()
    known = ~np.isnan(towns.anchor[:, 0])
    centres = np.where(known[:, None], towns.anchor, _spread(villages, towns.anchor[known], len(known), draw))
    cell = np.ptp(villages[:, 0]) * np.ptp(villages[:, 1]) / len(villages)
    weights = np.zeros(len(known))
    for turn in range(120):
        square = ((villages[:, None] - centres) ** 2).sum(axis=2) - weights
        labels: Labels = square.argmin(axis=1)
        count = np.bincount(labels, minlength=len(known))
        weights += cell * 0.35 * np.clip(wanted - count, -4, 4) * (1 - turn / 150)
        mean = np.column_stack([np.bincount(labels, villages[:, a], len(known)) for a in (0, 1)])
        free = ~known & (count > 0)
        centres[free] += 0.4 * (mean[free] / count[free, None] - centres[free])
    for town in np.flatnonzero(np.bincount(labels, minlength=len(known)) == 0):
        labels[np.hypot(*(villages - centres[town]).T).argmin()] = town
    return labels


def _spread(villages: Array, taken: Array, count: int, draw: np.random.Generator) -> Array:
    """First centres, each the farthest of some drawn villages from those that are there."""
    chosen = list(taken)
    spread = np.empty((count, 2))
    for town in range(count):
        drawn = villages[draw.integers(0, len(villages), 12)]
        near = cKDTree(np.array(chosen)).query(drawn)[0] if chosen else np.ones(12)
        spread[town] = drawn[int(np.argmax(near))]
        chosen.append(spread[town])
    return spread


def _arcs(villages: Array, labels: Labels) -> list[shapely.LineString]:
    """Edges between townships on the villages' Voronoi mesh, merged from node to node."""
    middle, reach = villages.mean(axis=0), 3 * np.ptp(villages, axis=0).max()
    ring = np.exp(1j * np.linspace(0, 2 * np.pi, 24, endpoint=False)) * reach
    far = np.column_stack([ring.real, ring.imag]) + middle
    mesh = Voronoi(np.concatenate([villages, far]))
    owner = np.concatenate([labels, np.full(len(far), -1)])
    pairs, ends = mesh.ridge_points, np.asarray(mesh.ridge_vertices)
    kept = (
        (owner[pairs[:, 0]] != owner[pairs[:, 1]]) & (owner[pairs] >= 0).all(axis=1) & (ends >= 0).all(axis=1)
    )
    lines = shapely.linestrings(np.round(mesh.vertices[ends[kept]], 2))
    lines = lines[shapely.length(lines) > 0]
    return list(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))))


def _faces(county: shapely.Polygon, arcs: list[shapely.LineString], corners: Array) -> NDArray[np.object_]:
    """The county cut along the arcs."""
    inner = county.buffer(-BAND)
    loose: list[tuple[Array, bool, bool]] = []
    for arc in arcs:
        for piece in shapely.get_parts(shapely.intersection(arc, inner)):
            line = shapely.get_coordinates(piece)
            if piece.geom_type == "LineString" and piece.length > 1:
                ends = shapely.distance(shapely.points(line[[0, -1]]), inner.boundary) < 0.01
                loose.append((_smooth(line), bool(ends[0]), bool(ends[1])))
    cuts = [shapely.linestrings(line) for line, _, _ in loose]
    links: list[shapely.LineString] = []
    for line, first, last in loose:
        ends = [line[0]] * first + [line[-1]] * last
        links += [_link(end, county, corners, cuts + links) for end in ends]
    edge = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
    faces: NDArray[np.object_] = shapely.get_parts(shapely.polygonize([*edge, *cuts, *links]))
    return faces


def _smooth(line: Array, turns: int = 2) -> Array:
    """Chaikin's corner cutting; the ends stay."""
    for _ in range(turns):
        if len(line) < 3:
            return line
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        inside = np.stack([near, far], axis=1).reshape(-1, 2)[1:-1]
        line = np.concatenate([line[:1], inside, line[-1:]])
    return line


def _link(
    end: Array, county: shapely.Polygon, corners: Array, others: list[shapely.LineString]
) -> shapely.LineString:
    """From the end of an edge to the nearest vertex of the county line that can be reached freely."""
    order = np.argsort(np.hypot(*(corners[:-1] - end).T), kind="stable")
    for corner in corners[order[:40]]:
        link = shapely.linestrings(np.array([end, corner]))
        crossed = shapely.intersection(np.array(others, dtype=object), link)
        ends = shapely.multipoints([end, corner]).buffer(1e-6)
        if county.covers(link) and shapely.covers(ends, crossed[~shapely.is_empty(crossed)]).all():
            return link
    raise RuntimeError(f"no free way to the county line from {end}")


def _owners(faces: NDArray[np.object_], villages: Array, labels: Labels) -> Labels:
    """The township that has most villages in each face; −1 for a face without any."""
    points, found = shapely.STRtree(faces).query(shapely.points(villages), predicate="within")
    owner = np.full(len(faces), -1)
    for face in range(len(faces)):
        inside = labels[points[found == face]]
        if len(inside):
            owner[face] = np.bincount(inside).argmax()
    return owner


def _one_part_each(faces: NDArray[np.object_], owner: Labels, count: int) -> NDArray[np.object_]:
    """Townships of one part: a face apart from its township's largest goes to the longest neighbour."""
    area = shapely.area(faces)
    largest = [max(np.flatnonzero(owner == town), key=lambda face: area[face]) for town in range(count)]
    town_of = np.full(len(faces), -1)
    town_of[largest] = np.arange(count)
    while (town_of < 0).any():
        for face in np.flatnonzero(town_of < 0):
            shared = shapely.length(shapely.intersection(faces[face], faces)) * (town_of >= 0)
            if shared.max() > 0:
                town_of[face] = town_of[int(shared.argmax())]
    return np.array(
        [shapely.coverage_union_all(faces[town_of == town]) for town in range(count)], dtype=object
    )


def _centres(polygons: NDArray[np.object_], villages: Array, labels: Labels, anchor: Array) -> Labels:
    """The village nearest to the anchor, or else to the middle of the polygon."""
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    wanted = np.where(np.isnan(anchor), middle, anchor)
    return np.array(
        [
            min(np.flatnonzero(labels == town), key=lambda v: np.hypot(*(villages[v] - wanted[town])))
            for town in range(len(polygons))
        ]
    )


def populations(towns: Towns, totals: dict[str, int], name: str) -> NDArray[np.int64]:
    """People of each township, summing to the census population of each statistical area.

    Parameters
    ----------
    towns : Towns
    totals : dict
        Population by statistical area code.
    name : str
        Seeds the variation.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    draw = chance(f"population {name}")
    seat = ~np.isnan(towns.anchor[:, 0])
    weights = (towns.villages + 0.5) * np.where(towns.urban, 5.0, np.where(seat, 2.2, 1.0))
    weights *= np.exp(draw.normal(0, 0.15, len(weights)))
    people = np.zeros(len(weights), np.int64)
    group = np.array(towns.group)
    for code, total in totals.items():
        people[group == code] = largest_remainder(weights[group == code], total)
    return people

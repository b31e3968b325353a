"""Vertices moved, added and taken away; borders that several features share move together."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.changes import Change, Edit
from layers.editing.features import Rows, shape, wkb
from layers.errors import BadInput

Point = tuple[float, float]
Tables = Mapping[str, Rows]
"""Features near the place, by table and key."""

Coordinates = NDArray[np.float64]
SAME = 1e-3
"""Metres within which two vertices are one."""


def vertex_moved(near: Tables, place: Point, to: Point, name: str, *, tolerance: float = SAME) -> Edit:
    """Every vertex at a place moved to another, in all features that have one there.

    A feature whose border only passes through the place gets a vertex there first, so that no gap opens.

    Parameters
    ----------
    near : mapping of table to rows
        All features that may be concerned; to move one feature alone, give that one.
    place, to : tuple of float
    name : str
    tolerance : float
        Metres.

    Raises
    ------
    BadInput
        No feature has a vertex or a border there, or a polygon would collapse.
    """

    def move(coordinates: Coordinates) -> Coordinates:
        with_vertex = _with_vertex(coordinates, place, tolerance)
        at = np.hypot(*(with_vertex - place).T) <= tolerance
        return np.where(at[:, None], to, with_vertex)

    return _edit(near, place, tolerance, move, name)


def vertex_added(near: Tables, place: Point, name: str, *, tolerance: float = SAME) -> Edit:
    """A vertex on the borders that pass through a place."""
    return _edit(near, place, tolerance, lambda c: _with_vertex(c, place, tolerance), name)


def vertex_removed(near: Tables, place: Point, name: str, *, tolerance: float = SAME) -> Edit:
    """The vertices at a place taken away."""

    def drop(coordinates: Coordinates) -> Coordinates:
        kept = np.hypot(*(coordinates - place).T) > tolerance
        left = coordinates[kept]
        is_ring = len(coordinates) > 2 and bool(np.all(coordinates[0] == coordinates[-1]))
        if is_ring and not (kept[0] and kept[-1]):
            left = np.vstack([left, left[:1]])
        return left if len(left) >= (4 if is_ring else 2) else coordinates

    return _edit(near, place, tolerance, drop, name)


def _edit(near: Tables, place: Point, tolerance: float, change: Any, name: str) -> Edit:
    changes = []
    for table, rows in near.items():
        for key, row in rows.items():
            geometry = shape(row)
            if geometry is None or _distance(geometry, place) > tolerance:
                continue
            made = _changed(geometry, change)
            if (made.area == 0 and geometry.area > 0) or shapely.is_empty(made):
                raise BadInput("vertex_collapses")
            if not shapely.equals_exact(made, geometry):
                changes.append(Change(table, key, row, {**row, "geom": wkb(made)}))
    if not changes:
        raise BadInput("vertex_none")
    return Edit(name, tuple(changes))


def _distance(geometry: Any, place: Point) -> float:
    """From the vertices and borders, not from the inside."""
    border = geometry.boundary if geometry.area else geometry
    return float(shapely.distance(border, shapely.Point(place)))


def _changed(geometry: Any, change: Any) -> Any:
    """The geometry with every ring, line and point passed through `change`."""
    parts = shapely.get_parts(geometry)
    if shapely.get_dimensions(geometry) == 0:
        return shapely.multipoints(change(shapely.get_coordinates(geometry)))
    if shapely.get_dimensions(geometry) == 1:
        return shapely.multilinestrings(
            [shapely.linestrings(change(shapely.get_coordinates(p))) for p in parts]
        )
    return shapely.multipolygons([_polygon(part, change) for part in parts])


def _polygon(part: Any, change: Any) -> Any:
    holes = [change(shapely.get_coordinates(ring)) for ring in part.interiors]
    return shapely.Polygon(change(shapely.get_coordinates(part.exterior)), holes)


def _with_vertex(coordinates: Coordinates, place: Point, tolerance: float) -> Coordinates:
    """With a vertex at the place if a segment passes through it and none is there."""
    if len(coordinates) < 2 or (np.hypot(*(coordinates - place).T) <= tolerance).any():
        return coordinates
    start, way = coordinates[:-1], np.diff(coordinates, axis=0)
    square = (way**2).sum(axis=1)
    along = ((np.asarray(place) - start) * way).sum(axis=1) / np.where(square > 0, square, 1)
    foot = start + np.clip(along, 0, 1)[:, None] * way
    away = np.hypot(*(foot - place).T)
    nearest = int(np.argmin(away))
    if away[nearest] > tolerance:
        return coordinates
    return np.insert(coordinates, nearest + 1, place, axis=0)

"""Split, merge, reshape, cut a hole, offset, rotate, move: gestures on features, each returns an Edit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.ops import split as split_by
from shapely.ops import substring

from layers.changes import Change, Edit, Row, Value
from layers.editing.features import Rows, new_key, reshaped, shape, wkb
from layers.errors import BadInput

Point = tuple[float, float]


def split(
    table: str, key: str, row: Row, line: Any, name: str, *, keeps: int = 0, shared: Sequence[str] = ()
) -> Edit:
    """A line or polygon in two or more along a line.

    Parameters
    ----------
    table, key : str
    row : Row
    line : shapely LineString
    name : str
    keeps : int
        The piece that stays the feature, the largest being 0; the others become features of their own, with
        the same values but without `code`, which would no longer be unique.
    shared : sequence of str
        Fields that are shared out by size (people, floor area): whole numbers stay whole and add up.

    Raises
    ------
    BadInput
        The line does not cut the feature.
    """
    pieces = _pieces(shape(row), line)
    if len(pieces) < 2:
        raise BadInput("split_misses")
    sizes = np.array([piece.area or piece.length for piece in pieces])
    order = np.argsort(-sizes, kind="stable")
    pieces, sizes = [pieces[n] for n in order], sizes[order]
    keeps = min(keeps, len(pieces) - 1)
    parts = {field: _shares(row.get(field), sizes) for field in shared if row.get(field) is not None}
    changes: list[Change] = []
    for number, piece in enumerate(pieces):
        after = {**row, **{field: cells[number] for field, cells in parts.items()}, "geom": wkb(piece)}
        if number == keeps:
            changes.insert(0, Change(table, key, row, after))
        else:
            lost = {"code": None} if "code" in row else {}
            changes.append(Change(table, new_key(), None, {**after, **lost}))
    return Edit(name, tuple(changes))


def _pieces(geometry: Any, line: Any) -> list[Any]:
    pieces: list[Any] = []
    for part in shapely.get_parts(geometry):
        pieces += list(shapely.get_parts(split_by(part, line)))
    whole = [p for p in pieces if p.area > 0 or p.length > 0]
    return whole if len(whole) > len(shapely.get_parts(geometry)) else []


def _shares(total: Value, sizes: NDArray[np.float64]) -> list[Value]:
    if isinstance(total, str | bytes) or total is None:
        return [total] * len(sizes)
    exact = float(total) * sizes / sizes.sum()
    if isinstance(total, float):
        return [float(v) for v in exact]
    whole = np.floor(exact).astype(int)
    rest = int(total) - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:rest]] += 1
    return [int(v) for v in whole]


def merged(
    table: str,
    rows: Rows,
    survivor: str,
    name: str,
    *,
    values: Mapping[str, str] | None = None,
    summed: Sequence[str] = (),
    given: Mapping[str, Value] | None = None,
) -> Edit:
    """Several features as one.

    Parameters
    ----------
    table : str
    rows : mapping
        The features; at least two.
    survivor : str
        Key of the one that stays, with its values.
    name : str
    values : mapping of str to str, optional
        Field → key of the feature whose value wins.
    summed : sequence of str
        Fields that are added up.
    given : mapping of str to value, optional
        Values that were decided otherwise; they go before all others.
    """
    if len(rows) < 2 or survivor not in rows:
        raise BadInput("merge_needs_two")
    parts = [shape(row) for row in rows.values() if shape(row) is not None]
    after = {**rows[survivor], "geom": wkb(_multi(shapely.union_all(parts)))}
    for field, key in (values or {}).items():
        after[field] = rows[key].get(field)
    for field in summed:
        cells = [row.get(field) for row in rows.values()]
        numbers = [cell for cell in cells if isinstance(cell, int | float)]
        after[field] = sum(numbers) if numbers else None
    after |= dict(given or {})
    gone = [Change(table, key, row, None) for key, row in rows.items() if key != survivor]
    return Edit(name, (Change(table, survivor, rows[survivor], after), *gone))


def _multi(geometry: Any) -> Any:
    """A collection of touching lines and points is no shape of one kind: keep the highest dimension."""
    parts = shapely.get_parts(geometry)
    dimension = shapely.get_dimensions(parts).max()
    kept = parts[shapely.get_dimensions(parts) == dimension]
    make = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}[int(dimension)]
    merged_lines = (
        shapely.get_parts(shapely.line_merge(shapely.multilinestrings(kept))) if dimension == 1 else kept
    )
    return make(merged_lines)


def with_hole(table: str, key: str, row: Row, hole: Any, name: str) -> Edit:
    """A hole cut into a polygon.

    Raises
    ------
    BadInput
        The hole does not lie within it.
    """
    geometry = shape(row)
    if not shapely.contains_properly(geometry, hole):
        raise BadInput("hole_outside")
    return reshaped(table, {key: row}, {key: shapely.difference(geometry, hole)}, name)


def bent(table: str, key: str, row: Row, line: Any, name: str, *, neighbours: Rows | None = None) -> Edit:
    """A border or line drawn anew where `line` meets it twice.

    With `neighbours` (polygons of the same layer) the ground that is won is taken from them, and what is
    given up goes to the one that shares most of its border: no gap and no overlap comes about.

    Raises
    ------
    BadInput
        The line does not meet the feature twice.
    """
    before = shape(row)
    after = _bent_line(before, line) if before.area == 0 else _bent_polygon(before, line)
    shapes = {key: after, **_passed_on(before, after, neighbours or {})}
    return reshaped(table, {key: row, **(neighbours or {})}, shapes, name)


def _bent_polygon(polygon: Any, line: Any) -> Any:
    """Parts inside are cut away, parts outside are added, as the line draws them."""
    border = shapely.union_all([polygon.boundary, line])
    faces = shapely.get_parts(shapely.polygonize([border]))
    inside = [f for f in faces if polygon.contains(f.representative_point())]
    outside = [f for f in faces if f.boundary.intersection(line).length > 0 and f not in inside]
    if len(inside) < 2 and not outside:
        raise BadInput("reshape_misses")
    touched = [face for face in inside if face.boundary.intersection(line).length > 0]
    cut = sorted(touched, key=lambda face: -face.area)[1:]
    return shapely.union_all([*(face for face in inside if face not in cut), *outside])


def _bent_line(geometry: Any, line: Any) -> Any:
    parts = list(shapely.get_parts(geometry))
    for number, part in enumerate(parts):
        meets = [p for p in shapely.get_parts(part.intersection(line)) if p.geom_type == "Point"]
        if len(meets) >= 2:
            along = sorted(part.project(p) for p in meets)
            ends = sorted(line.project(p) for p in meets)
            middle = _between(line, ends[0], ends[-1])
            if part.project(shapely.Point(middle.coords[0])) > along[0] + 1e-9:
                middle = shapely.reverse(middle)
            pieces = [_between(part, 0, along[0]), middle, _between(part, along[-1], part.length)]
            coordinates = np.concatenate([shapely.get_coordinates(p) for p in pieces if p.length > 0])
            parts[number] = shapely.remove_repeated_points(shapely.LineString(coordinates), 1e-9)
            return shapely.multilinestrings(parts)
    raise BadInput("reshape_misses")


def _between(line: Any, start: float, end: float) -> Any:
    return substring(line, start, end)


def _passed_on(before: Any, after: Any, neighbours: Rows) -> dict[str, Any]:
    won, lost = shapely.difference(after, before), shapely.difference(before, after)
    shapes = {key: shape(row) for key, row in neighbours.items()}
    changed = {
        key: shapely.difference(g, won)
        for key, g in shapes.items()
        if shapely.area(shapely.intersection(g, won)) > 0
    }
    for piece in shapely.get_parts(lost):
        sides = {
            key: shapely.length(shapely.intersection(g.boundary, piece.boundary)) for key, g in shapes.items()
        }
        best = max(sides, key=lambda key: sides[key], default="")
        if best and sides[best] > 0:
            changed[best] = shapely.union(changed.get(best, shapes[best]), piece)
    return changed


def offset(table: str, key: str, row: Row, distance: float, name: str) -> Edit:
    """A polygon grown or shrunk, or a line moved to its left (positive) or right, by metres.

    Raises
    ------
    BadInput
        Nothing would be left.
    """
    geometry = shape(row)
    if geometry.area:
        made = shapely.buffer(geometry, distance, join_style="mitre")
    else:
        parts = [
            shapely.offset_curve(part, distance, join_style="mitre") for part in shapely.get_parts(geometry)
        ]
        made = shapely.multilinestrings([p for part in parts for p in shapely.get_parts(part)])
    if shapely.is_empty(made):
        raise BadInput("offset_too_far", distance=distance)
    return reshaped(table, {key: row}, {key: made}, name)


def rotated(table: str, rows: Rows, degrees: float, about: Point, name: str) -> Edit:
    """Features turned clockwise about a point."""
    shapes = {k: affinity.rotate(shape(row), -degrees, origin=about) for k, row in rows.items() if shape(row)}
    return reshaped(table, rows, shapes, name)


def moved(table: str, rows: Rows, east: float, north: float, name: str) -> Edit:
    """Features moved by metres."""
    shapes = {k: affinity.translate(shape(row), east, north) for k, row in rows.items() if shape(row)}
    return reshaped(table, rows, shapes, name)

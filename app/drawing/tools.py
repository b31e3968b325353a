"""The tools that draw: what the hand has to do, what is seen meanwhile, and the edit it ends in."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from layers.changes import Edit, Row
from layers.editing import features, shaping
from layers.errors import BadInput, KnownError

Point = tuple[float, float]
Points = tuple[Point, ...]
Hand = Points | float
"""What the hand gave: points, or the one number that was typed or pointed at."""
Shown = Sequence[Any]
"""Shapely geometries that are drawn while the hand moves."""
Rows = dict[str, Row]

MANY = 10_000
HEAVY = 4000
"""Vertices beyond which a result is not tried at every move of the hand."""


def _nothing(hand: Hand) -> Shown:
    return ()


@dataclass(frozen=True)
class Tool:
    """What a tool asks of the hand and makes of it.

    Parameters
    ----------
    hint : str
        Key of the words that say what to do.
    fewest, most : int
        Points; at `most` it is done without Enter.
    edit : callable
        The edit that the hand means. Raises `KnownError` where it means none.
    shown : callable
        What would come of it, drawn while the hand moves.
    closes : bool
        The points are drawn as a ring.
    number : callable, optional
        The number that the points mean (metres, degrees); such a tool takes a typed number instead.
    unit : str
    base : tuple of float, optional
        Where a typed offset begins while no point is set.
    """

    hint: str
    fewest: int
    most: int
    edit: Callable[[Hand], Edit]
    shown: Callable[[Hand], Shown] = _nothing
    closes: bool = False
    number: Callable[[Points], float] | None = None
    unit: str = ""
    base: Point | None = None


def points_of(hand: Hand) -> Points:
    """The points of a hand that gave points."""
    assert not isinstance(hand, float)
    return hand


def adding(kind: str, edit: Callable[[Any], Edit]) -> Tool:
    """A new feature; `edit` makes it of a geometry."""
    fewest, most = {"point": (1, 1), "line": (2, MANY), "polygon": (3, MANY)}[kind]
    make: Callable[[Points], Any] = {
        "point": lambda points: shapely.Point(points[0]),
        "line": shapely.LineString,
        "polygon": shapely.Polygon,
    }[kind]
    return Tool(f"draw.add_{kind}", fewest, most, lambda hand: edit(make(points_of(hand))),
                closes=kind == "polygon")  # fmt: skip


def moving(table: str, rows: Rows, name: str) -> Tool:
    """Features moved from one point to another."""

    def way(hand: Hand) -> Point:
        (x, y), (to_x, to_y) = points_of(hand)[:2]
        return to_x - x, to_y - y

    def shown(hand: Hand) -> Shown:
        points = points_of(hand)
        return _geometries(shaping.moved(table, rows, *way(points), name)) if len(points) > 1 else ()

    edit = lambda hand: shaping.moved(table, rows, *way(hand), name)  # noqa: E731
    return Tool("draw.move", 2, 2, edit, _if_light(rows, shown), base=_middle(rows))


def splitting(table: str, key: str, row: Row, name: str, shared: Sequence[str]) -> Tool:
    """A feature in two or more, along a line."""

    def edit(hand: Hand) -> Edit:
        line = shapely.LineString(points_of(hand))
        return shaping.split(table, key, row, line, name, shared=shared)

    return Tool("draw.split", 2, MANY, edit, _tried(edit, {key: row}))


def reshaping(table: str, key: str, row: Row, name: str, neighbours: Rows | None) -> Tool:
    """A border or line drawn anew; with neighbours, they give and take what the feature does."""

    def edit(hand: Hand) -> Edit:
        line = shapely.LineString(points_of(hand))
        return shaping.bent(table, key, row, line, name, neighbours=neighbours)

    return Tool("draw.reshape", 2, MANY, edit, _tried(edit, {key: row, **(neighbours or {})}))


def holing(table: str, key: str, row: Row, name: str) -> Tool:
    """A hole in a polygon."""

    def edit(hand: Hand) -> Edit:
        return shaping.with_hole(table, key, row, shapely.Polygon(points_of(hand)), name)

    return Tool("draw.hole", 3, MANY, edit, closes=True)


def offsetting(table: str, key: str, row: Row, name: str) -> Tool:
    """A polygon grown or shrunk, a line moved aside: as far as the hand is from its border."""
    geometry = features.shape(row)
    border = geometry.boundary if geometry.area else geometry

    def number(points: Points) -> float:
        at = shapely.Point(points[-1])
        away = round(float(shapely.distance(border, at)), 2)
        inside = shapely.covers(geometry, at) if geometry.area else not _is_left(geometry, at)
        return -away if inside else away

    def edit(hand: Hand) -> Edit:
        away = hand if isinstance(hand, float) else number(hand)
        return shaping.offset(table, key, row, away, name)

    return Tool("draw.offset", 1, 1, edit, _tried(edit, {key: row}), number=number, unit="m")


def rotating(table: str, rows: Rows, name: str) -> Tool:
    """Features turned about the middle of their box: by the angle between two points, clockwise."""
    about = _middle(rows)

    def bearing(to: Point) -> float:
        return math.degrees(math.atan2(to[0] - about[0], to[1] - about[1]))

    def number(points: Points) -> float:
        angle = bearing(points[-1]) - bearing(points[0])
        return round((angle + 180) % 360 - 180, 1)

    def edit(hand: Hand) -> Edit:
        angle = hand if isinstance(hand, float) else number(hand)
        return shaping.rotated(table, rows, angle, about, name)

    return Tool("draw.rotate", 2, 2, edit, _tried(edit, rows), number=number, unit="°")


def _middle(rows: Rows) -> Point:
    """The middle of the box of features."""
    shapes = [shape for row in rows.values() if (shape := features.shape(row)) is not None]
    west, south, east, north = shapely.total_bounds(shapes)
    return float(west + east) / 2, float(south + north) / 2


def _is_left(line: Any, at: Any) -> bool:
    """Whether a point lies to the left of a line, looking along it."""
    part = min(shapely.get_parts(line), key=lambda p: shapely.distance(p, at))
    along = part.project(at)
    step = max(part.length * 1e-6, 1e-6)
    a, b = part.interpolate(max(along - step, 0)), part.interpolate(min(along + step, part.length))
    return bool((b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x) > 0)


def _geometries(edit: Edit) -> list[Any]:
    return [features.shape(change.after) for change in edit.changes if change.after is not None]


def _tried(edit: Callable[[Hand], Edit], rows: Rows) -> Callable[[Hand], Shown]:
    """What the edit would make; nothing while it cannot be made yet."""

    def shown(hand: Hand) -> Shown:
        try:
            return _geometries(edit(hand))
        except (KnownError, shapely.errors.GEOSException, ValueError):
            return ()

    return _if_light(rows, shown)


def _if_light(rows: Rows, shown: Callable[[Hand], Shown]) -> Callable[[Hand], Shown]:
    shapes = [features.shape(row) for row in rows.values()]
    return shown if shapely.get_num_coordinates(shapes).sum() <= HEAVY else _nothing


def typed_number(text: str) -> float:
    """A number that was typed for a tool that takes one.

    Raises
    ------
    BadInput
        It is none.
    """
    plain = text.strip().rstrip("°m米度 ").replace(",", "")
    try:
        number = float(plain)
    except ValueError:
        raise BadInput("number_unreadable", text=text) from None
    if not math.isfinite(number):
        raise BadInput("number_unreadable", text=text)
    return number

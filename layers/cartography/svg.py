"""SVG drawings taken apart: filled and stroked shapes become rings of points, and nothing else is kept.

So no style can run a script, read a file or reach a network, whoever drew the icon.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

import numpy as np
import shapely
from fontTools.misc.transform import Identity, Transform
from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path import parse_path
from fontTools.svgLib.path.shapes import PathBuilder

from layers.cartography.icons import LARGEST_FILE
from layers.cartography.symbols import ICON_TEXT
from layers.errors import BadInput

STEPS = 8  # pieces of a curve
FINE = 0.004  # of the height: corners that lie nearer to the line are left out
DEEPEST = 20
_DRAWN = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_GROUPS = {"svg", "g", "a"}
_NUMBER = re.compile(r"-?\d*\.?\d+(?:e-?\d+)?")


def icon_from_svg(text: str) -> str:
    """The outline of an SVG drawing, as styles keep it: rings ``Mx,y x,y …`` in thousandths of its height.

    Fills and strokes become one silhouette. Pictures, words, links, scripts and styles are left out.

    Parameters
    ----------
    text : str
        The SVG document.

    Raises
    ------
    BadInput
        It is no SVG, declares entities, shows nothing, or is too large.
    """
    bare = re.sub(r"<!DOCTYPE[^>\[]*>|<!--.*?-->", "", text, flags=re.DOTALL)
    if len(text) > LARGEST_FILE:
        raise BadInput("icon_too_large", most=LARGEST_FILE // 1000)
    if "<!" in bare.replace("<![CDATA[", ""):
        raise BadInput("icon_unreadable", reason="<!ENTITY>")
    try:
        root = fromstring(bare)  # noqa: S314  no document type, no entities
        ink = shapely.union_all([shape for shape in _shapes(root, Identity, {}, 0) if not shape.is_empty])
    except (ParseError, ValueError, TypeError, IndexError, KeyError, shapely.GEOSException) as error:
        raise BadInput("icon_unreadable", reason=str(error)[:80]) from error
    if ink.is_empty:
        raise BadInput("icon_empty")
    outline = _written(ink)
    if len(outline) > ICON_TEXT:
        raise BadInput("icon_too_large", most=LARGEST_FILE // 1000)
    return outline


def _written(ink: shapely.Geometry) -> str:
    """Rings in thousandths of the larger side, around the middle of the box."""
    west, north, east, south = ink.bounds
    side = max(east - west, south - north)
    simple = shapely.simplify(ink, side * FINE)
    rings = []
    for part in shapely.get_parts(simple):
        for ring in (part.exterior, *part.interiors):
            xy = (shapely.get_coordinates(ring) - ((west + east) / 2, (north + south) / 2)) / side
            rings.append("M" + " ".join(f"{x},{y}" for x, y in np.rint(xy * 1000).astype(int)))
    return "".join(rings)


def _shapes(
    element: Element, placed: Transform, inherited: dict[str, str], depth: int
) -> Iterator[shapely.Geometry]:
    """The areas that an element and those in it cover."""
    tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    look = inherited | _look(element)
    placed = placed.transform(_transform(element))
    if tag in _DRAWN and look.get("display") != "none":
        yield from _areas(element, tag, placed, look)
    elif tag in _GROUPS and depth < DEEPEST and look.get("display") != "none":
        for child in element:
            yield from _shapes(child, placed, look, depth + 1)


def _look(element: Element) -> dict[str, str]:
    """Fill, stroke and width, from attributes and from ``style``."""
    said = dict(pair.split(":", 1) for pair in element.get("style", "").split(";") if ":" in pair)
    found = {key.strip(): value.strip() for key, value in said.items()}
    names = ("fill", "stroke", "stroke-width", "display", "fill-rule")
    return {n: found.get(n, element.get(n, "")) for n in names if found.get(n, element.get(n))}


def _transform(element: Element) -> Any:
    placed = Identity
    for name, values in _TRANSFORM.findall(element.get("transform", "")):
        numbers = [float(number) for number in _NUMBER.findall(values)]
        placed = placed.transform(_TRANSFORMS[name](*numbers))
    return placed


def _rotation(degrees: float, x: float = 0.0, y: float = 0.0) -> Transform:
    return Identity.translate(x, y).rotate(math.radians(degrees)).translate(-x, -y)


_TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")
_TRANSFORMS: dict[str, Callable[..., Transform]] = {
    "matrix": Transform,
    "translate": Identity.translate,
    "scale": Identity.scale,
    "rotate": _rotation,
    "skewX": lambda degrees: Identity.skew(math.radians(degrees), 0),
    "skewY": lambda degrees: Identity.skew(0, math.radians(degrees)),
}


def _areas(element: Element, tag: str, placed: Transform, look: dict[str, str]) -> Iterator[shapely.Geometry]:
    builder = PathBuilder()
    plain = Element(tag, {k: v for k, v in element.attrib.items() if k != "transform"})
    builder.add_path_from_element(plain)
    lines = [line for path in builder.paths for line in _Lines.of(path, placed)]
    if look.get("fill", "black") != "none" and tag != "line":
        rings = [shapely.make_valid(shapely.Polygon(line)) for line in lines if len(line) > 2]
        yield _filled(rings, even_odd=look.get("fill-rule") == "evenodd")
    if look.get("stroke", "none") != "none":
        width = float(_NUMBER.findall(look.get("stroke-width", "1"))[0])
        half = width * abs(placed[0] * placed[3] - placed[1] * placed[2]) ** 0.5 / 2
        yield shapely.union_all([shapely.LineString(line).buffer(half, 6) for line in lines if len(line) > 1])


def _filled(rings: list[shapely.Geometry], *, even_odd: bool) -> shapely.Geometry:
    """Rings within rings are holes, by the other rule too where they lie wholly inside."""
    found = shapely.Polygon()
    for ring in sorted(rings, key=shapely.area, reverse=True):
        is_hole = even_odd or found.contains(ring)
        found = found.symmetric_difference(ring) if is_hole else found.union(ring)
    return found


class _Lines(BasePen):  # type: ignore[misc]
    """A pen that notes the lines of a path, curves in pieces."""

    def __init__(self, placed: Transform) -> None:
        super().__init__(None)
        self.lines: list[list[tuple[float, float]]] = []
        self._placed = placed

    @classmethod
    def of(cls, path: str, placed: Transform) -> list[list[tuple[float, float]]]:
        """The lines of a path, each a list of points."""
        pen = cls(placed)
        parse_path(path, pen)
        return pen.lines

    def _moveTo(self, at: tuple[float, float]) -> None:
        self.lines.append([self._placed.transformPoint(at)])

    def _lineTo(self, to: tuple[float, float]) -> None:
        self.lines[-1].append(self._placed.transformPoint(to))

    def _curveToOne(
        self, one: tuple[float, float], two: tuple[float, float], end: tuple[float, float]
    ) -> None:
        start = np.array(self._getCurrentPoint())
        t = np.linspace(0, 1, STEPS + 1)[1:, None]
        s = 1 - t
        curve = (
            s**3 * start
            + 3 * s * s * t * np.array(one)
            + 3 * s * t * t * np.array(two)
            + t**3 * np.array(end)
        )
        self.lines[-1] += [self._placed.transformPoint(point) for point in curve.tolist()]

    def _closePath(self) -> None:
        self.lines[-1].append(self.lines[-1][0])

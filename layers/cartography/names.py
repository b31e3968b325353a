"""Names: where the labels of a map stand so that none lies on another or runs out of the frame."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.cartography import typeface
from layers.cartography.page import Box
from layers.cartography.plate import words_box
from layers.cartography.sheet import Drawn, MapSheet
from layers.cartography.style import Label
from layers.layer import VectorLayer

_SHRINK = (1.0, 0.85, 0.72)
_GAP = 0.5


@dataclass(frozen=True)
class Name:
    """A label in its place.

    Parameters
    ----------
    x, y : float
        Start of the baseline, mm on the A3 layout.
    words : str
    size : float
        Points on A3.
    color, halo : str
    angle : float
        Degrees anticlockwise.
    box : Box
        The room it takes.
    """

    x: float
    y: float
    words: str
    size: float
    color: str
    halo: str
    angle: float
    box: Box


def name_places(sheet: MapSheet) -> list[Name]:
    """All labels of the sheet's layers that find room; topmost layers choose first, then large features.

    A label that finds none in any of its places and sizes is left out.
    """
    frame = sheet.layout.frame.grown(-1)
    placed: list[Name] = []
    for drawn in reversed(sheet.layers):
        for candidates in _features(sheet, drawn):
            free = (n for n in candidates if frame.holds(n.box) and not _taken(n, placed))
            chosen = next(free, None)
            if chosen is not None:
                placed.append(chosen)
    return placed


def _taken(name: Name, placed: list[Name]) -> bool:
    room = name.box.grown(_GAP)
    return any(room.meets(other.box) for other in placed)


def _features(sheet: MapSheet, drawn: Drawn) -> Iterator[list[Name]]:
    label, layer = drawn.style.label, drawn.layer
    if label is None or not isinstance(layer, VectorLayer) or label.field not in layer.attributes:
        return
    if label.smallest_scale and sheet.scale > label.smallest_scale:
        return
    words = layer[label.field]
    shapes = shapely.clip_by_rect(layer.shapes.geometries(), *sheet.extent)
    for row in _order(layer, label, shapes):
        if not shapely.is_empty(shapes[row]) and pd.notna(words.iloc[row]) and str(words.iloc[row]):
            yield list(_candidates(sheet, shapes[row], str(words.iloc[row]), label))


def _order(layer: VectorLayer, label: Label, shapes: np.ndarray) -> np.ndarray:
    if label.priority in layer.attributes:
        weight = pd.to_numeric(layer[label.priority], errors="coerce").fillna(-np.inf).to_numpy(float)
    else:
        weight = shapely.area(shapes) + shapely.length(shapes)
    return np.argsort(-weight, kind="stable")


def _candidates(sheet: MapSheet, shape: shapely.Geometry, words: str, label: Label) -> Iterator[Name]:
    dimension = shapely.get_dimensions(shape)
    places = (_point_places, _line_places, _area_places)[dimension]
    for shrink in _SHRINK:
        size = label.size_pt * shrink
        wide = typeface.width(words, size)
        for x, y, angle in places(sheet, shape, wide, size * typeface.POINT):
            box = words_box(x, y, wide, size, angle)
            yield Name(x, y, words, size, label.color, label.halo, angle, box)


def _area_places(
    sheet: MapSheet, shape: shapely.Geometry, wide: float, high: float
) -> Iterator[tuple[float, float, float]]:
    """Around the middle of the largest circle inside the largest part."""
    parts = shapely.get_parts(shape)
    largest = parts[np.argmax(shapely.area(parts))]
    circle = shapely.maximum_inscribed_circle(largest, tolerance=sheet.metres_per_mm / 2)
    ((x, y),) = sheet.on_paper(shapely.get_coordinates(circle)[:1])
    for across, up in ((0, 0), (0, 1), (0, -1), (0.35, 0), (-0.35, 0), (0, 2), (0, -2)):
        yield x - wide / 2 + across * wide, y - 0.37 * high + up * high * 1.1, 0.0


def _point_places(
    sheet: MapSheet, shape: shapely.Geometry, wide: float, high: float
) -> Iterator[tuple[float, float, float]]:
    """Right, left, above and below the first point."""
    ((x, y),) = sheet.on_paper(shapely.get_coordinates(shape)[:1])
    off = 1.8
    yield x + off, y - 0.37 * high, 0.0
    yield x - off - wide, y - 0.37 * high, 0.0
    yield x - wide / 2, y + off, 0.0
    yield x - wide / 2, y - off - 0.88 * high, 0.0


def _line_places(
    sheet: MapSheet, shape: shapely.Geometry, wide: float, high: float
) -> Iterator[tuple[float, float, float]]:
    """Along the longest visible run, a little above it, where it is about straight."""
    parts = shapely.get_parts(shapely.line_merge(shape))
    longest = parts[np.argmax(shapely.length(parts))]
    reach = wide * sheet.metres_per_mm
    length = float(longest.length)
    if length < reach * 1.2:
        return
    for share in (0.5, 0.35, 0.65, 0.2, 0.8):
        run = np.clip([length * share - reach / 2, length * share + reach / 2], 0, length)
        ends = sheet.on_paper(shapely.get_coordinates(shapely.line_interpolate_point(longest, run)))
        (x0, y0), (x1, y1) = ends if ends[0, 0] <= ends[1, 0] else ends[::-1]
        if np.hypot(x1 - x0, y1 - y0) < wide * 0.9:
            continue
        angle = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
        normal = np.array([-(y1 - y0), x1 - x0]) / np.hypot(x1 - x0, y1 - y0) * 0.8
        yield float(x0 + normal[0]), float(y0 + normal[1]), angle

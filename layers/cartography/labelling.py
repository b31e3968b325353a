"""Where the names on a map stand: inside regions, along lines, beside points, never one over another.

The text itself is drawn by the caller (QPainter on the canvas, matplotlib on paper).
"""

import math
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.cartography.prepared import Rows
from layers.cartography.raster import View
from layers.cartography.style import Label, Style
from layers.grid import Array, Extent
from layers.layer import GeometryKind, VectorLayer
from layers.progress import Progress, ignore

MOST = 2_000
CROWD = 50_000  # features in view above which none is named: there would be no room
POINTS_PER_INCH = 72
LINE_HEIGHT = 1.3
GAP = 0.35  # between a point and its name, in ems
AGAIN = 14.0  # ems within which the name that another layer bears is not said again: a town and its seat


@dataclass(frozen=True)
class PlacedLabel:
    """A text and where its middle stands.

    Parameters
    ----------
    text : str
    x, y : float
        Middle of the text in pixels of the view, y down.
    angle : float
        Degrees, counter-clockwise as seen; -90 < angle <= 90.
    size_pt : float
    color, halo : str
        ``#rrggbb``; an empty halo is none.
    halo_mm : float
    bold : bool
    width, height : float
        Estimated size of the text in pixels.
    row : int
        The feature.
    """

    text: str
    x: float
    y: float
    angle: float
    size_pt: float
    color: str
    halo: str
    halo_mm: float
    bold: bool
    width: float
    height: float
    row: int

    @property
    def box(self) -> Extent:
        """The upright box around the text in pixels (west, top, east, bottom)."""
        turn = math.radians(self.angle)
        half_width = (abs(math.cos(turn)) * self.width + abs(math.sin(turn)) * self.height) / 2
        half_height = (abs(math.sin(turn)) * self.width + abs(math.cos(turn)) * self.height) / 2
        return Extent(self.x - half_width, self.y - half_height, self.x + half_width, self.y + half_height)


def text_width(text: str) -> float:
    """Estimated width in ems: a Chinese character is 1 em, a Latin letter about 0.55.

    Examples
    --------
    >>> text_width("衡水市")
    3.0
    """
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.55 for c in text)


def labels(
    layer: VectorLayer,
    style: Style,
    view: View,
    placed: Iterable[PlacedLabel] = (),
    progress: Progress = ignore,
    hidden: Rows | None = None,
) -> list[PlacedLabel]:
    """The labels of a layer that find room.

    Parameters
    ----------
    layer : VectorLayer
        In the CRS of the view.
    style : Style
        Without a label, or beyond its smallest scale, nothing is placed.
    view : View
    placed : iterable of PlacedLabel
        Labels of other layers, which are kept clear of.
    progress : Progress
        Told before each feature; may raise.
    hidden : ndarray of int64, optional
        Rows that are not named.

    Returns
    -------
    list of PlacedLabel
        By priority. At most 2,000 features of the view compete.
    """
    label = style.label
    if label is None or label.field not in layer.attributes or layer.shapes.kind == "table":
        return []
    if label.smallest_scale and view.scale_denominator > label.smallest_scale:
        return []
    others = tuple(placed)
    room = _Room([p.box for p in others])
    found: list[PlacedLabel] = []
    said: set[str] = set()
    heard: dict[str, list[PlacedLabel]] = {}
    for other in others:
        heard.setdefault(other.text, []).append(other)
    rows, texts = _candidates(layer, label, view, hidden)
    for i, (row, text, shape) in enumerate(zip(rows, texts, layer.shapes.geometries(rows), strict=True)):
        progress(i / len(rows))
        if layer.shapes.kind == "line" and text in said:
            continue  # a river in many pieces is named once
        for x, y, angle in _places(shape, layer.shapes.kind, text, label, view):
            candidate = _placed(text, x, y, angle, label, view, int(row))
            if any(_is_near(candidate, other) for other in heard.get(text, ())):
                break
            if room.take(candidate.box, view):
                found.append(candidate)
                said.add(text)
                break
    return found


def _placed(text: str, x: float, y: float, angle: float, label: Label, view: View, row: int) -> PlacedLabel:
    em = label.size_pt * view.dpi / POINTS_PER_INCH
    return PlacedLabel(
        text, x, y, angle, label.size_pt, label.color, label.halo, label.halo_mm, label.bold,
        text_width(text) * em, LINE_HEIGHT * em, row,
    )  # fmt: skip


def _is_near(label: PlacedLabel, other: PlacedLabel) -> bool:
    em = label.height / LINE_HEIGHT
    return math.hypot(label.x - other.x, label.y - other.y) < AGAIN * em


class _Room:
    """What is taken already, in a coarse raster of boxes."""

    _SIDE = 64.0

    def __init__(self, boxes: Iterable[Extent]) -> None:
        self._taken: dict[tuple[int, int], list[Extent]] = {}
        for box in boxes:
            self._add(box)

    def take(self, box: Extent, view: View) -> bool:
        """Take the place of a box if it is free and within the view."""
        if box.west < 0 or box.south < 0 or box.east > view.width or box.north > view.height:
            return False
        if any(box.meets(other) for cell in self._cells(box) for other in self._taken.get(cell, ())):
            return False
        self._add(box)
        return True

    def _add(self, box: Extent) -> None:
        for cell in self._cells(box):
            self._taken.setdefault(cell, []).append(box)

    def _cells(self, box: Extent) -> Iterator[tuple[int, int]]:
        west, south, east, north = (int(v // self._SIDE) for v in box)
        return ((i, j) for i in range(west, east + 1) for j in range(south, north + 1))


def _candidates(layer: VectorLayer, label: Label, view: View, hidden: Rows | None) -> tuple[Rows, list[str]]:
    """Rows in view that have a text, and the texts, the most important first."""
    rows = layer.shapes.meeting(view.extent)
    rows = rows if len(rows) <= CROWD else rows[:0]
    if hidden is not None and len(hidden):
        rows = rows[~np.isin(rows, hidden)]
    texts = layer.attributes[label.field].iloc[rows]
    named = texts.notna().to_numpy() & (texts.astype(str).str.strip() != "").to_numpy()
    rows = rows[named]
    order = np.argsort(-_weights(layer, rows, label), kind="stable")[:MOST]
    words = texts[named].astype(str).str.strip().to_numpy()
    return rows[order], [str(word) for word in words[order]]


def _weights(layer: VectorLayer, rows: Rows, label: Label) -> Array:
    if label.priority in layer.attributes:
        column = pd.to_numeric(layer.attributes[label.priority].iloc[rows], errors="coerce")
        return np.asarray(column.fillna(-np.inf).to_numpy(np.float64))
    boxes = layer.shapes.boxes[rows]
    return np.asarray(np.hypot(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))


def _places(
    shape: shapely.Geometry, kind: GeometryKind, text: str, label: Label, view: View
) -> Iterator[tuple[float, float, float]]:
    """Places for a label in pixels with its angle, the best first."""
    em = label.size_pt * view.dpi / POINTS_PER_INCH
    if kind == "point":
        yield from _beside(shape, text_width(text) * em, em, view)
        return
    seen = shapely.clip_by_rect(shape, *view.extent)
    if seen.is_empty:
        return
    if kind == "polygon":
        west, _, east, _ = seen.bounds
        if east - west >= 0.8 * text_width(text) * em * view.metres_per_pixel:
            yield (*_inside(seen, view), 0.0)
    else:
        yield from _along(seen, text_width(text) * em, view)


def _pixel(x: float, y: float, view: View) -> tuple[float, float]:
    column, row = view.to_pixels(np.array([x]), np.array([y]))
    return float(column[0]), float(row[0])


def _beside(
    point: shapely.MultiPoint, width: float, em: float, view: View
) -> Iterator[tuple[float, float, float]]:
    """Right of the point, left, above, below (Imhof 1975)."""
    first = point.geoms[0]
    x, y = _pixel(first.x, first.y, view)
    aside, above = width / 2 + em * (0.5 + GAP), em * (1.0 + GAP)
    for right, down in ((aside, 0.0), (-aside, 0.0), (0.0, -above), (0.0, above)):
        yield x + right, y + down, 0.0


def _inside(seen: shapely.Geometry, view: View) -> tuple[float, float]:
    """The centroid of the largest part that is seen, or else a point inside it."""
    parts = shapely.get_parts(seen)
    largest = parts[np.argmax(shapely.area(parts))]
    centre = largest.centroid
    inner = centre if largest.contains(centre) else largest.point_on_surface()
    return _pixel(inner.x, inner.y, view)


def _along(seen: shapely.Geometry, width: float, view: View) -> Iterator[tuple[float, float, float]]:
    """On the longest piece that is seen: its middle, then its thirds; not if the text is longer than it."""
    parts = shapely.get_parts(shapely.line_merge(seen))
    longest = parts[np.argmax(shapely.length(parts))]
    need = width * view.metres_per_pixel
    if longest.length < need:
        return
    for share in (0.5, 0.3, 0.7):
        at = share * longest.length
        start, middle, end = (longest.interpolate(at + d) for d in (-need / 2, 0.0, need / 2))
        angle = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        yield (*_pixel(middle.x, middle.y, view), angle)

"""Drawing with QPainter while the kernels are being compiled: slower and plainer, and the window says so."""

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from app.canvas.picture import Pixels, image_of
from app.canvas.viewport import Viewport
from layers.cartography.style import Style, Symbol
from layers.layer import VectorLayer
from layers.progress import Progress

CHUNK = 50
"""Features drawn at a time: QPainter lets no other thread run meanwhile."""


def paint_layer(
    image: QImage,
    layer: VectorLayer,
    style: Style,
    view: Viewport,
    ratio: float,
    progress: Progress,
) -> None:
    """Draw the layer's plain shapes."""
    if layer.geometry_kind == "table":
        return
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(ratio, ratio)
    try:
        rows = layer.shapes.meeting(view.extent)
        for start in range(0, len(rows), CHUNK):
            progress(start / len(rows))
            _paint_rows(painter, layer, rows[start : start + CHUNK], style.symbol, view)
    finally:
        painter.end()


def lay(own: Pixels, under: Pixels, opacity: float) -> None:
    """A layer's picture onto those below it."""
    below, above = image_of(under), image_of(own)  # a painter does not keep what it paints on
    painter = QPainter(below)
    painter.setOpacity(opacity)
    painter.drawImage(0, 0, above)
    painter.end()


def _paint_rows(
    painter: QPainter,
    layer: VectorLayer,
    rows: np.ndarray[tuple[int], np.dtype[np.intp]],
    symbol: Symbol,
    view: Viewport,
) -> None:
    shapes = layer.shapes.take(rows)
    px, py = view.to_screen(shapes.xy[:, 0], shapes.xy[:, 1])  # type: ignore[arg-type]
    if shapes.kind == "point":
        _paint_points(painter, np.column_stack([px, py]), symbol)
        return
    path = QPainterPath()
    rings = shapes.offsets[0]
    for start, end in pairwise(rings):
        path.addPolygon(QPolygonF([QPointF(px[i], py[i]) for i in range(start, end)]))  # type: ignore[index]
    _set_pen(painter, symbol)
    if shapes.kind == "line":
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _set_pen(painter: QPainter, symbol: Symbol) -> None:
    if symbol.stroke is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(QColor(symbol.stroke.color), max(symbol.stroke.width_mm * 96 / 25.4, 0.5)))
    if symbol.fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        colour = QColor(symbol.fill.color)
        colour.setAlphaF(symbol.fill.opacity)
        painter.setBrush(colour)


def _paint_points(
    painter: QPainter, points: np.ndarray[tuple[int, int], np.dtype[np.float64]], symbol: Symbol
) -> None:
    marker = symbol.marker
    size = (marker.size_mm if marker else 1.5) * 96 / 25.4
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(marker.fill.color if marker and marker.fill else "#444444"))
    for x, y in points:
        painter.drawEllipse(QRectF(x - size / 2, y - size / 2, size, size))

"""Names on the map: put where there is room, left out where there is none."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from app.canvas.viewport import SCREEN_DPI, Viewport
from app.theme import font
from layers.cartography.style import Label
from layers.layer import VectorLayer
from layers.progress import Progress

MOST = 400
"""Names on one screen: more cannot be read."""


class Labeller:
    """Names of one picture; the first to come takes the room."""

    def __init__(self, painter: QPainter, view: Viewport) -> None:
        self._painter = painter
        self._view = view
        self._taken: list[QRectF] = []

    def write(
        self, layer: VectorLayer, label: Label, anchors: NDArray[np.float64], progress: Progress
    ) -> None:
        """Write the layer's names at `anchors`, where they do not lie on others."""
        too_small = 0 < label.smallest_scale < self._view.denominator
        if too_small or label.field not in layer.attributes:
            return
        rows = self._rows_in_view(layer, anchors)
        self._painter.setFont(font(round(label.size_pt * SCREEN_DPI / 72), strong=label.bold))
        metrics = QFontMetricsF(self._painter.font())
        for row in rows:
            progress(0.0)
            text = layer.attributes[label.field].iloc[row]
            if isinstance(text, str) and text:
                self._place(text, anchors[row], layer, int(row), label, metrics)

    def _rows_in_view(self, layer: VectorLayer, anchors: NDArray[np.float64]) -> NDArray[np.intp]:
        """Features whose anchor is on the screen and that are large enough there to carry a name."""
        box = self._view.extent
        x, y = anchors[:, 0], anchors[:, 1]
        inside = (x > box.west) & (x < box.east) & (y > box.south) & (y < box.north)
        if layer.geometry_kind != "point":
            west, south, east, north = layer.shapes.boxes.T
            size = np.maximum(east - west, north - south)
            inside &= size > 40 * self._view.scale
            order = np.argsort(-np.nan_to_num(size), kind="stable")
            return order[inside[order]][:MOST]
        rows = np.flatnonzero(inside)
        return rows if len(rows) <= MOST else rows[:0]

    def _place(
        self,
        text: str,
        anchor: NDArray[np.float64],
        layer: VectorLayer,
        row: int,
        label: Label,
        metrics: QFontMetricsF,
    ) -> None:
        px, py = self._view.to_screen(float(anchor[0]), float(anchor[1]))
        width, height = metrics.horizontalAdvance(text), metrics.height()
        beside = layer.geometry_kind == "point"
        left = px + 6 if beside else px - width / 2
        room = QRectF(left - 2, py - height / 2, width + 4, height)
        if layer.geometry_kind == "polygon":
            west, _, east, _ = layer.shapes.boxes[row]
            if (east - west) / self._view.scale < width * 0.8:
                return
        if any(room.intersects(other) for other in self._taken):
            return
        self._taken.append(room)
        self._draw(text, QPointF(left, py + (metrics.ascent() - metrics.descent()) / 2), label)

    def _draw(self, text: str, at: QPointF, label: Label) -> None:
        path = QPainterPath()
        path.addText(at, self._painter.font(), text)
        if label.halo:
            halo = QPen(QColor(label.halo), 2.6, Qt.PenStyle.SolidLine)
            halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            self._painter.strokePath(path, halo)
        self._painter.fillPath(path, QColor(label.color))

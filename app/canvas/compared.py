"""A small map on which one feature is drawn as several sides have it."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.canvas.viewport import Viewport
from app.theme import LIGHT
from app.words import Words
from layers.grid import Extent

SIDES = ("base", "mine", "theirs")
_INK = {"base": "#6b7785", "mine": "#0b63a5", "theirs": "#c2410c"}
_DASH = {
    "base": Qt.PenStyle.DotLine,
    "mine": Qt.PenStyle.SolidLine,
    "theirs": Qt.PenStyle.DashLine,
}
_STEP = 1.25
_MOST = 3_000  # corners of a ring that are drawn


class Compared(QWidget):
    """One side's shape drawn strongly, the others' as outlines, the neighbours faintly. Signal: `moved`."""

    moved = Signal(object)

    def __init__(self, side: str) -> None:
        super().__init__()
        self._side = side
        self._shapes: Mapping[str, Any] = {}
        self._around: Sequence[Any] = ()
        self._word = ""
        self._extent: Extent | None = None
        self._held: QPointF | None = None
        self.setMinimumSize(QSize(320, 180))
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def show_shapes(self, shapes: Mapping[str, Any], around: Sequence[Any], word: str) -> None:
        """What to draw; `word` stands where the side has no shape."""
        self._shapes, self._around, self._word = shapes, around, word
        self.update()

    def show_extent(self, extent: Extent) -> None:
        """Which piece of the plane."""
        self._extent = extent
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(LIGHT.paper))  # in either theme, as the inks are
        painter.setPen(QPen(self.palette().mid().color(), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._extent is not None:
            view = self._view()
            for shape in self._around:
                _draw(painter, view, shape, QColor("#b9c2cd"), 1.0, Qt.PenStyle.SolidLine, None)
            for side in sorted(self._shapes, key=lambda side: side == self._side):
                own = side == self._side
                ink = QColor(_INK[side])
                _draw(painter, view, self._shapes[side], ink, 2.6 if own else 1.4, _DASH[side], own)
        if self._word:
            painter.setPen(QColor(LIGHT.ink))
            painter.drawText(self.rect().adjusted(12, 10, -12, -10), Qt.AlignmentFlag.AlignLeft, self._word)

    def _view(self) -> Viewport:
        assert self._extent is not None
        return Viewport.fitting(self._extent, self.width(), self.height(), 0.02)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._extent is not None and event.angleDelta().y():
            factor = 1 / _STEP if event.angleDelta().y() > 0 else _STEP
            grown = (factor - 1) / 2
            self._move(
                Extent(
                    self._extent.west - grown * self._extent.width,
                    self._extent.south - grown * self._extent.height,
                    self._extent.east + grown * self._extent.width,
                    self._extent.north + grown * self._extent.height,
                )
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None or self._extent is None:
            return
        scale, by = self._view().scale, event.position() - self._held
        self._held = event.position()
        x, y = -by.x() * scale, by.y() * scale
        west, south, east, north = self._extent
        self._move(Extent(west + x, south + y, east + x, north + y))

    def _move(self, extent: Extent) -> None:
        self.show_extent(extent)
        self.moved.emit(extent)


class Legend(QWidget):
    """Which line is whose."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        for side in SIDES:
            line.addWidget(_Sample(side))
            line.addWidget(QLabel(words.say(f"conflicts.{side}")))
            line.addSpacing(16)
        line.addStretch(1)


class _Sample(QWidget):
    def __init__(self, side: str) -> None:
        super().__init__()
        self._side = side
        self.setFixedSize(QSize(32, 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(_INK[self._side]), 2.2, _DASH[self._side]))
        painter.drawLine(0, 6, 32, 6)


def _draw(
    painter: QPainter,
    view: Viewport,
    shape: Any,
    ink: QColor,
    width: float,
    dash: Qt.PenStyle,
    filled: bool | None,
) -> None:
    painter.setPen(QPen(ink, width, dash))
    fill = QColor(ink)
    fill.setAlpha(40)
    painter.setBrush(fill if filled else Qt.BrushStyle.NoBrush)
    for part in shapely.get_parts(shape):
        if part.geom_type == "Point":
            x, y = view.to_screen(part.x, part.y)
            radius = 7.0 if filled else 4.0
            painter.drawEllipse(QPointF(x, y), radius, radius)
        elif part.geom_type == "LineString":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(_pixels(view, part))
        else:
            painter.drawPolygon(_pixels(view, part.exterior))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for hole in part.interiors:
                painter.drawPolyline(_pixels(view, hole))
            painter.setBrush(fill if filled else Qt.BrushStyle.NoBrush)


def _pixels(view: Viewport, line: Any) -> QPolygonF:
    corners = shapely.get_coordinates(line)
    step = max(len(corners) // _MOST, 1)
    return QPolygonF([QPointF(*view.to_screen(x, y)) for x, y in corners[::step].tolist()])

"""The lasso: a polygon drawn over the map, point after point, to select with."""

import shapely
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas.view import MapView

Point = tuple[float, float]
FEWEST = 3


class Lasso(QWidget):
    """Lies over the map until a polygon is closed: double click, Enter or the right button; Esc gives up.

    Signals: `done(polygon)`; `ended` in any case.
    """

    done = Signal(object)
    ended = Signal()

    def __init__(self, over: MapView) -> None:
        super().__init__(over)
        self._map = over
        self.points: list[Point] = []
        self._to: Point | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setGeometry(over.rect())
        over.viewed.connect(self.update)
        self.show()
        self.raise_()
        self.setFocus()

    def finish(self) -> None:
        """Close the polygon, if there are enough points."""
        if len(set(self.points)) < FEWEST:
            return
        polygon = shapely.make_valid(shapely.Polygon(self.points))
        self.end()
        self.done.emit(polygon)

    def end(self) -> None:
        """Give the map back."""
        self._map.viewed.disconnect(self.update)
        self.hide()
        self.deleteLater()
        self.ended.emit()
        self._map.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.points.append(self._point(event))
            self.update()
        elif event.button() == Qt.MouseButton.RightButton:
            self.finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.finish()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._to = self._point(event)
        self._map.pointed.emit(*self._to)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        elif key == Qt.Key.Key_Backspace and self.points:
            self.points.pop()
            self.update()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        line = [*self.points, self._to] if self._to and self.points else self.points
        if not line:
            return
        shape = QPolygonF([QPointF(*self._map.view.to_screen(x, y)) for x, y in line])
        accent = QColor(self._map.tokens.accent)
        fill = QColor(accent)
        fill.setAlphaF(0.12)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(255, 255, 255, 190), 4))
        painter.drawPolygon(shape)
        painter.setPen(QPen(accent, 1.6, Qt.PenStyle.DashLine))
        painter.drawPolygon(shape)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._to = None
        super().resizeEvent(event)

    def _point(self, event: QMouseEvent) -> Point:
        at = event.position()
        return self._map.view.to_map(at.x(), at.y())

"""A sketch on the map: points set one after the other, caught by what lies near; Escape aborts."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.canvas.view import MapView
from layers.editing.snapping import Snap

Point = tuple[float, float]
Catch = Callable[[float, float, float], Snap | None]
"""What lies near a point, within metres."""

REACH = 10
"""Pixels from which a point is caught."""


class Sketch(QWidget):
    """Lies over the map while something is drawn; the wheel still zooms. Signals: `done(points)`, `aborted`.

    Parameters
    ----------
    over : MapView
    catch : callable
    fewest, most : int
        Points; at `most` the sketch is done without Enter.
    colour : str
    """

    done = Signal(object)
    aborted = Signal()

    def __init__(self, over: MapView, catch: Catch, fewest: int, most: int, colour: str) -> None:
        super().__init__(over)
        self._map, self._catch, self._fewest, self._most = over, catch, fewest, most
        self._colour = colour
        self.points: list[Point] = []
        self._at: Point | None = None
        self._caught: Snap | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(over.size())
        over.installEventFilter(self)
        over.viewed.connect(self.update)
        self.show()
        self.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._map.size())
        return False

    def add(self, x: float, y: float) -> None:
        """Set a point, or what catches it."""
        caught = self._catch(x, y, REACH * self._map.view.scale)
        self.points.append((caught.x, caught.y) if caught else (x, y))
        self.update()
        if len(self.points) >= self._most:
            self.finish()

    def finish(self) -> None:
        """Done, if there are enough points."""
        if len(self.points) >= self._fewest:
            self._leave()
            self.done.emit(tuple(self.points))

    def abort(self) -> None:
        """Nothing was drawn."""
        self._leave()
        self.aborted.emit()

    def _leave(self) -> None:
        self._map.removeEventFilter(self)
        self.hide()
        self.deleteLater()
        self._map.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.add(*self._map.view.to_map(event.position().x(), event.position().y()))
        elif event.button() == Qt.MouseButton.RightButton:
            self.finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.finish()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._at = self._map.view.to_map(event.position().x(), event.position().y())
        self._caught = self._catch(*self._at, REACH * self._map.view.scale)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.abort()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.finish()
        elif event.key() == Qt.Key.Key_Backspace and self.points:
            self.points.pop()
            self.update()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._colour), 2))
        last = [(self._caught.x, self._caught.y)] if self._caught else [self._at] if self._at else []
        places = [QPointF(*self._map.view.to_screen(*point)) for point in (*self.points, *last)]
        painter.drawPolyline(QPolygonF(places))
        painter.setBrush(QColor(self._colour))
        for place in places[: len(self.points)]:
            painter.drawEllipse(place, 3, 3)
        if self._caught is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(int(places[-1].x()) - 6, int(places[-1].y()) - 6, 12, 12)

"""A sketch on the map: points set one after the other, caught by what lies near; Escape aborts.

With Shift a border is traced from the last point to the next. Typing begins a line for numbers: a position,
an offset ``@east,north`` or a way ``length<bearing``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLineEdit, QWidget

from app.canvas.view import MapView
from layers.editing.snapping import Snap
from layers.errors import KnownError

Point = tuple[float, float]


@dataclass(frozen=True)
class Ground:
    """What the sketch asks of the project.

    Parameters
    ----------
    catch : callable
        What lies near a point: x, y, reach in metres.
    trace : callable
        The way along borders from one point to another, both included; empty if there is none.
    read : callable
        The place that a text names; the last point is where offsets begin.
    tell : callable
        Says a known error.
    """

    catch: Callable[[float, float, float], Snap | None]
    trace: Callable[[Point, Point], Sequence[Point]]
    read: Callable[[str, Point | None], Point]
    tell: Callable[[KnownError], None]


REACH = 10
"""Pixels from which a point is caught."""


class Sketch(QWidget):
    """Lies over the map while something is drawn; the wheel still zooms. Signals: `done(points)`, `aborted`.

    Parameters
    ----------
    over : MapView
    ground : Ground
    fewest, most : int
        Points; at `most` the sketch is done without Enter.
    colour : str
    """

    done = Signal(object)
    aborted = Signal()

    def __init__(self, over: MapView, ground: Ground, fewest: int, most: int, colour: str) -> None:
        super().__init__(over)
        self._map, self._ground, self._fewest, self._most = over, ground, fewest, most
        self._colour = colour
        self.points: list[Point] = []
        self._at: Point | None = None
        self._caught: Snap | None = None
        self.line = QLineEdit(self)
        self.line.hide()
        self.line.returnPressed.connect(self._read)
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

    def add(self, x: float, y: float, *, traced: bool = False) -> None:
        """Set a point, or what catches it; `traced`: with the border on the way to it."""
        caught = self._ground.catch(x, y, REACH * self._map.view.scale)
        self.put((caught.x, caught.y) if caught else (x, y), traced=traced)

    def put(self, point: Point, *, traced: bool = False) -> None:
        """Set exactly this point."""
        way = self._ground.trace(self.points[-1], point) if traced and self.points else ()
        self.points += list(way)[1:] or [point]
        self.update()
        if len(self.points) >= self._most:
            self.finish()

    def _read(self) -> None:
        """Set the point that was typed."""
        try:
            point = self._ground.read(self.line.text(), self.points[-1] if self.points else None)
        except KnownError as error:
            self._ground.tell(error)
            return
        self._end_line()
        self.put(point)

    def _end_line(self) -> None:
        self.line.clear()
        self.line.hide()
        self.setFocus()

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
            traced = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.add(*self._map.view.to_map(event.position().x(), event.position().y()), traced=traced)
        elif event.button() == Qt.MouseButton.RightButton:
            self.finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.finish()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._at = self._map.view.to_map(event.position().x(), event.position().y())
        self._caught = self._ground.catch(*self._at, REACH * self._map.view.scale)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.line.isVisible():
            self._end_line()
        elif event.key() == Qt.Key.Key_Escape:
            self.abort()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.finish()
        elif event.key() == Qt.Key.Key_Backspace and self.points:
            self.points.pop()
            self.update()
        elif event.text() and event.text() in "0123456789@.-":
            self._begin_line(event.text())
        else:
            event.ignore()

    def _begin_line(self, text: str) -> None:
        self.line.setGeometry(self.width() // 2 - 140, self.height() - 48, 280, 28)
        self.line.setText(text)
        self.line.show()
        self.line.setFocus()

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

"""A pin: one click on the map is waited for, and shown where it would be caught; Escape gives up."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.view import MapView

Point = tuple[float, float]
REACH = 12
"""Pixels from which a place is caught."""


class Pin(QWidget):
    """Lies over the map; the wheel still zooms. Signals: `placed(x, y)`, `left` in either case.

    Parameters
    ----------
    over : MapView
    catch : callable
        The place that is meant near a point: x, y, reach in metres.
    colour : str
    start : tuple of float, optional
        A line is shown from here.
    """

    placed = Signal(float, float)
    left = Signal()

    def __init__(
        self,
        over: MapView,
        catch: Callable[[float, float, float], Point],
        colour: str,
        start: Point | None = None,
    ) -> None:
        super().__init__(over)
        self._map, self._catch, self._colour, self._start = over, catch, colour, start
        self._at: Point | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(over.size())
        over.installEventFilter(self)
        over.viewed.connect(self.update)
        self.show()
        self.setFocus()

    def put(self, x: float, y: float) -> None:
        """Take a place, or what catches it."""
        place = self._catch(x, y, REACH * self._map.view.scale)
        self.leave()
        self.placed.emit(*place)

    def leave(self) -> None:
        """Wait no more."""
        self._map.removeEventFilter(self)
        self.hide()
        self.deleteLater()
        self._map.setFocus()
        self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._map.size())
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.put(*self._map.view.to_map(event.position().x(), event.position().y()))
        else:
            self.leave()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, y = self._map.view.to_map(event.position().x(), event.position().y())
        self._at = self._catch(x, y, REACH * self._map.view.scale)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._at is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = QPointF(*self._map.view.to_screen(*self._at))
        if self._start is not None:
            painter.setPen(QPen(QColor(self._colour), 3))
            painter.drawLine(QPointF(*self._map.view.to_screen(*self._start)), at)
        painter.setPen(QPen(QColor("#ffffff"), 2))
        painter.setBrush(QColor(self._colour))
        painter.drawEllipse(at, 7, 7)
        painter.end()

"""An overlay lies on the map while a tool is in the hand: the map below still zooms, pans and walks."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QLineEdit, QWidget

from app.canvas.view import MapView
from app.drawing.aim import Aim, is_arrow
from app.drawing.catching import Catcher
from app.theme import font
from layers.editing.snapping import Snap

Point = tuple[float, float]

REACH = 10
"""Pixels from which a point is caught."""
TYPED = frozenset("0123456789@.-+")
"""What begins a number or a position."""
OWN = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape, Qt.Key.Key_Return})
"""Keys that belong to the hand and not to the window's commands."""


class Overlay(QWidget):
    """Signals: `left` when the tool is put down; `aimed` when the hand goes over to the keys."""

    left = Signal()
    aimed = Signal()

    def __init__(self, over: MapView, catcher: Catcher, line: QLineEdit, colour: str) -> None:
        super().__init__(over)
        self._map, self._catcher, self.line, self._colour = over, catcher, line, colour
        self.caught: Snap | None = None
        self.at: Point | None = None
        self.aim = Aim(over)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(over.size())
        over.installEventFilter(self)
        line.installEventFilter(self)
        line.returnPressed.connect(self.read)
        line.textChanged.connect(self.update)
        over.viewed.connect(self.update)
        self.lower()  # what lies on the map for reading stays on top
        self.show()
        self.setFocus()

    @property
    def reach(self) -> float:
        """Metres from which a point is caught."""
        return REACH * self._map.view.scale

    def leave(self) -> None:
        """Put the tool down; nothing of it stays."""
        self._map.removeEventFilter(self)
        self.line.removeEventFilter(self)
        self.line.returnPressed.disconnect(self.read)
        self.line.textChanged.disconnect(self.update)
        self.line.clear()
        self.hide()
        self.deleteLater()
        self._map.setFocus()
        self.left.emit()

    def read(self) -> None:
        """Take what was typed."""

    def give_up(self) -> bool:
        """Escape: give up what has begun; false if nothing had."""
        return False

    def press(self, at: Point, *, traced: bool) -> None:
        """The left button went down here, or the key that stands for it; with Shift: traced."""

    def look(self, x: float, y: float) -> None:
        """The hand points here."""
        self.at = self.point_at(x, y)
        self._map.pointed.emit(x, y)
        self.update()

    def aim_at(self, at: Point) -> None:
        """The aim goes here."""
        self.aim.go_to(at)
        self.look(*at)

    def point_at(self, x: float, y: float) -> Point:
        """A place, or what catches it."""
        self.caught = self._catcher.catch(x, y, self.reach)
        return (self.caught.x, self.caught.y) if self.caught else (x, y)

    # --- Qt's events -----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._map and event.type() == QEvent.Type.Resize:
            self.resize(self._map.size())
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._line_key(event)
        return False

    def _line_key(self, event: QKeyEvent) -> bool:
        """Escape in the line comes back to the map."""
        if event.key() != Qt.Key.Key_Escape:
            return False
        self.end_line()
        return True

    def end_line(self) -> None:
        """The line is read, or given up."""
        self.line.clear()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        overrides = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if overrides and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def _is_own(self, event: QEvent) -> bool:
        """Whether a key belongs to the hand and not to the window's commands."""
        assert isinstance(event, QKeyEvent)
        return event.key() in OWN and event.modifiers() == Qt.KeyboardModifier.NoModifier

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.aim.at = None
            self.press(self.place(event), traced=_is_shifted(event))
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.aim.at = None
        self.look(*self.place(event))
        if event.buttons() & Qt.MouseButton.MiddleButton:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if not self.give_up():
                self.leave()
            self.update()
        elif is_arrow(event) or event.key() == Qt.Key.Key_Space:
            self._aim(event)
        elif event.text() and event.text() in TYPED:
            self.line.setText(event.text())
            self.line.setFocus()
        else:
            event.ignore()

    def _aim(self, event: QKeyEvent) -> None:
        """An arrow moves the aim, Space is a press there; the first of them only shows it."""
        if self.aim.begin(self.at):
            self.aimed.emit()
        elif not self.aim.step(event) and self.aim.at is not None:
            self.press(self.aim.at, traced=_is_shifted(event))
        if self.aim.at is not None:
            self.look(*self.aim.at)

    def place(self, event: QMouseEvent) -> Point:
        """Where on the plane the mouse is."""
        return self._map.view.to_map(event.position().x(), event.position().y())

    # --- painting --------------------------------------------------------------------------------------

    def pixels(self, points: Sequence[Point]) -> list[QPointF]:
        """The pixels of points."""
        return [QPointF(*self._map.view.to_screen(*point)) for point in points]

    def paint_line(
        self, painter: QPainter, points: Sequence[Point], style: Any = Qt.PenStyle.SolidLine
    ) -> None:
        """A line in the tool's colour, on a white one, so that it is seen on any map."""
        line = QPolygonF(self.pixels(points))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(255, 255, 255, 200), 4), QPen(QColor(self._colour), 2, style)):
            painter.setPen(pen)
            painter.drawPolyline(line)

    def paint_snap(self, painter: QPainter) -> None:
        """What has caught the pointer: a square is a vertex, a cross a crossing, an hourglass a border."""
        self.aim.paint(painter, self._colour)
        if self.caught is None:
            return
        at = QPointF(*self._map.view.to_screen(self.caught.x, self.caught.y))
        for pen in (QPen(QColor("white"), 4), QPen(QColor("#c2187a"), 2)):
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([at + QPointF(x, y) for x, y in _MARKS[self.caught.sort]]))

    def paint_card(self, painter: QPainter, words: str, ink: str, ground: str) -> None:
        """A few words beside the pointer."""
        if not words or self.at is None:
            return
        at = QPointF(*self._map.view.to_screen(*self.at))
        painter.setFont(font(12))
        wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 16
        left = min(at.x() + 14, self.width() - wide - 8)
        card = QRectF(left, min(at.y() + 16, self.height() - 32.0), wide, 24)
        painter.setPen(QPen(QColor(ink), 0.4))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(card, 4, 4)
        painter.setPen(QColor(ink))
        painter.drawText(card, Qt.AlignmentFlag.AlignCenter, words)


def _is_shifted(event: QMouseEvent | QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


_MARKS = {
    "vertex": ((-6, -6), (6, -6), (6, 6), (-6, 6), (-6, -6)),
    "intersection": ((-6, -6), (6, 6), (0, 0), (-6, 6), (6, -6)),
    "edge": ((-6, -6), (6, -6), (-6, 6), (6, 6), (-6, -6)),
}

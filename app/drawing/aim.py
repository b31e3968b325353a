"""The aim: a cross on the map that arrow keys move, for those who draw without a mouse."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen

from app.canvas.view import MapView

Point = tuple[float, float]

WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
STEPS = {
    Qt.KeyboardModifier.NoModifier: 12,
    Qt.KeyboardModifier.ShiftModifier: 1,
    Qt.KeyboardModifier.ControlModifier: 72,
}
"""Pixels that the aim goes at a press."""
EDGE = 36
"""Pixels from the map's edge at which the map moves on."""
ARM = 11.0


class Aim:
    """A place on the plane, moved by keys; none while the mouse points."""

    def __init__(self, over: MapView) -> None:
        self._map = over
        self.at: Point | None = None

    def begin(self, at: Point | None) -> bool:
        """Show the aim, here or in the middle of the map; false if it is shown already."""
        if self.at is not None:
            return False
        view = self._map.view
        self.go_to(view.to_map(view.width / 2, view.height / 2) if at is None else at)
        return True

    def step(self, event: QKeyEvent) -> bool:
        """Move by an arrow key; false if it was another key, or the aim has not begun."""
        way, size = WAYS.get(Qt.Key(event.key())), STEPS.get(_plain(event))
        if way is None or size is None or self.at is None:
            return False
        px, py = self._map.view.to_screen(*self.at)
        self.go_to(self._map.view.to_map(px + way[0] * size, py + way[1] * size))
        return True

    def go_to(self, at: Point) -> None:
        """Put it here; the map moves along so that it is seen."""
        self.at, view = at, self._map.view
        px, py = view.to_screen(*at)
        if not (EDGE <= px <= view.width - EDGE and EDGE <= py <= view.height - EDGE):
            self._map.show_at(view.panned(view.width / 2 - px, view.height / 2 - py))

    def paint(self, painter: QPainter, colour: str) -> None:
        """The cross, on a white one."""
        if self.at is None:
            return
        middle = QPointF(*self._map.view.to_screen(*self.at))
        for pen in (QPen(QColor(255, 255, 255, 220), 4), QPen(QColor(colour), 1.6)):
            painter.setPen(pen)
            for x, y in ((ARM, 0.0), (0.0, ARM)):
                painter.drawLine(middle - QPointF(x, y), middle + QPointF(x, y))


def is_arrow(event: QKeyEvent) -> bool:
    """Whether a key moves the aim."""
    return event.key() in WAYS and _plain(event) in STEPS


def _plain(event: QKeyEvent) -> Qt.KeyboardModifier:
    """The modifiers, without the word that the key lies on the number pad."""
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier

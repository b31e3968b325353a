"""Gestures: what the hand does on the map. Each ends in a value or is aborted; it changes nothing before."""

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.viewport import Viewport
from layers.grid import Extent

CLICK = 4
"""Pixels the hand may tremble and it is still a click."""


class Gesture(Protocol):
    """A press, moves, and a release: `release` gives the value."""

    def move(self, to: QPoint) -> Viewport | None:
        """The viewport to show meanwhile, if the gesture changes it."""
        ...

    def release(self, at: QPoint) -> object:
        """What the gesture was for."""
        ...

    def paint(self, painter: QPainter) -> None:
        """What is seen of it meanwhile."""
        ...


@dataclass(frozen=True)
class Click:
    """A point of the map was clicked, with so much reach around it, metres."""

    x: float
    y: float
    reach: float

    @classmethod
    def at(cls, view: Viewport, pixel: QPoint) -> "Click":
        x, y = view.to_map(pixel.x(), pixel.y())
        return cls(x, y, 5 * view.scale)


def is_still(press: QPoint, to: QPoint) -> bool:
    """Whether the hand has not moved, but for its tremble."""
    return (to - press).manhattanLength() <= CLICK


@dataclass
class Pan:
    """Take the map and drag it. Its value: the viewport at the end, or a click if the hand was still."""

    start: Viewport
    press: QPoint

    def move(self, to: QPoint) -> Viewport:
        dragged = to - self.press
        return self.start.panned(dragged.x(), dragged.y())

    def release(self, at: QPoint) -> Viewport | Click:
        return Click.at(self.start, at) if is_still(self.press, at) else self.move(at)

    def paint(self, painter: QPainter) -> None:
        """The map itself is what moves."""


@dataclass
class Frame:
    """Draw a rectangle. Its value: the extent in the plane, or a click where the hand did not move."""

    start: Viewport
    press: QPoint
    colour: str
    to: QPoint | None = None

    def move(self, to: QPoint) -> None:
        self.to = to

    def release(self, at: QPoint) -> Extent | Click:
        if is_still(self.press, at):
            return Click.at(self.start, at)
        box = QRect(self.press, at).normalized()
        west, north = self.start.to_map(box.left(), box.top())
        east, south = self.start.to_map(box.right(), box.bottom())
        return Extent(west, south, east, north)

    def paint(self, painter: QPainter) -> None:
        if self.to is None:
            return
        fill = QColor(self.colour)
        fill.setAlphaF(0.12)
        painter.setPen(QPen(QColor(self.colour), 1.2, Qt.PenStyle.DashLine))
        painter.setBrush(fill)
        painter.drawRect(QRect(self.press, self.to).normalized())

"""A sketch on the map: points set one after the other, caught by what lies near, or typed.

With Shift, or while tracing is on, the border is followed from the last point to the next. Typing begins a
position ``x,y``, an offset ``@east,north``, a way ``length<bearing``, or the one number that a tool takes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QLineEdit

from app.canvas.furniture import paint_outline
from app.canvas.view import MapView
from app.drawing.catching import Catcher
from app.drawing.overlay import Overlay, Point
from app.drawing.tools import Hand, Tool, typed_number
from app.theme import LIGHT
from layers.errors import KnownError


@dataclass(frozen=True)
class Reading:
    """How typed words become places.

    Parameters
    ----------
    read : callable
        The place that a text names; the last point is where offsets begin.
    tell : callable
        Says a known error.
    """

    read: Callable[[str, Point | None], Point]
    tell: Callable[[KnownError], None]


class Sketch(Overlay):
    """Draws with a tool. Signal: `done(Hand)`; the sketch stays until somebody has made something of it."""

    done = Signal(object)

    def __init__(
        self, over: MapView, catcher: Catcher, line: QLineEdit, colour: str, tool: Tool, reading: Reading
    ) -> None:
        self.tool, self._reading = tool, reading
        self.points: list[Point] = []
        super().__init__(over, catcher, line, colour)

    def again(self, tool: Tool) -> None:
        """Begin anew, with nothing drawn."""
        self.tool, self.points = tool, []
        self.line.clear()
        self.update()

    def add(self, x: float, y: float, *, traced: bool = False) -> None:
        """Set a point, or what catches it; `traced`: with the border on the way to it."""
        self.put(self.point_at(x, y), traced=traced)

    def put(self, point: Point, *, traced: bool = False) -> None:
        """Set exactly this point."""
        self.points += self._way(point, traced) or [point]
        self.update()
        if len(self.points) >= self.tool.most:
            self.finish()

    def finish(self) -> None:
        """Done, if there are enough points."""
        if len(self.points) >= self.tool.fewest:
            self.done.emit(tuple(self.points))

    def read(self) -> None:
        """Take what was typed: a point, or the tool's number, which ends it."""
        try:
            if not self.line.text().strip():
                self.finish()
            elif self.tool.number is not None:
                self.done.emit(typed_number(self.line.text()))
            else:
                point = self._reading.read(self.line.text(), self._from())
                self.points = self._begun()
                self.end_line()
                self.aim_at(point)
                self.put(point)
        except KnownError as error:
            self._reading.tell(error)

    def give_up(self) -> bool:
        begun = bool(self.points)
        self.points = []
        return begun

    def take_back(self) -> None:
        """Without the last point."""
        del self.points[-1:]
        self.update()

    @property
    def hand(self) -> Hand:
        """What the hand would give now: what is typed, else the points and the pointer."""
        if self.line.text().strip():
            typed = self._typed()
            if typed is not None:
                return typed if isinstance(typed, float) else (*self._begun(), typed)
        if self.at is None:
            return tuple(self.points)
        way = self._way(self.at, False) if self.caught is not None else []
        return (*self.points, *(way or [self.at]))

    def _typed(self) -> Point | float | None:
        """What stands in the line, if it can be read as it is."""
        try:
            if self.tool.number is not None:
                return typed_number(self.line.text())
            return self._reading.read(self.line.text(), self._from())
        except KnownError:
            return None

    def _from(self) -> Point | None:
        """Where a typed offset begins."""
        return self.points[-1] if self.points else self.tool.base

    def _begun(self) -> list[Point]:
        """The points set, or the one from which a typed offset goes."""
        is_offset = self.line.text().lstrip().startswith("@") or "<" in self.line.text()
        return self.points or ([self.tool.base] if self.tool.base and is_offset else [])

    def _way(self, point: Point, traced: bool) -> list[Point]:
        """The border from the last point on; empty if it is not followed or there is none."""
        if not self.points or not (traced or self._catcher.traces):
            return []
        return list(self._catcher.trace(self.points[-1], point))[1:]

    # --- Qt's events -----------------------------------------------------------------------------------

    def press(self, at: Point, *, traced: bool) -> None:
        self.add(*at, traced=traced)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.finish()
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.finish()

    def _is_own(self, event: QEvent) -> bool:
        """Undo takes the last point back while there is one."""
        assert isinstance(event, QKeyEvent)
        undoes = bool(self.points) and event.matches(QKeySequence.StandardKey.Undo)
        return undoes or super()._is_own(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._enter()
        elif self.points and (
            event.key() == Qt.Key.Key_Backspace or event.matches(QKeySequence.StandardKey.Undo)
        ):
            self.take_back()
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        """Done; with the aim, while points are wanting, one more."""
        if self.aim.at is not None and len(self.points) < self.tool.fewest:
            self.add(*self.aim.at)
        else:
            self.finish()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hand = self.hand
        for geometry in self.tool.shown(hand) if hand else ():
            paint_outline(painter, geometry, self._map.view, self._colour)
        points = () if isinstance(hand, float) else hand
        if self.tool.number is None:
            self._paint_points(painter, points)
        self.paint_snap(painter)
        self.paint_card(painter, self._words(hand), LIGHT.ink, LIGHT.surface)

    def _paint_points(self, painter: QPainter, points: Sequence[Point]) -> None:
        if self.tool.closes and len(points) > 2:
            fill = QColor(self._colour)
            fill.setAlphaF(0.14)
            painter.setBrush(fill)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawPolygon(QPolygonF(self.pixels(points)))
            self.paint_line(painter, (points[-1], points[0]), Qt.PenStyle.DashLine)
        if self.points:
            self.paint_line(painter, points)
        painter.setPen(QColor("white"))
        painter.setBrush(QColor(self._colour))
        for place in self.pixels(self.points):
            painter.drawRect(int(place.x()) - 3, int(place.y()) - 3, 6, 6)

    def _words(self, hand: Hand) -> str:
        """The number, or how long the next piece is and which way it goes."""
        if self.tool.number is not None:
            value = hand if isinstance(hand, float) else self.tool.number(hand) if hand else None
            gap = "" if self.tool.unit == "°" else " "
            return "" if value is None else f"{value:g}{gap}{self.tool.unit}"
        if isinstance(hand, float) or len(hand) < 2 or not self.points:
            return ""
        (x, y), (to_x, to_y) = hand[-2:]
        bearing = math.degrees(math.atan2(to_x - x, to_y - y)) % 360
        return f"{math.hypot(to_x - x, to_y - y):,.2f} m < {bearing:.1f}°"

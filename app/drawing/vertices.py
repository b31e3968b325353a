"""The vertex tool: vertices and borders are taken with the mouse and laid down where they belong."""

from functools import partial
from typing import Any

import numpy as np
import shapely
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit

from app.canvas.furniture import paint_outline
from app.canvas.view import MapView
from app.drawing.catching import Catcher, Caught
from app.drawing.overlay import Overlay, Point
from app.drawing.sketch import Reading
from app.theme import LIGHT
from layers.changes import Row
from layers.editing import features
from layers.errors import KnownError

NEARLY = 0.05
"""Metres within which vertices of neighbours are one and move together."""
MOST = 3000
"""Vertices of a feature that are marked."""
APART = 8
"""Pixels within which one mark stands for all vertices: more of them would be a blot."""
STILL = 4
"""Pixels the hand may tremble between press and release."""

Near = dict[str, dict[str, Row]]


class Vertices(Overlay):
    """Drag a vertex, or click it and click where it goes; on a border a vertex comes about; Delete takes it.

    By keys: N and Shift+N go from vertex to vertex, Space or Enter takes and lays it, arrows move it.

    Signals: `moved(near, place, to)`, `removed(near, place)`: what the hand means.
    """

    moved = Signal(object, object, object)
    removed = Signal(object, object)

    def __init__(
        self, over: MapView, catcher: Catcher, line: QLineEdit, colour: str, reading: Reading
    ) -> None:
        self._reading = reading
        self.over: Caught | None = None
        """What lies under the pointer."""
        self.held: Caught | None = None
        """What is in the hand."""
        self.first: frozenset[str] = frozenset()
        """Layers in which the first vertex is sought before all others: the chosen one."""
        self._near: Near = {}
        self._arms: list[tuple[Point, Point | None]] = []
        self._marked: tuple[str, str, Any] = "", "", None
        super().__init__(over, catcher, line, colour)

    def take(self, x: float, y: float) -> None:
        """Take the vertex or border at a place."""
        self.over = self._catcher.find(x, y, self.reach, ("vertex", "edge"))
        if self.over is None:
            return
        self.held = self.over
        self._near = self._concerned(self.over)
        self._arms = [arm for rows in self._near.values() for arm in _arms(rows, self.over.point)]

    def lay(self, to: Point) -> None:
        """Lay down what is in the hand."""
        held, near = self.held, self._near
        self.give_up()
        if held is not None and held.point != to:
            self.moved.emit(near, held.point, to)

    def remove(self) -> None:
        """Take the vertex under the pointer away."""
        target = self.held or self.over
        if target is not None and target.snap.sort == "vertex":
            near = self._concerned(target)
            self.give_up()
            self.removed.emit(near, target.point)

    def give_up(self) -> bool:
        begun = self.held is not None
        self.held, self._near, self._arms = None, {}, []
        self._marked = "", "", None
        self.update()
        return begun

    def forget(self) -> None:
        """The features may be others now: look again."""
        self.give_up()
        self.over = self.caught = None

    def read(self) -> None:
        if self.held is None:
            return
        try:
            to = self._reading.read(self.line.text(), self.held.point)
        except KnownError as error:
            self._reading.tell(error)
            return
        self.end_line()
        self.lay(to)

    def _concerned(self, caught: Caught) -> Near:
        """All that share the place, or the one feature alone."""
        if self._catcher.shares:
            return self._catcher.near(caught.point, NEARLY)
        row = self._catcher.row(caught.layer, caught.key)
        return {caught.layer: {caught.key: row}} if row is not None else {}

    # --- Qt's events -----------------------------------------------------------------------------------

    def press(self, at: Point, *, traced: bool) -> None:
        if self.held is None:
            self.take(*at)
        else:
            self.lay(self.point_at(*at))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.give_up()
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.held is None:
            event.ignore()
            return
        to = self.place(event)
        away = np.hypot(to[0] - self.held.point[0], to[1] - self.held.point[1])
        if away > STILL * self._map.view.scale + self.held.snap.distance:
            self.lay(self.point_at(*to))

    def look(self, x: float, y: float) -> None:
        super().look(x, y)
        if self.held is None:
            self.over = self._catcher.find(x, y, self.reach, ("vertex", "edge"))
            self.caught = self.over.snap if self.over is not None else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.remove()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.aim.at is not None:
            self.press(self.aim.at, traced=False)
            self.look(*self.aim.at)
        elif event.key() == Qt.Key.Key_N and self.held is None:
            self._go_on(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def _go_on(self, by: int) -> None:
        """The aim goes to the next vertex of the feature under it; at first to the nearest one."""
        if self.aim.begin(self.at):
            self.aimed.emit()
        assert self.aim.at is not None
        corners = self._corners()
        if len(corners):
            away = np.hypot(*(corners - self.aim.at).T)
            x, y = corners[(int(away.argmin()) + by) % len(corners)]
            self.aim_at((float(x), float(y)))
            return
        view = self._map.view
        reach = max(view.width, view.height) * view.scale
        find = partial(self._catcher.find, *self.aim.at, reach, ("vertex",))
        nearest = find(self.first) or find()
        if nearest is not None:
            self.aim_at(nearest.point)

    def _corners(self) -> Any:
        """The vertices of the feature under the aim, shape (n, 2)."""
        geometry = self._geometry()
        lines = _lines(geometry) if geometry is not None else ()
        rings = [shapely.get_coordinates(line) for line in lines]
        open_ = [xy[:-1] if len(xy) > 2 and bool((xy[0] == xy[-1]).all()) else xy for xy in rings]
        return np.concatenate(open_) if open_ else np.empty((0, 2))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and self.held is None:
            self.over = self.caught = None
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_feature(painter)
        to = self._to()
        for start, end in self._arms if to is not None else ():
            assert to is not None
            self.paint_line(painter, (start, to) if end is None else (start, to, end))
        self.paint_snap(painter)
        if self.held is not None and to is not None:
            x, y = self.held.point
            self.paint_card(painter, f"@{to[0] - x:,.2f}, {to[1] - y:,.2f}", LIGHT.ink, LIGHT.surface)

    def _to(self) -> Point | None:
        """Where what is in the hand would be laid: what is typed, else the pointer."""
        if self.held is None:
            return None
        if self.line.text().strip():
            try:
                return self._reading.read(self.line.text(), self.held.point)
            except KnownError:
                return self.at
        return self.at

    def _geometry(self) -> Any | None:
        """The feature under the pointer."""
        target = self.held or self.over
        if target is None:
            return None
        if self._marked[:2] != (target.layer, target.key):
            row = self._catcher.row(target.layer, target.key)
            self._marked = target.layer, target.key, features.shape(row) if row is not None else None
        return self._marked[2]

    def _paint_feature(self, painter: QPainter) -> None:
        """The feature under the pointer, with its vertices."""
        geometry = self._geometry()
        if geometry is None:
            return
        paint_outline(painter, geometry, self._map.view, self._colour, glows=False)
        coordinates = shapely.get_coordinates(geometry)[:MOST]
        at = np.stack(self._map.view.to_screen(*coordinates.T), axis=1)
        _, apart = np.unique(at // APART, axis=0, return_index=True)
        painter.setPen(QPen(QColor(self._colour), 1.4))
        painter.setBrush(QColor("white"))
        for x, y in at[apart]:
            painter.drawRect(QRectF(x - 3, y - 3, 6, 6))


def _arms(rows: dict[str, Row], place: Point) -> list[tuple[Point, Point | None]]:
    """The neighbours, along every border, of the vertices at a place, or of the segment that passes there."""
    found: list[tuple[Point, Point | None]] = []
    for row in rows.values():
        geometry = features.shape(row)
        for line in _lines(geometry) if geometry is not None else ():
            found += _arms_of(shapely.get_coordinates(line), place)
    return found


def _lines(geometry: Any) -> list[Any]:
    parts = shapely.get_parts(geometry)
    if geometry.area:
        return [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return list(parts)


def _arms_of(xy: Any, place: Point) -> list[tuple[Point, Point | None]]:
    at = np.flatnonzero(np.hypot(*(xy - place).T) <= NEARLY)
    closed = len(xy) > 2 and bool((xy[0] == xy[-1]).all())
    if not len(at):
        return _passing(xy, place)
    arms: list[tuple[Point, Point | None]] = []
    for n in at[:-1] if closed and len(at) > 1 and at[-1] == len(xy) - 1 else at:
        before = xy[n - 1] if n > 0 else xy[-2] if closed else None
        after = xy[n + 1] if n + 1 < len(xy) else xy[1] if closed else None
        ends = [(float(e[0]), float(e[1])) for e in (before, after) if e is not None]
        if ends:
            arms.append((ends[0], ends[1] if len(ends) > 1 else None))
    return arms


def _passing(xy: Any, place: Point) -> list[tuple[Point, Point | None]]:
    if len(xy) < 2:
        return []
    way = np.diff(xy, axis=0)
    square = np.maximum((way**2).sum(axis=1), 1e-18)
    along = np.clip(((np.asarray(place) - xy[:-1]) * way).sum(axis=1) / square, 0, 1)
    away = np.hypot(*(xy[:-1] + along[:, None] * way - place).T)
    n = int(np.argmin(away))
    if away[n] > NEARLY:
        return []
    return [((float(xy[n, 0]), float(xy[n, 1])), (float(xy[n + 1, 0]), float(xy[n + 1, 1])))]

"""The overview: the whole small in a corner, with the box of what is seen; dragging it moves the map."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.canvas.view import MapView
from app.canvas.viewport import Viewport
from app.desk import Desk
from app.stack import Stack
from app.tasks import Tasks
from app.words import Words
from layers.grid import Extent
from layers.progress import Progress
from layers.storage.geopackage import ProjectFile

WIDTH, HEIGHT = 148, 120
LOWEST = 250
"""Height of the map below which there is no room."""
AIR = 12
CLEAR = 56
"""Pixels that the scale bar takes below."""
KINDS = ("city", "county", "township")
ALL_SEEN = 0.8
"""Share of the whole that the view shows, from which there is no need for an overview."""


class Ground(NamedTuple):
    """What the overview shows: a box and the outlines in it."""

    extent: Extent
    rings: tuple[NDArray[np.float64], ...]


class Inset(QWidget):
    """Stands in the left lower corner while a part of the whole is seen; in a low map beside the tools."""

    def __init__(
        self, view: MapView, desk: Desk, stack: Stack, tasks: Tasks, words: Words, tools: QWidget
    ) -> None:
        super().__init__(view)
        self._tools = tools
        self._map, self._desk, self._stack, self._tasks, self._words = view, desk, stack, tasks, words
        self.is_on, self._is_covered = True, False
        self._ground: Ground | None = None
        self._asked: object = None
        self._whole = Viewport(0, 0, 1, WIDTH, HEIGHT)
        self.setFixedSize(WIDTH, HEIGHT)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        words.bind(self.setToolTip, "overview.tip")
        view.viewed.connect(lambda _: self.settle())
        stack.changed.connect(self._follow)
        self.hide()

    def turn(self, on: bool) -> None:
        """Whether there is an overview."""
        self.is_on = on
        self.settle()

    def cover(self, covered: bool) -> None:
        """Something else stands in the corner, for a while."""
        self._is_covered = covered
        self.settle()

    def settle(self) -> None:
        """Come or go, into the corner."""
        self.setVisible(self.is_on and not self._is_covered and self._is_needed())
        top, tools = self._map.height() - HEIGHT - CLEAR, self._tools.geometry()
        self.move(AIR if top > tools.bottom() + AIR else tools.right() + AIR, top)
        self.update()

    def _is_needed(self) -> bool:
        if self._ground is None or self._map.drawing is None or self._map.height() < LOWEST:
            return False
        seen, whole = self._map.view.extent, self._ground.extent
        return bool(seen.width < ALL_SEEN * whole.width or seen.height < ALL_SEEN * whole.height)

    def _follow(self) -> None:
        project = self._desk.project
        entry = next((e for kind in KINDS for e in self._stack.entries if e.kind == kind and e.extent), None)
        asked = (project.path, entry.name) if project is not None and entry is not None else None
        if asked == self._asked:
            return
        self._asked, self._ground = asked, None
        self.settle()
        if entry is None:
            return
        name = entry.name

        def done(ground: Ground | None) -> None:
            if asked == self._asked and ground is not None:
                self._ground = ground
                self._whole = Viewport.fitting(ground.extent, WIDTH, HEIGHT, 0.08)
                self.settle()

        work = self._desk.reading(lambda own, progress: _ground(own, name, progress))
        self._tasks.start(self._words.say("task.survey"), work, done, quiet=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = self._map.tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.strong_line), 1))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(QRectF(0.5, 0.5, WIDTH - 1, HEIGHT - 1), 6, 6)
        path = QPainterPath()
        for ring in self._ground.rings if self._ground else ():
            path.addPolygon(QPolygonF([QPointF(*self._whole.to_screen(x, y)) for x, y in ring]))
        painter.setPen(QPen(QColor(tokens.faint_ink), 1))
        painter.setBrush(QColor(tokens.raised))
        painter.drawPath(path)
        glow = QColor(tokens.accent)
        glow.setAlphaF(0.18)
        painter.setPen(QPen(QColor(tokens.accent), 1.6))
        painter.setBrush(glow)
        painter.drawRect(self._box())
        painter.end()

    def _box(self) -> QRectF:
        """What is seen, at least so large that it is seen itself."""
        seen = self._map.view.extent
        left, top = self._whole.to_screen(seen.west, seen.north)
        right, bottom = self._whole.to_screen(seen.east, seen.south)
        box = QRectF(QPointF(left, top), QPointF(right, bottom))
        more = max(6 - box.width(), 0) / 2, max(6 - box.height(), 0) / 2
        return box.adjusted(-more[0], -more[1], *more).intersected(QRectF(1, 1, WIDTH - 2, HEIGHT - 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            x, y = self._whole.to_map(event.position().x(), event.position().y())
            view = self._map.view
            self._map.show_at(Viewport(x, y, view.scale, view.width, view.height))


def _ground(project: ProjectFile, name: str, progress: Progress) -> Ground | None:
    """The outlines of a layer as an overview needs them."""
    layer = project.read(name, columns=(), progress=progress, strict=False)
    extent = layer.shapes.extent
    if extent is None:
        return None
    finest = max(extent.width / WIDTH, extent.height / HEIGHT)
    simple = shapely.simplify(layer.shapes.geometries(), finest, preserve_topology=False)
    rings = shapely.get_exterior_ring(shapely.get_parts(simple))
    found = (shapely.get_coordinates(ring) for ring in rings if ring is not None)
    return Ground(extent, tuple(ring for ring in found if len(ring) > 3))

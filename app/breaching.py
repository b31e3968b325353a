"""Breaches on the map: picked with a click that catches levees and rivers, drawn where they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QFileDialog

from app.canvas.pin import Pin
from app.canvas.viewport import Viewport
from app.panels.breaches import BreachList, Place
from app.theme import font
from layers.editing.snapping import snap
from layers.errors import BadInput, KnownError
from layers.grid import Extent
from layers.hazards.inundation.files import read_table
from layers.layer import VectorLayer
from layers.storage import pages

if TYPE_CHECKING:
    from app.main_window import MainWindow

BREACHED = frozenset({"levee", "river"})
"""Kinds of layers along which breaches are picked."""
MARK = "#b3261e"


class Breaching:
    """Serves a `BreachList`."""

    def __init__(self, window: MainWindow, breaches: BreachList) -> None:
        self._window, self._list = window, breaches
        self.pin: Pin | None = None
        self._selected: tuple[VectorLayer, ...] = ()
        breaches.picking.connect(self.pick)
        breaches.taking.connect(self.take)
        breaches.reading.connect(self.read)
        breaches.changed.connect(lambda: window.stage.map.update())
        window.stage.selected.connect(self._remember)
        window.stage.map.overlays.append(self.paint)

    def pick(self) -> None:
        """Wait for a click on the map."""
        if self._window.desk.project is None:
            return
        if self.pin is not None:
            self.pin.leave()
        stage = self._window.stage
        pin = self.pin = Pin(stage.map, self._catch, MARK)
        pin.placed.connect(lambda x, y: self._list.add(((x, y),)))
        pin.left.connect(self._end)
        stage.tools.raise_()
        self._window.notices.say(self._window.words.say("breach.click"))

    def take(self) -> None:
        """The middles of the picked levees or rivers."""
        places = tuple(place for layer in self._selected for place in _middles(layer))
        if places:
            self._list.add(places)
        else:
            self._window.notices.say(self._window.words.say("breach.nothing"))

    def read(self) -> None:
        """Ask for a file with a hydrograph."""
        title = self._window.words.say("breach.read.why")
        path, _ = QFileDialog.getOpenFileName(self._window, title, "", "CSV (*.csv)")
        if path:
            self.read_file(Path(path))

    def read_file(self, path: Path) -> None:
        """A hydrograph from a CSV with the columns ``time_h, m3_per_s``."""
        try:
            rows = read_table(path, ("time_h", "m3_per_s"))
            times = rows["time_h"].to_numpy(np.float64)
            if (np.diff(times) <= 0).any() or (rows["m3_per_s"] < 0).any():
                raise BadInput("breach_hydrograph", path=path)
        except KnownError as error:
            self._tell(error)
            return
        flows = rows["m3_per_s"].to_numpy(np.float64)
        self._list.take_hydrograph(tuple(zip(times.tolist(), flows.tolist(), strict=True)))

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """A numbered mark at each breach."""
        if not self._list.places or self._list.isHidden():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11, strong=True))
        for number, place in enumerate(self._list.places, 1):
            at = QPointF(*view.to_screen(*place))
            painter.setPen(QPen(QColor("#ffffff"), 2))
            painter.setBrush(QColor(MARK))
            painter.drawEllipse(at, 9, 9)
            box = QRectF(at.x() - 9, at.y() - 9, 18, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
        painter.restore()

    def _catch(self, x: float, y: float, reach: float) -> Place:
        """The nearest place on a levee or river, else the place itself."""
        project = self._window.desk.project
        assert project is not None
        extent = Extent(x, y, x, y).grown(reach)
        found: list[Place] = []
        for entry in self._window.stack.entries:
            if entry.kind in BREACHED and entry.geometry == "line":
                _, shapes = pages.near(project, entry.name, extent)
                caught = snap((x, y), shapes, reach)
                found += [] if caught is None else [(caught.x, caught.y)]
        return min(found, key=lambda each: np.hypot(each[0] - x, each[1] - y), default=(x, y))

    def _remember(self, layers: tuple[VectorLayer, ...]) -> None:
        self._selected = layers

    def _end(self) -> None:
        self.pin = None

    def _tell(self, error: KnownError) -> None:
        self._window.notices.say(error.say(self._window.words.language), "error")


def _middles(layer: VectorLayer) -> list[Place]:
    """The middle of each line; of other features, the middle of their box."""
    if layer.shapes.kind == "line":
        lines = [max(shapely.get_parts(g), key=lambda each: each.length) for g in layer.shapes.geometries()]
        points = [shapely.line_interpolate_point(line, 0.5, normalized=True) for line in lines]
        return [(point.x, point.y) for point in points]
    boxes = layer.shapes.boxes
    return [((w + e) / 2, (s + n) / 2) for w, s, e, n in boxes.tolist()]

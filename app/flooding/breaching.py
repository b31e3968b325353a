"""Breaches, gauges and cross-sections on the map: picked with clicks, drawn where they are.

A click for a breach catches levees and rivers; a cross-section takes two.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QFileDialog

from app.canvas.pin import Pin
from app.canvas.viewport import Viewport
from app.flooding.marks import BREACH, TOLD, draw_breach, draw_dot, write_name
from app.panels.breaches import BreachList, Place
from app.theme import font
from layers.editing.snapping import snap
from layers.errors import BadInput, KnownError
from layers.grid import Extent
from layers.hazards.inundation.tables import read_table
from layers.layer import VectorLayer
from layers.storage import pages

if TYPE_CHECKING:
    from app.main_window import MainWindow

Catch = Callable[[float, float, float], Place]
"""The place that is meant near a point, within a reach."""
BREACHED = frozenset({"levee", "river"})
"""Kinds of layers along which breaches are picked."""


class Breaching:
    """Serves a `BreachList`."""

    def __init__(self, window: MainWindow, breaches: BreachList) -> None:
        self._window, self._list = window, breaches
        self.pin: Pin | None = None
        self._selected = window.stage.selection
        breaches.picking.connect(self.pick)
        breaches.taking.connect(self.take)
        breaches.reading.connect(self.read)
        breaches.changed.connect(lambda: window.stage.map.update())
        window.stage.selected.connect(self._remember)
        window.stage.map.overlays.append(self.paint)

    def pick(self, sort: str = "breach") -> None:
        """Wait for a click on the map: for a breach, a gauge, or the first end of a section."""
        if sort == "breach":
            self.wait(lambda x, y: self._list.add(((x, y),)), self.catch, BREACH)
        elif sort == "gauge":
            self.wait(lambda x, y: self._list.add_gauges(((x, y),)), _exactly, TOLD)
        else:
            self.wait(lambda x, y: self._end_section((x, y)), _exactly, TOLD)
        self._window.notices.say(self._window.words.say(f"breach.click_{sort}"))

    def _end_section(self, start: Place) -> None:
        """Wait for the other end."""
        self.wait(lambda x, y: self._list.add_sections(((start, (x, y)),)), _exactly, TOLD, start)

    def wait(
        self, then: Callable[[float, float], object], catch: Catch, colour: str, start: Place | None = None
    ) -> None:
        if self._window.desk.project is None:
            return
        if self.pin is not None:
            self.pin.leave()
        stage = self._window.stage
        pin = self.pin = Pin(stage.map, catch, colour, start)
        pin.left.connect(self._end)
        pin.placed.connect(then)
        stage.tools.raise_()

    def take(self) -> None:
        """The picked features: levees, rivers and areas breach in their middle, points are gauges, lines
        of other kinds sections.
        """
        if not self._selected:
            self._window.notices.say(self._window.words.say("breach.nothing"))
        for layer in self._selected:
            entry = self._window.stack.entry(layer.name)
            if layer.shapes.kind == "point":
                self._list.add_gauges(tuple((x, y) for x, y in layer.shapes.xy.tolist()))
            elif layer.shapes.kind == "line" and entry is not None and entry.kind not in BREACHED:
                self._list.add_sections(tuple(map(_points, layer.shapes.geometries())))
            else:
                self._list.add(tuple(middles(layer)))

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
        """A numbered mark at each breach; gauges and sections under their names."""
        given = self._list
        if given.isHidden() or not (given.places or given.gauges or given.sections):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11, strong=True))
        for name, line in given.sections:
            points = [QPointF(*view.to_screen(*point)) for point in line]
            painter.setPen(QPen(QColor(TOLD), 3))
            painter.drawPolyline(points)
            write_name(painter, points[-1], name)
        for name, x, y in given.gauges:
            at = QPointF(*view.to_screen(x, y))
            draw_dot(painter, at, 6, TOLD)
            write_name(painter, at, name)
        for number, place in enumerate(given.places, 1):
            at = QPointF(*view.to_screen(*place))
            draw_breach(painter, at, number)
        painter.restore()

    def catch(self, x: float, y: float, reach: float) -> Place:
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

    @property
    def selected(self) -> tuple[VectorLayer, ...]:
        """The picked features."""
        return self._selected

    def _remember(self, layers: tuple[VectorLayer, ...]) -> None:
        self._selected = layers

    def _end(self) -> None:
        self.pin = None

    def _tell(self, error: KnownError) -> None:
        self._window.notices.say(error.say(self._window.words.language), "error")


def _exactly(x: float, y: float, reach: float) -> Place:
    return x, y


def _points(line: shapely.Geometry) -> tuple[Place, ...]:
    """Those of the longest part."""
    longest = max(shapely.get_parts(line), key=lambda each: each.length)
    return tuple((x, y) for x, y in shapely.get_coordinates(longest).tolist())


def middles(layer: VectorLayer) -> list[Place]:
    """The middle of each line; of other features, the middle of their box."""
    if layer.shapes.kind == "line":
        lines = [max(shapely.get_parts(g), key=lambda each: each.length) for g in layer.shapes.geometries()]
        points = [shapely.line_interpolate_point(line, 0.5, normalized=True) for line in lines]
        return [(point.x, point.y) for point in points]
    boxes = layer.shapes.boxes
    return [((w + e) / 2, (s + n) / 2) for w, s, e, n in boxes.tolist()]

"""The workbench: what editing needs of the window: table, findings, sketches, selected features, packages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PySide6.QtCore import QObject, Qt

from app.attaching import AttachmentsPage
from app.canvas.sketch import Ground, Sketch
from app.packages import Packages
from app.panels.attributes import AttributePanel
from app.panels.findings import finding_words
from app.review import Review
from app.side import Dock
from layers.changes import Edit, Row, Value
from layers.editing import features, shaping, topology
from layers.editing.snapping import Snap, snap, trace
from layers.errors import BadInput, KnownError
from layers.grid import Extent
from layers.layer import Field
from layers.positions import parse_position
from layers.progress import Progress
from layers.storage import pages
from layers.storage.attachments import attached, attachments
from layers.storage.checking import check_rows
from layers.storage.crs import GEOGRAPHIC, transformed_points
from layers.storage.geopackage import LayerEntry, ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

Point = tuple[float, float]
Rows = dict[str, Row]

MOST_SEGMENTS = 20_000
"""Vertices about the pointer beyond which nothing is caught: the map shows too much."""
FOOT = 248
"""Height in pixels at which table and findings open."""
AROUND = 100.0
"""Metres about a point that is zoomed to."""


class Workbench(QObject):
    """What the commands of editing do. Each gesture ends in one edit, or in nothing."""

    packages: Packages
    review: Review

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._say = window.words.say
        self._sketch: Sketch | None = None
        self._copied: tuple[str, Rows] = "", {}
        self.table = AttributePanel(window.desk, window.tasks, window.words, self._set_cell)
        self.review = Review(window)
        self.findings = self.review.panel
        self.packages = Packages(window)
        for name, panel in (("table", self.table), ("findings", self.findings)):
            dock = window.docks[name] = Dock(name, f"panel.{name}", panel, window.words, window)
            window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
            dock.hide()
        window.tabifyDockWidget(window.docks["table"], window.docks["findings"])
        self.table.told.connect(self._tell)
        self.table.chosen.connect(self._choose)
        self.table.reckoned.connect(self.reckon)
        window.desk.changed.connect(self._follow)
        window.stage.selected.connect(lambda _: window.actions_.refresh())

    # --- table -----------------------------------------------------------------------------------------

    def show_table(self) -> None:
        """The attribute table of the chosen layer."""
        entry = self._chosen_layer()
        if entry is not None:
            self.table.show_layer(entry)
            self._open("table")

    def _open(self, dock: str) -> None:
        if not self._window.is_shown(dock):
            self._window.docks[dock].show()
            self._window.resizeDocks([self._window.docks[dock]], [FOOT], Qt.Orientation.Vertical)
        self._window.docks[dock].raise_()

    def _chosen_layer(self, *, spatial: bool = False) -> LayerEntry | None:
        entry = self._window.stack.entry(self._window.layers.chosen)
        if entry is None or entry.geometry == "raster" or (spatial and entry.geometry == "table"):
            self._window.notices.say(self._say("notice.choose_layer"), "warning")
            return None
        return entry

    def _set_cell(self, layer: str, key: str, field: str, value: Value) -> None:
        row = self._project.table(layer)[key]
        self._do(features.given(layer, {key: row}, {field: value}, self._say("edit.cell")))
        self._warn(layer, key)

    def _warn(self, layer: str, key: str) -> None:
        """Say what the rules find in a feature that was just edited; the edit stands."""
        for finding in check_rows(self._project, layer, [key])[:2]:
            self._window.notices.say(finding_words(finding, self._window.words), "warning")

    def reckon(self, layer: str, field: Field, formula: str, only: str) -> None:
        """Fill a field by a formula, where the table's condition holds, as one edit."""
        name = self._say("edit.reckon", field=field.zh or field.name)

        def work(own: ProjectFile, progress: Progress) -> Edit:
            held = own.read(layer, progress=progress)
            return features.reckoned(held, dict(own.table(layer).items()), field, formula, name, only)

        self._window.tasks.start(name, self._window.desk.reading(work), self._do)

    def _choose(self, layer: str, keys: tuple[str, ...]) -> None:
        """Rows chosen in the table are selected on the map."""
        entry = self._window.stack.entry(layer)
        if entry is None or entry.geometry == "table" or not keys:
            return
        rows = self._project.table(layer)
        shapes = [features.shape(rows[key]) for key in keys]
        there = [s for s in shapes if s is not None]
        if there:
            self._window.stage.map.outline = shapely.union_all(there) if len(there) < 50 else there[0]
            self._window.stage.map.update()
            if len(there) == 1:
                self._window.stage.map.show_extent(Extent(*there[0].bounds).grown(AROUND))

    # --- features --------------------------------------------------------------------------------------

    def add(self) -> None:
        """Draw a new feature of the chosen layer."""
        entry = self._chosen_layer(spatial=True)
        if entry is None:
            return
        fewest, most = {"point": (1, 1), "line": (2, 10_000), "polygon": (3, 10_000)}[entry.geometry]
        make = {"point": shapely.Point, "line": shapely.LineString, "polygon": shapely.Polygon}[
            entry.geometry
        ]

        def done(points: tuple[Point, ...]) -> None:
            geometry = make(points[0] if entry.geometry == "point" else points)
            key = features.new_key()
            self._do(features.added(entry.name, geometry, {}, self._say("edit.add", title=entry.title), key))
            self._warn(entry.name, key)

        self._draw(done, fewest, most)

    def delete(self) -> None:
        """Take the selected features away; undo brings them back."""
        for layer, rows in self._selected().items():
            self._do(features.removed(layer, rows, self._say("edit.delete", count=len(rows))))
        self._window.stage.deselect()

    def attachments(self) -> None:
        """Photos and notes of the selected feature."""
        selected = self._selected()
        if sum(map(len, selected.values())) != 1:
            self._window.notices.say(self._say("notice.select_one"), "warning")
            return
        layer, key = next((layer, key) for layer, rows in selected.items() for key in rows)
        shown = attachments(self._project, layer, key)
        can_edit = self._window.desk.can_edit
        page = self.page = AttachmentsPage(shown, self._window.words, self._window, can_edit=can_edit)
        page.added.connect(lambda note, path: self._attach(layer, key, note, path))
        page.open()

    def _attach(self, layer: str, key: str, note: str, path: Path | None) -> None:
        name = self._say("edit.attach")
        self._try(lambda: attached(self._project, layer, key, name, note=note, file=path))

    def copy(self) -> None:
        """Keep the selected features of one layer, to be pasted."""
        selected = self._selected()
        if selected:
            layer, rows = next(iter(selected.items()))
            entry = self._window.stack.entry(layer)
            self._copied = (entry.geometry if entry is not None else ""), rows
            self._window.notices.say(self._say("notice.copied", count=len(rows)))

    def paste(self) -> None:
        """Copies of what was kept, in the chosen layer; fields of the same name go over."""
        entry, (geometry, rows) = self._chosen_layer(spatial=True), self._copied
        if entry is None or not rows:
            return
        if entry.geometry != geometry:
            self._tell(BadInput("geometry_of_other_kind", expected=entry.geometry, found=geometry))
            return
        columns = self._project.columns(entry.name)
        name = self._say("edit.paste", title=entry.title)
        edit = features.pasted(entry.name, columns, rows.values(), name)
        self._do(edit)
        for finding in check_rows(self._project, entry.name, [c.key for c in edit.changes])[:2]:
            self._window.notices.say(finding_words(finding, self._window.words), "warning")

    @property
    def has_copied(self) -> bool:
        """Whether there is something to paste."""
        return bool(self._copied[1])

    def split(self) -> None:
        """Draw a line that divides the selected feature; the larger piece stays what it was."""
        selected = self._selected()
        if sum(map(len, selected.values())) != 1:
            self._window.notices.say(self._say("notice.select_one"), "warning")
            return
        ((layer, rows),) = selected.items()
        ((key, row),) = rows.items()

        def done(points: tuple[Point, ...]) -> None:
            line = shapely.LineString(points)
            self._try(
                lambda: shaping.split(layer, key, row, line, self._say("edit.split"), shared=_people(row))
            )
            self._window.stage.deselect()

        self._draw(done, 2, 10_000)

    def join(self) -> None:
        """The selected features of one layer as one: the first stays, people and areas are added up."""
        selected = {layer: rows for layer, rows in self._selected().items() if len(rows) > 1}
        if len(selected) != 1:
            self._window.notices.say(self._say("notice.select_more"), "warning")
            return
        ((layer, rows),) = selected.items()
        first = next(iter(rows))
        self._try(
            lambda: shaping.merged(layer, rows, first, self._say("edit.join"), summed=_people(rows[first]))
        )
        self._window.stage.deselect()

    def move_vertex(self) -> None:
        """Point at a vertex or border, then at its new place: all features that share it move together."""

        def done(points: tuple[Point, ...]) -> None:
            place, to = points
            tolerance = max(2 * self._window.stage.map.view.scale, topology.SAME)
            near = self._near(place, tolerance)
            name = self._say("edit.vertex")
            self._try(lambda: topology.vertex_moved(near, place, to, name, tolerance=tolerance))

        self._draw(done, 2, 2)

    def _near(self, place: Point, tolerance: float) -> dict[str, Rows]:
        """Features that are seen and lie at a place, by layer."""
        found: dict[str, Rows] = {}
        extent = Extent(*place, *place).grown(tolerance)
        for entry in self._window.stack.entries:
            if entry.geometry in {"line", "polygon", "point"} and self._window.stack.is_seen(entry.name):
                keys, _ = pages.near(self._project, entry.name, extent)
                table = self._project.table(entry.name)
                found[entry.name] = {key: table[key] for key in keys}
        return found

    def _selected(self) -> dict[str, Rows]:
        """The selected features as rows, by layer."""
        found: dict[str, Rows] = {}
        for layer in self._window.stage.selection:
            table = self._project.table(layer.name)
            keys = [str(key) for key in layer.attributes["uuid"]]
            found.setdefault(layer.name, {}).update(
                {k: row for k in keys if (row := table.get(k)) is not None}
            )
        return {layer: rows for layer, rows in found.items() if rows}

    # --- drawing ---------------------------------------------------------------------------------------

    def _draw(self, done: Callable[[tuple[Point, ...]], None], fewest: int, most: int) -> None:
        if self._sketch is not None:
            self._sketch.abort()
        stage = self._window.stage
        ground = Ground(self._catch, self._trace, self._read, self._tell)
        sketch = self._sketch = Sketch(stage.map, ground, fewest, most, self._window.tokens.accent)
        sketch.done.connect(self._end)
        sketch.done.connect(done)
        sketch.aborted.connect(self._end)
        stage.tools.raise_()

    @property
    def sketch(self) -> Sketch | None:
        """What is being drawn."""
        return self._sketch

    def _end(self, points: object = None) -> None:
        self._sketch = None

    def _catch(self, x: float, y: float, reach: float) -> Snap | None:
        """The nearest vertex, crossing or border of the layers that are seen."""
        best: Snap | None = None
        extent = Extent(x, y, x, y).grown(reach)
        for entry in self._window.stack.entries:
            if entry.geometry in {"raster", "table"} or not self._window.stack.is_seen(entry.name):
                continue
            _, shapes = pages.near(self._project, entry.name, extent)
            caught = snap((x, y), shapes, reach) if len(shapes.xy) < MOST_SEGMENTS else None
            if caught is not None and (best is None or _rank(caught) < _rank(best)):
                best = caught
        return best

    def _trace(self, start: Point, end: Point) -> tuple[Point, ...]:
        """The border between two points, of the layers that are seen."""
        extent = Extent(*np.minimum(start, end), *np.maximum(start, end)).grown(AROUND)
        for entry in self._window.stack.entries:
            if entry.geometry in {"line", "polygon"} and self._window.stack.is_seen(entry.name):
                _, shapes = pages.near(self._project, entry.name, extent)
                way = trace(shapes, start, end) if len(shapes.xy) < MOST_SEGMENTS else None
                if way is not None:
                    return tuple((float(x), float(y)) for x, y in way)
        return ()

    def _read(self, text: str, last: Point | None) -> Point:
        """The place that was typed, in the project's reference system."""
        found = parse_position(text)
        if found.sort == "degrees":
            x, y = transformed_points(np.array([found.x]), np.array([found.y]), GEOGRAPHIC, self._project.crs)
            return float(x[0]), float(y[0])
        if found.sort == "offset":
            east, north = last or (0.0, 0.0)
            return east + found.x, north + found.y
        return found.x, found.y

    # --- doing -----------------------------------------------------------------------------------------

    @property
    def _project(self) -> Any:
        assert self._window.desk.project is not None
        return self._window.desk.project

    def _do(self, edit: Edit) -> None:
        if edit.changes or edit.loads:
            self._window.store(edit)

    def _try(self, make: Callable[[], Edit]) -> None:
        try:
            self._do(make())
        except KnownError as error:
            self._tell(error)

    def _tell(self, error: KnownError) -> None:
        self._window.notices.say(error.say(self._window.words.language), "error")

    def _follow(self, tables: frozenset[str]) -> None:
        if "project" in tables:
            self.findings.show_findings((), {})
            for name in ("table", "findings"):
                self._window.docks[name].hide()
            if self._sketch is not None:
                self._sketch.abort()


def _rank(caught: Snap) -> tuple[int, float]:
    return ("vertex", "intersection", "edge").index(caught.sort), caught.distance


def _people(row: Mapping[str, Value]) -> tuple[str, ...]:
    """Fields of a row that are amounts of the whole: shared out and added up with it."""
    return tuple(name for name in ("population", "occupants", "floor_area") if row.get(name) is not None)

"""The workbench: what editing needs of the window: table, findings, sketches, selected features, packages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from app.drawing.sketch import Sketch
from app.drawing.toolbox import Toolbox
from app.editing.attaching import AttachmentsPage
from app.editing.calculator import Calculating
from app.editing.deleting import delete_selected
from app.editing.filling import Filling
from app.editing.joining import JoinPage
from app.editing.matching import Matching
from app.editing.outside import Outside
from app.editing.packages import Packages
from app.editing.remembering import Remembering
from app.editing.review import Review
from app.panels.attributes import AttributePanel
from app.shell.side import Dock
from app.theme import Tokens
from layers.census.amounts import amounts
from layers.census.catalogue import meanings
from layers.census.quality import Finding
from layers.census.telling import finding_words
from layers.changes import Change, Edit, Row, Value
from layers.editing import features
from layers.errors import BadInput, KnownError
from layers.grid import Extent
from layers.layer import Field, VectorLayer
from layers.storage import pages
from layers.storage.attachments import attached, attachments
from layers.storage.checking import check_rows
from layers.storage.geopackage import LayerEntry

if TYPE_CHECKING:
    from app.main_window import MainWindow

Rows = dict[str, Row]

MANY = 500
"""Features beyond which they are selected in a task."""
MOST = 5000
"""Selected features that stay selected when they are edited."""
LARGE = 1000
"""Changes above which an edit is carried out in a worker."""
JUDGED = 2000
"""Features of an edit that the rules look at at once."""
FOOT = 248
"""Height in pixels at which table and findings open."""
AROUND = 100.0
"""Metres about a point that is zoomed to."""


class Workbench(QObject):
    """What the commands of editing do. Each gesture ends in one edit, or in nothing."""

    packages: Packages
    review: Review
    tools: Toolbox
    calculating: Calculating
    matching: Matching

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._say = window.words.say
        self._copied: tuple[str, Rows] = "", {}
        self._sweeping = 0
        self.table = AttributePanel(window.desk, window.tasks, window.words, self._set_cell)
        self.review = Review(window)
        self.findings = self.review.panel
        self.packages, self.outside = Packages(window), Outside(window)
        self.tools = Toolbox(window, self.draw)
        self.filling = Filling(window)
        self.remembering = Remembering(window)
        for name, panel in (("table", self.table), ("findings", self.findings)):
            dock = window.docks[name] = Dock(name, f"panel.{name}", panel, window.words, window)
            window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
            dock.hide()
            window.tabifyDockWidget(window.docks["tasks"], dock)
        self.paint(window.tokens)
        window.docks["table"].visibilityChanged.connect(self._fill_table)
        self.table.told.connect(self._tell)
        self.table.chosen.connect(self._choose)
        self.table.swept.connect(self._sweep)
        self.table.zoomed.connect(self._zoom)
        self.table.pasted.connect(self._paste_block)
        self.calculating = Calculating(window)
        self.matching = Matching(window, self.table_layer)
        self.table.reckoned.connect(self.calculating.ask)
        window.desk.changed.connect(self._follow)
        window.stage.selected.connect(self._follow_selection)

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        self.table.paint(tokens)
        self.findings.paint(tokens)

    # --- table -----------------------------------------------------------------------------------------

    def show_table(self) -> None:
        """The attribute table of the chosen layer."""
        entry = self._chosen_layer()
        if entry is not None:
            self.table.show_layer(entry)
            self._open("table")

    def _fill_table(self, is_seen: bool) -> None:
        """A table that comes into sight shows the chosen layer, if it shows none."""
        entry = self._window.stack.entry(self._window.layers.chosen)
        if is_seen and self.table.model.entry is None and entry is not None and entry.geometry != "raster":
            self.table.show_layer(entry)

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
        self.carry_out(features.given(layer, {key: row}, {field: value}, self._say("edit.cell")))
        self._warn(layer, key)

    def _warn(self, layer: str, *keys: str) -> None:
        """Say what the rules find in features that were just edited; the edit stands."""

        def say(found: tuple[Finding, ...]) -> None:
            for finding in found[:2]:
                self._window.notices.say(finding_words(finding, self._window.words.language), "warning")

        work = self._window.desk.reading(lambda own, progress: check_rows(own, layer, keys[:JUDGED]))
        self._window.tasks.start(self._say("task.check"), work, say, quiet=True)

    def table_layer(self) -> LayerEntry | None:
        """The layer in the table, if that is open; else the chosen one."""
        shown = self.table.model.entry
        if shown is not None and self._window.is_shown("table"):
            return self._window.stack.entry(shown.name)
        entry = self._chosen_layer()
        self.table.show_layer(entry)
        return entry

    def _paste_block(self, layer: str, given: dict[str, dict[str, Value]]) -> None:
        """Cells that were pasted, as one edit; the rules say what they find."""
        table = self._project.table(layer)
        rows = {key: row for key in given if (row := table.get(key)) is not None}
        changes = (Change(layer, key, row, {**row, **given[key]}) for key, row in rows.items())
        name = self._say("edit.block", rows=len(rows))
        edit = Edit(name, tuple(change for change in changes if change.before != change.after))
        if self.carry_out(edit):
            self._warn(layer, *rows)

    def _zoom(self) -> None:
        """Show all that is selected."""
        boxes = [extent for layer in self._window.stage.selection if (extent := layer.shapes.extent)]
        if boxes:
            west, south, east, north = zip(*boxes, strict=True)
            extent = Extent(min(west), min(south), max(east), max(north))
            self._window.stage.map.show_extent(extent.grown(AROUND))

    def _choose(self, layer: str, keys: tuple[str, ...]) -> None:
        """Rows chosen in the table are selected on the map."""
        self._sweeping += 1
        self._show_chosen(layer)
        self.select(layer, keys)

    def _show_chosen(self, layer: str) -> None:
        entry = self._window.stack.entry(layer)
        if entry is not None and entry.geometry != "table":
            self._window.stack.see(layer, True)

    def _sweep(self, layer: str, numbers: NDArray[np.int64]) -> None:
        """Many rows chosen in the table: read in a task; the newest choice counts."""
        window = self._window
        self._sweeping += 1
        age = self._sweeping

        def done(picked: VectorLayer) -> None:
            if age == self._sweeping:
                self._show_chosen(layer)
                window.stage.choose((picked,))

        work = window.desk.reading(lambda own, progress: pages.picked(own, layer, numbers, progress))
        window.tasks.start(self._say("task.select"), work, done)

    def _follow_selection(self, layers: tuple[VectorLayer, ...]) -> None:
        """What is selected on the map is marked in the table."""
        self._window.actions_.refresh()
        entry = self.table.model.entry
        if entry is not None:
            chosen = (_keys(layer) for layer in layers if layer.name == entry.name)
            self.table.show_selected(entry.name, tuple(chain.from_iterable(chosen)))

    # --- features --------------------------------------------------------------------------------------

    def delete(self) -> None:
        """Take the selected features away; undo brings them back."""
        delete_selected(self._window)

    def attachments(self) -> None:
        """Photos and notes of the selected feature."""
        selected = self.selected()
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
        selected = self.selected()
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
        self.carry_out(edit)
        self._warn(entry.name, *(change.key for change in edit.changes))

    @property
    def has_copied(self) -> bool:
        """Whether there is something to paste."""
        return bool(self._copied[1])

    def join(self) -> None:
        """The selected features of one layer as one: asks which identity and which values stay."""
        several = {layer: rows for layer, rows in self.selected().items() if len(rows) > 1}
        if len(several) != 1:
            self._window.notices.say(self._say("notice.select_more"), "warning")
            return
        ((layer, rows),) = several.items()
        page = self.join_page = JoinPage(self.fields(layer), rows, self._window.words, self._window)
        page.chosen.connect(lambda: self._join(layer, page))
        page.open()

    def _join(self, layer: str, page: JoinPage) -> None:
        name = self._say("edit.join")
        try:
            edit = page.edit(layer, name)
        except KnownError as error:
            self._tell(error)
            return
        if self.carry_out(edit):
            self.select(layer, [page.survivor])

    def amounts(self, layer: str, row: Row) -> tuple[str, ...]:
        """Fields of a row that are amounts of the whole: shared out and added up with it."""
        return tuple(name for name in amounts(self.fields(layer)) if row.get(name) is not None)

    def fields(self, layer: str) -> tuple[Field, ...]:
        """The columns of a layer, with what is known of them."""
        entry = self._window.stack.entry(layer)
        assert entry is not None
        known = meanings(entry.kind, entry.fields)
        return tuple(known.get(name, Field(name)) for name in self._project.columns(layer))

    def draw(self, edit: Edit) -> bool:
        """Carry out what was drawn; what came about is selected, and the rules say what they find."""
        if not self.carry_out(edit):
            return False
        new = [change for change in edit.changes if change.before is None]
        if new:
            keys = [change.key for change in edit.changes if change.after is not None]
            self.select(new[0].table, keys)
        kept = edit.changes[0]
        if kept.after is not None:
            self._warn(kept.table, kept.key)
        if len(edit.changes) == len(new) == 1:
            self._window.workspaces.edit.feature.begin()
        return True

    # --- selection -------------------------------------------------------------------------------------

    def select(self, layer: str, keys: Sequence[str]) -> None:
        """Select features of a layer on the map; many are read beside the window."""
        window = self._window
        if len(keys) <= MANY:
            window.stage.choose((pages.held(self._project, layer, keys),))
            return
        work = window.desk.reading(lambda own, progress: pages.held(own, layer, keys))
        window.tasks.start(
            self._say("task.select"), work, lambda held: window.stage.choose((held,)), quiet=True
        )

    def selected_keys(self) -> dict[str, list[str]]:
        """Which features are selected, by layer."""
        found: dict[str, list[str]] = {}
        for layer in self._window.stage.selection:
            found.setdefault(layer.name, []).extend(_keys(layer))
        return found

    def selected(self) -> dict[str, Rows]:
        """The selected features as rows, by layer."""
        chosen = self.selected_keys()
        found = {layer: pages.rows_of(self._project, layer, keys) for layer, keys in chosen.items()}
        return {layer: rows for layer, rows in found.items() if rows}

    def _renew(self, tables: frozenset[str]) -> None:
        """What is selected is shown as it is now."""
        stage = self._window.stage
        feature = self._window.workspaces.edit.feature
        there = {entry.name for entry in self._project.layers()}

        def fresh(layer: VectorLayer) -> VectorLayer | None:
            if layer.name not in there:
                return None
            held = pages.held(self._project, layer.name, _keys(layer)) if layer.name in tables else layer
            return held if len(held) else None

        if sum(map(len, stage.selection)) <= MOST:
            stage.renew(tuple(held for layer in stage.selection if (held := fresh(layer)) is not None))
            feature.renew(fresh)

    @property
    def sketch(self) -> Sketch | None:
        """What is being drawn."""
        return self.tools.sketch

    # --- doing -----------------------------------------------------------------------------------------

    @property
    def _project(self) -> Any:
        assert self._window.desk.project is not None
        return self._window.desk.project

    def carry_out(self, edit: Edit) -> bool:
        """Carry out an edit; false if it changes nothing or cannot be."""
        if len(edit.changes) > LARGE:
            self._window.store(edit)
            return True
        try:
            if edit.changes:
                self._window.desk.do(edit)
        except KnownError as error:
            self._tell(error)
            return False
        return bool(edit.changes)

    def _try(self, make: Callable[[], Edit]) -> None:
        try:
            self.carry_out(make())
        except KnownError as error:
            self._tell(error)

    def _tell(self, error: KnownError) -> None:
        self._window.notices.say(error.say(self._window.words.language), "error")

    def _follow(self, tables: frozenset[str]) -> None:
        if "project" in tables:
            self.findings.clear()
            for name in ("table", "findings"):
                self._window.docks[name].hide()
        elif self._window.desk.project is not None:
            self._renew(tables)


def _keys(layer: VectorLayer) -> list[str]:
    keys: list[str] = layer.attributes["uuid"].to_numpy(object).tolist()
    return keys

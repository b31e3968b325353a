"""Values brought from a table to the features of a layer: which key, which fields, and how many are met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QWidget,
)

from app.panels.cells import field_title
from app.panels.parts import column, deed_and_cancel
from app.stack import title_of
from app.theme import named
from app.words import Words
from layers.changes import Edit
from layers.layer import Field, VectorLayer
from layers.progress import Progress
from layers.storage import matching, pages
from layers.storage.geopackage import LayerEntry, ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

NAMED = 6
"""Keys that are named in the page."""


@dataclass(frozen=True, eq=False)
class Sources:
    """What is brought together: a layer's cells and a table's."""

    entry: LayerEntry
    layer: VectorLayer
    fields: dict[str, Field]
    path: Path
    table: pd.DataFrame


class MatchPage(QDialog):
    """Asks for the key and the fields. Signal: `wanted`."""

    wanted = Signal()

    def __init__(self, sources: Sources, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._sources, self._words = sources, words
        self.found = matching.match([], [])
        self.setWindowTitle(words.say("match.title"))
        self.resize(560, 520)
        self.field, self.column = QComboBox(), QComboBox()
        for name, field in sources.fields.items():
            self.field.addItem(field_title(field, words), name)
        for head in map(str, sources.table.columns):
            self.column.addItem(head, head)
        self.told = named(QLabel(wordWrap=True), "soft")
        self.targets: dict[str, QComboBox] = {}
        self._lay_out()
        key, head = matching.likely_keys(sources.layer, sources.table)
        self.field.setCurrentIndex(max(self.field.findData(key), 0))
        self.column.setCurrentIndex(max(self.column.findData(head), 0))
        self._guess(key)
        for box in (self.field, self.column):
            box.currentIndexChanged.connect(self._match)
        self._match()

    def _lay_out(self) -> None:
        say, sources = self._words.say, self._sources
        layout = column(self, 16, 8)
        facts = {"layer": title_of(sources.entry, self._words.language), "table": sources.path.name}
        head = QLabel(say("match.layer", **facts, rows=f"{len(sources.table):,}"), wordWrap=True)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.field, 1)
        line.addWidget(QLabel(say("match.same")))
        line.addWidget(self.column, 1)
        inner = named(QWidget(), "form")
        form = QFormLayout(inner)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setContentsMargins(12, 12, 12, 12)
        for name, field in sources.fields.items():
            form.addRow(field_title(field, self._words), self._target(name))
        room = named(QScrollArea(widgetResizable=True), "framed")
        room.setWidget(inner)
        buttons, self.fine = deed_and_cancel(self, say("match.do"))
        layout.addWidget(head)
        layout.addWidget(named(QLabel(say("match.key")), "heading"))
        layout.addLayout(line)
        layout.addWidget(named(QLabel(say("match.fill")), "heading"))
        layout.addWidget(room, 1)
        layout.addWidget(self.told)
        layout.addWidget(named(QLabel(say("match.empty"), wordWrap=True), "faint"))
        layout.addWidget(buttons)

    def _target(self, name: str) -> QComboBox:
        box = self.targets[name] = QComboBox()
        box.addItem(self._words.say("match.leave"), "")
        for head in map(str, self._sources.table.columns):
            box.addItem(head, head)
        box.currentIndexChanged.connect(self._judge)
        return box

    def _guess(self, key: str) -> None:
        """Fields that are called as columns are filled from them, but for the key itself."""
        sources = self._sources
        heads = [str(head) for head in sources.table.columns]
        likely = matching.likely_fields(sources.entry.kind, list(sources.fields.values()), heads)
        for name, box in self.targets.items():
            box.setCurrentIndex(max(box.findData(likely.get(name, "")), 0) if name != key else 0)

    @property
    def fill(self) -> dict[str, str]:
        """Field → column, of those that are filled."""
        return {name: box.currentData() for name, box in self.targets.items() if box.currentData()}

    def _match(self) -> None:
        layer, table = self._sources.layer, self._sources.table
        self.found = matching.match(
            layer.attributes[self.field.currentData()], table[self.column.currentData()]
        )
        self._judge()

    def _judge(self) -> None:
        """Say how many are met, and whether anything is to be done."""
        say, found = self._words.say, self.found
        lines = [say("match.told", layer=f"{len(found.rows):,}", count=f"{found.count:,}")]
        for word in ("unused", "repeated"):
            keys = getattr(found, word)
            if keys:
                lines.append(say(f"match.{word}", count=f"{len(keys):,}", keys=self._some(keys)))
        if not self.fill:
            lines.append(say("match.nothing"))
        self.told.setText("\n".join(lines))
        self.fine.setEnabled(bool(self.fill) and found.count > 0)

    def _some(self, keys: tuple[str, ...]) -> str:
        joined = ("、" if self._words.language == "zh_CN" else ", ").join(keys[:NAMED])
        return joined + (" …" if len(keys) > NAMED else "")

    def accept(self) -> None:
        if self.fine.isEnabled():
            super().accept()
            self.wanted.emit()


class Matching(QObject):
    """What the command asks for, done in tasks."""

    page: MatchPage

    def __init__(self, window: MainWindow, chosen: Callable[[], LayerEntry | None]) -> None:
        super().__init__(window)
        self._window, self._chosen = window, chosen

    def ask(self) -> None:
        """Ask for a table, for the layer in the attribute table, else the chosen one."""
        entry, say = self._chosen(), self._window.words.say
        if entry is None:
            return
        path, _ = QFileDialog.getOpenFileName(self._window, say("match.title"), "", say("match.files"))
        if path:
            self.read(entry, Path(path))

    def read(self, entry: LayerEntry, path: Path) -> None:
        """Read table and layer, then ask how they belong together."""
        fields = {field.name: field for field in self._window.workbench.fields(entry.name)}

        def work(own: ProjectFile, progress: Progress) -> Sources:
            table = matching.read_table(path)
            layer = pages.attributes(own, entry.name, list(fields), progress)
            return Sources(entry, layer, fields, path, table)

        title = self._window.words.say("task.match")
        self._window.tasks.start(title, self._window.desk.reading(work), self._open)

    def _open(self, sources: Sources) -> None:
        page = self.page = MatchPage(sources, self._window.words, self._window)
        page.wanted.connect(lambda: self._fill(sources, page))
        page.open()

    def _fill(self, sources: Sources, page: MatchPage) -> None:
        window, words = self._window, self._window.words
        layer = title_of(sources.entry, words.language)
        name = words.say("edit.match", table=sources.path.name, layer=layer)
        found, fill = page.found, page.fill
        work = lambda _: matching.brought(  # noqa: E731
            sources.layer, sources.fields, sources.table, found, fill, name
        )
        window.tasks.start(name, work, self._store)

    def _store(self, edit: Edit) -> None:
        say, notices = self._window.words.say, self._window.notices
        if not edit.changes:
            notices.say(say("match.same_values"))
            return
        count = f"{len(edit.changes):,}"
        self._window.store(edit, lambda: notices.say(say("match.done", count=count)))

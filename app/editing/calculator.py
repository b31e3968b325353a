"""The field calculator: a formula fills a field of the selected, the shown or all rows, as one edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QWidget,
)

from app.garbage import unsought
from app.panels.cells import cell_words, field_title, field_words
from app.panels.parts import column, deed_and_cancel
from app.theme import named
from app.words import Words
from layers.census.formula import parse
from layers.census.reckoning import FUNCTIONS, fitting, reckon
from layers.errors import KnownError
from layers.layer import Field, VectorLayer
from layers.progress import Progress
from layers.storage import pages
from layers.storage.edits_apart import reckoned_apart
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.reckoned import Filling, Reckoned, titled

if TYPE_CHECKING:
    from app.main_window import MainWindow

Scope = Literal["picked", "shown", "all"]


class Calculator(QDialog):
    """Field, formula, rows; and what comes of the first of them, while one types. Signal: `wanted`."""

    wanted = Signal()

    def __init__(
        self,
        fields: list[Field],
        example: VectorLayer,
        counts: dict[Scope, int],
        words: Words,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._words, self._fields, self._example = words, fields, example
        self.setWindowTitle(words.say("calculator.title"))
        self.resize(620, 460)
        self.field, self.formula = QComboBox(), QLineEdit(clearButtonEnabled=True)
        for field in fields:
            self.field.addItem(field_words(field, words))
        self.formula.setPlaceholderText(words.say("calculator.formula"))
        self.example = named(QLabel(wordWrap=True), "soft")
        self.example.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.example.setMinimumHeight(66)
        self.scopes = self._scopes(counts)
        self._lay_out()
        self.field.currentIndexChanged.connect(self._try)
        self.formula.textChanged.connect(self._try)
        self.formula.setFocus()
        self._try()

    def _scopes(self, counts: dict[Scope, int]) -> dict[Scope, QRadioButton]:
        group = QButtonGroup(self)
        scopes: dict[Scope, QRadioButton] = {}
        for scope, count in counts.items():
            button = scopes[scope] = QRadioButton(self._words.say(f"calculator.{scope}", count=f"{count:,}"))
            button.setEnabled(count > 0)
            group.addButton(button)
        first = next((button for button in scopes.values() if button.isEnabled()), scopes["all"])
        first.setChecked(True)
        return scopes

    def _lay_out(self) -> None:
        say = self._words.say
        layout = column(self, 16, 10)
        line = QHBoxLayout()
        line.addWidget(self.field, 2)
        line.addWidget(QLabel("="))
        line.addWidget(self.formula, 5)
        lists = QHBoxLayout()
        self.names = self._list([(field_title(f, self._words), f.zh or f.name) for f in self._fields])
        self.functions = self._list([(f"{name}( )", f"{name}()") for name in FUNCTIONS])
        lists.addWidget(self.names)
        lists.addWidget(self.functions)
        rows = QHBoxLayout()
        for button in self.scopes.values():
            rows.addWidget(button)
        rows.addStretch(1)
        buttons, self.fine = deed_and_cancel(self, say("calculator.do"))
        layout.addLayout(line)
        layout.addWidget(self.example)
        layout.addWidget(named(QLabel(say("calculator.insert")), "faint"))
        layout.addLayout(lists, 1)
        layout.addLayout(rows)
        layout.addWidget(buttons)

    def _list(self, items: list[tuple[str, str]]) -> QListWidget:
        shown = named(QListWidget(), "hits")
        for text, inserted in items:
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, inserted)
            shown.addItem(item)
        shown.itemActivated.connect(self._insert)
        return shown

    def _insert(self, item: QListWidgetItem) -> None:
        text = str(item.data(Qt.ItemDataRole.UserRole))
        plain = text if text.endswith("()") or text.isidentifier() else f'"{text}"'
        self.formula.insert(plain)
        if plain.endswith("()"):
            self.formula.cursorBackward(False)
        self.formula.setFocus()

    @property
    def chosen(self) -> Field:
        """The field that is filled."""
        return self._fields[self.field.currentIndex()]

    @property
    def scope(self) -> Scope:
        """Which rows."""
        return next(scope for scope, button in self.scopes.items() if button.isChecked())

    def accept(self) -> None:
        if self.fine.isEnabled():
            super().accept()
            self.wanted.emit()

    def _try(self) -> None:
        """Reckon the first rows, or say what is wrong with the formula."""
        self.fine.setEnabled(False)
        text = self.formula.text().strip()
        if not text:
            self._show(self._words.say("calculator.hint"), "soft")
            return
        try:
            cells = fitting(reckon(parse(text), self._example), self.chosen)
        except KnownError as error:
            self._show(error.say(self._words.language), "caution")
            return
        self.fine.setEnabled(True)
        self._show("\n".join(self._lines(cells)), "soft")

    def _lines(self, cells: list[object]) -> list[str]:
        column = self._example.attributes[self.chosen.name]
        names = self._example.attributes.get("name", self._example.attributes["uuid"].str[:8])
        return [
            f"{name}：{cell_words(was, self.chosen) or '—'} → {cell_words(cell, self.chosen) or '—'}"
            for name, was, cell in zip(names, column, cells, strict=True)
        ]

    def _show(self, text: str, manner: str) -> None:
        self.example.setText(text)
        named(self.example, manner)
        self.example.style().polish(self.example)


class Calculating(QObject):
    """What the calculator asks for, done in a task."""

    page: Calculator

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def ask(self) -> None:
        """Open the calculator on the layer of the table, else on the chosen one."""
        workbench, project = self._window.workbench, self._window.desk.project
        entry = workbench.table_layer()
        if entry is None or project is None:
            return
        picked = tuple(workbench.selected_keys().get(entry.name, ()))
        numbers = workbench.table.shown
        first = picked[:3] or pages.keys_at(project, entry.name, numbers[:3])
        counts: dict[Scope, int] = {"picked": len(picked), "shown": len(numbers), "all": entry.rows}
        example = titled(pages.held(project, entry.name, list(first)))
        fields = list(workbench.fields(entry.name))
        page = self.page = Calculator(fields, example, counts, self._window.words, self._window)
        page.wanted.connect(lambda: self._reckon(entry, page, picked, numbers))
        page.open()

    def _reckon(
        self, entry: LayerEntry, page: Calculator, picked: tuple[str, ...], numbers: pages.Numbers
    ) -> None:
        field, formula, scope, words = (
            page.chosen,
            page.formula.text().strip(),
            page.scope,
            self._window.words,
        )
        name = words.say("edit.reckon", field=field_title(field, words))

        def work(own: ProjectFile, progress: Progress) -> Reckoned:
            keys = picked if scope == "picked" else None
            if scope == "shown" and len(numbers) < entry.rows:
                keys = tuple(pages.keys_at(own, entry.name, numbers))
            return reckoned_apart(own, Filling(entry.name, keys, field, formula, name), progress)

        self._window.tasks.start(name, unsought(self._window.desk.reading(work)), self._store)

    def _store(self, made: Reckoned) -> None:
        edit, findings = made.edit, made.findings
        words = self._window.words
        if not edit.changes:
            self._window.notices.say(words.say("calculator.same"))
            return
        self._window.store(edit)
        key = "calculator.findings" if findings else "calculator.done"
        said = words.say(key, count=f"{len(edit.changes):,}", findings=findings)
        self._window.notices.say(said, "warning" if findings else "good")

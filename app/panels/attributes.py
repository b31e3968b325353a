"""The attribute table of a layer: sorted, filtered and searched by the database, as one with the map."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from app.desk import Desk
from app.panels.grid import SHOWN, Change, Grid, Numbers, TableModel
from app.panels.parts import column, hint
from app.stack import title_of
from app.tasks import Tasks
from app.theme import Tokens, icon, named
from app.words import Words
from layers.census.catalogue import meanings
from layers.changes import Value
from layers.errors import BadInput, KnownError
from layers.layer import Field
from layers.storage import pages
from layers.storage.geopackage import LayerEntry, ProjectFile

LARGE = 20_000
"""Rows above which sorting and filtering are a task."""
SWEPT = 500
"""Rows above which what was chosen is read in a task."""


class AttributePanel(QWidget):
    """A table under a line for conditions.

    Signals: `chosen(layer, keys)` rows were chosen by hand; `swept(layer, numbers)` many, for a task;
    `zoomed`; `reckoned` the calculator is wanted; `pasted(layer, cells by key)`; `told(KnownError)`.
    """

    chosen = Signal(str, object)
    swept = Signal(str, object)
    zoomed = Signal()
    reckoned = Signal()
    pasted = Signal(str, object)
    told = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, words: Words, change: Change) -> None:
        super().__init__()
        self._desk, self._tasks, self._words = desk, tasks, words
        self.model = TableModel(words, change)
        self.table = Grid(self.model)
        self._keys: tuple[str, ...] = ()
        self._swept = 0
        """Rows chosen by hand that are being read; the table marks them already."""
        self._widths: dict[str, list[int]] = {}
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        words = self._words
        self.title, self.count = named(QLabel(), "strong"), named(QLabel(), "hint")
        self.only, self.search = QLineEdit(clearButtonEnabled=True), QLineEdit(clearButtonEnabled=True)
        words.bind(self.only.setPlaceholderText, "table.only")
        words.bind(self.only.setToolTip, "table.only.tip")
        words.bind(self.search.setPlaceholderText, "table.search")
        self.first, self.zoom, self.calculate = (named(QToolButton(), "tool") for _ in range(3))
        self.first.setCheckable(True)
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget, stretch in ((self.title, 0), (self.count, 0), (self.only, 2), (self.search, 1)):
            line.addWidget(widget, stretch)
        buttons = {"table.first": self.first, "table.zoom": self.zoom, "table.calculate": self.calculate}
        for key, button in buttons.items():
            words.bind(button.setToolTip, key)
            button.setIconSize(QSize(18, 18))
            line.addWidget(button)
        layout = column(self, 8, 6)
        self._empty = hint(words, "table.empty")
        layout.addLayout(line)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self.table, 1)
        self._show_whether()

    def _show_whether(self) -> None:
        """The cells of a layer, or what to do to see some."""
        is_empty = self.model.entry is None
        self._empty.setVisible(is_empty)
        for widget in (self.table, self.only, self.search, self.first, self.zoom, self.calculate):
            widget.setVisible(not is_empty)

    def _connect(self) -> None:
        self.only.returnPressed.connect(self._again)
        self.search.returnPressed.connect(self._again)
        self.first.toggled.connect(lambda _: self._order())
        self.zoom.clicked.connect(self.zoomed)
        self.calculate.clicked.connect(self.reckoned)
        self.model.told.connect(self.told)
        head = self.table.horizontalHeader()
        head.sectionClicked.connect(self._sort)
        head.sectionResized.connect(self._keep_width)
        self.table.picked.connect(self._choose)
        self.table.pasted.connect(self._paste)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._offer)
        self._desk.changed.connect(self._follow)
        self._words.changed.connect(self.model.forget)
        self._words.changed.connect(self._say_title)

    def paint(self, tokens: Tokens) -> None:
        """Icons in the ink of the theme."""
        for button, name in (
            (self.first, "list-filter"),
            (self.zoom, "locate"),
            (self.calculate, "calculator"),
        ):
            button.setIcon(icon(name, tokens))

    def show_layer(self, entry: LayerEntry | None) -> None:
        """Show a layer's table."""
        self.only.clear()
        self.search.clear()
        self._show(entry, pages.View())

    @property
    def shown(self) -> Numbers:
        """Row numbers of what the conditions show."""
        return self.model.numbers

    @property
    def is_filtered(self) -> bool:
        """Whether a condition hides rows."""
        return bool(self.model.view.only or self.model.view.search)

    # --- rows ------------------------------------------------------------------------------------------

    def _again(self) -> None:
        view = self.model.view
        wanted = pages.View(view.sort, view.descending, self.only.text().strip(), self.search.text().strip())
        self._show(self.model.entry, wanted)

    def _show(self, entry: LayerEntry | None, view: pages.View) -> None:
        """Show a layer; a large one is sorted and filtered in a task: the table stays as it is meanwhile."""
        project = self._desk.project
        if project is None or entry is None:
            self._take(None, view, np.empty(0, np.int64))
        elif entry.rows > LARGE and not (
            view == pages.View() and pages.is_gapless(project, entry.name, entry.rows)
        ):
            work = self._desk.reading(lambda own, progress: pages.view(own, entry.name, view))
            done = lambda numbers: self._take(entry, view, numbers)  # noqa: E731
            self._tasks.start(self._words.say("task.table"), work, done)
        else:
            try:
                self._take(entry, view, pages.view(project, entry.name, view))
            except KnownError as error:
                self.told.emit(error)

    def _say_title(self) -> None:
        entry = self.model.entry
        self.title.setText(title_of(entry, self._words.language) if entry is not None else "")

    def _take(self, entry: LayerEntry | None, view: pages.View, numbers: Numbers) -> None:
        other = entry is None or self.model.entry is None or entry.name != self.model.entry.name
        if other:
            self._keys, self._swept = (), 0
        project = self._desk.project if entry is not None else None
        at = 0 if other else self.table.verticalScrollBar().value()
        self.model.take(project, entry, self._fields(entry), view, numbers)
        self._say_title()
        self._count()
        self._show_whether()
        if other and entry is not None:
            self._set_widths(entry.name)
        self._order(scroll=False)
        self.table.verticalScrollBar().setValue(at)

    def _fields(self, entry: LayerEntry | None) -> list[Field]:
        if entry is None or self._desk.project is None:
            return []
        known = meanings(entry.kind, entry.fields)
        return [known.get(name, Field(name)) for name in self._desk.project.columns(entry.name)]

    def _count(self) -> None:
        entry, shown = self.model.entry, len(self.model.numbers)
        picked = self._swept or len(self._keys)
        facts = {"shown": f"{shown:,}", "picked": f"{picked:,}"}
        key = "table.count_picked" if picked else "table.count"
        self.count.setText(self._words.say(key, **facts) if entry is not None else "")

    def _sort(self, section: int) -> None:
        """By a column; once more: the other way round."""
        name = self.model.fields[section].name
        view = self.model.view
        self._sort_by(name, view.sort == name and not view.descending)

    def _sort_by(self, name: str, down: bool) -> None:
        view, names = self.model.view, [field.name for field in self.model.fields]
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.table.horizontalHeader().setSortIndicator(names.index(name), order)
        self._show(self.model.entry, pages.View(name, down, view.only, view.search))

    def _offer(self, at: QPoint) -> None:
        """What can be done with a cell's value and its column."""
        index = self.table.indexAt(at)
        if not index.isValid():
            return
        field, say = self.model.fields[index.column()], self._words.say
        value = str(index.data(Qt.ItemDataRole.EditRole))
        menu = QMenu(self)
        menu.addAction(say("table.same"), lambda: self._filter(_condition(field, value, same=True)))
        menu.addAction(say("table.others"), lambda: self._filter(_condition(field, value, same=False)))
        menu.addSeparator()
        menu.addAction(say("table.up"), lambda: self._sort_by(field.name, False))
        menu.addAction(say("table.down"), lambda: self._sort_by(field.name, True))
        menu.addSeparator()
        menu.addAction(say("table.copy"), self.table.copy)
        menu.addAction(say("table.paste"), self.table.paste)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _filter(self, condition: str) -> None:
        before = self.only.text().strip()
        self.only.setText(f"({before}) and {condition}" if before else condition)
        self._again()

    # --- what is selected ------------------------------------------------------------------------------

    def show_selected(self, layer: str, keys: Sequence[str]) -> None:
        """These features are selected on the map."""
        if self.model.entry is None:
            return
        wanted = tuple(keys) if layer == self.model.entry.name else ()
        if wanted != self._keys:
            is_marked = len(wanted) == self._swept
            self._keys, self._swept = wanted, 0
            if not is_marked or self.first.isChecked():
                self._order()
            self._count()

    def _choose(self, rows: list[int]) -> None:
        """Rows chosen by hand are selected on the map; the table stays as it is."""
        entry = self.model.entry
        if entry is None:
            return
        if len(rows) > SWEPT:
            self._swept = len(rows)
            self._count()
            self.swept.emit(entry.name, self.model.numbers[rows])
            return
        self._keys, self._swept = tuple(self.model.keys(rows)), 0
        self._count()
        self.chosen.emit(entry.name, self._keys)

    def _order(self, *, scroll: bool = True) -> None:
        """What is selected comes first, if that is wanted, and is marked; many are sought in a task."""
        entry, project, keys = self.model.entry, self._desk.project, self._keys
        if entry is None or project is None or not keys:
            self.table.mark([], scroll=False)
            return
        numbers, is_first, name = self.model.numbers, self.first.isChecked(), entry.name

        def show(found: tuple[Numbers, list[int]]) -> None:
            if keys is not self._keys or numbers is not self.model.numbers:
                return
            if is_first:
                self.model.take(project, entry, self.model.fields, self.model.view, found[0])
            self.table.mark(found[1], scroll=scroll)

        if len(keys) <= SWEPT:
            show(_arranged(project, name, keys, numbers, is_first))
            return
        work = self._desk.reading(lambda own, progress: _arranged(own, name, keys, numbers, is_first))
        self._tasks.start(self._words.say("task.table"), work, show, quiet=True)

    # --- blocks, widths, changes -----------------------------------------------------------------------

    def _paste(self, text: str, row: int, column: int) -> None:
        if self.model.entry is None or not self._desk.can_edit:
            return
        try:
            given: dict[str, dict[str, Value]] = self.model.block(text, row, column)
        except BadInput as error:
            self.told.emit(error)
            return
        self.pasted.emit(self.model.entry.name, given)

    def _set_widths(self, layer: str) -> None:
        kept = self._widths.get(layer)
        if kept is None or len(kept) != self.model.columnCount():
            self.table.fit_columns()
            return
        for number, width in enumerate(kept):
            self.table.setColumnWidth(number, width)

    def _keep_width(self) -> None:
        entry = self.model.entry
        if entry is not None:
            widths = [self.table.columnWidth(n) for n in range(self.model.columnCount())]
            self._widths[entry.name] = widths

    def _follow(self, tables: frozenset[str]) -> None:
        """Cells that changed are read again; rows that came or went are numbered anew, where the eye is."""
        entry, project = self.model.entry, self._desk.project
        if "project" in tables or project is None:
            self._show(None, pages.View())
            return
        if entry is None or not ("layers" in tables or entry.name in tables):
            return
        now = next((each for each in project.layers() if each.name == entry.name), None)
        edit = self._desk.told
        if now is None:
            self._show(None, pages.View())
        elif edit is not None and "layers" not in tables and not edit.comes_or_goes(entry.name):
            self.model.forget()
        else:
            self._show(now, self.model.view)


def _arranged(
    project: ProjectFile, name: str, keys: Sequence[str], numbers: Numbers, is_first: bool
) -> tuple[Numbers, list[int]]:
    """Row numbers in the order of the table, and which rows of it are marked."""
    found = pages.numbers_of(project, name, keys if is_first else keys[:SHOWN])
    chosen = np.isin(numbers, found)
    if not is_first:
        return numbers, np.flatnonzero(chosen).tolist()
    return np.concatenate([numbers[chosen], numbers[~chosen]]), list(range(min(int(chosen.sum()), SHOWN)))


def _condition(field: Field, value: str, *, same: bool) -> str:
    """The rows with a value, or those without it, as a formula."""
    name = f'"{field.name}"'
    if not value:
        return f"{name} is null" if same else f"{name} is not null"
    literal = value if field.type in {"integer", "real"} else "'" + value.replace("'", "''") + "'"
    return f"{name} = {literal}" if same else f"({name} <> {literal} or {name} is null)"

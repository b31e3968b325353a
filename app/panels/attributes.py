"""The attribute table of a layer: pages from the database, sorted and filtered there, edited in place."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.desk import Desk
from app.panels.cells import cell_of, cell_text, cell_words, field_words
from app.panels.parts import RIGHT, column
from app.tasks import Tasks
from app.theme import named
from app.words import Words
from layers.changes import Row, Value
from layers.errors import BadInput, KnownError
from layers.layer import Field
from layers.storage import pages
from layers.storage.geopackage import LayerEntry, ProjectFile

PAGE = 200
"""Rows that are read at a time."""
KEPT = 50
"""Pages that are kept."""

LARGE = 20_000
"""Rows above which sorting and filtering are a task."""

Numbers = NDArray[np.int64]
Index = QModelIndex | QPersistentModelIndex
Change = Callable[[str, str, str, Value], None]
"""Layer, key, field, value."""


class TableModel(QAbstractTableModel):
    """The rows that a view shows; a page is read when it is looked at. Signal: `told(KnownError)`."""

    told = Signal(object)

    def __init__(self, words: Words, change: Change) -> None:
        super().__init__()
        self._words, self._change = words, change
        self._project: ProjectFile | None = None
        self.entry: LayerEntry | None = None
        self.view = pages.View()
        self.fields: list[Field] = []
        self._numbers: Numbers = np.empty(0, np.int64)
        self._pages: dict[int, list[tuple[str, Row]]] = {}

    def take(
        self, project: ProjectFile | None, entry: LayerEntry | None, view: pages.View, numbers: Numbers
    ) -> None:
        """Show these rows of a layer, in this order."""
        fields = list[Field]()
        if project is not None and entry is not None:
            known = {field.name: field for field in entry.fields}
            fields = [known.get(name, Field(name)) for name in project.columns(entry.name)]
        self.beginResetModel()
        self._project, self.entry, self.view = project, entry, view
        self._numbers, self.fields, self._pages = numbers, fields, {}
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.fields)

    def row(self, number: int) -> tuple[str, Row] | None:
        """Key and cells of a row; ``None`` if it is gone."""
        page, place = divmod(number, PAGE)
        if page not in self._pages:
            if len(self._pages) >= KEPT:
                self._pages.pop(next(iter(self._pages)))
            self._pages[page] = self._read(page)
        rows = self._pages[page]
        return rows[place] if place < len(rows) else None

    def _read(self, page: int) -> list[tuple[str, Row]]:
        if self._project is None or self.entry is None:
            return []
        wanted = self._numbers[page * PAGE : (page + 1) * PAGE]
        return pages.page(self._project, self.entry.name, wanted, [f.name for f in self.fields])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        field = self.fields[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if field.type in {"integer", "real"} else None
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return None
        found = self.row(index.row())
        value = found[1].get(field.name) if found else None
        return cell_words(value, field) if role == Qt.ItemDataRole.DisplayRole else cell_text(value)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1
        return field_words(self.fields[section], self._words)

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = super().flags(index)
        can_edit = self._project is not None and not self._project.read_only
        return plain | Qt.ItemFlag.ItemIsEditable if can_edit else plain

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        found = self.row(index.row())
        if role != Qt.ItemDataRole.EditRole or found is None or self.entry is None:
            return False
        field = self.fields[index.column()]
        try:
            cell = cell_of(str(value), field)
        except BadInput as error:
            self.told.emit(error)
            return False
        if cell != found[1].get(field.name):
            self._change(self.entry.name, found[0], field.name, cell)
        return True

    def forget(self) -> None:
        """Cells may be others now: read them again when they are looked at."""
        self._pages = {}
        if self._numbers.size and self.fields:
            last = self.index(len(self._numbers) - 1, len(self.fields) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


class CellEditor(QStyledItemDelegate):
    """Cells of a field with a list of values are chosen from it; the others are typed."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        domain = model.fields[index.column()].domain if isinstance(model, TableModel) else ()
        if not domain:
            return super().createEditor(parent, option, index)
        box = QComboBox(parent)
        box.addItems(["", *domain])
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentText(str(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())
        else:
            super().setModelData(editor, model, index)


class AttributePanel(QWidget):
    """A table under a line for conditions and formulas.

    Signals: `chosen(layer, keys)`, `reckoned(layer, field, formula, condition)`, `told(KnownError)`.
    """

    reckoned = Signal(str, object, str, str)
    chosen = Signal(str, object)
    told = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, words: Words, change: Change) -> None:
        super().__init__()
        self._desk, self._tasks, self._words = desk, tasks, words
        self.model = TableModel(words, change)
        self.title, self.count = QLabel(), named(QLabel(), "hint")
        self.only, self.search = QLineEdit(clearButtonEnabled=True), QLineEdit(clearButtonEnabled=True)
        words.bind(self.only.setPlaceholderText, "table.only")
        words.bind(self.search.setPlaceholderText, "table.search")
        self.formula = QLineEdit(clearButtonEnabled=True)
        words.bind(self.formula.setPlaceholderText, "table.formula")
        self.table = QTableView(sortingEnabled=False)
        self.table.setModel(self.model)
        self.table.setItemDelegate(CellEditor(self.table))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.horizontalHeader().setSectionsClickable(True)
        self.table.horizontalHeader().setSortIndicatorShown(True)
        layout = column(self, 8, 4)
        line = QHBoxLayout()
        for widget, stretch in (
            (self.title, 0),
            (self.count, 0),
            (self.only, 2),
            (self.search, 1),
            (self.formula, 2),
        ):
            line.addWidget(widget, stretch)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)
        self.only.returnPressed.connect(self._again)
        self.search.returnPressed.connect(self._again)
        self.formula.returnPressed.connect(self._reckon)
        self.model.told.connect(self.told)
        self.table.horizontalHeader().sectionClicked.connect(self._sort)
        self.table.selectionModel().selectionChanged.connect(self._choose)
        desk.changed.connect(self._follow)
        words.changed.connect(self.model.forget)

    def show_layer(self, entry: LayerEntry | None) -> None:
        """Show a layer's table."""
        self.only.clear()
        self.search.clear()
        self._show(entry, pages.View())

    def _reckon(self) -> None:
        """``field = formula``: for the rows that the condition shows."""
        name, sign, formula = self.formula.text().partition("=")
        wanted = name.strip()
        field = next((f for f in self.model.fields if wanted in {f.name, f.zh} and wanted), None)
        if self.model.entry is None or field is None or not sign:
            self.told.emit(BadInput("formula_target", text=self.formula.text()))
            return
        self.reckoned.emit(self.model.entry.name, field, formula.strip(), self.model.view.only)

    def _again(self) -> None:
        view = self.model.view
        wanted = pages.View(view.sort, view.descending, self.only.text().strip(), self.search.text().strip())
        self._show(self.model.entry, wanted)

    def _show(self, entry: LayerEntry | None, view: pages.View) -> None:
        """Show a layer; a large one is sorted and filtered in a task: the table stays as it is meanwhile."""
        project = self._desk.project
        if project is None or entry is None:
            self._take(None, view, np.empty(0, np.int64))
        elif entry.rows > LARGE and view != pages.View():
            work = self._desk.reading(lambda own, progress: pages.view(own, entry.name, view))
            done = lambda numbers: self._take(entry, view, numbers)  # noqa: E731
            self._tasks.start(self._words.say("task.table"), work, done)
        else:
            try:
                self._take(entry, view, pages.view(project, entry.name, view))
            except KnownError as error:
                self.told.emit(error)

    def _take(self, entry: LayerEntry | None, view: pages.View, numbers: Numbers) -> None:
        self.model.take(self._desk.project if entry is not None else None, entry, view, numbers)
        self.title.setText(entry.title if entry is not None else "")
        self.count.setText(f"{len(numbers):,}" if entry is not None else "")

    def _sort(self, section: int) -> None:
        """By a column; once more: the other way round."""
        name = self.model.fields[section].name
        view = self.model.view
        down = view.sort == name and not view.descending
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.table.horizontalHeader().setSortIndicator(section, order)
        self._show(self.model.entry, pages.View(name, down, view.only, view.search))

    def _choose(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        found = [self.model.row(index.row()) for index in rows[:1000]]
        if self.model.entry is not None:
            self.chosen.emit(self.model.entry.name, tuple(each[0] for each in found if each is not None))

    def _follow(self, tables: frozenset[str]) -> None:
        entry = self.model.entry
        if "project" in tables or self._desk.project is None:
            self._show(None, pages.View())
        elif entry is not None and ("layers" in tables or entry.name in tables):
            there = any(each.name == entry.name for each in self._desk.project.layers())
            self._show(entry if there else None, self.model.view if there else pages.View())

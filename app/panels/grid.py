"""The grid of the attribute table: rows read by pages, edited in place, copied and pasted as blocks."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.panels.cells import cell_of, cell_text, cell_words, field_words
from app.panels.parts import RIGHT
from app.words import Words
from layers.changes import Row, Value
from layers.errors import BadInput
from layers.layer import Field
from layers.storage import pages
from layers.storage.geopackage import LayerEntry, ProjectFile

PAGE = 200
"""Rows that are read at a time."""
KEPT = 50
"""Pages that are kept."""
SHOWN = 5000
"""Selected rows that are marked."""
RUNS = 1000
"""Pieces of neighbouring rows that are marked: Qt compares each with all."""
NARROWEST, WIDEST = 64, 280
"""Pixels of a column."""

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
        self.numbers: Numbers = np.empty(0, np.int64)
        self._pages: dict[int, list[tuple[str, Row]]] = {}

    def take(
        self,
        project: ProjectFile | None,
        entry: LayerEntry | None,
        fields: Sequence[Field],
        view: pages.View,
        numbers: Numbers,
    ) -> None:
        """Show these rows of a layer, in this order."""
        self.beginResetModel()
        self._project, self.entry, self.view = project, entry, view
        self.numbers, self.fields, self._pages = numbers, list(fields), {}
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.numbers)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.fields)

    def whole_rows(self, first: int, last: int) -> QItemSelectionRange:
        """Whole rows, first and last included."""
        return QItemSelectionRange(
            self.createIndex(first, 0), self.createIndex(last, max(len(self.fields) - 1, 0))
        )

    def row(self, number: int) -> tuple[str, Row] | None:
        """Key and cells of a row; ``None`` if it is gone."""
        page, place = divmod(number, PAGE)
        if page not in self._pages:
            if len(self._pages) >= KEPT:
                self._pages.pop(next(iter(self._pages)))
            self._pages[page] = self._read(page)
        rows = self._pages[page]
        return rows[place] if place < len(rows) else None

    def keys(self, rows: Sequence[int]) -> list[str]:
        """Keys of some of the rows that are shown."""
        if self._project is None or self.entry is None or not rows:
            return []
        return pages.keys_at(self._project, self.entry.name, self.numbers[list(rows)])

    def _read(self, page: int) -> list[tuple[str, Row]]:
        if self._project is None or self.entry is None:
            return []
        wanted = self.numbers[page * PAGE : (page + 1) * PAGE]
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
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            return RIGHT if self.fields[section].type in {"integer", "real"} else left
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

    def block(self, text: str, row: int, column: int) -> dict[str, dict[str, Value]]:
        """What a block copied from a spreadsheet would put into the cells from a place on, by key.

        Raises
        ------
        BadInput
            It is larger than the table from there on, or a value does not fit its field; nothing is pasted.
        """
        lines = [line.split("\t") for line in text.rstrip("\r\n").splitlines()]
        wide = max((len(line) for line in lines), default=0)
        room = (len(self.numbers) - row, len(self.fields) - column)
        if len(lines) > room[0] or wide > room[1]:
            raise BadInput("block_too_large", rows=len(lines), columns=wide, room=f"{room[0]} × {room[1]}")
        given: dict[str, dict[str, Value]] = {}
        for place, line in enumerate(lines):
            found = self.row(row + place)
            if found is not None:
                fields = self.fields[column : column + len(line)]
                given[found[0]] = {f.name: cell_of(t, f) for f, t in zip(fields, line, strict=True)}
        return given

    def forget(self) -> None:
        """Cells may be others now: read them again when they are looked at."""
        self._pages = {}
        if self.numbers.size and self.fields:
            last = self.index(len(self.numbers) - 1, len(self.fields) - 1)
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


class Grid(QTableView):
    """The cells. Signals: `picked(rows)` by the hand; `pasted(text, row, column)`."""

    picked = Signal(object)
    pasted = Signal(str, int, int)

    def __init__(self, model: TableModel) -> None:
        super().__init__()
        self.setModel(model)
        self._model = model
        self.setItemDelegate(CellEditor(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setWordWrap(False)
        self.verticalHeader().setDefaultSectionSize(26)
        self.verticalHeader().setMinimumWidth(48)
        self.horizontalHeader().setSectionsClickable(True)
        self.horizontalHeader().setSortIndicatorShown(True)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setResizeContentsPrecision(40)
        # of its own: Qt asks every row of a column whether it is selected, to draw the column's head
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(model, self))
        self.selectionModel().selectionChanged.connect(self._pick)

    def fit_columns(self) -> None:
        """Columns as wide as their heads and first rows."""
        for number in range(self._model.columnCount()):
            self.resizeColumnToContents(number)
            self.setColumnWidth(number, min(max(self.columnWidth(number) + 8, NARROWEST), WIDEST))

    def mark(self, rows: Sequence[int], *, scroll: bool) -> None:
        """Mark rows as selected, without saying so to anyone."""
        if not len(rows) and not self.selectionModel().hasSelection():
            return
        selection = QItemSelection()
        for first, end in _runs(rows)[:RUNS]:
            selection.append(self._model.whole_rows(first, end))
        with QSignalBlocker(self.selectionModel()):
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().select(selection, how)
        self.viewport().update()
        if scroll and len(rows):
            self.scrollTo(self._model.index(rows[0], 0), QAbstractItemView.ScrollHint.EnsureVisible)

    @property
    def rows(self) -> list[int]:
        """The selected rows."""
        runs = self.selectionModel().selection()
        return [row for n in range(runs.count()) for row in range(runs.at(n).top(), runs.at(n).bottom() + 1)]

    def copy(self) -> None:
        """The selected rows, with their heads, as a spreadsheet takes them."""
        columns = range(self._model.columnCount())
        horizontal, edit = Qt.Orientation.Horizontal, Qt.ItemDataRole.EditRole
        lines = ["\t".join(str(self._model.headerData(c, horizontal)) for c in columns)]
        lines += [
            "\t".join(_plain(self._model.data(self._model.index(row, c), edit)) for c in columns)
            for row in sorted(self.rows)[:SHOWN]
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def paste(self) -> None:
        """What the clipboard holds, from the current cell on."""
        at = self.currentIndex()
        text = QGuiApplication.clipboard().text()
        if at.isValid() and text:
            self.pasted.emit(text, at.row(), at.column())

    def _pick(self) -> None:
        self.picked.emit(self.rows)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_block(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        else:
            super().keyPressEvent(event)


def _is_block(event: QKeyEvent) -> bool:
    """Copy and paste mean cells here, not features."""
    keys = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Paste)
    return any(event.matches(key) for key in keys)


def _plain(cell: object) -> str:
    return str(cell).replace("\t", " ").replace("\n", " ")


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending rows as runs, first and last included."""
    if not len(rows):
        return []
    cells = np.sort(np.asarray(rows))
    breaks = np.flatnonzero(np.diff(cells) > 1)
    firsts = cells[np.concatenate([[0], breaks + 1])]
    lasts = cells[np.concatenate([breaks, [len(cells) - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))

"""A small table that is typed into: names and numbers, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.panels.parts import RIGHT
from app.theme import named
from app.words import Words
from layers.errors import BadInput

ROW = 26
"""Height of a row, pixels."""
Cells = tuple[str | float, ...]


@dataclass(frozen=True)
class TableColumn:
    """A column: the key of its words, and whether it holds numbers."""

    key: str
    is_number: bool = True


class NumberTable(QTableWidget):
    """Rows of names and numbers. Signal: `edited` something was typed, added or removed.

    Parameters
    ----------
    words : Words
    columns : sequence of TableColumn
    seen : int
        Rows that are seen at once.
    """

    edited = Signal()

    def __init__(self, words: Words, columns: Sequence[TableColumn], seen: int = 4) -> None:
        super().__init__(0, len(columns))
        named(self, "typed")
        self._words, self._columns = words, tuple(columns)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(40)
        self.setFixedHeight(ROW * seen + 34)
        self.itemChanged.connect(lambda _: self.edited.emit())
        words.changed.connect(self._speak)
        self._speak()

    def show_rows(self, rows: Sequence[Cells]) -> None:
        """These, instead of what stands there."""
        with QSignalBlocker(self):
            self.setRowCount(0)
            for row in rows:
                self._append(row)
        self.edited.emit()

    def add_row(self, row: Cells) -> None:
        """One more at the end."""
        with QSignalBlocker(self):
            self._append(row)
        self.scrollToBottom()
        self.edited.emit()

    def remove_row(self) -> int:
        """The chosen row, else the last; answers which it was, -1 if there is none."""
        number = self.currentRow() if self.currentRow() >= 0 else self.rowCount() - 1
        if number >= 0:
            self.removeRow(number)
            self.edited.emit()
        return number

    def rows(self) -> list[Cells]:
        """What stands in it.

        Raises
        ------
        BadInput
            A number is none; row and column are told.
        """
        return [self._row(number) for number in range(self.rowCount())]

    def _row(self, number: int) -> Cells:
        cells: list[str | float] = []
        for place, column in enumerate(self._columns):
            item = self.item(number, place)
            text = item.text().strip() if item is not None else ""
            cells.append(self._number(text, number, column) if column.is_number else text)
        return tuple(cells)

    def _number(self, text: str, row: int, column: TableColumn) -> float:
        try:
            return float(text.replace(",", ""))
        except ValueError as error:
            name = self._words.say(column.key)
            raise BadInput("typed_number", value=text, row=row + 1, column=name) from error

    def _append(self, row: Cells) -> None:
        number = self.rowCount()
        self.insertRow(number)
        for place, (cell, column) in enumerate(zip(row, self._columns, strict=True)):
            item = QTableWidgetItem(cell if isinstance(cell, str) else f"{cell:g}")
            if column.is_number:
                item.setTextAlignment(RIGHT)
            self.setItem(number, place, item)

    def _speak(self) -> None:
        self.setHorizontalHeaderLabels([self._words.say(column.key) for column in self._columns])

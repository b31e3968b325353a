"""Several features become one: which of them it remains, and which values it has."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.canvas.measuring import area_words, length_words
from app.panels.cells import cell_of, cell_words, exact_words, field_words
from app.panels.parts import RIGHT, column, deed_and_cancel
from app.theme import named
from app.words import Words
from layers.census.amounts import amounts
from layers.changes import Edit, Row, Value
from layers.editing import features, shaping
from layers.errors import BadInput
from layers.layer import Field

Rows = dict[str, Row]

MOST = 12
"""Features that have a column of their own."""


class JoinPage(QDialog):
    """A table of fields by features: a click chooses the value; the last column is what comes of it.

    Signal: `chosen`.
    """

    chosen = Signal()

    def __init__(self, fields: Sequence[Field], rows: Rows, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._words, self._rows = words, rows
        self._fields = tuple(fields)
        self._summed = set(amounts(fields))
        self._shown = sorted(rows, key=lambda key: -_size(rows[key]))[:MOST]
        self._from: dict[str, str] = {}
        self.setWindowTitle(words.say("command.join"))
        self.resize(min(260 + 120 * (len(self._shown) + 1), 960), 460)
        self.identity = QComboBox()
        for key in self._shown:
            self.identity.addItem(self._name(key), key)
        self.table = named(QTableWidget(len(self._fields), len(self._shown) + 1), "grid")
        self._lay_out()
        self._fill()
        self.identity.currentIndexChanged.connect(self._take_identity)
        self.table.cellClicked.connect(self._choose)
        self._take_identity()

    def _lay_out(self) -> None:
        say = self._words.say
        layout = column(self, 16, 12)
        hint = named(QLabel(say("join.hint", count=len(self._rows)), wordWrap=True), "hint")
        line = QHBoxLayout()
        line.addWidget(QLabel(say("join.identity")))
        line.addWidget(self.identity, 1)
        buttons, self.fine = deed_and_cancel(self, say("join.do"))
        layout.addWidget(hint)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)

    @property
    def survivor(self) -> str:
        """The feature that stays."""
        return str(self.identity.currentData())

    def edit(self, layer: str, name: str) -> Edit:
        """The merge that was chosen.

        Raises
        ------
        BadInput
            A value that was typed does not fit its field.
        """
        return shaping.merged(layer, self._rows, self.survivor, name, given=self.cells())

    def cells(self) -> dict[str, Value]:
        """The values of the feature that comes about."""
        last, cells = len(self._shown), dict[str, Value]()
        for number, field in enumerate(self._fields):
            cells[field.name] = cell_of(self._item(number, last).text(), field)
        return cells

    def accept(self) -> None:
        try:
            self.cells()
        except BadInput as error:
            self.setWindowTitle(error.say(self._words.language))
            return
        super().accept()
        self.chosen.emit()

    def _name(self, key: str) -> str:
        row = self._rows[key]
        name = next((str(row[f]) for f in ("name", "code") if row.get(f)), key[:8])
        geometry = features.shape(row)
        if geometry is None or not geometry.length:
            return name
        return f"{name}  {area_words(geometry.area) if geometry.area else length_words(geometry.length)}"

    def _fill(self) -> None:
        say, last = self._words.say, len(self._shown)
        heads = [self._name(key) for key in self._shown]
        self.table.setHorizontalHeaderLabels([*heads, say("join.result")])
        self.table.setVerticalHeaderLabels([field_words(field, self._words) for field in self._fields])
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for number, field in enumerate(self._fields):
            for place, key in enumerate(self._shown):
                item = QTableWidgetItem(cell_words(self._rows[key].get(field.name), field))
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                self._align(item, field)
                self.table.setItem(number, place, item)
            result = QTableWidgetItem()
            self._align(result, field)
            self.table.setItem(number, last, result)

    def _item(self, number: int, place: int) -> QTableWidgetItem:
        item = self.table.item(number, place)
        assert item is not None
        return item

    def _align(self, item: QTableWidgetItem, field: Field) -> None:
        if field.type in {"integer", "real"}:
            item.setTextAlignment(RIGHT)

    def _take_identity(self) -> None:
        """The values of the one that stays, those it lacks from the others; amounts are added up."""
        for number, field in enumerate(self._fields):
            if field.name in self._summed:
                self._set(number, self._sum(field), "")
                continue
            order = [self.survivor, *self._shown]
            has = (key for key in order if self._rows[key].get(field.name) not in (None, ""))
            key = next(has, self.survivor)
            self._set(number, self._rows[key].get(field.name), key)

    def _sum(self, field: Field) -> Value:
        cells = [row.get(field.name) for row in self._rows.values()]
        numbers = [cell for cell in cells if isinstance(cell, int | float) and cell == cell]
        return sum(numbers) if numbers else None

    def _choose(self, number: int, place: int) -> None:
        """The value of one feature; the value chosen already gives way to the sum, where that is one."""
        if place >= len(self._shown):
            return
        field, key = self._fields[number], self._shown[place]
        if field.name in self._summed and self._from.get(field.name) == key:
            self._set(number, self._sum(field), "")
        else:
            self._set(number, self._rows[key].get(field.name), key)

    def _set(self, number: int, value: Value, key: str) -> None:
        field, last = self._fields[number], len(self._shown)
        self._from[field.name] = key
        result = self._item(number, last)
        result.setText(exact_words(value, field))
        result.setToolTip(self._words.say("join.sum") if not key and field.name in self._summed else "")
        accent, plain = self.palette().accent().color(), self.palette().text().color()
        glow = QColor(accent)
        glow.setAlphaF(0.14)
        for place, each in enumerate(self._shown):
            item = self._item(number, place)
            is_sum = not key and field.name in self._summed
            taken = each == key or is_sum
            item.setBackground(QBrush(glow) if taken else QBrush())
            item.setForeground(QBrush(accent if taken else plain))


def _size(row: Row) -> float:
    geometry = features.shape(row)
    return float(geometry.area or geometry.length) if geometry is not None else 0.0

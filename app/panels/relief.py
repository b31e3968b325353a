"""Relief: depots and what they hold, needs and gaps, the ten-hour rule, fire response, nearest responders."""

from typing import Any

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QPushButton, QWidget

from app.panels.parts import column, number_words, row, table
from app.theme import named
from app.words import Words
from layers.risk.needs import SEASONS

STUDIES = ("depots", "stock", "balance", "ten_hours", "fire", "responders", "warning", "patches")
FIELDS = {
    "depots": (),
    "stock": (),
    "warning": (),
    "patches": (),
    "balance": ("days", "season"),
    "ten_hours": ("limit", "mobilise", "transfer"),
    "fire": ("minutes",),
    "responders": ("kind", "count"),
}
RESPONDERS = ("fire_station", "rescue_team", "hospital", "responder")
NUMBERS = {
    "days": (1, 60, 10, " d"), "limit": (1, 48, 10, " h"), "mobilise": (0, 24, 2, " h"),
    "transfer": (0, 24, 2, " h"), "minutes": (5, 180, 30, " min"), "count": (1, 10, 3, ""),
}  # fmt: skip


class ReliefPanel(QWidget):
    """Signal: `asked(study, parameters)`."""

    asked = Signal(str, object)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.study, self.season, self.kind = QComboBox(), QComboBox(), QComboBox()
        self._boxes = ((self.study, "relief", STUDIES), (self.season, "season", SEASONS),
                       (self.kind, "relief.by", RESPONDERS))  # fmt: skip
        for box, _, choices in self._boxes:
            for choice in choices:
                box.addItem("", choice)
        self.numbers = {name: _number(*bounds) for name, bounds in NUMBERS.items()}
        self.start = named(QPushButton(), "primary")
        self.verdict, self.note = named(QLabel(wordWrap=True), "title"), named(QLabel(wordWrap=True), "faint")
        self.table = table(2)
        self._rows: dict[str, tuple[QLabel, QWidget]] = {}
        self._lay_out()
        self.study.currentIndexChanged.connect(self._turn)
        self.start.clicked.connect(lambda: self.asked.emit(self.study.currentData(), self.parameters()))
        words.changed.connect(self._speak)
        self._speak()
        self._turn()

    def parameters(self) -> dict[str, Any]:
        """What the form says."""
        found: dict[str, Any] = {name: spin.value() for name, spin in self.numbers.items()}
        return found | {"season": self.season.currentData(), "kind": self.kind.currentData()}

    def show_result(self, verdict: str, heads: list[str], rows: pd.DataFrame, note: str = "") -> None:
        """Show a sentence, a table and where its numbers come from."""
        self.verdict.setText(verdict)
        self.note.setText(note)
        self.table.clear()
        self.table.setColumnCount(len(heads))
        self.table.setHeaderLabels(heads)
        header = self.table.header()
        for place in range(len(heads)):
            fits = header.ResizeMode.ResizeToContents if place else header.ResizeMode.Stretch
            header.setSectionResizeMode(place, fits)
        numeric = [k for k, kind in enumerate(rows.dtypes) if kind.kind in "fi"]
        for line in rows.itertuples(index=False):
            cells = [number_words(float(value), 0 if abs(value) >= 10 else 1) if k in numeric else str(value)
                     for k, value in enumerate(line)]  # fmt: skip
            self.table.addTopLevelItem(row(cells, numeric))

    def _lay_out(self) -> None:
        layout, form = column(self), QFormLayout()
        form.setVerticalSpacing(6)
        layout.addWidget(self.study)
        fields: dict[str, QWidget] = {**self.numbers, "season": self.season, "kind": self.kind}
        for name, field in fields.items():
            label = QLabel()
            label.setMinimumWidth(76)
            self._words.bind(label.setText, f"relief.{name}")
            form.addRow(label, field)
            self._rows[name] = label, field
        layout.addLayout(form)
        layout.addWidget(self.start)
        layout.addWidget(self.verdict)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        self._words.bind(self.start.setText, "relief.reckon")

    def _turn(self) -> None:
        """Another question: other fields; the answer before is gone."""
        study = self.study.currentData()
        for name, (label, field) in self._rows.items():
            label.setVisible(name in FIELDS[study])
            field.setVisible(name in FIELDS[study])
        self.verdict.setText("")
        self.note.setText(self._words.say(f"relief.{study}.note"))
        self.table.clear()

    def _speak(self) -> None:
        for box, theme, choices in self._boxes:
            for number, choice in enumerate(choices):
                box.setItemText(number, self._words.say(f"{theme}.{choice}"))


def _number(low: float, high: float, value: float, suffix: str) -> QDoubleSpinBox:
    spin = QDoubleSpinBox(decimals=0)
    spin.setRange(low, high)
    spin.setValue(value)
    spin.setSuffix(suffix)
    return spin

"""Relief: depots and what they hold, needs and gaps, the ten-hour rule, fire response, nearest responders."""

from datetime import date
from typing import Any

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidgetItem,
    QWidget,
)

from app.panels.parts import breakable, column, fit_heads, number_words, row, table
from app.theme import named
from app.words import Words
from layers.risk.needs import SEASONS
from layers.siting.relief_answers import STUDIES, Answer, Given

FIELDS = {
    "depots": ("limit", "mobilise", "transfer", "flood", "access", "hazard", "fire"),
    "depot_siting": ("count", "limit", "mobilise", "transfer", "flood", "hazard"),
    "stock": ("day",),
    "balance": ("days", "season", "day"),
    "ten_hours": ("limit", "mobilise", "transfer"),
    "fire": ("minutes",),
    "responders": ("kind", "count"),
    "warning": (),
    "patches": (),
}
RESPONDERS = ("fire_station", "rescue_team", "hospital", "responder")
NUMBERS = {
    "days": (1, 60, " d"), "limit": (0.5, 48, " h"), "mobilise": (0, 24, " h"), "transfer": (0, 24, " h"),
    "minutes": (5, 180, " min"), "count": (1, 50, ""), "flood": (0.5, 20, " m"),
    "access": (100, 50_000, " m"), "hazard": (30, 10_000, " m"), "fire": (5, 1000, " m"),
}  # fmt: skip
LABELS = {"fire": "fire_distance"}
"""Words of a field where another thing has its name."""
TENTHS = ("limit", "mobilise", "transfer", "flood")
WHOLE = ("days", "count")
DETAIL = 0x0100 + 7


class ReliefPanel(QWidget):
    """Signals: `asked(study, Given)`, `approved` the outflow on offer, `exported(DataFrame, name)`."""

    asked = Signal(str, object)
    approved = Signal()
    exported = Signal(object, str)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.answer: Answer | None = None
        self.study, self.season, self.kind = QComboBox(), QComboBox(), QComboBox()
        self._boxes = ((self.study, "relief", tuple(STUDIES)), (self.season, "season", SEASONS),
                       (self.kind, "relief.by", RESPONDERS))  # fmt: skip
        for box, _, choices in self._boxes:
            for choice in choices:
                box.addItem("", choice)
        usual = Given()
        self.numbers = {name: _number(name, getattr(usual, name)) for name in NUMBERS}
        self.day = QDateEdit(QDate.currentDate())
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setCalendarPopup(True)
        self.start = named(QPushButton(), "primary")
        self.post, self.export = QPushButton(), QPushButton()
        self.verdict, self.note = named(QLabel(wordWrap=True), "title"), named(QLabel(wordWrap=True), "faint")
        self.detail = named(QLabel(wordWrap=True), "soft")
        self.table = table(2)
        self._rows: dict[str, tuple[QLabel, QWidget]] = {}
        self._lay_out()
        self._connect()
        self._speak()
        self._turn()

    def given(self) -> Given:
        """What the form says."""
        found: dict[str, Any] = {name: spin.value() for name, spin in self.numbers.items()}
        found |= {name: int(found[name]) for name in WHOLE}
        found["day"] = date.fromisoformat(self.day.date().toString("yyyy-MM-dd"))
        return Given(**found, season=self.season.currentData(), kind=self.kind.currentData())

    def show_answer(self, answer: Answer) -> None:
        """Show a sentence, a table and what stands behind each row."""
        self.answer = answer
        self.verdict.setText(answer.verdict)
        self._fill(answer)
        self._show_deeds()

    def _fill(self, answer: Answer) -> None:
        tree, rows = self.table, answer.rows
        tree.clear()
        tree.setColumnCount(len(answer.heads))
        tree.setHeaderLabels(list(answer.heads))
        tree.setRootIsDecorated(any(parent >= 0 for parent in answer.parent))
        numeric = [k for k, kind in enumerate(rows.dtypes) if kind.kind in "fi"]
        items: list[QTreeWidgetItem] = []
        for number, line in enumerate(rows.itertuples(index=False)):
            above = answer.parent[number] if len(answer.parent) else -1
            item = row([_cell(value, k in numeric, above >= 0) for k, value in enumerate(line)],
                       numeric or range(1, len(answer.heads)))  # fmt: skip
            item.setData(0, DETAIL, answer.details[number] if len(answer.details) else "")
            items.append(item)
            if above >= 0:
                items[above].addChild(item)
            else:
                tree.addTopLevelItem(item)
        fit_heads(tree)

    def _lay_out(self) -> None:
        layout, form, deeds = column(self), QFormLayout(), QHBoxLayout()
        form.setVerticalSpacing(6)
        layout.addWidget(self.study)
        fields: dict[str, QWidget] = {
            **self.numbers,
            "season": self.season,
            "day": self.day,
            "kind": self.kind,
        }
        for name, field in fields.items():
            label = QLabel()
            label.setMinimumWidth(76)
            self._words.bind(label.setText, f"relief.{LABELS.get(name, name)}")
            form.addRow(label, field)
            self._rows[name] = label, field
        layout.addLayout(form)
        layout.addWidget(self.start)
        layout.addWidget(self.verdict)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        for button in (self.post, self.export):
            deeds.addWidget(button)
        layout.addLayout(deeds)
        layout.addWidget(self.note)

    def _connect(self) -> None:
        self.study.currentIndexChanged.connect(self._turn)
        self.start.clicked.connect(lambda: self.asked.emit(self.study.currentData(), self.given()))
        self.post.clicked.connect(self.approved)
        self.export.clicked.connect(self._export)
        self.table.currentItemChanged.connect(self._explain)
        self._words.bind(self.start.setText, "relief.reckon")
        self._words.bind(self.post.setText, "relief.post")
        self._words.bind(self.post.setToolTip, "relief.post.tip")
        self._words.bind(self.export.setText, "relief.export")
        self._words.changed.connect(self._speak)

    def _export(self) -> None:
        if self.answer is not None:
            self.exported.emit(self.answer.plain, self.study.currentText())

    def _explain(self, item: QTreeWidgetItem | None) -> None:
        text = "" if item is None else str(item.data(0, DETAIL) or "")
        self.detail.setText(breakable(text))
        self.detail.setVisible(bool(text))

    def _show_deeds(self) -> None:
        self.export.setVisible(self.answer is not None)
        self.post.setVisible(self.answer is not None and self.answer.offer is not None)

    def _turn(self) -> None:
        """Another question: other fields; the answer before is gone."""
        study = self.study.currentData()
        for name, (label, field) in self._rows.items():
            label.setVisible(name in FIELDS[study])
            field.setVisible(name in FIELDS[study])
        self.answer = None
        self.verdict.setText("")
        self.note.setText(self._words.say(f"relief.{study}.note"))
        self.table.clear()
        self.table.setHeaderLabels([""] * self.table.columnCount())
        self._explain(None)
        self._show_deeds()

    def _speak(self) -> None:
        for box, theme, choices in self._boxes:
            for number, choice in enumerate(choices):
                box.setItemText(number, self._words.say(f"{theme}.{choice}"))
        self._turn()


def _cell(value: Any, is_number: bool, is_child: bool) -> str:
    if not is_number:
        return str(value)
    number = float(value)
    if is_child and number != number:
        return ""
    return number_words(number, 0 if abs(number) >= 10 else 1)


def _number(name: str, value: float) -> QDoubleSpinBox:
    low, high, suffix = NUMBERS[name]
    spin = QDoubleSpinBox(decimals=1 if name in TENTHS else 0)
    spin.setRange(low, high)
    spin.setValue(value)
    spin.setSuffix(suffix)
    return spin

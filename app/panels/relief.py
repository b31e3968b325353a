"""Relief: depots and what they hold, needs and gaps, the ten-hour rule, fire response, nearest responders."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidgetItem,
    QWidget,
)

from app.orientation.places import Gazetteer
from app.panels.epicentre import EpicentreBox, refill
from app.panels.parts import RIGHT, breakable, column, fit_heads, number_words, row, table
from app.theme import named
from app.words import Words, capital
from layers.risk.needs import SEASONS
from layers.siting.answers import OPEN, RANGES, RESPONDERS, SOURCES, Answer, Given
from layers.siting.relief_answers import STUDIES

CLOSING = ("event", "stage", "depth", "bridges")
"""Fields of what closes roads."""
FIELDS = {
    "depots": ("limit", "mobilise", "transfer", "flood", "access", "hazard", "fire"),
    "depot_siting": ("count", "limit", "mobilise", "transfer", "flood", "hazard"),
    "stock": ("day",),
    "balance": ("days", "season", "day"),
    "ten_hours": ("limit", "mobilise", "transfer", *CLOSING),
    "fire": ("kind", "minutes", "beside", *CLOSING),
    "responders": ("kind", "count", *CLOSING),
    "warning": (),
    "patches": (),
    "route": ("origin", "target", "travel", *CLOSING),
    "isochrones": ("source", "origin", "bands", "travel", "pace", *CLOSING),
}
NUMBERS = {
    "days": " d", "limit": " h", "mobilise": " h", "transfer": " h", "minutes": " min", "beside": " m",
    "count": "", "flood": " m", "access": " m", "hazard": " m", "fire": " m", "pace": "", "stage": " m",
    "depth": " m", "bridges": "",
}  # fmt: skip
"""Fields for numbers and their units."""
LABELS = {"fire": "fire_distance", "source": "from"}
"""Words of a field where another thing has its name."""
TENTHS = ("limit", "mobilise", "transfer", "flood", "pace", "stage", "depth", "bridges")
WHOLE = ("days", "count")
DETAIL, PLACE = 0x0100 + 7, 0x0100 + 8


class ReliefPanel(QWidget):
    """Signals: `asked(study, Given)`, `approved` the outflow on offer, `exported(DataFrame, name)`,
    `gone_to(Extent)` a row is double-clicked.
    """

    asked = Signal(str, object)
    approved = Signal()
    exported = Signal(object, str)
    gone_to = Signal(object)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.answer: Answer | None = None
        self.study, self.season, self.kind = QComboBox(), QComboBox(), QComboBox()
        self.travel, self.source, self.closed_by = QComboBox(), QComboBox(), QComboBox()
        self.bands = QLineEdit(Given().bands)
        self._boxes = (
            (self.study, "relief", tuple(STUDIES)),
            (self.season, "season", SEASONS),
            (self.kind, "relief.by", RESPONDERS),
            (self.travel, "relief.travel", ("vehicle", "foot")),
            (self.source, "relief.from", SOURCES),
        )
        for box, _, choices in self._boxes:
            for choice in choices:
                box.addItem("", choice)
        usual = Given()
        self.places = {end: EpicentreBox(words) for end in ("origin", "target")}
        self.numbers = {name: _number(name, getattr(usual, name)) for name in NUMBERS}
        self.day = QDateEdit(QDate.currentDate())
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setCalendarPopup(True)
        self.start = named(QPushButton(), "primary")
        self.post, self.export = QPushButton(), QPushButton()
        self.verdict, self.note = named(QLabel(wordWrap=True), "strong"), named(QLabel(wordWrap=True), "hint")
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.detail = named(QLabel(wordWrap=True), "soft")
        self.table = table(2)
        self.table.setIndentation(14)
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
        found |= {end: box.place for end, box in self.places.items()} | {"travel": self.travel.currentData()}
        found |= {"source": self.source.currentData(), "bands": self.bands.text()}
        found |= {"event": self.closed_by.currentData() or ""}
        return Given(**found, season=self.season.currentData(), kind=self.kind.currentData())

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """A route may begin and end in these counties."""
        for box in self.places.values():
            box.show_regions(gazetteer)

    def show_events(self, events: Sequence[tuple[str, str]]) -> None:
        """Roads may be closed by these stored results, titles and names."""
        say = self._words.say
        usual = [(capital(say(f"relief.event.{key}")), name) for key, name in (("plan", ""), ("none", OPEN))]
        refill(self.closed_by, [*usual, *events])

    def show_answer(self, answer: Answer) -> None:
        """Show a sentence, a table and what stands behind each row."""
        self.answer = answer
        self.verdict.setText(capital(answer.verdict))
        self._fill(answer)
        self._show_deeds()

    def _fill(self, answer: Answer) -> None:
        tree, rows = self.table, answer.rows
        tree.clear()
        tree.setColumnCount(len(answer.heads))
        tree.setHeaderLabels(list(answer.heads))
        tree.setHeaderHidden(False)
        tree.setRootIsDecorated(any(parent >= 0 for parent in answer.parent))
        numeric = [k for k, kind in enumerate(rows.dtypes) if kind.kind in "fi"]
        right = numeric or range(1, len(answer.heads))
        items: list[QTreeWidgetItem] = []
        for number, line in enumerate(rows.itertuples(index=False)):
            above = answer.parent[number] if len(answer.parent) else -1
            cells = [_cell(value, k in numeric, above >= 0) for k, value in enumerate(line)]
            item = row(cells, right)
            item.setData(0, DETAIL, answer.details[number] if len(answer.details) else "")
            item.setData(0, PLACE, answer.places[number] if len(answer.places) else None)
            items.append(item)
            if above >= 0:
                items[above].addChild(item)
            else:
                tree.addTopLevelItem(item)
        fit_heads(tree, numeric)
        for place in right:
            tree.headerItem().setTextAlignment(place, RIGHT)

    def _lay_out(self) -> None:
        layout, self._form, deeds = column(self), QGridLayout(), QHBoxLayout()
        self._form.setVerticalSpacing(6)
        self._form.setHorizontalSpacing(8)
        layout.addWidget(self.study)
        fields: dict[str, QWidget] = dict(self.numbers)
        fields |= {"travel": self.travel, "source": self.source, "bands": self.bands, **self.places}
        fields |= {"event": self.closed_by}
        fields |= {"season": self.season, "day": self.day, "kind": self.kind}
        for name, field in fields.items():
            label = QLabel(self)
            field.setParent(self)  # what is not asked for lies in no layout
            self._words.bind(label.setText, f"relief.{LABELS.get(name, name)}")
            self._rows[name] = label, field
        layout.addLayout(self._form)
        layout.addWidget(self.start)
        layout.addWidget(self.note, 1)
        layout.addWidget(self.verdict)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        for button in (self.post, self.export):
            deeds.addWidget(button)
        layout.addLayout(deeds)

    def _place_fields(self) -> None:
        """The fields of the study that matter with what its boxes say."""
        idle: set[str] = set()
        if self.closed_by.currentData() in ("", OPEN, None):
            idle |= set(CLOSING[1:])
        if self.study.currentData() == "isochrones":
            idle |= {"pace"} if self.travel.currentData() != "foot" else set()
            idle |= {"origin"} if self.source.currentData() != "place" else set()
        self._place([name for name in FIELDS[self.study.currentData()] if name not in idle])

    def _place(self, names: Sequence[str]) -> None:
        """The fields of a study: numbers two in a row, boxes of words alone."""
        for label, field in self._rows.values():
            for widget in (label, field):
                self._form.removeWidget(widget)
                widget.setVisible(False)
        line, side = 0, 0
        for name in names:
            label, field = self._rows[name]
            wide = name not in self.numbers
            if wide and side:
                line, side = line + 1, 0
            self._form.addWidget(label, line, 2 * side)
            self._form.addWidget(field, line, 2 * side + 1, 1, 3 if wide else 1)
            label.setVisible(True)
            field.setVisible(True)
            line, side = (line + 1, 0) if wide or side else (line, 1)
        for number in (1, 3):
            self._form.setColumnStretch(number, 1)

    def _connect(self) -> None:
        self.study.currentIndexChanged.connect(self._turn)
        for box in (self.closed_by, self.travel, self.source):
            box.currentIndexChanged.connect(self._place_fields)
        self.start.clicked.connect(lambda: self.asked.emit(self.study.currentData(), self.given()))
        self.post.clicked.connect(self.approved)
        self.export.clicked.connect(self._export)
        self.table.currentItemChanged.connect(self._explain)
        self.table.itemDoubleClicked.connect(self._go)
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

    def _go(self, item: QTreeWidgetItem) -> None:
        place = item.data(0, PLACE)
        if place is not None:
            self.gone_to.emit(place)

    def _show_deeds(self) -> None:
        """What the study is about until it has been reckoned, then its answer."""
        for widget in (self.verdict, self.table, self.export):
            widget.setVisible(self.answer is not None)
        self.note.setVisible(self.answer is None)
        self.post.setVisible(self.answer is not None and self.answer.offer is not None)

    def _turn(self) -> None:
        """Another question: other fields; the answer before is gone."""
        study = self.study.currentData()
        self._place_fields()
        self.answer = None
        self.verdict.setText("")
        for tell in (self.note.setText, self.study.setToolTip):
            tell(self._words.say(f"relief.{study}.note"))
        self.table.clear()
        self.table.setHeaderLabels([""] * self.table.columnCount())
        self.table.setHeaderHidden(True)
        self._explain(None)
        self._show_deeds()

    def _speak(self) -> None:
        for box, theme, choices in self._boxes:
            for number, choice in enumerate(choices):
                box.setItemText(number, capital(self._words.say(f"{theme}.{choice}")))
        self._turn()


def _cell(value: Any, is_number: bool, is_child: bool) -> str:
    if not is_number:
        return str(value)
    number = float(value)
    if is_child and number != number:
        return ""
    return number_words(number, 0 if abs(number) >= 10 or number.is_integer() else 1)


def _number(name: str, value: float) -> QDoubleSpinBox:
    spin = QDoubleSpinBox(decimals=1 if name in TENTHS else 0)
    spin.setRange(*RANGES[name])
    spin.setValue(value)
    spin.setSuffix(NUMBERS[name])
    spin.setGroupSeparatorShown(True)
    spin.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
    spin.setAlignment(RIGHT)
    spin.setStyleSheet("padding-right: 8px; min-width: 0")
    return spin

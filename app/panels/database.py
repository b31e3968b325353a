"""The database that the plan asks for: hazard, exposure and capacity of one region, seen and exported."""

from typing import Any

import pandas as pd
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTreeWidgetItem, QWidget

from app.assessments import Assessments
from app.choice import CITY, Choice
from app.desk import Desk
from app.panels.parts import QUANTITIES, HazardBox, column, hint, number_words, row, table
from app.places import Gazetteer
from app.theme import font, named
from app.words import Words
from layers.census.catalogue import catalogue
from layers.progress import Progress
from layers.risk.database import query
from layers.storage.geopackage import ProjectFile
from layers.words import has


class DatabasePanel(QWidget):
    """Rows of hazard × region. Signal: `exported(DataFrame, name)` the user wants them as a file."""

    exported = Signal(object, str)

    def __init__(self, desk: Desk, choice: Choice, assessments: Assessments, words: Words) -> None:
        super().__init__()
        self._desk, self._choice, self._assessments, self._words = desk, choice, assessments, words
        self._gazetteer = Gazetteer()
        self.frame: pd.DataFrame | None = None
        self.hazard = HazardBox(choice, words)
        self.title = named(QLabel(wordWrap=True), "title")
        self.ask = named(QPushButton(), "primary")
        words.bind(self.ask.setText, "database.ask")
        self.table = table(3)
        self.export = QPushButton()
        words.bind(self.export.setText, "database.export")
        self.hint = hint(words, "database.empty")
        layout = column(self)
        layout.addWidget(self.title)
        top = QHBoxLayout()
        top.addWidget(self.hazard, 1)
        top.addWidget(self.ask)
        layout.addLayout(top)
        layout.addWidget(self.hint, 1)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.export)
        self._late = QTimer(self, interval=0, singleShot=True)
        self._late.timeout.connect(self._refresh)
        self._connect()
        self._refresh()

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These regions are in the project."""
        self._gazetteer = gazetteer
        self._late.start()

    def _connect(self) -> None:
        self.ask.clicked.connect(self.run)
        self.export.clicked.connect(self._export)
        self._choice.changed.connect(self._late.start)
        self._words.changed.connect(self._late.start)
        self._desk.changed.connect(lambda _: self._late.start())

    @property
    def _region(self) -> str:
        return self._choice.region or CITY

    @property
    def _key(self) -> tuple[str, ...]:
        return ("query", self._choice.hazard, self._region)

    def run(self) -> None:
        """Reckon the rows of what is chosen."""
        if self._desk.project is None:
            return
        hazard, region = self._choice.hazard, self._region

        def work(project: ProjectFile, progress: Progress) -> Any:
            return query(project, hazard, region, progress)

        title = self._words.say("task.query", region=self._region_name())
        self._assessments.ask(self._key, title, work, lambda _: self._refresh())

    def _refresh(self) -> None:
        answer = self._assessments.known(self._key) if self._desk.project is not None else None
        self.frame = None if answer is None else answer.table
        self.title.setText(self._region_name())
        self.hint.setVisible(answer is None)
        self.table.setVisible(answer is not None)
        self.export.setEnabled(answer is not None)
        self.ask.setEnabled(self._desk.project is not None)
        if self.frame is not None:
            self._fill(self.frame)

    def _fill(self, frame: pd.DataFrame) -> None:
        say = self._words.say
        self.table.clear()
        self.table.setHeaderLabels([say("database.item"), say("database.value"), say("database.unit")])
        self.table.headerItem().setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        for section, rows in frame.groupby("section", sort=False):
            head = QTreeWidgetItem([say(f"section.{section}")])
            head.setFont(0, font(12, strong=True))
            head.setForeground(0, QBrush(self.palette().link().color()))
            self.table.addTopLevelItem(head)
            for line in rows.itertuples():
                self.table.addTopLevelItem(self._line(line))

    def _line(self, line: Any) -> QTreeWidgetItem:
        value = line.value
        text = number_words(float(value)) if isinstance(value, int | float) else str(value)
        name = item_words(str(line.item), self._words)
        item = row([name, text, unit_words(str(line.unit or ""), self._words)], [1])
        status = self._words.say(f"status.{line.status}") if line.status else ""
        item.setToolTip(0, "\n".join(filter(None, (name, str(line.layer or ""), status))))
        return item

    def _region_name(self) -> str:
        region = self._gazetteer.region(self._region)
        return region.name if region is not None else self._words.say("region.city")

    def _export(self) -> None:
        if self.frame is not None:
            hazard = self._words.say(f"hazard.{self._choice.hazard}")
            self.exported.emit(self.frame, f"{self._region_name()}_{hazard}")


def item_words(item: str, words: Words) -> str:
    """What the database's key of an item says: ``population_low``, ``shelter_capacity`` …"""
    for stem, key in QUANTITIES.items():
        if item == stem or item.startswith(f"{stem}_"):
            return _join(words.say(f"quantity.{key}"), _rest_words(item[len(stem) + 1 :], words))
    for kind in sorted(catalogue().values(), key=lambda kind: -len(kind.name)):
        if item == kind.name or item.startswith(f"{kind.name}_"):
            field = next((f for f in kind.fields if f.name == item[len(kind.name) + 1 :]), None)
            own = "" if field is None else field.zh if words.language == "zh_CN" else field.en
            return _join(kind.title(words.language), own)
    return item


def unit_words(unit: str, words: Words) -> str:
    """A unit as the window's language writes it."""
    return words.say("unit.people") if unit == "人" else "" if unit == "处" else unit


def _rest_words(rest: str, words: Words) -> str:
    """A grade, a structure, or both."""
    structure, _, _ = rest.partition("_")
    if has(f"grade.{rest}"):
        return words.say(f"grade.{rest}")
    if rest == "total":
        return words.say("region.total")
    if has(f"structure.{structure}"):
        return _join(words.say(f"structure.{structure}"), _rest_words(rest[len(structure) + 1 :], words))
    return rest


def _join(name: str, detail: str) -> str:
    return f"{name} · {detail}" if detail else name

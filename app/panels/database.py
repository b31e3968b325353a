"""The database that the plan asks for: hazard, exposure and capacity of one region, seen and exported."""

from typing import Any

import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTreeWidgetItem, QWidget

from app.assessments import Assessments
from app.choice import CITY, Choice
from app.desk import Desk
from app.orientation.places import Gazetteer
from app.panels.parts import HazardBox, column, fit_heads, hint, number_words, row, table
from app.theme import font, named
from app.turns import Later
from app.words import Words, capital
from layers.progress import Progress
from layers.risk.database import query
from layers.risk.naming import item_words, parted, unit_words
from layers.storage.geopackage import ProjectFile

OPEN = frozenset({"area_km2", "population"})
"""What is shown by grade at once; the rest at a click."""


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
        self.table = table(2)
        self.table.setRootIsDecorated(True)
        self.table.setIndentation(14)
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
        self._late = Later(self._refresh, self)
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
        self.table.setHeaderLabels([say("database.item"), say("database.value")])
        for section, rows in frame.groupby("section", sort=False):
            head = QTreeWidgetItem([say(f"section.{section}")])
            head.setFont(0, font(12, strong=True))
            head.setForeground(0, QBrush(self.palette().link().color()))
            self.table.addTopLevelItem(head)
            totals: dict[str, QTreeWidgetItem] = {}
            for line in rows.itertuples():
                stem, grade = parted(str(line.item))
                if grade and stem in totals:
                    totals[stem].addChild(self._line(line, self._words.say(f"grade.{grade}")))
                    continue
                totals[stem] = self._line(line, item_words(stem, self._words.language))
                self.table.addTopLevelItem(totals[stem])
                totals[stem].setExpanded(stem in OPEN)
        fit_heads(self.table, [1])

    def _line(self, line: Any, name: str) -> QTreeWidgetItem:
        value = line.value
        text = number_words(float(value)) if isinstance(value, int | float) else str(value)
        unit = unit_words(str(line.unit or ""), self._words.language)
        item = row([capital(name), f"{text} {unit}".strip()], [1])
        whole = item_words(str(line.item), self._words.language)
        status = self._words.say(f"status.{line.status}") if line.status else ""
        item.setToolTip(0, "\n".join(filter(None, (whole, str(line.layer or ""), status))))
        return item

    def _region_name(self) -> str:
        region = self._gazetteer.region(self._region)
        return region.name if region is not None else self._words.say("region.city")

    def _export(self) -> None:
        if self.frame is not None:
            hazard = self._words.say(f"hazard.{self._choice.hazard}")
            self.exported.emit(self.frame, f"{self._region_name()}_{hazard}")

"""One region: choose it, and see how much of it lies in each hazard grade."""

from typing import Any

import pandas as pd
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.assessments import Assessments
from app.choice import CITY, Choice
from app.desk import Desk
from app.orientation.places import Gazetteer, Region
from app.panels.chart import Bars, Chart, draw_bars, readable
from app.panels.parts import HazardBox, children, column, fit_heads, hint, number_words, row, table
from app.tasks import Tasks
from app.theme import Tokens, named
from app.turns import Later
from app.words import Words, capital
from layers.cartography.palette import grade_colours
from layers.progress import Progress
from layers.risk.assessment import overlay
from layers.risk.naming import QUANTITIES
from layers.storage.geopackage import ProjectFile

GRADES = ("high", "medium_high", "medium", "medium_low", "low", "nodata")
CODE = Qt.ItemDataRole.UserRole


class RegionTree(QWidget):
    """Counties and their townships, with a box that narrows them down."""

    def __init__(self, choice: Choice, words: Words) -> None:
        super().__init__()
        self._choice, self._words = choice, words
        self._gazetteer = Gazetteer()
        self.search = QLineEdit(clearButtonEnabled=True)
        words.bind(self.search.setPlaceholderText, "region.search")
        self.tree = named(QTreeWidget(), "regions")
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(14)
        layout = column(self, 0)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        self.search.textChanged.connect(self._narrow)
        self.tree.currentItemChanged.connect(self._take)
        choice.changed.connect(self._follow)
        words.changed.connect(self._fill)

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These regions are in the project."""
        self._gazetteer = gazetteer
        self._fill()

    def _fill(self) -> None:
        self.tree.blockSignals(True)
        self.tree.clear()
        regions = self._gazetteer.regions
        if regions:
            city = self._item(self.tree, self._words.say("region.city"), CITY)
            city.setExpanded(True)
        counties = {r.code: self._item(self.tree, r.name, r.code) for r in regions if r.kind == "county"}
        for region in regions:
            if region.kind == "township":
                self._item(counties.get(region.county, self.tree), region.name, region.code)
        self.tree.blockSignals(False)
        self._follow()

    def _item(self, parent: QTreeWidget | QTreeWidgetItem, name: str, code: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [name])
        item.setData(0, CODE, code)
        return item

    def _items(self) -> list[QTreeWidgetItem]:
        tops = children(self.tree.invisibleRootItem())
        return [item for top in tops for item in (top, *children(top))]

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        for item in reversed(self._items()):
            within = any(not child.isHidden() for child in children(item))
            hit = wanted in item.text(0).casefold() or within
            item.setHidden(not hit)
            item.setExpanded(bool(wanted) and hit)

    def _take(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self._choice.take_region(item.data(0, CODE))

    def _follow(self) -> None:
        for item in self._items():
            if item.data(0, CODE) == self._choice.region and self.tree.currentItem() is not item:
                self.tree.blockSignals(True)
                self.tree.setCurrentItem(item)
                self.tree.blockSignals(False)


class RegionPanel(QWidget):
    """Region, hazard, quantity; chart and table of the five grades and of missing data."""

    zoomed = Signal()

    def __init__(
        self, desk: Desk, choice: Choice, assessments: Assessments, tasks: Tasks, words: Words, tokens: Tokens
    ) -> None:
        super().__init__()
        self._desk, self._choice, self._assessments = desk, choice, assessments
        self._tasks, self._words, self.tokens = tasks, words, tokens
        self._gazetteer = Gazetteer()
        self.regions = RegionTree(choice, words)
        self.hazard = HazardBox(choice, words)
        self.quantity = QComboBox()
        self.chart = Chart()
        self.chart.unfit.connect(self._show)
        self.table = table(3)
        self.title = named(QLabel(wordWrap=True), "title")
        self.go = named(QPushButton(), "small")
        words.bind(self.go.setText, "region.zoom")
        self._pages = QStackedWidget()
        self._lay_out()
        self._late = Later(self._ask, self)
        self._connect()
        self._speak()

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These regions are in the project."""
        self._gazetteer = gazetteer
        self.regions.show_regions(gazetteer)
        self._late.start()

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        self.tokens = tokens
        self._late.start()

    def _lay_out(self) -> None:
        layout = column(self)
        layout.addWidget(self.regions, 3)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self.hazard, 1)
        choices.addWidget(self.quantity, 1)
        layout.addLayout(choices)
        self._result = QWidget()
        inner = column(self._result, 0)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.go)
        inner.addLayout(head)
        inner.addWidget(self.chart)
        inner.addWidget(self.table, 1)
        self.table.setMinimumHeight(196)
        self._hint = hint(self._words, "region.empty")
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._result)
        layout.addWidget(self._pages, 5)

    def _connect(self) -> None:
        self._choice.changed.connect(self._late.start)
        self.quantity.activated.connect(self._late.start)
        self.go.clicked.connect(self.zoomed)
        self._words.changed.connect(self._speak)
        self._desk.changed.connect(lambda _: self._late.start())

    def _speak(self) -> None:
        chosen = max(self.quantity.currentIndex(), 0)
        self.quantity.clear()
        for stem, key in QUANTITIES.items():
            self.quantity.addItem(self._words.say(f"quantity.{key}"), stem)
        self.quantity.setCurrentIndex(chosen)
        self._late.start()

    @property
    def unit(self) -> str:
        """Whose table holds the chosen region."""
        region = self._gazetteer.region(self._choice.region)
        return region.kind if region is not None else "county"

    def _ask(self) -> None:
        if self._desk.project is None or not self._choice.region or not self._gazetteer.regions:
            self._pages.setCurrentWidget(self._hint)
            return
        hazard, unit = self._choice.hazard, self.unit

        def work(project: ProjectFile, progress: Progress) -> Any:
            return overlay(project, hazard, unit, progress)

        title = self._words.say("task.overlay", hazard=self._words.say(f"hazard.{hazard}"))
        self._assessments.ask(("overlay", hazard, unit), title, work, lambda _: self._show())

    def _show(self) -> None:
        """Show what is known for what is chosen now: the answer may be to an older question."""
        answer = self._assessments.known(("overlay", self._choice.hazard, self.unit))
        if answer is None or not self._choice.region:
            return
        values = grade_values(answer.table, self._choice.region, self.quantity.currentData())
        if values is None:
            self._pages.setCurrentWidget(self._hint)
            return
        self._pages.setCurrentWidget(self._result)
        self.title.setText(self._region_name())
        self._fill_table(values)
        self._draw(values)

    def _region_name(self) -> str:
        region: Region | None = self._gazetteer.region(self._choice.region)
        return region.name if region is not None else self._words.say("region.city")

    def _fill_table(self, values: dict[str, float]) -> None:
        say = self._words.say
        unit = say(f"quantity.{QUANTITIES[self.quantity.currentData()]}.unit")
        amount = say("region.amount", unit=unit)
        self.table.setHeaderLabels([say("region.grade"), capital(amount), say("region.share")])
        self.table.clear()
        total = sum(values.values())
        for grade in GRADES:
            share = f"{values[grade] / total:.1%}" if total else "—"
            cells = [capital(say(f"grade.{grade}")), number_words(values[grade]), share]
            self.table.addTopLevelItem(row(cells, [1, 2]))
        fit_heads(self.table, [1, 2])
        self.table.addTopLevelItem(row([say("region.total"), number_words(total), "100%"], [1, 2]))

    def _draw(self, values: dict[str, float]) -> None:
        colours = grade_colours()
        bars = Bars(
            titles=tuple(capital(self._words.say(f"grade.{grade}")) for grade in GRADES),
            values=readable([values[grade] for grade in GRADES]),
            colours=tuple(colours[grade] for grade in GRADES),
            size=(self.chart.width(), self.chart.height()),
            ratio=self.devicePixelRatioF(),
            tokens=self.tokens,
        )
        done = lambda pixels: self.chart.show_pixels(pixels, bars.ratio)  # noqa: E731
        self._tasks.start(self._words.say("task.chart"), lambda _: draw_bars(bars), done, quiet=True)


def grade_values(frame: pd.DataFrame, region: str, quantity: str) -> dict[str, float] | None:
    """A region's row of the overlay table by grade; the city is the sum of all rows.

    ``None`` if the region or the quantity is not in the table.
    """
    rows = frame if region == CITY else frame[frame["code"].astype(str) == region]
    columns = [f"{quantity}_{grade}" for grade in GRADES]
    if rows.empty or not set(columns) <= set(frame.columns):
        return None
    return {grade: float(rows[name].sum()) for grade, name in zip(GRADES, columns, strict=True)}

"""Loss: people hit and displaced, direct loss and needs of the chosen hazard and region, with its prices."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.assessments import Assessments
from app.choice import CITY, Choice
from app.desk import Desk
from app.orientation.places import Gazetteer
from app.panels.parameter_form import ParameterForm
from app.panels.parts import HazardBox, column, fit_heads, hint, number_words, row, table
from app.theme import font, named
from app.turns import Later
from app.words import Words, capital
from layers.progress import Progress
from layers.risk.loss import LossResult, loss_result
from layers.risk.naming import unit_words
from layers.risk.valuation import Valuation
from layers.storage.geopackage import ProjectFile

VIEWS = ("summary", "county", "township", "needs", "values")
TEN_THOUSAND = 1e4


class LossPanel(QWidget):
    """Signal: `exported(DataFrame, name)` the user wants a table as a file."""

    exported = Signal(object, str)

    def __init__(self, desk: Desk, choice: Choice, assessments: Assessments, words: Words) -> None:
        super().__init__()
        self._desk, self._choice, self._assessments, self._words = desk, choice, assessments, words
        self._gazetteer = Gazetteer()
        self.valuation = Valuation()
        self.hazard = HazardBox(choice, words)
        self.ask = named(QPushButton(), "primary")
        words.bind(self.ask.setText, "loss.ask")
        self.title = named(QLabel(wordWrap=True), "title")
        self.views = QComboBox()
        self.table = table(3)
        self.table.setUniformRowHeights(False)
        self.note = named(QLabel(wordWrap=True), "faint")
        self.export = QPushButton()
        words.bind(self.export.setText, "database.export")
        self._form = ParameterForm(words)
        self._prices = QScrollArea(widgetResizable=True)
        self._prices.setFrameShape(QFrame.Shape.NoFrame)
        self._prices.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = QStackedWidget()
        self._hint = hint(words, "loss.empty")
        for page in (self._hint, self.table, self._prices):
            self._pages.addWidget(page)
        self._lay_out()
        self._late = Later(self.refresh, self)
        self._connect()
        self._speak()

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These regions are in the project."""
        self._gazetteer = gazetteer
        self._late.start()

    def show_view(self, view: str) -> None:
        """One of `VIEWS`."""
        self.views.setCurrentIndex(VIEWS.index(view))
        self.refresh()

    def run(self) -> None:
        """Reckon the loss of what is chosen, with the prices of the form."""
        if self._desk.project is None:
            return
        self._take_prices()
        hazard, valuation = self._choice.hazard, self.valuation

        def work(project: ProjectFile, progress: Progress) -> Any:
            return loss_result(project, hazard, progress, valuation=valuation)

        title = self._words.say("task.loss", hazard=self._words.say(f"hazard.{hazard}"))
        if self.views.currentData() == "values":
            self.views.setCurrentIndex(0)
        self._assessments.ask(self._key, title, work, lambda _: self.refresh())

    @property
    def result(self) -> LossResult | None:
        """What is shown."""
        found: LossResult | None = self._assessments.known(self._key) if self._desk.project else None
        return found

    @property
    def _key(self) -> tuple[str, ...]:
        return ("loss", self._choice.hazard, repr(self.valuation))

    def _lay_out(self) -> None:
        layout = column(self)
        layout.addWidget(self.title)
        top = QHBoxLayout()
        top.addWidget(self.hazard, 1)
        top.addWidget(self.ask)
        layout.addLayout(top)
        layout.addWidget(self.views)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.export)

    def _connect(self) -> None:
        self.ask.clicked.connect(self.run)
        self.export.clicked.connect(self._export)
        self.views.activated.connect(self.refresh)
        self._choice.changed.connect(self._late.start)
        self._words.changed.connect(self._speak)
        self._desk.changed.connect(lambda _: self._late.start())

    def _take_prices(self) -> None:
        if self._pages.currentWidget() is self._prices:
            self.valuation = self._form.filled(self.valuation)

    def _speak(self) -> None:
        chosen = max(self.views.currentIndex(), 0)
        self.views.clear()
        for view in VIEWS:
            self.views.addItem(self._words.say(f"loss.view.{view}"), view)
        self.views.setCurrentIndex(chosen)
        self._late.start()

    def refresh(self) -> None:
        """Show what is known of what is chosen now; prices that were typed are kept."""
        self._take_prices()
        found, view = self.result, self.views.currentData()
        self.title.setText(self._region_name())
        self.ask.setEnabled(self._desk.project is not None)
        self.export.setEnabled(found is not None)
        if view == "values":
            self._show_prices()
            return
        self._pages.setCurrentWidget(self._hint if found is None else self.table)
        self.note.setText("" if found is None else self._notes(found))
        self.note.setVisible(found is not None)
        if found is not None:
            self._fill(found, view)

    def _fill(self, found: LossResult, view: str) -> None:
        self.table.clear()
        if view == "summary":
            self._summarise(found.row(self._unit, self._region), found)
        elif view == "needs":
            self._list_needs(found)
        else:
            self._list_units(found, view)
        fit_heads(self.table, range(1, self.table.columnCount()))

    def _heads(self, *keys: str) -> None:
        self.table.setColumnCount(len(keys))
        self.table.setHeaderLabels([self._words.say(key) for key in keys])

    def _summarise(self, numbers: Mapping[str, int], found: LossResult) -> None:
        say = self._words.say
        self._heads("loss.item", "loss.range")
        self._section("loss.people")
        self._line(say("loss.hit"), numbers["people_hit"])
        for name in numbers:
            if name.startswith(("people_depth_", "people_rating_", "people_intensity_")):
                self._line("  " + say(f"loss.{name.removeprefix('people_')}"), numbers[name])
        self._range(say("loss.displaced"), "displaced", numbers)
        self._section("loss.money")
        self._range(say("loss.total"), "loss", numbers, TEN_THOUSAND)
        for asset in found.assets:
            self._range("  " + say(f"asset.{asset}"), f"{asset}_loss", numbers, TEN_THOUSAND)
        self._section("loss.unknown")
        self._line(say("loss.people_nodata"), numbers["people_nodata"])
        self._line(say("loss.value_nodata"), numbers["value_nodata"] / TEN_THOUSAND)
        self._line(say("loss.unvalued"), numbers["unvalued"])

    def _range(self, name: str, stem: str, numbers: Mapping[str, int], by: float = 1.0) -> None:
        self._between(name, *(numbers[f"{stem}{end}"] / by for end in ("_low", "", "_high")))

    def _between(self, name: str, low: float, middle: float, high: float) -> None:
        """The middle of a range with its ends below it: side by side they leave no room for the name."""
        self._line(name, f"{_whole(middle)}\n{_whole(low)} – {_whole(high)}")

    def _section(self, key: str) -> None:
        head = QTreeWidgetItem([self._words.say(key)])
        head.setFont(0, font(12, strong=True))
        self.table.addTopLevelItem(head)
        head.setFirstColumnSpanned(True)

    def _line(self, name: str, *values: float | str) -> None:
        cells = [each if isinstance(each, str) else _whole(each) for each in values]
        self.table.addTopLevelItem(row([_titled(name), *cells], range(1, 1 + len(cells))))

    def _list_units(self, found: LossResult, view: str) -> None:
        self._heads("loss.unit", "loss.hit_displaced", "loss.total.short")
        frame = self._shown_rows(found, view)
        for line in frame.sort_values("loss", ascending=False).itertuples():
            self._unit_line(str(line.name), line.people_hit, line.displaced, line.loss)
        sums = frame[["people_hit", "displaced", "loss"]].sum()
        total = self._words.say("region.total")
        self._unit_line(total, sums["people_hit"], sums["displaced"], sums["loss"])

    def _unit_line(self, name: str, hit: float, displaced: float, loss: float) -> None:
        self._line(name, f"{_whole(hit)}\n{_whole(displaced)}", loss / TEN_THOUSAND)

    def _shown_rows(self, found: LossResult, view: str) -> pd.DataFrame:
        """The units within the chosen region."""
        frame = found.by(view)
        region = self._gazetteer.region(self._region)
        if frame.empty or region is None or view == "county":
            return frame
        within = {each.code for each in self._gazetteer.regions if region.code in (each.code, each.county)}
        return frame[frame["code"].isin(within)]

    def _list_needs(self, found: LossResult) -> None:
        self._heads("loss.item", "loss.range")
        chinese = self._words.language == "zh_CN"
        for need in found.needs(self._unit, self._region).itertuples():
            unit = unit_words(str(need.unit), self._words.language)
            name = f"{need.zh if chinese else need.en} ({unit})" if unit else need.zh if chinese else need.en
            self._between(str(name), need.low, need.amount, need.high)

    def _show_prices(self) -> None:
        page = named(QWidget(), "form")
        body = column(page, 0, 6)
        text = named(QLabel(self._words.say(self.valuation.limits), wordWrap=True), "soft")
        body.addWidget(text)
        self._form = ParameterForm(self._words)
        form = self._form.rows(self.valuation)
        assert form is not None
        body.addLayout(form)
        self._prices.setWidget(page)
        self._pages.setCurrentWidget(self._prices)
        self.note.setVisible(False)

    def _notes(self, found: LossResult) -> str:
        say = self._words.say
        missing = [say("loss.missing", assets=self._joined(found.missing))] if found.missing else []
        synthetic = [say("loss.synthetic")] if found.synthetic else []
        blank = "" if self._words.language == "zh_CN" else " "
        return blank.join((*missing, *synthetic, say("loss.basis")))

    def _joined(self, assets: tuple[str, ...]) -> str:
        separator = "、" if self._words.language == "zh_CN" else ", "
        return separator.join(self._words.say(f"asset.{asset}") for asset in assets)

    @property
    def _region(self) -> str:
        return self._choice.region or CITY

    @property
    def _unit(self) -> str:
        region = self._gazetteer.region(self._region)
        return region.kind if region is not None else "county"

    def _region_name(self) -> str:
        region = self._gazetteer.region(self._region)
        return region.name if region is not None else self._words.say("region.city")

    def _export(self) -> None:
        found, view = self.result, self.views.currentData()
        if found is None:
            return
        tables: dict[str, Callable[[], pd.DataFrame]] = {
            "needs": lambda: found.needs(self._unit, self._region),
            "county": lambda: found.by_county,
        }
        frame = tables.get(view, lambda: found.by_township)()
        hazard = self._words.say(f"hazard.{self._choice.hazard}")
        self.exported.emit(frame, f"{self._region_name()}_{hazard}_{self._words.say('panel.loss')}")


def _whole(number: float) -> str:
    return number_words(round(number))


def _titled(name: str) -> str:
    """A name with its indent, as it stands in a line of its own."""
    words = name.lstrip()
    return name[: len(name) - len(words)] + capital(words)

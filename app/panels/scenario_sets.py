"""Scenario sets: breaches at several places for several return periods, and what they add up to."""

from dataclasses import replace

import pandas as pd
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
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

from app.panels.number_table import NumberTable, TableColumn
from app.panels.parameter_form import ParameterForm
from app.panels.parts import column, fit_heads, heading, hint, number_words, row, table
from app.theme import font, named
from app.words import Words
from layers.errors import KnownError
from layers.hazards.inundation_scenario import InundationScenario
from layers.risk.scenario_set import BreachPlace, ReturnPeriod, ScenarioSet, Spread
from layers.risk.scenario_store import StoredSet

VIEWS = ("set", "runs", "county", "township")
BASE = (
    "cell", "duration", "lasts", "rise", "width", "rain_from", "rain_hours", "storm_place", "storm_minutes",
    "storm_peak", "loss_from", "runoff", "soil", "roughness", "scheme",
)  # fmt: skip
"""Parameters of the scenario that all runs share."""
PERIODS = ((20.0, 500.0, 0.0), (50.0, 1000.0, 0.0), (100.0, 1800.0, 0.0))
"""Years, m³/s, mm: to begin with; an assumption, to be set by the user."""
SPREADS = ("roughness", "breach", "rain")
CELL = 90.0
"""Side of the cells of a set, unless the user says otherwise, m: many runs want coarser ones."""
TEN_THOUSAND = 1e4


class ScenarioSetPanel(QWidget):
    """Signals: `picking` a breach is wanted from the map, `taking` from the picked features, `borrowing`
    those of the flood scenario, `run(ScenarioSet)`, `told(KnownError)`, `exported(DataFrame,
    name)`, `changed`.
    """

    picking = Signal()
    taking = Signal()
    borrowing = Signal()
    run = Signal(object)
    told = Signal(object)
    exported = Signal(object, str)
    changed = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._at: list[tuple[float, float]] = []
        self._base = InundationScenario(cell=CELL)
        self._stored: StoredSet | None = None
        self._form = ParameterForm(words)
        self.views = QComboBox()
        name, share = TableColumn("set.place", is_number=False), TableColumn("set.share")
        self.places = NumberTable(words, (name, share), 3)
        self.periods = NumberTable(
            words, [TableColumn(f"set.{each}") for each in ("years", "flow", "rain")], 3
        )
        self.wide = QCheckBox()
        words.bind(self.wide.setText, "set.spread")
        words.bind(self.wide.setToolTip, "set.spread.why")
        ends = (TableColumn("set.factor", is_number=False), TableColumn("loss.low"), TableColumn("loss.high"))
        self.spread = NumberTable(words, ends, 3)
        self.count = named(QLabel(wordWrap=True), "faint")
        self.start, self.export = named(QPushButton(), "primary"), QPushButton()
        words.bind(self.start.setText, "set.run")
        words.bind(self.export.setText, "database.export")
        self.table = table(4)
        self.note = named(QLabel(wordWrap=True), "faint")
        words.bind(self.note.setText, "scenarios.method")
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.periods.show_rows(PERIODS)
        self._speak()

    # --- what others use -------------------------------------------------------------------------------

    def add_places(self, places: tuple[tuple[float, float], ...]) -> None:
        """More breaches, each with the same share."""
        for place in places:
            if place not in self._at:
                self._at.append(place)
                number = len(self._at)
                self.places.add_row((self._words.say("breach.name_breach", number=number), 1.0))

    @property
    def at(self) -> tuple[tuple[float, float], ...]:
        """Where the breaches are."""
        return tuple(self._at)

    def take_base(self, model: InundationScenario) -> None:
        """What the runs share: the numbers of the flood scenario, but for the cells."""
        self._base = replace(model, cell=self._base.cell, places=(), gauges=(), sections=())
        self._show_base()

    def show_stored(self, stored: StoredSet | None) -> None:
        """The set of the project; the form takes on its places and periods if it has none of its own."""
        is_new = stored is not None and self._stored is not stored
        self._stored = stored
        if stored is not None and not self._at:
            self._recall(stored.runs)
        if is_new and stored is not None and not stored.runs.empty:
            self.show_view("runs")
        elif stored is None:
            self.show_view("set")
        self._fill()

    def show_view(self, view: str) -> None:
        """One of `VIEWS`."""
        self.views.setCurrentIndex(VIEWS.index(view))
        self._fill()

    def scenario_set(self) -> ScenarioSet:
        """What the form says.

        Raises
        ------
        BadInput
            A number is none, or places or periods make no set.
        """
        places = tuple(
            BreachPlace(str(name), x, y, float(share))
            for (name, share), (x, y) in zip(self.places.rows(), self._at, strict=True)
        )
        periods = tuple(ReturnPeriod(*map(float, cells)) for cells in self.periods.rows())
        spread = None
        if self.wide.isChecked():
            factors = [(float(low), float(high)) for _, low, high in self.spread.rows()]
            spread = Spread(**dict(zip(SPREADS, factors, strict=True)))
        return ScenarioSet(self._form.filled(self._base), places, periods, spread)

    def launch(self) -> None:
        """Ask for the run of what the form says, or tell what is wrong with it."""
        try:
            self.run.emit(self.scenario_set())
        except KnownError as error:
            self.told.emit(error)

    # --- form --------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        layout = column(self)
        layout.addWidget(self.views)
        form = named(QWidget(), "form")
        body = self._body = column(form, 0, 6)
        body.addWidget(heading(self._words, "set.places"))
        body.addWidget(self.places)
        body.addLayout(self._buttons("pick", "take"))
        body.addLayout(self._buttons("borrow", "remove"))
        body.addWidget(heading(self._words, "set.periods"))
        body.addWidget(self.periods)
        body.addLayout(self._buttons("more", "fewer"))
        body.addWidget(self._bound("faint", "source.scenario"))
        body.addWidget(self.wide)
        body.addWidget(self.spread)
        body.addWidget(heading(self._words, "set.base"))
        self._shared = QWidget()
        body.addWidget(self._shared)
        body.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(form)
        for page in (scroll, hint(self._words, "set.empty"), self.table):
            self._pages.addWidget(page)
        layout.addWidget(self._pages, 1)
        for widget in (self.count, self.note, self.export, self.start):
            layout.addWidget(widget)

    def _buttons(self, *names: str) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        for name in names:
            button = named(QPushButton(), "small")
            self._words.bind(button.setText, f"set.{name}")
            self._words.bind(button.setToolTip, f"set.{name}.why")
            button.clicked.connect(getattr(self, f"_{name}"))
            line.addWidget(button, 1)
        return line

    def _bound(self, name: str, key: str) -> QLabel:
        label = named(QLabel(wordWrap=True), name)
        self._words.bind(label.setText, key)
        return label

    def _connect(self) -> None:
        self.views.activated.connect(self._fill)
        self.start.clicked.connect(self.launch)
        self.export.clicked.connect(self._export)
        self.wide.toggled.connect(self._count)
        for each in (self.places, self.periods):
            each.edited.connect(self._count)
        self._words.changed.connect(self._speak)

    def _pick(self) -> None:
        self.picking.emit()

    def _take(self) -> None:
        self.taking.emit()

    def _borrow(self) -> None:
        self.borrowing.emit()

    def _remove(self) -> None:
        number = self.places.remove_row()
        if number >= 0:
            del self._at[number]
            self._count()

    def _more(self) -> None:
        """A rarer flood: twice the years, half as much water again."""
        rows = self.periods.rows()
        years, flow, rain = map(float, rows[-1] if rows else PERIODS[0])
        self.periods.add_row((years * 2, round(flow * 1.5, -1), rain) if rows else PERIODS[0])

    def _fewer(self) -> None:
        self.periods.remove_row()

    def _recall(self, runs: pd.DataFrame) -> None:
        """Places and periods of a stored set."""
        if {"x", "y", "share"} <= set(runs.columns):
            places = runs.drop_duplicates("place")
            self._at = list(zip(places["x"].tolist(), places["y"].tolist(), strict=True))
            self.places.show_rows(list(zip(places["place"], places["share"], strict=True)))
        mid = runs[runs["end"] == "mid"].drop_duplicates("years")
        self.periods.show_rows(list(zip(mid["years"], mid["discharge"], mid["rain"], strict=True)))
        self.wide.setChecked(bool((runs["end"] != "mid").any()))

    def _show_base(self) -> None:
        self._form = ParameterForm(self._words)
        form = self._form.rows(self._base, BASE)
        assert form is not None
        shared = QWidget()
        shared.setLayout(form)
        form.setContentsMargins(0, 0, 0, 0)
        self._body.replaceWidget(self._shared, shared)
        self._shared.hide()
        self._shared.deleteLater()
        self._shared = shared

    def _count(self) -> None:
        self.spread.setVisible(self.wide.isChecked())
        places, periods = self.places.rowCount(), self.periods.rowCount()
        ends = 3 if self.wide.isChecked() else 1
        facts = {"places": places, "periods": periods, "runs": places * periods * ends}
        self.count.setText(self._words.say("set.count", **facts) if places else self._words.say("set.hint"))
        self.start.setEnabled(bool(places and periods))
        self.changed.emit()

    # --- results -----------------------------------------------------------------------------------------

    def _speak(self) -> None:
        chosen = max(self.views.currentIndex(), 0)
        self.views.clear()
        for view in VIEWS:
            self.views.addItem(self._words.say(f"set.view.{view}"), view)
        self.views.setCurrentIndex(chosen)
        say, spread = self._words.say, Spread()
        rows = [(say(f"set.factor_{each}"), *getattr(spread, each)) for each in SPREADS]
        self.spread.show_rows(rows)
        self._show_base()
        self._count()
        self._fill()

    @property
    def _frame(self) -> pd.DataFrame | None:
        """The table behind the view."""
        view = self.views.currentData()
        if self._stored is None or view == "set":
            return None
        return self._stored.runs if view == "runs" else self._stored.annual.get(view)

    def _fill(self) -> None:
        view, frame = self.views.currentData(), self._frame
        is_form = view == "set"
        self._pages.setCurrentIndex(0 if is_form else 1 if frame is None else 2)
        for widget in (self.count, self.start):
            widget.setVisible(is_form)
        self.note.setVisible(not is_form and frame is not None)
        self.export.setVisible(not is_form)
        self.export.setEnabled(frame is not None)
        if frame is not None:
            self._list_runs(frame) if view == "runs" else self._list_annual(frame)
            fit_heads(self.table, range(1, self.table.columnCount()))

    def _heads(self, names: list[str]) -> None:
        self.table.clear()
        self.table.setColumnCount(len(names))
        self.table.setHeaderLabels(names)

    def _list_runs(self, runs: pd.DataFrame) -> None:
        """Each breach under its name, its floods by return period."""
        say = self._words.say
        keys = ("set.run_of", "set.flooded", "loss.hit.short", "loss.total.short")
        self._heads([say(key) for key in keys])
        for place, lines in runs.groupby("place", sort=False):
            head = QTreeWidgetItem([str(place)])
            head.setFont(0, font(12, strong=True))
            self.table.addTopLevelItem(head)
            head.setFirstColumnSpanned(True)
            for line in lines.to_dict("records"):
                end = "" if line["end"] == "mid" else f" {say('loss.' + str(line['end']))}"
                name = say("set.run_name", years=line["years"]) + end
                counts = (line["people_hit"], line["loss"] / TEN_THOUSAND)
                cells = [number_words(line["flooded_km2"], 1), *(number_words(round(n)) for n in counts)]
                self.table.addTopLevelItem(row([name, *cells], range(1, 4)))

    def _list_annual(self, frame: pd.DataFrame) -> None:
        """What is expected of a year, the greatest loss first."""
        say = self._words.say
        has_ends = "loss_a_low" in frame
        keys = ["loss.unit", "set.people_hit_a", "set.loss_a", *(["set.ends"] if has_ends else [])]
        self._heads([say(key) for key in keys])
        shown = frame[frame["loss_a"] + frame["people_hit_a"] > 0].sort_values("loss_a", ascending=False)
        total = {"name": say("region.total"), **frame.sum(numeric_only=True).to_dict()}
        for line in (*shown.to_dict("records"), total):
            cells = [number_words(line["people_hit_a"], 1), _ten_thousands(line["loss_a"])]
            if has_ends:
                cells.append(f"{_ten_thousands(line['loss_a_low'])}–{_ten_thousands(line['loss_a_high'])}")
            self.table.addTopLevelItem(row([str(line["name"]), *cells], range(1, len(keys))))

    def _export(self) -> None:
        frame = self._frame
        if frame is not None:
            view = self._words.say(f"set.view.{self.views.currentData()}")
            self.exported.emit(frame, f"{self._words.say('panel.sets')}_{view}")


def _ten_thousands(yuan: float) -> str:
    amount = yuan / TEN_THOUSAND
    return number_words(amount, 0 if amount >= 100 else 1)

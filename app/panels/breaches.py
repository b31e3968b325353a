"""Places of a flood scenario: breaches, gauges and cross-sections, picked on the map or taken from features;
and the hydrograph of the breaches.
"""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QWidget

from app.panels.parts import column, heading
from app.theme import named
from app.words import Words
from layers.hazards.inundation_scenario import InundationScenario

Place = tuple[float, float]
Hydrograph = tuple[tuple[float, float], ...]
Gauge = tuple[str, float, float]
Section = tuple[str, tuple[Place, ...]]

SORTS = ("breach", "gauge", "section")


class BreachList(QWidget):
    """Signals: `picking(sort)` a breach, gauge or section is wanted from the map, `taking` from the features
    that are picked, `reading` a hydrograph from a file, `changed`.
    """

    picking = Signal(str)
    taking = Signal()
    reading = Signal()
    changed = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.places: tuple[Place, ...] = ()
        self.gauges: tuple[Gauge, ...] = ()
        self.sections: tuple[Section, ...] = ()
        self.hydrograph: Hydrograph = ()
        self.list = named(QListWidget(), "dense")
        self.list.setFixedHeight(78)
        self.course = named(QLabel(wordWrap=True), "faint")
        layout = column(self, 0, 4)
        layout.addWidget(heading(words, "breach.places"))
        layout.addWidget(self.list)
        self.pick, self.pick_gauge, self.pick_section = (self._button(f"breach.add_{sort}") for sort in SORTS)
        for sort, button in zip(SORTS, (self.pick, self.pick_gauge, self.pick_section), strict=True):
            button.clicked.connect(lambda _=False, sort=sort: self.picking.emit(sort))
        self.take, self.remove, self.read = (
            self._button(f"breach.{each}") for each in ("take", "remove", "read")
        )
        self.take.clicked.connect(self.taking)
        self.read.clicked.connect(self.reading)
        self.remove.clicked.connect(self._remove)
        for some in ((self.pick, self.pick_gauge, self.pick_section), (self.take, self.remove, self.read)):
            row = QHBoxLayout()
            row.setSpacing(4)
            for button in some:
                row.addWidget(button, 1)
            layout.addLayout(row)
        layout.addWidget(self.course)
        self.list.itemChanged.connect(self._rename)
        words.changed.connect(self._show)
        self._show()

    def show_scenario(self, model: InundationScenario) -> None:
        """What a run had."""
        self.places, self.hydrograph = model.places, model.hydrograph
        self.gauges, self.sections = model.gauges, model.sections
        self._show()

    def filled(self, model: InundationScenario) -> InundationScenario:
        """The model with these places."""
        return replace(
            model,
            places=self.places,
            hydrograph=self.hydrograph,
            gauges=self.gauges,
            sections=self.sections,
        )

    def add(self, places: tuple[Place, ...]) -> None:
        """More breaches."""
        self.places = (*self.places, *(place for place in places if place not in self.places))
        self._show()

    def add_gauges(self, places: tuple[Place, ...]) -> None:
        """More gauges, under names that are free."""
        for x, y in places:
            self.gauges = (*self.gauges, (self._free("gauge"), x, y))
        self._show()

    def add_sections(self, lines: tuple[tuple[Place, ...], ...]) -> None:
        """More cross-sections, under names that are free."""
        for line in lines:
            self.sections = (*self.sections, (self._free("section"), line))
        self._show()

    def take_hydrograph(self, rows: Hydrograph) -> None:
        """Discharge over time, as a file gave it."""
        self.hydrograph = rows
        self._show()

    def _free(self, sort: str) -> str:
        taken = self._names
        numbers = range(1, len(taken) + 2)
        names = (self._words.say(f"breach.name_{sort}", number=number) for number in numbers)
        return next(name for name in names if name not in taken)

    @property
    def _names(self) -> frozenset[str]:
        return frozenset({*(name for name, _, _ in self.gauges), *(name for name, _ in self.sections)})

    def _button(self, key: str) -> QPushButton:
        button = named(QPushButton(), "small")
        self._words.bind(button.setText, key)
        self._words.bind(button.setToolTip, f"{key}.why")
        return button

    def _remove(self) -> None:
        """What is chosen in the list, else the last of it; without any, the hydrograph."""
        if self.list.count():
            chosen = self.list.currentRow()
            item = self.list.item(chosen if chosen >= 0 else self.list.count() - 1)
            sort, number = item.data(Qt.ItemDataRole.UserRole)
            self._without(sort, number)
        else:
            self.hydrograph = ()
        self._show()

    def _without(self, sort: str, number: int) -> None:
        if sort == "breach":
            self.places = self.places[:number] + self.places[number + 1 :]
        elif sort == "gauge":
            self.gauges = self.gauges[:number] + self.gauges[number + 1 :]
        else:
            self.sections = self.sections[:number] + self.sections[number + 1 :]

    def _rename(self, item: QListWidgetItem) -> None:
        """Gauges and sections are named by hand; a name stands once."""
        sort, number = item.data(Qt.ItemDataRole.UserRole)
        name = item.text().strip()
        if name and name not in self._names and sort == "gauge":
            gauges = list(self.gauges)
            gauges[number] = (name, *gauges[number][1:])
            self.gauges = tuple(gauges)
        elif name and name not in self._names and sort == "section":
            sections = list(self.sections)
            sections[number] = name, sections[number][1]
            self.sections = tuple(sections)
        self._show()

    def _show(self) -> None:
        with QSignalBlocker(self.list):
            self.list.clear()
            for number, place in enumerate(self.places):
                self._line("breach", number, self._words.say("breach.name_breach", number=number + 1), place)
            for number, (name, x, y) in enumerate(self.gauges):
                self._line("gauge", number, name, (x, y))
            for number, (name, line) in enumerate(self.sections):
                self._line("section", number, name, line[0])
        self.remove.setEnabled(bool(self.list.count() or self.hydrograph))
        say = self._words.say
        if self.hydrograph:
            peak = max(flow for _, flow in self.hydrograph)
            hours = self.hydrograph[-1][0]
            self.course.setText(say("breach.course", count=len(self.hydrograph), hours=hours, peak=peak))
        else:
            self.course.setText("" if self.places else say("breach.hint"))
        self.course.setVisible(bool(self.course.text()))
        self.changed.emit()

    def _line(self, sort: str, number: int, name: str, place: Place) -> None:
        item = QListWidgetItem(name)
        item.setData(Qt.ItemDataRole.UserRole, (sort, number))
        item.setToolTip(f"{place[0]:,.0f} E   {place[1]:,.0f} N")
        if sort != "breach":
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.list.addItem(item)

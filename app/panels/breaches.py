"""Where levees breach: a short list of places, picked on the map or taken from features, and a hydrograph."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QPushButton, QWidget

from app.panels.parts import column, heading
from app.theme import named
from app.words import Words

Place = tuple[float, float]
Hydrograph = tuple[tuple[float, float], ...]


class BreachList(QWidget):
    """Signals: `picking` a place is wanted from the map, `taking` from the features that are picked,
    `reading` a hydrograph from a file, `changed`.
    """

    picking = Signal()
    taking = Signal()
    reading = Signal()
    changed = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.places: tuple[Place, ...] = ()
        self.hydrograph: Hydrograph = ()
        self.list = QListWidget()
        self.list.setFixedHeight(66)
        self.course = named(QLabel(wordWrap=True), "faint")
        layout = column(self, 0, 4)
        layout.addWidget(heading(words, "breach.places"))
        layout.addWidget(self.list)
        self.pick = self._button("breach.pick", self.picking)
        self.take = self._button("breach.take", self.taking)
        self.remove = self._button("breach.remove")
        self.read = self._button("breach.read", self.reading)
        for pair in ((self.pick, self.take), (self.remove, self.read)):
            row = QHBoxLayout()
            row.setSpacing(6)
            for button in pair:
                row.addWidget(button, 1)
            layout.addLayout(row)
        layout.addWidget(self.course)
        self.remove.clicked.connect(self._remove)
        words.changed.connect(self._show)
        self._show()

    def show_scenario(self, places: tuple[Place, ...], hydrograph: Hydrograph) -> None:
        """What the last run had."""
        self.places, self.hydrograph = places, hydrograph
        self._show()

    def add(self, places: tuple[Place, ...]) -> None:
        """More breaches."""
        self.places = (*self.places, *(place for place in places if place not in self.places))
        self._show()

    def take_hydrograph(self, rows: Hydrograph) -> None:
        """Discharge over time, as a file gave it."""
        self.hydrograph = rows
        self._show()

    def _button(self, key: str, signal: object = None) -> QPushButton:
        button = named(QPushButton(), "small")
        self._words.bind(button.setText, key)
        self._words.bind(button.setToolTip, f"{key}.why")
        if signal is not None:
            button.clicked.connect(lambda: signal.emit())  # type: ignore[attr-defined]
        return button

    def _remove(self) -> None:
        """The chosen place, else the last; without places, the hydrograph."""
        if self.places:
            number = self.list.currentRow() if self.list.currentRow() >= 0 else len(self.places) - 1
            self.places = self.places[:number] + self.places[number + 1 :]
        else:
            self.hydrograph = ()
        self._show()

    def _show(self) -> None:
        self.list.clear()
        for number, (x, y) in enumerate(self.places, 1):
            self.list.addItem(f"{number}   {x:,.0f} E   {y:,.0f} N")
        self.remove.setEnabled(bool(self.places or self.hydrograph))
        say = self._words.say
        if self.hydrograph:
            peak = max(flow for _, flow in self.hydrograph)
            hours = self.hydrograph[-1][0]
            self.course.setText(say("breach.course", count=len(self.hydrograph), hours=hours, peak=peak))
        else:
            self.course.setText(say("breach.hint"))
        self.changed.emit()

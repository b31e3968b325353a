"""Hydrographs: what gauges and cross-sections of a flood told over time, with the time slider's moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from PySide6.QtCore import QMimeData, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.panels.parts import column, hint
from app.panels.plot import Line, Plot, PlotView, pen_of, picture_of
from app.theme import Tokens, named
from app.words import Words
from layers.risk.hydrographs import QUANTITIES, Hydrograph

LIST = 196
"""Width of the list of places."""


class HydrographPanel(QWidget):
    """Signals: `sought(seconds)` a time is wanted on the map, `exported(DataFrame, name)` the numbers as a
    file, `pictured(QImage, name)` the plot as a file, `wanted(name)` a place is to be shown on the map.
    """

    sought = Signal(float)
    exported = Signal(object, str)
    pictured = Signal(object, str)
    wanted = Signal(str)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.hydrographs: tuple[Hydrograph, ...] = ()
        self.quantity = QComboBox()
        self.places = named(QListWidget(), "dense")
        self.places.setIconSize(QSize(20, 10))
        self.view = PlotView()
        self.copy, self.table, self.picture = (named(QPushButton(), "small") for _ in range(3))
        for button, key in ((self.copy, "copy"), (self.table, "table"), (self.picture, "picture")):
            words.bind(button.setText, f"hydrograph.{key}")
            words.bind(button.setToolTip, f"hydrograph.{key}.tip")
        self._pages = QStackedWidget()
        self._lay_out()
        self.quantity.activated.connect(self._fill)
        self.places.itemChanged.connect(self._draw)
        self.places.itemDoubleClicked.connect(lambda item: self.wanted.emit(item.text()))
        self.view.sought.connect(lambda hours: self.sought.emit(hours * 3600.0))
        self.copy.clicked.connect(self.copy_all)
        self.table.clicked.connect(lambda: self.exported.emit(self.frame(), self._name))
        self.picture.clicked.connect(self._picture)
        words.changed.connect(self._speak)
        self._speak()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.quantity)
        left.addWidget(self.places, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.copy, self.table, self.picture):
            buttons.addWidget(button, 1)
        left.addLayout(buttons)
        beside = QWidget()
        beside.setLayout(left)
        beside.setFixedWidth(LIST)
        left.setContentsMargins(0, 0, 0, 0)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(10, 4, 10, 6)
        row.setSpacing(10)
        row.addWidget(beside)
        row.addWidget(self.view, 1)
        empty = QWidget()
        column(empty).addWidget(hint(self._words, "hydrograph.empty"))
        self._pages.addWidget(empty)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def show_hydrographs(self, found: tuple[Hydrograph, ...]) -> None:
        """Those of another run."""
        self.hydrographs = found
        self._pages.setCurrentIndex(1 if found else 0)
        self._speak()

    def show_time(self, seconds: float) -> None:
        """The time that the map shows."""
        self.view.show_marker(seconds / 3600.0)

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        self.view.tokens = tokens
        self.view.update()

    @property
    def plot(self) -> Plot:
        """What is drawn: the ticked places that tell the chosen quantity."""
        quantity = self.quantity.currentData()
        ticked = {self.places.item(n).text() for n in range(self.places.count()) if self._is_on(n)}
        lines = tuple(
            Line(each.name, each.hours, each.values[quantity])
            for each in self._telling(quantity)
            if each.name in ticked
        )
        return Plot(lines, self.quantity.currentText(), self._words.say("hydrograph.hours"))

    def frame(self) -> pd.DataFrame:
        """The numbers of the ticked places: a column each, a row a time."""
        plot = self.plot
        hours = np.unique(np.concatenate([*(line.hours for line in plot.lines), np.zeros(0)]))
        columns = {self._words.say("hydrograph.hours"): hours}
        for line in plot.lines:
            at = np.searchsorted(line.hours, hours)
            exact = (at < len(line.hours)) & (line.hours[np.minimum(at, len(line.hours) - 1)] == hours)
            values = np.where(exact, line.values[np.minimum(at, len(line.hours) - 1)], np.nan)
            columns[f"{line.name} {plot.title}"] = values
        return pd.DataFrame(columns)

    def copy_all(self) -> None:
        """To the clipboard: the picture, and the numbers for a spreadsheet."""
        given = QMimeData()
        given.setImageData(picture_of(self.plot))
        given.setText(self.frame().to_csv(sep="\t", index=False))
        QApplication.clipboard().setMimeData(given)

    def _picture(self) -> None:
        self.pictured.emit(picture_of(self.plot), self._name)

    @property
    def _name(self) -> str:
        return f"{self._words.say('panel.hydrographs')}_{self._words.say(f'hydrograph.{self._quantity}')}"

    @property
    def _quantity(self) -> str:
        return str(self.quantity.currentData() or "depth")

    def _telling(self, quantity: str | None) -> tuple[Hydrograph, ...]:
        return tuple(each for each in self.hydrographs if quantity in each.values)

    def _is_on(self, number: int) -> bool:
        return self.places.item(number).checkState() == Qt.CheckState.Checked

    def _speak(self) -> None:
        chosen = self._quantity
        self.quantity.clear()
        for quantity, unit in QUANTITIES.items():
            if self._telling(quantity):
                self.quantity.addItem(f"{self._words.say(f'hydrograph.{quantity}')} ({unit})", quantity)
        self.quantity.setCurrentIndex(max(self.quantity.findData(chosen), 0))
        self._fill()

    def _fill(self) -> None:
        off = {self.places.item(n).text() for n in range(self.places.count()) if not self._is_on(n)}
        with QSignalBlocker(self.places):
            self.places.clear()
            for each in self._telling(self.quantity.currentData()):
                item = QListWidgetItem(each.name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                state = Qt.CheckState.Unchecked if each.name in off else Qt.CheckState.Checked
                item.setCheckState(state)
                self.places.addItem(item)
        self._draw()

    def _draw(self) -> None:
        plot = self.plot
        shown = {line.name: number for number, line in enumerate(plot.lines)}
        with QSignalBlocker(self.places):
            for number in range(self.places.count()):
                item = self.places.item(number)
                item.setIcon(_swatch(shown.get(item.text())))
        self.view.show_plot(plot)


def _swatch(number: int | None) -> QIcon:
    """The line of a place, small; nothing if it is not drawn."""
    picture = QPixmap(40, 20)
    picture.setDevicePixelRatio(2.0)
    picture.fill(Qt.GlobalColor.transparent)
    if number is not None:
        painter = QPainter(picture)
        painter.setPen(pen_of(number, 2.5))
        painter.drawLine(0, 5, 20, 5)
        painter.end()
    return QIcon(picture)

"""Asks by what to select: a condition, where features lie, a polygon; stays open beside the map."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QWidget,
)

from app.panels.cells import field_title
from app.panels.parts import column, hint, number_words
from app.stack import Stack, title_of
from app.theme import named
from app.words import Words
from layers.layer import Field, VectorLayer
from layers.progress import Progress, part
from layers.storage.geopackage import ProjectFile
from layers.storage.selecting import RELATIONS, WAYS, Relation, Way, by_expression, by_location

SELECTED = "\0selected"
"""In the place of a layer's name: what is selected now."""
Finding = Callable[[ProjectFile, Progress], VectorLayer]


@dataclass(frozen=True)
class Wanted:
    """Which features are sought: those of a layer, found by a function, joined so with what is selected."""

    layer: str
    way: Way
    find: Finding


class SelectPage(QDialog):
    """Asks by what to select. Signals: `wanted(Wanted)`; `drawn(layer, way)` a polygon is to be drawn."""

    wanted = Signal(object)
    drawn = Signal(str, str)

    def __init__(self, stack: Stack, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._stack, self._words = stack, words
        self.fields_of: Callable[[str], tuple[Field, ...]] = lambda name: ()
        self.selection: Callable[[], tuple[VectorLayer, ...]] = tuple
        self.setModal(False)
        self.setMinimumWidth(400)
        self.layer, self.way, self.relation, self.other = (QComboBox() for _ in range(4))
        self.formula, self.field = QLineEdit(), QComboBox()
        self.distance = QDoubleSpinBox(maximum=1e6, decimals=1, suffix=" m", value=100)
        self.tabs = QTabWidget(documentMode=True)
        self.go = named(QPushButton(), "primary")
        self.told = named(QLabel(wordWrap=True), "soft")
        self._lay_out()
        self._connect()
        self.fill()

    def _lay_out(self) -> None:
        layout = column(self, 16, 12)
        head = QFormLayout()
        self._add(head, "select.layer", self.layer)
        layout.addLayout(head)
        drawn = QWidget()
        column(drawn, 12).addWidget(hint(self._words, "select.polygon.hint"))
        pages = {"expression": self._by_expression(), "location": self._by_location(), "polygon": drawn}
        for key, page in pages.items():
            self._words.bind(partial(self.tabs.setTabText, self.tabs.addTab(page, "")), f"select.{key}")
        layout.addWidget(self.tabs)
        foot = QFormLayout()
        self._add(foot, "select.way", self.way)
        layout.addLayout(foot)
        line = QHBoxLayout()
        line.addWidget(self.told, 1)
        line.addWidget(self.go)
        layout.addLayout(line)
        self._words.bind(self.setWindowTitle, "select.title")

    def _add(self, form: QFormLayout, key: str, widget: QWidget) -> None:
        label = QLabel()
        label.setMinimumWidth(64)
        self._words.bind(label.setText, key)
        form.addRow(label, widget)

    def _by_expression(self) -> QWidget:
        page = QWidget()
        layout = column(page, 12)
        self._words.bind(self.formula.setPlaceholderText, "select.formula.example")
        form = QFormLayout()
        self._add(form, "select.formula", self.formula)
        self._add(form, "select.field", self.field)
        layout.addLayout(form)
        layout.addWidget(hint(self._words, "select.formula.hint"))
        return page

    def _by_location(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(12, 12, 12, 12)
        self._add(form, "select.relation", self.relation)
        self._add(form, "select.other", self.other)
        self._add(form, "select.distance", self.distance)
        return page

    def _connect(self) -> None:
        self.go.clicked.connect(self.begin)
        self.formula.returnPressed.connect(self.begin)
        self.layer.currentIndexChanged.connect(self._fill_fields)
        self.field.activated.connect(self._insert)
        self.relation.currentIndexChanged.connect(self._follow)
        self.tabs.currentChanged.connect(self._follow)
        self._stack.changed.connect(self.fill)

    def fill(self) -> None:
        """The layers and words are others."""
        say, language = self._words.say, self._words.language
        layers = [(title_of(e, language), e.name) for e in self._stack.entries if e.geometry != "raster"]
        spatial = [e for e in self._stack.entries if e.geometry not in {"raster", "table"}]
        places = [(title_of(e, language), e.name) for e in spatial]
        _fill(self.layer, layers)
        _fill(self.other, [(say("select.selected"), SELECTED), *places])
        _fill(self.relation, [(say(f"select.{name}"), name) for name in RELATIONS])
        _fill(self.way, [(say(f"select.way.{name}"), name) for name in WAYS])
        self._fill_fields()
        self._follow()

    def choose(self, layer: str, kind: int) -> None:
        """Begin with this layer, on this page."""
        place = self.layer.findData(layer)
        if place >= 0:
            self.layer.setCurrentIndex(place)
        self.tabs.setCurrentIndex(kind)

    def begin(self) -> None:
        """Seek, or draw first."""
        layer, way = str(self.layer.currentData() or ""), self.way.currentData()
        if not layer:
            return
        kind = self.tabs.currentIndex()
        if kind == 2:
            self.drawn.emit(layer, way)
        elif kind == 0 and self.formula.text().strip():
            formula = self.formula.text()
            self.wanted.emit(Wanted(layer, way, lambda own, step: by_expression(own, layer, formula, step)))
        elif kind == 1:
            self.wanted.emit(Wanted(layer, way, self._locating(layer)))

    def _locating(self, layer: str) -> Finding:
        relation: Relation = self.relation.currentData()
        other, distance = str(self.other.currentData()), self.distance.value()
        held = self.selection() if other == SELECTED else ()

        def find(own: ProjectFile, progress: Progress) -> VectorLayer:
            others = held
            if other != SELECTED:
                others = (own.read(other, columns=(), progress=part(progress, 0.0, 0.2)),)
            shapes = [each.shapes.geometries() for each in others if each.geometry_kind != "table"]
            geometries = np.concatenate(shapes) if shapes else np.empty(0, object)
            return by_location(own, layer, relation, geometries, distance, part(progress, 0.2, 1.0))

        return find

    def say_found(self, number: int, title: str) -> None:
        """How many are selected now."""
        self.told.setText(self._words.say("select.found", number=number_words(number), title=title))

    def _insert(self) -> None:
        self.formula.insert(f'"{self.field.currentData()}" ')
        self.formula.setFocus()

    def _fill_fields(self) -> None:
        fields = self.fields_of(str(self.layer.currentData() or ""))
        _fill(self.field, [(_named(field_title(f, self._words), f.name), f.name) for f in fields])

    def _follow(self) -> None:
        self.distance.setEnabled(self.relation.currentData() == "near")
        draws = self.tabs.currentIndex() == 2
        self.go.setText(self._words.say("select.draw" if draws else "select.go"))


def _named(title: str, name: str) -> str:
    """A field as one reads it, and as a condition names it."""
    return title if title == name else f"{title}  {name}"


def _fill(box: QComboBox, items: list[tuple[str, str]]) -> None:
    """Other items; the chosen one stays."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for title, value in items:
        box.addItem(title, value)
    box.setCurrentIndex(max(box.findData(chosen), 0) if items else -1)
    box.blockSignals(False)

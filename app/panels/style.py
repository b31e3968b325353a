"""The style of a layer: what is changed here is seen on the map at once, and kept when it is applied."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.desk import Desk
from app.edits import restyling
from app.panels.cells import field_title
from app.panels.colour import ColourButton, pixmap_of
from app.panels.label_form import LabelForm
from app.panels.marker import MarkerForm
from app.panels.parts import column, heading, hint
from app.stack import Stack, title_of
from app.tasks import Tasks
from app.theme import named
from app.words import Words
from layers.cartography.classify import bounds, categorised, graduated, hatched
from layers.cartography.legend import ramp_patch
from layers.cartography.palette import ramps
from layers.cartography.style import BLENDS, Fill, Ramp, Stroke, Style, Symbol
from layers.census.catalogue import meanings
from layers.changes import Edit
from layers.errors import KnownError
from layers.layer import Field
from layers.progress import Progress
from layers.storage.drawing import read_column
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.words import Language

KINDS = ("single", "graduated", "categorised")
SCHEMES = ("natural", "quantile", "equal", "fixed")
HATCHES = ("none", "horizontal", "vertical", "diagonal", "back_diagonal", "cross", "diagonal_cross", "dots")
RAMP = 60
"""Pixels of a colour ramp beside its name."""
MOST_VALUES = 24
"""Different values that are told apart by colour."""


@dataclass(frozen=True)
class _Values:
    """What a column holds, as far as classes need it."""

    numbers: Any
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Wish:
    """The classes that the form asks for."""

    field: str
    is_categorised: bool
    scheme: Any
    count: int
    fixed: tuple[float, ...]
    colors: tuple[str, ...]
    symbol: Symbol
    for_print: bool
    language: Language

    def style(self, values: _Values) -> Style | None:
        """The style; ``None`` if the values cannot be classified."""
        if self.is_categorised:
            style = categorised(self.field, values.words, self.colors, self.language, symbol=self.symbol)
        else:
            try:
                limits = bounds(values.numbers, self.scheme, self.count, self.fixed)
            except KnownError:
                return None
            digits = 0 if np.ptp(limits) > 20 else 2
            style = graduated(
                self.field, limits, self.colors, self.language, symbol=self.symbol, digits=digits
            )
        return hatched(style) if self.for_print else style


class StylePanel(QWidget):
    """The form; `store` carries out the edit that keeps a style."""

    def __init__(
        self, desk: Desk, stack: Stack, tasks: Tasks, words: Words, store: Callable[[Edit], None]
    ) -> None:
        super().__init__()
        self._store = store
        self._desk, self._stack, self._tasks, self._words = desk, stack, tasks, words
        self._values: dict[tuple[str, str], _Values] = {}
        self._filling, self._age = False, 0
        self._make_fields()
        self._lay_out()
        stack.changed.connect(self._follow)
        words.changed.connect(self._speak)
        self._speak()
        self._follow()

    def choose(self, name: str) -> None:
        """Show the style of a layer; of one that has none nothing is said."""
        place = self.layer.findData(name)
        if place >= 0 and place != self.layer.currentIndex():
            self.layer.setCurrentIndex(place)

    @property
    def entry(self) -> LayerEntry | None:
        """The layer whose style is shown."""
        return self._stack.entry(self.layer.currentData() or "")

    def _make_fields(self) -> None:
        self.layer, self.kind, self.field, self.scheme = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.ramp, self.hatch, self.blend = QComboBox(), QComboBox(), QComboBox()
        self.fill, self.stroke = ColourButton(), ColourButton()
        self.width_ = QDoubleSpinBox(minimum=0, maximum=10, singleStep=0.1, decimals=2, suffix=" mm")
        self.marker = MarkerForm(self._words, self)
        self.marker.changed.connect(self._change)
        self.marker.told.connect(self._tasks.told)
        self.label = LabelForm(self._words, self)
        self.label.changed.connect(self._change)
        self.opacity = QSpinBox(minimum=0, maximum=100, singleStep=5, suffix=" %")
        self.classes = QSpinBox(minimum=2, maximum=12, value=5)
        self.bounds = QLineEdit()
        self.reversed, self.for_print = QCheckBox(), QCheckBox()
        self.apply, self.revert = named(QPushButton(), "primary"), QPushButton()
        self.ramp.setIconSize(QSize(RAMP, 12))
        for name, colors in ramps().items():
            self.ramp.addItem(QIcon(pixmap_of(ramp_patch(Ramp(colors), RAMP, 12))), name, name)
        self.layer.currentIndexChanged.connect(self._show)
        for box in (self.kind, self.field, self.scheme, self.ramp, self.hatch, self.blend):
            box.activated.connect(self._change)
        for spin in (self.width_, self.opacity, self.classes):
            spin.valueChanged.connect(self._change)
        self.bounds.textEdited.connect(self._change)
        for button in (self.fill, self.stroke):
            button.chosen.connect(self._change)
        for check in (self.reversed, self.for_print):
            check.toggled.connect(self._change)
        self.apply.clicked.connect(self._apply)
        self.revert.clicked.connect(self._revert)

    def _lay_out(self) -> None:
        body = column(self)
        body.addWidget(heading(self._words, "command.style_layer"))
        body.addWidget(self.layer)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(6)
        self._rows: dict[str, QWidget] = {
            "kind": self.kind, "field": self.field, "scheme": self.scheme, "classes": self.classes,
            "bounds": self.bounds,
            "ramp": self.ramp, "reversed": self.reversed, "fill": self.fill, "hatch": self.hatch,
            "shape": self.marker.shape, "icon": self.marker.icon, "size": self.marker.size,
            "stroke": self.stroke, "width": self.width_, "opacity": self.opacity, "blend": self.blend,
            "print": self.for_print, "label": self.label.field, "label_size": self.label.size,
            "label_color": self.label.color, "label_scale": self.label.scale,
        }  # fmt: skip
        for name, widget in self._rows.items():
            self.form.addRow(" ", widget)
            label = self.form.labelForField(widget)
            self._words.bind(label.setText, f"stylepanel.{name}")  # type: ignore[attr-defined]
        self._words.bind(self.bounds.setPlaceholderText, "stylepanel.bounds.example")
        self._words.bind(self.bounds.setToolTip, "stylepanel.bounds.tip")
        self._words.bind(self.for_print.setToolTip, "stylepanel.print.tip")
        body.addLayout(self.form)
        self.note = hint(self._words, "stylepanel.nothing")
        self.note.hide()
        body.addWidget(self.note)
        body.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.revert)
        buttons.addWidget(self.apply, 1)
        body.addLayout(buttons)
        self._words.bind(self.apply.setText, "stylepanel.apply")
        self._words.bind(self.revert.setText, "stylepanel.revert")

    def _speak(self) -> None:
        choices = ((self.kind, KINDS, "stylepanel"), (self.scheme, SCHEMES, "scheme"),
                   (self.hatch, HATCHES, "hatch"), (self.blend, BLENDS, "blend"))  # fmt: skip
        for box, names, theme in choices:
            with QSignalBlocker(box):
                at = max(box.currentIndex(), 0)
                box.clear()
                for name in names:
                    box.addItem(self._words.say(f"{theme}.{name}"), name)
                box.setCurrentIndex(at)
        self._follow()

    def _follow(self) -> None:
        """The list of layers is another."""
        chosen = self.layer.currentData()
        with QSignalBlocker(self.layer):
            self.layer.clear()
            for entry in self._stack.entries:
                if entry.geometry in {"point", "line", "polygon"}:
                    self.layer.addItem(title_of(entry, self._words.language), entry.name)
            self.layer.setCurrentIndex(max(self.layer.findData(chosen), 0))
        self._show()

    def _show(self) -> None:
        """The style as it is into the fields."""
        entry = self.entry
        self.setEnabled(entry is not None and self._desk.can_edit)
        if entry is None:
            return
        style = self._stack.style(entry)
        self._filling = True
        self.kind.setCurrentIndex(KINDS.index(style.kind) if style.kind in KINDS else 0)
        self._show_fields(entry, style)
        symbol = style.classes[0].symbol if style.classes else style.symbol
        inside = symbol.fill or (symbol.marker.fill if symbol.marker else Fill())
        edge = symbol.stroke or (symbol.marker.stroke if symbol.marker else None) or Stroke()
        self.fill.show_color(inside.color)
        self.hatch.setCurrentIndex(HATCHES.index(inside.hatch))
        self.stroke.show_color(edge.color)
        self.width_.setValue(edge.width_mm if symbol.stroke or symbol.marker else 0.0)
        self.marker.show(symbol.marker)
        self.opacity.setValue(round(100 * style.opacity))
        self.blend.setCurrentIndex(BLENDS.index(style.blend))
        self.classes.setValue(max(len(style.classes), 2) if style.kind == "graduated" else 5)
        self.bounds.setText(
            ", ".join(f"{each.lower:g}" for each in style.classes[1:] if each.lower is not None)
        )
        self._filling = False
        self._show_rows(entry)

    def _show_fields(self, entry: LayerEntry, style: Style) -> None:
        self.field.clear()
        assert self._desk.project is not None
        known = meanings(entry.kind, entry.fields)
        names = self._desk.project.columns(entry.name)
        titles = {name: field_title(known.get(name, Field(name)), self._words) for name in names}
        for name, title in titles.items():
            self.field.addItem(title, name)
        self.field.setCurrentIndex(max(self.field.findData(style.field), 0))
        self.label.show(style.label, titles)

    def _show_rows(self, entry: LayerEntry) -> None:
        """Only what means something for this geometry and kind."""
        kind, geometry = self.kind.currentData(), entry.geometry
        is_single = kind == "single"
        is_fixed = self.scheme.currentData() == "fixed"
        shown = {
            "field": not is_single, "ramp": not is_single, "reversed": not is_single,
            "scheme": kind == "graduated", "classes": kind == "graduated" and not is_fixed,
            "bounds": kind == "graduated" and is_fixed,
            "fill": is_single and geometry != "line", "hatch": is_single and geometry == "polygon",
            "stroke": is_single or geometry != "line", "size": geometry == "point",
            "shape": geometry == "point", "icon": geometry == "point",
            "print": not is_single and geometry == "polygon",
            **dict.fromkeys(("label_size", "label_color", "label_scale"), self.label.is_on),
        }  # fmt: skip
        for name, widget in self._rows.items():
            self.form.setRowVisible(widget, shown.get(name, True))

    def _change(self) -> None:
        """A field was changed: show it on the map."""
        entry = self.entry
        if self._filling or entry is None:
            return
        self._show_rows(entry)
        if self.kind.currentData() == "single":
            self._try(self._single(entry))
        elif self.field.currentData():
            self._classify(entry, self.field.currentData())

    def _single(self, entry: LayerEntry) -> Style:
        before = self._stack.style(entry)
        return replace(self._plain(before), symbol=self._symbol(entry), kind="single", classes=(), field="")

    def _plain(self, style: Style) -> Style:
        """The style with what is of the layer as a whole."""
        label, opacity = self.label.label(), self.opacity.value() / 100
        return replace(style, opacity=opacity, blend=self.blend.currentData(), label=label)

    def _symbol(self, entry: LayerEntry) -> Symbol:
        edge = Stroke(color=self.stroke.color, width_mm=self.width_.value()) if self.width_.value() else None
        fill = Fill(color=self.fill.color, hatch=self.hatch.currentData(), hatch_color=self.stroke.color)
        if entry.geometry == "point":
            return Symbol(marker=self.marker.marker(Fill(self.fill.color), edge))
        return Symbol(stroke=edge or Stroke()) if entry.geometry == "line" else Symbol(fill=fill, stroke=edge)

    def _classify(self, entry: LayerEntry, field: str) -> None:
        """Reckon the classes in a task: natural breaks of many values take their time."""
        self._age += 1
        key, age, wish = (entry.name, field), self._age, self._wish(entry, field)
        known = self._values.get(key)

        def work(project: ProjectFile, progress: Progress) -> tuple[_Values, Style | None]:
            values = known or _values(read_column(project.path, entry.name, field))
            progress(0.5)
            return values, wish.style(values)

        def keep(found: tuple[_Values, Style | None]) -> None:
            self._values[key], style = found
            if age == self._age:
                self.note.setVisible(style is None)
                if style is not None:
                    before = self._stack.style(entry)
                    self._try(replace(self._plain(style), title=before.title))

        self._tasks.start(self._words.say("task.classify"), self._desk.reading(work), keep, quiet=True)

    def _wish(self, entry: LayerEntry, field: str) -> "_Wish":
        colors = ramps()[self.ramp.currentData()]
        symbol = self._symbol(entry)
        return _Wish(
            field,
            self.kind.currentData() == "categorised",
            self.scheme.currentData(),
            self.classes.value(),
            self._bounds(),
            colors[::-1] if self.reversed.isChecked() else colors,
            replace(symbol, fill=Fill()) if symbol.fill else symbol,
            self.for_print.isChecked(),
            self._words.language,
        )

    def _bounds(self) -> tuple[float, ...]:
        """The bounds that were typed; what cannot be read yet is left out."""
        found = []
        for word in re.split(r"[,，、;；\s]+", self.bounds.text()):
            with suppress(ValueError):
                found.append(float(word))
        return tuple(sorted(set(found)))

    def _try(self, style: Style) -> None:
        entry = self.entry
        assert entry is not None
        self._stack.try_style(entry.name, style)  # first: the form shows the style as it is on the map
        self._stack.see(entry.name, True)

    def _apply(self) -> None:
        entry, project = self.entry, self._desk.project
        if entry is not None and project is not None:
            style = self._stack.style(entry).to_json()
            self._stack.try_style(entry.name, None)
            name = self._words.say("edit.style", name=title_of(entry, self._words.language))
            self._store(restyling(name, project, entry.name, style))

    def _revert(self) -> None:
        entry = self.entry
        if entry is not None:
            self._stack.try_style(entry.name, None)
            self._show()


def _values(cells: "pd.Series[Any]") -> _Values:
    """The numbers of a column, and its words, the most frequent first."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    words = cells.dropna().astype(str).value_counts().index[:MOST_VALUES]
    return _Values(numbers, tuple(words))

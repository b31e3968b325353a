"""A form made from the catalogue: one feature or many, checked while one types, written as one edit."""

from collections.abc import Mapping, Sequence

import shapely
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QWidget

from app.canvas.measuring import area_words, length_words
from app.panels.cells import field_title
from app.panels.editors import Editor, editor
from app.panels.parts import column
from app.theme import named
from app.words import Words
from layers.census.bounds import Bounds
from layers.census.quality import Finding
from layers.changes import Value
from layers.errors import BadInput
from layers.layer import Field, VectorLayer

WAIT = 200
"""Milliseconds of rest before what was typed is checked."""
TITLE = 92
"""Pixels of the titles' column."""


class FeatureForm(QWidget):
    """Signals: `given(layer, keys, values)` to be written; `asked(layer, keys, values)` to be checked."""

    given = Signal(str, object, object)
    asked = Signal(str, object, object)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._layer: VectorLayer | None = None
        self._keys: tuple[str, ...] = ()
        self._can_edit = False
        self.editors: dict[str, Editor] = {}
        self._titles: dict[str, QLabel] = {}
        self.sentences: dict[str, QLabel] = {}
        self._rest = QTimer(self, interval=WAIT, singleShot=True)
        self._rest.timeout.connect(self._ask)
        self._lay_out()
        words.changed.connect(self._speak)

    def _lay_out(self) -> None:
        layout = column(self, 0, 0)
        self.about = named(QLabel(wordWrap=True), "faint")
        self.about.setContentsMargins(12, 8, 12, 4)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._area = QScrollArea(widgetResizable=True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.general = named(QLabel(wordWrap=True), "caution")
        self.general.setContentsMargins(12, 4, 12, 4)
        self.general.hide()
        self.keep, self.revert = named(QPushButton(), "primary"), QPushButton()
        self._words.bind(self.keep.setText, "form.keep")
        self._words.bind(self.keep.setToolTip, "form.keep.tip")
        self._words.bind(self.revert.setText, "form.revert")
        self.keep.clicked.connect(self.write)
        self.revert.clicked.connect(self.take_back)
        line = QHBoxLayout()
        line.setContentsMargins(12, 8, 12, 12)
        line.setSpacing(8)
        line.addWidget(self.revert)
        line.addWidget(self.keep, 1)
        for widget in (self.about, self._area, self.general):
            layout.addWidget(widget, int(widget is self._area))
        layout.addLayout(line)

    # --- what is shown ---------------------------------------------------------------------------------

    def show_features(
        self, layer: VectorLayer, fields: Sequence[Field], bounds: Mapping[str, Bounds], *, can_edit: bool
    ) -> None:
        """Show features of a layer; what was typed for those before is written first."""
        self.write_pending()
        keys = tuple(str(key) for key in layer.attributes["uuid"])
        if not self._shows(layer, fields):
            self._build(fields, bounds)
        self._layer, self._keys, self._can_edit = layer, keys, can_edit
        self.take_back()

    def _shows(self, layer: VectorLayer, fields: Sequence[Field]) -> bool:
        same = self._layer is not None and self._layer.name == layer.name
        return same and [e.field for e in self.editors.values()] == list(fields)

    def _build(self, fields: Sequence[Field], bounds: Mapping[str, Bounds]) -> None:
        inner = named(QWidget(), "form")
        grid = QGridLayout(inner)
        grid.setContentsMargins(12, 4, 12, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.editors, self._titles, self.sentences = {}, {}, {}
        for number, field in enumerate(fields):
            self._add(grid, 2 * number, field, bounds.get(field.name, Bounds()))
        grid.setRowStretch(2 * len(fields), 1)
        self._area.setWidget(inner)
        self._speak()

    def _add(self, grid: QGridLayout, place: int, field: Field, bounds: Bounds) -> None:
        title = self._titles[field.name] = QLabel(wordWrap=True)
        title.setFixedWidth(TITLE)
        title.setAlignment(Qt.AlignmentFlag.AlignTop)
        title.setContentsMargins(0, 7, 0, 0)
        made = self.editors[field.name] = editor(field, self._words, bounds)
        made.touched.connect(self._touched)
        sentence = self.sentences[field.name] = named(QLabel(wordWrap=True), "caution")
        sentence.hide()
        title.setBuddy(made)
        grid.addWidget(title, place, 0)
        grid.addWidget(made, place, 1)
        grid.addWidget(sentence, place + 1, 1)

    def _speak(self) -> None:
        mark = self._words.say("form.required")
        for made in self.editors.values():
            title = self._titles[made.field.name]
            words = field_title(made.field, self._words)
            title.setText(f'{words}<span style="color:#c0392b"> *</span>' if made.field.required else words)
            title.setToolTip(f"{words} {mark}" if made.field.required else words)
        self._tell_about()

    def _tell_about(self) -> None:
        """What the features are and how large: to be read only."""
        if self._layer is None:
            return
        lines = [_size_words(self._layer), *(self._keys if len(self._keys) == 1 else ())]
        self.about.setText("\n".join(line for line in lines if line))
        self.about.setVisible(bool(self.about.text()))

    # --- what is typed ---------------------------------------------------------------------------------

    def values(self) -> dict[str, Value]:
        """What was touched and fits its field."""
        return {name: value for name, value in self._typed().items() if not isinstance(value, BadInput)}

    def _typed(self) -> dict[str, Value | BadInput]:
        typed: dict[str, Value | BadInput] = {}
        for name, made in self.editors.items():
            if made.is_touched:
                try:
                    typed[name] = made.value()
                except BadInput as error:
                    typed[name] = error
        return typed

    def write(self) -> None:
        """Write what was touched, as one edit; a value that does not fit stays, and is gone to."""
        wrong = [name for name, value in self._typed().items() if isinstance(value, BadInput)]
        if wrong:
            self.editors[wrong[0]].setFocus()
            self._show_misfits()
            return
        self.write_pending()

    def write_pending(self) -> None:
        """Write what was touched and fits."""
        values, layer, keys = self.values(), self._layer, self._keys
        for made in self.editors.values():
            made.is_touched = False
        self._rest.stop()
        if values and layer is not None:
            self.given.emit(layer.name, keys, values)
        self._mark()

    def take_back(self) -> None:
        """Show what is stored; what was touched is forgotten."""
        assert self._layer is not None
        for name, made in self.editors.items():
            cells = self._layer.attributes.get(name)
            first = cells.iloc[0] if cells is not None and len(cells) else None
            differs = cells is not None and cells.nunique(dropna=False) > 1
            made.show_value(first, differs=differs)
            made.set_read_only(not self._can_edit)
        self._tell_about()
        self._mark()
        self._ask()

    def begin(self) -> None:
        """The hand goes to the first field that must be filled."""
        empty = [e for e in self.editors.values() if e.field.required and not e.text()]
        first = next(iter(empty or self.editors.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _touched(self) -> None:
        self._mark()
        self._show_misfits()
        self._rest.start()

    def _mark(self) -> None:
        touched = sum(made.is_touched for made in self.editors.values())
        for button in (self.keep, self.revert):
            button.setVisible(self._can_edit)
            button.setEnabled(touched > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.write()
        elif event.key() == Qt.Key.Key_Escape and self.keep.isEnabled():
            self.take_back()
        else:
            super().keyPressEvent(event)

    # --- what the rules say ----------------------------------------------------------------------------

    def _ask(self) -> None:
        if self._layer is not None:
            self.asked.emit(self._layer.name, self._keys, self.values())

    def show_findings(self, findings: Sequence[Finding], keys: tuple[str, ...]) -> None:
        """What the rules find in the features as they stand in the form."""
        if keys != self._keys:
            return
        general = []
        said: dict[str, Finding] = {}
        for finding in findings:
            name = self._field_of(finding)
            if name:
                said.setdefault(name, finding)
            else:
                general.append(finding)
        for name, sentence in self.sentences.items():
            found = said.get(name)
            self._say(sentence, found)
        self._say(self.general, general[0] if general else None)
        self._show_misfits()

    def _say(self, label: QLabel, finding: Finding | None) -> None:
        label.setVisible(finding is not None)
        if finding is not None:
            label.setText(self._words.say(f"rule.{finding.rule}"))
            named(label, "caution" if finding.severity == "error" else "advice")
            label.style().polish(label)

    def _show_misfits(self) -> None:
        """What cannot be stored at all comes before what the rules say."""
        for name, value in self._typed().items():
            if isinstance(value, BadInput):
                self.sentences[name].setText(value.say(self._words.language))
                self.sentences[name].show()

    def _field_of(self, finding: Finding) -> str:
        names = {str(finding.facts.get(fact, "")) for fact in ("column", "field")}
        return next((name for name, made in self.editors.items() if {name, made.field.zh} & names - {""}), "")


def _size_words(layer: VectorLayer) -> str:
    """How large the features are together; of a single point, where it lies."""
    if layer.geometry_kind == "table":
        return ""
    if layer.geometry_kind == "point":
        return (
            f"{layer.shapes.xy[0, 0]:,.2f}, {layer.shapes.xy[0, 1]:,.2f}" if len(layer.shapes.xy) == 1 else ""
        )
    geometries = layer.shapes.geometries()
    if layer.geometry_kind == "polygon":
        return area_words(float(shapely.area(geometries).sum()))
    return length_words(float(shapely.length(geometries).sum()))

"""A hazard and its model: what it reads, with which numbers, how far it may be trusted; then run it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.choice import Choice
from app.desk import Desk
from app.panels.parts import HazardBox, column, heading, hint
from app.theme import named
from app.words import Words
from layers.hazards.model import Parameter, parameters
from layers.hazards.recipe import revived
from layers.risk.assessment import chosen_vulnerability, vulnerability_of
from layers.risk.hazard import model_of
from layers.storage.geopackage import ProjectFile


@dataclass(frozen=True, eq=False)
class Run:
    """What is to be run: a hazard, and its model where it has one."""

    hazard: str
    model: Any | None
    vulnerability: Any | None


def chosen_models(project: ProjectFile | None, hazard: str) -> tuple[Any, Any] | None:
    """Model and vulnerability of a hazard, with the numbers of the last run if the project holds one.

    ``None``: the census grades are all there is.
    """
    model = model_of(hazard)
    if model is None:
        return None
    if project is None:
        return model, vulnerability_of(hazard)
    stored = project.first(f"hazard_{hazard}")
    recipe = "" if stored is None else stored.provenance.model
    return revived(recipe, [type(model)]) or model, chosen_vulnerability(project, hazard)


class HazardPanel(QWidget):
    """Signal: `run(Run)`."""

    run = Signal(object)

    def __init__(self, desk: Desk, choice: Choice, words: Words) -> None:
        super().__init__()
        self._desk, self._choice, self._words = desk, choice, words
        self._fields: dict[tuple[str, str], Callable[[], Any]] = {}
        self._models: tuple[Any, Any] | None = None
        self.hazard = HazardBox(choice, words)
        self.start = named(QPushButton(), "primary")
        words.bind(self.start.setText, "hazard.run")
        self.start.clicked.connect(self.launch)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = column(self)
        layout.addWidget(heading(words, "hazard.choose"))
        layout.addWidget(self.hazard)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.start)
        self._late = QTimer(self, interval=0, singleShot=True)
        self._late.timeout.connect(self._fill)
        for signal in (choice.changed, words.changed):
            signal.connect(self._late.start)
        desk.changed.connect(self._late.start)
        self._fill()

    def launch(self) -> None:
        """Run the model with the numbers of the form."""
        if self._models is not None:
            self.run.emit(Run(self._choice.hazard, *map(self._with_form, self._models)))

    def _with_form(self, model: Any) -> Any:
        values = {name: value() for (owner, name), value in self._fields.items() if owner == model.name}
        return replace(model, **values)

    def _allow(self) -> None:
        self.start.setEnabled(self._desk.can_edit)
        self.start.setVisible(self._models is not None)

    def _fill(self) -> None:
        page = named(QWidget(), "form")
        body = column(page, 0, 6)
        self._fields.clear()
        self._models = chosen_models(self._desk.project, self._choice.hazard)
        if self._models is None:
            body.addWidget(hint(self._words, "hazard.census"))
        else:
            self._describe(*self._models, body)
        body.addStretch(1)
        self._scroll.setWidget(page)
        self._allow()

    def _describe(self, model: Any, vulnerability: Any, body: QVBoxLayout) -> None:
        say = self._words.say
        self._title(body, say("hazard.model"))
        self._text(body, say(f"model.{model.name}"), "strong")
        self._text(body, say(model.limits), "soft")
        self._title(body, say("hazard.inputs"))
        self._text(body, "\n".join(f"· {self._input(each)}" for each in model.requires), "soft")
        self._ask(model, body)
        self._title(body, say("hazard.vulnerability"))
        self._text(body, say(vulnerability.limits), "soft")
        self._ask(vulnerability, body)
        self._title(body, say("hazard.references"))
        for reference in (*model.references, *vulnerability.references):
            status = say(f"status.{reference.status}")
            self._text(body, f"{self._words.told(reference.text)}  ({status})", "faint")

    def _ask(self, model: Any, body: QVBoxLayout) -> None:
        given = list(parameters(model))
        if given:
            self._title(body, self._words.say("hazard.parameters"))
            body.addLayout(self._form(model, given))

    def _input(self, each: Any) -> str:
        name = self._words.say(f"input.{each.name}")
        return f"{name} ({each.unit})" if each.unit else name

    def _form(self, model: Any, given: list[Parameter]) -> QFormLayout:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(4)
        for each in given:
            label = QLabel(self._words.say(f"parameter.{model.name}.{each.name}"), wordWrap=True)
            form.addRow(label, self._field(model, each))
            status, source = self._words.say(f"status.{each.status}"), self._words.told(each.source)
            note = QLabel(f"{status} · {source}", wordWrap=True)
            note.setObjectName("faint")
            form.addRow(note)
        return form

    def _field(self, model: Any, each: Parameter) -> QWidget:
        key = (model.name, each.name)
        if each.choices:
            box = QComboBox()
            for choice in each.choices:
                box.addItem(self._words.say(f"choice.{choice}"), choice)
            box.setCurrentIndex(each.choices.index(each.value))
            self._fields[key] = box.currentData
            return box
        spin = QDoubleSpinBox(decimals=_decimals(each.value))
        spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        spin.setRange(_bound(each.low, -1e9), _bound(each.high, 1e9))
        spin.setValue(float(each.value))
        spin.setSuffix(f" {each.unit}" if each.unit else "")
        self._fields[key] = (lambda: int(spin.value())) if isinstance(each.value, int) else spin.value
        return spin

    def _title(self, body: QVBoxLayout, text: str) -> None:
        body.addSpacing(6)
        body.addWidget(named(QLabel(text), "heading"))

    def _text(self, body: QVBoxLayout, text: str, name: str) -> None:
        label = named(QLabel(text, wordWrap=True), name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        body.addWidget(label)


def _bound(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else float(value)


def _decimals(value: float | int) -> int:
    """As many as the default has, and one to spare."""
    if isinstance(value, int):
        return 0
    return min(len(f"{value:.6f}".rstrip("0").partition(".")[2]) + 1, 6)

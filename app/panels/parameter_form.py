"""A form made of the parameters of models: numbers with units and bounds, choices, source and status."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QWidget

from app.theme import named
from app.turns import all_of
from app.words import Words, capital
from layers.hazards.model import Parameter, parameters, used_parameters
from layers.risk.naming import unit_words

ROOM = 240
"""Pixels of a line of the form in the narrowest panel, without the gap between name and field."""


class ParameterForm:
    """Fields of one or several models. Make the rows with `rows` or in `parts`, read them with `filled`."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._fields: dict[tuple[str, str], Callable[[], Any]] = {}
        self._listeners: list[Callable[[], object]] = []

    def rows(self, model: Any, only: Collection[str] | None = None) -> QFormLayout | None:
        """The fields of a model, or `only` these, with where their numbers come from; None if it has none."""
        if not self.asks(model, only):
            return None
        form = row_layout()
        all_of(self.parts(form, model, only))
        return form

    def asks(self, model: Any, only: Collection[str] | None = None) -> bool:
        """Whether a model, or `only` these of it, has numbers at all."""
        return any(only is None or each.name in only for each in parameters(model))

    def parts(self, form: QFormLayout, model: Any, only: Collection[str] | None = None) -> Iterator[None]:
        """As `rows`, in a layout of `row_layout`, step by step."""
        given = [each for each in parameters(model) if only is None or each.name in only]
        places: dict[str, tuple[QWidget, ...]] = {}
        lines: list[tuple[QLabel, QWidget]] = []
        for each in given:
            label = QLabel(capital(self._words.say(f"parameter.{model.name}.{each.name}")))
            field = self._field(model, each)
            field.setAccessibleName(label.text())  # beside the field or above it
            lines.append((label, field))
            yield
        beside = _beside(lines)
        yield
        for each, (label, field) in zip(given, lines, strict=True):
            _add_row(form, label, field, label in beside)
            status, source = self._words.say(f"status.{each.status}"), self._words.told(each.source)
            about = named(QLabel(f"{status} · {source}", wordWrap=True), "faint")
            form.addRow(about)
            places[each.name] = label, field, about
            yield
        if any(each.when for each in given):
            self._listeners.append(lambda: self._fold(form, model, places))
            self._tell()

    def listen(self, listener: Callable[[], object]) -> None:
        """Call when a choice or a number has changed, and now."""
        self._listeners.append(listener)
        listener()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _fold(self, form: QFormLayout, model: Any, places: dict[str, tuple[QWidget, ...]]) -> None:
        """Only what counts, as the choices stand, is asked; one that lies in no panel yet is not shown."""
        used = {each.name for each in used_parameters(self.filled(model))}
        for name, widgets in places.items():
            for widget in widgets:
                if name not in used or form.parentWidget() is not None:
                    form.setRowVisible(widget, name in used)

    def filled(self, model: Any) -> Any:
        """The model with the numbers of the form."""
        values = {name: value() for (owner, name), value in self._fields.items() if owner == model.name}
        return replace(model, **values)

    def _field(self, model: Any, each: Parameter) -> QWidget:
        key = (model.name, each.name)
        if each.choices:
            box = QComboBox()
            for choice in each.choices:
                box.addItem(capital(self._words.say(f"choice.{choice}")), choice)
            box.setCurrentIndex(each.choices.index(each.value))
            box.currentIndexChanged.connect(self._tell)
            self._fields[key] = box.currentData
            return box
        spin = QDoubleSpinBox(decimals=_decimals(each.value))
        spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        spin.setGroupSeparatorShown(each.value >= 10_000)
        spin.setRange(_bound(each.low, -1e9), _bound(each.high, 1e9))
        spin.setValue(float(each.value))
        unit = unit_words(each.unit, self._words.language)
        spin.setSuffix(f" {unit}" if unit else "")
        spin.valueChanged.connect(self._tell)
        self._fields[key] = (lambda: int(spin.value())) if isinstance(each.value, int) else spin.value
        return spin


def row_layout() -> QFormLayout:
    """A layout for the rows of a form."""
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setVerticalSpacing(4)
    return form


def _beside(lines: Sequence[tuple[QLabel, QWidget]]) -> list[QLabel]:
    """The names that have their field beside them: as many as share one line between the two columns."""
    wide = [(label, label.sizeHint().width(), field.sizeHint().width()) for label, field in lines]
    fitting = [
        [label for label, name, field in wide if name <= column and field <= ROOM - column]
        for column in sorted({name for _, name, _ in wide})
    ]
    return max(fitting, key=len, default=[])


def _add_row(form: QFormLayout, label: QLabel, field: QWidget, is_beside: bool) -> None:
    """The field beside its name, or below it as wide as the form."""
    if is_beside:
        form.addRow(label, field)
        return
    label.setWordWrap(True)
    form.addRow(label)
    form.addRow(field)


def _bound(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else float(value)


def _decimals(value: float | int) -> int:
    """As many as the default has, and one to spare; none for what counts in tens."""
    if isinstance(value, int) or value >= 100:
        return 0
    return min(len(f"{value:.6f}".rstrip("0").partition(".")[2]) + 1, 6)

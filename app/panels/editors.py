"""Editors of cells: a line, a number with bounds, a date with a calendar, a choice from a list."""

from PySide6.QtCore import QDate, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QCalendarWidget, QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.panels.cells import cell_of, cell_text
from app.panels.parts import RIGHT
from app.theme import LIGHT, named, pixmap
from app.words import Words
from layers.census.bounds import Bounds
from layers.changes import Value
from layers.errors import BadInput
from layers.layer import Field
from layers.risk.naming import unit_words


class Editor(QWidget):
    """One field of a form. Signal: `touched` when the hand has changed it."""

    touched = Signal()

    def __init__(self, field: Field, words: Words) -> None:
        super().__init__()
        self.field = field
        self.words = words
        self.is_touched = False
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)

    def show_value(self, value: object, *, differs: bool) -> None:
        """Show a value as stored, or that the features differ."""
        self.is_touched = False
        self._put(cell_text(value), differs)

    def value(self) -> Value:
        """What stands in it.

        Raises
        ------
        BadInput
            It does not fit the field.
        """
        return cell_of(self.text(), self.field)

    def text(self) -> str:
        """What stands in it, as typed; each editor says it."""
        raise NotImplementedError  # Qt's metaclass leaves no room for abstract methods

    def enter(self, text: str) -> None:
        """Type a value in."""
        self._put(text, False)
        self._touch()

    def set_read_only(self, read_only: bool) -> None:
        """Whether it can be changed."""
        self.setEnabled(not read_only)

    def _put(self, text: str, differs: bool) -> None:
        """Show a text, or that the features differ; each editor does it its way."""
        raise NotImplementedError  # as for `text`

    def _touch(self) -> None:
        self.is_touched = True
        self.touched.emit()

    def _add_unit(self) -> None:
        self._unit = named(QLabel(), "faint")
        self.words.changed.connect(self._say_unit)
        self._say_unit()
        self._row.addWidget(self._unit)

    def _say_unit(self) -> None:
        unit = unit_words(self.field.unit, self.words.language)
        self._unit.setText(unit)
        self._unit.setVisible(bool(unit))


class Line(QLineEdit):
    """A line in which up and down step a number."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)


class LineEditor(Editor):
    """Texts and numbers."""

    def __init__(self, field: Field, words: Words, bounds: Bounds) -> None:
        super().__init__(field, words)
        self._bounds = bounds
        self.line = Line()
        self._row.addWidget(self.line, 1)
        self.setFocusProxy(self.line)
        if field.type in {"integer", "real"}:
            self.line.setAlignment(RIGHT)
            self.line.stepped.connect(self._step)
        self._add_unit()
        self.line.textEdited.connect(self._touch)

    def text(self) -> str:
        return self.line.text()

    def set_read_only(self, read_only: bool) -> None:
        self.line.setReadOnly(read_only)

    def _put(self, text: str, differs: bool) -> None:
        self.line.setText("" if differs else text)
        self.line.setCursorPosition(0)
        self.line.setPlaceholderText(self.words.say("form.several") if differs else self._hint())

    def _hint(self) -> str:
        low, high = self._bounds
        if low is None and high is None:
            return ""
        ends = ("" if end is None else f"{end:g}" for end in (low, high))
        return " – ".join(ends) if low is not None and high is not None else _one_sided(low, high)

    def _step(self, by: int) -> None:
        """One up or down, within the bounds."""
        try:
            now = self.value()
        except BadInput:
            return
        low, high = self._bounds
        value = float(now) + by if isinstance(now, int | float) else (low or 0.0)
        value = value if low is None else max(value, low)
        self.enter(cell_text(value if high is None else min(value, high)))


def _one_sided(low: float | None, high: float | None) -> str:
    return f"≥ {low:g}" if low is not None else f"≤ {high:g}"


class DateEditor(LineEditor):
    """A date: typed in any of the usual ways, or taken from a calendar."""

    def __init__(self, field: Field, words: Words, bounds: Bounds) -> None:
        super().__init__(field, words, bounds)
        self.calendar = QCalendarWidget()
        self.calendar.setWindowFlag(Qt.WindowType.Popup)
        opens = QAction(self.line)
        opens.setIcon(pixmap("chevron-down", LIGHT.faint_ink, 14))
        opens.triggered.connect(self._open)
        self.line.addAction(opens, QLineEdit.ActionPosition.TrailingPosition)
        self.line.editingFinished.connect(self._tidy)
        self.calendar.activated.connect(self._take)
        self.calendar.clicked.connect(self._take)

    def _hint(self) -> str:
        return "2020-07-01"

    def _open(self) -> None:
        day = QDate.fromString(self.text(), Qt.DateFormat.ISODate)
        self.calendar.setSelectedDate(day if day.isValid() else QDate.currentDate())
        self.calendar.move(self.line.mapToGlobal(QPoint(0, self.line.height())))
        self.calendar.show()

    def _take(self, day: QDate) -> None:
        self.calendar.hide()
        self.enter(day.toString(Qt.DateFormat.ISODate))

    def _tidy(self) -> None:
        """The date as it will be stored."""
        try:
            value = self.value()
        except BadInput:
            return
        if self.is_touched and isinstance(value, str):
            self.line.setText(value)


class ChoiceEditor(Editor):
    """A value of the field's list; one that is not of it is shown as it is."""

    def __init__(self, field: Field, words: Words) -> None:
        super().__init__(field, words)
        self.box = QComboBox()
        self.box.setMinimumContentsLength(6)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._row.addWidget(self.box, 1)
        self.setFocusProxy(self.box)
        self._add_unit()
        self.box.activated.connect(self._touch)

    def text(self) -> str:
        return str(self.box.currentData() or "")

    def _put(self, text: str, differs: bool) -> None:
        self.box.clear()
        if differs:
            self.box.addItem(self.words.say("form.several"), "")
        self.box.addItem("", "")
        foreign = [text] if text and text not in self.field.domain else []
        for value in (*foreign, *self.field.domain):
            self.box.addItem(value, value)
        self.box.setCurrentIndex(0 if differs else max(self.box.findData(text), 0))


def editor(field: Field, words: Words, bounds: Bounds) -> Editor:
    """The editor that suits a field."""
    if field.domain:
        return ChoiceEditor(field, words)
    make = DateEditor if field.type == "date" else LineEditor
    return make(field, words, bounds)

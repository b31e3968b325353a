"""The history of a feature: who changed what, and when; one step of long ago taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QTreeWidgetItem, QWidget

from app.canvas.measuring import area_words, length_words
from app.panels.cells import cell_words, field_title
from app.panels.parts import column, hint, row, table
from app.theme import font, named
from app.words import Words
from layers.changes import Row
from layers.editing import features
from layers.layer import Field
from layers.project import Entry


@dataclass(frozen=True)
class Step:
    """One entry of the journal, as far as it concerns a feature.

    Parameters
    ----------
    entry : Entry
    before, after : Row or None
    others : int
        Further features that the entry touches.
    """

    entry: Entry
    before: Row | None
    after: Row | None
    others: int


def steps(entries: Sequence[Entry], layer: str, key: str) -> tuple[Step, ...]:
    """What the entries did to a feature, the latest first."""
    found = []
    for entry in reversed(entries):
        change = entry.edit.change_of(layer, key)
        if change is not None:
            found.append(Step(entry, change.before, change.after, len(entry.edit.changes) - 1))
    return tuple(found)


class HistoryPanel(QWidget):
    """Signal: `taken_back(number)`: the step of that number is to be taken back."""

    taken_back = Signal(int)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._steps: tuple[Step, ...] = ()
        self._fields: dict[str, Field] = {}
        self.empty = hint(words, "history.empty")
        self.empty.setContentsMargins(16, 16, 16, 16)
        self.tree = table(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(True)
        self.tree.setIndentation(14)
        self.said = named(QLabel(wordWrap=True), "caution")
        self.said.hide()
        self.back = QPushButton()
        words.bind(self.back.setText, "history.back")
        words.bind(self.back.setToolTip, "history.back.tip")
        self.back.clicked.connect(self._take_back)
        page = QWidget()
        inner = column(page, 12, 8)
        for widget in (self.tree, self.said, self.back):
            inner.addWidget(widget, int(widget is self.tree))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(page)
        column(self, 0, 0).addWidget(self._pages)
        self.tree.currentItemChanged.connect(lambda: self._choose())
        words.changed.connect(self._fill)

    def show_steps(self, found: tuple[Step, ...], fields: Sequence[Field]) -> None:
        """These are the steps of the feature that is picked."""
        self._steps, self._fields = found, {field.name: field for field in fields}
        self._fill()

    def say(self, sentence: str) -> None:
        """Why a step cannot be taken back."""
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))

    def _fill(self) -> None:
        self.tree.clear()
        self.say("")
        self._pages.setCurrentIndex(int(bool(self._steps)))
        for step in self._steps:
            self._add(step)
        first = self.tree.topLevelItem(0)
        if first is not None:
            first.setExpanded(True)
            self.tree.setCurrentItem(first)
        self._choose()

    def _add(self, step: Step) -> None:
        say, entry = self._words.say, step.entry
        deed = "" if entry.deed == "do" else f"{say(f'deed.{entry.deed}')} · "
        head = row([deed + entry.edit.name, _time_words(entry.time)], [1])
        head.setFont(0, font(13, strong=True))
        head.setToolTip(1, _time_words(entry.time, whole=True))
        head.setData(0, 0x0100, entry.number)  # Qt.ItemDataRole.UserRole
        who = entry.who or "—"
        head.addChild(row([say("history.who"), who], [1]))
        if step.others:
            head.addChild(row([say("history.others"), f"{step.others:,}"], [1]))
        for name, words in self._changed(step):
            head.addChild(row([name, words], [1]))
        self.tree.addTopLevelItem(head)

    def _changed(self, step: Step) -> list[tuple[str, str]]:
        """Fields with what they were and became."""
        before, after = step.before or {}, step.after or {}
        lines = []
        for name in dict.fromkeys([*before, *after]):
            was, became = before.get(name), after.get(name)
            if was == became:
                continue
            if name == "geom":
                lines.append(
                    (self._words.say("history.shape"), f"{_shape_words(before)} → {_shape_words(after)}")
                )
                continue
            field = self._fields.get(name, Field(name))
            cells = (cell_words(value, field) or "—" for value in (was, became))
            lines.append((field_title(field, self._words), " → ".join(cells)))
        return lines

    def _number(self) -> int | None:
        item: QTreeWidgetItem | None = self.tree.currentItem()
        if item is not None and item.parent() is not None:
            item = item.parent()
        return None if item is None else int(item.data(0, 0x0100))

    def _choose(self) -> None:
        self.back.setEnabled(self._number() is not None)

    def _take_back(self) -> None:
        number = self._number()
        if number is not None:
            self.taken_back.emit(number)


def _time_words(time: str, *, whole: bool = False) -> str:
    """When, by the clock on the wall; not `whole`: without the year if it is this one's."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    is_old = moment.astimezone().year != datetime.now().astimezone().year
    return moment.astimezone().strftime("%Y-%m-%d %H:%M" if whole or is_old else "%m-%d %H:%M")


def _shape_words(cells: Row) -> str:
    geometry = features.shape(cells)
    if geometry is None:
        return "—"
    if geometry.area:
        return area_words(geometry.area)
    return (
        length_words(geometry.length)
        if geometry.length
        else f"{geometry.centroid.x:,.1f}, {geometry.centroid.y:,.1f}"
    )

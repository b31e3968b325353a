"""What panels are made of: headings, tables of numbers, a box to choose a hazard in, a word for emptiness."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.choice import HAZARDS, Choice
from app.theme import named
from app.words import Words, capital

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def number_words(value: float, digits: int | None = None) -> str:
    """A number as one reads it: thousands apart, no more digits than it has.

    Examples
    --------
    >>> number_words(833088), number_words(0.123456), number_words(float("nan"))
    ('833,088', '0.123', '—')
    """
    if value != value:
        return "—"
    if digits is not None:
        return f"{value:,.{digits}f}"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:,.3g}"


def breakable(text: str) -> str:
    """A text whose long words, addresses of the web, may go on in the next line."""
    return "".join(f"{letter}\u200b" if letter in "/?&=._-" else letter for letter in text)


def column(widget: QWidget, margin: int = 12, spacing: int = 8) -> QVBoxLayout:
    """A column of widgets on the grid."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return layout


def heading(words: Words, key: str) -> QLabel:
    """A small heading over a group of fields."""
    label = named(QLabel(), "heading")
    words.bind(label.setText, key)
    return label


def hint(words: Words, key: str) -> QLabel:
    """What an empty panel says: what to do next."""
    label = named(QLabel(wordWrap=True), "hint")
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    words.bind(label.setText, key)
    return label


def polished(page: QWidget, parts: Iterator[object]) -> Iterator[None]:
    """The making of a page that is not seen yet: what each part has put on it is given its looks at once.

    Qt gives them to all widgets of a page when that is shown, which takes longer than to make them.
    """
    dressed: set[QWidget] = set()
    for _ in parts:
        for widget in page.findChildren(QWidget):
            if widget not in dressed:
                widget.ensurePolished()
                dressed.add(widget)
        yield


def even(labels: Sequence[QLabel]) -> None:
    """The labels of forms that stand one below the other, all as wide as the widest: the fields align."""
    for label in labels:
        label.setMinimumWidth(0)
    widest = max((label.sizeHint().width() for label in labels), default=0)
    for label in labels:
        label.setMinimumWidth(widest)


NARROWEST = 62
"""A column holds a short name; four of them fit beside the map."""


class Table(QTreeWidget):
    """A flat table: numbers take what they need, names share the rest.

    A name of five characters is never cut: without room for it the table scrolls sideways.
    """

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[int, int] = {}
        self.itemExpanded.connect(lambda _: self.share(tuple(self._names)))

    def share(self, names: Sequence[int]) -> None:
        """These columns hold names; each gets what its words need, at least up to `NAME`."""
        self._names = {place: self._need(place) for place in names}
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _need(self, place: int) -> int:
        indent = self._indent(place) // 2
        return max(self.sizeHintForColumn(place) + indent, self.header().sectionSizeHint(place))

    def _indent(self, place: int) -> int:
        """Pixels before a name that lies below another."""
        return 2 * self.indentation() if self.rootIsDecorated() and not place else 0

    def _fit(self) -> None:
        if not self._names:
            return
        header, modes = self.header(), QHeaderView.ResizeMode
        others = [place for place in range(self.columnCount()) if place not in self._names]
        room = self.viewport().width() - sum(map(self._need, others))
        has_room = room >= sum(min(need, NAME) for need in self._names.values())
        for place, need in self._names.items():
            header.setSectionResizeMode(place, modes.Stretch if has_room else modes.Fixed)
            if not has_room:
                self.setColumnWidth(place, min(need, NAME + self._indent(place)))


def table(columns: int) -> Table:
    """A flat table; the first column takes the room, the others what they need."""
    tree = named(Table(), "table")
    tree.setHeaderLabels([""] * columns)  # without words Qt writes 1, 2, 3
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setAlternatingRowColors(False)
    tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setMinimumSectionSize(NARROWEST)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for number in range(1, columns):
        header.setSectionResizeMode(number, QHeaderView.ResizeMode.ResizeToContents)
    return tree


NAME = 86
"""What a column of names gets at least, if its words need it: five characters."""
SHORT = 88
"""A column of words up to this wide, pixels, takes what it needs."""
TIGHT = 40


def fit_heads(tree: Table, numbers: Sequence[int]) -> None:
    """Numbers, with their heads above them, and short words take what they need; names share the rest."""
    header = tree.header()
    header.setMinimumSectionSize(TIGHT)
    names = []
    for place in range(tree.columnCount()):
        if place in numbers:
            tree.headerItem().setTextAlignment(place, RIGHT)
        if place in numbers or (place and tree.sizeHintForColumn(place) <= SHORT):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        else:
            names.append(place)
    tree.share(names)


def row(cells: Sequence[str], numbers: Sequence[int] = ()) -> QTreeWidgetItem:
    """A row of a table; `numbers` are the columns set to the right."""
    item = QTreeWidgetItem(list(cells))
    for number in numbers:
        item.setTextAlignment(number, RIGHT)
    for number, cell in enumerate(cells):
        item.setToolTip(number, cell)
    return item


def deed_and_cancel(dialog: QDialog, deed: str) -> tuple[QDialogButtonBox, QPushButton]:
    """The buttons at the foot of a dialog, and the one that does what it is there for."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    fine = buttons.addButton(deed, QDialogButtonBox.ButtonRole.AcceptRole)
    named(fine, "primary").style().polish(fine)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons, fine


def children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """The items right below an item."""
    return [item.child(number) for number in range(item.childCount())]


class HazardBox(QComboBox):
    """Choose a hazard; all such boxes show the same choice."""

    def __init__(self, choice: Choice, words: Words) -> None:
        super().__init__()
        self._choice, self._words = choice, words
        for hazard in HAZARDS:
            self.addItem("", hazard)
        self.activated.connect(lambda: choice.take_hazard(self.currentData()))
        choice.changed.connect(self._follow)
        words.changed.connect(self._speak)
        self._speak()
        self._follow()

    def _speak(self) -> None:
        for number, hazard in enumerate(HAZARDS):
            self.setItemText(number, capital(self._words.say(f"hazard.{hazard}")))

    def _follow(self) -> None:
        with QSignalBlocker(self):
            self.setCurrentIndex(HAZARDS.index(self._choice.hazard))

"""The key of the map: what the colours of the chosen hazard mean, on a card in the map's corner."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from app.panels.parts import column
from app.panels.patches import PATCH, legend_icon
from app.stack import Stack, title_of
from app.theme import named
from app.turns import Later
from app.words import Words
from layers.cartography.legend import LegendEntry
from layers.cartography.legend import entries as legend_entries
from layers.cartography.raster import kernels_loaded
from layers.cartography.style import default_style
from layers.storage.geopackage import LayerEntry

ABOVE_BAR = 56
"""Pixels that the scale bar takes of the left lower corner."""
SITES = "plan_site"
BORDER = 1
"""Pixels of the card's edge."""


class Key(QFrame):
    """Title and grades of the theme; and the word that something on the map is made up."""

    def __init__(self, stack: Stack, words: Words, view: QWidget, stage: QWidget) -> None:
        super().__init__(stage)
        self.setObjectName("key")
        self._stack, self._words, self._view = stack, words, view
        self._side = "right"
        self._marks: tuple[str, ...] = ()
        self.tools: QWidget | None = None
        """What stands on the left side too."""
        self._column = column(self, 0)
        self._page = QWidget()
        self._column.addWidget(self._page)
        self._said: object = None
        self._late = Later(self.fill, self)
        for news in (stack.changed, stack.tried, words.changed):
            news.connect(self._late.start)
        self.fill()

    def fill(self) -> None:
        """Say what is on the map, unless it is said already."""
        said = self._to_say()
        if said == self._said and not self.isHidden():
            return
        self._said = said
        self._column.removeWidget(self._page)
        self._page.hide()
        self._page.deleteLater()
        self._page = QWidget()
        lines = QGridLayout(self._page)
        lines.setContentsMargins(12, 8, 12, 8)
        lines.setHorizontalSpacing(8)
        lines.setVerticalSpacing(3)
        self._tell(lines)
        self._column.addWidget(self._page)
        self._page.show()
        self.setVisible(lines.count() > 0)
        self.settle()

    def _to_say(self) -> object:
        """All that the card's words and samples come from."""
        language, (theme, title) = self._words.language, self.told()
        style = None if theme is None else self._stack.style(theme)
        return title, style, language, self.marks(), self._stack.is_synthetic, kernels_loaded()

    def told(self) -> tuple[LayerEntry | None, str]:
        """The layer whose colours are explained, and its heading: first what was given classes by hand."""
        classed = self._stack.classed
        if classed is not None:
            return classed, title_of(classed, self._words.language)
        return self._stack.theme, self._stack.theme_title

    def explain(self, kinds: tuple[str, ...]) -> None:
        """Marks of these kinds are painted over the map by the hand: say what their colours mean."""
        if kinds != self._marks:
            self._marks = kinds
            self.fill()

    def marks(self) -> tuple[str, ...]:
        """The kinds of marks that are explained below the theme: shelters by how full they are."""
        shown = any(entry.kind == SITES and self._stack.is_seen(entry.name) for entry in self._stack.entries)
        return self._marks or ((SITES,) if shown else ())

    def stand(self, side: str) -> None:
        """On this side of the map: left, above the scale bar, or right."""
        self._side = side
        self.settle()

    def settle(self) -> None:
        """Into its lower corner of the map."""
        for label in self._page.findChildren(QLabel):
            label.ensurePolished()  # the stylesheet's font is another than the one before it
        self._column.activate()
        self.resize(self._column.sizeHint().grownBy(QMargins(BORDER, BORDER, BORDER, BORDER)))
        room = self._view.geometry()
        if self._side == "left":
            top = room.bottom() - self.height() - ABOVE_BAR
            tools = self.tools
            is_beside = tools is not None and tools.isVisible() and top < tools.geometry().bottom() + 8
            left = tools.geometry().right() if tools is not None and is_beside else room.left()
            self.move(left + 12, top)
        else:
            self.move(room.right() - self.width() - 12, room.bottom() - self.height() - 12)

    def _tell(self, lines: QGridLayout) -> None:
        language, (theme, title) = self._words.language, self.told()
        if theme is not None:
            _add(lines, title, legend_entries(self._stack.style(theme), language))
        for kind in self.marks():
            style = default_style(kind, language)
            _add(lines, self._words.say(f"key.{kind}"), legend_entries(replace(style, other=""), language))
        if self._stack.is_synthetic:
            caution = named(QLabel(self._words.say("map.synthetic")), "caution")
            lines.addWidget(caution, lines.rowCount(), 0, 1, 2)
        lines.setColumnStretch(1, 1)


def _add(lines: QGridLayout, title: str, entries: Sequence[LegendEntry]) -> None:
    """A heading, and a line for each class."""
    first = lines.rowCount()
    lines.addWidget(named(QLabel(title), "strong"), first, 0, 1, 2)
    for number, entry in enumerate(entries, start=first + 1):
        sample = QLabel()
        sample.setPixmap(legend_icon(entry).pixmap(PATCH))
        lines.addWidget(sample, number, 0)
        lines.addWidget(named(QLabel(entry.title), "soft"), number, 1)

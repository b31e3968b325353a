"""The key of the map: what the colours of the chosen hazard mean, on a card in the map's corner."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from app.panels.patches import PATCH, legend_icon
from app.stack import Stack, style_of, title_of
from app.theme import named
from app.words import Words
from layers.cartography.legend import entries as legend_entries


class Key(QFrame):
    """Title and grades of the theme; and the word that something on the map is made up."""

    def __init__(self, stack: Stack, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("key")
        self._stack, self._words, self._stage = stack, words, parent
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(12, 8, 12, 8)
        self._lines.setHorizontalSpacing(8)
        self._lines.setVerticalSpacing(3)
        stack.changed.connect(self.fill)
        words.changed.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Say anew what is on the map."""
        while self._lines.count():
            gone = self._lines.takeAt(0).widget()
            gone.hide()
            gone.deleteLater()
        theme = self._stack.theme
        if theme is not None:
            style = style_of(theme, self._words.language)
            self._line(named(QLabel(style.title or title_of(theme, self._words.language)), "strong"))
            for entry in legend_entries(style, self._words.language):
                sample = QLabel()
                sample.setPixmap(legend_icon(entry).pixmap(PATCH))
                self._line(sample, named(QLabel(entry.title), "soft"))
        if self._stack.is_synthetic:
            self._line(named(QLabel(self._words.say("map.synthetic")), "caution"))
        self.setVisible(self._lines.count() > 0)
        self.settle()

    def settle(self) -> None:
        """Into the lower right corner."""
        self.resize(self.sizeHint().expandedTo(QSize(0, 0)))
        room = self._stage.rect()
        self.move(room.right() - self.width() - 12, room.bottom() - self.height() - 12)

    def _line(self, *widgets: QLabel) -> None:
        number = self._lines.rowCount()
        if len(widgets) == 1:
            self._lines.addWidget(widgets[0], number, 0, 1, 2)
            return
        for place, widget in enumerate(widgets):
            self._lines.addWidget(widget, number, place)
        self._lines.setColumnStretch(1, 1)

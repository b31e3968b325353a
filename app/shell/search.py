"""The search box: what was typed is looked for while one types, and a hit is chosen by hand or by Enter."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit

from app.theme import Tokens, pixmap
from app.words import Words

Hit = tuple[str, str, object]
"""Name, what it is, what choosing it gives."""


class SearchBox(QLineEdit):
    """Signals: `searched(text)` while typing, `found(object)` when a hit is chosen."""

    searched = Signal(str)
    found = Signal(object)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("search")
        self.setClearButtonEnabled(False)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        words.bind(self.setPlaceholderText, "search.placeholder")
        words.bind(self.setAccessibleName, "search.name")
        words.bind(self._glass.setText, "search.name")
        self._hits = QStandardItemModel(self)
        completer = QCompleter(self._hits, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.popup().setObjectName("hits")
        completer.activated[QModelIndex].connect(self._choose)  # type: ignore[index]
        self.setCompleter(completer)
        self.textEdited.connect(self.searched)
        self.returnPressed.connect(self._enter)

    def paint(self, tokens: Tokens) -> None:
        """The glass in the theme's colours."""
        self._glass.setIcon(pixmap("search", tokens.faint_ink, 16))

    def offer(self, hits: list[Hit]) -> None:
        """Show what was found."""
        self._hits.clear()
        for name, what, value in hits:
            item = QStandardItem(f"{name}    {what}")
            item.setData(value, Qt.ItemDataRole.UserRole)
            item.setEditable(False)
            self._hits.appendRow(item)
        if hits and self.hasFocus():
            self.completer().complete()

    def first_hit(self) -> object | None:
        """What the topmost hit means."""
        item = self._hits.item(0)
        value: object = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return value

    def _choose(self, index: QModelIndex) -> None:
        self.found.emit(index.data(Qt.ItemDataRole.UserRole))

    def _enter(self) -> None:
        """The topmost hit, unless another is marked in the list: that one the list gives itself."""
        hit, listed = self.first_hit(), self.completer().popup()
        if listed.isVisible() and listed.currentIndex().isValid():
            return
        if hit is not None:
            listed.hide()
            self.found.emit(hit)

"""The list of keys, made from the commands; and what this program is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.commands import COMMANDS, MENUS
from app.panels.parts import row, table
from app.theme import Tokens, font, named, pixmap
from app.words import Words

BY_HAND = {
    "map": ("arrows", "plus_minus", "space", "wheel", "escape", "shift"),
    "draw": ("aim", "set", "finish", "take_back", "vertices", "typed"),
}
"""Keys that are no commands, by what lies under the hand."""


class _Page(QDialog):
    def __init__(self, title: str, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 24, 24, 16)
        self.column.setSpacing(12)
        self.buttons = QDialogButtonBox()
        self.fine = self.buttons.addButton(words.say("dialog.close"), QDialogButtonBox.ButtonRole.AcceptRole)
        named(self.fine, "primary").style().polish(self.fine)
        self.buttons.accepted.connect(self.accept)


class KeysPage(_Page):
    """What each key does."""

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(words.say("command.keys"), words, parent)
        self.resize(520, 560)
        keys = table(2)
        keys.setHeaderHidden(True)
        keys.setSelectionMode(keys.SelectionMode.NoSelection)
        for menu in MENUS:
            commands = [command for command in COMMANDS if command.menu == menu and command.keys]
            if commands:
                self._head(keys, words.say(f"menu.{menu}"))
            for command in commands:
                pressed = QKeySequence(command.keys).toString(QKeySequence.SequenceFormat.NativeText)
                keys.addTopLevelItem(row([words.say(f"command.{command.id}"), pressed], [1]))
        for hand, names in BY_HAND.items():
            self._head(keys, words.say(f"keys.{hand}"))
            for name in names:
                keys.addTopLevelItem(row([words.say(f"keys.{name}.does"), words.say(f"keys.{name}")], [1]))
        self.column.addWidget(keys)
        self.column.addWidget(self.buttons)
        self.fine.setFocus()

    def _head(self, keys: QTreeWidget, text: str) -> None:
        """A line that stands over a group."""
        head = QTreeWidgetItem([text, ""])
        head.setForeground(0, self.palette().link())
        keys.addTopLevelItem(head)


class AboutPage(_Page):
    """Name, version, what it may be used for, whose work it carries."""

    def __init__(self, words: Words, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(words.say("command.about"), words, parent)
        self.resize(480, 300)
        mark = QLabel()
        mark.setPixmap(pixmap("riskatlas", tokens.accent, 48))
        name = QLabel(f"{words.say('window.name')}  {__version__}")
        name.setFont(font(20, strong=True))
        head = QHBoxLayout()
        head.addWidget(mark)
        head.addWidget(name, 1)
        self.column.addLayout(head)
        for key in ("about.what", "about.limits", "about.parts"):
            label = QLabel(words.say(key), wordWrap=True)
            label.setObjectName("soft")
            self.column.addWidget(label)
        self.column.addStretch(1)
        self.column.addWidget(self.buttons)

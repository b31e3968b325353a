"""The list of keys, made from the commands; and what this program is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.commands import COMMANDS, MENUS
from app.panels.parts import row, table
from app.theme import Tokens, font, pixmap
from app.words import Words

MAP_KEYS = ("arrows", "plus_minus", "space", "wheel", "escape", "shift")


class _Page(QDialog):
    def __init__(self, title: str, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 24, 24, 16)
        self.column.setSpacing(12)
        self.buttons = QDialogButtonBox()
        close = self.buttons.addButton(words.say("dialog.close"), QDialogButtonBox.ButtonRole.AcceptRole)
        close.setObjectName("primary")
        self.buttons.accepted.connect(self.accept)


class KeysPage(_Page):
    """What each key does."""

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(words.say("command.keys"), words, parent)
        self.resize(520, 560)
        keys = table(2)
        keys.setHeaderHidden(True)
        for menu in MENUS:
            commands = [command for command in COMMANDS if command.menu == menu and command.keys]
            if commands:
                keys.addTopLevelItem(_head(words.say(f"menu.{menu}")))
            for command in commands:
                pressed = QKeySequence(command.keys).toString(QKeySequence.SequenceFormat.NativeText)
                keys.addTopLevelItem(row([words.say(f"command.{command.id}"), pressed], [1]))
        keys.addTopLevelItem(_head(words.say("keys.map")))
        for name in MAP_KEYS:
            keys.addTopLevelItem(row([words.say(f"keys.{name}.does"), words.say(f"keys.{name}")], [1]))
        self.column.addWidget(keys)
        self.column.addWidget(self.buttons)


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


def _head(text: str) -> QTreeWidgetItem:
    head = QTreeWidgetItem([text])
    head.setFont(0, font(13, strong=True))
    return head

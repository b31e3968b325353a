"""The command palette: every command by a few letters of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from app.commands import COMMANDS
from app.panels.parts import hint
from app.theme import named
from layers.words import say

if TYPE_CHECKING:
    from app.main_window import MainWindow

WIDTH, ROWS, ROW = 520, 12, 30
FOREIGN = 3
"""Added to the rank of a name in the language that is not spoken."""
KEYS = Qt.ItemDataRole.UserRole + 1


def rank(wanted: str, name: str) -> int | None:
    """How well letters fit a name, less is better: as its beginning, within it, scattered; ``None``: not.

    Examples
    --------
    >>> rank("zo", "Zoom in"), rank("om", "Zoom in"), rank("zi", "Zoom in"), rank("x", "Zoom in")
    (0, 1, 2, None)
    """
    wanted, name = wanted.casefold().replace(" ", ""), name.casefold()
    if name.startswith(wanted):
        return 0
    if wanted in name.replace(" ", ""):
        return 1
    letters = iter(name)
    return 2 if all(letter in letters for letter in wanted) else None


class _WithKeys(QStyledItemDelegate):
    """A command with its keys at the right end of the line."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        # PySide's stubs leave out the members that QStyleOptionViewItem has from QStyleOption
        painter.setPen(option.palette.placeholderText().color())  # type: ignore[attr-defined]
        room = option.rect.adjusted(0, 0, -12, 0)  # type: ignore[attr-defined]
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data(KEYS))


class Palette(QDialog):
    """A line to type in, and the commands that can be done now and fit what was typed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("palette")
        self._window = window
        self.line = named(QLineEdit(), "search")
        self.line.setPlaceholderText(window.words.say("palette.placeholder"))
        self.list = named(QListWidget(), "hits")
        self.list.setIconSize(QSize(16, 16))
        self.list.setItemDelegate(_WithKeys(self.list))
        self.none = hint(window.words, "palette.none")
        self.none.setContentsMargins(8, 8, 8, 8)
        self._blank = QPixmap(16, 16)
        self._blank.fill(Qt.GlobalColor.transparent)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.none, 1)
        column.addWidget(self.list, 1)
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self._choose)
        self.list.itemActivated.connect(lambda _: self._choose())
        self.list.itemClicked.connect(lambda _: self._choose())
        self.line.installEventFilter(self)
        self._fill("")
        self.setFixedSize(WIDTH, 8 * 3 + self.line.sizeHint().height() + ROWS * ROW + 12)
        self.move(window.mapToGlobal(QPoint((window.width() - WIDTH) // 2, 56)))
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while one types."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self.list.setCurrentRow((self.list.currentRow() + step) % max(self.list.count(), 1))
                return True
        return super().eventFilter(watched, event)

    def _fill(self, wanted: str) -> None:
        self.list.clear()
        actions = [(self._fit(wanted, action), action) for action in self._actions()]
        fitting = [(fit, action) for fit, action in actions if fit is not None]
        for _, action in sorted(fitting, key=lambda pair: pair[0]):
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            icon = QIcon(self._blank) if action.icon().isNull() else action.icon()
            item = QListWidgetItem(icon, action.text())
            item.setData(KEYS, keys)
            item.setToolTip(action.toolTip())
            item.setSizeHint(QSize(0, ROW))
            item.setData(Qt.ItemDataRole.UserRole, action.objectName())
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.none.setVisible(not fitting)
        self.list.setVisible(bool(fitting))

    def _fit(self, wanted: str, action: QAction) -> int | None:
        """How well letters fit the name of a command, or after all those its name in the other language."""
        words = self._window.words
        own, other = rank(wanted, action.text()), say(f"command.{action.objectName()}", words.other())
        foreign = rank(wanted, other) if own is None else None
        return own if foreign is None else FOREIGN + foreign

    def _actions(self) -> list[QAction]:
        actions = self._window.actions_
        every = [actions[command.id] for command in COMMANDS if command.id != "palette"]
        return [action for action in every if action.isEnabled()]

    def _choose(self) -> None:
        item = self.list.currentItem()
        self.accept()
        if item is not None:
            self._window.actions_[item.data(Qt.ItemDataRole.UserRole)].trigger()

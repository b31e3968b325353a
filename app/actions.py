"""The commands as Qt's actions: with words, keys and icons, on when they can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.commands import COMMANDS, TOOLS, Command
from app.theme import Tokens, icon

if TYPE_CHECKING:
    from app.main_window import MainWindow


PAUSE = 25
"""Milliseconds between two icons that nobody sees yet: what is drawn meanwhile comes first."""
AT_ONCE = {*TOOLS, "undo", "redo", "language", "theme"}
"""Buttons that are seen from the first moment on."""


class Actions(QObject):
    """The commands as Qt's actions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._unpainted: list[Command] = []
        self._painting = QTimer(self, interval=PAUSE)
        self._painting.timeout.connect(self._paint_next)
        tools = QActionGroup(self)
        for command in COMMANDS:
            action = self._actions[command.id] = self._make(command)
            if command.id.startswith("tool_"):
                tools.addAction(action)
        window.addActions(list(self._actions.values()))

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def refresh(self) -> None:
        """Ask of each command whether it can be done now."""
        for command in COMMANDS:
            action = self._actions[command.id]
            action.setEnabled(command.enabled(self._window))
            if command.checked is not None:
                action.setChecked(command.checked(self._window))

    def paint(self, tokens: Tokens) -> None:
        """Icons in the ink of the theme: those that are seen at once, the others when there is time."""
        self._tokens = tokens
        self._unpainted = sorted((c for c in COMMANDS if c.icon), key=lambda c: c.id not in AT_ONCE)
        while self._unpainted and self._unpainted[0].id in AT_ONCE:
            self._paint_next()
        self._painting.start()

    def _paint_next(self) -> None:
        if self._unpainted:
            command = self._unpainted.pop(0)
            self._actions[command.id].setIcon(icon(command.icon, self._tokens))
        else:
            self._painting.stop()

    def _run(self, command: Command) -> None:
        command.does(self._window)
        self.refresh()

    def _make(self, command: Command) -> QAction:
        action = QAction(self)
        action.setObjectName(command.id)
        action.setCheckable(command.checked is not None)
        if command.keys:
            action.setShortcut(QKeySequence(command.keys, QKeySequence.SequenceFormat.PortableText))
        action.triggered.connect(lambda: self._run(command))
        words = self._window.words
        words.bind(action.setText, f"command.{command.id}")
        words.bind(lambda text: action.setToolTip(_tip(text, command.keys)), f"command.{command.id}.tip")
        return action


def _tip(text: str, keys: str) -> str:
    return f"{text}  ({keys})" if keys else text

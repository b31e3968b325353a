"""The bar of the editing tools on the map's upper edge, and below it what the tool in the hand wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from app.actions import Actions
from app.theme import named
from app.words import Words

if TYPE_CHECKING:
    from app.drawing.tools import Tool

GROUPS = (
    ("add_feature", "move_vertex", "move_feature", "reshape"),
    ("split", "join", "cut_hole", "offset", "rotate", "delete"),
    ("undo", "redo"),
    ("snapping", "tracing", "sharing"),
)
"""The commands on the bar, by group."""
SORTS = ("snap_vertex", "snap_intersection", "snap_edge")
LEFT, TOP = 66, 12


class EditBar(QFrame):
    """The tools; a press on the one in the hand puts it down."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "tools")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(1)
        for number, group in enumerate(GROUPS):
            if number:
                rule = named(QFrame(), "rule")
                rule.setFixedSize(1, 22)
                row.addSpacing(3)
                row.addWidget(rule)
                row.addSpacing(3)
            for name in group:
                row.addWidget(_button(actions, name))
        self.setFixedSize(row.sizeHint())
        self.move(LEFT, TOP)


def _button(actions: Actions, name: str) -> QToolButton:
    button = named(QToolButton(), "tool")
    button.setDefaultAction(actions[name])
    button.setIconSize(QSize(18, 18))
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setFixedSize(46 if name == "snapping" else 32, 32)
    if name == "snapping":
        menu = QMenu(button)
        for sort in SORTS:
            menu.addAction(actions[sort])
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setProperty("split", True)
    return button


HEIGHT, AIR = 40, 12
"""Pixels: of the strip with one line, and beside it."""
ROUGH = 24
"""Pixels that lines of words are unequal."""


class Strip(QFrame):
    """What the tool in the hand wants, and the line for its numbers."""

    line: QLineEdit

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._words, self._map = words, parent
        named(self, "tools")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        row.setSpacing(8)
        self.target, self.hint = named(QLabel(), "strong"), named(QLabel(wordWrap=True), "hint")
        self.line = QLineEdit(clearButtonEnabled=True)
        self.done, self.cancel = (named(QToolButton(), "flat") for _ in range(2))
        for widget in (self.target, self.hint, self.line, self.done, self.cancel):
            row.addWidget(widget)
        words.bind(self.done.setText, "draw.done")
        words.bind(self.cancel.setText, "draw.cancel")
        self.hide()

    def show_tool(self, tool: Tool | None, target: str, hint: str) -> None:
        """Say what to do; a tool that takes a number asks for it, the others take positions."""
        say = self._words.say
        self.target.setText(target)
        self.target.setVisible(bool(target))
        self.hint.setText(say(hint))
        takes_number = tool is not None and tool.number is not None
        self.line.setFixedWidth(96 if takes_number else 236)
        unit = tool.unit if tool is not None else ""
        self.line.setPlaceholderText(say("draw.number", unit=unit) if takes_number else say("draw.position"))
        self.line.setVisible(hint != "draw.pick")
        self.done.setVisible(tool is not None and (tool.most > 2 or takes_number))
        self._settle()

    def tell_keys(self, which: str) -> None:
        """The hand is on the keys: say which of them do what."""
        self.hint.setText(self._words.say(f"draw.keys.{which}"))
        self._settle()

    def _settle(self) -> None:
        """What is to be done in one line, or in two where the map is narrow."""
        self.show()
        self.hint.ensurePolished()
        whole = self.hint.fontMetrics().horizontalAdvance(self.hint.text()) + 2
        self.hint.setFixedWidth(whole)
        self.setFixedHeight(HEIGHT)
        self.adjustSize()
        over = self.width() - (self._map.width() - LEFT - AIR)
        if over > 0:
            self.hint.setFixedWidth(max(whole - over, whole // 2 + ROUGH))
            self.setFixedHeight(HEIGHT + 8)
            self.adjustSize()
        self.move(LEFT, TOP + 48)
        self.raise_()

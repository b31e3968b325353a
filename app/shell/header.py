"""The bar at the top: word mark, menus, workspaces, search."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenuBar, QSizePolicy, QToolButton, QWidget

from app.actions import Actions
from app.commands import COMMANDS, MENUS
from app.shell.search import SearchBox
from app.theme import Tokens, named, pixmap
from app.words import Words

WORKSPACES = ("edit", "risk", "shelters", "print")
HEIGHT = 48
SEARCH, SMALLEST = 232, 120
"""Pixels of the search box, and what it may shrink to."""


class Header(QWidget):
    """One bar in place of title, menu and tool bars: the map needs the room. Signal: `worked(workspace)`."""

    search: SearchBox

    worked = Signal(str)

    def __init__(self, words: Words, actions: Actions, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._words = words
        self.mark = QLabel()
        self.name = named(QLabel(), "wordmark")
        words.bind(self.name.setText, "window.name")
        self.buttons: dict[str, QToolButton] = {}
        self.menus = self._menus(actions)
        self.search = SearchBox(words)
        self.tabs = self._tabs()
        self._lay_out(actions)
        words.changed.connect(self._settle)
        self.paint(tokens)

    def paint(self, tokens: Tokens) -> None:
        """The mark and the glass in the theme's colours."""
        self.mark.setPixmap(pixmap("riskatlas", tokens.accent, 26))
        self.search.paint(tokens)

    def show_workspace(self, name: str) -> None:
        """Which workspace is pressed."""
        self.tabs[name].setChecked(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a narrow window the name goes, then the search box gives up room; menus and switch stay."""
        row = self.layout()
        assert row is not None
        margins = row.contentsMargins()
        parts = (self.mark, self.name, self.menus, self.switch, *self.buttons.values())
        needs = [part.sizeHint().width() + row.spacing() for part in parts]
        lacking = sum(needs) + SEARCH + margins.left() + margins.right() - self.width()
        self.name.setVisible(lacking <= 0)
        if lacking > 0:
            lacking -= needs[1]
        self.search.setFixedWidth(max(SEARCH - max(lacking, 0), SMALLEST))

    def _settle(self) -> None:
        """Words of another language are longer: the switch of the workspaces asks for room again."""
        self._fit()
        self.switch.updateGeometry()
        for layout in (self.switch.layout(), self.layout()):
            assert layout is not None
            layout.invalidate()
            layout.activate()

    def _menus(self, actions: Actions) -> QMenuBar:
        bar = QMenuBar()
        bar.setNativeMenuBar(False)
        bar.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        bar.setFixedHeight(32)
        self.menu = {name: bar.addMenu("") for name in MENUS}
        for name, menu in self.menu.items():
            self._words.bind(menu.setTitle, f"menu.{name}")
        for command in COMMANDS:
            if command.menu:
                if command.begins:
                    self.menu[command.menu].addSeparator()
                self.menu[command.menu].addAction(actions[command.id])
        return bar

    def _tabs(self) -> dict[str, QToolButton]:
        group = QButtonGroup(self)
        tabs = {}
        for name in WORKSPACES:
            button = tabs[name] = named(QToolButton(), "workspace")
            button.setCheckable(True)
            self._words.bind(button.setText, f"workspace.{name}")
            self._words.bind(button.setToolTip, f"workspace.{name}.tip")
            button.clicked.connect(lambda _=False, name=name: self.worked.emit(name))
            group.addButton(button)
        tabs[WORKSPACES[0]].setChecked(True)
        return tabs

    def _lay_out(self, actions: Actions) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        for widget in (self.mark, self.name, self.menus):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self.switch = named(QWidget(), "workspaces")
        self.switch.setFixedHeight(36)
        self.switch.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inner = QHBoxLayout(self.switch)
        inner.setContentsMargins(3, 3, 3, 3)
        inner.setSpacing(2)
        for button in self.tabs.values():
            inner.addWidget(button)
        row.addWidget(self.switch)
        row.addStretch(1)
        row.addWidget(self.search)
        for name in ("undo", "redo", "language", "theme"):
            button = named(QToolButton(), "flat")
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setIconSize(QSize(18, 18))
            self.buttons[name] = button
            row.addWidget(button)

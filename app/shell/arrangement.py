"""How the window is arranged: docks, workspace, and what is seen of a project; remembered and laid out again.

It is kept a moment after something has changed, so it comes back after a crash too.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer

from app.orientation.recollection import Recollection

if TYPE_CHECKING:
    from app.main_window import MainWindow

VERSION = 2
"""Of the docks; an arrangement of another version is forgotten."""
LEFT, WIDEST, RIGHT, FOOT = 240, 304, 288, 152
"""Widths of the side panels and height of the list of tasks: the map keeps 55 % of 1366 × 768."""
LEFT_SHARE = 0.155
"""Of the window's width: on a wide screen the titles of layers have more room."""
REST = 1000
"""Milliseconds after a change in which nothing else changed."""


class Arrangement(QObject):
    """Lays the docks out when a project comes, and puts them away with it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.settings
        self._is_laid = False
        self.recollection = Recollection(window)
        self._plain = window.saveState(VERSION)
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self.keep)
        for dock in window.docks.values():
            dock.visibilityChanged.connect(self._touch)
            dock.dockLocationChanged.connect(self._touch)
            dock.topLevelChanged.connect(self._touch)
        side = window.workspaces.side
        side.changed.connect(self._touch)
        side.turned.connect(self._touch)
        stage = window.stage
        for told in (window.stack.changed, window.choice.changed, stage.selected, stage.swipe.changed):
            told.connect(self._touch)
        stage.time.moved.connect(self._touch)

    def lay(self) -> None:
        """Lay the docks out as they were, or put them away if no project is there."""
        window, project = self._window, self._window.desk.project
        if project is None:
            self._is_laid = False
            self._rest.stop()
            for dock in window.docks.values():
                dock.hide()
            return
        kept = self._settings.docks
        if kept.isEmpty() or not window.restoreState(kept, VERSION):
            self._lay_plainly()
        panel = self._settings.panel
        if panel and not self._is_laid and window.workspaces.side.has(panel):
            window.workspaces.side.show_panel(panel)
        self._recall()
        self._is_laid = True

    def reset(self) -> None:
        """As on the first day."""
        self._settings.docks = QByteArray()
        self._window.restoreState(self._plain, VERSION)
        self._lay_plainly()

    def keep(self) -> None:
        """Remember how all lies now."""
        window, project = self._window, self._window.desk.project
        if project is None or not self._is_laid:
            return
        window.stage.keep_view()
        self._settings.docks = window.saveState(VERSION)
        self._settings.panel = window.workspaces.side.panel
        self._settings.keep_scene(project.path, json.dumps(self.recollection.told()))

    def _lay_plainly(self) -> None:
        window, horizontal = self._window, Qt.Orientation.Horizontal
        for name, dock in window.docks.items():
            dock.setFloating(False)
            dock.setVisible(name == "left")
        window.docks["right"].setVisible(window.workspaces.side.workspace != "edit")
        left = min(max(LEFT, round(LEFT_SHARE * window.width())), WIDEST)
        window.resizeDocks([window.docks["left"], window.docks["right"]], [left, RIGHT], horizontal)
        window.resizeDocks([window.docks["tasks"]], [FOOT], Qt.Orientation.Vertical)

    def _recall(self) -> None:
        """Show what was looked at last; what cannot be read is forgotten."""
        project = self._window.desk.project
        assert project is not None
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            self.recollection.recall(json.loads(self._settings.scene_of(project.path)))

    def _touch(self, *_: object) -> None:
        if self._is_laid:
            self._rest.start()

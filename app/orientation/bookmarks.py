"""Bookmarks: places of a project that one comes back to, kept in the project by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from app.canvas.viewport import Viewport
from app.panels.parts import column, hint
from app.theme import named
from app.words import Words
from layers.changes import Change, Edit
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

PREFIX = "bookmark:"
BOOKMARK = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Bookmark:
    """A place: its middle on the plane and metres a pixel."""

    name: str
    x: float
    y: float
    scale: float


def bookmarks(project: ProjectFile) -> tuple[Bookmark, ...]:
    """The bookmarks of a project, by name; what cannot be read is left out."""
    found = []
    for key, row in project.table("settings").items():
        if key.startswith(PREFIX):
            try:
                x, y, scale = map(float, json.loads(str(row["value"])))
            except (ValueError, TypeError):
                continue
            found.append(Bookmark(key.removeprefix(PREFIX), x, y, scale))
    return tuple(sorted(found, key=lambda bookmark: bookmark.name))


def kept(project: ProjectFile, bookmark: Bookmark, title: str) -> Edit:
    """The edit that keeps a bookmark, in place of one of the same name."""
    key = PREFIX + bookmark.name
    place = json.dumps([round(bookmark.x, 2), round(bookmark.y, 2), round(bookmark.scale, 4)])
    return Edit(title, (Change("settings", key, project.table("settings").get(key), {"value": place}),))


def dropped(project: ProjectFile, name: str, title: str) -> Edit:
    """The edit that drops one."""
    key = PREFIX + name
    return Edit(title, (Change("settings", key, project.table("settings")[key], None),))


class BookmarksPage(QDialog):
    """The list. Signals: `gone(Bookmark)`, `named_(name)` keep what is seen, `unwanted(name)`."""

    gone = Signal(object)
    named_ = Signal(str)
    unwanted = Signal(str)

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(words.say("bookmarks.title"))
        self.setMinimumSize(340, 360)
        self.list = QListWidget()
        self.empty = hint(words, "bookmarks.empty")
        self.name = QLineEdit()
        self.name.setPlaceholderText(words.say("bookmarks.name"))
        self.keep = named(QPushButton(words.say("bookmarks.keep")), "primary")
        self.drop = QPushButton(words.say("bookmarks.drop"))
        self.go = QPushButton(words.say("bookmarks.go"))
        layout = column(self, 16, 12)
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.name, 1)
        above.addWidget(self.keep)
        below.addWidget(self.drop)
        below.addStretch(1)
        below.addWidget(self.go)
        layout.addLayout(above)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        layout.addLayout(below)
        self.keep.clicked.connect(self._keep)
        self.name.returnPressed.connect(self._keep)
        self.go.clicked.connect(self._go)
        self.drop.clicked.connect(self._drop)
        self.list.itemActivated.connect(self._go)

    def fill(self, found: tuple[Bookmark, ...]) -> None:
        """Show these."""
        self.list.clear()
        for bookmark in found:
            item = QListWidgetItem(bookmark.name)
            item.setData(BOOKMARK, bookmark)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.empty.setVisible(not found)
        for widget in (self.list, self.go, self.drop):
            widget.setVisible(bool(found))

    def _keep(self) -> None:
        if self.name.text().strip():
            self.named_.emit(self.name.text().strip()[:60])
            self.name.clear()

    def _go(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.gone.emit(item.data(BOOKMARK))

    def _drop(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.unwanted.emit(item.data(BOOKMARK).name)


class Bookmarks:
    """What the commands of bookmarks do."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.page: BookmarksPage | None = None

    def open(self) -> None:
        """Show the list."""
        page = self.page = BookmarksPage(self._window.words, self._window)
        page.gone.connect(self.go_to)
        page.named_.connect(self.keep)
        page.unwanted.connect(self.drop)
        self._fill()
        page.name.setFocus()
        page.open()

    def keep(self, name: str) -> None:
        """Keep what is seen under a name."""
        view, project = self._window.stage.map.view, self._window.desk.project
        if project is not None and self._window.desk.can_edit:
            bookmark = Bookmark(name, view.x, view.y, view.scale)
            self._window.store(kept(project, bookmark, self._window.words.say("edit.bookmark", name=name)))
            self._fill()

    def drop(self, name: str) -> None:
        """Drop one; undo brings it back."""
        project = self._window.desk.project
        if project is not None and self._window.desk.can_edit:
            self._window.store(dropped(project, name, self._window.words.say("edit.unbookmark", name=name)))
            self._fill()

    def go_to(self, bookmark: Bookmark) -> None:
        """Show a place."""
        shown = self._window.stage.map
        shown.show_at(Viewport(bookmark.x, bookmark.y, bookmark.scale, shown.width(), shown.height()))

    def find(self, text: str) -> tuple[Bookmark, ...]:
        """Those whose name holds a text."""
        project = self._window.desk.project
        wanted = text.strip().casefold()
        if project is None or not wanted:
            return ()
        return tuple(each for each in bookmarks(project) if wanted in each.name.casefold())

    def _fill(self) -> None:
        if self.page is not None and self._window.desk.project is not None:
            self.page.fill(bookmarks(self._window.desk.project))

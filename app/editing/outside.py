"""Other programs at the same file: said when a project is opened, and when the window comes to the front."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from app.stack import title_of
from app.theme import the_application
from layers.changes import Edit
from layers.progress import Progress
from layers.storage import outside
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

NAMED = 3
"""Layers that a notice names."""
LATER = 1500
"""Milliseconds after an opening, in which all panels read the project, before it is signed for later."""


class Outside(QObject):
    """Compares the open project with what this window knows of it.

    What others changed in small layers is entered in the journal and shown; of large ones it is told.
    Nothing is overwritten: the project refuses an edit of a row that is no longer as it was.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._known: outside.Signature | None = None
        self._version = 0
        self._own: set[str] = set()
        self._later = QTimer(self, interval=LATER, singleShot=True)
        self._later.timeout.connect(lambda: self._ask(outside.signature, self._note))
        window.desk.changed.connect(self._follow)
        the_application().applicationStateChanged.connect(self._wake)

    def look(self) -> None:
        """Whether somebody else has written the file since it was last looked at."""
        window, known = self._window, self._known
        if known is None or window.is_storing or self._read_version() == self._version:
            return
        self._known = None

        def done(now: outside.Signature) -> None:
            names, own = set(outside.differing(known, now)), set(self._own)
            self._note(now)
            tell = lambda left: self._say("outside.now", left - own, "outside.reload", self.reload)  # noqa: E731
            self._record(names, tell)

        self._ask(outside.signature, done)

    def reload(self) -> None:
        """Read the project anew; what is looked at stays."""
        project = self._window.desk.project
        if project is not None:
            self._window.files.close()
            self._window.files.open_path(project.path)

    def _follow(self, tables: frozenset[str]) -> None:
        self._own |= tables
        if "project" not in tables:
            return
        self._known = None
        self._later.stop()
        if not self._window.desk.can_edit:
            return

        def done(names: tuple[str, ...]) -> None:
            self._later.start()
            check = self._window.actions_["check"].trigger
            tell = lambda left: self._say("outside.before", left, "outside.check", check)  # noqa: E731
            self._record(set(names), tell)

        self._ask(outside.changed, done)

    def _ask(self, question: Callable[[sqlite3.Connection], object], done: Callable[..., None]) -> None:
        """Ask the file in a task; an answer about a project that has been put away is forgotten."""
        window, project = self._window, self._window.desk.project

        def work(own: ProjectFile, progress: Progress) -> object:
            with own.asking() as connection:
                return question(connection)

        def take(answer: object) -> None:
            if window.desk.project is project:
                done(answer)

        window.tasks.start(window.words.say("task.survey"), window.desk.reading(work), take, quiet=True)

    def _record(self, names: set[str], then: Callable[[set[str]], None]) -> None:
        """Enter what was changed in the journal; `then` is told of layers of which nothing was entered."""
        window, project = self._window, self._window.desk.project
        if not names:
            return
        window.is_storing = True
        window.actions_.refresh()
        say, check = window.words.say, window.actions_["check"].trigger

        def done(edit: Edit | None) -> None:
            window.stored()
            if window.desk.project is project:
                window.desk.tell(edit)
                entered = set() if edit is None else set(edit.tables)
                self._say("outside.recorded", entered, "outside.check", check)
                then(names - entered)

        work = window.desk.recording(frozenset(names), say("edit.outside"))
        window.tasks.start(say("task.survey"), work, done, finished=window.stored, quiet=True)

    def _note(self, now: outside.Signature) -> None:
        self._known, self._own, self._version = now, set(), self._read_version()

    def _read_version(self) -> int:
        project = self._window.desk.project
        if project is None:
            return 0
        with project.asking() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def _say(self, key: str, names: set[str], action: str, does: Callable[[], object]) -> None:
        window = self._window
        if not names:
            return
        say, language = window.words.say, window.words.language
        entries = {name: window.stack.entry(name) for name in sorted(names)}
        titles = [title_of(entry, language) if entry else name for name, entry in entries.items()]
        listed = say("outside.and").join(titles[:NAMED])
        if len(titles) > NAMED:
            listed = say("outside.more", layers=listed, number=len(titles) - NAMED)
        window.notices.say(say(key, layers=listed), "warning", (say(action), does))

    def _wake(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive and self._window.desk.can_edit:
            self.look()

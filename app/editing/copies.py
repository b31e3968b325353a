"""Projects on network drives at the window: edited in a local working copy, sent back when one wants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from app.editing.conflicts import ConflictsPage
from layers.editing.merging import Choice
from layers.errors import BadInput, CannotWrite
from layers.progress import Progress
from layers.storage import working_copy
from layers.storage.place import is_remote
from layers.storage.renewal import Renewal, compare, renewed
from layers.storage.working_copy import WorkingCopy

if TYPE_CHECKING:
    from app.main_window import MainWindow

Chosen = dict[tuple[str, str, str], Choice]


def place_of(path: Path, progress: Progress) -> Path:
    """What is opened for a project: on a network drive its working copy.

    Where there can be none (no room, somebody has it open) the project is opened as it is, to be looked at.
    """
    known = working_copy.find(path)
    if not is_remote(path) and (known is None or path.exists()):
        return path
    try:
        return working_copy.fetch(path, progress).path
    except CannotWrite:
        return path


class Copies(QObject):
    """The working copy that lies on the desk, if one does."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._say = window.words.say
        self.copy: WorkingCopy | None = None
        self.page: ConflictsPage | None = None
        self.question: QMessageBox | None = None

    def take(self, path: Path) -> Path:
        """A project was opened: say if it is a working copy; returns what is to be remembered of it."""
        self.copy = working_copy.of(path)
        if self.copy is None:
            return path
        unsent = self.copy.unsent
        key = "notice.copy_unsent" if unsent else "notice.copy"
        date = self.copy.date[:16].replace("T", " ")
        said = self._say(key, path=self.copy.original, count=unsent, date=date)
        self._window.notices.say(said, "warning")
        return self.copy.original

    @property
    def is_open(self) -> bool:
        """Whether a working copy lies on the desk."""
        project = self._window.desk.project
        return self.copy is not None and project is not None and project.path == self.copy.path

    def send(self) -> None:
        """Put the copy in the original's place, whole; ask if somebody has changed that meanwhile."""
        copy = self.copy
        assert copy is not None

        def work(progress: Progress) -> WorkingCopy | BadInput:
            try:
                return working_copy.send(copy, progress)
            except BadInput as error:
                if error.key != "original_changed":
                    raise
                return error

        self._window.tasks.start(self._say("task.send_back"), work, self._sent)

    def _sent(self, done: WorkingCopy | BadInput) -> None:
        if isinstance(done, BadInput):
            self._ask(done)
            return
        self.copy = done
        self._window.notices.say(self._say("notice.sent_back", path=done.original))

    def _ask(self, error: BadInput) -> None:
        """Somebody has changed the original: offer to merge."""
        page = self.question = QMessageBox(self._window)
        page.setWindowTitle(self._say("command.send_back"))
        page.setText(error.say(self._window.words.language))
        merge = page.addButton(self._say("copies.merge"), QMessageBox.ButtonRole.AcceptRole)
        page.addButton(self._say("copies.later"), QMessageBox.ButtonRole.RejectRole)
        merge.clicked.connect(lambda: self.merge())
        page.open()

    def merge(self, choices: Chosen | None = None) -> None:
        """Bring in what the others did, as one edit; then send the copy back."""
        copy, chosen = self.copy, dict(choices or {})
        assert copy is not None
        work = self._window.desk.reading(lambda own, progress: compare(copy, own, chosen, progress))
        done = lambda found: self._take(found, chosen)  # noqa: E731
        self._window.tasks.start(self._say("task.merge"), work, done)

    def _take(self, found: Renewal, chosen: Chosen) -> None:
        project, copy = self._window.desk.project, self.copy
        assert project is not None
        assert copy is not None
        if found.merged.undecided:
            page = self.page = ConflictsPage(found.merged.undecided, self._window)
            page.accepted.connect(lambda: self.merge({**chosen, **page.choices}))
            page.open()
            return
        for title in found.left:
            self._window.notices.say(self._say("notice.copy_left", title=title), "warning")
        edit = renewed(found, project, self._say("edit.renew"))

        def kept() -> None:
            self.copy = working_copy.keep(copy, found.checksum)
            self.send()

        if edit is None:
            kept()
        else:
            self._window.store(edit, kept)

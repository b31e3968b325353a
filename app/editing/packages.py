"""Work packages at the window: handed out for the chosen region, brought home with every conflict shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.choice import CITY
from app.editing.conflicts import ConflictsPage
from layers.changes import Edit
from layers.editing.merging import Choice, Choices
from layers.errors import KnownError
from layers.progress import Progress
from layers.storage import homecoming, package
from layers.storage.attachments import bring_files
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Packages(QObject):
    """Out and back."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._say = window.words.say
        self.page: ConflictsPage | None = None

    def ask_where(self) -> None:
        """Hand out the package of the region that is looked at."""
        region = self._window.choice.region
        if region in {"", CITY}:
            self._window.notices.say(self._say("notice.choose_region"), "warning")
            return
        name = self._say("package.file", region=region)
        chosen, _ = QFileDialog.getSaveFileName(self._window, self._say("command.checkout"), name, "*.gpkg")
        if chosen:
            self.lend(region, Path(chosen).with_suffix(".gpkg"))

    def lend(self, region: str, path: Path) -> None:
        """Write a region's package; the project remembers it."""
        work = self._window.desk.reading(
            lambda own, progress: package.checkout(own, region, path, progress=progress)
        )

        def done(made: tuple[package.Card, Edit]) -> None:
            self._window.store(made[1], lambda: self._window.files.wrote(path))

        self._window.tasks.start(self._say("task.checkout"), work, done)

    def ask_which(self) -> None:
        """Choose a returned package."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, self._say("command.bring_home"), "", "*.gpkg")
        if chosen:
            self.bring_home(Path(chosen))

    def bring_home(self, path: Path, choices: Choices | None = None) -> None:
        """Compare a returned package with the project; ask about what both changed; store it as one edit."""
        chosen = dict(choices or {})
        work = self._window.desk.reading(lambda own, progress: _compared(own, path, chosen, progress))
        self._window.tasks.start(self._say("task.merge"), work, lambda found: self._take(found, path, chosen))

    def _take(self, found: homecoming.Return, path: Path, chosen: dict[tuple[str, str, str], Choice]) -> None:
        if found.merged.undecided:
            page = self.page = ConflictsPage(found.merged.undecided, self._window)
            page.accepted.connect(lambda: self.bring_home(path, {**chosen, **page.choices}))
            page.open()
            return
        if found.outside:
            names = "、".join(each.name for each in found.outside[:10])
            said = self._say("notice.outside", count=len(found.outside), names=names)
            self._window.notices.say(said, "warning")
        project = self._window.desk.project
        assert project is not None
        for title in found.strangers:
            self._window.notices.say(self._say("cli.stranger", layer=title), "warning")
        name = self._say("edit.merge", name=found.card.name, date=found.card.date[:10])
        edit = homecoming.edit_of(found, project, chosen, name)
        count = len(found.merged.changes)
        sentence = self._say("notice.merged", name=found.card.name, count=count)
        if edit is None:
            self._window.notices.say(sentence)
        else:
            self._carry(path, edit)
            self._window.store(edit, lambda: self._window.notices.say(sentence))

    def _carry(self, path: Path, edit: Edit) -> None:
        """The photos that came with the package; without them the notes still come home."""
        project = self._window.desk.project
        assert project is not None
        try:
            bring_files(path, project, edit)
        except KnownError as error:
            self._window.notices.say(error.say(self._window.words.language), "error")


def _compared(own: ProjectFile, path: Path, chosen: Choices, progress: Progress) -> homecoming.Return:
    with ProjectFile.open(path, read_only=True) as returned:
        return homecoming.bring_home(own, returned, chosen, progress)

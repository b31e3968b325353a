"""Files on the way in and out: new, open, sample, import, export, share. Dialogs ask; tasks do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd
from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog

from app.desk import LONG
from app.doors.imported import ImportPage, lines_of
from app.doors.questions import Question, QuestionPage, question_of
from app.editing.copies import Copies, place_of
from app.stack import group_of, style_of, title_of
from app.whole import whole_file
from layers.changes import Edit
from layers.editing import EditSession
from layers.errors import KnownError, UnknownCrs
from layers.progress import Progress, ignore, part
from layers.storage.crs import named_crs
from layers.storage.export import Exported
from layers.storage.formats import Imported, write_file
from layers.storage.geopackage import ProjectFile, load
from layers.storage.surroundings import Doubt, read_files
from layers.words import Language

if TYPE_CHECKING:
    from app.main_window import MainWindow

Session = tuple[ProjectFile, EditSession]
Read = tuple[Edit, list[Imported]]
Answers = dict[Path | Doubt, dict[str, str]]
"""What was answered about single files, and about all of which the same is in doubt."""
MOST_NOTES = 2
"""Notes of an import that pass by; more of them are listed."""


def opened(path: Path, progress: Progress = ignore) -> Session:
    """The project and its history, read in a worker: a long journal takes its time."""
    project = ProjectFile.open(place_of(path, progress))
    try:
        refuse_unknown_crs(project)
        for entry in project.layers():  # read and counted here, where the window does not wait for it
            group_of(entry)
            with suppress(KnownError):  # told by who draws it
                _ = [style_of(entry, language) for language in get_args(Language)]
        return project, EditSession(project)
    except BaseException:
        project.close()
        raise


def sample_folder() -> Path:
    """Where the sample project lies: the user's own documents."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place or Path.home()) / "riskatlas"


def refuse_unknown_crs(project: ProjectFile) -> None:
    """Nothing can be drawn or reckoned where nobody knows.

    Raises
    ------
    UnknownCrs
        Of the project.
    """
    try:
        named_crs(project.crs)
    except UnknownCrs as error:
        raise UnknownCrs("project_crs_unknown", path=project.path, crs=project.crs) from error


class Files(QObject):
    """What the window does with files."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._say = window.words.say
        self.copies: Copies = Copies(window)
        self.report: ImportPage | None = None

    # --- projects --------------------------------------------------------------------------------------

    def open(self) -> None:
        """Ask for a project and open it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, self._say("dialog.open"), self._folder(), self._say("dialog.projects")
        )
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Open a project."""
        self._lay(self._say("task.open", name=path.stem), lambda progress: opened(path, progress))

    def create(self) -> None:
        """Ask for a place and begin a new project there."""
        path = self._ask_place(
            self._say("dialog.new"), self._say("dialog.unnamed"), self._say("dialog.projects")
        )
        if path is not None:
            self._lay(self._say("task.create"), lambda progress: _created(path))

    def open_sample(self) -> None:
        """Open the sample project; it is made when it is wanted for the first time."""
        path, language = self._window.sample_path, self._window.words.language

        def work(progress: Progress) -> Session:
            if not path.exists():
                from app.doors.sample_project import make_sample_project  # the window opens sooner without it

                with whole_file(path) as draft:
                    make_sample_project(draft, language, part(progress, 0.0, 0.97))
            return opened(path)

        self._lay(self._say("task.sample" if not path.exists() else "task.open", name=path.stem), work)

    def close(self) -> None:
        """Put the project away."""
        self._window.arrangement.keep()
        self._window.desk.close()

    def _lay(self, title: str, work: Callable[[Progress], Session]) -> None:
        """Make or open a project in a task, then put it on the desk; the one before is closed there too."""
        if self._window.is_storing:
            self._window.notices.say(self._say("notice.busy"), "warning")
            return
        close = self._window.desk.clear()

        def next_one(progress: Progress) -> Session:
            close(LONG)
            return work(progress)

        self._window.tasks.start(title, next_one, self._take)

    def _take(self, session: Session) -> None:
        self._window.desk.lay(*session)
        self._window.settings.remember(self.copies.take(session[0].path))
        for damage in session[0].damages():
            self._window.tasks.told.emit(damage)

    # --- in --------------------------------------------------------------------------------------------

    def ask_import(self) -> None:
        """Ask for files and bring them in."""
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window, self._say("dialog.import"), self._folder(), self._say("dialog.layers")
        )
        if chosen:
            self.bring([Path(path) for path in chosen])

    def dropped(self, paths: Sequence[Path]) -> None:
        """Files were dropped on the window: a project is opened, all else is imported."""
        projects = [path for path in paths if path.suffix.lower() == ".gpkg" and _is_project(path)]
        if projects:
            self.open_path(projects[0])
        elif self._window.desk.can_edit:
            self.bring(list(paths))
        else:
            self._window.notices.say(self._say("notice.no_project"), "warning")

    def bring(self, paths: list[Path], answers: Answers | None = None) -> None:
        """Import files: read in a task, stored as one edit. What a file cannot tell is asked once."""
        project = self._window.desk.project
        assert project is not None
        name = self._say("edit.import", files="、".join(path.stem for path in paths[:3]))
        known, language = answers or {}, self._window.words.language
        work = self._window.desk.reading(
            lambda own, progress: _read_all(own, paths, name, known, language, progress)
        )
        done = lambda read: self._store(read, paths, known)  # noqa: E731
        self._window.tasks.start(self._say("task.import", number=len(paths)), work, done)

    def _store(self, read: Read | Question, paths: list[Path], known: Answers) -> None:
        if isinstance(read, Question):
            self._ask(read, paths, known)
            return
        edit, found = read
        self._window.store(edit, lambda: self._show_imported(edit))
        lines = lines_of(found, self._window.words)
        if any(each.skipped or each.altered for each in found) or len(lines) > MOST_NOTES:
            self.report = ImportPage(lines, self._window)
            self.report.show()
            return
        for *_, note in lines:
            self._window.notices.say(note, "warning")

    def _show_imported(self, edit: Edit) -> None:
        """What came in is seen and chosen, and one word away."""
        window = self._window
        names = [change.key for change in edit.changes if change.table == "layers"]
        for name in names:
            window.stack.see(name, True)
        window.layers.choose(names[-1])
        entries = [entry for entry in window.stack.entries if entry.name in names]
        listed = "、".join(title_of(entry, window.words.language) for entry in entries[:3])
        rows = f"{sum(entry.rows for entry in entries):,}"
        zoom = (self._say("notice.imported.zoom"), lambda: window.wayfinding.show_layer(names[-1]))
        window.notices.say(self._say("notice.imported", layers=listed, rows=rows), action=zoom)

    def _ask(self, question: Question, paths: list[Path], known: Answers) -> None:
        """Ask, and read again with the answer."""
        page = self.page = QuestionPage(question, self._window.words, self._window, several=len(paths) > 1)
        page.accepted.connect(lambda: self.bring(paths, {**known, page.about: page.answer}))
        page.open()

    # --- out -------------------------------------------------------------------------------------------

    def export_layer(self, name: str = "") -> None:
        """Ask for a file and write a layer to it."""
        entry = self._window.stack.entry(name or self._window.layers.chosen)
        if entry is None or entry.geometry == "raster":
            self._window.notices.say(self._say("notice.choose_layer"), "warning")
            return
        path = self._ask_place(
            self._say("dialog.export"), entry.title or entry.name, self._say("dialog.vectors")
        )
        if path is not None:
            work = self._window.desk.reading(
                lambda own, progress: write_file(own.read(entry.name), path), outlives=True
            )
            self._window.tasks.start(self._say("task.export"), work, self._exported)

    def _exported(self, done: Exported) -> None:
        """Say what was written, and what such a file cannot carry."""
        self.wrote(done.paths[0])
        for note in done.notes:
            self._window.notices.say(self._say(note.key, **note.facts), "warning")

    def export_table(self, frame: pd.DataFrame, name: str) -> None:
        """Ask for a file and write a table to it, as the command line does."""
        path = self._ask_place(self._say("dialog.export"), name, self._say("dialog.tables"))
        if path is not None:
            self.write_table(frame, name, path)

    def write_table(self, frame: pd.DataFrame, name: str, path: Path) -> None:
        """Write a table as XLSX or CSV."""
        work = lambda progress: _write_table(frame, name, path)  # noqa: E731
        self._window.tasks.start(self._say("task.export"), work, lambda _: self.wrote(path))

    def share(self) -> None:
        """Ask for a file and make the offline web map."""
        path = self._ask_place(self._say("dialog.share"), "map", "HTML (*.html)")
        if path is not None:
            language = self._window.words.language
            work = self._window.desk.reading(
                lambda own, progress: _share(own, path, language, progress), outlives=True
            )
            self._window.tasks.start(self._say("task.share"), work, lambda _: self.wrote(path))

    def wrote(self, path: Path) -> None:
        """Say that a file was written."""
        self._window.notices.say(self._say("notice.wrote", path=path))

    # --- asking ----------------------------------------------------------------------------------------

    def _folder(self) -> str:
        return self._window.settings.folder or str(Path.home())

    def _ask_place(self, title: str, name: str, kinds: str) -> Path | None:
        start = str(Path(self._folder()) / name)
        chosen, kind = QFileDialog.getSaveFileName(self._window, title, start, kinds)
        if not chosen:
            return None
        path = Path(chosen)
        self._window.settings.folder = str(path.parent)
        return path if path.suffix else path.with_suffix(kind[kind.rfind("*.") + 1 : kind.rfind(")")])


def _created(path: Path) -> Session:
    path.unlink(missing_ok=True)  # the dialog has asked whether to replace it
    ProjectFile.create(path).close()
    return opened(path)


def _is_project(path: Path) -> bool:
    try:
        ProjectFile.open(path, read_only=True).close()
    except Exception:  # any GeoPackage that is no project of ours is a layer to import
        return False
    return True


def _read_all(
    project: ProjectFile, paths: list[Path], name: str, known: Answers, language: Language, progress: Progress
) -> Read | Question:
    """Read the files one after the other, tested against what the project knows of its place."""
    try:
        answers = {about: said for about, said in known.items() if isinstance(about, Path)}
        alike = {about: said for about, said in known.items() if not isinstance(about, Path)}
        found = read_files(project, paths, answers=answers, alike=alike, language=language, progress=progress)
    except UnknownCrs as error:
        question = question_of(error, project)
        if question is None:
            raise
        return question
    return load(name, [each.layer for each in found], project), found


def _write_table(frame: pd.DataFrame, name: str, path: Path) -> None:
    from layers.reports.spreadsheet import write_csv, write_tables

    if path.suffix.lower() == ".csv":
        write_csv(path, frame)
    else:
        write_tables(path, {name: frame})


def _share(project: ProjectFile, path: Path, language: Any, progress: Progress) -> None:
    from layers.reports.webmap import share

    share(project, path, language, progress)

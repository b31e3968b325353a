"""The desk: the project that lies open, as the window sees it. Nothing else changes it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.garbage import let_go, unsought
from layers.changes import Edit
from layers.editing import EditSession
from layers.progress import Cancelled, Progress
from layers.storage import outside
from layers.storage.geopackage import ProjectFile

T = TypeVar("T")

MANY = 10_000
"""Changes of an edit that are put down one by one."""
SHORT, LONG = 0.3, 10.0
"""Seconds that a project waits for those who still read it before it is put away; beside the window, for
those who will stop."""
OTHER_PROJECT = frozenset({"project", "layers"})
"""What is told when another project lies on the desk, or none."""


class Desk(QObject):
    """One project at a time.

    Its one signal, `changed(tables)`, names the tables that are no longer what they were: ``layers`` is the
    list of layers, a layer's name its rows, ``project`` the project itself. `leaving` comes before the
    project is put away: whoever holds something that was typed writes it now; then `parting`: whoever reads
    the file lets it go, for only a file that nobody reads becomes one again.
    """

    changed = Signal(object)
    leaving = Signal()
    parting = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project: ProjectFile | None = None
        self.session: EditSession | None = None
        self.told: Edit | None = None
        """The edit that `changed` tells of; none if it is another project."""
        self._readers: set[_Reader] = set()
        self._read = threading.Condition()

    def lay(self, project: ProjectFile, session: EditSession) -> None:
        """Put an open project and its history on the desk; the one before is closed."""
        self._taken_off()(SHORT)
        self.project, self.session = project, session
        self.changed.emit(OTHER_PROJECT)

    def open(self, path: Path) -> None:
        """Open a project."""
        project = ProjectFile.open(path)
        self.lay(project, EditSession(project))

    def create(self, path: Path, name: str) -> None:
        """Begin a new project."""
        project = ProjectFile.create(path, name=name)
        self.lay(project, EditSession(project))

    def close(self) -> None:
        """Put the project away; it is one file then."""
        self.clear()(SHORT)

    def clear(self) -> Callable[[float], None]:
        """Take the project off the desk; what is given back closes it, in whatever thread.

        Its number are the seconds to wait at most for who still reads, and will stop.
        """
        was_open, close = self.project is not None, self._taken_off()
        if was_open:
            self.changed.emit(OTHER_PROJECT)
        return close

    def do(self, edit: Edit) -> None:
        """Carry out an edit."""
        assert self.session is not None
        self.tell(self.session.do(edit))

    def storing(self, edit: Edit) -> Callable[[Progress], Edit]:
        """The work of carrying out a large edit, for a task; `tell` it when it is done."""
        session = self.session
        assert session is not None
        return unsought(lambda progress: session.do(edit))

    def recording(self, layers: frozenset[str], title: str) -> Callable[[Progress], Edit | None]:
        """The work of entering what other programs changed in layers; `tell` it when it is done."""
        project, session = self.project, self.session
        assert project is not None
        assert session is not None

        def record(progress: Progress) -> Edit | None:
            found = outside.record(project, layers, title)
            if found is None:
                return None
            session.take_up(found[0])
            return found[1]

        return record

    def undo(self) -> None:
        """Take the last edit back."""
        assert self.session is not None
        self.tell(self.session.undo())

    def redo(self) -> None:
        """Do again what was undone."""
        assert self.session is not None
        self.tell(self.session.redo())

    @property
    def can_edit(self) -> bool:
        """Whether there is a project that may be written."""
        return self.project is not None and not self.project.read_only

    def reading(
        self, work: Callable[[ProjectFile, Progress], T], *, outlives: bool = False
    ) -> Callable[[Progress], T]:
        """Work for a task: it reads the project through a door of its own, for its own thread.

        When the project has been put away meanwhile, nobody wants the result, which would be taken for one of
        the next project: the work stops. Files that are written outlive it.
        """
        assert self.project is not None
        held, path, reader = self.project, self.project.path, _Reader(self.project, outlives)

        def go_on() -> None:
            if self.project is not held and not outlives:
                raise Cancelled

        def read(progress: Progress) -> T:
            def watch(fraction: float) -> None:
                go_on()
                progress(fraction)

            with self._read:
                self._readers.add(reader)
            try:
                go_on()
                with ProjectFile.open(path, read_only=True) as project:
                    found = work(project, watch)
                go_on()
                return found
            finally:
                with self._read:
                    self._readers.remove(reader)
                    self._read.notify_all()

        return read

    def tell(self, edit: Edit | None) -> None:
        """Say which tables an edit that was carried out has touched."""
        if edit is not None:
            listed = edit.changes if "layers" in edit.tables else ()
            loaded = frozenset(change.key for change in listed if change.table == "layers")
            self.told = edit
            self.changed.emit(edit.tables | loaded)
            self.told = None
            if isinstance(edit.changes, tuple) and len(edit.changes) > MANY:
                let_go(edit.changes)

    def _taken_off(self) -> Callable[[float], None]:
        if self.project is None:
            return lambda seconds: None
        self.leaving.emit()
        self.parting.emit()
        project, self.project, self.session = self.project, None, None

        def close(seconds: float) -> None:
            with self._read:
                self._read.wait_for(lambda: not self._reads(project, outliving=False), seconds)
                self._read.wait_for(lambda: not self._reads(project, outliving=True), SHORT)
            project.close()

        return close

    def _reads(self, project: ProjectFile, *, outliving: bool) -> bool:
        return any(r.project is project and r.outlives == outliving for r in self._readers)


@dataclass(frozen=True, eq=False)
class _Reader:
    """Work that reads a project; it stops when the project is put away, unless it outlives it."""

    project: ProjectFile
    outlives: bool

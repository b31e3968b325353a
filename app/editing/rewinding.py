"""Going back and forward in what was done, many steps at once, off the GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.garbage import unsought
from layers.changes import Edit
from layers.progress import Progress
from layers.storage.geopackage import ProjectFile
from layers.storage.journal import weight

if TYPE_CHECKING:
    from app.main_window import MainWindow

HEAVY = 300_000
"""Bytes of an edit in the journal above which it is undone in a task."""
FOLLOWED = 20
"""Steps up to which the map follows each; after more it is read anew."""


def go_to(window: MainWindow, number: int) -> None:
    """Undo or redo until the edit of that number is the last that stands."""
    session = window.desk.session
    if session is None or not window.desk.can_edit or window.is_storing:
        return
    held, made = session, list[Edit]()
    far = abs(_place(held.done, number) - len(held.done)) if number in held.done or not number else 0
    far = far or len(held.undone[: held.undone.index(number) + 1])

    def work(progress: Progress) -> None:
        for count, edit in enumerate(held.go_to(number), start=1):
            made.append(edit)
            progress(count / far)

    def finished() -> None:
        window.is_storing = False
        if len(made) <= FOLLOWED:
            for edit in made:
                window.desk.tell(edit)
        elif made:
            window.desk.changed.emit(frozenset().union(*(edit.tables for edit in made)) | {"layers"})
        window.actions_.refresh()

    window.is_storing = True
    window.actions_.refresh()
    window.tasks.start(window.words.say("task.rewind"), unsought(work), finished=finished)


def turn(window: MainWindow, way: Literal["undo", "redo"]) -> None:
    """One step back or forward; a large one off the GUI thread."""
    desk = window.desk
    session, project = desk.session, desk.project
    if session is None or project is None or window.is_storing:
        return
    next_ = session.done[-1:] if way == "undo" else session.undone[:1]
    if not next_ or _weight(project, next_[0]) <= HEAVY:
        desk.undo() if way == "undo" else desk.redo()
        return

    def finished() -> None:
        window.is_storing = False
        window.actions_.refresh()

    window.is_storing = True
    window.actions_.refresh()
    step = session.undo if way == "undo" else session.redo
    title = window.words.say("task.rewind")
    window.tasks.start(title, unsought(lambda progress: step()), desk.tell, finished=finished)


def _weight(project: ProjectFile, number: int) -> int:
    """Bytes that an edit takes in the journal."""
    with project.asking() as connection:
        return weight(connection, number)


def _place(done: tuple[int, ...], number: int) -> int:
    return done.index(number) + 1 if number else 0

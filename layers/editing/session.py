"""Do, undo, redo: each is an edit like any other, and the journal remembers them across restarts."""

from collections.abc import Iterator
from dataclasses import replace

from layers.changes import Edit
from layers.project import Deed, Project


class EditSession:
    """The one door through which a project is changed.

    Undo needs no stack of its own on disk: the deeds in the journal, replayed, give it back after a restart.
    Only their numbers are held; an edit is read when it is undone, so that a journal of years opens at once.

    Parameters
    ----------
    project : Project

    Examples
    --------
    >>> from layers.changes import Change
    >>> from layers.project import MemoryProject
    >>> project = MemoryProject({"county": {}})
    >>> session = EditSession(project)
    >>> _ = session.do(Edit("add", (Change("county", "k", None, {"name": "景县"}),)))
    >>> _ = session.undo()
    >>> dict(project.table("county")), session.next_redo.name
    ({}, 'add')
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._done: list[int] = []
        self._undone: list[int] = []
        for number, deed in project.deeds():
            self._remember(deed, number)

    def do(self, edit: Edit) -> Edit:
        """Apply a new edit; what was undone before can no longer be redone."""
        return self._carry_out("do", edit)

    def take_up(self, number: int) -> None:
        """An edit that was not made through this session stands in the journal: it can be undone."""
        self._remember("do", number)

    def undo(self) -> Edit | None:
        """Take the last edit back; returns the edit made, ``None`` if there is nothing to undo."""
        return self._carry_out("undo", ~self._edit(self._done[-1])) if self._done else None

    def redo(self) -> Edit | None:
        """Do again what was undone last; returns the edit made, ``None`` if there is nothing to redo."""
        return self._carry_out("redo", self._edit(self._undone[-1])) if self._undone else None

    @property
    def done(self) -> tuple[int, ...]:
        """Numbers of the edits that stand, oldest first."""
        return tuple(self._done)

    @property
    def undone(self) -> tuple[int, ...]:
        """Numbers of the edits that were taken back and can be done again, the next one first."""
        return tuple(reversed(self._undone))

    def go_to(self, number: int) -> Iterator[Edit]:
        """Undo or redo until the edit of that number is the last that stands; 0: until none does.

        Yields each edit that was made; stop asking, and it stops there.

        Raises
        ------
        KeyError
            No edit that stands or can be done again has that number.
        """
        if number and number not in self._done and number not in self._undone:
            raise KeyError(number)
        while number in self._undone:
            yield self._carry_out("redo", self._edit(self._undone[-1]))
        while self._done and self._done[-1] != number:
            yield self._carry_out("undo", ~self._edit(self._done[-1]))

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to do again."""
        return bool(self._undone)

    @property
    def next_undo(self) -> Edit | None:
        """The edit that `undo` would take back."""
        return self._edit(self._done[-1]) if self._done else None

    @property
    def next_redo(self) -> Edit | None:
        """The edit that `redo` would do again."""
        return self._edit(self._undone[-1]) if self._undone else None

    def _edit(self, number: int) -> Edit:
        """What was loaded with the edit is shown again by its registration, and needs no loading."""
        return replace(self.project.entry(number).edit, loads=())

    def _carry_out(self, deed: Deed, edit: Edit) -> Edit:
        self._remember(deed, self.project.apply(edit, deed))
        return edit

    def _remember(self, deed: Deed, number: int) -> None:
        """Take note of an entry; in a damaged journal one may take back what no entry has done."""
        if deed == "do":
            self._undone.clear()
            self._done.append(number)
        elif deed == "undo" and self._done:
            self._undone.append(self._done.pop())
        elif deed == "redo" and self._undone:
            self._done.append(self._undone.pop())

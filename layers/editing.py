"""Do, undo, redo: each is an edit like any other, and the journal remembers them across restarts."""

from dataclasses import replace

from layers.changes import Edit
from layers.project import Deed, Project


class EditSession:
    """The one door through which a project is changed.

    Undo needs no stack of its own on disk: the deeds in the journal, replayed, give it back after a restart.

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
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        for entry in project.journal():
            self._remember(entry.deed, entry.edit)

    def do(self, edit: Edit) -> Edit:
        """Apply a new edit; what was undone before can no longer be redone."""
        return self._carry_out("do", edit)

    def undo(self) -> Edit | None:
        """Take the last edit back; returns the edit made, ``None`` if there is nothing to undo."""
        return self._carry_out("undo", ~self._done[-1]) if self._done else None

    def redo(self) -> Edit | None:
        """Do again what was undone last; returns the edit made, ``None`` if there is nothing to redo."""
        return self._carry_out("redo", self._undone[-1]) if self._undone else None

    @property
    def next_undo(self) -> Edit | None:
        """The edit that `undo` would take back."""
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> Edit | None:
        """The edit that `redo` would do again."""
        return self._undone[-1] if self._undone else None

    def _carry_out(self, deed: Deed, edit: Edit) -> Edit:
        self.project.apply(edit, deed)
        self._remember(deed, edit)
        return edit

    def _remember(self, deed: Deed, edit: Edit) -> None:
        edit = replace(edit, loads=())  # what was loaded is shown again by its registration
        if deed == "undo":
            self._undone.append(self._done.pop())
        else:
            if deed == "do":
                self._undone.clear()
            else:
                self._undone.pop()
            self._done.append(edit)

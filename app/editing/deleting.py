"""Taking the selected features away: many are read and removed beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.garbage import unsought
from layers.changes import Edit
from layers.editing import features
from layers.progress import Progress, ignore
from layers.storage import pages
from layers.storage.edits_apart import removal_apart
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

MANY = 500
"""Features beyond which they are read in a task, and held by column."""


def delete_selected(window: MainWindow) -> None:
    """One edit a layer; undo brings them back."""
    selected = window.workbench.selected_keys()
    say = window.words.say
    names = {layer: say("edit.delete", count=len(keys)) for layer, keys in selected.items()}

    def make(project: ProjectFile, progress: Progress = ignore) -> list[Edit]:
        edits = [removed(project, layer, keys, names[layer], progress) for layer, keys in selected.items()]
        return [edit for edit in edits if edit.changes]

    def store(edits: Sequence[Edit]) -> None:
        if edits:
            window.store(edits[0], lambda: store(edits[1:]))

    project = window.desk.project
    if project is not None and sum(map(len, selected.values())) <= MANY:
        store(make(project))
    else:
        work = unsought(window.desk.reading(make))
        window.tasks.start(", ".join(names.values()), work, store)
    window.stage.deselect()


def removed(
    project: ProjectFile, layer: str, keys: Sequence[str], name: str, progress: Progress = ignore
) -> Edit:
    """The edit that takes features of a layer away."""
    if len(keys) > MANY:
        return removal_apart(project, layer, keys, name, progress)
    return features.removed(layer, pages.rows_of(project, layer, keys), name)

"""Taking the selected features away: many are read and removed beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.garbage import unsought
from layers.changes import Edit
from layers.editing import features
from layers.storage import pages
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

MANY = 500
"""Features beyond which they are read in a task."""


def delete_selected(window: MainWindow) -> None:
    """One edit a layer; undo brings them back."""
    selected = window.workbench.selected_keys()
    say = window.words.say
    names = {layer: say("edit.delete", count=len(keys)) for layer, keys in selected.items()}

    def make(project: ProjectFile) -> list[Edit]:
        rows = {layer: pages.rows_of(project, layer, keys) for layer, keys in selected.items()}
        return [features.removed(layer, rows[layer], names[layer]) for layer in rows if rows[layer]]

    def store(edits: Sequence[Edit]) -> None:
        if edits:
            window.store(edits[0], lambda: store(edits[1:]))

    project = window.desk.project
    if project is not None and sum(map(len, selected.values())) <= MANY:
        store(make(project))
    else:
        work = unsought(window.desk.reading(lambda own, progress: make(own)))
        window.tasks.start(", ".join(names.values()), work, store)
    window.stage.deselect()

"""Forms are filled: what is typed is checked beside the window, and written as one edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from layers.changes import Edit, Value
from layers.editing import features
from layers.progress import Progress
from layers.storage.checking import check_cells
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

LARGE = 1000
"""Features above which an edit is made in a task."""
CHECKED = 200
"""Features of a selection that are checked while one types."""

Keys = tuple[str, ...]
Values = Mapping[str, Value]


class Filling(QObject):
    """What the form of the selected features asks for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._form = window.workspaces.edit.feature.form
        self._form.given.connect(self.write)
        self._form.asked.connect(self.check)
        self._is_leaving = False
        window.desk.leaving.connect(self._leave)

    def write(self, layer: str, keys: Keys, values: Values) -> None:
        """The same values for all the features, as one edit."""
        window = self._window
        if len(keys) == 1:
            name = window.words.say("edit.cell")
        else:
            name = window.words.say("edit.form", count=len(keys))

        def made(own: ProjectFile) -> Edit:
            table = own.table(layer)
            rows = {key: row for key in keys if (row := table.get(key)) is not None}
            return features.given(layer, rows, values, name)

        if len(keys) <= LARGE:
            assert window.desk.project is not None
            window.workbench.carry_out(made(window.desk.project))
        else:
            work = window.desk.reading(lambda own, progress: made(own))
            window.tasks.start(name, work, lambda edit: window.store(edit))

    def _leave(self) -> None:
        """The project is about to be put away: what was typed is written."""
        self._is_leaving = True
        self._form.write_pending()
        self._is_leaving = False

    def check(self, layer: str, keys: Keys, values: Values) -> None:
        """What the rules say of the features with what was typed."""
        window = self._window
        if window.desk.project is None or self._is_leaving:
            return

        def work(own: ProjectFile, progress: Progress) -> object:
            table = own.table(layer)
            there = {key: row for key in keys[:CHECKED] if (row := table.get(key)) is not None}
            return check_cells(own, layer, {key: {**row, **values} for key, row in there.items()})

        show = lambda found: self._form.show_findings(found, keys)  # noqa: E731
        window.tasks.start(window.words.say("task.check"), window.desk.reading(work), show, quiet=True)

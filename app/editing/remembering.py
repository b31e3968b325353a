"""What the history panel asks of the project: the steps of the feature that is picked; one of them undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.panels.history import steps
from layers.editing.rollback import roll_back
from layers.errors import KnownError
from layers.layer import VectorLayer

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Remembering(QObject):
    """Reads the journal beside the window, when the panel is seen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._panel = window.workspaces.edit.history
        self._layer: VectorLayer | None = None
        window.workspaces.edit.feature.turned.connect(self.turn_to)
        window.workspaces.side.turned.connect(self._read)
        self._panel.taken_back.connect(self.take_back)

    def turn_to(self, layer: VectorLayer | None) -> None:
        """Another feature is picked, or the same one has changed."""
        self._layer = layer if layer is not None and len(layer) == 1 else None
        self._read()

    def take_back(self, number: int) -> None:
        """Take one step back, or say what stands on it."""
        window = self._window
        assert window.desk.project is not None
        name = window.words.say("edit.rollback", number=number)
        try:
            window.desk.do(roll_back(window.desk.project, number, name))
        except KnownError as error:
            self._panel.say(error.say(window.words.language))

    def _read(self) -> None:
        layer, window = self._layer, self._window
        if layer is None or window.desk.project is None:
            self._panel.show_steps((), ())
            return
        if not self._panel.isVisible():
            return
        key = str(layer["uuid"].iloc[0])
        fields = window.workbench.fields(layer.name)
        work = window.desk.reading(lambda own, progress: steps(own.history(layer.name, key), layer.name, key))
        show = lambda found: self._panel.show_steps(found, fields)  # noqa: E731
        window.tasks.start(window.words.say("panel.history"), work, show, quiet=True)

"""Hydrographs in the window: a panel below the map that follows the time slider, and leads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from app.panels.hydrographs import HydrographPanel
from app.shell.side import Dock
from app.theme import Tokens
from layers.errors import CannotWrite
from layers.grid import Extent
from layers.risk.hydrographs import TABLE, Hydrograph, stored_hydrographs

if TYPE_CHECKING:
    from app.main_window import MainWindow

FOOT = 216
"""Height at which the panel opens, pixels."""
AROUND = 1500.0
"""Metres about a gauge that is shown."""
PLACED = ("flood_gauge", "flood_section")


class Hydrographs(QObject):
    """Reads the hydrographs of a run when it has come, and shows them."""

    panel: HydrographPanel

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._shown = ""
        self.panel = HydrographPanel(window.words)
        dock = Dock("hydrographs", "panel.hydrographs", self.panel, window.words, window)
        window.docks["hydrographs"] = dock
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        window.tabifyDockWidget(window.docks["table"], dock)
        dock.hide()
        self.paint(window.tokens)
        self.panel.sought.connect(window.stage.time.seek)
        self.panel.exported.connect(window.files.export_table)
        self.panel.pictured.connect(self._keep_picture)
        self.panel.wanted.connect(self._go_to)
        window.stage.time.moved.connect(self.panel.show_time)
        window.stack.changed.connect(self._follow)

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        self.panel.paint(tokens)

    def show(self) -> None:
        """Open the panel."""
        window, dock = self._window, self._window.docks["hydrographs"]
        if not window.is_shown("hydrographs"):
            dock.show()
            window.resizeDocks([dock], [FOOT], Qt.Orientation.Vertical)
        dock.raise_()

    def _follow(self) -> None:
        """A run has come or gone, or another project."""
        window, project = self._window, self._window.desk.project
        place = "" if project is None else f"{project.path}:"
        name = next((each.name for each in window.stack.entries if each.kind == TABLE), "")
        key, before = f"{place}{name}", self._shown
        if key == before:
            return
        self._shown, is_new = key, bool(place) and before.startswith(place)
        if not name:
            self.panel.show_hydrographs(())
            return
        work = window.desk.reading(lambda own, progress: stored_hydrographs(own))

        def take(found: tuple[Hydrograph, ...]) -> None:
            if self._shown == key:
                self.panel.show_hydrographs(found)
                self.panel.show_time(window.stage.time.seconds)
                if is_new:
                    self.show()

        window.tasks.start(window.words.say("task.hydrographs"), work, take, quiet=True)

    def _go_to(self, name: str) -> None:
        """Show a gauge or a section on the map."""
        project = self._window.desk.project
        for entry in self._window.stack.entries:
            if entry.kind not in PLACED or project is None:
                continue
            layer = project.read(entry.name, columns=("name",), strict=False)
            at = [number for number, each in enumerate(layer.attributes["name"]) if each == name]
            if at:
                west, south, east, north = layer.shapes.boxes[at[0]].tolist()
                self._window.stack.see(entry.name, True)
                self._window.stage.map.show_extent(Extent(west, south, east, north).grown(AROUND))
                return

    def _keep_picture(self, image: QImage, name: str) -> None:
        """Ask for a file and write the plot to it."""
        window = self._window
        start = str(Path(window.settings.folder or Path.home()) / f"{name}.png")
        path, _ = QFileDialog.getSaveFileName(window, window.words.say("dialog.export"), start, "PNG (*.png)")
        if path:
            self.write_picture(image, Path(path))

    def write_picture(self, image: QImage, path: Path) -> None:
        """Write a picture whole, or say why not."""
        path = path if path.suffix else path.with_suffix(".png")
        if image.save(str(path)):
            self._window.files.wrote(path)
        else:
            error = CannotWrite("file_unwritable", path=path)
            self._window.notices.say(error.say(self._window.words.language), "error")

"""制图: sheets and series."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.panels.sheets import SheetsPanel

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.orientation.places import Gazetteer


class PrintWorkspace:
    """制图: sheets and series."""

    sheets: SheetsPanel

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def parts(self) -> Iterator[tuple[str, QWidget]]:
        """Make the panels, one at a time."""
        window = self._window
        self.sheets = SheetsPanel(window.desk, window.choice, window.settings, window.words)
        self.sheets.made.connect(window.printing.make)
        self.sheets.previewed.connect(window.printing.preview)
        yield "sheets", self.sheets

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """The regions that can be chosen are others."""
        self.sheets.show_regions(gazetteer)

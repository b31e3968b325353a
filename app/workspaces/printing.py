"""制图: sheets and series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.panels.sheets import SheetsPanel

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.orientation.places import Gazetteer


class PrintWorkspace:
    """制图: sheets and series."""

    def __init__(self, window: MainWindow) -> None:
        self.sheets = SheetsPanel(window.desk, window.choice, window.settings, window.words)
        self.panels: dict[str, QWidget] = {"sheets": self.sheets}
        self.sheets.made.connect(window.printing.make)
        self.sheets.previewed.connect(window.printing.preview)

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """The regions that can be chosen are others."""
        self.sheets.show_regions(gazetteer)

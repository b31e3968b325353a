"""The workspaces: the panels of each kind of work, and how they speak with the window.

A workspace is made when it is first wanted, with all that it imports: the window opens sooner without. So it
reads what lies on the desk when it is made, and follows from then on.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.orientation.places import Gazetteer
from app.shell.side import Side
from app.stack import group_of
from app.theme import Tokens
from app.workspaces.edit import EditWorkspace

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.sheltering.workspace import ShelterWorkspace
    from app.workspaces.printing import PrintWorkspace
    from app.workspaces.risk import RiskWorkspace

PANELS = {
    "edit": ("feature", "history", "style", "journal"),
    "risk": ("hazard", "sets", "region", "loss", "database"),
    "shelters": ("shelters", "shelter_rules", "shelter_plans", "relief"),
    "print": ("sheets",),
}
"""The panels of each workspace."""


class Workspaces(QObject):
    """The workspaces of a window; each owns its panels, `side` shows them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.side = Side(window.words, PANELS, lambda name: getattr(self, name))
        self.edit = EditWorkspace(window)
        self.side.fill("edit", self.edit.panels)
        window.desk.changed.connect(self._follow)

    @cached_property
    def risk(self) -> RiskWorkspace:
        """风险."""
        from app.workspaces.risk import RiskWorkspace

        made = RiskWorkspace(self._window)
        box = made.hazard.epicentre
        box.picking.connect(lambda: self.shelters.overlay.pick(box.take))
        made.show_regions(self._window.gazetteer)
        self.side.fill("risk", made.panels)
        return made

    @cached_property
    def shelters(self) -> ShelterWorkspace:
        """避难."""
        from app.sheltering.workspace import ShelterWorkspace

        made = ShelterWorkspace(self._window)
        made.show_regions(self._window.gazetteer)
        self.side.fill("shelters", made.panels)
        self.side.changed.connect(made.enter)
        return made

    @cached_property
    def print(self) -> PrintWorkspace:
        """制图."""
        from app.workspaces.printing import PrintWorkspace

        made = PrintWorkspace(self._window)
        made.show_regions(self._window.gazetteer)
        self.side.fill("print", made.panels)
        return made

    @property
    def has_plan(self) -> bool:
        """Whether a plan for shelters is chosen."""
        return "shelters" in vars(self) and bool(self.shelters.shelters.chosen)

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """The regions that can be chosen are others."""
        for name in vars(self).keys() & {"risk", "shelters", "print"}:
            getattr(self, name).show_regions(gazetteer)

    def clear(self) -> None:
        """Another project lies on the desk: nothing of the last one is shown."""
        if "print" in vars(self):
            self.print.sheets.preview.show_picture(None)

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        if "risk" in vars(self):
            self.risk.region.paint(tokens)

    def _follow(self, tables: frozenset[str]) -> None:
        """Of several plans the chosen one is on the map: where there are any, their workspace sees to it."""
        if "layers" in tables and any(group_of(entry) == "plan" for entry in self._window.stack.entries):
            self.side.need("shelters")

"""The workspaces: the panels of each kind of work, and how they speak with the window.

A workspace is made with all that it imports when it is first wanted, or panel by panel when the window has
nothing else to do: the window opens sooner without. So it reads what lies on the desk when it is made, and
follows from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QTimer

from app.orientation.places import Gazetteer
from app.shell.side import Side
from app.theme import Tokens
from app.turns import Making
from app.workspaces.edit import EditWorkspace
from layers.progress import Progress

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


MAKERS = {
    "risk": ("app.workspaces.risk", "RiskWorkspace"),
    "shelters": ("app.sheltering.workspace", "ShelterWorkspace"),
    "print": ("app.workspaces.printing", "PrintWorkspace"),
}
"""The workspaces that are made when they are wanted, or when the window has nothing else to do."""
CALM = 2000
"""Milliseconds after a project has come, before what may be wanted is made."""


class Workspaces(QObject):
    """The workspaces of a window; each owns its panels, `side` shows them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._making: dict[str, Making] = {}
        self._made: dict[str, Any] = {}
        self._wanted = ""
        """The workspace that is shown as soon as it is made."""
        self.side = Side(window.words, PANELS, lambda name: getattr(self, name))
        self.edit = EditWorkspace(window)
        self.side.fill("edit", self.edit.panels)
        self.side.changed.connect(self._arrived)
        self._calm = QTimer(self, interval=CALM, singleShot=True)
        self._calm.timeout.connect(self._foresee)
        window.desk.changed.connect(self._follow)

    @property
    def risk(self) -> RiskWorkspace:
        """风险."""
        return cast("RiskWorkspace", self._whole("risk"))

    @property
    def shelters(self) -> ShelterWorkspace:
        """避难."""
        return cast("ShelterWorkspace", self._whole("shelters"))

    @property
    def print(self) -> PrintWorkspace:
        """制图."""
        return cast("PrintWorkspace", self._whole("print"))

    def _whole(self, name: str) -> object:
        """A workspace, with all its panels."""
        if name not in self._made:
            self._begun(name).finish()
        return self._made[name]

    def _begun(self, name: str) -> Making:
        if name not in self._making:
            self._making[name] = Making(self._parts(name), self)
        return self._making[name]

    def _parts(self, name: str) -> Iterator[None]:
        """Make a workspace panel by panel."""
        module, maker = MAKERS[name]
        made = getattr(import_module(module), maker)(self._window)
        self.side.open(name)
        for panel, widget in made.parts():
            yield  # what was made is dressed in a turn of its own
            self.side.add(name, panel, widget)
            yield
        made.show_regions(self._window.gazetteer)
        self._made[name] = made
        if name == "risk":
            box = made.hazard.epicentre
            box.picking.connect(lambda: self.shelters.overlay.pick(box.take))
        elif name == "shelters":
            self.side.changed.connect(made.enter)

    def go_to(self, name: str) -> None:
        """Show a workspace; one that is not made yet comes when it is, and the window answers meanwhile."""
        if name not in MAKERS or name in self._made:
            self.side.show_workspace(name)
            return
        self._wanted = name
        self._bring(name, lambda: self._show_wanted(name))

    def _show_wanted(self, name: str) -> None:
        if self._wanted == name and name in self._made:
            self.side.show_workspace(name)

    def _arrived(self, name: str) -> None:
        """Whatever workspace is shown: nobody waits for another any more."""
        self._wanted = ""

    def _bring(self, name: str, then: Callable[[], object] = bool) -> None:
        """Make a workspace in turns; modules and tables come first, beside the window."""

        def make(_: object) -> None:
            if name not in self._made:
                self._begun(name).whole.connect(then)
                self._begun(name).begin()
            else:
                then()

        def bring(progress: Progress) -> None:
            for read in getattr(import_module(MAKERS[name][0]), "READ_AHEAD", ()):
                read()

        self._window.tasks.start("", bring, make, quiet=True)

    def _foresee(self) -> None:
        """If nothing else is to be done: begin with the next workspace not made yet, its modules first."""
        name = next((name for name in MAKERS if name not in self._making), "")
        if not name:
            return
        if self._window.tasks.idle:
            self._bring(name)
        self._calm.start()

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan for shelters."""
        return any(entry.kind == "plan_site" for entry in self._window.stack.entries)

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """The regions that can be chosen are others."""
        for made in self._made.values():
            made.show_regions(gazetteer)

    def clear(self) -> None:
        """Another project lies on the desk: nothing of the last one is shown."""
        if "print" in self._made:
            self.print.sheets.preview.show_picture(None)

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        if "risk" in self._made:
            self.risk.region.paint(tokens)

    def _follow(self, tables: frozenset[str]) -> None:
        self._wanted = "" if "project" in tables else self._wanted
        if "project" in tables and self._window.desk.project is not None:
            self._calm.start()
        elif "project" in tables:
            self._calm.stop()

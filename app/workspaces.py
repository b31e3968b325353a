"""The workspaces: the panels of each kind of work, and how they speak with the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.editing.rewinding import go_to
from app.flooding.breaching import Breaching
from app.flooding.sets import ScenarioSets
from app.orientation.places import Gazetteer
from app.panels.database import DatabasePanel
from app.panels.feature import FeaturePanel
from app.panels.hazard import HazardPanel
from app.panels.history import HistoryPanel
from app.panels.journal import JournalPanel
from app.panels.loss import LossPanel
from app.panels.region import RegionPanel
from app.panels.scenario_sets import ScenarioSetPanel
from app.panels.sheets import SheetsPanel
from app.panels.style import StylePanel
from app.shell.side import Side
from app.sheltering.workspace import ShelterWorkspace
from app.theme import Tokens
from layers.census.bounds import Bounds, bounds
from layers.storage.checking import rules_of

if TYPE_CHECKING:
    from app.main_window import MainWindow


def number_bounds(desk: Desk, kind: str) -> dict[str, Bounds]:
    """Bounds of the numbers of a kind of layer, by the project's rules."""
    return bounds(kind, rules_of(desk.project)) if desk.project is not None else {}


class EditWorkspace:
    """编辑: what is picked, how a layer looks, and what was done."""

    def __init__(self, window: MainWindow) -> None:
        can_edit = lambda: window.desk.can_edit and not window.is_storing  # noqa: E731
        self.feature = FeaturePanel(window.words, can_edit, lambda kind: number_bounds(window.desk, kind))
        self.history = HistoryPanel(window.words)
        self.style = StylePanel(window.desk, window.stack, window.tasks, window.words, window.store)
        self.journal = JournalPanel(window.desk, window.words)
        self.journal.wanted.connect(lambda number: go_to(window, number))
        self.panels = {
            "feature": self.feature,
            "history": self.history,
            "style": self.style,
            "journal": self.journal,
        }
        window.layers.styled.connect(self.style.choose)
        window.layers.styled.connect(lambda _: window.go_to("style"))
        tree = window.layers.tree
        tree.currentItemChanged.connect(lambda: self.style.choose(window.layers.chosen))


class RiskWorkspace:
    """风险: hazards, regions and the database of risk."""

    def __init__(self, window: MainWindow) -> None:
        desk, choice, words = window.desk, window.choice, window.words
        self.hazard = HazardPanel(desk, choice, words)
        self.region = RegionPanel(desk, choice, window.assessments, window.tasks, words, window.tokens)
        self.database = DatabasePanel(desk, choice, window.assessments, words)
        self.loss = LossPanel(desk, choice, window.assessments, words)
        self.sets = ScenarioSetPanel(words)
        self.panels = {
            "hazard": self.hazard,
            "sets": self.sets,
            "region": self.region,
            "loss": self.loss,
            "database": self.database,
        }
        self.breaching = Breaching(window, self.hazard.breaches)
        self.scenario_sets = ScenarioSets(window, self.sets, self.breaching, self.hazard)
        self.hazard.run.connect(window.run_hazard)
        self.hazard.told.connect(window.tasks.told)
        self.region.zoomed.connect(lambda: window.wayfinding.show_region())
        self.database.exported.connect(window.files.export_table)
        self.loss.exported.connect(window.files.export_table)


class PrintWorkspace:
    """制图: sheets and series."""

    def __init__(self, window: MainWindow) -> None:
        self.sheets = SheetsPanel(window.desk, window.choice, window.settings, window.words)
        self.panels: dict[str, QWidget] = {"sheets": self.sheets}
        self.sheets.made.connect(window.printing.make)
        self.sheets.previewed.connect(window.printing.preview)


class Workspaces(QObject):
    """The workspaces of a window; each owns its panels, `side` shows them."""

    shelters: ShelterWorkspace

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.side = Side(window.words)
        self.edit = EditWorkspace(window)
        self.risk = RiskWorkspace(window)
        self.shelters = ShelterWorkspace(window)
        self.shelters.serve(self.risk.hazard.epicentre)
        self.print = PrintWorkspace(window)
        self.side.add_workspace("edit", self.edit.panels)
        self.side.add_workspace("risk", self.risk.panels)
        self.side.add_workspace("shelters", self.shelters.panels)
        self.side.changed.connect(self.shelters.enter)
        self.side.add_workspace("print", self.print.panels)

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """The regions that can be chosen are others."""
        risk, others = self.risk, (self.shelters.form, self.shelters.relief.panel, self.print.sheets)
        for panel in (risk.hazard, risk.region, risk.loss, risk.database, *others):
            panel.show_regions(gazetteer)

    def clear(self) -> None:
        """Another project lies on the desk: nothing of the last one is shown."""
        self.print.sheets.preview.show_picture(None)

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        self.risk.region.paint(tokens)

"""风险: hazards, regions and the database of risk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.flooding.breaching import Breaching
from app.flooding.sets import ScenarioSets
from app.panels.database import DatabasePanel
from app.panels.hazard import HazardPanel, Run
from app.panels.loss import LossPanel
from app.panels.region import RegionPanel
from app.panels.scenario_sets import ScenarioSetPanel
from layers.risk.results import run_apart

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.orientation.places import Gazetteer


class RiskWorkspace:
    """风险: hazards, regions and the database of risk."""

    hazard: HazardPanel
    sets: ScenarioSetPanel
    region: RegionPanel
    loss: LossPanel
    database: DatabasePanel

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def parts(self) -> Iterator[tuple[str, QWidget]]:
        """Make the panels, one at a time."""
        window = self._window
        desk, choice, words = window.desk, window.choice, window.words
        self.hazard = HazardPanel(desk, choice, words)
        yield "hazard", self.hazard
        self.sets = ScenarioSetPanel(words)
        yield "sets", self.sets
        self.region = RegionPanel(desk, choice, window.assessments, window.tasks, words, window.tokens)
        yield "region", self.region
        self.loss = LossPanel(desk, choice, window.assessments, words)
        yield "loss", self.loss
        self.database = DatabasePanel(desk, choice, window.assessments, words)
        yield "database", self.database
        self._connect()

    def _connect(self) -> None:
        window = self._window
        self.breaching = Breaching(window, self.hazard.breaches)
        self.scenario_sets = ScenarioSets(window, self.sets, self.breaching, self.hazard)
        self.hazard.run.connect(self.run)
        self.hazard.told.connect(window.tasks.told)
        self.region.zoomed.connect(lambda: window.wayfinding.show_region())
        self.database.exported.connect(window.files.export_table)
        self.loss.exported.connect(window.files.export_table)

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """The regions that can be chosen are others."""
        for panel in (self.hazard, self.region, self.loss, self.database):
            panel.show_regions(gazetteer)

    def run(self, run: Run) -> None:
        """Run a hazard's model; keep what it gives, and the risk that follows."""
        window, say = self._window, self._window.words.say
        hazard = say(f"hazard.{run.hazard}")
        name = say("edit.assess", hazard=hazard)
        parts = run.hazard, run.model, run.vulnerability
        work = window.desk.reading(lambda own, progress: run_apart(name, own, *parts, progress))
        said = lambda: window.notices.say(say("notice.ran", name=name))  # noqa: E731
        window.tasks.start(say("task.run", hazard=hazard), work, lambda edit: window.store(edit, said))

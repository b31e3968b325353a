"""避难: the panels of the shelters workspace, and how they speak with plans and map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.panels.epicentre import EpicentreBox
from app.panels.shelter_plans import PlansPanel
from app.panels.shelter_rules import RulesPanel
from app.panels.shelters import ShelterPanel
from app.sheltering.comparing import ComparePage
from app.sheltering.output import OutputPage
from app.sheltering.overlay import PlanOverlay
from app.sheltering.relief import Relief
from app.sheltering.shelters import Shelters
from layers.siting.priority import priority_groups
from layers.siting.rules import shelter_classes

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.orientation.places import Gazetteer

READ_AHEAD = shelter_classes, priority_groups
"""Tables that the forms show."""


class ShelterWorkspace:
    """Choose sites, look at rules, go on with plans."""

    shelters: Shelters
    form: ShelterPanel
    rules: RulesPanel
    plans: PlansPanel
    relief: Relief
    overlay: PlanOverlay

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.shelters = Shelters(window)

    def parts(self) -> Iterator[tuple[str, QWidget]]:
        """Make the panels, one at a time."""
        window = self._window
        self.form = ShelterPanel(window.desk, window.words)
        yield "shelters", self.form
        self.rules = RulesPanel(window.desk, window.words, lambda: self.shelters.case, self.shelters.plan)
        yield "shelter_rules", self.rules
        self.plans = PlansPanel(self.shelters, window.words)
        yield "shelter_plans", self.plans
        self.relief = Relief(window, self.shelters)
        yield "relief", self.relief.panel
        self.overlay = PlanOverlay(window, self.shelters)
        self._connect()

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """The regions that can be chosen are others."""
        for panel in (self.form, self.relief.panel):
            panel.show_regions(gazetteer)

    def enter(self, workspace: str) -> None:
        """In this workspace the chosen plan is on the map, where hazards are worked on the hazard."""
        if workspace == "shelters":
            self.shelters.look()
        if workspace == "shelters" and not self.shelters.is_on_map:
            self.shelters.show_layers()
        elif workspace in {"risk", "print"}:
            self.shelters.hide_layers()

    def solve(self) -> None:
        """Find the best plan for what the form says."""
        self.shelters.solve(self.form.wish(self.rules.rules(), self.rules.evidence()))

    def serve(self, box: EpicentreBox) -> None:
        """An epicentre is pointed at on the map."""
        box.picking.connect(lambda: self.overlay.pick(box.take))

    def compare(self, names: tuple[str, ...] = ()) -> ComparePage | None:
        """Plans side by side in a window of their own."""
        shown = tuple(name for name in names or self.plans.selected() if name in self.shelters.cards)
        if not shown:
            return None
        self.page = ComparePage(self._window, self.shelters, shown)
        self.page.show()
        return self.page

    def write(self) -> OutputPage | None:
        """Ask what is to be written of the chosen plan."""
        if not self.shelters.chosen:
            return None
        page = OutputPage(self._window, self.shelters)
        page.open()
        return page

    def _connect(self) -> None:
        shelters, window = self.shelters, self._window
        self.form.solved.connect(self.solve)
        self.form.cancelled.connect(shelters.cancel)
        for box in (self.form.place, *self.relief.panel.places.values()):
            self.serve(box)
        self.rules.judged.connect(
            lambda: shelters.judge(self.form.wish(self.rules.rules(), self.rules.evidence()))
        )
        shelters.neared.connect(self.form.show_gap)
        shelters.busy.connect(lambda: self.form.show_busy(shelters.task is not None))
        shelters.solved.connect(lambda: window.go_to("shelter_plans"))
        shelters.looked.connect(self._look)
        self.plans.gone_to.connect(self._go_to)
        self.plans.compared.connect(self.compare)
        self.plans.printed.connect(self.write)

    def _look(self, row: int) -> None:
        self.rules.look(row)
        if self.shelters.draft is None:
            self._window.go_to("shelter_rules")

    def _go_to(self, code: str) -> None:
        self._window.choice.take_region(code)
        self._window.wayfinding.show_region()

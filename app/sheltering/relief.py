"""The relief studies of the window: each is a task; maps are kept as layers by one edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.edits import ringed
from app.panels.relief import ReliefPanel
from app.sheltering.shelters import Shelters
from app.stack import title_of
from layers.siting.answers import Answer, Given
from layers.siting.relief_answers import answer, needs_plan
from layers.siting.scenario import flood_layers, shaking_layers
from layers.siting.shelter_plan import ShelterPlan

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Relief(QObject):
    """Runs the studies of the relief panel."""

    def __init__(self, window: MainWindow, shelters: Shelters) -> None:
        super().__init__(window)
        self._window, self._shelters = window, shelters
        self.panel = ReliefPanel(window.words)
        self.panel.asked.connect(self.ask)
        self.panel.approved.connect(self.post)
        self.panel.exported.connect(window.files.export_table)
        self.panel.gone_to.connect(window.stage.map.show_extent)
        window.desk.changed.connect(self._follow)
        window.words.changed.connect(lambda: self._follow(frozenset({"layers"})))
        self._follow(frozenset({"project"}))

    def ask(self, study: str, given: Given) -> None:
        """Reckon a study, with the chosen plan where there is one."""
        chosen = self._shelters.chosen
        if needs_plan(study, given) and not chosen:
            self._window.notices.say(self._window.words.say("relief.no_plan"), "warning")
        elif chosen:
            self._shelters.with_plans((chosen,), lambda plans: self._start(study, given, plans[chosen]))
        elif self._window.desk.project is not None:
            self._start(study, given, None)

    def post(self) -> None:
        """Write the outflow that was approved into the ledgers, and look at the stock anew."""
        panel = self.panel
        if panel.answer is not None and panel.answer.offer is not None:
            offer = panel.answer.offer
            panel.post.setVisible(False)
            self._window.store(offer, lambda: self._posted(len(offer.changes)))

    def _posted(self, lines: int) -> None:
        words = self._window.words
        back = (words.say("command.undo"), self._window.undo)
        self._window.notices.say(words.say("relief.posted", lines=lines), action=back)

    def _follow(self, tables: frozenset[str]) -> None:
        """Roads may be closed by any hazard result that the project holds."""
        project = self._window.desk.project
        if tables & {"project", "layers"}:
            entries = () if project is None else project.layers()
            titles = {each.name: title_of(each, self._window.words.language) for each in entries}
            held = () if project is None else (*flood_layers(project), *shaking_layers(project))
            self.panel.show_events([(titles[each.name], each.name) for each in held])

    def _start(self, study: str, given: Given, plan: ShelterPlan | None) -> None:
        language = self._window.words.language
        work = self._window.desk.reading(
            lambda own, progress: answer(study, own, plan, given, language, progress)
        )
        title = self._window.words.say(f"relief.{study}")
        self._window.tasks.start(title, work, self._take)

    def _take(self, found: Answer) -> None:
        self.panel.show_answer(found)
        if found.edit is not None:
            kept = {layer.name for layer in found.edit.loads}
            edit = ringed(found.edit, self._window.words.language)
            self._window.store(edit, lambda: self._show_only(kept))

    def _show_only(self, kept: set[str]) -> None:
        """The study's map and the shelters; what would lie over it goes off the map."""
        stack = self._window.stack
        sites = {e.name for e in stack.entries if e.kind == "plan_site" and stack.is_seen(e.name)}
        stack.show_plan(frozenset(kept | sites))
        self._shelters.is_on_map = True

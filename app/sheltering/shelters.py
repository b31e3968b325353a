"""The plans in hand: solved, kept, changed by hand, shown. One object for all panels of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from PySide6.QtCore import QObject, QTimer, Signal

from app.sheltering.amended import SOON, AmendedPage, Changes
from layers.errors import BadInput
from layers.siting.as_kept import differences
from layers.siting.shelter_layers import township_table
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelter_store import cards, plan_edit, plan_removal, torn_cards
from layers.siting.shelter_wish import ShelterWish
from layers.siting.shelters import ShelterCase
from layers.siting.shelters_apart import Found, find_plan, judge_only, revive
from layers.storage.geopackage import ProjectFile
from layers.storage.pages import attributes

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.tasks import Task

DRAWN = ("plan_site", "plan_unmet")
"""Kinds of marks that the hand draws, in the colours of their layers."""


class Shelters(QObject):
    """The plans of the project that lies open.

    Signals: `changed` other plans, or another is chosen; `solved` a plan was found and kept; `drafted` the
    plan under the hand is another; `looked(row)` a candidate is looked at; `neared(gap)` the search
    is that near to its bound; `busy` solving begins or ends.
    """

    changed = Signal()
    solved = Signal()
    neared = Signal(float)
    drafted = Signal()
    looked = Signal(int)
    busy = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._plans: dict[str, ShelterPlan] = {}
        self.cards: dict[str, dict[str, Any]] = {}
        self.chosen: str = ""
        self.case: ShelterCase | None = None
        self.draft: ShelterPlan | None = None
        self.before: ShelterPlan | None = None
        self.task: Task | None = None
        self.is_on_map = False
        self.changes = Changes(window)
        self._late = QTimer(self, interval=SOON, singleShot=True)
        self._late.timeout.connect(self.look)
        window.desk.changed.connect(self._follow)
        self._read_cards(window.desk.project)
        self._tell_torn()

    # --- what there is -----------------------------------------------------------------------------------

    def plan(self, name: str = "") -> ShelterPlan | None:
        """A plan that is at hand; by default the one under the hand, else the chosen one."""
        if not name and self.draft is not None:
            return self.draft
        return self._plans.get(name or self.chosen)

    def towns(self) -> pd.DataFrame | None:
        """The townships of the plan that is looked at; of a stored one they are read from its layer."""
        plan, project = self.plan(), self._window.desk.project
        if plan is not None:
            return township_table(plan)
        stored = str(self.cards[self.chosen]["layers"].get("plan_gap")) if self.chosen else ""
        if project is None or all(entry.name != stored for entry in project.layers()):
            return None
        columns = ["code", "name", "unmet", "share"]
        there = [column for column in columns if column in project.columns(stored)]
        table = attributes(project, stored, there).attributes.reindex(columns=columns)
        return table.dropna(subset="unmet").fillna({"code": "", "name": ""})

    def choose(self, name: str) -> None:
        """Look at another plan: its layers are shown, those of the others are not."""
        if name in self.cards and name != self.chosen:
            self.chosen = name
            plan = self._plans.get(name)
            self.case = plan.case if plan is not None else None
            self.show_layers()
            self.changed.emit()
            self.look()

    def look(self) -> None:
        """Look what has changed since the chosen plan was found."""
        if self.chosen and not self.changes.is_seen(self.chosen):
            self.changes.look(self.cards, (self.chosen,), lambda: None)

    def free_name(self, stem: str = "") -> str:
        """A name that no plan has: 方案 1, 2 …, or a variant of one."""
        say = self._window.words.say
        number = 1
        while True:
            key = "shelter.variant" if stem else "shelter.plan"
            name = say(key, plan=stem, number=number)
            if name not in self.cards:
                return name
            number += 1

    # --- solving -----------------------------------------------------------------------------------------

    def solve(self, wish: ShelterWish) -> None:
        """Find the best plan for a wish and keep it."""
        if self.task is not None or self._window.desk.project is None:
            return
        if self.draft is not None:
            self.end_draft()
        say, language = self._window.words.say, self._window.words.language
        name = self.free_name()
        title = say("edit.shelter_plan", plan=name)
        reading = self._window.desk.reading(
            lambda own, progress: find_plan(own, wish, name, title, language, progress, self.neared.emit)
        )
        self.task = self._window.tasks.start(
            say("task.shelters", plan=name), reading, self._take, finished=self._end
        )
        self.busy.emit()

    def cancel(self) -> None:
        """Give up solving."""
        if self.task is not None:
            self.task.cancel()

    def judge(self, wish: ShelterWish) -> None:
        """Only look at what the rules say of the candidates."""
        say = self._window.words.say
        reading = self._window.desk.reading(lambda own, progress: judge_only(own, wish, progress))
        self._window.tasks.start(say("task.judge"), reading, self._take_case)

    def _take_case(self, case: ShelterCase) -> None:
        self.case = case
        self.changed.emit()

    def _end(self) -> None:
        self.task = None
        self.busy.emit()

    def _take(self, found: Found) -> None:
        """Keep a plan; it becomes the chosen one when it is stored."""

        def kept() -> Iterator[None]:
            plan = found.plan  # held until then: the files of its event go when it does
            self._plans[plan.name] = plan
            self.chosen, self.case = plan.name, plan.case
            self.changes.take_fresh(plan)
            self.show_layers()
            yield
            self.changed.emit()
            self.solved.emit()

        self._window.store(found.edit, kept)

    # --- stored plans ------------------------------------------------------------------------------------

    def with_plans(self, names: tuple[str, ...], then: Callable[[dict[str, ShelterPlan]], None]) -> None:
        """Hand plans to `then`; those of an earlier day are reckoned anew first.

        Where the project has changed since one was found, it is asked with which numbers one goes on.
        """
        unseen = [name for name in names if not self.changes.is_seen(name)]
        if unseen:
            self.changes.look(self.cards, unseen, lambda: self._decide(names, then))
        else:
            self._decide(names, then)

    def _decide(self, names: tuple[str, ...], then: Callable[[dict[str, ShelterPlan]], None]) -> None:
        doubtful = self.changes.doubtful(names)
        if not doubtful:
            self._hand(names, then)
            return

        def go_on(of_then: bool) -> None:
            self.changes.decide(doubtful)
            if of_then:
                self._hand(names, then, of_then=tuple(doubtful))
                return
            for name in doubtful:
                self._plans.pop(name, None)
            self._hand(names, told)

        def told(plans: dict[str, ShelterPlan]) -> None:
            self._tell_anew(doubtful)
            then(plans)

        changes = dict.fromkeys(each for name in doubtful for each in self.changes.of[name])
        AmendedPage(self._window, doubtful, tuple(changes), go_on).open()

    def _tell_anew(self, names: Sequence[str]) -> None:
        """What the changes of the project do to plans, and that one may keep them so."""
        say = self._window.words.say
        for name in names:
            plan = self._plans[name]
            words = say("shelter.reckoned_anew", **differences(self.cards[name], plan))
            keep = (say("shelter.plans.keep"), partial(self._keep, plan, self.free_name(name)))
            self._window.notices.say(f"{name}  {words}", "warning", action=keep)
        self.changed.emit()

    def _hand(
        self,
        names: tuple[str, ...],
        then: Callable[[dict[str, ShelterPlan]], None],
        of_then: tuple[str, ...] = (),
    ) -> None:
        """Plans that are at hand, or that are made so in a task."""
        missing = tuple(name for name in names if name not in self._plans)
        if not missing:
            then({name: self._plans[name] for name in names})
            return

        def take(plans: dict[str, ShelterPlan]) -> None:
            self._plans |= plans
            then({name: self._plans[name] for name in names})

        reading = self._window.desk.reading(lambda own, progress: revive(own, missing, progress, of_then))
        self._window.tasks.start(self._window.words.say("task.revive"), reading, take)

    def remove(self, name: str) -> None:
        """Take a plan out; undo brings it back."""
        project = self._window.desk.project
        if project is not None and name in self.cards:
            say = self._window.words.say
            self._window.store(plan_removal(project, name, say("edit.remove", name=name)))

    def _follow(self, tables: frozenset[str]) -> None:
        if "project" in tables:
            self._plans.clear()
            self.changes.forget()
            self.chosen, self.case, self.draft, self.is_on_map = "", None, None, False
        if tables & {"project", "settings"}:
            self._read_cards(self._window.desk.project)
        if "project" in tables:
            self._tell_torn()
        if self._window.workspaces.side.workspace == "shelters":
            self._late.start()

    def _read_cards(self, project: ProjectFile | None) -> None:
        self.cards = {} if project is None else cards(project)
        self._plans = {name: plan for name, plan in self._plans.items() if name in self.cards}
        if self.chosen not in self.cards:
            self.chosen = next(reversed(self.cards), "")
            plan = self._plans.get(self.chosen)
            self.case = plan.case if plan is not None else None
            self.show_layers()
        self.changed.emit()

    def _tell_torn(self) -> None:
        """Plans that cannot be read are not in the list: it is said once."""
        project = self._window.desk.project
        torn = () if project is None else torn_cards(project)
        if torn:
            self._window.tasks.told.emit(BadInput("plan_cards_torn", plans="、".join(torn)))

    def show_layers(self) -> None:
        """Of all plans the chosen one is on the map; while it is under the hand, the hand draws it."""
        stack, workspace = self._window.stack, self._window.workspaces.side.workspace
        if workspace == "shelters" and self.chosen and stack.entries:
            layers = self.cards[self.chosen]["layers"].values() if self.draft is None else ()
            stack.show_plan(frozenset(layers))
            self.is_on_map = True
        self._explain()

    def hide_layers(self) -> None:
        """Another work begins: the hazard comes back."""
        if self.is_on_map:
            self.is_on_map = False
            self._window.stack.show_hazard()
        self._explain()

    def _explain(self) -> None:
        """The key of the map says what the marks of a plan under the hand mean."""
        is_drawn = self.draft is not None and self._window.workspaces.side.workspace == "shelters"
        self._window.stage.key.explain(DRAWN if is_drawn else ())

    # --- by hand -----------------------------------------------------------------------------------------

    def begin_draft(self) -> None:
        """Take the chosen plan under the hand."""
        if self.chosen:
            self.with_plans((self.chosen,), lambda plans: self._begin(plans[self.chosen]))

    def _begin(self, plan: ShelterPlan) -> None:
        self.draft = self.before = plan
        self.case = plan.case
        self.show_layers()
        self.changed.emit()
        self.drafted.emit()

    def amend(self, plan: ShelterPlan) -> None:
        """The plan under the hand is now this."""
        self.draft = plan
        self.drafted.emit()

    def end_draft(self) -> None:
        """Put the plan down as it was."""
        self.draft = self.before = None
        self.show_layers()
        self.changed.emit()
        self.drafted.emit()

    def keep_draft(self, name: str = "") -> None:
        """Keep the plan under the hand as a variant."""
        if self.draft is None:
            return
        plan, self.draft, self.before = self.draft, None, None
        self._explain()
        self._keep(plan, name or self.free_name(self.chosen))
        self.drafted.emit()

    def _keep(self, plan: ShelterPlan, name: str) -> None:
        """Keep a plan under another name."""
        plan, language = replace(plan, name=name), self._window.words.language
        title = self._window.words.say("edit.shelter_plan", plan=name)
        reading = self._window.desk.reading(
            lambda own, progress: Found(plan, plan_edit(own, plan, title, language))
        )
        self._window.tasks.start(title, reading, self._take)

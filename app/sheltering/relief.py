"""The relief studies of the window: each is a task; maps are kept as layers by one edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
from PySide6.QtCore import QObject

from app.panels.relief import ReliefPanel
from app.sheltering.shelters import Shelters
from app.stack import group_of
from layers.changes import Edit
from layers.progress import Progress
from layers.siting import relief_checks, relief_study
from layers.siting.relief import WARNING_TARGET
from layers.siting.shelter_plan import ShelterPlan
from layers.storage.geopackage import ProjectFile, load
from layers.words import Language, say

if TYPE_CHECKING:
    from app.main_window import MainWindow

Given = Mapping[str, Any]
WITH_PLAN = ("balance", "responders")
"""Studies that need a plan."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What is shown, and the edit that keeps a map."""

    verdict: str
    heads: list[str]
    rows: pd.DataFrame
    edit: Edit | None = None


class Relief(QObject):
    """Runs the studies of the relief panel."""

    def __init__(self, window: MainWindow, shelters: Shelters) -> None:
        super().__init__(window)
        self._window, self._shelters = window, shelters
        self.panel = ReliefPanel(window.words)
        self.panel.asked.connect(self.ask)

    def ask(self, study: str, given: Mapping[str, Any]) -> None:
        """Reckon a study, with the chosen plan where there is one."""
        chosen = self._shelters.chosen
        if study in WITH_PLAN and not chosen:
            self._window.notices.say(self._window.words.say("relief.no_plan"), "warning")
        elif chosen:
            self._shelters.with_plans((chosen,), lambda plans: self._start(study, given, plans[chosen]))
        elif self._window.desk.project is not None:
            self._start(study, given, None)

    def _start(self, study: str, given: Mapping[str, Any], plan: ShelterPlan | None) -> None:
        language = self._window.words.language
        work = self._window.desk.reading(
            lambda own, progress: ANSWERS[study](own, plan, given, language, progress)
        )
        title = self._window.words.say(f"relief.{study}")
        self._window.tasks.start(title, work, lambda answer: self._take(study, answer))

    def _take(self, study: str, answer: Answer) -> None:
        note = self._window.words.say(f"relief.{study}.note")
        self.panel.show_result(answer.verdict, answer.heads, answer.rows, note)
        if answer.edit is not None:
            kept = {layer.name for layer in answer.edit.loads}
            self._window.store(answer.edit, lambda: self._show_only(kept))

    def _show_only(self, kept: set[str]) -> None:
        """The study's map and the shelters; what would lie over it goes off the map."""
        stack = self._window.stack
        for entry in stack.entries:
            if group_of(entry) == "plan" and entry.kind != "plan_site":
                stack.see(entry.name, entry.name in kept)
        stack.hide_theme()


def _heads(language: Language, *names: str) -> list[str]:
    return [say(f"relief.head.{name}", language) for name in names]


def _depots(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    depots = relief_study.Depots.of(own)
    found = depots.table()
    short = int((~found["complies"]).sum())
    rows = found[["name", "tier", "floor_area"]].copy()
    rows["fits"] = [say(f"relief.complies.{bool(fits)}", language) for fits in found["complies"]]
    verdict = say("relief.depots.verdict", language, number=len(found), short=short)
    return Answer(verdict, _heads(language, "depot", "tier", "area", "complies"), rows)


def _balance(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    assert plan is not None
    found = relief_study.balance(own, plan, int(given["days"]), given["season"], progress).items
    name = found["zh"] if language == "zh_CN" else found["en"]
    rows = pd.DataFrame({"item": name + " (" + found["unit"] + ")", "needed": found["needed"].astype(float),
                         "given": found["given"], "gap": found["gap"]})  # fmt: skip
    short = int((found["gap"] > 0.5).sum())
    verdict = say("relief.balance.verdict", language, short=short, number=len(found))
    return Answer(verdict, _heads(language, "item", "needed", "given", "gap"), rows)


def _ten_hours(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    found = relief_study.ten_hours(
        own, plan, given["mobilise"], given["transfer"], given["limit"], language, progress
    )
    rows = found.table.sort_values("late", ascending=False)[["name", "people", "late", "share"]]
    edit = load(found.layer.title, [found.layer], own, replace_kind=True)
    share, hours = f"{found.share:.1%}", f"{given['limit']:g}"
    verdict = say("relief.ten_hours.verdict", language, share=share, hours=hours)
    return Answer(verdict, _heads(language, "town", "people", "late", "share"), rows, edit)


def _fire(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    found = relief_study.fire_reach(own, given["minutes"], language, progress)
    share = found.reached / found.burnable if found.burnable > 0 else float("nan")
    words = [say(f"relief.fire.{which}", language) for which in ("burnable", "reached")]
    rows = pd.DataFrame({"what": words, "km2": [found.burnable, found.reached]})
    edit = load(found.layer.title, [found.layer], own, replace_kind=True)
    verdict = say("relief.fire.verdict", language, share=f"{share:.1%}", minutes=f"{given['minutes']:g}")
    return Answer(verdict, _heads(language, "fuel", "km2"), rows, edit)


def _responders(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    assert plan is not None
    rows = relief_study.responders_for(own, plan, given["kind"], int(given["count"]), progress)
    first = rows[rows["rank"] == 1]
    slowest = float(first["minutes"].max()) if len(first) else float("nan")
    sites = first["site"].nunique()
    verdict = say("relief.responders.verdict", language, sites=sites, minutes=f"{slowest:.0f}")
    rows = rows[["site", "name", "minutes"]]
    return Answer(verdict, _heads(language, "site", "responder", "minutes"), rows)


def _stock(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    rows = relief_checks.ledger_stock(own, date.today())  # noqa: DTZ011  the office's own day
    verdict = say("relief.stock.verdict", language, depots=rows["depot"].nunique(), items=len(rows))
    return Answer(verdict, _heads(language, "depot", "item", "amount"), rows)


def _warning(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    found = relief_checks.warned(own, progress)
    key = "met" if found.share >= WARNING_TARGET else "missed"
    verdict = say(
        f"relief.warning.{key}", language, share=f"{found.share:.1%}", target=f"{WARNING_TARGET:.0%}"
    )
    return Answer(verdict, _heads(language, "county", "people", "heard"), found.table)


def _patches(
    own: ProjectFile, plan: ShelterPlan | None, given: Given, language: Language, progress: Progress
) -> Answer:
    found = relief_checks.grid_findings(own, language)
    edit = None if found.layer is None else load(found.layer.title, [found.layer], own)
    verdict = say("relief.patches.verdict", language, number=len(found.table))
    return Answer(verdict, _heads(language, "what", "where", "area"), found.table, edit)


ANSWERS: Mapping[str, Callable[..., Answer]] = {
    "depots": _depots,
    "stock": _stock,
    "balance": _balance,
    "ten_hours": _ten_hours,
    "fire": _fire,
    "responders": _responders,
    "warning": _warning,
    "patches": _patches,
}

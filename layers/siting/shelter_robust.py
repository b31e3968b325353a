"""Plans under several events: how many people each leaves out, and which is least bad at its worst."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from layers.errors import BadInput
from layers.hazards.source import Source
from layers.progress import Progress, ignore, part
from layers.siting.scenario import Scenario
from layers.siting.shelter_plan import closed
from layers.siting.shelter_store import revived_on, wish_of
from layers.siting.shelter_wish import Exclusion
from layers.siting.shelters import ShelterCase, prepare
from layers.words import Language


def plan_scores(
    project: Source,
    cards: Mapping[str, Mapping[str, Any]],
    scenarios: Sequence[Scenario],
    language: Language,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Every plan under every scenario, with the roads and sites that the scenario leaves.

    Parameters
    ----------
    project : Source
    cards : mapping of str to mapping
        Stored plans by name, see `layers.siting.shelter_store.cards`.
    scenarios : sequence of Scenario
    language : {"zh_CN", "en"}
        Of the scenarios' titles.
    progress : Progress

    Returns
    -------
    pandas.DataFrame
        ``plan, scenario, demand, assigned, unmet, share, closed``: people; per cent left out; sites that the
        scenario takes away. A scenario in which nobody needs a shelter is all 0.
    """
    rows = []
    for number, scenario in enumerate(scenarios):
        step = part(progress, number / len(scenarios), (number + 1) / len(scenarios))
        cases: dict[str, ShelterCase | None] = {}
        for name, card in cards.items():
            key = repr({**card["wish"], "scenario": None, "objective": None, "count": None})
            if key not in cases:
                cases[key] = _case_under(project, card, scenario, step)
            rows.append({"plan": name, "scenario": scenario.title(language), **_score(cases[key], card)})
    progress(1.0)
    return pd.DataFrame(rows)


def _case_under(
    project: Source, card: Mapping[str, Any], scenario: Scenario, progress: Progress
) -> ShelterCase | None:
    """The case of a plan, but for another event; nothing if nobody needs a shelter then."""
    wish = wish_of(card["wish"])
    flood = Exclusion(scenario.layer, scenario.stage) if scenario.kind == "flood" else wish.flood
    try:
        return prepare(
            project, replace(wish, scenario=scenario, others=(), combine="", flood=flood), progress
        )
    except BadInput as error:
        if error.key != "siting_nobody_displaced":
            raise
        return None


def _score(case: ShelterCase | None, card: Mapping[str, Any]) -> dict[str, float]:
    if case is None:
        return {"demand": 0.0, "assigned": 0.0, "unmet": 0.0, "share": 0.0, "closed": 0.0}
    plan = revived_on(case, "", card)
    usable = case.judgement.is_allowed[plan.row]
    plan = closed(plan, np.flatnonzero(~usable))
    unmet, demand = float(plan.unmet.sum()), float(plan.demand.sum())
    return {
        "demand": demand,
        "assigned": demand - unmet,
        "unmet": unmet,
        "share": round(100.0 * unmet / demand, 1),
        "closed": float((~usable).sum()),
    }


def worst_of(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a plan: ``plan, worst`` (most people left out in any scenario), ``scenario``, ``mean``."""
    rows = []
    for name, group in scores.groupby("plan", sort=False):
        at = group["unmet"].idxmax()
        rows.append({"plan": name, "worst": group.loc[at, "unmet"], "scenario": group.loc[at, "scenario"],
                     "mean": group["unmet"].mean()})  # fmt: skip
    return pd.DataFrame(rows)

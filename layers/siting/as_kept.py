"""A stored plan where the project has changed since: with the numbers of then, or reckoned anew."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from layers.errors import BadInput
from layers.progress import Progress, ignore
from layers.siting.noted import Amended, amended_since
from layers.siting.paths import Access
from layers.siting.problem import Allocation
from layers.siting.residents import Gathering
from layers.siting.shelter_layers import summary
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelter_store import cards, on_card, wish_of
from layers.siting.shelters import ShelterCase, prepare, ways_between
from layers.storage.geopackage import ProjectFile
from layers.words import Language, say


def amended(project: ProjectFile, card: Mapping[str, Any]) -> tuple[Amended, ...]:
    """What was done to the layers that a stored plan rests on since it was found.

    Nothing is known of plans of earlier versions: they did not note what they read.
    """
    if "as_of" not in card:
        return ()
    return amended_since(project, int(card["as_of"]), card["inputs"])


def amended_words(change: Amended, language: Language) -> str:
    """A layer, how many of its features, and when last, in the office's own time."""
    when = datetime.fromisoformat(change.time).astimezone().strftime("%Y-%m-%d %H:%M")
    return say(f"amended.{change.what}", language, layer=change.title, rows=f"{change.rows:,}", when=when)


def differences(card: Mapping[str, Any], plan: ShelterPlan) -> dict[str, str]:
    """People in need, left out, and open sites that rules exclude now: as the plan was kept, and as it is."""
    was, now = card["summary"], summary(plan)
    told = {f"{name}_then": f"{was[name]:,.0f}" for name in ("demand", "unmet")}
    told |= {name: f"{now[name]:,.0f}" for name in ("demand", "unmet")}
    return told | {"excluded": f"{(~plan.case.judgement.is_allowed[plan.row]).sum()}"}


def as_kept(project: ProjectFile, name: str, progress: Progress = ignore) -> ShelterPlan:
    """A stored plan with the people, ways, room and shelters of then.

    Only what lies around is of now: roads, candidates that are not open, what the rules say of them.

    Raises
    ------
    BadInput
        The plan is of an earlier version, which did not keep its numbers.
    KnownError
        As `layers.siting.shelters.prepare`.
    """
    card = cards(project)[name]
    return as_kept_on(prepare(project, wish_of(card["wish"]), progress), name, card)


def as_kept_on(now: ShelterCase, name: str, card: Mapping[str, Any]) -> ShelterPlan:
    """The same on a case of now that is at hand."""
    if "places" not in card:
        raise BadInput("plan_without_numbers", plan=name)
    blank, figures, held = on_card(_case_of_then(now, card), name, card), card["summary"], card["flows"]
    point, site = (np.array(held[key], np.int64) for key in ("point", "site"))
    people, metres = (np.array(held[key], np.float64) for key in ("people", "metres"))
    ways = blank.metres.copy()
    ways[point, site] = metres
    unmet = blank.demand - np.bincount(point, people, len(blank.demand))
    objective, bound, gap = (float("nan") if figures[key] is None else float(figures[key])
                             for key in ("objective", "bound", "gap"))  # fmt: skip
    return replace(blank, metres=ways, flows=Allocation(point, site, people, metres), unmet=unmet,
                   status=figures["status"], objective=objective, bound=bound, gap=gap)  # fmt: skip


def _case_of_then(now: ShelterCase, card: Mapping[str, Any]) -> ShelterCase:
    """The case of now with the places and people of then; ways from there on the roads of now."""
    held, towns = card["places"], now.points.towns
    xy = np.column_stack([held["x"], held["y"]]).astype(np.float64)
    by_code = {code: number for number, code in enumerate(towns.codes)}
    town = np.array([by_code.get(code, -1) for code in held["town"]], np.int64)
    of = np.full(len(now.points.of), -1)
    points = Gathering(of, xy, np.array(held["residents"], np.float64), town, tuple(held["names"]), towns)
    access = Access.of(now.network, np.concatenate([xy, now.xy]))
    groups = np.array(held["groups"], np.float64) if held["groups"] else None
    people = np.array(held["people"], np.float64)[None]
    metres = ways_between(access, now.sites, now.wish)
    return replace(now, points=points, demand=people, access=access, metres=metres, groups=groups)

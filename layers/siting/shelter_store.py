"""Shelter plans in a project: a card of settings and the plan's layers, kept and taken out by one edit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from layers.changes import Change, Edit, Row
from layers.grid import Array
from layers.layer import Layer
from layers.progress import Progress, ignore
from layers.risk.assessment import hazard_result
from layers.risk.results import rasters_of
from layers.siting.arcs import Index
from layers.siting.priority import PriorityGroup
from layers.siting.problem import Allocation
from layers.siting.rules import siting_rules, with_values
from layers.siting.scenario import Scenario, scenario_of, shaking_entry
from layers.siting.shelter_layers import plan_layers, summary
from layers.siting.shelter_plan import Proof, ShelterPlan, allocated, by_hand
from layers.siting.shelter_wish import Exclusion, ShelterWish
from layers.siting.shelters import ShelterCase, prepare
from layers.siting.verdicts import exclusion_counts
from layers.siting.ways_to import metres_to
from layers.storage.geopackage import ProjectFile, load
from layers.words import Language

CARD = "shelter_plan:"
"""What the keys of plans begin with in a project's settings."""


def plan_edit(
    project: ProjectFile,
    plan: ShelterPlan,
    name: str,
    language: Language,
    event: Sequence[Layer] = (),
    layers: Sequence[Layer] | None = None,
) -> Edit:
    """The edit that keeps a plan: its layers, and its card in the settings; one of the same name goes.

    Parameters
    ----------
    project : ProjectFile
    plan : ShelterPlan
    name : str
        What the user did, in the user's language.
    language : {"zh_CN", "en"}
        Of titles and reasons.
    event : sequence of Layer
        Of the event that the plan is for, in place of earlier ones, see `event_layers`.
    layers : sequence of Layer, optional
        Of the plan, where `plan_layers` has made them already.
    """
    gone = {str(layer.kind) for layer in event}
    own = plan_layers(plan, language) if layers is None else layers
    loaded = load(name, [*event, *own], project, instead_of=gone)
    names = {str(layer.kind): layer.name for layer in loaded.loads[len(event) :]}
    key = f"{CARD}{plan.name}"
    before = project.table("settings").get(key)
    text = _card(plan, names)
    read_card(text)  # here, where nobody waits for it
    card = Change("settings", key, before, {"value": text})
    return Edit(name, (*_removals(project, before), *loaded.changes, card), loaded.loads)


def event_layers(project: ProjectFile, scenario: Scenario, folder: Path) -> list[Layer]:
    """The shaking of an earthquake, if the project does not hold it yet: a plan is kept with its event.

    Parameters
    ----------
    project : ProjectFile
    scenario : Scenario
    folder : Path
        Takes the raster.
    """
    model = scenario.earthquake
    if model is None or shaking_entry(project, scenario) is not None:
        return []
    return list(rasters_of(hazard_result(project, model.hazard, model=model), folder))


def plan_removal(project: ProjectFile, plan: str, name: str) -> Edit:
    """The edit that takes a plan out, layers and card."""
    key = f"{CARD}{plan}"
    before = project.table("settings")[key]
    return Edit(name, (*_removals(project, before), Change("settings", key, before, None)))


def _removals(project: ProjectFile, card: Row | None) -> Sequence[Change]:
    if card is None:
        return ()
    rows = project.table("layers")
    held = (read_card(str(card["value"])) or {"layers": {}})["layers"].values()
    return tuple(Change("layers", name, dict(rows[name]), None) for name in held if name in rows)


def _card(plan: ShelterPlan, layers: Mapping[str, str]) -> str:
    """What is kept of a plan beside its layers, as JSON; what is not a number is null."""
    figures = {name: None if value != value else value for name, value in summary(plan).items()}
    rooms = [float(room) if np.isfinite(room) else None for room in plan.capacity]
    sites = [
        {"name": name, "x": float(x), "y": float(y), "capacity": room, "resized": bool(resized)}
        for name, (x, y), room, resized in zip(plan.names, plan.xy, rooms, plan.is_resized, strict=True)
    ]
    case = plan.case
    card = {"wish": wish_row(case.wish), "summary": figures, "layers": dict(layers), "sites": sites,
            "as_of": case.as_of, "inputs": list(case.inputs), "placeless": list(case.placeless),
            "miscounted": list(case.miscounted),
            "candidates": len(case.sites), "excluded_by": exclusion_counts(case),
            "proof": None if plan.proof is None else asdict(plan.proof),
            "flows": {"point": plan.flows.point.tolist(), "site": plan.flows.site.tolist(),
                      "people": plan.flows.people.tolist(), "metres": np.round(plan.flows.cost, 1).tolist()},
            "places": _places(case)}  # fmt: skip
    return json.dumps(card, ensure_ascii=False, allow_nan=False)


def _places(case: ShelterCase) -> dict[str, Any]:
    """Where people set out, how many, and how many of priority groups: the numbers of then."""
    points = case.points
    codes = [*points.towns.codes, ""]
    return {
        "names": list(points.names), "x": np.round(points.xy[:, 0], 1).tolist(),
        "y": np.round(points.xy[:, 1], 1).tolist(), "residents": points.residents.tolist(),
        "town": [codes[town] for town in points.township], "people": case.people.tolist(),
        "groups": [] if case.groups is None else case.groups.tolist(),
    }  # fmt: skip


def cards(project: ProjectFile) -> dict[str, dict[str, Any]]:
    """The plans that a project holds, by name: ``wish, summary, layers, sites``; see `torn_cards`."""
    read = {name: read_card(text) for name, text in _texts(project).items()}
    return {name: dict(card) for name, card in read.items() if card is not None}


def torn_cards(project: ProjectFile) -> tuple[str, ...]:
    """Names of the plans whose cards nobody can read: they are left out, and stay in the file."""
    return tuple(name for name, text in _texts(project).items() if read_card(text) is None)


def _texts(project: ProjectFile) -> dict[str, str]:
    rows = project.table("settings")
    return {key.removeprefix(CARD): str(rows[key]["value"]) for key in rows if key.startswith(CARD)}


_PARTS = {"wish": dict, "summary": dict, "layers": dict, "sites": list}


@lru_cache(maxsize=32)
def read_card(text: str) -> dict[str, Any] | None:
    """What is kept of a plan; of a city it is long, and reading it holds the interpreter's lock.

    ``None`` if it is no card.
    """
    try:
        card = json.loads(text)
        is_card = all(isinstance(card[part], kind) for part, kind in _PARTS.items())
        return card if is_card else None
    except (ValueError, TypeError, KeyError):
        return None


def wish_row(wish: ShelterWish) -> dict[str, Any]:
    """A wish as plain values; of the rules what a user changed."""
    row: dict[str, Any] = asdict(replace(wish, rules=()))
    usual = {rule.id: rule for rule in siting_rules()}
    kept = {rule.id for rule in wish.rules}
    row["rules"] = {
        "off": [name for name in usual if name not in kept],
        "values": {
            rule.id: rule.value
            for rule in wish.rules
            if rule.id in usual and not np.array_equal(rule.value, usual[rule.id].value, equal_nan=True)
        },
    }
    return row


def wish_of(row: Mapping[str, Any]) -> ShelterWish:
    """A wish from plain values."""
    given = dict(row)
    rules = given.pop("rules")
    given["rules"] = with_values(siting_rules(), rules["values"], rules["off"])
    given["scenario"] = scenario_of(given["scenario"])
    given["others"] = tuple(map(scenario_of, given["others"]))
    given["flood"] = None if given["flood"] is None else Exclusion(**given["flood"])
    given["sources"] = tuple(given["sources"])
    given["priority"] = tuple(PriorityGroup(**group) for group in given.get("priority", ()))
    given["evidence"] = tuple((name, layer) for name, layer in given["evidence"])
    return ShelterWish(**given)


def revived(
    project: ProjectFile, name: str, progress: Progress = ignore, *, is_proven: bool = True
) -> ShelterPlan:
    """A stored plan with all that is needed to go on with it: its case is reckoned anew.

    Raises
    ------
    KeyError
        The project has no such plan.
    """
    card = cards(project)[name]
    case = prepare(project, wish_of(card["wish"]), progress)
    return revived_on(case, name, card, is_proven=is_proven)


def revived_on(
    case: ShelterCase, name: str, card: Mapping[str, Any], *, is_proven: bool = True
) -> ShelterPlan:
    """A stored plan on a case that is at hand; what was proven holds only if nothing has changed since."""
    blank = on_card(case, name, card, is_now=True)
    kept, figures = _as_kept(blank, card), card["summary"]
    plan = allocated(blank) if kept is None else kept
    if not is_proven:
        return replace(plan, proof=None)
    if figures["gap"] is None or figures["unmet"] != float(plan.unmet.sum()):
        return plan
    return replace(plan, **{key: figures[key] for key in ("objective", "bound", "gap", "status")})


def on_card(case: ShelterCase, name: str, card: Mapping[str, Any], *, is_now: bool = False) -> ShelterPlan:
    """The sites of a stored plan on a case, nobody being allocated yet.

    Parameters
    ----------
    case : ShelterCase
    name : str
    card : mapping
    is_now : bool
        Sites have the room that their layers give now, but for those that were given another by hand.
    """
    held = card["sites"]
    xy = np.array([(site["x"], site["y"]) for site in held]).reshape(-1, 2)
    row = _candidates(case, [site["name"] for site in held], xy)
    rooms = np.array([np.inf if site["capacity"] is None else site["capacity"] for site in held])
    nan = float("nan")
    if is_now and case.wish.with_capacity:
        own = case.sites["capacity"].to_numpy(np.float64)[row]
        is_set = np.array([site.get("resized", True) for site in held], bool)
        rooms = np.where(is_set, rooms, own)
    return ShelterPlan(name, case, row, xy, rooms, _metres(case, row, xy), Allocation.nobody(), case.people,
                       nan, nan, nan, "by_hand", _proof(card))  # fmt: skip


def _as_kept(blank: ShelterPlan, card: Mapping[str, Any]) -> ShelterPlan | None:
    """The plan with everybody where they were sent; nothing if that no longer holds."""
    held, shape = card.get("flows"), blank.metres.shape
    if held is None:
        return None
    point, site = (np.array(held[name], np.int64) for name in ("point", "site"))
    people = np.array(held["people"], np.float64)
    if len(point) and (point.max() >= shape[0] or site.max() >= shape[1]):
        return None
    flows = Allocation(point, site, people, blank.metres[point, site])
    unmet = blank.demand - np.bincount(point, people, shape[0])
    kept = by_hand(blank, flows, unmet)
    holds = (unmet > -0.5).all() and float(unmet.sum()) == card["summary"]["unmet"]
    holds &= bool(
        (flows.cost <= blank.case.radius + 1e-6).all() and (kept.load <= kept.capacity + 1e-6).all()
    )
    return kept if holds else None


def _proof(card: Mapping[str, Any]) -> Proof | None:
    held = card.get("proof")
    return None if held is None else Proof(**held)


def _candidates(case: ShelterCase, names: Sequence[str], xy: Array) -> Index:
    """For each site the candidate of its name nearest to it, without one the nearest; each taken once."""
    known, free = case.sites["name"].to_numpy(), np.ones(len(case.sites), bool)
    rows = np.zeros(len(names), np.int64)
    for number, (name, at) in enumerate(zip(names, xy, strict=True)):
        named = free & (known == name)
        rest = named if named.any() else free if free.any() else ~free
        rows[number] = np.argmin(np.where(rest, np.hypot(*(case.xy - at).T), np.inf))
        free[rows[number]] = False
    return rows


def _metres(case: ShelterCase, row: Index, xy: Array) -> Array:
    """Ways to sites; anew to those that were dragged."""
    metres = case.metres[:, row].copy()
    for k in np.flatnonzero(np.hypot(*(xy - case.xy[row]).T) > 0.5):
        metres[:, k] = metres_to(case.access, len(case.points), xy[k], case.radius)
    return metres

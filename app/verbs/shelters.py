"""What the verb `shelters` does: choose shelters in a project, keep the plan, write what leaves the house."""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.reckoning import Reckoning
from app.verbs.by_hand import changed_plan, changed_since
from app.verbs.shared import opened, refuse_region
from app.verbs.siting_rules import changes, chosen_rules
from app.whole import whole_folder
from layers.errors import BadInput
from layers.hazards.inputs import code_text
from layers.hazards.source import Reading
from layers.reports.shelter_outputs import OutputWish, write_outputs
from layers.reports.village_cards import places_in
from layers.siting.candidates import SOURCES
from layers.siting.closing import BRIDGES_FALL_AT, ROAD_CLOSED_AT
from layers.siting.network import WALKING
from layers.siting.priority import PriorityGroup, priority_groups
from layers.siting.rules import siting_rules
from layers.siting.scenario import (
    Kind,
    Scenario,
    event_named,
    first_flood,
)
from layers.siting.shelter_layers import exclusions, site_table, summary, township_table, with_outside
from layers.siting.shelter_plan import ShelterPlan, solved
from layers.siting.shelter_store import event_layers, plan_edit
from layers.siting.shelter_wish import Exclusion, ShelterWish
from layers.siting.shelters import ShelterCase, prepare
from layers.siting.verdicts import (
    candidate_table,
    connection_of,
    evidence_against,
    exclusion_counts,
    rule_table,
)
from layers.storage.geopackage import ProjectFile
from layers.words import Language, listed, say

PRIORITY = ("weight", "share", "speed")
"""Numbers of a priority group, in the order in which they are given."""


def shelters(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Solve a shelter case; write ``plan.json`` and what is asked for; keep the plan with ``--store``."""
    kinds = _kinds(options.write)
    with opened(options.project, write=bool(options.store)) as project:
        refuse_region(project, options.region)
        plan = _plan(project, options, kinds, reckoning)
        answer = _answer(plan, changed_since(project, options.plan, reckoning.language), reckoning)
        with whole_folder(options.out) as draft:
            page = draft / "plan.json"
            page.write_text(json.dumps(answer, ensure_ascii=False, indent=1), encoding="utf-8")
            wanted = OutputWish(kinds, options.region, draft, options.maker)
            drawing = reckoning.progress("cli.drawing")
            write_outputs(project, plan, wanted, reckoning.language, drawing)
            written = [options.out / file.name for file in sorted(draft.iterdir())]
        if options.store:
            _store(project, plan, reckoning)
    figures = answer["summary"]
    reckoning.tell("cli.sheltered", **{k: f"{figures[k]:,.0f}" for k in ("sites", "assigned", "unmet")},
                   gap="—" if figures["gap"] is None else f"{figures['gap']:.2%}")  # fmt: skip
    if figures["cut_off"]:
        reckoning.tell("shelter.cut_off", people=f"{figures['cut_off']:,.0f}")
    _tell_left_out(plan, answer, reckoning)
    _tell_rules(answer["rules"], reckoning)
    for each in written:
        reckoning.wrote(each)
    told = {name: answer[name] for name in ("excluded_by", "changed_since")}
    return {
        **figures,
        **told,
        "placeless": list(plan.case.placeless),
        "rules": answer["rules"],
        "wrote": written,
    }


def _tell_left_out(plan: ShelterPlan, answer: Mapping[str, Any], reckoning: Reckoning) -> None:
    """How many candidates rules exclude, and which features have no place."""
    counts, names = answer["excluded_by"], plan.case.placeless
    told = " · ".join(f"{rule} {number}" for rule, number in counts.items()) or "—"
    key = "candidates_line" if len(plan.case.allowed) else "all_excluded"
    reckoning.tell(f"shelter.{key}", candidates=f"{len(plan.case.sites):,}", counts=told)
    if names:
        some = listed((name.partition(" ")[2] for name in names[:10]), reckoning.language)
        reckoning.tell("shelter.placeless_line", number=len(names), names=some)
    if plan.case.miscounted:
        reckoning.tell("shelter.miscounted_line", names=listed(plan.case.miscounted, reckoning.language))


def _plan(
    project: ProjectFile, options: argparse.Namespace, kinds: Sequence[str], reckoning: Reckoning
) -> ShelterPlan:
    """The best plan for what is asked, or a kept one as it is changed by hand."""
    name = options.store or options.plan or say("shelter.plan", reckoning.language, number=1)
    if options.plan:
        return replace(changed_plan(project, options, reckoning), name=name)
    if options.open or options.close or options.move or options.room:
        raise BadInput("plan_missing")
    case = prepare(project, wish(options, project), reckoning.progress("cli.distances"))
    if "cards" in kinds:
        places_in(case, options.region)  # too many are refused before the search, not after it
    return solved(case, name, reckoning.progress("cli.siting"))


def _tell_rules(changed: Mapping[str, Any], reckoning: Reckoning) -> None:
    """Which rules are not as they are at first."""
    if any(changed.values()):
        values = [f"{name}={value:g}" for name, value in changed["values"].items()]
        facts = {"off": changed["off"], "on": changed["on"], "values": values}
        reckoning.tell("cli.rules_changed", **{name: ", ".join(each) or "—" for name, each in facts.items()})


def wish(options: argparse.Namespace, project: ProjectFile) -> ShelterWish:
    """What the words on the command line ask for."""
    flood = None if options.exclude_stage is None else Exclusion("", options.exclude_stage)
    return ShelterWish(
        scenario=_scenario(options, project),
        by_day=options.by_day,
        unit=options.unit,
        cell=options.cell,
        region=options.region,
        keep_existing=options.keep_existing,
        objective=options.objective,
        count=None if options.objective == "set-cover" else options.count,
        radius=None if options.radius == "class" else _number(options.radius),
        time_limit=options.time_limit,
        flood=flood,
        rules=chosen_rules(options),
        sources=_sources(options.sources),
        stay=options.stay,
        budget=options.budget,
        single_source=options.whole,
        with_capacity=not options.without_capacity,
        speed=_given(options.speed, WALKING),
        road_depth=_given(options.road_depth, ROAD_CLOSED_AT),
        bridges=_given(options.bridges, BRIDGES_FALL_AT),
        evidence=_evidence(options.evidence, project),
        priority=_priority(options.priority),
    )


def _priority(texts: Sequence[str]) -> tuple[PriorityGroup, ...]:
    """Priority groups by name, with other numbers where they are given."""
    known, found = {group.group: group for group in priority_groups()}, dict[str, PriorityGroup]()
    for text in texts:
        name, _, values = text.partition("=")
        given = [part for part in values.split(",") if part.strip()]
        if name not in known or len(given) > len(PRIORITY):
            raise BadInput("priority_unknown", text=text, known=", ".join(known))
        numbers = {key: _number(part) for key, part in zip(PRIORITY, given, strict=False)}
        found[name] = replace(known[name], **numbers)  # type: ignore[arg-type]
    return tuple(found.values())


def _given(value: float | None, usual: float) -> float:
    return usual if value is None else value


def _sources(text: str) -> tuple[str, ...]:
    """Kinds of layers, with commas."""
    kinds = tuple(part.strip() for part in text.split(",") if part.strip())
    unknown = [kind for kind in kinds if kind not in SOURCES]
    if unknown or not kinds:
        raise BadInput("sources_unknown", kind=unknown[0] if unknown else "—", known=", ".join(SOURCES))
    return kinds


def _evidence(texts: Sequence[str], project: ProjectFile) -> tuple[tuple[str, str], ...]:
    """The layers that are named for the evidence of rules."""
    known = {rule.evidence for rule in siting_rules() if rule.evidence}
    held, found = {entry.name for entry in project.layers()}, []
    for text in texts:
        name, _, layer = text.partition("=")
        if name not in known or layer not in held:
            raise BadInput("evidence_unknown", text=text, known=", ".join(sorted(known)))
        found.append((name, layer))
    return tuple(found)


def _scenario(options: argparse.Namespace, project: ProjectFile) -> Scenario:
    """The event; an earthquake's words are refused with another one, not passed over."""
    shaken = options.magnitude is not None or options.epicentre is not None
    if options.event is not None:
        if shaken:
            raise BadInput("event_mixed", scenario=options.event)
        return event_named(project, options.event, options.stage)
    kind: Kind = options.scenario or ("earthquake" if shaken else "everyone")
    if kind != "earthquake":
        if shaken:
            raise BadInput("event_mixed", scenario=kind)
        if kind == "area":
            raise BadInput("scenario_no_area", layer="—")
        return first_flood(project, options.stage) if kind == "flood" else Scenario(kind)
    if options.epicentre is None:
        raise BadInput("epicentre_missing")
    x, y = _epicentre(options.epicentre, project)
    magnitude = Scenario.magnitude if options.magnitude is None else options.magnitude
    return Scenario(kind, magnitude, x, y, options.azimuth)


def _store(project: ProjectFile, plan: ShelterPlan, reckoning: Reckoning) -> None:
    """Keep a plan, with the shaking that it rests on as a hazard result."""
    title = say("edit.shelter_plan", reckoning.language, plan=plan.name)
    with tempfile.TemporaryDirectory(prefix="riskatlas-") as folder:
        event = event_layers(project, plan.case.wish.scenario, Path(folder))
        project.apply(plan_edit(project, plan, title, reckoning.language, event))


def _epicentre(text: str, project: ProjectFile) -> tuple[float, float]:
    """The middle of a county or township by code, or easting and northing."""
    if "," in text:
        x, _, y = text.partition(",")
        east, north = _number(x, "position_unreadable"), _number(y, "position_unreadable")
        if abs(east) <= 180 and abs(north) <= 90:
            raise BadInput("epicentre_degrees", text=text, crs=project.crs)
        return east, north
    for kind in ("county", "township"):
        layer = Reading(project).read_first(kind, "code")
        if layer is None:
            continue
        rows = np.flatnonzero(layer["code"].map(code_text).to_numpy() == text)
        if len(rows):
            west, south, east, north = layer.shapes.boxes[rows[0]]
            return float(west + east) / 2, float(south + north) / 2
    raise BadInput("region_unknown", region=text)


def _number(text: str, key: str = "option_no_number") -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInput(key, text=text) from None


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(part.strip() for part in text.split(",") if part.strip())
    unknown = [kind for kind in kinds if kind not in ("book", "cards", "table", "need")]
    if unknown:
        raise BadInput("output_unknown", kind=unknown[0])
    return kinds


def _answer(plan: ShelterPlan, changed: list[str], reckoning: Reckoning) -> dict[str, Any]:
    """The plan as plain values: figures, sites, townships, and why candidates were excluded."""
    case, language = plan.case, reckoning.language
    rows = np.flatnonzero(~case.judgement.is_allowed).tolist()
    figures = {name: None if value != value else value for name, value in summary(plan).items()}
    excluded = [_excluded(case, row, language) for row in rows]
    sites = site_table(plan)
    return {
        "scenario": case.wish.scenario.title(language),
        "rules": changes(case.wish.rules),
        "summary": figures,
        "sites": _records(sites.drop(columns=["row", "moved"])),
        "townships": with_outside(plan, township_table(plan), language).to_dict("records"),
        "excluded": excluded,
        "excluded_by": exclusion_counts(case),
        "candidates": _records(candidate_table(plan, language)),
        "rules_judged": _records(rule_table(plan, language)),
        "network": connection_of(case)._asdict(),
        "changed_since": changed,
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; what is no number is null."""
    rows: list[dict[str, Any]] = table.astype(object).where(table.notna(), None).to_dict("records")
    return rows


def _excluded(case: ShelterCase, row: int, language: Language) -> dict[str, Any]:
    """A candidate that may not be open: the rules, what each found in words and in numbers."""
    broken = exclusions(case, row, language)
    numbers = [each._asdict() for each in evidence_against(case, row, language)]
    plain = [{key: None if value != value else value for key, value in each.items()} for each in numbers]
    sites = case.sites
    return {
        "id": str(sites["id"].iloc[row]),
        "name": str(sites["name"].iloc[row]),
        "rules": [rule for rule, _ in broken],
        "why": [words for _, words in broken],
        "evidence": plain,
    }

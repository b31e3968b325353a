"""Rules that are a matter of a plan, not of one place: room for the people of an area, units of a shelter.

Both are judged at the open sites of a plan where the data are there; `unjudged` says of every candidate which
rules could not be judged, and why, so that nobody thinks it passed them.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Index
from layers.siting.rules import OFF_AT_FIRST, Rule, shelter_classes, siting_rules
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelters import ShelterCase
from layers.words import Language, say

FIXED = ("短期", "中期", "长期", "中心")
"""Classes of fixed shelters 固定避难场所, which S13 is about; S15 is about the others."""
MANAGED = 50.0 / 10_000
"""Ground for the management of an emergency shelter, m² a person (S15)."""
BUFFERS = ((2000.0, 3.0), (8000.0, 6.0), (20_000.0, 12.0))
"""Most people of an emergency shelter, and the width of the buffer around it, m (S15)."""
NAN = float("nan")


class PlanFinding(NamedTuple):
    """What a rule found at an open site of a plan.

    Parameters
    ----------
    rule : str
    site : int
        Of the open ones.
    found, limit : float
        S13: people that it has room for, and that it must have. S15: ground that it has, and needs, m².
    passes : bool
    facts : tuple of (str, float)
        For the sentence of `plan_words`.
    """

    rule: str
    site: int
    found: float
    limit: float
    passes: bool
    facts: tuple[tuple[str, float], ...]


def plan_findings(plan: ShelterPlan) -> tuple[PlanFinding, ...]:
    """What S13 and S15 find at the open sites, as far as they can be judged."""
    rules = {rule.id: rule for rule in plan.case.rules}
    classes = plan.case.sites["class"].to_numpy()[plan.row]
    is_fixed = np.isin(classes, FIXED)
    found = list[PlanFinding]()
    if "S13" in rules:
        found += _room(plan, np.flatnonzero(is_fixed & np.isfinite(plan.capacity)), rules["S13"])
    if "S15" in rules:
        assumed = plan.case.sites["area_assumed"].to_numpy(np.float64)[plan.row] > 0
        found += _units(plan, np.flatnonzero(~is_fixed & ~assumed), rules["S15"])
    return tuple(found)


def _room(plan: ShelterPlan, sites: Index, rule: Rule) -> list[PlanFinding]:
    """Room of a fixed shelter against all who live where it is responsible."""
    lived = residents_served(plan)
    found = []
    for site in sites.tolist():
        asked, room = float(np.ceil(lived[site] * rule.value - 1e-9)), float(plan.capacity[site])
        facts = (("room", room), ("people", float(lived[site])), ("share", rule.value), ("asked", asked))
        found.append(PlanFinding(rule.id, site, room, asked, room >= asked, facts))
    return found


def residents_served(plan: ShelterPlan) -> Array:
    """All who live at the places of each open site, those who need no shelter too, shape (k,).

    Of a place from which people go to several sites, or nowhere, each has its share.
    """
    flows, points = plan.flows, plan.case.points
    share = flows.people / np.maximum(plan.demand[flows.point], 1.0)
    lived = np.bincount(flows.site, share * points.residents[flows.point], len(plan.row))
    return np.asarray(np.round(lived), np.float64)


def _units(plan: ShelterPlan, sites: Index, rule: Rule) -> list[PlanFinding]:
    """Ground, units and buffer of an emergency shelter for the people who are sent there."""
    each = {known.name: known.area_per_person for known in shelter_classes()}
    names, area = plan.case.sites["class"].to_numpy(), plan.case.sites["area"].to_numpy(np.float64)
    load, found = plan.load, []
    for site in sites.tolist():
        row, people = plan.row[site], float(load[site])
        asked = float(np.ceil(people * (each[names[row]] + MANAGED) - 1e-9))
        buffer = next((wide for most, wide in BUFFERS if people <= most), NAN)
        facts = (("people", people), ("units", float(np.ceil(people / rule.value))), ("buffer", buffer),
                 ("area", float(area[row])), ("asked", asked))  # fmt: skip
        passes = bool(area[row] >= asked and np.isfinite(buffer))
        found.append(PlanFinding(rule.id, site, float(area[row]), asked, passes, facts))
    return found


def judged_by_plan(plan: ShelterPlan) -> dict[int, set[str]]:
    """By which rules about plans each open candidate was judged."""
    judged: dict[int, set[str]] = {int(row): set() for row in plan.row}
    for finding in plan_findings(plan):
        judged[int(plan.row[finding.site])].add(finding.rule)
    return judged


def plan_words(finding: PlanFinding, language: Language) -> str:
    """What a rule found at a site of a plan, in one sentence."""
    facts = {name: f"{value:.0%}" if name == "share" else "—" if np.isnan(value) else f"{value:,.0f}"
             for name, value in finding.facts}  # fmt: skip
    verdict = say(f"plan_rule.{'passes' if finding.passes else 'fails'}", language)
    return say(f"plan_rule.{finding.rule}", language, verdict=verdict, **facts)


def unjudged(
    case: ShelterCase, row: int, language: Language, open_rows: Mapping[int, Collection[str]] | None = None
) -> list[tuple[str, str]]:
    """The rules that a candidate was not held to, each with the reason.

    Parameters
    ----------
    case : ShelterCase
    row : int
        Of the candidates.
    language : {"zh_CN", "en"}
    open_rows : mapping of int to collection of str, optional
        See `judged_by_plan`; without a plan, rules about plans are not judged.
    """
    found = case.judgement.findings
    mine = found[(found["site"] == row) & found["found"].isna()]
    unknown = {str(rule) for rule in mine["rule"]}
    rules = {rule.id: rule for rule in (*siting_rules(), *case.rules)}
    judged = {rule.id for rule in case.rules}
    told = []
    for rule in rules.values():
        if rule.kind == "info":
            continue
        why = _why(case, rule, rule.id in judged, rule.id in unknown)
        why = _why_of_plan(case, row, rule, open_rows) if rule.test == "plan" and rule.id in judged else why
        if why:
            what = say(f"evidence.{rule.evidence}", language) if rule.evidence else ""
            told.append((rule.id, say(f"unjudged.{why}", language, what=what)))
    return told


def _why(case: ShelterCase, rule: Rule, is_on: bool, is_unknown: bool) -> str:
    """Why a rule about places was not judged; nothing if it was."""
    if not is_on:
        return "off_at_first" if rule.id in OFF_AT_FIRST else "off"
    if rule.evidence == "freeboard" and (is_unknown or rule.id in case.judgement.not_judged):
        return "far" if is_unknown else "freeboard"
    if rule.id in case.judgement.not_judged:
        return "field" if rule.test == "field_at_least" else "without"
    if is_unknown and rule.test not in ("inside", "near"):
        return "number" if rule.test == "field_at_least" else "outside"
    return ""


def _why_of_plan(
    case: ShelterCase, row: int, rule: Rule, open_rows: Mapping[int, Collection[str]] | None
) -> str:
    """Why a rule about plans was not judged at a candidate; nothing if it was, or is not about its class."""
    is_fixed = case.sites["class"].iloc[row] in FIXED
    if is_fixed != (rule.id == "S13") or not case.judgement.is_allowed[row]:
        return ""
    if open_rows is None:
        return "unsolved"
    if row not in open_rows:
        return "closed"
    if rule.id in open_rows[row]:
        return ""
    return "room" if is_fixed else "area"

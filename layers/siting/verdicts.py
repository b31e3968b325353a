"""What rules and roads say of a shelter case: a line a candidate, a line a rule, what is not connected."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from layers.siting.arcs import Index
from layers.siting.plan_rules import judged_by_plan, plan_findings, plan_words, unjudged
from layers.siting.rules import Rule, siting_rules
from layers.siting.shelter_layers import finding_words
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelters import ShelterCase
from layers.words import Language, listed, say, sentences, told


class Evidence(NamedTuple):
    """Why a rule excludes a candidate.

    Parameters
    ----------
    rule : str
    clause : str
        What the standard says.
    found, limit : float
        NaN where there is no number.
    unit, status, source : str
    """

    rule: str
    clause: str
    found: float
    limit: float
    unit: str
    status: str
    source: str


def evidence_against(case: ShelterCase, row: int, language: Language) -> list[Evidence]:
    """Every hard rule that a candidate breaks, with clause, numbers, status and source."""
    found = case.judgement.findings
    broken = found[(found["site"] == row) & (found["kind"] == "hard") & ~found["passes"]]
    rules = {rule.id: rule for rule in case.rules}
    return [
        Evidence(rule.id, clause_of(rule, language), float(line.found), float(line.limit), rule.unit,
                 rule.status, told(rule.source, language))
        for line in broken.itertuples() for rule in (rules[str(line.rule)],)
    ]  # fmt: skip


def clause_of(rule: Rule, language: Language) -> str:
    """What a rule asks, in the user's language."""
    return rule.zh if language == "zh_CN" else rule.en


def candidate_table(plan: ShelterPlan, language: Language) -> pd.DataFrame:
    """All candidates: ``id, name, source, class, capacity, verdict, score, rule, why, unjudged``.

    ``verdict`` is open, allowed or excluded; ``score`` that of the soft rules, 0 to 1; ``why`` says what each
    hard rule that excludes, each soft rule, and each rule about plans found; ``unjudged`` which rules were
    not judged, with the reason, and what of the candidate's numbers is not its layer's own.
    """
    case, sites = plan.case, plan.case.sites
    allowed = case.judgement.is_allowed
    verdict = np.where(allowed, "allowed", "excluded").astype(object)
    verdict[plan.row] = "open"
    found = case.judgement.findings
    told_of = found[((found["kind"] == "hard") & ~found["passes"]) | (found["kind"] == "soft")]
    why: list[list[str]] = [[] for _ in range(len(sites))]
    broken: list[list[str]] = [[] for _ in range(len(sites))]
    for row, rule, kind in zip(told_of["site"], told_of["rule"], told_of["kind"], strict=True):
        why[row].append(finding_words(case, row, rule, language))
        if kind == "hard":
            broken[row].append(rule)
    judged = judged_by_plan(plan)
    for finding in plan_findings(plan):
        why[plan.row[finding.site]].append(f"{finding.rule} {plan_words(finding, language)}")
    columns = {name: sites[name].to_numpy() for name in ("id", "name", "source", "class", "capacity")}
    return pd.DataFrame({
        **columns,
        "verdict": verdict,
        "score": np.round(case.judgement.score, 3),
        "rule": [listed(rules, language) for rules in broken],
        "why": [sentences(words, language) for words in why],
        "unjudged": [sentences(_doubts(case, row, language, judged), language) for row in range(len(sites))],
    })  # fmt: skip


def _doubts(
    case: ShelterCase, row: int, language: Language, judged: Mapping[int, Collection[str]]
) -> list[str]:
    """What was not judged at a candidate, and what of its numbers is assumed."""
    sites = case.sites
    doubts = [f"{rule} {why}" for rule, why in unjudged(case, row, language, judged)]
    if float(sites["area_assumed"].iloc[row]) > 0:
        doubts.append(say("unjudged.assumed_area", language))
    room_by = str(sites["room_by"].iloc[row])
    return doubts if room_by == "given" else [*doubts, say(f"unjudged.room_{room_by}", language)]


def exclusion_counts(case: ShelterCase) -> dict[str, int]:
    """How many candidates each hard rule excludes, the most first; one may break several."""
    found = case.judgement.findings
    broken = found[(found["kind"] == "hard") & ~found["passes"]].groupby("rule")["site"].nunique()
    return {str(rule): int(number) for rule, number in broken.sort_values(ascending=False).items()}


def rule_table(plan: ShelterPlan, language: Language) -> pd.DataFrame:
    """All rules: ``rule, clause, kind, value, unit, status, source, judged, excluded`` (candidates; of rules
    about plans open sites that do not meet them).

    ``judged`` is yes, off (switched off), without (nothing to judge by), or told (for information).
    """
    case = plan.case
    found, used = case.judgement.findings, {rule.id: rule for rule in case.rules}
    of_plan = plan_findings(plan)
    broken = exclusion_counts(case) | {
        name: sum(each.rule == name and not each.passes for each in of_plan)
        for name, rule in used.items() if rule.test == "plan"
    }  # fmt: skip
    usual = {rule.id: rule for rule in siting_rules()}
    rows = []
    for name, rule in (usual | used).items():
        kept = used.get(name, rule)
        is_judged = (found["rule"] == name).any() or any(each.rule == name for each in of_plan)
        state = "yes" if is_judged else "told" if kept.kind == "info" else "without"
        state = "off" if name not in used else state
        rows.append((name, clause_of(kept, language), kept.kind, kept.value, kept.unit, kept.status,
                     told(kept.source, language), state, int(broken.get(name, 0))))  # fmt: skip
    names = ["rule", "clause", "kind", "value", "unit", "status", "source", "judged", "excluded"]
    return pd.DataFrame(rows, columns=names)


class Connection(NamedTuple):
    """What of a case hangs together by roads.

    Parameters
    ----------
    roads, apart, closed : int
        Pieces of road; roads that do not hang together with the largest part; pieces that the event closes.
    pieces, joined, crossings : int
        See `layers.siting.network.NetworkReport`.
    places : int
        Demand points without an open road near them.
    people : float
        Those who live there and need a shelter: nobody can be sent anywhere from these places.
    sites : tuple of str
        Ids of candidates without an open road near them.
    placeless : tuple of str
        Features that might be candidates but have no geometry, by kind and name.
    miscounted : tuple of str
        Townships whose number of people is below 0.
    """

    roads: int
    apart: int
    closed: int
    pieces: int
    joined: int
    crossings: int
    places: int
    people: float
    sites: tuple[str, ...]
    placeless: tuple[str, ...]
    miscounted: tuple[str, ...]


def connection_of(case: ShelterCase) -> Connection:
    """What could not be connected, counted: nothing is dropped in silence."""
    network, count = case.network, len(case.points)
    report, lost = network.report, ~case.access.is_tied
    lost_sites: Index = np.flatnonzero(lost[count:])
    return Connection(
        roads=len(network.lines),
        apart=len(report.apart),
        closed=int(case.closing.shut(network).sum()),
        pieces=report.pieces,
        joined=report.joined,
        crossings=report.crossings,
        places=int(lost[:count].sum()),
        people=float(case.people[lost[:count]].sum()),
        sites=tuple(str(name) for name in case.sites["id"].to_numpy()[lost_sites]),
        placeless=case.placeless,
        miscounted=case.miscounted,
    )


def connection_rows(case: ShelterCase, language: Language) -> list[tuple[str, object]]:
    """The same as people read it: what, how much."""
    found = connection_of(case)
    named = {
        "placeless": placeless_words(case, language),
        "miscounted": listed(case.miscounted, language) or 0,
    }
    values = found._asdict() | {"sites": len(found.sites)} | named
    return [(say(f"connection.{name}", language), value) for name, value in values.items()]


def placeless_words(case: ShelterCase, language: Language) -> str:
    """How many features had no geometry, and which."""
    if not case.placeless:
        return "0"
    kinds = (name.partition(" ") for name in case.placeless)
    named = [f"{say(f'shelter.source.{kind}', language)} {name}" for kind, _, name in kinds]
    return f"{len(named)}  {listed(named, language)}"

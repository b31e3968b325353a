"""What rules and roads say of a shelter case: a line a candidate, a line a rule, what is not connected."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from layers.siting.arcs import Index
from layers.siting.rules import Rule, siting_rules
from layers.siting.shelter_layers import finding_words
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelters import ShelterCase
from layers.words import Language, say, told


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
    """All candidates: ``id, name, source, class, capacity, verdict, score, rule, why``.

    ``verdict`` is open, allowed or excluded; ``score`` that of the soft rules, 0 to 1; ``why`` says what each
    hard rule that excludes, and each soft rule, found.
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
    columns = {name: sites[name].to_numpy() for name in ("id", "name", "source", "class", "capacity")}
    return pd.DataFrame({
        **columns,
        "verdict": verdict,
        "score": np.round(case.judgement.score, 3),
        "rule": ["、".join(rules) for rules in broken],
        "why": ["；".join(words) for words in why],
    })  # fmt: skip


def rule_table(case: ShelterCase, language: Language) -> pd.DataFrame:
    """All rules: ``rule, clause, kind, value, unit, status, source, judged, excluded`` (candidates).

    ``judged`` is yes, off (switched off), without (nothing to judge by), or told (not a matter of one site).
    """
    found, used = case.judgement.findings, {rule.id: rule for rule in case.rules}
    broken = found[(found["kind"] == "hard") & ~found["passes"]].groupby("rule")["site"].nunique()
    usual = {rule.id: rule for rule in siting_rules()}
    rows = []
    for name, rule in (usual | used).items():
        kept = used.get(name, rule)
        state = "yes" if (found["rule"] == name).any() else "told"
        state = "without" if name in case.judgement.not_judged else "off" if name not in used else state
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
    )


def connection_rows(case: ShelterCase, language: Language) -> list[tuple[str, object]]:
    """The same as people read it: what, how much."""
    found = connection_of(case)
    values = found._replace(sites=len(found.sites))  # type: ignore[arg-type]
    return [(say(f"connection.{name}", language), value) for name, value in values._asdict().items()]

"""A shelter plan as layers of a project: open sites, who goes where, who is left out, what was excluded."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from layers.layer import Provenance, Shapes, VectorLayer
from layers.siting.rules import Rule
from layers.siting.served_first import served_first
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelters import ShelterCase
from layers.words import Language, listed, say, sentences

KINDS = ("plan_site", "plan_unmet", "plan_excluded", "plan_allocation", "plan_gap")


def plan_layers(plan: ShelterPlan, language: Language) -> list[VectorLayer]:
    """Layers of the kinds `KINDS`, from the topmost; empty ones are left out."""
    made = (_sites(plan), _unmet(plan), _excluded(plan, language), _allocation(plan), _gap(plan))
    provenance = _provenance(plan, language)
    return [
        replace(layer, title=say(f"shelter.layer.{layer.kind}", language, plan=plan.name),
                provenance=provenance)
        for layer in made if len(layer)
    ]  # fmt: skip


def _provenance(plan: ShelterPlan, language: Language) -> Provenance:
    case = plan.case
    return Provenance(
        source=case.wish.scenario.title(language),
        synthetic=case.is_synthetic,
        model=f"shelters({case.wish.objective}, {plan.status})",
        inputs=case.inputs,
    )


def _layer(plan: ShelterPlan, kind: str, shapes: Shapes, table: pd.DataFrame) -> VectorLayer:
    return VectorLayer(kind, kind, plan.case.sites.crs, shapes, table)


def site_table(plan: ShelterPlan) -> pd.DataFrame:
    """One row an open site: ``id, name, source, class, capacity, people, fullness, mean_m, furthest_m,
    moved, row``, and of priority groups ``priority``; no capacity is NaN.
    """
    sites, flows, load = plan.case.sites, plan.flows, plan.load
    walked = np.bincount(flows.site, flows.people * flows.cost, len(plan.row))
    furthest = np.zeros(len(plan.row))
    np.maximum.at(furthest, flows.site, flows.cost)
    limited = np.isfinite(plan.capacity) & (plan.capacity > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        fullness = np.where(limited, 100.0 * load / plan.capacity, np.nan)
        mean = np.where(load > 0, walked / load, 0.0)
    first = served_first(plan)
    return pd.DataFrame(
        {
            "id": plan.ids,
            "name": plan.names,
            "source": sites["source"].to_numpy()[plan.row],
            "class": sites["class"].to_numpy()[plan.row],
            "capacity": np.where(np.isfinite(plan.capacity), plan.capacity, np.nan),
            "people": load,
            "fullness": np.round(fullness, 1),
            "mean_m": np.round(mean),
            "furthest_m": np.round(furthest),
            "moved": plan.is_moved.astype(np.int64),
            "row": plan.row,
            **({} if first is None else {"priority": first.at_sites(plan)}),
        }
    )


def _sites(plan: ShelterPlan) -> VectorLayer:
    return _layer(plan, "plan_site", Shapes.of(shapely.points(plan.xy), "point"), site_table(plan))


def flow_table(plan: ShelterPlan) -> pd.DataFrame:
    """One row a flow: ``place, township, site, people, metres, minutes``; of priority groups ``priority``
    and, for the slowest of them, ``slow_minutes``.
    """
    flows, points, first = plan.flows, plan.case.points, served_first(plan)
    slow = {} if first is None else {"priority": first.flows.sum(axis=0), "slow_minutes": first.minutes(plan)}
    names, towns = np.array(points.names, object), np.array([*points.towns.names, "—"], object)
    return pd.DataFrame(
        {
            "place": names[flows.point],
            "township": towns[points.township[flows.point]],
            "site": np.array(plan.names, object)[flows.site] if len(plan.row) else [],
            "people": flows.people,
            "metres": np.round(flows.cost),
            "minutes": np.round(flows.cost / plan.case.wish.speed / 60.0, 1),
            **slow,
        }
    )


def _allocation(plan: ShelterPlan) -> VectorLayer:
    ends = np.stack([plan.case.points.xy[plan.flows.point], plan.xy[plan.flows.site]], axis=1)
    table = flow_table(plan).drop(columns="township")
    return _layer(plan, "plan_allocation", Shapes.of(shapely.linestrings(ends), "line"), table)


def _unmet(plan: ShelterPlan) -> VectorLayer:
    points, left = plan.case.points, np.flatnonzero(plan.unmet > 0)
    table = pd.DataFrame({"place": np.array(points.names, object)[left], "people": plan.unmet[left]})
    return _layer(plan, "plan_unmet", Shapes.of(shapely.points(points.xy[left]), "point"), table)


def township_table(plan: ShelterPlan) -> pd.DataFrame:
    """One row a township with anybody in need: ``code, name, demand, assigned, unmet, share``."""
    towns, town = plan.case.points.towns, plan.case.points.township
    kept = town >= 0
    demand = np.bincount(town[kept], plan.demand[kept], len(towns))
    unmet = np.bincount(town[kept], plan.unmet[kept], len(towns))
    table = pd.DataFrame(
        {
            "code": towns.codes,
            "name": towns.names,
            "demand": demand,
            "assigned": demand - unmet,
            "unmet": unmet,
            "share": np.round(100.0 * unmet / np.where(demand > 0, demand, 1.0), 1),
        }
    )
    return table[demand > 0]


def with_outside(plan: ShelterPlan, table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """The townships of `township_table`, and in a last row, without a code, those who live in none."""
    people, unmet = (float(each[plan.case.points.township < 0].sum()) for each in (plan.demand, plan.unmet))
    if not people:
        return table
    row = ("", say("relief.outside", language), people, people - unmet, unmet, round(100 * unmet / people, 1))
    return pd.concat([table, pd.DataFrame([row], columns=table.columns)], ignore_index=True)


def _gap(plan: ShelterPlan) -> VectorLayer:
    table = township_table(plan)
    shapes = plan.case.points.towns.shapes.take(table.index.to_numpy())
    return _layer(plan, "plan_gap", shapes, table.reset_index(drop=True))


def _excluded(plan: ShelterPlan, language: Language) -> VectorLayer:
    case = plan.case
    rows = np.flatnonzero(~case.judgement.is_allowed)
    reasons = [exclusions(case, int(row), language) for row in rows]
    table = pd.DataFrame(
        {
            "name": case.sites["name"].to_numpy()[rows],
            "rule": [listed((rule for rule, _ in found), language) for found in reasons],
            "why": [sentences((words for _, words in found), language) for found in reasons],
        }
    )
    return _layer(plan, "plan_excluded", Shapes.of(shapely.points(case.xy[rows]), "point"), table)


def exclusions(case: ShelterCase, row: int, language: Language) -> list[tuple[str, str]]:
    """The hard rules that a candidate breaks, each with its clause and what was found."""
    broken = case.judgement.excluded_by(row)
    return [(rule, finding_words(case, row, rule, language)) for rule in broken]


def rules_of(case: ShelterCase) -> dict[str, Rule]:
    """The rules that were judged, by id."""
    return {rule.id: rule for rule in case.rules}


def finding_words(case: ShelterCase, row: int, rule: str, language: Language) -> str:
    """What a rule found at a candidate, in one sentence with its limit."""
    known = rules_of(case)[rule]
    found = case.judgement.findings
    line = found[(found["site"] == row) & (found["rule"] == rule)].iloc[0]
    clause = known.zh if language == "zh_CN" else known.en
    if not np.isfinite(line["found"]):
        return say("shelter.found_nothing", language, clause=clause)
    key = f"shelter.found_{known.test}"
    return say(key, language, clause=clause, found=_measure(float(line["found"])),
               limit=_measure(float(line["limit"])), unit=known.unit)  # fmt: skip


def _measure(value: float) -> str:
    """A measure as it is read: whole from 100 on, else three digits."""
    return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"


def summary(plan: ShelterPlan) -> dict[str, Any]:
    """The figures of a plan: sites, people assigned and left out (``cut_off``: without an open road near
    them), ways, fullness, cost, bound and gap; of priority groups ``priority`` and ``priority_unmet``.
    """
    first = served_first(plan)
    flows, people = plan.flows, float(plan.flows.people.sum())
    limited = np.isfinite(plan.capacity)
    load, room = plan.load, plan.capacity
    return {
        "sites": len(plan.row),
        "demand": float(plan.demand.sum()),
        "assigned": people,
        "unmet": float(plan.unmet.sum()),
        "priority": 0.0 if first is None else float(first.flows.sum() + first.unmet.sum()),
        "priority_unmet": 0.0 if first is None else float(first.unmet.sum()),
        "cut_off": float(plan.demand[~plan.case.access.is_tied[: len(plan.demand)]].sum()),
        "mean_m": float(flows.people @ flows.cost) / people if people else 0.0,
        "furthest_m": float(flows.cost.max(initial=0.0)),
        "fullness": 100.0 * float(load[limited].sum() / max(room[limited].sum(), 1.0)),
        "fullest": 100.0 * float((load[limited] / np.maximum(room[limited], 1.0)).max(initial=0.0)),
        "price": float(plan.case.prices(plan.row).sum()),
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "status": plan.status,
    }

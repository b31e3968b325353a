"""Where a shelter may stand: hard rules exclude a candidate, soft rules score it, each with its source.

The rules are data (``resources/standards/shelter_siting_rules.csv``); their values can be changed. A rule
whose evidence is missing is not silently kept: it is reported as not judged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
import shapely

from layers.grid import Array, Grid
from layers.hazards.standards import standard
from layers.layer import VectorLayer
from layers.siting.arcs import Index, Mask
from layers.siting.network import Lines

Evidence = VectorLayer | Grid
Test = Literal["inside", "near", "below", "at_least", "field_at_least", "plan", "none"]


@dataclass(frozen=True)
class Rule:
    """One clause of a standard, as a test on candidate sites.

    Parameters
    ----------
    id : str
    kind : {"hard", "soft", "info"}
        Hard rules exclude; soft ones score between 0 and 1; the others are told only.
    test : str
        ``inside``: excluded within an area. ``near``: within `value` metres (or the distance that `by` gives)
        of a feature. ``below``, ``at_least``: the grid's value at the site. ``field_at_least``: a column of
        the candidates. ``plan``, ``none``: not a matter of one site.
    evidence : str
        Name of the layer, grid or column that the test reads.
    value : float
        NaN where there is none.
    unit : str
    by : str
        Distances by the features' own columns: a column's name; ``1.0*height``; ``kv:110=25;220=40``. Of
        ``field_at_least`` the limits of classes: ``长期=4;中心=4``.
    weight : float
        Of a soft rule.
    zh, en : str
        The clause.
    status, source : str
    """

    id: str
    kind: Literal["hard", "soft", "info"]
    test: Test
    evidence: str
    value: float
    unit: str
    by: str
    weight: float
    zh: str
    en: str
    status: str
    source: str


OFF_AT_FIRST = ("S7",)
"""Rules that are off until switched on: a candidate that is a point stands in its own building."""


@cache
def siting_rules() -> tuple[Rule, ...]:
    """The rules of the standards, in their order."""
    table = standard("shelter_siting_rules")
    text = ["unit", "by", "evidence", "source"]
    table[text] = table[text].fillna("")
    table["weight"] = table["weight"].fillna(1.0)
    return tuple(Rule(**row) for row in table.to_dict("records"))


def usual_rules() -> tuple[Rule, ...]:
    """The rules of the standards that count until somebody says otherwise."""
    return with_values(siting_rules(), {}, OFF_AT_FIRST)


def with_values(rules: Sequence[Rule], values: Mapping[str, float], off: Sequence[str]) -> tuple[Rule, ...]:
    """The rules with a user's values, without those that are switched off."""
    return tuple(
        replace(rule, value=values.get(rule.id, rule.value)) for rule in rules if rule.id not in set(off)
    )


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the rules say of each candidate.

    Parameters
    ----------
    findings : pandas.DataFrame
        One row a candidate and rule that was judged: ``site`` (row), ``rule``, ``kind``, ``found`` (metres,
        or the value read; NaN if not known), ``limit``, ``passes``, ``score``.
    not_judged : tuple of str
        Rules whose evidence was not given.
    sites : int
    """

    findings: pd.DataFrame
    not_judged: tuple[str, ...]
    sites: int

    @property
    def is_allowed(self) -> Mask:
        """Whether no hard rule excludes a candidate, shape (m,)."""
        broken = self.findings[(self.findings["kind"] == "hard") & ~self.findings["passes"]]
        allowed = np.ones(self.sites, bool)
        allowed[broken["site"].to_numpy(np.intp)] = False
        return allowed

    @property
    def score(self) -> Array:
        """Weighed mean of the soft rules, 0 to 1, shape (m,); NaN where none was judged."""
        soft = self.findings[(self.findings["kind"] == "soft") & self.findings["score"].notna()]
        rows = soft["site"].to_numpy(np.intp)
        weight = np.bincount(rows, soft["weight"], self.sites)
        total = np.bincount(rows, soft["score"] * soft["weight"], self.sites)
        return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)

    def excluded_by(self, site: int) -> tuple[str, ...]:
        """The rules that exclude a candidate."""
        found = self.findings
        broken = found[(found["site"] == site) & (found["kind"] == "hard") & ~found["passes"]]
        return tuple(broken["rule"])


def judge(candidates: VectorLayer, evidence: Mapping[str, Evidence], rules: Sequence[Rule]) -> Judgement:
    """Every rule on every candidate.

    Parameters
    ----------
    candidates : VectorLayer
        Points or areas in a projected CRS.
    evidence : mapping of str to VectorLayer or Grid
        In the same CRS, by the names that the rules give.
    rules : sequence of Rule

    Returns
    -------
    Judgement
        A site outside a grid, or without a number in its column, passes, with nothing found.
    """
    tables, missing = [], []
    for rule in rules:
        if rule.kind == "info" or rule.test in ("plan", "none"):
            continue
        found = _measured(candidates, evidence, rule)
        if found is None:
            missing.append(rule.id)
            continue
        tables.append(_judged(rule, *found))
    columns = ["site", "rule", "kind", "weight", "found", "limit", "passes", "score"]
    findings = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return Judgement(findings.astype({"passes": bool}), tuple(missing), len(candidates))


def _judged(rule: Rule, found: Array, limit: Array) -> pd.DataFrame:
    """Passed where the measure is on the right side of its limit, or not known."""
    known = np.isfinite(found)
    if rule.test == "below":
        passes = ~known | (found <= limit)
        score = np.clip(1 - found / np.where(limit > 0, limit, 1.0), 0, 1)
    else:
        beyond = found > limit if rule.test in ("inside", "near") else found >= limit
        passes = ~known | beyond
        score = np.clip(found / np.where(limit > 0, limit, 1.0), 0, 1)
    return pd.DataFrame(
        {
            "site": np.arange(len(found)),
            "rule": rule.id,
            "kind": rule.kind,
            "weight": rule.weight,
            "found": found,
            "limit": limit,
            "passes": passes,
            "score": np.where(known, score, np.nan),
        }
    )


def _measured(
    candidates: VectorLayer, evidence: Mapping[str, Evidence], rule: Rule
) -> tuple[Array, Array] | None:
    """What is found at each candidate and its limit; nothing without evidence."""
    if rule.test == "field_at_least":
        if rule.evidence not in candidates.attributes:
            return None
        found = pd.to_numeric(candidates[rule.evidence], errors="coerce").to_numpy(np.float64)
        return found, _limits_by_class(candidates, rule)
    source = evidence.get(rule.evidence)
    if source is None:
        return None
    if isinstance(source, Grid):
        boxes = candidates.shapes.boxes
        found = source.at(boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1))
        return found, np.full(len(found), rule.value)
    if rule.test == "inside":
        return _distances(candidates, source, np.zeros(len(source)))
    return _distances(candidates, source, distances_by(rule, source))


def _limits_by_class(candidates: VectorLayer, rule: Rule) -> Array:
    """The limit of a column at each candidate: that of its class where the rule names it."""
    limit = np.full(len(candidates), rule.value)
    if not rule.by or "class" not in candidates.attributes:
        return limit
    own = dict(step.split("=") for step in rule.by.split(";"))
    return np.array([float(own.get(name, rule.value)) for name in candidates["class"]])


def distances_by(rule: Rule, source: VectorLayer) -> Array:
    """The distance that a rule keeps from each feature, metres: by its own columns, else the rule's value."""
    usual = np.full(len(source), 0.0 if np.isnan(rule.value) else rule.value)
    if not rule.by:
        return usual
    if ":" in rule.by:
        column, steps = rule.by.split(":")
        if column not in source.attributes:
            return usual
        pairs = sorted(tuple(map(float, step.split("="))) for step in steps.split(";"))
        own = _column(source, column)
        found = np.full(len(source), np.nan)
        for least, metres in pairs:
            found[own >= least] = metres
        found[own < pairs[0][0]] = pairs[0][1]
        return np.where(np.isfinite(found), found, usual)
    factor, _, name = rule.by.rpartition("*")
    if name not in source.attributes:
        return usual
    own = _column(source, name) * float(factor or 1.0)
    return np.where(np.isfinite(own), own, usual)


def _column(source: VectorLayer, name: str) -> Array:
    return np.asarray(pd.to_numeric(source[name], errors="coerce"), np.float64)


def _distances(candidates: VectorLayer, source: VectorLayer, keep: Array) -> tuple[Array, Array]:
    """Distance from each candidate to the feature that comes closest to its limit, and that limit.

    Beyond all limits nothing is measured: NaN.
    """
    places, things = candidates.shapes.geometries(), source.shapes.geometries()
    found, limit = np.full(len(places), np.nan), np.full(len(places), float(keep.max(initial=0.0)))
    site, thing = _pairs(places, things, float(keep.max(initial=0.0)))
    apart = shapely.distance(places[site], things[thing])
    order = np.lexsort((keep[thing] - apart, site))[::-1]
    site, thing, apart = site[order], thing[order], apart[order]
    first, where = np.unique(site, return_index=True)
    found[first], limit[first] = apart[where], keep[thing[where]]
    return found, limit


def _pairs(places: Lines, things: Lines, reach: float) -> tuple[Index, Index]:
    site, thing = shapely.STRtree(things).query(places, predicate="dwithin", distance=reach)
    return site, thing


@dataclass(frozen=True)
class ShelterClass:
    """A class of shelters (``resources/standards/shelter_classes.csv``).

    Parameters
    ----------
    name, en : str
    open_days : float
    area_per_person : float
        m².
    effective_area : float
        Least, m²; NaN if none is known, as with all that follow.
    walk : float
        Farthest way, m.
    capacity : float
        Most people.
    status, source : str
    """

    name: str
    en: str
    open_days: float
    area_per_person: float
    effective_area: float
    walk: float
    capacity: float
    status: str
    source: str

    def room(self, area: Array) -> Array:
        """Whole people for whom an effective area of m² suffices; at most the class's capacity."""
        people = np.floor(np.asarray(area, np.float64) / self.area_per_person + 1e-9)
        return people if np.isnan(self.capacity) else np.minimum(people, self.capacity)


@cache
def shelter_classes() -> tuple[ShelterClass, ...]:
    """The classes of the standard, from the shortest stay to the longest."""
    names = {
        "class": "name", "area_per_person_m2": "area_per_person", "effective_area_m2": "effective_area",
        "walk_m": "walk",
    }  # fmt: skip
    table = standard("shelter_classes").rename(columns=names)
    kept = list(ShelterClass.__dataclass_fields__)
    return tuple(ShelterClass(**row) for row in table[kept].to_dict("records"))

"""Relief depots against their building standard: criterion, clause, what is asked, what was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from layers.grid import Array
from layers.hazards.inputs import code_text
from layers.hazards.source import Reading, Source
from layers.hazards.standards import standard
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.siting.arcs import Index
from layers.siting.evidence import evidence_of
from layers.siting.relief_study import Depots, Hours, drives
from layers.siting.residents import Gathering, gather, residents_of, town_shapes
from layers.siting.rules import Judgement, Rule, judge
from layers.siting.scenario import depth_of, flood_layers
from layers.words import Language

VERDICTS = ("met", "failed", "not_judged", "not_asked")
EXPRESSWAY = "高速"
CELL = 2000.0
"""Side of the cells in which the people of a depot's area are gathered, m."""
_EVIDENCE = {"flood": "flood_depth", "hazard": "hazardous_enterprise", "fire": "fire_source"}
_MISSING = {"flood": "hazard_flood", "hazard": "enterprise", "fire": "enterprise", "access": "road"}


@dataclass(frozen=True)
class Criterion:
    """One thing that 建标121-2009 or the plan asks of a depot (``resources/standards/depot_criteria.csv``).

    Parameters
    ----------
    id, test : str
    value : float
        Can be set by the user; NaN where the tier decides (``resources/standards/relief_depots.csv``).
    unit, zh, en, clause, status, source : str
    """

    id: str
    test: str
    value: float
    unit: str
    zh: str
    en: str
    clause: str
    status: str
    source: str

    def title(self, language: Language) -> str:
        """What is asked, in words."""
        return self.zh if language == "zh_CN" else self.en


def depot_criteria(values: Mapping[str, float] | None = None) -> tuple[Criterion, ...]:
    """The criteria, with a user's values by test: ``flood``, ``access``, ``hazard``, ``fire``, ``hours``."""
    given = values or {}
    rows = standard("depot_criteria").to_dict("records")
    known = (Criterion(**row) for row in rows)
    return tuple(replace(each, value=given.get(each.test, each.value)) for each in known)


def site_rules(criteria: tuple[Criterion, ...]) -> tuple[Rule, ...]:
    """Those criteria that look at the place alone, as rules that exclude it."""
    return tuple(
        Rule(
            each.id,
            "hard",
            "below" if each.test == "flood" else "near",
            _EVIDENCE[each.test],
            0.0 if each.test == "flood" else each.value,
            "m",
            "" if each.test == "flood" else "safety_distance",
            1.0,
            each.zh,
            each.en,
            each.status,
            each.source,
        )
        for each in criteria
        if each.test in _EVIDENCE
    )


def judged_places(project: Source, criteria: tuple[Criterion, ...], places: VectorLayer) -> Judgement:
    """What the criteria say of places where a depot stands or may stand."""
    rules = site_rules(criteria)
    evidence = evidence_of(project, rules, places, {})
    if flood_layers(project):
        stage = next(each.value for each in criteria if each.test == "flood")
        evidence["flood_depth"] = depth_of(project, "", stage)
    return judge(places, evidence, rules)


def compliance(
    project: Source, criteria: tuple[Criterion, ...], hours: "Hours", progress: Progress = ignore
) -> pd.DataFrame:
    """Every criterion at every depot.

    Parameters
    ----------
    project : Source
    criteria : tuple of Criterion
    hours : Hours
        Its mobilising and transfer; the limit is that of the criterion.
    progress : Progress

    Returns
    -------
    pandas.DataFrame
        One row a depot and criterion: ``depot, tier, id, asked, found, unit, verdict`` (one of `VERDICTS`),
        ``missing`` (kind of the layer without which nothing could be judged), ``clause, status, source``.
        A distance that is not found is beyond what is asked; a time that is not found has no way.
    """
    depots = Depots.of(project)
    places = gather(residents_of(project, progress=part(progress, 0.0, 0.5)), "grid", CELL)
    seconds = drives(project, None, places.xy, depots.xy, part(progress, 0.5, 0.95))
    case = _Case(project, depots, judged_places(project, criteria, depots.layer), places, seconds, hours)
    rows = [row for criterion in criteria for row in case.rows(criterion)]
    names = [
        "depot",
        "tier",
        "id",
        "asked",
        "found",
        "unit",
        "verdict",
        "missing",
        "clause",
        "status",
        "source",
    ]
    table = pd.DataFrame(rows, columns=names)
    progress(1.0)
    order = {name: k for k, name in enumerate(depots.names)}
    return table.sort_values("depot", key=lambda names: names.map(order), kind="stable", ignore_index=True)


Finding = tuple[float, float, bool | None, str]
"""Asked, found, whether it is met (nothing: it is not asked, or not judged), the kind that is missing."""


@dataclass(frozen=True, eq=False)
class _Case:
    project: Source
    depots: Depots
    judgement: Judgement
    places: Gathering
    seconds: Array
    hours: Hours

    def rows(self, criterion: Criterion) -> list[tuple[object, ...]]:
        tests: Mapping[str, Callable[[Criterion], list[Finding]]] = {
            "floor_area": self._of_tier,
            "people": self._of_tier,
            "access": self._access,
            "hours": self._hours,
        }
        found = tests.get(criterion.test, self._place)(criterion)
        return [
            (
                name,
                tier,
                criterion.id,
                asked,
                value,
                criterion.unit,
                _verdict(met, missing),
                missing,
                criterion.clause,
                criterion.status,
                criterion.source,
            )
            for name, tier, (asked, value, met, missing) in zip(
                self.depots.names, self.depots.tiers, found, strict=True
            )
        ]

    def _of_tier(self, criterion: Criterion) -> list[Finding]:
        """Floor area, or people whom the quilts suffice for, against the least of the tier."""
        table = standard("relief_depots").set_index("zh")
        column = "floor_area_low" if criterion.test == "floor_area" else "resettled_low"
        own = self.depots.floor_area if criterion.test == "floor_area" else self.depots.stock("quilt")
        found: list[Finding] = []
        for tier, value in zip(self.depots.tiers, own.tolist(), strict=True):
            if tier not in table.index:
                found.append((np.nan, value, None, ""))
                continue
            asked = float(table.loc[tier, column])
            known = value == value
            found.append((asked, value, value >= asked if known else None, "" if known else "depot"))
        return found

    def _place(self, criterion: Criterion) -> list[Finding]:
        """Water, and distances to what is dangerous."""
        count = len(self.depots.names)
        if criterion.id in self.judgement.not_judged:
            return [(criterion.value, np.nan, None, _MISSING[criterion.test])] * count
        rows = self.judgement.findings
        rows = rows[rows["rule"] == criterion.id].sort_values("site")
        asked = [0.0] * count if criterion.test == "flood" else rows["limit"].tolist()
        measured, passes = rows["found"].tolist(), rows["passes"].tolist()
        return [(a, f, bool(p), "") for a, f, p in zip(asked, measured, passes, strict=True)]

    def _access(self, criterion: Criterion) -> list[Finding]:
        """Distance to the nearest expressway."""
        roads = Reading(self.project).read("road", "class")
        fast = (
            None
            if roads is None
            else roads.take(roads["class"].map(code_text).str.startswith(EXPRESSWAY).to_numpy(bool))
        )
        if fast is None or not len(fast):
            return [(criterion.value, np.nan, None, "road")] * len(self.depots.names)
        points, lines = shapely.points(self.depots.xy), fast.shapes.geometries()
        nearest = shapely.STRtree(lines).nearest(points)
        away = shapely.distance(points, lines[nearest]).tolist()
        return [(criterion.value, each, each <= criterion.value, "") for each in away]

    def _hours(self, criterion: Criterion) -> list[Finding]:
        """How long until the last people of its area are helped by this depot alone."""
        towns = self.places.towns
        parents = np.array(towns.parents, object)
        own = _towns_of(self.depots.xy, self.places)
        town = self.places.township
        found: list[Finding] = []
        for depot, (tier, here) in enumerate(zip(self.depots.tiers, own.tolist(), strict=True)):
            if here < 0:
                found.append((criterion.value, np.nan, None, "township"))
                continue
            county = (town >= 0) & (parents[np.maximum(town, 0)] == parents[here])
            area = {"市级": town >= 0, "县级": county}.get(tier, town == here)
            drive = float(self.seconds[area, depot].max(initial=0.0)) / 3600
            total = self.hours.mobilise + drive + self.hours.transfer
            found.append((criterion.value, total, total <= criterion.value, ""))
        return found


def _verdict(met: bool | None, missing: str) -> str:
    if met is None:
        return "not_judged" if missing else "not_asked"
    return "met" if met else "failed"


def _towns_of(xy: Array, places: Gathering) -> Index:
    """The township in which each place lies, -1 for none."""
    point, town = shapely.STRtree(shapely.points(xy)).query(
        town_shapes(places.towns), predicate="intersects"
    )[::-1]
    found = np.full(len(xy), -1)
    found[point] = town
    return found

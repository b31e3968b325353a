"""Where further depots should stand: chosen by the siting solver under the ten-hour rule."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.source import Source
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.siting.arcs import Mask
from layers.siting.depots import CELL, Criterion, judged_places
from layers.siting.problem import SitingPlan, SitingProblem
from layers.siting.relief_study import Depots, Hours, drives, origin_of
from layers.siting.residents import gather, residents_of
from layers.siting.rules import Judgement
from layers.siting.solve import solve
from layers.words import Language, say

SECONDS = 20.0
"""Time for the solver."""


class DepotPlan(NamedTuple):
    """Depots that stand and those that are added.

    Parameters
    ----------
    sites : pandas.DataFrame
        One row an open site: ``name, is_new, people`` (nearest to it), ``furthest`` (hours until the last of
        them is helped), ``alone`` (people whom it alone helps in time: what is lost without it).
    before, after : float
        Share of the people who are helped in time, without and with the new ones.
    at_best : float
        No choice of so many new ones helps a larger share (proven).
    excluded : pandas.DataFrame
        Candidates that a criterion excludes: ``name, rules``.
    drive : tuple of float
        Mean minutes from the nearest depot, without and with the new ones.
    gap : float
        Of the solver's objective.
    layer : VectorLayer
        The sites, kind ``depot_plan``.
    """

    sites: pd.DataFrame
    before: float
    after: float
    at_best: float
    excluded: pd.DataFrame
    drive: tuple[float, float]
    gap: float
    layer: VectorLayer


def site_depots(
    project: Source,
    count: int,
    criteria: tuple[Criterion, ...],
    hours: Hours,
    language: Language,
    progress: Progress = ignore,
) -> DepotPlan:
    """Further depots among the middles of townships: first as many people as can be in time, then quickly.

    Parameters
    ----------
    project : Source
    count : int
        New depots.
    criteria : tuple of Criterion
        Water and dangerous places exclude a candidate.
    hours : Hours
    language : {"zh_CN", "en"}
    progress : Progress

    Raises
    ------
    MissingLayer
        No depots, no roads.
    BadInput
        All candidates are excluded.
    """
    depots = Depots.of(project)
    residents = residents_of(project, progress=part(progress, 0.0, 0.3))
    places, towns = gather(residents, "grid", CELL), gather(residents, "township")
    spots = VectorLayer(
        "candidate",
        "",
        project.crs,
        Shapes.of(shapely.points(towns.xy), "point"),
        pd.DataFrame({"name": list(towns.names)}),
    )
    judgement = judged_places(project, criteria, spots)
    allowed = np.flatnonzero(judgement.is_allowed)
    if not len(allowed):
        raise BadInput("siting_all_excluded", sites=len(spots))
    xy = np.concatenate([depots.xy, towns.xy[allowed]])
    names = [*depots.names, *(towns.names[row] for row in allowed)]
    standing = np.arange(len(names)) < len(depots.names)
    seconds = drives(project, None, places.xy, xy, part(progress, 0.3, 0.8))
    problem = SitingProblem(
        "p-median",
        places.residents,
        seconds,
        count=len(depots.names) + min(count, len(allowed)),
        radius=hours.drive,
        kept=standing,
    )
    plan = solve(problem, SECONDS, part(progress, 0.8, 1.0))
    found = _Found(names, xy, standing, places.residents, seconds, hours)
    table = found.table(plan)
    total = float(places.residents.sum())
    (before, slow), (after, quick) = (
        _reach(places.residents, seconds[:, columns].min(axis=1), hours.drive)
        for columns in (np.flatnonzero(standing), plan.opened)
    )
    best = max(after, _best_share(problem, plan, total))
    layer = VectorLayer(
        "depot_plan",
        "depot_plan",
        project.crs,
        Shapes.of(shapely.points(xy[plan.opened]), "point"),
        table.astype({"is_new": int}),
        say("relief.depot_layer", language, count=count),
        (),
        origin_of(project, language),
    )
    return DepotPlan(
        table, before, after, best, _excluded(judgement, towns.names), (slow, quick), plan.gap, layer
    )


@dataclass(frozen=True, eq=False)
class _Found:
    names: list[str]
    xy: Array
    standing: Mask
    people: Array
    seconds: Array
    hours: Hours

    def table(self, plan: SitingPlan) -> pd.DataFrame:
        opened = plan.opened
        near = self.seconds[:, opened]
        nearest, quickest = near.argmin(axis=1), near.min(axis=1)
        reached = np.isfinite(quickest)
        count = len(opened)
        furthest = np.zeros(count)
        np.maximum.at(furthest, nearest[reached], quickest[reached])
        in_time = near <= self.hours.drive
        single = in_time.sum(axis=1) == 1
        alone = np.bincount(in_time[single].argmax(axis=1), self.people[single], count)
        return pd.DataFrame(
            {
                "name": [self.names[k] for k in opened],
                "is_new": ~self.standing[opened],
                "people": np.bincount(nearest[reached], self.people[reached], count),
                "furthest": np.round(self.hours.mobilise + furthest / 3600 + self.hours.transfer, 2),
                "alone": alone,
            }
        )


def _reach(people: Array, seconds: Array, limit: float) -> tuple[float, float]:
    """Share of the people within the limit, and mean minutes of those who can be reached at all."""
    known = np.isfinite(seconds)
    mean = float(people[known] @ seconds[known]) / max(float(people[known].sum()), 1.0) / 60.0
    return float(people[seconds <= limit].sum()) / float(people.sum()), mean


def _best_share(problem: SitingProblem, plan: SitingPlan, total: float) -> float:
    """What share could be helped at the very best: by the plan if it is proven, else by all candidates."""
    unmet = float(plan.unmet.sum())
    if plan.status == "optimal":
        return 1.0 - unmet / total
    reach = np.asarray(problem.costs) <= (np.inf if problem.radius is None else problem.radius)
    return float(problem.demand[reach.any(axis=1)].sum()) / total


def _excluded(judgement: Judgement, names: tuple[str, ...]) -> pd.DataFrame:
    rows = np.flatnonzero(~judgement.is_allowed).tolist()
    return pd.DataFrame(
        [(names[row], "、".join(judgement.excluded_by(row))) for row in rows], columns=["name", "rules"]
    )

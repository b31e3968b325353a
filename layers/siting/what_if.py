"""Plans by hand and side by side: allocation to given sites, comparison, sites against people left out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from layers.errors import BadInput
from layers.progress import Progress, ignore, part
from layers.siting.arcs import Index
from layers.siting.instance import Instance
from layers.siting.median import least_penalty
from layers.siting.person_cost import allocation_to
from layers.siting.problem import SitingPlan, SitingProblem
from layers.siting.solve import solve


def with_sites(problem: SitingProblem, opened: Index) -> SitingPlan:
    """The best allocation to exactly these sites, demand points being split where that helps.

    Parameters
    ----------
    problem : SitingProblem
        Its count, budget and existing sites are not looked at.
    opened : ndarray of int64
        Open sites.

    Returns
    -------
    SitingPlan
        First as few unmet as can be, then the least person-cost; its bound is that of these sites, so the
        gap is 0.

    Raises
    ------
    BadInput
        Nobody may be split: that is a matter for `solve`.
    """
    if problem.single_source and problem.capacity is not None:
        raise BadInput("siting_single_by_hand")
    instance = Instance.of(problem)
    mask = np.zeros(problem.shape[1], bool)
    mask[opened] = True
    allocation = allocation_to(instance, mask, 1e3 * least_penalty(instance))
    whole, served = instance.whole(allocation)
    unmet = problem.demand.astype(np.float64)
    left = instance.people - served
    unmet[instance.rows] = np.where(left > 1e-9 * instance.people, left, 0.0)
    objective = {
        "p-median": instance.weighed(allocation),
        "max-cover": float(np.sum(instance.weight * instance.people)) - instance.unmet(allocation),
        "set-cover": float(instance.prices[mask].sum()),
        "p-center": float(allocation.cost.max(initial=0.0)),
    }[problem.objective]
    return SitingPlan(np.flatnonzero(mask), whole, unmet, objective, objective, "optimal")


def compared(problem: SitingProblem, plans: Mapping[str, SitingPlan]) -> pd.DataFrame:
    """Plans side by side.

    Returns
    -------
    pandas.DataFrame
        One row a plan: ``plan, sites, assigned, unmet, mean_cost, greatest_cost, fullest`` (largest share of
        a site's capacity that is used; NaN without capacities), ``gap``, ``new_sites`` (open here, not in the
        first plan).
    """
    first = next(iter(plans.values())).opened if plans else np.zeros(0, np.int64)
    rows = []
    for name, plan in plans.items():
        flows, people = plan.assigned, float(plan.assigned.people.sum())
        load = np.bincount(flows.site, flows.people, problem.shape[1])
        room = problem.capacity
        rows.append(
            {
                "plan": name,
                "sites": len(plan.opened),
                "assigned": people,
                "unmet": float(plan.unmet.sum()),
                "mean_cost": float(flows.people @ flows.cost) / people if people else np.nan,
                "greatest_cost": float(flows.cost.max(initial=0.0)),
                "fullest": np.nan
                if room is None
                else float((load[room > 0] / room[room > 0]).max(initial=0.0)),
                "gap": plan.gap,
                "new_sites": len(np.setdiff1d(plan.opened, first)),
            }
        )
    return pd.DataFrame(rows)


def sites_against_unmet(
    problem: SitingProblem, counts: Sequence[int], time_limit: float = 60.0, progress: Progress = ignore
) -> pd.DataFrame:
    """How few people are left out with so many sites: the curve on which every choice of a count lies.

    Parameters
    ----------
    problem : SitingProblem
        With a radius; its objective and count are not looked at.
    counts : sequence of int
    time_limit : float
        Seconds for each count.

    Returns
    -------
    pandas.DataFrame
        ``count, unmet`` (weighed by priority), ``unmet_at_least`` (proven).
    """
    everybody = float(
        problem.demand @ (np.ones(len(problem.demand)) if problem.weight is None else problem.weight)
    )
    rows = []
    for k, count in enumerate(counts):
        asked = replace(problem, objective="max-cover", count=count, penalty=None)
        plan = solve(asked, time_limit, part(progress, k / len(counts), (k + 1) / len(counts)))
        rows.append((count, everybody - plan.objective, max(everybody - plan.bound, 0.0)))
    return pd.DataFrame(rows, columns=["count", "unmet", "unmet_at_least"])

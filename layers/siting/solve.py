"""From a siting problem to a siting plan."""

import numpy as np

from layers.progress import Progress, ignore
from layers.siting import transport
from layers.siting.center import least_radius
from layers.siting.clock import Clock, Watch, unwatched
from layers.siting.clusters import best_worths
from layers.siting.cover import fewest_sites
from layers.siting.fitting import fit
from layers.siting.instance import Instance
from layers.siting.knapsack import sets_worth
from layers.siting.outcome import Outcome, filled
from layers.siting.person_cost import least_cost, most_people
from layers.siting.problem import OPTIMAL_GAP, SitingPlan, SitingProblem, relative_gap
from layers.siting.units import Units


def solve(
    problem: SitingProblem,
    time_limit: float = 60.0,
    progress: Progress = ignore,
    gap: float = 0.0,
    watch: Watch = unwatched,
) -> SitingPlan:
    """The best plan that is found within the time limit, with a bound on how good any plan can be.

    Parameters
    ----------
    problem : SitingProblem
    time_limit : float
        Seconds, about.
    progress : Progress
        Told the share of the time that is gone; `Cancelled` may be raised there.
    gap : float
        A relative gap that is good enough: the work ends there.
    watch : Watch
        Told the best cost and the bound while one searches.

    Returns
    -------
    SitingPlan
        Always one: who cannot be served is among the unmet.
    """
    units = Units.of(problem)
    asked = units.into(problem)
    clock = Clock(time_limit, progress, gap, watch=units.watched(watch))
    instance = Instance.of(asked)
    outcome = _outcome(asked, instance, clock)
    progress(1.0)
    return units.back(_plan(asked, instance, outcome), problem)


def compile_kernels() -> None:
    """Compile the kernels into the disk cache, or load them from it: some seconds the first time."""
    costs = np.abs(np.subtract.outer(np.arange(8.0), np.arange(8.0)))
    people = np.arange(1.0, 9.0)
    for room, whole in ((None, False), (np.full(8, 13.0), False), (np.full(8, 13.0), True)):
        solve(SitingProblem("p-median", people, costs, count=3, capacity=room, single_source=whole))
    solve(SitingProblem("max-cover", people, costs, count=3, radius=1.0, capacity=np.full(8, 9.0)))
    solve(SitingProblem("p-center", people, costs, count=3, capacity=np.full(8, 13.0), single_source=True))
    fit(
        np.arange(0, 9, 2),
        np.zeros(8, np.int64),
        people[:4],
        people,
        np.zeros(4, np.int64),
        9,
        np.random.default_rng(1),
    )
    best_worths(costs, people, people, people)
    sets_worth(people, people, 9.0, 8.0, np.zeros(99, np.int64), np.zeros(99, np.int64))
    transport.compile_kernels()


def _outcome(problem: SitingProblem, instance: Instance, clock: Clock) -> Outcome:
    if not len(instance.rows):
        fill = problem.objective != "set-cover" and np.isinf(instance.budget)
        opened = filled(instance.kept, instance.count if fill else None)
        nobody = instance.nearest(np.zeros_like(opened))
        spent = float(instance.prices[opened].sum()) if problem.objective == "set-cover" else 0.0
        return Outcome(opened, nobody, spent, spent)
    if problem.objective == "p-median":
        return least_cost(instance, problem.penalty, clock)
    if problem.objective == "max-cover":
        return most_people(instance, clock)
    return (
        fewest_sites(instance, clock) if problem.objective == "set-cover" else least_radius(instance, clock)
    )


def _plan(problem: SitingProblem, instance: Instance, outcome: Outcome) -> SitingPlan:
    """The outcome by the problem's own numbers; who is not assigned is unmet, to the person."""
    allocation, served = instance.whole(outcome.allocation)
    unmet = problem.demand.astype(np.float64)
    left = instance.people - served
    unmet[instance.rows] = np.where(left > 1e-9 * instance.people, left, 0.0)
    objective = outcome.objective
    if problem.penalty is not None:
        weight = np.ones(len(unmet)) if problem.weight is None else problem.weight
        outside = np.delete(unmet * weight, instance.rows).sum() * problem.penalty
        objective, bound = objective + outside, outcome.bound + outside
    else:
        bound = outcome.bound
    bound = bound if relative_gap(objective, bound) else objective
    proven = outcome.unmet_is_least and relative_gap(objective, bound) <= OPTIMAL_GAP
    return SitingPlan(
        opened=np.flatnonzero(outcome.opened),
        assigned=allocation,
        unmet=unmet,
        objective=float(objective),
        bound=float(bound),
        status="optimal" if proven else "feasible",
        penalty=problem.penalty,
    )

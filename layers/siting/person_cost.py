"""Least person-cost for as few unmet people as can be: p-median and maximal covering, whatever else is asked.

Which method fits is decided here: p sites without limits by branch and bound on the Lagrangian, everything
else by HiGHS.
"""

from dataclasses import dataclass, replace

import numpy as np

from layers.siting.arcs import Mask
from layers.siting.branch import search
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.limited import LimitedSites
from layers.siting.median import NearestSites, least_penalty
from layers.siting.milp import minimise
from layers.siting.outcome import Outcome, cost_of, filled, split_allocation
from layers.siting.problem import OPTIMAL_GAP, Allocation
from layers.siting.programme import allocation_programme, cover_programme, opened_of, whole_flows
from layers.siting.single import single_sources
from layers.siting.sites_alone import most_served

HARDER = 50.0
"""The penalty is raised by this factor while a plan leaves out people for the sake of short ways."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """A plan for one penalty: the sum of person-cost and penalty, and its bound."""

    outcome: Outcome
    unmet: float


def least_cost(instance: Instance, penalty: float | None, clock: Clock) -> Outcome:
    """p-median: first the fewest unmet, then the least person-cost; or both in one sum with a penalty."""
    price = least_penalty(instance) if penalty is None else penalty
    found = weighed(instance, price, clock.part(0.3) if penalty is None and _lacks_room(instance) else clock)
    if penalty is not None or found.unmet == 0:
        return found.outcome
    fewest = weighed(instance.covering(), 1.0, clock.part(0.5))
    while found.unmet > fewest.unmet * (1 + 1e-9) and price < 1e7 * least_penalty(instance):
        price *= HARDER
        found = weighed(instance, price, clock)
    outcome, least = found.outcome, fewest.outcome.bound >= found.unmet * (1 - OPTIMAL_GAP)
    cost = instance.weighed(outcome.allocation)
    bound = min(cost, outcome.bound - price * found.unmet)
    return Outcome(outcome.opened, outcome.allocation, cost, max(bound, 0.0), least)


def _lacks_room(instance: Instance) -> bool:
    """Whether the largest sites together have no room for all: somebody is left out, and it is asked who."""
    largest = np.sort(instance.capacity)[::-1][: instance.count]
    return bool(largest.sum() < instance.people.sum())


def most_people(instance: Instance, clock: Clock) -> Outcome:
    """Maximal covering: the most people within reach of an open site that has room for them."""
    found = weighed(instance.covering(), 1.0, clock).outcome
    everybody = float(np.sum(instance.weight * instance.people))
    allocation = found.allocation
    if not instance.single_source or not instance.is_capacitated:
        allocation = allocation_to(instance, found.opened, least_penalty(instance) * 1e3)
    else:
        allocation = allocation._replace(cost=cost_of(instance.arcs, allocation.point, allocation.site))
    covered = everybody - instance.unmet(allocation)
    return Outcome(found.opened, allocation, covered, max(covered, everybody - found.bound))


def weighed(instance: Instance, penalty: float, clock: Clock) -> Weighed:
    """The least sum of person-cost and penalty for the unmet."""
    if instance.count is None or np.isfinite(instance.budget):
        outcome = _programmed(instance, penalty, clock)
    elif instance.is_capacitated and not instance.single_source and not instance.arcs.cost.any():
        found = most_served(instance, clock)
        outcome = replace(found, objective=penalty * found.objective, bound=penalty * found.bound)
    elif instance.is_capacitated:
        outcome = (single_sources if instance.single_source else _limited)(instance, penalty, clock)
    elif instance.arcs.cost.any():
        outcome = _nearest(instance, penalty, clock)
    else:
        outcome = _covering(instance, penalty, clock)
    return Weighed(outcome, instance.unmet(outcome.allocation))


def allocation_to(instance: Instance, opened: Mask, penalty: float) -> Allocation:
    """Everybody to an open site at the least cost; demand points may be split."""
    if instance.is_capacitated:
        return split_allocation(instance, opened, penalty)
    return instance.nearest(opened)


def _covering(instance: Instance, penalty: float, clock: Clock) -> Outcome:
    """Where ways cost nothing, HiGHS takes over at the root: the programme of a cover is small."""
    root = _nearest(instance, penalty, clock, part=False)
    if root.bound >= root.objective or clock.is_over():
        return root
    found = _programmed(instance, penalty, clock)
    best = found if found.objective < root.objective else root
    return replace(best, bound=min(best.objective, max(root.bound, found.bound)))


def _nearest(instance: Instance, penalty: float, clock: Clock, *, part: bool = True) -> Outcome:
    assert instance.count is not None
    found = search(NearestSites.of(instance, instance.count, penalty), clock, part=part)
    return Outcome(found.opened, instance.nearest(found.opened), found.cost, found.bound)


def _limited(instance: Instance, penalty: float, clock: Clock) -> Outcome:
    assert instance.count is not None
    found = search(LimitedSites.of(instance, instance.count, penalty), clock)
    allocation = split_allocation(instance, found.opened, penalty)
    return Outcome(found.opened, allocation, found.cost, found.bound)


def _programmed(instance: Instance, penalty: float, clock: Clock) -> Outcome:
    """By HiGHS; what it opens is filled up with further sites if more were asked for."""
    arcs, factor = instance.arcs, instance.people * instance.weight
    nothing = np.zeros(arcs.sites)
    if not instance.is_capacitated and not arcs.cost.any():
        programme = cover_programme(instance, arcs, penalty * factor, nothing)
    else:
        cost = arcs.cost * factor[arcs.row]
        programme = allocation_programme(instance, arcs, cost, penalty * factor, nothing)
    answer = minimise(programme.model, clock)
    opened = instance.kept if answer.values is None else opened_of(programme, answer.values)
    opened = filled(opened, instance.count if np.isinf(instance.budget) else None)
    if instance.single_source and instance.is_capacitated:
        values = np.zeros(programme.model.width) if answer.values is None else answer.values
        allocation = whole_flows(instance, programme, values)
    else:
        allocation = allocation_to(instance, opened, penalty)
    cost_found = instance.weighed(allocation) + penalty * instance.unmet(allocation)
    return Outcome(opened, allocation, cost_found, min(cost_found, max(answer.bound, 0.0)))

"""p sites with room for so many people each, no demand point being split.

Splitting gives good sites, whole knapsacks the bound; the plans are parted by sites until their clusters can
be enumerated (`clusters`). Where the demand points are too many, HiGHS is asked about the arcs that a better
plan could use; where ways cost nothing, about the sites (`whole_cover`).
"""

from dataclasses import replace

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Arcs, Mask
from layers.siting.branch import Search, root
from layers.siting.clock import Clock
from layers.siting.clusters import best_clusters
from layers.siting.instance import Instance
from layers.siting.lagrange import reduced_costs
from layers.siting.limited import LimitedSites
from layers.siting.milp import minimise
from layers.siting.outcome import Outcome, cost_of, filled
from layers.siting.problem import Allocation
from layers.siting.programme import allocation_programme, opened_of, whole_flows
from layers.siting.whole import WholeSites
from layers.siting.whole_cover import most_served_whole

NEAR = 12
"""So many of the open sites are offered to each demand point at first."""
CELLS = 1e6
"""Demand points by sites beyond which clusters are not enumerated."""


def single_sources(instance: Instance, penalty: float, clock: Clock) -> Outcome:
    """The least sum of person-cost and penalty for whole demand points."""
    assert instance.count is not None
    if not instance.arcs.cost.any():
        found = most_served_whole(instance, clock)
        return replace(found, objective=penalty * found.objective, bound=penalty * found.bound)
    sites = LimitedSites.of(instance, instance.count, penalty)
    if len(instance.arcs) * instance.arcs.sites <= CELLS:
        return _by_clusters(instance, WholeSites.of(sites), penalty, clock)
    return _by_arcs(instance, sites, penalty, clock)


def _by_clusters(instance: Instance, sites: WholeSites, penalty: float, clock: Clock) -> Outcome:
    found, bound = root(sites, clock.part(0.3))
    plan = best_clusters(sites, found, bound, clock)
    place = sites.places(plan.opened)[0]
    served = np.flatnonzero(place < instance.arcs.sites)
    cost = cost_of(instance.arcs, served, place[served])
    allocation = Allocation(served, place[served], instance.people[served], cost)
    total = instance.weighed(allocation) + penalty * instance.unmet(allocation)
    return Outcome(plan.opened, allocation, total, min(total, plan.bound))


def _by_arcs(instance: Instance, sites: LimitedSites, penalty: float, clock: Clock) -> Outcome:
    found, bound = root(sites, clock.part(0.4))
    plan = _programmed(instance, _near_open(instance, found.opened), penalty, found, clock.part(0.4))
    if clock.is_enough(plan.objective, found.bound):
        return plan
    arcs = _worth_while(instance, sites, bound.prices, plan.objective)
    last = _programmed(instance, arcs, penalty, found, clock, plan)
    best = last if last.objective < plan.objective else plan
    proven = min(best.objective, max(found.bound, min(last.bound, plan.objective)))
    return Outcome(best.opened, best.allocation, best.objective, proven)


def _near_open(instance: Instance, opened: Mask) -> Arcs:
    """The arcs to the nearest open sites."""
    arcs = instance.arcs.of_sites(opened)
    return arcs.keep(np.arange(len(arcs.site)) - arcs.start[arcs.row] < NEAR)


def _worth_while(instance: Instance, sites: LimitedSites, prices: Array, cost: float) -> Arcs:
    """The arcs that a plan of less than this cost can use."""
    claims, size = sites.claims, instance.arcs.sites
    bound, rise = reduced_costs(claims, prices, sites.kept, sites.count)
    kept = bound + rise <= cost
    key = (claims.arcs.row * size + claims.arcs.site)[kept]
    return instance.arcs.keep(np.isin(instance.arcs.row * size + instance.arcs.site, key))


def _programmed(
    instance: Instance, arcs: Arcs, penalty: float, found: Search, clock: Clock, known: Outcome | None = None
) -> Outcome:
    """By HiGHS, with these arcs only; the bound is theirs."""
    factor = instance.people * instance.weight
    programme = allocation_programme(
        instance, arcs, arcs.cost * factor[arcs.row], penalty * factor, np.zeros(arcs.sites)
    )
    hint = None if known is None else programme.point_of(known.opened, known.allocation)
    answer = minimise(programme.model, clock, hint=hint)
    values: Array = np.zeros(programme.model.width) if answer.values is None else answer.values
    opened = found.opened if answer.values is None else filled(opened_of(programme, values), instance.count)
    allocation = whole_flows(instance, programme, values)
    cost = instance.weighed(allocation) + penalty * instance.unmet(allocation)
    return Outcome(opened, allocation, cost, answer.bound)

"""Covers: the fewest sites that reach everybody, and the least radius at which p sites do."""

from dataclasses import replace

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Arcs, Mask
from layers.siting.branch import search
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.median import NearestSites, least_penalty
from layers.siting.milp import Answer, minimise
from layers.siting.outcome import Outcome, cost_of
from layers.siting.person_cost import allocation_to, weighed
from layers.siting.problem import Allocation
from layers.siting.programme import Programme, allocation_programme, cover_programme, opened_of


def fewest_sites(instance: Instance, clock: Clock) -> Outcome:
    """Set covering: the fewest (or cheapest) sites that leave no more unmet than all together would."""
    fewest = _fewest_unmet(instance, clock.part(0.5))
    programme = _programme(instance, instance.arcs, instance.prices)
    programme.limit_unmet(instance, fewest.unmet_people * (1 + 1e-9))
    answer = minimise(programme.model, clock)
    opened = fewest.opened if answer.values is None else opened_of(programme, answer.values)
    allocation = _allocation(instance, programme, answer, opened)
    spent = float(instance.prices[opened].sum())
    bound = _rounded_up(instance.prices, answer.bound)
    return Outcome(opened, allocation, spent, min(max(bound, 0.0), spent), fewest.proven)


class _Fewest:
    """The fewest people that must be left unmet, some sites that do so, and whether that is proven."""

    def __init__(self, unmet_people: float, opened: Mask, proven: bool) -> None:
        self.unmet_people, self.opened, self.proven = unmet_people, opened, proven


def _fewest_unmet(instance: Instance, clock: Clock) -> _Fewest:
    everything = np.ones(instance.arcs.sites, bool)
    unlimited = np.isinf(instance.budget) and instance.count in (None, len(everything))
    if unlimited and not instance.is_capacitated:
        return _Fewest(0.0, everything, True)
    if unlimited and not instance.single_source:
        unmet = instance.unmet(allocation_to(instance.covering(), everything, 1.0))
        return _Fewest(unmet, everything, True)
    found = weighed(instance.covering(), 1.0, clock)
    return _Fewest(found.unmet, found.outcome.opened, found.outcome.bound >= found.unmet * (1 - 1e-9))


def _programme(instance: Instance, arcs: Arcs, prices: Array) -> Programme:
    nothing = np.zeros(len(arcs))
    if instance.is_capacitated:
        return allocation_programme(instance, arcs, np.zeros(len(arcs.cost)), nothing, prices)
    return cover_programme(instance, arcs, nothing, prices)


def _allocation(instance: Instance, programme: Programme, answer: Answer, opened: Mask) -> Allocation:
    if instance.single_source and instance.is_capacitated:
        used = (
            np.zeros(0, np.int64)
            if answer.values is None
            else np.flatnonzero(answer.values[programme.arc] > 0.5)
        )
        point, site = instance.arcs.row[used], instance.arcs.site[used]
        return Allocation(point, site, instance.people[point], cost_of(instance.arcs, point, site))
    return allocation_to(instance, opened, 1e3 * least_penalty(instance))


def _rounded_up(prices: Array, bound: float) -> float:
    """Whole prices add up to whole numbers."""
    whole = bool((prices == np.rint(prices)).all())
    return float(np.ceil(bound - 1e-6)) if whole and np.isfinite(bound) else bound


def least_radius(instance: Instance, clock: Clock) -> Outcome:
    """p-center: the least greatest cost of anybody at which no more are left unmet than at any.

    By bisection over the costs that occur; for each the question is whether p sites suffice.
    """
    fewest = _fewest_unmet(instance, clock.part(0.3))
    radii = np.unique(instance.arcs.cost)
    allocation = allocation_to(instance, fewest.opened, 1e3 * least_penalty(instance))
    low, high = 0, int(np.searchsorted(radii, allocation.cost.max(initial=0.0)))
    opened, proven = fewest.opened, True
    while low < high and not clock.is_over():
        middle = (low + high) // 2
        found = _suffices(instance, radii[middle], fewest.unmet_people, clock)
        if found is None:
            break
        if found.any():
            opened, high = found, middle
        else:
            low = middle + 1
    within = _within(instance, radii[high])
    allocation = allocation_to(within, opened, 1e3 * least_penalty(instance))
    reached = float(allocation.cost.max(initial=0.0))
    return Outcome(opened, allocation, reached, float(min(reached, radii[low])), fewest.proven and proven)


def _within(instance: Instance, radius: float) -> Instance:
    return replace(instance, arcs=instance.arcs.keep(instance.arcs.cost <= radius))


def _suffices(instance: Instance, radius: float, unmet: float, clock: Clock) -> Mask | None:
    """Sites that leave no more than `unmet` out within a radius; none if there are none, `None`: unknown."""
    within, none = _within(instance, radius), np.zeros(instance.arcs.sites, bool)
    if not instance.is_capacitated and np.isinf(instance.budget) and instance.count is not None:
        found = search(NearestSites.of(within.covering(), instance.count, 1.0), clock, part=False)
        if found.cost <= unmet * (1 + 1e-9):
            return found.opened
        if found.bound > unmet * (1 + 1e-9) + 1e-9:
            return none
    programme = _programme(within, within.arcs, np.zeros(len(none)))
    programme.limit_unmet(within, unmet * (1 + 1e-9))
    answer = minimise(programme.model, clock)
    if answer.infeasible:
        return none
    return None if answer.values is None else opened_of(programme, answer.values)

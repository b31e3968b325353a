"""Covers: the fewest sites that reach everybody, and the least radius at which p sites do."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Mask
from layers.siting.branch import Search, search
from layers.siting.clock import Clock
from layers.siting.essential import essential
from layers.siting.instance import Instance
from layers.siting.limited import LimitedSites
from layers.siting.median import NearestSites, least_penalty
from layers.siting.milp import minimise
from layers.siting.outcome import Outcome, cost_of, filled
from layers.siting.person_cost import allocation_to, weighed
from layers.siting.problem import Allocation
from layers.siting.programme import Programme, allocation_programme, cover_programme, opened_of, whole_flows


class _Cover(NamedTuple):
    """Open sites and who goes where; the unmet people, and whether it is proven that fewer cannot be."""

    opened: Mask
    allocation: Allocation
    unmet: float
    is_least: bool


def fewest_sites(instance: Instance, clock: Clock) -> Outcome:
    """Set covering: the fewest (or cheapest) sites that leave no more unmet than all together would."""
    fewest = _fewest_unmet(instance, clock.part(0.5))
    small = essential(instance) if fewest.unmet == 0 and not instance.is_capacitated else instance
    programme = _programme(small, instance.prices)
    programme.limit_unmet(small, _no_more_than(fewest.unmet))
    answer = minimise(programme.model, clock)
    cover = fewest if answer.values is None else _cover(instance, programme, answer.values)
    spent = float(instance.prices[cover.opened].sum())
    bound = _rounded_up(instance.prices, answer.bound)
    return Outcome(cover.opened, cover.allocation, spent, min(max(bound, 0.0), spent), fewest.is_least)


def least_radius(instance: Instance, clock: Clock) -> Outcome:
    """p-center: the least greatest cost of anybody at which no more are left unmet than at any.

    By bisection over the costs that occur; for each the question is whether p sites suffice.
    """
    fewest = _fewest_unmet(instance, clock.part(0.3))
    radii = np.unique(instance.arcs.cost)
    best = fewest
    low, high = _first_place(instance, radii, fewest, clock.part(0.3)), _place(radii, best)
    while low < high and not clock.is_over():
        middle = (low + high) // 2
        answer = _suffices(_within(instance, radii[middle]), fewest.unmet, clock)
        if answer is None:
            break
        if isinstance(answer, _Cover):
            best = answer
            high = min(middle, _place(radii, best))
        else:
            low = middle + 1
    reached = float(best.allocation.cost.max(initial=0.0))
    opened = filled(best.opened, instance.count if np.isinf(instance.budget) else None)
    return Outcome(opened, best.allocation, reached, float(min(reached, radii[low])), fewest.is_least)


def _place(radii: Array, cover: _Cover) -> int:
    return int(np.searchsorted(radii, cover.allocation.cost.max(initial=0.0)))


def _first_place(instance: Instance, radii: Array, fewest: _Cover, clock: Clock) -> int:
    """Where to begin: no radius that is too short without capacities suffices with them."""
    if not instance.is_capacitated or fewest.unmet > 0:
        return 0
    boundless = replace(instance, capacity=np.full(len(instance.capacity), np.inf))
    return int(np.searchsorted(radii, least_radius(boundless, clock).bound))


def _no_more_than(unmet: float) -> float:
    return unmet * (1 + 1e-9) + 1e-9


def _fewest_unmet(instance: Instance, clock: Clock) -> _Cover:
    everything = np.ones(instance.arcs.sites, bool)
    unlimited = np.isinf(instance.budget) and instance.count in (None, len(everything))
    if unlimited and not (instance.single_source and instance.is_capacitated):
        allocation = allocation_to(instance, everything, 1e3 * least_penalty(instance))
        return _Cover(everything, allocation, instance.unmet(allocation), True)
    found = weighed(instance.covering(), 1.0, clock)
    allocation = _paid(instance, found.outcome.opened, found.outcome.allocation)
    return _Cover(
        found.outcome.opened, allocation, found.unmet, found.outcome.bound >= found.unmet * (1 - 1e-9)
    )


def _paid(instance: Instance, opened: Mask, allocation: Allocation) -> Allocation:
    """An allocation that was found without regard to costs, with its costs; anew if it may be split."""
    if instance.single_source and instance.is_capacitated:
        return allocation._replace(cost=cost_of(instance.arcs, allocation.point, allocation.site))
    return allocation_to(instance, opened, 1e3 * least_penalty(instance))


def _programme(instance: Instance, prices: Array) -> Programme:
    arcs, nothing = instance.arcs, np.zeros(len(instance.arcs))
    if instance.is_capacitated:
        return allocation_programme(instance, arcs, np.zeros(len(arcs.cost)), nothing, prices)
    return cover_programme(instance, arcs, nothing, prices)


def _cover(instance: Instance, programme: Programme, values: Array) -> _Cover:
    opened = opened_of(programme, values)
    if instance.single_source and instance.is_capacitated:
        allocation = whole_flows(instance, programme, values)
    else:
        return _opened_cover(instance, opened)
    return _Cover(opened, allocation, instance.unmet(allocation), True)


def _rounded_up(prices: Array, bound: float) -> float:
    """Whole prices add up to whole numbers."""
    whole = bool((prices == np.rint(prices)).all())
    return float(np.ceil(bound - 1e-6)) if whole and np.isfinite(bound) else bound


def _within(instance: Instance, radius: float) -> Instance:
    return replace(instance, arcs=instance.arcs.keep(instance.arcs.cost <= radius))


def _suffices(within: Instance, unmet: float, clock: Clock) -> _Cover | bool | None:
    """A cover that leaves no more than `unmet` out; False if there is none, `None` if that is not known."""
    small = within
    if unmet == 0 and (np.diff(within.arcs.start) == 0).any():
        return False
    if unmet == 0 and not within.is_capacitated:
        small = essential(within)
    found = _searched(small, clock)
    if found is not None and found.cost <= _no_more_than(unmet):
        return _opened_cover(within, found.opened)
    if found is not None and found.bound > _no_more_than(unmet):
        return False
    programme = _programme(small, np.zeros(within.arcs.sites))
    programme.limit_unmet(small, _no_more_than(unmet))
    answer = minimise(programme.model, clock)
    if answer.infeasible:
        return False
    return None if answer.values is None else _cover(within, programme, answer.values)


def _searched(instance: Instance, clock: Clock) -> Search | None:
    """The fewest unmet of p sites, as far as that goes quickly; `None` if not p sites are asked."""
    if instance.count is None or np.isfinite(instance.budget):
        return None
    if not instance.is_capacitated:
        return search(NearestSites.of(instance.covering(), instance.count, 1.0), clock, part=False)
    if instance.single_source:
        return None
    return search(LimitedSites.of(instance.covering(), instance.count, 1.0), clock.part(0.3), part=False)


def _opened_cover(instance: Instance, opened: Mask) -> _Cover:
    allocation = allocation_to(instance, opened, 1e3 * least_penalty(instance))
    return _Cover(opened, allocation, instance.unmet(allocation), True)

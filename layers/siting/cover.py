"""Covers: the sites that leave as few people unmet as can be, and the fewest of them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Mask
from layers.siting.clock import Clock
from layers.siting.essential import essential
from layers.siting.instance import Instance
from layers.siting.median import least_penalty
from layers.siting.milp import Answer, Relaxed, minimise
from layers.siting.outcome import Outcome, cost_of
from layers.siting.packing import first_fit, packed
from layers.siting.person_cost import allocation_to, weighed
from layers.siting.problem import OPTIMAL_GAP, Allocation
from layers.siting.programme import Programme, allocation_programme, cover_programme, opened_of, whole_flows

FEW = 0.7
"""A price is asked about if no more than this share of the sites can be used for it."""


class Cover(NamedTuple):
    """Open sites and who goes where; the unmet people, and whether it is proven that fewer cannot be."""

    opened: Mask
    allocation: Allocation
    unmet: float
    is_least: bool

    @property
    def reach(self) -> float:
        """The greatest cost of anybody who is served."""
        return float(self.allocation.cost.max(initial=0.0))


def fewest_sites(instance: Instance, clock: Clock) -> Outcome:
    """Set covering: the fewest (or cheapest) sites that leave no more unmet than all together would."""
    fewest = fewest_unmet(instance, clock.part(0.5))
    small = essential(instance) if fewest.unmet == 0 and not instance.is_capacitated else instance
    programme = site_programme(small, instance.prices)
    programme.limit_unmet(small, no_more_than(fewest.unmet))
    is_whole = bool((instance.prices == np.rint(instance.prices)).all())
    least = _least_price(small, clock.part(0.3)) if is_whole and small is not instance else 0.0
    answer = _of_price(small, least, clock.part(0.3)) if least > 0 else None
    answer = answer or minimise(programme.model, clock)
    cover = fewest if answer.values is None else cover_of(instance, programme, answer.values)
    spent = float(instance.prices[cover.opened].sum())
    bound = max(least, float(np.ceil(answer.bound - 1e-6)) if is_whole else answer.bound)
    return Outcome(cover.opened, cover.allocation, spent, min(max(bound, 0.0), spent), fewest.is_least)


def no_more_than(unmet: float) -> float:
    """A number of unmet people as a limit, with room for rounding."""
    return unmet * (1 + 1e-9) + 1e-9


def fewest_unmet(instance: Instance, clock: Clock) -> Cover:
    """As few unmet (with priorities) as the sites that may be opened can leave."""
    everything = np.ones(instance.arcs.sites, bool)
    unlimited = np.isinf(instance.budget) and instance.count in (None, len(everything))
    if unlimited and not (instance.single_source and instance.is_capacitated):
        allocation = allocation_to(instance, everything, 1e3 * least_penalty(instance))
        return Cover(everything, allocation, instance.unmet(allocation), True)
    found = weighed(instance.covering(), 1.0, clock)
    at_once = fitted(instance) if unlimited and found.unmet > 0 else None
    if at_once is not None and at_once.unmet < found.unmet:
        return at_once._replace(is_least=found.outcome.bound >= at_once.unmet * (1 - OPTIMAL_GAP))
    allocation = _paid(instance, found.outcome.opened, found.outcome.allocation)
    return Cover(
        found.outcome.opened, allocation, found.unmet, found.outcome.bound >= found.unmet * (1 - OPTIMAL_GAP)
    )


def fitted(instance: Instance) -> Cover:
    """Whole demand points in all sites at once, whatever the time: the largest first, each to the nearest
    site with room; what nobody goes to stays closed.
    """
    arcs, opened = instance.arcs, instance.kept.copy()
    used = first_fit(instance, arcs)
    opened[arcs.site[used]] = True
    row = arcs.row[used]
    allocation = Allocation(row, arcs.site[used], instance.people[row], arcs.cost[used])
    return Cover(opened, allocation, instance.unmet(allocation), False)


def _paid(instance: Instance, opened: Mask, allocation: Allocation) -> Allocation:
    """An allocation that was found without regard to costs, with its costs; anew if it may be split."""
    if instance.single_source and instance.is_capacitated:
        return allocation._replace(cost=cost_of(instance.arcs, allocation.point, allocation.site))
    return allocation_to(instance, opened, 1e3 * least_penalty(instance))


def site_programme(instance: Instance, prices: Array) -> Programme:
    """Sites at a price; ways and unmet people for nothing."""
    arcs, nothing = instance.arcs, np.zeros(len(instance.arcs))
    if instance.is_capacitated:
        return allocation_programme(instance, arcs, np.zeros(len(arcs.cost)), nothing, prices)
    return cover_programme(instance, arcs, nothing, prices)


def cover_of(instance: Instance, programme: Programme, values: Array) -> Cover:
    """The cover that a solution of the programme is."""
    opened = opened_of(programme, values)
    if instance.single_source and instance.is_capacitated:
        allocation = whole_flows(instance, programme, values)
        return Cover(opened, allocation, instance.unmet(allocation), True)
    return cover_by(instance, opened)


def cover_by(instance: Instance, opened: Mask) -> Cover:
    """Everybody allocated to open sites, demand points being split where that helps."""
    allocation = allocation_to(instance, opened, 1e3 * least_penalty(instance))
    return Cover(opened, allocation, instance.unmet(allocation), True)


def whole_cover_by(instance: Instance, opened: Mask, unmet: float, clock: Clock) -> Cover:
    """Whole demand points allocated to open sites, as well as to leave no more than `unmet` if that goes."""
    allocation = packed(instance.covering(), opened, 1.0, clock, no_more_than(unmet))
    paid = allocation._replace(cost=cost_of(instance.arcs, allocation.point, allocation.site))
    return Cover(opened, paid, instance.unmet(allocation), True)


def _least_price(small: Instance, clock: Clock) -> float:
    """One more than the whole price of the linear programme, if that is soon refuted; else 0.

    For so little only sites of small reduced cost can be used: these few say whether it can be done.
    """
    part, most, sites = small, 0.0, len(np.unique(small.arcs.site))
    while not clock.is_over():
        programme = _whole_cover(part)
        answer = Relaxed(programme.model).minimised(clock)
        if answer.infeasible:
            return most + 1
        if answer.values is None:
            return 0.0
        most = most or float(np.ceil(answer.cost - 1e-6))
        dear = (answer.values[programme.site] < 1e-9) & (
            answer.reduced[programme.site] > most - answer.cost + 1e-6
        )
        arcs = part.arcs.of_sites(~dear)
        if answer.cost > most + 1e-6 or (np.diff(arcs.start) == 0).any():
            return most + 1
        if len(arcs.site) == len(part.arcs.site):
            break
        part = essential(replace(part, arcs=arcs))
    if len(np.unique(part.arcs.site)) > FEW * sites:
        return 0.0
    programme = _whole_cover(part)
    programme.model.row(-np.inf, most, programme.site, part.prices)
    return most + 1 if minimise(programme.model, clock).infeasible else 0.0


def _of_price(small: Instance, most: float, clock: Clock) -> Answer | None:
    """A cover of everybody at no more than this price, if one is found."""
    programme = _whole_cover(small)
    programme.model.row(-np.inf, most, programme.site, small.prices)
    answer = minimise(programme.model, clock, target=most + 1e-6)
    return None if answer.values is None else answer


def _whole_cover(instance: Instance) -> Programme:
    programme = site_programme(instance, instance.prices)
    programme.limit_unmet(instance, no_more_than(0.0))
    return programme


def within(instance: Instance, radius: float) -> Instance:
    """The instance without the ways that cost more."""
    return replace(instance, arcs=instance.arcs.keep(instance.arcs.cost <= radius))

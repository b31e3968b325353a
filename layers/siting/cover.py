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
from layers.siting.milp import minimise
from layers.siting.outcome import Outcome, cost_of
from layers.siting.packing import packed
from layers.siting.person_cost import allocation_to, weighed
from layers.siting.problem import Allocation
from layers.siting.programme import Programme, allocation_programme, cover_programme, opened_of, whole_flows


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
    answer = minimise(programme.model, clock)
    cover = fewest if answer.values is None else cover_of(instance, programme, answer.values)
    spent = float(instance.prices[cover.opened].sum())
    bound = _rounded_up(instance.prices, answer.bound)
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
    allocation = _paid(instance, found.outcome.opened, found.outcome.allocation)
    return Cover(
        found.outcome.opened, allocation, found.unmet, found.outcome.bound >= found.unmet * (1 - 1e-9)
    )


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


def _rounded_up(prices: Array, bound: float) -> float:
    """Whole prices add up to whole numbers."""
    whole = bool((prices == np.rint(prices)).all())
    return float(np.ceil(bound - 1e-6)) if whole and np.isfinite(bound) else bound


def within(instance: Instance, radius: float) -> Instance:
    """The instance without the ways that cost more."""
    return replace(instance, arcs=instance.arcs.keep(instance.arcs.cost <= radius))

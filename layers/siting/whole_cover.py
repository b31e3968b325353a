"""p sites with room that leave as few unmet as can be, no demand point being split.

Sites that are good for split demand points are good for whole ones: exchanges find them, HiGHS packs the
demand points. The linear programme of the sites alone tells which sites no better plan opens; the rest is
one programme of sites and whole flows. If that is too much, the best plan with splitting bounds it.
"""

from dataclasses import replace

import numpy as np

from layers.siting.arcs import Mask
from layers.siting.branch import SEED, random_sites
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.milp import minimise
from layers.siting.outcome import Outcome, filled
from layers.siting.packing import packed
from layers.siting.programme import allocation_programme, opened_of, whole_flows
from layers.siting.served import ServedSites
from layers.siting.sites_alone import SitesAlone, most_served

SEARCH, PACK, FIRST, SPLIT = 0.08, 0.1, 0.1, 0.6
"""Shares of the time that is left: for exchanges, for a packing, for the first programme, for splitting."""
LONG = 2.5
"""Share of the usual exchanges."""


def most_served_whole(instance: Instance, clock: Clock) -> Outcome:
    """The least unmet (with priorities); objective and bound are in unmet people.

    Parameters
    ----------
    instance : Instance
        Costs of the ways count for nothing.
    """
    assert instance.count is not None
    start = random_sites(instance.kept, instance.count, np.random.default_rng(SEED))
    nowhere = np.zeros(instance.arcs.sites, bool)
    opened, _ = ServedSites(instance).improved(start, nowhere, 0.0, clock.part(SEARCH), LONG)
    best = _improved(instance, _packed(instance, opened, clock), clock.part(FIRST))
    if best.bound >= best.objective or clock.is_enough(best.objective, best.bound):
        return best
    split = most_served(replace(instance, single_source=False), clock.part(SPLIT))
    best = _better(best, _packed(instance, split.opened, clock))
    best = replace(best, bound=min(best.objective, max(best.bound, split.bound)))
    if best.bound >= best.objective * (1 - 1e-9) or clock.is_enough(best.objective, best.bound):
        return best
    return _improved(instance, best, clock)


def _packed(instance: Instance, opened: Mask, clock: Clock) -> Outcome:
    """Whole demand points in these sites."""
    allocation = packed(instance, opened, 1.0, clock.part(PACK))
    return Outcome(opened, allocation, instance.unmet(allocation), 0.0)


def _better(one: Outcome, other: Outcome) -> Outcome:
    return replace(other, bound=one.bound) if other.objective < one.objective else one


def _improved(instance: Instance, known: Outcome, clock: Clock) -> Outcome:
    """By the programme of sites and whole flows, without the sites that no better plan opens."""
    alone = SitesAlone(replace(instance, single_source=False), np.zeros(instance.arcs.sites), 1.0, np.inf)
    least = alone.tighten(clock, known.objective)
    if least == np.inf:
        return replace(known, bound=known.objective)
    factor, arcs = instance.people * instance.weight, instance.arcs.of_sites(~alone.never)
    nothing = np.zeros(arcs.sites)
    programme = allocation_programme(instance, arcs, np.zeros(len(arcs.cost)), factor, nothing)
    hint = None if alone.never[known.opened].any() else programme.point_of(known.opened, known.allocation)
    answer = minimise(programme.model, clock, hint=hint)
    best = known
    if answer.values is not None:
        allocation = whole_flows(instance, programme, answer.values)
        opened = filled(opened_of(programme, answer.values), instance.count)
        best = _better(known, Outcome(opened, allocation, instance.unmet(allocation), 0.0))
    bound = max(known.bound, least, min(answer.bound, known.objective))
    return replace(best, bound=min(best.objective, bound))

"""p-center: the least radius at which p sites leave no more people unmet than at any.

By bisection over the costs that occur. Without capacities each radius is a cover. With them it is still a
question about the sites alone (`sites_alone`): the linear programme says no to the short radii, a local
search yes to the long ones, and HiGHS decides between them.
"""

from dataclasses import dataclass, field

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Mask
from layers.siting.branch import disturbed, search
from layers.siting.clock import Clock
from layers.siting.cover import (
    Cover,
    cover_by,
    cover_of,
    fewest_unmet,
    no_more_than,
    site_programme,
    whole_cover_by,
    within,
)
from layers.siting.essential import essential
from layers.siting.fitting import fitted_whole
from layers.siting.instance import Instance
from layers.siting.lagrange import FREE, OPEN
from layers.siting.limited import LimitedSites
from layers.siting.median import NearestSites
from layers.siting.milp import minimise
from layers.siting.outcome import Outcome, filled
from layers.siting.served import ServedSites
from layers.siting.short_ways import ShortWays
from layers.siting.sites_alone import SitesAlone

SEED = 1
START = 0.05
"""Of the time that is left, for a first cover of whole demand points."""
FIRST = 0.3
"""Of the time that is left, for the radii that the linear programme refuses."""
DESCENT, STEP, QUESTION, TRIAL = 0.5, 0.2, 0.35, 0.1
"""Shares of the time that is left: of the local search and its steps, of one radius, of a set HiGHS names."""
FLOWS, USUAL = 0.6, 1.0
"""Of the time of a step: for the exchange by flows; of the usual exchanges."""
FIRST_STEP = 16
"""Of the radii that the linear programme is asked about, from the shortest on; it is doubled."""
WHOLE = 0.1
"""Of the time of a step: for whole demand points with short ways."""
LARGE = 3e4
"""Demand points by open sites from which the exchange by flows finds more than that by prices alone."""


def least_radius(instance: Instance, clock: Clock) -> Outcome:
    """The least greatest cost of anybody who is served."""
    radii, limited = np.unique(instance.arcs.cost), instance.is_capacitated
    fewest = (_short_start(instance, clock.part(START)) if limited else None) or fewest_unmet(
        instance, clock.part(0.3)
    )
    asked = _Limited(instance, fewest.unmet) if limited else _Unlimited(instance, fewest.unmet)
    low, best = _between(asked, radii, fewest, clock)
    opened = filled(best.opened, instance.count if np.isinf(instance.budget) else None)
    bound = float(min(best.reach, radii[low]))
    return Outcome(opened, best.allocation, best.reach, bound, fewest.is_least)


def _short_start(instance: Instance, clock: Clock) -> Cover | None:
    """A cover of everybody by whole demand points with short ways, if one is soon found."""
    if not instance.single_source or instance.count is None or np.isfinite(instance.budget):
        return None
    ways = ShortWays.of(instance)
    opened, allocation = ways.improved(ways.start(), 0.0, clock)
    return None if instance.unmet(allocation) > 0 else Cover(opened, allocation, 0.0, is_least=True)


def _between(asked: "_Limited | _Unlimited", radii: Array, best: Cover, clock: Clock) -> tuple[int, Cover]:
    """The first radius that may suffice, and the best cover, when all is said or time is up.

    Radii about which there is no answer in time stand between others that are easier to refuse and others
    that are easier to do with: both ends are asked in turn.
    """
    low = asked.first(radii, _place(radii, best), clock.part(FIRST))
    best = asked.descended(radii, low, best, clock.part(DESCENT))
    high, below, above, upward = _place(radii, best), len(radii), -1, True
    while low < high and not _is_enough(best, radii[low], clock):
        if below <= low and above >= high - 1:
            below, above = len(radii), -1
        upward = below <= low or (above < high - 1 and upward)
        middle = (max(low, above + 1) + high) // 2 if upward else (low + min(high, below)) // 2
        answer = asked.suffices(radii[middle], clock.part(QUESTION))
        if answer is None:
            below, above, upward = min(below, middle), max(above, middle), not upward
        elif isinstance(answer, Cover):
            best, high = answer, min(middle, _place(radii, answer))
        else:
            low = middle + 1
    return low, best


def _is_enough(best: Cover, bound: float, clock: Clock) -> bool:
    """Time is up, or no radius is shorter than the best by more than the gap that is good enough."""
    return clock.is_over() or best.reach - bound <= clock.gap * best.reach


def _place(radii: Array, cover: Cover) -> int:
    return int(np.searchsorted(radii, cover.reach))


@dataclass(frozen=True, eq=False)
class _Unlimited:
    """Whether a radius suffices where sites have room for all who can come."""

    instance: Instance
    unmet: float

    def first(self, radii: Array, high: int, clock: Clock) -> int:
        """Where to begin."""
        return 0

    def descended(self, radii: Array, low: int, best: Cover, clock: Clock) -> Cover:
        """The same cover: the questions are quick."""
        return best

    def suffices(self, radius: float, clock: Clock) -> Cover | bool | None:
        """A cover that leaves no more unmet; False if there is none, `None` if that is not known."""
        inside = within(self.instance, radius)
        if self.unmet == 0 and (np.diff(inside.arcs.start) == 0).any():
            return False
        small = essential(inside) if self.unmet == 0 else inside
        if small.count is not None and np.isinf(small.budget):
            found = search(NearestSites.of(small.covering(), small.count, 1.0), clock, part=False)
            if found.cost <= no_more_than(self.unmet):
                return cover_by(inside, found.opened)
            if found.bound > no_more_than(self.unmet):
                return False
        return _by_programme(small, inside, self.unmet, clock)


def _by_programme(small: Instance, inside: Instance, unmet: float, clock: Clock) -> Cover | bool | None:
    """The same by HiGHS on the programme of sites and flows; `small` decides about `inside`."""
    programme = site_programme(small, np.zeros(inside.arcs.sites))
    programme.limit_unmet(small, no_more_than(unmet))
    answer = minimise(programme.model, clock)
    if answer.infeasible:
        return False
    return None if answer.values is None else cover_of(inside, programme, answer.values)


@dataclass(eq=False)
class _Limited:
    """The same with capacities; what one radius teaches about groups without room is kept for the next."""

    instance: Instance
    unmet: float
    groups: list[Mask] = field(default_factory=list)
    near: Mask = field(init=False)

    @property
    def _is_counted(self) -> bool:
        return self.instance.count is not None and bool(np.isinf(self.instance.budget))

    @property
    def _most(self) -> float:
        """Sites, or their price."""
        return float(self.instance.count or np.inf) if self._is_counted else self.instance.budget

    def first(self, radii: Array, high: int, clock: Clock) -> int:
        """The first radius that the linear programme does not refuse; short radii are refused soonest."""
        low, step = 0, FIRST_STEP
        if self.unmet == 0:
            low = min(high, int(np.searchsorted(radii, self.instance.arcs.nearest.max())))
        while low < high and not clock.is_over():
            middle = low + min(step, (high - low) // 2)
            if self._refused(self._programme(within(self.instance, radii[middle])), clock.part(0.1)):
                low, step = middle + 1, 2 * step
            else:
                high = middle
        return low

    def _programme(self, inside: Instance) -> SitesAlone:
        prices = np.ones(inside.arcs.sites) if self._is_counted else inside.prices
        most = no_more_than(self.unmet) if self.unmet > 0 else 0.0
        return SitesAlone(inside.covering(), prices, 0.0, most, self.groups)

    def _refused(self, programme: SitesAlone, clock: Clock) -> bool:
        inside = programme.instance
        if self.unmet == 0 and (np.diff(inside.arcs.start) == 0).any():
            return True
        return programme.tighten(clock, self._most) == np.inf

    def descended(self, radii: Array, low: int, best: Cover, clock: Clock) -> Cover:
        """A cover of less reach by local search: by longer steps while that goes, then by shorter ones."""
        step, high = 1 + (_place(radii, best) - low) // 2, _place(radii, best)
        while self._is_counted and low < high and not _is_enough(best, radii[low], clock):
            radius = radii[max(low, high - step)]
            found = self._searched(within(self.instance, radius), best.opened, clock.part(STEP))
            if found is not None:
                best, high = found, _place(radii, found)
            elif step == 1:
                break
            step = max(1, min(step, high - low) // 2)
        return best

    def _searched(self, inside: Instance, opened: Mask, clock: Clock) -> Cover | None:
        """A cover that the exchange of single sites reaches, by prices and flows, from near this set."""
        assert inside.count is not None
        if self.unmet == 0 and (np.diff(inside.arcs.start) == 0).any():
            return None
        most = no_more_than(self.unmet)
        if inside.single_source:
            opened, allocation = ShortWays.of(inside).improved(opened, most, clock.part(WHOLE))
            if inside.unmet(allocation) <= most:
                return Cover(opened, allocation, inside.unmet(allocation), is_least=True)
        sites = LimitedSites.of(inside.covering(), inside.count, 1.0)
        states = np.where(inside.kept, OPEN, FREE).astype(np.int8)
        chance, nowhere = np.random.default_rng(SEED), np.zeros(inside.arcs.sites, bool)
        best, cost = sites.improved(opened, states, clock)
        if cost > most and len(inside.rows) * inside.count > LARGE:
            other, value = ServedSites(inside).improved(best, nowhere, most, clock.part(FLOWS), USUAL)
            best, cost = (other, value) if value < cost else (best, cost)
        while True:
            self.near = best
            found = self._found(inside, best, clock) if cost <= most else None
            if found is not None or clock.is_over():
                return found
            other, value = sites.improved(disturbed(best, states, chance), states, clock)
            if value <= cost:
                best, cost = other, value

    def _found(self, inside: Instance, opened: Mask, clock: Clock) -> Cover | None:
        """A cover with these sites; where nobody is split, one that is soon found."""
        if not inside.single_source or self.unmet > 0:
            return self._cover(inside, opened, clock)
        allocation = fitted_whole(inside, cover_by(inside, opened).allocation, opened, clock)
        return None if allocation is None else Cover(opened, allocation, 0.0, is_least=True)

    def suffices(self, radius: float, clock: Clock) -> Cover | bool | None:
        """As without capacities; sets of sites that lack room are improved, and if that fails, excluded."""
        inside = within(self.instance, radius)
        programme = self._programme(inside)
        if self._refused(programme, clock):
            return False
        whole = inside.single_source and bool(np.isfinite(inside.capacity).all())
        cost, target = (-inside.capacity, -np.inf) if whole else (programme.site_cost, self._most + 1e-6)
        while not clock.is_over():
            answer, opened, left = programme.proposed(clock, cost, target=target)
            if answer.infeasible:
                return False
            if answer.values is None:
                return None
            sets = [filled(opened, inside.count) if self._is_counted else opened]
            cover = self._cover(inside, sets[0], clock)
            if cover is None and self._is_counted:
                cover = self._searched(inside, sets[0], clock.part(TRIAL))
                sets.append(self.near)
            if cover is not None:
                return cover
            if not programme.learn(sets if self.unmet == 0 else sets[:1], left):
                return _by_programme(inside, inside, self.unmet, clock) if inside.single_source else None
        return None

    def _cover(self, inside: Instance, opened: Mask, clock: Clock) -> Cover | None:
        """The cover with these sites, if it leaves no more unmet than it may."""
        found = cover_by(inside, opened)
        if found.unmet <= no_more_than(self.unmet) and inside.single_source:
            found = whole_cover_by(inside, opened, self.unmet, clock)
        return found if found.unmet <= no_more_than(self.unmet) else None

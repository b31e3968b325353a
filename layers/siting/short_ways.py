"""p sites with room for so many people each, no demand point being split: plans with a short longest way.

The least sum of high powers of the ways comes near the least longest way, and has a slope to go down where
the longest way alone has none.
"""

from dataclasses import dataclass, replace

import numpy as np

from layers.siting.arcs import Mask
from layers.siting.branch import SEED, disturbed
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.lagrange import FREE, OPEN, States
from layers.siting.limited import LimitedSites
from layers.siting.outcome import cost_of
from layers.siting.problem import Allocation
from layers.siting.whole import WholeSites

POWER = 8
UNMET = 1e4
"""Of the power of the longest way: what a demand point costs that is left out."""


@dataclass(frozen=True, eq=False)
class ShortWays:
    """Sets of p sites by the powers of the ways of whole demand points.

    Parameters
    ----------
    instance : Instance
    sites : WholeSites
    """

    instance: Instance
    sites: WholeSites

    @classmethod
    def of(cls, instance: Instance) -> "ShortWays":
        """With a number of sites."""
        assert instance.count is not None
        arcs = instance.arcs
        share = arcs.cost / max(float(arcs.cost.max(initial=0.0)), 1e-300)
        equal = replace(instance, arcs=replace(arcs, cost=share**POWER), weight=1.0 / instance.people)
        return cls(instance, WholeSites.of(LimitedSites.of(equal, instance.count, UNMET)))

    @property
    def _states(self) -> States:
        return np.where(self.instance.kept, OPEN, FREE).astype(np.int8)

    def start(self) -> Mask:
        """Good sites if there were room for all."""
        return self.sites.start(np.random.default_rng(SEED))

    def allocation(self, opened: Mask) -> Allocation:
        """The best known, by the rows of the instance."""
        place, arcs = self.sites.places(opened)[0], self.instance.arcs
        row = np.flatnonzero(place < arcs.sites)
        return Allocation(row, place[row], self.instance.people[row], cost_of(arcs, row, place[row]))

    def improved(self, opened: Mask, most: float, clock: Clock) -> tuple[Mask, Allocation]:
        """From this set on, disturbed again and again until no more than `most` are unmet or time is up."""
        chance, states = np.random.default_rng(SEED), self._states
        best, cost = self.sites.improved(opened, states, clock)
        allocation = self.allocation(best)
        while self.instance.unmet(allocation) > most and not clock.is_over():
            other, value = self.sites.improved(disturbed(best, states, chance), states, clock)
            if value <= cost:
                best, cost, allocation = other, value, self.allocation(other)
        return best, allocation

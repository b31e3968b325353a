"""p sites for demand points that go to the nearest: p-median, and maximal covering as its special case."""

from dataclasses import dataclass

import numpy as np

from layers.siting.arcs import Mask
from layers.siting.branch import random_sites
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.interchange import exchange, plan_cost
from layers.siting.lagrange import CLOSED, OPEN, Claims, States

RANDOM_STARTS, VARIATIONS, START_ARCS = 8, 60, 4e7


@dataclass(frozen=True, eq=False)
class NearestSites:
    """A set of p sites costs what everybody's nearest one costs, or the fallback.

    Parameters
    ----------
    claims : Claims
    count : int
    kept : ndarray of bool, shape (m,)
    tolerance : float
        Plans are told apart to this cost.
    """

    claims: Claims
    count: int
    kept: Mask
    tolerance: float

    @classmethod
    def of(
        cls, instance: Instance, count: int, penalty: float, tolerance: float | None = None
    ) -> "NearestSites":
        """With an unmet person at `penalty`; `tolerance` defaults to one unit of whole costs, or 5e-7."""
        claims = claims_of(instance, penalty)
        if tolerance is None:
            tolerance = whole_unit(claims)
        return cls(claims, count, instance.kept, tolerance)

    def cutoff(self, cost: float) -> float:
        """A bound above this proves `cost` best."""
        return cost - (self.tolerance or 5e-7 * cost)

    @property
    def turns(self) -> tuple[int, int]:
        """How many random starts and variations are worth while: fewer where the problem is large."""
        most = START_ARCS / (1 + len(self.claims.arcs.cost))
        return int(np.clip(most, 1, RANDOM_STARTS)), int(np.clip(most, 1, VARIATIONS))

    def start(self, chance: np.random.Generator) -> Mask:
        """Sites at random."""
        return random_sites(self.kept, self.count, chance)

    def cost(self, opened: Mask) -> float:
        """What a set of sites costs."""
        return plan_cost(self.claims.arcs, self.claims.fallback, opened)

    def improved(self, opened: Mask, states: States, clock: Clock) -> tuple[Mask, float]:
        """The set that single exchanges reach."""
        return exchange(self.claims.arcs, self.claims.fallback, opened, states == OPEN, states != CLOSED)


def claims_of(instance: Instance, penalty: float) -> Claims:
    """Whole demand points with priorities; arcs no dearer than to be left unmet."""
    factor = instance.people * instance.weight
    arcs, fallback = instance.arcs.times(factor), penalty * factor
    return Claims(
        arcs.keep(arcs.cost < fallback[arcs.row]), fallback, instance.people, instance.capacity
    )  # fmt: skip


def whole_unit(claims: Claims) -> float:
    """Nearly 1 if all costs are whole numbers, so that a better plan is better by one; else 0."""
    both = np.concatenate([claims.arcs.cost, claims.fallback])
    total = float(claims.fallback.sum())
    return 1 - 1e-5 if total < 1e9 and bool((np.abs(both - np.rint(both)) < 1e-9).all()) else 0.0


def least_penalty(instance: Instance) -> float:
    """A penalty at which nobody stays at home for the sake of a short way."""
    return 2.0 * float(np.ceil(instance.arcs.cost.max(initial=0.0))) + 1.0

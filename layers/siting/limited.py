"""p sites with room for so many people each, demand points being split where that helps.

A set of sites costs what the transport problem says. It is improved by moving one site at a time to where its
own people would be served best.
"""

from dataclasses import dataclass

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.branch import random_sites
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.interchange import exchange
from layers.siting.lagrange import CLOSED, OPEN, Claims, States
from layers.siting.median import claims_of, whole_unit
from layers.siting.transport import Flow, allocate, cost_table, flow_cost, moved

STARTS, VARIATIONS, PLACES = 2, 8, 4
FLOW_CELLS = 2e6
"""Cells of demand points by open sites beyond which sets are tried sparingly."""


@dataclass(frozen=True, eq=False)
class LimitedSites:
    """A set of p sites costs what the cheapest allocation within their room costs.

    Parameters
    ----------
    claims : Claims
    arcs : Arcs
        Costs of one person with priorities, none above the fallback.
    fallback : ndarray of float64, shape (n,)
        Of one person.
    count : int
    kept : ndarray of bool, shape (m,)
    tolerance : float
        Plans are told apart to this cost; 0: to 5e-7 of it.
    """

    claims: Claims
    arcs: Arcs
    fallback: Array
    count: int
    kept: Mask
    tolerance: float

    @classmethod
    def of(cls, instance: Instance, count: int, penalty: float) -> "LimitedSites":
        """With an unmet person at `penalty`."""
        claims = claims_of(instance, penalty)
        fallback = penalty * instance.weight
        room = instance.capacity[np.isfinite(instance.capacity)]
        is_whole = bool((room == np.rint(room)).all() and (instance.people == np.rint(instance.people)).all())
        weighed = instance.arcs.times(instance.weight)
        whole = is_whole and bool((weighed.cost == np.rint(weighed.cost)).all())
        arcs = weighed.keep(weighed.cost < fallback[weighed.row])
        return cls(claims, arcs, fallback, count, instance.kept, whole_unit(claims) if whole else 0.0)

    def cutoff(self, cost: float) -> float:
        """A bound above this proves `cost` best."""
        return cost - (self.tolerance or 5e-7 * cost)

    @property
    def turns(self) -> tuple[int, int]:
        """Random starts and variations: fewer where an allocation takes long."""
        share = FLOW_CELLS / (1 + len(self.arcs) * self.count)
        return int(np.clip(share, 1, STARTS)), int(np.clip(VARIATIONS * share, 0, VARIATIONS))

    def start(self, chance: np.random.Generator) -> Mask:
        """Good sites if there were room for all."""
        opened = random_sites(self.kept, self.count, chance)
        everywhere = np.ones(len(opened), bool)
        return exchange(self.claims.arcs, self.claims.fallback, opened, self.kept, everywhere)[0]

    def cost(self, opened: Mask) -> float:
        """What a set of sites costs."""
        return self._allocate(np.flatnonzero(opened))[1]

    def _allocate(self, sites: Index) -> tuple[Flow, float]:
        return allocate(self.arcs, self.claims.people, self.fallback, self.claims.capacity, sites)

    def improved(self, opened: Mask, states: States, clock: Clock) -> tuple[Mask, float]:
        """The set that moves of one site reach, as far as the clock allows."""
        sites = np.flatnonzero(opened)
        table = cost_table(self.arcs, self.fallback, sites)
        flow, cost = self._allocate(sites)
        waiting = [r for r in range(len(sites)) if states[sites[r]] != OPEN]
        while waiting and not clock.is_over():
            r = waiting.pop(0)
            for j in self._places(sites, flow, r, states):
                trial, trial_flow = self._moved(table, sites, flow, r, int(j))
                other = flow_cost(trial_flow, trial)
                if other < cost * (1 - 1e-9):
                    sites[r], table, flow, cost = j, trial, trial_flow, other
                    waiting += [s for s in range(len(sites)) if s not in waiting and states[sites[s]] != OPEN]
                    break
        found = np.zeros(len(opened), bool)
        found[sites] = True
        return found, self.cost(found)

    def _moved(self, table: Array, sites: Index, flow: Flow, r: int, j: int) -> tuple[Array, Flow]:
        """Costs and flows once the site of column r stands at j."""
        by_site, order = self.arcs.by_site
        arcs = order[by_site[j] : by_site[j + 1]]
        trial = table.copy()
        trial[:, r] = np.inf
        trial[self.arcs.row[arcs], r] = self.arcs.cost[arcs]
        room = np.append(self.claims.capacity[sites], np.inf)
        room[r] = self.claims.capacity[j]
        return trial, moved(trial, self.claims.people, room, flow, r)

    def _places(self, sites: Index, flow: Flow, r: int, states: States) -> Index:
        """The closed sites where the people of one site, and some of the unmet, would be served best."""
        capacity, served = self.claims.capacity, flow[:, r] + 0.2 * flow[:, -1]
        saved = (self.fallback[self.arcs.row] - self.arcs.cost) * served[self.arcs.row]
        worth = np.bincount(self.arcs.site, saved, self.arcs.sites)
        load = max(float(flow[:, r].sum()), 1e-9)
        worth *= np.minimum(1.0, capacity / load)
        worth[sites] = -np.inf
        worth[states == CLOSED] = -np.inf
        best = np.argsort(-worth, kind="stable")[:PLACES]
        return best[np.isfinite(worth[best])]

"""p sites with room for so many people each, demand points being split where that helps.

A set of sites costs what the transport problem says. It is improved by moving one site at a time to where its
own people would be served best.
"""

from dataclasses import dataclass

import numpy as np

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.branch import random_sites
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.interchange import exchange
from layers.siting.lagrange import CLOSED, OPEN, Claims, States
from layers.siting.median import claims_of, whole_unit
from layers.siting.transport import Flow, allocate, cost_table, flow_cost, moved, site_prices

STARTS, VARIATIONS, TRIALS = 2, 8, 200
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
        """The set that exchanges of one site for another reach, as far as the clock allows."""
        sites = np.flatnonzero(opened)
        table = cost_table(self.arcs, self.fallback, sites)
        flow, cost = self._allocate(sites)
        is_better = True
        while is_better and not clock.is_over():
            is_better = False
            for r, j in self._promising(table, sites, flow, states):
                trial, trial_flow = self._moved(table, sites, flow, r, j)
                other = flow_cost(trial_flow, trial)
                if other < cost * (1 - 1e-9):
                    sites[r], table, flow, cost, is_better = j, trial, trial_flow, other, True
                    break
                if clock.is_over():
                    break
        found = np.zeros(len(opened), bool)
        found[sites] = True
        return found, self.cost(found)

    def _promising(self, table: Array, sites: Index, flow: Flow, states: States) -> list[tuple[int, int]]:
        """Columns to close and sites to open, the best first as the prices of the full sites tell."""
        arcs, claims = self.arcs, self.claims
        price = site_prices(table, np.append(claims.capacity[sites], np.inf), flow)
        dear = table + price
        first = np.argmin(dear, axis=1)
        near = np.partition(dear, 1, axis=1)[:, :2] * claims.people[:, None]
        saved = _savings(
            arcs.start, arcs.site, arcs.cost, claims.people, near, first, claims.capacity, len(sites)
        )
        saved -= price[:-1] * np.where(price[:-1] > 0, claims.capacity[sites], 0.0)
        saved[sites] = -np.inf
        saved[states == CLOSED] = -np.inf
        saved[:, states[sites] == OPEN] = -np.inf
        flat = saved.ravel()
        best = np.argpartition(-flat, min(TRIALS, flat.size) - 1)[:TRIALS]
        best = best[np.argsort(-flat[best])]
        pairs = [(int(k % len(sites)), int(k // len(sites))) for k in best]
        return [(r, j) for r, j in pairs if saved[j, r] > 0]

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


@Kernel
def _savings(
    start: Index,
    site: Index,
    cost: Array,
    people: Array,
    near: Array,
    first: Index,
    capacity: Array,
    columns: int,
) -> Array:
    """What opening each site and closing each column would save about, shape (m, columns)."""
    sites = len(capacity)
    gain, load, loss = np.zeros(sites), np.zeros(sites), np.zeros(columns)
    extra = np.zeros((sites, columns))
    for i in range(len(people)):
        r = first[i]
        if r < columns:
            loss[r] += near[i, 1] - near[i, 0]
        for a in range(start[i], start[i + 1]):
            whole = cost[a] * people[i]
            if whole >= near[i, 1]:
                break
            if whole < near[i, 0]:
                gain[site[a]] += near[i, 0] - whole
                load[site[a]] += people[i]
            if r < columns:
                extra[site[a], r] += near[i, 1] - max(near[i, 0], whole)
    for j in range(sites):
        if load[j] > capacity[j]:
            gain[j] *= capacity[j] / load[j]
        extra[j] += gain[j] - loss
    return extra

"""p sites with room for so many people each, no demand point being split: good plans.

Demand points are placed by regret, then moved and exchanged while that helps; each site then goes where its
own people are served best (Mulvey & Beck 1984, European Journal of Operational Research 18).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Index, Mask
from layers.siting.clock import Clock
from layers.siting.lagrange import CLOSED, OPEN, Claims, States
from layers.siting.limited import LimitedSites
from layers.siting.median import whole_unit

STARTS, VARIATIONS = 2, 120
CELLS = 4e6
"""Demand points by sites beyond which few plans are tried."""


@dataclass(frozen=True, eq=False)
class WholeSites:
    """A set of p sites costs what a good allocation of whole demand points costs.

    Parameters
    ----------
    split : LimitedSites
        The same with splitting: where to start.
    claims : Claims
    costs : ndarray of float64, shape (n, m + 1)
        Of whole demand points; infinite: no way; last, of being unmet.
    tolerance : float
        Plans are told apart to this cost; 0: to 5e-7 of it.
    """

    split: LimitedSites
    claims: Claims
    costs: Array
    tolerance: float

    @classmethod
    def of(cls, split: LimitedSites) -> "WholeSites":
        """From the same with splitting."""
        claims = replace(split.claims, whole=True)
        costs = np.full((len(claims.arcs), claims.arcs.sites + 1), np.inf)
        costs[claims.arcs.row, claims.arcs.site] = claims.arcs.cost
        costs[:, -1] = claims.fallback
        return cls(split, claims, costs, whole_unit(claims))

    @property
    def count(self) -> int:
        """p."""
        return self.split.count

    @property
    def kept(self) -> Mask:
        """Sites that stay open."""
        return self.split.kept

    def cutoff(self, cost: float) -> float:
        """A bound above this proves `cost` best."""
        return cost - (self.tolerance or 5e-7 * cost)

    @property
    def turns(self) -> tuple[int, int]:
        """Random starts and variations."""
        share = CELLS / self.costs.size
        return STARTS, int(np.clip(VARIATIONS * share, 1, VARIATIONS))

    def start(self, chance: np.random.Generator) -> Mask:
        """The best sites of a search with splitting."""
        opened = self.split.start(chance)
        states = np.where(self.kept, OPEN, 0).astype(np.int8)
        return self.split.improved(opened, states, Clock(1.0, _nothing))[0]

    def cost(self, opened: Mask) -> float:
        """What a set of sites costs, about."""
        return self.places(opened)[1]

    def places(self, opened: Mask) -> tuple[Index, float]:
        """The site of each demand point, m if it is unmet, and the cost."""
        sites = np.flatnonzero(opened)
        place, total = _placed(self.costs, self.claims.people, self.claims.capacity, sites)
        return np.append(sites, len(opened))[place], float(total)

    def improved(self, opened: Mask, states: States, clock: Clock) -> tuple[Mask, float]:
        """The set that is reached when each site goes where its own people are served best."""
        best, sites = np.inf, np.flatnonzero(opened)
        found = opened
        while not clock.is_over() or not np.isfinite(best):
            place, total = _placed(self.costs, self.claims.people, self.claims.capacity, sites)
            if total >= best * (1 - 1e-12):
                break
            best, found = float(total), np.zeros(len(opened), bool)
            found[sites] = True
            sites = sites.copy()
            _recentre(
                self.costs,
                self.claims.people,
                self.claims.capacity,
                place,
                sites,
                states == OPEN,
                states == CLOSED,
            )
        return found, best


def _nothing(fraction: float) -> None:
    """Nobody listens to a short start."""


@Kernel
def _placed(costs: Array, people: Array, capacity: Array, sites: Index) -> tuple[Index, float]:
    """The column of each demand point among these sites, the last for the unmet, and the sum of the costs."""
    points, columns = len(people), len(sites)
    table = np.empty((points, columns + 1))
    for r in range(columns):
        table[:, r] = costs[:, sites[r]]
    table[:, columns] = costs[:, -1]
    room = np.append(capacity[sites], np.inf)
    place = _by_regret(table, people, room)
    while _shift(table, people, room, place) or _swap(table, people, room, place):
        pass
    total = 0.0
    for i in range(points):
        total += table[i, place[i]]
    return place, total


@Kernel
def _by_regret(table: Array, people: Array, room: Array) -> Index:
    """Whoever would lose most by going to the second best goes first; `room` is what is left."""
    points, columns = table.shape
    place, waits = np.full(points, columns - 1), np.ones(points, np.bool_)
    best, regret = np.full(points, -1), np.zeros(points)
    stale = np.ones(points, np.bool_)
    for _ in range(points):
        most, who = -1.0, -1
        for i in range(points):
            if not waits[i]:
                continue
            if stale[i] or room[best[i]] < people[i]:
                best[i], regret[i] = _two_best(table[i], people[i], room)
                stale[i] = False
            if who < 0 or regret[i] > most:
                most, who = regret[i], i
        waits[who] = False
        place[who] = best[who]
        room[best[who]] -= people[who]
        for i in range(points):
            stale[i] = waits[i]
    return place


@Kernel
def _two_best(costs: Array, size: float, room: Array) -> tuple[int, float]:
    """The cheapest column with room, and how much dearer the next one is."""
    first, second, best = np.inf, np.inf, len(costs) - 1
    for r in range(len(costs)):
        if room[r] + 1e-9 >= size and costs[r] < second:
            if costs[r] < first:
                first, second, best = costs[r], first, r
            else:
                second = costs[r]
    return best, (second - first if second < np.inf else np.inf)


@Kernel
def _shift(table: Array, people: Array, room: Array, place: Index) -> bool:
    """Move single demand points to cheaper columns with room."""
    any_better = False
    for i in range(len(place)):
        for r in range(table.shape[1]):
            old = place[i]
            if table[i, r] < table[i, old] - 1e-9 and room[r] + 1e-9 >= people[i]:
                room[old] += people[i]
                room[r] -= people[i]
                place[i], any_better = r, True
    return any_better


@Kernel
def _swap(table: Array, people: Array, room: Array, place: Index) -> bool:
    """Exchange the columns of two demand points while that is cheaper."""
    any_better = False
    for i in range(len(place)):
        for k in range(i):
            r, s = place[i], place[k]
            if r == s:
                continue
            saved = table[i, r] + table[k, s] - table[i, s] - table[k, r]
            more = people[i] - people[k]
            if saved > 1e-9 and room[s] - more >= -1e-9 and room[r] + more >= -1e-9:
                place[i], place[k] = s, r
                room[s] -= more
                room[r] += more
                any_better = True
    return any_better


@Kernel
def _recentre(
    costs: Array,
    people: Array,
    capacity: Array,
    place: Index,
    sites: Index,
    fixed: NDArray[np.bool_],
    closed: NDArray[np.bool_],
) -> None:
    """Each site goes where its own people are served best, in place."""
    used = np.zeros(len(capacity), np.bool_)
    used[sites] = True
    for r in range(len(sites)):
        if fixed[sites[r]]:
            continue
        own = np.flatnonzero(place == r)
        load, now = people[own].sum(), 0.0
        for i in own:
            now += costs[i, sites[r]]
        best, where = now - 1e-9, sites[r]
        for j in range(len(capacity)):
            if used[j] or closed[j] or capacity[j] + 1e-9 < load:
                continue
            total = 0.0
            for i in own:
                total += costs[i, j]
                if total >= best:
                    break
            if total < best:
                best, where = total, j
        used[sites[r]] = False
        used[where] = True
        sites[r] = where

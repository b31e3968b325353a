"""p sites with room for so many people each, no demand point being split: good plans.

Sites may be too full at first, at a price that rises until nobody is too many: demand points are moved and
exchanged while that helps, and each site goes where its own people are served best (Mulvey & Beck 1984,
European Journal of Operational Research 18).
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Index, Mask
from layers.siting.clock import Clock
from layers.siting.lagrange import CLOSED, OPEN, Claims, States
from layers.siting.limited import LimitedSites
from layers.siting.median import whole_unit
from layers.siting.outcome import filled

STARTS, VARIATIONS = 2, 240
CELLS = 4e6
"""Demand points by sites beyond which few plans are tried."""
CHEAP, DEARER, ROUNDS = 0.1, 1.5, 12
"""First price of a person too many, as a share of a usual way; how it rises, so often."""


@dataclass(frozen=True, eq=False)
class WholeSites:
    """A set of p sites costs what the best allocation of whole demand points costs that is known.

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
    _known: dict[bytes, tuple[Index, float]] = field(default_factory=dict)

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
        """Good sites if there were room for all."""
        return self.split.start(chance)

    def cost(self, opened: Mask) -> float:
        """What a set of sites costs, about."""
        return self.places(opened)[1]

    def places(self, opened: Mask) -> tuple[Index, float]:
        """The site of each demand point, m if it is unmet, and the cost."""
        if opened.tobytes() not in self._known:
            self._settled(opened, opened, ~opened)
        return self._known[opened.tobytes()]

    def improved(self, opened: Mask, states: States, clock: Clock) -> tuple[Mask, float]:
        """The set that is reached when each site goes where its own people are served best."""
        return self._settled(opened, states == OPEN, states == CLOSED)

    def _settled(self, opened: Mask, fixed: Mask, closed: Mask) -> tuple[Mask, float]:
        sites = np.flatnonzero(opened)
        claims = self.claims
        place = _settle(self.costs, claims.people, claims.capacity, sites, fixed, closed, *self._prices)
        found = np.zeros(len(opened), bool)
        found[sites] = True
        return found, self._remembered(found, place)

    def of_places(self, place: Index) -> tuple[Mask, float]:
        """The set of sites with an allocation that was found elsewhere, and the cost."""
        opened = self.kept.copy()
        opened[place[place < len(opened)]] = True
        opened = filled(opened, self.count)
        return opened, self._remembered(opened, place)

    def _remembered(self, opened: Mask, place: Index) -> float:
        """The cost of the best allocation to a set of sites, now that this one is known."""
        total, key = float(self.costs[np.arange(len(place)), place].sum()), opened.tobytes()
        if key not in self._known or total < self._known[key][1]:
            self._known[key] = place, total
        return self._known[key][1]

    @cached_property
    def _prices(self) -> tuple[float, float]:
        """Of one person too many: at first, and at last, when it is better to be unmet."""
        claims, usual = self.claims, self.costs.shape[1] // (self.count + 1)
        way = np.partition(np.minimum(self.costs, claims.fallback[:, None]), usual, axis=1)[:, usual]
        last = 1e8 * float((claims.fallback / claims.people).max())
        return min(CHEAP * float(np.median(way / claims.people)) + 1e-12 * last, last), last


@Kernel
def _settle(
    costs: Array,
    people: Array,
    capacity: Array,
    sites: Index,
    fixed: Mask,
    closed: Mask,
    price: float,
    last: float,
) -> Index:
    """The site of each demand point, m if it is unmet; the sites that are not fixed are moved, in place."""
    points, count, unmet = len(people), len(sites), len(capacity)
    table = np.empty((points, count + 1))
    table[:, count] = costs[:, unmet]
    room, place, used = np.empty(count + 1), np.empty(points, np.int64), np.zeros(unmet, np.bool_)
    used[sites] = True
    for r in range(count):
        table[:, r] = costs[:, sites[r]]
    for i in range(points):
        place[i] = np.argmin(table[i])
    for k in range(4 * ROUNDS):
        for r in range(count):
            table[:, r] = costs[:, sites[r]]
            room[r] = capacity[sites[r]]
        room[count] = np.inf
        for i in range(points):
            room[place[i]] -= people[i]
        while _shift(table, people, room, place, price) or _swap(table, people, room, place, price):
            pass
        is_full = room.min() < -1e-9
        if is_full and price == last:
            break
        moved = _recentre(costs, people, capacity, place, sites, used, fixed, closed, price)
        if is_full:
            price = price * DEARER if k < ROUNDS else last
        elif not moved:
            break
    found = np.full(points, unmet)
    for i in range(points):
        if place[i] < count:
            found[i] = sites[place[i]]
    return found


@Kernel
def _shift(table: Array, people: Array, room: Array, place: Index, price: float) -> bool:
    """Move single demand points to where they cost less, people too many included."""
    any_better = False
    for i in range(len(place)):
        size, r = people[i], place[i]
        now = table[i, r] + price * min(size, max(0.0, -room[r]))
        best, where = now - 1e-9 * (1.0 + abs(now)), r
        for s in range(table.shape[1]):
            if s != r and table[i, s] < best:
                cost = table[i, s] + price * min(size, max(0.0, size - room[s]))
                if cost < best:
                    best, where = cost, s
        if where != r:
            room[r] += size
            room[where] -= size
            place[i], any_better = where, True
    return any_better


@Kernel
def _swap(table: Array, people: Array, room: Array, place: Index, price: float) -> bool:
    """Exchange the columns of two demand points while that is cheaper."""
    any_better = False
    for i in range(len(place)):
        for k in range(i):
            r, s = place[i], place[k]
            if r == s:
                continue
            more = table[i, s] + table[k, r] - table[i, r] - table[k, s]
            over = max(0.0, -room[r]) + max(0.0, -room[s])
            if more >= price * over - 1e-9:
                continue
            size = people[i] - people[k]
            more += price * (max(0.0, -room[r] - size) + max(0.0, size - room[s]) - over)
            if more < -1e-9 * (1.0 + table[i, r] + table[k, s]):
                place[i], place[k] = s, r
                room[s] -= size
                room[r] += size
                any_better = True
    return any_better


@Kernel
def _recentre(
    costs: Array,
    people: Array,
    capacity: Array,
    place: Index,
    sites: Index,
    used: Mask,
    fixed: Mask,
    closed: Mask,
    price: float,
) -> bool:
    """Each site goes where its own people are served best, in place; whether any did."""
    moved = False
    for r in range(len(sites)):
        if fixed[sites[r]]:
            continue
        own = np.flatnonzero(place == r)
        load = people[own].sum()
        best, where = np.inf, sites[r]
        for j in range(len(capacity)):
            if (used[j] and j != sites[r]) or closed[j]:
                continue
            total = price * max(0.0, load - capacity[j])
            for i in own:
                total += costs[i, j]
                if total >= best:
                    break
            if total < best - 1e-9 * (1.0 + abs(best)) or (j == sites[r] and total <= best):
                best, where = total, j
        if where != sites[r]:
            used[sites[r]], used[where], sites[r], moved = False, True, where, True
    return moved

"""p sites with room for so many people each that leave as few unmet as can be: exchange of sites.

Who goes where is kept as a flow while sites come and go: people of a closed site look for chains of moves
that end at a free place, a new site draws the unmet by such chains (Ford & Fulkerson 1956). An exchange costs
some microseconds, so very many are tried.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Index, Mask
from layers.siting.clock import Clock
from layers.siting.instance import Instance

SEED = 1
TRIALS = 12
"""Sites that are tried in place of one that is closed: those with most unmet people about them."""
EXCHANGES = 25
"""So many are tried for each candidate site."""
CHUNK = 400
"""Exchanges between two looks at the clock."""
HOT, COLD = 0.05, 0.005
"""Sets are gone on with that are worse by about this share of a site's people, at first and at last
(Kirkpatrick, Gelatt & Vecchi 1983, Science 220)."""


@dataclass(frozen=True, eq=False)
class ServedSites:
    """Sets of p sites by the people they leave unmet, with priorities; demand points may be split.

    Parameters
    ----------
    instance : Instance
        Costs of the ways count for nothing.
    """

    instance: Instance

    @cached_property
    def _graph(self) -> tuple[Array | Index, ...]:
        instance, arcs = self.instance, self.instance.arcs
        capacity = np.minimum(instance.capacity, instance.people.sum())
        return arcs.start, arcs.site, arcs.row, *arcs.by_site, instance.people, instance.weight, capacity

    @property
    def people_a_site(self) -> float:
        """With priorities, if all of them were served."""
        instance = self.instance
        return float(np.sum(instance.weight * instance.people)) / max(1, instance.count or 1)

    def improved(
        self, opened: Mask, closed: Mask, target: float, clock: Clock, share: float = 1.0
    ) -> tuple[Mask, float]:
        """The best set that exchanges find, and the unmet it leaves.

        Parameters
        ----------
        opened : ndarray of bool, shape (m,)
            Where to begin.
        closed : ndarray of bool, shape (m,)
            Sites that are not to be opened.
        target : float
            So few unmet are enough.
        clock : Clock
        share : float
            Of the usual number of exchanges.
        """
        best, current, value, instance = opened.copy(), opened.copy(), np.inf, self.instance
        people, chance = self.people_a_site, np.random.default_rng(SEED)
        turns = 1 + int(share * EXCHANGES * len(opened) / CHUNK)
        time = max(clock.left, 1e-9)
        for turn in range(turns):
            heat = people * HOT * (COLD / HOT) ** max(turn / turns, 1 - clock.left / time)
            value = _exchanged(
                *self._graph, current, best, instance.kept, closed, CHUNK, heat, value, target, chance
            )
            if value <= target or clock.is_over():
                break
        return best, float(value)


@Kernel
def _exchanged(
    start: Index,
    site: Index,
    row: Index,
    by_site: Index,
    order: Index,
    people: Array,
    weight: Array,
    capacity: Array,
    current: Mask,
    best: Mask,
    kept: Mask,
    closed: Mask,
    steps: int,
    heat: float,
    least: float,
    target: float,
    chance: np.random.Generator,
) -> float:
    """Exchange sites at random for the best ones in their place; `best` is changed in place."""
    sites, top = len(capacity), weight.max()
    opened, flow, left, room = current.copy(), np.zeros(len(site)), people.copy(), capacity.copy()
    for site_open in np.flatnonzero(opened):
        _draw(site_open, start, site, row, by_site, order, weight, top, opened, flow, left, room)
    now = float(np.sum(weight * left))
    if now < least:
        least = now
        best[:] = opened
    movable = np.flatnonzero(opened & ~kept)
    if not len(movable) or opened.sum() == sites:
        return least
    gain, old = np.zeros(sites), (opened.copy(), flow.copy(), left.copy(), room.copy())
    for _ in range(steps):
        if least <= target:
            break
        old[0][:], old[1][:], old[2][:], old[3][:] = opened, flow, left, room
        slot = int(chance.integers(0, len(movable)))
        leaving = int(movable[slot])
        _close(leaving, start, site, row, by_site, order, opened, flow, left, room, capacity)
        gain[:] = 0.0
        for a in range(len(site)):
            gain[site[a]] += weight[row[a]] * left[row[a]]
        for s in range(sites):
            gain[s] = -1.0 if opened[s] or closed[s] else min(gain[s], capacity[s] * top) + chance.random()
        gain[leaving] = -1.0
        between = opened.copy(), flow.copy(), left.copy(), room.copy()
        value, which = np.inf, -1
        for _ in range(TRIALS):
            j = int(np.argmax(gain))
            if gain[j] < 0:
                break
            gain[j] = -1.0
            _draw(j, start, site, row, by_site, order, weight, top, opened, flow, left, room)
            unmet = float(np.sum(weight * left))
            if unmet < value:
                value, which = unmet, j
            opened[:], flow[:], left[:], room[:] = between
        if which >= 0 and value <= now - heat * np.log(chance.random()):
            _draw(which, start, site, row, by_site, order, weight, top, opened, flow, left, room)
            movable[slot], now = which, value
            if now <= least:
                least = now
                best[:] = opened
        else:
            opened[:], flow[:], left[:], room[:] = old
    current[:] = opened
    return least


@Kernel
def _draw(
    j: int,
    start: Index,
    site: Index,
    row: Index,
    by_site: Index,
    order: Index,
    weight: Array,
    top: float,
    opened: Mask,
    flow: Array,
    left: Array,
    room: Array,
) -> None:
    """Open a site and let it draw unmet people, the weightiest first, by chains of moves."""
    opened[j] = True
    sites = len(room)
    queue, onward = np.empty(sites, np.int64), np.full(sites, -1, np.int64)
    taken, given = np.empty(sites, np.int64), np.empty(sites, np.int64)
    while room[j] > 1e-9:
        onward[:] = -1
        onward[j], queue[0] = j, j
        head, tail, end = 0, 1, -1
        while head < tail:
            t = queue[head]
            head += 1
            for c in order[by_site[t] : by_site[t + 1]]:
                i = row[c]
                if left[i] > 1e-9 and (end < 0 or weight[i] > weight[row[end]]):
                    end = c
                    if weight[i] >= top:
                        head = tail
                        break
                for b in range(start[i], start[i + 1]):
                    s = site[b]
                    if flow[b] > 0 and onward[s] < 0:
                        onward[s], taken[s], given[s] = t, b, c
                        queue[tail] = s
                        tail += 1
        if end < 0:
            return
        amount, s = min(left[row[end]], room[j]), site[end]
        while s != j:
            amount = min(amount, flow[taken[s]])
            s = onward[s]
        left[row[end]] = left[row[end]] - amount if left[row[end]] - amount > 1e-9 else 0.0
        flow[end] += amount
        s = site[end]
        while s != j:
            flow[taken[s]] = flow[taken[s]] - amount if flow[taken[s]] - amount > 1e-9 else 0.0
            flow[given[s]] += amount
            s = onward[s]
        room[j] -= amount


@Kernel
def _close(
    j: int,
    start: Index,
    site: Index,
    row: Index,
    by_site: Index,
    order: Index,
    opened: Mask,
    flow: Array,
    left: Array,
    room: Array,
    capacity: Array,
) -> None:
    """Close a site; its people go by chains of moves to free places, as far as there are any."""
    opened[j], room[j] = False, capacity[j]
    sites = len(room)
    queue, came = np.empty(sites, np.int64), np.empty(sites, np.int64)
    entered, pushed = np.empty(sites, np.int64), np.empty(sites, np.int64)
    for a in order[by_site[j] : by_site[j + 1]]:
        if flow[a] <= 0:
            continue
        i = row[a]
        left[i] += flow[a]
        flow[a] = 0.0
        while left[i] > 1e-9:
            came[:] = -2
            head, tail, end = 0, 0, -1
            for b in range(start[i], start[i + 1]):
                if opened[site[b]] and came[site[b]] == -2:
                    came[site[b]], entered[site[b]] = -1, b
                    queue[tail] = site[b]
                    tail += 1
            while head < tail and end < 0:
                s = queue[head]
                head += 1
                if room[s] > 1e-9:
                    end = s
                    break
                for b in order[by_site[s] : by_site[s + 1]]:
                    if flow[b] <= 0:
                        continue
                    k = row[b]
                    for c in range(start[k], start[k + 1]):
                        t = site[c]
                        if opened[t] and came[t] == -2:
                            came[t], entered[t], pushed[t] = s, c, b
                            queue[tail] = t
                            tail += 1
            if end < 0:
                break
            amount, s = min(left[i], room[end]), end
            while came[s] >= 0:
                amount = min(amount, flow[pushed[s]])
                s = came[s]
            room[end] -= amount
            s = end
            while came[s] >= 0:
                flow[entered[s]] += amount
                flow[pushed[s]] = flow[pushed[s]] - amount if flow[pushed[s]] - amount > 1e-9 else 0.0
                s = came[s]
            flow[entered[s]] += amount
            left[i] = left[i] - amount if left[i] - amount > 1e-9 else 0.0

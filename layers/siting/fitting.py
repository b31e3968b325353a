"""Whole demand points into open sites that just have room for all of them: a search that learns from failure.

Everybody is placed, sites may be too full. Points of a site that is too full are moved or exchanged; where
nothing helps, a person too many there counts for more from then on (Morris 1993, Proceedings of AAAI, the
breakout method), and what was moved rests for some steps (Glover 1989, ORSA Journal on Computing 1).
"""

import numpy as np

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.outcome import cost_of
from layers.siting.problem import Allocation

SEED = 1
CHUNK, CHUNKS = 2000, 10
"""Steps between two looks at the clock; so often, at most."""
REST = 8
"""Steps that a point rests at least after it was moved, and about twice that at most."""


def fitted_whole(instance: Instance, split: Allocation, opened: Mask, clock: Clock) -> Allocation | None:
    """Everybody whole in these sites, if that is found.

    Parameters
    ----------
    instance : Instance
    split : Allocation
        Where people go if demand points may be split: each begins where most of its people are.
    opened : ndarray of bool, shape (m,)
    clock : Clock
    """
    arcs, sites = instance.arcs.of_sites(opened), np.flatnonzero(opened)
    if (np.diff(arcs.start) == 0).any():
        return None
    column = np.cumsum(opened) - 1
    place = column[_first_sites(arcs, split)]
    graph = arcs.start, column[arcs.site], instance.people, instance.capacity[sites]
    chance = np.random.default_rng(SEED)
    for _ in range(CHUNKS):
        if fit(*graph, place, CHUNK, chance):
            row = np.arange(len(place))
            site = sites[place]
            return Allocation(row, site, instance.people, cost_of(arcs, row, site))
        if clock.is_over():
            break
    return None


def _first_sites(arcs: Arcs, split: Allocation) -> Index:
    """The site of most people of each demand point; of those whom nobody takes, the nearest."""
    site = arcs.site[arcs.start[:-1]]
    order = np.argsort(split.people, kind="stable")
    site[split.point[order]] = split.site[order]
    return site


@Kernel
def fit(
    start: Index,
    column: Index,
    people: Array,
    capacity: Array,
    place: Index,
    steps: int,
    chance: np.random.Generator,
) -> bool:
    """Move points until no site is too full, in place; whether that was reached."""
    points, sites = len(people), len(capacity)
    reaches = np.zeros((points, sites), np.bool_)
    members, count = np.empty((sites, points), np.int64), np.zeros(sites, np.int64)
    position, rested, room = np.empty(points, np.int64), np.zeros(points, np.int64), capacity.copy()
    for i in range(points):
        r = place[i]
        members[r, count[r]], position[i] = i, count[r]
        count[r] += 1
        room[r] -= people[i]
        for a in range(start[i], start[i + 1]):
            reaches[i, column[a]] = True
    price = np.ones(sites)
    for step in range(steps):
        r, many = -1, 0
        for s in range(sites):
            if room[s] < -1e-9 * capacity[s]:
                many += 1
                if chance.random() * many < 1.0:
                    r = s
        if r < 0:
            return True
        best, out, back, to = np.inf, -1, -1, -1
        for k in range(count[r]):
            i = members[r, k]
            if rested[i] > step:
                continue
            for a in range(start[i], start[i + 1]):
                s = column[a]
                if s == r:
                    continue
                before = price[r] * max(0.0, -room[r]) + price[s] * max(0.0, -room[s])
                for q in range(-1, count[s]):
                    other = -1 if q < 0 else members[s, q]
                    if other >= 0 and (rested[other] > step or not reaches[other, r]):
                        continue
                    size = people[i] - (people[other] if other >= 0 else 0.0)
                    if size <= 0.0:
                        continue
                    change = (
                        price[r] * max(0.0, -room[r] - size) + price[s] * max(0.0, size - room[s]) - before
                    )
                    change += 1e-9 * chance.random() * people[i]
                    if change < best:
                        best, out, back, to = change, i, other, s
        if best >= 0.0:
            price[r] += 1.0
        if out < 0:
            continue
        for i, here, there in ((out, r, to), (back, to, r)):
            if i < 0:
                continue
            last = members[here, count[here] - 1]
            members[here, position[i]], position[last] = last, position[i]
            count[here] -= 1
            members[there, count[there]], position[i] = i, count[there]
            count[there] += 1
            room[here] += people[i]
            room[there] -= people[i]
            place[i], rested[i] = there, step + REST + int(chance.integers(0, REST))
    return False

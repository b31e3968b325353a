"""A lower bound for p sites: the Lagrangian of the demand points' claims, raised by subgradient steps.

Each demand point offers a price ``u[i]`` for being served. A site is worth the sum of what it can earn,
``worth[j] = Σ min(0, cost[i, j] - u[i])``; the p best sites and the prices together,
``Σ u[i] + Σ worth[j]``, never exceed the cost of any plan (Narula, Ogbu & Samuelsson 1977; Beasley 1985,
European Journal of Operational Research 21). Sites whose worth proves that they stand in every plan better
than the best known, or in none, are settled on the way. With capacities a site earns what a
fractional knapsack holds: that is the bound of the linear programme with strong linking, and it allows
splitting.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.knapsack import most_worth

States = NDArray[np.int8]
FREE, OPEN, CLOSED = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Claims:
    """Demand points and sites as the bound sees them.

    Parameters
    ----------
    arcs : Arcs
        Costs of whole demand points, none above its fallback.
    fallback : ndarray of float64, shape (n,)
        The cost of a demand point that no site serves.
    people : ndarray of float64, shape (n,)
    capacity : ndarray of float64, shape (m,)
        Infinite where there is none.
    whole : bool
        No demand point is split.
    """

    arcs: Arcs
    fallback: Array
    people: Array
    capacity: Array
    whole: bool = False

    def of_sites(self, kept: Mask) -> "Claims":
        """The claims on the sites under a mask of shape (m,)."""
        return replace(self, arcs=self.arcs.of_sites(kept))


@dataclass(frozen=True, eq=False)
class Bound:
    """What subgradient steps have found.

    Parameters
    ----------
    value : float
        The bound: no plan within the states costs less. Infinite if it is not below the cut-off.
    prices : ndarray of float64, shape (n,)
        At the best bound.
    states : ndarray of int8, shape (m,)
        `FREE`, `OPEN` or `CLOSED`, with those that were settled.
    share : ndarray of float64, shape (m,)
        How often each site was among the best of late.
    chosen : ndarray of int64, shape (p,)
        The p best sites at the best bound.
    scale : float
        Of the last step: where to go on.
    idle : int
        Steps since the bound was last raised.
    """

    value: float
    prices: Array
    states: States
    share: Array
    chosen: Index
    scale: float
    idle: int = 0


def raise_bound(claims: Claims, start: Bound, cutoff: float, steps: int) -> Bound:
    """Take up to `steps` subgradient steps from where `start` is; stop early when the bound passes `cutoff`.

    Parameters
    ----------
    claims : Claims
    start : Bound
        Prices, states, shares and scale to begin with; only a bound above its value counts.
    cutoff : float
        Only plans of less cost are of interest.
    """
    arcs = claims.arcs
    prices, states = start.prices.copy(), start.states.copy()
    share, chosen = start.share.copy(), start.chosen.copy()
    size = claims.fallback / max(claims.fallback.mean(), 1e-300)
    by_site, order = arcs.by_site
    value, scale, idle = _ascend(
        arcs.start, arcs.site, arcs.cost, by_site, order, arcs.row, claims.fallback, claims.people,
        claims.capacity, claims.whole, size, len(chosen), states, prices, cutoff, steps, start.scale,
        start.idle, start.value, share, chosen,
    )  # fmt: skip
    return Bound(float(value), prices, states, share, chosen, float(scale), int(idle))


def reduced_costs(claims: Claims, prices: Array, kept: Mask, count: int) -> tuple[float, Array]:
    """The bound at these prices, and by how much it rises at least if a whole demand point uses an arc.

    Nothing is settled here but the kept sites: what was settled for one plan need not hold for a dearer one.

    Returns
    -------
    bound : float
    rise : ndarray of float64, shape (k,)
    """
    arcs, sites = claims.arcs, claims.arcs.sites
    worth, load, taken = np.zeros(sites), np.zeros(sites), np.zeros(len(arcs.site))
    _reckon_worth(arcs.start, arcs.site, arcs.cost, claims.people, prices, worth, load, taken)
    by_site, order = arcs.by_site
    for j in np.flatnonzero(load > claims.capacity):
        arc = order[by_site[j] : by_site[j + 1]]
        worth[j] = _pack(arc, arcs.row, arcs.cost, claims.people, prices, claims.capacity[j], taken)
    chosen = np.zeros(count, np.int64)
    states = np.where(kept, OPEN, FREE).astype(np.int8)
    total, last, _ = _choose(worth, states, count, chosen)
    opening = np.maximum(worth - last, 0.0) if np.isfinite(last) else np.full(sites, np.inf)
    opening[chosen] = 0.0
    rise: Array = np.maximum(arcs.cost - prices[arcs.row], 0.0) + opening[arcs.site]
    return float(prices.sum() + total), rise


@Kernel
def _reckon_worth(
    start: Index, site: Index, cost: Array, people: Array, u: Array, worth: Array, load: Array, taken: Array
) -> None:
    """What each site earns, and how many people it earns that from, as if it had room for all."""
    worth[:], load[:] = 0.0, 0.0
    for i in range(len(u)):
        for a in range(start[i], start[i + 1]):
            if cost[a] >= u[i]:
                break
            worth[site[a]] += cost[a] - u[i]
            load[site[a]] += people[i]
            taken[a] = 1.0


@Kernel
def _pack(
    arc: Index, row: Index, cost: Array, people: Array, u: Array, capacity: float, taken: Array
) -> float:
    """The worth of a site that cannot take all: the dearest claims a person first, the last one in part."""
    rate, which, size = np.empty(len(arc)), np.empty(len(arc), np.int64), 0
    for a in arc:
        i = row[a]
        if cost[a] < u[i]:
            rate[size], which[size] = (cost[a] - u[i]) / people[i], a
            size += 1
    worth, room = 0.0, capacity
    for k in np.argsort(rate[:size]):
        a = which[k]
        i = row[a]
        part = min(1.0, room / people[i])
        taken[a] = part
        worth += part * (cost[a] - u[i])
        room -= part * people[i]
    return worth


@Kernel
def _pack_whole(
    arc: Index, row: Index, cost: Array, people: Array, u: Array, capacity: float, taken: Array
) -> float:
    """The same without splitting."""
    value, size, which, k = np.empty(len(arc)), np.empty(len(arc)), np.empty(len(arc), np.int64), 0
    for a in arc:
        i = row[a]
        if cost[a] < u[i] and people[i] <= capacity + 1e-9:
            value[k], size[k], which[k] = u[i] - cost[a], people[i], a
            k += 1
        elif cost[a] < u[i]:
            taken[a] = 0.0
    by_rate = np.argsort(-value[:k] / size[:k])
    chosen = np.zeros(k, np.bool_)
    worth: float = most_worth(value[by_rate], size[by_rate], capacity, chosen)
    for n in range(k):
        taken[which[by_rate[n]]] = 1.0 if chosen[n] else 0.0
    return -worth


@Kernel
def _choose(worth: Array, states: States, count: int, chosen: Index) -> tuple[float, float, float]:
    """The open sites and the best free ones; their worth, that of the last one chosen and of the next."""
    free = np.empty(len(worth))
    index = np.empty(len(worth), np.int64)
    size, taken, total = 0, 0, 0.0
    for j in range(len(worth)):
        if states[j] == OPEN:
            chosen[taken] = j
            taken += 1
            total += worth[j]
        elif states[j] == FREE:
            free[size], index[size] = worth[j], j
            size += 1
    wanted = count - taken
    if wanted > size:
        return np.inf, 0.0, 0.0
    order = np.argsort(free[:size])
    for k in range(wanted):
        chosen[taken + k] = index[order[k]]
        total += free[order[k]]
    last = free[order[wanted - 1]] if wanted > 0 else -np.inf
    following = free[order[wanted]] if wanted < size else np.inf
    return total, last, following


@Kernel
def _settle(
    worth: Array, states: States, count: int, bound: float, cutoff: float, last: float, following: float
) -> int:
    """Open or close what every better plan opens or closes. Returns how many sites were settled."""
    settled = 0
    for j in range(len(worth)):
        if states[j] != FREE:
            continue
        if worth[j] <= last and bound - worth[j] + following > cutoff:
            states[j] = OPEN
            settled += 1
        elif worth[j] >= following and bound + worth[j] - last > cutoff:
            states[j] = CLOSED
            settled += 1
    return settled


@Kernel
def _slack(
    start: Index,
    site: Index,
    cost: Array,
    fallback: Array,
    u: Array,
    taken: Array,
    chosen: NDArray[np.bool_],
    slack: Array,
) -> None:
    """Which share of each demand point the chosen sites leave out; below 0: it is taken more than once."""
    for i in range(len(u)):
        slack[i] = 1.0
        for a in range(start[i], start[i + 1]):
            if cost[a] >= u[i]:
                break
            if chosen[site[a]]:
                slack[i] -= taken[a]
        if slack[i] > 0 and u[i] >= fallback[i]:
            slack[i] = 0.0


@Kernel
def _ascend(
    start: Index,
    site: Index,
    cost: Array,
    by_site: Index,
    order: Index,
    row: Index,
    fallback: Array,
    people: Array,
    capacity: Array,
    whole: bool,
    size: Array,
    count: int,
    states: States,
    prices: Array,
    cutoff: float,
    steps: int,
    scale: float,
    idle: int,
    best: float,
    share: Array,
    best_chosen: Index,
) -> tuple[float, float, int]:
    points, sites = len(prices), len(states)
    u = prices.copy()
    worth, load, chosen = np.zeros(sites), np.zeros(sites), np.zeros(count, np.int64)
    taken, is_chosen = np.zeros(len(site)), np.zeros(sites, np.bool_)
    slack, course = np.zeros(points), np.zeros(points)
    for _ in range(steps):
        _reckon_worth(start, site, cost, people, u, worth, load, taken)
        for j in range(sites):
            if load[j] > capacity[j] and states[j] != CLOSED:
                arc = order[by_site[j] : by_site[j + 1]]
                if whole:
                    worth[j] = _pack_whole(arc, row, cost, people, u, capacity[j], taken)
                else:
                    worth[j] = _pack(arc, row, cost, people, u, capacity[j], taken)
        total, last, following = _choose(worth, states, count, chosen)
        bound = u.sum() + total
        if bound > cutoff:
            return np.inf, scale, idle
        if bound > best + 1e-9 * abs(best):
            best, idle = bound, 0
            prices[:], best_chosen[:] = u, chosen
        else:
            idle += 1
            if idle >= 20:
                scale, idle = scale * 0.5, 0
                u[:], course[:] = prices, 0.0
                if scale < 0.005:
                    break
                continue
        _settle(worth, states, count, bound, cutoff, last, following)
        is_chosen[:] = False
        is_chosen[chosen] = True
        for j in range(sites):
            share[j] += 0.1 * (is_chosen[j] - share[j])
        _slack(start, site, cost, fallback, u, taken, is_chosen, slack)
        course[:] = slack + 0.7 * course
        norm = np.sum(size * course * course)
        if norm < 1e-12:
            break
        step = scale * (1.05 * (cutoff - bound) + 1e-4 * abs(cutoff)) / norm
        u[:] = np.minimum(fallback, u + step * size * course)
    return best, scale, idle

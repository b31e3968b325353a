"""Local search for p sites: exchange one open site for a closed one while that helps.

Gain, loss and extra are kept as Resende & Werneck (2007, European Journal of Operational Research 174,
"A fast swap-based local search procedure for location problems") do: opening site j and closing the site in
slot r saves ``gain[j] - loss[r] + extra[j, r]``, and after an exchange only the demand points whose two
nearest sites changed are reckoned anew. A demand point without an open site pays its fallback.
"""

import numpy as np

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Arcs, Index, Mask


def exchange(arcs: Arcs, fallback: Array, opened: Mask, kept: Mask, allowed: Mask) -> tuple[Mask, float]:
    """The best plan that single exchanges reach, and its cost.

    Parameters
    ----------
    arcs : Arcs
        Costs of whole demand points, none of them above its fallback.
    fallback : ndarray of float64, shape (n,)
        The cost of a demand point that no site serves.
    opened : ndarray of bool, shape (m,)
        Where to start.
    kept, allowed : ndarray of bool, shape (m,)
        Sites that stay open, and sites that may be opened.
    """
    found = opened.copy()
    by_site, order = arcs.by_site
    rows = arcs.row[order]
    total = _exchange(
        arcs.start, arcs.site, arcs.cost, by_site, rows, arcs.cost[order], fallback, found, kept, allowed
    )
    return found, float(total)


def plan_cost(arcs: Arcs, fallback: Array, opened: Mask) -> float:
    """What the open sites cost all demand points together."""
    return float(_plan_cost(arcs.start, arcs.site, arcs.cost, fallback, opened))


@Kernel
def _plan_cost(start: Index, site: Index, cost: Array, fallback: Array, opened: Mask) -> float:
    total = 0.0
    for i in range(len(fallback)):
        least = fallback[i]
        for a in range(start[i], start[i + 1]):
            if opened[site[a]]:
                least = min(least, cost[a])
                break
        total += least
    return total


@Kernel
def _two_nearest(
    i: int, start: Index, site: Index, cost: Array, fallback: Array, slot: Index, near: Array, first: Index
) -> None:
    """The two least costs of a demand point, and the slot of the first; the fallback where there is none."""
    near[i, 0], near[i, 1], first[i] = fallback[i], fallback[i], -1
    for a in range(start[i], start[i + 1]):
        r = slot[site[a]]
        if r >= 0:
            if first[i] < 0:
                near[i, 0], first[i] = cost[a], r
            else:
                near[i, 1] = cost[a]
                return


@Kernel
def _count(
    i: int,
    sign: float,
    start: Index,
    site: Index,
    cost: Array,
    slot: Index,
    near: Array,
    first: Index,
    gain: Array,
    loss: Array,
    extra: Array,
) -> None:
    """Add or take away what one demand point says about every exchange."""
    d1, d2, r = near[i, 0], near[i, 1], first[i]
    if r >= 0:
        loss[r] += sign * (d2 - d1)
    for a in range(start[i], start[i + 1]):
        if cost[a] >= d2:
            break
        j = site[a]
        if slot[j] >= 0:
            continue
        if cost[a] < d1:
            gain[j] += sign * (d1 - cost[a])
        if r >= 0:
            extra[j, r] += sign * (d2 - max(d1, cost[a]))


@Kernel
def _best_exchange(
    gain: Array, loss: Array, extra: Array, slot: Index, site_in: Index, kept: Mask, allowed: Mask
) -> tuple[int, int, float]:
    """The site to open, the slot to close, and what that saves."""
    best, opening, closing = 0.0, -1, -1
    for j in range(len(gain)):
        if slot[j] >= 0 or not allowed[j]:
            continue
        for r in range(len(loss)):
            saved = gain[j] - loss[r] + extra[j, r]
            if saved > best and not kept[site_in[r]]:
                best, opening, closing = saved, j, r
    return opening, closing, best


@Kernel
def _exchange(
    start: Index,
    site: Index,
    cost: Array,
    by_site: Index,
    rows: Index,
    site_cost: Array,
    fallback: Array,
    opened: Mask,
    kept: Mask,
    allowed: Mask,
) -> float:
    """Exchange until nothing is saved, in place; returns the cost."""
    points, sites = len(fallback), len(opened)
    site_in = np.flatnonzero(opened)
    slot = np.full(sites, -1, np.int64)
    for r in range(len(site_in)):
        slot[site_in[r]] = r
    near, first = np.empty((points, 2)), np.empty(points, np.int64)
    gain, loss = np.zeros(sites), np.zeros(len(site_in))
    extra = np.zeros((sites, len(site_in)))
    for i in range(points):
        _two_nearest(i, start, site, cost, fallback, slot, near, first)
        _count(i, 1.0, start, site, cost, slot, near, first, gain, loss, extra)
    touched = np.zeros(points, np.bool_)
    smallest = 1e-9 * max(1.0, near[:, 0].sum())
    while True:
        opening, closing, saved = _best_exchange(gain, loss, extra, slot, site_in, kept, allowed)
        if saved <= smallest:
            break
        leaving = site_in[closing]
        for a in range(by_site[leaving], by_site[leaving + 1]):
            touched[rows[a]] = site_cost[a] <= near[rows[a], 1]
        for a in range(by_site[opening], by_site[opening + 1]):
            touched[rows[a]] |= site_cost[a] < near[rows[a], 1]
        for i in range(points):
            if touched[i]:
                _count(i, -1.0, start, site, cost, slot, near, first, gain, loss, extra)
        extra[:, closing], loss[closing] = 0.0, 0.0
        gain[opening], extra[opening, :] = 0.0, 0.0
        slot[leaving], slot[opening], site_in[closing] = -1, closing, opening
        for i in range(points):
            if touched[i]:
                _two_nearest(i, start, site, cost, fallback, slot, near, first)
                _count(i, 1.0, start, site, cost, slot, near, first, gain, loss, extra)
                touched[i] = False
    for j in range(sites):
        opened[j] = slot[j] >= 0
    return float(near[:, 0].sum())

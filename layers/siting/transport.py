"""Allocation to sites that are open already: the transport problem, solved exactly.

Demand points come one after another. Each takes the cheapest chain of moves that ends at a free place: it may
push people of another point from a full site to their next one, and so on (successive shortest paths on the
graph of the sites). Whole demand and capacities give whole flows.
"""

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array
from layers.kernels import Kernel, keep
from layers.siting.arcs import Arcs, Index

Flow = NDArray[np.float64]
Flags = NDArray[np.bool_]
_DUST = 1e-9  # less than this is no person but rounding


def allocate(
    arcs: Arcs, people: Array, fallback: Array, capacity: Array, opened: Index
) -> tuple[Flow, float]:
    """The cheapest allocation.

    Parameters
    ----------
    arcs : Arcs
        Costs of one person, none above the fallback.
    people : ndarray of float64, shape (n,)
    fallback : ndarray of float64, shape (n,)
        Cost of one person that is left unmet.
    capacity : ndarray of float64, shape (m,)
    opened : ndarray of int64, shape (k,)

    Returns
    -------
    flow : ndarray of float64, shape (n, k + 1)
        People of each demand point at each open site; the last column holds the unmet.
    cost : float
    """
    cost = cost_table(arcs, fallback, opened)
    flow = np.zeros_like(cost)
    fill(cost, people, np.append(capacity[opened], np.inf), flow)
    return flow, flow_cost(flow, cost)


def cost_table(arcs: Arcs, fallback: Array, opened: Index) -> Array:
    """Costs of one person to the open sites and, last, of being unmet, shape (n, k + 1); infinite: no way."""
    column = np.full(arcs.sites, -1, np.int64)
    column[opened] = np.arange(len(opened))
    cost = np.full((len(arcs), len(opened) + 1), np.inf)
    place = column[arcs.site]
    cost[arcs.row[place >= 0], place[place >= 0]] = arcs.cost[place >= 0]
    cost[:, -1] = fallback
    return cost


def flow_cost(flow: Flow, cost: Array) -> float:
    """What a flow costs."""
    return float(np.sum(flow * np.where(flow > 0, cost, 0.0)))


def moved(cost: Array, people: Array, room: Array, flow: Flow, column: int) -> Flow:
    """A good allocation after one site was moved, from the one before: nearly as cheap as `allocate`'s.

    Only the people of the moved site and those who are nearer to its new place are placed anew.

    Parameters
    ----------
    cost, room : ndarray of float64, shape (n, k + 1) and (k + 1,)
        With the moved site's new costs and room.
    people : ndarray of float64, shape (n,)
    flow : ndarray of float64, shape (n, k + 1)
        Before.
    column : int
        Of the moved site.
    """
    dearer = np.where(flow > 0, cost, 0.0).max(axis=1) > cost[:, column]
    found = flow.copy()
    found[dearer | (flow[:, column] > 0)] = 0.0
    fill(cost, people, room, found)
    return found


@Kernel
def _cheapest_move(r: int, s: int, cost: Array, flow: Flow, member: Index, size: int) -> tuple[float, int]:
    """The demand point that moves from r to s at the least cost."""
    best, who = np.inf, -1
    for k in range(size):
        i = member[k]
        move = cost[i, s] - cost[i, r]
        if flow[i, r] > 0 and move < best:
            best, who = move, i
    return best, who


@Kernel
def _shortest(
    first: Array, full: Flags, move: Array, reach: Array, before: Index, changed: Flags, again: Flags
) -> None:
    """The cheapest chain to each site from a new claim (Bellman & Ford); only full sites are passed.

    No chain from a full site to a free one costs less than nothing, so what is dearer than the cheapest free
    site so far is not followed. `reach` and `before` are found; `changed` and `again` are room to reckon in.
    """
    sites = len(first)
    best = np.inf
    for s in range(sites):
        reach[s], before[s] = first[s], -1
        if not full[s]:
            best = min(best, first[s])
    for s in range(sites):
        changed[s] = full[s] and first[s] < best
    for _ in range(sites):
        any_changed = False
        for s in range(sites):
            again[s] = False
        for r in range(sites):
            if not changed[r] or reach[r] >= best:
                continue
            for s in range(sites):
                way = reach[r] + move[r, s]
                if way < reach[s] - 1e-12 * abs(way) and way < best:
                    reach[s], before[s] = way, r
                    if full[s]:
                        again[s] = True
                        any_changed = True
                    else:
                        best = way
        for s in range(sites):
            changed[s] = again[s]
        if not any_changed:
            break


@Kernel
def _enter(
    i: int,
    s: int,
    amount: float,
    cost: Array,
    flow: Flow,
    move: Array,
    mover: Index,
    member: Index,
    size: Index,
) -> None:
    """Put people of i at s, and let them stand for moves away from there."""
    if flow[i, s] == 0:
        known = False
        for k in range(size[s]):
            known |= member[s, k] == i
        if not known:
            member[s, size[s]] = i
            size[s] += 1
        for t in range(move.shape[1]):
            saved = cost[i, t] - cost[i, s]
            if t != s and saved < move[s, t]:
                move[s, t], mover[s, t] = saved, i
    flow[i, s] += amount


@Kernel
def _leave(
    i: int,
    s: int,
    amount: float,
    cost: Array,
    flow: Flow,
    move: Array,
    mover: Index,
    member: Index,
    size: Index,
) -> None:
    """Take people of i from s; when none is left, others stand for its moves."""
    flow[i, s] -= amount
    if flow[i, s] > _DUST:
        return
    flow[i, s] = 0.0
    kept = 0
    for k in range(size[s]):
        if flow[member[s, k], s] > 0:
            member[s, kept] = member[s, k]
            kept += 1
    size[s] = kept
    for t in range(move.shape[1]):
        if mover[s, t] == i:
            move[s, t], mover[s, t] = _cheapest_move(s, t, cost, flow, member[s], size[s])


@Kernel
def _cheapest_free(reach: Array, full: Flags) -> int:
    end, least = len(reach) - 1, np.inf
    for s in range(len(reach)):
        if not full[s] and reach[s] < least:
            end, least = s, reach[s]
    return end


@Kernel
def _is_cycle(end: int, before: Index) -> bool:
    """Whether the chain that ends here never begins."""
    s, hops = end, 0
    while before[s] >= 0 and hops <= len(before):
        s = before[s]
        hops += 1
    return hops > len(before)


@Kernel
def place_all(
    cost: Array,
    people: Array,
    flow: Flow,
    left: Array,
    move: Array,
    mover: Index,
    member: Index,
    size: Index,
    reach: Array,
    before: Index,
    full: Flags,
    changed: Flags,
    again: Flags,
) -> None:
    """As `fill`; it is given its room. Kept as object code: a site in the hand waits for no compiler."""
    points, sites = cost.shape
    for i in range(points):
        for s in range(sites):
            if flow[i, s] > 0:
                amount, flow[i, s] = flow[i, s], 0.0
                left[s] -= amount
                _enter(i, s, amount, cost, flow, move, mover, member, size)
    for s in range(sites):
        left[s] = left[s] if left[s] > _DUST else 0.0
    for i in range(points):
        there = 0.0
        for s in range(sites):
            there += flow[i, s]
        waiting = people[i] - there
        while waiting > _DUST:
            for s in range(sites):
                full[s] = left[s] <= 0
            _shortest(cost[i], full, move, reach, before, changed, again)
            end = _cheapest_free(reach, full)
            if _is_cycle(end, before):  # only where `flow` was not the cheapest: no chain then
                for s in range(sites):
                    before[s] = -1
                end = _cheapest_free(cost[i], full)
            amount = min(waiting, left[end])
            s = end
            while before[s] >= 0:
                amount = min(amount, flow[mover[before[s], s], before[s]])
                s = before[s]
            s = end
            left[end] = left[end] - amount if left[end] - amount > _DUST else 0.0
            while before[s] >= 0:
                r, who = before[s], mover[before[s], s]
                _leave(who, r, amount, cost, flow, move, mover, member, size)
                _enter(who, s, amount, cost, flow, move, mover, member, size)
                s = r
            _enter(i, s, amount, cost, flow, move, mover, member, size)
            waiting -= amount


def fill(cost: Array, people: Array, room: Array, flow: Flow) -> None:
    """Place everybody who has no place in `flow` yet, each by the cheapest chain of moves, in place."""
    points, sites = cost.shape
    place_all(
        np.ascontiguousarray(cost),
        np.ascontiguousarray(people, np.float64),
        flow,
        room.astype(np.float64),
        np.full((sites, sites), np.inf),
        np.full((sites, sites), -1, np.int64),
        np.zeros((sites, points), np.int64),
        np.zeros(sites, np.int64),
        np.empty(sites),
        np.empty(sites, np.int64),
        *np.empty((3, sites), np.bool_),
    )


def compile_kernels() -> None:
    """Compile what a site in the hand needs and keep it on the disk, if it is not."""
    fill(np.zeros((1, 1)), np.ones(1), np.ones(1), np.zeros((1, 1)))
    keep([place_all])


@Kernel
def site_prices(cost: Array, room: Array, flow: Flow) -> Array:
    """What one more person at a site would cost because others must move on, shape (k + 1,).

    0 where there is room. These are the dual prices of the capacities.
    """
    points, sites = cost.shape
    move, load = np.full((sites, sites), np.inf), np.zeros(sites)
    for i in range(points):
        for r in range(sites):
            if flow[i, r] > 0:
                load[r] += flow[i, r]
                for s in range(sites):
                    move[r, s] = min(move[r, s], cost[i, s] - cost[i, r])
    price = np.where(load + _DUST < room, 0.0, np.inf)
    for _ in range(sites):
        changed = False
        for r in range(sites):
            for s in range(sites):
                way = max(move[r, s] + price[s], 0.0)
                if way < price[r] - 1e-9 * (1.0 + abs(way)):
                    price[r], changed = way, True
        if not changed:
            break
    return np.where(np.isfinite(price), price, 0.0)

"""Allocation to sites that are open already: the transport problem, solved exactly.

Demand points come one after another. Each takes the cheapest chain of moves that ends at a free place: it may
push people of another point from a full site to their next one, and so on (successive shortest paths on the
graph of the sites). Whole demand and capacities give whole flows.
"""

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Arcs, Index

Flow = NDArray[np.float64]
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
def _shortest(first: Array, full: NDArray[np.bool_], move: Array) -> tuple[Array, Index]:
    """The cheapest chain to each site from a new claim (Bellman & Ford); only full sites are passed.

    No chain from a full site to a free one costs less than nothing, so what is dearer than the cheapest free
    site so far is not followed.
    """
    sites = len(first)
    reach, before = first.copy(), np.full(sites, -1, np.int64)
    best = np.inf
    for s in range(sites):
        if not full[s]:
            best = min(best, first[s])
    changed = full & (first < best)
    for _ in range(sites):
        again = np.zeros(sites, np.bool_)
        any_changed = False
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
        changed = again
        if not any_changed:
            break
    return reach, before


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
def _cheapest_free(reach: Array, full: NDArray[np.bool_]) -> int:
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
def fill(cost: Array, people: Array, room: Array, flow: Flow) -> None:
    """Place everybody who has no place in `flow` yet, each by the cheapest chain of moves, in place."""
    points, sites = cost.shape
    left = room.copy()
    move, mover = np.full((sites, sites), np.inf), np.full((sites, sites), -1, np.int64)
    member, size = np.zeros((sites, points), np.int64), np.zeros(sites, np.int64)
    for i in range(points):
        for s in range(sites):
            if flow[i, s] > 0:
                amount, flow[i, s] = flow[i, s], 0.0
                left[s] -= amount
                _enter(i, s, amount, cost, flow, move, mover, member, size)
    for s in range(sites):
        left[s] = left[s] if left[s] > _DUST else 0.0
    for i in range(points):
        waiting = people[i] - flow[i].sum()
        while waiting > _DUST:
            full = left <= 0
            reach, before = _shortest(cost[i], full, move)
            end = _cheapest_free(reach, full)
            if _is_cycle(end, before):  # only where `flow` was not the cheapest: no chain then
                before[:] = -1
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

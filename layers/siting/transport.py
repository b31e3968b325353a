"""Allocation to sites that are open already: the transport problem, solved exactly.

Demand points come one after another. Each takes the cheapest chain of moves that ends at a free place: it may
push people of another point from a full site to their next one, and so on (successive shortest paths on the
graph of the sites). Whole demand and capacities give whole flows.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.grid import Array
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
    column = np.full(arcs.sites, -1, np.int64)
    column[opened] = np.arange(len(opened))
    cost = np.full((len(arcs), len(opened) + 1), np.inf)
    place = column[arcs.site]
    cost[arcs.row[place >= 0], place[place >= 0]] = arcs.cost[place >= 0]
    cost[:, -1] = fallback
    room = np.append(capacity[opened], np.inf)
    flow = _fill(cost, people, room)
    total = float(np.sum(flow * np.where(flow > 0, cost, 0.0)))
    return flow, total


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cheapest_move(r: int, s: int, cost: Array, flow: Flow, member: Index, size: int) -> tuple[float, int]:
    """The demand point that moves from r to s at the least cost."""
    best, who = np.inf, -1
    for k in range(size):
        i = member[k]
        move = cost[i, s] - cost[i, r]
        if flow[i, r] > 0 and move < best:
            best, who = move, i
    return best, who


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _shortest(first: Array, full: NDArray[np.bool_], move: Array) -> tuple[Array, Index]:
    """The cheapest chain to each site from a new claim (Bellman & Ford); only full sites are passed."""
    sites = len(first)
    reach, before = first.copy(), np.full(sites, -1, np.int64)
    changed = full & np.isfinite(first)
    for _ in range(sites):
        again = np.zeros(sites, np.bool_)
        any_changed = False
        for r in range(sites):
            if not changed[r]:
                continue
            for s in range(sites):
                way = reach[r] + move[r, s]
                if way < reach[s] - 1e-12 * abs(way):
                    reach[s], before[s] = way, r
                    if full[s]:
                        again[s] = True
                        any_changed = True
        changed = again
        if not any_changed:
            break
    return reach, before


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fill(cost: Array, people: Array, room: Array) -> Flow:
    points, sites = cost.shape
    flow, left = np.zeros((points, sites)), room.copy()
    move, mover = np.full((sites, sites), np.inf), np.full((sites, sites), -1, np.int64)
    member, size = np.zeros((sites, points), np.int64), np.zeros(sites, np.int64)
    for i in range(points):
        waiting = people[i]
        while waiting > _DUST:
            full = left <= 0
            reach, before = _shortest(cost[i], full, move)
            end, least = sites - 1, np.inf
            for s in range(sites):
                if not full[s] and reach[s] < least:
                    end, least = s, reach[s]
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
    return flow

"""What whole demand points a site with room for so many people takes: the 0-1 knapsack, solved exactly.

Depth first with the bound of the fractional knapsack (Horowitz & Sahni 1974, Journal of the ACM 21).
"""

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array
from layers.kernels import Kernel
from layers.siting.arcs import Index

MOST_NODES = 20_000
"""After so many the bound of the fractional knapsack stands for the best value."""


@Kernel
def fractional(value: Array, size: Array, first: int, room: float) -> float:
    """The most that the items from `first` on are worth if the last one may be split; by falling rate.

    Items of no value are left out.
    """
    total: float = 0.0
    for k in range(first, len(value)):
        if value[k] <= 0.0:
            return total
        if size[k] > room:
            total += value[k] * room / size[k]
            return total
        total += value[k]
        room -= size[k]
    return total


@Kernel
def most_worth(value: Array, size: Array, room: float, chosen: NDArray[np.bool_]) -> float:
    """The most that whole items are worth together; which they are is written to `chosen`.

    Parameters
    ----------
    value, size : ndarray of float64, shape (k,)
        Above 0, by falling rate of value to size.
    room : float
    chosen : ndarray of bool, shape (k,)

    Returns
    -------
    float
        Never less than the true value; more only if the search was cut short.
    """
    count, best, current, left = len(value), -1.0, 0.0, room + 1e-9
    taken = np.zeros(count, np.bool_)
    k = 0
    for _ in range(MOST_NODES):
        worth_while = current + fractional(value, size, k, left) > best + 1e-9 * (1.0 + abs(best))
        if worth_while and k < count:
            taken[k] = size[k] <= left
            if taken[k]:
                left -= size[k]
                current += value[k]
            k += 1
            continue
        if k == count and current > best:
            best = current
            chosen[:] = taken
        k -= 1
        while k >= 0 and not taken[k]:
            k -= 1
        if k < 0:
            return best
        taken[k] = False
        left += size[k]
        current -= value[k]
        k += 1
    most: float = fractional(value, size, 0, room)
    return most


@Kernel
def sets_worth(value: Array, size: Array, room: float, least: float, found: Index, ends: Index) -> int:
    """All sets of whole items that fit and are worth at least so much; how many, or -1 if there is no space.

    Parameters
    ----------
    value, size : ndarray of float64, shape (k,)
        Any values, by falling rate of value to size.
    room, least : float
    found : ndarray of int64
        The items of all sets one after another.
    ends : ndarray of int64
        Where each set ends in `found`.
    """
    count, sets, written = len(value), 0, 0
    stack = np.zeros(count + 1, np.int64)
    depth, k, current, left = 0, 0, 0.0, room + 1e-9
    while True:
        best = 0.0
        if k < count:
            best = fractional(value, size, k, left)
        if k == count or current + best < least:
            if depth == 0:
                return sets
            depth -= 1
            k = stack[depth]
            left += size[k]
            current -= value[k]
            k += 1
            continue
        if size[k] <= left:
            stack[depth] = k
            depth += 1
            left -= size[k]
            current += value[k]
            if current >= least:
                if sets >= len(ends) or written + depth > len(found):
                    return -1
                found[written : written + depth] = stack[:depth]
                written += depth
                ends[sets] = written
                sets += 1
        k += 1

"""Kernel: natural breaks, the classes whose values lie nearest to their means (Fisher 1958; Jenks 1977)."""

# mypy: disallow-untyped-defs=False

import numpy as np

from layers.grid import Array
from layers.kernels import inlined, kernel


def natural_breaks(values: Array, weights: Array, count: int) -> Array:
    """The least value of the second, third … class.

    Exact: of all ways to cut the values into `count` classes, one with the least sum of squared distances
    from the classes' means. The best cut of a longer run never lies before that of a shorter one, so that
    halving finds it in n log n steps a class.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Distinct, rising; more than `count` of them.
    weights : ndarray of float64, shape (n,)
        How often each occurs.
    count : int
        Of classes, at least one.

    Returns
    -------
    ndarray of float64, shape (count - 1,)

    References
    ----------
    Fisher, W. D. (1958): On grouping for maximum homogeneity. J. Am. Stat. Assoc. 53, 789-798.

    Examples
    --------
    >>> natural_breaks(np.array([1.0, 2, 10, 11, 50]), np.ones(5), 3).tolist()
    [10.0, 50.0]
    """
    centred = values - np.average(values, weights=weights)  # squares of large numbers lose their digits
    sums = np.zeros((3, len(values) + 1))
    np.cumsum([weights, weights * centred, weights * centred**2], axis=1, out=sums[:, 1:])
    first = np.zeros(count, np.int64)
    begins, spreads = np.zeros((count, len(values)), np.int64), np.empty((2, len(values)))
    find_classes(sums, begins, spreads, np.empty((DEPTH, 4), np.int64), first)
    return np.asarray(values[first[1:]])


DEPTH = 128
"""Spans that wait to be halved: each halving leaves one behind."""


@inlined
def _spread(sums, start, end):
    """The squared distances of values `start` to `end` (not included) from their mean."""
    weight = sums[0, end] - sums[0, start]
    total = sums[1, end] - sums[1, start]
    return sums[2, end] - sums[2, start] - total * total / weight


@kernel
def find_classes(sums, begins, spreads, todo, first):
    """Find where each class begins; all but `sums` is room for it, `first` the answer."""
    count, n = begins.shape
    before, here = spreads[0], spreads[1]
    for i in range(n):
        before[i] = _spread(sums, 0, i + 1)
    for k in range(1, count):
        _add_class(sums, before, here, begins[k], k, todo)
        before, here = here, before
    last = n - 1
    for k in range(count - 1, 0, -1):
        first[k] = begins[k, last]
        last = first[k] - 1


@inlined
def _add_span(todo, left, low, high, least, most):
    """Let a span wait; returns how many do."""
    todo[left, 0], todo[left, 1], todo[left, 2], todo[left, 3] = low, high, least, most
    return left + 1


@kernel
def _add_class(sums, before, here, begins, k, todo):
    """With class `k` added: for values up to each one the least spread, and where the class begins."""
    left = _add_span(todo, 0, k, len(before) - 1, k, len(before) - 1)
    while left > 0:
        left -= 1
        low, high, least, most = todo[left, 0], todo[left, 1], todo[left, 2], todo[left, 3]
        middle = (low + high) // 2
        best, place = np.inf, least
        for i in range(least, min(middle, most) + 1):
            spread = before[i - 1] + _spread(sums, i, middle + 1)
            if spread < best:
                best, place = spread, i
        here[middle], begins[middle] = best, place
        if low < middle:
            left = _add_span(todo, left, low, middle - 1, least, place)
        if middle < high:
            left = _add_span(todo, left, middle + 1, high, place, most)

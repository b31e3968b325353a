"""Relief: what people need, what depots hold, who gets what from where, and who is reached in time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from layers.grid import Array
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.network import Lines
from layers.siting.transport import allocate

FIRST_HELP_HOURS = 10.0
"""From the report until people are at a safe place and helped (plan target, verified)."""


class Distribution(NamedTuple):
    """Who gets how much from where, and what is lacking.

    Parameters
    ----------
    amount : ndarray of float64, shape (places, depots)
    gap : ndarray of float64, shape (places,)
    """

    amount: Array
    gap: Array


def distribute(needs: Array, stock: Array, seconds: Array, limit: float = np.inf) -> Distribution:
    """One item from depots to places: first as much as can be, then on the quickest ways.

    Parameters
    ----------
    needs : ndarray of float64, shape (n,)
    stock : ndarray of float64, shape (k,)
    seconds : ndarray of float64, shape (n, k)
        Infinite where there is no way.
    limit : float
        No way takes longer, seconds.
    """
    arcs = Arcs.of(np.where(seconds <= limit, seconds, np.inf))
    depots = np.arange(len(stock))
    unmet = np.full(len(needs), (1.0 + arcs.cost.max(initial=0.0)) * (2 + len(stock)))
    flow, _ = allocate(arcs, needs, unmet, stock, depots)
    return Distribution(flow[:, :-1], flow[:, -1])


def is_helped_in_time(
    drive: Array, mobilise: float, transfer: float, limit: float = FIRST_HELP_HOURS * 3600
) -> Mask:
    """Who is helped within the limit by the nearest depot: mobilise, drive, transfer.

    Parameters
    ----------
    drive : ndarray of float64, shape (n, k)
        Seconds from each place to each depot; infinite where there is no way.
    mobilise, transfer : float
        Seconds before and after the drive.
    limit : float
        Seconds.
    """
    return np.asarray(mobilise + drive.min(axis=1) + transfer <= limit)


def share_helped(people: Array, helped: Mask) -> float:
    """Share of the people; 1 if there are none."""
    total = float(people.sum())
    return float(people[helped].sum()) / total if total else 1.0


def nearest(seconds: Array, count: int) -> tuple[Index, Array]:
    """The nearest responders to each place, those without a way left out as -1.

    Parameters
    ----------
    seconds : ndarray of float64, shape (n, k)
    count : int

    Returns
    -------
    which : ndarray of int64, shape (n, count)
    seconds : ndarray of float64, shape (n, count)
    """
    order = np.argsort(seconds, axis=1, kind="stable")[:, :count]
    found = np.take_along_axis(seconds, order, axis=1)
    return np.where(np.isfinite(found), order, -1), found


WARNING_TARGET = 0.95
"""Share of the people of a warned area who receive the warning (plan target, verified)."""


THINNEST = 0.5
"""Overlaps and gaps thinner than this are borders drawn twice, m (assumed)."""


class PatchFindings(NamedTuple):
    """What is wrong with a division of an area into patches of one responsible person each.

    Parameters
    ----------
    overlaps : ndarray of int64, shape (k, 2)
        Pairs of patches that share ground.
    overlap : ndarray of float64, shape (k,)
        How much, m².
    gap : shapely.Geometry
        Ground of nobody.
    unnamed : ndarray of int64
        Patches without a responsible person.
    """

    overlaps: Index
    overlap: Array
    gap: shapely.Geometry
    unnamed: Index


def check_patches(
    patches: Lines, responsible: Sequence[str], area: shapely.Geometry, thinnest: float = THINNEST
) -> PatchFindings:
    """Overlaps and gaps that are not everywhere thinner than `thinnest` metres, and patches of nobody."""
    one, other = shapely.STRtree(patches).query(patches, predicate="intersects")
    pairs = np.column_stack([one, other])[one < other]
    shared = shapely.intersection(patches[pairs[:, 0]], patches[pairs[:, 1]])
    wide = _is_wide(shared, thinnest)
    gap = shapely.difference(area, shapely.union_all(patches))
    parts = shapely.get_parts(gap)
    kept = shapely.union_all(parts[_is_wide(parts, thinnest)])
    unnamed = np.flatnonzero([not str(name or "").strip() for name in responsible])
    return PatchFindings(pairs[wide].astype(np.int64), shapely.area(shared[wide]), kept, unnamed)


def _is_wide(shapes: Lines, thinnest: float) -> Mask:
    """Whether a shape is wider, on the whole, than a border that was drawn twice."""
    length = shapely.length(shapes)
    return np.asarray(2.0 * shapely.area(shapes) > thinnest * np.where(length > 0, length, np.inf))

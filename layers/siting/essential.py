"""The part of a cover that decides, without points that are covered anyway and sites that are outdone.

A demand point is covered anyway if all sites of another one are among its own. A site is outdone if another
covers all that it covers and costs no more (Toregas & ReVelle 1972).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from layers.siting.arcs import Index, Mask
from layers.siting.instance import Instance

LARGEST = 3000
"""Demand points or sites beyond which the comparison of all pairs costs more than it saves."""


def essential(instance: Instance) -> Instance:
    """The instance of a cover that leaves nobody out, made smaller; any cover of it covers the whole.

    Parameters
    ----------
    instance : Instance
        Without capacities. Sites keep their numbers.
    """
    if max(len(instance.rows), instance.arcs.sites) > LARGEST:
        return instance
    rows, sites = np.arange(len(instance.rows)), np.arange(instance.arcs.sites)
    covers = np.zeros((len(rows), len(sites)), np.float32)
    covers[instance.arcs.row, instance.arcs.site] = 1.0
    while True:
        kept_rows = ~_holds_another(covers)
        rows, covers = rows[kept_rows], covers[kept_rows]
        kept_sites = ~_is_held(covers.T, instance.prices[sites], instance.kept[sites])
        sites, covers = sites[kept_sites], covers[:, kept_sites]
        if kept_rows.all() and kept_sites.all():
            break
    return _part(instance, rows, sites)


def _holds_another(sets: NDArray[np.float32]) -> Mask:
    """Which sets hold all of another one; of equal sets the first is spared."""
    shared = sets @ sets.T
    size = np.diag(shared)
    holds = shared == size  # [i, k]: all of k is in i
    np.fill_diagonal(holds, False)
    equal = holds & holds.T
    found: Mask = (holds & ~np.triu(equal)).any(axis=1)
    return found


def _is_held(sets: NDArray[np.float32], price: NDArray[np.float64], safe: Mask) -> Mask:
    """Which sets are within another one that costs no more; of equals the first is spared."""
    shared = sets @ sets.T
    size = np.diag(shared)
    within = (shared == size[:, None]) & (price[None, :] <= price[:, None])  # [j, l]: j is within l
    np.fill_diagonal(within, False)
    equal = within & within.T
    found: Mask = (within & ~np.triu(equal)).any(axis=1) & ~safe
    return found


def _part(instance: Instance, rows: Index, sites: Index) -> Instance:
    kept = np.zeros(instance.arcs.sites, bool)
    kept[sites] = True
    return replace(
        instance,
        rows=instance.rows[rows],
        arcs=instance.arcs.take(rows).of_sites(kept),
        people=instance.people[rows],
        weight=instance.weight[rows],
    )

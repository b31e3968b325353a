"""Arcs: who can be served where, and at what price; one flat list by demand point, cheapest first.

Every solver of this package reads the same list. What is not in it cannot be used: a cell of the cost matrix
that is missing, a site beyond the service radius, a site that is dearer than being left unmet.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs of n demand points to m candidate sites.

    Parameters
    ----------
    start : ndarray of int64, shape (n + 1,)
        Where the arcs of each demand point begin.
    site : ndarray of int64, shape (k,)
        The site of each arc.
    cost : ndarray of float64, shape (k,)
        Cost of each arc, not decreasing within a demand point.
    sites : int
        m.
    """

    start: Index
    site: Index
    cost: Array
    sites: int

    def __len__(self) -> int:
        return len(self.start) - 1

    @classmethod
    def of(cls, costs: Array | Any, limit: float | None = None) -> "Arcs":
        """From a cost matrix of shape (n, m).

        Parameters
        ----------
        costs : ndarray or csr_matrix
            Not finite: no arc. Of a sparse matrix the stored cells are the arcs, zeros among them.
        limit : float, optional
            Arcs that cost more are left out.
        """
        if isinstance(costs, np.ndarray):
            rows, site = np.nonzero(np.isfinite(costs))
            cost = np.asarray(costs[rows, site], np.float64)
        else:
            rows = np.repeat(np.arange(costs.shape[0]), np.diff(costs.indptr))
            site, cost = costs.indices, np.asarray(costs.data, np.float64)
        kept = np.isfinite(cost) if limit is None else cost <= limit
        return cls._sorted(rows[kept], site[kept], cost[kept], costs.shape)

    @classmethod
    def _sorted(cls, rows: Index, site: Index, cost: Array, shape: tuple[int, int]) -> "Arcs":
        order = np.lexsort((site, cost, rows))
        start = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=shape[0]))])
        return cls(start.astype(np.int64), site[order].astype(np.int64), cost[order], int(shape[1]))

    @cached_property
    def row(self) -> Index:
        """The demand point of each arc, shape (k,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    @cached_property
    def by_site(self) -> tuple[Index, Index]:
        """Where the arcs of each site begin, shape (m + 1,), and the arcs in that order, shape (k,)."""
        start = np.concatenate([[0], np.cumsum(np.bincount(self.site, minlength=self.sites))])
        return start.astype(np.int64), np.argsort(self.site, kind="stable").astype(np.int64)

    @cached_property
    def nearest(self) -> Array:
        """The least cost of each demand point, shape (n,); infinite without an arc."""
        least = np.full(len(self), np.inf)
        served = np.diff(self.start) > 0
        least[served] = self.cost[self.start[:-1][served]]
        return least

    def keep(self, kept: Mask) -> "Arcs":
        """The arcs under a mask of shape (k,)."""
        count = np.bincount(self.row[kept], minlength=len(self))
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        return Arcs(start, self.site[kept], self.cost[kept], self.sites)

    def of_sites(self, kept: Mask) -> "Arcs":
        """The arcs to the sites under a mask of shape (m,); sites keep their numbers."""
        return self.keep(kept[self.site])

    def take(self, rows: Index) -> "Arcs":
        """The arcs of these demand points, in that order."""
        count = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        arc = np.arange(start[-1]) + np.repeat(self.start[:-1][rows] - start[:-1], count)
        return Arcs(start, self.site[arc], self.cost[arc], self.sites)

    def times(self, factor: Array) -> "Arcs":
        """The arcs with the costs of each demand point multiplied by a factor, shape (n,)."""
        return replace(self, cost=self.cost * factor[self.row])

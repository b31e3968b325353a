"""Whether open sites have room for everybody: conditions on the sites alone, found by maximum flow.

Demand points can be split among the open sites within their reach exactly if every group of them finds
room: ``Σ_j min(capacity[j], people of the group within reach of j) · open[j] ≥ people of the group`` (Gale
1957, Pacific Journal of Mathematics 7; Hoffman 1960). There are as many of these conditions as groups, but a
minimum cut names a broken one, so that a programme of the sites alone says what one of all flows would
(Benders 1962).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array
from layers.late import Late
from layers.siting.arcs import Index, Mask
from layers.siting.instance import Instance

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

sparse, csgraph = Late("scipy.sparse"), Late("scipy.sparse.csgraph")
WHOLE_FLOW = 1.5e9
"""Flows are reckoned in whole numbers up to this."""


class Condition(NamedTuple):
    """``Σ_j room[j] · open[j] + unmet people of the group ≥ people``.

    Parameters
    ----------
    group : ndarray of bool, shape (n,)
    room : ndarray of float64, shape (m,)
    people : float
    """

    group: Mask
    room: Array
    people: float

    def is_broken(self, opened: Array, left: Array) -> bool:
        """By these sites, shape (m,), from 0 to 1, and unmet people, shape (n,)."""
        found = float(self.room @ opened + left[self.group].sum())
        return found < self.people * (1 - 1e-6)


@dataclass(frozen=True, eq=False)
class Room:
    """The graph from demand points by arcs to sites.

    Parameters
    ----------
    instance : Instance
    """

    instance: Instance

    def condition(self, group: Mask) -> Condition:
        """That of a group of demand points, shape (n,)."""
        arcs, people = self.instance.arcs, self.instance.people
        inside = group[arcs.row]
        load = np.bincount(arcs.site[inside], people[arcs.row[inside]], arcs.sites)
        total = float(people[group].sum())
        return Condition(group, np.minimum(np.minimum(load, self.instance.capacity), total), total)

    def broken(self, opened: Array, left: Array) -> list[Condition]:
        """Conditions that these sites and unmet people break the most; none if all hold.

        Parameters
        ----------
        opened : ndarray of float64, shape (m,)
            From 0 to 1.
        left : ndarray of float64, shape (n,)
            People unmet.
        """
        served = np.maximum(self.instance.people - left, 0.0)
        if served.sum() <= 1e-6:
            return []
        group = self._cut(opened, served)
        found = [self.condition(part) for part in self._parts(group, opened)]
        return [each for each in found if each.is_broken(opened, left)]

    @cached_property
    def _graph(self) -> tuple["csr_matrix", Index]:
        """Source to points to sites to sink with the numbers of the edges in their order, and that order."""
        arcs = self.instance.arcs
        points, sites = len(arcs), arcs.sites
        tail = np.concatenate([np.full(points, points + sites), arcs.row, points + np.arange(sites)])
        head = np.concatenate([np.arange(points), points + arcs.site, np.full(sites, points + sites + 1)])
        size, order = points + sites + 2, np.lexsort((head, tail))
        start = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=size))])
        parts = np.zeros(len(order), np.int32), head[order].astype(np.int32), start.astype(np.int32)
        return sparse.csr_matrix(parts, shape=(size, size)), order

    def _cut(self, opened: Array, people: Array) -> Mask:
        """The demand points on the source's side of a minimum cut."""
        arcs, capacity = self.instance.arcs, self.instance.capacity
        graph, order = self._graph
        points, total = len(arcs), float(people.sum())
        scale = WHOLE_FLOW / total
        room = np.minimum(capacity, total) * opened
        crossing = np.minimum(self.instance.people, total)[arcs.row] * opened[arcs.site]
        ways = np.concatenate([people, crossing, room])
        graph.data = np.rint(ways[order] * scale).astype(np.int32)
        flow = csgraph.maximum_flow(graph, points + arcs.sites, points + arcs.sites + 1).flow
        rest = graph - flow
        rest.data = np.where(rest.data > scale * 1e-6, rest.data, 0)
        rest.eliminate_zeros()
        side: Mask = np.zeros(graph.shape[0], bool)
        side[csgraph.breadth_first_order(rest, points + arcs.sites, return_predecessors=False)] = True
        return side[:points]

    def _parts(self, group: Mask, opened: Array) -> list[Mask]:
        """The group, parted where no open site joins it."""
        arcs = self.instance.arcs
        points = len(arcs)
        used = group[arcs.row] & (opened[arcs.site] > 1e-9)
        ends = arcs.row[used], points + arcs.site[used]
        size = points + arcs.sites
        links = sparse.coo_matrix((np.ones(len(ends[0])), ends), shape=(size, size))
        label: NDArray[np.int32] = csgraph.connected_components(links, directed=False)[1][:points]
        return [group & (label == part) for part in np.unique(label[group])]

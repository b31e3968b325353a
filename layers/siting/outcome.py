"""What a solver found, before it is put into the words of the problem."""

from dataclasses import dataclass

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.instance import Instance
from layers.siting.problem import Allocation
from layers.siting.transport import allocate


@dataclass(frozen=True, eq=False)
class Outcome:
    """A plan by the rows of an instance.

    Parameters
    ----------
    opened : ndarray of bool, shape (m,)
    allocation : Allocation
    objective, bound : float
    unmet_is_least : bool
        It is proven that no plan leaves fewer people unmet.
    """

    opened: Mask
    allocation: Allocation
    objective: float
    bound: float
    unmet_is_least: bool = True


def split_allocation(instance: Instance, opened: Mask, penalty: float) -> Allocation:
    """The cheapest allocation to open sites with capacity, demand points being split where that helps."""
    sites = np.flatnonzero(opened)
    arcs = instance.arcs.of_sites(opened)
    weighed = arcs.times(instance.weight)
    flow, _ = allocate(weighed, instance.people, penalty * instance.weight, instance.capacity, sites)
    point, column = np.nonzero(flow[:, :-1] > 0)
    return Allocation(point, sites[column], flow[point, column], cost_of(arcs, point, sites[column]))


def cost_of(arcs: Arcs, point: Index, site: Index) -> Array:
    """The cost of the arcs from each point to its site."""
    key = arcs.row * arcs.sites + arcs.site
    order = np.argsort(key)
    found: Array = arcs.cost[order[np.searchsorted(key, point * arcs.sites + site, sorter=order)]]
    return found


def filled(opened: Mask, count: int | None) -> Mask:
    """As many sites as were asked for: further ones, in their order, if fewer did."""
    lacking = 0 if count is None else count - int(opened.sum())
    found = opened.copy()
    found[np.flatnonzero(~opened)[: max(lacking, 0)]] = True
    return found

"""Whole demand points into open sites with room for so many people each (generalised assignment)."""

import numpy as np

from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.milp import Model, minimise
from layers.siting.problem import Allocation


def packed(
    instance: Instance, opened: Mask, penalty: float, clock: Clock, target: float = -np.inf
) -> Allocation:
    """The least sum of person-cost and penalty for whole demand points in these sites, by HiGHS; if it finds
    nothing in time, `first_fit`.

    Parameters
    ----------
    instance : Instance
    opened : ndarray of bool, shape (m,)
    penalty : float
        Of an unmet person.
    clock : Clock
    target : float
        A sum that is good enough.
    """
    arcs, people = instance.arcs.of_sites(opened), instance.people
    factor = people * instance.weight
    model = Model()
    arc = model.columns(arcs.cost * factor[arcs.row], np.ones(len(arcs.cost)), whole=True)
    left = model.columns(penalty * factor, np.ones(len(arcs)), whole=False)
    one = np.ones(len(arcs))
    model.rows(one, one, (arcs.row, arc, np.ones(len(arc))), (np.arange(len(arcs)), left, one))
    full = np.flatnonzero(opened & np.isfinite(instance.capacity))
    place = np.full(arcs.sites, -1)
    place[full] = np.arange(len(full))
    limited = place[arcs.site] >= 0
    block = place[arcs.site[limited]], arc[limited], people[arcs.row[limited]]
    model.rows(np.full(len(full), -np.inf), instance.capacity[full], block)
    answer = minimise(model, clock, target=target)
    used = first_fit(instance, arcs) if answer.values is None else np.flatnonzero(answer.values[arc] > 0.5)
    return Allocation(arcs.row[used], arcs.site[used], people[arcs.row[used]], arcs.cost[used])


def first_fit(instance: Instance, arcs: Arcs) -> Index:
    """Arcs of a packing made at once: the largest demand point first, to the nearest site with room."""
    room, factor = instance.capacity.copy(), instance.people * instance.weight
    order = np.lexsort((arcs.cost, -factor[arcs.row]))
    placed, used = np.zeros(len(arcs), bool), []
    for arc in order.tolist():
        row, site = arcs.row[arc], arcs.site[arc]
        if not placed[row] and room[site] >= instance.people[row]:
            placed[row] = True
            room[site] -= instance.people[row]
            used.append(arc)
    return np.sort(np.array(used, np.int64))

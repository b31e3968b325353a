"""Whole demand points into open sites with room for so many people each (generalised assignment)."""

import numpy as np

from layers.siting.arcs import Mask
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.milp import Model, minimise
from layers.siting.problem import Allocation


def packed(
    instance: Instance, opened: Mask, penalty: float, clock: Clock, target: float = -np.inf
) -> Allocation:
    """The least sum of person-cost and penalty for whole demand points in these sites, by HiGHS.

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
    used = np.zeros(0, np.int64) if answer.values is None else np.flatnonzero(answer.values[arc] > 0.5)
    return Allocation(arcs.row[used], arcs.site[used], people[arcs.row[used]], arcs.cost[used])

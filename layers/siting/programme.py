"""Siting problems as programmes: which sites are open, which share of each demand point goes where."""

from dataclasses import dataclass

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.instance import Instance
from layers.siting.milp import Model
from layers.siting.problem import Allocation


@dataclass(frozen=True, eq=False)
class Programme:
    """A model and the numbers of its columns.

    Parameters
    ----------
    model : Model
    arcs : Arcs
        Those that may be used.
    site : ndarray of int64, shape (m,)
        1 if the site is open.
    arc : ndarray of int64, shape (k,)
        Share of the demand point that goes this way; empty in a cover.
    left : ndarray of int64, shape (n,)
        Share of the demand point that is left unmet.
    """

    model: Model
    arcs: Arcs
    site: Index
    arc: Index
    left: Index

    def limit_unmet(self, instance: Instance, most: float) -> None:
        """At most so many people (with priorities) are left unmet."""
        people = instance.people * instance.weight
        self.model.row(-np.inf, most, self.left, people)

    def point_of(self, opened: Mask, allocation: Allocation) -> Array:
        """The columns' values in a plan of whole demand points that uses these arcs."""
        values = np.zeros(self.model.width)
        values[self.site[opened]] = 1.0
        key = self.arcs.row * self.arcs.sites + self.arcs.site
        values[self.arc[np.isin(key, allocation.point * self.arcs.sites + allocation.site)]] = 1.0
        unserved = np.ones(len(self.left), bool)
        unserved[self.arcs.row[values[self.arc] > 0]] = False
        values[self.left[unserved]] = 1.0
        return values


def allocation_programme(
    instance: Instance, arcs: Arcs, arc_cost: Array, left_cost: Array, site_cost: Array
) -> Programme:
    """Sites with capacity, and the flows to them.

    Parameters
    ----------
    instance : Instance
    arcs : Arcs
        Those of the instance's arcs that may be used.
    arc_cost : ndarray of float64, shape (k,)
        Of a whole demand point.
    left_cost : ndarray of float64, shape (n,)
        Of a demand point that is left unmet.
    site_cost : ndarray of float64, shape (m,)
    """
    model = Model()
    site = open_sites(model, instance, site_cost)
    arc = model.columns(arc_cost, np.ones(len(arc_cost)), whole=instance.single_source)
    left = model.columns(left_cost, np.ones(len(arcs)), whole=False)
    points, one = np.arange(len(arcs)), np.ones(len(arcs))
    everyone = (arcs.row, arc, np.ones(len(arc))), (points, left, one)
    model.rows(one, one, *everyone)
    each = np.arange(len(arc))
    most = np.minimum(1.0, instance.capacity[arcs.site] / instance.people[arcs.row])
    model.rows(
        np.full(len(arc), -np.inf),
        np.zeros(len(arc)),
        (each, arc, np.ones(len(arc))),
        (each, site[arcs.site], -most),
    )
    _capacities(model, instance, arcs, site, arc)
    return Programme(model, arcs, site, arc, left)


def cover_programme(instance: Instance, arcs: Arcs, left_cost: Array, site_cost: Array) -> Programme:
    """Sites without capacity: a demand point is covered by any open site it has an arc to."""
    model = Model()
    site = open_sites(model, instance, site_cost)
    left = model.columns(left_cost, np.ones(len(arcs)), whole=False)
    points, one = np.arange(len(arcs)), np.ones(len(arcs))
    either = (arcs.row, site[arcs.site], np.ones(len(arcs.site))), (points, left, one)
    model.rows(one, np.full(len(arcs), np.inf), *either)
    return Programme(model, arcs, site, np.zeros(0, np.int64), left)


def open_sites(model: Model, instance: Instance, site_cost: Array, most: Array | None = None) -> Index:
    """Open or closed; existing ones open; no more than wanted and paid for. `most` 0 keeps a site closed."""
    site = model.columns(site_cost, np.ones(len(site_cost)) if most is None else most, whole=True)
    kept = np.flatnonzero(instance.kept)
    if len(kept):
        model.rows(
            np.ones(len(kept)), np.ones(len(kept)), (np.arange(len(kept)), site[kept], np.ones(len(kept)))
        )
    if instance.count is not None:
        model.row(-np.inf, float(instance.count), site, np.ones(len(site)))
    if np.isfinite(instance.budget):
        model.row(-np.inf, instance.budget, site, instance.prices)
    return site


def _capacities(model: Model, instance: Instance, arcs: Arcs, site: Index, arc: Index) -> None:
    full = np.flatnonzero(np.isfinite(instance.capacity))
    place = np.full(len(site), -1)
    place[full] = np.arange(len(full))
    used = place[arcs.site] >= 0
    if len(full):
        model.rows(
            np.full(len(full), -np.inf),
            np.zeros(len(full)),
            (place[arcs.site[used]], arc[used], instance.people[arcs.row[used]]),
            (np.arange(len(full)), site[full], -instance.capacity[full]),
        )


def opened_of(programme: Programme, values: Array) -> Mask:
    """The sites that are open in a solution."""
    return np.asarray(values[programme.site] > 0.5)


def whole_flows(instance: Instance, programme: Programme, values: Array) -> Allocation:
    """The flows of a solution in which nobody is split."""
    arcs = programme.arcs
    used = np.flatnonzero(values[programme.arc] > 0.5)
    point = arcs.row[used]
    return Allocation(point, arcs.site[used], instance.people[point], arcs.cost[used])

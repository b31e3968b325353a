"""A siting problem made ready for the solvers: only people who can be served at all, costs weighed."""

from dataclasses import dataclass, replace

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Arcs, Index, Mask
from layers.siting.problem import Allocation, SitingProblem


@dataclass(frozen=True, eq=False)
class Instance:
    """Demand points with people and at least one arc, and all candidate sites.

    Parameters
    ----------
    rows : ndarray of int64, shape (k,)
        Numbers of the demand points in the problem.
    arcs : Arcs
        Costs of one person's way, as given.
    people, weight : ndarray of float64, shape (k,)
    capacity : ndarray of float64, shape (m,)
        Infinite without a limit.
    kept : ndarray of bool, shape (m,)
    prices : ndarray of float64, shape (m,)
    count : int or None
        Sites to open; None: as many as the budget allows or the demand needs.
    budget : float
        Infinite without a limit.
    single_source : bool
    """

    rows: Index
    arcs: Arcs
    people: Array
    weight: Array
    capacity: Array
    kept: Mask
    prices: Array
    count: int | None
    budget: float
    single_source: bool

    @classmethod
    def of(cls, problem: SitingProblem) -> "Instance":
        """The part of a problem that there is something to decide about."""
        points, sites = problem.shape
        limits = [most for most in (problem.radius, problem.penalty) if most is not None]
        arcs = Arcs.of(problem.costs, min(limits, default=None))
        if problem.capacity is not None:
            arcs = arcs.of_sites(problem.capacity > 0)
        if problem.single_source and problem.capacity is not None:
            arcs = arcs.keep(problem.demand[arcs.row] <= problem.capacity[arcs.site] + 1e-9)
        rows = np.flatnonzero((problem.demand > 0) & (np.diff(arcs.start) > 0))
        weight = np.ones(points) if problem.weight is None else problem.weight
        return cls(
            rows=rows,
            arcs=arcs.take(rows),
            people=problem.demand[rows],
            weight=weight[rows],
            capacity=np.full(sites, np.inf) if problem.capacity is None else problem.capacity,
            kept=np.zeros(sites, bool) if problem.kept is None else problem.kept,
            prices=np.ones(sites) if problem.prices is None else problem.prices,
            count=problem.count,
            budget=np.inf if problem.budget is None else problem.budget,
            single_source=problem.single_source,
        )

    @property
    def is_capacitated(self) -> bool:
        """Whether any site can be full: a capacity below all the people who could come."""
        reach = np.bincount(self.arcs.site, self.people[self.arcs.row], self.arcs.sites)
        return bool((self.capacity < reach).any())

    def covering(self) -> "Instance":
        """The same, with every way at no cost: all that counts is who is served."""
        return replace(self, arcs=replace(self.arcs, cost=np.zeros(len(self.arcs.cost))))

    def nearest(self, opened: Mask) -> Allocation:
        """Everybody to the nearest open site within reach; `point` counts the rows of the instance."""
        arcs = self.arcs.of_sites(opened)
        served = np.flatnonzero(np.diff(arcs.start) > 0)
        first = arcs.start[served]
        return Allocation(served, arcs.site[first], self.people[served], arcs.cost[first])

    def whole(self, allocation: Allocation) -> tuple[Allocation, Array]:
        """The allocation by numbers of the problem's demand points, and the people it serves of each row."""
        served = np.bincount(allocation.point, allocation.people, len(self.rows)).astype(np.float64)
        return allocation._replace(point=self.rows[allocation.point]), served

    def weighed(self, allocation: Allocation) -> float:
        """Person-cost of an allocation with priorities."""
        return float(np.sum(self.weight[allocation.point] * allocation.people * allocation.cost))

    def unmet(self, allocation: Allocation) -> float:
        """People left out of those who could be served, with priorities."""
        return float(np.sum(self.weight * self.left_by(allocation)))

    def left_by(self, allocation: Allocation) -> Array:
        """People of each row that an allocation leaves out."""
        served = np.bincount(allocation.point, allocation.people, len(self.rows))
        left = self.people - served
        return np.where(left > 1e-9 * self.people, left, 0.0)

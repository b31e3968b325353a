"""What is asked and what is answered: a siting problem and a siting plan, both plain values."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from layers.errors import BadInput
from layers.grid import Array
from layers.siting.arcs import Index, Mask

Objective = Literal["p-median", "max-cover", "set-cover", "p-center"]
Status = Literal["optimal", "feasible"]

OPTIMAL_GAP = 1e-6
"""A plan is called optimal at a relative gap of at most this."""


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """Which of m candidate sites to open for n demand points.

    First as few people as possible are left unmet (weighed by `weight`), then the objective is served: so a
    plan always exists, and says whom it leaves out. With a `penalty` both are weighed in one sum instead.

    Parameters
    ----------
    objective : {"p-median", "max-cover", "set-cover", "p-center"}
        Least person-cost; most people within `radius`; fewest (or cheapest) sites that reach everybody
        within `radius`; least greatest cost of anybody.
    demand : ndarray of float64, shape (n,)
        People at each demand point, not negative.
    costs : ndarray of float64 or csr_matrix, shape (n, m)
        Cost of a person's way, in any unit, not negative. NaN, infinite or (sparse) not stored: no way.
    count : int, optional
        Sites to open, existing ones included. Needed but for set covering, unless there is a budget: then
        it is a most.
    radius : float, optional
        Service radius in the unit of `costs`: nobody is sent further. Needed for both coverings.
    capacity : ndarray of float64, shape (m,), optional
        People that each site takes.
    kept : ndarray of bool, shape (m,), optional
        Existing sites: they stay open.
    prices : ndarray of float64, shape (m,), optional
        What it costs to open each site; set covering then seeks the cheapest sites.
    budget : float, optional
        The sum of the prices of open sites is at most this.
    weight : ndarray of float64, shape (n,), optional
        Priority: how much a person of this demand point counts (p-median, max-cover, and the unmet).
    single_source : bool
        Each demand point goes to one site or stays unmet; otherwise it may be split.
    penalty : float, optional
        Cost of an unmet person, for p-median.

    Raises
    ------
    BadInput
        Shapes that do not fit, negative or missing numbers, more sites wanted than there are, or a
        missing count or radius.
    """

    objective: Objective
    demand: Array
    costs: Array | Any
    count: int | None = None
    radius: float | None = None
    capacity: Array | None = None
    kept: Mask | None = None
    prices: Array | None = None
    budget: float | None = None
    weight: Array | None = None
    single_source: bool = False
    penalty: float | None = None

    def __post_init__(self) -> None:
        points, sites = self.shape
        if not points or not sites:
            raise BadInput("siting_empty", points=points, sites=sites)
        _check("demand", self.demand, points)
        _check("weight", self.weight, points)
        if self.weight is not None and not (self.weight > 0).all():
            raise BadInput("siting_not_positive", what="weight")
        _check("capacity", self.capacity, sites)
        _check("prices", self.prices, sites)
        cells = self.costs if isinstance(self.costs, np.ndarray) else self.costs.data
        if np.nanmin(cells, initial=0.0) < 0:
            raise BadInput("siting_negative", what="costs")
        self._check_counts(sites)

    def _check_counts(self, sites: int) -> None:
        if self.count is None and self.budget is None and self.objective != "set-cover":
            raise BadInput("siting_count_missing", objective=self.objective)
        if self.count is not None and not 0 < self.count <= sites:
            raise BadInput("siting_count", count=self.count, sites=sites)
        kept = 0 if self.kept is None else int(self.kept.sum())
        if self.count is not None and kept > self.count:
            raise BadInput("siting_kept", kept=kept, count=self.count)
        if self.radius is None and self.objective in ("max-cover", "set-cover"):
            raise BadInput("siting_radius_missing", objective=self.objective)
        if self.radius is not None and not self.radius >= 0:
            raise BadInput("siting_negative", what="radius")
        for what, value in (("penalty", self.penalty), ("budget", self.budget)):
            if value is not None and not value >= 0:
                raise BadInput("siting_negative", what=what)
        if self.penalty is not None and (self.objective != "p-median" or self.penalty == np.inf):
            raise BadInput("siting_penalty", objective=self.objective, penalty=self.penalty)
        if self.budget is not None and self.prices is None:
            raise BadInput("siting_prices_missing")
        if self.budget is not None and self.kept is not None and self.prices is not None:
            spent = float(self.prices[self.kept].sum())
            if spent > self.budget:
                raise BadInput("siting_budget", spent=spent, budget=self.budget)

    @property
    def shape(self) -> tuple[int, int]:
        """Demand points, candidate sites."""
        points, sites = self.costs.shape
        return int(points), int(sites)


def _check(what: str, values: Array | None, length: int) -> None:
    """One number for each point or site, finite and not negative."""
    if values is None:
        return
    if values.shape != (length,):
        raise BadInput("siting_shape", what=what, found=values.shape[0], wanted=length)
    if not np.isfinite(values).all():
        raise BadInput("siting_not_finite", what=what, row=int(np.flatnonzero(~np.isfinite(values))[0]) + 1)
    if (values < 0).any():
        raise BadInput("siting_negative", what=what)


class Allocation(NamedTuple):
    """Who goes where: one row a flow.

    Parameters
    ----------
    point, site : ndarray of int64, shape (k,)
    people : ndarray of float64, shape (k,)
        Whole where demand and capacity are.
    cost : ndarray of float64, shape (k,)
        Cost of a person's way.
    """

    point: Index
    site: Index
    people: Array
    cost: Array

    @classmethod
    def nobody(cls) -> "Allocation":
        """No flow at all."""
        rows, numbers = np.zeros(0, np.int64), np.zeros(0)
        return cls(rows, rows, numbers, numbers)


@dataclass(frozen=True, eq=False)
class SitingPlan:
    """Open sites, who goes where, who is left out, and how good this is at least.

    Parameters
    ----------
    opened : ndarray of int64
        Open sites in rising order.
    assigned : Allocation
    unmet : ndarray of float64, shape (n,)
        People left out; with the assigned they make the demand.
    objective : float
        Person-cost (weighed; with a given penalty, that of the unmet too), people covered (weighed), sites
        or their price, or the greatest cost.
    bound : float
        No plan with as few unmet has a better objective.
    status : {"optimal", "feasible"}
        `optimal`: the gap is at most 1e-6, and it is proven that no fewer can be left unmet.
    penalty : float, optional
        The penalty in the objective, if one was given.
    """

    opened: Index
    assigned: Allocation
    unmet: Array
    objective: float
    bound: float
    status: Status
    penalty: float | None = None

    @property
    def gap(self) -> float:
        """Relative distance of objective and bound: 0 if equal, 1 at most if the objective is 0."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """``|objective - bound| / |objective|``; 0 if they are equal to rounding, 1 if only the bound is not 0.

    Examples
    --------
    >>> relative_gap(100.0, 99.0), relative_gap(0.0, 0.0)
    (0.01, 0.0)
    """
    apart = abs(objective - bound)
    if apart <= 1e-9 * max(1.0, abs(objective)):
        return 0.0
    return float(apart / abs(objective)) if objective else 1.0

"""People and costs in units that suit the solvers, whatever the problem counts in.

The solvers tell numbers apart to fixed small amounts, so billions of people or ways of a ten-thousandth of a
degree are counted in other units first. Units are powers of two: nothing is rounded, there or back.
"""

from dataclasses import dataclass, replace

import numpy as np

from layers.grid import Array
from layers.siting.clock import Watch
from layers.siting.problem import Allocation, SitingPlan, SitingProblem

LEAST, MOST = 2.0**4, 2.0**20
"""The greatest demand and the greatest cost are brought between these if they are far outside."""


@dataclass(frozen=True)
class Units:
    """How many people count as one, and how much cost.

    Parameters
    ----------
    people, cost : float
    """

    people: float
    cost: float

    @classmethod
    def of(cls, problem: SitingProblem) -> "Units":
        """1 and 1 for problems in usual numbers."""
        costs = problem.costs if isinstance(problem.costs, np.ndarray) else problem.costs.data
        return cls(_unit(problem.demand), _unit(costs))

    def into(self, problem: SitingProblem) -> SitingProblem:
        """The problem in these units."""
        if self == Units(1.0, 1.0):
            return problem
        return replace(
            problem,
            demand=problem.demand / self.people,
            costs=problem.costs / self.cost,
            capacity=None if problem.capacity is None else problem.capacity / self.people,
            radius=None if problem.radius is None else problem.radius / self.cost,
            penalty=None if problem.penalty is None else problem.penalty / self.cost,
        )

    def of_objective(self, problem: SitingProblem) -> float:
        """The unit of the objective."""
        return {
            "p-median": self.people * self.cost,
            "max-cover": self.people,
            "set-cover": 1.0,
            "p-center": self.cost,
        }[problem.objective]

    def watched(self, watch: Watch) -> Watch:
        """A listener that is told sums of people and cost in the problem's own units."""
        unit = self.people * self.cost
        return lambda cost, bound: watch(cost * unit, bound * unit)

    def back(self, plan: SitingPlan, problem: SitingProblem) -> SitingPlan:
        """A plan in these units as a plan of the problem."""
        if self == Units(1.0, 1.0):
            return plan
        flow, unit = plan.assigned, self.of_objective(problem)
        return replace(
            plan,
            assigned=Allocation(flow.point, flow.site, flow.people * self.people, flow.cost * self.cost),
            unmet=plan.unmet * self.people,
            objective=plan.objective * unit,
            bound=plan.bound * unit,
            penalty=problem.penalty,
        )


def _unit(values: Array) -> float:
    """The power of two that brings the greatest finite value between the limits."""
    top = float(np.max(values, initial=0.0, where=np.isfinite(values)))
    if top == 0 or 1.0 <= top <= MOST:
        return 1.0
    return float(2.0 ** np.ceil(np.log2(top / (LEAST if top < 1.0 else MOST))))

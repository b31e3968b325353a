"""A shelter plan: the open sites of a case and who goes where; made by the solver, or by hand."""

from dataclasses import dataclass, replace

import numpy as np

from layers.grid import Array
from layers.progress import Progress, ignore
from layers.siting.arcs import Index, Mask
from layers.siting.clock import Watch, unwatched
from layers.siting.problem import Allocation, SitingPlan, SitingProblem
from layers.siting.shelters import ShelterCase
from layers.siting.solve import solve
from layers.siting.ways_to import metres_to
from layers.siting.what_if import with_sites

BY_HAND = "by_hand"


@dataclass(frozen=True)
class Proof:
    """What the solver proved for a case: it goes on with the plan while the hand changes it.

    Parameters
    ----------
    bound : float
        No plan of at most `sites` candidates is better.
    sites : int
    unmet : float
        People whom the plan left out.
    """

    bound: float
    sites: int
    unmet: float


@dataclass(frozen=True)
class Against:
    """A plan by hand against the last proven bound.

    Parameters
    ----------
    objective, bound, gap : float
    sites : int
        Candidates for which the bound holds.
    why : str
        Why the bound is no proof for this plan: ``more`` sites, a site ``moved`` off its candidate or made
        ``roomier``, more people ``left`` out, which makes ways shorter; empty where it is.
    """

    objective: float
    bound: float
    gap: float
    sites: int
    why: str


@dataclass(frozen=True, eq=False)
class ShelterPlan:
    """Open sites, the ways to them, and who goes where.

    Parameters
    ----------
    name : str
    case : ShelterCase
    row : ndarray of int64, shape (k,)
        Candidates of the case that are open.
    xy : ndarray of float64, shape (k, 2)
        Where they stand: dragged sites not where the candidate does.
    capacity : ndarray of float64, shape (k,)
        People; infinite without a limit.
    metres : ndarray of float64, shape (points, k)
        Ways on foot.
    flows : Allocation
        Sites counted from 0 to k - 1.
    unmet : ndarray of float64, shape (points,)
    objective, bound, gap : float
        As the solver proved; NaN by hand.
    status : {"optimal", "feasible", "by_hand"}
    proof : Proof, optional
        Of the plan from which this one was made.
    """

    name: str
    case: ShelterCase
    row: Index
    xy: Array
    capacity: Array
    metres: Array
    flows: Allocation
    unmet: Array
    objective: float
    bound: float
    gap: float
    status: str
    proof: Proof | None = None

    @property
    def load(self) -> Array:
        """People at each site, shape (k,)."""
        return np.bincount(self.flows.site, self.flows.people, len(self.row)).astype(np.float64)

    @property
    def names(self) -> list[str]:
        """Names of the open sites."""
        return [str(name) for name in self.case.sites["name"].to_numpy()[self.row]]

    @property
    def ids(self) -> list[str]:
        """Ids of the open sites."""
        return [str(name) for name in self.case.sites["id"].to_numpy()[self.row]]

    @property
    def demand(self) -> Array:
        """People who need a shelter, shape (points,)."""
        return self.case.people

    @property
    def is_moved(self) -> Mask:
        """Which sites do not stand where their candidate does."""
        return np.asarray(np.hypot(*(self.xy - self.case.xy[self.row]).T) > 0.5)

    @property
    def is_resized(self) -> Mask:
        """Which sites have another room than their candidate."""
        rooms = _rooms(self.case, self.row)
        return np.asarray((self.capacity != rooms) & ~(np.isinf(self.capacity) & np.isinf(rooms)))


def solved(
    case: ShelterCase, name: str, progress: Progress = ignore, watch: Watch = unwatched
) -> ShelterPlan:
    """The best plan for a case that is found in its time, with its gap; `watch` is told the best so far.

    Where the rules exclude every candidate it serves nobody, and no plan could do more.
    """
    if not len(case.allowed):
        return of_solution(case, name, _nobody(case))
    plan = solve(case.problem(), case.wish.time_limit, progress, case.wish.gap, watch)
    return of_solution(case, name, plan)


def _nobody(case: ShelterCase) -> SitingPlan:
    """What can be done without a single site: nothing, and that is certain."""
    nobody = Allocation.nobody()
    return SitingPlan(np.zeros(0, np.int64), nobody, case.people.astype(np.float64), 0.0, 0.0, "optimal")


def of_solution(case: ShelterCase, name: str, plan: SitingPlan) -> ShelterPlan:
    """A solver's plan, on its open sites only."""
    rows = case.allowed[plan.opened]
    place = np.full(len(case.allowed), -1)
    place[plan.opened] = np.arange(len(rows))
    flows = plan.assigned._replace(site=place[plan.assigned.site])
    return ShelterPlan(
        name=name,
        case=case,
        row=rows,
        xy=case.xy[rows],
        capacity=_rooms(case, rows),
        metres=case.metres[:, rows],
        flows=flows,
        unmet=plan.unmet,
        objective=plan.objective,
        bound=plan.bound,
        gap=plan.gap,
        status=plan.status,
        proof=Proof(plan.bound, len(rows), float(plan.unmet.sum())) if np.isfinite(plan.bound) else None,
    )


def _rooms(case: ShelterCase, rows: Index) -> Array:
    if not case.wish.with_capacity:
        return np.full(len(rows), np.inf)
    return np.asarray(case.sites["capacity"].to_numpy(np.float64)[rows])


def allocated(plan: ShelterPlan, demand: Array | None = None) -> ShelterPlan:
    """The plan with everybody allocated anew to its sites: the fewest unmet, then the shortest ways.

    Parameters
    ----------
    plan : ShelterPlan
    demand : ndarray of float64, shape (points,), optional
        Another scenario's people.
    """
    people = plan.demand if demand is None else demand
    if not len(plan.row):
        return by_hand(plan, Allocation.nobody(), people.astype(np.float64))
    limited = bool(np.isfinite(plan.capacity).any())
    problem = SitingProblem(
        "p-median",
        people,
        plan.metres,
        count=len(plan.row),
        radius=plan.case.radius,
        capacity=np.where(np.isfinite(plan.capacity), plan.capacity, people.sum()) if limited else None,
        weight=plan.case.weight,
    )
    found = with_sites(problem, np.arange(len(plan.row)))
    return by_hand(plan, found.assigned, found.unmet)


def by_hand(plan: ShelterPlan, flows: Allocation, unmet: Array) -> ShelterPlan:
    """The plan with another allocation, of which nothing is proven."""
    nan = float("nan")
    return replace(plan, flows=flows, unmet=unmet, objective=nan, bound=nan, gap=nan, status=BY_HAND)


def against_bound(plan: ShelterPlan) -> Against | None:
    """How far a plan by hand is from the bound that was proven for its case; nothing without a proof."""
    if plan.proof is None:
        return None
    wish, flows, bound, weight = plan.case.wish, plan.flows, plan.proof.bound, plan.case.weight
    counted = flows.people if weight is None else flows.people * weight[flows.point]
    objective = {
        "max-cover": float(counted.sum()),
        "p-median": float(counted @ flows.cost),
        "p-center": float(flows.cost.max(initial=0.0)),
        "set-cover": float(len(plan.row)),
    }[wish.objective]
    gap = abs(objective - bound) / max(abs(objective), 1.0)
    return Against(objective, bound, gap, plan.proof.sites, _doubt(plan, plan.proof))


def _doubt(plan: ShelterPlan, proof: Proof) -> str:
    """Why the bound is no proof for a plan."""
    if len(plan.row) > proof.sites:
        return "more"
    if plan.is_moved.any():
        return "moved"
    if plan.case.wish.objective != "max-cover" and plan.unmet.sum() > proof.unmet + 0.5:
        return "left"
    return "roomier" if (plan.capacity > _rooms(plan.case, plan.row) + 0.5).any() else ""


def moved(plan: ShelterPlan, site: int, xy: Array) -> ShelterPlan:
    """The plan with one site dragged to another place."""
    return allocated(at_place(plan, site, xy))


def at_place(plan: ShelterPlan, site: int, xy: Array) -> ShelterPlan:
    """The plan with one site and its ways elsewhere, nobody being allocated anew yet."""
    places, metres = plan.xy.copy(), plan.metres.copy()
    places[site] = xy
    metres[:, site] = metres_to(plan.case.access, len(plan.case.points), xy, plan.case.radius)
    return replace(plan, xy=places, metres=metres)


def closed(plan: ShelterPlan, sites: int | Index) -> ShelterPlan:
    """The plan without one of its sites, or several: everybody is allocated anew."""
    kept = np.delete(np.arange(len(plan.row)), sites)
    return allocated(
        replace(
            plan,
            row=plan.row[kept],
            xy=plan.xy[kept],
            capacity=plan.capacity[kept],
            metres=plan.metres[:, kept],
        )
    )


def opened(plan: ShelterPlan, row: int) -> ShelterPlan:
    """The plan with one more candidate open."""
    rows = np.array([row])
    return allocated(
        replace(
            plan,
            row=np.concatenate([plan.row, rows]),
            xy=np.concatenate([plan.xy, plan.case.xy[rows]]),
            capacity=np.concatenate([plan.capacity, _rooms(plan.case, rows)]),
            metres=np.column_stack([plan.metres, plan.case.metres[:, row]]),
        )
    )


def resized(plan: ShelterPlan, site: int, capacity: float) -> ShelterPlan:
    """The plan with another capacity of one site."""
    rooms = plan.capacity.copy()
    rooms[site] = capacity
    return allocated(replace(plan, capacity=rooms))

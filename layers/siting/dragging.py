"""A site in the hand: everybody near it is placed anew at each step, within a few milliseconds."""

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Index, Mask
from layers.siting.problem import Allocation
from layers.siting.shelter_plan import ShelterPlan, at_place, by_hand
from layers.siting.transport import moved as moved_flow

AROUND = 2.0
"""Sites within this many radii of the old and the new place take part."""
LEFT_OUT = 1e7
"""Cost of a person who is left out, in metres: more than any chain of ways."""


def dragged(plan: ShelterPlan, site: int, xy: Array) -> ShelterPlan:
    """The plan with one site at another place, nearly as good as `layers.siting.shelter_plan.moved` gives it.

    Only the people of the site, those who are nearer to its new place, and whom they push aside are placed
    anew, among the sites about. Nobody is lost and no site is overfull; when the site is put down, the exact
    allocation takes its place.

    Parameters
    ----------
    plan : ShelterPlan
    site : int
        Of the open ones.
    xy : ndarray of float64, shape (2,)
    """
    after = at_place(plan, site, xy)
    sites = _about(plan, after, site)
    rows = _concerned(plan, after, sites, site)
    column = np.full(len(plan.row), -1)
    column[sites] = np.arange(len(sites))
    cost = np.column_stack([after.metres[np.ix_(rows, sites)], np.full(len(rows), LEFT_OUT)])
    cost[:, :-1][cost[:, :-1] > plan.case.radius] = np.inf
    mine, flow = _flow(plan, rows, column, len(sites))
    others = np.bincount(plan.flows.site[~mine], plan.flows.people[~mine], len(plan.row))
    room = np.append(np.maximum(plan.capacity[sites] - others[sites], 0.0), np.inf)
    found = moved_flow(cost, plan.demand[rows], room, flow, int(column[site]))
    return _with_flow(after, rows, sites, mine, found, cost)


def _about(plan: ShelterPlan, after: ShelterPlan, site: int) -> Index:
    """The sites near the old and the new place."""
    reach = AROUND * plan.case.radius
    away = np.minimum(np.hypot(*(plan.xy - plan.xy[site]).T), np.hypot(*(plan.xy - after.xy[site]).T))
    return np.flatnonzero((away <= reach) | (np.arange(len(plan.row)) == site))


def _concerned(plan: ShelterPlan, after: ShelterPlan, sites: Index, site: int) -> Index:
    """Demand points that can go to one of the sites and send nobody elsewhere."""
    radius = plan.case.radius
    near = (plan.metres[:, sites].min(axis=1) <= radius) | (after.metres[:, site] <= radius)
    is_about = np.zeros(len(plan.row), bool)
    is_about[sites] = True
    elsewhere = np.zeros(len(plan.demand), bool)
    elsewhere[plan.flows.point[~is_about[plan.flows.site]]] = True
    return np.flatnonzero(near & ~elsewhere & (plan.demand > 0))


def _flow(plan: ShelterPlan, rows: Index, column: Index, sites: int) -> tuple[Mask, Array]:
    """Which flows belong to the rows, and their people at the sites, the unmet last."""
    place = np.full(len(plan.demand), -1)
    place[rows] = np.arange(len(rows))
    mine = np.asarray(place[plan.flows.point] >= 0)
    flow = np.zeros((len(rows), sites + 1))
    at = place[plan.flows.point[mine]], column[plan.flows.site[mine]]
    flow[at] = plan.flows.people[mine]
    flow[:, -1] = plan.unmet[rows]
    return mine, flow


def _with_flow(
    after: ShelterPlan, rows: Index, sites: Index, mine: Mask, found: Array, cost: Array
) -> ShelterPlan:
    row, column = np.nonzero(found[:, :-1] > 0)
    kept = after.flows
    flows = Allocation(
        np.concatenate([kept.point[~mine], rows[row]]),
        np.concatenate([kept.site[~mine], sites[column]]),
        np.concatenate([kept.people[~mine], found[row, column]]),
        np.concatenate([kept.cost[~mine], cost[row, column]]),
    )
    unmet = after.unmet.copy()
    unmet[rows] = found[:, -1]
    return by_hand(after, flows, unmet)

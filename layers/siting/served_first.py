"""Where the people of priority groups go: within each place first, and to the nearest of its sites."""

from dataclasses import dataclass

import numpy as np

from layers.grid import Array
from layers.siting.shelter_plan import ShelterPlan
from layers.words import Language, listed


@dataclass(frozen=True, eq=False)
class ServedFirst:
    """People of priority groups, in the order of the wish's groups.

    Parameters
    ----------
    flows : ndarray of float64, shape (groups, flows)
    unmet : ndarray of float64, shape (groups, points)
    """

    flows: Array
    unmet: Array

    def at_sites(self, plan: ShelterPlan) -> Array:
        """People of the groups at each open site, shape (k,)."""
        return np.bincount(plan.flows.site, self.flows.sum(axis=0), len(plan.row)).astype(np.float64)

    def minutes(self, plan: ShelterPlan) -> Array:
        """On foot, of the slowest group in each flow, minutes to a tenth; NaN without any, shape (flows,)."""
        speed = np.array([[group.speed] for group in plan.case.wish.priority])
        slowest = np.where(self.flows > 0, speed, np.inf).min(axis=0)
        taken = np.where(np.isfinite(slowest), plan.flows.cost / slowest / 60.0, np.nan)
        return np.asarray(np.round(taken, 1), np.float64)


def served_first(plan: ShelterPlan) -> ServedFirst | None:
    """Who of the priority groups goes where; nothing without such groups.

    An allocation says how many of a place go to a site, not who. Within a place the groups that count most go
    first, to the nearest site that takes people of theirs, then the next; who is left out is of the others
    as long as there are others.
    """
    groups, wish, flows = plan.case.groups, plan.case.wish, plan.flows
    if groups is None:
        return None
    order = np.argsort([-group.weight for group in wish.priority], kind="stable")
    until = np.cumsum(groups[order], axis=0)
    since = until - groups[order]
    begin, end = _spans(plan)
    shared = np.minimum(end, until[:, flows.point]) - np.maximum(begin, since[:, flows.point])
    told = np.zeros((len(groups), len(flows.point)))
    told[order] = np.maximum(shared, 0.0)
    unmet = groups - np.array([np.bincount(flows.point, each, groups.shape[1]) for each in told])
    return ServedFirst(told, unmet)


def _spans(plan: ShelterPlan) -> tuple[Array, Array]:
    """The people of each flow as a span of those of its place, the nearest site first."""
    flows = plan.flows
    order = np.lexsort((flows.cost, flows.point))
    ends = np.cumsum(flows.people[order])
    starts = ends - flows.people[order]
    first = np.flatnonzero(np.diff(flows.point[order], prepend=-1))
    base = np.repeat(starts[first], np.diff(first, append=len(order)))
    begin, end = np.empty(len(order)), np.empty(len(order))
    begin[order], end[order] = starts - base, ends - base
    return begin, end


def group_words(plan: ShelterPlan, people: Array, language: Language) -> str:
    """How many of each group, those that are there: "老年人 8、儿童 3"."""
    names = [group.zh if language == "zh_CN" else group.en for group in plan.case.wish.priority]
    told = [f"{name} {number:,.0f}" if language == "zh_CN" else f"{number:,.0f} {name.removeprefix('the ')}"
            for name, number in zip(names, people.tolist(), strict=True) if number > 0]  # fmt: skip
    return listed(told, language)

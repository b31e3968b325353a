"""Plans of whole demand points as choices among clusters: proof by enumeration.

A cluster is a site with the demand points that go there. With prices of the demand points, of the sites and
of their number, each cluster has a reduced cost, and no plan that is better than the best one known holds a
cluster whose reduced cost is above the gap. All the others are enumerated, and HiGHS chooses among them
(Baldacci, Hadjiconstantinou, Maniezzo & Mingozzi 2002, Computers & Operations Research 29).
"""

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layers.grid import Array
from layers.kernels import Kernel
from layers.late import Late
from layers.siting.arcs import Index, Mask
from layers.siting.branch import Search, child_of, varied
from layers.siting.clock import Clock
from layers.siting.knapsack import most_worth, sets_worth
from layers.siting.lagrange import CLOSED, FREE, OPEN, Bound, States
from layers.siting.milp import Answer, Model, minimise
from layers.siting.whole import WholeSites

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

sparse = Late("scipy.sparse")
MOST_CLUSTERS = 500
"""So many are given to HiGHS at once; of more, the plans are parted by another site."""
VARIATIONS = 2
"""Of the best plan, whenever the plans are parted."""


class Prices(NamedTuple):
    """Of demand points, shape (n,); of sites beyond that of their number, shape (m,); of one more site.

    `worth` is the least reduced cost of a cluster by the prices of the demand points alone, shape (m,).
    """

    point: Array
    worth: Array
    site: Array
    further: float


class Clusters(NamedTuple):
    """Sites, costs and members.

    Parameters
    ----------
    site : ndarray of int64, shape (k,)
    cost : ndarray of float64, shape (k,)
    member : csr_matrix, shape (k, n)
    """

    site: Index
    cost: Array
    member: "csr_matrix"

    def place(self, nowhere: int) -> Index:
        """The site of each demand point, if no two clusters share one."""
        found = np.full(self.member.shape[1], nowhere)
        found[self.member.indices] = np.repeat(self.site, np.diff(self.member.indptr))
        return found


@Kernel
def best_worths(costs: Array, people: Array, capacity: Array, point: Array) -> Array:
    """What the best cluster of each site earns, shape (m,), 0 at most."""
    worth = np.zeros(len(capacity))
    for j in range(len(capacity)):
        value = point - costs[:, j]
        rows = np.flatnonzero((value > 0.0) & (people <= capacity[j] + 1e-9))
        rows = rows[np.argsort(-value[rows] / people[rows])]
        chosen = np.zeros(len(rows), np.bool_)
        worth[j] = -most_worth(value[rows], people[rows], capacity[j], chosen)
    return worth


@dataclass(frozen=True, eq=False)
class Part:
    """The plans that open some sites and not others.

    Parameters
    ----------
    sites : WholeSites
    states : ndarray of int8, shape (m,)
        `FREE`, `OPEN` or `CLOSED`.
    """

    sites: WholeSites
    states: States

    @property
    def kept(self) -> Mask:
        """Sites that stay open."""
        return np.asarray(self.states == OPEN)

    @property
    def closed(self) -> Mask:
        """Sites that are in none of the plans."""
        return np.asarray(self.states == CLOSED)

    @property
    def wanted(self) -> int:
        """Further sites."""
        return self.sites.count - int(self.kept.sum())

    def prices(self, point: Array) -> Prices:
        """The prices that belong to those of the demand points: the worth of each site tells."""
        claims = self.sites.claims
        worth = best_worths(self.sites.costs, claims.people, claims.capacity, point)
        free = np.flatnonzero(~self.kept & ~self.closed)
        last = float(np.sort(worth[free])[self.wanted - 1]) if 0 < self.wanted <= len(free) else 0.0
        return Prices(point, worth, np.minimum(worth - np.where(self.kept, 0.0, last), 0.0), last)

    def bound(self, prices: Prices) -> float:
        """No plan costs less."""
        return float(prices.point.sum() + prices.site[~self.closed].sum() + self.wanted * prices.further)

    def _items(self, j: int, point: Array, least: float) -> tuple[Index, Array, Array]:
        """Demand points that may go to a site, their values and people, by falling rate."""
        claims, cost = self.sites.claims, self.sites.costs[:, j]
        value = point - cost
        rows = np.flatnonzero((value > least) & (claims.people <= claims.capacity[j] + 1e-9))
        rows = rows[np.argsort(-value[rows] / claims.people[rows], kind="stable")]
        return rows, value[rows], claims.people[rows]

    def worth_while(self, j: int, prices: Prices, gap: float) -> tuple[Index, Array, Array, float]:
        """Demand points that may be in a cluster of a reduced cost up to `gap` at a site; its least value."""
        least = -gap - prices.site[j] - (0.0 if self.kept[j] else prices.further)
        slack = least + prices.worth[j]
        rows, value, people = self._items(j, prices.point, slack - 1e-9)
        return (rows, value, people, least) if slack <= 1e-9 else (rows[:0], value[:0], people[:0], least)

    def within(self, prices: Prices, gap: float, most: int) -> Clusters | None:
        """All clusters of a reduced cost up to `gap`; `None` if they are more than `most`."""
        sites: list[int] = []
        members: list[Index] = []
        found, ends = np.zeros(most * 40, np.int64), np.zeros(most, np.int64)
        for j in np.flatnonzero(~self.closed).tolist():
            rows, value, people, least = self.worth_while(j, prices, gap)
            if not len(rows):
                continue
            number = int(sets_worth(value, people, self.sites.claims.capacity[j], least - 1e-7, found, ends))
            if number < 0 or len(sites) + number > most:
                return None
            sites += [int(j)] * number
            members += (
                [rows[part] for part in np.split(found[: ends[number - 1]], ends[: number - 1])]
                if number
                else []
            )
        return self._clusters(np.array(sites, np.int64), members)

    def _clusters(self, site: Index, members: list[Index]) -> Clusters:
        size = np.array([len(each) for each in members], np.int64)
        row = np.concatenate([*members, np.zeros(0, np.int64)]).astype(np.int64)
        shape = len(site), len(self.sites.claims.people)
        member = sparse.csr_matrix(
            (np.ones(len(row)), row, np.concatenate([[0], np.cumsum(size)])), shape=shape
        )
        of = np.repeat(np.arange(len(site)), size)
        return Clusters(
            site, np.bincount(of, self.sites.costs[row, site[of]], len(site)).astype(float), member
        )

    def model(self, clusters: Clusters) -> tuple[Model, Index]:
        """Each demand point in one cluster or unmet, each site once, p sites; the columns of the clusters."""
        model, claims, kept = Model(), self.sites.claims, self.kept
        points, number = len(claims.people), len(clusters.site)
        column = model.columns(clusters.cost, np.ones(number), whole=True)
        left = model.columns(claims.fallback, np.ones(points), whole=False)
        cells, one = clusters.member.tocoo(), np.ones(points)
        model.rows(
            one,
            one,
            (cells.col.astype(np.int64), column[cells.row], cells.data),
            (np.arange(points), left, one),
        )
        model.rows(np.full(len(kept), -np.inf), np.ones(len(kept)), (clusters.site, column, np.ones(number)))
        new = column[~kept[clusters.site]]
        model.row(-np.inf, float(self.wanted), new, np.ones(len(new)))
        return model, column

    def of_plan(self, place: Index) -> Clusters:
        """The clusters of a plan: the site of each demand point, m if it is unmet."""
        sites = np.setdiff1d(place, [len(self.closed)])
        return self._clusters(sites, [np.flatnonzero(place == j) for j in sites])

    def chosen(self, clusters: Clusters, known: Clusters, clock: Clock) -> tuple[Answer, Clusters]:
        """The best choice by HiGHS, to begin with one that is known."""
        both = joined(known, clusters)
        model, column = self.model(both)
        hint = np.zeros(model.width)
        hint[column[: len(known.site)]] = 1.0
        hint[len(column) :] = 1.0 - np.asarray(known.member.sum(axis=0)).ravel()
        is_within = int(np.sum(~self.kept[known.site])) <= self.wanted and not self.closed[known.site].any()
        answer = minimise(model, clock, hint=hint if is_within else None)
        values = hint if answer.values is None else answer.values
        used = np.flatnonzero(values[column] > 0.5)
        return answer, Clusters(both.site[used], both.cost[used], both.member[used])


def joined(first: Clusters, second: Clusters) -> Clusters:
    """Both together; the same cluster may stand twice."""
    size = np.concatenate([np.diff(first.member.indptr), np.diff(second.member.indptr)])
    index = np.concatenate([first.member.indices, second.member.indices])
    start = np.concatenate([[0], np.cumsum(size)])
    shape = len(size), first.member.shape[1]
    member = sparse.csr_matrix((np.ones(len(index)), index, start), shape=shape)
    return Clusters(
        np.concatenate([first.site, second.site]), np.concatenate([first.cost, second.cost]), member
    )


def best_clusters(sites: WholeSites, found: Search, first: Bound, clock: Clock) -> Search:
    """The best plan and its proof, as far as the clock allows.

    The plans are parted by one site after another until the clusters of a part are few enough for HiGHS.

    Parameters
    ----------
    sites : WholeSites
    found : Search
        The best plan known.
    first : Bound
        With prices near the best.
    clock : Clock
    """
    waiting, stuck, number = [(first.value, 0, first)], sites.claims.fallback.sum() + found.cost, 0
    while waiting and not clock.is_over():
        value, _, node = waiting[0]
        if value > sites.cutoff(found.cost):
            waiting.clear()
            break
        if clock.is_enough(found.cost, value):
            break
        heapq.heappop(waiting)
        found = varied(sites, found, first.states, VARIATIONS, clock, number)
        found, value = _leaf(sites, node, found, clock)
        if value > sites.cutoff(found.cost):
            continue
        if not np.any(node.states == FREE) or clock.is_over():
            stuck = min(stuck, value)
            continue
        for state in (OPEN, CLOSED):
            child, found = child_of(sites, node, state, found, clock)
            if child is not None:
                number += 1
                heapq.heappush(waiting, (child.value, number, child))
    lowest = min([value for value, _, _ in waiting], default=found.cost)
    return replace(found, bound=max(found.bound, min(lowest, stuck, found.cost)))


def _leaf(sites: WholeSites, node: Bound, found: Search, clock: Clock) -> tuple[Search, float]:
    """The best plan now, and a bound for the plans of the node: that before if its clusters are too many."""
    part = Part(sites, node.states)
    prices = part.prices(node.prices)
    value = max(node.value, part.bound(prices))
    if not np.any(node.states == FREE):
        return _placed_by_arcs(part, prices, found, value, clock)
    clusters = part.within(prices, sites.cutoff(found.cost) - value, MOST_CLUSTERS)
    if clusters is None:
        return found, value
    answer, chosen = part.chosen(clusters, part.of_plan(sites.places(found.opened)[0]), clock)
    if answer.cost < found.cost * (1 - 1e-9):
        opened, cost = sites.of_places(chosen.place(len(node.states)))
        if abs(cost - answer.cost) > 1e-6 * (1 + cost):  # not a plan: the part is parted further
            return found, value
        return Search(opened, cost, found.bound), answer.bound
    return found, np.inf if answer.bound > sites.cutoff(found.cost) else max(value, answer.bound)


def _placed_by_arcs(
    part: Part, prices: Prices, found: Search, value: float, clock: Clock
) -> tuple[Search, float]:
    """The best plan with the open sites alone: a generalised assignment, by HiGHS."""
    sites, claims, model = part.sites, part.sites.claims, Model()
    gap = sites.cutoff(found.cost) - value
    rows = [part.worth_while(j, prices, gap)[0] for j in np.flatnonzero(part.kept).tolist()]
    row = np.concatenate(rows)
    slot = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    site = np.flatnonzero(part.kept)[slot]
    arc = model.columns(sites.costs[row, site], np.ones(len(row)), whole=True)
    left = model.columns(claims.fallback, np.ones(len(claims.people)), whole=False)
    one, each = np.ones(len(left)), np.ones(len(arc))
    model.rows(one, one, (row, arc, each), (np.arange(len(left)), left, one))
    room = claims.capacity[part.kept]
    model.rows(np.full(len(room), -np.inf), room, (slot, arc, claims.people[row]))
    answer = minimise(model, clock)
    if answer.values is not None and answer.cost < found.cost * (1 - 1e-9):
        place = np.full(len(left), len(part.states))
        used = answer.values[arc] > 0.5
        place[row[used]] = site[used]
        return Search(*sites.of_places(place), found.bound), max(value, answer.bound)
    return found, np.inf if answer.bound > sites.cutoff(found.cost) else max(value, answer.bound)

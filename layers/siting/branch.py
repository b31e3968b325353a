"""Proof: branch and bound over sites, with the Lagrangian bound at each node.

The node with the least bound comes first, so the least bound that still waits is the bound of the whole
problem at any time: the work can be stopped whenever it must be, and what it says is true.
"""

import heapq
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Mask
from layers.siting.clock import Clock
from layers.siting.lagrange import CLOSED, FREE, OPEN, Bound, Claims, States, raise_bound

STEPS_A_ROUND, ROOT_TURNS, NODE_STEPS = 100, 8, 120
LAST_SCALE = 0.005
HASTE = 0.08
"""Share of the time that is left which one improvement may take before the bound is raised."""
SEED = 1
ARC_STEPS = 5e7
"""Arcs that are looked at between two looks at the clock, about."""


@dataclass(frozen=True, eq=False)
class Search:
    """The best p sites known, and what is proven about them.

    Parameters
    ----------
    opened : ndarray of bool, shape (m,)
    cost : float
    bound : float
        No plan costs less.
    """

    opened: Mask
    cost: float
    bound: float


class Sites(Protocol):
    """A problem of p sites: what one set of sites costs, how to improve it, what no set can undercut."""

    @property
    def claims(self) -> Claims:
        """What the bound is reckoned from."""

    @property
    def count(self) -> int:
        """p."""

    @property
    def kept(self) -> Mask:
        """Sites that stay open, shape (m,)."""

    def start(self, chance: np.random.Generator) -> Mask:
        """A set of sites to begin with."""

    def cutoff(self, cost: float) -> float:
        """A bound above this proves `cost` best."""

    @property
    def turns(self) -> tuple[int, int]:
        """How many random starts and how many variations of the best set are worth while."""

    def cost(self, opened: Mask) -> float:
        """What a set of sites costs."""

    def improved(self, opened: Mask, states: States, clock: Clock) -> tuple[Mask, float]:
        """A set that is at least as good, from the neighbourhood of one, and its cost."""


def search(sites: Sites, clock: Clock, *, part: bool = True) -> Search:
    """The best plan and its proof, as far as the clock allows; without parting, as far as the root goes."""
    found, bound = root(sites, clock)
    if not part or clock.is_enough(found.cost, found.bound):
        return found
    return _branch(sites, found, bound, clock)


def _start(sites: Sites, clock: Clock) -> Search:
    """The best of several starts; the trivial bound."""
    claims, states = sites.claims, _first_states(sites)
    lowest = float(np.minimum(claims.arcs.nearest, claims.fallback).sum())
    found = Search(sites.kept, np.inf, lowest)
    chance = np.random.default_rng(SEED)
    for _ in range(sites.turns[0]):
        found = _improved(sites, found, sites.start(chance), states, clock.part(HASTE))
        if clock.is_over():
            break
    return found


def _first_states(sites: Sites) -> States:
    return np.where(sites.kept, OPEN, FREE).astype(np.int8)


def _improved(sites: Sites, found: Search, opened: Mask, states: States, clock: Clock) -> Search:
    opened, cost = sites.improved(opened, states, clock)
    return Search(opened, cost, found.bound) if cost < found.cost else found


def root(sites: Sites, clock: Clock) -> tuple[Search, Bound]:
    """A plan and a bound before anything is parted: raised in rounds, each round's best sites improved."""
    found, claims = _start(sites, clock), sites.claims
    bound = Bound(
        -1e300,
        np.minimum(claims.arcs.of_sites(found.opened).nearest, claims.fallback),
        _first_states(sites),
        np.zeros(claims.arcs.sites),
        np.flatnonzero(found.opened),
        2.0,
    )
    steps = int(np.clip(ARC_STEPS / (1 + len(claims.arcs.cost)), 1, STEPS_A_ROUND))
    turn, before, closed = 1, found.bound, 0
    while turn <= ROOT_TURNS:
        bound = raise_bound(claims, bound, sites.cutoff(found.cost), steps)
        found = _better(sites, found, bound, clock.part(HASTE))
        found = replace(found, bound=max(found.bound, min(bound.value, found.cost)))
        if np.count_nonzero(bound.states == CLOSED) > 1.1 * closed + 5:
            closed = int(np.count_nonzero(bound.states == CLOSED))
            claims = sites.claims.of_sites(bound.states != CLOSED)
        if clock.is_enough(found.cost, found.bound):
            break
        if bound.scale < LAST_SCALE:
            found = varied(sites, found, bound.states, sites.turns[1], clock)
            if bound.value - before < 1e-5 * found.cost:
                break
            turn, before, bound = turn + 1, bound.value, replace(bound, scale=2.0 / (1 + turn), idle=0)
    return found, bound


def _better(sites: Sites, found: Search, bound: Bound, clock: Clock) -> Search:
    """The plan that is reached from the chosen sites, if it is better and they come near the best."""
    opened = np.zeros(len(sites.kept), bool)
    opened[bound.chosen] = True
    if int(opened.sum()) != sites.count or sites.cost(opened) > found.cost * 1.02:
        return found
    return _improved(sites, found, opened, bound.states, clock)


def varied(sites: Sites, found: Search, states: States, times: int, clock: Clock, seed: int = SEED) -> Search:
    """The best plan disturbed and improved, so many times; one that is as good takes its place."""
    chance = np.random.default_rng(seed)
    for _ in range(times):
        opened, cost = sites.improved(disturbed(found.opened, states, chance), states, clock)
        if cost <= found.cost:
            found = Search(opened, cost, found.bound)
        if clock.is_over():
            break
    return found


def _branch(sites: Sites, found: Search, first: Bound, clock: Clock) -> Search:
    """Part the plans by one site after another, the part with the least bound first."""
    claims = sites.claims.of_sites(first.states != CLOSED)
    waiting = [(first.value, 0, first)]
    number = 0
    while waiting:
        value, _, node = heapq.heappop(waiting)
        found = replace(found, bound=max(found.bound, min(value, found.cost)))
        if value > sites.cutoff(found.cost):
            break
        if clock.is_enough(found.cost, found.bound):
            return found
        for state in (OPEN, CLOSED):
            child, found = child_of(sites, node, state, found, clock, claims)
            if child is not None and np.any(child.states == FREE):
                number += 1
                heapq.heappush(waiting, (child.value, number, child))
    return replace(found, bound=found.cost)


def child_of(
    sites: Sites, node: Bound, state: int, found: Search, clock: Clock, claims: Claims | None = None
) -> tuple[Bound | None, Search]:
    """One half of a node: `None` once nothing better than the best can be in it."""
    states = node.states.copy()
    states[_undecided(node)] = state
    if np.count_nonzero(states == OPEN) > sites.count:
        return None, found
    start = replace(node, states=states, scale=0.5, idle=0, value=-1e300)
    bound = raise_bound(claims or sites.claims, start, sites.cutoff(found.cost), NODE_STEPS)
    if not np.isfinite(bound.value):
        return None, found
    found = _better(sites, found, bound, clock)
    return replace(bound, value=max(bound.value, node.value)), found


def _undecided(node: Bound) -> int:
    """The free site that the steps were least sure about."""
    doubt: Array = np.where(node.states == FREE, 0.5 - np.abs(node.share - 0.5), -1.0)
    return int(np.argmax(doubt))


def random_sites(kept: Mask, count: int, chance: np.random.Generator) -> Mask:
    """The kept sites and as many others as make `count`."""
    opened = kept.copy()
    opened[chance.choice(np.flatnonzero(~kept), count - int(kept.sum()), replace=False)] = True
    return opened


def disturbed(opened: Mask, states: States, chance: np.random.Generator) -> Mask:
    """A set with two sites or up to a tenth of them replaced by others at random."""
    leaving = np.flatnonzero(opened & (states == FREE))
    entering = np.flatnonzero(~opened & (states == FREE))
    changes = min(int(chance.integers(2, 3 + int(opened.sum()) // 10)), len(leaving), len(entering))
    found = opened.copy()
    found[chance.choice(leaving, changes, replace=False)] = False
    found[chance.choice(entering, changes, replace=False)] = True
    return found

"""Covers with capacity as programmes of the sites alone.

The columns are the sites and the unmet people; the conditions of `room` are added as they are broken: first
by the linear programme, then by each set of sites that HiGHS or a local search proposes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from layers.grid import Array
from layers.siting.arcs import Index, Mask
from layers.siting.branch import HASTE, SEED, random_sites
from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.milp import Answer, Model, Relaxed, minimise
from layers.siting.outcome import Outcome, filled, split_allocation
from layers.siting.programme import open_sites
from layers.siting.room import Condition, Room
from layers.siting.served import ServedSites

LINEAR_ROUNDS, MOST_GROUPS = 60, 400
LONG, TRIAL = 2.5, 0.2
"""Shares of the usual exchanges: at first, and to improve a set which HiGHS names."""


@dataclass(eq=False)
class SitesAlone:
    """A programme whose columns are sites and unmet people.

    Parameters
    ----------
    instance : Instance
        Costs of the ways count for nothing.
    site_cost : ndarray of float64, shape (m,)
    left_cost : float
        Of one person left unmet, times the weight.
    most_unmet : float
        So many may be left unmet (with priorities); infinite without a limit.
    pool : list of ndarray of bool, shape (n,)
        Groups that lacked room before; those that are found here are added.
    conditions : list of Condition
        Those that are asked for here.
    never : ndarray of bool, shape (m,)
        Sites that are in no set of interest.
    """

    instance: Instance
    site_cost: Array
    left_cost: float
    most_unmet: float
    pool: list[Mask] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    never: Mask = field(init=False)
    room: Room = field(init=False)

    def __post_init__(self) -> None:
        self.room = Room(self.instance)
        self.never = np.zeros(self.instance.arcs.sites, bool)
        self.conditions.append(self.room.condition(np.ones(len(self.instance.arcs), bool)))

    @property
    def leaves_somebody(self) -> bool:
        """Whether anybody may be left unmet."""
        return self.most_unmet > 1e-6

    def _model(self, site_cost: Array) -> tuple[Model, Index, Index]:
        """The programme, with the conditions so far, and the columns of sites and unmet people."""
        instance, model = self.instance, Model()
        site = open_sites(model, instance, site_cost, np.where(self.never, 0.0, 1.0))
        arcs, people, left = instance.arcs, instance.people, np.zeros(0, np.int64)
        reach = np.minimum(1.0, instance.capacity[arcs.site] / people[arcs.row])
        blocks = [(arcs.row, site[arcs.site], reach)]
        if self.leaves_somebody:
            left = model.columns(self.left_cost * instance.weight, people, whole=False)
            blocks.append((np.arange(len(arcs)), left, 1.0 / people))
            if np.isfinite(self.most_unmet):
                model.row(-np.inf, self.most_unmet, left, instance.weight)
        model.rows(np.ones(len(arcs)), np.full(len(arcs), np.inf), *blocks)
        for condition in self.conditions:
            model.row(1.0, np.inf, *self._row(condition, site, left))
        return model, site, left

    def _row(self, condition: Condition, site: Index, left: Index) -> tuple[Index, Array]:
        """Columns and values of a condition, for at least 1."""
        used = np.flatnonzero(condition.room)
        column, value = site[used], condition.room[used]
        if self.leaves_somebody:
            column = np.concatenate([column, left[condition.group]])
            value = np.concatenate([value, np.ones(int(condition.group.sum()))])
        return column, value / condition.people

    def learn(self, opened: Iterable[Array | Mask], left: Array) -> list[Condition]:
        """Ask for the conditions that these sets of sites break, with so many unmet: the new ones."""
        found = [each for sites in opened for each in self.room.broken(sites.astype(float), left)]
        self.pool += [each.group for each in found]
        self.conditions += found
        return found

    def tighten(self, clock: Clock, most: float = np.inf) -> float:
        """Add what the linear programme breaks; its bound, infinite if it is above `most`.

        Minus infinity if there was no time to find one.
        Sites that no solution of at most `most` opens are never opened again.
        """
        model, site, left = self._model(self.site_cost)
        programme, bound = Relaxed(model), -np.inf
        known = [self.room.condition(group) for group in self.pool[-MOST_GROUPS:]]
        for _ in range(LINEAR_ROUNDS):
            answer = programme.minimised(clock)
            if answer.infeasible:
                return np.inf
            if answer.values is None:
                break
            if answer.cost > most * (1 + 1e-7) + 1e-7:
                return np.inf
            bound, opened = answer.cost, np.clip(answer.values[site], 0.0, 1.0)
            if np.isfinite(most):
                self.never |= (opened < 1e-9) & (answer.reduced[site] > most - bound + 1e-5)
            unmet = self.left_of(answer, left)
            broken = [each for each in known if each.is_broken(opened, unmet)]
            self.conditions += broken
            broken = broken or self.learn([opened], unmet)
            for condition in broken:
                programme.row(1.0, *self._row(condition, site, left))
            if clock.is_over() or not broken:
                break
        return bound

    def left_of(self, answer: Answer, left: Index) -> Array:
        """People whom a solution leaves unmet, shape (n,)."""
        if not self.leaves_somebody or answer.values is None:
            return np.zeros(len(self.instance.people))
        return np.maximum(answer.values[left], 0.0)

    def proposed(
        self,
        clock: Clock,
        site_cost: Array,
        known: tuple[Mask, Array] | None = None,
        target: float = -np.inf,
    ) -> tuple[Answer, Mask, Array]:
        """What HiGHS says, with the conditions so far and sites and unmet that are known: the same anew.

        A cost of at most `target` is good enough.
        """
        model, site, left = self._model(site_cost)
        hint = None
        if known is not None:
            hint = np.zeros(model.width)
            hint[site], hint[left] = known
        answer = minimise(model, clock, hint=hint, target=target)
        opened = np.zeros(len(site), bool) if answer.values is None else answer.values[site] > 0.5
        return answer, opened, self.left_of(answer, left)


def most_served(instance: Instance, clock: Clock) -> Outcome:
    """p sites with room that leave as few unmet as can be, demand points being split.

    Parameters
    ----------
    instance : Instance
        Costs of the ways count for nothing.
    """
    assert instance.count is not None
    served, nowhere = ServedSites(instance), np.zeros(instance.arcs.sites, bool)
    start = random_sites(instance.kept, instance.count, np.random.default_rng(SEED))
    best, unmet = served.improved(start, nowhere, 0.0, clock.part(HASTE), LONG)
    programme = SitesAlone(instance, np.zeros(len(start)), 1.0, np.inf)
    bound = max(0.0, programme.tighten(clock.part(HASTE)))
    while not clock.is_enough(unmet, bound) and unmet - bound > 1e-7 * unmet:
        left = instance.left_by(split_allocation(instance, best, 1.0))
        answer, opened, wanted = programme.proposed(clock, np.zeros(len(start)), (best, left))
        bound = max(bound, min(answer.bound, unmet))
        sets = [filled(opened, instance.count)]
        sets.append(served.improved(sets[0], nowhere, bound, clock.part(HASTE), TRIAL)[0])
        for each in sets:
            value = instance.unmet(split_allocation(instance, each, 1.0))
            if value < unmet:
                best, unmet = each, value
        if answer.values is None or not programme.learn(sets, wanted):
            break
    allocation = split_allocation(instance, best, 1.0)
    return Outcome(best, allocation, unmet, min(bound, unmet))

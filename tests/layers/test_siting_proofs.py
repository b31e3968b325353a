"""The parts of the proofs, each against trying everything, and their sum against the textbook's programme."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.siting.clock import Clock
from layers.siting.instance import Instance
from layers.siting.knapsack import most_worth, sets_worth
from layers.siting.median import least_penalty
from layers.siting.milp import minimise
from layers.siting.problem import SitingProblem
from layers.siting.programme import allocation_programme
from layers.siting.room import Room
from layers.siting.solve import solve
from layers.siting.transport import allocate

SMALL = st.tuples(st.integers(1, 8), st.integers(0, 2**31))


def items(count: int, seed: int, *, least: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Values and sizes by falling rate, and room for about half of them."""
    chance = np.random.default_rng(seed)
    value = chance.integers(least, 20, count).astype(float)
    size = chance.integers(1, 10, count).astype(float)
    order = np.argsort(-value / size, kind="stable")
    return value[order], size[order], float(chance.integers(1, 6 * count))


def subsets(count: int) -> list[tuple[int, ...]]:
    return [chosen for size in range(count + 1) for chosen in combinations(range(count), size)]


@given(SMALL)
def test_no_subset_that_fits_is_worth_more_than_the_knapsack(drawn: tuple[int, int]) -> None:
    value, size, room = items(*drawn, least=1)
    chosen = np.zeros(len(value), bool)
    worth = most_worth(value, size, room, chosen)
    fitting = [value[list(each)].sum() for each in subsets(len(value)) if size[list(each)].sum() <= room]
    assert worth == pytest.approx(max(fitting))
    assert (value[chosen].sum(), size[chosen].sum() <= room) == (pytest.approx(worth), True)


@given(SMALL, st.integers(-5, 40))
def test_all_subsets_of_enough_worth_are_enumerated_and_no_others(drawn: tuple[int, int], least: int) -> None:
    value, size, room = items(*drawn, least=-6)
    found, ends = np.zeros(3000, np.int64), np.zeros(300, np.int64)
    number = sets_worth(value, size, room, float(least), found, ends)
    parts = np.split(found[: ends[number - 1]], ends[: number - 1]) if number else []
    wanted = {
        each
        for each in subsets(len(value))
        if each and size[list(each)].sum() <= room and value[list(each)].sum() >= least
    }
    assert (number, {tuple(part.tolist()) for part in parts}) == (len(wanted), wanted)


@given(st.integers(2, 7), st.integers(2, 6), st.integers(0, 2**31))
def test_a_set_of_sites_breaks_a_condition_exactly_if_somebody_finds_no_room(
    points: int, sites: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    costs = np.where(chance.random((points, sites)) < 0.5, 1.0, np.inf)
    people, capacity = chance.integers(1, 9, points), chance.integers(1, 20, sites)
    problem = SitingProblem("p-center", people.astype(float), costs, sites, capacity=capacity.astype(float))
    instance = Instance.of(problem)
    if not len(instance.rows):
        return
    opened = chance.random(sites) < 0.7
    nobody = np.zeros(len(instance.rows))
    one = np.ones(len(instance.rows))
    _, unmet = allocate(
        instance.covering().arcs, instance.people, one, instance.capacity, np.flatnonzero(opened)
    )
    broken = Room(instance).broken(opened.astype(float), nobody)
    assert bool(broken) == (unmet > 0)
    assert all(condition.room @ opened < condition.people for condition in broken)


@pytest.mark.parametrize("seed", [1, 3])
def test_enumerated_clusters_and_the_textbook_agree(seed: int) -> None:
    chance = np.random.default_rng(seed)
    places, people = chance.random((16, 2)) * 100, chance.integers(1, 20, 16).astype(float)
    costs = np.floor(np.hypot(*(places[:, None] - places).transpose(2, 0, 1)))
    room = np.full(16, float(np.ceil(people.sum() / 3 / 0.92)))
    problem = SitingProblem("p-median", people, costs, count=3, capacity=room, single_source=True)
    plan = solve(problem)
    instance = Instance.of(problem)
    penalty = least_penalty(instance)
    cost, left = instance.arcs.cost * people[instance.arcs.row], penalty * people
    model = allocation_programme(instance, instance.arcs, cost, left, np.zeros(16)).model
    answer = minimise(model, Clock(60.0, lambda fraction: None))
    assert plan.objective + penalty * plan.unmet.sum() == pytest.approx(answer.cost)
    assert (plan.status, plan.gap) == ("optimal", 0)

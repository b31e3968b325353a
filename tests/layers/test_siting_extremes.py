"""Plans where numbers are huge, tiny, equal or nothing, against every set of sites tried."""

from collections.abc import Iterator
from itertools import combinations, count, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import layers.siting.clock
from layers.siting.problem import Objective, SitingPlan, SitingProblem
from layers.siting.solve import solve

FAR = 1e4  # of the dearest way: an unmet person at first place


def some(chance: np.random.Generator, *choices: Any) -> np.ndarray:
    """One of these arrays."""
    return np.asarray(choices[chance.integers(len(choices))], float)


def drawn(seed: int, *, whole: bool) -> SitingProblem:
    """Up to six demand points and five sites of every kind of number, with every kind of limit."""
    chance = np.random.default_rng(seed)
    points, sites = int(chance.integers(1, 6 if whole else 7)), int(chance.integers(1, 6))
    kind = ("p-median", "max-cover", "set-cover", "p-center")[chance.integers(4)]
    small, part = chance.integers(0, 10, points), chance.random(points)
    demand = some(chance, small, small, part * 9, np.rint(part * 2e9), np.full(points, 5), part * 1e-4)
    ways, share = chance.integers(0, 15, (points, sites)), chance.random((points, sites))
    costs = some(chance, ways, ways, share * 12, ways * 1e6, share * 1e-3, np.full_like(ways, 7), ways * 0)
    costs[chance.random(costs.shape) < chance.choice([0, 0.2, 0.5])] = np.inf
    top, total = float(np.max(costs, initial=0, where=np.isfinite(costs))), float(demand.sum())
    asked: dict[str, Any] = {}
    if kind != "set-cover" or chance.random() < 0.3:
        asked["count"] = int(chance.integers(1, sites + 1))
    if whole or chance.random() < 0.7:
        room = chance.random(sites) * total * chance.choice([0.4, 2.0])
        room = np.where(
            chance.random(sites) < 0.2, 0.0, some(chance, room, room, chance.choice(demand, sites))
        )
        asked["capacity"] = np.rint(room) if (demand == np.rint(demand)).all() else room
    if chance.random() < 0.4:
        kept = np.zeros(sites, bool)
        kept[chance.permutation(sites)[: chance.integers(0, asked.get("count", sites) + 1)]] = True
        asked["kept"] = kept
    if chance.random() < 0.3:
        asked["prices"] = chance.integers(0, 9, sites).astype(float)
        least = float(asked["prices"][asked.get("kept", np.zeros(sites, bool))].sum())
        asked["budget"] = least + float(np.rint(chance.random() * 20))
    if kind in ("max-cover", "set-cover") or chance.random() < 0.4:
        asked["radius"] = top * float(chance.choice([0.0, 0.5, 1.0]))
    if chance.random() < 0.4:
        asked["weight"] = some(chance, chance.integers(1, 5, points), part + 0.1)
    return SitingProblem(kind, demand, costs, single_source=whole, **asked)  # type: ignore[arg-type]


def weights(problem: SitingProblem) -> np.ndarray:
    return np.ones(len(problem.demand)) if problem.weight is None else problem.weight


def prices(problem: SitingProblem) -> np.ndarray:
    return np.ones(problem.shape[1]) if problem.prices is None else problem.prices


def ways_of(problem: SitingProblem) -> np.ndarray:
    """Costs with no way beyond the radius."""
    costs = np.array(problem.costs)
    costs[costs > (np.inf if problem.radius is None else problem.radius)] = np.inf
    return costs


def affordable(problem: SitingProblem, opened: np.ndarray) -> bool:
    spent = prices(problem)[opened].sum()
    is_kept = problem.kept is None or bool((opened | ~problem.kept).all())
    is_few = problem.count is None or opened.sum() <= problem.count
    return is_kept and is_few and (problem.budget is None or spent <= problem.budget)


def sets_of(problem: SitingProblem) -> Iterator[np.ndarray]:
    sites = problem.shape[1]
    for size in range(sites + 1):
        for chosen in combinations(range(sites), size):
            opened = np.isin(np.arange(sites), chosen)
            if affordable(problem, opened):
                yield opened


def split(problem: SitingProblem, opened: np.ndarray, radius: float) -> tuple[float, float]:
    """The fewest unmet, weighed, and then the least person-cost, by linear programming."""
    columns, unit = np.flatnonzero(opened), problem.demand.max() or 1.0
    points, weight = len(problem.demand), weights(problem)
    costs = ways_of(problem)[:, columns]
    is_way = np.isfinite(costs) & (costs <= radius)
    top = float(np.max(costs, initial=0.0, where=is_way)) or 1.0
    price = np.concatenate([(np.where(is_way, costs, 0) / top * weight[:, None]).ravel(), FAR * weight])
    everyone = np.concatenate([np.kron(np.eye(points), np.ones(len(columns))), np.eye(points)], axis=1)
    load = np.kron(np.ones(points), np.eye(len(columns)))
    load = np.concatenate([load, np.zeros((len(columns), points))], axis=1)
    room = np.full(len(columns), np.inf) if problem.capacity is None else problem.capacity[columns]
    most = np.concatenate([np.where(is_way, np.inf, 0).ravel(), np.full(points, np.inf)])
    demand, room = problem.demand / unit, np.minimum(room / unit, 10.0)
    limits = np.column_stack([np.zeros_like(most), most])
    found = linprog(price, A_ub=load, b_ub=room, A_eq=everyone, b_eq=demand, bounds=limits)
    unmet, paid = found.x[-points:], found.x[:-points]
    return float(weight @ unmet) * unit, float(price[:-points] @ paid) * top * unit


def best_split(problem: SitingProblem, slack: float) -> tuple[float, float]:
    """Unmet and objective of the best plan, by trying all sets of sites."""
    tried = [(opened, *split(problem, opened, np.inf)) for opened in sets_of(problem)]
    least = min(unmet for _, unmet, _ in tried)
    good = [(opened, cost) for opened, unmet, cost in tried if unmet <= least + slack]
    if problem.objective == "p-center":
        ways = ways_of(problem)[problem.demand > 0]
        radii = np.unique(np.append(ways[np.isfinite(ways)], 0.0))
        reach = [r for o, _ in good for r in radii if split(problem, o, r)[0] <= least + slack]
        return least, float(min(reach))
    if problem.objective == "set-cover":
        return least, float(min(prices(problem)[opened].sum() for opened, _ in good))
    return least, min(cost for _, cost in good) if problem.objective == "p-median" else 0.0


def best_whole(problem: SitingProblem, slack: float) -> tuple[float, float]:
    """The same for whole demand points, by trying every way to place them all."""
    points, sites = problem.shape
    costs = np.column_stack([ways_of(problem), np.zeros(points)])
    costs[problem.demand == 0] = 0.0
    kept = np.zeros(sites, bool) if problem.kept is None else problem.kept
    place = np.array(list(product(range(sites + 1), repeat=points))).reshape(-1, points)
    at = (place[:, :, None] == np.arange(sites)) & (problem.demand > 0)[:, None]
    way, used = costs[np.arange(points), place], at.any(axis=1) | kept
    room = np.inf if problem.capacity is None else problem.capacity * (1 + 1e-12)
    is_plan = ((at * problem.demand[:, None]).sum(axis=1) <= room).all(axis=1) & np.isfinite(way).all(axis=1)
    is_plan &= np.array([affordable(problem, opened) for opened in used])
    unmet = ((place == sites) * problem.demand * weights(problem)).sum(axis=1)[is_plan]
    way, used = way[is_plan], used[is_plan]
    value = {
        "p-median": way @ (problem.demand * weights(problem)),
        "max-cover": 0 * unmet,
        "set-cover": used @ prices(problem),
        "p-center": way.max(axis=1),
    }[problem.objective]
    return float(unmet.min()), float(value[unmet <= unmet.min() + slack].min())


def stands(problem: SitingProblem, plan: SitingPlan) -> None:
    """What must hold of any plan: to the person where all numbers are whole."""
    points, sites = problem.shape
    flow, capacity = plan.assigned, problem.capacity
    served, load = np.bincount(flow.point, flow.people, points), np.bincount(flow.site, flow.people, sites)
    numbers = problem.demand if capacity is None else np.concatenate([problem.demand, capacity])
    rounding = 0.0 if (numbers == np.rint(numbers)).all() else 1e-9
    np.testing.assert_allclose(served + plan.unmet, problem.demand, rtol=rounding)
    assert (flow.people > 0).all()
    assert (plan.unmet >= 0).all()
    np.testing.assert_array_equal(flow.cost, ways_of(problem)[flow.point, flow.site])
    assert np.isfinite(flow.cost).all()
    assert capacity is None or (load <= capacity * (1 + rounding)).all()
    assert set(flow.site) <= set(plan.opened)
    assert affordable(problem, np.isin(np.arange(sites), plan.opened))


def agrees(problem: SitingProblem, whole: bool) -> None:
    """A plan is the best; one without time stands too, and its bound is true."""
    plan, hasty, people = (
        solve(problem),
        solve(problem, time_limit=0.0),
        float(problem.demand @ weights(problem)),
    )
    stands(problem, plan)
    stands(problem, hasty)
    unmet, objective = (best_whole if whole else best_split)(problem, 1e-8 * people)
    np.testing.assert_allclose(weights(problem) @ plan.unmet, unmet, rtol=1e-6, atol=2e-6 * people)
    assert plan.status == "optimal"
    if problem.objective == "max-cover":
        assert min(plan.bound, hasty.bound) >= (people - unmet) * (1 - 1e-6) - 1e-9 * people
        return
    top = float(np.max(problem.costs, initial=0.0, where=np.isfinite(problem.costs)))
    dust = 1e-7 * (people * top if problem.objective == "p-median" else 0.0)
    np.testing.assert_allclose(plan.objective, objective, rtol=5e-6, atol=dust)
    for each in (plan, hasty):
        if weights(problem) @ each.unmet <= unmet + 1e-9 * people:
            assert each.bound <= objective * (1 + 1e-6) + dust


@given(st.integers(0, 2**31))
def test_plans_of_split_demand_points_are_best_whatever_the_numbers(seed: int) -> None:
    agrees(drawn(seed, whole=False), whole=False)


@given(st.integers(0, 2**31))
def test_plans_of_whole_demand_points_are_best_whatever_the_numbers(seed: int) -> None:
    problem = drawn(seed, whole=True)
    agrees(problem, whole=problem.capacity is not None)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("tight", [None, 0.9])
@pytest.mark.parametrize("objective", ["p-median", "max-cover", "set-cover", "p-center"])
def test_every_stage_ends_when_time_is_up(
    objective: Objective, tight: float | None, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(5)
    places, people = chance.random((30, 2)) * 100, chance.integers(1, 50, 30).astype(float)
    costs = np.rint(np.hypot(*(places[:, None] - places).transpose(2, 0, 1)))
    room = None if tight is None else np.rint(people.sum() / 4 / tight * chance.uniform(0.8, 1.2, 30))
    number = None if objective == "set-cover" else 4
    problem = SitingProblem(
        objective, people, costs, number, 30.0, room, single_source=whole and tight is not None
    )
    for limit in (2, 20):
        looks = count()

        class Looks:
            """A second a look."""

            @staticmethod
            def monotonic(looks: Iterator[int] = looks) -> float:
                return float(next(looks))

        monkeypatch.setattr(layers.siting.clock, "time", Looks)
        stands(problem, solve(problem, time_limit=float(limit)))
        assert next(looks) <= limit + 60

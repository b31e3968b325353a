"""Plans against another method: every set of sites tried, the allocation by linear programming."""

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from layers.errors import BadInput
from layers.progress import Cancelled
from layers.siting.arcs import Arcs
from layers.siting.problem import SitingPlan, SitingProblem
from layers.siting.solve import solve
from layers.siting.transport import allocate

FAR = 1e5  # more than any allocation of the small cases costs


def allocated(problem: SitingProblem, sites: tuple[int, ...], radius: float) -> tuple[float, float]:
    """The fewest unmet and then the least person-cost for these sites, by linear programming."""
    points, columns = len(problem.demand), list(sites)
    costs = np.asarray(problem.costs)[:, columns]
    open_ways = np.isfinite(costs) & (costs <= radius)
    weight = np.ones(points) if problem.weight is None else problem.weight
    price = np.concatenate([(np.where(open_ways, costs, 0) * weight[:, None]).ravel(), FAR * weight])
    everyone = np.concatenate([np.kron(np.eye(points), np.ones(len(columns))), np.eye(points)], axis=1)
    load = np.concatenate(
        [np.kron(np.ones(points), np.eye(len(columns))), np.zeros((len(columns), points))], axis=1
    )
    room = np.full(len(columns), 1e6) if problem.capacity is None else problem.capacity[columns]
    most = np.concatenate([np.where(open_ways, 1e6, 0).ravel(), np.full(points, 1e6)])
    found = linprog(
        price,
        A_ub=load,
        b_ub=room,
        A_eq=everyone,
        b_eq=problem.demand,
        bounds=np.column_stack([0 * most, most]),
    )
    unmet = float(weight @ found.x[-points:])
    return round(unmet, 6), round(float(price[:-points] @ found.x[:-points]), 6)


def best(problem: SitingProblem) -> tuple[float, ...]:
    """Unmet and objective of the best plan, by trying all sets of sites."""
    sites = problem.shape[1]
    sizes = range(sites + 1) if problem.objective == "set-cover" else [problem.count or 0]
    kept = set() if problem.kept is None else set(np.flatnonzero(problem.kept))
    sets = [chosen for size in sizes for chosen in combinations(range(sites), size) if kept <= set(chosen)]
    return min(value for chosen in sets for value in values(problem, chosen))


def values(problem: SitingProblem, chosen: tuple[int, ...]) -> list[tuple[float, ...]]:
    radius = np.inf if problem.radius is None else problem.radius
    if problem.objective == "p-center":
        ways = np.asarray(problem.costs)[problem.demand > 0]
        radii = [0.0, *np.unique(ways[np.isfinite(ways) & (ways <= radius)])]
        return [(allocated(problem, chosen, r)[0], float(r)) for r in radii]
    unmet, cost = allocated(problem, chosen, radius)
    return [
        {"p-median": (unmet, cost), "max-cover": (unmet,), "set-cover": (unmet, len(chosen))}[
            problem.objective
        ]
    ]


@st.composite
def problems(draw: st.DrawFn, *, capacities: bool = True, most: tuple[int, int] = (6, 5)) -> SitingProblem:
    """Up to six demand points and five sites, ways missing, people and places scarce."""
    points, sites = draw(st.integers(1, most[0])), draw(st.integers(1, most[1]))
    numbers = lambda n, most, least=0: np.array(  # noqa: E731
        draw(st.lists(st.integers(least, most), min_size=n, max_size=n)), float
    )
    costs = numbers(points * sites, 15).reshape(points, sites)
    costs[costs > 12] = np.inf
    objective = draw(st.sampled_from(["p-median", "max-cover", "set-cover", "p-center"]))
    count = draw(st.integers(1, sites))
    covering = objective in ("max-cover", "set-cover")
    kept = np.zeros(sites, bool)
    kept[draw(st.permutations(range(sites)))[: draw(st.integers(0, count))]] = True
    return SitingProblem(
        objective,  # type: ignore[arg-type]
        numbers(points, 9),
        csr_of(costs) if draw(st.booleans()) else costs,
        count=None if objective == "set-cover" else count,
        radius=float(draw(st.integers(0, 12))) if covering or draw(st.booleans()) else None,
        capacity=numbers(sites, 15) if capacities and draw(st.booleans()) else None,
        kept=kept if draw(st.booleans()) else None,
        weight=numbers(points, 4, 1) if draw(st.booleans()) else None,
    )


def csr_of(costs: np.ndarray) -> Any:
    """The finite cells; zeros are cells too."""
    rows, columns = np.nonzero(np.isfinite(costs))
    start = np.searchsorted(rows, np.arange(len(costs) + 1))
    return csr_matrix((costs[rows, columns], columns, start), shape=costs.shape)


def dense(problem: SitingProblem) -> SitingProblem:
    if isinstance(problem.costs, np.ndarray):
        return problem
    costs = np.full(problem.shape, np.inf)
    rows = np.repeat(np.arange(problem.shape[0]), np.diff(problem.costs.indptr))
    costs[rows, problem.costs.indices] = problem.costs.data
    return SitingProblem(**{**vars(problem), "costs": costs})


def check(problem: SitingProblem, plan: SitingPlan) -> None:
    """What must hold of any plan: everybody stands once, nobody is sent too far, no site is too full."""
    points, sites = problem.shape
    flow = plan.assigned
    served = np.bincount(flow.point, flow.people, points)
    np.testing.assert_array_equal(served + plan.unmet, problem.demand)
    assert (flow.people > 0).all()
    assert (plan.unmet >= 0).all()
    assert set(flow.site) <= set(plan.opened)
    np.testing.assert_array_equal(flow.cost, np.asarray(dense(problem).costs)[flow.point, flow.site])
    if problem.radius is not None:
        assert (flow.cost <= problem.radius).all()
    if problem.capacity is not None:
        assert (np.bincount(flow.site, flow.people, sites) <= problem.capacity).all()
    if problem.kept is not None:
        assert set(np.flatnonzero(problem.kept)) <= set(plan.opened)
    if problem.count is not None:
        assert len(plan.opened) == problem.count
    if problem.single_source:
        assert len(np.unique(flow.point)) == len(flow.point)


@given(problems())
def test_no_set_of_sites_is_better_than_the_plan(problem: SitingProblem) -> None:
    plan = solve(problem)
    check(problem, plan)
    weight = np.ones(len(plan.unmet)) if problem.weight is None else problem.weight
    unmet = float(weight @ plan.unmet)
    found = (unmet,) if problem.objective == "max-cover" else (unmet, plan.objective)
    assert plan.status == "optimal"
    np.testing.assert_allclose(found, best(dense(problem)), atol=1e-5)
    if problem.objective == "max-cover":
        assert plan.objective == pytest.approx(float(weight @ problem.demand) - unmet)


def best_whole(problem: SitingProblem) -> tuple[float, ...]:
    """Unmet and objective of the best plan of whole demand points, by trying every way to place them all."""
    points, sites = problem.shape
    weight = np.ones(points) if problem.weight is None else problem.weight
    costs = np.column_stack([np.asarray(problem.costs), np.zeros(points)])
    costs[:, :-1][costs[:, :-1] > (np.inf if problem.radius is None else problem.radius)] = np.inf
    costs[problem.demand == 0] = 0.0
    place = np.array(list(product(range(sites + 1), repeat=points))).reshape(-1, points)
    at = place[:, :, None] == np.arange(sites)
    way = costs[np.arange(points), place]
    used = (at & (problem.demand > 0)[:, None]).any(axis=1)
    used |= np.zeros(sites, bool) if problem.kept is None else problem.kept
    is_plan = ((at * problem.demand[:, None]).sum(axis=1) <= np.asarray(problem.capacity)).all(axis=1)
    is_plan &= np.isfinite(way).all(axis=1)
    is_plan &= used.sum(axis=1) <= (sites if problem.count is None else problem.count)
    unmet = ((place == sites) * problem.demand * weight).sum(axis=1)
    value = {
        "p-median": np.where(np.isfinite(way), way, 0) @ (problem.demand * weight),
        "max-cover": 0 * unmet,
        "set-cover": used.sum(axis=1),
        "p-center": way.max(axis=1),
    }[problem.objective]
    return min(zip(unmet[is_plan].tolist(), value[is_plan].tolist(), strict=True))


@given(problems(capacities=False, most=(5, 4)), st.integers(0, 2**31), st.integers(4, 30))
def test_no_way_to_place_whole_demand_points_is_better(problem: SitingProblem, seed: int, roomy: int) -> None:
    capacity = np.random.default_rng(seed).integers(0, roomy, problem.shape[1]).astype(float)
    single = SitingProblem(**{**vars(dense(problem)), "capacity": capacity, "single_source": True})
    plan = solve(single)
    check(single, plan)
    weight = np.ones(len(plan.unmet)) if problem.weight is None else problem.weight
    unmet = float(weight @ plan.unmet)
    found = (unmet, 0.0 if problem.objective == "max-cover" else plan.objective)
    assert plan.status == "optimal"
    np.testing.assert_allclose(found, best_whole(single), atol=1e-5)


@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 2**31))
def test_an_allocation_to_open_sites_is_the_cheapest(points: int, sites: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    costs = chance.integers(0, 12, (points, sites)).astype(float)
    costs[chance.random((points, sites)) < 0.4] = np.inf
    people, capacity = chance.random(points) * 9, chance.random(sites) * 12
    problem = SitingProblem("p-median", people, costs, count=sites, capacity=capacity)
    flow, cost = allocate(Arcs.of(costs), people, np.full(points, FAR), capacity, np.arange(sites))
    unmet, least = allocated(problem, tuple(range(sites)), np.inf)
    assert cost == pytest.approx(unmet * FAR + least, abs=0.2)  # unmet is rounded to 1e-6
    np.testing.assert_allclose(flow.sum(axis=1), people)
    assert (flow[:, :-1].sum(axis=0) <= capacity + 1e-9).all()


def test_a_penalty_weighs_unmet_people_against_long_ways() -> None:
    costs = np.array([[1.0], [50.0]])
    near = solve(SitingProblem("p-median", np.array([10.0, 10.0]), costs, count=1, penalty=20.0))
    assert near.unmet.tolist() == [0, 10]
    assert near.objective == near.bound == 10 + 200
    all_served = solve(SitingProblem("p-median", np.array([10.0, 10.0]), costs, count=1))
    assert all_served.unmet.tolist() == [0, 0]


def test_a_budget_is_not_overspent() -> None:
    costs = np.array([[0.0, 9, 9], [9, 0, 9], [9, 9, 0]])
    prices = np.array([5.0, 3.0, 4.0])
    problem = SitingProblem("max-cover", np.array([8.0, 5, 4]), costs, radius=1.0, prices=prices, budget=7.0)
    plan = solve(problem)
    assert plan.opened.tolist() == [1, 2]
    assert (plan.objective, plan.status) == (9, "optimal")


def test_set_covering_seeks_the_cheapest_sites() -> None:
    costs = np.array([[0.0, 0, 9], [0, 9, 0]])
    plan = solve(SitingProblem("set-cover", np.ones(2), costs, radius=1.0, prices=np.array([9.0, 2, 3])))
    assert (plan.opened.tolist(), plan.objective, plan.bound) == ([1, 2], 5, 5)


def test_who_cannot_be_reached_is_unmet_and_the_plan_is_still_optimal() -> None:
    costs = np.array([[1.0, 2.0], [np.inf, np.nan]])
    plan = solve(SitingProblem("p-median", np.array([3.0, 4.0]), costs, count=1))
    assert (plan.unmet.tolist(), plan.objective, plan.status) == ([0, 4], 3, "optimal")


@pytest.mark.parametrize("objective", ["p-median", "max-cover", "set-cover", "p-center"])
def test_nobody_to_serve_is_a_plan_too(objective: Any) -> None:
    problem = SitingProblem(objective, np.zeros(2), np.ones((2, 3)), count=2, radius=5.0)
    plan = solve(problem)
    assert (plan.objective, plan.gap, plan.status) == (0, 0, "optimal")
    assert len(plan.opened) == (0 if objective == "set-cover" else 2)


def test_a_cancelled_work_ends() -> None:
    def stop(fraction: float) -> None:
        raise Cancelled

    chance = np.random.default_rng(0)
    costs, capacity = chance.random((60, 60)), np.full(60, 9.0)
    for limits in ({}, {"capacity": capacity, "single_source": True}):
        with pytest.raises(Cancelled):
            solve(SitingProblem("p-median", np.ones(60), costs, count=9, **limits), progress=stop)


def test_a_time_that_is_too_short_leaves_a_plan_with_a_true_bound() -> None:
    chance = np.random.default_rng(0)
    places = chance.random((300, 2))
    costs = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    problem = SitingProblem("p-median", np.ones(300), costs, count=20)
    hasty, patient = solve(problem, time_limit=0.0), solve(problem)
    check(problem, hasty)
    assert patient.status == "optimal"
    assert hasty.bound <= patient.objective <= hasty.objective
    assert hasty.status == ("optimal" if hasty.gap <= 1e-6 else "feasible")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"demand": np.ones(3)}, "siting_shape"),
        ({"demand": np.array([1.0, np.nan])}, "siting_not_finite"),
        ({"demand": np.array([1.0, -1])}, "siting_negative"),
        ({"costs": np.array([[1.0, -2], [3, 4]])}, "siting_negative"),
        ({"costs": np.empty((0, 2)), "demand": np.empty(0)}, "siting_empty"),
        ({"count": None}, "siting_count_missing"),
        ({"count": 3}, "siting_count"),
        ({"count": 0}, "siting_count"),
        ({"kept": np.ones(2, bool)}, "siting_kept"),
        ({"objective": "max-cover"}, "siting_radius_missing"),
        ({"radius": -1.0}, "siting_negative"),
        ({"budget": 3.0}, "siting_prices_missing"),
        ({"weight": np.array([0.0, 1])}, "siting_not_positive"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes: dict[str, Any], key: str) -> None:
    asked = {"objective": "p-median", "demand": np.ones(2), "costs": np.ones((2, 2)), "count": 1, **changes}
    with pytest.raises(BadInput) as error:
        SitingProblem(**asked)
    assert error.value.key == key


def test_a_radius_that_suffices_is_not_refused_for_rounding() -> None:
    costs = np.array(
        [[9.0, 0, 11, 5], [11, 5, 0, 1], [2, 12, 8, 13], [0, 11, 4, 14], [4, 10, 4, 6]]
    )  # the linear programme opens 4.000000000000001 sites of 4
    capacity = np.array([5.0, 5, 7, 7])
    problem = SitingProblem(
        "p-center", np.array([9.0, 7, 7, 5, 1]), costs, count=4, capacity=capacity, single_source=True
    )
    plan = solve(problem)
    assert (plan.objective, plan.bound, plan.unmet.tolist()) == (10, 10, [9, 0, 0, 0, 0])


def test_a_budget_holds_though_nobody_can_be_served() -> None:
    plan = solve(
        SitingProblem(
            "p-median", np.ones(1), np.array([[5.0, 6.0]]), 2, 1.0, prices=np.array([3.0, 4]), budget=2.0
        )
    )
    assert (plan.opened.tolist(), plan.unmet.tolist()) == ([], [1])


@pytest.mark.parametrize("unit", [2.0**-40, 1e-7, 1.0, 2e8])
@pytest.mark.parametrize("metre", [1e-5, 1.0, 1e9])
@pytest.mark.parametrize("objective", ["p-median", "max-cover", "set-cover", "p-center"])
def test_units_of_people_and_ways_change_no_plan(unit: float, metre: float, objective: Any) -> None:
    chance = np.random.default_rng(5)
    places, people = chance.random((12, 2)) * 9 + 3, chance.integers(1, 9, 12)
    costs = np.rint(np.hypot(*(places[:, None] - places).transpose(2, 0, 1)))
    full = {"capacity": np.full(12, 13.0) * unit, "radius": 4.0 * metre, "count": 3}
    limits = full | ({"count": 9} if objective == "set-cover" else {})
    plan = solve(SitingProblem(objective, people * unit, costs * metre, **limits))
    usual = {"p-median": unit * metre, "max-cover": unit, "set-cover": 1.0, "p-center": metre}[objective]
    found = plan.objective / usual, plan.unmet.sum() / unit, plan.status
    limits = full | {"capacity": np.full(12, 13.0), "radius": 4.0, "count": limits["count"]}
    same = solve(SitingProblem(objective, people.astype(float), costs, **limits))
    assert found == (pytest.approx(same.objective), pytest.approx(same.unmet.sum()), "optimal")

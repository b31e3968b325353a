"""Plans by hand and side by side."""

from dataclasses import replace

import numpy as np
import pytest

from layers.errors import BadInput
from layers.siting.problem import SitingProblem
from layers.siting.solve import solve
from layers.siting.what_if import compared, sites_against_unmet, with_sites

PLACES = np.random.default_rng(3).random((40, 2)) * 1000
COSTS = np.rint(np.hypot(*(PLACES[:, None] - PLACES[:12]).transpose(2, 0, 1)))
PEOPLE = np.random.default_rng(4).integers(1, 50, 40).astype(float)
PROBLEM = SitingProblem("p-median", PEOPLE, COSTS, count=4, capacity=np.full(12, 300.0))


def test_the_sites_of_a_plan_by_hand_give_that_plan() -> None:
    plan = solve(PROBLEM)
    again = with_sites(PROBLEM, plan.opened)
    assert again.objective == pytest.approx(plan.objective)
    assert again.unmet.sum() == plan.unmet.sum()


def test_a_site_that_is_closed_by_hand_makes_it_no_better() -> None:
    plan = solve(PROBLEM)
    for site in plan.opened:
        fewer = with_sites(PROBLEM, np.setdiff1d(plan.opened, [site]))
        assert (fewer.unmet.sum(), fewer.objective) >= (plan.unmet.sum(), 0)
        assert fewer.assigned.people.sum() + fewer.unmet.sum() == PEOPLE.sum()
        assert site not in fewer.assigned.site


def test_whole_demand_points_are_not_allocated_by_hand() -> None:
    with pytest.raises(BadInput, match="Solve"):
        with_sites(replace(PROBLEM, single_source=True), np.arange(4))


def test_plans_stand_side_by_side() -> None:
    best, other = solve(PROBLEM), with_sites(PROBLEM, np.arange(4))
    table = compared(PROBLEM, {"甲": best, "乙": other}).set_index("plan")
    assert table["sites"].tolist() == [4, 4]
    assert table.loc["甲", "new_sites"] == 0
    assert table.loc["乙", "new_sites"] == len(set(range(4)) - set(best.opened))
    assert table.loc["甲", "fullest"] <= 1
    assert (table["assigned"] + table["unmet"]).tolist() == [PEOPLE.sum()] * 2


def test_more_sites_leave_fewer_people_out() -> None:
    curve = sites_against_unmet(replace(PROBLEM, capacity=None, radius=250.0), [1, 2, 3, 4, 6])
    assert (np.diff(curve["unmet"]) <= 0).all()
    np.testing.assert_allclose(curve["unmet"], curve["unmet_at_least"])

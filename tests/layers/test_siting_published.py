"""OR-Library's p-median instances: the quick ones here, the plain ones all in the benchmark."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from layers.siting.problem import SitingProblem
from layers.siting.solve import solve

PMED = Path(__file__).resolve().parents[1] / "published" / "pmed"
OPTIMA = pd.read_csv(PMED / "optima.csv", comment="#", index_col="instance")["optimal_pmedian"]
CENTERS = {1: 127, 2: 98, 3: 93, 4: 74, 5: 48}  # optimal radii of the same graphs, Daskin 1995


def costs_of(number: int) -> tuple[np.ndarray, int]:
    """All-pairs shortest paths and p; of a repeated edge the last cost counts."""
    cells = np.array((PMED / f"pmed{number}.txt").read_text().split(), float)
    size, edges, count = cells[:3].astype(int)
    ends = cells[3 : 3 + 3 * edges].reshape(-1, 3)
    last = {(int(min(a, b)) - 1, int(max(a, b)) - 1): cost for a, b, cost in ends}
    rows, columns = np.array(list(last)).T
    graph = csr_matrix((list(last.values()), (rows, columns)), shape=(size, size))
    return shortest_path(graph, directed=False), int(count)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 10, 13, 18, 20])
def test_the_published_optimum_is_found_and_proven(number: int) -> None:
    costs, count = costs_of(number)
    plan = solve(SitingProblem("p-median", np.ones(len(costs)), costs, count=count))
    assert (plan.objective, plan.bound, plan.status) == (OPTIMA[f"pmed{number}"],) * 2 + ("optimal",)


@pytest.mark.parametrize("number", CENTERS)
def test_the_published_radius_is_found_and_proven(number: int) -> None:
    costs, count = costs_of(number)
    plan = solve(SitingProblem("p-center", np.ones(len(costs)), costs, count=count))
    assert (plan.objective, plan.bound, plan.status) == (CENTERS[number],) * 2 + ("optimal",)


CAPACITATED = pd.read_csv(PMED / "capacitated.csv", comment="#", index_col="instance")["optimal"]


@pytest.mark.parametrize("name", CAPACITATED.index)
def test_the_published_optimum_with_capacity_is_found_and_proven(name: str) -> None:
    lines = (PMED / f"{name}.txt").read_text().splitlines()
    size, count, room = map(int, lines[1].split())
    rows = np.array([line.split()[1:] for line in lines[2:]], float)
    costs = np.floor(np.hypot(*(rows[:, None, :2] - rows[:, :2]).transpose(2, 0, 1)))
    plan = solve(
        SitingProblem(
            "p-median", rows[:, 2], costs, count, capacity=np.full(size, float(room)),
            weight=1 / rows[:, 2], single_source=True,
        )
    )  # fmt: skip
    assert plan.objective == pytest.approx(CAPACITATED[name])
    assert (plan.bound, plan.status) == (pytest.approx(CAPACITATED[name]), "optimal")

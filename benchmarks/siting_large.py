"""Siting at the size of a city and of a province: seconds, gap and memory, no peer.

    python benchmarks/siting_large.py [--json] [--quick]

City: 5,000 demand points and 500 candidates on the sample's roads, with capacity: travel times, plan to a gap
of 1 %, and the allocation after one site is moved. Province: 100,000 × 3,000, the 60 nearest candidates of
each point in a straight line, 300 sites; with capacity only without --quick.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from layers.resources import sample  # noqa: E402
from layers.siting.arcs import Arcs  # noqa: E402
from layers.siting.network import on_foot, road_network  # noqa: E402
from layers.siting.paths import Access, travel_times  # noqa: E402
from layers.siting.problem import SitingPlan, SitingProblem  # noqa: E402
from layers.siting.solve import compile_kernels, solve  # noqa: E402
from layers.siting.transport import allocate, cost_table, moved  # noqa: E402
from layers.storage.formats import read_file  # noqa: E402


def row(case: str, seconds: float, note: str) -> dict:
    """One line of the answer."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    shown = f"{note}; {memory:.2f} GB at most so far"
    return {
        "case": case,
        "unit": "s",
        "ours": round(seconds, 3),
        "peer": None,
        "peer_name": None,
        "ratio": None,
        "note": shown,
    }


def said(plan: SitingPlan) -> str:
    """What is proven of a plan."""
    found = f"objective {plan.objective:.6g}, bound {plan.bound:.6g}"
    return f"{found}, gap {plan.gap:.2%}, unmet {plan.unmet.sum():g}"


def city() -> Iterator[dict]:
    """5,000 × 500 on the sample's roads."""
    chance = np.random.default_rng(0)
    roads = read_file(sample("道路_示例.shp"), kind="road").layer
    network = road_network(roads, on_foot())
    points = network.nodes[chance.integers(0, len(network.nodes), 5000)] + chance.normal(0, 300, (5000, 2))
    sites = network.nodes[chance.integers(0, len(network.nodes), 500)] + chance.normal(0, 200, (500, 2))
    started = time.perf_counter()
    access = Access.of(network, np.vstack([points, sites]))
    seconds = travel_times(access, np.arange(5000), 5000 + np.arange(500))
    yield row(
        "city 5000 x 500: travel times",
        time.perf_counter() - started,
        f"{np.isfinite(seconds).mean():.1%} reached",
    )
    people = np.minimum(np.rint(chance.pareto(1.3, 5000) * 80 + 20), 8000)
    for count, tightness in ((30, 0.8), (60, 0.8), (100, 0.9)):
        capacity = np.rint(people.sum() / count / tightness * chance.uniform(0.5, 1.5, 500))
        problem = SitingProblem("p-median", people, seconds, count=count, capacity=capacity)
        started = time.perf_counter()
        plan = solve(problem, 30.0, gap=0.01)
        yield row(
            f"city 5000 x 500: {count} sites, {tightness:.0%} full", time.perf_counter() - started, said(plan)
        )
    yield drag(problem, plan)


def drag(problem: SitingProblem, plan: SitingPlan) -> dict:
    """The allocation after one site has been dragged to each of twenty candidates."""
    arcs, fallback = Arcs.of(problem.costs), np.full(len(problem.demand), 1e7)
    flow, _ = allocate(arcs, problem.demand, fallback, problem.capacity, plan.opened)
    table, room = cost_table(arcs, fallback, plan.opened), np.append(problem.capacity[plan.opened], np.inf)
    times = []
    for place in np.setdiff1d(np.arange(500), plan.opened)[:20]:
        started = time.perf_counter()
        trial, trial_room = table.copy(), room.copy()
        trial[:, 0], trial_room[0] = problem.costs[:, place], problem.capacity[place]
        moved(trial, problem.demand, trial_room, flow, 0)
        times.append(time.perf_counter() - started)
    return row(
        "city: allocation while a site is dragged, median",
        float(np.median(times)),
        f"most {max(times):.3f} s",
    )


def province(limited: bool) -> dict:
    """100,000 × 3,000, half of the people around 150 towns."""
    chance = np.random.default_rng(0)
    size = np.array([250e3, 200e3])
    towns = chance.random((150, 2)) * size
    near = towns[chance.integers(0, 150, 50_000)] + chance.normal(0, 4e3, (50_000, 2))
    points = np.vstack([near, chance.random((50_000, 2)) * size])
    sites = points[chance.choice(len(points), 3000, replace=False)] + chance.normal(0, 100, (3000, 2))
    people = np.clip(np.rint(chance.pareto(1.5, len(points)) * 60 + 10), 1, 5000)
    capacity = np.rint(people.sum() / 300 / 0.8 * chance.uniform(0.6, 1.4, 3000)) if limited else None
    started = time.perf_counter()
    metres, which = cKDTree(sites).query(points, k=60)
    costs = csr_matrix(
        (metres.ravel(), which.ravel(), np.arange(0, metres.size + 1, 60)), shape=(len(points), 3000)
    )
    plan = solve(SitingProblem("p-median", people, costs, count=300, capacity=capacity), 450.0, gap=0.01)
    name = "province 100000 x 3000, 300 sites" + (", 80% full" if limited else "")
    return row(name, time.perf_counter() - started, said(plan))


def cases(quick: bool) -> Iterator[dict]:
    """One after the other: each is told when it is done."""
    yield from city()
    yield province(False)
    if not quick:
        yield province(True)


def main() -> None:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    compile_kernels()
    for found in cases(options.quick):
        print(
            json.dumps(found) if options.json else f"{found['case']:50} {found['ours']:9} s  {found['note']}",
            flush=True,
        )


if __name__ == "__main__":
    main()

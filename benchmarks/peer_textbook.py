"""What HiGHS alone makes of a siting problem with capacity that spopt has no model of.

    .venv-peers/bin/python benchmarks/peer_textbook.py PROBLEM.npz LIMIT

The formulation of the textbooks (Daskin 1995, Network and Discrete Location): open sites, whole demand points
to one site each, capacities, and the greatest cost or the covered people. Prints one JSON line: objective and
seconds, from the cost matrix to the solution.
"""

import json
import sys
import time

import numpy as np
import pulp


def main(path, limit):
    """Build and solve."""
    problem = dict(np.load(path))
    kind, costs, demand = str(problem["kind"]), problem["costs"], problem["demand"]
    capacity, count = problem["capacity"], int(problem["count"])
    started = time.perf_counter()
    reach = np.isfinite(costs) if kind == "p-center" else costs <= float(problem["radius"])
    points, sites = range(len(costs)), range(costs.shape[1])
    sense = pulp.LpMinimize if kind == "p-center" else pulp.LpMaximize
    model = pulp.LpProblem("textbook", sense)
    opened = [pulp.LpVariable(f"y{j}", cat="Binary") for j in sites]
    goes = {(i, j): pulp.LpVariable(f"x{i}_{j}", cat="Binary") for i in points for j in sites if reach[i, j]}
    of = {i: [j for j in sites if reach[i, j]] for i in points}
    if kind == "p-center":
        most = pulp.LpVariable("most", lowBound=0)
        model += most
        for i in points:
            model += pulp.lpSum(costs[i, j] * goes[i, j] for j in of[i]) <= most
    else:
        model += pulp.lpSum(demand[i] * variable for (i, _), variable in goes.items())
    for i in points:
        served = pulp.lpSum(goes[i, j] for j in of[i])
        model += (served == 1) if kind == "p-center" else (served <= 1)
    for (_, j), variable in goes.items():
        model += variable <= opened[j]
    for j in sites:
        held = pulp.lpSum(demand[i] * goes[i, j] for i in points if reach[i, j])
        model += held <= float(capacity[j]) * opened[j]
    model += pulp.lpSum(opened) <= count
    model.solve(pulp.HiGHS(msg=False, timeLimit=limit, gapRel=1e-6))
    return {"objective": pulp.value(model.objective), "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]))))

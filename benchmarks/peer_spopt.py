"""What spopt with HiGHS makes of a siting problem: run with the Python of .venv-peers.

    .venv-peers/bin/python benchmarks/peer_spopt.py PROBLEM.npz LIMIT

Prints one JSON line: objective and seconds, from the cost matrix to the solution; null where it raised.
"""

import json
import sys
import time
import warnings

import numpy as np
import pulp
from spopt.locate import LSCP, MCLP, PCenter, PMedian

warnings.simplefilter("ignore")
MODELS = {"p-median": PMedian, "max-cover": MCLP, "set-cover": LSCP, "p-center": PCenter}


def main(path, limit):
    """Build and solve."""
    problem = dict(np.load(path))
    kind = str(problem.pop("kind"))
    started = time.perf_counter()
    try:
        model = MODELS[kind].from_cost_matrix(**arguments(kind, problem))
        model = model.solve(pulp.HiGHS(msg=False, timeLimit=limit, gapRel=1e-6))
        objective = pulp.value(model.problem.objective)
    except RuntimeError as error:
        return {"objective": None, "seconds": time.perf_counter() - started, "said": str(error)}
    return {"objective": objective, "seconds": time.perf_counter() - started}


def arguments(kind, problem):
    """The problem in spopt's words."""
    found = {"cost_matrix": problem["costs"]}
    if kind in ("p-median", "max-cover"):
        found["weights"] = problem["demand"]
    if kind != "set-cover":
        found["p_facilities"] = int(problem["count"])
    if kind in ("max-cover", "set-cover"):
        found["service_radius"] = float(problem["radius"])
    if "capacity" in problem:
        name = "facility_capacity_arr" if kind == "set-cover" else "facility_capacities"
        found[name] = problem["capacity"]
        if kind == "set-cover":
            found["demand_quantity_arr"] = problem["demand"]
    return found


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]))))

"""The peers' side of ``flood.py``: run with the Python of .venv-peers; prints one JSON line.

.venv-peers/bin/python benchmarks/peer_flood.py landlab 1024 60
.venv-peers/bin/python benchmarks/peer_flood.py anuga 5 20
"""

import json
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")


def landlab(size, seconds):
    """All cells wet, closed edges: wall seconds and steps of OverlandFlow."""
    from landlab import RasterModelGrid
    from landlab.components import OverlandFlow

    grid = RasterModelGrid((size, size), xy_spacing=10.0)
    bed, depth = pond(size)
    grid.add_field("topographic__elevation", bed.ravel(), at="node")
    grid.add_field("surface_water__depth", depth.ravel(), at="node")
    grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
    flow = OverlandFlow(grid, mannings_n=0.03, steep_slopes=False, theta=0.9)
    flow.overland_flow(dt=0.1)
    began, now, steps = time.perf_counter(), 0.0, 0
    while now < seconds:
        dt = min(flow.calc_time_step(), seconds - now)
        flow.overland_flow(dt=dt)
        now, steps = now + dt, steps + 1
    return {"seconds": time.perf_counter() - began, "steps": steps}


def landlab_plain(cell, hours):
    """EA test 4: a flat plain of 1 km × 2 km, n 0.05, 20 m³/s from the middle of its west side."""
    from landlab import RasterModelGrid
    from landlab.components import OverlandFlow

    rows, columns = int(2000 / cell) + 2, int(1000 / cell) + 2
    grid = RasterModelGrid((rows, columns), xy_spacing=cell)
    grid.add_zeros("topographic__elevation", at="node")
    depth = grid.add_full("surface_water__depth", 1e-6, at="node")
    grid.set_closed_boundaries_at_grid_edges(True, True, True, True)
    flow = OverlandFlow(grid, mannings_n=0.05, steep_slopes=False, theta=0.9)
    mouth = np.array([rows // 2 - 1, rows // 2]) * columns + 1
    flow.overland_flow(dt=0.1)
    began, now, steps = time.perf_counter(), 0.0, 0
    while now < hours * 3600:
        dt = min(flow.calc_time_step(), hours * 3600 - now, 10.0)
        discharge = np.interp(now, *PLAIN_FLOW)
        depth[mouth] += discharge * dt / len(mouth) / cell**2
        flow.overland_flow(dt=dt)
        now, steps = now + dt, steps + 1
    return {"seconds": time.perf_counter() - began, "steps": steps}


PLAIN_FLOW = [0.0, 3600.0, 10800.0, 14400.0, 18000.0], [0.0, 20.0, 20.0, 0.0, 0.0]  # s, m³/s


def anuga(cell, width):
    """Stoker's dam break, 1 km × width cells: wall seconds of DE0, and its middle line at 20 s."""
    import anuga

    columns = int(1000 / cell)
    domain = anuga.rectangular_cross_domain(
        columns, width, len1=1000.0, len2=width * cell, origin=(-500.0, 0.0), verbose=False
    )
    domain.set_flow_algorithm("DE0")
    domain.set_quantities_to_be_stored(None)
    domain.set_quantity("elevation", 0.0)
    domain.set_quantity("friction", 0.0)
    domain.set_quantity("stage", lambda x, y: np.where(x < 0, 10.0, 1.0))
    wall = anuga.Reflective_boundary(domain)
    domain.set_boundary(dict.fromkeys(("left", "right", "top", "bottom"), wall))
    began = time.perf_counter()
    for _ in domain.evolve(yieldstep=20.0, finaltime=20.0):
        pass
    seconds = time.perf_counter() - began
    x, y = domain.get_centroid_coordinates().T
    near = np.abs(y - width * cell / 2) < cell
    stage = domain.get_quantity("stage").centroid_values
    return {"seconds": seconds, "cells": len(x), "x": x[near].tolist(), "depth": stage[near].tolist()}


def pond(size):
    """Bed and depth of the all-wet case; the same in ``flood.py``."""
    rng = np.random.default_rng(0)
    bed = np.add.outer(np.sin(np.arange(size) / 50), np.cos(np.arange(size) / 70)) * 0.3
    return bed + rng.random((size, size)) * 0.05, 1.0 + 0.2 * rng.random((size, size))


if __name__ == "__main__":
    peer, first, second = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    runs = {
        "landlab": lambda: landlab(int(first), second),
        "landlab_plain": lambda: landlab_plain(first, second),
        "anuga": lambda: anuga(first, int(second)),
    }
    found = runs[peer]()
    print(json.dumps(found))

"""The whole sample city at 30 m: a levee breach of 1,000 m³/s for 24 hours, with progress and cancel.

    .venv/bin/python benchmarks/flood_city.py [--json] [--quick] [--threads N]

No peer runs this within the time: the rows have none. --quick simulates 2 hours instead of 24.
"""

import argparse
import json
import resource
import sys
import threading
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from layers.hazards.inundation import Course, Inflow, Scenario, compile_kernels, simulate  # noqa: E402
from layers.hazards.inundation.files import read_terrain  # noqa: E402
from layers.progress import Cancelled  # noqa: E402
from layers.sample import large_folder, make_large  # noqa: E402
from layers.sample.large import TERRAIN_FILE  # noqa: E402

BREACH = 1000.0  # m³/s
POINTS = 5  # cells of 30 m side by side


def breach(terrain):
    """Inflows at a place on the left bank in the middle of the city."""
    lattice = terrain.lattice
    rows, columns = np.nonzero(np.isfinite(terrain.values))
    middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    x = lattice.west + (columns[middle] + 0.5) * lattice.cell
    y = lattice.north - (rows[middle] + 0.5) * lattice.cell
    flow = Course(np.zeros(1), np.array([BREACH / POINTS]))
    return tuple(Inflow(f"breach {k}", x, y + k * lattice.cell, flow) for k in range(POINTS))


def main():
    """Run the city and print rows."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--json", action="store_true")
    words.add_argument("--quick", action="store_true")
    words.add_argument("--threads", type=int, default=2)
    options = words.parse_args()
    compile_kernels()
    make_large(large_folder())
    began = time.perf_counter()
    terrain = read_terrain(large_folder() / TERRAIN_FILE)
    read = time.perf_counter() - began
    hours = 2 if options.quick else 24
    scenario = Scenario(terrain, 0.05, hours * 3600.0, inflows=breach(terrain), threads=options.threads)
    told = []
    found = simulate(scenario, lambda fraction: told.append((time.perf_counter(), fraction)))
    waits = np.diff([when for when, _ in told])
    summary = found.summary
    cells = f"{summary['cells'] / 1e6:.1f} million cells of 30 m"
    case = f"sample city, {cells}, {hours} h, {options.threads} threads"
    rows = [
        (case, "s", summary["wall_s"]),
        (f"{case}: reading the terrain", "s", read),
        (f"{case}: longest silence of progress", "s", float(waits.max())),
        (f"{case}: volume error by inflow", "", abs(summary["mass"]["error_relative"])),
        (f"{case}: flooded", "km²", summary["flooded_km2"]),
        (
            f"{case}: peak memory of the process",
            "GB",
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        ),
        (f"{case}: from cancel to rest", "s", cancelled(scenario)),
    ]
    for name, unit, value in rows:
        answer = {"case": name, "unit": unit, "ours": value, "peer": None, "peer_name": None, "ratio": None}
        print(json.dumps(answer, ensure_ascii=False) if options.json else f"{name}: {value:.3g} {unit}")


def cancelled(scenario):
    """Seconds from the wish to stop until the run has stopped."""
    wish = threading.Event()
    wished = []

    def listen(_fraction):
        if wish.is_set():
            raise Cancelled

    def want():
        wished.append(time.perf_counter())
        wish.set()

    timer = threading.Timer(6.0, want)
    timer.start()
    try:
        simulate(scenario, listen)
    except Cancelled:
        return time.perf_counter() - wished[0]
    return float("nan")


if __name__ == "__main__":
    main()

"""The whole sample city at 30 m: a levee breach of 1,000 m³/s for 24 hours, with progress and cancel.

    .venv/bin/python benchmarks/flood_city.py [--json] [--quick] [--threads N]

No peer runs this within the time: the rows have none. --quick simulates 2 hours instead of 24.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.canvas.player import Player  # noqa: E402
from app.canvas.viewport import Viewport  # noqa: E402
from layers.cartography.style import default_style  # noqa: E402
from layers.cartography.timed import Frames  # noqa: E402
from layers.grid import Extent  # noqa: E402
from layers.hazards.inundation import Course, Inflow, Scenario, compile_kernels, simulate  # noqa: E402
from layers.hazards.inundation.files import read_terrain  # noqa: E402
from layers.progress import Cancelled  # noqa: E402
from layers.sample import large_folder, make_large  # noqa: E402
from layers.sample.large import TERRAIN_FILE  # noqa: E402
from layers.storage.frames import FrameWriter  # noqa: E402

BREACH = 1000.0  # m³/s
POINTS = 5  # cells of 30 m side by side
FRAMES = 24
SCREEN = 1066, 693  # pixels of the map in a window of 1366 × 768
TURNS = 10  # times that the slider goes through all frames


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
    times = tuple(np.linspace(0.0, hours * 3600.0, FRAMES + 1))
    inflows = breach(terrain)
    scenario = Scenario(terrain, 0.05, times[-1], inflows=inflows, times=times, threads=options.threads)
    told = []
    kept = Path(tempfile.mkdtemp()) / "depth.tif"
    with FrameWriter(kept, terrain.lattice, times, "m") as writer:
        found = simulate(
            scenario,
            lambda fraction: told.append((time.perf_counter(), fraction)),
            witness=lambda _time, depth: writer.add(depth),
        )
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
        *((f"{case}: {name}", unit, value) for name, unit, value in slid(kept, times, found, inflows)),
    ]
    for name, unit, value in rows:
        answer = {"case": name, "unit": unit, "ours": value, "peer": None, "peer_name": None, "ratio": None}
        print(json.dumps(answer, ensure_ascii=False) if options.json else f"{name}: {value:.3g} {unit}")


def slid(path, times, found, inflows):
    """The time slider over the depths: what a frame takes of the window's thread, and when all have come."""
    application = QApplication.instance() or QApplication([])
    assert application is not None
    x, y = inflows[0].x, inflows[0].y
    reach = 1000.0 * max(np.sqrt(found.summary["flooded_km2"]), 1.0)
    view = Viewport.fitting(Extent(x - reach, y - reach, x + reach, y + reach), *SCREEN)
    player = Player()
    player.show([Frames.of_file(path, times, default_style("depth_frames", "en"))])
    begun = time.perf_counter()
    player.look(view, 1.0)
    for moment in times:
        player.set_time(moment)
        while not player.is_ready:
            time.sleep(0.001)
    came = time.perf_counter() - begun
    image = QImage(*SCREEN, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0xFFFFFFFF)
    spent = []
    for moment in times * TURNS:
        started = time.perf_counter()
        player.set_time(moment)
        painter = QPainter(image)
        player.paint(painter, view)
        painter.end()
        spent.append(1000 * (time.perf_counter() - started))
    player.close()
    return (
        ("all frames of the slider have come", "s", came),
        (
            "frame of the slider, 95 % below [16.7]",
            "ms",
            float(np.percentile(spent, 95)),
        ),
    )


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

"""Flood engine against landlab's OverlandFlow and ANUGA: same case, same threads, in turn.

    .venv/bin/python benchmarks/flood.py [--json] [--quick] [--threads N]

Rows ``{case, unit, ours, peer, peer_name, ratio}``: ratio = our time / the peer's, for rates peer/ours;
smaller is better. Peers: ``make peers``.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from peer_flood import PLAIN_FLOW, pond  # noqa: E402

from layers.grid import Grid, Lattice  # noqa: E402
from layers.hazards.inundation import Course, Inflow, Scenario, compile_kernels, simulate  # noqa: E402

PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
INSTALL = "make peers"


def peer(threads, *words):
    """What a peer answers, or None with a word on how to install it."""
    if not PEER_PYTHON.is_file():
        print(f"{words[0]} is not installed: {INSTALL}", file=sys.stderr)
        return None
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    command = [str(PEER_PYTHON), str(ROOT / "benchmarks" / "peer_flood.py"), *map(str, words)]
    found = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if found.returncode:
        reason = found.stderr.strip().splitlines()[-1]
        print(f"{words[0]} did not run ({INSTALL}): {reason}", file=sys.stderr)
        return None
    return json.loads(found.stdout.strip().splitlines()[-1])


def row(case, unit, ours, theirs, name, rate=False):
    """One line of the answer."""
    ratio = None if theirs is None else (theirs / ours if rate else ours / theirs)
    return {"case": case, "unit": unit, "ours": ours, "peer": theirs, "peer_name": name, "ratio": ratio}


def all_wet(size, seconds, threads, scheme, with_peer=True):
    """Every cell wet: the whole run, remembered maxima included."""
    bed, depth = pond(size)
    lattice = Lattice(0.0, size * 10.0, 10.0, size, size, "")
    terrain = Grid(bed, lattice, "m")
    scenario = Scenario(terrain, 0.03, seconds, initial=terrain.like(depth), scheme=scheme, threads=threads)
    found = simulate(scenario).summary
    cells = size * size / 1e6
    theirs = peer(threads, "landlab", size, seconds) if with_peer else None
    case = f"{scheme}, {size} x {size} all wet, {seconds:g} s, {threads} threads"
    name = "landlab OverlandFlow" if with_peer else None
    ours = found["steps"] * cells / found["wall_s"]
    yield row(
        case, "million cell-steps/s", ours, theirs and theirs["steps"] * cells / theirs["seconds"], name, True
    )
    if with_peer:
        yield row(case, "s", found["wall_s"], theirs and theirs["seconds"], name)


def plain(cell, hours, threads):
    """EA test 4: the flood spreads over a plain that is dry at first."""
    rows, columns = int(2000 / cell), int(1000 / cell)
    lattice = Lattice(0.0, 2000.0, cell, rows, columns, "")
    times, discharge = (np.array(each) for each in PLAIN_FLOW)
    inflows = tuple(
        Inflow(str(k), cell / 2, 1000.0 + (k - 0.5) * cell, Course(times, discharge / 2)) for k in range(2)
    )
    terrain = Grid(np.zeros(lattice.shape), lattice, "m")
    found = simulate(Scenario(terrain, 0.05, hours * 3600.0, inflows=inflows, threads=threads)).summary
    theirs = peer(threads, "landlab_plain", cell, hours)
    case = f"EA test 4, {rows} x {columns} cells of {cell:g} m, {hours:g} h, {threads} threads"
    yield row(case, "s", found["wall_s"], theirs and theirs["seconds"], "landlab OverlandFlow")


def dam_break(cell, width, threads):
    """Stoker's dam break in 2-D: time of both, and how far each is from the closed form."""
    table = pd.read_csv(ROOT / "tests" / "published" / "flood_stoker_wet_h10_h1_t20.csv", comment="#")
    columns = int(1000 / cell)
    lattice = Lattice(-500.0, width * cell, cell, width, columns, "")
    x = -500.0 + (np.arange(columns) + 0.5) * cell
    terrain = Grid(np.zeros(lattice.shape), lattice, "m")
    depth = terrain.like(np.tile(np.where(x < 0, 10.0, 1.0), (width, 1)))
    found = simulate(Scenario(terrain, 0.0, 20.0, initial=depth, scheme="shallow-water", threads=threads))
    theirs = peer(threads, "anuga", cell, width)
    case = f"Stoker dam break, cells of {cell:g} m, {columns} x {width}, {threads} threads"
    yield row(
        case, "s", found.summary["wall_s"], theirs and theirs["seconds"], "ANUGA DE0, 4 triangles a cell"
    )

    def error(at, depths):
        expected = np.interp(at, table["x"], table["h"])
        return 100 * float(np.abs(np.asarray(depths) - expected).mean() / np.abs(expected).mean())

    mine = error(x, found.grids["depth_final"][width // 2])
    other = theirs and error(np.array(theirs["x"]), theirs["depth"])
    yield row(case, "% L1 of depth", mine, other, "ANUGA DE0, 4 triangles a cell")


def main():
    """Run the cases and print their rows."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--json", action="store_true")
    words.add_argument("--quick", action="store_true", help="ends within 5 minutes")
    words.add_argument("--threads", type=int, default=2)
    options = words.parse_args()
    compile_kernels()
    threads, seconds = options.threads, 600.0 if options.quick else 1800.0
    cases = [
        plain(10.0, 2.0 if options.quick else 5.0, threads),
        all_wet(1024, seconds, threads, "local-inertial"),
        all_wet(2048, seconds, threads, "local-inertial", with_peer=False),
        all_wet(1024, 10.0, threads, "shallow-water", with_peer=False),
        dam_break(2.5 if options.quick else 1.25, 40, threads),
    ]
    for case in cases:
        for each in case:
            if options.json:
                print(json.dumps(each), flush=True)
            else:
                theirs = "-" if each["peer"] is None else f"{each['peer']:.3g} ({each['peer_name']})"
                print(f"{each['case']}: {each['ours']:.3g} {each['unit']}; peer {theirs}", flush=True)


if __name__ == "__main__":
    main()

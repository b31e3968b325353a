"""How long `riskatlas demo` takes, and how much memory all its processes together hold at the most.

    .venv/bin/python benchmarks/demo.py [--json] [--quick] [--runs N]

Kernels are compiled and the large sample layers made before (`riskatlas warm`), as `make run` does in set-up.
Memory is read from /proc every 50 ms: the resident set of the process and of all its children, added up.
No peer makes the same from the same files.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RISKATLAS = [sys.executable, "-m", "app"]


def family(pid: int) -> list[int]:
    """A process and all that it has started."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += family(int(child))
    return found


def memory(pid: int) -> float:
    """Megabytes that a family of processes holds."""
    pages = 0
    for each in family(pid):
        try:
            pages += int(Path(f"/proc/{each}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def run(*verb: str) -> tuple[float, float]:
    """Seconds, and the most megabytes, of one call."""
    start, most = time.perf_counter(), [0.0]
    process = subprocess.Popen(
        [*RISKATLAS, *verb], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def watch() -> None:
        while process.poll() is None:
            try:
                most[0] = max(most[0], memory(process.pid))
            except OSError:
                continue
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    watcher.join()
    if status:
        raise SystemExit(f"riskatlas {' '.join(verb)} ended with status {status}")
    return time.perf_counter() - start, most[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one run")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    run("warm")
    runs = []
    for _ in range(1 if options.quick else options.runs):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(run("demo", "--out", folder))
            sheets = len(list(Path(folder).glob("maps/*.pdf")))
    seconds, megabytes = (statistics.median(values) for values in zip(*runs, strict=True))
    for case, unit, ours in (
        ("demo, wall time", "s", seconds),
        ("demo, most memory of all processes", "MB", megabytes),
        ("demo, A3 pages", "pages", sheets),
    ):
        if options.json:
            row = {"case": case, "unit": unit, "ours": round(ours, 1)}
            print(json.dumps({**row, "peer": None, "peer_name": None, "ratio": None}), flush=True)
        else:
            print(f"{case}: {ours:.1f} {unit}", flush=True)


if __name__ == "__main__":
    main()

"""Siting against spopt with HiGHS: seconds from the cost matrix to a proven plan.

    python benchmarks/siting.py [--json] [--quick]

Published p-median instances (OR-Library; all twenty without --quick), made ones up to 900 vertices,
coverings, p-center, and capacities. `ours` and `peer` are seconds, of a peer 60 at most; `note` says what was
proven. spopt 0.7.0 has no p-center and no maximal covering with capacity: there the peer is HiGHS with the
formulation of the textbooks. Of the made instances of 500 vertices and more no peer is asked:
spopt takes minutes to build them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from layers.siting.problem import SitingProblem  # noqa: E402
from layers.siting.solve import solve  # noqa: E402

PEER = ROOT / ".venv-peers" / "bin" / "python"
PEER_LIMIT = 60.0


@dataclass(frozen=True, eq=False)
class Case:
    """A problem by name; the script that asks the peer, if one can and should be asked."""

    name: str
    problem: SitingProblem
    peer: str | None = "peer_spopt.py"


PEERS = {"peer_spopt.py": "spopt 0.7.0 with HiGHS", "peer_textbook.py": "HiGHS 1.16.0, textbook formulation"}


def graph_costs(size: int, ends: np.ndarray) -> np.ndarray:
    """All-pairs shortest paths; of a repeated edge the last cost counts."""
    last = {(int(min(a, b)), int(max(a, b))): cost for a, b, cost in ends if a != b}
    rows, columns = np.array(list(last)).T
    return shortest_path(
        csr_matrix((list(last.values()), (rows, columns)), shape=(size, size)), directed=False
    )


def published(number: int, objective: str = "p-median") -> SitingProblem:
    """An instance of OR-Library."""
    cells = np.array((ROOT / f"tests/published/pmed/pmed{number}.txt").read_text().split(), float)
    size, edges, count = cells[:3].astype(int)
    ends = cells[3 : 3 + 3 * edges].reshape(-1, 3) - [1, 1, 0]
    return SitingProblem(objective, np.ones(size), graph_costs(size, ends), count=int(count))


def beasley(size: int, count: int, seed: int = 1) -> SitingProblem:
    """An instance made as those of OR-Library: random edges over a path, costs of 1 to 100."""
    chance = np.random.default_rng(seed)
    ends = np.vstack(
        [
            chance.integers(0, size, (size * size // 50, 2)),
            np.column_stack([np.arange(size - 1), np.arange(1, size)]),
        ]
    )
    costs = graph_costs(size, np.column_stack([ends, chance.integers(1, 101, len(ends))]))
    return SitingProblem("p-median", np.ones(size), costs, count=count)


def plane(
    objective: str, size: int, sites: int, seed: int = 1, tightness: float = 0.0, **asked
) -> SitingProblem:
    """Villages of 1 to 99 people on a square of ten by ten kilometres, cost in metres."""
    chance = np.random.default_rng(seed)
    points = chance.random((size, 2)) * 10_000
    places = points if sites == size else chance.random((sites, 2)) * 10_000
    costs = np.rint(np.hypot(*(points[:, None] - places).transpose(2, 0, 1)))
    demand = chance.integers(1, 100, size).astype(float)
    if tightness:
        room = demand.sum() / tightness / asked.get("count", sites / 4)
        asked["capacity"] = np.rint(room * chance.uniform(0.8, 1.2, sites))
    return SitingProblem(objective, demand, costs, **asked)


def cases(quick: bool) -> Iterator[Case]:
    """What is measured."""
    for number in (1, 5, 10, 15, 20) if quick else range(1, 21):
        yield Case(f"pmed{number} p-median", published(number))
    for size, count in ((900, 90),) if quick else (
        (500, 5), (500, 167), (600, 10), (600, 200), (700, 70), (800, 10), (800, 80), (900, 5), (900, 10),
        (900, 90), (900, 200),
    ):  # fmt: skip
        yield Case(f"made p-median {size}/{count}", beasley(size, count), None)
    yield Case("max-cover 600/50", plane("max-cover", 600, 600, count=50, radius=500.0))
    yield Case("set-cover 600", plane("set-cover", 600, 600, radius=800.0))
    for number in (1, 4) if quick else (1, 2, 3, 4, 5):
        yield Case(f"pmed{number} p-center", published(number, "p-center"))
    yield from capacitated(quick)


def capacitated(quick: bool) -> Iterator[Case]:
    """With capacity; demand points go to one site each where the peer's do."""
    whole = {"tightness": 0.85, "single_source": True}
    yield Case("capacitated p-median 100/10", plane("p-median", 100, 100, count=10, **whole))
    yield Case("capacitated set-cover 200/60", plane("set-cover", 200, 60, radius=3000.0, tightness=0.9))
    yield Case("capacitated p-center 60/6", plane("p-center", 60, 60, count=6, **whole), "peer_textbook.py")
    yield Case(
        "capacitated max-cover 100/10",
        plane("max-cover", 100, 100, count=10, radius=1500.0, **whole),
        "peer_textbook.py",
    )
    if not quick:
        yield Case("capacitated p-median 300/25", plane("p-median", 300, 300, count=25, **whole))
        split = {"count": 30, "tightness": 0.9}
        yield Case("capacitated p-median 400/30, split", plane("p-median", 400, 400, **split), None)
        yield Case("capacitated p-center 400/30, split", plane("p-center", 400, 400, **split), None)
        wide = {"count": 25, "tightness": 0.9, "radius": 1100.0}
        yield Case("capacitated max-cover 300/25, split", plane("max-cover", 300, 300, **wide), None)


def peer(problem: SitingProblem, script: str) -> dict:
    """What the peer says, in its own interpreter."""
    arrays = {"kind": problem.objective, "demand": problem.demand, "costs": problem.costs}
    for name in ("count", "radius", "capacity"):
        if getattr(problem, name) is not None:
            arrays[name] = getattr(problem, name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.npz"
        np.savez(path, **arrays)
        words = [PEER, ROOT / "benchmarks" / script, path, str(PEER_LIMIT)]
        said = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(said.stdout.splitlines()[-1])


def measure(case: Case) -> dict:
    """One row."""
    started = time.perf_counter()
    plan = solve(case.problem)
    ours = time.perf_counter() - started
    row = {
        "case": case.name,
        "unit": "s",
        "ours": round(ours, 3),
        "peer": None,
        "peer_name": None if case.peer is None else PEERS[case.peer],
    }
    row["note"] = f"{plan.status} {plan.objective:g}, bound {plan.bound:g}, gap {plan.gap:.2e}"
    if case.peer is not None and PEER.exists():
        answer = peer(case.problem, case.peer)
        row["peer"] = round(answer["seconds"], 3)
        row["note"] += f"; peer {answer['objective']}"
    row["ratio"] = None if row["peer"] is None else round(ours / row["peer"], 4)
    return row


def main() -> None:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if not PEER.exists():
        print("spopt is not installed: make peers", file=sys.stderr)
    solve(beasley(30, 3))  # kernels are compiled before the clock runs
    solve(plane("p-median", 12, 12, count=3, tightness=0.8))
    for case in cases(options.quick):
        row = measure(case)
        print(
            json.dumps(row)
            if options.json
            else f"{row['case']:32} {row['ours']:8} {row['peer']} {row['ratio']} {row['note']}",
            flush=True,
        )


if __name__ == "__main__":
    main()

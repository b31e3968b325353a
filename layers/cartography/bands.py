"""Large drawings shared among the processor's cores: each draws bands of pixel rows of its own.

A band is so low that its pixels stay in the processor's cache while layer after layer is drawn on them.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from itertools import pairwise

from layers.progress import Cancelled, Progress

VERTICES_TO_SHARE = 10_000
"""Vertices in view above which the work is shared."""
BANDS_A_CORE = 3
TOLD_EVERY = 0.005
"""Seconds between two looks at whether the drawing is still wanted."""


@cache
def _cores() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="band")


def edges_of(height: int, vertices: int) -> list[int]:
    """The pixel rows at which bands begin and end; one band if there is little to draw, or one core."""
    cores = os.cpu_count() or 1
    bands = BANDS_A_CORE * cores if cores > 1 and vertices > VERTICES_TO_SHARE else 1
    return [round(height * k / bands) for k in range(bands + 1)]


def in_turn(works: Sequence[Callable[[Progress], None]], progress: Progress) -> None:
    """Do one work here, several on all cores.

    `progress` is called in this thread only; what it raises stops all works before it is passed on.
    """
    if len(works) == 1:
        works[0](progress)
        return
    unwanted = threading.Event()
    _follow([_cores().submit(work, _watching(unwanted)) for work in works], unwanted, progress)


def in_rows(height: int, work: Callable[[int, int], object]) -> None:
    """Let `work` do pixel rows first..last, all cores at once: for what takes a few milliseconds."""
    cores = os.cpu_count() or 1
    edges = [round(height * k / cores) for k in range(cores + 1)]
    jobs = [_cores().submit(work, *edge) for edge in pairwise(edges)]
    for job in jobs:
        job.result()


def _watching(unwanted: threading.Event) -> Progress:
    def watch(fraction: float) -> None:
        if unwanted.is_set():
            raise Cancelled

    return watch


def _follow(jobs: list[Future[None]], unwanted: threading.Event, progress: Progress) -> None:
    """Wait for the jobs; if `progress` or a job raises, stop them all first."""
    try:
        pending = set(jobs)
        while pending:
            progress(1 - len(pending) / len(jobs))
            done, pending = wait(pending, TOLD_EVERY)
            for job in done:
                job.result()
        progress(1.0)
    finally:
        unwanted.set()
        wait(jobs)

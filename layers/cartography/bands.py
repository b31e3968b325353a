"""Large drawings shared among the processor's cores: each draws bands of pixel rows of its own."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from itertools import pairwise

import numpy as np

from layers.cartography.prepared import Prepared, Rows
from layers.cartography.view import Image, View
from layers.progress import Cancelled, Progress, ignore

FEATURES_TO_SHARE, VERTICES_TO_SHARE = 1_000, 50_000
"""Features and vertices in view above which the work is shared."""
BANDS_A_CORE = 3
TOLD_EVERY = 0.005
"""Seconds between two looks at whether the drawing is still wanted."""

Band = Callable[[Image, View, int, Rows, Progress], None]
"""Draws on a band: its pixels, its view, its first pixel row, the rows seen in it, and a progress."""


@cache
def _cores() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="band")


def in_bands(
    image: Image, ready: Prepared, view: View, reach: float, band: Band, progress: Progress = ignore
) -> None:
    """Let `band` draw what is in view: at once, or in bands if it is much.

    Parameters
    ----------
    image : ndarray of uint8, shape (view.height, view.width, 4)
    ready : Prepared
    view : View
    reach : float
        Pixels that a symbol reaches beyond its feature.
    band : callable
    progress : Progress
        Called in this thread only; what it raises stops all bands before it is passed on.
    """
    metres = reach * view.metres_per_pixel
    rows = ready.rows(view.extent.grown(metres))
    cores = os.cpu_count() or 1
    if cores == 1 or len(rows) < FEATURES_TO_SHARE or ready.sizes[rows].sum() < VERTICES_TO_SHARE:
        band(image, view, 0, rows, progress)
        return
    unwanted = threading.Event()
    edges = np.linspace(0, view.height, BANDS_A_CORE * cores + 1).round().astype(int).tolist()

    def draw(first: int, last: int) -> None:
        seen = view.band(first, last)
        band(image[first:last], seen, first, ready.rows(seen.extent.grown(metres)), _watching(unwanted))

    _follow([_cores().submit(draw, *edge) for edge in pairwise(edges)], unwanted, progress)


def in_rows(height: int, work: Callable[[int, int], object]) -> None:
    """Let `work` do pixel rows first..last, all cores at once: for what takes a few milliseconds."""
    edges = np.linspace(0, height, (os.cpu_count() or 1) + 1).round().astype(int).tolist()
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

"""Bands of tiles in Python threads: the kernels release the interpreter's lock, so the threads run at once.

A pass over few tiles is done by the caller alone: handing work over costs some 30 µs. A kernel of many passes
shares them out itself (see `portions`), which costs a microsecond.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from time import sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.hazards.inundation.portions import Board, close, new_board

_WORTH = 60_000  # cells a thread
_WORTH_TOGETHER = 6_000  # cells a thread, where the work is shared within kernels
_REST = 1e-4  # s
_PORTIONS = 4  # of a thread's work: who is ahead takes more of them

Work = Callable[[NDArray[np.int64]], Any]
Lead = Callable[[Board, bool], Any]
Attend = Callable[[Board], bool]


class Crew:
    """Threads that share the tiles of a pass; a context manager.

    Parameters
    ----------
    threads : int or None
        As many as there are cores, by default.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self.threads - 1) if self.threads > 1 else None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def share(self, work: Work, numbers: NDArray[np.int64], cells: int) -> None:
        """Do `work` on all tiles; return when all is done.

        Parameters
        ----------
        work : callable
            Takes the numbers of some tiles.
        numbers : ndarray of int64
        cells : int
            How many cells the tiles hold.
        """
        bands = min(self.threads, len(numbers), max(cells // _WORTH, 1))
        if self._pool is None or bands <= 1:
            work(numbers)
            return
        portions = np.array_split(numbers, min(_PORTIONS * bands, len(numbers)))
        turn = count()

        def take() -> None:
            while (mine := next(turn)) < len(portions):
                work(portions[mine])

        waiting = [self._pool.submit(take) for _ in range(bands - 1)]
        take()
        for each in waiting:
            if not each.cancel():  # on a busy machine a thread may come when nothing is left
                each.result()

    def together(self, lead: Lead, attend: Attend, cells: int) -> None:
        """Let the caller lead a kernel that shares its work out, with as many to attend as are worth it.

        Parameters
        ----------
        lead : callable
            Takes the board, and whether nobody attends.
        attend : callable
            Takes the board; whether there may be more to do after a rest.
        cells : int
            How many cells a pass works.
        """
        board, others = new_board(), self.helpers(cells)
        waiting = [self._pool.submit(_stay, attend, board) for _ in range(others)] if self._pool else []
        try:
            lead(board, not waiting)
        finally:
            close(board)
            for each in waiting:
                if not each.cancel():
                    each.result()

    def helpers(self, cells: int) -> int:
        """How many threads are worth attending where a pass works so many cells."""
        return max(min(self.threads, cells // _WORTH_TOGETHER) - 1, 0)


def _stay(attend: Attend, board: Board) -> None:
    while attend(board):
        sleep(_REST)

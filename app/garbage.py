"""What the program is made of is no garbage: it is not looked through again and again.

A full collection walks over every object, those of all imported modules too, and takes a tenth of a second in
which the window stands still. So none is made until the program has all its parts, and those are left out of
all later ones. The rows of a large edit are hundreds of thousands of objects, and no garbage either: while
they are made and stored nothing is collected, and what lives of them is left out later.
"""

import gc
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from layers.progress import Progress

T = TypeVar("T")

HELD = 5.0
"""Seconds after which the window and the map have followed a large edit."""

gc.disable()
_turn = threading.Lock()
_reasons: set[object] = {"start"}
"""Why no garbage is looked for just now."""


def begin() -> None:
    """From now on garbage is collected, but nothing that there is already."""
    _drop("start")


def unsought(work: Callable[[Progress], T]) -> Callable[[Progress], T]:
    """Work with many rows, for a task: no garbage is looked for meanwhile."""

    def do(progress: Progress) -> T:
        with _turn:
            _reasons.add(do)
            gc.disable()
        try:
            return work(progress)
        finally:
            _drop(do)

    return do


def let_go(rows: tuple[object, ...]) -> None:
    """Hold the rows of a large edit until everybody has put them down, then drop them one by one.

    Whoever drops them all at once holds the interpreter's lock for a tenth of a second.
    """

    def hold(held: list[object]) -> None:
        time.sleep(HELD)
        while held:
            held.pop()

    threading.Thread(target=hold, args=(list(rows),), name="rows", daemon=True).start()


def _drop(reason: object) -> None:
    with _turn:
        _reasons.discard(reason)
        if not _reasons:
            gc.freeze()
            gc.enable()

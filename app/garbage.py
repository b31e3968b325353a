"""What the program is made of is no garbage: it is not looked through again and again.

A full collection walks over every object, those of all imported modules too, and takes a tenth of a second in
which the window stands still. So none is made until the program has all its parts, and those are left out of
all later ones. The rows of a large edit are hundreds of thousands of objects, and no garbage either: while
they are made and stored nothing is collected, and what lives of them is left out later.
"""

import gc
import threading
from collections.abc import Callable
from typing import TypeVar

from layers.progress import Progress

T = TypeVar("T")

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


def _drop(reason: object) -> None:
    with _turn:
        _reasons.discard(reason)
        if not _reasons:
            gc.freeze()
            gc.enable()

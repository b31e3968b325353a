"""Waiting for what another thread does."""

import time
from collections.abc import Callable

LONGEST = 60.0


def becomes_true(what: Callable[[], bool]) -> bool:
    """Whether it does within a minute: a machine may be slow."""
    until = time.monotonic() + LONGEST
    while not what() and time.monotonic() < until:
        time.sleep(0.01)
    return what()

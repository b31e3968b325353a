"""Waiting for what another thread does."""

import time
from collections.abc import Callable

LONG = 150_000
"""Milliseconds, as pytest-qt counts: children stand back, and other tests run beside."""


def becomes_true(what: Callable[[], bool]) -> bool:
    """Whether it does in that time: a machine may be slow."""
    until = time.monotonic() + LONG / 1000
    while not what() and time.monotonic() < until:
        time.sleep(0.01)
    return what()

"""Steps of the project's own tables, numbered from 1: one module and one test a step.

A project says which steps it has taken. A lower number than ours is brought up at opening, in one
transaction; a higher one is refused.
"""

import sqlite3
from collections.abc import Callable, Sequence

from layers.storage.migrations import step_0001, step_0002, step_0003, step_0004, step_0005

Step = Callable[[sqlite3.Connection], None]

STEPS: tuple[Step, ...] = (step_0001.take, step_0002.take, step_0003.take, step_0004.take, step_0005.take)
SCHEMA = len(STEPS)


def take_steps(connection: sqlite3.Connection, after: int, steps: Sequence[Step] = STEPS) -> int:
    """Take the steps after number `after`; returns the number reached. The caller holds the transaction."""
    for step in steps[after:]:
        step(connection)
    return len(steps)

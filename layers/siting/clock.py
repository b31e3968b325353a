"""The time that a solver may take, and the way it tells how far it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from layers.progress import Progress

Watch = Callable[[float, float], None]
"""Told the cost of the best plan so far and the bound of what is searched, in the search's own weights."""


def unwatched(cost: float, bound: float) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Clock:
    """A time limit and a listener.

    Parameters
    ----------
    limit : float
        Seconds.
    progress : Progress
        Told the share of time that is gone; may raise `Cancelled`.
    gap : float
        A relative gap that is good enough to stop at.
    start : float
    watch : Watch
    """

    limit: float
    progress: Progress
    gap: float = 0.0
    start: float = field(default_factory=lambda: time.monotonic())
    watch: Watch = unwatched

    @property
    def left(self) -> float:
        """Seconds that are left, not below 0."""
        return max(0.0, self.start + self.limit - time.monotonic())

    def is_over(self) -> bool:
        """Tell the listener; whether time is up."""
        left = self.left
        self.progress(min(1.0 - left / self.limit, 0.99) if self.limit > 0 else 0.99)
        return left <= 0

    def is_enough(self, cost: float, bound: float) -> bool:
        """Time is up, or the bound is near enough to the cost."""
        self.watch(cost, bound)
        return self.is_over() or cost - bound <= self.gap * abs(cost)

    def part(self, share: float) -> "Clock":
        """A clock that stops when that share of the time that is left is gone."""
        return replace(self, limit=self.limit - (1 - share) * self.left)

"""Progress: a callable that is told the fraction done; it may raise `Cancelled` at that safe point."""

from collections.abc import Callable

Progress = Callable[[float], None]


class Cancelled(Exception):
    """The user no longer wants the result. Nothing was changed."""


def ignore(fraction: float) -> None:
    """Nobody listens, nobody cancels."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """The progress of one step that covers ``start..end`` of a longer work.

    Examples
    --------
    >>> seen = []
    >>> part(seen.append, 0.5, 1.0)(0.5)
    >>> seen
    [0.75]
    """
    return lambda fraction: progress(start + (end - start) * fraction)

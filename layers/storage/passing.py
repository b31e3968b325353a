"""Files that live no longer than what is made of them. To remove large ones takes a tenth of a second."""

import atexit
import queue
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_left: set[Path] = set()
"""Folders that go at the end at the latest."""
_gone: queue.SimpleQueue[Path] = queue.SimpleQueue()
"""Those that may go now. A finalizer may run anywhere, so it starts no thread: it puts its folder here."""


def in_passing(make: Callable[[Path], T]) -> T:
    """Make something whose files lie in a temporary folder.

    Parameters
    ----------
    make : callable
        Given the folder.

    Returns
    -------
    object
        The folder goes when this does, and at once if `make` raises.
    """
    folder = Path(tempfile.mkdtemp(prefix="riskatlas-"))
    try:
        made = make(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    go_with(made, folder)
    return made


def go_with(made: object, folder: Path) -> None:
    """Let a folder go when something does that was made of its files."""
    _left.add(folder)
    _begin()
    weakref.finalize(made, _gone.put, folder).atexit = False


def clear_away(folder: Path) -> None:
    """Remove a folder beside whoever asks for it."""
    _left.add(folder)
    _begin()
    _gone.put(folder)


@cache
def _begin() -> None:
    """Start the thread that removes folders as long as the program runs."""
    threading.Thread(target=_clear, name="clearing", daemon=True).start()


def _clear() -> None:
    while True:
        _remove(_gone.get())


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _left.discard(folder)


@atexit.register
def _remove_all() -> None:
    for folder in tuple(_left):
        _remove(folder)

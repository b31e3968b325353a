"""Files that live no longer than what is made of them. To remove large ones takes a tenth of a second."""

import atexit
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_left: set[Path] = set()
"""Folders that go at the end at the latest."""


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
    weakref.finalize(made, clear_away, folder).atexit = False


def clear_away(folder: Path) -> None:
    """Remove a folder beside whoever asks for it."""
    threading.Thread(target=_remove, args=(folder,), name="clearing").start()


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _left.discard(folder)


@atexit.register
def _remove_all() -> None:
    for folder in tuple(_left):
        _remove(folder)

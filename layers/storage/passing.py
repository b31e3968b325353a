"""Files that live no longer than what is made of them."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


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
    weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
    return made

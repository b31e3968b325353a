"""Where the files shipped with the program lie: words, fonts, catalogues, standards, sample shapes."""

import os
import sys
from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent


@cache
def _root(name: str) -> Path:
    """Prefer the checkout; an installed wheel carries the same folders inside the package."""
    checkout = _HERE.parent / name
    return checkout if checkout.is_dir() else _HERE / f"_{name}"


def resource(*parts: str) -> Path:
    """Path of a file or folder below ``resources/``.

    Examples
    --------
    >>> resource("fonts", "OFL.txt").name
    'OFL.txt'
    """
    return _root("resources").joinpath(*parts)


def sample(*parts: str) -> Path:
    """Path of a file or folder below ``data/sample_shapes/``."""
    return _root("data").joinpath("sample_shapes", *parts)


def cache_folder() -> Path:
    """Where the program keeps what it can make again: ``RISKATLAS_CACHE``, or the user's cache folder.

    It need not exist.
    """
    return _own_folder("CACHE", Path.home() / ".cache")


def data_folder() -> Path:
    """Where the program keeps what nobody can make again: ``RISKATLAS_DATA``, or the user's data folder.

    It need not exist.
    """
    return _own_folder("DATA", Path.home() / ".local" / "share")


def _own_folder(sort: str, usual: Path) -> Path:
    """The folder that the user names, else the program's in the place where the system keeps this sort."""
    named = os.environ.get(f"RISKATLAS_{sort}")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "riskatlas"
    return Path(os.environ.get(f"XDG_{sort}_HOME") or usual) / "riskatlas"

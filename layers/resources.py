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
    home = os.environ.get("RISKATLAS_CACHE")
    if home:
        return Path(home)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "riskatlas"


def data_folder() -> Path:
    """Where the program keeps what nobody can make again: ``RISKATLAS_DATA``, or the user's data folder.

    It need not exist.
    """
    home = os.environ.get("RISKATLAS_DATA")
    if home:
        return Path(home)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "riskatlas"

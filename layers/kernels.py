"""Compiled kernels on the disk: in a folder of their own for every state of their sources.

Numba looks at the file of each kernel only. But kernels call each other and take constants across files: one
that was compiled against another state of those may crash or reckon wrongly once the program was renewed.
So the folder is named after the sources of all kernels and of all that they import here.
"""

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from layers.resources import cache_folder

_HERE = Path(__file__).resolve().parent
_IMPORT = re.compile(rb"^from (layers(?:\.\w+)+) import", re.MULTILINE)
_MONTH = 30 * 86_400.0


def settle() -> Path:
    """Tell numba where the kernels of the present sources lie; called before any of them is made."""
    folder = cache_folder() / "kernels" / fingerprint()
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    return folder


def fingerprint(root: Path = _HERE) -> str:
    """A word for the state of the sources: of every file with a kernel, and of what those import.

    Parameters
    ----------
    root : Path
        The folder of the package `layers`.
    """
    texts = {path: path.read_bytes() for path in sorted(root.rglob("*.py"))}
    made = {path for path, text in texts.items() if b"njit" in text}
    read = {_source(root, name.decode()) for path in made for name in _IMPORT.findall(texts[path])}
    digest = hashlib.sha256()
    for path in sorted(made | (read & texts.keys())):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(texts[path])
    return digest.hexdigest()[:16]


def is_warm(kernels: Iterable[Any]) -> bool:
    """Whether all these kernels lie compiled on the disk: they load, the first call does not compile."""
    return all(
        any(Path(k.stats.cache_path).glob(f"{Path(k.py_func.__code__.co_filename).stem}.{k.__name__}-*.nbi"))
        for k in kernels
    )


def sweep(kept: Path) -> None:
    """Throw away the kernels of states that nobody has used for a month."""
    for folder in kept.parent.iterdir() if kept.parent.is_dir() else ():
        if folder != kept and time.time() - folder.stat().st_mtime > _MONTH:
            shutil.rmtree(folder, ignore_errors=True)


def _source(root: Path, module: str) -> Path:
    """The file of a module of the package."""
    path = root.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

"""Where compiled kernels lie: in a folder of their own for every state of their sources.

Numba looks at the file of each kernel only. But kernels call each other and take constants across files: one
that was compiled against another state of those may crash or reckon wrongly once the program was renewed.
So the folder is named after the sources of all kernels, of all that they import here, and of this package.
"""

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from zlib import crc32

from layers.resources import cache_folder

_HERE = Path(__file__).resolve().parent.parent
_MADE_HERE = re.compile(rb"njit|Kernel|^@(?:kernel|inlined|finite)\b", re.MULTILINE)
_IMPORT = re.compile(rb"^from (layers(?:\.\w+)+) import", re.MULTILINE)
_MONTH = 30 * 86_400.0
_TICK = 2.0  # seconds: the coarsest clock of a file system


def settle() -> Path:
    """Tell numba where the kernels of the present sources lie; called before any of them is made."""
    folder = cache_folder() / "kernels" / _present()
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        import numba  # another thread may be importing it: this waits until it is whole

        numba.config.CACHE_DIR = str(folder)
    return folder


@cache
def _present() -> str:
    """The fingerprint of the sources that this process runs."""
    return known_fingerprint(_HERE, cache_folder() / "kernels" / f"{crc32(os.fsencode(_HERE)):08x}.sources")


def known_fingerprint(root: Path, note: Path) -> str:
    """`fingerprint`, reckoned only if a source may be another than when it was noted.

    Beside it are noted size, times and inode of every source: a look at those takes a twentieth of the time
    that reading takes. It is not noted within two seconds of a change, as the next one could have its times.

    Parameters
    ----------
    root : Path
        The folder of the package `layers`.
    note : Path
        The file with what is known; it need not exist, nor be writable.
    """
    state = _state(root)
    with suppress(OSError, ValueError):
        known, seen = note.read_text(encoding="utf-8").split("\n", 1)
        if seen == state:
            return known
    found, last = fingerprint(root), max(max(s.st_mtime, s.st_ctime) for _, s in _sources(root))
    if time.time() - last > _TICK:
        with suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            fresh = note.with_suffix(f".{os.getpid()}")
            fresh.write_text(f"{found}\n{state}", encoding="utf-8")
            fresh.replace(note)
    return found


def _state(root: Path) -> str:
    """What becomes another when a source is written, made, or taken away."""
    lines = (f"{path} {s.st_size} {s.st_mtime_ns} {s.st_ctime_ns} {s.st_ino}" for path, s in _sources(root))
    return "\n".join(sorted(lines))


def _sources(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every source below a folder."""
    for entry in os.scandir(root):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _sources(Path(entry.path))
        elif entry.name.endswith(".py"):
            yield entry.path, entry.stat()


def fingerprint(root: Path = _HERE) -> str:
    """A word for the state of the sources: every file with a kernel, what those import, and this package.

    Another place of the same sources has another: numba keeps what it compiled by the place.

    Parameters
    ----------
    root : Path
        The folder of the package `layers`.
    """
    texts = {path: path.read_bytes() for path in sorted(root.rglob("*.py"))}
    own = root / "kernels"
    made = {path for path, text in texts.items() if own in path.parents or _MADE_HERE.search(text)}
    read = {_source(root, name.decode()) for path in made for name in _IMPORT.findall(texts[path])}
    digest = hashlib.sha256(os.fsencode(root))
    for path in sorted(made | (read & texts.keys())):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(texts[path])
    return digest.hexdigest()[:16]


def sweep(kept: Path) -> None:
    """Throw away the kernels of states that nobody has used for a month."""
    for folder in kept.parent.iterdir() if kept.parent.is_dir() else ():
        if folder != kept and time.time() - folder.stat().st_mtime > _MONTH:
            shutil.rmtree(folder, ignore_errors=True)


def _source(root: Path, module: str) -> Path:
    """The file of a module of the package."""
    path = root.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

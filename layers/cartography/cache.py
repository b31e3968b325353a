"""The disk cache of the kernels: is it warm, and does it fit the code?

Numba looks at the file of each kernel only, and they call each other across files: a cache made from other
files than these is thrown away when the kernels are imported.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_STAMP = "riskatlas-kernels.sha256"


def settle(kernels: Iterable[Any]) -> None:
    """Throw away compiled kernels of other sources than the present ones; do nothing on a read-only disk."""
    for folder, names in _folders(kernels).items():
        stamp = folder / _STAMP
        wanted = _fingerprint(names)
        if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in names:
                for path in folder.glob(f"{name.stem}.*.nb[ic]"):
                    path.unlink(missing_ok=True)
            stamp.write_text(wanted, encoding="ascii")
        except OSError:
            return


def is_warm(kernels: Iterable[Any]) -> bool:
    """Whether all kernels lie compiled on the disk: they load, the first call does not compile."""
    return all(
        any(Path(k.stats.cache_path).glob(f"{Path(k.py_func.__code__.co_filename).stem}.{k.__name__}-*.nbi"))
        for k in kernels
    )


def _folders(kernels: Iterable[Any]) -> dict[Path, list[Path]]:
    """Cache folder → sources of the kernels in it."""
    found: dict[Path, set[Path]] = {}
    for kernel in kernels:
        source = Path(kernel.py_func.__code__.co_filename)
        found.setdefault(Path(kernel.stats.cache_path), set()).add(source)
    return {folder: sorted(sources) for folder, sources in found.items()}


def _fingerprint(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()

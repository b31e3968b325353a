"""Foreign files read in a process of their own, with limits: whatever a file does to GDAL, the window lives.

The parent lays down what is asked, the child answers on the shelf or with a known error; a child that dies or
takes too long is told as such.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from layers import errors
from layers.errors import BadInput, KnownError
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.storage.foreign import Skipped
from layers.storage.formats import RASTERS, Imported, read_file
from layers.storage.shelf import lay, take

MEMORY = 2 << 30
"""Bytes that a reader may take; more for a large file."""
SECONDS = 60.0
"""Seconds that a reader may take before it says anything; more for a large file."""
_PER_BYTE = 12  # bytes of memory for one of the file
_SECONDS_PER_MEGABYTE = 1.0
_LOOK = 0.02

_KINDS: dict[str, type[KnownError]] = {
    kind.__name__: kind
    for kind in (BadInput, errors.MissingFile, errors.CannotWrite, errors.UnknownCrs, errors.NewerProject)
}


def read_guarded(
    path: Path,
    *,
    region: VectorLayer | None = None,
    anchors: Sequence[VectorLayer] = (),
    progress: Progress = ignore,
    **ways: Any,
) -> Imported:
    """As `read_file`, in a process of its own.

    Parameters
    ----------
    path : Path
    region : VectorLayer, optional
    anchors : sequence of VectorLayer
    progress : Progress
        Asked while the child works; if it raises, the child is ended.
    **ways
        The other parameters of `read_file`, plain values.

    Raises
    ------
    KnownError
        As `read_file`; and `BadInput` if the child died or took too long.
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix="riskatlas-") as place:
        folder = Path(place)
        layers = [layer for layer in (region, *anchors) if layer is not None]
        for number, layer in enumerate(layers):
            lay(layer, folder, f"known_{number}")
        asked = {"path": str(path), "ways": ways, "known": len(layers), "region": region is not None}
        asked["memory"] = max(MEMORY, _PER_BYTE * size_of(path))
        (folder / "asked.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
        _run(folder, path, progress)
        answer = _answer(folder, path)
    if path.suffix.casefold() in RASTERS:  # it was read to its end without harm
        return read_file(path, region=region, anchors=anchors, **ways)
    return answer


def size_of(path: Path) -> int:
    """Bytes of a file and of those that belong to it: same name, another ending; or of a folder."""
    if path.is_dir():
        return sum(part.stat().st_size for part in path.iterdir() if part.is_file())
    if not path.is_file():
        return 0
    return sum(part.stat().st_size for part in path.parent.glob(f"{_plain(path.stem)}.*") if part.is_file())


def _plain(stem: str) -> str:
    """A name in which nothing stands for something else."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)


def _run(folder: Path, path: Path, progress: Progress) -> None:
    """Start the child and wait for it, or end it."""
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    words = [sys.executable, "-m", "layers.storage.reader", str(folder)]
    child = subprocess.Popen(  # noqa: S603  # this Python, this module, a folder of ours
        words,
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + SECONDS + _SECONDS_PER_MEGABYTE * size_of(path) / 1e6
    try:
        while child.poll() is None:
            if time.monotonic() > limit:
                raise BadInput("reader_too_slow", path=path)
            progress(0.5)
            time.sleep(_LOOK)
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()


def _answer(folder: Path, path: Path) -> Imported:
    told = folder / "answer.json"
    if not told.is_file():
        raise BadInput("reader_died", path=path)
    answer = json.loads(told.read_text(encoding="utf-8"))
    if "error" in answer:
        kind = _KINDS.get(answer["error"], BadInput)
        raise kind(answer["key"], **answer["facts"])
    layer = take(folder, "layer") if answer["vector"] else None
    return Imported(
        layer,  # type: ignore[arg-type]  # a raster is read again by the caller
        Path(answer["path"]),
        answer["encoding"],
        answer["crs"],
        tuple(answer["notes"]),
        tuple(Skipped(*each) for each in answer["skipped"]),
        tuple(Skipped(*each) for each in answer["altered"]),
    )

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
from contextlib import suppress
from pathlib import Path
from typing import Any

from layers import errors
from layers.errors import BadInput, KnownError
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.storage.foreign import Skipped
from layers.storage.formats import RASTERS, Imported, read_file
from layers.storage.reader import ANSWER
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


class Reader:
    """A child that reads one file after the other; a context manager. If it dies, another takes its place."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(
        self,
        path: Path,
        *,
        region: VectorLayer | None = None,
        anchors: Sequence[VectorLayer] = (),
        progress: Progress = ignore,
        **ways: Any,
    ) -> Imported:
        """As `read_file`, in the child.

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
            self._wait(folder, path, progress)
            answer = _answer(folder, path)
        if path.suffix.casefold() in RASTERS:  # it was read to its end without harm
            return read_file(path, region=region, anchors=anchors, **ways)
        return answer

    def _wait(self, folder: Path, path: Path, progress: Progress) -> None:
        """Ask the child, and wait for its answer or its death; end it if it takes too long."""
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = _start()
        child = self._child
        assert child.stdin is not None
        limit = time.monotonic() + SECONDS + _SECONDS_PER_MEGABYTE * size_of(path) / 1e6
        try:
            child.stdin.write(f"{folder}\n".encode())
            child.stdin.flush()
            while not (folder / ANSWER).exists() and child.poll() is None:
                if time.monotonic() > limit:
                    raise BadInput("reader_too_slow", path=path)
                progress(0.5)
                time.sleep(_LOOK)
        except BrokenPipeError:  # it died before it was asked
            self._end()
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            assert child.stdin is not None
            with suppress(OSError):
                child.stdin.close()


def _start() -> "subprocess.Popen[bytes]":
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return subprocess.Popen(  # this Python, this module
        [sys.executable, "-m", "layers.storage.reader"],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def read_guarded(path: Path, **ways: Any) -> Imported:
    """One file, in a process of its own: see `Reader.read`."""
    with Reader() as reader:
        return reader.read(path, **ways)


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


def _answer(folder: Path, path: Path) -> Imported:
    told = folder / ANSWER
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

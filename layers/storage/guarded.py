"""Foreign files read in a process of their own, with limits: whatever a file does to GDAL, the window lives.

A child that dies or takes too long is told as such.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from layers.errors import BadInput
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.storage.child import Child
from layers.storage.foreign import Skipped
from layers.storage.formats import RASTERS, Imported, read_file
from layers.storage.shelf import lay, take_layer

MEMORY = 2 << 30
"""Bytes that a reader may take; more for a large file."""
SECONDS = 60.0
"""Seconds that a reader may take before it says anything; more for a large file."""
_PER_BYTE = 12  # bytes of memory for one of the file
_SECONDS_PER_MEGABYTE = 1.0


class Reader:
    """A child that reads one file after the other; a context manager. If it dies, another takes its place."""

    def __init__(self) -> None:
        self._child = Child("layers.storage.reader")

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.end()

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
            told = self._child.ask(asked, folder, _within(path, progress))
            if told is None:
                raise BadInput("reader_died", path=path)
            answer = _imported(told, folder)
        if path.suffix.casefold() in RASTERS:  # it was read to its end without harm
            return read_file(path, region=region, anchors=anchors, **ways)
        return answer


def _within(path: Path, progress: Progress) -> Progress:
    """Asks on, until the file has taken too long."""
    limit = time.monotonic() + SECONDS + _SECONDS_PER_MEGABYTE * size_of(path) / 1e6

    def ask(_: float) -> None:
        if time.monotonic() > limit:
            raise BadInput("reader_too_slow", path=path)
        progress(0.5)

    return ask


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


def _imported(answer: dict[str, Any], folder: Path) -> Imported:
    layer = take_layer(folder, "layer") if answer["vector"] else None
    return Imported(
        layer,  # type: ignore[arg-type]  # a raster is read again by the caller
        Path(answer["path"]),
        answer["encoding"],
        answer["crs"],
        tuple(answer["notes"]),
        tuple(Skipped(*each) for each in answer["skipped"]),
        tuple(Skipped(*each) for each in answer["altered"]),
    )

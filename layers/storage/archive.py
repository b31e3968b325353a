"""Archives at the door: a ZIP or KMZ is unpacked aside, never past its limits and never out of its folder."""

import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from layers.errors import BadInput

ARCHIVES = (".zip", ".kmz")
LARGEST = 2_000_000_000  # bytes, unpacked
MOST = 10_000  # files
_BLOCK = 1 << 20
_TORN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
)
"""What a torn or false archive makes its reader raise."""


@contextmanager
def unpacked(path: Path, readable: Collection[str], layer: str) -> Iterator[Path]:
    """The one readable file inside an archive (of several, the one whose name is `layer`).

    Raises
    ------
    BadInput
        Torn, encrypted, too large unpacked, with names that lead out of its folder, or without one readable
        file; the facts name the files.
    """
    with tempfile.TemporaryDirectory(prefix="riskatlas-") as folder:
        place = Path(folder)
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, place, path)
        except BadInput:
            raise
        except _TORN as error:
            raise BadInput("archive_unreadable", path=path) from error
        yield _chosen(place, path, readable, layer)


def _unpack(archive: zipfile.ZipFile, place: Path, path: Path) -> None:
    entries = archive.infolist()
    if len(entries) > MOST or sum(entry.file_size for entry in entries) > LARGEST:
        raise BadInput("file_too_large", path=path, limit="2 GB")
    left = LARGEST
    for entry in entries:
        name = _name(entry)
        if _leads_out(name) or stat.S_ISLNK(entry.external_attr >> 16):
            raise BadInput("archive_unsafe", path=path, name=name)
        target = place.joinpath(*PurePosixPath(name).parts)
        if entry.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        left -= _copy(archive, entry, target, left, path)


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int, path: Path) -> int:
    """Bytes written; what an entry says of its size is not believed."""
    written = 0
    with archive.open(entry) as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > left:
                raise BadInput("file_too_large", path=path, limit="2 GB")
            file.write(block)
    return written


def _name(entry: zipfile.ZipInfo) -> str:
    """The entry's name; without the flag for UTF-8 it is what Chinese Windows writes."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _leads_out(name: str) -> bool:
    windows = PureWindowsPath(name)
    return bool(
        windows.drive
        or windows.root
        or PurePosixPath(name).is_absolute()
        or ".." in windows.parts
        or "\0" in name
        or not name
    )


def _chosen(place: Path, path: Path, readable: Collection[str], layer: str) -> Path:
    found = [file for file in sorted(place.rglob("*")) if file.suffix.casefold() in readable]
    files = [f for f in found if not any(other in f.parents for other in found)]
    named = [file for file in files if file.stem == layer] if layer else files
    if path.suffix.casefold() == ".kmz":
        named = [file for file in files if file.suffix.casefold() == ".kml"][:1]
    if len(named) != 1:
        names = "、".join(file.stem for file in files[:12])
        raise BadInput("archive_choice" if files else "archive_empty", path=path, names=names)
    return named[0]

"""A project on a network drive: edited in a local working copy, sent back whole.

SQLite's log is not safe on a network drive. So the file is copied into the user's data folder; edits go
there, durably, and the whole file goes back: written aside, on the disk, then put in the original's place, if
nobody has changed that since. If somebody has, what was done there is merged into the copy first (`renewal`),
three-way: the file as it was last seen lies beside the copy.
"""

import getpass
import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from layers.errors import BadInput, CannotWrite, MissingFile
from layers.progress import Progress, ignore
from layers.resources import data_folder
from layers.storage.connection import refuse_torn, was_left_open
from layers.storage.geopackage import ProjectFile
from layers.storage.lock import WriterLock
from layers.storage.place import is_remote

_CARD, _BASE, _THEIRS = "copy.json", "seen.gpkg", "theirs.gpkg"
_CHUNK = 1 << 22
_LASTING = Path("/var/tmp")  # noqa: S108  # unlike /tmp it outlives a restart
_BESIDE = (".rasters", ".files")


@dataclass(frozen=True)
class WorkingCopy:
    """A local copy of a project that lies on a network drive.

    Parameters
    ----------
    path : Path
        Of the copy.
    original : Path
    sha256 : str
        Of the original when it was last seen.
    sent : int
        Last entry of the copy's journal that the original has too.
    date : str
        ISO 8601, UTC: when it was copied or sent last.
    """

    path: Path
    original: Path
    sha256: str
    sent: int
    date: str

    @property
    def unsent(self) -> int:
        """Entries of the copy's journal that the original does not have."""
        with ProjectFile.open(self.path, read_only=True) as project:
            return sum(number > self.sent for number, _ in project.deeds())

    @property
    def seen(self) -> Path:
        """The original as it was last seen."""
        return self.path.parent.with_name(_BASE)

    @property
    def theirs(self) -> Path:
        """The original as it is looked at for a merge."""
        return self.path.parent.with_name(_THEIRS)


def folder_for(original: Path) -> Path:
    """Where the copy of a project lies, if there is one."""
    name = hashlib.sha256(str(original.absolute()).encode()).hexdigest()[:16]
    return _local() / "copies" / name


def _local() -> Path:
    """The user's data folder; where that lies on a network drive too, a folder of this machine that lasts."""
    own = data_folder()
    if not is_remote(own) or not _LASTING.is_dir():
        return own
    return _LASTING / f"riskatlas-{getpass.getuser()}"


def _make_private(folder: Path) -> None:
    """A folder that nobody else reads, as places for everybody's files demand.

    Raises
    ------
    PermissionError
        Somebody else made it.
    """
    root = folder.parents[1]
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if root.parent == _LASTING and root.stat().st_uid != os.getuid():
        raise PermissionError(root)
    (folder / "project").mkdir(parents=True, exist_ok=True)


def find(original: Path) -> WorkingCopy | None:
    """The copy of a project, ``None`` if there is none."""
    return _read(folder_for(original))


def of(path: Path) -> WorkingCopy | None:
    """What a project is a working copy of, ``None`` if it is none."""
    found = _read(path.absolute().parents[1]) if len(path.absolute().parents) > 1 else None
    return found if found is not None and found.path == path.absolute() else None


def _read(folder: Path) -> WorkingCopy | None:
    try:
        card = json.loads((folder / _CARD).read_text("utf-8"))
        path = folder / "project" / card["path"]
        found = WorkingCopy(**{**card, "path": path, "original": Path(card["original"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.path.is_file() else None


def _write(copy: WorkingCopy) -> WorkingCopy:
    card = {**asdict(copy), "path": copy.path.name, "original": str(copy.original)}
    place = copy.path.parent.with_name(_CARD)
    aside = place.with_suffix(".new")
    aside.write_text(json.dumps(card, ensure_ascii=False), "utf-8")
    with aside.open("rb+") as file:
        os.fsync(file.fileno())
    aside.replace(place)
    return copy


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


# --- out -----------------------------------------------------------------------------------------------


def fetch(original: Path, progress: Progress = ignore) -> WorkingCopy:
    """The copy of a project to work on: the one that holds unsent edits, else one of the original as it is.

    Parameters
    ----------
    original : Path
    progress : Progress

    Raises
    ------
    MissingFile, BadInput
        There is no such project, or it is torn.
    CannotWrite
        No room for the copy, or another program has the original open.
    """
    original = original.absolute()
    known = find(original)
    if known is not None and known.unsent:
        return known
    if not original.is_file():
        raise MissingFile("project_missing", path=original)
    if known is not None and _checksum(original) == known.sha256:
        return known
    lock = WriterLock(folder_for(original) / "project" / original.name)
    if known is not None and not lock.take():  # it is open in another window
        return known
    try:
        return _copied(original, progress)
    finally:
        lock.let_go()


def _copied(original: Path, progress: Progress) -> WorkingCopy:
    refuse_torn(original)
    if was_left_open(original):
        raise CannotWrite("original_in_use", path=original)
    folder = folder_for(original)
    path, aside = folder / "project" / original.name, folder / "copying.gpkg"
    try:
        _make_private(folder)
        checksum = _copy(original, aside, progress)
        for ending in _BESIDE:
            _follow(original.with_suffix(ending), path.with_suffix(ending))
        (folder / _CARD).unlink(missing_ok=True)  # until all is there, there is no copy
        for log in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + log).unlink(missing_ok=True)
        shutil.copyfile(aside, folder / _BASE)
        aside.replace(path)
        with ProjectFile.open(path, read_only=True) as project:
            number = max((number for number, _ in project.deeds()), default=0)
        return _write(WorkingCopy(path, original, checksum, number, _now()))
    except CannotWrite:
        raise
    except OSError as error:
        raise CannotWrite("copy_failed", path=original, folder=folder) from error
    finally:
        aside.unlink(missing_ok=True)


def _copy(source: Path, target: Path, progress: Progress = ignore) -> str:
    """Copy a file onto the disk; returns its checksum."""
    digest, size, done = hashlib.sha256(), max(source.stat().st_size, 1), 0
    with source.open("rb") as read, target.open("wb") as written:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            written.write(chunk)
            done += len(chunk)
            progress(min(done / size, 1.0))
        written.flush()
        os.fsync(written.fileno())
    return digest.hexdigest()


def _follow(source: Path, target: Path) -> None:
    """Files of a folder that the other has not, or has in another size."""
    if not source.is_dir():
        return
    target.mkdir(exist_ok=True)
    for file in source.iterdir():
        there = target / file.name
        if file.is_file() and not (there.is_file() and there.stat().st_size == file.stat().st_size):
            aside = there.with_name(f".{there.name}.new")
            _copy(file, aside)
            aside.replace(there)


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


# --- back ----------------------------------------------------------------------------------------------


def send(copy: WorkingCopy, progress: Progress = ignore) -> WorkingCopy:
    """Put the copy, as it is now, in the original's place, whole; the copy may be open and goes on.

    Raises
    ------
    MissingFile
        The original's folder cannot be reached.
    BadInput
        ``original_changed``: somebody has changed the original since; see `layers.storage.renewal`.
    CannotWrite
        Another program has the original open, or there is no room or right to write. The copy stays.
    """
    target = copy.original
    _refuse_changed(copy)
    still, aside = copy.seen.with_suffix(".next"), target.with_name(f".{target.name}.new")
    try:
        number = _still(copy.path, still)
        checksum = _copy(still, aside, progress)
        if _checksum(aside) != checksum:
            raise CannotWrite("send_failed", path=target)
        for ending in _BESIDE:
            _follow(copy.path.with_suffix(ending), target.with_suffix(ending))
        _refuse_changed(copy)
        aside.replace(target)
        still.replace(copy.seen)
    except CannotWrite:
        raise
    except OSError as error:
        raise CannotWrite("send_failed", path=target) from error
    finally:
        still.unlink(missing_ok=True)
        aside.unlink(missing_ok=True)
    return _write(replace(copy, sha256=checksum, sent=number, date=_now()))


def _refuse_changed(copy: WorkingCopy) -> None:
    target = copy.original
    if not target.parent.is_dir():
        raise MissingFile("original_gone", path=target)
    if was_left_open(target):
        raise CannotWrite("original_in_use", path=target)
    if target.is_file() and _checksum(target) != copy.sha256:
        raise BadInput("original_changed", path=target, date=copy.date[:16].replace("T", " "))


def _still(path: Path, still: Path) -> int:
    """A picture of an open project in one closed file; returns the last entry of its journal."""
    still.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(still)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE").fetchall()
        (number,) = target.execute("SELECT ifnull(max(number), 0) FROM riskatlas_journal").fetchone()
    return int(number)


def look(copy: WorkingCopy, progress: Progress = ignore) -> str:
    """Bring the original, as it is now, beside the copy to be compared; returns its checksum.

    Raises
    ------
    MissingFile
        It is gone.
    CannotWrite
        No room.
    """
    if not copy.original.is_file():
        raise MissingFile("original_gone", path=copy.original)
    try:
        for ending in _BESIDE:
            _follow(copy.original.with_suffix(ending), copy.path.with_suffix(ending))
        return _copy(copy.original, copy.theirs, progress)
    except OSError as error:
        raise CannotWrite("copy_failed", path=copy.original, folder=copy.path.parent) from error


def keep(copy: WorkingCopy, checksum: str) -> WorkingCopy:
    """What was looked at is in the copy now: the next comparison begins from there."""
    copy.theirs.replace(copy.seen)
    return _write(replace(copy, sha256=checksum))

"""Connections to a project's SQLite file, transactions on them, and SQLite's errors in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.errors import BadInput, CannotWrite, KnownError
from layers.storage.blobs import spatial_functions

_PATIENCE = 5.0  # seconds to wait for another program's short lock

_NO_UTF8 = "Could not decode to UTF-8 column "  # SQLite's binding has no code for it
_CAUSES: dict[str, tuple[type[KnownError], str]] = {
    "SQLITE_BUSY": (CannotWrite, "project_locked"),
    "SQLITE_LOCKED": (CannotWrite, "project_locked"),
    "SQLITE_FULL": (CannotWrite, "disk_full"),
    "SQLITE_READONLY": (CannotWrite, "project_read_only"),
    "SQLITE_PERM": (CannotWrite, "project_read_only"),
    "SQLITE_CANTOPEN": (CannotWrite, "project_read_only"),
    "SQLITE_IOERR": (CannotWrite, "disk_failed"),
    "SQLITE_NOTADB": (BadInput, "not_a_project"),
    "SQLITE_CORRUPT": (BadInput, "project_torn"),
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's complaints about the world into known errors; its complaints about us stay bugs."""
    try:
        yield
    except sqlite3.Error as error:
        if str(error).startswith(_NO_UTF8):
            column = str(error)[len(_NO_UTF8) :].split("'")[1]
            raise BadInput("text_undecodable", path=path, column=column) from error
        name = getattr(error, "sqlite_errorname", None) or ""
        cause = next((known for prefix, known in _CAUSES.items() if name.startswith(prefix)), None)
        if cause is None:
            raise
        kind, key = cause
        raise kind(key, path=path) from error


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection in autocommit mode that knows the functions of the spatial index's triggers."""
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_PATIENCE,
    )
    for name, function in spatial_functions().items():
        connection.create_function(name, 1, function, deterministic=True)
    connection.execute("PRAGMA cache_size = -65536")  # 64 MB
    return connection


def keep_safe(connection: sqlite3.Connection) -> None:
    """Write-ahead log, every commit on the disk before it is called done."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def make_single(connection: sqlite3.Connection, path: Path) -> None:
    """Move everything from the log into the file, so that a closed project is one file.

    If another program still reads, the log stays: nothing is lost, the next closing does it.

    Raises
    ------
    CannotWrite
        The disk is full or gone: the log stays, and has to stay beside the file.
    """
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.OperationalError as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        if not name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise CannotWrite("log_left", path=path) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def refuse_torn(path: Path) -> None:
    """Look at the header only: is this a whole SQLite file?

    Raises
    ------
    BadInput
        The file is empty, of another format, or shorter than its header says.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if header[:16] != b"SQLite format 3\0" or len(header) < 100:
        raise BadInput("not_a_project", path=path)
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    counted = header[24:28] == header[92:96]  # the page count is valid (SQLite file format, 1.3.7)
    size = (65536 if page == 1 else page) * pages
    if counted and not _log(path) and path.stat().st_size < size:
        raise BadInput("project_torn", path=path)


def was_left_open(path: Path) -> bool:
    """Whether the last writer died before it could close the project."""
    return bool(_log(path))


def _log(path: Path) -> int:
    """Bytes in the write-ahead log or rollback journal beside the file."""
    beside = (path.with_name(path.name + ending) for ending in ("-wal", "-journal"))
    return sum(log.stat().st_size for log in beside if log.exists())


def refuse_damaged(connection: sqlite3.Connection, path: Path) -> None:
    """Read every page; for a file whose writer died.

    Raises
    ------
    BadInput
        Pages are damaged.
    """
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise BadInput("project_torn", path=path)

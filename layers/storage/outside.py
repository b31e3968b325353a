"""What other programs changed in a project: found when it is opened, and while it is open.

A project that is closed is signed: with SQLite's counter of changes, which stands in the file's header, and
for each layer with its number of rows, its last row, its time of change as GDAL and QGIS write it, and, if it
is small, a checksum of all rows. A file whose counter has moved on is in doubt: its layers are compared with
the signature. Where the journal has moved on too, or the last writer died, nothing is known and nothing said.
"""

import json
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from layers.storage.connection import transaction
from layers.storage.schema import has_table, quoted

SMALL = 5000
"""Rows up to which all are looked at."""
SEEN = "riskatlas_seen"
_COUNTER, _JOURNAL, _DOUBT = "#counter", "#journal", "#doubt"
_TABLE = "CREATE TABLE IF NOT EXISTS riskatlas_seen (name TEXT PRIMARY KEY, seen TEXT NOT NULL)"
Signature = Mapping[str, str]
"""Of each layer, by name."""


def counter(path: Path) -> int:
    """How often the file has been changed, as its header says."""
    with path.open("rb") as file:
        header = file.read(28)
    return int(struct.unpack(">I", header[24:28])[0]) if len(header) == 28 else 0


def sign(connection: sqlite3.Connection, path: Path) -> None:
    """Remember how a project is left; for a file that is in no other hands and has no log."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "delete":
        return  # another program still reads
    with suppress(sqlite3.OperationalError), transaction(connection):  # a full disk: not signed
        connection.execute(_TABLE)
        connection.execute("DELETE FROM riskatlas_seen")
        lines = {**signature(connection), _COUNTER: str(counter(path) + 1), _JOURNAL: _last(connection)}
        connection.executemany("INSERT INTO riskatlas_seen VALUES (?, ?)", lines.items())


def doubt(connection: sqlite3.Connection, counted: int, *, left_open: bool) -> None:
    """Note whether somebody has written the file since it was signed; before this program writes it."""
    signed = _signed(connection)
    if not signed or left_open or signed[_JOURNAL] != _last(connection) or signed[_COUNTER] == str(counted):
        return
    connection.execute("INSERT OR REPLACE INTO riskatlas_seen VALUES (?, '')", (_DOUBT,))


def changed(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Names of the layers that other programs changed while the project was closed."""
    signed = _signed(connection)
    if _DOUBT not in signed or signed[_JOURNAL] != _last(connection):
        return ()
    return differing({name: seen for name, seen in signed.items() if name[0] != "#"}, signature(connection))


def differing(before: Signature, after: Signature) -> tuple[str, ...]:
    """Names of the layers whose signatures differ; one that is gone or new differs."""
    return tuple(name for name in sorted({*before, *after}) if before.get(name) != after.get(name))


def signature(connection: sqlite3.Connection) -> Signature:
    """How all layers are now."""
    names = "SELECT name FROM riskatlas_layers WHERE geometry != 'raster'"
    tables = [name for (name,) in connection.execute(names).fetchall()]
    return {name: _of_table(connection, name) for name in tables if has_table(connection, name)}


def _of_table(connection: sqlite3.Connection, name: str) -> str:
    table = quoted(name)
    rows, last = connection.execute(f"SELECT count(*), max(rowid) FROM {table}").fetchone()  # noqa: S608
    words = "SELECT last_change FROM gpkg_contents WHERE table_name = ?"
    time, total = connection.execute(words, (name,)).fetchone() or ("",), 0
    if rows <= SMALL:
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid"):  # noqa: S608
            total = zlib.crc32(repr(row).encode(), total)
    return json.dumps([rows, last, *time, total])


def _signed(connection: sqlite3.Connection) -> dict[str, str]:
    if not has_table(connection, SEEN):
        return {}
    return dict(connection.execute("SELECT name, seen FROM riskatlas_seen").fetchall())


def _last(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT ifnull(max(number), 0) FROM riskatlas_journal").fetchone()[0])

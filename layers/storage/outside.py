"""What other programs changed in a project: found when it is opened, and while it is open.

A project that is closed is signed: with SQLite's counter of changes, which stands in the file's header, and
for each layer with its number of rows, its last row, its time of change as GDAL and QGIS write it, and, if it
is small, a checksum of all rows. A file whose counter has moved on is in doubt: its layers are compared with
the signature. Where the journal has moved on too, or the last writer died, nothing is known and nothing said.

Of small layers the rows themselves are kept with the signature. These, with all edits since, are what there
would be if nobody else had been there: where the rows are others, that is an edit like any other, and it is
entered in the journal (`record`), so that history, undo and merge know it. No row is written for it.
"""

import json
import sqlite3
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from layers.changes import Change, Edit, Row, net
from layers.storage import journal
from layers.storage.connection import transaction
from layers.storage.packing import pack, unpack
from layers.storage.registry import table_of
from layers.storage.rows import Table
from layers.storage.schema import has_table, quoted
from layers.storage.soundness import unreadable_layers

if TYPE_CHECKING:
    from layers.storage.geopackage import ProjectFile

SMALL = 5000
"""Rows up to which all are looked at."""
SEEN, KEPT = "riskatlas_seen", "riskatlas_kept"
_COUNTER, _JOURNAL, _DOUBT = "#counter", "#journal", "#doubt"
_TABLE = "CREATE TABLE IF NOT EXISTS riskatlas_seen (name TEXT PRIMARY KEY, seen TEXT NOT NULL)"
_ROWS = "CREATE TABLE IF NOT EXISTS riskatlas_kept (name TEXT PRIMARY KEY, rows BLOB NOT NULL)"
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
        before, now = _signed(connection), signature(connection)
        connection.execute(_TABLE)
        connection.execute("DELETE FROM riskatlas_seen")
        _keep(connection, before, now)
        lines = {**now, _COUNTER: str(counter(path) + 1), _JOURNAL: _last(connection)}
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


def record(project: "ProjectFile", names: Collection[str], title: str) -> tuple[int, Edit] | None:
    """Enter in the journal what other programs changed in small layers; ``None`` if they changed nothing.

    The rows are as they are already: none is written, and undo takes the changes back as it does any edit.

    Parameters
    ----------
    project : ProjectFile
        One that may be written.
    names : collection of str
        Layers to look at. Large ones, and those of which no rows were kept, are left out.
    title : str
        Name of the edit.

    Returns
    -------
    tuple of int and Edit
        The number of the journal's entry, and the edit.
    """
    with project.writing() as connection:
        changes = unexplained(connection, names)
        if not changes:
            return None
        edit = Edit(title, changes)
        number = journal.enter(connection, "do", edit)
    project.recount(edit, anew=True)
    return number, edit


def unexplained(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[Change, ...]:
    """Changes of rows, in these layers, that no edit of the journal has made since the project was signed."""
    signed = _signed(connection)
    if _JOURNAL not in signed or not has_table(connection, KEPT):
        return ()
    kept = {name: rows for name in set(names) if (rows := _kept(connection, name)) is not None}
    edits = journal.since(connection, int(signed[_JOURNAL]))
    ours = net(Edit("", edit.of(name)) for edit in edits for name in edit.tables & {"layers", *kept})
    registered = (change for change in ours if change.table == "layers")
    reloaded = {change.key for change in registered if change.before is None or change.after is None}
    found: list[Change] = []
    for name in sorted((kept.keys() - reloaded) & set(_readable(connection))):
        table, own = table_of(connection, name), [each for each in ours if each.table == name]
        found += _differences(connection, table, kept[name], own)
    return tuple(found)


def differing(before: Signature, after: Signature) -> tuple[str, ...]:
    """Names of the layers whose signatures differ; one that is gone or new differs."""
    return tuple(name for name in sorted({*before, *after}) if before.get(name) != after.get(name))


def signature(connection: sqlite3.Connection) -> Signature:
    """How all layers are now."""
    return {name: _of_table(connection, name) for name in _readable(connection)}


def _readable(connection: sqlite3.Connection) -> list[str]:
    names = "SELECT name FROM riskatlas_layers WHERE geometry != 'raster'"
    torn = unreadable_layers(connection)
    return [name for (name,) in connection.execute(names).fetchall() if name not in torn]


def _of_table(connection: sqlite3.Connection, name: str) -> str:
    table = quoted(name)
    rows, last = connection.execute(f"SELECT count(*), max(rowid) FROM {table}").fetchone()  # noqa: S608
    words = "SELECT last_change FROM gpkg_contents WHERE table_name = ?"
    time, total = connection.execute(words, (name,)).fetchone() or ("",), 0
    if rows <= SMALL:
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid"):  # noqa: S608
            total = zlib.crc32(repr(row).encode(), total)
    return json.dumps([rows, last, *time, total])


def _keep(connection: sqlite3.Connection, before: Signature, now: Signature) -> None:
    """Keep the rows of small layers; those that are as they were are kept already."""
    connection.execute(_ROWS)
    held = {name for (name,) in connection.execute("SELECT name FROM riskatlas_kept").fetchall()}
    small = {name for name, seen in now.items() if json.loads(seen)[0] <= SMALL}
    connection.executemany("DELETE FROM riskatlas_kept WHERE name = ?", [(name,) for name in held - small])
    for name in sorted(small):
        if name not in held or before.get(name) != now[name]:
            rows = table_of(connection, name).rows(connection)
            packed = pack(Edit("", tuple(Change(name, key, None, row) for key, row in rows)))
            connection.execute("INSERT OR REPLACE INTO riskatlas_kept VALUES (?, ?)", (name, packed))


def _kept(connection: sqlite3.Connection, name: str) -> dict[str, Row] | None:
    """The rows of a layer as they were signed, by key; ``None`` if they were not kept."""
    found = connection.execute("SELECT rows FROM riskatlas_kept WHERE name = ?", (name,)).fetchone()
    if found is None:
        return None
    changes = unpack("", found[0]).changes
    return {change.key: change.after for change in changes if change.after is not None}


def _differences(
    connection: sqlite3.Connection, table: Table, kept: dict[str, Row], ours: Iterable[Change]
) -> Iterator[Change]:
    """What lies between the rows there would be and the rows there are, in the columns there are."""
    expected = dict(kept)
    for change in ours:
        before, after = expected.pop(change.key, None), change.after
        stored = table.as_stored(change.key, after if after is None else {**(before or {}), **after})
        if stored is not None:
            expected[change.key] = stored
    there = dict(table.rows(connection))
    for key in sorted({*expected, *there}):
        before, after = expected.get(key), there.get(key)
        if before is not None:
            before = {column: before.get(column) for column in table.stored}
        if before != after:
            yield Change(table.name, key, before, after)


def _signed(connection: sqlite3.Connection) -> dict[str, str]:
    if not has_table(connection, SEEN):
        return {}
    return dict(connection.execute("SELECT name, seen FROM riskatlas_seen").fetchall())


def _last(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT ifnull(max(number), 0) FROM riskatlas_journal").fetchone()[0])

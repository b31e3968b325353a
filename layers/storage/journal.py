"""The journal: every edit as compressed JSON, in the same file and transaction as the rows it changes."""

import getpass
import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from layers.changes import ColumnChanges, Edit, Row
from layers.errors import BadInput
from layers.project import Deed, Entry
from layers.storage.packing import pack, unpack
from layers.storage.schema import has_table


def enter(connection: sqlite3.Connection, deed: Deed, edit: Edit) -> int:
    """Add one line and list the rows that it touches; returns its number.

    The caller holds the transaction. The order of lines is that of their numbers, never that of the clock.
    """
    number = connection.execute(
        "INSERT INTO riskatlas_journal (deed, name, time, who, edit) VALUES (?, ?, ?, ?, ?)",
        (deed, edit.name, datetime.now(UTC).isoformat(timespec="seconds"), _who(), pack(edit)),
    ).lastrowid
    assert number is not None
    list_touched(connection, number, edit)
    return number


def list_touched(connection: sqlite3.Connection, number: int, edit: Edit) -> None:
    """Enter which rows a line touches, so that the history of a row is found at once.

    A line by column is entered once, for many rows: which they are, it says itself.
    """
    changes = edit.changes
    if isinstance(changes, ColumnChanges):
        touched: Iterable[tuple[str, str, int]] = [(changes.table, _MANY, number)]
    else:
        touched = ((change.table, change.key, number) for change in changes)
    connection.executemany("INSERT OR IGNORE INTO riskatlas_touched VALUES (?, ?, ?)", touched)


def entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    """All lines, oldest first.

    Raises
    ------
    BadInput
        A line is torn.
    """
    for line in connection.execute(f"{_LINES} ORDER BY number").fetchall():
        yield _entry(*line)


def entry(connection: sqlite3.Connection, number: int) -> Entry:
    """One line.

    Raises
    ------
    KeyError
        There is none of that number.
    BadInput
        It is torn.
    """
    line = connection.execute(f"{_LINES} WHERE number = ?", (number,)).fetchone()
    if line is None:
        raise KeyError(number)
    return _entry(*line)


def weight(connection: sqlite3.Connection, number: int) -> int:
    """Bytes of one line; 0 if there is none of that number."""
    words = "SELECT length(edit) FROM riskatlas_journal WHERE number = ?"
    found = connection.execute(words, (number,)).fetchone()
    return int(found[0]) if found is not None else 0


def since(connection: sqlite3.Connection, number: int) -> list[Edit]:
    """The edits of the lines after one, oldest first."""
    lines = connection.execute(f"{_LINES} WHERE number > ? ORDER BY number", (number,)).fetchall()
    return [_entry(*line).edit for line in lines]


def deeds(connection: sqlite3.Connection) -> list[tuple[int, Deed]]:
    """Number and deed of every line, oldest first."""
    return connection.execute("SELECT number, deed FROM riskatlas_journal ORDER BY number").fetchall()


def touching(connection: sqlite3.Connection, table: str, key: str) -> list[Entry]:
    """The lines that touch a row, oldest first; in a file of an older version that may only be read, by
    reading them all.
    """
    if not has_table(connection, "riskatlas_touched"):
        return [each for each in entries(connection) if each.edit.change_of(table, key) is not None]
    words = (
        "SELECT DISTINCT number FROM riskatlas_touched JOIN riskatlas_journal USING (number)"
        " WHERE layer = ? AND row IN (?, ?) ORDER BY number"
    )
    found = (entry(connection, number) for (number,) in connection.execute(words, (table, key, _MANY)))
    return [each for each in found if each.edit.change_of(table, key) is not None]


def keep_base(connection: sqlite3.Connection, batches: Iterable[Edit]) -> str:
    """Store the rows of a work package as they are handed out; returns the checksum of what is stored."""
    total = hashlib.sha256()
    for batch in batches:
        packed = pack(batch)
        total.update(packed)
        connection.execute("INSERT INTO riskatlas_base (rows) VALUES (?)", (packed,))
    return total.hexdigest()


def base(connection: sqlite3.Connection) -> tuple[dict[str, dict[str, Row]], str]:
    """The rows of a work package as they were handed out, by table and key; and their checksum.

    Raises
    ------
    BadInput
        They are torn.
    """
    total, tables = hashlib.sha256(), dict[str, dict[str, Row]]()
    lines = connection.execute("SELECT number, rows FROM riskatlas_base ORDER BY number").fetchall()
    for number, packed in lines:
        total.update(packed)
        for change in _unpacked(number, "", packed).changes:
            if change.after is not None:
                tables.setdefault(change.table, {})[change.key] = change.after
    return tables, total.hexdigest()


_MANY = ""
"""In the place of a key: many rows."""
_LINES = "SELECT number, deed, name, time, who, edit FROM riskatlas_journal"


def _entry(number: int, deed: Deed, name: str, time: str, who: str, packed: bytes) -> Entry:
    return Entry(number, deed, _unpacked(number, name, packed), time, who)


def _unpacked(number: int, name: str, packed: bytes) -> Edit:
    try:
        return unpack(name, packed)
    except (zlib.error, ValueError, LookupError, TypeError) as torn:
        raise BadInput("journal_torn", number=number) from torn


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no user name on this machine
        return ""

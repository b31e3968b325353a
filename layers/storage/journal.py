"""The journal: every edit as compressed JSON, in the same file and transaction as the rows it changes."""

import base64
import getpass
import json
import sqlite3
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from layers.changes import Change, Edit, Row, Value
from layers.errors import BadInput
from layers.project import Deed, Entry


def pack(edit: Edit) -> bytes:
    """The changes of an edit; its loads stay where they are stored.

    Table and column names stand once, however many rows there are.
    """
    tables: dict[str, int] = {}
    headers: dict[tuple[str, ...], int] = {}
    changes = [
        [
            tables.setdefault(change.table, len(tables)),
            change.key,
            _pack_row(change.before, headers),
            _pack_row(change.after, headers),
        ]
        for change in edit.changes
    ]
    content = {"tables": list(tables), "headers": [list(h) for h in headers], "changes": changes}
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _pack_row(row: Row | None, headers: dict[tuple[str, ...], int]) -> list[Any] | None:
    if row is None:
        return None
    return [headers.setdefault(tuple(row), len(headers)), *map(_pack_value, row.values())]


def _pack_value(value: Value) -> object:
    return [base64.b64encode(value).decode()] if isinstance(value, bytes) else value


def unpack(name: str, packed: bytes) -> Edit:
    """The edit of that name from what `pack` made."""
    content = json.loads(zlib.decompress(packed))
    tables, headers = content["tables"], content["headers"]
    return Edit(
        name,
        tuple(
            Change(tables[table], key, _unpack_row(before, headers), _unpack_row(after, headers))
            for table, key, before, after in content["changes"]
        ),
    )


def _unpack_row(packed: list[Any] | None, headers: list[list[str]]) -> Row | None:
    if packed is None:
        return None
    return dict(zip(headers[packed[0]], map(_unpack_value, packed[1:]), strict=True))


def _unpack_value(value: Any) -> Value:
    return base64.b64decode(value[0]) if isinstance(value, list) else value


def enter(connection: sqlite3.Connection, deed: Deed, edit: Edit) -> None:
    """Add one line; the caller holds the transaction."""
    connection.execute(
        "INSERT INTO riskatlas_journal (deed, name, time, who, edit) VALUES (?, ?, ?, ?, ?)",
        (deed, edit.name, datetime.now(UTC).isoformat(timespec="seconds"), _who(), pack(edit)),
    )


def entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    """All lines, oldest first.

    Raises
    ------
    BadInput
        A line is torn.
    """
    lines = connection.execute(
        "SELECT number, deed, name, time, who, edit FROM riskatlas_journal ORDER BY number"
    )
    for number, deed, name, time, who, packed in lines.fetchall():
        try:
            edit = unpack(name, packed)
        except (zlib.error, ValueError, LookupError, TypeError) as torn:
            raise BadInput("journal_torn", number=number) from torn
        yield Entry(number, deed, edit, time, who)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no user name on this machine
        return ""

"""Edits as bytes: compressed JSON, by row, or by column where columns of many rows change.

By row: tables and headers stand once, then every change. By column: a first line says table and columns, and
every further line holds keys and cells of some thousand rows, so that no more of them is in memory at a time.
"""

import base64
import json
import zlib
from collections.abc import Iterator
from typing import Any

from layers.changes import Change, ColumnChanges, Edit, Row, Value

_BATCH = 5000
_QUICK = 1
"""Level of compression of large edits."""


def pack(edit: Edit) -> bytes:
    """The changes of an edit; its loads stay where they are stored.

    Table and column names stand once, however many rows there are.
    """
    if isinstance(edit.changes, ColumnChanges):
        packer = zlib.compressobj(_QUICK)
        return b"".join([*map(packer.compress, _lines(edit.changes)), packer.flush()])
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
    return zlib.compress(_json(content))


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _lines(changes: ColumnChanges) -> Iterator[bytes]:
    yield _json({"table": changes.table, "columns": changes.columns})
    for start in range(0, len(changes), _BATCH):
        part = changes[start : start + _BATCH]
        yield b"\n" + _json([part.keys, part.before, part.after])


def _pack_row(row: Row | None, headers: dict[tuple[str, ...], int]) -> list[Any] | None:
    if row is None:
        return None
    return [headers.setdefault(tuple(row), len(headers)), *map(_pack_value, row.values())]


def _pack_value(value: Value) -> object:
    return [base64.b64encode(value).decode()] if isinstance(value, bytes) else value


def unpack(name: str, packed: bytes) -> Edit:
    """The edit of that name from what `pack` made."""
    first, *lines = zlib.decompress(packed).split(b"\n")
    content = json.loads(first)
    if "table" in content:
        return Edit(name, _by_column(content, lines))
    tables, headers = content["tables"], content["headers"]
    return Edit(
        name,
        tuple(
            Change(tables[table], key, _unpack_row(before, headers), _unpack_row(after, headers))
            for table, key, before, after in content["changes"]
        ),
    )


def _by_column(head: dict[str, Any], lines: list[bytes]) -> ColumnChanges:
    columns = tuple(head["columns"])
    keys: list[str] = []
    sides: tuple[list[list[Value]], ...] = tuple([[] for _ in columns] for _ in range(2))
    for line in lines:
        part, *both = json.loads(line)
        keys += part
        for side, cells in zip(sides, both, strict=True):
            for column, more in zip(side, cells, strict=True):
                column += more
    before, after = map(tuple, sides)
    return ColumnChanges(head["table"], columns, keys, before, after)


def _unpack_row(packed: list[Any] | None, headers: list[list[str]]) -> Row | None:
    if packed is None:
        return None
    return dict(zip(headers[packed[0]], map(_unpack_value, packed[1:]), strict=True))


def _unpack_value(value: Any) -> Value:
    return base64.b64decode(value[0]) if isinstance(value, list) else value

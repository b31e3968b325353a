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
_CHANGES = b',"changes":['
"""Before the changes by row; within a text of JSON a quotation mark stands behind a backslash."""
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
    packer = zlib.compressobj(_QUICK if len(changes) > _BATCH else zlib.Z_DEFAULT_COMPRESSION)
    head = _json({"tables": list(tables), "headers": [list(h) for h in headers]})[:-1]
    parts = (_json(changes[k : k + _BATCH])[1:-1] for k in range(0, len(changes), _BATCH))
    return b"".join([packer.compress(each) for each in _between(head, parts)] + [packer.flush()])


def _between(head: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    """One JSON text in pieces: no call holds the interpreter's lock for longer than a piece."""
    yield head + _CHANGES
    for number, part in enumerate(parts):
        yield b"," + part if number else part
    yield b"]}"


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
    head, is_by_row, changes = first.partition(_CHANGES)
    if not is_by_row:
        return Edit(name, _by_column(json.loads(first), lines))
    content = json.loads(head + b"}")
    tables, headers = content["tables"], content["headers"]
    return Edit(
        name,
        tuple(
            Change(tables[table], key, _unpack_row(before, headers), _unpack_row(after, headers))
            for table, key, before, after in _each(changes.decode())
        ),
    )


def _each(text: str) -> Iterator[Any]:
    """The elements of a JSON list after its bracket, one call each."""
    decode, place = json.JSONDecoder().raw_decode, 0
    while text[place] != "]":
        element, place = decode(text, place)
        yield element
        place += text[place] == ","


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

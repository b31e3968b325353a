"""Edits as bytes: compressed JSON by row, or by column where many rows of one table change.

By row: tables and headers stand once, then every change. By column: a head says table, columns and sides;
behind it lie the keys and each column in pieces (`layers.storage.packed`), which are not unpacked before
somebody asks for their cells.
"""

import base64
import json
import zlib
from collections.abc import Iterator
from itertools import accumulate, chain, islice, pairwise
from typing import Any

from layers.changes import Change, ColumnChanges, Edit, Row, Value
from layers.storage.packed import PackedColumn, packed

_BATCH = 5000
_CHANGES = b',"changes":['
"""Before the changes by row; within a text of JSON a quotation mark stands behind a backslash."""
_BY_COLUMN = b"by column\n"
"""What an edit by column begins with; compressed JSON never does (RFC 1950)."""
_QUICK = 1
"""Level of compression of large edits."""


def pack(edit: Edit) -> bytes:
    """The changes of an edit; its loads stay where they are stored.

    Table and column names stand once, however many rows there are.
    """
    if isinstance(edit.changes, ColumnChanges):
        return _pack_columns(edit.changes)
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


def _pack_columns(changes: ColumnChanges) -> bytes:
    sides = {"before": changes.before, "after": changes.after}
    there = {name: cells for name, cells in sides.items() if cells is not None}
    columns = [packed(cells) for cells in (changes.keys, *chain.from_iterable(there.values()))]
    head = {
        "table": changes.table,
        "columns": changes.columns,
        "sides": list(there),
        "rows": len(changes),
        "lengths": [list(map(len, column.pieces)) for column in columns],
    }
    body = b"".join(chain.from_iterable(column.pieces for column in columns))
    return b"".join([_BY_COLUMN, _json({**head, "crc32": zlib.crc32(body)}), b"\n", body])


def _pack_row(row: Row | None, headers: dict[tuple[str, ...], int]) -> list[Any] | None:
    if row is None:
        return None
    return [headers.setdefault(tuple(row), len(headers)), *map(_pack_value, row.values())]


def _pack_value(value: Value) -> object:
    return [base64.b64encode(value).decode()] if isinstance(value, bytes) else value


def unpack(name: str, packed_edit: bytes) -> Edit:
    """The edit of that name from what `pack` made."""
    if packed_edit.startswith(_BY_COLUMN):
        return Edit(name, _unpack_columns(packed_edit))
    head, is_by_row, changes = zlib.decompress(packed_edit).partition(_CHANGES)
    if not is_by_row:
        return Edit(name, _unpack_lines(head))
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


def _unpack_columns(packed_edit: bytes) -> ColumnChanges:
    end = packed_edit.index(b"\n", len(_BY_COLUMN))
    head = json.loads(packed_edit[len(_BY_COLUMN) : end])
    body, lengths = memoryview(packed_edit)[end + 1 :], head["lengths"]
    ends = list(accumulate(chain.from_iterable(lengths), initial=0))
    if zlib.crc32(body) != head["crc32"]:
        raise ValueError("a piece is torn")
    pieces = iter([body[start:stop] for start, stop in pairwise(ends)])
    keys, *cells = (PackedColumn(list(islice(pieces, len(each))), head["rows"]) for each in lengths)
    width = len(head["columns"])
    sides = {side: tuple(cells[k * width : (k + 1) * width]) for k, side in enumerate(head["sides"])}
    return ColumnChanges(head["table"], tuple(head["columns"]), keys, sides.get("before"), sides.get("after"))


def _unpack_lines(text: bytes) -> ColumnChanges:
    """What was written by column before step 5 of the schema: each line holds keys and cells of some rows."""
    head, *lines = map(json.loads, text.split(b"\n"))
    keys, before, after = zip(*lines, strict=True)
    sides = (tuple(list(chain(*cells)) for cells in zip(*side, strict=True)) for side in (before, after))
    return ColumnChanges(head["table"], tuple(head["columns"]), list(chain(*keys)), *sides)


def _unpack_row(packed: list[Any] | None, headers: list[list[str]]) -> Row | None:
    if packed is None:
        return None
    return dict(zip(headers[packed[0]], map(_unpack_value, packed[1:]), strict=True))


def _unpack_value(value: Any) -> Value:
    return base64.b64decode(value[0]) if isinstance(value, list) else value

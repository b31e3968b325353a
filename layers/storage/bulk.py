"""Many rows of a table changed at once: a few statements that also look whether the rows are as expected."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np

from layers.changes import ColumnChanges, Value
from layers.errors import BadInput, Conflict
from layers.storage.blobs import HEAD, Boxes, blobs_in, boxes_of
from layers.storage.packed import PIECE
from layers.storage.rows import LARGEST, REALS, Table, is_encodable
from layers.storage.rtree import index_cells, refill_index
from layers.storage.schema import index_table, quoted

_SHARE = 10
"""A spatial index of which more than one cell in so many comes or goes is made anew: it takes less time."""


def carry_out_columns(connection: sqlite3.Connection, table: Table, changes: ColumnChanges) -> Boxes:
    """Make changes of many rows; the caller holds the transaction. Returns the boxes of what was added.

    Raises
    ------
    Conflict
        A row is not as the changes expect it.
    BadInput
        There is no such column, or it cannot hold a value.
    """
    held = table.stored if changes.come_or_go else tuple(table.columns)
    for column in changes.columns:
        if column not in held:
            raise BadInput("column_unknown", table=table.name, column=column)
    added: list[Boxes] = [np.empty((0, 4))]
    with _index_aside(connection, table, changes, added):
        for part in changes.parts(PIECE):
            if part.before is None:
                added.append(_add(connection, table, part))
            elif part.after is None:
                _remove(connection, table, part)
            else:
                _update(connection, table, part, part.before, part.after)
    return np.concatenate(added)


def _update(
    connection: sqlite3.Connection,
    table: Table,
    part: ColumnChanges,
    before: Sequence[Sequence[Value]],
    after: Sequence[Sequence[Value]],
) -> None:
    fitted = _fitted(table, part, after)
    held = "".join(f" AND {quoted(column)} IS ?" for column in part.columns)
    given = ", ".join(f"{quoted(column)} = ?" for column in part.columns)
    words = f"UPDATE {quoted(table.disk)} SET {given} WHERE {quoted(table.key)} = ?{held}"  # noqa: S608
    if connection.executemany(words, zip(*fitted, part.keys, *before, strict=True)).rowcount == len(part):
        return
    for key, cells in zip(part.keys, zip(*fitted, strict=True), strict=True):
        found = table.find(connection, key)
        if found is None or tuple(found[1][column] for column in part.columns) != cells:
            raise Conflict(table.name, key)
    raise Conflict(table.name, part.keys[0])  # each holds already what it was to become


def _add(connection: sqlite3.Connection, table: Table, part: ColumnChanges) -> Boxes:
    """Returns the boxes of the rows."""
    key, disk = quoted(table.key), quoted(table.disk)
    words = f"SELECT {key} FROM {disk} WHERE {key} IN (SELECT value FROM json_each(?)) LIMIT 1"  # noqa: S608
    taken = connection.execute(words, (json.dumps(list(part.keys)),)).fetchone()
    if taken is not None:
        raise Conflict(table.name, taken[0])
    cells = dict(zip(part.columns, _fitted(table, part, part.after or ()), strict=True))
    wkb = cells.get("geom", [None] * len(part)) if table.kind != "table" else [None] * len(part)
    boxes = boxes_of(wkb)
    if table.kind != "table":
        cells["geom"] = blobs_in(wkb, boxes, table.srs_id)
    columns = ", ".join(map(quoted, (table.key, *cells)))
    words = f"INSERT INTO {disk} ({columns}) VALUES (?{', ?' * len(cells)})"  # noqa: S608
    connection.executemany(words, zip(part.keys, *cells.values(), strict=True))
    return boxes


def _remove(connection: sqlite3.Connection, table: Table, part: ColumnChanges) -> None:
    """Rows that are not to the byte as expected are looked at singly: other programs write other blobs."""
    cells = dict(zip(part.columns, part.before or (), strict=True))
    empty = "".join(f" AND {quoted(column)} IS NULL" for column in table.stored if column not in cells)
    held = "".join(f" AND {_content(table, column)} IS ?" for column in cells)
    words = f"DELETE FROM {quoted(table.disk)} WHERE {quoted(table.key)} = ?{held}{empty}"  # noqa: S608
    connection.execute("SAVEPOINT part")
    if connection.executemany(words, zip(part.keys, *cells.values(), strict=True)).rowcount != len(part):
        connection.execute("ROLLBACK TO part")
        for change in part:
            table.carry_out(connection, change)
    connection.execute("RELEASE part")


def _content(table: Table, column: str) -> str:
    """A column in SQL; of a geometry what lies behind the head that this program writes."""
    if column == "geom" and table.kind != "table":
        return f"substr({quoted(column)}, {HEAD + 1})"
    return quoted(column)


def _fitted(table: Table, part: ColumnChanges, cells: Sequence[Sequence[Value]]) -> list[Sequence[Value]]:
    """The cells as the columns hold them."""
    columns = zip(part.columns, cells, strict=True)
    return [_fitting(table, column, part.keys, each) for column, each in columns]


def _fitting(table: Table, column: str, keys: Sequence[str], cells: Sequence[Value]) -> Sequence[Value]:
    """Plain numbers and texts are held as they are."""
    sql_type, kinds = table.columns.get(column, ""), set(map(type, cells)) - {type(None)}
    there: list[Any] = [cell for cell in cells if cell is not None]
    if sql_type in REALS and kinds <= {float}:
        return [None if cell != cell else cell for cell in cells]
    if sql_type == "INTEGER" and kinds <= {int} and max(map(abs, there), default=0) < LARGEST:
        return cells
    if sql_type.startswith("TEXT") and kinds <= {str} and is_encodable("".join(there)):
        return cells
    return [table.cell(key, column, cell) for key, cell in zip(keys, cells, strict=True)]


@contextmanager
def _index_aside(
    connection: sqlite3.Connection, table: Table, changes: ColumnChanges, added: list[Boxes]
) -> Iterator[None]:
    """Do without the triggers of the spatial index where it is faster to make it anew in the end.

    Parameters
    ----------
    connection : sqlite3.Connection
    table : Table
    changes : ColumnChanges
    added : list of ndarray
        Filled meanwhile with the boxes of the rows that are added, in their order.
    """
    if table.kind == "table" or not changes.come_or_go or len(changes) * _SHARE < table.count(connection):
        yield
        return
    ids, boxes = index_cells(connection, table.disk)
    (last,) = connection.execute(f"SELECT ifnull(max(rowid), 0) FROM {quoted(table.disk)}").fetchone()  # noqa: S608
    words = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND instr(name, ?) = 1"
    )
    triggers = connection.execute(words, (table.disk, f"{index_table(table.disk)}_")).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    yield
    for _, made in triggers:
        connection.execute(made)
    found = connection.execute(f"SELECT rowid FROM {quoted(table.disk)}")  # noqa: S608
    there = np.sort(np.fromiter(chain.from_iterable(found), np.int64))
    kept = np.isin(ids, there)
    new = there[there > last]
    refill_index(
        connection, table.disk, np.concatenate([ids[kept], new]), np.concatenate([boxes[kept], *added])
    )

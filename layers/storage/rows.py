"""Rows of a table on disk: read by key, checked against what an edit expects, changed one at a time."""

import json
import math
import re
import sqlite3
from collections.abc import ItemsView, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from layers.changes import Change, Row, Value
from layers.errors import BadInput, Conflict
from layers.layer import GeometryKind
from layers.storage.blobs import blob_of, canonical, wkb_of
from layers.storage.connection import translated
from layers.storage.schema import quoted

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LARGEST = 2**63
REALS = {"REAL", "DOUBLE", "FLOAT"}
BATCH = 900
"""Rows that are asked for at once: places that every SQLite has."""


@dataclass(frozen=True)
class Table:
    """A table on disk as edits see it.

    Parameters
    ----------
    name : str
        As in a `Change`.
    disk : str
        As in the file.
    key : str
        Column that identifies a row; it is not part of the row.
    columns : dict
        Name → SQL type; the geometry column is not among them.
    kind : {"point", "line", "polygon", "table"}
    srs_id : int
    """

    name: str
    disk: str
    key: str
    columns: Mapping[str, str]
    kind: GeometryKind = "table"
    srs_id: int = 0

    @property
    def stored(self) -> tuple[str, ...]:
        """All columns of a row, the geometry first."""
        return (("geom",) if self.kind != "table" else ()) + tuple(self.columns)

    def find(self, connection: sqlite3.Connection, key: str) -> tuple[int, dict[str, Value]] | None:
        """Row number and row, ``None`` if there is no such key."""
        columns = "".join(f", {quoted(c)}" for c in self.stored)
        found = connection.execute(
            f"SELECT rowid{columns} FROM {quoted(self.disk)} WHERE {quoted(self.key)} = ?",  # noqa: S608
            (key,),
        ).fetchone()
        return None if found is None else (found[0], self._as_read(found[1:]))

    def _as_read(self, values: tuple[Value, ...]) -> dict[str, Value]:
        row = dict(zip(self.stored, values, strict=True))
        if self.kind != "table":
            row["geom"] = self._geometry(row["geom"])
        return row

    def _geometry(self, blob: Value) -> bytes | None:
        """As the store keeps it; what is torn as it lies there: it stays so until it is drawn anew."""
        wkb = wkb_of(blob)  # type: ignore[arg-type]  # whatever another program put there
        try:
            return canonical(wkb, self.kind)
        except BadInput:
            return wkb

    def keys(self, connection: sqlite3.Connection) -> list[str]:
        """All keys in the order of storing."""
        words = f"SELECT {quoted(self.key)} FROM {quoted(self.disk)} ORDER BY rowid"  # noqa: S608
        return [key for (key,) in connection.execute(words)]

    def rows(self, connection: sqlite3.Connection) -> Iterator[tuple[str, dict[str, Value]]]:
        """All keys and rows in the order of storing."""
        columns = "".join(f", {quoted(c)}" for c in self.stored)
        words = f"SELECT {quoted(self.key)}{columns} FROM {quoted(self.disk)} ORDER BY rowid"  # noqa: S608
        for key, *values in connection.execute(words).fetchall():
            yield key, self._as_read(tuple(values))

    def some(
        self, connection: sqlite3.Connection, keys: Sequence[str]
    ) -> Iterator[tuple[str, dict[str, Value]]]:
        """Keys and rows of some keys, in the order of storing; those that are gone stay out."""
        for key, *cells in self.cells(connection, keys):
            yield str(key), dict(zip(self.stored, cells, strict=True))

    def cells(self, connection: sqlite3.Connection, keys: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        """As `some`: of each row the key, and its cells as they are stored."""
        columns = "".join(f", {quoted(c)}" for c in (self.key, *self.stored))[2:]
        words = (
            f"SELECT {columns} FROM {quoted(self.disk)}"  # noqa: S608
            f" WHERE {quoted(self.key)} IN (SELECT value FROM json_each(?)) ORDER BY rowid"
        )
        for row in connection.execute(words, (json.dumps(list(keys)),)).fetchall():
            yield row if self.kind == "table" else (row[0], self._geometry(row[1]), *row[2:])

    def count(self, connection: sqlite3.Connection) -> int:
        """Number of rows."""
        return int(connection.execute(f"SELECT count(*) FROM {quoted(self.disk)}").fetchone()[0])  # noqa: S608

    def carry_out(self, connection: sqlite3.Connection, change: Change) -> None:
        """Make one change; the caller holds the transaction.

        Raises
        ------
        Conflict
            The row is not as the change expects it.
        BadInput
            The row has a column or a value that the table cannot hold.
        """
        found = self.find(connection, change.key)
        held = found and found[1]
        before, after = change.within(held)
        if held != before and held != self.as_stored(change.key, before):
            raise Conflict(self.name, change.key)
        after = self.as_stored(change.key, after, held)
        if found is None and after is not None:
            self._add(connection, change.key, after)
        elif found is not None and after is None:
            connection.execute(f"DELETE FROM {quoted(self.disk)} WHERE rowid = ?", (found[0],))  # noqa: S608
        elif found is not None and after is not None:
            self._update(connection, *found, after)

    def _add(self, connection: sqlite3.Connection, key: str, row: dict[str, Value]) -> None:
        columns = ", ".join(quoted(c) for c in (self.key, *row))
        places = ", ".join("?" * (len(row) + 1))
        connection.execute(
            f"INSERT INTO {quoted(self.disk)} ({columns}) VALUES ({places})",  # noqa: S608
            (key, *self._bound(row).values()),
        )

    def _update(
        self, connection: sqlite3.Connection, rowid: int, before: dict[str, Value], after: dict[str, Value]
    ) -> None:
        differing = {c: value for c, value in after.items() if value != before[c]}
        if differing:
            places = ", ".join(f"{quoted(c)} = ?" for c in differing)
            connection.execute(
                f"UPDATE {quoted(self.disk)} SET {places} WHERE rowid = ?",  # noqa: S608
                (*self._bound(differing).values(), rowid),
            )

    def _bound(self, row: dict[str, Value]) -> dict[str, Value]:
        """With the geometry as a blob."""
        if "geom" not in row or self.kind == "table":
            return row
        wkb = row["geom"]
        return {**row, "geom": blob_of(wkb if isinstance(wkb, bytes) else None, self.srs_id)}

    def as_stored(self, key: str, row: Row | None, held: Row | None = None) -> dict[str, Value] | None:
        """The row as the table would give it back: every column, canonical geometry, no NaN.

        Cells that are those of the row `held` by the table already are such.
        """
        if row is None:
            return None
        unknown = set(row) - set(self.stored) - {self.key}
        if unknown:
            raise BadInput("column_unknown", table=self.name, column=sorted(unknown)[0])
        if held is None:
            return {c: self.cell(key, c, row.get(c)) for c in self.stored}
        cells = ((c, row.get(c), held[c]) for c in self.stored)
        return {c: was if _is_same(value, was) else self.cell(key, c, value) for c, value, was in cells}

    def cell(self, key: str, column: str, value: Value) -> Value:
        """A cell as the table would give it back.

        Raises
        ------
        BadInput
            The column cannot hold it.
        """
        if column == "geom" and self.kind != "table":
            if value is not None and not isinstance(value, bytes):
                raise self._misfit(key, column, value)
            return canonical(value, self.kind)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        fitted = _fitted(self.columns[column], value)
        if fitted is None:
            raise self._misfit(key, column, value)
        return fitted

    def _misfit(self, key: str, column: str, value: Value) -> BadInput:
        return BadInput("value_unfit", table=self.name, row=key, column=column, value=value)


def _fitted(sql_type: str, value: Value) -> Value:
    """The value as a column of that type holds it, ``None`` if it cannot."""
    if sql_type == "INTEGER" and isinstance(value, int | float):
        return int(value) if float(value).is_integer() and abs(value) < LARGEST else None
    if sql_type in REALS and isinstance(value, int | float):
        return float(value)
    if sql_type == "DATE":
        return value if isinstance(value, str) and _DATE.fullmatch(value) else None
    if sql_type.startswith("TEXT") and isinstance(value, str):
        return value if is_encodable(value) else None
    return None


def _is_same(value: Value, held: Value) -> bool:
    return value is held or (type(value) is type(held) and value == held)


def is_encodable(value: str) -> bool:
    """Whether a text has no half of a pair of code units."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


class Rows(Mapping[str, Row]):
    """The rows of a table by key, read from the disk when asked for.

    Parameters
    ----------
    table : Table
    connection : sqlite3.Connection
    lock : RLock
        Held while the connection is used.
    path : Path
        Of the project, for errors.
    """

    def __init__(self, table: Table, connection: sqlite3.Connection, lock: RLock, path: Path) -> None:
        self._table, self._connection, self._lock, self._path = table, connection, lock, path

    def __getitem__(self, key: str) -> Row:
        with self._lock, translated(self._path):
            found = self._table.find(self._connection, key)
        if found is None:
            raise KeyError(key)
        return found[1]

    def __iter__(self) -> Iterator[str]:
        with self._lock, translated(self._path):
            return iter(self._table.keys(self._connection))

    def items(self) -> ItemsView[str, Row]:
        """All rows, read at once."""
        with self._lock, translated(self._path):
            held: dict[str, Row] = dict(self._table.rows(self._connection))
        return held.items()

    def __len__(self) -> int:
        with self._lock, translated(self._path):
            return self._table.count(self._connection)

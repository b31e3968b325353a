"""Rows of a layer's table as flat arrays and columns, streamed in batches."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import MissingColumn, MissingLayer
from layers.grid import Extent
from layers.layer import Shapes
from layers.progress import Progress
from layers.storage.blobs import shapes_of
from layers.storage.rows import Table
from layers.storage.schema import index_table, quoted

_BATCH = 20_000


def read_rows(
    connection: sqlite3.Connection,
    table: Table,
    columns: Sequence[str] | None,
    extent: Extent | None,
    rows: int,
    progress: Progress,
    only: NDArray[np.int64] | None = None,
) -> tuple[Shapes, pd.DataFrame, list[int]]:
    """Shapes and attributes of a layer; `rows` is how many there are about, `only` numbers of those wanted.

    The third: places of the features whose geometry is torn or of another kind; they have none.

    Raises
    ------
    MissingColumn
        No such column.
    Cancelled
        By `progress`; nothing was changed.
    """
    wanted = list(table.columns) if columns is None else [c for c in columns if c != "uuid"]
    missing = [c for c in wanted if c not in table.columns]
    if missing:
        raise MissingColumn(table.name, missing[0])
    read: list[list[tuple[Any, ...]]] = [[] for _ in range(2 + len(wanted))]
    shapes: list[Shapes] = []
    torn: list[int] = []
    done = 0
    for batch in _batches(connection, table, wanted, extent, only):
        parts = list(zip(*batch, strict=True))
        made, lost = shapes_of(parts[0], table.kind)
        shapes.append(made)
        torn += (lost + done).tolist()
        for place, part in enumerate(parts[1:]):
            read[place].append(part)
        done += len(batch)
        progress(min(done / max(rows, 1), 1.0))
    cells = {
        name: column_of(list(chain.from_iterable(parts)), table.columns.get(name, "TEXT"))
        for name, parts in zip(["uuid", *wanted], read, strict=False)
    }
    return _joined(shapes, table), pd.DataFrame(cells, index=pd.RangeIndex(done)), torn


def read_near(
    connection: sqlite3.Connection, name: str, extent: Extent, most: int = -1
) -> tuple[tuple[str, ...], Shapes]:
    """Keys and shapes of a layer's features whose boxes meet the extent, `most` at most.

    Raises
    ------
    MissingLayer
        No such layer, or it is a raster.
    """
    kind = connection.execute("SELECT geometry FROM riskatlas_layers WHERE name = ?", (name,)).fetchone()
    if kind is None or kind[0] == "raster":
        raise MissingLayer(name)
    rows = blobs_near(connection, name, extent, most)
    return tuple(key for key, _ in rows), shapes_of([blob for _, blob in rows], kind[0])[0]


def blobs_near(
    connection: sqlite3.Connection, name: str, extent: Extent, most: int = -1
) -> list[tuple[str, bytes]]:
    """Keys and blobs of a layer's features whose boxes meet the extent, `most` at most."""
    words = (
        f"SELECT uuid, geom FROM {quoted(name)} WHERE fid IN (SELECT id FROM {quoted(index_table(name))}"  # noqa: S608
        " WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ? LIMIT ?)"
        " ORDER BY fid"
    )
    box = (extent.west, extent.east, extent.south, extent.north)
    return connection.execute(words, (*box, most)).fetchall()


def _batches(
    connection: sqlite3.Connection,
    table: Table,
    wanted: Sequence[str],
    extent: Extent | None,
    only: NDArray[np.int64] | None,
) -> Iterator[list[tuple[Any, ...]]]:
    geometry = '"geom"' if table.kind != "table" else "NULL"
    chosen = ", ".join([geometry, '"uuid"', *map(quoted, wanted)])
    where, values = meeting(table, extent) if only is None else _among(only)
    cursor = connection.execute(
        f"SELECT {chosen} FROM {quoted(table.disk)}{where} ORDER BY fid",  # noqa: S608
        values,
    )
    while batch := cursor.fetchmany(_BATCH):
        yield batch


def _among(only: NDArray[np.int64]) -> tuple[str, tuple[object, ...]]:
    """The condition that a row is one of these, in one bound value however many they are."""
    return " WHERE fid IN (SELECT value FROM json_each(?))", (json.dumps(only.tolist()),)


def meeting(table: Table, extent: Extent | None) -> tuple[str, tuple[object, ...]]:
    """The condition that a row's box meets an extent, and the values bound in it."""
    if extent is None or table.kind == "table":
        return "", ()
    index = quoted(index_table(table.disk))
    where = (
        f" WHERE fid IN (SELECT id FROM {index} WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)"  # noqa: S608
    )
    return where, (extent.west, extent.east, extent.south, extent.north)


def column_of(values: list[Any], sql_type: str) -> pd.Series[Any]:
    """Cells as a column: integers if none is missing; numbers float64, NaN where missing; the rest text.

    SQLite lets any program put anything anywhere: what is no number is missing, what is no text is written.
    """
    if sql_type.startswith("INT") and None not in values:
        whole = np.array(values) if values else np.empty(0, np.int64)
        return pd.Series(whole if whole.dtype == np.int64 else _floats(values))
    if sql_type.startswith("INT") or sql_type in {"REAL", "DOUBLE", "FLOAT"}:
        return pd.Series(_floats(values))
    if sql_type.startswith("TEXT") and pd.api.types.infer_dtype(values, skipna=True) not in {
        "string",
        "empty",
    }:
        values = [value if value is None else _text(value) for value in values]
    return pd.Series(values, dtype=object) if all(v is None for v in values) else pd.Series(values)


def _floats(values: list[Any]) -> NDArray[np.float64]:
    try:
        return np.array(values, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        return np.array([_number(value) for value in values])


def _number(value: Any) -> float:
    try:
        return float(value)
    except (ValueError, TypeError, OverflowError):
        return math.nan


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _joined(parts: Sequence[Shapes], table: Table) -> Shapes:
    """Several shapes of one kind, one after the other."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Shapes.none(0) if table.kind == "table" else Shapes.of([], table.kind)
    offsets = tuple(
        _chained([part.offsets[depth] for part in parts]) for depth in range(len(parts[0].offsets))
    )
    return Shapes(table.kind, np.concatenate([part.xy for part in parts]), offsets)


def _chained(
    offsets: Sequence[np.ndarray[Any, np.dtype[np.int64]]],
) -> np.ndarray[Any, np.dtype[np.int64]]:
    starts = np.cumsum([0, *(o[-1] for o in offsets)])
    moved = [o[1:] + start for o, start in zip(offsets, starts, strict=False)]
    return np.concatenate([[0], *moved]).astype(np.int64)

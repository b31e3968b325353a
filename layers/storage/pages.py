"""An attribute table in pages: sorted, filtered and searched by the database, never read whole."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.census.catalogue import meanings
from layers.census.formula import Node, parse
from layers.changes import Row, Value
from layers.errors import BadInput
from layers.grid import Extent
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.storage.blobs import shapes_in, wkb_of
from layers.storage.geopackage import ProjectFile
from layers.storage.reading import blobs_near, column_of, read_near, read_rows
from layers.storage.registry import table_of
from layers.storage.rows import BATCH, Table
from layers.storage.schema import quoted

FEW = 8
"""Times as many rows as are wanted, from which rows are read one by one."""
Numbers = NDArray[np.int64]
Words = tuple[str, list[str | float]]
"""A condition in SQL and the values for its places."""


@dataclass(frozen=True)
class View:
    """Which rows a table shows, and in what order.

    Parameters
    ----------
    sort : str
        Column; empty for the order of storing.
    descending : bool
    only : str
        A condition (see `layers.census.formula`); fields, numbers, texts and comparisons, no functions.
    search : str
        A text that some column holds.
    """

    sort: str = ""
    descending: bool = False
    only: str = ""
    search: str = ""


WHOLE = View()
_NUMERIC = {"INTEGER", "REAL", "DOUBLE", "FLOAT"}


def view(project: ProjectFile, name: str, wanted: View = WHOLE) -> NDArray[np.int64]:
    """Row numbers of all rows that a view shows of a layer, in its order.

    Raises
    ------
    KeyError
        No such layer, or it is a raster.
    BadInput
        The condition cannot be read or names no column.
    """
    entry = project.layer(name)
    titles = {field.zh: field.name for field in meanings(entry.kind, entry.fields).values() if field.zh}
    with project.asking() as connection:
        return _numbers(connection, table_of(connection, name), wanted, titles, entry.rows)


def keys_at(project: ProjectFile, name: str, numbers: NDArray[np.int64]) -> list[str]:
    """Keys of the rows that `view` numbers, in the order of storing; rows that are gone stay out."""
    found: list[str] = []
    with project.asking() as connection:
        table = table_of(connection, name)
        for start in range(0, len(numbers), BATCH):
            batch = numbers[start : start + BATCH].tolist()
            words = (
                f"SELECT {quoted(table.key)} FROM {quoted(table.disk)}"  # noqa: S608
                f" WHERE rowid IN ({', '.join('?' * len(batch))})"
            )
            found += [key for (key,) in connection.execute(words, batch)]
    return found


def is_gapless(project: ProjectFile, name: str, count: int) -> bool:
    """Whether the row numbers of a layer of so many rows follow one another: all are known at once then."""
    with project.asking() as connection:
        low, high = _ends(connection, table_of(connection, name))
    return high - low + 1 == count


def numbers_of(project: ProjectFile, name: str, keys: Sequence[str]) -> NDArray[np.int64]:
    """Row numbers of some keys, ascending; keys that are gone stay out."""
    found: list[int] = []
    with project.asking() as connection:
        table = table_of(connection, name)
        for start in range(0, len(keys), BATCH):
            batch = list(keys[start : start + BATCH])
            words = (
                f"SELECT rowid FROM {quoted(table.disk)}"  # noqa: S608
                f" WHERE {quoted(table.key)} IN ({', '.join('?' * len(batch))})"
            )
            found += [number for (number,) in connection.execute(words, batch)]
    return np.sort(np.array(found, np.int64))


def page(
    project: ProjectFile, name: str, numbers: NDArray[np.int64], columns: Sequence[str]
) -> list[tuple[str, Row]]:
    """Keys and cells of some of the rows that `view` numbers, in that order; rows that are gone stay out."""
    with project.asking() as connection:
        return _page(connection, table_of(connection, name), numbers, columns)


def near(project: ProjectFile, name: str, extent: Extent, most: int = -1) -> tuple[tuple[str, ...], Shapes]:
    """Keys and shapes of the features whose boxes meet a small extent: for snapping and picking.

    With `most`, no more than so many are read: one more than one cares for says that there are too many.
    """
    with project.asking() as connection:
        return read_near(connection, name, extent, most)


def held(project: ProjectFile, name: str, keys: Sequence[str]) -> VectorLayer:
    """Some of a layer's features; those that are gone stay out.

    Raises
    ------
    KeyError
        No such layer, or it is a raster.
    """
    return layer_of(project, name, rows_of(project, name, keys))


def rows_of(project: ProjectFile, name: str, keys: Sequence[str]) -> dict[str, Row]:
    """Some of a layer's rows in the order of the keys; those that are gone stay out.

    Raises
    ------
    KeyError
        No such layer, or it is a raster.
    """
    found: dict[str, Row] = {}
    with project.asking() as connection:
        table = table_of(connection, name)
        for start in range(0, len(keys), BATCH):
            found.update(table.some(connection, keys[start : start + BATCH]))
    return {key: found[key] for key in keys if key in found}


def picked(project: ProjectFile, name: str, numbers: Numbers, progress: Progress = ignore) -> VectorLayer:
    """The features of the rows that `view` numbers, in the order of storing; rows that are gone stay out.

    Where they are many, the layer is read in one go.

    Raises
    ------
    KeyError
        No such layer, or it is a raster.
    """
    keys = keys_at(project, name, numbers)
    if len(keys) * FEW < project.layer(name).rows:
        return held(project, name, keys)
    layer = project.read(name, progress=progress, strict=False)
    return layer.take(layer["uuid"].isin(keys).to_numpy(bool))


def layer_of(project: ProjectFile, name: str, rows: Mapping[str, Row]) -> VectorLayer:
    """Rows, stored or not yet, as features of a layer.

    Raises
    ------
    KeyError
        No such layer.
    """
    entry = project.layer(name)
    with project.asking() as connection:
        columns = table_of(connection, name).columns
    cells = {
        column: column_of([row.get(column) for row in rows.values()], columns[column]) for column in columns
    }
    if entry.geometry == "table" or entry.geometry == "raster":
        shapes = Shapes.none(len(rows))
    else:
        blobs = [row.get("geom") for row in rows.values()]
        shapes, _ = shapes_in(blobs, entry.geometry)
    table = pd.DataFrame({**cells, "uuid": list(rows)}, index=pd.RangeIndex(len(rows)))
    return VectorLayer(name, entry.kind, entry.crs, shapes, table, entry.title, entry.fields)


def cells(project: ProjectFile, name: str, column: str) -> dict[str, Value]:
    """The cells of one column by key, as they are stored, in the order of storing.

    Raises
    ------
    KeyError
        No such layer or column.
    """
    with project.asking() as connection:
        table = table_of(connection, name)
        if column not in table.columns:
            raise KeyError(column)
        words = f"SELECT {quoted(table.key)}, {quoted(column)} FROM {quoted(table.disk)} ORDER BY rowid"  # noqa: S608
        return dict(connection.execute(words))


def attributes(
    project: ProjectFile, name: str, columns: Sequence[str], progress: Progress = ignore
) -> VectorLayer:
    """Some columns of all features of a layer, without where they lie, in the order of storing.

    Raises
    ------
    KeyError
        No such layer or column, or it is a raster.
    """
    entry = project.layer(name)
    with project.asking() as connection:
        table = replace(table_of(connection, name), kind="table")
        shapes, cells, _ = read_rows(connection, table, columns, None, entry.rows, progress)
    return VectorLayer(name, entry.kind, "", shapes, cells, entry.title, entry.fields)


def holders(project: ProjectFile, name: str, column: str, values: Sequence[str]) -> dict[str, frozenset[str]]:
    """Which rows have each of some texts in a column: text → keys; texts that no row has stay out."""
    found: dict[str, set[str]] = {}
    with project.asking() as connection:
        table = table_of(connection, name)
        for start in range(0, len(values), BATCH):
            batch = list(values[start : start + BATCH])
            words = (
                f"SELECT {quoted(column)}, {quoted(table.key)} FROM {quoted(table.disk)}"  # noqa: S608
                f" WHERE {quoted(column)} IN ({', '.join('?' * len(batch))})"
            )
            for value, key in connection.execute(words, batch):
                found.setdefault(value, set()).add(key)
    return {value: frozenset(keys) for value, keys in found.items()}


def at(project: ProjectFile, name: str, x: float, y: float, tolerance: float = 0.0) -> tuple[str, ...]:
    """Keys of the features at a point, or within metres of it, the last stored first."""
    extent = Extent(x - tolerance, y - tolerance, x + tolerance, y + tolerance)
    with project.asking() as connection:
        found = blobs_near(connection, name, extent)
    geometries = shapely.from_wkb([wkb_of(blob) for _, blob in found], on_invalid="ignore")
    hit = shapely.dwithin(geometries, shapely.Point(x, y), tolerance)
    return tuple(key for (key, _), there in zip(found, hit.tolist(), strict=True) if there)[::-1]


def _numbers(
    connection: sqlite3.Connection, table: Table, view: View, titles: Mapping[str, str], count: int
) -> NDArray[np.int64]:
    where, values = _where(table, view, titles)
    if not view.sort and not where:
        return _as_stored(connection, table, count)
    if view.sort and view.sort not in table.columns:
        raise BadInput("column_unknown", table=table.name, column=view.sort)
    if view.sort and table.columns[view.sort] in _NUMERIC:
        return _by_number(connection, table, view, where, values)
    way = " DESC" if view.descending else ""
    order = f"{quoted(view.sort)}{way} NULLS LAST" if view.sort else "rowid"
    words = f"SELECT rowid AS n FROM {quoted(table.disk)}{where} ORDER BY {order}"  # noqa: S608
    (listed,) = connection.execute(f"SELECT group_concat(n) FROM ({words})", values).fetchone()  # noqa: S608
    return np.fromstring(listed, np.int64, sep=",") if listed else np.empty(0, np.int64)


def _by_number(
    connection: sqlite3.Connection, table: Table, view: View, where: str, values: list[str | float]
) -> NDArray[np.int64]:
    """Numbers are sorted here: far faster than in the database. What is missing comes last, both ways."""
    last = "-9e999" if view.descending else "9e999"
    words = f"SELECT rowid, ifnull({quoted(view.sort)} + 0.0, {last}) FROM {quoted(table.disk)}{where}"  # noqa: S608
    cells = np.fromiter(chain.from_iterable(connection.execute(words, values)), np.float64)
    rows, keys = cells[::2].astype(np.int64), cells[1::2]
    return rows[np.argsort(-keys if view.descending else keys, kind="stable")]


def _as_stored(connection: sqlite3.Connection, table: Table, count: int) -> NDArray[np.int64]:
    """All rows; where no number is missing, none has to be read: the ends are found at once."""
    disk = quoted(table.disk)
    if not count:
        return np.empty(0, np.int64)
    low, high = _ends(connection, table)
    if high - low + 1 == count:
        return np.arange(low, high + 1, dtype=np.int64)
    words = f"SELECT group_concat(n) FROM (SELECT rowid AS n FROM {disk} ORDER BY rowid)"  # noqa: S608
    return np.fromstring(connection.execute(words).fetchone()[0], np.int64, sep=",")


def _ends(connection: sqlite3.Connection, table: Table) -> tuple[int, int]:
    """The least and the greatest row number; 0 and -1 without rows."""
    disk = quoted(table.disk)
    words = f"SELECT (SELECT min(rowid) FROM {disk}), (SELECT max(rowid) FROM {disk})"  # noqa: S608
    low, high = connection.execute(words).fetchone()
    return (0, -1) if low is None else (low, high)


def _page(
    connection: sqlite3.Connection, table: Table, wanted: NDArray[np.int64], columns: Sequence[str]
) -> list[tuple[str, Row]]:
    places = ", ".join("?" * len(wanted))
    chosen = "".join(f", {quoted(column)}" for column in columns)
    words = (
        f"SELECT rowid, {quoted(table.key)}{chosen} FROM {quoted(table.disk)}"  # noqa: S608
        f" WHERE rowid IN ({places})"
    )
    found = {
        row[0]: (row[1], dict(zip(columns, row[2:], strict=True)))
        for row in connection.execute(words, [int(n) for n in wanted])
    }
    return [found[int(n)] for n in wanted if int(n) in found]


def _where(table: Table, view: View, titles: Mapping[str, str]) -> Words:
    parts: list[str] = []
    values: list[str | float] = []
    if view.only:
        words, more = in_sql(parse(view.only), {**titles, **{c: c for c in table.columns}})
        parts.append(words)
        values += more
    if view.search:
        pattern = "%" + view.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        likes = [f"CAST({quoted(column)} AS TEXT) LIKE ? ESCAPE '\\'" for column in table.columns]
        parts.append(f"({' OR '.join(likes) or '0'})")
        values += [pattern] * len(likes)
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), values


def in_sql(node: Node, columns: Mapping[str, str]) -> Words:
    """A condition in SQL: names quoted, values in places.

    Parameters
    ----------
    node : Node
    columns : mapping of str to str
        Columns by what they may be called: their names, and what the user reads.

    Raises
    ------
    BadInput
        It names no column of the table, or has what SQL is not asked for.
    """
    if node.act == "field":
        if node.value not in columns:
            raise BadInput("formula_field", field=node.value, fields="、".join(list(columns)[:12]))
        return quoted(columns[node.value]), []
    if node.act in {"number", "text"}:
        return "?", [float(node.value) if node.act == "number" else node.value]
    if node.act in {"null", "truth"}:
        return {"null": "NULL", "truth": str(int(node.value == "true"))}[node.act], []
    parts = [in_sql(part, columns) for part in node.parts]
    words = _written(node, [part for part, _ in parts])
    return words, [value for _, values in parts for value in values]


def _written(node: Node, parts: Sequence[str]) -> str:
    if node.act in {"and", "or"}:
        return f"({parts[0]} {node.act.upper()} {parts[1]})"
    if node.act == "not":
        return f"(NOT {parts[0]})"
    if node.act == "missing":
        return f"({parts[0]} IS NULL)"
    if node.act == "negative":
        return f"(- {parts[0]})"
    if node.act == "in":
        return f"({parts[0]} IN ({', '.join(parts[1:])}))"
    if node.act in {"=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "||", "like"}:
        return f"({parts[0]} {node.act.upper()} {parts[1]})"
    raise BadInput("formula_function", function=node.value, functions="")

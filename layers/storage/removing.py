"""Many rows of a layer taken away as one value: read in pieces, packed at once, never an object a row."""

import sqlite3
from collections.abc import Iterator, Sequence

from layers.changes import ColumnChanges, Edit, Value
from layers.progress import Progress, ignore
from layers.storage.geopackage import ProjectFile
from layers.storage.packed import PIECE, packed_columns
from layers.storage.registry import table_of
from layers.storage.rows import Table


def removal(
    project: ProjectFile, layer: str, keys: Sequence[str], name: str, progress: Progress = ignore
) -> Edit:
    """The edit that takes features away; those that are gone already stay out.

    Parameters
    ----------
    project : ProjectFile
    layer : str
    keys : sequence of str
        Each once.
    name : str
    progress : Progress

    Raises
    ------
    KeyError
        No such layer, or it is a raster.
    """
    with project.asking() as connection:
        table = table_of(connection, layer)
        rows = _rows(connection, table, keys, progress)
        found, *cells = packed_columns(rows, 1 + len(table.stored))
    return Edit(name, ColumnChanges(layer, table.stored, found, tuple(cells), None))


def _rows(
    connection: sqlite3.Connection, table: Table, keys: Sequence[str], progress: Progress
) -> Iterator[tuple[Value, ...]]:
    for start in range(0, len(keys), PIECE):
        progress(start / len(keys))
        yield from table.cells(connection, keys[start : start + PIECE])

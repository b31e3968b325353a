"""Reading for drawing: shapes and the columns of a style, nothing else.

A million buildings are read in a second or two and lie in flat arrays. The boxes of the spatial index alone
are read ten times faster: from afar they are the picture.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.grid import Extent
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.storage.blobs import shapes_of
from layers.storage.connection import connect, translated
from layers.storage.entries import LayerEntry
from layers.storage.gathering import Gathering
from layers.storage.reading import column_of, meeting
from layers.storage.registry import table_of
from layers.storage.rows import Table
from layers.storage.rtree import index_cells
from layers.storage.schema import quoted
from layers.storage.unpack import is_compiled, unpacked

_BATCH = 4_000  # SQLite lets other threads run only between batches


def read_drawn(
    path: Path,
    entry: LayerEntry,
    columns: Sequence[str] = (),
    extent: Extent | None = None,
    progress: Progress = ignore,
) -> tuple[VectorLayer, list[int]]:
    """A vector layer of a project as far as drawing needs it: its attributes have no ``uuid``.

    The second: places of the features whose geometry is torn or of another kind; they are not drawn.

    Parameters
    ----------
    path : Path
        The project.
    entry : LayerEntry
        Of a layer with geometry.
    columns : sequence of str
        Attributes to read; those that the table has not are left out.
    extent : Extent, optional
        Only features whose boxes meet it.
    progress : Progress
    """
    with translated(path):
        connection = connect(path, read_only=True)
        try:
            table = table_of(connection, entry.name)
            wanted = [c for c in columns if c in table.columns]
            connection.execute("PRAGMA cache_size = -4096")  # every page is read once
            where, values = meeting(table, extent)
            chosen = ", ".join(['"geom"', *map(quoted, wanted)])
            cursor = connection.execute(
                f"SELECT {chosen} FROM {quoted(table.disk)}{where} ORDER BY fid",  # noqa: S608
                values,
            )
            shapes, cells, torn = _gather(cursor, table, len(wanted), entry.rows, progress)
        finally:
            connection.close()
    attributes = None
    if wanted:  # else the map needs no pandas
        named = zip(wanted, cells, strict=True)
        made = {name: column_of(values, table.columns[name]) for name, values in named}
        attributes = pd.DataFrame(made, index=pd.RangeIndex(len(shapes)))
    return VectorLayer(entry.name, entry.kind, entry.crs, shapes, attributes, entry.title, entry.fields), torn


def _gather(
    cursor: Any, table: Table, columns: int, rows: int, progress: Progress
) -> tuple[Shapes, list[list[Any]], list[int]]:
    shapes = Gathering(table.kind, rows)
    cells: list[list[tuple[Any, ...]]] = [[] for _ in range(columns)]
    torn: list[int] = []
    done, fast = 0, is_compiled()
    while batch := cursor.fetchmany(_BATCH):
        blobs, *others = zip(*batch, strict=True)
        made = unpacked(blobs, table.kind) if fast else None
        if made is None:
            made, lost = shapes_of(blobs, table.kind)
            torn += (lost + done).tolist()
        shapes.add(made)
        for place, part in enumerate(others):
            cells[place].append(part)
        done += len(batch)
        progress(min(done / max(rows, 1), 1.0))
    return shapes.shapes(), [list(chain.from_iterable(parts)) for parts in cells], torn


def read_column(path: Path, name: str, column: str) -> "pd.Series[Any]":
    """One column of a layer, in the order of storing, without its geometry; a `KeyError` if there is none."""
    with translated(path):
        connection = connect(path, read_only=True)
        try:
            table = table_of(connection, name)
            words = f"SELECT {quoted(column)} FROM {quoted(table.disk)} ORDER BY fid"  # noqa: S608
            cells = [cell for (cell,) in connection.execute(words)]
            return column_of(cells, table.columns[column])
        finally:
            connection.close()


def read_boxes(path: Path, name: str) -> NDArray[np.float64]:
    """West, south, east, north of every feature of a layer from its spatial index, in the index's order."""
    with translated(path):
        connection = connect(path, read_only=True)
        try:
            return index_cells(connection, name)[1]
        finally:
            connection.close()

"""What a project's file says of its own tables: the card, the registration of layers, their listing."""

import math
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

from layers.changes import Change, Row
from layers.errors import BadInput, MissingLayer, NewerProject
from layers.grid import Extent
from layers.layer import GeometryKind
from layers.storage.blobs import Boxes
from layers.storage.connection import connect
from layers.storage.entries import LayerEntry, entry_of
from layers.storage.layerstyles import styles_kept
from layers.storage.migrations import SCHEMA, take_steps
from layers.storage.qgisproject import PROJECT_NAME, metadata, qgis_project
from layers.storage.rows import Table
from layers.storage.schema import (
    PROJECT,
    QGIS_PROJECTS,
    add_crs,
    has_table,
    index_table,
    list_table,
    quoted,
    retitle_table,
    unlist_table,
)
from layers.storage.soundness import unreadable_layers

_OWN = {"layers": ("riskatlas_layers", "name"), "settings": ("riskatlas_settings", "key")}


def write_card(connection: sqlite3.Connection, name: str, crs: str) -> None:
    """Our own tables in a fresh GeoPackage; the caller holds the transaction."""
    schema = take_steps(connection, 0)
    connection.execute(
        "INSERT INTO riskatlas_project (id, schema, name, crs, created)"
        " VALUES (1, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
        (schema, name, crs),
    )


def schema_of(connection: sqlite3.Connection, path: Path) -> int:
    """The number of the schema.

    Raises
    ------
    BadInput
        The file is a database, but no project, or tables that every project has are gone.
    NewerProject
        A newer version of the program wrote it.
    """
    if not has_table(connection, "riskatlas_project"):
        raise BadInput("not_a_project", path=path)
    (schema,) = connection.execute("SELECT schema FROM riskatlas_project").fetchone() or (None,)
    own = ("riskatlas_layers", "riskatlas_journal", "riskatlas_settings")
    if not isinstance(schema, int) or schema < 1 or not all(has_table(connection, each) for each in own):
        raise BadInput("project_torn", path=path)
    if schema > SCHEMA:
        raise NewerProject("project_newer", path=path, schema=schema, known=SCHEMA)
    return schema


def is_project(path: Path) -> bool:
    """Whether a project stands there, or a work package; anything else that may stand there is none."""
    try:
        if not path.is_file():
            return False
        with closing(connect(path, read_only=True)) as connection:
            return has_table(connection, PROJECT)
    except (OSError, sqlite3.Error):
        return False


def bring_up(connection: sqlite3.Connection, schema: int) -> None:
    """Take the steps that an older project lacks; the caller holds the transaction."""
    reached = take_steps(connection, schema)
    connection.execute("UPDATE riskatlas_project SET schema = ?", (reached,))


def table_of(connection: sqlite3.Connection, name: str) -> Table:
    """The table that changes name so.

    Raises
    ------
    KeyError
        It is not registered.
    """
    if name in _OWN:
        disk, key = _OWN[name]
        return Table(name, disk, key, _columns(connection, disk, {key}))
    found = connection.execute("SELECT geometry FROM riskatlas_layers WHERE name = ?", (name,)).fetchone()
    if found is None or found[0] == "raster":
        raise MissingLayer(name)
    kind: GeometryKind = found[0]
    srs = connection.execute(
        "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (name,)
    ).fetchone()
    columns = _columns(connection, name, {"fid", "geom", "uuid"})
    return Table(name, name, "uuid", columns, kind, srs[0] if srs else 0)


def _columns(connection: sqlite3.Connection, disk: str, without: set[str]) -> dict[str, str]:
    described = connection.execute(f"PRAGMA table_info({quoted(disk)})").fetchall()
    return {name: sql_type.upper() for _, name, sql_type, *_ in described if name not in without}


def entries(connection: sqlite3.Connection, count: Callable[[str], int]) -> tuple[LayerEntry, ...]:
    """All registered layers that can be read, in their order; `count` tells the rows of a table."""
    boxes, torn = _boxes(connection), unreadable_layers(connection)
    rows = table_of(connection, "layers").rows(connection)
    listed = [_entry(name, row, boxes, count) for name, row in rows if name not in torn]
    return tuple(sorted(listed, key=lambda entry: (entry.position, entry.name)))


def entry_named(connection: sqlite3.Connection, name: str, count: Callable[[str], int]) -> LayerEntry:
    """The layer of that name; `MissingLayer`, a `KeyError` too: none is registered, or it cannot be read."""
    found = table_of(connection, "layers").find(connection, name)
    if found is None or name in unreadable_layers(connection, name):
        raise MissingLayer(name)
    return _entry(name, found[1], _boxes(connection, name), count)


def _entry(
    name: str, row: Row, boxes: Mapping[str, Extent | None], count: Callable[[str], int]
) -> LayerEntry:
    is_raster = row["geometry"] == "raster"
    return entry_of(name, row) if is_raster else entry_of(name, row, count(name), boxes.get(name))


def _boxes(connection: sqlite3.Connection, name: str | None = None) -> dict[str, Extent | None]:
    """The listed extents, or that of one layer, else those of the index; None where nothing lies anywhere."""
    words = (
        "SELECT name, min_x, min_y, max_x, max_y FROM riskatlas_layers LEFT JOIN gpkg_contents"
        " ON table_name = name WHERE geometry IN ('point', 'line', 'polygon') AND name = ifnull(?, name)"
    )
    found = connection.execute(words, (name,)).fetchall()
    return {
        listed: Extent(*box) if _is_box(box) else _indexed_box(connection, listed) for listed, *box in found
    }


def _indexed_box(connection: sqlite3.Connection, name: str) -> Extent | None:
    if not has_table(connection, index_table(name)):
        return None
    index = quoted(index_table(name))
    words = f"SELECT min(minx), min(miny), max(maxx), max(maxy) FROM {index}"  # noqa: S608
    box = connection.execute(words).fetchone()
    return None if None in box else Extent(*box)


def _is_box(box: list[object]) -> bool:
    return all(isinstance(edge, int | float) and math.isfinite(edge) for edge in box)


def count_rows(connection: sqlite3.Connection, name: str) -> int:
    """Rows of a layer's table."""
    return int(connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0])  # noqa: S608


def is_taken(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the file holds a table of that name, or a layer is registered so whose table is gone."""
    return has_table(connection, name) or table_of(connection, "layers").find(connection, name) is not None


def register(connection: sqlite3.Connection, change: Change, crs: str) -> None:
    """Follow a change of the registration: show, hide or retitle the layer for other programs.

    Raises
    ------
    BadInput
        A layer is registered whose table the file does not hold.
    """
    row = change.after or change.before or {}
    if row.get("geometry") == "raster":
        return
    if change.after is None:
        unlist_table(connection, change.key)
    elif change.before is None:
        _show(connection, change.key, change.after, crs)
    else:
        retitle_table(connection, change.key, str(change.after["title"]))


def _show(connection: sqlite3.Connection, name: str, row: Row, crs: str) -> None:
    if not has_table(connection, name):
        raise BadInput("layer_without_table", name=name)
    kind: GeometryKind = row["geometry"]  # type: ignore[assignment]  # written by row_of
    extent = None if kind == "table" else _indexed_box(connection, name)
    list_table(connection, name, kind, str(row["title"]), add_crs(connection, crs), extent)


def widen(connection: sqlite3.Connection, table: Table, boxes: Boxes) -> None:
    """Make the listed extent of a layer hold what an edit put into it."""
    there = boxes[~np.isnan(boxes[:, 0])]
    if table.kind == "table" or not len(there):
        return
    low, high = there[:, :2].min(axis=0), there[:, 2:].max(axis=0)
    connection.execute(
        "UPDATE gpkg_contents SET min_x = min(ifnull(min_x, ?1), ?1), min_y = min(ifnull(min_y, ?2), ?2),"
        " max_x = max(ifnull(max_x, ?3), ?3), max_y = max(ifnull(max_y, ?4), ?4),"
        " last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = ?5",
        (*low.tolist(), *high.tolist(), table.name),
    )


def write_qgis_project(connection: sqlite3.Connection, path: Path) -> None:
    """Put the layer list and the styles, as they are now, into the QGIS project inside the file."""
    title, crs = connection.execute("SELECT name, crs FROM riskatlas_project").fetchone()
    listed = entries(connection, lambda name: 0)  # nobody asks how many rows they have
    content = qgis_project(listed, path, title, crs, styles_kept(connection))
    connection.execute(QGIS_PROJECTS)  # other programs may have thrown it away
    connection.execute("DELETE FROM qgis_projects")
    connection.execute(
        "INSERT INTO qgis_projects (name, metadata, content) VALUES (?, ?, ?)",
        (PROJECT_NAME, metadata(), content.hex()),
    )
    connection.execute("UPDATE riskatlas_project SET file = ?", (path.name,))

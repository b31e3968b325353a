"""Carrying an edit out in a project's tables, whichever form its changes have."""

import sqlite3
from pathlib import Path

from layers.changes import Change, ColumnChanges, Edit
from layers.storage.blobs import Boxes, boxes_of
from layers.storage.bulk import carry_out_columns
from layers.storage.registry import register, table_of, widen, write_qgis_project
from layers.storage.rows import Table


def carry_out(connection: sqlite3.Connection, edit: Edit, path: Path, crs: str) -> None:
    """Make all changes of an edit and follow them in the registers; the caller holds the transaction.

    Raises
    ------
    Conflict
        A row is not as the edit expects it.
    BadInput
        A column cannot hold a value.
    """
    changes = edit.changes
    if isinstance(changes, ColumnChanges) and changes.table != "layers":
        table = table_of(connection, changes.table)
        widen(connection, table, carry_out_columns(connection, table, changes))
        return
    tables: dict[str, Table] = {}
    for change in changes:
        if change.table not in tables:
            tables[change.table] = table_of(connection, change.table)
        tables[change.table].carry_out(connection, change)
        if change.table == "layers":
            register(connection, change, crs)
    for name, table in tables.items():
        widen(connection, table, _boxes([change for change in changes if change.table == name]))
    if "layers" in tables:
        write_qgis_project(connection, path)


def _boxes(changes: list[Change]) -> Boxes:
    """The boxes of all geometries that changes put into a table."""
    return boxes_of([change.after["geom"] for change in changes if change.after and "geom" in change.after])

"""The table ``layer_styles`` in which QGIS finds how a layer is to be drawn.

Its columns are those that QGIS 3.22 makes (``QgsOgrProviderMetadata::saveStyle``); it is listed as a table of
attributes, as QGIS lists it, or GDAL would not show it to QGIS.
"""

import sqlite3
from collections.abc import Mapping

from layers.storage.schema import has_table

_OWNER = "riskatlas"


def keep_styles(connection: sqlite3.Connection, styles: Mapping[str, str]) -> None:
    """Let the table hold these styles (layer → QML) as defaults, and none else of ours.

    Styles that others have put there stay. The caller holds the transaction.
    """
    if not has_table(connection, "layer_styles"):
        if not styles:
            return
        _make(connection)
    if not _is_as_qgis_makes_it(connection):
        return  # another program's table of that name: it is left alone
    connection.execute("DELETE FROM layer_styles WHERE owner = ?", (_OWNER,))
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
        " styleName, styleQML, styleSLD, useAsDefault, description, owner)"
        " VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', ?)",
        [(name, _OWNER, text, _OWNER) for name, text in styles.items()],
    )


def styles_kept(connection: sqlite3.Connection) -> dict[str, str]:
    """Our styles in the table, layer → QML."""
    if not _is_as_qgis_makes_it(connection):
        return {}
    kept = connection.execute(
        "SELECT f_table_name, styleQML FROM layer_styles WHERE owner = ?", (_OWNER,)
    ).fetchall()
    return {name: text for name, text in kept if isinstance(name, str) and isinstance(text, str)}


def _is_as_qgis_makes_it(connection: sqlite3.Connection) -> bool:
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(layer_styles)").fetchall()}
    return columns >= {
        "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML",
        "styleSLD", "useAsDefault", "description", "owner",
    }  # fmt: skip


def _make(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),"
        " f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),"
        " styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
        " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles')"
    )

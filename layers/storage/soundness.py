"""What of a project is damaged: layers that cannot be read, and registrations of which something cannot.

Such a layer is not listed: the rest of the project is as if it were not there. Its registration and its rows
stay in the file, and it is said when the project is opened.
"""

import sqlite3
from collections.abc import Iterator

from layers.errors import BadInput, KnownError
from layers.storage.entries import unreadable

_GEOMETRIES = {"point", "line", "polygon", "table", "raster"}


def unreadable_layers(connection: sqlite3.Connection, name: str | None = None) -> frozenset[str]:
    """Names of the registered layers, or whether it is this one, that cannot be read.

    Their table is gone, it lacks the columns that every layer has or its spatial index, or the kind of
    geometry is unknown.
    """
    found = _described(connection, name)
    return frozenset(n for n, kind, columns, indexed in found if not (_is_whole(kind, columns) and indexed))


def without_index(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Names of the layers that lack nothing but their spatial index: it can be made anew."""
    found = _described(connection, None)
    return tuple(n for n, kind, columns, indexed in found if _is_whole(kind, columns) and not indexed)


def _described(
    connection: sqlite3.Connection, name: str | None
) -> Iterator[tuple[str, object, set[str], bool]]:
    """Name, kind of geometry and columns of each layer, and whether it has the index that it needs."""
    words = (
        "SELECT name, geometry, (SELECT group_concat(name, char(0)) FROM pragma_table_info(layer.name)),"
        " geometry IN ('raster', 'table') OR"
        " 'rtree_' || layer.name || '_geom' IN (SELECT name FROM sqlite_master)"
        " FROM riskatlas_layers AS layer WHERE name = ifnull(?, name)"
    )
    for layer, geometry, columns, indexed in connection.execute(words, (name,)).fetchall():
        yield layer, geometry, set((columns or "").split("\0")), bool(indexed)


def _is_whole(geometry: object, columns: set[str]) -> bool:
    needed = {"fid", "uuid"} if geometry == "table" else {"fid", "uuid", "geom"}
    return geometry in _GEOMETRIES and (geometry == "raster" or needed <= columns)


def damages(connection: sqlite3.Connection) -> Iterator[KnownError]:
    """What is to be said of a project's layers when it is opened: one sentence for each kind of damage."""
    torn = unreadable_layers(connection)
    words = (
        "SELECT name, title, lattice, position, provenance, fields FROM riskatlas_layers ORDER BY position"
    )
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in connection.execute(words).fetchall()]
    gone = [row for row in rows if row["name"] in torn]
    odd = [row for row in rows if row["name"] not in torn and unreadable(row)]
    if gone:
        yield BadInput("layers_unreadable", layers=_listed(gone))
    if odd:
        yield BadInput("registrations_unreadable", layers=_listed(odd))


_COLUMNS = ("name", "title", "lattice", "position", "provenance", "fields")


def _listed(rows: list[dict[str, object]], most: int = 6) -> str:
    names = [str(row["title"] or row["name"])[:40] for row in rows]
    return "、".join(names[:most]) + ("…" if len(names) > most else "")

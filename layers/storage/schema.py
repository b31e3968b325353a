"""The tables of a GeoPackage: making them, listing them for other programs, taking them off the list.

Source: OGC 12-128r18 (GeoPackage 1.3.1): tables 3, 5, 21 and annex F.3 (RTree spatial indexes, the index
triggers). Names are quoted by `quoted`; values go through parameters only.
"""

import sqlite3
from collections.abc import Iterable

import pyproj

from layers.errors import UnknownCrs
from layers.grid import Extent
from layers.layer import GeometryKind

APPLICATION_ID = 0x47504B47  # "GPKG"
GEOPACKAGE_VERSION = 10300

LAYERS = "riskatlas_layers"
JOURNAL = "riskatlas_journal"
SETTINGS = "riskatlas_settings"
PROJECT = "riskatlas_project"

RESERVED = ("gpkg_", "rtree_", "sqlite_", "riskatlas_", "qgis_", "layer_styles", "layers", "settings", "idx_")

GEOMETRY_TYPES = {"point": "MULTIPOINT", "line": "MULTILINESTRING", "polygon": "MULTIPOLYGON"}
COLUMN_TYPES = {"text": "TEXT", "integer": "INTEGER", "real": "REAL", "date": "DATE"}

QGIS_PROJECTS = (
    "CREATE TABLE IF NOT EXISTS qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"
)
_BLANK = (
    """CREATE TABLE gpkg_spatial_ref_sys (
        srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
        organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)""",
    """CREATE TABLE gpkg_contents (
        table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
        description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT
        (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
        srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id)
        REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
        srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
        CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
        CONSTRAINT uk_gc_table_name UNIQUE (table_name),
        CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
        CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
    """CREATE TABLE gpkg_extensions (
        table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
        scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
    QGIS_PROJECTS,
    # With this row GDAL lists the tables of gpkg_contents and no others: ours stay out of sight.
    """INSERT INTO gpkg_extensions VALUES (NULL, NULL, 'gdal_aspatial',
        'http://gdal.org/geopackage_aspatial.html', 'read-write')""",
)

_TRIGGERS = {
    "insert": """AFTER INSERT ON {t} WHEN (NEW.{g} NOT NULL AND NOT ST_IsEmpty(NEW.{g}))
        BEGIN INSERT OR REPLACE INTO {r} VALUES (NEW.{i}, ST_MinX(NEW.{g}), ST_MaxX(NEW.{g}),
        ST_MinY(NEW.{g}), ST_MaxY(NEW.{g})); END""",
    "update1": """AFTER UPDATE OF {g} ON {t} WHEN OLD.{i} = NEW.{i}
        AND (NEW.{g} NOT NULL AND NOT ST_IsEmpty(NEW.{g}))
        BEGIN INSERT OR REPLACE INTO {r} VALUES (NEW.{i}, ST_MinX(NEW.{g}), ST_MaxX(NEW.{g}),
        ST_MinY(NEW.{g}), ST_MaxY(NEW.{g})); END""",
    "update2": """AFTER UPDATE OF {g} ON {t} WHEN OLD.{i} = NEW.{i}
        AND (NEW.{g} IS NULL OR ST_IsEmpty(NEW.{g}))
        BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END""",
    "update3": """AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i}
        AND (NEW.{g} NOT NULL AND NOT ST_IsEmpty(NEW.{g}))
        BEGIN DELETE FROM {r} WHERE id = OLD.{i}; INSERT OR REPLACE INTO {r} VALUES (NEW.{i},
        ST_MinX(NEW.{g}), ST_MaxX(NEW.{g}), ST_MinY(NEW.{g}), ST_MaxY(NEW.{g})); END""",
    "update4": """AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i}
        AND (NEW.{g} IS NULL OR ST_IsEmpty(NEW.{g}))
        BEGIN DELETE FROM {r} WHERE id IN (OLD.{i}, NEW.{i}); END""",
    "delete": """AFTER DELETE ON {t} WHEN OLD.{g} NOT NULL
        BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END""",
}


def quoted(name: str) -> str:
    """An SQL identifier.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    if not name or "\0" in name:
        raise ValueError(f"not a name: {name!r}")
    return '"' + name.replace('"', '""') + '"'


def index_table(table: str) -> str:
    """Name of the spatial index of a table."""
    return f"rtree_{table}_geom"


def make_geopackage(connection: sqlite3.Connection, crs: str) -> int:
    """The tables that every GeoPackage has; returns the number of `crs` in it."""
    for statement in _BLANK:
        connection.execute(statement)
    wgs84 = pyproj.CRS.from_epsg(4326).to_wkt("WKT1_GDAL")
    connection.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
            ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
            ("WGS 84 geodetic", 4326, "EPSG", 4326, wgs84, None),
        ],
    )
    return add_crs(connection, crs)


def add_crs(connection: sqlite3.Connection, crs: str) -> int:
    """Enter a reference system; returns its ``srs_id``, which is its EPSG code.

    Raises
    ------
    UnknownCrs
        It is not in the EPSG register.
    """
    found = pyproj.CRS.from_user_input(crs)
    code = found.to_epsg()
    if code is None:
        raise UnknownCrs("crs_not_registered", crs=found.name)
    connection.execute(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, 'EPSG', ?, ?, NULL)",
        (found.name, code, code, found.to_wkt("WKT1_GDAL")),
    )
    return int(code)


def make_table(
    connection: sqlite3.Connection, table: str, kind: GeometryKind, columns: Iterable[tuple[str, str]]
) -> None:
    """An empty table of a layer: fid, geometry, UUID, and `columns` of (name, SQL type)."""
    geometry = [] if kind == "table" else [f'"geom" {GEOMETRY_TYPES[kind]}']
    parts = [
        '"fid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL',
        *geometry,
        '"uuid" TEXT NOT NULL DEFAULT (lower(hex(randomblob(16))))',
        *(f"{quoted(name)} {sql_type}" for name, sql_type in columns),
    ]
    connection.execute(f"CREATE TABLE {quoted(table)} ({', '.join(parts)})")
    if kind != "table":
        index = quoted(index_table(table))
        connection.execute(f"CREATE VIRTUAL TABLE {index} USING rtree(id, minx, maxx, miny, maxy)")


def make_key(connection: sqlite3.Connection, table: str) -> None:
    """UUIDs are unique; made after a bulk load, when sorting once is faster."""
    connection.execute(f"CREATE UNIQUE INDEX {quoted(f'idx_{table}_uuid')} ON {quoted(table)} (uuid)")


def make_triggers(connection: sqlite3.Connection, table: str) -> None:
    """The triggers that keep the spatial index true; made after a bulk load."""
    for name, body in _TRIGGERS.items():
        words = body.format(t=quoted(table), g='"geom"', i='"fid"', r=quoted(index_table(table)))
        connection.execute(f"CREATE TRIGGER {quoted(f'{index_table(table)}_{name}')} {words}")


def restore_index(connection: sqlite3.Connection, table: str) -> None:
    """Make the spatial index of a layer that has lost it, and its triggers anew."""
    index, own = quoted(index_table(table)), quoted(table)
    connection.execute(f"CREATE VIRTUAL TABLE {index} USING rtree(id, minx, maxx, miny, maxy)")
    connection.execute(
        f"INSERT INTO {index} SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom)"  # noqa: S608
        f" FROM {own} WHERE geom NOT NULL AND NOT ST_IsEmpty(geom)"
    )
    for name in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {quoted(f'{index_table(table)}_{name}')}")
    make_triggers(connection, table)


def list_table(
    connection: sqlite3.Connection,
    table: str,
    kind: GeometryKind,
    title: str,
    srs_id: int,
    extent: Extent | None,
) -> None:
    """Make the table visible to other programs."""
    spatial = kind != "table"
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            table,
            "features" if spatial else "attributes",
            _identifier(connection, table, title),
            *(extent or (None,) * 4),
            srs_id if spatial else None,
        ),
    )
    if spatial:
        connection.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
            (table, GEOMETRY_TYPES[kind], srs_id),
        )
        connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index',"
            " 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
            (table,),
        )


def _identifier(connection: sqlite3.Connection, table: str, title: str) -> str:
    """The title, or the title and the name where another table has that title already."""
    taken = connection.execute(
        "SELECT 1 FROM gpkg_contents WHERE identifier = ? AND table_name != ?", (title, table)
    ).fetchone()
    return f"{title} ({table})" if taken or not title else title


def retitle_table(connection: sqlite3.Connection, table: str, title: str) -> None:
    """Tell other programs the table's new title."""
    connection.execute(
        "UPDATE gpkg_contents SET identifier = ? WHERE table_name = ?",
        (_identifier(connection, table, title), table),
    )


def unlist_table(connection: sqlite3.Connection, table: str) -> None:
    """Hide the table from other programs; its rows stay."""
    for register in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
        connection.execute(f"DELETE FROM {register} WHERE table_name = ?", (table,))  # noqa: S608


def has_table(connection: sqlite3.Connection, table: str) -> bool:
    """Whether the file holds a table of that name, listed or hidden; case does not count, as in SQLite."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE", (table,)
    )
    return found.fetchone() is not None


def is_reserved(table: str) -> bool:
    """Whether a layer must not have that name."""
    return table.casefold().startswith(RESERVED)

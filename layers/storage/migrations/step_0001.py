"""Step 1: the project's card, the registration of layers, the journal, the settings."""

import sqlite3

_TABLES = (
    """CREATE TABLE riskatlas_project (
        id INTEGER PRIMARY KEY CHECK (id = 1), schema INTEGER NOT NULL, name TEXT NOT NULL,
        crs TEXT NOT NULL, file TEXT NOT NULL DEFAULT '', created TEXT NOT NULL)""",
    """CREATE TABLE riskatlas_layers (
        name TEXT NOT NULL PRIMARY KEY, kind TEXT, title TEXT, geometry TEXT, visible INTEGER,
        position INTEGER, style TEXT, provenance TEXT, crs TEXT, fields TEXT, path TEXT, lattice TEXT,
        unit TEXT, sha256 TEXT)""",
    """CREATE TABLE riskatlas_journal (
        number INTEGER PRIMARY KEY, deed TEXT NOT NULL, name TEXT NOT NULL, time TEXT NOT NULL,
        who TEXT NOT NULL, edit BLOB NOT NULL)""",
    "CREATE TABLE riskatlas_settings (key TEXT NOT NULL PRIMARY KEY, value TEXT)",
)


def take(connection: sqlite3.Connection) -> None:
    """Make the tables; the card itself is written by whoever makes the project."""
    for statement in _TABLES:
        connection.execute(statement)

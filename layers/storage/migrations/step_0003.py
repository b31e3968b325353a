"""Step 3: the base that a work package keeps: its rows as they were when it was handed out."""

import sqlite3


def take(connection: sqlite3.Connection) -> None:
    """Make the table; it stays empty in a project that is no package."""
    connection.execute("CREATE TABLE riskatlas_base (number INTEGER PRIMARY KEY, rows BLOB NOT NULL)")

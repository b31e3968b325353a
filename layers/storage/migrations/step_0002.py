"""Step 2: which journal entries touch a row, so that the history of a feature is found at once."""

import sqlite3

from layers.storage.journal import entries, list_touched


def take(connection: sqlite3.Connection) -> None:
    """Make the table and fill it from the journal as it is."""
    connection.execute(
        """CREATE TABLE riskatlas_touched (
            layer TEXT NOT NULL, row TEXT NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (layer, row, number)) WITHOUT ROWID"""
    )
    for entry in entries(connection):
        list_touched(connection, entry.number, entry.edit)

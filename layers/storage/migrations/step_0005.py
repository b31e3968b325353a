"""Step 5: edits by column lie in pieces, also of rows that come or go: no older program could read them."""

import sqlite3


def take(connection: sqlite3.Connection) -> None:
    """Nothing is to be made: only the number says it. What was written before is read as it is."""

"""How a project's file is made, opened, checked and brought up to date before anybody reads it."""

import os
import sqlite3
from pathlib import Path

from layers.storage import outside
from layers.storage.connection import connect, keep_safe, refuse_damaged, transaction, was_left_open
from layers.storage.lock import WriterLock
from layers.storage.migrations import SCHEMA
from layers.storage.registry import bring_up, schema_of, write_card, write_qgis_project
from layers.storage.schema import APPLICATION_ID, GEOPACKAGE_VERSION, make_geopackage, restore_index
from layers.storage.soundness import without_index


def take(lock: WriterLock) -> str:
    """Take the writer's lock; returns why it could not be taken."""
    try:
        return "" if lock.take() else "held"
    except OSError:
        return "place"


def make_file(path: Path, final: Path, name: str, crs: str) -> None:
    """A whole, empty project at `path`, which is to be called `final`."""
    connection = connect(path, read_only=False)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {GEOPACKAGE_VERSION}")
        with transaction(connection):
            code = make_geopackage(connection, crs)
            write_card(connection, name, f"EPSG:{code}")
            write_qgis_project(connection, final)
    finally:
        connection.close()
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def open_writer(path: Path) -> sqlite3.Connection | None:
    """The connection that writes, ``None`` if the file may only be read.

    Opening read-write first lets SQLite roll back what a killed writer left half done.
    """
    left_open, counted = was_left_open(path), outside.counter(path)
    connection = connect(path, read_only=False)
    try:
        if not _is_writable(connection):
            connection.close()
            return None
        if left_open:
            refuse_damaged(connection, path)
        schema = schema_of(connection, path)
        outside.doubt(connection, counted, left_open=left_open)
        keep_safe(connection)
        _bring_up_to_date(connection, schema, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_writable(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if (getattr(error, "sqlite_errorname", None) or "").startswith("SQLITE_READONLY"):
            return False
        raise
    return True


def _bring_up_to_date(connection: sqlite3.Connection, schema: int, path: Path) -> None:
    """Missing steps of the schema and spatial indexes; a file of another name needs new paths inside."""
    if schema < SCHEMA:
        with transaction(connection):
            bring_up(connection, schema)
    for layer in without_index(connection):
        with transaction(connection):
            restore_index(connection, layer)
    (file,) = connection.execute("SELECT file FROM riskatlas_project").fetchone()
    if file != path.name:
        with transaction(connection):
            write_qgis_project(connection, path)

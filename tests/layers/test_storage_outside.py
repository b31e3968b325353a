"""Changes of other programs: found at the next opening, and told apart from our own and from none."""

import sqlite3
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import shapely

from layers.changes import Change, Edit
from layers.layer import Shapes, VectorLayer
from layers.storage import outside
from layers.storage.connection import connect
from layers.storage.geopackage import ProjectFile, load


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed project of villages and houses."""
    made = tmp_path / "p.gpkg"
    squares = [shapely.box(x, 0, x + 8, 8) for x in range(0, 100, 10)]
    layers = [
        VectorLayer(name, "", "EPSG:4548", Shapes.of(squares), pd.DataFrame({"name": list("abcdefghij")}))
        for name in ("village", "house")
    ]
    with ProjectFile.create(made, name="p") as project:
        project.apply(load("made", layers, project))
    return made


def found(path: Path) -> tuple[str, ...]:
    with ProjectFile.open(path) as project, project.asking() as connection:
        return outside.changed(connection)


def run(path: Path, words: str) -> None:
    """What another program does that knows the functions of spatial indexes."""
    connection = connect(path, read_only=False)
    connection.execute(words)
    connection.close()


def test_another_program_is_found_by_what_it_changed(path: Path) -> None:
    assert found(path) == ()
    run(path, "UPDATE house SET name = 'changed' WHERE name = 'c'")
    assert found(path) == ("house",)
    assert found(path) == ()  # it has been told once
    frame = pyogrio.read_dataframe(path, layer="village", columns=["name"]).iloc[:1]
    pyogrio.write_dataframe(frame, path, layer="village", append=True)
    assert found(path) == ("village",)


def test_our_own_edits_and_bare_looks_are_nobody_elses(path: Path) -> None:
    with ProjectFile.open(path) as project:
        key, row = next(iter(project.table("house").items()))
        project.apply(Edit("e", (Change("house", key, row, {**row, "name": "x"}),)))
    assert found(path) == ()
    run(path, "PRAGMA journal_mode = WAL")
    run(path, "PRAGMA journal_mode = DELETE")
    assert found(path) == ()
    connection = sqlite3.connect(path)
    connection.execute("VACUUM")
    connection.close()
    assert found(path) == ()


def test_nothing_is_said_where_nothing_can_be_known(path: Path) -> None:
    run(path, f"DROP TABLE {outside.SEEN}")
    assert found(path) == ()
    run(path, "UPDATE house SET name = 'changed' WHERE name = 'c'")
    run(path, "INSERT INTO riskatlas_journal SELECT 99, deed, name, time, who, edit FROM riskatlas_journal")
    assert found(path) == ()  # an older version of the program, which signs nothing, was there

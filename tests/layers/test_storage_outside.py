"""Changes of other programs: found at the next opening, and told apart from our own and from none."""

import sqlite3
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import shapely

from layers.changes import Change, ColumnChanges, Edit
from layers.editing import EditSession
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


def entered(path: Path, *names: str) -> Edit | None:
    with ProjectFile.open(path) as project:
        made = outside.record(project, names or ("house", "village"), "外部修改")
    return None if made is None else made[1]


def test_what_others_changed_is_entered_row_by_row_and_can_be_taken_back(path: Path) -> None:
    run(path, "UPDATE house SET name = 'changed' WHERE name = 'c'")
    run(path, "DELETE FROM house WHERE name = 'd'")
    frame = pyogrio.read_dataframe(path, layer="village", columns=["name"]).iloc[:1]
    pyogrio.write_dataframe(frame.assign(name="new"), path, layer="village", append=True)
    with ProjectFile.open(path) as project:
        before = {name: dict(project.table(name).items()) for name in ("house", "village")}
        session = EditSession(project)
        made = outside.record(project, ("house", "village"), "外部修改")
        assert made is not None
        session.take_up(made[0])
        told = [(c.table, (c.before or {}).get("name"), (c.after or {}).get("name")) for c in made[1].changes]
        assert sorted(told, key=str) == [
            ("house", "c", "changed"),
            ("house", "d", None),
            ("village", None, "new"),
        ]
        assert {name: dict(project.table(name).items()) for name in ("house", "village")} == before
        assert [entry.edit.name for entry in project.history("house", made[1].changes[0].key)] == ["外部修改"]
        assert session.undo() is not None
        assert sorted(str(row["name"]) for row in project.table("house").values()) == list("abcdefghij")
        assert len(project.table("village")) == 10
        assert outside.record(project, ("house", "village"), "外部修改") is None


def test_our_own_edits_since_are_told_apart_from_those_of_others(path: Path) -> None:
    with ProjectFile.open(path) as project:
        key, row = next(iter(project.table("house").items()))
        project.apply(Edit("ours", (Change("house", key, row, {**row, "name": "ours"}),)))
        other = next(k for k in project.table("house") if k != key)
        run(path, f"UPDATE house SET name = 'theirs' WHERE uuid = '{other}'")
        made = outside.record(project, ("house",), "外部修改")
        assert made is not None
        assert [(c.key, (c.after or {})["name"]) for c in made[1].changes] == [(other, "theirs")]
    assert entered(path) is None  # it is signed with them now


def test_columns_that_we_filled_are_ours(path: Path) -> None:
    with ProjectFile.open(path) as project:
        rows = project.table("house")
        keys = list(rows)
        names = [rows[key]["name"] for key in keys]
        given = [f"{name}!" for name in names]
        project.apply(Edit("ours", ColumnChanges("house", ("name",), keys, (names,), (given,))))
        run(path, f"UPDATE house SET name = 'theirs' WHERE uuid = '{keys[3]}'")
        made = outside.record(project, ("house",), "外部修改")
        assert made is not None
        (change,) = made[1].changes
        assert (change.key, change.before) == (keys[3], {**rows[keys[3]], "name": given[3]})


def test_nothing_is_entered_of_large_layers_or_where_no_rows_were_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(path, "UPDATE house SET name = 'changed' WHERE name = 'c'")
    run(path, "DELETE FROM riskatlas_kept WHERE name = 'house'")
    assert entered(path, "house") is None
    monkeypatch.setattr(outside, "SMALL", 5)
    with ProjectFile.open(path):
        pass
    run(path, "UPDATE house SET name = 'again' WHERE name = 'e'")
    assert entered(path, "house") is None
    assert found(path) == ()


def test_a_column_that_another_program_adds_is_no_change_of_rows(path: Path) -> None:
    run(path, "ALTER TABLE house ADD COLUMN note TEXT")
    run(path, "UPDATE house SET note = 'x' WHERE name = 'b'")
    made = entered(path, "house")
    assert made is not None
    assert [((c.before or {})["note"], (c.after or {})["note"]) for c in made.changes] == [(None, "x")]

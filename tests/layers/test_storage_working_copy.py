"""Projects on network drives: copied, edited here, sent back whole, merged where somebody was quicker."""

from pathlib import Path

import pandas as pd
import pytest
import shapely

from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.errors import BadInput, CannotWrite, MissingFile
from layers.layer import Shapes, VectorLayer
from layers.storage import working_copy
from layers.storage.geopackage import ProjectFile, load
from layers.storage.renewal import compare, renewed


@pytest.fixture
def original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with ten schools on a drive of the office."""
    monkeypatch.setenv("RISKATLAS_DATA", str(tmp_path / "我"))
    path = tmp_path / "共享 盘" / "县.gpkg"
    path.parent.mkdir()
    table = pd.DataFrame({"name": [f"校{n}" for n in range(10)], "people": [float(n) for n in range(10)]})
    layer = VectorLayer(
        "school", "", "EPSG:4548", Shapes.of(shapely.points([(n, n) for n in range(10)])), table, "学校"
    )
    with ProjectFile.create(path) as project:
        EditSession(project).do(load("导入", [layer], project))
    return path


def key_of(project: ProjectFile, name: str) -> str:
    return next(key for key, row in project.table("school").items() if row["name"] == name)


def put(path: Path, who: str, /, **cells: object) -> None:
    with ProjectFile.open(path) as project:
        key = key_of(project, who)
        row = project.table("school")[key]
        EditSession(project).do(Edit("改", (Change("school", key, row, {**row, **cells}),)))


def people(path: Path) -> dict[str, object]:
    with ProjectFile.open(path, read_only=True) as project:
        return {str(row["name"]): row["people"] for row in project.table("school").values()}


def colleague(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, /, **cells: object
) -> None:
    """Somebody else fetches, edits and sends back."""
    with monkeypatch.context() as there:
        there.setenv("RISKATLAS_DATA", str(tmp_path / "同事"))
        copy = working_copy.fetch(original)
        put(copy.path, who, **cells)
        working_copy.send(copy)


def test_edits_go_to_the_copy_and_home_in_one_piece(original: Path) -> None:
    before = original.read_bytes()
    copy = working_copy.fetch(original)
    assert working_copy.of(copy.path) == copy
    assert working_copy.of(original) is None
    put(copy.path, "校1", people=100.0)
    assert original.read_bytes() == before
    again = working_copy.fetch(original)  # the next day: unsent work is found
    assert (again.path, again.unsent) == (copy.path, 1)
    sent = working_copy.send(again)
    assert sent.unsent == 0
    assert people(original)["校1"] == 100.0
    assert sorted(path.name for path in original.parent.iterdir()) == ["县.gpkg"]
    with ProjectFile.open(original, read_only=True) as project:
        assert len(list(project.deeds())) == 2  # the history came along


def test_an_open_copy_is_sent_and_goes_on(original: Path) -> None:
    copy = working_copy.fetch(original)
    with ProjectFile.open(copy.path) as project:
        session = EditSession(project)
        for value in (1.0, 2.0):
            key = key_of(project, "校3")
            row = project.table("school")[key]
            session.do(Edit("改", (Change("school", key, row, {**row, "people": value}),)))
            copy = working_copy.send(copy)
            assert people(original)["校3"] == value


def test_a_copy_without_unsent_edits_follows_the_original(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = working_copy.fetch(original)
    colleague(original, tmp_path, monkeypatch, "校2", people=50.0)
    assert people(working_copy.fetch(original).path)["校2"] == 50.0
    with ProjectFile.open(copy.path):  # not under the hands of another window
        colleague(original, tmp_path, monkeypatch, "校2", people=60.0)
        assert people(working_copy.fetch(original).path)["校2"] == 50.0


def test_what_somebody_else_did_is_merged_before_anything_is_sent(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = working_copy.fetch(original)
    put(copy.path, "校1", people=100.0)
    put(copy.path, "校2", name="我二中")
    colleague(original, tmp_path, monkeypatch, "校3", people=300.0)
    colleague(original, tmp_path, monkeypatch, "校2", name="他二中", people=200.0)
    before = original.read_bytes()
    with pytest.raises(BadInput) as raised:
        working_copy.send(copy)
    assert raised.value.key == "original_changed"
    assert original.read_bytes() == before
    with ProjectFile.open(copy.path) as project:
        (left,) = compare(copy, project).merged.undecided
        assert (left.field, left.mine, left.theirs) == ("name", "我二中", "他二中")
        found = compare(copy, project, {left.place: "theirs"})
        edit = renewed(found, project, "并入")
        assert edit is not None
        session = EditSession(project)
        session.do(edit)
        copy = working_copy.keep(copy, found.checksum)
        assert compare(copy, project).merged.changes == ()
    copy = working_copy.send(copy)
    assert people(original) == {**{f"校{n}": float(n) for n in (0, 4, 5, 6, 7, 8, 9)},
                                "校1": 100.0, "他二中": 200.0, "校3": 300.0}  # fmt: skip
    with ProjectFile.open(copy.path) as project:
        EditSession(project).undo()  # the whole merge is one
    assert people(copy.path)["我二中"] == 2.0


def test_layers_that_others_made_or_removed_are_followed(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = working_copy.fetch(original)
    with monkeypatch.context() as there:
        there.setenv("RISKATLAS_DATA", str(tmp_path / "同事"))
        other = working_copy.fetch(original)
        with ProjectFile.open(other.path) as project:
            wells = VectorLayer("well", "", "EPSG:4548", Shapes.of([shapely.Point(1, 1)]),
                                pd.DataFrame({"a": [1]}), "水井")  # fmt: skip
            session = EditSession(project)
            session.do(load("加", [wells], project))
            row = project.table("layers")["school"]
            session.do(Edit("移除", (Change("layers", "school", row, None),)))
        working_copy.send(other)
    with ProjectFile.open(copy.path) as project:
        found = compare(copy, project)
        edit = renewed(found, project, "并入")
        assert edit is not None
        EditSession(project).do(edit)
        assert [entry.title for entry in project.layers()] == ["水井"]
        EditSession(project).undo()
        row = project.table("layers")["school"]
    put(copy.path, "校1", people=5.0)  # where there is work in it, it stays
    with ProjectFile.open(copy.path) as project:
        found = compare(copy, project)
        assert found.left == ("学校",)
        edit = renewed(found, project, "并入")
        assert edit is not None
        EditSession(project).do(edit)
        assert {entry.title for entry in project.layers()} == {"学校", "水井"}


def test_a_drive_that_is_gone_or_in_use_or_full_leaves_everything_as_it_is(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = working_copy.fetch(original)
    put(copy.path, "校1", people=100.0)
    log = original.with_name("县.gpkg-wal")
    log.write_bytes(b"somebody writes")
    with pytest.raises(CannotWrite) as raised:
        working_copy.send(copy)
    assert raised.value.key == "original_in_use"
    log.unlink()
    before = original.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    with monkeypatch.context() as tight:
        tight.setattr(working_copy.os, "fsync", full)
        with pytest.raises(CannotWrite) as raised:
            working_copy.send(copy)
    assert raised.value.key == "send_failed"
    assert original.read_bytes() == before
    assert sorted(path.name for path in original.parent.iterdir()) == ["县.gpkg"]
    original.parent.rename(tmp_path / "断开")
    with pytest.raises(MissingFile):
        working_copy.send(copy)
    assert working_copy.fetch(original).unsent == 1


def test_another_project_in_the_originals_place_is_not_merged(original: Path) -> None:
    copy = working_copy.fetch(original)
    put(copy.path, "校1", people=100.0)
    original.unlink()
    with ProjectFile.create(original) as other, other.writing() as connection:
        connection.execute("UPDATE riskatlas_project SET created = '2001-01-01T00:00:00Z'")
    with ProjectFile.open(copy.path) as project, pytest.raises(BadInput) as raised:
        compare(copy, project)
    assert raised.value.key == "original_another"


def test_a_home_on_the_network_keeps_its_copies_on_this_machine(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting = tmp_path / "var"
    lasting.mkdir()
    monkeypatch.setattr(working_copy, "_LASTING", lasting)
    monkeypatch.setattr(working_copy, "is_remote", lambda place: "我" in place.parts)
    copy = working_copy.fetch(original)
    assert copy.path.is_relative_to(lasting)
    assert copy.path.relative_to(lasting).parts[0].startswith("riskatlas-")
    assert (lasting / copy.path.relative_to(lasting).parts[0]).stat().st_mode & 0o077 == 0
    assert working_copy.find(original) == copy

"""Many rows that come or go as one value: packed, checked, carried out in few statements, undone."""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.changes import Change, ColumnChanges, Edit, net
from layers.editing import EditSession, features
from layers.errors import BadInput, Conflict
from layers.layer import Field, Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load
from layers.storage.packed import packed, packed_columns
from layers.storage.packing import pack, unpack
from layers.storage.removing import removal

COUNT = 60


def houses(count: int = COUNT) -> VectorLayer:
    west = 380_000.0 + 100 * np.arange(count)
    boxes = [None if n % 7 == 3 else box for n, box in enumerate(shapely.box(west, 4e6, west + 9, 4e6 + 9))]
    table = pd.DataFrame(
        {
            "name": pd.Series([None if n % 5 == 1 else f"屋{n}" for n in range(count)], dtype=object),
            "storeys": np.arange(count) % 6,
            "area": np.where(np.arange(count) % 3, 0.5, np.nan),
        }
    )
    fields = (Field("name"), Field("storeys", "integer"), Field("area"))
    return VectorLayer("house", "", "EPSG:4548", Shapes.of(boxes, "polygon"), table, "房屋", fields)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectFile]:
    for module in ("packed", "bulk", "removing"):
        monkeypatch.setattr(f"layers.storage.{module}.PIECE", 7)
    with ProjectFile.create(tmp_path / "p.gpkg") as made:
        made.apply(load("导入", [houses()], made))
        yield made


def held(project: ProjectFile) -> dict[str, object]:
    return dict(project.table("house").items())


def index(project: ProjectFile) -> tuple[set[int], set[str]]:
    """Sound: the fids in the spatial index, which are those of the rows with a geometry; and the triggers."""
    with project.writing() as connection:
        assert connection.execute("SELECT rtreecheck('rtree_house_geom')").fetchone() == ("ok",)
        listed = connection.execute("SELECT id, minx, maxx FROM rtree_house_geom").fetchall()
        there = connection.execute(
            "SELECT fid, ST_MinX(geom), ST_MaxX(geom) FROM house WHERE geom NOT NULL"
        ).fetchall()
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    assert {fid for fid, *_ in listed} == {fid for fid, *_ in there}
    boxes = {fid: box for fid, *box in listed}
    assert all(boxes[fid][0] <= west and boxes[fid][1] >= east for fid, west, east in there)
    return set(boxes), {name for (name,) in triggers}


@given(
    st.lists(
        st.none() | st.text(st.characters(exclude_categories=["Cs"])) | st.integers() | st.binary(max_size=9)
    ),
    st.slices(12),
)
def test_a_packed_column_holds_what_went_in(cells: list[object], part: slice) -> None:
    if any(isinstance(cell, bytes) for cell in cells):
        cells = [cell if isinstance(cell, bytes) else None for cell in cells]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layers.storage.packed.PIECE", 3)
        column = packed(cells)  # type: ignore[arg-type]
        assert packed(column) is column
        assert (list(column), len(column), list(column[part])) == (cells, len(cells), cells[part])
        assert [column[place] for place in range(-len(cells), len(cells))] == cells * 2
        assert all(cell in column for cell in cells)
        assert "nothing such as this" not in column
        (again,) = packed_columns(([cell] for cell in cells), 1)  # type: ignore[misc]
        assert list(again) == cells


@pytest.mark.parametrize("count", [3, COUNT // 2, COUNT])
def test_rows_that_are_taken_away_as_one_value_come_back(project: ProjectFile, count: int) -> None:
    before, (ids, triggers) = held(project), index(project)
    gone = list(before)[5 : 5 + count]
    session = EditSession(project)
    edit = removal(project, "house", [*gone, "nobody"], "删除")
    assert edit == features.removed("house", {key: before[key] for key in gone}, "删除")
    assert (edit.tables, edit.growth("house"), edit.comes_or_goes("house")) == ({"house"}, -len(gone), True)
    session.do(edit)
    assert held(project) == {key: row for key, row in before.items() if key not in gone}
    assert project.layer("house").rows == COUNT - len(gone)
    left, same = index(project)
    assert left < ids
    assert same == triggers
    assert project.entry(2).edit == edit
    assert project.history("house", gone[-1])[-1].edit.change_of("house", gone[-1]) == edit.changes[-1]
    assert project.history("house", next(iter(before))) == ()
    assert session.undo() == ~edit
    assert held(project) == before
    assert index(project)[1] == triggers
    assert net(entry.edit for entry in list(project.journal())[1:]) == ()
    session.redo()
    session.undo()
    assert held(project) == before


def test_rows_as_another_program_writes_them_are_taken_away_too(project: ProjectFile) -> None:
    first, second, *_ = before = held(project)
    with project.writing() as connection:
        (blob,) = connection.execute("SELECT geom FROM house WHERE uuid = ?", (first,)).fetchone()
        bare = blob[:3] + bytes([blob[3] & ~0b1110]) + blob[4:8] + blob[40:]  # without a box
        connection.execute("UPDATE house SET geom = ? WHERE uuid = ?", (bare, first))
    assert held(project) == before
    EditSession(project).do(removal(project, "house", [first, second], "删除"))
    assert set(held(project)) == set(before) - {first, second}
    index(project)


def test_rows_that_are_not_as_expected_are_named_and_nothing_is_done(project: ProjectFile) -> None:
    before = held(project)
    keys = list(before)
    good = removal(project, "house", keys[:20], "删除").changes
    assert isinstance(good, ColumnChanges)
    assert good.before is not None
    stale = replace(
        good, before=(*good.before[:2], [*good.before[2][:11], 99, *good.before[2][12:]], good.before[3])
    )
    gone = replace(good, keys=[*good.keys[:12], "nobody", *good.keys[13:]])
    there = replace(~good, keys=[f"new-{n}" if n != 15 else keys[15] for n in range(20)])
    for changes, row in ((stale, keys[11]), (gone, "nobody"), (there, keys[15])):
        with pytest.raises(Conflict) as raised:
            project.apply(Edit("错", changes))
        assert raised.value.facts == {"table": "house", "row": row}
    new = [f"new-{n}" for n in range(20)]
    for column, cells in (
        ("storeys", [0.5] * 20),
        ("name", [3] * 20),
        ("geom", [b"torn"] * 20),
        ("x", [1] * 20),
    ):
        with pytest.raises(BadInput) as refused:
            project.apply(Edit("错", ColumnChanges("house", (column,), new, None, (cells,))))
        assert refused.value.facts.get("column", column) == column
    assert held(project) == before
    assert len(list(project.journal())) == 1
    index(project)


def test_a_row_that_got_a_column_meanwhile_is_missed_in_it(project: ProjectFile) -> None:
    key, *_ = held(project)
    edit = removal(project, "house", [key], "删除")
    assert isinstance(edit.changes, ColumnChanges)
    with project.writing() as connection:
        connection.execute("ALTER TABLE house ADD COLUMN colour TEXT")
        connection.execute("UPDATE house SET colour = 'red' WHERE uuid = ?", (key,))
    with pytest.raises(Conflict):
        project.apply(edit)
    with project.writing() as connection:
        connection.execute("UPDATE house SET colour = NULL")
    project.apply(edit)
    assert key not in held(project)


def test_what_is_pasted_widens_the_layer(project: ProjectFile) -> None:
    first, *rest = list(held(project).values())
    far = shapely.to_wkb(shapely.box(500_000, 4e6, 500_010, 4e6 + 10))
    edit = features.pasted("house", project.columns("house"), [{**first, "geom": far}, *rest], "粘贴")
    EditSession(project).do(edit)
    assert project.layer("house").rows == 2 * COUNT
    assert project.layer("house").extent.east == 500_010  # type: ignore[union-attr]
    pasted = project.table("house")[edit.changes[0].key]
    assert pasted == {**first, "geom": shapely.to_wkb(shapely.multipolygons([shapely.from_wkb(far)]))}
    index(project)


def test_a_torn_piece_is_found_before_it_is_asked_for(project: ProjectFile) -> None:
    edit = removal(project, "house", list(held(project)), "删除")
    whole = pack(edit)
    assert unpack("删除", whole) == edit
    assert pack(unpack("", whole)) == whole
    torn = bytearray(whole)
    torn[-9] ^= 1
    with pytest.raises(ValueError):
        unpack("删除", bytes(torn))
    project.apply(edit)
    with project.writing() as connection:
        connection.execute("UPDATE riskatlas_journal SET edit = ? WHERE number = 2", (bytes(torn),))
    with pytest.raises(BadInput) as raised:
        project.entry(2)
    assert raised.value.key == "journal_torn"


def test_rows_of_a_table_without_places_come_and_go(project: ProjectFile) -> None:
    table = pd.DataFrame({"code": ["a", "b", "c"]})
    layer = VectorLayer("list", "", "", Shapes.none(3), table, "表", (Field("code"),))
    project.apply(load("导入", [layer], project))
    before = dict(project.table("list").items())
    session = EditSession(project)
    session.do(removal(project, "list", list(before), "删除"))
    assert dict(project.table("list").items()) == {}
    session.undo()
    assert dict(project.table("list").items()) == before


def test_a_change_tells_by_column_that_rows_come(project: ProjectFile) -> None:
    added = ColumnChanges("house", ("name",), ["k", "l"], None, (["x", "y"],))
    assert list(added) == [
        Change("house", "k", None, {"name": "x"}),
        Change("house", "l", None, {"name": "y"}),
    ]
    assert list(~added[1:]) == [Change("house", "l", {"name": "y"}, None)]
    project.apply(Edit("加", added))
    with sqlite3.connect(project.path) as connection:
        listed = connection.execute("SELECT uuid, name, geom FROM house WHERE uuid IN ('k', 'l')").fetchall()
    assert listed == [("k", "x", None), ("l", "y", None)]


def test_a_row_that_is_already_what_it_is_to_become_is_not_as_expected(project: ProjectFile) -> None:
    keys = list(held(project))[:2]
    for name in ("甲", "乙"):
        given = [project.table("house")[key]["name"] for key in keys]
        project.apply(Edit("改", ColumnChanges("house", ("name",), keys, (given,), ([name] * 2,))))
    with pytest.raises(Conflict):
        project.apply(Edit("改", ColumnChanges("house", ("name",), keys, (["甲"] * 2,), (["乙"] * 2,))))


def test_what_was_written_by_column_before_step_5_is_read_as_it_is() -> None:
    head = {"table": "county", "columns": ["name", "population"]}
    lines = [
        [["k", "l"], [["甲", "乙"], [1, None]], [["丙", "丁"], [3, 4]]],
        [["m"], [["戊"], [5]], [["己"], [6]]],
    ]
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in (head, *lines))
    assert list(unpack("改", zlib.compress(text.encode(), 1)).changes) == [
        Change("county", "k", {"name": "甲", "population": 1}, {"name": "丙", "population": 3}),
        Change("county", "l", {"name": "乙", "population": None}, {"name": "丁", "population": 4}),
        Change("county", "m", {"name": "戊", "population": 5}, {"name": "己", "population": 6}),
    ]

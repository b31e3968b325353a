"""The project file against a plain dictionary, against restarts, against death and damage."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from layers.changes import Change, ColumnChanges, Edit, Row, net
from layers.editing import EditSession
from layers.editing.rollback import roll_back
from layers.errors import BadInput, CannotWrite, Conflict, MissingFile, MissingLayer, NewerProject
from layers.grid import Extent, Grid, Lattice
from layers.layer import Field, Provenance, RasterLayer, Shapes, VectorLayer
from layers.progress import Cancelled
from layers.project import MemoryProject
from layers.storage import pages
from layers.storage.attachments import attached, attachments
from layers.storage.checking import check_rows
from layers.storage.geopackage import ProjectFile, load
from layers.storage.pages import View
from layers.storage.place import is_remote
from layers.storage.rasters import write_grid


def squares(count: int, kind: str = "county") -> VectorLayer:
    west = 380_000.0 + 100 * np.arange(count)
    table = pd.DataFrame(
        {
            "name": pd.Series([f"甲{n}'\"; DROP" for n in range(count)], dtype=object),
            "population": np.arange(count) * 10,
            "density": np.where(np.arange(count) % 3, 0.5, np.nan),
        }
    )
    fields = (Field("name", zh="名称"), Field("population", "integer", "人", "常住人口"))
    shapes = Shapes.of(shapely.box(west, 4_170_000, west + 90, 4_170_090))
    provenance = Provenance("测试", "2020-11-01", synthetic=True, inputs=("a", "b"))
    return VectorLayer("county", kind, "EPSG:4548", shapes, table, "县界", fields, provenance)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ProjectFile]:
    with ProjectFile.create(tmp_path / "衡水 样例.gpkg") as made:
        yield made


def keys(project: ProjectFile, table: str = "county") -> list[str]:
    return list(project.table(table))


def renamed(project: ProjectFile, key: str, name: str) -> Edit:
    row = project.table("county")[key]
    return Edit(f"改名 {name}", (Change("county", key, row, {**row, "name": name}),))


# --- a layer comes back as it went in -------------------------------------------------------------


def test_a_layer_comes_back_as_it_went_in(project: ProjectFile) -> None:
    layer = squares(50)
    project.apply(load("导入", [layer], project))
    back = project.read("county")
    assert np.array_equal(back.shapes.xy, layer.shapes.xy)
    assert all(np.array_equal(a, b) for a, b in zip(back.shapes.offsets, layer.shapes.offsets, strict=True))
    pd.testing.assert_frame_equal(
        back.attributes.drop(columns="uuid"), layer.attributes, check_dtype=False, check_column_type=False
    )
    assert (back.kind, back.crs, back.title, back.fields) == ("county", "EPSG:4548", "县界", layer.fields)
    assert back.provenance == layer.provenance
    assert back["uuid"].is_unique
    entry = project.layer("county")
    assert (entry.rows, entry.geometry, entry.position, entry.visible) == (50, "polygon", 1, True)
    assert entry.extent is not None
    assert np.allclose(entry.extent, layer.shapes.extent, atol=1.0)


def test_a_part_is_read_by_columns_and_extent(project: ProjectFile) -> None:
    layer = squares(500)
    project.apply(load("导入", [layer], project))
    extent = Extent(385_000, 4_170_000, 386_000, 4_171_000)
    part = project.read("county", columns=["population"], extent=extent)
    boxes = layer.shapes.boxes
    expected = np.flatnonzero((boxes[:, 2] >= extent.west) & (boxes[:, 0] <= extent.east)) * 10
    assert part["population"].tolist() == expected.tolist()
    assert list(part.attributes) == ["uuid", "population"]
    assert len(project.read("county", extent=Extent(0, 0, 1, 1))) == 0
    with pytest.raises(KeyError):
        project.read("county", columns=["none"])
    with pytest.raises(MissingLayer, match="nowhere"):
        project.read("nowhere")
    with pytest.raises(MissingLayer, match="nowhere"):
        project.columns("nowhere")


def test_points_lines_tables_and_features_without_geometry_are_kept(project: ProjectFile) -> None:
    points = Shapes.of([shapely.Point(4e5, 4.2e6), None, shapely.MultiPoint([(1, 2), (3, 4)])])
    lines = Shapes.of([shapely.LineString([(0, 0), (1, 1)]), None, shapely.LineString([(2, 2), (3, 9)])])
    table = pd.DataFrame({"uuid": ["a", "b", None], "when": ["2023-08-01", None, "2023-08-02"]})
    when = (Field("when", "date"),)
    layers = [
        VectorLayer("school", "school", "EPSG:4548", points, table, fields=when),
        VectorLayer("road", "road", "EPSG:4548", lines, table, fields=when),
        VectorLayer("zones", "", "", Shapes.none(3), table, "区划", fields=when),
    ]
    project.apply(load("导入", layers, project))
    for layer in layers:
        back = project.read(layer.name)
        assert back.geometry_kind == layer.geometry_kind
        assert np.array_equal(back.shapes.xy, layer.shapes.xy)
        assert np.array_equal(back.shapes.spans, layer.shapes.spans)
        assert back["when"].isna().tolist() == [False, True, False]
        assert back["uuid"].tolist()[:2] == ["a", "b"]
    assert [entry.title for entry in project.layers()] == ["学校", "道路", "区划"]


def test_a_layer_of_another_system_is_brought_into_the_projects(project: ProjectFile) -> None:
    degrees = VectorLayer(
        "p", "", "EPSG:4490", Shapes.of([shapely.Point(115.67, 37.73)]), pd.DataFrame(index=[0])
    )
    project.apply(load("导入", [degrees], project))
    assert project.read("p").shapes.xy[0] == pytest.approx((382753.0, 4178442.0), abs=500)


def test_a_large_index_is_whole_and_finds_what_it_should(project: ProjectFile) -> None:
    rng = np.random.default_rng(3)
    corner = rng.uniform((3.4e5, 4.1e6), (4.6e5, 4.25e6), (7000, 2))
    shapes = Shapes.of(shapely.box(*corner.T, corner[:, 0] + 30, corner[:, 1] + 40))
    layer = VectorLayer("b", "building", "EPSG:4548", shapes, pd.DataFrame({"n": np.arange(7000)}))
    project.apply(load("导入", [layer], project))
    with sqlite3.connect(project.path) as connection:
        assert connection.execute("SELECT rtreecheck('rtree_b_geom')").fetchone() == ("ok",)
    connection.close()
    for west, south in corner[:20]:
        extent = Extent(west - 900, south - 900, west + 900, south + 900)
        found = project.read("b", extent=extent)["n"].tolist()
        box = shapely.box(*extent)
        expected = np.flatnonzero(shapely.intersects(shapes.geometries(), box)).tolist()
        assert set(expected) <= set(found)
        near = shapely.distance(shapes.geometries(found), box)
        assert float(near.max()) < 0.6  # 32-bit boxes are rounded outwards by less than this


def test_reading_can_be_cancelled(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(10)], project))

    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        project.read("county", progress=cancel)


# --- edits ----------------------------------------------------------------------------------------


def test_an_edit_is_all_or_nothing(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(3)], project))
    first, second, _ = keys(project)
    good = renamed(project, first, "改").changes[0]
    row = project.table("county")[second]
    stale = Change("county", second, {**row, "name": "旧"}, row)
    with pytest.raises(Conflict) as raised:
        project.apply(Edit("两处", (good, stale)))
    assert raised.value.facts == {"table": "county", "row": second}
    assert project.table("county")[first]["name"] == "甲0'\"; DROP"
    assert len(list(project.journal())) == 1


def test_a_value_that_does_not_fit_is_refused(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(1)], project))
    (key,) = keys(project)
    row = project.table("county")[key]
    for column, value in [("population", "三"), ("population", 0.5), ("population", 2**70), ("name", 3)]:
        with pytest.raises(BadInput) as raised:
            project.apply(Edit("错", (Change("county", key, row, {**row, column: value}),)))
        assert raised.value.facts["column"] == column
    for unknown in ("nothing", 'x" = 1; --'):
        with pytest.raises(BadInput):
            project.apply(Edit("错", (Change("county", key, row, {**row, unknown: 1}),)))
    with pytest.raises(BadInput):
        project.apply(Edit("错", (Change("county", key, row, {**row, "geom": b"torn"}),)))
    point = shapely.to_wkb(shapely.Point(1, 2))
    with pytest.raises(BadInput):
        project.apply(Edit("错", (Change("county", key, row, {**row, "geom": point}),)))


def filled(project: ProjectFile, **columns: list[object]) -> Edit:
    """Other cells for all counties, by column."""
    rows = project.table("county")
    names, held = tuple(columns), [rows[key] for key in rows]
    before = tuple([row[name] for row in held] for name in names)
    return Edit("计算", ColumnChanges("county", names, list(rows), before, tuple(columns.values())))


def test_columns_of_many_rows_are_one_edit_that_each_row_remembers(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as project:
        project.apply(load("导入", [squares(12)], project))
        session, before = EditSession(project), dict(project.table("county").items())
        first, *_, last = before
        edit = filled(project, population=[7.0] * 12, density=[None, None] + [2] * 10, name=["甲"] * 12)
        session.do(edit)
        row = project.table("county")[last]
        assert row == {**before[last], "population": 7, "density": 2.0, "name": "甲"}
        assert (type(row["population"]), type(row["density"])) == (int, float)
        assert project.table("county")[first]["density"] is None
        assert project.layer("county").rows == 12
    with ProjectFile.open(path) as project:
        entry = project.entry(2)
        assert entry.edit == edit
        assert isinstance(entry.edit.changes, ColumnChanges)
        session = EditSession(project)
        session.undo()
        assert dict(project.table("county").items()) == before
        session.redo()
        key = last
        project.apply(renamed(project, key, "改"))
        deeds = [(e.deed, e.edit.change_of("county", key)) for e in project.history("county", key)]
        assert [deed for deed, _ in deeds] == ["do", "undo", "redo", "do"]
        assert deeds[0][1] == edit.change_of("county", key)
        total = net(e.edit for e in project.history("county", key))
        (change,) = [each for each in total if each.key == key]
        assert change.before == before[key]
        assert change.after == project.table("county")[key]
        with pytest.raises(BadInput):
            roll_back(project, 4, "撤销")  # the name of the last county is another since
        project.apply(roll_back(project, 5, "撤销"))
        project.apply(roll_back(project, 4, "撤销"))
        assert dict(project.table("county").items()) == before


def test_columns_that_cannot_be_filled_change_nothing(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(5)], project))
    before = dict(project.table("county").items())
    good = filled(project, population=[1] * 5).changes
    assert isinstance(good, ColumnChanges)
    gone = replace(good, keys=[*good.keys[:3], "nobody", good.keys[4]])
    stale = replace(good, before=([*good.before[0][:2], 99, *good.before[0][3:]],))
    for changes, row in ((gone, "nobody"), (stale, good.keys[2])):
        with pytest.raises(Conflict) as raised:
            project.apply(Edit("错", changes))
        assert raised.value.facts == {"table": "county", "row": row}
    wrong = ("population", [1, 2, 0.5, 3, 4]), ("name", ["甲"] * 4 + [3]), ("geom", [None] * 5)
    for column, cells in wrong:
        with pytest.raises(BadInput) as refused:
            project.apply(Edit("错", replace(good, columns=(column,), after=(cells,))))
        assert refused.value.facts["column"] == column
    assert dict(project.table("county").items()) == before
    assert len(list(project.journal())) == 1


def test_a_change_that_names_some_columns_leaves_the_others(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(2)], project))
    first, second = keys(project)
    row = project.table("county")[first]
    named = Change("county", first, {"population": 0}, {"population": 5})
    project.apply(Edit("改", (named,)))
    assert project.table("county")[first] == {**row, "population": 5}
    with pytest.raises(Conflict):
        project.apply(Edit("改", (Change("county", second, {"population": 5}, {"population": 6}),)))


def test_a_moved_feature_is_found_at_its_new_place(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(5)], project))
    key = keys(project)[2]
    row = project.table("county")[key]
    moved = shapely.to_wkb(shapely.box(500_000, 4_200_000, 500_010, 4_200_010))  # a plain polygon
    session = EditSession(project)
    session.do(Edit("移动", (Change("county", key, row, {**row, "geom": moved}),)))
    there = Extent(499_990, 4_199_990, 500_020, 4_200_020)
    assert project.read("county", extent=there)["uuid"].tolist() == [key]
    assert project.layer("county").extent.east == 500_010  # type: ignore[union-attr]
    session.undo()
    assert len(project.read("county", extent=there)) == 0
    assert project.table("county")[key] == row


def test_the_order_of_coordinate_bytes_does_not_matter(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(1)], project))
    (key,) = keys(project)
    row = project.table("county")[key]
    big_endian = shapely.to_wkb(shapely.from_wkb(row["geom"]), byte_order=0)
    project.apply(Edit("改", (Change("county", key, {**row, "geom": big_endian}, {**row, "name": "x"}),)))
    assert project.table("county")[key] == {**row, "name": "x"}


# --- loading, undo, redo --------------------------------------------------------------------------


def listed(path: Path) -> set[str]:
    """The layers that GDAL sees; it does not open a GeoPackage without any."""
    try:
        return {str(name) for name, _ in pyogrio.list_layers(path)}
    except pyogrio.errors.DataSourceError:
        return set()


def test_undo_of_a_load_hides_the_table_and_redo_shows_it_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as project:
        session = EditSession(project)
        session.do(load("导入", [squares(4)], project))
        session.undo()
        assert project.layers() == ()
        with pytest.raises(KeyError):
            project.read("county")
    assert listed(path) == set()
    with ProjectFile.open(path) as project:
        EditSession(project).redo()
        assert project.layer("county").rows == 4
        assert len(project.read("county")) == 4
    assert listed(path) == {"county"}


def test_a_name_that_was_used_is_not_used_again(project: ProjectFile) -> None:
    session = EditSession(project)
    for _ in range(3):
        session.do(load("导入", [squares(2), squares(2)], project))
    session.undo()
    session.do(load("导入", [squares(2)], project))
    assert [e.name for e in project.layers()] == ["county", "county_2", "county_3", "county_4", "county_7"]
    again = load("导入", [squares(2)], project)
    project.apply(again)
    with pytest.raises((BadInput, Conflict)):
        project.apply(again)


def test_a_new_result_takes_the_place_of_the_old_and_undo_brings_that_back(project: ProjectFile) -> None:
    session = EditSession(project)
    session.do(load("一", [squares(2)], project))
    session.do(load("二", [squares(3)], project, replace_kind=True))
    assert [e.rows for e in project.layers()] == [3]
    session.undo()
    assert [e.rows for e in project.layers()] == [2]


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    with ProjectFile.create(tmp_path / "p'?#%.gpkg") as project:
        layer = squares(2)
        hostile = VectorLayer(
            'x"; DROP TABLE riskatlas_layers; --',
            "",
            layer.crs,
            layer.shapes,
            layer.attributes.rename(columns={"name": 'a"b; --', "density": "列 名"}),
            "标题 <b>'\"&",
        )
        project.apply(load("导入", [hostile], project))
        entry = project.layers()[0]
        assert entry.name.isascii()
        assert entry.title == "标题 <b>'\"&"
        assert list(project.read(entry.name).attributes) == ["uuid", 'a"b; --', "population", "列 名"]


# --- rasters --------------------------------------------------------------------------------------


def raster(tmp_path: Path, name: str = "terrain") -> RasterLayer:
    grid = Grid(np.arange(12.0).reshape(3, 4), Lattice(380_000, 4_200_000, 90, 3, 4, "EPSG:4548"), "m")
    path = tmp_path / "地形.tif"
    write_grid(grid, path)
    return RasterLayer(name, "terrain", str(path), grid.lattice, "m", "地形")


def test_a_raster_is_copied_beside_the_project_and_read_from_there(tmp_path: Path) -> None:
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        source = raster(tmp_path)
        project.apply(load("导入", [source], project))
        Path(source.path).unlink()
        assert project.raster_path("terrain") == tmp_path / "p.rasters" / "terrain.tif"
        assert project.grid("terrain").values.tolist() == np.arange(12.0).reshape(3, 4).tolist()
        entry = project.layer("terrain")
        assert (entry.geometry, entry.unit, entry.lattice) == ("raster", "m", source.lattice)
        assert len(entry.sha256) == 64
        project.raster_path("terrain").unlink()
        with pytest.raises(MissingFile) as raised:
            project.grid("terrain")
        assert "地形" in raised.value.say("zh_CN")


def test_a_raster_that_changed_on_the_way_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        edit = load("导入", [raster(tmp_path)], project)
        (tmp_path / "地形.tif").write_bytes(b"other")
        with pytest.raises(BadInput):
            project.apply(edit)
        assert project.layers() == ()
        assert list(project.journal()) == []
        assert list((tmp_path / "p.rasters").iterdir()) == []


# --- the file -------------------------------------------------------------------------------------


def test_a_closed_project_is_one_file_that_gdal_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    layer = squares(20)
    with ProjectFile.create(path) as project:
        project.apply(load("导入", [layer], project))
        project.apply(renamed(project, keys(project)[3], "新名"))
        assert (tmp_path / ".p.gpkg.lock").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["p.gpkg"]
    frame = pyogrio.read_dataframe(path, layer="county")
    assert frame.crs.to_epsg() == 4548
    assert shapely.equals_exact(frame.geometry.array, layer.shapes.geometries()).all()
    assert frame["population"].tolist() == layer["population"].tolist()
    assert frame["name"][3] == "新名"
    assert frame["density"].isna().sum() == 7
    assert listed(path) == {"county"}
    info = pyogrio.read_info(path, layer="county", force_total_bounds=True)
    assert info["capabilities"]["fast_spatial_filter"]
    few = pyogrio.read_dataframe(path, layer="county", bbox=(380_000, 4.1e6, 380_150, 4.2e6))
    assert len(few) == 2


def test_a_torn_file_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "县.gpkg"
    with ProjectFile.create(path) as project:
        project.apply(load("导入", [squares(300)], project))
    whole = path.read_bytes()
    for torn in (b"", b"\0" * 5000, whole[:50], whole[: len(whole) // 2], b"PK\3\4" + whole[4:]):
        path.write_bytes(torn)
        with pytest.raises(BadInput) as raised:
            ProjectFile.open(path)
        assert "县.gpkg" in raised.value.say("zh_CN")
    with pytest.raises(MissingFile):
        ProjectFile.open(tmp_path / "none.gpkg")


def test_a_geopackage_of_another_program_is_no_project(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE gpkg_contents (a)")
    connection.close()
    with pytest.raises(BadInput):
        ProjectFile.open(path)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    ProjectFile.create(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE riskatlas_project SET schema = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerProject):
        ProjectFile.open(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["p.gpkg"]


def test_a_second_writer_reads_only_and_follows_the_first(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as first, ProjectFile.open(path) as second:
        assert not first.read_only
        assert (second.read_only, second.why_read_only) == (True, "held")
        first.apply(load("导入", [squares(3)], first))
        assert second.layer("county").rows == 3
        row = second.table("county")
        with pytest.raises(CannotWrite):
            second.apply(Edit("改"))
        first.apply(Edit("删", (Change("county", keys(first)[0], row[keys(first)[0]], None),)))
        assert second.layer("county").rows == len(second.read("county")) == 2
    with ProjectFile.open(path) as third:
        assert not third.read_only
    assert [p.name for p in tmp_path.iterdir()] == ["p.gpkg"]


def test_a_place_that_cannot_be_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as project:
        project.apply(load("导入", [squares(3)], project))

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("layers.storage.lock.os.open", refuse)
    with ProjectFile.open(path) as project:
        assert (project.read_only, project.why_read_only) == (True, "place")
        assert len(project.read("county")) == 3


def test_creating_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    path.write_bytes(b"precious")
    with pytest.raises(CannotWrite):
        ProjectFile.create(path)
    assert path.read_bytes() == b"precious"
    with pytest.raises(CannotWrite):
        ProjectFile.create(tmp_path / "no folder" / "p.gpkg")


def test_readers_in_other_threads_see_whole_edits_only(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(40)], project))
    rows = {key: project.table("county")[key] for key in keys(project)}
    seen: list[set[object]] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.append(set(project.read("county", columns=["population"])["population"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for value in range(8):
        after = {key: {**row, "population": value} for key, row in rows.items()}
        project.apply(Edit("同改", tuple(Change("county", k, rows[k], after[k]) for k in rows)))
        rows = dict(after)
    stop.set()
    watcher.join()
    assert all(len(values) == 1 or len(values) == 40 for values in seen)


# --- the oracle -----------------------------------------------------------------------------------

NAMES = st.sampled_from("甲乙丙丁戊")
CELLS = st.fixed_dictionaries(
    {
        "geom": st.none()
        | st.integers(0, 9).map(lambda n: shapely.to_wkb(shapely.MultiPoint([(n, n + 1)]), byte_order=1)),
        "name": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        "count": st.none() | st.integers(-(2**40), 2**40),
        "depth": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    }
)


class Store(RuleBasedStateMachine):
    """The project file and a plain dictionary live the same life."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(mkdtemp(prefix="riskatlas-test-"))
        self.file = ProjectFile.create(self.folder / "p.gpkg")
        empty = VectorLayer(
            "well",
            "",
            "EPSG:4548",
            Shapes.of([], "point"),
            pd.DataFrame(
                {"name": pd.Series([], dtype=str), "count": np.array([], int), "depth": np.empty(0)}
            ),
        )
        self.file.apply(load("导入", [empty], self.file))
        self.memory = MemoryProject({"well": {}, "settings": {}})
        self.loads = len(list(self.file.journal()))
        self.start_sessions()

    def start_sessions(self) -> None:
        self.sessions = (EditSession(self.file), EditSession(self.memory))

    @rule(key=NAMES, row=CELLS)
    def put(self, key: str, row: Row) -> None:
        before = self.memory.table("well").get(key)
        self.do(Edit(f"写 {key}", (Change("well", key, before, row),)))

    @rule(key=NAMES)
    def remove(self, key: str) -> None:
        before = self.memory.table("well").get(key)
        if before is not None:
            self.do(Edit(f"删 {key}", (Change("well", key, before, None),)))

    @rule(key=NAMES, value=st.text(max_size=3).filter(lambda t: t.isprintable()), row=CELLS)
    def put_two_tables(self, key: str, value: str, row: Row) -> None:
        settings_before = self.memory.table("settings").get(key)
        before = self.memory.table("well").get(key)
        changes = (
            Change("settings", key, settings_before, {"value": value}),
            Change("well", key, before, row),
        )
        self.do(Edit("两表", changes))

    @rule(key=NAMES, row=CELLS)
    def put_on_a_wrong_belief(self, key: str, row: Row) -> None:
        held = self.memory.table("well").get(key)
        belief: Row = {**(held or row), "name": "从来没有这样的名字"}
        for session in self.sessions:
            with pytest.raises(Conflict):
                session.do(Edit("错", (Change("well", key, belief, row),)))

    @precondition(lambda self: self.memory.table("well"))
    @rule(row=CELLS, is_part=st.booleans())
    def fill(self, row: Row, is_part: bool) -> None:
        held = self.memory.table("well")
        keys = sorted(held)[: 1 if is_part else None]
        columns = ("depth", "name")
        before = tuple([held[key].get(column) for key in keys] for column in columns)
        after = tuple([row.get(column)] * len(keys) for column in columns)
        self.do(Edit("列", ColumnChanges("well", columns, keys, before, after)))

    @precondition(lambda self: self.memory.table("well"))
    @rule()
    def fill_on_a_wrong_belief(self) -> None:
        held = self.memory.table("well")
        keys = sorted(held)
        before = [held[key].get("name") for key in keys]
        wrong = ([*before[:-1], "从来没有这样的名字"],)
        for session in self.sessions:
            with pytest.raises(Conflict) as raised:
                session.do(Edit("错", ColumnChanges("well", ("name",), keys, wrong, (["x"] * len(keys),))))
            assert raised.value.facts["row"] == keys[-1]

    @rule(row=CELLS, other=CELLS)
    def come(self, row: Row, other: Row) -> None:
        keys = [key for key in "甲乙丙丁戊" if key not in self.memory.table("well")]
        rows = [row if number % 2 else other for number in range(len(keys))]
        cells = tuple([each[column] for each in rows] for column in row)
        self.do(Edit("来", ColumnChanges("well", tuple(row), keys, None, cells)))

    @precondition(lambda self: self.memory.table("well"))
    @rule(is_part=st.booleans())
    def go(self, is_part: bool) -> None:
        self.do(Edit("去", self.going(sorted(self.memory.table("well"))[: 1 if is_part else None])))

    def going(self, keys: list[str]) -> ColumnChanges:
        held = self.memory.table("well")
        columns = ("geom", "name", "count", "depth")
        cells = tuple([held[key][column] for key in keys] for column in columns)
        return ColumnChanges("well", columns, keys, cells, None)

    @precondition(lambda self: self.memory.table("well"))
    @rule()
    def come_and_go_on_a_wrong_belief(self) -> None:
        changes = self.going(sorted(self.memory.table("well")))
        *others, last = zip(*changes.before, strict=True)
        wrong = tuple(zip(*others, (last[0], "从来没有这样的名字", *last[2:]), strict=True))
        for edit in (Edit("错", ~changes), Edit("错", replace(changes, before=wrong))):
            for session in self.sessions:
                with pytest.raises(Conflict):
                    session.do(edit)

    def do(self, edit: Edit) -> None:
        for session in self.sessions:
            session.do(edit)

    @precondition(lambda self: self.sessions[1].next_undo)
    @rule()
    def undo(self) -> None:
        assert self.sessions[0].undo() == self.sessions[1].undo()

    @precondition(lambda self: self.sessions[1].next_redo)
    @rule()
    def redo(self) -> None:
        assert self.sessions[0].redo() == self.sessions[1].redo()

    @rule()
    def restart(self) -> None:
        self.file.close()
        self.file = ProjectFile.open(self.folder / "p.gpkg")
        self.start_sessions()

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "file"):
            return
        for table in ("well", "settings"):
            assert dict(self.file.table(table)) == dict(self.memory.table(table))
        ours = [(e.deed, e.edit) for e in self.file.journal()][self.loads :]
        assert ours == [(e.deed, e.edit) for e in self.memory.journal()]
        held = self.memory.table("well")
        read = self.file.read("well", columns=())
        assert self.file.layer("well").rows == len(held)
        there = {u for u, n in zip(read["uuid"], np.diff(read.shapes.spans), strict=True) if n}
        assert there == {key for key, row in held.items() if row["geom"] is not None}

    def teardown(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
            shutil.rmtree(self.folder)


TestStore = Store.TestCase
TestStore.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)


# --- history --------------------------------------------------------------------------------------


def test_the_history_of_a_feature_tells_what_happened_to_it_also_in_an_older_file(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as project:
        session = EditSession(project)
        session.do(load("导入", [squares(3)], project))
        first, second, _ = keys(project)
        for key, name in ((first, "一"), (second, "二"), (first, "三")):
            session.do(renamed(project, key, name))
        session.undo()
        told = [(e.deed, e.edit.name) for e in project.history("county", first)]
        assert told == [("do", "改名 一"), ("do", "改名 三"), ("undo", "改名 三")]
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE riskatlas_touched")
        connection.execute("DROP TABLE riskatlas_base")
        connection.execute("UPDATE riskatlas_project SET schema = 1")
    connection.close()
    with ProjectFile.open(path, read_only=True) as project:
        assert [(e.deed, e.edit.name) for e in project.history("county", first)] == told
    with ProjectFile.open(path) as project:
        assert [(e.deed, e.edit.name) for e in project.history("county", first)] == told
        with sqlite3.connect(path) as connection:
            assert connection.execute("SELECT count(*) FROM riskatlas_touched").fetchone() == (5,)
        connection.close()


# --- pages of a table -----------------------------------------------------------------------------


def listed_rows(project: ProjectFile, view: View) -> list[int]:
    numbers = pages.view(project, "county", view)
    return [int(str(row["population"])) for _, row in pages.page(project, "county", numbers, ["population"])]


def test_a_table_is_sorted_filtered_and_searched_by_the_database(project: ProjectFile) -> None:
    layer = squares(30)
    project.apply(load("导入", [layer], project))
    every = [n * 10 for n in range(30)]
    assert listed_rows(project, View()) == every
    assert listed_rows(project, View("population", descending=True)) == every[::-1]
    assert listed_rows(project, View("density"))[-10:] == every[::3]  # what is missing comes last
    assert listed_rows(project, View(only="population >= 100 and population < 130")) == [100, 110, 120]
    assert listed_rows(project, View(only="density is null and not population in (0, 30)"))[:2] == [60, 90]
    assert listed_rows(project, View(only="name like '甲1%'")) == [10, *every[10:20]]
    assert listed_rows(project, View(search="甲7'")) == [70]
    assert listed_rows(project, View(search="%")) == []
    assert listed_rows(project, View("name", only="population > 5000")) == []
    for wrong in ("nothing = 1", "population = 1; DROP TABLE county", "abs(population) = 1", "population ="):
        with pytest.raises(BadInput):
            listed_rows(project, View(only=wrong))
    with pytest.raises(BadInput):
        listed_rows(project, View('population"; --'))
    key = keys(project)[4]
    row = project.table("county")[key]
    some = [keys(project)[9], key, "nobody's"]
    assert list(pages.rows_of(project, "county", some).items()) == [
        (each, project.table("county")[each]) for each in some[:2]
    ]
    assert pages.is_gapless(project, "county", 30)
    project.apply(Edit("删", (Change("county", key, row, None),)))
    assert not pages.is_gapless(project, "county", 29)
    assert listed_rows(project, View()) == [n for n in every if n != 40]
    assert listed_rows(project, View("population"))[4] == 50


def test_many_rows_and_few_rows_of_a_table_are_the_same_features(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(30)], project))
    numbers = pages.view(project, "county", View("population", descending=True))
    few, many = (pages.picked(project, "county", numbers[:count]) for count in (3, 29))
    assert few["population"].tolist() == [270, 280, 290]
    assert many["population"].tolist() == [10 * n for n in range(1, 30)]
    assert many.shapes.extent == pages.held(project, "county", keys(project)[1:]).shapes.extent


def test_what_lies_near_is_found_at_once(project: ProjectFile) -> None:
    project.apply(load("导入", [squares(500)], project))
    found, shapes = pages.near(project, "county", Extent(385_005, 4_170_005, 385_010, 4_170_010))
    assert found == (keys(project)[50],)
    assert shapes.extent == Extent(385_000, 4_170_000, 385_090, 4_170_090)
    assert pages.at(project, "county", 385_005, 4_170_005) == found
    assert pages.at(project, "county", 385_095, 4_170_005) == ()
    assert len(pages.at(project, "county", 385_095, 4_170_005, 6.0)) == 2


# --- network drives -------------------------------------------------------------------------------


def test_a_project_on_a_network_drive_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    share = tmp_path / "共享 盘"
    share.mkdir()
    point = str(share).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\n//server/x {point} cifs rw 0 0\n", "utf-8")
    assert is_remote(share / "p.gpkg", mounts)
    assert not is_remote(tmp_path / "p.gpkg", mounts)
    assert not is_remote(tmp_path / "共享 盘2" / "p.gpkg", mounts)
    assert is_remote(Path("//server/x/p.gpkg"))
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as project:
        project.apply(load("导入", [squares(2)], project))
    monkeypatch.setattr("layers.storage.geopackage.is_remote", lambda path: True)
    with ProjectFile.open(path) as project:
        assert (project.read_only, project.why_read_only) == (True, "network")
        assert len(project.read("county")) == 2


# --- rows that were just edited -------------------------------------------------------------------


def test_a_few_rows_are_checked_by_the_rules_that_look_at_one_row(project: ProjectFile) -> None:
    layer = squares(5)
    layer = layer.with_columns({"code": [f"1311{n}" for n in range(5)]})
    project.apply(load("导入", [layer], project))
    first, second, *_ = keys(project)
    assert check_rows(project, "county", [first, "nobody"]) == ()
    row = project.table("county")[second]
    bow = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    after = {**row, "name": " ", "population": -1, "geom": shapely.to_wkb(bow)}
    project.apply(Edit("改", (Change("county", second, row, after),)))
    found = check_rows(project, "county", [first, second])
    assert sorted(f.rule for f in found) == ["blanks", "geometry_valid", "not_negative", "required"]
    assert {f.key for f in found} == {second}


# --- photos and notes -----------------------------------------------------------------------------


def test_photos_and_notes_belong_to_a_feature_and_are_undone_like_all_else(tmp_path: Path) -> None:
    photo = tmp_path / "现场.JPG"
    photo.write_bytes(b"a picture")
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        session = EditSession(project)
        session.do(load("导入", [squares(2)], project))
        first, second = keys(project)
        session.do(attached(project, "county", first, "附", note="门前积水"))
        session.do(attached(project, "county", first, "附", file=photo))
        session.do(attached(project, "county", second, "附", note="同一张", file=photo))
        found = attachments(project, "county", first)
        assert [(a.note, a.title) for a in found] == [("门前积水", ""), ("", "现场.JPG")]
        assert found[1].path is not None
        assert found[1].path.read_bytes() == b"a picture"
        assert len(list((tmp_path / "p.files").iterdir())) == 1
        session.undo()
        assert attachments(project, "county", second) == ()
        session.redo()
        assert not attachments(project, "county", second)[0].is_missing
        shutil.rmtree(tmp_path / "p.files")
        assert attachments(project, "county", second)[0].is_missing
        with pytest.raises(MissingFile):
            attached(project, "county", first, "附", file=tmp_path / "none.jpg")

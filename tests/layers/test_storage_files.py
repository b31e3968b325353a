"""Rasters, the QGIS project inside the file, the steps of the schema, and the words of what can go wrong."""

import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st

import layers.storage
from layers.cartography.qml import qml
from layers.cartography.style import Fill, Style, Symbol
from layers.changes import Change, Edit
from layers.errors import BadInput, CannotWrite, MissingFile, UnknownCrs
from layers.grid import Grid, Lattice
from layers.layer import Field, Shapes, VectorLayer
from layers.storage import migrations
from layers.storage.formats import read_file
from layers.storage.geopackage import ProjectFile, load
from layers.storage.packing import pack, unpack
from layers.storage.rasters import read_grid, write_grid
from layers.words import has

LATTICE = Lattice(380_000, 4_200_000, 90, 30, 40, "EPSG:4548")


def plane(lattice: Lattice) -> np.ndarray:
    """Heights that rise a millimetre a metre to the east and two to the south."""
    x = lattice.west + lattice.cell * (np.arange(lattice.columns) + 0.5)
    y = lattice.north - lattice.cell * (np.arange(lattice.rows) + 0.5)
    return 0.001 * (x[None, :] - 380_000) + 0.002 * (4_200_000 - y[:, None])


# --- rasters ---------------------------------------------------------------------------------------


def test_a_grid_comes_back_with_its_gaps_its_unit_and_its_place(tmp_path: Path) -> None:
    values = plane(LATTICE)
    values[3, 4] = np.nan
    write_grid(Grid(values, LATTICE, "m"), tmp_path / "a.tif")
    back = read_grid(tmp_path / "a.tif")
    assert (back.lattice, back.unit) == (LATTICE, "m")
    assert np.array_equal(np.isnan(back.values), np.isnan(values))
    assert np.nanmax(np.abs(back.values - values)) < 1e-6
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_grades_are_written_as_bytes_and_overflow_is_refused(tmp_path: Path) -> None:
    values = np.tile([1.0, 5.0, np.nan, 2.0], (4, 1))
    grid = Grid(values, Lattice(0, 0, 10, 4, 4, "EPSG:4548"))
    write_grid(grid, tmp_path / "a.tif", dtype="uint8")
    with rasterio.open(tmp_path / "a.tif") as source:
        assert (source.dtypes, source.nodata) == (("uint8",), 255.0)
    assert np.array_equal(read_grid(tmp_path / "a.tif").values, values, equal_nan=True)
    with pytest.raises(BadInput):
        write_grid(grid.like(values * 100), tmp_path / "b.tif", dtype="uint8")
    assert not (tmp_path / "b.tif").exists()


def test_a_plane_warped_to_another_lattice_is_the_same_plane(tmp_path: Path) -> None:
    write_grid(Grid(plane(LATTICE), LATTICE), tmp_path / "a.tif", dtype="float64")
    inner = Lattice(380_450, 4_199_550, 35, 40, 50, "EPSG:4548")
    warped = read_grid(tmp_path / "a.tif", target=inner)
    assert warped.lattice == inner
    assert np.abs(warped.values - plane(inner)).max() < 1e-6
    beside = Lattice(384_000, 4_200_000, 90, 5, 5, "EPSG:4548")
    assert np.isnan(read_grid(tmp_path / "a.tif", target=beside).values).all()


def test_a_raster_in_degrees_is_warped_into_the_city(tmp_path: Path) -> None:
    degrees = Lattice(115.0, 38.5, 0.01, 150, 170, "EPSG:4490")
    lon = np.tile(115.0 + 0.01 * (np.arange(170) + 0.5), (150, 1))
    write_grid(Grid(lon, degrees), tmp_path / "a.tif", dtype="float64")
    at = read_grid(tmp_path / "a.tif", target=Lattice(382_000, 4_179_000, 500, 3, 3, "EPSG:4548"))
    point = shapely.Point(115.67, 37.73)
    assert at.at(np.array([382_753.0]), np.array([4_178_200.0]))[0] == pytest.approx(point.x, abs=0.005)


def test_bands_that_are_not_there_and_torn_rasters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "高程.tif"
    write_grid(Grid(plane(LATTICE), LATTICE), path)
    with pytest.raises(BadInput) as raised:
        read_grid(path, band=2)
    assert raised.value.facts["count"] == 1
    whole = path.read_bytes()
    for torn in (b"", whole[:100], b"hello" * 99):
        path.write_bytes(torn)
        with pytest.raises(BadInput) as raised:
            read_grid(path)
        assert "高程.tif" in raised.value.say("zh_CN")
    with pytest.raises(MissingFile):
        read_grid(tmp_path / "none.tif")
    with pytest.raises(CannotWrite):
        write_grid(Grid(plane(LATTICE), LATTICE), tmp_path / "no folder" / "a.tif")


def bare_raster(path: Path, west: float, north: float, cell: float, height: float | None = None) -> Path:
    transform = rasterio.Affine(cell, 0, west, 0, -(height or cell), north)
    with rasterio.open(
        path, "w", driver="GTiff", height=4, width=4, count=1, dtype="float32", transform=transform
    ) as target:
        target.write(np.ones((1, 4, 4), "float32"))
    return path


def test_a_raster_without_a_system_gets_one_where_that_is_safe(tmp_path: Path) -> None:
    path = bare_raster(tmp_path / "dem.tif", 115.5, 37.9, 0.01)
    before = path.read_bytes()
    found = read_file(path)
    assert (found.layer.kind, found.crs, found.layer.unit) == ("terrain", "EPSG:4490", "m")
    assert any("EPSG:4490" in note for note in found.notes)
    assert path.read_bytes() == before
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        project.apply(load("导入", [found.layer], project))
        assert project.grid("terrain").lattice == found.layer.lattice
    with pytest.raises(UnknownCrs):
        read_file(bare_raster(tmp_path / "x.tif", 380_000, 4_200_000, 90))
    asked = read_file(tmp_path / "x.tif", crs="EPSG:4548")
    assert read_grid(Path(asked.layer.path)).lattice.crs == "EPSG:4548"


def test_oblong_cells_are_refused_with_a_cure(tmp_path: Path) -> None:
    path = bare_raster(tmp_path / "x.tif", 115, 38, 0.01, 0.02)
    with pytest.raises(BadInput) as raised:
        read_file(path)
    assert raised.value.key == "raster_not_square"


# --- the QGIS project ------------------------------------------------------------------------------


def qgis_xml(path: Path) -> ET.Element:
    with sqlite3.connect(path) as connection:
        ((content,),) = connection.execute("SELECT content FROM qgis_projects").fetchall()
    connection.close()
    with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as archive:
        (name,) = archive.namelist()
        return ET.fromstring(archive.read(name))


def region(title: str) -> VectorLayer:
    shapes = Shapes.of([shapely.box(340_000, 4_100_000, 460_000, 4_250_000)])
    fields = (Field("name", zh="名称"),)
    return VectorLayer("county", "county", "EPSG:4548", shapes, pd.DataFrame({"name": ["县"]}), title, fields)


def test_the_qgis_project_follows_the_list_of_layers(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    title = "县界 <&\"'> \x07"
    with ProjectFile.create(path, name="衡水") as project:
        write_grid(Grid(plane(LATTICE), LATTICE), tmp_path / "dem.tif")
        project.apply(load("导入", [region(title), read_file(tmp_path / "dem.tif").layer], project))
        project.keep_styles({"county": qml(Style(symbol=Symbol(fill=Fill(color="#ff0000"))), "polygon")})
    xml = qgis_xml(path)
    assert xml.findtext("title") == "衡水"
    assert [g.get("name") for g in xml.findall("layer-tree-group/layer-tree-group")] == [
        "行政区划",
        "基础地理",
    ]
    names = [layer.findtext("layername") for layer in xml.iter("maplayer")]
    assert names == ["县界 <&\"'> ", "地形高程"]
    sources = [layer.findtext("datasource") for layer in xml.iter("maplayer")]
    assert sources == ["./p.gpkg|layername=county", "./p.rasters/terrain.tif"]
    colours = [o.get("value") for o in xml.iter("Option") if o.get("name") == "color"]
    assert colours[0] == "255,0,0,255"
    assert xml.find("projectCrs/spatialrefsys/authid").text == "EPSG:4548"  # type: ignore[union-attr]
    west = float(xml.findtext("mapcanvas/extent/xmin") or "nan")
    assert 330_000 < west < 340_000
    assert [a.get("name") for a in xml.iter("alias")] == ["名称"]


def test_a_renamed_project_points_at_itself(tmp_path: Path) -> None:
    with ProjectFile.create(tmp_path / "旧.gpkg") as project:
        project.apply(load("导入", [region("县界")], project))
    (tmp_path / "旧.gpkg").rename(tmp_path / "新 名.gpkg")
    ProjectFile.open(tmp_path / "新 名.gpkg").close()
    assert qgis_xml(tmp_path / "新 名.gpkg").findtext(".//datasource") == "./新 名.gpkg|layername=county"


def test_a_new_title_reaches_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as project:
        project.apply(load("导入", [region("县界"), region("县界")], project))
        row = project.table("layers")["county"]
        project.apply(Edit("改名", (Change("layers", "county", row, {**row, "title": "区界"}),)))
        assert [e.title for e in project.layers()] == ["区界", "县界"]
    with sqlite3.connect(path) as connection:
        titles = connection.execute("SELECT identifier FROM gpkg_contents ORDER BY table_name").fetchall()
    connection.close()
    assert titles == [("区界",), ("县界 (county_2)",)]


# --- the journal -----------------------------------------------------------------------------------

VALUES = (
    st.none() | st.text(max_size=4) | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.binary()
)
ROWS = st.none() | st.dictionaries(st.text(max_size=3), VALUES, max_size=4)
CHANGES = st.builds(Change, st.sampled_from(["县", "well"]), st.text(max_size=3), ROWS, ROWS)


@given(st.lists(CHANGES, max_size=6))
def test_an_edit_comes_out_of_the_journal_as_it_went_in(changes: list[Change]) -> None:
    edit = Edit("编辑", tuple(changes))
    assert unpack("编辑", pack(edit)) == edit


# --- the schema ------------------------------------------------------------------------------------


def test_step_1_makes_the_tables_of_the_project() -> None:
    connection = sqlite3.connect(":memory:")
    migrations.step_0001.take(connection)
    made = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert made == {f"riskatlas_{name}" for name in ("project", "layers", "journal", "settings")}


@pytest.mark.parametrize("before_it", [3, 4])
def test_steps_4_and_5_let_no_older_program_read_a_journal_by_column(tmp_path: Path, before_it: int) -> None:
    path = tmp_path / "p.gpkg"
    ProjectFile.create(path).close()
    with sqlite3.connect(path) as connection:
        before = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        connection.execute("UPDATE riskatlas_project SET schema = ?", (before_it,))
    connection.close()
    ProjectFile.open(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT schema FROM riskatlas_project").fetchone() == (5,)
        assert connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == before
    connection.close()


def test_steps_are_taken_once_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as project:
        project.apply(load("导入", [region("县界")], project))

    def further(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE riskatlas_further (a)")

    steps = (*migrations.STEPS, further)
    monkeypatch.setattr("layers.storage.registry.SCHEMA", len(steps))
    monkeypatch.setattr("layers.storage.opening.SCHEMA", len(steps))
    monkeypatch.setattr(
        "layers.storage.registry.take_steps", lambda c, after: migrations.take_steps(c, after, steps)
    )
    for _ in range(2):
        with ProjectFile.open(path) as project:
            assert project.layer("county").rows == 1
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT schema FROM riskatlas_project").fetchone() == (len(steps),)
        assert connection.execute("SELECT count(*) FROM riskatlas_further").fetchone() == (0,)
    connection.close()


# --- words -----------------------------------------------------------------------------------------


def test_everything_that_can_go_wrong_has_words() -> None:
    raises = re.compile(r"(?:BadInput|CannotWrite|MissingFile|UnknownCrs|NewerProject)[\"']?[,(]\s*\"(\w+)\"")
    quoted = re.compile(r"\"((?:note|skip)\.\w+)\"")
    text = "".join(p.read_text("utf-8") for p in Path(str(layers.storage.__path__[0])).rglob("*.py"))
    keys = {f"{part}.{key}" for key in raises.findall(text) for part in ("error", "cure")}
    keys |= set(quoted.findall(text))
    assert len(keys) > 80
    assert not [key for key in sorted(keys) if not has(key)]


def test_the_words_of_an_error_name_its_facts() -> None:
    error = BadInput("value_unfit", table="县界", row="k", column="人口", value="三")
    assert json.dumps(error.say("zh_CN"), ensure_ascii=False).count("人口") == 1

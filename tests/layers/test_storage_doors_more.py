"""More doors: geodatabase, KML, DXF, survey texts, archives; what the project proves about a file."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely

from layers.changes import Edit
from layers.editing import EditSession
from layers.errors import BadInput, UnknownCrs
from layers.layer import Shapes, VectorLayer
from layers.storage import gcj02, reshift
from layers.storage.crs import transformed_points
from layers.storage.formats import read_file
from layers.storage.geopackage import ProjectFile, load
from layers.storage.surroundings import read_files

CORPUS = Path(__file__).resolve().parents[2] / "benchmarks" / "import_corpus.py"
PLACES = np.array([[115.67, 37.73], [115.55, 37.55], [116.27, 37.69], [115.9, 37.6]])
NAMES = ["桃城中学", "冀州小学", "景县一中", "武邑二小"]


def plane(places: np.ndarray = PLACES, crs: str = "EPSG:4548") -> np.ndarray:
    x, y = pyproj.Transformer.from_crs(4490, crs, always_xy=True).transform(*places.T)
    return np.column_stack([x, y])


def written(path: Path, geometries: object, crs: str = "EPSG:4490", **columns: list[object]) -> Path:
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.asarray(geometries, dtype=object)),
        field_data=[np.array(values, dtype=object) for values in columns.values()],
        fields=list(columns),
        geometry_type=(shapely.get_type_id(np.asarray(geometries, dtype=object)[0]) == 0 and "Point")
        or "Unknown",
        crs=crs,
        driver={".gdb": "OpenFileGDB", ".dxf": "DXF"}.get(path.suffix),
        encoding="UTF-8" if path.suffix == ".shp" else None,
    )
    return path


def test_the_corpus_of_shapefiles_is_read_rightly_or_asked_about() -> None:
    done = subprocess.run([sys.executable, CORPUS, "--json"], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, found["wrong"], found["not_asked"]) == (0, [], [])
    assert found["files"] >= 60
    assert found["share"] >= 0.95


# --- formats ---------------------------------------------------------------------------------------


def test_a_geodatabase_is_read_from_its_folder(tmp_path: Path) -> None:
    path = written(tmp_path / "普查.gdb", shapely.points(plane()), "EPSG:4548", 名称=NAMES)
    found = read_file(path, kind="")
    assert found.layer.attributes["名称"].tolist() == NAMES
    assert np.abs(found.layer.shapes.xy - plane()).max() < 0.01
    (tmp_path / "空.gdb").mkdir()
    with pytest.raises(BadInput):
        read_file(tmp_path / "空.gdb")


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>学校</name>
<Placemark><name>桃城中学</name><Point><coordinates>115.67,37.73,0</coordinates></Point></Placemark>
<Placemark><name>没有位置</name></Placemark></Folder>
<Folder><name>医院</name>
<Placemark><name>县医院</name><Point><coordinates>115.55,37.55</coordinates></Point></Placemark>
<Placemark><name>路</name><LineString><coordinates>115,37 116,38</coordinates></LineString></Placemark>
</Folder></Document></kml>"""


def test_the_folders_of_a_kml_are_one_layer_and_what_is_left_out_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "点.kml"
    path.write_text(KML, encoding="utf-8")
    found = read_file(path, kind="")
    assert found.layer.attributes["folder"].tolist() == ["学校", "医院"]
    assert "桃城中学" in found.layer.attributes.to_string()
    assert np.abs(found.layer.shapes.xy - plane()[:2]).max() < 0.01
    assert [s.reason_key for s in found.skipped] == ["skip.no_geometry", "skip.other_geometry"]
    with zipfile.ZipFile(tmp_path / "点.kmz", "w") as archive:
        archive.writestr("doc.kml", KML)
    assert len(read_file(tmp_path / "点.kmz", kind="").layer) == 2
    path.write_text("<html></html>", encoding="utf-8")
    with pytest.raises(BadInput):
        read_file(path)


def test_a_drawing_is_read_by_its_entities(tmp_path: Path) -> None:
    lines = [shapely.LineString(plane()[a:b]) for a, b in ((0, 2), (1, 4))]
    path = written(tmp_path / "图.dxf", lines, "EPSG:4548", Layer=["0", "0"])
    with pytest.raises(UnknownCrs) as raised:
        read_file(path, kind="")
    assert "EPSG:4548" in str(raised.value.facts["candidates"])
    found = read_file(path, kind="", crs="EPSG:4548")
    assert found.layer.geometry_kind == "line"
    assert found.layer.attributes["Layer"].astype(str).tolist() == ["0", "0"]
    assert np.abs(found.layer.shapes.xy - plane()[[0, 1, 1, 2, 3]]).max() < 0.01


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_survey_without_a_header_is_read_in_either_order(tmp_path: Path, order: list[int]) -> None:
    path = tmp_path / "成果.txt"
    rows = [
        f"P{n},,{xy[order[0]]:.3f},{xy[order[1]]:.3f},21.5" for n, xy in enumerate(plane(crs="EPSG:4527"))
    ]
    path.write_text("\n".join(rows), encoding="ascii")
    found = read_file(path, kind="")
    assert found.crs == "EPSG:4527"
    assert np.abs(found.layer.shapes.xy - plane()).max() < 0.01
    assert found.layer.attributes["column_1"].tolist() == ["P0", "P1", "P2", "P3"]


# --- archives --------------------------------------------------------------------------------------


def packed(path: Path, files: dict[str, bytes], flag: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


CSV = "名称,经度,纬度\n甲,115.67,37.73\n".encode("gbk")


def test_one_readable_file_in_an_archive_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"资料/说明.docx": b"x", "资料/企业.csv": CSV})
    found = read_file(path, kind="", gcj02="no")
    assert found.layer.attributes["名称"].tolist() == ["甲"]
    assert found.path == path
    two = packed(tmp_path / "b.zip", {"企业.csv": CSV, "学校.csv": CSV})
    with pytest.raises(BadInput) as raised:
        read_file(two, kind="")
    assert "学校" in raised.value.say("zh_CN")
    assert len(read_file(two, kind="", layer="学校", gcj02="no").layer) == 1


@pytest.mark.parametrize(
    "name", ["../出去.csv", "/tmp/出去.csv", "..\\出去.csv", "C:\\出去.csv", "a/../../出去.csv"]
)
def test_an_archive_never_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "里"
    inner.mkdir()
    path = packed(inner / "a.zip", {name: CSV})
    with pytest.raises(BadInput) as raised:
        read_file(path)
    assert raised.value.key == "archive_unsafe"
    assert not list(tmp_path.glob("*.csv"))


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "bomb.zip", {"a.csv": b"0" * 3_000_000})
    monkeypatch.setattr("layers.storage.archive.LARGEST", 1_000_000)
    with pytest.raises(BadInput) as raised:
        read_file(path)
    assert raised.value.key == "file_too_large"
    content = bytearray(path.read_bytes())
    size = (3_000_000).to_bytes(4, "little")
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = (10).to_bytes(4, "little")  # the archive lies about its size
    path.write_bytes(content)
    with pytest.raises(BadInput):
        read_file(path)


# --- what the project proves -----------------------------------------------------------------------


def schools(shift: str = "") -> VectorLayer:
    table = pd.DataFrame({"name": NAMES})
    return VectorLayer("school", "school", "EPSG:4548", Shapes.of(shapely.points(plane())), table)


def test_points_that_the_project_knows_prove_the_shift_and_it_can_be_put_back(tmp_path: Path) -> None:
    away = np.column_stack(gcj02.to_gcj02(*PLACES.T))
    path = written(tmp_path / "校.shp", shapely.points(away), "EPSG:4490", 名称=NAMES)
    path.with_suffix(".prj").unlink()
    with pytest.raises(UnknownCrs) as raised:
        read_file(path, kind="")
    assert raised.value.key == "shift_unknown"
    for name in ("gcj02", "bd09"):
        assert name in raised.value.say("en")
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        session = EditSession(project)
        session.do(load("导入", [schools()], project))
        (found,) = read_files(project, [path], kind="")
        assert found.layer.provenance.shift == "gcj02"
        assert np.abs(found.layer.shapes.xy - plane()).max() < 0.05
        edit = load("导入", [found.layer], project)
        session.do(edit)
        name = edit.loads[0].name
        session.do(reshift.put_back(project, name, "还原"))
        assert np.abs(project.read(name).shapes.xy - plane(away)).max() < 0.01
        assert project.layer(name).provenance.shift == ""
        session.do(reshift.take_out(project, name, "gcj02", "再去除"))
        assert np.abs(project.read(name).shapes.xy - plane()).max() < 0.01
        assert project.layer(name).provenance.shift == "gcj02"
        session.undo()
        assert isinstance(session.next_redo, Edit)


def test_an_index_that_does_not_fit_is_rebuilt(tmp_path: Path) -> None:
    path = written(tmp_path / "校.shp", shapely.points(PLACES), "EPSG:4490", 名称=NAMES)
    whole = path.with_suffix(".shx").read_bytes()
    for stale in (whole[:-8], whole[:100], whole[:104] + b"\0\0\0\0" + whole[108:]):
        path.with_suffix(".shx").write_bytes(stale)
        found = read_file(path, kind="")
        assert found.layer.attributes["名称"].tolist() == NAMES
        assert any(".shx" in note for note in found.notes)
        assert path.with_suffix(".shx").read_bytes() == stale


def test_a_reading_that_is_not_quite_sure_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path / "校.shp", shapely.points(PLACES), "EPSG:4490", n=["a", "b", "c", "d"])
    table = path.with_suffix(".dbf").read_bytes()
    place = table.rindex(b"a  ")
    path.with_suffix(".dbf").write_bytes(table[:place] + "乙甲".encode("gbk") + table[place + 4 :])
    path.with_suffix(".cpg").unlink()
    found = read_file(path, kind="")
    assert found.layer.attributes["n"].iloc[0] == "乙甲" or any("样例" in note for note in found.notes)


def test_a_torn_prj_counts_as_missing(tmp_path: Path) -> None:
    path = written(tmp_path / "校.shp", shapely.points(plane(crs="EPSG:4527")), "EPSG:4527", 名称=NAMES)
    whole = path.with_suffix(".prj").read_bytes()
    for torn in (b"", whole[: len(whole) // 2], b"\xff\xfe" + whole, b"PROJCS[]"):
        path.with_suffix(".prj").write_bytes(torn)
        found = read_file(path, kind="")
        assert found.crs == "EPSG:4527"
        assert any(".prj" in note for note in found.notes)
        assert np.abs(found.layer.shapes.xy - plane()).max() < 0.01


def test_a_table_whose_columns_exceed_its_rows_is_torn(tmp_path: Path) -> None:
    path = written(tmp_path / "校.shp", shapely.points(PLACES), "EPSG:4490", 名称=NAMES)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[32 + 16] = 250
    path.with_suffix(".dbf").write_bytes(table)
    with pytest.raises(BadInput) as raised:
        read_file(path, kind="")
    assert raised.value.key == "file_torn"


def test_a_system_of_another_planet_is_refused_with_its_name() -> None:
    x, y = PLACES.T
    with pytest.raises(UnknownCrs) as raised:
        transformed_points(x, y, "IAU_2015:30100", "EPSG:4548")
    assert "Moon" in raised.value.say("zh_CN")


@pytest.mark.parametrize("declared", ["uu", "rot13", "hex", "base64"])
def test_a_cpg_that_names_no_encoding_of_text_says_nothing(tmp_path: Path, declared: str) -> None:
    path = written(tmp_path / "校.shp", shapely.points(PLACES), "EPSG:4490", 名称=NAMES)
    path.with_suffix(".cpg").write_text(declared)
    assert read_file(path, kind="").layer.attributes["名称"].tolist() == NAMES

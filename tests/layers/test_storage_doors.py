"""Foreign files as people hand them over: wrong, torn, undeclared, and what the doors make of them."""

import csv
import io
import struct
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.errors import BadInput, MissingFile, UnknownCrs
from layers.grid import Extent
from layers.layer import Field, Shapes, VectorLayer
from layers.positions import parse_coordinate
from layers.storage import gcj02
from layers.storage.crs import same_crs, transformed
from layers.storage.encoding import encoding_named, encoding_of
from layers.storage.formats import Imported, read_file, write_file

NAMES = ["衡水市桃城区", "冀州区", "景县", "喆䶮村", "故城县郑口镇"]
TRADITIONAL = ["衡水市桃城區", "冀州區", "景縣", "阜城縣", "饒陽縣"]
PLACES = np.array([[115.67, 37.73], [115.55, 37.55], [116.27, 37.69], [115.9, 37.6], [115.97, 37.35]])
PRJ = pyproj.CRS.from_epsg(4490).to_wkt("WKT1_ESRI")
REGION = Extent(338_180, 4_103_143, 461_293, 4_249_414)  # the city in EPSG:4548


def moved(crs: str, places: np.ndarray = PLACES) -> np.ndarray:
    x, y = pyproj.Transformer.from_crs(4490, crs, always_xy=True).transform(*places.T)
    return np.column_stack([x, y])


def write_shapefile(
    path: Path,
    places: np.ndarray = PLACES,
    names: list[str] = NAMES,
    encoding: str = "gb18030",
    *,
    column: str = "名称",
    language_driver: int = 0,
    width: int = 40,
) -> None:
    """Points and one column of text, byte by byte: no library writes files this wrong."""
    points = b"".join(
        struct.pack(">ii", n, 10) + struct.pack("<i2d", 1, *place) for n, place in enumerate(places, 1)
    )
    box = struct.pack("<8d", *places.min(axis=0), *places.max(axis=0), 0, 0, 0, 0)

    def head(length: int) -> bytes:
        return (
            struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, (100 + length) // 2) + struct.pack("<ii", 1000, 1) + box
        )

    path.with_suffix(".shp").write_bytes(head(len(points)) + points)
    index = b"".join(struct.pack(">ii", 50 + 14 * n, 10) for n in range(len(places)))
    path.with_suffix(".shx").write_bytes(head(len(index)) + index)
    rows = b"".join(b" " + name.encode(encoding)[:width].ljust(width) for name in names)
    top = struct.pack("<4BIHH17xB2x", 3, 123, 1, 1, len(names), 65, width + 1, language_driver)
    field = column.encode(encoding)[:10].ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15)
    path.with_suffix(".dbf").write_bytes(top + field + b"\r" + rows + b"\x1a")


# --- encoding --------------------------------------------------------------------------------------

DECLARED = ["", "UTF-8", "GBK", "936", "ANSI 936", "OEM", "nonsense", "BIG5", "ISO-8859-1"]


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize(
    ("encoding", "names"),
    [("utf-8", NAMES), ("gb18030", NAMES), ("gbk", NAMES[:3]), ("cp950", TRADITIONAL)],
)
def test_the_encoding_of_a_shapefile_is_found_whatever_it_declares(
    tmp_path: Path, encoding: str, names: list[str], declared: str
) -> None:
    path = tmp_path / "村镇.shp"
    column = "名稱" if encoding == "cp950" else "名称"
    write_shapefile(path, PLACES[: len(names)], names, encoding, column=column)
    path.with_suffix(".prj").write_text(PRJ)
    if declared:
        path.with_suffix(".cpg").write_text(declared)
    found = read_file(path, kind="")
    assert found.layer.attributes[column].tolist() == names
    assert found.layer.fields[0].zh == column
    right = {"gbk": "gb18030"}.get(encoding, encoding)
    assert found.encoding == right
    meant = encoding_named(declared)
    assert any("实为" in note for note in found.notes) == (meant not in {"", right})


@pytest.mark.parametrize("driver", [0x00, 0x03, 0x13, 0x4D, 0x57])
def test_the_language_driver_of_a_table_is_a_hint_only(tmp_path: Path, driver: int) -> None:
    for encoding in ("gb18030", "utf-8"):
        path = tmp_path / f"{encoding}.shp"
        write_shapefile(path, encoding=encoding, language_driver=driver)
        assert read_file(path, kind="", gcj02="no").layer.attributes["名称"].tolist() == NAMES


def test_text_that_was_cut_within_a_character_comes_in_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "cut.shp"
    names = ["衡水市桃城区何庄乡", "冀州", "景县", "安平", "深州"]
    for encoding, width, kept in (("gb18030", 9, "衡水市桃"), ("utf-8", 10, "衡水市")):
        write_shapefile(path, names=names, encoding=encoding, width=width)
        found = read_file(path, kind="", gcj02="no")
        assert found.layer.attributes["名称"].tolist() == [kept, *names[1:]]
        assert any("截断" in note for note in found.notes)
        assert found.altered == ((1, "alter.text_cut"),)


def test_an_encoding_that_was_asked_for_wrongly_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,经度,纬度\n衡水,115.6,37.7\n".encode("gbk"))
    with pytest.raises(BadInput) as raised:
        read_file(path, encoding="utf-8")
    assert "a.csv" in raised.value.say("zh_CN")
    assert read_file(path, encoding="GBK", kind="", gcj02="no").layer.attributes["名称"].tolist() == ["衡水"]


@given(st.lists(st.sampled_from([*NAMES, "普通话", "，。（）", "abc", "联通", "烟花爆竹经营部"]), min_size=3))
def test_both_common_encodings_are_told_apart(names: list[str]) -> None:
    text = [*names, "河北省衡水市"]
    for encoding in ("utf-8", "gb18030"):
        assert encoding_of([t.encode(encoding) for t in text], "", Path("x")).name == encoding


# --- reference systems -----------------------------------------------------------------------------

FITTING = ["EPSG:4490", "EPSG:4526", "EPSG:4527", "EPSG:4498", "EPSG:4547"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("crs", FITTING)
def test_the_system_of_bare_coordinates_is_found_in_the_region(
    tmp_path: Path, crs: str, swapped: bool
) -> None:
    path = tmp_path / "点.shp"
    places = PLACES if crs == "EPSG:4490" else moved(crs)
    write_shapefile(path, places[:, ::-1] if swapped else places)
    found = read_file(path, kind="", gcj02="no", region=REGION)
    assert same_crs(found.crs, crs)
    assert found.layer.crs == "EPSG:4548"
    assert np.abs(found.layer.shapes.xy - moved("EPSG:4548")).max() < 0.01
    assert any("已对调" in note for note in found.notes) == swapped
    assert found.crs in found.layer.provenance.note


def test_without_a_region_six_digits_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "点.shp"
    write_shapefile(path, moved("EPSG:4547"))
    with pytest.raises(UnknownCrs) as raised:
        read_file(path, kind="")
    for name in ("EPSG:4547", "EPSG:4548", "EPSG:4509", "点.shp"):
        assert name in raised.value.say("zh_CN")
    assert read_file(path, kind="", crs="EPSG:4547").crs == "EPSG:4547"


def test_what_a_prj_says_is_taken(tmp_path: Path) -> None:
    for code in (4490, 4526, 4547, 4548, 4513, 4524):
        path = tmp_path / f"{code}.shp"
        write_shapefile(path, PLACES if code == 4490 else moved(f"EPSG:{code}"))
        path.with_suffix(".prj").write_text(pyproj.CRS.from_epsg(code).to_wkt("WKT1_ESRI"))
        found = read_file(path, kind="")
        assert found.crs == f"EPSG:{code}"
        assert np.abs(found.layer.shapes.xy - moved("EPSG:4548")).max() < 0.01
        assert not any("判定" in note for note in found.notes)


def test_coordinates_of_no_system_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "点.shp"
    write_shapefile(path, PLACES * 1000)
    with pytest.raises(UnknownCrs):
        read_file(path, kind="", region=REGION)


def test_data_far_from_the_region_is_told(tmp_path: Path) -> None:
    path = tmp_path / "点.shp"
    write_shapefile(path, PLACES - [10, 5])
    assert any("区域内" in note for note in read_file(path, kind="", gcj02="no", region=REGION).notes)


# --- GCJ-02 ----------------------------------------------------------------------------------------


@given(st.floats(73.5, 134.9), st.floats(18.1, 53.4))
def test_both_shifts_are_undone_to_a_millimetre(lon: float, lat: float) -> None:
    for there, back in ((gcj02.to_gcj02, gcj02.from_gcj02), (gcj02.to_bd09, gcj02.from_bd09)):
        x, y = back(*there(np.array([lon]), np.array([lat])))
        assert abs(x[0] - lon) < 1e-8
        assert abs(y[0] - lat) < 1e-8


def test_the_shift_is_what_web_maps_show() -> None:
    x, y = gcj02.to_gcj02(np.array([116.404]), np.array([39.915]))
    assert (x[0], y[0]) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    x, y = gcj02.to_bd09(np.array([116.404]), np.array([39.915]))
    assert (x[0], y[0]) == pytest.approx((116.41662724378733, 39.922699552216216), abs=1e-6)
    assert [float(v[0]) for v in gcj02.to_gcj02(np.array([-0.1]), np.array([51.5]))] == [-0.1, 51.5]


def two_counties() -> shapely.Geometry:
    west = shapely.segmentize(shapely.box(115.3, 37.3, 115.8, 37.9), 0.02)
    east = shapely.segmentize(shapely.box(115.8, 37.4, 116.3, 38.0), 0.02)
    return np.array([west, east], dtype=object)


def region_layer() -> VectorLayer:
    shapes = transformed(Shapes.of(two_counties()), "EPSG:4490", "EPSG:4548")
    return VectorLayer("county", "county", "EPSG:4548", shapes, pd.DataFrame(index=[0, 1]))


def bare_geojson(path: Path, geometries: np.ndarray) -> None:
    features = ",".join(
        f'{{"type":"Feature","properties":{{"name":"县"}},"geometry":{shapely.to_geojson(g)}}}'
        for g in geometries
    )
    path.write_text(f'{{"type":"FeatureCollection","features":[{features}]}}', encoding="utf-8")


@pytest.mark.parametrize(("shift", "told"), [("", ""), ("gcj02", "GCJ02"), ("bd09", "BD09")])
def test_a_shifted_boundary_is_put_right_where_the_region_proves_it(
    tmp_path: Path, shift: str, told: str
) -> None:
    counties = two_counties()
    if shift:
        make = {"gcj02": gcj02.to_gcj02, "bd09": gcj02.to_bd09}[shift]
        counties = shapely.transform(counties, lambda xy: np.column_stack(make(*xy.T)))
    path = tmp_path / "县.geojson"
    for chosen in (counties, counties[:1]):
        bare_geojson(path, chosen)
        found = read_file(path, region=region_layer())
        right = region_layer().shapes.take(np.arange(len(chosen)))
        assert np.abs(found.layer.shapes.xy - right.xy).max() < 0.05
        assert any(told in note for note in found.layer.provenance.note.split("；")) if told else True
        assert found.layer.provenance.shift == shift
        assert ("不带" in found.layer.provenance.note) == (not shift)


def test_degrees_of_a_table_that_nothing_proves_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "point.csv"
    path.write_text("名称,经度,纬度\n甲,115.67,37.73\n", encoding="utf-8")
    with pytest.raises(UnknownCrs) as raised:
        read_file(path, kind="", region=region_layer())
    assert raised.value.facts["candidates"] == "no、gcj02、bd09"
    found = read_file(path, kind="", gcj02="no", region=region_layer())
    assert np.abs(found.layer.shapes.xy - moved("EPSG:4548", PLACES[:1])).max() < 0.01
    asked = read_file(path, kind="", gcj02="gcj02")
    assert 300 < np.hypot(*(asked.layer.shapes.xy - found.layer.shapes.xy)[0]) < 800


@pytest.mark.parametrize(
    ("east", "north", "shift"),
    [
        ("经度(GCJ-02)", "纬度(GCJ-02)", "gcj02"),
        ("bd09_lng", "bd09_lat", "bd09"),
        ("经度（国家2000）", "纬度（国家2000）", ""),
        ("wgs84_lon", "wgs84_lat", ""),
    ],
)
def test_columns_that_name_their_system_are_believed(
    tmp_path: Path, east: str, north: str, shift: str
) -> None:
    path = tmp_path / "点.csv"
    lon, lat = PLACES.T
    if shift:
        lon, lat = {"gcj02": gcj02.to_gcj02, "bd09": gcj02.to_bd09}[shift](lon, lat)
    rows = "".join(f"{y:.8f},{x:.8f},点\n" for x, y in zip(lon, lat, strict=True))
    path.write_text(f"{north},{east},名称\n{rows}", encoding="utf-8")
    found = read_file(path, kind="")
    assert np.abs(found.layer.shapes.xy - moved("EPSG:4548")).max() < 0.05
    assert found.layer.provenance.shift == shift


def differing(layer: VectorLayer) -> float:
    """Share of the counties' area that is not the same."""
    true = shapely.union_all(region_layer().shapes.geometries())
    return shapely.union_all(layer.shapes.geometries()).symmetric_difference(true).area / true.area


def test_degrees_of_a_web_map_in_spite_of_their_prj_are_put_right_where_a_boundary_proves_it(
    tmp_path: Path,
) -> None:
    counties = shapely.transform(two_counties(), lambda xy: np.column_stack(gcj02.to_gcj02(*xy.T)))
    path = tmp_path / "县.shp"
    shapes = {"geometry": shapely.to_wkb(counties), "field_data": [np.array(["甲", "乙"], object)]}
    pyogrio.raw.write(path, **shapes, fields=["名称"], geometry_type="Polygon", crs="EPSG:4326")
    found = read_file(path, kind="", region=region_layer())
    assert differing(found.layer) < 1e-6
    assert found.layer.provenance.shift == "gcj02"
    assert read_file(path, kind="").layer.provenance.shift == ""


# --- one meridian, several systems -----------------------------------------------------------------


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("crs", ["EPSG:4548", "EPSG:4509", "EPSG:32650"])
def test_systems_of_one_meridian_are_always_asked_about(tmp_path: Path, crs: str, swapped: bool) -> None:
    path = tmp_path / "点.shp"
    places = moved(crs)
    write_shapefile(path, places[:, ::-1] if swapped else places)
    with pytest.raises(UnknownCrs) as raised:
        read_file(path, kind="", region=REGION)
    assert raised.value.key == "crs_twins"
    assert set(raised.value.facts["candidates"].split("、")) == {"EPSG:4548", "EPSG:4509", "EPSG:32650"}
    answered = read_file(path, kind="", region=REGION, crs=crs)
    assert np.abs(answered.layer.shapes.xy - moved("EPSG:4548")).max() < 0.01
    assert any("已对调" in note for note in answered.notes) == swapped


def test_a_boundary_tells_utm_from_the_zones_of_its_meridian(tmp_path: Path) -> None:
    for crs in ("EPSG:32650", "EPSG:4509"):
        path = tmp_path / f"{crs[5:]}.shp"
        counties = transformed(Shapes.of(two_counties()), "EPSG:4490", crs).geometries()
        shapes = {"geometry": shapely.to_wkb(counties), "field_data": [np.array(["甲", "乙"], object)]}
        pyogrio.raw.write(path, **shapes, fields=["名称"], geometry_type="Polygon", crs=crs)
        path.with_suffix(".prj").unlink()
        if crs == "EPSG:32650":
            found = read_file(path, kind="", region=region_layer())
            assert found.crs == crs
            assert differing(found.layer) < 1e-6
            continue
        with pytest.raises(UnknownCrs) as raised:
            read_file(path, kind="", region=region_layer())
        assert raised.value.facts["candidates"] == "EPSG:4548、EPSG:4509"


# --- spreadsheets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("115.67", 115.67),
        ("115.67°", 115.67),
        ("东经115°40′12″", 115.67),
        ("115°40'12.0\"E", 115.67),
        ("115度40分12秒", 115.67),
        ("115-40-12", 115.67),
        ("115：40：12", 115.67),
        ("１１５．６７", 115.67),
        ("115°40.2′", 115.67),
        ("西经115°40′12″", -115.67),
        ("E115.67", 115.67),
        (38647222.5, 38647222.5),
        ("38,647,222.5", 38647222.5),
        ("115°75′", np.nan),
        ("=1+1", np.nan),
        ("", np.nan),
        (None, np.nan),
        ("待查", np.nan),
    ],
)
def test_coordinates_are_read_as_people_write_them(text: object, degrees: float) -> None:
    assert parse_coordinate(text) == pytest.approx(degrees, nan_ok=True)


HEADERS = [
    ("经度", "纬度"),
    ("lon", "lat"),
    ("Longitude", "Latitude"),
    ("经度（°）", "纬度（°）"),
    ("X", "Y"),
    ("东经", "北纬"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_its_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    for number, (east, north) in enumerate(HEADERS):
        path = tmp_path / f"{number}.csv"
        rows = [
            ["企业名称", east, north],
            *([n, *map(str, p)] for n, p in zip(NAMES[:3], PLACES, strict=False)),
        ]
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
        found = read_file(path, kind="enterprise", gcj02="no")
        assert found.layer.attributes["name"].tolist() == NAMES[:3]
        assert np.abs(found.layer.shapes.xy - moved("EPSG:4548")[:3]).max() < 0.01


def test_survey_columns_are_read_north_first(tmp_path: Path) -> None:
    path = tmp_path / "测量.csv"
    rows = [f"{n},{y},{x}" for n, (x, y) in zip(NAMES, moved("EPSG:4527"), strict=True)]
    path.write_text("\n".join(["名称,X,Y", *rows]), encoding="utf-8")
    found = read_file(path, kind="")
    assert found.crs == "EPSG:4527"
    assert np.abs(found.layer.shapes.xy - moved("EPSG:4548")).max() < 0.01


def test_rows_without_coordinates_are_listed_as_the_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "名称,经度,纬度\n甲,115.6,37.7\n乙,,\n\n丙,0,0\n丁,待查,37\n戊,115.7,37.8\n", encoding="utf-8"
    )
    found = read_file(path, kind="", gcj02="no")
    assert [(s.row, s.reason_key) for s in found.skipped] == [(n, "skip.no_coordinates") for n in (3, 5, 6)]
    assert found.layer.attributes["名称"].tolist() == ["甲", "戊"]
    assert any("3 行未导入" in note for note in found.notes)


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_with_a_title_and_texts_for_numbers_is_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "企业.xlsx",
        [
            ["衡水市危险化学品企业一览表"],
            [],
            [
                "企业名称",
                "企业类型",
                "最大储量_t",
                "从业人数",
                "经度",
                "纬度",
                "备注(2023)",
                "FID",
                "联系电话",
            ],
            [" 甲化工 ", "烟花爆竹", "1,200.5 t", "３０", "115°40′12″", 37.73, None, 7, "0318123"],
            ["乙化工", "其他", "约五吨", 12, 115.55, 37.55, "好", 8, "0318124"],
        ],
    )
    found = read_file(path, gcj02="no")
    layer = found.layer
    assert layer.kind == "enterprise"
    assert layer.attributes["name"].tolist() == ["甲化工", "乙化工"]
    assert layer.attributes["quantity"].tolist() == pytest.approx([1200.5, np.nan], nan_ok=True)
    assert layer.attributes["workers"].tolist() == [30, 12]
    assert list(layer.attributes)[4:] == ["备注_2023", "FID_1", "联系电话", "uuid"]
    assert layer.attributes["联系电话"].tolist() == ["0318123", "0318124"]
    assert any("约五吨" in note and "第 5 行" in note for note in found.notes)


def test_a_formula_is_never_reckoned(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [["名称", "经度", "纬度"], ["=1+1", 115.6, 37.7], ['=HYPERLINK("http://x")', 115.6, 37.7]],
    )
    assert read_file(path, kind="", gcj02="no").layer.attributes["名称"].isna().all()
    text = tmp_path / "a.csv"
    text.write_text("名称,经度,纬度\n=1+1,115.6,37.7\n", encoding="utf-8")
    assert read_file(text, kind="", gcj02="no").layer.attributes["名称"].tolist() == ["=1+1"]


def test_a_table_of_no_place_stays_a_table_and_points_must_have_one(tmp_path: Path) -> None:
    path = tmp_path / "区划.csv"
    path.write_text("区划代码,名称,人口\n131102,桃城区,833088\n013,乙,1\n", encoding="utf-8")
    layer = read_file(path, kind="").layer
    assert (layer.geometry_kind, layer.crs) == ("table", "")
    assert layer.attributes["区划代码"].tolist() == ["131102", "013"]
    assert layer.attributes["人口"].tolist() == [833088, 1]
    with pytest.raises(BadInput) as raised:
        read_file(path, kind="school")
    assert "区划代码" in raised.value.say("zh_CN")


# --- shapes ----------------------------------------------------------------------------------------


def test_missing_parts_of_a_shapefile_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "点.shp"
    write_shapefile(path)
    path.with_suffix(".shx").unlink()
    before = {p.name for p in tmp_path.iterdir()}
    found = read_file(path, kind="", gcj02="no")
    assert found.layer.attributes["名称"].tolist() == NAMES
    assert any(".shx" in note for note in found.notes)
    path.with_suffix(".dbf").unlink()
    bare = read_file(path, kind="", gcj02="no")
    assert len(bare.layer) == len(NAMES)
    assert list(bare.layer.attributes) == ["uuid"]
    assert {p.name for p in tmp_path.iterdir()} == before - {"点.dbf"}


def geopackage(path: Path, geometries: list[str | None]) -> Path:
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapely.from_wkt(np.array(geometries, dtype=object))),
        field_data=[np.arange(len(geometries))],
        fields=["n"],
        crs="EPSG:4548",
        geometry_type="Unknown",
        layer="面",
    )
    return path


def test_invalid_polygons_are_kept_and_counted_and_others_listed(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path / "a.gpkg",
        [
            "POLYGON ((0 0, 9 9, 9 0, 0 9, 0 0))",
            "POLYGON Z ((0 0 1, 9 0 1, 9 9 1, 0 0 1))",
            None,
            "POINT (1 1)",
            "GEOMETRYCOLLECTION (POINT (1 1))",
            "POLYGON EMPTY",
        ],
    )
    found = read_file(path, kind="")
    assert found.layer.attributes["n"].tolist() == [0, 1]
    assert not shapely.is_valid(found.layer.shapes.geometries()[0])
    assert any("1 个面" in note for note in found.notes)
    assert [tuple(s) for s in found.skipped] == [
        (3, "skip.no_geometry"),
        (4, "skip.other_geometry"),
        (5, "skip.other_geometry"),
        (6, "skip.no_geometry"),
    ]


def test_the_other_layers_of_a_geopackage_are_named(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", ["POINT (400000 4200000)"])
    frame = pyogrio.read_dataframe(path)
    pyogrio.write_dataframe(frame, path, layer="第二层", append=True)
    assert any("第二层" in note for note in read_file(path, kind="").notes)
    assert len(read_file(path, kind="", layer="第二层").layer) == 1
    with pytest.raises(BadInput):
        read_file(path, kind="", layer="第三层")


# --- refusals --------------------------------------------------------------------------------------


def test_torn_and_false_files_are_refused_with_their_names(tmp_path: Path) -> None:
    write_shapefile(tmp_path / "好.shp")
    book = workbook(tmp_path / "好.xlsx", [["名称"], ["甲"]])
    torn = {
        "空.shp": b"",
        "空.csv": b"",
        "行.csv": b"\n\n\n",
        "头.csv": "名称,经度,纬度\n".encode(),
        "断.shp": (tmp_path / "好.shp").read_bytes()[:150],
        "假.shp": b"hello" * 50,
        "假.gpkg": b"hello" * 50,
        "假.geojson": b"<OGRVRTDataSource></OGRVRTDataSource>",
        "断.geojson": b'{"type":"FeatureCollection","features":[{"type":',
        "断.xlsx": book.read_bytes()[:2000],
        "假.xlsx": b"hello" * 50,
        "假.tif": b"<VRTDataset></VRTDataset>",
        "二进制.csv": b"a,b\n\0\1\2,3\n",
        "乱.csv": "名称\n".encode() + b"\xff\xff\xfe\xff\n",
        "未知.dwg": b"AC1027",
    }
    for name, content in torn.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput) as raised:
            read_file(tmp_path / name, kind="")
        assert name in raised.value.say("zh_CN"), name
        assert name in raised.value.say("en")
    with pytest.raises(MissingFile):
        read_file(tmp_path / "none.csv")


def test_a_table_torn_behind_its_shapes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "点.shp"
    write_shapefile(path)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes()[:120])
    with pytest.raises(BadInput) as raised:
        read_file(path)
    assert "点.dbf" in raised.value.say("zh_CN")


@pytest.mark.parametrize(
    "path", ["/vsicurl/http://x/a.shp", "\\VSIZIP\\a.shp", "http://x/a.csv", "/vsimem/a.tif"]
)
def test_nothing_is_fetched(path: str) -> None:
    with pytest.raises((BadInput, MissingFile)):
        read_file(Path(path))


# --- out again -------------------------------------------------------------------------------------


def small_layer() -> VectorLayer:
    table = pd.DataFrame(
        {
            "name": ["=cmd|'/c calc'!A1", "@甲", "乙"],
            "quantity": [1.5, np.nan, -2.0],
            "uuid": ["a", "b", "c"],
        }
    )
    shapes = Shapes.of(shapely.points(moved("EPSG:4548")[:3]))
    fields = (Field("name", zh="企业名称"), Field("quantity", "real", "t", zh="最大储量"))
    return VectorLayer("enterprise", "enterprise", "EPSG:4548", shapes, table, "企业", fields)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".geojson", ".gpkg"])
def test_what_goes_out_comes_in_again(tmp_path: Path, ending: str) -> None:
    layer = small_layer()
    path = tmp_path / f"企业{ending}"
    path.write_bytes(b"old")
    write_file(layer, path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    back = read_file(path).layer
    assert back.kind == "enterprise"
    assert np.abs(back.shapes.xy - layer.shapes.xy).max() < 0.02
    assert back.attributes["quantity"].tolist() == pytest.approx([1.5, np.nan, -2.0], nan_ok=True)
    names = [name.removeprefix("'") for name in back.attributes["name"]]
    assert names == layer.attributes["name"].tolist()
    assert back.attributes["uuid"].tolist() == ["a", "b", "c"]


def test_no_cell_that_goes_out_is_a_formula(tmp_path: Path) -> None:
    write_file(small_layer(), tmp_path / "a.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig"))))
    assert not [cell for row in rows[1:] for cell in row if cell.startswith(("=", "@", "+"))]
    write_file(small_layer(), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_polygon_layer_goes_out_with_its_holes(tmp_path: Path) -> None:
    ring = shapely.Polygon(
        [(4e5, 4.2e6), (4.1e5, 4.2e6), (4.1e5, 4.21e6), (4e5, 4.21e6)],
        [[(4.02e5, 4.202e6), (4.04e5, 4.202e6), (4.04e5, 4.204e6)]],
    )
    layer = VectorLayer(
        "lake", "lake", "EPSG:4548", Shapes.of([ring, None]), pd.DataFrame({"name": ["湖", "无"]}), "湖"
    )
    for ending in (".geojson", ".gpkg"):
        write_file(layer, tmp_path / f"湖{ending}")
        found: Imported = read_file(tmp_path / f"湖{ending}")
        assert found.layer.shapes.geometries()[0].area == pytest.approx(ring.area, rel=1e-6)
        assert [s.row for s in found.skipped] == [2]
    with pytest.raises(BadInput):
        write_file(layer, tmp_path / "湖.doc")

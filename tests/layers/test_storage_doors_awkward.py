"""Awkward files as offices hand them over: merged headers, two coordinates in a cell, heights, long codes."""

import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from layers.errors import BadInput, UnknownCrs
from layers.layer import Field, Shapes, VectorLayer
from layers.storage.export import write_file
from layers.storage.formats import read_file


def test_a_workbook_with_merged_headers_is_read_under_its_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["衡水市避难场所统计表"])
    sheet.append(["基本信息", None, "坐标(CGCS2000)", None, "备注"])
    sheet.append(["名称", "容量（人）", "东经", "北纬", None])
    for span in ("A1:E1", "A2:B2", "C2:D2", "E2:E3"):
        sheet.merge_cells(span)
    sheet.append(["一中操场", 50, "115°40′12.5″", "37°43'48\"", "好"])
    sheet.append(["广场", 150, "E115度42分", "N37度44分24秒", None])
    sheet.append(["坏", 150, "115°99′", "37°40′", None])
    sheet.append(["合计", 350, None, None, None])
    book.save(tmp_path / "避难.xlsx")
    found = read_file(tmp_path / "避难.xlsx", kind="")
    assert found.crs == "EPSG:4490"  # the group of columns says so
    assert list(found.layer.attributes)[:3] == ["名称", "容量_人", "备注"]
    assert found.layer.attributes["备注"].tolist() == ["好", None]
    assert [(s.row, s.reason_key) for s in found.skipped] == [(n, "skip.no_coordinates") for n in (6, 7)]


@pytest.mark.parametrize(
    "text",
    [
        '名称,坐标\n甲,"115.67,37.73"\n乙,"115.68，37.74"\n丙,待查\n',
        "名称 经度 纬度\n甲 115.67 37.73\n乙  115.68 37.74\n丙 x x\n",
    ],
)
def test_coordinates_in_one_cell_or_behind_blanks_are_found(tmp_path: Path, text: str) -> None:
    path = tmp_path / "点.txt"
    path.write_text(text, encoding="utf-8")
    found = read_file(path, kind="", gcj02="no", target_crs="EPSG:4490")
    assert found.layer.shapes.xy.tolist() == [[115.67, 37.73], [115.68, 37.74]]
    assert found.layer.attributes["名称"].tolist() == ["甲", "乙"]
    assert [s.row for s in found.skipped] == [4]


def test_one_absurd_coordinate_costs_its_own_row_only(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    features = [
        {"type": "Feature", "properties": {"n": n}, "geometry": {"type": "Point", "coordinates": [x, 37.7]}}
        for n, x in enumerate((115.6, 115.7, 1e40))
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    found = read_file(path, kind="")
    assert (found.crs, len(found.layer)) == ("EPSG:4326", 2)
    assert [(s.row, s.reason_key) for s in found.skipped] == [(3, "skip.coordinates_unfit")]


def test_long_codes_keep_all_digits_also_where_some_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "码.geojson"
    codes = [131102199001011234, None, 5]
    features = [
        {"type": "Feature", "properties": {"编码": code, "是": code == 5},
         "geometry": {"type": "Point", "coordinates": [115.6, 37.7]}}
        for code in codes
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    attributes = read_file(path, kind="").layer.attributes
    assert attributes["编码"].tolist() == ["131102199001011234", None, "5"]
    assert attributes["是"].tolist() == [0, 0, 1]


def test_heights_of_points_are_kept_and_those_of_lines_are_told(tmp_path: Path) -> None:
    points = shapely.points([[115.6, 37.7, 21.5], [115.7, 37.7, 22.0]])
    line = shapely.linestrings([[[115.6, 37.7, 21.5], [115.7, 37.7, 22.0]]])
    for name, shapes, kind in (("点.shp", points, "Point Z"), ("线.shp", line, "LineString Z")):
        wkb = shapely.to_wkb(shapes, output_dimension=3)
        pyogrio.raw.write(tmp_path / name, geometry=wkb, field_data=[np.arange(len(shapes))], fields=["n"],
                          geometry_type=kind, crs="EPSG:4490")  # fmt: skip
    found = read_file(tmp_path / "点.shp", kind="")
    assert found.layer.attributes["z"].tolist() == [21.5, 22.0]
    assert any("高程" in note for note in found.notes)
    assert any("未保留" in note for note in read_file(tmp_path / "线.shp", kind="").notes)


def test_measures_that_are_left_behind_are_told(tmp_path: Path) -> None:
    path = tmp_path / "M.shp"
    body = struct.pack(">ii", 1, 14) + struct.pack("<i3d", 21, 115.6, 37.7, 5.0)
    head = struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, (100 + len(body)) // 2) + struct.pack("<ii8d", 1000, 21,
                       115.6, 37.7, 115.6, 37.7, 0, 0, 5, 5)  # fmt: skip
    path.write_bytes(head + body)
    found = read_file(path, kind="", gcj02="no")
    assert len(found.layer) == 1
    assert any("里程值" in note for note in found.notes)


def test_a_number_that_a_shapefile_cannot_hold_is_refused_by_name(tmp_path: Path) -> None:
    shapes = Shapes.of(shapely.points([[4e5, 4.2e6]]))
    layer = VectorLayer(
        "a", "", "EPSG:4548", shapes, pd.DataFrame({"x": [1e300]}), "甲", (Field("x", "real"),)
    )
    with pytest.raises(BadInput) as raised:
        write_file(layer, tmp_path / "a.shp")
    assert raised.value.key == "number_too_large"
    assert not list(tmp_path.iterdir())


def test_a_question_about_an_archive_speaks_of_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "点.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("点.csv", "名称,经度,纬度\n甲,115.6,37.7\n")
    with pytest.raises(UnknownCrs) as raised:
        read_file(path, kind="")
    assert raised.value.facts["path"] == path
    assert "点.zip" in raised.value.say("zh_CN")


def test_lists_come_as_json_and_a_missing_yes_or_no_stays_missing(tmp_path: Path) -> None:
    path, point = tmp_path / "a.geojson", {"type": "Point", "coordinates": [115.7, 37.7]}
    rows = [{"tags": ["甲", "b"], "open": True}, {}, {"tags": [], "open": False}]
    features = [{"type": "Feature", "properties": row, "geometry": point} for row in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    found = read_file(path, kind="", gcj02="no").layer
    assert isinstance(found, VectorLayer)
    assert found.attributes["tags"].tolist()[:2] == ['["甲", "b"]', None]
    assert found.attributes["open"].fillna(-1).tolist() == [1, -1, 0]

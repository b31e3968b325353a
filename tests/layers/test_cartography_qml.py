"""Styles for QGIS: well-formed, class by class, in the table where QGIS looks, and out of it again."""

import sqlite3
from dataclasses import replace
from xml.etree import ElementTree

import pandas as pd
import pytest
import shapely

from layers.cartography.classify import categorised, graduated, hatched
from layers.cartography.qml import qml
from layers.cartography.style import Marker, Stroke, Style, Symbol
from layers.layer import Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load

COLORS = ("#eff3ff", "#08519c")


def rendered(style, kind):
    return ElementTree.fromstring(qml(style, kind).partition("\n")[2])


def test_classes_become_ranges_with_their_bounds_and_hatches():
    style = replace(hatched(graduated("n", (0, 3, 8), COLORS)), opacity=0.5, blend="multiply")
    root = rendered(style, "polygon")
    assert [(r.get("lower"), r.get("upper")) for r in root.iter("range")] == [("0.0", "3.0"), ("3.0", "8.0")]
    assert root.find("renderer-v2").get("attr") == "n"
    assert root.findtext("layerOpacity") == "0.5"
    assert root.findtext("blendMode") == "6"
    last = root.findall("renderer-v2/symbols/symbol")[1]
    assert [o.get("value") for o in last.iter("Option") if o.get("name") == "style"] == [
        "solid",
        "diagonal_x",
        "no",
    ]


def test_words_become_categories_and_the_rest_has_one_too():
    root = rendered(categorised("use", ["home", "shop"], COLORS), "polygon")
    assert [c.get("value") for c in root.iter("category")] == ["home", "shop", ""]


@pytest.mark.parametrize(
    ("kind", "symbol", "painter"),
    [
        ("line", Symbol(stroke=Stroke(dash=(1, 2))), "SimpleLine"),
        ("point", Symbol(marker=Marker(shape="star")), "SimpleMarker"),
        ("polygon", Symbol(), "SimpleFill"),
    ],
)
def test_each_geometry_has_its_painter(kind, symbol, painter):
    assert {e.get("class") for e in rendered(Style(symbol=symbol), kind).iter("layer")} == {painter}


def test_styles_stand_in_the_table_of_qgis_and_those_of_others_stay(tmp_path):
    path = tmp_path / "p.gpkg"
    layer = VectorLayer("a", "", "EPSG:4548", Shapes.of([shapely.box(0, 0, 1, 1)]), pd.DataFrame({"n": [1]}))
    with ProjectFile.create(path) as project:
        project.keep_styles({})
        project.apply(load("made", [layer], project))
        project.keep_styles({"a": qml(Style(), "polygon")})
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO layer_styles (f_table_name, styleQML, owner) VALUES ('a', 'x', 'me')")
    connection.close()
    with ProjectFile.open(path) as project:
        project.keep_styles({"a": "new"})
        project.keep_styles({"a": "newer"})
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles ORDER BY id"
        ).fetchall()
    connection.close()
    assert rows == [("a", "x", None), ("a", "newer", 1)]

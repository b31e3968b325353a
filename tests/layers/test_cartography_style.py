"""Styles: JSON, defaults, grades safe for colour-blind readers and for black-and-white print."""

import csv
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.cartography import style as s
from layers.cartography.palette import GRADES, grade_colours, palettes
from layers.cartography.raster import View
from layers.cartography.render import class_of, draw, new_image
from layers.census.catalogue import catalogue
from layers.errors import BadInput
from layers.grid import Extent
from layers.layer import Shapes, VectorLayer
from layers.resources import resource

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
shares = st.floats(0, 1)
fills = st.builds(
    s.Fill, colours, shares, st.sampled_from(["none", "dots", "cross"]), colours, shares,
    st.floats(0.3, 20), st.floats(0.05, 10),
)  # fmt: skip
strokes = st.builds(
    s.Stroke, colours, st.floats(0, 20), st.sampled_from([(), (1.0, 2.5)]), shares,
    st.sampled_from(["butt", "round", "square"]), st.sampled_from(["miter", "round", "bevel"]),
)  # fmt: skip
markers = st.builds(
    s.Marker, st.sampled_from(["circle", "star"]), st.floats(0.1, 50), fills, st.none() | strokes,
    st.sampled_from(["", "school"]), colours,
)  # fmt: skip
symbols = st.builds(
    s.Symbol, st.none() | fills, st.none() | strokes, st.none() | markers, st.none() | strokes
)
numbers = st.floats(-1e9, 1e9)
classes = st.builds(
    s.StyleClass, symbols, st.text(max_size=20), st.none() | st.text(max_size=9) | numbers,
    st.none() | numbers, st.none() | numbers,
)  # fmt: skip
styles = st.builds(
    s.Style, symbols, st.text(max_size=9), st.lists(classes, max_size=3).map(tuple),
    st.none() | st.builds(s.Label, st.text(max_size=9), st.floats(1, 200), colours),
    st.sampled_from(["single", "categorised", "graduated"]), st.none() | st.builds(s.Ramp),
)  # fmt: skip


@given(styles)
def test_a_style_comes_back_from_json_as_it_was(style):
    assert s.Style.from_json(style.to_json()) == style


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "3", "null", '{"code": "import os"}', '{"symbol": []}', '{"field": 3}',
        '{"kind": "python"}', '{"kind": "raster"}', '{"classes": [{"value": true}]}', '{"classes": {}}',
        '{"symbol": {"stroke": {"width_mm": NaN}}}', '{"symbol": {"stroke": {"width_mm": 1e999}}}',
        '{"symbol": {"stroke": {"width_mm": -1}}}', '{"symbol": {"stroke": {"width_mm": "1"}}}',
        '{"symbol": {"stroke": {"width_mm": 1' + "0" * 400 + "}}}",
        '{"symbol": {"stroke": {"dash": [0, 0]}}}',
        '{"symbol": {"fill": {"color": "red"}}}', '{"symbol": {"fill": {"color": "#ff0000\\n"}}}',
        '{"symbol": {"fill": {"color": "url(http://x)"}}}', '{"symbol": {"fill": {"spacing_mm": 0}}}',
        '{"symbol": {"marker": {"size_mm": 1e9}}}', '{"__class__": "x"}', "[" * 100_000,
        '{"title": "' + "x" * 300 + '"}', '{"field": "' + "x" * 1_000_001 + '"}',
        '{"symbol": {"fill": {"opacity": true}}}', '{"title": null}',
        '{"kind": "raster", "ramp": {"lower": 2, "upper": 1}}', '{"kind": "raster", "ramp": {"colors": []}}',
        '{"symbol": {"fill": {"opacity": 1' + "0" * 5000 + "}}}",
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_what_no_style_holds_is_refused_in_words(text):
    with pytest.raises(BadInput) as refused:
        s.Style.from_json(text)
    assert len(refused.value.say("zh_CN")) > 10
    assert len(refused.value.say("en")) < 400


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", list(catalogue()))
def test_every_kind_of_layer_has_a_style_that_draws_it(kind, language):
    known = catalogue()[kind]
    style = s.default_style(kind, language)
    assert style.title == known.title(language)
    assert s.Style.from_json(style.to_json()) == style
    every = [c.symbol for c in style.classes] + [style.symbol]
    part = {"polygon": ("fill", "stroke"), "line": ("stroke",), "point": ("marker",)}.get(known.geometry, ())
    if part:
        assert all(any(getattr(symbol, p) for p in part) for symbol in every)
    if known.geometry == "raster":
        assert style.ramp or all(c.symbol.fill for c in style.classes)
    fields = {f.name for f in known.fields}
    assert not style.field or known.geometry == "raster" or style.field in fields
    assert style.label is None or style.label.field in fields
    if style.kind == "categorised" and known.geometry != "raster":
        domain = known.field(style.field).domain
        assert {c.value for c in style.classes} <= set(domain)


@pytest.mark.parametrize("geometry", ["point", "line", "polygon", "raster", "table"])
def test_a_layer_of_no_known_kind_gets_the_style_of_its_geometry(geometry):
    assert isinstance(s.default_style("", geometry=geometry), s.Style)


def test_the_legend_of_grades_runs_from_high_to_low_and_names_no_data():
    style = s.grade_style("flood", "zh_CN")
    assert [c.title for c in style.classes] == ["高", "中高", "中", "中低", "低"]
    assert [c.value for c in style.classes] == [5, 4, 3, 2, 1]
    assert (style.other, style.title) == ("数据缺失", "洪水等级")
    assert s.grade_style("flood", "en").title == "flood grade"


def test_no_data_is_hatched_and_no_grade_is():
    style = s.grade_style("fire")
    assert style.symbol.fill.hatch != "none"
    assert all(c.symbol.fill.hatch == "none" for c in style.classes)


def test_for_print_every_grade_and_no_data_has_a_hatch_of_its_own():
    style = s.grade_style("fire", for_print=True)
    hatches = [c.symbol.fill.hatch for c in style.classes] + [style.symbol.fill.hatch]
    assert len(set(hatches)) == 6
    assert "none" not in hatches


# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear sRGB
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
SRGB_TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]


def lab(color, seen):
    """CIE L*a*b* (D65) of a colour as an eye of that kind sees it."""
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array(SRGB_TO_XYZ) @ np.clip(np.array(seen) @ linear, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(
    "eye", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["usual", "deuteranopia", "protanopia"]
)
@pytest.mark.parametrize("palette", ["warm_red", "red_yellow"])
def test_neighbouring_grades_are_told_apart_by_every_eye_and_grow_darker(palette, eye):
    colours = [lab(grade_colours(palette)[grade], eye) for grade in GRADES]
    assert min(np.linalg.norm(a - b) for a, b in pairwise(colours)) > 14
    lightness = [c[0] for c in colours]
    assert lightness == sorted(lightness, reverse=True)


def test_the_palettes_are_called_default_and_say_where_they_come_from():
    with resource("standards", "risk_colors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["palette"] for row in rows} == set(palettes())
    for row in rows:
        assert row["palette_zh"].startswith("默认配色")
        assert "国标" not in str(row)
        assert row["status"] in {"recalled", "derived"}
        assert row["source"]
        assert row["grade"] in {*GRADES, "nodata"}


def test_rows_find_their_class_by_word_by_number_and_by_range():
    by_number = s.grade_style("flood")
    assert class_of(by_number, pd.DataFrame({"grade": [5, 1, np.nan, 9]})).tolist() == [0, 4, 5, 5]
    assert class_of(by_number, pd.DataFrame({"grade": ["5", None, "1.0", "x"]})).tolist() == [0, 5, 5, 5]
    by_name = s.grade_style("flood", named=True)
    assert class_of(by_name, pd.DataFrame({"grade": ["高", "低", None, ""]})).tolist() == [0, 4, 5, 5]
    quakes = s.default_style("earthquake_event")
    assert class_of(quakes, pd.DataFrame({"magnitude": [7.8, 6, 3.9, None, 10]})).tolist() == [0, 1, 4, 5, 0]
    assert class_of(quakes, pd.DataFrame({"mag": [7.8]})).tolist() == [5]


def test_a_layer_is_drawn_by_its_classes_and_not_beyond_its_smallest_scale():
    squares = Shapes.of([shapely.box(0, 0, 8, 8), shapely.box(8, 0, 16, 8)])
    layer = VectorLayer("zones", "", "EPSG:4548", squares, pd.DataFrame({"grade": ["高", None]}))
    view = View(Extent(0, 0, 16, 8), 16, 8)
    image = new_image(view)
    style = s.grade_style("flood", named=True)
    draw(image, layer, style, view)
    assert image[4, 4].tolist() == [0x8C, 0, 0, 255]
    assert np.ptp(image[1:-1, 9:-1, 0]) > 20  # hatched
    blank = new_image(view)
    draw(blank, layer, replace(style, smallest_scale=1000), view)
    assert not blank.any()


def test_json_leaves_defaults_out():
    assert json.loads(s.Style().to_json()) == {}

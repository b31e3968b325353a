"""Classes from numbers, legends, and where names stand."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import mapclassify
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from layers.cartography.classify import bounds, graduated
from layers.cartography.labelling import text_width
from layers.cartography.legend import entries, patch, patch_size, ramp_patch
from layers.cartography.raster import View
from layers.cartography.render import class_of, labels
from layers.cartography.style import Label, Ramp, Style, default_style, grade_style
from layers.census.catalogue import catalogue
from layers.errors import BadInput
from layers.grid import Extent
from layers.layer import Shapes, VectorLayer

VALUES = np.array([1, 2, 2, 3, 10, 11, 12, 40, 41, 45, 100, 104, 110, 300.0])


def counted(values, scheme, count=5):
    style = graduated("v", bounds(values, scheme, count), ["#ffffff", "#000000"])
    found = Counter(class_of(style, pd.DataFrame({"v": values})).tolist())
    return [found.get(k, 0) for k in range(len(style.classes))], found.get(len(style.classes), 0)


def test_natural_breaks_count_what_mapclassify_counts():
    counts, missing = counted(np.append(VALUES, np.nan), "natural")
    assert counts == mapclassify.FisherJenks(VALUES, k=5).counts.tolist()
    assert missing == 1


@given(st.lists(st.integers(-40, 40), min_size=12, max_size=40), st.integers(2, 6))
def test_natural_breaks_are_as_near_to_their_means_as_those_of_mapclassify(numbers, count):
    values = np.array(numbers, float) * 1.7 + 4_000_000.0
    assume(len(np.unique(values)) > count)
    limits = bounds(values, "natural", count)
    ours = np.searchsorted(limits[1:-1], values, "right")
    theirs = mapclassify.FisherJenks(values, k=count).yb
    assert len(limits) == count + 1
    assert _spread(values, ours) <= _spread(values, theirs) + 1e-3


def _spread(values, classes):
    return sum(((values[classes == k] - values[classes == k].mean()) ** 2).sum() for k in np.unique(classes))


def test_natural_breaks_of_a_million_values_are_exact_too():
    values = np.concatenate([np.linspace(k * 100.0, k * 100.0 + 30.0, 200_000) for k in range(5)])
    assert bounds(values, "natural")[1:-1] == (100.0, 200.0, 300.0, 400.0)


def test_equal_steps_count_what_mapclassify_counts():
    assert counted(VALUES, "equal", 4)[0] == mapclassify.EqualInterval(VALUES, k=4).counts.tolist()


def test_quantiles_hold_as_many_values_each():
    assert counted(np.arange(100.0), "quantile", 4)[0] == [25] * 4


@given(
    st.lists(st.integers(-5, 5) | st.just(None), max_size=30),
    st.sampled_from(["natural", "quantile", "equal"]),
)
def test_every_value_is_in_one_class_and_no_data_in_none(numbers, scheme):
    values = np.array([np.nan if n is None else n for n in numbers], float)
    if np.isnan(values).all():
        with pytest.raises(BadInput):
            bounds(values, scheme)
        return
    counts, missing = counted(values, scheme)
    assert missing == np.isnan(values).sum()
    assert sum(counts) == len(values) - missing
    assert 1 <= len(counts) <= 5
    assert len(counts) <= len(np.unique(values[~np.isnan(values)]))


def test_few_distinct_values_are_classes_of_their_own():
    assert bounds(np.array([3.0, 1, 3, 1, 2]), "natural") == (1, 2, 3, 3)
    assert counted(np.array([3.0, 1, 3, 1, 2]), "natural") == ([2, 1, 2], 0)
    assert bounds(np.array([7.0, 7]), "quantile") == (7, 7)
    assert counted(np.array([7.0, 7, np.nan]), "equal") == ([2], 1)


def test_fixed_bounds_are_kept_and_must_rise():
    assert bounds(VALUES, "fixed", fixed=(10, 100)) == (1, 10, 100, 300)
    for wrong in ((), (3, 3), (5, 1), (1, np.nan)):
        with pytest.raises(BadInput):
            bounds(VALUES, "fixed", fixed=wrong)


def test_a_legend_lists_classes_in_order_and_no_data_only_when_there_is_some():
    style = grade_style("flood")
    assert [e.title for e in entries(style)] == ["高", "中高", "中", "中低", "低", "数据缺失"]
    counts = {0: 3, 4: 2}
    assert [(e.title, e.count) for e in entries(style, counts=counts)][0::4] == [("高", 3), ("低", 2)]
    assert entries(style, counts=counts | {5: 1})[-1].title == "数据缺失"
    assert [e.title for e in entries(default_style("building"))] == ["房屋建筑"]


def test_two_values_under_one_title_are_one_line_of_the_legend():
    style = default_style("landcover")
    assert [e.title for e in entries(style)].count("水体") == 1
    water = [k for k, c in enumerate(style.classes) if c.title == "水体"]
    found = entries(style, counts=dict.fromkeys(water, 4))
    assert next(e.count for e in found if e.title == "水体") == 8


def test_the_legend_of_a_ramp_gives_its_range_and_unit():
    assert entries(default_style("terrain"))[0].title == "5 ～ 45 m"
    colours = ramp_patch(Ramp(("#000000", "#ffffff")), 64, 8)
    assert colours.shape == (8, 64, 4)
    assert (np.diff(colours[0, :, 0].astype(int)) >= 0).all()


def test_patches_are_drawn_in_the_colours_of_the_map():
    high, *_, missing = entries(grade_style("flood"))
    assert patch(high.symbol, 30, 16)[8, 15].tolist() == [0x8C, 0, 0, 255]
    assert len(np.unique(patch(missing.symbol, 60, 40)[10:-10, 10:-10, 0])) > 2
    road = entries(default_style("road"))[0]
    line = patch(road.symbol, 30, 16)
    assert line[8, 15].tolist() == [0xF2, 0x9C, 0x38, 255]
    assert line[0].sum() == 0
    assert patch(entries(default_style("school"))[0].symbol, 20, 20)[10, 10, 3] == 255


@pytest.mark.parametrize("kind", list(catalogue()))
def test_a_patch_of_its_own_size_shows_the_symbol_whole(kind):
    for entry in entries(default_style(kind)):
        if entry.symbol.marker:
            width, height = (round(mm / 25.4 * 200) for mm in patch_size(entry.symbol))
            image = patch(entry.symbol, width + 1, height + 1, 200)
            edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
            assert edge[:, 3].max() < 64


def named(geometries, names, **label):
    shapes = Shapes.of(geometries)
    layer = VectorLayer(
        "x", "", "EPSG:4548", shapes, pd.DataFrame({"name": names, "size": range(len(names))})
    )
    return layer, Style(label=Label(**label))


VIEW = View(Extent(0, 0, 800, 600), 800, 600)


def test_labels_never_touch_and_stay_within_the_view():
    rng = np.random.default_rng(3)
    points = shapely.points(rng.uniform(0, 800, 300), rng.uniform(0, 600, 300))
    layer, style = named(points, [f"第{i}村" for i in range(300)])
    placed = labels(layer, style, VIEW)
    assert 60 < len(placed) < 300
    assert not any(a.box.meets(b.box) for a, b in combinations(placed, 2))
    assert all(
        p.box.west >= 0 and p.box.east <= 800 and p.box.south >= 0 and p.box.north <= 600 for p in placed
    )
    again = labels(layer, style, VIEW, placed)
    assert not any(a.box.meets(b.box) for a in again for b in placed)


def test_the_more_important_of_two_names_is_kept():
    layer, style = named([shapely.Point(400, 300)] * 9, [f"城市{i}" for i in range(9)], priority="size")
    assert labels(layer, style, VIEW)[0].text == "城市8"
    assert len(labels(layer, style, VIEW)) < 9


def test_the_name_of_a_region_stands_inside_it():
    horseshoe = shapely.box(100, 100, 700, 500) - shapely.box(200, 100, 600, 400)
    layer, style = named([shapely.MultiPolygon([horseshoe, shapely.box(0, 0, 20, 20)])], ["衡水"])
    (label,) = labels(layer, style, VIEW)
    assert horseshoe.contains(shapely.Point(label.x, 600 - label.y))


def test_a_name_that_stands_nearby_is_not_said_again_by_another_layer():
    seats, style = named([shapely.Point(300, 300), shapely.Point(700, 500)], ["肖桥头镇", "恩察镇"])
    towns, _ = named([shapely.box(220, 220, 420, 420), shapely.box(20, 20, 220, 220)], ["肖桥头镇", "恩察镇"])
    placed = labels(seats, style, VIEW)
    assert {label.text for label in placed} == {"恩察镇", "肖桥头镇"}
    assert [label.text for label in labels(towns, style, VIEW, placed)] == ["恩察镇"]  # its seat is far away


def test_a_region_half_out_of_view_is_named_where_it_is_seen():
    layer, style = named([shapely.box(-5000, 100, 400, 500)], ["冀州区"])
    (label,) = labels(layer, style, VIEW)
    assert 0 < label.x < 400


def test_a_river_in_pieces_is_named_once_along_its_course():
    pieces = [shapely.LineString([(50, 100), (350, 400)]), shapely.LineString([(350, 400), (700, 420)])]
    layer, style = named(pieces, ["滹沱河", "滹沱河"])
    (label,) = labels(layer, style, VIEW)
    assert label.angle == pytest.approx(45)
    back, _ = named([shapely.LineString([(350, 400), (50, 100)])], ["滹沱河"])
    assert labels(back, style, VIEW)[0].angle == pytest.approx(45)
    short, _ = named([shapely.LineString([(350, 400), (360, 400)])], ["滹沱河"])
    assert labels(short, style, VIEW) == []


def test_features_without_a_name_and_styles_without_a_label_place_nothing():
    layer, style = named([shapely.Point(400, 300), shapely.Point(10, 10), None], [None, "  ", "无"])
    assert labels(layer, style, VIEW) == []
    assert labels(layer, Style(), VIEW) == []
    assert labels(layer, replace(style, label=Label(field="nothing")), VIEW) == []
    shown, style = named([shapely.Point(400, 300)], ["村"], smallest_scale=1000)
    assert labels(shown, style, VIEW) == []


def test_a_torn_region_does_not_stop_the_others():
    bow = shapely.Polygon([(100, 100), (300, 300), (300, 100), (100, 300)])
    layer, style = named([bow, shapely.box(400, 300, 700, 500)], ["坏", "好"])
    assert "好" in [p.text for p in labels(layer, style, VIEW)]


def test_chinese_is_twice_as_wide_as_latin():
    assert text_width("衡水") == 2
    assert text_width("AB") == pytest.approx(1.1)

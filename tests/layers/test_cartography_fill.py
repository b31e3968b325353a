"""Filled polygons: exact cover, even-odd, holes, far coordinates, stopping."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.path import Path as MplPath
from shapely import affinity

from layers.cartography import bands
from layers.cartography.raster import FEATURES_A_CHUNK, View, straight
from layers.cartography.render import draw_shapes, new_image
from layers.cartography.style import Fill, Stroke, Symbol
from layers.grid import Extent
from layers.layer import Shapes
from layers.progress import Cancelled

RED = Symbol(fill=Fill(color="#ff0000"))


def drawn(geometries, symbol=RED, size=64, extent=None, background="", progress=None):
    """The image of geometries, all in one symbol, one metre a pixel by default."""
    shapes = geometries if isinstance(geometries, Shapes) else Shapes.of(geometries)
    view = View(extent or Extent(0, 0, size, size), size, size)
    image = new_image(view, background)
    classes = np.zeros(len(shapes), np.int64)
    draw_shapes(image, shapes, classes, [symbol], view, *([progress] if progress else []))
    return image


def cover(image):
    """Summed alpha in pixels."""
    return image[..., 3].sum() / 255.0


@pytest.mark.parametrize("angle", [0, 7, 30, 45, 63.4, 89])
def test_a_turned_rectangle_covers_its_area(angle):
    rectangle = affinity.rotate(shapely.box(14.3, 20.7, 50.1, 41.2), angle)
    assert cover(drawn([rectangle])) == pytest.approx(rectangle.area, rel=0.005)


def test_a_pixel_is_covered_as_far_as_the_polygon_covers_it():
    triangle = shapely.Polygon([(0, 0), (5.5, 0), (0, 3.5)])
    image = drawn([triangle], size=8)
    cells = np.array(
        [
            [triangle.intersection(shapely.box(x, 7 - y, x + 1, 8 - y)).area for x in range(8)]
            for y in range(8)
        ]
    )
    assert np.abs(image[..., 3] / 255 - cells).max() < 1 / 255


@pytest.mark.parametrize("hole_turns_back", [True, False])
def test_a_hole_is_left_out_however_its_ring_runs(hole_turns_back):
    hole = shapely.box(20, 20, 40, 40).exterior.coords[:: -1 if hole_turns_back else 1]
    polygon = shapely.Polygon(shapely.box(10, 10, 50, 50).exterior, [hole])
    image = drawn([polygon])
    assert cover(image) == pytest.approx(40 * 40 - 20 * 20)
    assert image[30, 30, 3] == 0
    assert image[15, 15].tolist() == [255, 0, 0, 255]


def test_a_bow_tie_is_filled_on_both_sides_and_a_pentagram_is_hollow():
    bow = shapely.Polygon([(5, 5), (55, 55), (55, 5), (5, 55)])
    image = drawn([bow])
    assert image[30, 10, 3] == 255
    assert image[30, 50, 3] == 255
    assert cover(image) == pytest.approx(1250, rel=0.005)
    corners = [
        (32 + 30 * math.sin(4 * math.pi * i / 5), 32 + 30 * math.cos(4 * math.pi * i / 5)) for i in range(5)
    ]
    star = drawn([shapely.Polygon(corners)])
    assert star[32, 32, 3] == 0
    assert star[8, 32, 3] == 255


def test_parts_smaller_than_a_pixel_add_up_though_they_turn_opposite_ways():
    ring = np.array(shapely.box(0, 0, 0.5, 1).exterior.coords)
    parts = [
        shapely.Polygon(ring + np.array([10.0, 10.0])),
        shapely.Polygon(ring[::-1] + np.array([10.5, 10.0])),
    ]
    far = shapely.box(30, 30, 32, 32)
    assert drawn([shapely.MultiPolygon([*parts, far])])[64 - 11, 10, 3] == 255


@given(arrays(np.float64, (9, 2), elements=st.floats(-8, 40).map(lambda v: round(v, 3))))
def test_any_ring_is_filled_where_rays_cross_it_an_odd_number_of_times(ring):
    ring[-1] = ring[0]
    shapes = Shapes("polygon", ring, (np.array([0, 9]), np.array([0, 1]), np.array([0, 1])))
    image = drawn(shapes, size=32)
    at = np.arange(32) + 0.5
    x, y = np.meshgrid(at, 32 - at)
    inside = _odd_crossings(x, y, ring)
    edges = shapely.LineString(ring)
    clear = shapely.distance(shapely.points(x, y), edges) > 0.75
    assert (image[..., 3][clear] == np.where(inside, 255, 0)[clear]).all()


def _odd_crossings(x, y, ring):
    inside = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in pairwise(ring):
        crosses = (y0 <= y) != (y1 <= y)
        if y0 != y1:
            inside ^= crosses & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return inside


@given(st.integers(3, 40), st.floats(3, 30), st.integers(0, 10_000))
def test_star_shaped_polygons_agree_with_matplotlib_at_64_points_a_pixel(corners, radius, seed):
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * math.pi, corners))
    reach = rng.uniform(0.2, 1.0, corners) * radius
    polygon = shapely.Polygon(np.column_stack([16 + reach * np.cos(angle), 16 + reach * np.sin(angle)]))
    image = drawn([polygon], size=32)
    at = (np.arange(32 * 8) + 0.5) / 8
    x, y = np.meshgrid(at, 32 - at)
    inside = MplPath(np.asarray(polygon.exterior.coords)).contains_points(
        np.column_stack([x.ravel(), y.ravel()])
    )
    expected = inside.reshape(32, 8, 32, 8).mean(axis=(1, 3))
    assert np.abs(image[..., 3] / 255 - expected).mean() < 0.01
    # thinning of rings with many corners may move an edge by a fraction of a pixel
    assert np.quantile(np.abs(image[..., 3] / 255 - expected), 0.98) < 0.2


def test_ten_thousand_kilometres_from_the_origin_nothing_trembles():
    near = drawn([affinity.rotate(shapely.box(10, 12, 50, 40), 17)])
    far = drawn(
        [affinity.translate(affinity.rotate(shapely.box(10, 12, 50, 40), 17), 1e7, 1e7)],
        extent=Extent(1e7, 1e7, 1e7 + 64, 1e7 + 64),
    )
    assert np.abs(near.astype(int) - far).max() <= 1


def test_a_polygon_far_larger_than_the_view_fills_it_to_the_last_pixel():
    huge = affinity.rotate(shapely.box(-1e6, -1e6, 1e6, 1e6), 30)
    assert (drawn([huge]) == [255, 0, 0, 255]).all()
    ring = huge.difference(shapely.Point(0, 0).buffer(40))
    assert drawn([ring])[63, 0, 3] == 0


@pytest.mark.parametrize(("dx", "dy"), [(-20, 0), (20, 0), (0, 20), (0, -20), (-20, 15)])
def test_what_leaves_the_view_is_cut_off(dx, dy):
    shape = affinity.translate(shapely.Point(32, 32).buffer(25), dx, dy)
    expected = shape.intersection(shapely.box(0, 0, 64, 64)).area
    assert cover(drawn([shape])) == pytest.approx(expected, rel=0.005)


def test_a_house_smaller_than_a_pixel_is_a_dot_of_its_area():
    image = drawn([shapely.box(10.2, 10.2, 10.7, 10.8)])
    assert image[64 - 11, 10, 3] == pytest.approx(0.3 * 255, abs=1)
    assert np.count_nonzero(image[..., 3]) == 1


def test_opacity_mixes_with_what_lies_below_and_order_counts():
    half = Symbol(fill=Fill(color="#ff0000", opacity=0.5))
    image = drawn([shapely.box(10, 10, 50, 50)], half, background="#0000ff")
    assert np.abs(image[30, 30].astype(int) - [128, 0, 127, 255]).max() <= 1
    assert straight(drawn([shapely.box(10, 10, 50, 50)], half))[30, 30].tolist() == [255, 0, 0, 128]


def test_neighbours_of_one_edge_leave_no_pixel_darker_than_the_ground():
    tiles = [shapely.box(x, 0, x + 8, 64) for x in range(0, 64, 8)]
    assert (drawn(tiles) == [255, 0, 0, 255]).all()


@pytest.mark.parametrize(
    ("pattern", "share"),
    [
        ("horizontal", 0.2), ("vertical", 0.2), ("diagonal", 0.2), ("back_diagonal", 0.2), ("cross", 0.36),
        ("diagonal_cross", 0.36), ("dots", math.pi * 0.04),
    ],
)  # fmt: skip
def test_hatches_ink_the_share_that_their_lines_take(pattern, share):
    hatch = Fill(
        opacity=0, hatch=pattern, hatch_color="#000000", spacing_mm=25.4 / 96 * 10, line_mm=25.4 / 96 * 2
    )
    image = drawn([shapely.box(0, 0, 420, 420)], Symbol(fill=hatch), size=420)
    assert cover(image) / 420**2 == pytest.approx(share, rel=0.03)


def test_features_without_geometry_or_class_are_not_drawn():
    shapes = Shapes.of([None, shapely.box(5, 5, 20, 20)])
    view = View(Extent(0, 0, 64, 64), 64, 64)
    image = new_image(view)
    draw_shapes(image, shapes, np.array([0, -1]), [RED], view)
    assert not image.any()


def test_arrays_that_may_not_be_written_are_drawn_alike():
    shapes = Shapes.of([shapely.box(5, 5, 20, 20)])
    frozen = Shapes("polygon", shapes.xy.copy(), tuple(o.copy() for o in shapes.offsets))
    frozen.xy.flags.writeable = False
    assert (drawn(frozen) == drawn(shapes)).all()


def test_a_stop_takes_effect_before_the_next_chunk():
    count = 10 * FEATURES_A_CHUNK
    x = np.arange(count) % 200
    shapes = Shapes.of(shapely.box(x, x, x + 2, x + 2))
    told = []

    def stop(fraction):
        told.append(fraction)
        if len(told) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        drawn(shapes, Symbol(fill=Fill(), stroke=Stroke()), size=200, progress=stop)
    assert len(told) == 3


def test_progress_rises_from_nothing_to_one(monkeypatch):
    monkeypatch.setattr(bands, "VERTICES_TO_SHARE", 10**6)
    told = []
    shapes = Shapes.of(shapely.box(np.arange(7900) % 60, 0, np.arange(7900) % 60 + 2, 5))
    drawn(shapes, Symbol(fill=Fill(), stroke=Stroke(), casing=Stroke()), progress=told.append)
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)
    assert len(told) >= 9


def houses():
    """Turned, notched houses of a few pixels, far from each other."""
    rng = np.random.default_rng(11)
    corners = [(0, 0), (1, 0), (1, 0.4), (0.7, 0.4), (0.7, 1), (0.35, 1), (0.35, 0.8), (0, 0.8)]
    for x in range(10, 250, 20):
        for y in range(10, 250, 20):
            wide, high, turn = rng.uniform([2, 1.5, 0], [5, 4, 180])
            house = affinity.rotate(affinity.scale(shapely.Polygon(corners), wide, high), turn)
            yield affinity.translate(house, *rng.uniform([x, y], [x + 1, y + 1]))


def covered(shape):
    """How far a shape covers each pixel of 256 × 256."""
    x, y = np.meshgrid(np.arange(256), np.arange(255, -1, -1))
    return shapely.area(shapely.intersection(shapely.box(x, y, x + 1, y + 1), shape))


def test_houses_of_a_few_pixels_cover_each_pixel_as_far_as_they_do():
    made = list(houses())
    image = drawn(made, size=256)
    assert np.abs(image[..., 3] - 255 * covered(shapely.union_all(made))).max() < 2


def test_outlines_of_houses_of_a_few_pixels_are_those_of_their_buffers():
    made = list(houses())
    thin = Symbol(stroke=Stroke(color="#000000", width_mm=25.4 / 96))
    rims = shapely.union_all([h.exterior.buffer(0.5, join_style="mitre") for h in made])
    apart = np.abs(drawn(made, thin, size=256)[..., 3] - 255 * covered(rims))
    assert apart[covered(rims) > 0].mean() < 5
    assert (apart > 32).sum() < 0.01 * (covered(rims) > 0).sum()


def test_a_small_house_half_out_of_view_is_cut_not_lost():
    made, outlined = (
        [shapely.box(-2, -3, 3, 2), shapely.box(61, 62, 66, 67)],
        Symbol(fill=Fill(), stroke=Stroke()),
    )
    moved = [affinity.translate(house, 16, 16) for house in made]
    assert (drawn(made, outlined, size=64) == drawn(moved, outlined, size=96)[16:80, 16:80]).all()

"""Strokes, markers and grids."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layers.cartography.marker import glyph_rings, shape_ring
from layers.cartography.raster import KERNELS, View, compile_kernels, kernels_ready
from layers.cartography.render import draw, draw_shapes, new_image
from layers.cartography.style import Fill, Marker, Ramp, Stroke, Style, StyleClass, Symbol
from layers.grid import Extent, Grid, Lattice
from layers.layer import Shapes
from layers.progress import Cancelled

MM = 25.4 / 96  # one pixel at 96 dpi


def stroked(geometry, size=64, fill=None, **stroke):
    view = View(Extent(0, 0, size, size), size, size)
    image = new_image(view)
    symbol = Symbol(fill=fill, stroke=Stroke(color="#000000", **stroke))
    draw_shapes(image, Shapes.of([geometry]), np.zeros(1, np.int64), [symbol], view)
    return image


def cover(image):
    return image[..., 3].sum() / 255.0


@pytest.mark.parametrize("width", [0.3, 1, 2.5, 7])
@pytest.mark.parametrize("end", [(50, 10), (50, 37), (10, 50), (44.4, 51.2)])
def test_a_line_covers_its_length_times_its_width(width, end):
    line = shapely.LineString([(10, 10), end])
    assert cover(stroked(line, width_mm=width * MM)) == pytest.approx(line.length * width, rel=0.01)


def test_caps_lengthen_the_line_as_their_names_say():
    line = shapely.LineString([(15, 20), (45, 35)])
    butt, square, rounded = (
        cover(stroked(line, width_mm=8 * MM, cap=c)) for c in ("butt", "square", "round")
    )
    assert square - butt == pytest.approx(64, rel=0.02)
    assert rounded - butt == pytest.approx(math.pi * 16, rel=0.02)


@pytest.mark.parametrize("join", ["round", "bevel", "miter"])
@pytest.mark.parametrize("corner", [(50, 50), (15, 50), (50, 12)])
def test_joins_agree_with_the_buffer_of_the_line(join, corner):
    line = shapely.LineString([(12, 15), (32, 20), corner])
    style = {"round": "round", "bevel": "bevel", "miter": "mitre"}[join]
    expected = line.buffer(4, cap_style="flat", join_style=style, mitre_limit=4, quad_segs=32).area
    assert cover(stroked(line, width_mm=8 * MM, join=join)) == pytest.approx(expected, rel=0.01)


@given(arrays(np.float64, (6, 2), elements=st.floats(-20, 84).map(lambda v: round(v, 3))), st.floats(2, 9))
def test_any_line_covers_what_its_buffer_covers(points, width):
    line = shapely.LineString(points)
    if line.length < 3:
        return
    image = stroked(line, width_mm=width * MM, join="round", cap="round")
    at = np.arange(64) + 0.5
    away = shapely.distance(shapely.points(*np.meshgrid(at, 64 - at)), line)
    alpha = image[..., 3]
    assert (alpha[away < width / 2 - 0.9] == 255).all()
    assert (alpha[away > width / 2 + 0.9] == 0).all()


def test_a_line_that_crosses_itself_is_laid_down_once():
    cross = shapely.LineString([(10, 10), (50, 50), (50, 10), (10, 50)])
    image = stroked(cross, width_mm=6 * MM, opacity=0.5)
    assert image[..., 3].max() == 128


def test_a_line_far_beyond_the_view_is_cut_at_its_edges():
    line = shapely.LineString([(-1e6, 32), (1e6, 32)])
    image = stroked(line, width_mm=2 * MM)
    assert (image[31:33, :, 3] == 255).all()
    assert cover(image) == pytest.approx(128)


def test_dashes_keep_their_lengths_and_their_place_however_far_the_line_starts():
    near = stroked(shapely.LineString([(0, 32), (64, 32)]), width_mm=2 * MM, dash=(6 * MM, 2 * MM))
    far = stroked(shapely.LineString([(-8e5, 32), (8e5, 32)]), width_mm=2 * MM, dash=(6 * MM, 2 * MM))
    assert near[31, :8, 3].tolist() == [255] * 6 + [0] * 2
    assert cover(near) == pytest.approx(96, abs=0.1)
    assert cover(far) == pytest.approx(96, abs=0.5)
    assert np.abs(near.astype(int) - far).max() <= 2


def test_a_dash_goes_on_round_a_corner():
    bent = shapely.LineString([(10, 10), (30, 10), (30, 50)])
    image = stroked(bent, width_mm=4 * MM, dash=(24 * MM, 4 * MM), join="miter")
    assert image[64 - 12, 31, 3] == 255
    assert image[64 - 16, 30, 3] == 0


def test_an_outline_follows_holes_and_stands_half_outside():
    square = shapely.box(16, 16, 48, 48) - shapely.box(24, 24, 40, 40)
    image = stroked(square, width_mm=2 * MM, join="miter")
    assert cover(image) == pytest.approx(34**2 - 30**2 + 18**2 - 14**2, rel=0.01)
    assert image[32, 32, 3] == 0


def test_a_line_shorter_than_a_pixel_is_not_lost():
    assert cover(stroked(shapely.LineString([(10, 10), (10.3, 10)]), width_mm=3 * MM)) == pytest.approx(
        0.9, rel=0.02
    )


@pytest.mark.parametrize("shape", ["circle", "square", "triangle", "diamond", "pentagon", "cross", "star"])
def test_a_marker_covers_the_area_of_its_shape(shape):
    view = View(Extent(0, 0, 64, 64), 64, 64)
    image = new_image(view)
    symbol = Symbol(marker=Marker(shape=shape, size_mm=30 * MM, stroke=None))
    draw_shapes(image, Shapes.of([shapely.Point(31.3, 32.8)]), np.zeros(1, np.int64), [symbol], view)
    area = shapely.Polygon(shape_ring(shape) * 30).area
    assert cover(image) == pytest.approx(area, rel=0.01)
    assert area > 100


def test_every_glyph_fits_into_its_marker_and_is_seen():
    view = View(Extent(0, 0, 40, 40), 40, 40)
    for glyph in (
        "hospital",
        "school",
        "shelter",
        "fire",
        "factory",
        "depot",
        "person",
        "tree",
        "dot",
        "team",
    ):
        image = new_image(view)
        marker = Marker(size_mm=30 * MM, fill=Fill(color="#000000"), stroke=None, glyph=glyph, ink="#ffffff")
        draw_shapes(
            image, Shapes.of([shapely.Point(20, 20)]), np.zeros(1, np.int64), [Symbol(marker=marker)], view
        )
        assert max(np.hypot(*ring.T).max() for ring in glyph_rings(glyph)) < 0.5
        assert 40 < (image[..., 0] / 255.0).sum() < 500


def test_markers_at_the_edge_are_cut_and_multipoints_have_one_each():
    view = View(Extent(0, 0, 64, 64), 64, 64)
    image = new_image(view)
    symbol = Symbol(marker=Marker(shape="square", size_mm=20 * MM, stroke=None))
    points = shapely.MultiPoint([(0, 32), (32, 32), (200, 32)])
    draw_shapes(image, Shapes.of([points]), np.zeros(1, np.int64), [symbol], view)
    assert cover(image) == pytest.approx(18 * 9 + 18 * 18, rel=0.01)


def classed():
    return Style(
        kind="categorised",
        symbol=Symbol(fill=Fill(color="#808080")),
        classes=(
            StyleClass(Symbol(fill=Fill(color="#ff0000")), value=1.0),
            StyleClass(Symbol(fill=Fill(color="#00ff00")), value=2.0),
        ),
    )


def grid(values, cell=1.0, west=0.0, north=2.0):
    values = np.array(values, np.float64)
    return Grid(values, Lattice(west, north, cell, *values.shape, "EPSG:4548"))


def test_each_pixel_has_exactly_the_colour_of_the_cell_under_its_centre():
    view = View(Extent(0, 0, 2, 2), 4, 4)
    image = new_image(view)
    draw(image, grid([[1, 2], [np.nan, 7]]), classed(), view)
    red, green, grey = [255, 0, 0, 255], [0, 255, 0, 255], [128, 128, 128, 255]
    assert image[:2].tolist() == [[red, red, green, green]] * 2
    assert image[2:].tolist() == [[grey] * 4] * 2


def test_beyond_the_grid_nothing_is_drawn_and_the_grid_may_be_read_only():
    view = View(Extent(-1, -1, 3, 3), 4, 4)
    image = new_image(view)
    cells = grid([[1, 1], [1, 1]])
    cells.values.flags.writeable = False
    draw(image, cells, classed(), view)
    assert image[..., 3].tolist() == [[0] * 4, [0, 255, 255, 0], [0, 255, 255, 0], [0] * 4]


def test_a_ramp_runs_from_its_lower_to_its_upper_colour_and_leaves_no_data_out():
    style = Style(kind="raster", ramp=Ramp(("#000000", "#ffffff"), 0, 10))
    view = View(Extent(0, 1, 5, 2), 5, 1)
    image = new_image(view)
    draw(image, grid([[-4, 0, 5, 99, np.nan]]), style, view)
    assert image[0, :, 0].tolist() == [0, 0, 128, 255, 0]
    assert image[0, :, 3].tolist() == [255, 255, 255, 255, 0]


def test_graduated_classes_hold_their_lower_bound_and_the_topmost_its_upper_too():
    fills = [Symbol(fill=Fill(color=c)) for c in ("#000000", "#ffffff")]
    style = Style(
        kind="graduated",
        classes=(StyleClass(fills[0], lower=0, upper=5), StyleClass(fills[1], lower=5, upper=9)),
    )
    view = View(Extent(0, 1, 5, 2), 5, 1)
    image = new_image(view)
    draw(image, grid([[0, 5, 9, 9.1, -1]]), style, view)
    assert image[0, :, 0].tolist() == [0, 255, 255, 0, 0]
    assert image[0, :, 3].tolist() == [255, 255, 255, 0, 0]


def test_drawing_a_grid_stops_when_it_is_told_to():
    view = View(Extent(0, 0, 2, 2), 500, 500)
    calls = []

    def stop(fraction):
        calls.append(fraction)
        if fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        draw(new_image(view), grid([[1, 2], [1, 2]]), classed(), view, stop)
    assert len(calls) == 3


def test_once_compiled_the_kernels_are_ready():
    told = []
    compile_kernels(told.append)
    assert kernels_ready()
    assert told[-1] == 1


def test_nothing_that_is_drawn_needs_another_compilation():
    compile_kernels()
    before = [len(k.made().signatures) for k in KERNELS]
    view = View(Extent(0, 0, 64, 64), 64, 64, 300)
    everything = Symbol(
        fill=Fill(hatch="cross"),
        stroke=Stroke(dash=(1, 2)),
        marker=Marker(glyph="tree"),
        casing=Stroke(width_mm=1),
    )
    for geometry in (shapely.Point(9, 9), shapely.LineString([(0, 0), (50, 50)]), shapely.box(5, 5, 60, 60)):
        made = Shapes.of([geometry])
        odd = Shapes(
            made.kind, np.asfortranarray(made.xy, np.float32), tuple(o.astype(np.int32) for o in made.offsets)
        )
        for shapes in (made, odd, Shapes.of([None], made.kind)):
            draw_shapes(new_image(view), shapes, np.zeros(1, np.int32), [everything, Symbol()], view)
    cells = grid([[1, 2], [1, 2]])
    for values in (
        cells,
        cells.like(np.asfortranarray(cells.values)),
        cells.like(cells.values.astype(np.float32)),
    ):
        draw(new_image(view), values, classed(), view)
        draw(new_image(view), values, Style(kind="raster", ramp=Ramp(lower=0, upper=1)), view)
    assert [len(k.made().signatures) for k in KERNELS] == before


def test_a_view_knows_its_scale_and_goes_to_pixels_and_back():
    view = View.around(4e5, 4.16e6, 26.4583333333, 400, 300, dpi=96)
    assert view.scale_denominator == pytest.approx(100_000)
    x, y = view.to_pixels(np.array([4e5]), np.array([4.16e6]))
    assert (x[0], y[0]) == pytest.approx((200, 150))
    assert view.to_map(x, y)[1][0] == pytest.approx(4.16e6)
    fitted = View.fitting(Extent(0, 0, 100, 10), 50, 50)
    assert fitted.extent == pytest.approx((0, -45, 100, 55))


@pytest.mark.parametrize(("rises", "brighter"), [((1, 1), True), ((-1, -1), False), ((0, 0), None)])
def test_hills_are_lit_from_the_north_west(rises, brighter):
    south, east = rises
    heights = np.add.outer(np.arange(9) * south, np.arange(9) * east).astype(float) * 0.3
    view = View(Extent(0, -7, 9, 2), 9, 9)
    images = []
    for relief in (0.0, 1.0):
        images.append(new_image(view))
        ramp = Ramp(("#808080", "#808080"), 0, 1, relief=relief)
        draw(images[-1], grid(heights), Style(kind="raster", ramp=ramp), view)
    plain, shaded = (int(image[4, 4, 0]) for image in images)
    slope = math.hypot(0.3 * south, 0.3 * east)
    facing = 1 if brighter else -1
    light = (1 + facing * slope) / math.hypot(1, slope) if brighter is not None else 1  # Lambert's law
    assert shaded == pytest.approx(plain * light, abs=1)
    assert (shaded > plain) if brighter else (shaded <= plain)

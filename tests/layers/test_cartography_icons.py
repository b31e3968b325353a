"""Icons: from SVG, drawn in one ink, harmless whoever made them, and of their size on paper or ground."""

from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from layers.cartography.icons import icon_from_file, icon_names, icon_rings
from layers.cartography.legend import patch
from layers.cartography.qml import qml
from layers.cartography.raster import View
from layers.cartography.render import draw_shapes, new_image
from layers.cartography.style import Fill, Marker, Style, StyleClass, Symbol
from layers.cartography.svg import icon_from_svg
from layers.errors import BadInput
from layers.layer import Shapes

SQUARE = '<svg viewBox="0 0 10 10"><rect x="2" y="3" width="4" height="4"/>%s</svg>'


def area(icon):
    """Even-odd, in squares of the height."""
    found = shapely.Polygon()
    for ring in icon_rings(icon):
        found = found.symmetric_difference(shapely.Polygon(ring).buffer(0))
    return found.area


def marked(marker, metres, dpi=96.0):
    """How wide and high the ink is of one marker in the middle of a view, pixels."""
    view = View.around(0.0, 0.0, metres, 400, 400, dpi)
    image = new_image(view)
    draw_shapes(image, Shapes.of([shapely.Point(0, 0)]), np.zeros(1, np.int64), [Symbol(marker=marker)], view)
    rows, columns = np.nonzero(image[..., 3] > 127)
    return np.ptp(columns) + 1, np.ptp(rows) + 1


@pytest.mark.parametrize("name", icon_names())
def test_every_icon_of_the_program_is_a_shape_of_height_one(name):
    xy = np.concatenate(icon_rings(name))
    assert np.abs(xy).max() == pytest.approx(0.5, abs=0.004)
    assert 0.05 < area(name) < 0.8


def test_shapes_strokes_holes_and_transforms_are_read():
    assert area(icon_from_svg(SQUARE % "")) == pytest.approx(1.0)
    ring = '<svg><path d="M0 0h8v8h-8z M2 2h4v4h-4z" fill-rule="evenodd"/></svg>'
    assert area(icon_from_svg(ring)) == pytest.approx(0.75)
    line = '<g transform="rotate(90) scale(3)"><path d="M0 0L6 0"/></g>'
    assert area(
        icon_from_svg(f'<svg fill="none" stroke="red" stroke-width="2">{line}</svg>')
    ) == pytest.approx((6 * 2 + np.pi) / 8**2, rel=0.03)
    disc = '<svg><circle cx="5" cy="5" r="4" style="fill:#123456;stroke:none"/></svg>'
    assert area(icon_from_svg(disc)) == pytest.approx(np.pi / 4, rel=0.03)


@pytest.mark.parametrize(
    "extra",
    [
        '<script>alert(1)</script><image href="http://example.org/x.png" width="9" height="9"/>',
        '<use href="file:///etc/passwd"/><text>words</text><style>@import url(http://example.org)</style>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
    ],
)
def test_of_a_strangers_svg_only_the_shapes_are_kept(extra):
    assert icon_from_svg(SQUARE % extra) == icon_from_svg(SQUARE % "")


@pytest.mark.parametrize(
    "text",
    [
        "no svg",
        "<svg></svg>",
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg><path d="&a;"/></svg>',
        '<!DOCTYPE svg SYSTEM "file:///etc/passwd" [<!ENTITY b SYSTEM "file:///etc/passwd">]><svg>&b;</svg>',
        '<svg><path d="M0 0 L nonsense"/></svg>',
        '<svg stroke="red" fill="none"><path d="M0 0L1 1" stroke-width="wide"/></svg>',
        "<svg>" + "x" * 300_000 + "</svg>",
    ],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(BadInput):
        icon_from_svg(text)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput):
        icon_from_file(tmp_path / "none.svg")


@pytest.mark.parametrize("icon", ["../icons/map", "http://example.org/a.svg", "/etc/passwd", "M1,2 <x>", "Z"])
def test_a_style_names_no_file_and_no_place(icon):
    with pytest.raises(BadInput):
        Style.from_json(f'{{"symbol": {{"marker": {{"icon": "{icon}"}}}}}}')


def test_a_style_keeps_an_own_icon_and_gives_it_back():
    style = Style(symbol=Symbol(marker=Marker(icon=icon_from_svg(SQUARE % ""), shape="none", size_m=40.0)))
    assert Style.from_json(style.to_json()) == style
    classed = Style(classes=(StyleClass(symbol=style.symbol, value=1.0),), kind="categorised", field="n")
    assert Style.from_json(classed.to_json()) == classed


def test_sizes_in_metres_grow_with_the_scale_and_those_in_millimetres_do_not():
    square = Marker(shape="none", icon=icon_from_svg(SQUARE % ""), size_m=50.0, stroke=None)
    assert marked(square, 1.0) == (50, 50)
    assert marked(square, 0.5, 192.0) == (100, 100)
    on_paper = Marker(shape="none", icon=square.icon, size_mm=25.4 / 2, stroke=None)
    assert marked(on_paper, 1.0) == (48, 48)
    assert marked(on_paper, 0.5) == (48, 48)


def test_the_legend_shows_a_marker_in_metres_at_its_size_on_paper():
    marker = Marker(icon="flame", size_mm=4.0)
    in_metres = Marker(icon="flame", size_mm=4.0, size_m=5000.0)
    assert np.array_equal(patch(Symbol(marker=marker), 30, 30), patch(Symbol(marker=in_metres), 30, 30))


def test_many_large_markers_are_drawn_without_pictures_of_them():
    view = View.around(0.0, 0.0, 1.0, 100, 100)
    image, points = new_image(view), shapely.points(np.linspace(-40, 40, 600), 0.0)
    marker = Marker(shape="square", size_m=2000.0, fill=Fill("#102030"), stroke=None)
    draw_shapes(image, Shapes.of(list(points)), np.zeros(600, np.int64), [Symbol(marker=marker)], view)
    assert (image == (0x10, 0x20, 0x30, 255)).all()


def test_qgis_gets_the_icon_within_the_document_and_the_size_in_its_unit():
    style = Style(symbol=Symbol(marker=Marker(shape="none", icon="flame", size_m=30.0)))
    root = ElementTree.fromstring(qml(style, "point").partition("\n")[2])
    (layer,) = root.iter("layer")
    options = {o.get("name"): o.get("value") for o in layer.iter("Option")}
    assert layer.get("class") == "SvgMarker"
    assert options["name"].startswith("base64:")
    assert (options["size"], options["size_unit"]) == ("30", "RenderMetersInMapUnits")
    both = qml(Style(symbol=Symbol(marker=Marker(icon="flame"))), "point")
    assert both.index("SimpleMarker") < both.index("SvgMarker")

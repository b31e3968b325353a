"""The kernel against QPainter, another rasteriser: hard shapes look the same, but for 1 pixel in 200."""

import math

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPainterPathStroker, QPen
from shapely import affinity

from layers.cartography.raster import View
from layers.cartography.render import draw_shapes, new_image
from layers.cartography.style import Fill, Stroke, Symbol
from layers.grid import Extent
from layers.layer import Shapes

SIDE = 400
CAPS = {"butt": Qt.PenCapStyle.FlatCap, "round": Qt.PenCapStyle.RoundCap, "square": Qt.PenCapStyle.SquareCap}
JOINS = {
    "miter": Qt.PenJoinStyle.SvgMiterJoin,
    "round": Qt.PenJoinStyle.RoundJoin,
    "bevel": Qt.PenJoinStyle.BevelJoin,
}


def pentagram():
    turns = [4 * math.pi * i / 5 for i in range(5)]
    return shapely.Polygon([(200 + 180 * math.sin(t), 200 + 180 * math.cos(t)) for t in turns])


def comb():
    teeth = [(20 + 3.7 * i, 30.5 if i % 2 else 350.25) for i in range(96)]
    return shapely.Polygon([(20, 10), *teeth, (380, 10)])


def swiss_cheese():
    holes = [
        shapely.Point(x, y).buffer(9).exterior.coords for x in range(60, 350, 40) for y in range(60, 350, 40)
    ]
    return affinity.rotate(shapely.Polygon(shapely.box(30, 30, 370, 370).exterior.coords, holes), 13)


def coast():
    rng = np.random.default_rng(5)
    angle = np.linspace(0, 2 * math.pi, 3000, endpoint=False)
    reach = 150 + np.cumsum(rng.normal(0, 1, 3000)) * np.hanning(3000)
    return shapely.Polygon(np.column_stack([200 + reach * np.cos(angle), 200 + reach * np.sin(angle)]))


def scattered():
    rng = np.random.default_rng(6)
    boxes = [
        affinity.rotate(shapely.box(x, y, x + w, y + h), t)
        for x, y, w, h, t in rng.uniform([0, 0, 2, 2, 0], [400, 400, 9, 9, 90], (300, 5))
    ]
    return shapely.MultiPolygon(
        [b for i, b in enumerate(boxes) if not any(b.intersects(o) for o in boxes[:i])]
    )


def slivers():
    long = [
        shapely.Polygon([(20, 20 + 18 * i), (380, 20 + 18 * i), (380, 20.2 + 18.1 * i)]) for i in range(20)
    ]
    return shapely.MultiPolygon([affinity.rotate(sliver, 7, origin=(200, 200)) for sliver in long])


def touching_itself():
    return shapely.Polygon([(40, 40), (200, 200), (360, 40), (360, 360), (200, 200), (40, 360)])


def leaving_the_view():
    rng = np.random.default_rng(7)
    return shapely.Polygon(rng.uniform(-900, 1300, (40, 2)))


SHAPES = [pentagram, comb, swiss_cheese, coast, scattered, slivers, touching_itself, leaving_the_view]
FAR = 1e7  # metres


def by_kernel(geometry, symbol, away=0.0):
    view = View(Extent(away, away, away + SIDE, away + SIDE), SIDE, SIDE)
    geometry = affinity.translate(geometry, away, away)
    image = new_image(view, "#ffffff")
    draw_shapes(image, Shapes.of([geometry]), np.zeros(1, np.int64), [symbol], view)
    return image


def by_qpainter(geometry, fill=None, pen=None):
    buffer = np.full((SIDE, SIDE, 4), 255, np.uint8)
    image = QImage(buffer.data, SIDE, SIDE, 4 * SIDE, QImage.Format.Format_RGBA8888_Premultiplied)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for part in shapely.get_parts(geometry):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            _trace(path, np.asarray(ring.coords), closed=part.geom_type == "Polygon")
    if fill:
        painter.fillPath(path, QColor(fill))
    if pen and pen.widthF() > 1:
        painter.strokePath(path, pen)
    elif pen:  # QPainter would draw a cosmetic line, which is not of the pen's width
        outline = QPainterPathStroker(pen).createStroke(path)
        outline.setFillRule(Qt.FillRule.WindingFill)
        painter.fillPath(outline, pen.color())
    painter.end()
    return buffer


def _trace(path, points, closed):
    path.moveTo(QPointF(points[0, 0], SIDE - points[0, 1]))
    for x, y in points[1 : -1 if closed else None]:
        path.lineTo(QPointF(x, SIDE - y))
    if closed:
        path.closeSubpath()


def share_that_differs(one, other):
    return (np.abs(one.astype(int) - other).max(axis=2) > 32).mean()


@pytest.mark.parametrize("shape", SHAPES)
def test_fills_look_like_those_of_qpainter(qapp, shape):
    ours = by_kernel(shape(), Symbol(fill=Fill(color="#2050a0")))
    theirs = by_qpainter(shape(), fill="#2050a0")
    assert (ours != 255).any(axis=2).mean() > 0.05
    assert share_that_differs(ours, theirs) < 0.005


@pytest.mark.parametrize("width", [1.0, 2.4, 6.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_outlines_look_like_those_of_qpainter(qapp, shape, width):
    symbol = Symbol(stroke=Stroke(color="#a02020", width_mm=width * 25.4 / 96, join="round"))
    pen = QPen(QColor("#a02020"), width)
    pen.setJoinStyle(JOINS["round"])
    assert share_that_differs(by_kernel(shape(), symbol), by_qpainter(shape(), pen=pen)) < 0.005


@pytest.mark.parametrize("cap", list(CAPS))
@pytest.mark.parametrize("join", list(JOINS))
@pytest.mark.parametrize("dash", [(), (14, 6), (20, 5, 3, 5)])
def test_lines_with_caps_joins_and_dashes_look_like_those_of_qpainter(qapp, cap, join, dash):
    width = 5.0
    line = shapely.LineString([(30, 30), (350, 60), (120, 200), (370, 210), (40, 370), (60, 250)])
    stroke = Stroke(
        color="#206040",
        width_mm=width * 25.4 / 96,
        dash=tuple(d * 25.4 / 96 for d in dash),
        cap=cap,
        join=join,
    )
    pen = QPen(QColor("#206040"), width)
    pen.setCapStyle(CAPS[cap])
    pen.setJoinStyle(JOINS[join])
    pen.setMiterLimit(4)
    if dash:
        pen.setDashPattern([d / width for d in dash])
    assert share_that_differs(by_kernel(line, Symbol(stroke=stroke)), by_qpainter(line, pen=pen)) < 0.005


@pytest.mark.parametrize("width", [1.0, 3.0])
def test_lines_that_leave_the_view_look_like_those_of_qpainter(qapp, width):
    rng = np.random.default_rng(8)
    lines = shapely.MultiLineString(list(rng.uniform(-3000, 3400, (30, 4, 2))))
    symbol = Symbol(stroke=Stroke(color="#205080", width_mm=width * 25.4 / 96, join="round"))
    pen = QPen(QColor("#205080"), width)
    pen.setJoinStyle(JOINS["round"])
    assert share_that_differs(by_kernel(lines, symbol), by_qpainter(lines, pen=pen)) < 0.005


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_million_metres_from_the_origin_nothing_looks_otherwise(qapp, shape):
    symbol = Symbol(fill=Fill(color="#2050a0"), stroke=Stroke(color="#a02020", width_mm=25.4 / 96))
    near, far = by_kernel(shape(), symbol), by_kernel(shape(), symbol, FAR)
    assert np.abs(near.astype(int) - far).max() <= 2

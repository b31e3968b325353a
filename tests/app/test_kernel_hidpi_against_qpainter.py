"""At two device pixels a logical pixel, and with dashes and hatches, the kernel draws as QPainter does."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from layers.cartography.ink import hatch_tile
from layers.cartography.raster import View
from layers.cartography.render import draw_shapes, new_image
from layers.cartography.style import Fill, Stroke, Symbol
from layers.grid import Extent
from layers.layer import Shapes

_path = Path(__file__).with_name("test_kernel_against_qpainter.py")
_spec = importlib.util.spec_from_file_location("hard_shapes", _path)
assert _spec is not None
assert _spec.loader is not None
hard = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hard)

RATIO = 2
SIDE = hard.SIDE * RATIO
MM = 25.4 / 96
SPACING, LINE = 12.0, 2.0  # logical pixels


def by_kernel(geometry, symbol):
    view = View(Extent(0, 0, hard.SIDE, hard.SIDE), SIDE, SIDE, 96.0 * RATIO)
    image = new_image(view, "#ffffff")
    draw_shapes(image, Shapes.of([geometry]), np.zeros(1, np.int64), [symbol], view)
    return image


def by_qpainter(draw):
    buffer = np.full((SIDE, SIDE, 4), 255, np.uint8)
    image = QImage(buffer.data, SIDE, SIDE, 4 * SIDE, QImage.Format.Format_RGBA8888_Premultiplied)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(RATIO, RATIO)
    draw(painter)
    painter.end()
    return buffer


def path_of(geometry):
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                hard._trace(path, np.asarray(ring.coords), closed=True)
        elif part.geom_type == "LineString":
            hard._trace(path, np.asarray(part.coords), closed=False)
    return path


@pytest.mark.parametrize("shape", hard.SHAPES)
def test_fills_and_outlines_at_twice_the_pixels(qapp, shape):
    fill, stroke = Fill(color="#2050a0"), Stroke(color="#a02020", width_mm=1.5 * MM, join="round")

    def draw(painter):
        painter.fillPath(path_of(shape()), QColor("#2050a0"))
        pen = QPen(QColor("#a02020"), 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path_of(shape()), pen)

    ours = by_kernel(shape(), Symbol(fill=fill, stroke=stroke))
    assert hard.share_that_differs(ours, by_qpainter(draw)) < 0.005


@pytest.mark.parametrize("width", [1.0, 4.0])
def test_dashes_at_twice_the_pixels(qapp, width):
    line = shapely.LineString([(30, 30), (350, 60), (120, 200), (370, 210), (40, 370)])
    stroke = Stroke(color="#206040", width_mm=width * MM, dash=(12 * MM, 5 * MM), join="round")

    def draw(painter):
        pen = QPen(QColor("#206040"), width, c=Qt.PenCapStyle.FlatCap, j=Qt.PenJoinStyle.RoundJoin)
        pen.setDashPattern([12 / width, 5 / width])
        painter.strokePath(path_of(line), pen)

    assert hard.share_that_differs(by_kernel(line, Symbol(stroke=stroke)), by_qpainter(draw)) < 0.005


def hatch_lines(hatch, period):
    """The lines of a hatch as areas, in logical pixels, y upwards."""
    side, half, step = hard.SIDE, LINE / 2, period / RATIO
    steps = step * np.arange(-100, 100)
    if hatch == "horizontal":
        lines = [shapely.LineString([(-side, y), (2 * side, y)]) for y in side - steps - step / 2]
    elif hatch == "vertical":
        lines = [shapely.LineString([(x, -side), (x, 2 * side)]) for x in steps + step / 2]
    else:  # x + y, downwards, is a whole number of steps
        lines = [shapely.LineString([(s - side, 0), (s + side, 2 * side)]) for s in steps]
    return shapely.union_all(shapely.buffer(lines, half, cap_style="flat"))


@pytest.mark.parametrize("hatch", ["horizontal", "vertical", "diagonal"])
@pytest.mark.parametrize("shape", [hard.swiss_cheese, hard.comb, hard.touching_itself])
def test_hatches_at_twice_the_pixels(qapp, shape, hatch):
    fill = Fill(
        color="#dde8f0", hatch=hatch, hatch_color="#203040", spacing_mm=SPACING * MM, line_mm=LINE * MM
    )
    view = View(Extent(0, 0, hard.SIDE, hard.SIDE), SIDE, SIDE, 96.0 * RATIO)
    area = shapely.make_valid(shape())
    inked = shapely.intersection(hatch_lines(hatch, len(hatch_tile(fill, view))), area)

    def draw(painter):
        painter.fillPath(path_of(area), QColor("#dde8f0"))
        painter.fillPath(path_of(inked), QColor("#203040"))

    ours, theirs = by_kernel(area, Symbol(fill=fill)), by_qpainter(draw)
    assert hard.share_that_differs(ours, theirs) < 0.005

"""Draw a layer in a style on an image of a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.cartography.classify import mixed
from layers.cartography.ink import Pens, inks, pens, stamps
from layers.cartography.labelling import PlacedLabel as PlacedLabel
from layers.cartography.labelling import labels as labels
from layers.cartography.picture import Band, Coat, Painter, paint
from layers.cartography.prepared import Rows, deal, prepared
from layers.cartography.raster import (
    Classes,
    Image,
    View,
    draw_boxes,
    draw_classes,
    draw_markers,
    draw_ramp,
    fill_polygons,
    of_doubles,
    premultiplied,
    prints_of,
    stroke_lines,
)
from layers.cartography.raster import new_image as new_image
from layers.cartography.stroke import MITER_LIMIT
from layers.cartography.style import Fill, Ramp, Style, StyleClass, Symbol
from layers.grid import Array, Grid
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part

RAMP_STEPS = 256
PIXELS_A_VERTEX = 100
"""Pixels of a raster that take as long to draw as a vertex."""


def draw(
    image: Image, layer: VectorLayer | Grid, style: Style, view: View, progress: Progress = ignore
) -> None:
    """Draw a layer over what the image holds.

    Parameters
    ----------
    image : ndarray of uint8, shape (view.height, view.width, 4)
        Premultiplied RGBA, as `new_image` makes it.
    layer : VectorLayer or Grid
        In the CRS of the view. Features without geometry are not drawn; no data gets the style's own symbol.
    style : Style
    view : View
    progress : Progress
        Called at least every few thousand features or 64 pixel rows; what it raises stops the drawing and
        leaves the image half drawn.
    """
    if style.smallest_scale and view.scale_denominator > style.smallest_scale:
        return
    paint(image, [Coat((painter(layer, style, view),), style.opacity, style.blend)], view, progress)


def painter(layer: VectorLayer | Grid, style: Style, view: View, hidden: Rows | None = None) -> Painter:
    """What draws a layer at any scale, fully opaque and unblended.

    `hidden` are rows of a vector layer that are not drawn.
    """
    if isinstance(layer, Grid):
        return _grid_painter(of_doubles(layer), style, view)
    if layer.shapes.kind == "table":
        return Painter(0, lambda edges: [_nothing] * (len(edges) - 1))
    classes = _known_classes(style, layer)
    if hidden is not None and len(hidden):
        classes = classes.copy()
        classes[hidden] = -1
    return _shapes_painter(layer.shapes, classes, symbols(style), view)


def _nothing(image: Image, view: View, top: int, progress: Progress) -> None:
    """A table has nothing to draw."""


_classed: WeakKeyDictionary[VectorLayer, tuple[tuple[object, ...], Classes]] = WeakKeyDictionary()


def _known_classes(style: Style, layer: VectorLayer) -> Classes:
    """`class_of`, remembered as long as the layer lives: only the last style's."""
    key = (style.kind, style.field, style.classes)
    known = _classed.get(layer)
    if known is None or known[0] != key:
        classes = class_of(style, layer.attributes) if style.classes else np.zeros(len(layer), np.int64)
        known = _classed[layer] = key, classes
    return known[1]


def painter_from_afar(boxes: Array, style: Style, view: View) -> Painter:
    """What draws polygons of which only the boxes are known (n, 4), in the symbol of other values."""
    boxes = np.require(boxes, np.float64, ["C", "W"])
    fills, strokes = inks([style.symbol.fill], view), pens([style.symbol.stroke], view)
    reach = _widest(strokes)

    def band(rows: Rows, image: Image, view: View, top: int, progress: Progress) -> None:
        draw_boxes(image, boxes, rows, view, fills, strokes, progress)

    def split(edges: Sequence[int]) -> list[Band]:
        return [partial(band, rows) for rows in deal(boxes, np.arange(len(boxes)), view, reach, edges)]

    return Painter(len(boxes), split)


def draw_shapes(
    image: Image,
    shapes: Shapes,
    classes: Classes,
    symbols: Sequence[Symbol],
    view: View,
    progress: Progress = ignore,
) -> None:
    """Draw shapes of any kind, each in the symbol of its class; -1 is not drawn."""
    paint(image, [Coat((_shapes_painter(shapes, classes, symbols, view),))], view, progress)


def _shapes_painter(shapes: Shapes, classes: Classes, symbols: Sequence[Symbol], view: View) -> Painter:
    classes = np.ascontiguousarray(classes, np.int64)
    ready = prepared(shapes)
    fills = inks([s.fill for s in symbols], view)
    strokes = pens([s.stroke for s in symbols], view)
    casings = pens([s.casing for s in symbols], view)
    if casings.widths.any():
        strokes = replace(strokes, small=np.zeros(len(symbols)))  # casings lie under all outlines
    markers = stamps([s.marker for s in symbols], view)
    reach = markers.reach if shapes.kind == "point" else MITER_LIMIT * max(_widest(strokes), _widest(casings))

    def band(rows: Rows, image: Image, view: View, top: int, progress: Progress) -> None:
        if shapes.kind == "point":
            draw_markers(image, ready, rows, classes, view, markers, ready_made, progress)
            return
        if shapes.kind == "polygon":
            inked, filling = fills.below(top), part(progress, 0, 0.5)
            fill_polygons(image, ready, rows, classes, view, inked, strokes, filling)
        stroke_lines(image, ready, rows, classes, view, casings, part(progress, 0.5, 0.7))
        stroke_lines(image, ready, rows, classes, view, strokes, part(progress, 0.7, 1))

    seen = ready.rows(view.extent.grown(reach * view.metres_per_pixel))
    ready_made = prints_of(markers, len(seen))

    def split(edges: Sequence[int]) -> list[Band]:
        return [partial(band, rows) for rows in deal(ready.shapes.boxes, seen, view, reach, edges)]

    return Painter(len(seen) * len(shapes.xy) // max(len(shapes), 1), split)


def _widest(pens: Pens) -> float:
    return float(pens.widths.max(initial=0.0))


def symbols(style: Style) -> tuple[Symbol, ...]:
    """The symbols of the classes, and last that of all that no class holds."""
    return (*(c.symbol for c in style.classes), style.symbol)


def class_of(style: Style, attributes: pd.DataFrame) -> Classes:
    """The class of each row as an index into `symbols`.

    Rows that no class holds (no data, other values, a column that is missing) get the last.
    """
    other = len(style.classes)
    found = np.full(len(attributes), other, np.int64)
    if style.field not in attributes or not style.classes:
        return found
    column = attributes[style.field]
    if style.kind == "categorised":
        return _category_of(style.classes, column)
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    lower, upper = limits(style)
    for k in range(other - 1, -1, -1):
        found[(values >= lower[k]) & (values < upper[k])] = k
    return found


def _category_of(classes: tuple[StyleClass, ...], column: pd.Series[object]) -> Classes:
    """Values are compared as words, a number by its shortest: 3, 3.0 and "3" are one."""
    wanted = {_word(c.value): k for k, c in reversed(list(enumerate(classes)))}
    codes, distinct = pd.factorize(column)
    lookup = np.array([*(wanted.get(_word(v), len(classes)) for v in distinct), len(classes)], np.int64)
    found: Classes = lookup[codes]
    return found


def _word(value: object) -> str:
    if isinstance(value, int | float | np.number):
        return f"{float(value):.12g}"
    return str(value)


def limits(style: Style) -> tuple[Array, Array]:
    """Lower and upper bounds of the classes, ``lower <= value < upper``; a single value is a class too."""
    lower, upper = np.empty(len(style.classes)), np.empty(len(style.classes))
    for k, c in enumerate(style.classes):
        if isinstance(c.value, int | float):
            lower[k], upper[k] = c.value, np.nextafter(c.value, np.inf)
        else:
            lower[k] = -np.inf if c.lower is None else c.lower
            upper[k] = np.inf if c.upper is None else c.upper
    closed = upper == lower
    if len(lower):
        closed[np.lexsort((lower, upper))[-1]] = True  # the topmost class holds its upper bound
    return lower, np.where(closed, np.nextafter(upper, np.inf), upper)


def _grid_painter(grid: Grid, style: Style, view: View) -> Painter:
    lower, upper = limits(style)
    fills = inks([s.fill for s in symbols(style)], view)
    ramp = style.ramp if style.kind == "raster" else None
    colours = ramp_colours(ramp, style.symbol.fill) if ramp else None

    def band(image: Image, view: View, top: int, progress: Progress) -> None:
        if ramp is None or colours is None:
            draw_classes(image, grid, view, lower, upper, fills.below(top), progress)
            return
        shading = {"relief": ramp.relief, "exaggeration": ramp.exaggeration}
        draw_ramp(image, grid, view, ramp.lower, ramp.upper, colours, progress, **shading)

    return Painter(view.width * view.height // PIXELS_A_VERTEX, lambda edges: [band] * (len(edges) - 1))


def ramp_colours(ramp: Ramp, missing: Fill | None = None) -> NDArray[np.uint8]:
    """Premultiplied colours along the ramp, and last that of no data, shape (257, 4)."""
    steps = np.column_stack([mixed(ramp.colors, RAMP_STEPS), np.full(RAMP_STEPS, 255)])
    last = premultiplied(missing.color, missing.opacity) if missing else (0, 0, 0, 0)
    return np.vstack([np.rint(steps * ramp.opacity), last]).astype(np.uint8)

"""Body: the map inside the frame: one image from the kernel, borders and lines over it, names on top."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

from layers.cartography import render
from layers.cartography.names import name_places
from layers.cartography.plate import Plate
from layers.cartography.raster import View
from layers.cartography.sheet import MapSheet
from layers.cartography.style import Stroke, Style, StyleClass, Symbol
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part

FADE = 0.72
_BAND = "#b07aa1"


def draw_body(plate: Plate, sheet: MapSheet, dpi: float, progress: Progress = ignore) -> None:
    """Everything inside the map frame."""
    frame = sheet.layout.frame
    plate.picture(_image(sheet, dpi, progress), frame, zorder=1)
    if sheet.focus is not None:
        _fade(plate, sheet, sheet.focus)
    for drawn in sheet.layers:
        if not drawn.dense and isinstance(drawn.layer, VectorLayer):
            _draw_lines(plate, sheet, drawn.layer, drawn.style)
    for name in name_places(sheet):
        plate.text(name.x, name.y, name.words, name.size, color=name.color, halo=name.halo, angle=name.angle)


def _image(sheet: MapSheet, dpi: float, progress: Progress) -> NDArray[np.uint8]:
    """All dense layers as one opaque picture at print resolution."""
    frame = sheet.layout.frame
    dots = dpi * sheet.page.scale
    view = View(sheet.extent, round(frame.width / 25.4 * dots), round(frame.height / 25.4 * dots), dots)
    image = render.new_image(view)
    dense = [drawn for drawn in sheet.layers if drawn.dense]
    for number, drawn in enumerate(dense):
        step = part(progress, number / len(dense), (number + 1) / len(dense))
        render.draw(image, drawn.layer, _unnamed(drawn.style), view, step)
    image[..., :3] += 255 - image[..., 3:]
    image[..., 3] = 255
    return image


def _unnamed(style: Style) -> Style:
    """The style without its label: names are words on the page, not pixels."""
    return replace(style, label=None)


def _fade(plate: Plate, sheet: MapSheet, focus: VectorLayer) -> None:
    """White over all that is not the region, and a soft band along its border."""
    frame = shapely.box(*sheet.extent)
    region = shapely.union_all(focus.shapes.geometries())
    outside = sheet_path(sheet, shapely.difference(frame, region))
    plate.path(outside, fill="#ffffff", opacity=FADE, clip=sheet.layout.frame, zorder=2)
    border = sheet_path(sheet, shapely.intersection(shapely.boundary(region), frame))
    plate.path(border, line=_BAND, width=2.4, opacity=0.35, clip=sheet.layout.frame, zorder=4)


def _draw_lines(plate: Plate, sheet: MapSheet, layer: VectorLayer, style: Style) -> None:
    if style.smallest_scale and sheet.scale > style.smallest_scale:
        return
    near = layer.take(layer.shapes.meeting(sheet.extent))
    for symbol, rows in _by_symbol(near, style):
        shapes = near.shapes.geometries(rows)
        if near.geometry_kind == "polygon":
            _areas(plate, sheet, shapes, symbol)
            shapes = shapely.boundary(shapes)
        whole = shapely.line_merge(shapely.union_all(shapely.clip_by_rect(shapes, *sheet.extent)))
        for stroke in (symbol.casing, symbol.stroke):
            if stroke is not None:
                _stroke(plate, sheet, whole, stroke)


def _areas(plate: Plate, sheet: MapSheet, shapes: NDArray[np.object_], symbol: Symbol) -> None:
    if symbol.fill is None:
        return
    area = shapely.union_all(shapely.clip_by_rect(shapes, *sheet.extent))
    plate.path(
        sheet_path(sheet, area),
        fill=symbol.fill.color,
        opacity=symbol.fill.opacity,
        clip=sheet.layout.frame,
        zorder=2.5,
    )


def _stroke(plate: Plate, sheet: MapSheet, lines: shapely.Geometry, stroke: Stroke) -> None:
    plate.path(
        sheet_path(sheet, lines),
        line=stroke.color,
        width=stroke.width_mm,
        dash=stroke.dash,
        opacity=stroke.opacity,
        clip=sheet.layout.frame,
    )


def _by_symbol(layer: VectorLayer, style: Style) -> Iterator[tuple[Symbol, NDArray[np.bool_]]]:
    """Which rows each symbol draws: the first class that holds a value, else the style's own symbol."""
    left = np.ones(len(layer), bool)
    if style.field and style.field in layer.attributes:
        values = layer[style.field]
        for cls in style.classes:
            held = np.asarray(values == cls.value) if cls.value is not None else _between(values, cls)
            yield cls.symbol, held & left
            left &= ~held
    yield style.symbol, left


def _between(values: "pd.Series[object]", cls: StyleClass) -> NDArray[np.bool_]:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
    low = -np.inf if cls.lower is None else cls.lower
    high = np.inf if cls.upper is None else cls.upper
    held: NDArray[np.bool_] = (numbers >= low) & (numbers < high)
    return held


def sheet_path(sheet: MapSheet, shape: shapely.Geometry) -> Path:
    """A shapely geometry as a path on paper, mm of the A3 layout; empty geometries give an empty path."""
    rings = [ring for part in shapely.get_parts(shape) for ring in _rings(part)]
    if not rings:
        return Path(np.empty((0, 2)))
    return Path.make_compound_path(*(Path(sheet.on_paper(shapely.get_coordinates(r))) for r in rings))


def _rings(shape: shapely.Geometry) -> list[shapely.Geometry]:
    if shapely.is_empty(shape):
        return []
    if shapely.get_type_id(shape) == shapely.GeometryType.POLYGON:
        return [shape.exterior, *shape.interiors]
    return [shape] if shapely.get_dimensions(shape) == 1 else []

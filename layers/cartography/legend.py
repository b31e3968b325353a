"""The legend of a style: its entries, and their patches drawn by the kernel that draws the map."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from layers.cartography.raster import Image, View, new_image
from layers.cartography.render import draw_shapes, ramp_colours
from layers.cartography.style import Ramp, Style, Symbol
from layers.grid import Extent
from layers.layer import Shapes
from layers.words import Language

PatchShape = Literal["auto", "point", "line", "polygon"]


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend.

    Parameters
    ----------
    title : str
    symbol : Symbol
    count : int or None
        Features of the class, if they were counted.
    ramp : Ramp or None
        Of a style with a ramp: drawn instead of the symbol.
    """

    title: str
    symbol: Symbol
    count: int | None = None
    ramp: Ramp | None = None


def entries(
    style: Style, language: Language = "zh_CN", counts: Mapping[int, int] | None = None
) -> tuple[LegendEntry, ...]:
    """The lines of a style's legend, in the order of its classes.

    Parameters
    ----------
    style : Style
        Its titles are already in the language in which it was made.
    language : {"zh_CN", "en"}
        Of the separator between the ends of a ramp.
    counts : mapping of int to int, optional
        Features by class index (`layers.cartography.render.class_of`). The line for what no class holds is
        left out when its count is zero.
    """
    if style.kind == "raster" and style.ramp:
        return _ramp_entries(style, style.ramp, language)
    if not style.classes:
        return (LegendEntry(style.title, style.symbol, (counts or {}).get(0)),)
    every = [(c.title, c.symbol) for c in style.classes]
    if style.other and (counts is None or counts.get(len(style.classes))):
        every.append((style.other, style.symbol))
    found: dict[str, LegendEntry] = {}
    for k, (title, symbol) in enumerate(every):
        count = None if counts is None else counts.get(k, 0)
        if title in found:  # two values under one title are one line
            count = None if count is None else count + (found[title].count or 0)
            found[title] = LegendEntry(title, found[title].symbol, count)
        else:
            found[title] = LegendEntry(title, symbol, count)
    return tuple(found.values())


def _ramp_entries(style: Style, ramp: Ramp, language: Language) -> tuple[LegendEntry, ...]:
    dash = " ～ " if language == "zh_CN" else " – "
    title = f"{ramp.lower:g}{dash}{ramp.upper:g} {ramp.unit}".strip()
    lines = [LegendEntry(title, Symbol(), ramp=ramp)]
    if style.other and style.symbol.fill:
        lines.append(LegendEntry(style.other, style.symbol))
    return tuple(lines)


def patch(symbol: Symbol, width: int, height: int, dpi: float = 96.0, shape: PatchShape = "auto") -> Image:
    """A sample of a symbol.

    Parameters
    ----------
    symbol : Symbol
    width, height : int
        Pixels.
    dpi : float
        As of the map, so that strokes and hatches are of the same size.
    shape : {"auto", "point", "line", "polygon"}
        What is drawn; ``auto``: the marker if there is one, else a filled box, else a line.

    Returns
    -------
    ndarray of uint8, shape (height, width, 4)
        Premultiplied RGBA on nothing.
    """
    view = View(Extent(0, 0, width, height), width, height, dpi)
    image = new_image(view)
    if symbol.marker:
        symbol = replace(symbol, marker=replace(symbol.marker, size_m=0.0))
    shapes = _sample(symbol, float(width), float(height), view, shape)
    draw_shapes(image, shapes, np.zeros(1, np.int64), [symbol], view)
    return image


def patch_size(symbol: Symbol) -> tuple[float, float]:
    """The least width and height in millimetres at which a patch shows the symbol whole."""
    lines = [s.width_mm for s in (symbol.stroke, symbol.casing) if s]
    if symbol.marker:
        edge = symbol.marker.stroke.width_mm if symbol.marker.stroke else 0.0
        side = 1.2 * symbol.marker.size_mm + 2 * edge  # triangles reach beyond their height, and mitred
        return side, side
    return (6.0, 3.5) if symbol.fill else (6.0, max([1.0, *lines]))


def ramp_patch(ramp: Ramp, width: int, height: int) -> Image:
    """The colours of a ramp from left to right, shape (height, width, 4)."""
    colours = ramp_colours(ramp)[:-1]
    across = colours[np.arange(width) * len(colours) // width]
    return np.ascontiguousarray(np.broadcast_to(across, (height, width, 4)))


def _sample(symbol: Symbol, width: float, height: float, view: View, shape: PatchShape) -> Shapes:
    if shape == "auto":
        shape = "point" if symbol.marker else "polygon" if symbol.fill else "line"
    one = np.array([0, 1], np.int64)
    if shape == "point":
        return Shapes("point", np.array([[width / 2, height / 2]]), (one,))
    if shape == "line":
        line = np.array([[0, height / 2], [width, height / 2]])
        return Shapes("line", line, (np.array([0, 2], np.int64), one))
    inset = view.pixels(symbol.stroke.width_mm) / 2 if symbol.stroke else 0.0
    west, south, east, north = inset, inset, width - inset, height - inset
    ring = np.array([[west, south], [east, south], [east, north], [west, north], [west, south]])
    return Shapes("polygon", ring, (np.array([0, 5], np.int64), one, one))

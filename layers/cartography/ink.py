"""From symbols in millimetres to the inks, pens and stamps that the kernels take for one view."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.cartography.icons import icon_rings
from layers.cartography.marker import glyph_rings, shape_ring, stamp_chunk
from layers.cartography.small import SMALL
from layers.cartography.stroke import BEVEL_JOIN, BUTT, MITER_JOIN, ROUND, ROUND_JOIN, SQUARE
from layers.cartography.style import Fill, Marker, Stroke
from layers.cartography.thin import THIN
from layers.cartography.view import View, premultiplied
from layers.grid import Array, Extent

STYLES_KEPT = 8  # of which the markers stay drawn
FINE = 48  # pixels up to which a marker's place is kept to an eighth of a pixel, else to a quarter

_CAPS = {"butt": BUTT, "round": ROUND, "square": SQUARE}
_JOINS = {"miter": MITER_JOIN, "round": ROUND_JOIN, "bevel": BEVEL_JOIN}
PLAIN = np.zeros((1, 1), np.uint8)
"""The tile of no hatch."""
CLEAR = np.zeros(4, np.uint8)
"""The colour of no ink."""

ICON_SHARE = 0.62
"""Height of an icon within a shape, in heights of the shape."""


@dataclass(frozen=True, eq=False)
class Inks:
    """Colours and hatches of k classes.

    Parameters
    ----------
    colours, patterns : ndarray of uint8, shape (k, 4)
        Premultiplied RGBA of the plain fill and of the hatch.
    tiles : ndarray of uint8, shape (k, n, n)
        One period of the hatch as cover 0..255.
    periods : ndarray of int64, shape (k,)
        Its side in pixels; 0: no hatch.
    """

    colours: NDArray[np.uint8]
    patterns: NDArray[np.uint8]
    tiles: NDArray[np.uint8]
    periods: NDArray[np.int64]

    def below(self, row: int) -> "Inks":
        """The inks for a band that begins at a pixel row: hatches go on as they were."""
        if not row or not self.periods.any():
            return self
        tiles = self.tiles.copy()
        for tile, period in zip(tiles, self.periods, strict=True):
            tile[:period] = np.roll(tile[:period], -row, axis=0)
        return replace(self, tiles=tiles)


@dataclass(frozen=True, eq=False)
class Pens:
    """Strokes of k classes, in pixels.

    Parameters
    ----------
    colours : ndarray of uint8, shape (k, 4)
    widths : ndarray of float64, shape (k,)
        0: not drawn.
    caps, joins : ndarray of int64, shape (k,)
    dashes : ndarray of float64, shape (k, n)
    counts : ndarray of int64, shape (k,)
        Used lengths of `dashes`; 0: solid.
    small : ndarray of float64, shape (k,)
        Polygons smaller than so many pixels are outlined as soon as they are filled; 0: none.
    """

    colours: NDArray[np.uint8]
    widths: Array
    caps: NDArray[np.int64]
    joins: NDArray[np.int64]
    dashes: Array
    counts: NDArray[np.int64]
    small: Array


@dataclass(frozen=True, eq=False)
class Stamps:
    """Markers of k classes, in pixels around 0, 0.

    Parameters
    ----------
    outlines : ndarray of float64, shape (n, 2)
        Closed rings, one after the other.
    rings, inks, layers : ndarray of int64
        Offsets: rings→outlines, ink layers→rings, classes→ink layers.
    colours : ndarray of uint8, shape (ink layers, 4)
    reach : float
        How far the largest marker reaches from its point.
    """

    outlines: Array
    rings: NDArray[np.int64]
    inks: NDArray[np.int64]
    layers: NDArray[np.int64]
    colours: NDArray[np.uint8]
    reach: float


def inks(fills: Sequence[Fill | None], view: View) -> Inks:
    """Colours and hatches of the classes; a class without a fill is transparent."""
    tiles = [hatch_tile(f, view) if f and f.hatch != "none" else None for f in fills]
    side = max((len(t) for t in tiles if t is not None), default=1)
    stack = np.zeros((len(fills), side, side), np.uint8)
    for k, tile in enumerate(tiles):
        if tile is not None:
            stack[k, : len(tile), : len(tile)] = tile
    return Inks(
        colours=np.array([premultiplied(f.color, f.opacity) if f else (0, 0, 0, 0) for f in fills], np.uint8),
        patterns=np.array(
            [premultiplied(f.hatch_color, f.hatch_opacity) if f else (0, 0, 0, 0) for f in fills], np.uint8
        ),
        tiles=stack,
        periods=np.array([0 if t is None else len(t) for t in tiles], np.int64),
    )


def hatch_tile(fill: Fill, view: View) -> NDArray[np.uint8]:
    """One period of a hatch as cover 0..255, shape (period, period).

    The spacing is rounded so that a period is a whole number of pixels; each pixel is sampled 8 × 8.
    """
    slanted = fill.hatch in ("diagonal", "back_diagonal", "diagonal_cross")
    spacing = view.pixels(fill.spacing_mm)
    period = max(round(spacing * (np.sqrt(2) if slanted else 1)), 2)
    half = view.pixels(fill.line_mm) / 2
    at = (np.arange(period * 8) + 0.5) / 8
    x, y = np.meshgrid(at, at)
    cover = _hatch_lines(fill.hatch, x, y, float(period), half).astype(np.float64)
    mean = cover.reshape(period, 8, period, 8).mean(axis=(1, 3))
    tile = np.rint(mean * 255).astype(np.uint8)
    return np.roll(tile, (-view.top, -view.left), (0, 1))


def _hatch_lines(pattern: str, x: Array, y: Array, period: float, half: float) -> NDArray[np.bool_]:
    def near(across: Array, scale: float = 1.0) -> NDArray[np.bool_]:
        away = np.abs((across + period / 2) % period - period / 2)
        return np.asarray(away * scale <= half)

    root = float(np.sqrt(0.5))
    if pattern == "dots":
        return np.asarray(np.hypot(x - period / 2, y - period / 2) <= 2 * half)
    lines = {
        "horizontal": lambda: near(y - period / 2),
        "vertical": lambda: near(x - period / 2),
        "diagonal": lambda: near(x + y, root),
        "back_diagonal": lambda: near(x - y, root),
        "cross": lambda: near(x - period / 2) | near(y - period / 2),
        "diagonal_cross": lambda: near(x + y, root) | near(x - y, root),
    }
    return lines[pattern]()


def pens(strokes: Sequence[Stroke | None], view: View) -> Pens:
    """Strokes of the classes in pixels; a class without a stroke has width 0."""
    drawn = [s or Stroke(width_mm=0.0) for s in strokes]
    dashes = np.zeros((len(drawn), max(len(s.dash) for s in drawn) or 1))
    for k, stroke in enumerate(drawn):
        dashes[k, : len(stroke.dash)] = [view.pixels(mm) for mm in stroke.dash]
    return Pens(
        colours=np.array([premultiplied(s.color, s.opacity) for s in drawn], np.uint8),
        widths=np.array([view.pixels(s.width_mm) for s in drawn], np.float64),
        caps=np.array([_CAPS[s.cap] for s in drawn], np.int64),
        joins=np.array([_JOINS[s.join] for s in drawn], np.int64),
        dashes=dashes,
        counts=np.array([len(s.dash) for s in drawn], np.int64),
        small=np.array([SMALL if _is_plain(s, view) else 0.0 for s in drawn]),
    )


def _is_plain(stroke: Stroke, view: View) -> bool:
    """Whether a stroke is a thin solid line."""
    return not stroke.dash and 0 < view.pixels(stroke.width_mm) <= THIN


def stamps(markers: Sequence[Marker | None], view: View) -> Stamps:
    """Markers of the classes in pixels: shape, outline, glyph, each a layer of ink."""
    metres = view.metres_per_pixel if any(m and m.size_m for m in markers) else 1.0
    return _stamps(tuple(markers), View(Extent(0.0, 0.0, metres, metres), 1, 1, view.dpi))


@lru_cache(STYLES_KEPT)
def _stamps(markers: tuple[Marker | None, ...], view: View) -> Stamps:
    """The same of any view of that scale and resolution; kept, as every picture wants them anew."""
    outlines: list[Array] = []
    inks, layers, colours = [0], [0], []
    for marker in markers:
        for rings, colour in _marker_inks(marker, view) if marker else ():
            outlines += rings
            inks.append(len(outlines))
            colours.append(colour)
        layers.append(len(colours))
    every = np.concatenate(outlines) if outlines else np.zeros((0, 2))
    return Stamps(
        outlines=np.ascontiguousarray(every),
        rings=np.concatenate([[0], np.cumsum([len(r) for r in outlines])]).astype(np.int64),
        inks=np.array(inks, np.int64),
        layers=np.array(layers, np.int64),
        colours=np.array(colours, np.uint8).reshape(-1, 4),
        reach=float(np.abs(every).max(initial=0.0)) + 1,
    )


@dataclass(frozen=True, eq=False)
class Prints:
    """Pictures of the markers of k classes, for each place of the point in its pixel.

    Parameters
    ----------
    pictures : ndarray of uint32, shape (k, steps, steps, side, side)
        Premultiplied; by the place down and the place to the right in the pixel.
    steps : int
    reach : int
        The pixel of the point is the one at row and column `reach`.
    """

    pictures: NDArray[np.uint32]
    steps: int
    reach: int


@lru_cache(STYLES_KEPT)
def prints(stamps: Stamps) -> Prints:
    """The pictures, drawn by `stamp_chunk`."""
    reach = math.ceil(stamps.reach) + 1
    side, count = 2 * reach + 1, len(stamps.layers) - 1
    steps = 8 if side <= FINE else 4
    pictures = np.zeros((count, steps, steps, side, side), np.uint32)
    cover = np.zeros((side, side + 2), np.float32)
    lo, hi = np.full(side, side + 2, np.int64), np.full(side, -1, np.int64)
    at = reach + (np.arange(steps) + 0.5) / steps
    for k, down, right in np.ndindex(count, steps, steps):
        stamp_chunk(
            pictures[k, down, right], cover, lo, hi, at[right : right + 1], at[down : down + 1],
            np.array([k]), stamps.outlines, stamps.rings, stamps.inks, stamps.layers, stamps.colours, PLAIN,
        )  # fmt: skip
    return Prints(pictures, steps, reach)


def _marker_inks(marker: Marker, view: View) -> list[tuple[list[Array], tuple[int, int, int, int]]]:
    """Rings and colour of each layer of ink, from below."""
    size = marker.size_m / view.metres_per_pixel if marker.size_m else view.pixels(marker.size_mm)
    found = []
    if marker.shape != "none":
        body = shapely.Polygon(shape_ring(marker.shape) * size)
        found.append((_rings(body), premultiplied(marker.fill.color, marker.fill.opacity)))
        if marker.stroke and marker.stroke.width_mm:
            edge = body.exterior.buffer(view.pixels(marker.stroke.width_mm) / 2, join_style="mitre")
            found.append((_rings(edge), premultiplied(marker.stroke.color, marker.stroke.opacity)))
    rings = picture_rings(marker)
    if rings:
        found.append(([ring * size for ring in rings], premultiplied(*picture_ink(marker))))
    return found


def picture_ink(marker: Marker) -> tuple[str, float]:
    """Colour and opacity of a marker's icon or glyph: those of the shape, where there is none around it."""
    return (marker.fill.color, marker.fill.opacity) if marker.shape == "none" else (marker.ink, 1.0)


def picture_rings(marker: Marker) -> list[Array]:
    """The rings of a marker's icon or glyph, in heights of the marker."""
    if not marker.icon:
        return glyph_rings(marker.glyph) if marker.glyph else []
    share = 1.0 if marker.shape == "none" else ICON_SHARE
    return [ring * share for ring in icon_rings(marker.icon)]


def _rings(polygon: shapely.Polygon) -> list[Array]:
    return [np.asarray(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]

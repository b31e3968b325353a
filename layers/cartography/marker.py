"""Markers: the kernel that stamps them, and their outlines in units of their height (y down, around 0, 0)."""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.cartography.coverage import add_edge, scaled, sweep
from layers.grid import Array
from layers.kernels import kernel


@kernel
def stamp_chunk(pixels, acc, lo, hi, x, y, classes, outlines, rings, inks, layers, colours, plain):
    """Draw markers: at every point the ink layers of its class, each a set of rings around 0, 0.

    `plain` is the tile of no hatch.
    """
    for i in range(len(x)):
        k = classes[i]
        if k < 0:
            continue
        for layer in range(layers[k], layers[k + 1]):
            top, bottom = math.inf, -math.inf
            for ring in range(inks[layer], inks[layer + 1]):
                for j in range(rings[ring], rings[ring + 1] - 1):
                    y0, y1 = y[i] + outlines[j, 1], y[i] + outlines[j + 1, 1]
                    add_edge(acc, lo, hi, x[i] + outlines[j, 0], y0, x[i] + outlines[j + 1, 0], y1, 1.0)
                    top, bottom = min(top, y0, y1), max(bottom, y0, y1)
            if bottom > 0.0 and top < pixels.shape[0]:
                first, last = int(max(top, 0.0)), int(min(bottom + 1.0, pixels.shape[0]))
                sweep(
                    pixels, acc, lo, hi, 0, 0, first, last, True, colours[layer], colours[layer], plain, 0
                )  # fmt: skip


@kernel
def print_chunk(pixels, x, y, classes, pictures, steps, reach):
    """Lay the picture of its class over every point: the one that was made for its place in the pixel."""
    height, width = pixels.shape
    side = pictures.shape[3]
    for i in range(len(x)):
        k = classes[i]
        left, top = math.floor(x[i]), math.floor(y[i])
        if k < 0 or left < -reach or top < -reach or left > width + reach or top > height + reach:
            continue
        picture = pictures[k, int((y[i] - top) * steps), int((x[i] - left) * steps)]
        left, top = int(left) - reach, int(top) - reach
        for row in range(max(-top, 0), min(side, height - top)):
            for column in range(max(-left, 0), min(side, width - left)):
                ink = np.int64(picture[row, column])
                rest = 255 - (ink >> 24)
                if rest == 255:
                    continue
                if rest:
                    below = np.int64(pixels[top + row, left + column])
                    ink += scaled(below & 0xFF00FF, rest)
                    ink += scaled((below >> 8) & 0xFF00FF, rest) << 8
                pixels[top + row, left + column] = np.uint32(ink)


def shape_ring(shape: str) -> Array:
    """The closed outline of a shape of height 1, shape (n, 2)."""
    if shape == "circle":
        return _around(48, 0.5)
    if shape == "square":
        return _box(-0.45, -0.45, 0.45, 0.45)
    if shape == "cross":
        arm, end = 0.17, 0.5
        quarter = np.array([[arm, -end], [arm, -arm], [end, -arm]])
        turns = [quarter @ np.array([[c, s], [-s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
        return _closed(np.concatenate(turns))
    if shape == "star":
        outer, inner = _around(5, 0.55)[:-1], _around(5, 0.22, math.pi / 5)[:-1]
        return _closed(np.stack([outer, inner], axis=1).reshape(-1, 2))
    corners = {"triangle": 3, "diamond": 4, "pentagon": 5}[shape]
    return _around(corners, 0.6 if corners == 3 else 0.55)


def glyph_rings(glyph: str) -> list[Array]:
    """The closed rings of a glyph that fits into a shape of height 1."""
    return [np.array(ring) for ring in _GLYPHS[glyph]]


def _closed(ring: Array) -> Array:
    return np.concatenate([ring, ring[:1]])


def _around(corners: int, radius: float, turned: float = 0.0) -> Array:
    """A regular polygon with a corner at the top."""
    angle = np.linspace(0, 2 * math.pi, corners + 1) + turned
    return np.column_stack([np.sin(angle), -np.cos(angle)]) * radius


def _box(west: float, top: float, east: float, bottom: float) -> Array:
    return _closed(np.array([[west, top], [east, top], [east, bottom], [west, bottom]]))


def _polygon(*corners: tuple[float, float]) -> Array:
    return _closed(np.array(corners))


_GLYPHS: dict[str, tuple[Array, ...]] = {
    "hospital": (shape_ring("cross") * 0.66,),
    "school": (
        _box(-0.2, -0.3, -0.13, 0.32),
        _polygon((-0.11, -0.3), (0.27, -0.17), (-0.11, -0.02)),
    ),
    "shelter": (
        _polygon(
            (0.0, -0.31), (0.34, 0.02), (0.24, 0.02), (0.24, 0.28), (0.08, 0.28), (0.08, 0.08), (-0.08, 0.08),
            (-0.08, 0.28), (-0.24, 0.28), (-0.24, 0.02), (-0.34, 0.02),
        ),
    ),
    "fire": (
        _polygon(
            (0.02, -0.34), (0.12, -0.14), (0.17, -0.2), (0.25, 0.04), (0.2, 0.22), (0.06, 0.32),
            (-0.08, 0.32), (-0.2, 0.22), (-0.24, 0.05), (-0.16, -0.1), (-0.1, -0.02), (-0.06, -0.2),
        ),
    ),
    "factory": (
        _polygon(
            (-0.3, 0.25), (-0.3, -0.28), (-0.18, -0.28), (-0.16, -0.03), (0.04, -0.15), (0.04, -0.03),
            (0.26, -0.15), (0.26, 0.25),
        ),
    ),
    "depot": (
        _polygon((-0.32, -0.08), (0.0, -0.28), (0.32, -0.08), (0.32, 0.26), (-0.32, 0.26)),
        _box(-0.18, 0.02, 0.18, 0.26),
    ),
    "person": (
        _around(16, 0.11) - np.array([0.0, 0.2]),
        _polygon((-0.1, -0.06), (0.1, -0.06), (0.2, 0.06), (0.2, 0.3), (-0.2, 0.3), (-0.2, 0.06)),
    ),
    "team": (
        _around(14, 0.09) + np.array([-0.16, -0.14]),
        _around(14, 0.09) + np.array([0.16, -0.14]),
        _polygon((-0.3, 0.24), (-0.3, 0.06), (-0.22, -0.02), (-0.1, -0.02), (-0.03, 0.06), (-0.03, 0.24)),
        _polygon((0.03, 0.24), (0.03, 0.06), (0.1, -0.02), (0.22, -0.02), (0.3, 0.06), (0.3, 0.24)),
    ),
    "tree": (
        _polygon(
            (0.0, -0.34), (0.24, 0.1), (0.05, 0.1), (0.05, 0.32), (-0.05, 0.32), (-0.05, 0.1), (-0.24, 0.1)
        ),
    ),
    "dot": (_around(20, 0.16),),
}  # fmt: skip

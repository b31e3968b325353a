"""Kernel: polygons of a few pixels, filled and thinly outlined at once, within a window of pixels.

Each edge is reckoned for every pixel of the window: how much of it lies to the right of the edge, exactly,
and how far its middle is from the edge. A row of the window is one step of the processor; nothing branches.
"""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.cartography.coverage import lanes, over
from layers.kernels import finite, kernel

SMALL = 8.0  # features smaller than so many pixels have room in the window, with their outline
SIDE = 16  # of the window
FEW = 16  # rings up to so many vertices are never thinned: thinning would eat narrow houses
NEAR = 0.4  # pixels between kept vertices
BLUNT = 5e-4  # pixels by which edges are widened, so that none is upright

_NONE, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_FAR = np.float32(99.0)


@finite
def add_right(cover, x0, y0, x1, y1, sign):
    """Add the area to the right of an edge to each pixel, row by row."""
    if y0 > y1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -sign
    slope = (x1 - x0) / max(y1 - y0, 1e-12)
    x, y = x0, y0
    for row in range(int(y0), min(int(y1) + 1, SIDE)):
        bottom = min(row + 1.0, y1)
        x_next = x0 + (bottom - y0) * slope
        left, right = min(x, x_next) - BLUNT, max(x, x_next) + BLUNT
        per_pixel = np.float32(sign * (bottom - y) / (right - left))
        near, far = np.float32(left - 1.0), np.float32(right - 1.0)
        line = cover[row]
        for column in range(SIDE):  # the integral of what lies right of a point, between the edge's ends
            a, b = np.float32(column) - near, np.float32(column) - far
            p, q = min(max(a, _NONE), _ONE), min(max(b, _NONE), _ONE)
            beyond = max(a - _ONE, _NONE) - max(b - _ONE, _NONE)
            line[column] += per_pixel * (_HALF * (p * p - q * q) + beyond)
        x, y = x_next, bottom


@finite
def keep_nearest(apart, x0, y0, x1, y1, tall):
    """Keep the squared distance of each pixel's middle from an edge, where it is the least yet."""
    dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
    per_length = _ONE / max(dx * dx + dy * dy, np.float32(1e-9))
    for row in range(tall):
        line, down = apart[row], np.float32(row + 0.5 - y0)
        for column in range(SIDE):
            right = np.float32(column) + np.float32(0.5 - x0)
            along = min(max((right * dx + down * dy) * per_length, _NONE), _ONE)
            u, v = right - along * dx, down - along * dy
            line[column] = min(line[column], u * u + v * v)


@kernel
def add_small_ring(cover, apart, xy, start, end, frame, sign, tall, is_filled, is_outlined):
    """Add one ring; the outline is thinned to the pixel, the fill if the ring is long."""
    west, north, sx, sy = frame
    near = NEAR if end - start > FEW else 0.0
    x, y = (xy[start, 0] - west) * sx, (north - xy[start, 1]) * sy
    x_rim, y_rim = x, y
    for i in range(start + 1, end):
        x_next, y_next = (xy[i, 0] - west) * sx, (north - xy[i, 1]) * sy
        is_last = i == end - 1
        if is_filled and (is_last or abs(x_next - x) + abs(y_next - y) >= near):
            add_right(cover, x, y, x_next, y_next, sign)
            x, y = x_next, y_next
        if is_outlined and (is_last or abs(x_next - x_rim) + abs(y_next - y_rim) >= NEAR):
            keep_nearest(apart, x_rim, y_rim, x_next, y_next, tall)
            x_rim, y_rim = x_next, y_next


@kernel
def lay_window(pixels, cover, apart, left, up, wide, tall, ink, edge_ink, half):
    """Turn area and distance into colour: the fill, even-odd, and over it the outline."""
    height, width = pixels.shape
    for row in range(max(-up, 0), min(tall, height - up)):
        for column in range(max(-left, 0), min(wide, width - left)):
            inside = abs(float(cover[row, column]))
            if inside > 1.0:
                inside = inside % 2.0
                inside = 2.0 - inside if inside > 1.0 else inside
            rim = min(max(half + 0.5 - math.sqrt(float(apart[row, column])), 0.0), min(2.0 * half, 1.0))
            fill_weight, rim_weight = int(inside * 255.0 + 0.5), int(rim * 255.0 + 0.5)
            if fill_weight | rim_weight:
                below = over(pixels[up + row, left + column], ink, fill_weight)
                pixels[up + row, left + column] = over(below, edge_ink, rim_weight)


@kernel
def lay_small(pixels, window, xy, rings, parts, first, last, box, frame, colour, edge, edge_width):
    """Fill and outline one feature; an edge of no width is none, a colour without alpha no fill."""
    west, north, sx, sy = frame
    half, reach = 0.5 * edge_width, edge_width + 1.0
    left, up = math.floor((box[0] - west) * sx - reach), math.floor((north - box[3]) * sy - reach)
    wide = min(math.ceil((box[2] - west) * sx + reach) - left, SIDE)
    tall = min(math.ceil((north - box[1]) * sy + reach) - up, SIDE)
    cover, apart = window[0], window[1]
    cover[:tall], apart[:tall] = _NONE, _FAR
    here = west + left / sx, north - up / sy, sx, sy
    several = parts[last] - parts[first] > 1
    for part in range(first, last):
        for ring in range(parts[part], parts[part + 1]):
            start, end, sign = rings[ring], rings[ring + 1], 1.0
            if several:  # shells add, holes take away: parts within one pixel must not cancel
                shell = ring == parts[part]
                sign = 1.0 if (ring_area(xy, start, end) > 0.0) == shell else -1.0
            add_small_ring(cover, apart, xy, start, end, here, sign, tall, colour[3] > 0, edge_width > 0.0)
    lay_window(pixels, cover, apart, left, up, wide, tall, lanes(colour), lanes(edge), half)


@kernel
def ring_area(xy, start, end):
    """Twice the signed area of a ring in map units."""
    total = 0.0
    x0, y0 = xy[start, 0], xy[start, 1]
    for i in range(start + 1, end - 1):
        total += (xy[i, 0] - x0) * (xy[i + 1, 1] - y0) - (xy[i + 1, 0] - x0) * (xy[i, 1] - y0)
    return total

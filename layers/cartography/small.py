"""Kernel: polygons of a few pixels, filled and thinly outlined at once, within a window of pixels.

Each edge is reckoned for every pixel of the window: how much of the pixel lies to the right of the edge, and
how much of it the edge's line covers. A row of the window is one step of the processor; nothing branches.
"""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.cartography.coverage import lanes, over
from layers.cartography.thin import read_path
from layers.kernels import finite, kernel

SMALL = 8.0  # features smaller than so many pixels have room in the window, with their outline
SIDE = 16  # of the window
FEW = 16  # rings up to so many vertices are never thinned: thinning would eat narrow houses
NEAR = 0.4  # pixels between kept vertices
BLUNT = 5e-4  # pixels by which edges are widened, so that none is upright

_NONE, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)


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
def add_line(rim, x, y, ux, uy, start, end, half, tall):
    """Add the cover of a line from x, y in a direction u, as far from there as `start` to `end`.

    Of a pixel it covers so much across and so much along, as if the pixel were turned as the line is.
    """
    y_end, beyond = y + end * uy, half + 0.8
    ux, uy, start, end = np.float32(ux), np.float32(uy), np.float32(start), np.float32(end)
    reach, most = np.float32(half + 0.5), np.float32(min(2.0 * half, 1.0))
    for row in range(max(int(min(y, y_end) - beyond), 0), min(int(max(y, y_end) + beyond) + 1, tall)):
        line, down = rim[row], np.float32(row + 0.5 - y)
        for column in range(SIDE):
            right = np.float32(column) + np.float32(0.5 - x)
            along, across = right * ux + down * uy, abs(down * ux - right * uy)
            share = max(min(along + _HALF, end) - max(along - _HALF, start), _NONE)
            line[column] += share * min(max(reach - across, _NONE), most)


@kernel
def direction(path, i, j):
    """The direction from one corner of a path to another, and how far it is."""
    dx, dy = path[j, 0] - path[i, 0], path[j, 1] - path[i, 1]
    length = max(math.sqrt(dx * dx + dy * dy), 1e-9)
    return dx / length, dy / length, length


@kernel
def add_outline(rim, path, n, half, tall):
    """Add the outline of a ring; at corners one line is longer by what the next one is shorter."""
    ux, uy, _ = direction(path, n - 1, 0)
    vx, vy, length = direction(path, 0, 1)
    before = half * abs(ux * vy - uy * vx)
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        wx, wy, next_length = direction(path, j, j + 1 if j + 1 < n else 0)
        after = half * abs(vx * wy - vy * wx)
        add_line(rim, path[i, 0], path[i, 1], vx, vy, before, length + after, half, tall)
        vx, vy, length, before = wx, wy, next_length, after


@kernel
def add_area(cover, xy, start, end, frame, sign):
    """Add the area of a ring, thinned to the pixel if it is long."""
    west, north, sx, sy = frame
    near = NEAR if end - start > FEW else 0.0
    x, y = (xy[start, 0] - west) * sx, (north - xy[start, 1]) * sy
    for i in range(start + 1, end):
        x_next, y_next = (xy[i, 0] - west) * sx, (north - xy[i, 1]) * sy
        if i == end - 1 or abs(x_next - x) + abs(y_next - y) >= near:
            add_right(cover, x, y, x_next, y_next, sign)
            x, y = x_next, y_next


@kernel
def lay_window(pixels, cover, rim, left, up, wide, tall, ink, edge_ink):
    """Turn cover into colour: the fill, even-odd, and over it the outline."""
    height, width = pixels.shape
    for row in range(max(-up, 0), min(tall, height - up)):
        for column in range(max(-left, 0), min(wide, width - left)):
            inside = abs(float(cover[row, column]))
            if inside > 1.0:
                inside = inside % 2.0
                inside = 2.0 - inside if inside > 1.0 else inside
            fill_weight = int(inside * 255.0 + 0.5)
            rim_weight = int(min(float(rim[row, column]), 1.0) * 255.0 + 0.5)
            if fill_weight | rim_weight:
                below = over(pixels[up + row, left + column], ink, fill_weight)
                pixels[up + row, left + column] = over(below, edge_ink, rim_weight)


@kernel
def lay_small(pixels, window, path, xy, rings, parts, first, last, box, frame, colour, edge, edge_width):
    """Fill and outline one feature; an edge of no width is none, a colour without alpha no fill."""
    west, north, sx, sy = frame
    half, reach = 0.5 * edge_width, edge_width + 1.0
    left, up = math.floor((box[0] - west) * sx - reach), math.floor((north - box[3]) * sy - reach)
    wide = min(math.ceil((box[2] - west) * sx + reach) - left, SIDE)
    tall = min(math.ceil((north - box[1]) * sy + reach) - up, SIDE)
    cover, rim = window[0], window[1]
    cover[:tall], rim[:tall] = _NONE, _NONE
    here = west + left / sx, north - up / sy, sx, sy
    several = parts[last] - parts[first] > 1
    for part in range(first, last):
        for ring in range(parts[part], parts[part + 1]):
            start, end, sign = rings[ring], rings[ring + 1], 1.0
            if several:  # shells add, holes take away: parts within one pixel must not cancel
                shell = ring == parts[part]
                sign = 1.0 if (ring_area(xy, start, end) > 0.0) == shell else -1.0
            if colour[3] > 0:
                add_area(cover, xy, start, end, here, sign)
            if edge_width > 0.0:
                n = read_path(path, xy, start, end, here, True, NEAR)
                if n > 1:
                    add_outline(rim, path, n, half, tall)
    lay_window(pixels, cover, rim, left, up, wide, tall, lanes(colour), lanes(edge))


@kernel
def ring_area(xy, start, end):
    """Twice the signed area of a ring in map units."""
    total = 0.0
    x0, y0 = xy[start, 0], xy[start, 1]
    for i in range(start + 1, end - 1):
        total += (xy[i, 0] - x0) * (xy[i + 1, 1] - y0) - (xy[i + 1, 0] - x0) * (xy[i, 1] - y0)
    return total

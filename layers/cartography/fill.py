"""Kernel: filled polygons, even-odd, with holes, hatches, and specks for what is about a pixel small."""

# mypy: disallow-untyped-defs=False

import math

from layers.cartography.coverage import add_edge, add_inside, blend, corner, lanes, sweep
from layers.cartography.small import FEW, NEAR, SMALL, lay_small, ring_area
from layers.kernels import kernel

SPECK = 1.5  # features smaller than so many pixels are laid down as boxes


@kernel
def add_seen(acc, lo, hi, x0, y0, x1, y1, sign):
    """Add an edge that lies within the buffer."""
    if y0 < y1:
        add_inside(acc, lo, hi, x0, y0, x1, y1, sign)
    elif y1 < y0:
        add_inside(acc, lo, hi, x1, y1, x0, y0, -sign)


@kernel
def add_ring(acc, lo, hi, xy, start, end, frame, sign, inside):
    """Add one ring, thinned to the pixel if it is long; `inside`: it lies within the buffer."""
    west, north, sx, sy = frame
    near = NEAR if end - start > FEW else 0.0
    x_first, y_first = (xy[start, 0] - west) * sx, (north - xy[start, 1]) * sy
    x, y = x_first, y_first
    for i in range(start + 1, end):
        x_next, y_next = (xy[i, 0] - west) * sx, (north - xy[i, 1]) * sy
        if abs(x_next - x) + abs(y_next - y) < near:
            continue
        if inside:
            add_seen(acc, lo, hi, x, y, x_next, y_next, sign)
        else:
            add_edge(acc, lo, hi, x, y, x_next, y_next, sign)
        x, y = x_next, y_next
    if inside:
        add_seen(acc, lo, hi, x, y, x_first, y_first, sign)
    else:
        add_edge(acc, lo, hi, x, y, x_first, y_first, sign)


@kernel
def lay_box(pixels, x0, y0, x1, y1, colour, density):
    """Lay a colour over a box of a few pixels, each as far as the box covers it, times `density`."""
    ink = lanes(colour)
    if colour[3] == 0 or density <= 0.0:
        return
    for row in range(max(int(y0), 0), min(math.ceil(y1), pixels.shape[0])):
        high = min(y1, row + 1.0) - max(y0, float(row))
        for column in range(max(int(x0), 0), min(math.ceil(x1), pixels.shape[1])):
            wide = min(x1, column + 1.0) - max(x0, float(column))
            weight = int(high * wide * density * 255.0 + 0.5)
            if weight > 0:
                blend(pixels, row, column, ink, min(weight, 255))


@kernel
def lay_speck(pixels, box, area, frame, colour, edge, edge_width):
    """A feature of about a pixel: its area spread over its box, and its outline over the box around that."""
    west, north, sx, sy = frame
    x0, y0, x1, y1 = (box[0] - west) * sx, (north - box[3]) * sy, (box[2] - west) * sx, (north - box[1]) * sy
    if x1 > x0 and y1 > y0:
        lay_box(pixels, x0, y0, x1, y1, colour, min(area * sx * sy / ((x1 - x0) * (y1 - y0)), 1.0))
    if edge_width > 0.0:
        length, half = 1.6 * ((x1 - x0) + (y1 - y0)), 0.5 * edge_width
        x0, y0, x1, y1 = x0 - half, y0 - half, x1 + half, y1 + half
        lay_box(pixels, x0, y0, x1, y1, edge, min(length * edge_width / ((x1 - x0) * (y1 - y0)), 0.85))


@kernel
def speck_chunk(pixels, boxes, rows, frame, colour, edge, edge_width):
    """Lay down some boxes as if their features filled half of them."""
    for i in rows:
        area = 0.5 * (boxes[i, 2] - boxes[i, 0]) * (boxes[i, 3] - boxes[i, 1])
        lay_speck(pixels, boxes[i], area, frame, colour, edge, edge_width)


@kernel
def fill_feature(
    pixels, acc, lo, hi, xy, rings, parts, first, last, box, frame, colour, pattern, tile, period
):  # fmt: skip
    """Fill one feature."""
    west, north, sx, sy = frame
    left, up, top, bottom, inside = corner(box, frame, 1.0, pixels.shape[0], pixels.shape[1])
    here = west + left / sx, north - up / sy, sx, sy
    several = parts[last] - parts[first] > 1
    for part in range(first, last):
        for ring in range(parts[part], parts[part + 1]):
            start, end = rings[ring], rings[ring + 1]
            sign = 1.0
            if several:  # shells add, holes take away: parts within one pixel must not cancel
                shell = ring == parts[part]
                sign = 1.0 if (ring_area(xy, start, end) > 0.0) == shell else -1.0
            add_ring(acc, lo, hi, xy, start, end, here, sign, inside)
    sweep(pixels, acc, lo, hi, left, up, top, bottom, True, colour, pattern, tile, period)


@kernel
def is_smaller(box, frame, pixels):
    """Whether a box is smaller than so many pixels."""
    return (box[2] - box[0]) * frame[2] < pixels and (box[3] - box[1]) * frame[3] < pixels


@kernel
def fill_chunk(
    pixels, acc, lo, hi, window, path, xy, rings, parts, firsts, lasts, boxes, areas, rows, classes, frame,
    colours, patterns, tiles, periods, edges, edge_widths, small, clear,
):  # fmt: skip
    """Fill some polygon features, each in the colour and hatch of its class; class -1 is not drawn.

    Those smaller than `small` of their class get their outlines at once. `clear` is a colour without alpha.
    """
    for feature in rows:
        k = classes[feature]
        if k < 0:
            continue
        box, first, last = boxes[feature], firsts[feature], lasts[feature]
        if is_smaller(box, frame, SPECK):
            lay_speck(pixels, box, areas[feature], frame, colours[k], edges[k], edge_widths[k])
            continue
        is_small = is_smaller(box, frame, SMALL)
        is_plain = is_small and not periods[k]
        if not is_plain and (colours[k, 3] or periods[k]):
            fill_feature(
                pixels, acc, lo, hi, xy, rings, parts, first, last, box, frame,
                colours[k], patterns[k], tiles[k], periods[k],
            )  # fmt: skip
        edge_width = edge_widths[k] if is_small and small[k] else 0.0
        if is_plain or edge_width > 0.0:
            colour = colours[k] if is_plain else clear
            lay_small(
                pixels, window, path, xy, rings, parts, first, last, box, frame, colour, edges[k], edge_width
            )  # fmt: skip

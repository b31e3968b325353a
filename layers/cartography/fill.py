"""Kernel: filled polygons, even-odd, with holes, hatches, and dots for what is smaller than a pixel."""

# mypy: disallow-untyped-defs=False

from layers.cartography.coverage import add_edge, blend, kernel, sweep

FEW = 16  # rings up to so many vertices are never thinned: thinning would eat narrow houses
NEAR = 0.4  # pixels between kept vertices
DOT = 1.0  # features smaller than so many pixels become dots


@kernel
def ring_area(xy, start, end):
    """Twice the signed area of a ring in map units."""
    total = 0.0
    x0, y0 = xy[start, 0], xy[start, 1]
    for i in range(start + 1, end - 1):
        total += (xy[i, 0] - x0) * (xy[i + 1, 1] - y0) - (xy[i + 1, 0] - x0) * (xy[i, 1] - y0)
    return total


@kernel
def add_ring(acc, lo, hi, xy, start, end, frame, sign):
    """Add one ring, thinned to the pixel if it is long."""
    west, north, sx, sy = frame
    near = NEAR if end - start > FEW else 0.0
    x_first, y_first = (xy[start, 0] - west) * sx, (north - xy[start, 1]) * sy
    x, y = x_first, y_first
    for i in range(start + 1, end):
        x_next, y_next = (xy[i, 0] - west) * sx, (north - xy[i, 1]) * sy
        if abs(x_next - x) + abs(y_next - y) < near:
            continue
        add_edge(acc, lo, hi, x, y, x_next, y_next, sign)
        x, y = x_next, y_next
    add_edge(acc, lo, hi, x, y, x_first, y_first, sign)


@kernel
def draw_dot(image, xy, rings, parts, first, last, box, frame, colour, edge, edge_width):
    """A feature smaller than a pixel: its area, and the outer half of its outline, as cover of one pixel."""
    west, north, sx, sy = frame
    column = int(((box[0] + box[2]) * 0.5 - west) * sx)
    row = int((north - (box[1] + box[3]) * 0.5) * sy)
    if not (0 <= row < image.shape[0] and 0 <= column < image.shape[1]):
        return
    area = 0.0
    for part in range(first, last):
        for ring in range(parts[part], parts[part + 1]):
            size = abs(ring_area(xy, rings[ring], rings[ring + 1]))
            area += size if ring == parts[part] else -size
    outline = ((box[2] - box[0]) * sx + (box[3] - box[1]) * sy) * edge_width
    blend(image, row, column, colour, min(int(0.5 * area * sx * sy * 255.0 + 0.5), 255))
    blend(image, row, column, edge, min(int(outline * 255.0 + 0.5), 255))


@kernel
def fill_chunk(
    image, acc, lo, hi, xy, rings, parts, features, boxes, rows, classes, frame,
    colours, patterns, tiles, periods, edges, edge_widths,
):  # fmt: skip
    """Fill some polygon features, each in the colour and hatch of its class; class -1 is not drawn."""
    _, north, sx, sy = frame
    for feature in rows:
        k = classes[feature]
        if k < 0:
            continue
        box = boxes[feature]
        first, last = features[feature], features[feature + 1]
        if (box[2] - box[0]) * sx < DOT and (box[3] - box[1]) * sy < DOT:
            draw_dot(image, xy, rings, parts, first, last, box, frame, colours[k], edges[k], edge_widths[k])
            continue
        if colours[k, 3] == 0 and periods[k] == 0:
            continue
        several = parts[last] - parts[first] > 1
        for part in range(first, last):
            for ring in range(parts[part], parts[part + 1]):
                start, end = rings[ring], rings[ring + 1]
                sign = 1.0
                if several:  # shells add, holes take away: parts within one pixel must not cancel
                    shell = ring == parts[part]
                    sign = 1.0 if (ring_area(xy, start, end) > 0.0) == shell else -1.0
                add_ring(acc, lo, hi, xy, start, end, frame, sign)
        top = int(min(max((north - box[3]) * sy - 1.0, 0.0), image.shape[0]))
        bottom = int(min(max((north - box[1]) * sy + 2.0, 0.0), image.shape[0]))
        sweep(image, acc, lo, hi, top, bottom, True, colours[k], patterns[k], tiles[k], periods[k])

"""Kernel: strokes with width, dashes, caps and joins."""

# mypy: disallow-untyped-defs=False

import math

from layers.cartography.coverage import add_edge, corner, sweep
from layers.cartography.fill import SPECK, is_smaller
from layers.cartography.small import NEAR
from layers.cartography.thin import THIN, add_thin_path, ground_of, read_path, sweep_touched
from layers.kernels import kernel

MITER_LIMIT = 4.0
GENTLE = 0.94  # cosine of 20°
BUTT, ROUND, SQUARE = 0, 1, 2
MITER_JOIN, ROUND_JOIN, BEVEL_JOIN = 0, 1, 2


@kernel
def add_fan(acc, lo, hi, x, y, ax, ay, bx, by, radius):
    """A sector of the circle around x, y from offset a to offset b, the short way round."""
    angle = math.atan2(ax * by - ay * bx, ax * bx + ay * by)
    steps = max(math.ceil(abs(angle) / (2.0 * math.acos(max(1.0 - 0.03 / radius, 0.3)))), 1)
    sign = -1.0 if angle > 0.0 else 1.0
    px, py = x + ax, y + ay
    add_edge(acc, lo, hi, x, y, px, py, sign)
    for step in range(1, steps + 1):
        c, s = math.cos(angle * step / steps), math.sin(angle * step / steps)
        qx, qy = x + ax * c - ay * s, y + ax * s + ay * c
        add_edge(acc, lo, hi, px, py, qx, qy, sign)
        px, py = qx, qy
    add_edge(acc, lo, hi, px, py, x, y, sign)


@kernel
def add_cap(acc, lo, hi, x, y, nx, ny, half):
    """Half a disc from the left normal n over the front to -n."""
    add_fan(acc, lo, hi, x, y, nx, ny, ny, -nx, half)
    add_fan(acc, lo, hi, x, y, ny, -nx, -nx, -ny, half)


@kernel
def add_join(acc, lo, hi, x, y, ax, ay, bx, by, half, join):
    """Fill the gap at the outer side of a bend; a, b are the left normals of the two segments."""
    cross, dot = ax * by - ay * bx, ax * bx + ay * by
    square = half * half
    if abs(cross) < 1e-9 * square:
        if dot < 0.0 and join == ROUND_JOIN:
            add_cap(acc, lo, hi, x, y, ax, ay, half)
        return
    side = -1.0 if cross > 0.0 else 1.0
    ax, ay, bx, by = side * ax, side * ay, side * bx, side * by
    if join == ROUND_JOIN and half > 0.6:
        add_fan(acc, lo, hi, x, y, ax, ay, bx, by, half)
        return
    add_edge(acc, lo, hi, x, y, x + ax, y + ay, side)
    # the mitre is as long as half / cos(bend / 2), and cos²(bend / 2) = (1 + dot / square) / 2
    if join == MITER_JOIN and 2.0 * square <= MITER_LIMIT * MITER_LIMIT * (square + dot):
        scale = square / (square + dot)
        mx, my = x + (ax + bx) * scale, y + (ay + by) * scale
        add_edge(acc, lo, hi, x + ax, y + ay, mx, my, side)
        add_edge(acc, lo, hi, mx, my, x + bx, y + by, side)
    else:
        add_edge(acc, lo, hi, x + ax, y + ay, x + bx, y + by, side)
    add_edge(acc, lo, hi, x + bx, y + by, x, y, side)


@kernel
def add_piece(acc, lo, hi, x0, y0, x1, y1, start, end, starts, ends):
    """Add the stroke of a segment; `start` and `end` lead from its ends to its left edge.

    Where it `starts` or `ends` it is closed across; elsewhere the next one goes on from the same points.
    """
    sx, sy = start
    ex, ey = end
    add_edge(acc, lo, hi, x0 + sx, y0 + sy, x1 + ex, y1 + ey, 1.0)
    add_edge(acc, lo, hi, x1 - ex, y1 - ey, x0 - sx, y0 - sy, 1.0)
    if starts:
        add_edge(acc, lo, hi, x0 - sx, y0 - sy, x0 + sx, y0 + sy, 1.0)
    if ends:
        add_edge(acc, lo, hi, x1 + ex, y1 + ey, x1 - ex, y1 - ey, 1.0)


@kernel
def add_path(acc, lo, hi, path, n, closed, half, cap, join):
    """Add the stroke of a path: its two edges, joins where it bends, caps at open ends.

    At gentle bends (`GENTLE`) both edges go on along the mitre, whatever the join: nobody sees it.
    """
    reach, square = MITER_LIMIT * half + 1.0, half * half
    right, bottom = acc.shape[1] - 2.0 + reach, acc.shape[0] + reach
    fx, fy, from_start, waits, starts = 0.0, 0.0, False, False, True
    px0, py0, px1, py1, plength, start, normal = 0.0, 0.0, 0.0, 0.0, 0.0, (0.0, 0.0), (0.0, 0.0)
    for i in range(n if closed else n - 1):
        x0, y0 = path[i, 0], path[i, 1]
        j = i + 1 if i + 1 < n else 0
        x1, y1 = path[j, 0], path[j, 1]
        length = math.hypot(x1 - x0, y1 - y0)
        if length == 0.0:
            continue
        if max(x0, x1) < -reach or min(x0, x1) > right or max(y0, y1) < -reach or min(y0, y1) > bottom:
            if waits:
                add_piece(acc, lo, hi, px0, py0, px1, py1, start, normal, starts, True)
            waits = False
            continue
        nx, ny = -(y1 - y0) / length * half, (x1 - x0) / length * half
        at_start, at_end = not closed and i == 0, not closed and i == n - 2
        goes_on = False
        if waits:
            dot = normal[0] * nx + normal[1] * ny
            goes_on = dot > GENTLE * square and min(length, plength) > 0.4 * half
            if goes_on:
                scale = square / (square + dot)
                bend = ((normal[0] + nx) * scale, (normal[1] + ny) * scale)
                add_piece(acc, lo, hi, px0, py0, px1, py1, start, bend, starts, False)
                start, starts = bend, False
            else:
                add_piece(acc, lo, hi, px0, py0, px1, py1, start, normal, starts, True)
                add_join(acc, lo, hi, x0, y0, normal[0], normal[1], nx, ny, half, join)
        if not goes_on:
            start, starts = (nx, ny), True
        if i == 0:
            fx, fy, from_start = nx, ny, True
        if cap == ROUND and at_start:
            add_cap(acc, lo, hi, x0, y0, -nx, -ny, half)
        if cap == ROUND and at_end:
            add_cap(acc, lo, hi, x1, y1, nx, ny, half)
        if cap == SQUARE and at_start:
            x0, y0 = x0 - ny, y0 + nx
        if cap == SQUARE and at_end:
            x1, y1 = x1 + ny, y1 - nx
        px0, py0, px1, py1, plength, normal, waits = x0, y0, x1, y1, length, (nx, ny), True
    if waits:
        add_piece(acc, lo, hi, px0, py0, px1, py1, start, normal, starts, True)
        if closed and from_start:
            add_join(acc, lo, hi, path[0, 0], path[0, 1], normal[0], normal[1], fx, fy, half, join)


@kernel
def visible_share(x0, y0, x1, y1, west, north, east, south):
    """The share of a segment within a box as (from, to); from > to if it misses it."""
    t0, t1 = 0.0, 1.0
    for p, q in (
        (x0 - x1, x0 - west), (x1 - x0, east - x0), (y0 - y1, y0 - north), (y1 - y0, south - y0)
    ):  # fmt: skip
        if p == 0.0:
            if q < 0.0:
                return 1.0, 0.0
        elif p < 0.0:
            t0 = max(t0, q / p)
        else:
            t1 = min(t1, q / p)
    return t0, t1


@kernel
def lay_path(ground, acc, lo, hi, noted, path, n, closed, half, cap, join):
    """Add the stroke of a path: thin lines as cover, others as signed area; returns the pixels noted."""
    if 2.0 * half <= THIN:
        return add_thin_path(ground, noted, path, n, closed, half, cap)
    add_path(acc, lo, hi, path, n, closed, half, cap, join)
    return noted


@kernel
def add_dashes(ground, acc, lo, hi, noted, path, n, closed, half, cap, join, dash, piece):
    """Add the dashes of a path; what lies out of view is stepped over, not walked."""
    reach = half + 2.0
    right, bottom = acc.shape[1] - 2.0 + reach, acc.shape[0] + reach
    period, at, m = dash.sum(), 0.0, 0
    for i in range(n if closed else n - 1):
        x0, y0 = path[i, 0], path[i, 1]
        x1, y1 = path[(i + 1) % n, 0], path[(i + 1) % n, 1]
        length = math.hypot(x1 - x0, y1 - y0)
        t0, t1 = visible_share(x0, y0, x1, y1, -reach, -reach, right, bottom)
        walked, goal = t0 * length, t1 * length
        if m and (t0 > 0.0 or t0 > t1):
            noted = lay_path(ground, acc, lo, hi, noted, piece, m, False, half, cap, join)
            m = 0
        while length > 0.0 and walked < goal:
            phase = (at + walked) % period
            k = 0
            while k < len(dash) - 1 and phase >= dash[k]:
                phase -= dash[k]
                k += 1
            step = min(max(dash[k] - phase, 1e-3), goal - walked)
            if k % 2 == 0:
                if m == 0:
                    piece[0, 0] = x0 + (x1 - x0) * walked / length
                    piece[0, 1] = y0 + (y1 - y0) * walked / length
                    m = 1
                walked += step
                piece[m, 0] = x0 + (x1 - x0) * walked / length
                piece[m, 1] = y0 + (y1 - y0) * walked / length
                m += 1
            else:
                if m:
                    noted = lay_path(ground, acc, lo, hi, noted, piece, m, False, half, cap, join)
                    m = 0
                walked += step
        at += length
    if m:
        noted = lay_path(ground, acc, lo, hi, noted, piece, m, False, half, cap, join)
    return noted


@kernel
def stroke_chunk(
    pixels, acc, lo, hi, line, sums, touched, xy, runs, firsts, lasts, boxes, rows, classes, frame, closed,
    path, piece, colours, widths, caps, joins, dashes, dash_counts, small, plain,
):  # fmt: skip
    """Stroke some features along their paths (rings or parts); laid down once, whatever it crosses.

    `line` and `sums` are the pixels and the buffer, each as one row; `plain` is the tile of no hatch.
    """
    west, north, sx, sy = frame
    for feature in rows:
        k = classes[feature]
        if k < 0 or widths[k] <= 0.0 or colours[k, 3] == 0:
            continue
        box = boxes[feature]
        if closed and is_smaller(box, frame, max(SPECK, small[k])):
            continue  # laid down with its fill
        half = 0.5 * widths[k]
        reach, noted = MITER_LIMIT * half + 2.0, 0
        left, up, top, bottom, _ = corner(box, frame, reach, pixels.shape[0], pixels.shape[1])
        here = west + left / sx, north - up / sy, sx, sy
        ground = ground_of(pixels, line, sums, touched, left, up, colours[k])
        for run in range(firsts[feature], lasts[feature]):
            n = read_path(path, xy, runs[run], runs[run + 1], here, closed, NEAR)
            if n < 2:
                continue
            if dash_counts[k]:
                dash = dashes[k, : dash_counts[k]]
                noted = add_dashes(
                    ground, acc, lo, hi, noted, path, n, closed, half, caps[k], joins[k], dash, piece
                )  # fmt: skip
            else:
                noted = lay_path(ground, acc, lo, hi, noted, path, n, closed, half, caps[k], joins[k])
        if widths[k] <= THIN:
            sweep_touched(ground, noted)
        else:
            sweep(
                pixels, acc, lo, hi, left, up, top, bottom, False, colours[k], colours[k], plain, 0
            )  # fmt: skip

"""Kernel: lines no wider than a pixel and a half, laid down column by column, or row by row.

The method of Gupta & Sproull (1981) with a box for a filter: across its steeper axis a line covers a span
of each pixel column (or row). A bend from one axis to the other lengthens the segment before it by half the
width and shortens the one after it as much, so that corners are full and nothing is counted twice.
"""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.cartography.coverage import alpha_of, laid, lanes, over
from layers.kernels import kernel

THIN = 1.6  # pixels
FAR = 1 << 20  # pixels: more than any view has
SHARP = 0.1  # squared cosine of the angle below which two segments lie over each other for long
BEND = 0.5  # change of slope up to which a line goes on from segment to segment


@kernel
def read_path(path, xy, start, end, frame, closed, near):
    """Put one part into `path` in pixels, vertices nearer than `near` left out; return their number."""
    west, north, sx, sy = frame
    n = 0
    for i in range(start, end):
        x, y = (xy[i, 0] - west) * sx, (north - xy[i, 1]) * sy
        if n and abs(x - path[n - 1, 0]) + abs(y - path[n - 1, 1]) < near:
            if i < end - 1 or closed or (n == 1 and x == path[0, 0] and y == path[0, 1]):
                continue
            n -= n > 1  # an open path ends where it ends
        path[n, 0], path[n, 1] = x, y
        n += 1
    if closed and n > 1 and abs(path[0, 0] - path[n - 1, 0]) + abs(path[0, 1] - path[n - 1, 1]) < near:
        n -= 1
    return n


ONE = 1 << 32
"""A pixel, in numbers with 32 binary places."""


@kernel
def lay_straight(ground, first, last, is_flat, middle, slope, wide):
    """Lay an opaque ink on columns (or rows) first..last of a segment, which it crosses from end to end.

    `middle` is where the span begins in the middle of the first of them.
    """
    pixels, _, _, width, _, left, up, ink = ground
    along, across = (1, width) if is_flat else (width, 1)
    step, span, apart = int(slope * ONE), int(wide * ONE), int(0.5 * abs(slope) * ONE)
    one, start = math.floor(middle * ONE) - apart // 2, up * width + left
    most = ((span + apart) >> 32) + 2
    for at in range(first, last + 1):
        edge, before = ((one >> 32) + 1) << 32, 0
        place = np.uint64(start + at * along + (one >> 32) * across)
        for _ in range(most):
            reached = min(edge - one, span) + min(max(edge - one - apart, 0), span)
            weight = ((reached - before) * 255 + ONE) >> 33
            pixels[place] = laid(pixels[place], ink, weight, 255 - weight)
            before, edge, place = reached, edge + ONE, np.uint64(place + np.uint64(across))
        one += step


@kernel
def between(top, slope, least, most):
    """The first and the last column in whose middle ``top + x * slope`` is within least..most."""
    if abs(slope) < 1e-9:
        return (-FAR, FAR) if least <= top <= most else (FAR, -FAR)
    one, other = (least - top) / slope - 0.5, (most - top) / slope - 0.5
    first, last = max(min(one, other), -float(FAR)), min(max(one, other), float(FAR))
    return math.ceil(first), math.floor(last)


@kernel
def add_thin(ground, noted, x0, y0, x1, y1, half, before, after, shared_before, shared_after):
    """Add a segment, longer by `before` at its start and by `after` at its end along its longer axis.

    In each column (or row) it covers the mean of two spans, a quarter before and behind the middle. `ground`
    is the pixels and the buffer, each as one row, their height and width, `touched`, the left and upper
    pixel, and the ink. Cover adds up in the buffer; pixels that nothing had covered before are noted in
    `touched`, row and column, 16 bits each; returns how many are noted. `shared_before` and `shared_after`
    are the columns (or rows) at its ends to which its neighbours add too: an opaque ink goes straight to the
    pixels between them. Where none is shared, the column belongs to the segment that crosses its middle.
    """
    _, acc, height, width, touched, _, _, ink = ground
    most_across, most_along = height, width
    stride, is_flat = width + 2, abs(x1 - x0) >= abs(y1 - y0)
    if not is_flat:
        x0, y0, x1, y1 = y0, x0, y1, x1
        most_along, most_across = most_across, most_along
    if x1 < x0:
        x0, y0, x1, y1, before, after = x1, y1, x0, y0, after, before
        shared_before, shared_after = shared_after, shared_before
    start = x0 - before if shared_before else float(math.floor(x0 + 0.5))
    end = x1 + after if shared_after else float(math.floor(x1 + 0.5))
    start, end = max(start, 0.0), min(end, float(most_along))
    if end <= start or x1 <= x0:
        return noted
    slope = (y1 - y0) / (x1 - x0)
    wide = 2.0 * half * math.sqrt(1.0 + slope * slope)
    most = int(wide + 0.5 * abs(slope)) + 2
    top = y0 - x0 * slope - 0.5 * wide
    first_along, last_along = int(start), math.ceil(end) - 1
    first_own, last_own = first_along + shared_before, last_along - shared_after
    if min(y0, y1) < most + 2.0 or max(y0, y1) > most_across - most - 2.0:
        first_seen, last_seen = between(top, slope, -most, most_across + 1.0)
        first_along, last_along = max(first_along, first_seen), min(last_along, last_seen)
        first_in, last_in = between(top, slope, 2.0, most_across - most - 2.0)
        first_own, last_own = max(first_own, first_in), min(last_own, last_in)
    if first_own <= last_own and alpha_of(ink) == 255:
        lay_straight(ground, first_own, last_own, is_flat, top + (first_own + 0.5) * slope, slope, wide)
    else:
        first_own, last_own = last_along + 1, last_along
    at = first_along
    while at <= last_along:
        if at == first_own:
            at = last_own + 1
            continue
        near_end, far_end = max(start, float(at)), min(end, at + 1.0)
        share = 0.5 * (far_end - near_end)
        middle = y0 + (0.5 * (near_end + far_end) - x0) * slope - 0.5 * wide
        turn = 0.5 * share * abs(slope)
        one, two = middle - turn, middle + turn
        first = max(math.floor(one), 0)
        reached = min(max(first - one, 0.0), wide) + min(max(first - two, 0.0), wide)
        for pixel in range(first, min(first + most, most_across)):
            then = reached
            reached = min(max(pixel + 1.0 - one, 0.0), wide) + min(max(pixel + 1.0 - two, 0.0), wide)
            row, column = (pixel, at) if is_flat else (at, pixel)
            before_sum = acc[row * stride + column]
            acc[row * stride + column] = before_sum + share * (reached - then)
            touched[noted] = row << 16 | column
            noted += (before_sum == 0.0) & (reached > then)
        at += 1
    return noted


@kernel
def joint(ax, ay, bx, by):
    """How segments of directions a and b meet: columns (or rows) both add to, and whether the axis turns."""
    was_flat = abs(ax) >= abs(ay)
    turns = was_flat != (abs(bx) >= abs(by))
    dot = ax * bx + ay * by
    if dot < 0.0 and dot * dot > SHARP * (ax * ax + ay * ay) * (bx * bx + by * by):
        return FAR, turns
    if turns:
        return 2, turns
    along = ax * bx if was_flat else ay * by
    return 0 if abs(ax * by - ay * bx) <= BEND * along else 1, turns


@kernel
def add_thin_path(ground, noted, path, n, closed, half, cap):
    """Add a path; the corners of a closed one are all alike, an open one is longer by its caps.

    `noted`, and what is returned: as of `add_thin`.
    """
    count = n if closed else n - 1
    right, bottom = ground[3] + half, ground[2] + half
    is_opaque = alpha_of(ground[7]) == 255
    shared_before, turned, is_known = 1, False, not closed
    for i in range(count):
        j = i + 1 if i + 1 < n else 0
        x0, y0, x1, y1 = path[i, 0], path[i, 1], path[j, 0], path[j, 1]
        if max(x0, x1) <= -half or min(x0, x1) >= right or max(y0, y1) <= -half or min(y0, y1) >= bottom:
            is_known = False
            continue
        if not is_known:
            h = i - 1 if i else n - 1
            shared_before, turned = joint(x0 - path[h, 0], y0 - path[h, 1], x1 - x0, y1 - y0)
        shared_after, turns = 1, False
        ends = not closed and i == count - 1
        if not ends:
            k = j + 1 if j + 1 < n else 0
            shared_after, turns = joint(x1 - x0, y1 - y0, path[k, 0] - x1, path[k, 1] - y1)
        before, after = -half if turned else 0.0, half if turns else 0.0
        if cap and not closed and (i == 0 or ends):
            wide, high = abs(x1 - x0), abs(y1 - y0)
            reach = half * max(wide, high) / max(math.hypot(wide, high), 1e-9)
            before, after = reach if i == 0 else before, reach if ends else after
        one, other = (shared_before, shared_after) if is_opaque else (FAR, FAR)
        noted = add_thin(ground, noted, x0, y0, x1, y1, half, before, after, one, other)
        shared_before, turned, is_known = shared_after, turns, True
    return noted


@kernel
def sweep_touched(ground, noted):
    """Turn the cover of the noted pixels into colour, and clear it."""
    pixels, acc, _, width, touched, left, up, ink = ground
    for i in range(noted):
        row, column = touched[i] >> 16, touched[i] & 0xFFFF
        at = np.uint64(row * (width + 2) + column)
        weight = min(int(acc[at] * 255.0 + 0.5), 255)
        acc[at] = 0.0
        if weight:
            place = np.uint64((up + row) * width + left + column)
            pixels[place] = over(pixels[place], ink, weight)


@kernel
def ground_of(pixels, line, sums, touched, left, up, colour):
    """What thin lines are drawn on: pixels and buffer as one row each, their size, and the ink."""
    height, width = pixels.shape
    return line, sums, height, width, touched, left, up, lanes(colour)

"""Kernel: lines no wider than a pixel and a half, laid down column by column, or row by row.

The method of Gupta & Sproull (1981) with a box for a filter: across its steeper axis a line covers a span
of each pixel column (or row). A bend from one axis to the other lengthens the segment before it by half the
width and shortens the one after it as much, so that corners are full and nothing is counted twice.
"""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.cartography.coverage import alpha_of, laid, lanes
from layers.kernels import kernel

THIN = 1.6  # pixels
FAR = 1 << 20  # pixels: more than any view has


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
def add_thin(ground, noted, x0, y0, x1, y1, half, before, after, shared_before, shared_after):
    """Add a segment, longer by `before` at its start and by `after` at its end along its longer axis.

    In each column (or row) it covers the mean of two spans, a quarter before and behind the middle. `ground`
    is the pixels and the buffer, each as one row, their height and width, `touched`, the left and upper
    pixel, and the ink. Cover adds up in the buffer; pixels that nothing had covered before are noted in
    `touched`, row and column, 16 bits each; returns how many are noted. `shared_before` and `shared_after`
    are the columns (or rows) at its ends to which its neighbours add too: an opaque ink goes straight to the
    pixels between them.
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
    if x1 <= x0:
        return noted
    slope = (y1 - y0) / (x1 - x0)
    wide = 2.0 * half * math.sqrt(1.0 + slope * slope)
    start, end = max(x0 - before, 0.0), min(x1 + after, float(most_along))
    most = int(wide + 0.5 * abs(slope)) + 2
    first_along, last_along = int(start), min(int(end) + 1, most_along) - 1
    first_own, last_own = first_along + shared_before, last_along - shared_after
    middle = y0 + (first_own + 0.5 - x0) * slope - 0.5 * wide
    other = middle + (last_own - first_own) * slope
    is_inside = min(middle, other) >= 2.0 and max(middle, other) < most_across - most - 2.0
    if first_own <= last_own and is_inside and alpha_of(ink) == 255:
        lay_straight(ground, first_own, last_own, is_flat, middle, slope, wide)
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
        turn = 0.5 * share * slope
        one, other = middle - turn, middle + turn
        first = math.floor(min(one, other))
        for pixel in range(max(first, 0), min(first + most, most_across) if share > 0.0 else 0):
            near, far = float(pixel), pixel + 1.0
            cover = max(min(one + wide, far) - max(one, near), 0.0)
            cover += max(min(other + wide, far) - max(other, near), 0.0)
            row, column = (pixel, at) if is_flat else (at, pixel)
            before_sum = acc[row * stride + column]
            acc[row * stride + column] = before_sum + share * cover
            touched[noted] = row << 16 | column
            noted += (before_sum == 0.0) & (cover > 0.0)
        at += 1
    return noted


@kernel
def add_thin_path(ground, noted, path, n, closed, half, cap):
    """Add a path; the corners of a closed one are all alike, an open one is longer by its caps.

    `noted`, and what is returned: as of `add_thin`.
    """
    height, width = ground[2], ground[3]
    count = n if closed else n - 1
    right, bottom = width + half, height + half
    last = n - 1 if closed else 0
    was_flat = abs(path[0, 0] - path[last, 0]) >= abs(path[0, 1] - path[last, 1])
    for i in range(count):
        j = i + 1 if i + 1 < n else 0
        k = j + 1 if j + 1 < n else 0
        x0, y0, x1, y1 = path[i, 0], path[i, 1], path[j, 0], path[j, 1]
        wide, high = abs(x1 - x0), abs(y1 - y0)
        is_flat = wide >= high
        ends = not closed and i == count - 1
        turns = not ends and (abs(path[k, 0] - x1) >= abs(path[k, 1] - y1)) != is_flat
        turned = was_flat != is_flat and (closed or i > 0)
        was_flat = is_flat
        if max(x0, x1) < -half or min(x0, x1) > right or max(y0, y1) < -half or min(y0, y1) > bottom:
            continue
        before, after = -half if turned else 0.0, half if turns else 0.0
        if cap and not closed and (i == 0 or ends):
            reach = half * max(wide, high) / max(math.hypot(wide, high), 1e-9)
            before, after = reach if i == 0 else before, reach if ends else after
        alone = not closed
        if alone and i > 0:
            alone = (x0 - path[i - 1, 0]) * (x1 - x0) + (y0 - path[i - 1, 1]) * (y1 - y0) > 0.0
        if alone and not ends:
            alone = (path[k, 0] - x1) * (x1 - x0) + (path[k, 1] - y1) * (y1 - y0) > 0.0
        shared_before = 1 + turned if alone else FAR
        shared_after = 1 + turns if alone else FAR
        noted = add_thin(ground, noted, x0, y0, x1, y1, half, before, after, shared_before, shared_after)
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
            covered = alpha_of(ink) * weight + 128
            rest = 255 - ((covered + (covered >> 8)) >> 8)
            pixels[place] = laid(pixels[place], ink, weight, rest)


@kernel
def ground_of(pixels, acc, touched, left, up, colour):
    """What thin lines are drawn on: pixels and buffer as one row each, their size, and the ink."""
    height, width = pixels.shape
    return pixels.reshape(-1), acc.reshape(-1), height, width, touched, left, up, lanes(colour)

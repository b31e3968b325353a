"""Kernel: lines no wider than a pixel and a half, laid down column by column, or row by row.

The method of Gupta & Sproull (1981) with a box for a filter: across its steeper axis a line covers a span
of each pixel column (or row). A bend from one axis to the other lengthens the segment before it by half the
width and shortens the one after it as much, so that corners are full and nothing is counted twice.
"""

# mypy: disallow-untyped-defs=False

import math

from layers.cartography.coverage import blend, kernel

THIN = 1.6  # pixels


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


@kernel
def add_thin(ground, noted, x0, y0, x1, y1, half, before, after, alone):
    """Add a segment, longer by `before` at its start and by `after` at its end along its longer axis.

    In each column (or row) it covers the mean of two spans, a quarter before and behind the middle. `ground`
    is the pixels, the buffer as one row, `touched`, left and up as of `sweep`, and the ink. Cover
    adds up in the buffer; pixels that nothing had covered before are noted in `touched`, row and column, 16
    bits each; returns how many are noted. If the segment is `alone`, no other comes near but at its ends: an
    opaque ink goes straight to the pixels between them.
    """
    pixels, acc, touched, left, up, ink = ground
    most_across, most_along = pixels.shape
    stride, is_flat = most_along + 2, abs(x1 - x0) >= abs(y1 - y0)
    if not is_flat:
        x0, y0, x1, y1 = y0, x0, y1, x1
        most_along, most_across = most_across, most_along
    if x1 < x0:
        x0, y0, x1, y1, before, after = x1, y1, x0, y0, after, before
    if x1 <= x0:
        return noted
    slope = (y1 - y0) / (x1 - x0)
    wide = 2.0 * half * math.sqrt(1.0 + slope * slope)
    start, end = max(x0 - before, 0.0), min(x1 + after, float(most_along))
    most = int(wide + 0.5 * abs(slope)) + 2
    first_along, last_along = int(start), min(int(end) + 1, most_along) - 1
    alone = alone and ink[1] >> 16 == 255
    for at in range(first_along, last_along + 1):
        near_end, far_end = max(start, float(at)), min(end, at + 1.0)
        share = 0.5 * (far_end - near_end)
        if share <= 0.0:
            continue
        middle = y0 + (0.5 * (near_end + far_end) - x0) * slope - 0.5 * wide
        turn = 0.5 * share * slope
        one, other = middle - turn, middle + turn
        first = math.floor(min(one, other))
        straight = alone and first_along + 1 < at < last_along - 1
        for pixel in range(max(first, 0), min(first + most, most_across)):
            near, far = float(pixel), pixel + 1.0
            cover = max(min(one + wide, far) - max(one, near), 0.0)
            cover += max(min(other + wide, far) - max(other, near), 0.0)
            row, column = (pixel, at) if is_flat else (at, pixel)
            if straight:
                weight = min(int(share * cover * 255.0 + 0.5), 255)
                blend(pixels, up + row, left + column, ink[0], ink[1], weight)
            else:
                before_sum = acc[row * stride + column]
                acc[row * stride + column] = before_sum + share * cover
                touched[noted] = row << 16 | column
                noted += (before_sum == 0.0) & (cover > 0.0)
    return noted


@kernel
def add_thin_path(ground, noted, path, n, closed, half, cap):
    """Add a path; the corners of a closed one are all alike, an open one is longer by its caps.

    `noted`, and what is returned: as of `add_thin`.
    """
    height, width = ground[0].shape
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
        noted = add_thin(ground, noted, x0, y0, x1, y1, half, before, after, alone)
    return noted


@kernel
def sweep_touched(ground, noted):
    """Turn the cover of the noted pixels into colour, and clear it."""
    pixels, acc, touched, left, up, ink = ground
    stride = pixels.shape[1] + 2
    red_blue, green_alpha = ink
    for i in range(noted):
        row, column = touched[i] >> 16, touched[i] & 0xFFFF
        weight = min(int(acc[row * stride + column] * 255.0 + 0.5), 255)
        acc[row * stride + column] = 0.0
        if weight:
            blend(pixels, up + row, left + column, red_blue, green_alpha, weight)

"""Kernel: lines no wider than a pixel and a half, laid down column by column, or row by row.

The method of Gupta & Sproull (1981) with a box for a filter: across its steeper axis a line covers a span
of each pixel column (or row). A bend from one axis to the other lengthens the segment before it by half the
width and shortens the one after it as much, so that corners are full and nothing is counted twice.
"""

# mypy: disallow-untyped-defs=False

import math

from layers.cartography.coverage import blend, kernel, pairs

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
def add_thin(acc, touched, noted, height, width, x0, y0, x1, y1, half, before, after):
    """Add a segment, longer by `before` at its start and by `after` at its end along its longer axis.

    In each column (or row) it covers the mean of two spans, a quarter before and behind the middle. Pixels
    that nothing had covered before are noted in `touched`, row and column, 16 bits each; returns how many
    are noted.
    """
    along, across, step_along, step_across = 1, width + 2, 1, 65536
    most_along, most_across = width, height
    if abs(x1 - x0) < abs(y1 - y0):
        x0, y0, x1, y1 = y0, x0, y1, x1
        along, across, step_along, step_across = across, along, step_across, step_along
        most_along, most_across = most_across, most_along
    if x1 < x0:
        x0, y0, x1, y1, before, after = x1, y1, x0, y0, after, before
    if x1 <= x0:
        return noted
    slope = (y1 - y0) / (x1 - x0)
    wide = 2.0 * half * math.sqrt(1.0 + slope * slope)
    start, end = max(x0 - before, 0.0), min(x1 + after, float(most_along))
    most = int(wide + 0.5 * abs(slope)) + 2
    for at in range(int(start), min(int(end) + 1, most_along)):
        left, right = max(start, float(at)), min(end, at + 1.0)
        share = 0.5 * (right - left)
        if share <= 0.0:
            continue
        middle = y0 + (0.5 * (left + right) - x0) * slope - 0.5 * wide
        turn = 0.5 * share * slope
        one, other = middle - turn, middle + turn
        first = math.floor(min(one, other))
        for pixel in range(max(int(first), 0), min(int(first) + most, most_across)):
            near, far = float(pixel), pixel + 1.0
            cover = max(min(one + wide, far) - max(one, near), 0.0)
            cover += max(min(other + wide, far) - max(other, near), 0.0)
            index = at * along + pixel * across
            sum_before = acc[index]
            acc[index] = sum_before + share * cover
            touched[noted] = at * step_along + pixel * step_across
            noted += (sum_before == 0.0) & (cover > 0.0)
    return noted


@kernel
def add_thin_path(acc, touched, noted, height, width, path, n, closed, half, cap):
    """Add a path; the corners of a closed one are all alike, an open one is longer by its caps.

    `noted`, and what is returned: as of `add_thin`.
    """
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
        noted = add_thin(acc, touched, noted, height, width, x0, y0, x1, y1, half, before, after)
    return noted


@kernel
def sweep_touched(pixels, acc, touched, noted, left, up, colour):
    """Turn the cover of the noted pixels into colour, and clear it; left and up as of `sweep`."""
    stride = pixels.shape[1] + 2
    red_blue, green_alpha = pairs(colour)
    for i in range(noted):
        row, column = touched[i] >> 16, touched[i] & 0xFFFF
        weight = min(int(acc[row * stride + column] * 255.0 + 0.5), 255)
        acc[row * stride + column] = 0.0
        if weight:
            blend(pixels, up + row, left + column, red_blue, green_alpha, weight)

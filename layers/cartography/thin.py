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
def add_span(acc, touched, at, middle, half, weight, is_flat):
    """Add `weight` of what [middle - half, middle + half] covers of the pixels in a column, or in a row.

    The pixels that nothing had covered before are noted in `touched`, whose first number counts them.
    """
    height, width = acc.shape[0], acc.shape[1] - 2
    top, bottom = middle - half, middle + half
    most = height if is_flat else width
    if bottom <= 0.0 or top >= most:
        return
    first, last = int(max(top, 0.0)), min(int(bottom), most - 1)
    for pixel in range(first, last + 1):
        cover = weight * (min(bottom, pixel + 1.0) - max(top, float(pixel)))
        row, column = (pixel, at) if is_flat else (at, pixel)
        if acc[row, column] == 0.0 and cover > 0.0:
            touched[0] += 1
            touched[touched[0]] = row * width + column
        acc[row, column] += cover


@kernel
def add_thin(acc, touched, x0, y0, x1, y1, half, before, after):
    """Add a segment, longer by `before` at its start and by `after` at its end along its longer axis."""
    is_flat = abs(x1 - x0) >= abs(y1 - y0)
    if not is_flat:
        x0, y0, x1, y1 = y0, x0, y1, x1
    if x1 < x0:
        x0, y0, x1, y1, before, after = x1, y1, x0, y0, after, before
    if x1 <= x0:
        return
    slope = (y1 - y0) / (x1 - x0)
    half *= math.sqrt(1.0 + slope * slope)
    most = acc.shape[1] - 2 if is_flat else acc.shape[0]
    start, end = max(x0 - before, 0.0), min(x1 + after, float(most))
    for at in range(int(start), min(int(end) + 1, most)):
        left, right = max(start, float(at)), min(end, at + 1.0)
        share = right - left
        if share <= 0.0:
            continue
        middle = y0 + (0.5 * (left + right) - x0) * slope
        step = 0.25 * share * slope
        if abs(step) > 0.1875:
            add_span(acc, touched, at, middle - step, half, 0.5 * share, is_flat)
            add_span(acc, touched, at, middle + step, half, 0.5 * share, is_flat)
        else:
            add_span(acc, touched, at, middle, half, share, is_flat)


@kernel
def add_thin_path(acc, touched, path, n, closed, half, cap):
    """Add a path; the corners of a closed one are all alike, an open one is longer by its caps."""
    count = n if closed else n - 1
    right, bottom = acc.shape[1] - 2.0 + half, acc.shape[0] + half
    last = n - 1 if closed else 0
    was_flat = abs(path[0, 0] - path[last, 0]) >= abs(path[0, 1] - path[last, 1])
    for i in range(count):
        j = i + 1 if i + 1 < n else 0
        k = j + 1 if j + 1 < n else 0
        x0, y0, x1, y1 = path[i, 0], path[i, 1], path[j, 0], path[j, 1]
        width, height = abs(x1 - x0), abs(y1 - y0)
        is_flat = width >= height
        ends = not closed and i == count - 1
        turns = not ends and (abs(path[k, 0] - x1) >= abs(path[k, 1] - y1)) != is_flat
        turned = was_flat != is_flat and (closed or i > 0)
        was_flat = is_flat
        if max(x0, x1) < -half or min(x0, x1) > right or max(y0, y1) < -half or min(y0, y1) > bottom:
            continue
        before, after = -half if turned else 0.0, half if turns else 0.0
        if cap and not closed and (i == 0 or ends):
            reach = half * max(width, height) / max(math.hypot(width, height), 1e-9)
            before, after = reach if i == 0 else before, reach if ends else after
        add_thin(acc, touched, x0, y0, x1, y1, half, before, after)


@kernel
def sweep_touched(pixels, acc, touched, left, up, colour):
    """Turn the cover of the noted pixels into colour, and clear it; left and up as of `sweep`."""
    width = pixels.shape[1]
    red_blue, green_alpha = pairs(colour)
    for i in range(1, touched[0] + 1):
        row, column = touched[i] // width, touched[i] % width
        weight = min(int(acc[row, column] * 255.0 + 0.5), 255)
        acc[row, column] = 0.0
        if weight:
            blend(pixels, up + row, left + column, red_blue, green_alpha, weight)
    touched[0] = 0

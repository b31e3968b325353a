"""Exact pixel coverage: the heart of the drawing kernels.

Every edge adds its signed area to an accumulation buffer; the running sum along a row is the winding number
averaged over each pixel (the method of FreeType's *smooth* and of *font-rs*). Folding the sum gives even-odd
fills, clamping it gives strokes.

Pixel coordinates: x to the right, y down, float64, relative to the view's north-west corner. Images are
premultiplied RGBA, uint8, shape (height, width, 4). The buffer is two columns wider than the image; `lo` and
`hi` hold the touched columns of each row.
"""

# mypy: disallow-untyped-defs=False

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` on first use, without the GIL, and keep it in the disk cache."""
    compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    return compiled


@kernel
def add_inside(acc, lo, hi, x0, y0, x1, y1, sign):
    """Add an edge that lies within the buffer and runs downwards (y0 < y1)."""
    slope = (x1 - x0) / (y1 - y0)
    x = x0
    for row in range(int(y0), min(math.ceil(y1), acc.shape[0])):
        bottom = min(row + 1.0, y1)
        x_next = x1 if bottom == y1 else x0 + (bottom - y0) * slope
        cover = sign * (bottom - max(float(row), y0))
        left, right = min(x, x_next), max(x, x_next)
        first, last = int(left), math.ceil(right)
        if last <= first + 1:
            share = 0.5 * (left + right) - first
            acc[row, first] += cover * (1.0 - share)
            acc[row, first + 1] += cover * share
            last = first + 1
        else:
            per_pixel = cover / (right - left)
            head, tail = first + 1.0 - left, right - (last - 1.0)
            into_first = 0.5 * head * head * per_pixel
            into_last = 0.5 * tail * tail * per_pixel
            acc[row, first] += into_first
            if last == first + 2:
                acc[row, first + 1] += cover - into_first - into_last
            else:
                second = per_pixel * (head + 0.5)
                acc[row, first + 1] += second - into_first
                for column in range(first + 2, last - 1):
                    acc[row, column] += per_pixel
                acc[row, last - 1] += cover - second - (last - first - 3) * per_pixel - into_last
            acc[row, last] += into_last
        lo[row] = min(lo[row], first)
        hi[row] = max(hi[row], last)
        x = x_next


@kernel
def add_edge(acc, lo, hi, x0, y0, x1, y1, sign):
    """Add any edge; left of the view it counts in column 0, beyond the other sides it is lost."""
    height, width = float(acc.shape[0]), float(acc.shape[1] - 2)
    if y0 == y1:
        return
    if y0 > y1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -sign
    if not (y1 > 0.0 and y0 < height) or (x0 >= width and x1 >= width):
        return
    slope = (x1 - x0) / (y1 - y0)
    if y0 < 0.0:
        x0, y0 = x0 - y0 * slope, 0.0
    if y1 > height:
        x1, y1 = x0 + (height - y0) * slope, height
    if y1 <= y0:
        return
    if min(x0, x1) >= 0.0 and max(x0, x1) <= width:
        add_inside(acc, lo, hi, x0, y0, x1, y1, sign)
        return
    at_left = y0 - x0 / slope if slope != 0.0 else y1
    at_right = y0 + (width - x0) / slope if slope != 0.0 else y1
    start = y0
    for cut in (min(at_left, at_right), max(at_left, at_right), y1):
        end = min(max(cut, start), y1)
        if end > start:
            xa, xb = x0 + (start - y0) * slope, x0 + (end - y0) * slope
            if xa + xb <= 0.0:
                add_inside(acc, lo, hi, 0.0, start, 0.0, end, sign)
            elif xa + xb < 2.0 * width:
                xa, xb = min(max(xa, 0.0), width), min(max(xb, 0.0), width)
                add_inside(acc, lo, hi, xa, start, xb, end, sign)
        start = end


@kernel
def blend(image, row, column, colour, cover):
    """Lay a premultiplied colour, weighted with cover 0..255, over one pixel."""
    if cover <= 0:
        return
    alpha = colour[3] * cover
    rest = 65025 - alpha
    if rest == 0:
        image[row, column, 0] = colour[0]
        image[row, column, 1] = colour[1]
        image[row, column, 2] = colour[2]
        image[row, column, 3] = 255
        return
    for i in range(4):
        value = np.int64(colour[i]) * cover * 255 + np.int64(image[row, column, i]) * rest
        image[row, column, i] = (value + 32512) // 65025


@kernel
def sweep(image, acc, lo, hi, top, bottom, even_odd, colour, pattern, tile, period):
    """Turn the accumulated cover of rows top..bottom into colour and clear it for the next feature."""
    width = image.shape[1]
    for row in range(max(top, 0), min(bottom, image.shape[0])):
        first, last = lo[row], hi[row]
        lo[row], hi[row] = width + 2, -1
        if last < first:
            continue
        winding = 0.0
        for column in range(first, width):
            if column <= last:
                winding += acc[row, column]
                acc[row, column] = 0.0
            elif abs(winding) < 1e-3:
                break
            cover = abs(winding)
            if even_odd:
                cover = cover % 2.0
                cover = 2.0 - cover if cover > 1.0 else cover
            weight = min(int(cover * 255.0 + 0.5), 255)
            if weight:
                blend(image, row, column, colour, weight)
                if period:
                    inked = weight * tile[row % period, column % period]
                    blend(image, row, column, pattern, (inked + 127) // 255)
        acc[row, width] = 0.0
        acc[row, width + 1] = 0.0

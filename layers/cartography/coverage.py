"""Exact pixel coverage: the heart of the drawing kernels.

Every edge adds its signed area to an accumulation buffer; the running sum along a row is the winding number
averaged over each pixel (the method of FreeType's *smooth* and of *font-rs*). Folding the sum gives even-odd
fills, clamping it gives strokes.

Pixel coordinates: x to the right, y down, float64, relative to the view's north-west corner. Images are
premultiplied RGBA, seen here as one little-endian uint32 a pixel, shape (height, width). The buffer is two
columns wider than the image; `lo` and `hi` hold the touched columns of each row.
"""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.kernels import inlined, kernel


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


@inlined
def scaled(pair, weight):
    """Two channels of 8 bits, 16 apart, times weight / 255, rounded."""
    product = pair * weight + 0x800080
    return ((product + ((product >> 8) & 0xFF00FF)) >> 8) & 0xFF00FF


_BYTE, _WORD, _ALPHA = np.uint64(8), np.uint64(32), np.uint64(48)
_PAIR, _LANES = np.uint64(0xFF00FF), np.uint64(0xFF00FF00FF00FF)
_HALF = np.uint64(0x80008000800080)


@kernel
def lanes(colour):
    """A premultiplied colour as one unsigned number: red, blue, green and alpha in lanes of 16 bits."""
    low = np.int64(colour[0]) | np.int64(colour[2]) << 16
    return np.uint64(low | np.int64(colour[1]) << 32 | np.int64(colour[3]) << 48)


@inlined
def alpha_of(ink):
    """The alpha of a colour in lanes, 0..255."""
    return np.int64(ink >> _ALPHA)


@inlined
def laid(below, ink, cover, rest):
    """A pixel under an ink, as ``below * rest + ink * cover``; weights of 255, all channels at once.

    No lane overflows as long as ``alpha * cover + 255 * rest`` is 255² or rounded to it. All is unsigned: the
    compiler takes it that signed numbers never overflow.
    """
    pixel = np.uint64(below)
    spread = (pixel & _PAIR) | ((pixel >> _BYTE) & _PAIR) << _WORD
    product = spread * np.uint64(rest) + ink * np.uint64(cover) + _HALF
    product = ((product + ((product >> _BYTE) & _LANES)) >> _BYTE) & _LANES
    return np.uint32((product & _PAIR) | (product >> _WORD) << _BYTE)


@inlined
def over(below, ink, cover):
    """A pixel under an ink that is weighted with cover 0..255."""
    covered = alpha_of(ink) * cover + 128
    return laid(below, ink, cover, 255 - ((covered + (covered >> 8)) >> 8))


@inlined
def blend(pixels, row, column, ink, cover):
    """Lay a colour, weighted with cover 0..255, over one pixel."""
    pixels[row, column] = over(pixels[row, column], ink, cover)


@kernel
def corner(box, frame, reach, height, width):
    """The pixel from which a feature is accumulated, its rows in the buffer, and whether it is all in view.

    One that is all in view is accumulated in the buffer's corner, which stays in the processor's cache.
    """
    west, north, sx, sy = frame
    left, right = (box[0] - west) * sx - reach, (box[2] - west) * sx + reach
    top, bottom = (north - box[3]) * sy - reach, (north - box[1]) * sy + reach
    if left >= 0.0 and right < width and top >= 0.0 and bottom < height:
        return int(left), int(top), 0, int(bottom) + 1 - int(top), True
    return 0, 0, int(min(max(top, 0.0), height)), int(min(max(bottom + 1.0, 0.0), height)), False


@kernel
def sweep(pixels, acc, lo, hi, left, up, top, bottom, even_odd, colour, pattern, tile, period):
    """Turn the area in the buffer's rows top..bottom into colour, and clear it for the next feature.

    The buffer's corner is the pixel in column `left` and row `up`.
    """
    width = pixels.shape[1]
    ink, hatching = lanes(colour), lanes(pattern)
    solid = laid(0, ink, 255, 0)
    is_solid = colour[3] == 255 and not period
    for row in range(top, bottom):
        first, last = lo[row], hi[row]
        lo[row], hi[row] = width + 2, -1
        if last < first:
            continue
        winding, weight = np.float64(0.0), 0
        for column in range(first, width - left):
            step = acc[row, column] if column <= last else np.float32(0.0)
            if step != 0.0:
                acc[row, column] = 0.0
                winding += float(step)
                cover = abs(winding)
                if even_odd and cover > 1.0:
                    cover = cover % 2.0
                    cover = 2.0 - cover if cover > 1.0 else cover
                weight = min(int(cover * 255.0 + 0.5), 255)
            if weight == 0:
                if column > last:
                    break
            elif weight == 255 and is_solid:
                pixels[up + row, left + column] = solid
            else:
                blend(pixels, up + row, left + column, ink, weight)
                if period:
                    inked = (weight * tile[(up + row) % period, (left + column) % period] + 127) // 255
                    if inked:
                        blend(pixels, up + row, left + column, hatching, inked)
        acc[row, width] = 0.0
        acc[row, width + 1] = 0.0

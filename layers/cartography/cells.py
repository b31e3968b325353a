"""Kernels: grids, by classes or along a ramp; the cell under the centre of each pixel."""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.cartography.coverage import blend, kernel, pairs


@kernel
def lay(pixels, row, column, colour, cover):
    """Lay a colour over one pixel."""
    red_blue, green_alpha = pairs(colour)
    blend(pixels, row, column, red_blue, green_alpha, np.int64(cover))


@kernel
def cells_chunk(
    pixels, values, rows, columns, first, last, lower, upper, colours, patterns, tiles, periods
):  # fmt: skip
    """Colour pixel rows first..last by the class of the cell under each pixel; the last class is no data."""
    missing = len(lower)
    for y in range(first, last):
        if rows[y] < 0:
            continue
        for x in range(len(columns)):
            if columns[x] < 0:
                continue
            value = values[rows[y], columns[x]]
            k = missing
            for i in range(missing):
                if lower[i] <= value < upper[i]:
                    k = i
                    break
            lay(pixels, y, x, colours[k], 255)
            if periods[k]:
                lay(pixels, y, x, patterns[k], tiles[k, y % periods[k], x % periods[k]])


@kernel
def ramp_chunk(pixels, values, rows, columns, first, last, lower, upper, colours):
    """Colour pixel rows first..last along a ramp; the last colour is no data."""
    steps = len(colours) - 1
    scale = steps / (upper - lower)
    for y in range(first, last):
        if rows[y] < 0:
            continue
        for x in range(len(columns)):
            if columns[x] < 0:
                continue
            value = values[rows[y], columns[x]]
            if math.isnan(value):
                lay(pixels, y, x, colours[steps], 255)
            else:
                k = int(min(max((value - lower) * scale, 0.0), steps - 1.0))
                lay(pixels, y, x, colours[k], 255)

"""Kernels: grids, by classes or along a ramp; the cell under the centre of each pixel."""

# mypy: disallow-untyped-defs=False

import math

import numpy as np

from layers.cartography.coverage import blend, lanes
from layers.kernels import kernel


@kernel
def lay(pixels, row, column, colour, cover):
    """Lay a colour over one pixel."""
    blend(pixels, row, column, lanes(colour), np.int64(cover))


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
def height_beside(values, row, column, down, right):
    """The value of a neighbour, or of the cell itself where there is none."""
    r = min(max(row + down, 0), values.shape[0] - 1)
    c = min(max(column + right, 0), values.shape[1] - 1)
    return values[row, column] if math.isnan(values[r, c]) else values[r, c]


@kernel
def hillshade(values, row, column, steepness):
    """How bright a cell is, 1 on flat ground: slope by Horn (1981), light from the north-west, 45° high.

    `steepness` is the vertical exaggeration divided by the side of a cell.
    """
    east, south = 0.0, 0.0
    for step, weight in ((-1, 1.0), (0, 2.0), (1, 1.0)):
        east += weight * height_beside(values, row, column, step, 1)
        east -= weight * height_beside(values, row, column, step, -1)
        south += weight * height_beside(values, row, column, 1, step)
        south -= weight * height_beside(values, row, column, -1, step)
    east, south = east * steepness / 8.0, south * steepness / 8.0
    facing = (east + south) * math.sqrt(0.5)  # ground that rises to the south-east faces the light
    return max((1.0 + facing) / math.sqrt(1.0 + east * east + south * south), 0.0)


@kernel
def lay_shaded(pixels, row, column, colour, light):
    """Lay a colour over one pixel, darker or lighter."""
    alpha = np.int64(colour[3])
    red = min(np.int64(colour[0] * light), alpha)
    green = min(np.int64(colour[1] * light), alpha)
    blue = min(np.int64(colour[2] * light), alpha)
    blend(pixels, row, column, np.uint64(red | blue << 16 | green << 32 | alpha << 48), 255)


@kernel
def ramp_chunk(
    pixels, values, rows, columns, first, last, lower, upper, colours, relief, steepness
):  # fmt: skip
    """Colour pixel rows first..last along a ramp; the last colour is no data.

    `relief` is the strength of the hill shading, 0 for none; `steepness` as of `hillshade`.
    """
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
                continue
            k = int(min(max((value - lower) * scale, 0.0), steps - 1.0))
            if relief > 0.0:
                shade = hillshade(values, rows[y], columns[x], steepness)
                lay_shaded(pixels, y, x, colours[k], 1.0 + relief * (shade - 1.0))
            else:
                lay(pixels, y, x, colours[k], 255)

"""Kernel: a layer's image laid over what lies below, with the layer's opacity and manner of blending.

The manners are those of W3C Compositing and Blending Level 1 (2015), sections 5.1 and 9.1.
"""

# mypy: disallow-untyped-defs=False

import numpy as np

from layers.cartography.coverage import scaled
from layers.cartography.style import BLENDS, Blend
from layers.cartography.view import Image
from layers.kernels import kernel

NORMAL, MULTIPLY, SCREEN, OVERLAY, DARKEN, LIGHTEN = range(6)


@kernel
def mixed(below, above, manner):
    """What two straight channels of 0..1 become."""
    if manner == MULTIPLY:
        return below * above
    if manner == SCREEN:
        return below + above - below * above
    if manner == OVERLAY:
        return 2.0 * below * above if below <= 0.5 else 1.0 - 2.0 * (1.0 - below) * (1.0 - above)
    if manner == DARKEN:
        return min(below, above)
    if manner == LIGHTEN:
        return max(below, above)
    return above


@kernel
def merge_pixel(below, above, manner):
    """One premultiplied pixel over another; ``co = cs (1 - ab) + cb (1 - as) + as ab B(cb, cs)``."""
    over, under = (above >> 24) / 255.0, (below >> 24) / 255.0
    result = np.int64(0)
    for shift in (0, 8, 16):
        cs, cb = ((above >> shift) & 0xFF) / 255.0, ((below >> shift) & 0xFF) / 255.0
        both = mixed(cb / under, cs / over, manner) if under > 0.0 else 0.0
        value = cs * (1.0 - under) + cb * (1.0 - over) + over * under * both
        result |= np.int64(min(max(value, 0.0), 1.0) * 255.0 + 0.5) << shift
    return result | np.int64((over + under - over * under) * 255.0 + 0.5) << 24


@kernel
def merge_chunk(pixels, picture, opacity, manner):
    """Lay a picture over the pixels; opacity 0..255."""
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            above = np.int64(picture[row, column])
            if above >> 24 == 0:
                continue
            if above >> 24 == 255 and opacity == 255 and manner == NORMAL:
                pixels[row, column] = np.uint32(above)
                continue
            if opacity < 255:
                above = scaled(above & 0xFF00FF, opacity) | scaled((above >> 8) & 0xFF00FF, opacity) << 8
            rest = 255 - (above >> 24)
            below = np.int64(pixels[row, column])
            if manner != NORMAL and below >> 24 and above >> 24:
                above = merge_pixel(below, above, manner)
            elif rest:
                above += scaled(below & 0xFF00FF, rest) + (scaled((below >> 8) & 0xFF00FF, rest) << 8)
            pixels[row, column] = np.uint32(above)


def merge(image: Image, picture: Image, opacity: float = 1.0, blend: Blend = "normal") -> None:
    """Lay a picture over an image.

    Parameters
    ----------
    image, picture : ndarray of uint8, shape (height, width, 4)
        Premultiplied RGBA.
    opacity : float
        0..1, of the picture as a whole.
    blend : str
        How its colours mix with what lies below.
    """
    laid, manner = np.int64(round(opacity * 255)), np.int64(BLENDS.index(blend))
    if laid:
        merge_chunk(image.view("<u4")[..., 0], picture.view("<u4")[..., 0], laid, manner)

"""The drawing surface: a view of the plane, and an image of it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.grid import Array, Extent

Image = NDArray[np.uint8]

MM_PER_INCH = 25.4


@dataclass(frozen=True)
class View:
    """What part of the plane is seen, on how many pixels.

    Parameters
    ----------
    extent : Extent
        Map units: metres.
    width, height : int
        Pixels.
    dpi : float
        Pixels an inch on screen or paper.
    top, left : int
        Of a piece: its first pixel row and column in the whole, where hatches begin.
    """

    extent: Extent
    width: int
    height: int
    dpi: float = 96.0
    top: int = 0
    left: int = 0

    @classmethod
    def fitting(cls, extent: Extent, width: int, height: int, dpi: float = 96.0) -> "View":
        """The view with square pixels that shows all of `extent`, in the middle."""
        metres = max(extent.width / width, extent.height / height, 1e-9)
        x, y = (extent.west + extent.east) / 2, (extent.south + extent.north) / 2
        return cls.around(x, y, metres, width, height, dpi)

    @classmethod
    def around(cls, x: float, y: float, metres: float, width: int, height: int, dpi: float = 96.0) -> "View":
        """The view around a point with `metres` a pixel."""
        half_width, half_height = metres * width / 2, metres * height / 2
        return cls(
            Extent(x - half_width, y - half_height, x + half_width, y + half_height), width, height, dpi
        )

    @property
    def metres_per_pixel(self) -> float:
        """Map units a pixel, along x."""
        return self.extent.width / self.width

    @property
    def scale_denominator(self) -> float:
        """The 100000 of 1 : 100000, for a pixel of the given dpi."""
        return self.metres_per_pixel * self.dpi / (MM_PER_INCH / 1000)

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """West, north, pixels a metre along x and along y: what the kernels take."""
        return (
            float(self.extent.west),
            float(self.extent.north),
            self.width / self.extent.width,
            self.height / self.extent.height,
        )

    def pixels(self, mm: float) -> float:
        """A length on paper in pixels."""
        return mm * self.dpi / MM_PER_INCH

    def to_pixels(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Pixel coordinates of map coordinates; x to the right, y down, from the north-west corner."""
        west, north, sx, sy = self.frame
        return (np.asarray(x) - west) * sx, (north - np.asarray(y)) * sy

    def to_map(self, column: Array, row: Array) -> tuple[Array, Array]:
        """Map coordinates of pixel coordinates."""
        west, north, sx, sy = self.frame
        return west + np.asarray(column) / sx, north - np.asarray(row) / sy

    def around_box(self, box: Extent, reach: float) -> tuple[slice, slice, "View"] | None:
        """Pixel rows, pixel columns and view of the piece that shows a box and `reach` pixels around it.

        ``None`` if the box is out of view.
        """
        west, north, sx, sy = self.frame
        left, right = (box.west - west) * sx - reach, (box.east - west) * sx + reach
        top, bottom = (north - box.north) * sy - reach, (north - box.south) * sy + reach
        first, last = max(int(top), 0), min(int(bottom) + 1, self.height)
        begin, end = max(int(left), 0), min(int(right) + 1, self.width)
        if first >= last or begin >= end:
            return None
        extent = Extent(west + begin / sx, north - last / sy, west + end / sx, north - first / sy)
        piece = replace(self, extent=extent, width=end - begin, height=last - first, top=first, left=begin)
        return slice(first, last), slice(begin, end), piece

    def band(self, first: int, last: int) -> "View":
        """The view of pixel rows first..last."""
        north, metres = self.extent.north, self.extent.height / self.height
        extent = Extent(self.extent.west, north - last * metres, self.extent.east, north - first * metres)
        return replace(self, extent=extent, height=last - first)


def premultiplied(color: str, opacity: float = 1.0) -> tuple[int, int, int, int]:
    """``#rrggbb`` and an opacity as premultiplied RGBA of 0..255."""
    red, green, blue = (round(int(color[i : i + 2], 16) * opacity) for i in (1, 3, 5))
    return red, green, blue, round(255 * opacity)


def straight(image: Image) -> Image:
    """The image with straight (not premultiplied) alpha, as matplotlib and PNG files want it."""
    alpha = image[..., 3:].astype(np.float64)
    colour = np.divide(image[..., :3] * 255.0, alpha, out=np.zeros(image[..., :3].shape), where=alpha > 0)
    return np.dstack([np.rint(colour).astype(np.uint8), image[..., 3]])


def new_image(view: View, background: str = "") -> Image:
    """An image of the view in a colour; transparent if it is empty."""
    image = np.zeros((view.height, view.width, 4), np.uint8)
    if background:
        image[:] = premultiplied(background)
    return image

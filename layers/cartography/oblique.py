"""An oblique view of a piece of the plane: terrain, extruded buildings, water; drawn without a graphics card.

Parallel projection: what lies farther is drawn higher, what is higher too. Every column of the picture walks
from the front to the back and draws what rises above all that was before it.
"""

# mypy: disallow-untyped-defs=False

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from layers.cartography.bands import in_rows
from layers.cartography.view import Image
from layers.kernels import keep, kernel

Heights = NDArray[np.float32]
Colours = NDArray[np.uint8]

STRIDE = 0.7
"""Cells that a column walks at a time."""
LIGHT = math.radians(315.0), math.radians(45.0)
"""Where the light comes from: azimuth and height."""


@dataclass(frozen=True, eq=False)
class Relief:
    """A piece of the plane on square cells, row 0 in the north.

    Parameters
    ----------
    ground : ndarray of float32, shape (n, m)
        Metres; no NaN.
    colours : ndarray of uint8, shape (n, m, 4)
        Of the ground, RGBA, opaque.
    tops : ndarray of float32, shape (n, m)
        Metres of buildings above the ground; 0: none.
    roofs : ndarray of uint8, shape (n, m, 4)
        Of the buildings, where there are any.
    cell : float
        Metres.
    depths : ndarray of float32, shape (n, m), optional
        Metres of water above the ground; 0 or NaN: dry.
    water : ndarray of uint8, shape (n, m, 4), optional
        Its colours, premultiplied RGBA; 0 where it is dry.
    """

    ground: Heights
    colours: Colours
    tops: Heights
    roofs: Colours
    cell: float
    depths: Heights | None = None
    water: Colours | None = None

    def flooded(self, depths: Heights, water: Colours) -> "Relief":
        """The same under other water."""
        return replace(self, depths=np.nan_to_num(depths).astype(np.float32), water=water)

    @property
    def lowest(self) -> float:
        """The lowest ground, metres."""
        return float(self.ground.min())

    @cached_property
    def slopes(self) -> tuple[Heights, Heights]:
        """How much the ground rises northwards and eastwards, metres a metre."""
        south, east = np.gradient(self.ground, self.cell)
        return np.asarray(-south, np.float32), np.asarray(east, np.float32)


@dataclass(frozen=True)
class Stance:
    """From where one looks.

    Parameters
    ----------
    azimuth : float
        Degrees clockwise from north, into which one looks.
    tilt : float
        Degrees above the horizon, 90: straight down.
    exaggeration : float
        Of all heights.
    zoom : float
        1: the whole piece fits.
    east, north : float
        Metres from the middle of the piece to the place that is looked at, in the middle of the picture.
    """

    azimuth: float = 30.0
    tilt: float = 35.0
    exaggeration: float = 5.0
    zoom: float = 1.0
    east: float = 0.0
    north: float = 0.0


@dataclass(frozen=True, eq=False)
class Surface:
    """What is seen of a relief at an exaggeration: heights above the lowest ground, colours, walls."""

    tops: Heights
    inks: NDArray[np.uint32]
    walls: NDArray[np.uint8]
    cell: float
    exaggeration: float

    @cached_property
    def highest(self) -> float:
        """Metres above the lowest ground."""
        return float(self.tops.max())

    def level(self, x: float, y: float) -> float:
        """How high it is about a column and row, metres: the mean of an eighth of the piece."""
        rows, columns = self.tops.shape
        half, r, c = max(rows, columns) // 16 + 1, int(min(max(y, 0), rows)), int(min(max(x, 0), columns))
        return float(self.tops[max(r - half, 0) : r + half, max(c - half, 0) : c + half].mean())

    @classmethod
    def of(cls, relief: Relief, exaggeration: float) -> "Surface":
        """Shade the ground, lay water on it, and let buildings stand out of both."""
        shade = _shade(relief, exaggeration)
        inks = np.clip(relief.colours[..., :3] * shade[..., None], 0, 255)
        tops, built = relief.ground - np.float32(relief.lowest), relief.tops > 0
        if relief.depths is not None and relief.water is not None:
            inks = relief.water[..., :3] + inks * (1 - relief.water[..., 3:] / np.float32(255))
            built = relief.tops > relief.depths
            tops = tops + np.where(built, np.float32(0), relief.depths)
        inks = np.where(built[..., None], relief.roofs[..., :3], inks)
        tops = tops + np.where(built, relief.tops, np.float32(0))
        solid = np.full((*tops.shape, 4), 255, np.uint8)
        solid[..., :3] = inks
        return cls(
            np.ascontiguousarray(tops, np.float32),
            solid.view("<u4")[..., 0],
            built.view(np.uint8),
            relief.cell,
            exaggeration,
        )


def _shade(relief: Relief, exaggeration: float) -> Heights:
    """How bright the ground is, 1 where it is flat."""
    (north, east), (azimuth, height) = relief.slopes, LIGHT
    facing = np.float32(-math.cos(azimuth)) * north + np.float32(-math.sin(azimuth)) * east
    length = np.sqrt(1 + np.float32(exaggeration**2) * (north**2 + east**2))
    light = np.float32(exaggeration / math.tan(height)) * facing
    return np.asarray(np.clip((light + 1) / length, 0.45, 1.25), np.float32)


@dataclass(frozen=True, eq=False)
class Sight:
    """How a surface lies on a picture of so many pixels, seen from a stance."""

    surface: Surface
    stance: Stance
    width: int
    height: int

    @cached_property
    def turn(self) -> tuple[float, float, float, float]:
        """Sine and cosine of the azimuth, of the tilt."""
        azimuth, tilt = math.radians(self.stance.azimuth), math.radians(self.stance.tilt)
        return math.sin(azimuth), math.cos(azimuth), math.sin(tilt), math.cos(tilt)

    @cached_property
    def lift(self) -> float:
        """Cells that a metre of height lifts on the picture."""
        return self.surface.exaggeration * self.turn[3] / self.surface.cell

    @cached_property
    def scale(self) -> float:
        """Pixels a cell."""
        reach = math.hypot(*self.surface.tops.shape) / 2
        room = 2 * reach * self.turn[2] + self.surface.highest * self.lift
        return self.stance.zoom * min(self.width / (1.7 * reach), self.height / max(room, 1.0))

    @cached_property
    def looked_at(self) -> tuple[float, float]:
        """Column and row of the surface in the middle of the picture."""
        rows, columns = self.surface.tops.shape
        stance, cell = self.stance, self.surface.cell
        return columns / 2 + stance.east / cell, rows / 2 - stance.north / cell

    @cached_property
    def middle(self) -> float:
        """Row of the picture on which the lowest ground below the place that is looked at lies."""
        return self.height / 2 + self.surface.level(*self.looked_at) * self.lift * self.scale

    @cached_property
    def span(self) -> tuple[float, float]:
        """Cells ahead of the place that is looked at, between which the piece is walked."""
        (x, y), (sine, cosine, rise, _) = self.looked_at, self.turn
        rows, columns = self.surface.tops.shape
        corners = [(c - x) * sine - (r - y) * cosine for c in (0, columns) for r in (0, rows)]
        below = self.middle - self.surface.highest * self.lift * self.scale - self.height
        return max(min(corners), below / (rise * self.scale)), max(corners)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Metres from the middle of the piece to what lies at a pixel, if it is as high as the middle."""
        sine, cosine, rise, _ = self.turn
        aside = (x - self.width / 2) / self.scale * self.surface.cell
        ahead = (self.height / 2 - y) / (rise * self.scale) * self.surface.cell
        stance = self.stance
        return (
            stance.east + aside * cosine + ahead * sine,
            stance.north - aside * sine + ahead * cosine,
        )


def draw_oblique(surface: Surface, stance: Stance, width: int, height: int, paper: str = "#fafaf7") -> Image:
    """The picture, premultiplied RGBA, shape (height, width, 4), opaque."""
    sight = Sight(surface, stance, width, height)
    image = np.empty((height, width), np.uint32)
    red, green, blue = (int(paper[place : place + 2], 16) for place in (1, 3, 5))
    image[:] = red | green << 8 | blue << 16 | 255 << 24
    walked = image, surface.tops, surface.inks, surface.walls
    ways = *sight.looked_at, *sight.span, STRIDE, *sight.turn[:3], sight.lift, sight.scale
    in_rows(width, lambda a, b: walk_columns(*walked, a, b, sight.middle, *ways))
    return image.view(np.uint8).reshape(height, width, 4)


def compile_kernels() -> None:
    """Compile the kernel and keep it on the disk, if it is not."""
    flat, colours = np.zeros((2, 2), np.float32), np.zeros((2, 2, 4), np.uint8)
    draw_oblique(Surface.of(Relief(flat, colours, flat, colours, 1.0), 1.0), Stance(), 4, 4)
    keep([walk_columns])


@kernel
def darker(colour, share):
    """A colour with so many 256ths of its light."""
    red, green, blue = colour & 255, colour >> 8 & 255, colour >> 16 & 255
    return (red * share >> 8) | (green * share >> 8) << 8 | (blue * share >> 8) << 16 | 255 << 24


@kernel
def walk_columns(
    image, tops, inks, walls, first, last, middle, x0, y0, near, far, stride, sine, cosine, rise, lift, scale
):  # fmt: skip
    """Draw columns first..last of the picture, each from the front to the back; lengths in cells.

    The place (x0, y0) of the surface lies in the middle; what is walked is near..far cells ahead of it.
    """
    height, width = image.shape
    rows, columns = tops.shape
    steps = int((far - near) / stride) + 1
    for column in range(first, last):
        aside = (column + 0.5 - width / 2.0) / scale
        drawn = -1
        for step in range(steps):
            ahead = step * stride + near
            x = x0 + aside * cosine + ahead * sine
            y = y0 + aside * sine - ahead * cosine
            if x < 0.0 or y < 0.0 or x >= columns or y >= rows:
                continue
            r, c = int(y), int(x)
            floor = middle - ahead * rise * scale
            top = int(floor - tops[r, c] * lift * scale)
            is_edge = drawn < 0
            if is_edge:  # the piece is cut off here: its side goes down to the lowest ground
                drawn = min(max(int(floor) + 3, 0), height)
            if top >= drawn:
                continue
            ink = np.int64(inks[r, c])
            roof = top + 1 + int(stride * rise * scale)
            side = darker(ink, 168) if walls[r, c] or is_edge else ink
            for row in range(max(top, 0), drawn):
                image[row, column] = np.uint32(ink if row < roof else side)
            drawn = max(top, 0)
            if drawn == 0:
                break

"""Layers with time, ready for the screen: pictures of small codes, and at each time a table of colours.

Depths of a flood are one picture a frame under one table. Times of arrival are one picture under a table for
each time: what has not been reached yet has no colour. Either way a new time costs a look-up, not a drawing.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from layers.cartography.render import RAMP_STEPS, limits, ramp_colours
from layers.cartography.style import Style
from layers.cartography.view import premultiplied
from layers.grid import Extent, Lattice
from layers.storage.frames import Piece, Values, held_piece, read_piece

Table = NDArray[np.uint8]
Reading = Callable[[int, Extent, float], Piece | None]
"""Picture from 0, extent, metres a pixel → what is seen of it."""

CODES = 256
"""Code 0 is never drawn."""
STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Seconds between two times of a clock that steps by itself."""
MOST_STEPS = 144


class Codes(NamedTuple):
    """A picture: codes of uint8, row 0 in the north, and the box they fill."""

    values: NDArray[np.uint8]
    extent: Extent


class Timed(Protocol):
    """A layer with time, as the time slider plays it."""

    @property
    def times(self) -> tuple[float, ...]:
        """Seconds from the beginning, ascending, at which the layer looks different."""
        ...

    def picture_at(self, seconds: float) -> int:
        """The picture that is seen at a time; -1: none yet."""
        ...

    def codes(self, picture: int, extent: Extent, pixel: float) -> Codes | None:
        """A picture as far as an extent; ``None``: nothing lies there. Slow: for a thread."""
        ...

    def table(self, seconds: float) -> Table:
        """Premultiplied RGBA of each code at a time, shape (256, 4)."""
        ...


@dataclass(frozen=True, eq=False)
class Frames:
    """Values at certain times, for example depths of a flood: each frame holds until the next.

    Parameters
    ----------
    times : tuple of float
        Seconds from the beginning, ascending.
    style : Style
        By classes or along a ramp; what no class holds is not drawn.
    read : callable
        See `Reading`.
    """

    times: tuple[float, ...]
    style: Style
    read: Reading

    @classmethod
    def of_file(cls, path: Path, times: tuple[float, ...], style: Style) -> "Frames":
        """The bands of a GeoTIFF, see `layers.storage.frames`."""
        return cls(times, style, partial(_band, path))

    @classmethod
    def held(
        cls, times: Sequence[float], values: Sequence[Values], lattice: Lattice, style: Style
    ) -> "Frames":
        """Frames in memory, each of the shape of the lattice: a run that is still under way."""
        kept = tuple(values)
        return cls(tuple(times), style, lambda k, extent, pixel: held_piece(kept[k], lattice, extent, pixel))

    def picture_at(self, seconds: float) -> int:
        """The last frame that is not later."""
        return bisect_right(self.times, seconds) - 1

    def codes(self, picture: int, extent: Extent, pixel: float) -> Codes | None:
        """The frame's values as codes of the style's classes or steps."""
        piece = self.read(picture, extent, pixel)
        return None if piece is None else Codes(style_codes(piece.values, self.style), piece.extent)

    def table(self, seconds: float) -> Table:
        """The same at all times."""
        return self._colours

    @cached_property
    def _colours(self) -> Table:
        return style_table(self.style)


@dataclass(frozen=True, eq=False)
class Arrival:
    """When each place is reached, by water or fire: drawn as what is reached by a time.

    Parameters
    ----------
    latest : float
        Seconds after which nothing more is reached.
    style : Style
        Of the arrival in hours.
    read : callable
        See `Reading`; NaN: never reached.
    unit : float
        Seconds in a unit of the values.
    """

    latest: float
    style: Style
    read: Reading
    unit: float = 1.0

    @classmethod
    def of_file(cls, path: Path, latest: float, style: Style, unit: float = 1.0) -> "Arrival":
        """The first band of a GeoTIFF."""
        return cls(latest, style, partial(_band, path), unit)

    @cached_property
    def times(self) -> tuple[float, ...]:
        """Even steps from 0 until all is reached."""
        step = next((s for s in STEPS if self.latest / s <= MOST_STEPS), math.ceil(self.latest / MOST_STEPS))
        return tuple(float(step * k) for k in range(math.ceil(self.latest / step) + 1))

    def picture_at(self, seconds: float) -> int:
        """There is one picture."""
        return 0

    def codes(self, picture: int, extent: Extent, pixel: float) -> Codes | None:
        """The first step by which each place is reached, from 1."""
        piece = self.read(picture, extent, pixel)
        if piece is None:
            return None
        seconds = piece.values * np.float32(self.unit)
        steps = np.searchsorted(np.array(self.times), seconds) + 1
        codes = np.where((seconds >= 0) & (steps < CODES), steps, 0).astype(np.uint8)
        return Codes(codes, piece.extent)

    def table(self, seconds: float) -> Table:
        """Colours by the style of what is reached; the rest has none."""
        reached = bisect_right(self.times, seconds)
        return np.where((np.arange(CODES) <= reached)[:, None], self._colours, np.uint8(0))

    @cached_property
    def _colours(self) -> Table:
        colours = np.zeros((CODES, 4), np.uint8)
        values = np.array(self.times, np.float32) / np.float32(3600)
        colours[1 : len(values) + 1] = style_table(self.style)[style_codes(values, self.style)]
        return colours


def _band(path: Path, picture: int, extent: Extent, pixel: float) -> Piece | None:
    return read_piece(path, extent, pixel, picture + 1)


def style_codes(values: Values, style: Style) -> NDArray[np.uint8]:
    """Codes of values: 1 + their class in the style, or their step along its ramp; 0: not drawn.

    Examples
    --------
    >>> from layers.cartography.style import Ramp
    >>> style_codes(np.array([np.nan, 0.0, 0.5, 9.0]), Style(kind="raster", ramp=Ramp(upper=1.0)))
    array([  0,   1, 128, 255], dtype=uint8)
    """
    if style.kind == "raster" and style.ramp is not None:
        low, high = style.ramp.lower, style.ramp.upper
        steps = 1.0 + np.clip(
            (values - np.float32(low)) * np.float32((CODES - 2) / (high - low)), 0, CODES - 2
        )
        codes: NDArray[np.uint8] = np.where(np.isnan(values), np.float32(0), steps).astype(np.uint8)
        return codes
    codes = np.zeros(values.shape, np.uint8)
    lower, upper = limits(style)
    for k in reversed(range(len(lower))):
        codes[(values >= lower[k]) & (values < upper[k])] = k + 1
    return codes


def style_table(style: Style) -> Table:
    """The colours of `style_codes`, premultiplied RGBA, shape (256, 4)."""
    table = np.zeros((CODES, 4), np.uint8)
    if style.kind == "raster" and style.ramp is not None:
        steps = np.linspace(0, RAMP_STEPS - 1, CODES - 1)
        table[1:] = ramp_colours(style.ramp)[np.rint(steps).astype(int)]
        return table
    for k, each in enumerate(style.classes[: CODES - 1], start=1):
        fill = each.symbol.fill
        if fill is not None:
            table[k] = premultiplied(fill.color, fill.opacity * style.opacity)
    return table

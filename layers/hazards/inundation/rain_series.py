"""Rain as rasters in time: one frame is held at a time, however many there are.

Each frame's intensity holds until the next, the last to the end, as the rows of a hyetograph do. Losses are
reckoned cell by cell in spans of a few minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards.inundation.fitting import Fitting
from layers.hazards.inundation.losses import Loss
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.soaking import Soil
from layers.storage.rasters import opened

Values = NDArray[np.float32]
_SPAN = 300.0  # s: within which rain and losses are taken as even
_MM_PER_HOUR = 1.0 / 3.6e6


@dataclass(frozen=True)
class RainFrame:
    """One raster of rain: a band of a file, the time from which it holds, s, and how it lies on the terrain.

    Without a fitting it lies on the terrain's own lattice.
    """

    path: Path
    band: int
    time: float
    fitting: Fitting | None = None


@dataclass(frozen=True)
class RainSeries:
    """Rasters of intensity, mm/h, in the order of their times; none falls before.

    Parameters
    ----------
    frames : tuple of RainFrame
    lattice : Lattice
        Of the terrain.
    name : str

    Raises
    ------
    BadInput
        No frames, or times that do not rise.
    """

    frames: tuple[RainFrame, ...]
    lattice: Lattice
    name: str = ""

    def __post_init__(self) -> None:
        for before, after in pairwise(self.frames):
            if after.time <= before.time:
                raise BadInput("rain_series_order", name=self.name, time=after.time / 3600)
        if not self.frames or self.frames[0].time < 0:
            raise BadInput("rain_series_none", name=self.name)

    def intensity(self, number: int) -> Values:
        """A frame, m/s, shape of the lattice; no data is no rain.

        Raises
        ------
        BadInput
            The frame is torn, or rain is negative.
        """
        frame = self.frames[number]
        with opened(frame.path) as source:
            try:
                values = source.read(frame.band, masked=True).astype(np.float32).filled(np.nan)
            except rasterio.errors.RasterioError as error:
                raise BadInput("raster_unreadable", path=frame.path) from error
            scale, offset = source.scales[frame.band - 1], source.offsets[frame.band - 1]
        rates: Values = np.nan_to_num(values * np.float32(scale) + np.float32(offset), posinf=0.0, neginf=0.0)
        if rates.min() < 0:
            row, column = (int(n) + 1 for n in np.argwhere(rates < 0)[0])
            raise BadInput(
                "rain_series_negative",
                name=frame.path.name,
                band=frame.band,
                row=row,
                column=column,
                rain=float(rates.min()),
            )
        rates *= np.float32(_MM_PER_HOUR)
        return rates if frame.fitting is None else frame.fitting.lay(rates)

    def bare(self, terrain: Grid) -> float:
        """Share of the terrain that some frame does not cover: no rain falls there."""
        known = np.isfinite(terrain.values)
        fittings = {id(frame.fitting): frame.fitting for frame in self.frames if frame.fitting is not None}
        return max((1.0 - float(each.covered[known].mean()) for each in fittings.values()), default=0.0)


@dataclass(frozen=True)
class _Soaked:
    """A span of even rain: from when to when, what runs, m/s, and what the ground takes, m/s summed."""

    start: float
    end: float
    runs: Values
    lost: float


class SeriesShowers:
    """Rain of a series less losses, as `layers.hazards.inundation.showers.Showers` for zones.

    Parameters
    ----------
    terrain : Grid
    rain : RainSeries
    loss : Loss, Zoned or None
    duration : float
        s.

    Attributes
    ----------
    numbers : ndarray of int32, shape (rows, columns)
        Every cell is a class of its own.
    lost : float
        What the ground has taken so far, m summed over cells.

    """

    def __init__(self, terrain: Grid, rain: RainSeries, loss: "Loss | Zoned | None", duration: float) -> None:
        self._rain, self._duration = rain, duration
        self._open = np.isfinite(terrain.values)
        self.numbers = np.arange(terrain.values.size, dtype=np.int32).reshape(terrain.values.shape)
        self._soil = Soil(terrain, loss)
        self._spans = self._all_spans()
        self._now = next(self._spans, None)
        self._told = 0.0
        self.lost = 0.0

    def depths(self, start: float, end: float) -> NDArray[np.float32]:
        """What falls on each cell between two times, m; times may not go back, but may begin late."""
        found = np.zeros(self.numbers.shape, np.float32)
        while self._now is not None and self._now.start < end:
            span = self._now
            last = min(end, span.end)
            if last > start:
                found += span.runs * np.float32(last - max(start, span.start))
            self.lost += span.lost * max(last - max(self._told, span.start), 0.0)
            if span.end > end:
                break
            self._now = next(self._spans, None)
        self._told = end
        return found.ravel()

    def _all_spans(self) -> Iterator[_Soaked]:
        """All spans in order; a frame is read when its time has come."""
        shape = self.numbers.shape
        times = [
            *(frame.time for frame in self._rain.frames),
            max(self._duration, self._rain.frames[-1].time),
        ]
        if times[0] > 0:
            yield _Soaked(0.0, times[0], np.zeros(shape, np.float32), 0.0)
        for number, (start, end) in enumerate(pairwise(times)):
            if start >= self._duration:
                return
            rates = np.where(self._open, self._rain.intensity(number), np.float32(0))
            yield from self._soaked(rates, start, min(end, self._duration))

    def _soaked(self, rates: Values, start: float, end: float) -> Iterator[_Soaked]:
        if not self._soil.takes:
            yield _Soaked(start, end, rates, 0.0)
            return
        pieces = max(int(np.ceil((end - start) / _SPAN)), 1)
        edges = np.linspace(start, end, pieces + 1)
        for first, last in pairwise(edges.tolist()):
            runs = self._soil.excess(rates, first, last)
            lost = float(np.subtract(rates, runs, dtype=np.float64).sum())
            yield _Soaked(first, last, runs, lost)

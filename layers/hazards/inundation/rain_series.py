"""Rain as rasters in time: one frame is held at a time, however many there are.

Each frame's intensity holds until the next, the last to the end, as the rows of a hyetograph do. Losses are
reckoned cell by cell in spans of a few minutes: curve numbers by what has fallen on the cell, Horton by time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards.inundation.losses import CurveNumber, Horton, Loss
from layers.hazards.inundation.showers import Zoned
from layers.storage.rasters import opened

Values = NDArray[np.float32]
_SPAN = 300.0  # s: within which rain and losses are taken as even
_MM_PER_HOUR = 1.0 / 3.6e6


@dataclass(frozen=True)
class RainFrame:
    """One raster of rain: a band of a file, and the time from which it holds, s."""

    path: Path
    band: int
    time: float


@dataclass(frozen=True)
class RainSeries:
    """Rasters of intensity, mm/h, on the terrain's lattice, in the order of their times; none falls before.

    Parameters
    ----------
    frames : tuple of RainFrame
    lattice : Lattice
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
        return rates


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

    Raises
    ------
    BadInput
        The loss cannot be reckoned cell by cell.
    """

    def __init__(self, terrain: Grid, rain: RainSeries, loss: "Loss | Zoned | None", duration: float) -> None:
        self._rain, self._duration = rain, duration
        self._open = np.isfinite(terrain.values)
        self.numbers = np.arange(terrain.values.size, dtype=np.int32).reshape(terrain.values.shape)
        self._store, self._horton = _ground(loss, terrain)
        self._fallen = None if self._store is None else np.zeros(terrain.values.shape, np.float32)
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
        if self._store is None and self._horton is None:
            yield _Soaked(start, end, rates, 0.0)
            return
        pieces = max(int(np.ceil((end - start) / _SPAN)), 1)
        edges = np.linspace(start, end, pieces + 1)
        for first, last in pairwise(edges.tolist()):
            runs = self._excess(rates, first, last)
            lost = float(np.subtract(rates, runs, dtype=np.float64).sum())
            yield _Soaked(first, last, runs, lost)

    def _excess(self, rates: Values, start: float, end: float) -> Values:
        """What runs of even rain, m/s."""
        seconds = np.float32(end - start)
        runs: Values = rates
        if self._horton is not None:
            classes, formulae = self._horton
            capacity = np.array([0.0, *(_capacity(each, start, end) for each in formulae)], np.float32)
            runs = np.maximum(runs - (capacity / seconds)[classes], np.float32(0))
        if self._store is not None and self._fallen is not None:
            before = _run_off(self._fallen, self._store)
            self._fallen += rates * seconds
            by_number = np.maximum(_run_off(self._fallen, self._store) - before, np.float32(0)) / seconds
            runs = np.where(np.isfinite(self._store), by_number, runs).astype(np.float32, copy=False)
        return runs


def _run_off(fallen: Values, store: Values) -> Values:
    """SCS: (P - 0.2 S)² / (P + 0.8 S), m; see `CurveNumber`."""
    above = np.maximum(fallen - np.float32(0.2) * store, np.float32(0))
    return np.asarray(above * above / np.maximum(fallen + np.float32(0.8) * store, np.float32(1e-12)))


def _capacity(formula: Horton, start: float, end: float) -> float:
    """What the ground can take between two times, m: Horton's capacity integrated."""
    hours = (end - start) / 3600
    k = formula.decay
    fade = (np.exp(-k * start / 3600) - np.exp(-k * end / 3600)) / k if k > 0 else hours
    return float(formula.last * hours + (formula.first - formula.last) * fade) * 1e-3


Ground = tuple[Values | None, tuple[NDArray[np.intp], list[Horton]] | None]


def _ground(loss: "Loss | Zoned | None", terrain: Grid) -> Ground:
    """Stores of curve numbers, m (NaN: none); Horton's formulae, and which one a cell has (0: none)."""
    if loss is None:
        return None, None
    shape = terrain.values.shape
    zones: Any = loss.zones.values if isinstance(loss, Zoned) else np.zeros(shape)
    by_zone: dict[float, Any] = loss.values if isinstance(loss, Zoned) else {0.0: loss}
    store = np.full(shape, np.nan, np.float32)
    classes, formulae = np.zeros(shape, np.intp), list[Horton]()
    for zone, each in by_zone.items():
        here = zones == zone
        if isinstance(each, CurveNumber):
            store[here] = 25.4 * (1000.0 / each.number - 10.0) * 1e-3
        elif isinstance(each, Horton):
            formulae.append(each)
            classes[here] = len(formulae)
        elif each is not None:
            raise BadInput("rain_series_loss")
    return (
        store if np.isfinite(store).any() else None,
        (classes, formulae) if formulae else None,
    )

"""What gauges tell: depth, level and speed, interpolated between the centres of cells."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.grid import Lattice
from layers.hazards.inundation.forcing import Gauge
from layers.hazards.inundation.places import places
from layers.hazards.inundation.scheme import Scheme
from layers.hazards.inundation.tiles import PAD

Array = NDArray[np.float64]
COLUMNS = ("name", "time_h", "depth_m", "level_m", "speed_m_s")


class GaugeRows:
    """Rows of all gauges, at each time that is asked for.

    Depth and speed are bilinear between the centres of the four cells around a gauge, closed cells left
    out; the level is bilinear between those of them that are wet, or that of the bed if the gauge's own cell
    is dry.

    Parameters
    ----------
    gauges : sequence of Gauge
    lattice : Lattice
    scheme : Scheme

    Raises
    ------
    BadInput
        A gauge lies off the terrain or in a closed cell.
    """

    def __init__(self, gauges: Sequence[Gauge], lattice: Lattice, scheme: Scheme) -> None:
        self._names = [gauge.name for gauge in gauges]
        self._scheme = scheme
        self._before = pd.DataFrame(columns=list(COLUMNS))
        self._times: list[float] = []
        self._values: list[Array] = []
        x, y = np.array([g.x for g in gauges], float), np.array([g.y for g in gauges], float)
        self._home = places(self._names, x, y, lattice, scheme.ground.bed, "flood_gauge_outside")
        across = (x - lattice.west) / lattice.cell - 0.5
        down = (lattice.north - y) / lattice.cell - 0.5
        column, row = np.floor(across), np.floor(down)
        right, lower = across - column, down - row
        self._i = np.stack([row, row, row + 1, row + 1]).astype(np.intp)
        self._j = np.stack([column, column + 1, column, column + 1]).astype(np.intp)
        weight = np.stack(
            [(1 - lower) * (1 - right), (1 - lower) * right, lower * (1 - right), lower * right]
        )
        rows, columns = lattice.shape
        inside = (self._i >= 0) & (self._i < rows) & (self._j >= 0) & (self._j < columns)
        self._i, self._j = np.clip(self._i, 0, rows - 1), np.clip(self._j, 0, columns - 1)
        self._weight = weight * (inside & np.isfinite(scheme.ground.bed[self._i, self._j]))

    def read(self, time: float) -> None:
        """Take a row for each gauge; `time` in seconds."""
        if not self._names:
            return
        scheme, bed = self._scheme, self._scheme.ground.bed
        depths = scheme.h[self._i + PAD, self._j + PAD].astype(np.float64)
        beds = np.nan_to_num(bed[self._i, self._j])
        u, v = scheme.velocity(self._i, self._j)
        home_wet = scheme.depth[self._home] > 0
        level = np.where(
            home_wet, _mean(beds + depths, self._weight * (depths > 0)), _mean(beds + depths, self._weight)
        )
        self._times.append(time / 3600.0)
        speed = _mean(np.hypot(u, v), self._weight)
        self._values.append(np.stack([_mean(depths, self._weight), level, speed]))

    def begin_with(self, rows: pd.DataFrame) -> None:
        """Take the rows of the first part of a run."""
        self._before = rows

    def table(self) -> pd.DataFrame:
        """All rows, gauge by gauge in time."""
        if not self._times:
            return self._before
        values = np.stack(self._values, axis=1).reshape(3, -1)
        rows = [self._names * len(self._times), np.repeat(self._times, len(self._names)), *values]
        found = pd.DataFrame(dict(zip(COLUMNS, rows, strict=True)))
        found = pd.concat([self._before, found], ignore_index=True) if len(self._before) else found
        order = {name: number for number, name in enumerate(self._names)}
        return found.iloc[found["name"].map(order).argsort(kind="stable")].reset_index(drop=True)


def _mean(values: Array, weights: Array) -> Array:
    total = weights.sum(axis=0)
    found: Array = (values * weights).sum(axis=0) / np.where(total > 0, total, 1.0)
    return found

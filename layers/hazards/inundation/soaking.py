"""What the ground takes of even rain that differs from cell to cell, span by span.

Curve numbers go by what has fallen on the cell, Horton's capacity by time, Green and Ampt's by what has gone
into the ground: within a span exactly, with the moment at which the rain begins to pond.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.grid import Grid
from layers.hazards.inundation.losses import CurveNumber, GreenAmpt, Horton, Loss
from layers.hazards.inundation.showers import Zoned

Values = NDArray[np.float32]
_HOUR, _MM = 3600.0, 1e-3
_ROUNDS = 6  # of Newton's method, which begins above the root: to the last bit of float32
_ROWS = 256  # of cells at a time, for Green and Ampt: what they are reckoned with stays small


class Soil:
    """What the cells of a terrain take.

    Parameters
    ----------
    terrain : Grid
    loss : Loss, Zoned or None

    Attributes
    ----------
    takes : bool
        Whether any cell takes anything.
    """

    def __init__(self, terrain: Grid, loss: "Loss | Zoned | None") -> None:
        shape = terrain.values.shape
        self._store, self._fallen = np.full(shape, np.nan, np.float32), np.zeros(0, np.float32)
        self._classes, self._horton = np.zeros(shape, np.intp), list[Horton]()
        self._kinds, self._ampt = np.zeros(shape, np.intp), list[GreenAmpt]()
        self._place(terrain, loss)
        self.takes = bool(np.isfinite(self._store).any() or self._horton or self._ampt)
        self._has_numbers = bool(np.isfinite(self._store).any())
        self._fallen = np.zeros(shape if self._has_numbers else 0, np.float32)
        self._taken = np.zeros(shape if self._ampt else 0, np.float32)

    def _place(self, terrain: Grid, loss: "Loss | Zoned | None") -> None:
        """Each formula where it holds."""
        zones: Any = loss.zones.values if isinstance(loss, Zoned) else np.zeros(terrain.values.shape)
        by_zone: dict[float, Any] = loss.values if isinstance(loss, Zoned) else {0.0: loss}
        for zone, each in by_zone.items():
            here = zones == zone
            if isinstance(each, CurveNumber):
                self._store[here] = 25.4 * (1000.0 / each.number - 10.0) * _MM
            elif isinstance(each, Horton):
                self._horton.append(each)
                self._classes[here] = len(self._horton)
            elif isinstance(each, GreenAmpt):
                self._ampt.append(each)
                self._kinds[here] = len(self._ampt)

    def excess(self, rates: Values, start: float, end: float) -> Values:
        """What runs of even rain, m/s, between two times, s; spans come in their order.

        Parameters
        ----------
        rates : ndarray of float32, shape of the terrain
            m/s.
        start, end : float
        """
        seconds = np.float32(end - start)
        runs: Values = rates
        if self._horton:
            capacity = np.array([0.0, *(_capacity(each, start, end) for each in self._horton)], np.float32)
            runs = np.maximum(runs - (capacity / seconds)[self._classes], np.float32(0))
        if self._has_numbers:
            before = _run_off(self._fallen, self._store)
            self._fallen += rates * seconds
            by_number = np.maximum(_run_off(self._fallen, self._store) - before, np.float32(0)) / seconds
            runs = np.where(np.isfinite(self._store), by_number, runs).astype(np.float32, copy=False)
        if self._ampt:
            runs = runs.copy()
            for first in range(0, len(runs), _ROWS):
                self._soak(runs[first : first + _ROWS], slice(first, first + _ROWS), float(seconds))
        return runs

    def _soak(self, runs: Values, rows: slice, seconds: float) -> None:
        """Take from the rain of some rows what Green and Ampt say."""
        wet = (self._kinds[rows] > 0) & (runs > 0)
        kinds = self._kinds[rows][wet] - 1
        speed = np.array([each.conductivity * _MM / _HOUR for each in self._ampt])[kinds]
        pull = np.array([each.suction * _MM * each.deficit for each in self._ampt])[kinds]
        rain, taken = runs[wet].astype(np.float64), self._taken[rows][wet].astype(np.float64)
        after = _soaked(rain, taken, speed, pull, seconds)
        self._taken[rows][wet] = after
        runs[wet] = np.maximum(rain - (after - taken) / seconds, 0.0)


def _soaked(rain: Any, taken: Any, speed: Any, pull: Any, seconds: float) -> Any:
    """F after a span of even rain i: all of it soaks in until F = K ψΔθ / (i - K); from then on it ponds."""
    ponds = np.where(rain > speed, speed * pull / np.maximum(rain - speed, 1e-30), np.inf)
    whole = taken + rain * seconds
    start = np.maximum(taken, np.minimum(ponds, whole))
    left = np.maximum(seconds - (start - taken) / rain, 0.0)
    gain = speed * left
    after = start + gain + np.sqrt(2.0 * pull * gain)
    for _ in range(_ROUNDS):
        lacking = after - start - pull * np.log((pull + after) / np.maximum(pull + start, 1e-30)) - gain
        after = np.maximum(after - lacking * (pull + after) / np.maximum(after, 1e-12), start)
    return np.minimum(np.where(rain > speed, after, whole), whole)


def _run_off(fallen: Values, store: Values) -> Values:
    """SCS: (P - 0.2 S)² / (P + 0.8 S), m; see `CurveNumber`."""
    above = np.maximum(fallen - np.float32(0.2) * store, np.float32(0))
    return np.asarray(above * above / np.maximum(fallen + np.float32(0.8) * store, np.float32(1e-12)))


def _capacity(formula: Horton, start: float, end: float) -> float:
    """What the ground can take between two times, m: Horton's capacity integrated."""
    hours = (end - start) / _HOUR
    k = formula.decay
    fade = (np.exp(-k * start / _HOUR) - np.exp(-k * end / _HOUR)) / k if k > 0 else hours
    return float(formula.last * hours + (formula.first - formula.last) * fade) * _MM

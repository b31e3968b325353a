"""What the ground takes of the rain before it runs: three formulae, the same everywhere on the terrain.

Only rain is lost, never water that stands or runs: the excess is what falls on the water's surface.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.hazards.inundation.forcing import Rain

Array = NDArray[np.float64]
_STEP = 60.0  # s: within which rain and loss are taken as even
_MM = 1e-3
_HOUR = 3600.0


class Loss(Protocol):
    """A formula for the excess of rain."""

    def excess(self, depths: Array) -> Array:
        """What runs of the rain of each step, m, from what falls in it, m."""
        ...


@dataclass(frozen=True)
class CurveNumber:
    """SCS: Q = (P - 0.2 S)² / (P + 0.8 S), S = 25.4 (1000 / CN - 10) mm (USDA NEH 630, chapter 10).

    Parameters
    ----------
    number : float
        CN, above 0 and at most 100.
    """

    number: float

    def excess(self, depths: Array) -> Array:
        """See `Loss`."""
        store = 25.4 * (1000.0 / self.number - 10.0) * _MM
        fallen = np.cumsum(depths)
        above = np.maximum(fallen - 0.2 * store, 0.0)
        run = above**2 / np.maximum(fallen + 0.8 * store, 1e-12)
        return np.diff(run, prepend=0.0)


@dataclass(frozen=True)
class Horton:
    """Horton 1940: capacity f = fc + (f0 - fc) exp(-k t) from the start of the run.

    Parameters
    ----------
    first, last : float
        f0, fc, mm/h.
    decay : float
        k, 1/h.
    """

    first: float
    last: float
    decay: float

    def excess(self, depths: Array) -> Array:
        """See `Loss`."""
        hours = np.arange(len(depths) + 1) * _STEP / _HOUR
        fade = -np.diff(np.exp(-self.decay * hours)) / self.decay if self.decay > 0 else np.diff(hours)
        capacity = (self.last * np.diff(hours) + (self.first - self.last) * fade) * _MM
        return np.maximum(depths - capacity, 0.0)


@dataclass(frozen=True)
class GreenAmpt:
    """Green & Ampt 1911: capacity f = K (1 + ψ Δθ / F), F what has gone into the ground.

    Parameters
    ----------
    conductivity : float
        K, mm/h.
    suction : float
        ψ at the wetting front, mm.
    deficit : float
        Δθ, of moisture, 0 … 1.
    """

    conductivity: float
    suction: float
    deficit: float

    def excess(self, depths: Array) -> Array:
        """See `Loss`: in each step the ground takes the rain, or as much as the ponded solution."""
        taken, runs = 0.0, np.zeros(len(depths))
        for k, depth in enumerate(depths):
            capacity = self._ponded(taken) - taken
            soaks = min(float(depth), capacity)
            taken += soaks
            runs[k] = depth - soaks
        return runs

    def _ponded(self, taken: float) -> float:
        """F after a step under water: F - S ln(S + F) rises by K Δt; Newton's method."""
        pull = self.suction * _MM * self.deficit
        gain = self.conductivity * _MM * _STEP / _HOUR
        after = taken + gain + np.sqrt(2 * pull * gain)
        for _ in range(20):
            lacking = after - taken - pull * np.log((pull + after) / (pull + taken)) - gain
            after -= lacking * (pull + after) / max(after, 1e-12)
        return float(after)


def excess_rain(rain: Rain, loss: Loss, duration: float) -> tuple[Rain, float]:
    """The rain that runs, in steps of a minute, and the depth that was lost, m.

    Parameters
    ----------
    rain : Rain
    loss : Loss
    duration : float
        s.
    """
    times = np.arange(0.0, duration + _STEP, _STEP)
    depths = np.array([rain.total(a, b) for a, b in pairwise(times)])
    runs = loss.excess(depths)
    return Rain(times, np.append(runs / _STEP, 0.0), rain.name), float((depths - runs).sum())


_FORMULAE: dict[str, tuple[type, int]] = {
    "cn": (CurveNumber, 1),
    "horton": (Horton, 3),
    "green-ampt": (GreenAmpt, 3),
}


def read_loss(text: str) -> Loss:
    """``cn:75``, ``horton:f0,fc,k`` (mm/h, mm/h, 1/h) or ``green-ampt:K,ψ,Δθ`` (mm/h, mm, ratio).

    Raises
    ------
    BadInput
        The words say something else, or a number makes no sense.
    """
    name, _, numbers = text.partition(":")
    kind, count = _FORMULAE.get(name.strip().lower(), (None, 0))
    try:
        values = [float(number) for number in numbers.split(",")]
    except ValueError:
        values = []
    sound = len(values) == count and all(np.isfinite(value) and value >= 0 for value in values)
    if kind is None or not sound or (kind is CurveNumber and not 0 < values[0] <= 100):
        raise BadInput("flood_loss", text=text)
    found: Loss = kind(*values)
    return found

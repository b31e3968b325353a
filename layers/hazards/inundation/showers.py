"""Rain that differs from place to place, and what different ground takes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid, same_lattice
from layers.hazards.inundation.forcing import Rain
from layers.hazards.inundation.losses import Loss, excess_rain
from layers.kernels import Kernel

Array = NDArray[np.float64]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Zoned:
    """One value for each zone of a raster.

    Parameters
    ----------
    zones : Grid
        Numbers of zones; NaN is none.
    values : dict of float to object
        By zone: a `Rain`, or a `Loss` or None.

    Raises
    ------
    BadInput
        A zone of the raster has no value.
    """

    zones: Grid
    values: dict[float, Any]
    name: str = ""

    def __post_init__(self) -> None:
        lacking = np.setdiff1d(self.zones.values[np.isfinite(self.zones.values)], list(self.values))
        if len(lacking):
            raise BadInput("flood_zone_lacking", zone=float(lacking[0]), name=self.name)


class Showers:
    """Rain less losses, by class of ground: every pair of a zone of rain and a zone of loss is a class.

    Parameters
    ----------
    terrain : Grid
    rain : Rain or Zoned
    loss : Loss, Zoned or None
    duration : float
        s.

    Attributes
    ----------
    numbers : ndarray of int32, shape (rows, columns)
        Class of each cell; 0 where none falls.
    soaked : ndarray of float64, shape (classes,)
        What the ground takes of the rain of the whole run, m.
    cells : ndarray of int64, shape (classes,)
    """

    def __init__(
        self, terrain: Grid, rain: Rain | Zoned, loss: "Loss | Zoned | None", duration: float
    ) -> None:
        same_lattice(terrain, *(each.zones for each in (rain, loss) if isinstance(each, Zoned)))
        over, under = (_indices(each, terrain) for each in (rain, loss))
        here = np.isfinite(terrain.values) & (over >= 0)
        code = np.where(here, over * (under.max() + 2) + under + 1, -1)
        kinds, inverse = np.unique(code, return_inverse=True)
        shift = 0 if kinds[0] == -1 else 1
        self.numbers = (inverse.reshape(code.shape) + shift).astype(np.int32)
        rains, losses = _values(rain), _values(loss)
        courses, soaked = [], [0.0]
        for kind in kinds[kinds >= 0].tolist():
            fallen, lost = rains[kind // (under.max() + 2)], losses[kind % (under.max() + 2) - 1]
            course, kept = (fallen, 0.0) if lost is None else excess_rain(fallen, lost, duration)
            courses.append(course)
            soaked.append(kept)
        self.soaked = np.array(soaked)
        self.cells = np.bincount(self.numbers.ravel(), minlength=len(soaked))
        self._times = np.unique(np.concatenate([[0.0, duration], *(each.times for each in courses)]))
        self._fallen = np.zeros((len(self._times), len(soaked)))
        for k, course in enumerate(courses, 1):
            self._fallen[:, k] = [course.total(0.0, time) for time in self._times]

    @property
    def lost(self) -> float:
        """What the ground takes of the rain of the whole run, m summed over cells."""
        return float(self.soaked @ self.cells)

    def depths(self, start: float, end: float) -> Array:
        """What falls on each class between two times, m."""
        return self._at(end) - self._at(start)

    def _at(self, time: float) -> Array:
        after = int(np.clip(np.searchsorted(self._times, time, "right"), 1, len(self._times) - 1))
        first, last = self._times[after - 1], self._times[after]
        share = min((time - first) / (last - first), 1.0)
        found: Array = (1 - share) * self._fallen[after - 1] + share * self._fallen[after]
        return found


def _indices(given: Any, terrain: Grid) -> NDArray[np.int64]:
    """Of each cell the place of its value among those of the zones; -1 in no zone."""
    if not isinstance(given, Zoned):
        return np.zeros(terrain.values.shape, np.int64)
    keys = np.array(sorted(given.values))
    zones = given.zones.values
    known = np.isfinite(zones)
    return np.where(known, np.searchsorted(keys, np.where(known, zones, keys[0])), -1)


def _values(given: Any) -> Sequence[Any]:
    """By index; the last one is that of no zone: no loss."""
    if not isinstance(given, Zoned):
        return [given, None]
    return [*(given.values[key] for key in sorted(given.values)), None]


@Kernel
def sprinkle(tiles: Any, numbers: Numbers, h: Any, u: Any, v: Any, depths: Any, pad: int) -> float:
    """Add to the depth of each cell of the tiles that of its class; returns the sum of what was added, m.

    Parameters
    ----------
    tiles : ndarray of int64, shape (n, 4)
    numbers : ndarray of int32, shape (rows, columns)
    h, u, v : ndarray, shape (rows + 2 pad, columns + 2 pad)
        Depth and velocities, which rain at rest slows down; or None for the latter.
    depths : ndarray of the type of h, shape (classes,)
    pad : int
    """
    added = 0.0
    for k in range(tiles.shape[0]):
        for i in range(tiles[k, 0], tiles[k, 1]):
            for j in range(tiles[k, 2], tiles[k, 3]):
                before = h[i, j]
                after = before + depths[numbers[i - pad, j - pad]]
                h[i, j] = after
                if u is not None and after > before:
                    u[i, j] *= before / after
                    v[i, j] *= before / after
                added += np.float64(after) - np.float64(before)
    return added

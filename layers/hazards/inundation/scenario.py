"""What a run of a flood is given: a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from layers.errors import BadInput
from layers.grid import Grid, same_lattice
from layers.hazards.inundation.forcing import Gauge, Inflow, Rain, Side
from layers.hazards.inundation.losses import Loss
from layers.hazards.inundation.places import places
from layers.hazards.inundation.rain_series import RainSeries
from layers.hazards.inundation.sections import Section
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.structures import Structures

SchemeName = Literal["local-inertial", "shallow-water"]
SCHEMES: tuple[SchemeName, ...] = ("local-inertial", "shallow-water")
_SPIKE = 9000.0  # m: no ground on Earth stands higher


@dataclass(frozen=True, eq=False)
class Scenario:
    """A flood to be run.

    Parameters
    ----------
    terrain : Grid
        Bed, m; no data is closed.
    manning : Grid or float
        n, s/m^(1/3).
    duration : float
        s.
    initial : Grid or None
        Depth of water at the start, m.
    rain : Rain, Zoned, RainSeries or None
        Falls on every cell that is not closed, on the zones of a raster, or by rasters in time.
    loss : Loss, Zoned or None
        What the ground takes of the rain.
    inflows : tuple of Inflow
    sides : mapping of str to Side
        For ``west``, ``east``, ``north``, ``south``; closed where none is given.
    gauges : tuple of Gauge
    sections : tuple of Section
        Lines through which discharge is told, as often as the gauges.
    gauge_interval : float
        s.
    times : tuple of float
        s; at which depths are kept.
    structures : Structures
    scheme : {"local-inertial", "shallow-water"}
    threads : int or None
        As many as there are cores, by default.
    wet_depth : float
        m; from which ground counts as flooded, in arrival and duration.
    theta : float
        Of the local-inertial scheme (de Almeida et al. 2012, eq. 10): 1 no smoothing, 0.7 much.

    Raises
    ------
    BadInput
        The grids differ, or a number is impossible.
    """

    terrain: Grid
    manning: Grid | float
    duration: float
    initial: Grid | None = None
    rain: Rain | Zoned | RainSeries | None = None
    loss: Loss | Zoned | None = None
    inflows: tuple[Inflow, ...] = ()
    sides: Mapping[str, Side] = field(default_factory=dict)
    gauges: tuple[Gauge, ...] = ()
    sections: tuple[Section, ...] = ()
    gauge_interval: float = 10.0
    times: tuple[float, ...] = ()
    structures: Structures = field(default_factory=Structures)
    scheme: SchemeName = "local-inertial"
    threads: int | None = None
    wet_depth: float = 0.01
    theta: float = 0.9

    def __post_init__(self) -> None:
        grids = [g for g in (self.terrain, self.manning, self.initial) if isinstance(g, Grid)]
        grids += [each.zones for each in (self.rain, self.loss) if isinstance(each, Zoned)]
        same_lattice(*grids)
        if isinstance(self.rain, RainSeries) and self.rain.lattice != self.terrain.lattice:
            raise BadInput("grids_differ", first=self.terrain.lattice, second=self.rain.lattice)
        known = np.isfinite(self.terrain.values)
        if not known.any():
            raise BadInput("flood_terrain_empty")
        self._check_terrain(known)
        self._check_numbers(known)
        self._check_times()
        self._check_places()

    def _check_terrain(self, known: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]") -> None:
        bed = self.terrain.values
        wild = known & (np.abs(bed) > _SPIKE)
        if wild.any():
            row, column = (int(n) for n in np.argwhere(wild)[0])
            raise BadInput("flood_terrain_spike", value=bed[row, column], row=row + 1, column=column + 1)

    def _check_numbers(self, known: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]") -> None:
        if not self.duration > 0:
            raise BadInput("flood_duration", duration=self.duration)
        if not self.gauge_interval > 0:
            raise BadInput("flood_duration", duration=self.gauge_interval)
        rough = self.manning.values[known] if isinstance(self.manning, Grid) else np.array([self.manning])
        if isinstance(self.manning, Grid) and not np.isfinite(rough).all():
            raise BadInput("flood_manning_holes", count=int((~np.isfinite(rough)).sum()))
        if not (rough.min() >= 0 and rough.max() <= 1):
            value = rough.min() if rough.min() < 0 else rough.max()
            raise BadInput("flood_manning_range", value=value)
        if self.initial is not None:
            depth = self.initial.values[known]
            if np.nanmin(depth, initial=0.0) < 0:
                raise BadInput("flood_initial_negative", value=float(np.nanmin(depth)))

    def _check_times(self) -> None:
        late = [time for time in self.times if time > self.duration + 1e-6]
        if late:
            raise BadInput("flood_time_late", time=late[0] / 3600, end=self.duration / 3600)
        if not self.wet_depth > 0:
            raise BadInput("flood_wet_depth", value=self.wet_depth)

    def _check_places(self) -> None:
        for points, key in ((self.gauges, "flood_gauge_outside"), (self.inflows, "flood_inflow_outside")):
            x, y = (np.array([getattr(each, axis) for each in points], float) for axis in "xy")
            names = [each.name for each in points]
            places(names, x, y, self.terrain.lattice, self.terrain.values, key)

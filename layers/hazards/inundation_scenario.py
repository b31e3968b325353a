"""Flood scenario: water from breaches, rain and a lake runs over the plain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from layers.errors import BadInput
from layers.grid import Grid, Lattice, same_lattice
from layers.hazards.inundation import SCHEMES, Course, Inflow, Inundation, Rain, Scenario, simulate
from layers.hazards.model import Input, IntensityMeasure, Reference, check_parameters, parameter
from layers.progress import Progress, ignore, part

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Place = tuple[float, float]
Witness = Callable[[float, NDArray[np.float32]], None]

_NEARBY = 1500.0
"""How far from a breach the land behind the levee is looked for, m."""

ARRIVES = 0.05
"""Depth from which a place counts as reached, m."""


@dataclass(frozen=True)
class InundationScenario:
    """Inundation from breaches, rain and a lake, by the engine of `layers.hazards.inundation`.

    At each place the levee is open over `width` and the discharge enters the land behind it: the nearest
    cells, beside the levee, from which no way leads to a river without crossing it. Levees elsewhere stand
    and may be overtopped. Rain, less what the ground takes, falls evenly on all cells. The border of the
    terrain is closed: no water leaves there.

    Parameters
    ----------
    places : tuple of (float, float)
        Breaches, in the CRS of the inputs.
    hydrograph : tuple of (float, float)
        Hours and m³/s of each breach, linear between; without it `discharge` rises in `rise` hours and lasts
        `lasts` hours.
    """

    name: ClassVar[str] = "inundation"
    hazard: ClassVar[str] = "inundation"
    measure: ClassVar[IntensityMeasure] = IntensityMeasure("flood_depth", "m", "higher")
    requires: ClassVar[tuple[Input, ...]] = (
        Input("ground", "m", "Elevation of the ground."),
        Input("drainage", "", "1 where a river or lake lies, 0 elsewhere."),
        Input("levee", "m", "Height of the levee crest above the ground, 0 without levee."),
        Input("lake", "", "1 where a lake lies, 0 elsewhere."),
    )
    references: ClassVar[tuple[Reference, ...]] = (
        Reference("Bates, Horritt & Fewtrell 2010, Journal of Hydrology 387: local inertia", "recalled"),
        Reference("de Almeida et al. 2012, Water Resources Research 48", "recalled"),
        Reference("reference.inundation_validation", "verified"),
    )
    limits: ClassVar[str] = "limits.inundation"

    places: tuple[Place, ...] = ()
    hydrograph: tuple[tuple[float, float], ...] = ()
    discharge: float = parameter(
        1000.0, unit="m³/s", source="source.scenario", status="derived", low=0.0, high=100_000.0
    )
    rise: float = parameter(1.0, unit="h", source="source.scenario", status="derived", low=0.0, high=240.0)
    lasts: float = parameter(24.0, unit="h", source="source.scenario", status="derived", low=0.1, high=720.0)
    width: float = parameter(
        150.0, unit="m", source="source.breach_width", status="derived", low=10.0, high=5000.0
    )
    rain: float = parameter(
        0.0, unit="mm", source="source.design_rain", status="derived", low=0.0, high=2000.0
    )
    rain_hours: float = parameter(
        24.0, unit="h", source="source.design_rain", status="derived", low=0.5, high=240.0
    )
    runoff: float = parameter(0.6, source="source.runoff", status="derived", low=0.0, high=1.0)
    lake_level: float = parameter(
        21.0, unit="m", source="source.lake_level", status="recalled", low=-100.0, high=9000.0
    )
    roughness: float = parameter(
        0.05, unit="s/m^(1/3)", source="source.roughness", status="recalled", low=0.01, high=0.5
    )
    duration: float = parameter(
        24.0, unit="h", source="source.scenario", status="derived", low=0.1, high=720.0
    )
    frame: float = parameter(1.0, unit="h", source="source.frame", status="derived", low=0.05, high=24.0)
    cell: float = parameter(30.0, unit="m", source="source.cell", status="derived", low=5.0, high=500.0)
    scheme: str = parameter(SCHEMES[0], source="source.scheme", status="derived", choices=SCHEMES)

    def __post_init__(self) -> None:
        check_parameters(self)

    @property
    def is_driven(self) -> bool:
        """Whether anything moves: a breach or rain."""
        return bool(self.places) or self.rain * self.runoff > 0

    @property
    def times(self) -> tuple[float, ...]:
        """When depths are kept, s: from 0 every `frame` hours, and at the end."""
        steps = np.arange(0.0, self.duration - 1e-9, self.frame)
        return tuple(float(hours) * 3600.0 for hours in (*steps, self.duration))

    def intensity(self, inputs: Mapping[str, Grid], progress: Progress = ignore) -> Grid:
        """The greatest depth of water, m; NaN where any input is.

        Raises
        ------
        BadInput
            The inputs lie on different lattices, or a breach lies off the terrain.
        Cancelled
            The listener of `progress` wants no more.
        """
        progress(0.0)
        scenario = self.scenario(inputs)
        if self.is_driven:
            depth = simulate(scenario, progress).grids["depth_max"].astype(np.float64)
        else:  # a lake at rest
            assert scenario.initial is not None
            depth = np.where(np.isfinite(scenario.terrain.values), scenario.initial.values, np.nan)
            progress(1.0)
        return Grid(depth, scenario.terrain.lattice, "m")

    def run(
        self, inputs: Mapping[str, Grid], progress: Progress = ignore, witness: Witness | None = None
    ) -> Inundation:
        """All that the engine answers.

        Parameters
        ----------
        inputs : mapping of str to Grid
        progress : Progress
        witness : callable, optional
            Is shown the depths at each of `times`, which are then not kept in the answer.

        Raises
        ------
        BadInput
            Nothing drives the water, or as for `intensity`.
        """
        if not self.is_driven:
            raise BadInput("inundation_idle")
        scenario = self.scenario(inputs)
        return simulate(scenario, part(progress, 0.0, 1.0), witness=witness)

    def scenario(self, inputs: Mapping[str, Grid]) -> Scenario:
        """What the engine is given."""
        ground, drainage, levee, lake = (inputs[each.name] for each in self.requires)
        lattice = same_lattice(ground, drainage, levee, lake)
        known = np.isfinite(ground.values) & np.isfinite(drainage.values)
        known &= np.isfinite(levee.values) & np.isfinite(lake.values)
        crest = np.maximum(np.nan_to_num(levee.values), 0.0)
        mouths = [self._mouth(place, known, drainage.values > 0, crest, lattice) for place in self.places]
        for place in self.places:
            crest[_around(place, self.width / 2, lattice)] = 0.0
        bed = np.where(known, ground.values + crest, np.nan)
        depth = np.where(known & (lake.values > 0), np.maximum(self.lake_level - bed, 0.0), 0.0)
        return Scenario(
            terrain=Grid(bed, lattice, "m"),
            manning=self.roughness,
            duration=self.duration * 3600.0,
            initial=Grid(depth, lattice, "m"),
            rain=self._rain(),
            inflows=tuple(inflow for mouth in mouths for inflow in mouth),
            times=self.times,
            scheme="shallow-water" if self.scheme == "shallow-water" else "local-inertial",
            wet_depth=ARRIVES,
        )

    def _rain(self) -> Rain | None:
        if self.rain * self.runoff <= 0:
            return None
        rate = self.rain * self.runoff / 1000.0 / (self.rain_hours * 3600.0)
        return Rain(np.array([0.0, self.rain_hours * 3600.0]), np.array([rate, 0.0]))

    def course(self) -> Course:
        """Discharge of one breach over time, m³/s."""
        rows = self.hydrograph or (
            *(((0.0, 0.0), (self.rise, self.discharge)) if self.rise else ((0.0, self.discharge),)),
            (self.rise + self.lasts, self.discharge),
            (self.rise + self.lasts + max(self.rise, 0.01), 0.0),
        )
        hours, flows = np.array(rows, np.float64).T
        return Course(hours * 3600.0, flows, "hydrograph")

    def _mouth(self, place: Place, known: Mask, drains: Mask, crest: Array, lattice: Lattice) -> list[Inflow]:
        """Where the water of a breach comes out: as many cells as it is wide, behind the levee."""
        row, column, inside = (each[0] for each in lattice.cells_at(*(np.array([v]) for v in place)))
        if not inside or not known[row, column]:
            raise BadInput("breach_outside", x=place[0], y=place[1])
        reach = int(np.ceil(max(_NEARBY, self.width) / lattice.cell))
        top, left = max(row - reach, 0), max(column - reach, 0)
        window = np.s_[top : row + reach + 1, left : column + reach + 1]
        rows, columns = _land(known[window], drains[window], crest[window] > 0)
        away = np.hypot(rows + top - row, columns + left - column)
        count = max(round(self.width / lattice.cell), 1)
        nearest = np.argsort(away, kind="stable")[:count]
        course = self.course()
        share = Course(course.times, course.values / len(nearest), course.name)
        return [
            Inflow(
                "breach",
                lattice.west + (columns[k] + left + 0.5) * lattice.cell,
                lattice.north - (rows[k] + top + 0.5) * lattice.cell,
                share,
            )
            for k in nearest
        ]


def _land(known: Mask, drains: Mask, dams: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Cells behind the levees: without a way to a river, else those that are neither river nor levee."""
    free = known & ~dams
    parts, _ = label(free)
    wet = np.unique(parts[free & drains])
    dry = free & ~np.isin(parts, wet)
    for found in (dry, free & ~drains, free, known):
        if found.any():
            rows, columns = np.nonzero(found)
            return rows, columns
    raise AssertionError("the breach's own cell is known")


def _around(place: Place, reach: float, lattice: Lattice) -> tuple[slice, slice]:
    """The cells within a reach of a place, at least its own."""
    cells = int(reach / lattice.cell)
    row, column, _ = (each[0] for each in lattice.cells_at(*(np.array([v]) for v in place)))
    return np.s_[max(row - cells, 0) : row + cells + 1, max(column - cells, 0) : column + cells + 1]

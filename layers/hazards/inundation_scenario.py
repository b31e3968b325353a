"""Flood scenario: water from breaches, rain and a lake runs over the plain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid, Lattice, same_lattice
from layers.hazards import inundation
from layers.hazards.inundation import SCHEMES, Course, Gauge, Inflow, Rain, Scenario
from layers.hazards.inundation.sections import Section
from layers.hazards.model import Input, IntensityMeasure, Reference, check_parameters, parameter
from layers.progress import Progress, ignore

if TYPE_CHECKING:
    from layers.hazards.inundation import Inundation

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Place = tuple[float, float]

_NEARBY = 3000.0
"""How far from a breach its river and the levee beyond are looked for, m."""
_RAYS = 32

ARRIVES = 0.05
"""Depth from which a place counts as reached, m."""
TOLD = 300.0
"""How often gauges and cross-sections are told, s."""


@dataclass(frozen=True)
class InundationScenario:
    """Inundation from breaches, rain and a lake, by the engine of `layers.hazards.inundation`.

    At each place the levee is open over `width` and the discharge enters the land behind it: the nearest
    cells on the side that is turned from the river. Levees elsewhere stand and may be overtopped. Rain, less
    what the ground takes, falls evenly on all cells. The border of the terrain is closed: no water leaves
    there.

    Parameters
    ----------
    places : tuple of (float, float)
        Breaches, in the CRS of the inputs.
    hydrograph : tuple of (float, float)
        Hours and m³/s of each breach, linear between; without it `discharge` rises in `rise` hours and lasts
        `lasts` hours.
    gauges : tuple of (str, float, float)
        Names and places at which depth, level and speed are told over time.
    sections : tuple of (str, tuple of (float, float))
        Names and lines through which the discharge is told.
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
    gauges: tuple[tuple[str, float, float], ...] = ()
    sections: tuple[tuple[str, tuple[Place, ...]], ...] = ()
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
        """The greatest depth of water, m, 0 where a lake stood before; NaN where any input is.

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
            return flood_depth(scenario, inundation.simulate(scenario, progress))
        progress(1.0)  # lakes at rest
        return scenario.terrain.like(np.where(np.isfinite(scenario.terrain.values), 0.0, np.nan))

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
            gauges=tuple(Gauge(name, x, y) for name, x, y in self.gauges),
            sections=tuple(Section(name, line) for name, line in self.sections),
            gauge_interval=TOLD,
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
        at = (row - top, column - left)
        rows, columns = _land(known[window], drains[window], crest[window] > 0, at)
        away = np.hypot(rows - at[0], columns - at[1])
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


def flood_depth(scenario: Scenario, found: "Inundation") -> Grid:
    """The greatest depth, m, but 0 where water stood before the flood: a lake is not flooded land."""
    depth = found.grid("depth_max")
    if scenario.initial is not None:
        depth.values[(scenario.initial.values > 0) & np.isfinite(depth.values)] = 0.0
    return depth


def _land(
    known: Mask, drains: Mask, dams: Mask, at: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Cells on the side of a place that is turned from the river, neither river nor levee themselves."""
    down, across = np.indices(known.shape)
    towards = _river_side(drains, dams, at)
    ahead = (down - at[0]) * towards[0] + (across - at[1]) * towards[1]
    free = known & ~dams & ~drains
    for found in (free & (ahead < 0), free, known):
        if found.any():
            rows, columns = np.nonzero(found)
            return rows, columns
    raise AssertionError("the breach's own cell is known")


def _river_side(drains: Mask, dams: Mask, at: tuple[int, int]) -> tuple[float, float]:
    """Which way the river lies from a levee: where a river comes first and a levee behind it.

    The sum of such directions, near ones first; without any, of those in which a river lies at all, for a
    ditch behind the levee has no levee of its own; 0, 0 if there is none.
    """
    between, open_ = np.zeros(2), np.zeros(2)
    for angle in np.linspace(0.0, 2 * np.pi, _RAYS, endpoint=False):
        way = np.array([np.sin(angle), np.cos(angle)])
        river, behind = _looked(drains, dams, at, way)
        if river:
            open_ += way / river
            between += way / river if behind else 0.0
    chosen = between if between.any() else open_
    return float(chosen[0]), float(chosen[1])


def _looked(drains: Mask, dams: Mask, at: tuple[int, int], way: Array) -> tuple[int, bool]:
    """How many cells away a river lies (0: none, or behind a levee), and whether a levee stands beyond it."""
    steps = np.arange(1, max(drains.shape))
    rows = np.rint(at[0] + steps * way[0]).astype(np.intp)
    columns = np.rint(at[1] + steps * way[1]).astype(np.intp)
    within = (rows >= 0) & (columns >= 0) & (rows < drains.shape[0]) & (columns < drains.shape[1])
    wet, dam = drains[rows[within], columns[within]], dams[rows[within], columns[within]]
    own = int(np.argmin(np.append(dam, False)))  # the levee that breaches
    first = np.flatnonzero(wet[own:])
    if not len(first) or dam[own:][: first[0]].any():
        return 0, False
    return own + int(first[0]) + 1, bool(dam[own + first[0] :].any())


def _around(place: Place, reach: float, lattice: Lattice) -> tuple[slice, slice]:
    """The cells within a reach of a place, at least its own."""
    cells = int(reach / lattice.cell)
    row, column, _ = (each[0] for each in lattice.cells_at(*(np.array([v]) for v in place)))
    return np.s_[max(row - cells, 0) : row + cells + 1, max(column - cells, 0) : column + cells + 1]

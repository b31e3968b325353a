"""Flood scenario: water from breaches, rain and a lake runs over the plain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from layers.grid import Grid, Lattice, same_lattice
from layers.hazards import inundation
from layers.hazards.inundation import SCHEMES, Course, Gauge, Inflow, Scenario
from layers.hazards.inundation.buildings import HEIGHT, MODES, ROUGH, SHARE, Mask, Standing, filled_in
from layers.hazards.inundation.sections import Section
from layers.hazards.inundation.storms import PLACES
from layers.hazards.inundation_rain import LOSSES, OWN, RAINS, SOILS, ZoneRain, fallen
from layers.hazards.model import Input, IntensityMeasure, Reference, check_parameters, parameter
from layers.hazards.mouths import Place, mouth
from layers.progress import Progress, ignore

if TYPE_CHECKING:
    from layers.hazards.inundation import Inundation

_EVEN, _STORM, _OWN = ("rain_from", "even"), ("rain_from", "storm"), ("storm_place", OWN)
_SOLID, _RAISED, _ROUGH = ("buildings", ("block", "raise")), ("buildings", "raise"), ("buildings", "roughen")
"""When a number of the rain or the buildings is asked for."""
OPEN = "open"
"""Buildings do not stand in the way."""

ARRIVES = 0.05
"""Depth from which a place counts as reached, m."""
TOLD = 300.0
"""How often gauges and cross-sections are told, s."""


@dataclass(frozen=True)
class InundationScenario:
    """Inundation from breaches, rain and a lake, by the engine of `layers.hazards.inundation`.

    At each place the levee is open over `width` and the discharge enters the land behind it: the nearest
    cells on the side that is turned from the river. Levees elsewhere stand and may be overtopped. Rain, less
    what the ground takes, falls evenly on all cells, or by zones. The border of the terrain is closed: no
    water leaves there.

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
    zone_rain : tuple of (float, hyetograph)
        By number of the zone, if rain comes by zones; see `layers.hazards.inundation_inputs.resolved`.
    land_losses : tuple of (float, str)
        Words of losses by class of land cover (see `layers.hazards.inundation.losses.read_loss`); without
        them, curve numbers of the soil group.
    rain_by : float
        All rain is so many times as strong.
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
    zone_rain: ZoneRain = ()
    land_losses: tuple[tuple[float, str], ...] = ()
    rain_by: float = 1.0
    discharge: float = parameter(
        1000.0, unit="m³/s", source="source.scenario", status="derived", low=0.0, high=100_000.0
    )
    rise: float = parameter(1.0, unit="h", source="source.scenario", status="derived", low=0.0, high=240.0)
    lasts: float = parameter(24.0, unit="h", source="source.scenario", status="derived", low=0.1, high=720.0)
    width: float = parameter(
        150.0, unit="m", source="source.breach_width", status="derived", low=10.0, high=5000.0
    )
    rain_from: str = parameter(RAINS[0], source="source.rain_from", status="derived", choices=RAINS)
    rain: float = parameter(
        0.0, unit="mm", source="source.design_rain", status="derived", low=0.0, high=2000.0, when=_EVEN
    )
    rain_hours: float = parameter(
        24.0, unit="h", source="source.design_rain", status="derived", low=0.5, high=240.0, when=_EVEN
    )
    storm_place: str = parameter(
        "hengshui", source="source.storm_place", status="recalled", choices=(*PLACES, OWN), when=_STORM
    )
    storm_a: float = parameter(
        3575.0, unit="L/(s·ha)", source="source.storm_own", status="recalled", low=0.0, high=1e5, when=_OWN
    )
    storm_c: float = parameter(
        1.0, source="source.storm_own", status="recalled", low=0.0, high=5.0, when=_OWN
    )
    storm_b: float = parameter(
        18.0, unit="min", source="source.storm_own", status="recalled", low=0.0, high=100.0, when=_OWN
    )
    storm_n: float = parameter(
        0.87, source="source.storm_own", status="recalled", low=0.1, high=1.5, when=_OWN
    )
    storm_period: float = parameter(
        20.0, unit="a", source="source.scenario", status="derived", low=0.2, high=10_000.0, when=_STORM
    )
    storm_minutes: float = parameter(
        120.0, unit="min", source="source.storm_minutes", status="derived", low=5.0, high=4320.0, when=_STORM
    )
    storm_peak: float = parameter(
        0.4, source="source.storm_peak", status="recalled", low=0.05, high=0.95, when=_STORM
    )
    loss_from: str = parameter(LOSSES[0], source="source.loss_from", status="derived", choices=LOSSES)
    runoff: float = parameter(
        0.6, source="source.runoff", status="derived", low=0.0, high=1.0, when=("loss_from", "share")
    )
    soil: str = parameter(
        "B", source="source.soil", status="derived", choices=SOILS, when=("loss_from", "land")
    )
    lake_level: float = parameter(
        21.0, unit="m", source="source.lake_level", status="recalled", low=-100.0, high=9000.0
    )
    roughness: float = parameter(
        0.05, unit="s/m^(1/3)", source="source.roughness", status="recalled", low=0.01, high=0.5
    )
    buildings: str = parameter(OPEN, source="source.buildings", status="derived", choices=(OPEN, *MODES))
    building_share: float = parameter(
        SHARE, source="source.building_share", status="derived", low=0.0625, high=1.0, when=_SOLID
    )
    building_height: float = parameter(
        HEIGHT, unit="m", source="source.building_height", status="derived", low=0.1, high=100.0, when=_RAISED
    )
    building_manning: float = parameter(
        ROUGH,
        unit="s/m^(1/3)",
        source="source.building_manning",
        status="recalled",
        low=0.02,
        high=1.0,
        when=_ROUGH,
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
        return bool(self.places) or self.rains

    @property
    def rains(self) -> bool:
        """Whether any rain runs."""
        none_runs = self.rain_by <= 0 or (self.loss_from == "share" and self.runoff <= 0)
        return not none_runs and (self.rain_from != "even" or self.rain > 0)

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
            return flood_depth(scenario, inundation.simulate(scenario, progress), self.taken(inputs))
        progress(1.0)  # lakes at rest
        return scenario.terrain.like(np.where(np.isfinite(scenario.terrain.values), 0.0, np.nan))

    def scenario(self, inputs: Mapping[str, Grid]) -> Scenario:
        """What the engine is given."""
        ground, drainage, levee, lake = (inputs[each.name] for each in self.requires)
        lattice = same_lattice(ground, drainage, levee, lake)
        known = np.isfinite(ground.values) & np.isfinite(drainage.values)
        known &= np.isfinite(levee.values) & np.isfinite(lake.values)
        taken = self.taken(inputs)
        free = known if taken is None else known & ~taken
        crest = np.maximum(np.nan_to_num(levee.values), 0.0)
        mouths = [
            mouth(place, self.width, free, drainage.values > 0, crest, lattice) for place in self.places
        ]
        standing = self.standing
        manning: Grid | float = self.roughness
        for place in self.places:
            crest[_around(place, self.width / 2, lattice)] = 0.0
        bed = np.where(known, ground.values + crest, np.nan)
        if standing is not None:
            covered = inputs["building"]
            bed, manning = standing.bed(bed, covered), standing.manning(manning, covered)
        sky = fallen(self, inputs)
        depth = np.where(known & (lake.values > 0), np.maximum(self.lake_level - bed, 0.0), 0.0)
        return Scenario(
            terrain=Grid(bed, lattice, "m"),
            manning=manning,
            duration=self.duration * 3600.0,
            initial=Grid(depth, lattice, "m"),
            rain=sky.rain,
            loss=sky.loss,
            inflows=tuple(inflow for cells in mouths for inflow in self._inflows(cells)),
            gauges=tuple(Gauge(name, x, y) for name, x, y in self.gauges),
            sections=tuple(Section(name, line) for name, line in self.sections),
            gauge_interval=TOLD,
            times=self.times,
            scheme="shallow-water" if self.scheme == "shallow-water" else "local-inertial",
            wet_depth=ARRIVES,
        )

    @property
    def standing(self) -> Standing | None:
        """How buildings stand in the way; None if they do not."""
        if self.buildings == OPEN:
            return None
        mode = next(each for each in MODES if each == self.buildings)
        return Standing(mode, self.building_share, self.building_height, self.building_manning)

    def taken(self, inputs: Mapping[str, Grid]) -> Mask | None:
        """The cells that buildings close or raise; None if they do not."""
        standing = self.standing
        return None if standing is None else standing.taken(inputs["building"])

    def _inflows(self, cells: list[Place]) -> list[Inflow]:
        """The discharge of a breach, shared out evenly."""
        course = self.course()
        share = Course(course.times, course.values / len(cells), course.name)
        return [Inflow("breach", x, y, share) for x, y in cells]

    def course(self) -> Course:
        """Discharge of one breach over time, m³/s."""
        rows = self.hydrograph or (
            *(((0.0, 0.0), (self.rise, self.discharge)) if self.rise else ((0.0, self.discharge),)),
            (self.rise + self.lasts, self.discharge),
            (self.rise + self.lasts + max(self.rise, 0.01), 0.0),
        )
        hours, flows = np.array(rows, np.float64).T
        return Course(hours * 3600.0, flows, "hydrograph")


def flood_depth(scenario: Scenario, found: "Inundation", taken: Mask | None = None) -> Grid:
    """The greatest depth, m, but 0 where water stood before the flood: a lake is not flooded land.

    Parameters
    ----------
    scenario : Scenario
    found : Inundation
    taken : ndarray of bool, optional
        Cells of buildings: they stand in the water around them.
    """
    depth = found.grid("depth_max")
    if taken is not None:
        filled_in(depth.values, taken, np.isfinite(depth.values))
    if scenario.initial is not None:
        depth.values[(scenario.initial.values > 0) & np.isfinite(depth.values)] = 0.0
    return depth


def _around(place: Place, reach: float, lattice: Lattice) -> tuple[slice, slice]:
    """The cells within a reach of a place, at least its own."""
    cells = int(reach / lattice.cell)
    row, column, _ = (each[0] for each in lattice.cells_at(*(np.array([v]) for v in place)))
    return np.s_[max(row - cells, 0) : row + cells + 1, max(column - cells, 0) : column + cells + 1]

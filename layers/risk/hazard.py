"""The hazard of a project: stored, modelled, or as the census graded it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards import HAZARDS
from layers.hazards.attenuation import ScenarioEarthquake
from layers.hazards.inputs import both_titles, code_text, gather, missing_kinds
from layers.hazards.inundation_inputs import flood_inputs, resolved
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.model import HazardModel
from layers.hazards.origin import Traced
from layers.hazards.rasterise import burn
from layers.hazards.recipe import revived
from layers.hazards.source import Reading
from layers.layer import Shapes
from layers.progress import Progress, ignore, part
from layers.risk.companions import Companions, run_scenario, stored_companions
from layers.risk.exposure import Cloud
from layers.risk.grades import CENSUS_GRADES, Grades, RiskScale, grade_grid, scale_of
from layers.storage.rasters import read_grid
from layers.words import say

Array = NDArray[np.float64]

HAZARD_NAMES = ("flood", "inundation", "earthquake", "shaking", "fire", "drought", "wind_hail")
"""The hazards of an assessment; their words are ``hazard.NAME``."""

SCENARIOS = (InundationScenario, ScenarioEarthquake)
"""Models that need what only a person can say: where it happens."""

CENSUS_HAZARDS = {
    "洪水": "flood",
    "地震": "earthquake",
    "森林火灾": "fire",
    "干旱": "drought",
    "风雹": "wind_hail",
}
"""How the census writes them."""


def census_name(hazard: str) -> str:
    """How the census writes a hazard; empty for one that it does not grade.

    Examples
    --------
    >>> census_name("wind_hail")
    '风雹'
    """
    return next((name for name, key in CENSUS_HAZARDS.items() if key == hazard), "")


@dataclass(frozen=True, eq=False)
class GradeZones:
    """Grades as polygons, as the census gives them.

    Parameters
    ----------
    shapes : Shapes
    grades : ndarray of float64, shape (zones,)
        1 to 5, NaN where the census left it out.
    """

    shapes: Shapes
    grades: Array

    def at(self, x: Array, y: Array) -> Array:
        """The worst grade among the zones that hold each point, border included; NaN in none."""
        result = np.full(len(x), np.nan)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        tree = shapely.STRtree(shapely.points(x[known], y[known]))
        graded = np.flatnonzero(np.isfinite(self.grades))
        zone, point = tree.query(self.shapes.geometries(graded), predicate="intersects")
        np.fmax.at(result, known[point], self.grades[graded[zone]])
        return result


@dataclass(frozen=True, eq=False)
class HazardResult(Traced):
    """How strong a hazard is, where; and where that comes from.

    Parameters
    ----------
    hazard : str
    intensity : Grid or None
        None if only grades are known.
    grades : Grid
        1 to 5, NaN where no data.
    scale : RiskScale or None
        The bounds between the grades; None if the census graded.
    model : HazardModel or None
        That made it; None for census grades and for stored results whose recipe is not known.
    zones : GradeZones or None
        The polygons behind `grades`, if the census graded.
    companions : Companions or None
        What a simulation made beside the intensity.
    """

    hazard: str
    intensity: Grid | None
    grades: Grid
    scale: RiskScale | None
    model: HazardModel | None
    zones: GradeZones | None
    companions: Companions | None = None

    def grades_of(self, cloud: Cloud) -> Grades:
        """Grade 1 to 5 at each point of a cloud; 0 where there is none.

        Census grades are those of the polygons themselves, save for the many cells that carry area.
        """
        exact = self.zones is not None and not cloud.is_cells
        source = self.zones if exact and self.zones is not None else self.grades
        return np.nan_to_num(source.at(cloud.x, cloud.y)).astype(np.uint8)


def model_of(hazard: str) -> HazardModel | None:
    """The first model of a hazard with its default parameters; None if there is none."""
    return next((kind() for kind in HAZARDS if kind.hazard == hazard), None)


def hazards_at_hand(reading: Reading) -> tuple[str, ...]:
    """The hazards with a model that are stored, or whose model needs nothing that only a person can say."""
    waiting = {each.hazard for each in SCENARIOS if reading.first(f"hazard_{each.hazard}") is None}
    return tuple(dict.fromkeys(kind.hazard for kind in HAZARDS if kind.hazard not in waiting))


def assess_hazard(
    reading: Reading,
    hazard: str,
    lattice: Lattice,
    model: HazardModel | None = None,
    progress: Progress = ignore,
) -> HazardResult:
    """The hazard as a stored result, else from its model, else from the census.

    Parameters
    ----------
    reading : Reading
    hazard : str
    lattice : Lattice
        For a model's run and for census grades; a stored result keeps its own.
    model : HazardModel, optional
        With the user's parameters: it is run whatever is stored.
    progress : Progress

    Raises
    ------
    KnownError
        None of the three is possible; what is missing is named.
    """
    if hazard not in HAZARD_NAMES:
        raise ValueError(f"{hazard!r} is none of {HAZARD_NAMES}")
    if model is None and reading.first(f"hazard_{hazard}") is not None:
        return _stored(reading, hazard)
    chosen = model or model_of(hazard)
    missing = () if chosen is None else missing_kinds(chosen, reading)
    if isinstance(chosen, SCENARIOS) and not missing and not chosen.is_driven:
        raise BadInput(f"{hazard}_not_run" if model is None else f"{hazard}_idle")
    if chosen is not None and not missing:
        return _modelled(reading, chosen, lattice, progress)
    return _from_census(reading, hazard, lattice, missing)


def _stored(reading: Reading, hazard: str) -> HazardResult:
    entry = reading.first(f"hazard_{hazard}")
    default = model_of(hazard)
    assert entry is not None
    if default is None:
        raise _hazard_missing(hazard, ("hazard_zone",))
    made_by = revived(entry.provenance.model, [kind for kind in HAZARDS if kind.hazard == hazard])
    intensity = read_grid(reading.raster(entry))
    reading.note((made_by or default).limits)
    companions = stored_companions(reading) if isinstance(default, InundationScenario) else None
    return _graded(reading, intensity, made_by or default, made_by, companions)


def _modelled(reading: Reading, model: HazardModel, lattice: Lattice, progress: Progress) -> HazardResult:
    if isinstance(model, InundationScenario):
        begun, rest = part(progress, 0.0, 0.1), part(progress, 0.1, 1.0)
        model = resolved(model, reading)
        intensity, companions = run_scenario(model, flood_inputs(model, reading, lattice, begun), rest)
        reading.note(model.limits)
        for key in companions.notes:
            reading.note(key)
        return _graded(reading, intensity, model, model, companions)
    inputs = gather(model, reading, lattice, part(progress, 0.0, 0.5))
    reading.note(model.limits)
    return _graded(reading, model.intensity(inputs, part(progress, 0.5, 1.0)), model, model)


def _graded(
    reading: Reading,
    intensity: Grid,
    model: HazardModel,
    made_by: HazardModel | None,
    companions: Companions | None = None,
) -> HazardResult:
    scale = scale_of(model.measure.name)
    origin = reading.origin(repr(made_by) if made_by else "")
    grades = scale.graded(intensity)
    return HazardResult(model.hazard, intensity, grades, scale, made_by, None, companions, origin=origin)


def _from_census(reading: Reading, hazard: str, lattice: Lattice, missing: tuple[str, ...]) -> HazardResult:
    zones = _census_zones(reading, hazard)
    if zones is None:
        raise _hazard_missing(hazard, (*missing, "hazard_zone"))
    reading.note("note.census_grades")
    cells = burn(zones.shapes, zones.grades, lattice)
    grades = grade_grid(Grid(cells, lattice), np.nan_to_num(cells))
    return HazardResult(hazard, None, grades, None, None, zones, origin=reading.origin())


def _hazard_missing(hazard: str, kinds: tuple[str, ...]) -> BadInput:
    missing = ", ".join(map(both_titles, kinds))
    return BadInput("hazard_missing", hazard=both_names(hazard), missing=missing)


def both_names(hazard: str) -> str:
    """A hazard as a fact of a known error, whose language is not yet known."""
    return f"{say(f'hazard.{hazard}', 'zh_CN')} ({say(f'hazard.{hazard}', 'en')})"


def _census_zones(reading: Reading, hazard: str) -> GradeZones | None:
    """The census polygons of a hazard; None if there are none."""
    layer = reading.read("hazard_zone", "hazard", "grade")
    if layer is None:
        return None
    here = layer["hazard"].map(code_text).map(lambda name: CENSUS_HAZARDS.get(name, name)) == hazard
    chosen = layer.take(here.to_numpy(bool))
    if not len(chosen):
        return None
    grades = chosen["grade"].map(code_text).map(CENSUS_GRADES).to_numpy(np.float64)
    return GradeZones(chosen.shapes, grades)

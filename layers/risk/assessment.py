"""Assessment: from the layers of a project to hazard, overlay and risk by unit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Extent, Grid, Lattice
from layers.hazards.inputs import MissingLayer
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.memory import remembered
from layers.hazards.model import HazardModel
from layers.hazards.origin import Origin, Traced
from layers.hazards.recipe import revived
from layers.hazards.source import Reading, Source
from layers.layer import Provenance
from layers.progress import Progress, ignore, part
from layers.risk.affected import by_unit, risk_grid
from layers.risk.exposure import Exposure, read_exposure
from layers.risk.grades import RiskScale, scale_of
from layers.risk.hazard import HazardResult, assess_hazard, both_names
from layers.risk.overlay import tabulate
from layers.risk.vulnerability import VULNERABILITIES, Vulnerability

Array = NDArray[np.float64]

HAZARD_CELL = 90.0
"""Side of a hazard model's cells, m."""

RISK_CELL = 300.0
"""Side of a risk map's cells, m."""


@dataclass(frozen=True, eq=False)
class Overlay(Traced):
    """Exposure by unit and hazard grade.

    Parameters
    ----------
    hazard, unit : str
    table : pandas.DataFrame
        See `layers.risk.overlay.tabulate`.
    """

    hazard: str
    unit: str
    table: pd.DataFrame


@dataclass(frozen=True, eq=False)
class RiskResult(Traced):
    """Expected affected people per square kilometre: hazard × exposure × vulnerability.

    An affected person is a whole person's worth of damage: two people at a damage share of one half.

    Parameters
    ----------
    hazard : str
    risk : Grid
        Affected people on the square kilometre around each cell, 人/km²; 0 where nobody lives; NaN outside
        the units and where the hazard is not known.
    grades : Grid
        1 to 5, NaN where no data.
    scale : RiskScale
    by_county, by_township : pandas.DataFrame
        One row a unit: ``code, name, area_km2, population, affected_people, affected_floor_area_m2, risk,
        grade`` (0: no data), and people by the grade of their cell, ``people_low … people_high,
        people_nodata``. Empty if the project has no such units.
    hazard_result : HazardResult
    vulnerability : Vulnerability
    """

    hazard: str
    risk: Grid
    grades: Grid
    scale: RiskScale
    by_county: pd.DataFrame
    by_township: pd.DataFrame
    hazard_result: HazardResult
    vulnerability: Vulnerability


def lattice_of(project: Source, cell: float = HAZARD_CELL) -> Lattice:
    """Cells of this side over all counties and townships.

    Raises
    ------
    MissingLayer
        The project has neither.
    """
    boxes = []
    for kind in ("county", "township"):
        entry = Reading(project).first(kind)
        box = None if entry is None else entry.extent or project.read(entry.name, columns=()).shapes.extent
        boxes += [] if box is None else [box]
    if not boxes:
        raise MissingLayer("county")
    corners = np.array(boxes)
    whole = Extent(*corners[:, :2].min(axis=0).tolist(), *corners[:, 2:].max(axis=0).tolist())
    return Lattice.covering(whole, cell, project.crs)


def hazard_result(
    project: Source, hazard: str, progress: Progress = ignore, *, model: HazardModel | None = None
) -> HazardResult:
    """The hazard: a stored result, else the model's, else the census's grades.

    Parameters
    ----------
    project : Source
    hazard : str
        One of `layers.risk.hazard.HAZARD_NAMES`.
    progress : Progress
    model : HazardModel, optional
        With the user's parameters; by default the first model of the hazard.

    Raises
    ------
    KnownError
        Layers are missing; they are named.
    """
    return remembered(project, ("hazard", hazard, model), lambda: _hazard(project, hazard, model, progress))


def _hazard(project: Source, hazard: str, model: HazardModel | None, progress: Progress) -> HazardResult:
    cell = model.cell if isinstance(model, InundationScenario) else HAZARD_CELL
    return assess_hazard(Reading(project), hazard, lattice_of(project, cell), model, progress)


def exposure_of(project: Source, progress: Progress = ignore) -> Exposure:
    """The exposure of a project, see `layers.risk.exposure.read_exposure`."""
    return remembered(
        project, ("exposure",), lambda: read_exposure(Reading(project), lattice_of(project), progress)
    )


def overlay(project: Source, hazard: str, unit: str, progress: Progress = ignore) -> Overlay:
    """Exposure by hazard grade in each county, township or square kilometre.

    Parameters
    ----------
    project : Source
    hazard : str
    unit : {"county", "township", "grid"}
    progress : Progress

    Raises
    ------
    KnownError
        Layers are missing; they are named.
    """
    return remembered(project, ("overlay", hazard, unit), lambda: _overlay(project, hazard, unit, progress))


def _overlay(project: Source, hazard: str, unit: str, progress: Progress) -> Overlay:
    found = hazard_result(project, hazard, part(progress, 0.0, 0.4))
    exposure = exposure_of(project, part(progress, 0.4, 0.8))
    if unit != "grid" and unit not in exposure.regions:
        raise MissingLayer(unit)
    grades = tuple(found.grades_of(cloud) for cloud in exposure.clouds)
    table = tabulate(exposure, grades, unit, part(progress, 0.8, 1.0))
    return Overlay(hazard, unit, table, origin=whence(found, exposure))


def whence(
    found: HazardResult,
    exposure: Exposure,
    vulnerability: Vulnerability | None = None,
    more: Reading | None = None,
) -> Origin:
    """Where a result comes from that was made of a hazard, an exposure, and more that was read.

    Parameters
    ----------
    found : HazardResult
    exposure : Exposure
    vulnerability : Vulnerability, optional
    more : Reading, optional
    """
    readings = [exposure.reading] + ([] if more is None else [more])
    inputs = tuple(sorted({*found.provenance.inputs, *(name for read in readings for name in read.names)}))
    sources = tuple(dict.fromkeys((*found.sources, *(each for read in readings for each in read.sources))))
    limits = () if vulnerability is None else (vulnerability.limits,)
    notes = tuple(dict.fromkeys((*found.notes, *(n for read in readings for n in read.notes), *limits)))
    models = (found.provenance.model, repr(vulnerability) if vulnerability else "")
    model = "; ".join(text for text in models if text)
    synthetic = found.synthetic or any(read.synthetic for read in readings)
    about = Provenance("; ".join(sources), synthetic=synthetic, model=model, inputs=inputs)
    return Origin(about, sources, notes)


def risk_result(
    project: Source,
    hazard: str,
    progress: Progress = ignore,
    *,
    model: HazardModel | None = None,
    vulnerability: Vulnerability | None = None,
) -> RiskResult:
    """Risk in cells of `RISK_CELL` and by unit.

    Parameters
    ----------
    project : Source
    hazard : {"flood", "earthquake", "fire"}
    progress : Progress
    model, vulnerability : optional
        With the user's parameters.

    Raises
    ------
    KnownError
        Layers are missing, or the hazard is known by grades alone, from which no share can be told.
    """
    chosen = vulnerability or chosen_vulnerability(project, hazard)
    return remembered(
        project,
        ("risk", hazard, model, chosen),
        lambda: _risk(project, hazard, model, chosen, progress),
    )


def chosen_vulnerability(project: Source, hazard: str) -> Vulnerability:
    """The vulnerability with which the project's stored risk was reckoned, else the default.

    So sheet, web map and command line go on with the numbers that the user gave in the window.

    Raises
    ------
    BadInput
        The hazard has none.
    """
    default = vulnerability_of(hazard)
    entry = Reading(project).first(f"risk_{hazard}")
    recipe = "" if entry is None else entry.provenance.model
    return revived(recipe, [type(default)]) or default


def vulnerability_of(hazard: str) -> Vulnerability:
    """The vulnerability of a hazard with its default parameters.

    Raises
    ------
    BadInput
        There is none: drought, wind and hail are shown by grade and exposure only.
    """
    found = next((kind() for kind in VULNERABILITIES if kind.hazard == hazard), None)
    if found is None:
        raise BadInput("risk_by_grades_only", hazard=both_names(hazard))
    return found


def _risk(
    project: Source,
    hazard: str,
    model: HazardModel | None,
    vulnerability: Vulnerability,
    progress: Progress,
) -> RiskResult:
    found = hazard_result(project, hazard, part(progress, 0.0, 0.5), model=model)
    if found.intensity is None:
        raise BadInput("risk_by_grades_only", hazard=both_names(hazard))
    exposure = exposure_of(project, part(progress, 0.5, 0.8))
    scale = scale_of(f"affected_people_{hazard}")
    shares = tuple(vulnerability.share(found.intensity, cloud) for cloud in exposure.clouds)
    progress(0.9)
    risk = risk_grid(exposure, shares, lattice_of(project, RISK_CELL))
    grades = scale.graded(risk)
    tables = {
        unit: by_unit(exposure, shares, grades, scale, unit) if unit in exposure.regions else pd.DataFrame()
        for unit in ("county", "township")
    }
    progress(1.0)
    origin = whence(found, exposure, vulnerability)
    return RiskResult(
        hazard, risk, grades, scale, tables["county"], tables["township"], found, vulnerability, origin=origin
    )

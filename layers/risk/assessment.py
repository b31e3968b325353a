"""From a project's layers to hazard, overlay and risk: what window, sheets and command line ask for."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter

from layers.changes import Edit
from layers.errors import BadInput
from layers.grid import Array, Grid, Lattice
from layers.hazards import HAZARDS
from layers.hazards.model import HazardModel
from layers.layer import Provenance, RasterLayer, VectorLayer
from layers.progress import Progress, ignore, part
from layers.risk.database import QueryResult, query_table
from layers.risk.exposure import Exposure, exposures, population
from layers.risk.grades import GRADE_KEYS, RiskGrade, RiskScale, scale_of
from layers.risk.inputs import (
    KINDS_READ,
    MAKERS,
    burn,
    lattice_of,
    layers_of,
    needed,
    within_regions,
)
from layers.risk.loss import VULNERABILITIES, per_km2
from layers.risk.overlay import Overlay, overlay_grades
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid
from layers.words import say

MODELS: Mapping[str, type[HazardModel]] = {model.hazard: model for model in HAZARDS}

_CELL = 90.0  # m: the hazard's
_RISK_CELLS = 3  # hazard cells along the side of a risk cell: 270 m
_FIRE_REACH = 100.0  # m: heat and embers; an engineering default, stated in the words of the fire risk


@dataclass(frozen=True, eq=False)
class HazardResult:
    """How strong a hazard is, and its grades.

    Parameters
    ----------
    hazard : str
    intensity : Grid or None
        None where the census gave grades alone.
    grades : Grid
        1 to 5; NaN is no data.
    scale : RiskScale or None
    model : HazardModel or None
    provenance : Provenance
    synthetic : bool
        Some layer that was read is synthetic: say so wherever this is shown.
    sources : tuple of str
        What to print under "sources".
    """

    hazard: str
    intensity: Grid | None
    grades: Grid
    scale: RiskScale | None
    model: HazardModel | None
    provenance: Provenance
    synthetic: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RiskResult:
    """Risk on cells and by region.

    Parameters
    ----------
    hazard : str
    risk : Grid
        Affected people on each km²; NaN is no data.
    grades : Grid
        1 to 5; NaN is no data.
    scale : RiskScale
    by_county, by_township : pandas.DataFrame
        ``code, name, affected_people, affected_per_km2, grade`` and people and area by risk grade.
    provenance : Provenance
    notes : tuple of str
        Keys of words that must stand beside the result.
    synthetic : bool
    sources : tuple of str
    """

    hazard: str
    risk: Grid
    grades: Grid
    scale: RiskScale
    by_county: pd.DataFrame
    by_township: pd.DataFrame
    provenance: Provenance
    notes: tuple[str, ...]
    synthetic: bool
    sources: tuple[str, ...]


def hazard_result(
    project: ProjectFile, hazard: str, progress: Progress = ignore, model: HazardModel | None = None
) -> HazardResult:
    """The hazard as the project holds it, or from its model, or from the census grades.

    Parameters
    ----------
    project : ProjectFile
    hazard : {"flood", "earthquake", "fire", "drought", "wind_hail"}
    progress : Progress
    model : HazardModel, optional
        Run this model even if the project holds a result.

    Raises
    ------
    BadInput
        A layer that the model reads is missing, or there are no census grades: it is named.
    """
    stored = project.first(f"hazard_{hazard}")
    if hazard not in MODELS:
        return _from_census(project, hazard)
    if stored is not None and model is None:
        return _from_store(project, hazard, stored.name)
    return _from_model(project, model or MODELS[hazard](), progress)


def _from_store(project: ProjectFile, hazard: str, name: str) -> HazardResult:
    entry = project.layer(name)
    scale = scale_of(MODELS[hazard].measure.name)
    intensity = project.grid(name)
    grades = _graded(intensity, scale)
    sources = tuple(entry.provenance.source.split("；"))
    return HazardResult(
        hazard,
        intensity,
        grades,
        scale,
        MODELS[hazard](),
        entry.provenance,
        entry.provenance.synthetic,
        sources,
    )


def _from_model(project: ProjectFile, model: HazardModel, progress: Progress) -> HazardResult:
    lattice = lattice_of(project, _CELL)
    inputs = {}
    for number, each in enumerate(model.requires):
        inputs[each.name] = MAKERS[each.name](project, lattice)
        progress(0.4 * (number + 1) / len(model.requires))
    intensity = within_regions(project, model.intensity(inputs, part(progress, 0.4, 1.0)))
    scale = scale_of(model.measure.name)
    read = [kind for each in model.requires for kind in KINDS_READ[each.name]]
    provenance, sources = _provenance(project, read, repr(model))
    grades = _graded(intensity, scale)
    return HazardResult(
        model.hazard, intensity, grades, scale, model, provenance, provenance.synthetic, sources
    )


def _from_census(project: ProjectFile, hazard: str) -> HazardResult:
    zones = project.read(needed(project, "hazard_zone")[0].name)
    rows = (zones["hazard"] == say(f"hazard.{hazard}", "zh_CN")).to_numpy()
    if not rows.any():
        raise BadInput("grades_missing", hazard=say(f"hazard.{hazard}", "zh_CN"))
    numbers = {say(f"grade.{grade.key}", "zh_CN"): float(grade) for grade in RiskGrade}
    zone = zones.take(rows)
    grades = burn(lattice_of(project, _CELL), zone, zone["grade"].map(numbers).to_numpy(np.float64))
    provenance, sources = _provenance(project, ["hazard_zone"], "")
    grid = within_regions(project, Grid(grades, lattice_of(project, _CELL)))
    return HazardResult(hazard, None, grid, None, None, provenance, provenance.synthetic, sources)


def _graded(intensity: Grid, scale: RiskScale) -> Grid:
    grades = scale.grade(intensity.values).astype(np.float64)
    return intensity.like(np.where(grades == 0, np.nan, grades), unit="")


def _provenance(project: ProjectFile, kinds: list[str], model: str) -> tuple[Provenance, tuple[str, ...]]:
    """What was read, by title; synthetic as soon as one of them is."""
    entries = {e.name: e for kind in dict.fromkeys(kinds) for e in layers_of(project, kind)}.values()
    sources = tuple(dict.fromkeys(e.provenance.source for e in entries if e.provenance.source))
    provenance = Provenance(
        source="；".join(sources),
        synthetic=any(e.provenance.synthetic for e in entries),
        model=model,
        inputs=tuple(e.title for e in entries),
    )
    return provenance, sources


def overlay(project: ProjectFile, hazard: str, unit: str, progress: Progress = ignore) -> Overlay:
    """Exposure by region and hazard grade.

    Parameters
    ----------
    project : ProjectFile
    hazard : str
    unit : {"county", "township"}
    progress : Progress
    """
    grades = hazard_result(project, hazard, part(progress, 0.0, 0.4)).grades
    units = project.read(needed(project, unit)[0].name)
    table = overlay_grades(grades, units, exposures(project, grades.lattice), part(progress, 0.4, 1.0))
    return Overlay(hazard, unit, table)


def risk_result(project: ProjectFile, hazard: str, progress: Progress = ignore) -> RiskResult:
    """Hazard × exposure × vulnerability: people affected, on cells of 270 m and by region.

    Raises
    ------
    BadInput
        The hazard has no model (drought, wind and hail have census grades only), or a layer is missing.
    """
    if hazard not in MODELS:
        raise BadInput("no_risk_model", hazard=say(f"hazard.{hazard}", "zh_CN"))
    found = hazard_result(project, hazard, part(progress, 0.0, 0.5))
    people = population(project, found.grades.lattice)
    buildings = _buildings(project)
    share = VULNERABILITIES[hazard].share(_intensity_at(found, people.x, people.y), buildings)
    progress(0.7)
    coarse = _coarse(found.grades)
    risk = per_km2(people, share, coarse.lattice, coarse)
    scale = scale_of(f"affected_people_{hazard}")
    affected = replace(people, name="affected_people", amount=np.nan_to_num(people.amount * share))
    grades = _graded(risk, scale)
    tables = [_by_region(project, unit, scale, grades, (people, affected)) for unit in ("county", "township")]
    provenance = replace(found.provenance, model=f"{found.provenance.model} {VULNERABILITIES[hazard]!r}")
    exposed, exposed_sources = _provenance(project, ["building", "township"], "")
    provenance = replace(
        provenance,
        synthetic=found.synthetic or exposed.synthetic,
        inputs=tuple(dict.fromkeys((*provenance.inputs, *exposed.inputs))),
        source="；".join(dict.fromkeys((*found.sources, *exposed_sources))),
    )
    progress(1.0)
    return RiskResult(
        hazard,
        risk,
        grades,
        scale,
        tables[0],
        tables[1],
        provenance,
        (f"limits.{MODELS[hazard].name}", f"limits.risk_{hazard}"),
        provenance.synthetic,
        tuple(provenance.source.split("；")),
    )


def _buildings(project: ProjectFile) -> VectorLayer | None:
    entries = layers_of(project, "building")
    return project.read(entries[0].name, columns=("structure", "year")) if entries else None


def _intensity_at(found: HazardResult, x: Array, y: Array) -> Array:
    """A fire reaches beyond its fuel: the strongest within 100 m counts."""
    assert found.intensity is not None
    grid = found.intensity
    if found.hazard == "fire":
        reach = 2 * int(np.ceil(_FIRE_REACH / grid.lattice.cell)) + 1
        strongest = maximum_filter(np.nan_to_num(grid.values, nan=-1.0), size=reach)
        grid = grid.like(np.where(np.isnan(grid.values), np.nan, strongest))
    return grid.at(x, y)


def _coarse(grades: Grid) -> Grid:
    """The lattice of the risk: known where any of its hazard cells is."""
    fine, n = grades.lattice, _RISK_CELLS
    rows, columns = -(-fine.rows // n), -(-fine.columns // n)
    padded = np.full((rows * n, columns * n), np.nan)
    padded[: fine.rows, : fine.columns] = grades.values
    known = np.isfinite(padded).reshape(rows, n, columns, n).any(axis=(1, 3))
    lattice = Lattice(fine.west, fine.north, fine.cell * n, rows, columns, fine.crs)
    return Grid(np.where(known, 1.0, np.nan), lattice)


def _by_region(
    project: ProjectFile, unit: str, scale: RiskScale, grades: Grid, amounts: tuple[Exposure, ...]
) -> pd.DataFrame:
    """People and area by risk grade, and the region's own risk and grade."""
    entries = layers_of(project, unit)
    if not entries:
        return pd.DataFrame(columns=["code", "name", "grade"])
    table = overlay_grades(grades, project.read(entries[0].name), amounts)
    density = table["affected_people_total"] / table["area_km2_total"].replace(0, np.nan)
    table.insert(2, "affected_per_km2", density)
    table.insert(3, "grade", [GRADE_KEYS[g - 1] if g else "nodata" for g in scale.grade(density)])
    return table


def query(project: ProjectFile, hazard: str, region: str, progress: Progress = ignore) -> QueryResult:
    """Hazard, exposure and capacity to reduce of one region, or of all.

    Raises
    ------
    BadInput
        No county or township has that code.
    """
    unit = _unit_of(project, region)
    table = overlay(project, hazard, unit, part(progress, 0.0, 0.9)).table
    return query_table(project, hazard, region, unit, table)


def _unit_of(project: ProjectFile, region: str) -> str:
    if region == "all":
        return "county"
    for unit in ("county", "township"):
        for entry in layers_of(project, unit):
            if (project.read(entry.name, columns=("code",))["code"].astype(str) == region).any():
                return unit
    raise BadInput("region_unknown", region=region)


def results_edit(name: str, project: ProjectFile, *results: HazardResult | RiskResult) -> Edit:
    """Store hazard and risk rasters in the project, as one edit."""
    folder = Path(tempfile.mkdtemp(prefix="riskatlas-"))
    layers = [_raster(folder, result) for result in results]
    return load(name, layers, project)


def _raster(folder: Path, result: HazardResult | RiskResult) -> RasterLayer:
    if isinstance(result, RiskResult):
        kind, grid = f"risk_{result.hazard}", result.risk
    else:
        kind, grid = f"hazard_{result.hazard}", result.intensity or result.grades
    path = folder / f"{kind}.tif"
    write_grid(grid, path)
    return RasterLayer(kind, kind, str(path), grid.lattice, grid.unit, "", result.provenance)


__all__ = [
    "HazardResult",
    "QueryResult",
    "RiskResult",
    "hazard_result",
    "lattice_of",
    "overlay",
    "query",
    "results_edit",
    "risk_result",
]

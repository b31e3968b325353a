"""What a run gives, as layers and as the edit that stores them; run here, or in a process of its own."""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from layers.changes import Edit
from layers.hazards.model import HazardModel
from layers.layer import Layer, RasterLayer, VectorLayer
from layers.progress import Progress, ignore, part
from layers.risk.assessment import RiskResult, risk_result
from layers.risk.companions import UNITS
from layers.risk.consequences import FOLLOWING, consequences
from layers.risk.hazard import HazardResult
from layers.risk.scenario_set import ScenarioSet
from layers.risk.vulnerability import Vulnerability
from layers.storage.apart import Laid, apart, take_all
from layers.storage.geopackage import ProjectFile, load
from layers.storage.passing import in_passing
from layers.storage.rasters import write_grid


def results_edit(
    name: str,
    project: ProjectFile,
    *results: HazardResult | RiskResult,
    more: Sequence[VectorLayer] = (),
    instead_of: Collection[str] = (),
) -> Edit:
    """The edit that stores hazard intensities, risk and what follows in a project, in place of earlier ones.

    Parameters
    ----------
    name : str
        What the user did, in the user's language.
    project : ProjectFile
    *results
        Census grades hold no intensity and are left out.
    more : sequence of VectorLayer
        What follows from them.
    instead_of : collection of str
        Kinds whose earlier layers go, though nothing may come in their place.

    Returns
    -------
    Edit
        Its rasters lie in a temporary folder, which goes when the edit does.

    Raises
    ------
    CannotWrite
        No room in the temporary folder.
    """

    def made(folder: Path) -> Edit:
        rasters = [layer for result in results for layer in rasters_of(result, folder)]
        return load(name, [*rasters, *more], project, replace_kind=True, instead_of=instead_of)

    return in_passing(made)


def run(
    project: ProjectFile,
    hazard: str,
    model: HazardModel | None,
    vulnerability: Vulnerability | None,
    folder: Path,
    progress: Progress = ignore,
) -> tuple[list[Layer], Collection[str]]:
    """Run a hazard's model: the hazard, the risk and what follows from it.

    Parameters
    ----------
    project : ProjectFile
    hazard : str
    model, vulnerability : optional
        With the user's parameters.
    folder : Path
        Takes the rasters.
    progress : Progress

    Returns
    -------
    layers : list of Layer
    instead_of : collection of str
        As of `results_edit`.

    Raises
    ------
    KnownError
        As `risk_result`; `CannotWrite` if the folder has no room.
    """
    reckoned = part(progress, 0.0, 0.85)
    found = risk_result(project, hazard, reckoned, model=model, vulnerability=vulnerability)
    has_more = found.hazard_result.companions is not None
    more = consequences(project, found, part(progress, 0.85, 1.0)) if has_more else ()
    rasters = [layer for result in (found.hazard_result, found) for layer in rasters_of(result, folder)]
    return [*rasters, *more], FOLLOWING if has_more else ()


def run_apart(
    name: str,
    project: ProjectFile,
    hazard: str,
    model: HazardModel | None,
    vulnerability: Vulnerability | None,
    progress: Progress = ignore,
) -> Edit:
    """As `run`, in a process of its own, and the edit that stores what it gives.

    Parameters
    ----------
    name : str
        What the user did, in the user's language.
    project : ProjectFile
    hazard : str
    model, vulnerability : optional
    progress : Progress
        If it raises, the process is ended.

    Returns
    -------
    Edit
        Its rasters lie in a temporary folder, which goes when the edit does.

    Raises
    ------
    KnownError
        As `run`; and if the process died.
    """
    asked = {"hazard": hazard, "model": repr(model), "vulnerability": repr(vulnerability)}
    return edit_apart(name, project, "run", asked, progress)


def set_apart(
    name: str, project: ProjectFile, chosen: ScenarioSet, runs: Path, progress: Progress = ignore
) -> Edit:
    """A scenario set carried out as by `run_apart`, and the edit that stores it.

    Parameters
    ----------
    name : str
    project : ProjectFile
    chosen : ScenarioSet
    runs : Path
        Where each run is kept when it is done: a set that was stopped, or died, goes on from there.
    progress : Progress
    """
    return edit_apart(name, project, "set", {"set": repr(chosen), "runs": str(runs)}, progress)


def edit_apart(
    name: str, project: ProjectFile, work: str, asked: Mapping[str, Any], progress: Progress
) -> Edit:
    """The edit that stores the layers that work of `layers.risk.runner` gives, in place of earlier ones."""

    def stored(answer: Laid, folder: Path) -> Edit:
        layers, instead_of = take_all(answer, folder), answer["instead_of"]
        return load(name, layers, project, replace_kind=True, instead_of=instead_of)

    return apart("layers.risk.runner", work, {"project": str(project.path), **asked}, stored, progress)


def rasters_of(result: HazardResult | RiskResult, folder: Path) -> Iterator[RasterLayer]:
    """The rasters of a result, written into a folder; census grades have none."""
    is_risk = isinstance(result, RiskResult)
    kind = f"{'risk' if is_risk else 'hazard'}_{result.hazard}"
    grid = result.risk if isinstance(result, RiskResult) else result.intensity
    if grid is None:
        return
    path = folder / f"{kind}.tif"
    write_grid(grid, path)
    yield RasterLayer(kind, kind, str(path), grid.lattice, grid.unit, provenance=result.provenance)
    companions = None if isinstance(result, RiskResult) else result.companions
    for name, file in ({} if companions is None else companions.files).items():
        copy = folder / file.name
        shutil.copyfile(file, copy)
        yield RasterLayer(name, name, str(copy), grid.lattice, UNITS[name], provenance=result.provenance)

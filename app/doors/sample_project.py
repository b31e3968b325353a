"""The sample project: sample files brought in through everybody's doors, and what follows from them."""

from dataclasses import replace
from pathlib import Path

from layers.layer import Layer
from layers.progress import Progress, ignore, part
from layers.risk.assessment import hazard_result, risk_result
from layers.risk.results import results_edit
from layers.sample import SampleFile, large_folder, make_large, sample_files
from layers.storage.formats import read_file
from layers.storage.geopackage import ProjectFile, load
from layers.words import Language, say

MODELLED = ("flood", "earthquake", "fire")


def make_sample_project(path: Path, language: Language = "zh_CN", progress: Progress = ignore) -> None:
    """A project of Hengshui at `path` with every sample layer and the three hazards assessed.

    Parameters
    ----------
    path : Path
        A file that does not exist yet.
    language : {"zh_CN", "en"}
        Of the edits' names in the journal.
    progress : Progress
    """
    files = (*sample_files(), *make_large(large_folder(), part(progress, 0.0, 0.3)))
    with ProjectFile.create(path, name=say("sample.project", language)) as project:
        layers = _read_all(files, project.crs, part(progress, 0.3, 0.5))
        project.apply(load(say("edit.sample", language), layers, project))
        progress(0.6)
        for number, hazard in enumerate(MODELLED):
            _assess(project, hazard, language, part(progress, 0.6 + number * 0.13, 0.73 + number * 0.13))
    progress(1.0)


def _read_all(files: tuple[SampleFile, ...], crs: str, progress: Progress) -> list[Layer]:
    """City and counties come first: the files without a .prj are tested against them."""
    region: object | None = None
    layers: list[Layer] = []
    for number, file in enumerate(sorted(files, key=lambda each: each.kind not in {"city", "county"})):
        found = read_file(file.path, kind=file.kind, gcj02="no", target_crs=crs, region=region).layer
        if region is None and file.kind in {"city", "county"}:
            region = found
        layers.append(_with_provenance(found, file))
        progress((number + 1) / len(files))
    return layers


def _with_provenance(layer: Layer, file: SampleFile) -> Layer:
    """What the sample says of itself, and what the door noted on the way."""
    note = "；".join(filter(None, (file.provenance.note, layer.provenance.note)))
    return replace(layer, provenance=replace(file.provenance, note=note))


def _assess(project: ProjectFile, hazard: str, language: Language, progress: Progress) -> None:
    name = say(f"hazard.{hazard}", language)
    results = (
        hazard_result(project, hazard, part(progress, 0, 0.5)),
        risk_result(project, hazard, part(progress, 0.5, 1)),
    )
    project.apply(results_edit(say("edit.assess", language, hazard=name), project, *results))

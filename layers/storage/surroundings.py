"""Foreign files read with all that a project knows of its place."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from layers.census.catalogue import catalogue
from layers.errors import UnknownCrs
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.storage.formats import Imported
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.guarded import Reader

Doubt = tuple[str, str]
"""The key of an error and its candidates."""
_REGIONS = ("city", "county", "township")
_MOST_PLACES = 50_000


def read_files(
    project: ProjectFile,
    paths: Sequence[Path],
    *,
    answers: Mapping[Path, Mapping[str, Any]] | None = None,
    alike: Mapping[Doubt, Mapping[str, Any]] | None = None,
    progress: Progress = ignore,
    **ways: Any,
) -> list[Imported]:
    """Foreign files as layers for a project, read in a process of their own, each tested against the project
    and the files before it.

    Parameters
    ----------
    project : ProjectFile
    paths : sequence of Path
    answers : mapping of Path to mapping, optional
        What is known of single files: parameters that go before `ways`.
    alike : mapping of doubt to mapping, optional
        What is to be said of every file about which the same is in doubt; see `doubt_of`.
    progress : Progress
    **ways
        Of `read_file`: kind, encoding, crs, gcj02, layer, language.

    Raises
    ------
    MissingFile, BadInput, UnknownCrs
        Of the first file that cannot be read.
    """
    known = list(surroundings(project))
    found: list[Imported] = []
    with Reader() as reader:
        for number, path in enumerate(paths):
            region = next((layer for layer in known if layer.geometry_kind == "polygon"), None)
            read = partial(
                reader.read,
                path,
                target_crs=project.crs,
                region=region,
                anchors=[layer for layer in known if layer is not region],
                progress=part(progress, number / len(paths), (number + 1) / len(paths)),
            )
            own = {**ways, **(answers or {}).get(path, {})}
            try:
                made = read(**own)
            except UnknownCrs as error:
                said = (alike or {}).get(doubt_of(error))
                if said is None:
                    raise
                made = read(**{**own, **said})
            found.append(made)
            if isinstance(made.layer, VectorLayer) and made.layer.kind in _REGIONS:
                known.append(made.layer)
    return found


def doubt_of(error: UnknownCrs) -> Doubt:
    """What is in doubt: files of which the same is may be answered for together."""
    return error.key, str(error.facts.get("candidates", ""))


def surroundings(project: ProjectFile) -> tuple[VectorLayer, ...]:
    """The project's regions, the widest first, and its points with names."""
    entries = project.layers()
    regions = [entry for kind in _REGIONS for entry in entries if entry.kind == kind]
    points = [entry for entry in entries if _has_named_points(entry)]
    return tuple(_read(project, entry) for entry in (*regions, *points))


def _has_named_points(entry: LayerEntry) -> bool:
    named = entry.kind in catalogue() and any(
        field.name == "name" for field in catalogue()[entry.kind].fields
    )
    return entry.geometry == "point" and named and entry.rows <= _MOST_PLACES


def _read(project: ProjectFile, entry: LayerEntry) -> VectorLayer:
    there = project.columns(entry.name)
    return project.read(entry.name, columns=[name for name in ("code", "name") if name in there])

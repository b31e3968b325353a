"""What the verbs on a project do: tell what it holds, bring files in."""

import argparse
from typing import Any

from app.reckoning import Reckoning
from app.verbs.shared import opened
from layers.changes import Edit
from layers.layer import Layer, VectorLayer
from layers.storage.checking import check_project
from layers.storage.formats import Imported
from layers.storage.geopackage import ProjectFile, load
from layers.storage.surroundings import read_files
from layers.words import say

CHECKED_ROWS = 20_000
"""Rows above which an import is not checked at once."""


def info(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """What a project holds."""
    with opened(options.project) as project:
        entries = project.layers()
        reckoning.tell("cli.project", name=project.name, crs=project.crs, layers=len(entries))
        for entry in entries:
            geometry = say(f"geometry.{entry.geometry}", reckoning.language)
            status = say(
                f"status.{'synthetic' if entry.provenance.synthetic else 'real'}", reckoning.language
            )
            reckoning.tell(
                "cli.layer",
                title=entry.title,
                name=entry.name,
                geometry=geometry,
                rows=entry.rows,
                status=status,
            )
        return {
            "project": options.project,
            "name": project.name,
            "crs": project.crs,
            "layers": [
                {
                    "name": entry.name,
                    "kind": entry.kind,
                    "title": entry.title,
                    "geometry": entry.geometry,
                    "rows": entry.rows,
                    "synthetic": entry.provenance.synthetic,
                    "source": entry.provenance.source,
                }
                for entry in entries
            ],
        }


def import_files(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Bring files into a project: all of them, as one edit, or none."""
    with opened(options.project, write=True, reckoning=reckoning) as project:
        found = read_files(
            project,
            options.files,
            kind=options.kind,
            encoding=options.encoding,
            crs=options.crs,
            gcj02=options.gcj02,
            layer=options.layer,
            language=reckoning.language,
            progress=reckoning.progress("cli.reading", path=options.files[0].name),
        )
        title = say("edit.import", reckoning.language, files="、".join(path.stem for path in options.files))
        edit = load(title, [each.layer for each in found], project)
        project.apply(edit)
        faults = _faults(project, edit)
    for each in found:
        _tell_import(each, reckoning)
    if faults:
        reckoning.warn("cli.import_findings", count=faults)
    came = zip(found, edit.loads, strict=True)
    return {"project": options.project, "layers": [_import_facts(*each) for each in came]}


def _faults(project: ProjectFile, edit: Edit) -> int:
    """How many findings the quality rules have in what came in; large layers are left to `check`."""
    names = [e.name for e in edit.loads if isinstance(e, VectorLayer) and e.kind and len(e) <= CHECKED_ROWS]
    return len(check_project(project, names)) if names else 0


def _tell_import(each: Imported, reckoning: Reckoning) -> None:
    title = each.layer.title or each.layer.name
    if isinstance(each.layer, VectorLayer):
        encoding, crs = each.encoding or "—", each.crs or "—"
        reckoning.tell("cli.imported", title=title, rows=len(each.layer), encoding=encoding, crs=crs)
    else:
        lattice = each.layer.lattice
        size = {"columns": lattice.columns, "lines": lattice.rows}
        reckoning.tell("cli.imported_raster", title=title, crs=each.crs, **size)
    for note in each.notes:
        reckoning.tell("cli.note", note=note)
    for skipped in each.skipped:
        reckoning.tell("cli.skipped", row=skipped.row, reason=say(skipped.reason_key, reckoning.language))
    for altered in each.altered:
        reckoning.tell("cli.altered", row=altered.row, reason=say(altered.reason_key, reckoning.language))


def _import_facts(each: Imported, stored: Layer) -> dict[str, Any]:
    """What came in, under the name that it has in the project."""
    return {
        "path": each.path,
        "name": stored.name,
        "kind": each.layer.kind,
        "encoding": each.encoding,
        "crs": each.crs,
        "rows": len(each.layer) if isinstance(each.layer, VectorLayer) else None,
        "notes": each.notes,
        "skipped": [{"row": skipped.row, "reason": skipped.reason_key} for skipped in each.skipped],
        "altered": [{"row": altered.row, "reason": altered.reason_key} for altered in each.altered],
    }

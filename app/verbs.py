"""What each verb of the command line does. Each returns what `--json` prints."""

import argparse
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from app.reckoning import Reckoning
from app.sample_project import make_sample_project
from app.whole import whole_file
from layers.cartography.raster import compile_kernels
from layers.cartography.series import series
from layers.errors import BadInput, MissingFile
from layers.layer import VectorLayer
from layers.reports.spreadsheet import write_csv, write_tables
from layers.reports.webmap import share as write_web_map
from layers.risk.assessment import overlay as census_overlay
from layers.risk.database import query as query_region
from layers.sample import large_folder, make_large
from layers.storage.formats import Imported, read_file
from layers.storage.geopackage import ProjectFile, load
from layers.words import say

MODELLED = ("flood", "earthquake", "fire")


def demo(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Sample project → overlay, three hazard maps by county, web map, table book."""
    from app.demonstration import demonstrate

    return demonstrate(options.out, reckoning)


def new(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Make a project, empty or with the sample layers."""
    path: Path = options.project
    if path.exists():
        raise BadInput("project_exists", path=path)
    with whole_file(path) as draft:
        if options.sample:
            make_sample_project(draft, reckoning.language, reckoning.progress("cli.making_sample"))
        else:
            ProjectFile.create(draft, name=path.stem).close()
    reckoning.wrote(path)
    return {"project": path}


def info(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """What a project holds."""
    with _opened(options.project) as project:
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
    with _opened(options.project, write=True) as project:
        region = _region(project)
        found = [
            read_file(
                path,
                kind=options.kind,
                encoding=options.encoding,
                crs=options.crs,
                gcj02=options.gcj02,
                target_crs=project.crs,
                region=region,
                progress=reckoning.progress("cli.reading", path=path.name),
            )
            for path in options.files
        ]
        title = say("edit.import", reckoning.language, files="、".join(path.stem for path in options.files))
        project.apply(load(title, [each.layer for each in found], project))
    for each in found:
        _tell_import(each, reckoning)
    return {"project": options.project, "layers": [_import_facts(each) for each in found]}


def overlay(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Exposure by region in each hazard grade."""
    with _opened(options.project) as project:
        progress = reckoning.progress("cli.overlay")
        table = census_overlay(project, options.hazard, options.unit, progress).table
    return _put(table, options.out, say(f"hazard.{options.hazard}", reckoning.language), reckoning)


def query(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Hazard, exposure and capacity of one region."""
    with _opened(options.project) as project:
        progress = reckoning.progress("cli.overlay")
        table = query_region(project, options.hazard, options.region, progress).table
    return _put(table, options.out, say(f"hazard.{options.hazard}", reckoning.language), reckoning)


def map_sheets(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """The risk map of a region, or of every county and the city."""
    formats = _formats(options.format)
    with _opened(options.project) as project:
        paths = series(
            project,
            options.hazard,
            "all" if options.region == "all" else (options.region,),
            page=options.page,
            formats=formats,
            folder=options.out,
            language=reckoning.language,
            maker=options.maker,
            review_number=options.review_number,
            progress=reckoning.progress("cli.drawing"),
        )
    return _wrote(paths, reckoning)


def share(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """One web map that needs no network."""
    with _opened(options.project) as project:
        write_web_map(project, options.out, reckoning.language, reckoning.progress("cli.drawing"))
    return _wrote([options.out], reckoning)


def warm(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Compile the kernels into the disk cache and make the large sample layers."""
    compile_kernels(reckoning.progress("cli.compiling"))
    made = make_large(large_folder(), reckoning.progress("cli.making_sample"))
    reckoning.tell("cli.warm", folder=large_folder())
    return {"folder": large_folder(), "files": [each.path for each in made]}


def _opened(path: Path, *, write: bool = False) -> ProjectFile:
    if not path.is_file():
        raise MissingFile("project_missing", path=path)
    project = ProjectFile.open(path, read_only=not write)
    if write and project.read_only:
        project.close()
        raise BadInput("project_read_only", path=path)
    return project


def _region(project: ProjectFile) -> VectorLayer | None:
    """What the project already knows of its place, to test coordinates against."""
    for kind in ("city", "county", "township"):
        entry = project.first(kind)
        if entry is not None:
            return project.read(entry.name, columns=())
    return None


def _tell_import(each: Imported, reckoning: Reckoning) -> None:
    rows = len(each.layer) if isinstance(each.layer, VectorLayer) else 0
    title = each.layer.title or each.layer.name
    reckoning.tell("cli.imported", title=title, rows=rows, encoding=each.encoding or "—", crs=each.crs or "—")
    for note in each.notes:
        reckoning.tell("cli.note", note=note)
    for skipped in each.skipped:
        reckoning.tell("cli.skipped", row=skipped.row, reason=say(skipped.reason_key, reckoning.language))


def _import_facts(each: Imported) -> dict[str, Any]:
    return {
        "path": each.path,
        "name": each.layer.name,
        "kind": each.layer.kind,
        "encoding": each.encoding,
        "crs": each.crs,
        "rows": len(each.layer) if isinstance(each.layer, VectorLayer) else None,
        "notes": each.notes,
        "skipped": [{"row": skipped.row, "reason": skipped.reason_key} for skipped in each.skipped],
    }


def _put(table: pd.DataFrame, out: Path | None, title: str, reckoning: Reckoning) -> dict[str, Any]:
    """A table where it was asked for: on the screen as CSV, or in a file."""
    if out is None:
        page = io.StringIO()
        table.to_csv(page, index=False)
        reckoning.show(page.getvalue())
        return {"columns": list(table.columns), "rows": table.to_dict("records")}
    if out.suffix.lower() == ".xlsx":
        write_tables(out, {title: table})
    elif out.suffix.lower() == ".csv":
        write_csv(out, table)
    else:
        raise BadInput("table_ending", path=out)
    return _wrote([out], reckoning)


def _formats(text: str) -> tuple[str, ...]:
    formats = tuple(part.strip().lower() for part in text.split(","))
    for each in formats:
        if each not in {"pdf", "png", "svg"}:
            raise BadInput("sheet_format", format=each)
    return formats


def _wrote(paths: Iterable[Path], reckoning: Reckoning) -> dict[str, Any]:
    written = list(paths)
    for path in written:
        reckoning.wrote(path)
    return {"wrote": written}

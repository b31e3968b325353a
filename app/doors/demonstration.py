"""`riskatlas demo`: from the sample data to everything that goes into a meeting."""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from app.doors.sample_project import MODELLED, make_sample_project
from app.reckoning import Reckoning
from app.verbs.shared import units_only
from app.whole import whole_file
from layers.cartography.series import series
from layers.reports.spreadsheet import write_csv, write_tables
from layers.reports.webmap import share
from layers.risk.assessment import overlay
from layers.risk.database import query
from layers.risk.naming import heads, worded
from layers.storage.geopackage import ProjectFile
from layers.words import say

HAZARDS = (*MODELLED, "drought", "wind_hail")


def demo(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Make the sample project, its tables, its sheets and its web map in one folder."""
    folder: Path = options.out
    path = folder / f"{say('sample.file', reckoning.language)}.gpkg"
    with whole_file(path) as draft:
        make_sample_project(draft, reckoning.language, reckoning.progress("cli.making_sample"))
    reckoning.wrote(path)
    with ProjectFile.open(path, read_only=True) as project:
        tables = _write_tables(project, folder, reckoning)
        sheets = _write_sheets(project, folder, reckoning)
        web = folder / f"{say('cli.web_file', reckoning.language)}.html"
        share(project, web, reckoning.language, reckoning.progress("cli.drawing"))
        reckoning.wrote(web)
    reckoning.tell("cli.demo_done", sheets=len(sheets), folder=folder)
    return {"project": path, "tables": tables, "sheets": sheets, "web": web}


def _write_tables(project: ProjectFile, folder: Path, reckoning: Reckoning) -> list[Path]:
    """One CSV an overlay, and the book of all tables."""
    book: dict[str, pd.DataFrame] = {}
    paths = []
    for hazard in HAZARDS:
        words = say(f"hazard.{hazard}", reckoning.language)
        for unit in ("county", "township"):
            found = overlay(project, hazard, unit, reckoning.progress("cli.overlay")).table
            table = units_only(found, reckoning)
            book[f"{words} {say(f'unit.{unit}', reckoning.language)}"] = table
            paths.append(folder / f"overlay_{hazard}_{unit}.csv")
            write_csv(paths[-1], table)
            reckoning.wrote(paths[-1])
        title = say("cli.database", reckoning.language, hazard=words)
        rows = query(project, hazard, "all", reckoning.progress("cli.overlay")).table
        book[title] = worded(rows, reckoning.language)
    paths.append(folder / f"{say('cli.book_file', reckoning.language)}.xlsx")
    write_tables(paths[-1], book, heads(book, reckoning.language))
    reckoning.wrote(paths[-1])
    return paths


def _write_sheets(project: ProjectFile, folder: Path, reckoning: Reckoning) -> list[Path]:
    """Every county and the city, three hazards, as PDF and PNG."""
    paths: list[Path] = []
    for hazard in MODELLED:
        made = series(
            project,
            hazard,
            "all",
            page="A3",
            formats=("pdf", "png"),
            folder=folder / "maps",
            language=reckoning.language,
            progress=reckoning.progress("cli.drawing"),
        )
        for path in made:
            reckoning.wrote(path)
        paths += made
    return paths

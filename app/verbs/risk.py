"""What the verbs that answer with a table do."""

import argparse
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from app.reckoning import Reckoning
from app.verbs.shared import opened, refuse_place, refuse_region, units_only, wrote
from layers.errors import BadInput
from layers.reports.spreadsheet import write_csv, write_tables
from layers.risk.assessment import overlay as census_overlay
from layers.risk.database import query as query_region
from layers.words import say

TABLES = (".csv", ".xlsx")
"""Endings of tables that are written."""


def overlay(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Exposure by region in each hazard grade."""
    refuse_ending(options.out)
    with opened(options.project) as project:
        progress = reckoning.progress("cli.overlay")
        found = census_overlay(project, options.hazard, options.unit, progress).table
    table = units_only(found, reckoning)
    return put_table(table, options.out, say(f"hazard.{options.hazard}", reckoning.language), reckoning)


def query(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Hazard, exposure and capacity of one region."""
    refuse_ending(options.out)
    with opened(options.project) as project:
        refuse_region(project, options.region)
        progress = reckoning.progress("cli.overlay")
        table = query_region(project, options.hazard, options.region, progress).table
    return put_table(table, options.out, say(f"hazard.{options.hazard}", reckoning.language), reckoning)


def refuse_ending(out: Path | None) -> None:
    """No table can be written there: said before anything is reckoned or changed.

    Raises
    ------
    BadInput, CannotWrite
    """
    if out is None:
        return
    if out.suffix.lower() not in TABLES:
        raise BadInput("table_ending", path=out)
    refuse_place(out)


def put_table(
    table: pd.DataFrame,
    out: Path | None,
    title: str,
    reckoning: Reckoning,
    more: Mapping[str, pd.DataFrame] | None = None,
) -> dict[str, Any]:
    """A table where it was asked for: on the screen as CSV, or in a file; a workbook holds more of them."""
    if out is None:
        page = io.StringIO()
        table.to_csv(page, index=False)
        reckoning.show(page.getvalue())
        plain = table.astype(object).where(table.notna(), None)
        return {"columns": list(table.columns), "rows": plain.to_dict("records")}
    if out.suffix.lower() == ".xlsx":
        write_tables(out, {title: table, **(more or {})})
    else:
        write_csv(out, table)
    return wrote([out], reckoning)

"""What the verb `check` does: findings told, listed in a file, put right where that is safe."""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from app.reckoning import Reckoning
from app.verbs.editing import layer_named
from app.verbs.risk import refuse_ending
from app.verbs.shared import opened
from layers.census.quality import Finding
from layers.census.rules import Rule, read_rules
from layers.census.telling import finding_words
from layers.editing import EditSession
from layers.editing.repair import fixed
from layers.errors import BadInput, MissingFile
from layers.reports.spreadsheet import write_csv, write_tables
from layers.storage.checking import check_project
from layers.storage.crs import GEOGRAPHIC, transformed_points
from layers.storage.geopackage import ProjectFile
from layers.words import say


def check(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """What is at fault; one line a finding: rule, layer, uuid, place, words."""
    refuse_ending(options.out)
    with opened(options.project, write=options.fix, reckoning=reckoning) as project:
        names = [layer_named(project, options.layer).name] if options.layer else []
        found = check_project(
            project, names, rules=_rules(options), progress=reckoning.progress("cli.checking")
        )
        table = table_of(found, project, reckoning)
        changed = _fix(found, project, reckoning) if options.fix else 0
    for row in table.to_dict("records"):
        reckoning.show(f"{row['rule']}\t{row['layer']}\t{row['uuid']}\t{row['place']}\t{row['words']}\n")
    if options.out is not None:
        _write(table, options, reckoning)
    reckoning.warn("cli.findings", count=len(found), errors=int((table["severity"] == "error").sum()))
    return {"project": options.project, "findings": table.to_dict("records"), "fixed": changed}


def _rules(options: argparse.Namespace) -> tuple[Rule, ...] | None:
    if options.rules is None:
        return None
    if not options.rules.is_file():
        raise MissingFile("file_missing", path=options.rules)
    try:
        rules = read_rules(options.rules.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput("rules_unreadable", reason=f"{options.rules}: {error}") from error
    if not rules:
        raise BadInput("rules_none", path=options.rules)
    return rules


def table_of(found: tuple[Finding, ...], project: ProjectFile, reckoning: Reckoning) -> pd.DataFrame:
    """The findings as a table; places in degrees."""
    xy = np.array([finding.place for finding in found], np.float64).reshape(-1, 2)
    lon, lat = transformed_points(xy[:, 0], xy[:, 1], project.crs, GEOGRAPHIC)
    titles = {entry.name: entry.title for entry in project.layers()}
    rows = [
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "layer": finding.layer,
            "title": titles[finding.layer],
            "uuid": finding.key,
            "place": f"{x:.6f},{y:.6f}" if np.isfinite(x) else "",
            "words": finding_words(finding, reckoning.language),
            "fix": str(finding.facts.get("fix", "")),
        }
        for finding, x, y in zip(found, lon, lat, strict=True)
    ]
    columns = ["rule", "severity", "layer", "title", "uuid", "place", "words", "fix"]
    return pd.DataFrame(rows, columns=columns)


def _fix(found: tuple[Finding, ...], project: ProjectFile, reckoning: Reckoning) -> int:
    edit = fixed(found, project, say("edit.fix", reckoning.language))
    if edit is None:
        return 0
    EditSession(project).do(edit)
    reckoning.tell("cli.fixed", count=len(edit.changes))
    return len(edit.changes)


def _write(table: pd.DataFrame, options: argparse.Namespace, reckoning: Reckoning) -> None:
    heads = {column: say(f"finding.{column}", reckoning.language) for column in table}
    if options.out.suffix.lower() == ".xlsx":
        write_tables(options.out, {say("finding.sheet", reckoning.language): table}, heads)
    else:
        write_csv(options.out, table)
    reckoning.wrote(options.out)

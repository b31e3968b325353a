"""Findings that can be put right without deciding anything, as one edit."""

from collections.abc import Iterable

import shapely

from layers.census.quality import Finding
from layers.census.shape_tests import repaired
from layers.census.value_tests import plain_text
from layers.changes import Change, Edit, Row
from layers.project import Project


def fixed(findings: Iterable[Finding], project: Project, name: str) -> Edit | None:
    """The edit that carries out every safe fix among the findings; ``None`` if there is none.

    Safe are: a polygon made valid without change of area, blanks and unseen letters taken off a text, a value
    that the field's list has in another spelling, the later of two features that are the same in everything.
    Each is looked at again: a row that has changed since is left alone.

    Parameters
    ----------
    findings : iterable of Finding
    project : Project
    name : str
        Of the edit.
    """
    rows: dict[tuple[str, str], Row | None] = {}
    for finding in findings:
        place = (finding.layer, finding.key)
        row = rows[place] if place in rows else project.table(finding.layer).get(finding.key)
        if row is not None and "fix" in finding.facts:
            rows[place] = _fixed_row(finding, row)
    changes = []
    for (layer, key), after in rows.items():
        before = project.table(layer)[key]
        if after != before:
            changes.append(Change(layer, key, before, after))
    return Edit(name, tuple(changes)) if changes else None


def _fixed_row(finding: Finding, row: Row) -> Row | None:
    fix, column = finding.facts["fix"], str(finding.facts.get("column", ""))
    if fix == "duplicate":
        return None
    if fix == "valid":
        geometry = row.get("geom")
        made = repaired(shapely.from_wkb(geometry)) if isinstance(geometry, bytes) else None
        return row if made is None else {**row, "geom": bytes(shapely.to_wkb(made, byte_order=1))}
    value = row.get(column)
    if not isinstance(value, str) or value != finding.facts["value"]:
        return row
    return {**row, column: str(finding.facts["meant"]) if fix == "domain" else plain_text(value) or None}

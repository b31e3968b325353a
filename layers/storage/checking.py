"""The quality of a project: its own rules or those shipped, its layers, its regions."""

from collections.abc import Sequence

import pandas as pd
import shapely

from layers.census.quality import Finding, check
from layers.census.rules import Rule, read_rules, shipped_rules
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.storage.geopackage import ProjectFile

RULES_SETTING = "quality_rules"
"""Key in the table ``settings`` under which a project keeps rules of its own, as TOML."""

_REGIONS = ("city", "county", "township")


def rules_of(project: ProjectFile) -> tuple[Rule, ...]:
    """The project's own rules, else those shipped.

    Raises
    ------
    BadInput
        Its own cannot be read.
    """
    own = project.table("settings").get(RULES_SETTING)
    return read_rules(str(own["value"])) if own and own["value"] else shipped_rules()


def check_project(
    project: ProjectFile,
    layers: Sequence[str] = (),
    *,
    rules: Sequence[Rule] | None = None,
    progress: Progress = ignore,
) -> tuple[Finding, ...]:
    """What is at fault in the layers named, in all vector layers by default.

    Parameters
    ----------
    project : ProjectFile
    layers : sequence of str
    rules : sequence of Rule, optional
        The project's by default.
    progress : Progress

    Raises
    ------
    KeyError
        No such layer.
    """
    entries = [entry for entry in project.layers() if entry.geometry != "raster"]
    names = list(layers) or [entry.name for entry in entries]
    wanted = list(dict.fromkeys([*(e.name for e in entries if e.kind in _REGIONS), *names]))
    read: dict[str, VectorLayer] = {}
    for number, name in enumerate(wanted):
        read[name] = project.read(
            name, progress=part(progress, 0.5 * number / len(wanted), 0.5 * (number + 1) / len(wanted))
        )
    context: dict[str, VectorLayer] = {}
    for entry in entries:
        if entry.kind in _REGIONS:
            context.setdefault(entry.kind, read[entry.name])
    chosen = [read[name] for name in names]
    asked = rules_of(project) if rules is None else rules
    return check(chosen, rules=asked, context=context, progress=part(progress, 0.5, 1.0))


ROW_TESTS = frozenset(
    {"present", "valid", "outside", "place", "required", "domain", "type", "blanks", "condition"}
)
"""Tests that look at one row at a time; the others need the whole layer."""


def check_rows(project: ProjectFile, layer: str, keys: Sequence[str]) -> tuple[Finding, ...]:
    """What is at fault in a few rows that were just edited, pasted or drawn, by the same rules.

    Keys that must be unique, overlaps and sums are left to `check_project`: they need all rows.

    Parameters
    ----------
    project : ProjectFile
    layer : str
    keys : sequence of str
        Rows that are gone are passed over.

    Raises
    ------
    KeyError
        No such layer.
    """
    entry = project.layer(layer)
    table = project.table(layer)
    held = [(key, row) for key in keys if (row := table.get(key)) is not None]
    if not held:
        return ()
    cells = {name: pd.Series([row[name] for _, row in held]) for name in project.columns(layer)}
    shapes = Shapes.none(len(held))
    if entry.geometry != "table" and entry.geometry != "raster":
        geometries = [
            shapely.from_wkb(cell) if isinstance(cell := row["geom"], bytes) else None for _, row in held
        ]
        shapes = Shapes.of(geometries, entry.geometry)
    table_of_rows = pd.DataFrame({**cells, "uuid": [key for key, _ in held]})
    rows = VectorLayer(layer, entry.kind, entry.crs, shapes, table_of_rows, entry.title, entry.fields)
    rules = [rule for rule in rules_of(project) if rule.test in ROW_TESTS]
    return check([rows], rules=rules, context=_around(project, shapes))


def _around(project: ProjectFile, shapes: Shapes) -> dict[str, VectorLayer]:
    """The regions, by kind."""
    if shapes.extent is None:
        return {}
    found: dict[str, VectorLayer] = {}
    for entry in project.layers():
        if entry.kind in _REGIONS:
            found.setdefault(entry.kind, project.read(entry.name))
    return found

"""The quality of a project: its own rules or those shipped, its layers, its regions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import nan

from layers.census.quality import Finding, check
from layers.census.rules import Rule, read_rules, shipped_rules
from layers.changes import Row
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.storage.geopackage import ProjectFile
from layers.storage.pages import holders, layer_of, rows_of

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


def names_of(project: ProjectFile, findings: Sequence[Finding]) -> dict[tuple[str, str], str]:
    """What one calls the features at fault, by layer and key: their name, else their code, if they have any.

    Parameters
    ----------
    project : ProjectFile
    findings : sequence of Finding
    """
    keys: dict[str, list[str]] = {}
    for finding in findings:
        keys.setdefault(finding.layer, []).append(finding.key)
    found: dict[tuple[str, str], str] = {}
    for layer, own in keys.items():
        for key, row in rows_of(project, layer, list(dict.fromkeys(own))).items():
            name = next((str(row[column]) for column in ("name", "code") if row.get(column)), "")
            if name:
                found[layer, key] = name
    return found


ROW_TESTS = frozenset(
    {"present", "valid", "outside", "place", "required", "domain", "type", "blanks", "condition"}
)
"""Tests that look at one row at a time; the others need the whole layer."""


def check_rows(project: ProjectFile, layer: str, keys: Sequence[str]) -> tuple[Finding, ...]:
    """What is at fault in a few rows that were just edited, pasted or drawn, by the same rules.

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
    table = project.table(layer)
    return check_cells(project, layer, {key: row for key in keys if (row := table.get(key)) is not None})


def check_cells(project: ProjectFile, layer: str, rows: Mapping[str, Row]) -> tuple[Finding, ...]:
    """What would be at fault if a few rows were stored as they are here: for forms and pasted blocks.

    Overlaps, duplicates and sums are left to `check_project`: they need all rows. Keys that must be unique
    are looked up.

    Parameters
    ----------
    project : ProjectFile
    layer : str
    rows : mapping of key to row
        Stored already, or not yet.

    Raises
    ------
    KeyError
        No such layer.
    """
    if not rows:
        return ()
    held = layer_of(project, layer, rows)
    rules = [rule for rule in rules_of(project) if rule.is_for(held.kind, layer)]
    by_row = [rule for rule in rules if rule.test in ROW_TESTS]
    found = check([held], rules=by_row, context=_around(project, held.shapes))
    return (
        *found,
        *(f for rule in rules if rule.test == "unique" for f in _taken(project, layer, rule, rows)),
    )


def _taken(project: ProjectFile, layer: str, rule: Rule, rows: Mapping[str, Row]) -> Iterator[Finding]:
    """Rows whose key another row has."""
    name = rule.text("field")
    if name not in project.columns(layer):
        return
    values = {key: row.get(name) for key, row in rows.items()}
    texts = {key: value for key, value in values.items() if isinstance(value, str) and value.strip()}
    stored = holders(project, layer, name, list(texts.values()))
    counts = Counter(texts.values())
    for key, value in texts.items():
        others = stored.get(value, frozenset()) - set(rows)
        if others or counts[value] > 1:
            yield Finding(rule.name, layer, key, (nan, nan), rule.severity, {"field": name, "value": value})


def _around(project: ProjectFile, shapes: Shapes) -> dict[str, VectorLayer]:
    """The regions, by kind."""
    if shapes.extent is None:
        return {}
    found: dict[str, VectorLayer] = {}
    for entry in project.layers():
        if entry.kind in _REGIONS and entry.geometry == "polygon":
            found.setdefault(entry.kind, project.read(entry.name, strict=False))
    return found

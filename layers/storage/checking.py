"""The quality of a project: its own rules or those shipped, its layers, its regions."""

from collections.abc import Sequence

from layers.census.quality import Finding, check
from layers.census.rules import Rule, read_rules, shipped_rules
from layers.layer import VectorLayer
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

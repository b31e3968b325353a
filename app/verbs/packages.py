"""What the verbs of work packages do: hand out, bring home."""

import argparse
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, get_args

from app.reckoning import Reckoning
from app.verbs.shared import opened, refuse_place
from app.whole import whole_file
from layers.editing import EditSession
from layers.editing.merging import Choice, Merged, told_of
from layers.errors import BadInput, KnownError, MissingFile
from layers.storage import homecoming, package
from layers.storage.attachments import bring_files
from layers.storage.checking import check_project
from layers.storage.geopackage import ProjectFile
from layers.words import say

Choices = dict[tuple[str, str, str], Choice]


def check_out(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Write a region's work package; the project remembers it in its journal."""
    refuse_place(options.out)
    with opened(options.project, write=True, reckoning=reckoning) as project:
        card, edit = package.checkout(
            project, options.region, options.out, progress=reckoning.progress("cli.packing")
        )
        try:
            EditSession(project).do(edit)
        except BaseException:
            options.out.unlink(missing_ok=True)
            raise
    reckoning.wrote(options.out)
    reckoning.tell("cli.packed", name=card.name, layers=len(card.layers))
    return {"wrote": options.out, "package": card.package, "region": card.region, "layers": card.layers}


def bring_home(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Merge a returned package as one edit; or tell what has to be decided first, and change nothing."""
    choices = choices_of(options.resolve)
    with opened(options.project, write=True, reckoning=reckoning) as project:
        with opened(options.returned) as returned:
            found = homecoming.bring_home(project, returned, choices, reckoning.progress("cli.comparing"))
        _refuse_outside(found, options, reckoning)
        if found.merged.undecided:
            ask(found.merged, choices, options.returned.with_suffix(".conflicts.json"), reckoning)
        name = say("edit.merge", reckoning.language, name=found.card.name, date=found.card.date[:10])
        edit = homecoming.edit_of(found, project, choices, name)
        if edit is not None:
            bring_files(options.returned, project, edit)
            EditSession(project).do(edit)
        for stranger in found.strangers:
            reckoning.warn("cli.stranger", layer=stranger)
        findings = _findings(found, project)
    count = len(found.merged.changes)
    reckoning.tell("cli.merged", name=found.card.name, count=count, decided=len(found.merged.disagreements))
    for layer in found.layers:
        reckoning.tell("cli.merged_layer", title=layer.title or layer.name, rows=len(layer))
    if findings:
        reckoning.warn("cli.merged_findings", count=findings)
    return {
        "project": options.project,
        "changes": count,
        "conflicts": [told_of(each) for each in found.merged.disagreements],
        "outside": [each.__dict__ for each in found.outside],
        "new_layers": [layer.title or layer.name for layer in found.layers],
        "not_merged": found.strangers,
        "findings": findings,
    }


def _refuse_outside(found: homecoming.Return, options: argparse.Namespace, reckoning: Reckoning) -> None:
    if not found.outside:
        return
    names = "、".join(f"{each.table} {each.name}" for each in found.outside[:20])
    if not options.skip_outside:
        raise BadInput("package_outside", count=len(found.outside), names=names, region=found.card.name)
    for each in found.outside:
        reckoning.warn("cli.outside_skipped", layer=each.table, name=each.name, uuid=each.key)


def ask(merged: Merged, choices: Choices, path: Path, reckoning: Reckoning) -> NoReturn:
    """Write the conflicts to a file, ready to be filled in, and refuse; earlier choices stay in it."""
    chosen = {**_chosen_there(path), **choices}
    page = [{**told_of(each), "choose": chosen.get(each.place, "")} for each in merged.disagreements]
    with whole_file(path) as draft:
        draft.write_text(json.dumps(page, ensure_ascii=False, indent=1), encoding="utf-8")
    told = [told_of(each) for each in merged.undecided]
    reckoning.left = {"conflicts": told, "file": path}
    for each in told:
        reckoning.tell(
            "cli.conflict", **{name: each[name] for name in ("layer", "uuid", "field", "mine", "theirs")}
        )
    raise BadInput("merge_conflicts", count=len(told), path=path)


def _chosen_there(path: Path) -> Choices:
    """What a file of an earlier attempt chooses, though it was not named."""
    with suppress(KnownError):
        return choices_of(path)
    return {}


def choices_of(path: Path | None) -> Choices:
    """What a file chooses: a list of ``layer, uuid, field, choose``."""
    if path is None:
        return {}
    if not path.is_file():
        raise MissingFile("file_missing", path=path)
    try:
        lines = json.loads(path.read_text(encoding="utf-8-sig"))
        chosen = {(line["layer"], line["uuid"], line["field"]): line["choose"] for line in lines}
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput("choices_unreadable", path=path) from error
    wrong = [place for place, choice in chosen.items() if choice not in (*get_args(Choice), "")]
    if wrong:
        raise BadInput("choices_unreadable", path=path)
    return {place: choice for place, choice in chosen.items() if choice}


def _findings(found: homecoming.Return, project: ProjectFile) -> int:
    """How many findings there are in what came home."""
    touched = {(change.table, change.key) for change in found.merged.changes}
    layers = sorted({table for table, _ in touched})
    return sum((f.layer, f.key) in touched for f in check_project(project, layers)) if layers else 0

"""What the verbs of editing do: write a layer out, tell the journal, take back and do again."""

import argparse
from dataclasses import replace
from typing import Any

from app.reckoning import Reckoning
from app.verbs.shared import opened
from layers.changes import Edit
from layers.editing import EditSession
from layers.editing.rollback import roll_back
from layers.errors import BadInput
from layers.storage.crs import named_crs, same_crs, transformed
from layers.storage.export import WRITTEN_IN, write_file
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.words import say


def layer_named(project: ProjectFile, name: str) -> LayerEntry:
    """The layer of that name, or of that title if only one has it."""
    entries = [entry for entry in project.layers() if entry.geometry != "raster"]
    named = [entry for entry in entries if entry.name == name] or [e for e in entries if e.title == name]
    if len(named) != 1:
        names = "、".join(entry.name for entry in entries)
        raise BadInput("layer_unknown", name=name, layers=names)
    return named[0]


def export(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Write a layer to a file."""
    with opened(options.project) as project:
        entry = layer_named(project, options.layer)
        layer = project.read(entry.name, progress=reckoning.progress("cli.reading", path=entry.title))
    if options.crs and layer.geometry_kind != "table":
        target = named_crs(options.crs)
        fixed = WRITTEN_IN.get(options.file.suffix.lower(), target)
        if not same_crs(target, fixed):
            raise BadInput("crs_fixed", path=options.file, crs=fixed)
        layer = replace(layer, shapes=transformed(layer.shapes, layer.crs, target), crs=target)
    done = write_file(layer, options.file)
    for path in done.paths:
        reckoning.wrote(path)
    notes = [say(note.key, reckoning.language, **note.facts) for note in done.notes]
    for note in notes:
        reckoning.tell("cli.note", note=note)
    return {"layer": entry.name, "rows": len(layer), "wrote": done.paths, "notes": notes}


def log(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Every edit of the journal, or what happened to one feature."""
    if bool(options.uuid) != bool(options.layer):
        raise BadInput("history_of_what")
    lines = []
    with opened(options.project) as project:
        if options.uuid:
            return _history(project, layer_named(project, options.layer).name, options.uuid, reckoning)
        for entry in project.journal():
            deed = say(f"deed.{entry.deed}", reckoning.language)
            count = len(entry.edit.changes)
            facts = {"number": entry.number, "time": entry.time, "who": entry.who, "name": entry.edit.name}
            reckoning.tell("cli.entry", **facts, deed=deed, count=count)
            lines.append({**facts, "deed": entry.deed, "changes": count, "tables": sorted(entry.edit.tables)})
    return {"project": options.project, "entries": lines}


def _history(project: ProjectFile, layer: str, key: str, reckoning: Reckoning) -> dict[str, Any]:
    """Who changed what of one feature, and when."""
    lines = []
    for entry in project.history(layer, key):
        change = entry.edit.change_of(layer, key)
        assert change is not None
        fields = sorted(
            name
            for name in {*(change.before or {}), *(change.after or {})}
            if (change.before or {}).get(name) != (change.after or {}).get(name)
        )
        deed = say(f"deed.{entry.deed}", reckoning.language)
        facts = {"number": entry.number, "time": entry.time, "who": entry.who, "name": entry.edit.name}
        reckoning.tell("cli.history", **facts, deed=deed, what="、".join(fields))
        lines.append({**facts, "deed": entry.deed, "fields": fields})
    return {"layer": layer, "uuid": key, "entries": lines}


def undo(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Take the last edit back, or one of long ago."""
    with opened(options.project, write=True) as project:
        session = EditSession(project)
        if options.number is None:
            return _told(session.undo(), "cli.undone", reckoning)
        try:
            edit = roll_back(
                project, options.number, say("edit.rollback", reckoning.language, number=options.number)
            )
        except KeyError as missing:
            raise BadInput("rollback_nothing", number=options.number) from missing
        return _told(session.do(edit), "cli.undone", reckoning)


def redo(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Do again what was undone last."""
    with opened(options.project, write=True) as project:
        return _told(EditSession(project).redo(), "cli.redone", reckoning)


def _told(edit: Edit | None, key: str, reckoning: Reckoning) -> dict[str, Any]:
    if edit is None:
        raise BadInput("nothing_to_undo" if key == "cli.undone" else "nothing_to_redo")
    reckoning.tell(key, name=edit.name, count=len(edit.changes))
    return {"edit": edit.name, "changes": len(edit.changes), "tables": sorted(edit.tables)}

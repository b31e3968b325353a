"""A work package brought home: compared with its base, row by row and field by field; as often as it comes.

What came home once is remembered in the project with the edit that brought it, and is the base of the next
time: a package may be edited on and merged again, and undoing the merge forgets it.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from layers.changes import Change, Edit, Row
from layers.editing.merging import Choices, Merged, merge, told_of
from layers.errors import BadInput
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.storage.area import Area
from layers.storage.attachments import KIND
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.loads import load
from layers.storage.package import CARD, Card, card_of
from layers.storage.packing import pack, unpack

Names = Mapping[str, str]
Tables = dict[str, dict[str, Row]]


@dataclass(frozen=True)
class Outside:
    """An edit in a package that lies outside its region.

    Parameters
    ----------
    table, key : str
    name : str
        Of the feature, for people.
    """

    table: str
    key: str
    name: str


@dataclass(frozen=True)
class Return:
    """What bringing a package home would do.

    Parameters
    ----------
    card : Card
    merged : Merged
    outside : tuple of Outside
        Edits outside the region: they are not among the changes.
    layers : tuple of VectorLayer
        That were made in the package, with what lies in the region.
    strangers : tuple of str
        Titles of rasters that were made in the package: they are not merged.
    names : mapping of str to str
        Layers of the package: their name there and here.
    came : tuple of Change
        What was edited in the package since it was handed out, for the next time; in the project's names.
    fresh : mapping
        Rows of `layers`, by their name in the package and key.
    """

    card: Card
    merged: Merged
    outside: tuple[Outside, ...]
    layers: tuple[VectorLayer, ...]
    strangers: tuple[str, ...]
    names: Names
    came: tuple[Change, ...]
    fresh: Mapping[str, Mapping[str, Row]]


def bring_home(
    project: ProjectFile, returned: ProjectFile, choices: Choices | None = None, progress: Progress = ignore
) -> Return:
    """What merging a returned package into its project would do; nothing is changed.

    Rows are compared with the base inside the package, so that edits made by other programs count too; where
    the package was merged before, with what it was then.

    Raises
    ------
    BadInput
        No package, one of another project, a base that was tampered with, or a layer that the project no
        longer has or whose fields differ.
    """
    card = card_of(returned)
    base = _base(project, returned, card)
    progress(0.2)
    before, brought = _home(project, card)
    names = {name: name for name in card.layers} | brought | _attachments(project, returned, card, brought)
    for change in before:
        _carry(base, change)
    theirs = _rows(returned, names)
    progress(0.6)
    touched = {
        name: {k for k in {*base.get(name, {}), *rows} if rows.get(k) != base.get(name, {}).get(k)}
        for name, rows in theirs.items()
    }
    _refuse_other_fields(project, returned, touched, names)
    region = Area.of(project, card.region)
    outside = list(_outside(region, base, theirs, touched))
    for each in outside:  # as if it had not been made
        touched[each.table].discard(each.key)
    merged = merge(_only(base, touched), _mine(project, touched), _only(theirs, touched), choices)
    came = (*before, *_came(base, theirs, touched))
    made = [entry for entry in returned.layers() if entry.name not in names]
    fresh, beyond = _fresh(returned, region, made)
    layers = tuple(_part(returned, name, fresh[name]) for name in fresh)
    strangers = tuple(entry.title or entry.name for entry in made if entry.geometry == "raster")
    return Return(card, merged, (*outside, *beyond), layers, strangers, names, came, fresh)


def edit_of(found: Return, project: ProjectFile, choices: Choices, name: str) -> Edit | None:
    """The whole merge as one edit, ``None`` if it does nothing; what was chosen against stays in the project.

    Raises
    ------
    BadInput
        Something is undecided.
    """
    if found.merged.undecided:
        raise BadInput("merge_undecided", count=len(found.merged.undecided))
    if not found.merged.changes and not found.layers:
        return None
    loaded = load(name, found.layers, project)
    new = {there.name: here.name for there, here in zip(found.layers, loaded.loads, strict=True)}
    changes = [*loaded.changes, *(_renamed(change, new) for change in found.merged.changes)]
    if found.merged.disagreements:
        told = [{**told_of(each), "choose": choices[each.place]} for each in found.merged.disagreements]
        prefix = f"merge:{found.card.package}:"
        number = sum(key.startswith(prefix) for key in project.table("settings")) + 1
        changes.append(Change("settings", f"{prefix}{number}", None, {"value": _json(told)}))
    changes.append(_remembered(found, project, new))
    loads = tuple(_relabelled(layer, new) for layer in loaded.loads if isinstance(layer, VectorLayer))
    return Edit(name, tuple(changes), loads)


# --- what came before ----------------------------------------------------------------------------------


def _base(project: ProjectFile, returned: ProjectFile, card: Card) -> Tables:
    """The rows as they were handed out."""
    known = project.table("settings").get(f"{CARD}:{card.package}")
    if known is None:
        raise BadInput("package_of_another", path=returned.path, project=project.name)
    base, checksum = returned.base()
    if checksum != json.loads(str(known["value"]))["base"]:
        raise BadInput("package_base_changed", path=returned.path)
    return {name: dict(rows) for name, rows in base.items()}


def _key(card: Card) -> str:
    return f"{CARD}:{card.package}:home"


def _home(project: ProjectFile, card: Card) -> tuple[tuple[Change, ...], dict[str, str]]:
    """What came home before: changes since the base, and layers by their name there."""
    row = project.table("settings").get(_key(card))
    if row is None:
        return (), {}
    content = json.loads(str(row["value"]))
    return tuple(unpack("", base64.b64decode(content["changes"])).changes), content["layers"]


def _remembered(found: Return, project: ProjectFile, new: Names) -> Change:
    """What has come home with this edit: the base of the next time."""
    fresh = [
        Change(new[name], key, None, row) for name, rows in found.fresh.items() for key, row in rows.items()
    ]
    brought = {there: here for there, here in found.names.items() if there not in found.card.layers}
    packed = base64.b64encode(pack(Edit("", (*found.came, *fresh)))).decode()
    value = _json({"changes": packed, "layers": {**brought, **new}})
    return Change(
        "settings", _key(found.card), project.table("settings").get(_key(found.card)), {"value": value}
    )


def _carry(tables: Tables, change: Change) -> None:
    if change.after is None:
        tables.get(change.table, {}).pop(change.key, None)
    else:
        tables.setdefault(change.table, {})[change.key] = change.after


def _came(base: Tables, theirs: Tables, touched: Mapping[str, set[str]]) -> Iterator[Change]:
    for name, keys in touched.items():
        for key in sorted(keys):
            yield Change(name, key, base.get(name, {}).get(key), theirs[name].get(key))


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


# --- what was made in the package ----------------------------------------------------------------------


def _attachments(project: ProjectFile, returned: ProjectFile, card: Card, brought: Names) -> dict[str, str]:
    """Photos and notes go into the project's own table of them, if it has one by now."""
    there, here = returned.first(KIND), project.first(KIND)
    if there is None or here is None or there.name in card.layers or there.name in brought:
        return {}
    return {there.name: here.name}


def _fresh(
    returned: ProjectFile, region: Area, made: list[LayerEntry]
) -> tuple[dict[str, dict[str, Row]], list[Outside]]:
    """Rows of the layers that were made in the package; and those of them that lie outside the region."""
    fresh: dict[str, dict[str, Row]] = {}
    outside: list[Outside] = []
    for entry in made:
        if entry.geometry == "raster":
            continue
        fresh[entry.name] = {}
        for key, row in returned.table(entry.name).items():
            if region.owns(row):
                fresh[entry.name][key] = row
            else:
                outside.append(Outside(entry.name, key, _name_of(row, key)))
    return fresh, outside


def _part(returned: ProjectFile, name: str, rows: Mapping[str, Row]) -> VectorLayer:
    layer = returned.read(name)
    return layer.take(np.asarray(layer.attributes["uuid"].isin(rows.keys())))


def _renamed(change: Change, new: Names) -> Change:
    """A photo or note of a layer that has another name here."""
    after = change.after
    if after is None or after.get("layer") not in new or "feature" not in after:
        return change
    return Change(change.table, change.key, change.before, {**after, "layer": new[str(after["layer"])]})


def _relabelled(layer: VectorLayer, new: Names) -> VectorLayer:
    if layer.kind != KIND:
        return layer
    return layer.with_columns({"layer": layer.attributes["layer"].map(lambda name: new.get(name, name))})


# --- the rows of three sides ---------------------------------------------------------------------------


def _rows(project: ProjectFile, names: Names) -> Tables:
    """All rows of the layers; a layer that was taken off the list has none: each is removed."""
    there = {entry.name for entry in project.layers()}
    return {here: dict(project.table(name).items()) if name in there else {} for name, here in names.items()}


def _only(rows: Tables, touched: Mapping[str, set[str]]) -> Tables:
    return {
        name: {k: rows[name][k] for k in keys if k in rows.get(name, {})} for name, keys in touched.items()
    }


def _mine(project: ProjectFile, touched: Mapping[str, set[str]]) -> Tables:
    found: Tables = {}
    for name, keys in touched.items():
        table: Mapping[str, Row] = project.table(name) if keys else {}
        found[name] = {key: row for key in keys if (row := table.get(key)) is not None}
    return found


def _refuse_other_fields(
    project: ProjectFile, returned: ProjectFile, touched: Mapping[str, set[str]], names: Names
) -> None:
    ours, theirs = ({entry.name for entry in side.layers()} for side in (project, returned))
    for there, name in names.items():
        keys = touched[name]
        if keys and name not in ours:
            raise BadInput("package_layer_gone", layer=name, count=len(keys))
        if keys and there in theirs:
            differing = set(project.columns(name)) ^ set(returned.columns(there))
            if differing:
                raise BadInput("package_fields_differ", layer=name, fields="、".join(sorted(differing)))


def _outside(
    region: Area, base: Tables, theirs: Tables, touched: Mapping[str, set[str]]
) -> Iterator[Outside]:
    for name, keys in touched.items():
        for key in sorted(keys):
            was, came = base.get(name, {}).get(key), theirs[name].get(key)
            if not all(region.owns(row) for row in (was, came) if row is not None):
                yield Outside(name, key, _name_of(came or was or {}, key))


def _name_of(row: Mapping[str, Any], key: str) -> str:
    return str(row.get("name") or row.get("code") or key)

"""Work packages: a part of a project handed out with its base kept inside, and brought home again."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from layers.changes import Change, Edit, Row
from layers.editing.merging import Choices, Disagreement, Merged, merge
from layers.errors import BadInput, CannotWrite
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.storage.area import Area
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.loads import load, new_uuids

CARD = "package"
"""Key in the table ``settings`` of a package under which it says what it is."""

_BATCH = 2_000


@dataclass(frozen=True)
class Card:
    """What a package is.

    Parameters
    ----------
    package : str
        Its own UUID.
    region : str
        Code of the region.
    name : str
        Of the region.
    date : str
        ISO 8601, UTC.
    number : int
        Last entry of the project's journal when it was handed out.
    base : str
        SHA-256 of the base.
    layers : tuple of str
    """

    package: str
    region: str
    name: str
    date: str
    number: int
    base: str
    layers: tuple[str, ...]


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
    strangers : tuple of str
        Layers that the package did not have when it was handed out; they are not merged.
    """

    card: Card
    merged: Merged
    outside: tuple[Outside, ...]
    strangers: tuple[str, ...]


# --- out -----------------------------------------------------------------------------------------------


def checkout(
    project: ProjectFile, code: str, path: Path, *, progress: Progress = ignore
) -> tuple[Card, Edit]:
    """Write a region's work package; returns its card and the edit by which the project remembers it.

    The package is a project of its own: all features that meet the region, and inside it its base. Rasters
    stay behind. The file appears whole or not at all.

    Parameters
    ----------
    project : ProjectFile
    code : str
        Of a county, township or city of the project.
    path : Path
    progress : Progress

    Raises
    ------
    BadInput
        No region has that code.
    CannotWrite
        There is such a file, or no room.
    """
    path = Path(path).absolute()
    if path.exists():
        raise CannotWrite("project_exists", path=path)
    region = Area.of(project, code)
    aside = path.with_name(f".{path.stem}.package{path.suffix}")
    aside.unlink(missing_ok=True)
    try:
        card = _fill(project, region, aside, progress)
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        if isinstance(error, CannotWrite):
            raise
        raise CannotWrite("file_unwritable", path=path) from error
    finally:
        for left in path.parent.glob(f"{aside.name}*"):
            left.unlink()
    remembered = Change("settings", f"{CARD}:{card.package}", None, {"value": _json(card)})
    return card, Edit(f"检出 {region.name}", (remembered,))


def _fill(project: ProjectFile, region: Area, aside: Path, progress: Progress) -> Card:
    number = max((n for n, _ in project.deeds()), default=0)
    entries = [entry for entry in project.layers() if entry.geometry != "raster"]
    with ProjectFile.create(aside, name=f"{project.name} {region.name}", crs=project.crs) as package:
        layers = []
        for place, entry in enumerate(entries):
            layers.append(_part(project, entry, region))
            progress(0.6 * (place + 1) / len(entries))
        package.apply(load("检出", layers, package))
        names = tuple(entry.name for entry in package.layers())
        base = package.keep_base(_batches(package, names))
        progress(0.95)
        card = Card(
            new_uuids(1)[0],
            region.code,
            region.name,
            datetime.now(UTC).isoformat(timespec="seconds"),
            number,
            base,
            names,
        )
        package.apply(Edit("工作包", (Change("settings", CARD, None, {"value": _json(card)}),)))
    return card


def _part(project: ProjectFile, entry: LayerEntry, region: Area) -> VectorLayer:
    """The features of a layer that meet the region; of a table the rows that name it."""
    if entry.geometry == "table":
        layer = project.read(entry.name)
        return layer.take(region.names(layer))
    layer = project.read(entry.name, extent=region.extent)
    meets = shapely.intersects(region.polygon, layer.shapes.geometries())
    return layer.take(np.asarray(meets) | (np.diff(layer.shapes.spans) == 0))


def _batches(project: ProjectFile, names: tuple[str, ...]) -> Iterator[Edit]:
    for name in names:
        rows = [Change(name, key, None, row) for key, row in project.table(name).items()]
        for start in range(0, len(rows), _BATCH):
            yield Edit("", tuple(rows[start : start + _BATCH]))


def _json(card: Card) -> str:
    return json.dumps(asdict(card), ensure_ascii=False)


# --- back ----------------------------------------------------------------------------------------------


def card_of(project: ProjectFile) -> Card:
    """What a returned package says it is.

    Raises
    ------
    BadInput
        It is no package.
    """
    row = project.table("settings").get(CARD)
    try:
        content = json.loads(str(row["value"] if row else ""))
        return Card(**{**content, "layers": tuple(content["layers"])})
    except (TypeError, KeyError, ValueError) as error:
        raise BadInput("package_none", path=project.path) from error


def bring_home(
    project: ProjectFile, returned: ProjectFile, choices: Choices | None = None, progress: Progress = ignore
) -> Return:
    """What merging a returned package into its project would do; nothing is changed.

    Rows are compared with the base inside the package, so that edits made by other programs count too.

    Raises
    ------
    BadInput
        No package, one of another project, a base that was tampered with, or a layer that the project no
        longer has or whose fields differ.
    """
    card = card_of(returned)
    if f"{CARD}:{card.package}" not in project.table("settings"):
        raise BadInput("package_of_another", path=returned.path, project=project.name)
    kept = json.loads(str(project.table("settings")[f"{CARD}:{card.package}"]["value"]))
    base, checksum = returned.base()
    if checksum != kept["base"]:
        raise BadInput("package_base_changed", path=returned.path)
    progress(0.2)
    theirs = _rows(returned, card.layers)
    progress(0.6)
    touched = {
        name: {
            k
            for k in {*base.get(name, {}), *theirs[name]}
            if theirs[name].get(k) != base.get(name, {}).get(k)
        }
        for name in card.layers
    }
    _refuse_other_fields(project, returned, touched)
    region = Area.of(project, card.region)
    outside = tuple(_outside(region, base, theirs, touched))
    for each in outside:  # as if it had not been made
        touched[each.table].discard(each.key)
    sides = (_only(base, touched), _mine(project, touched), _only(theirs, touched))
    merged = merge(*sides, choices)
    strangers = tuple(
        e.name for e in returned.layers() if e.name not in card.layers and e.geometry != "raster"
    )
    return Return(card, merged, outside, strangers)


def edit_of(found: Return, project: ProjectFile, choices: Choices, name: str) -> Edit | None:
    """The whole merge as one edit, ``None`` if it does nothing; what was chosen against stays in the project.

    Raises
    ------
    BadInput
        Something is undecided.
    """
    if found.merged.undecided:
        raise BadInput("merge_undecided", count=len(found.merged.undecided))
    if not found.merged.changes:
        return None
    changes = [*found.merged.changes]
    if found.merged.disagreements:
        told = [{**told_of(each), "choose": choices[each.place]} for each in found.merged.disagreements]
        prefix = f"merge:{found.card.package}:"
        number = sum(key.startswith(prefix) for key in project.table("settings")) + 1
        value = json.dumps(told, ensure_ascii=False)
        changes.append(Change("settings", f"{prefix}{number}", None, {"value": value}))
    return Edit(name, tuple(changes))


def told_of(each: Disagreement) -> dict[str, Any]:
    """A disagreement for a file: geometry as WKT."""
    return {
        "layer": each.table,
        "uuid": each.key,
        "field": each.field,
        "base": _told(each.base),
        "mine": _told(each.mine),
        "theirs": _told(each.theirs),
    }


def _told(value: Any) -> Any:
    if isinstance(value, bytes):
        geometry = shapely.from_wkb(value, on_invalid="ignore")
        return None if geometry is None else shapely.to_wkt(geometry, rounding_precision=3)
    if isinstance(value, Mapping):
        return {name: _told(cell) for name, cell in value.items()}
    return value


def _rows(project: ProjectFile, names: tuple[str, ...]) -> dict[str, dict[str, Row]]:
    """All rows of the layers; a layer that was taken off the list has none: each is removed."""
    there = {entry.name for entry in project.layers()}
    return {name: dict(project.table(name).items()) if name in there else {} for name in names}


def _only(
    rows: Mapping[str, Mapping[str, Row]], touched: Mapping[str, set[str]]
) -> dict[str, dict[str, Row]]:
    return {
        name: {k: rows[name][k] for k in keys if k in rows.get(name, {})} for name, keys in touched.items()
    }


def _mine(project: ProjectFile, touched: Mapping[str, set[str]]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for name, keys in touched.items():
        table = project.table(name) if keys else {}
        found[name] = {key: row for key in keys if (row := table.get(key)) is not None}
    return found


def _refuse_other_fields(
    project: ProjectFile, returned: ProjectFile, touched: Mapping[str, set[str]]
) -> None:
    ours = {entry.name for entry in project.layers()}
    for name, keys in touched.items():
        if keys and name not in ours:
            raise BadInput("package_layer_gone", layer=name, count=len(keys))
        there = {entry.name for entry in returned.layers()}
        differing = (
            set(project.columns(name)) ^ set(returned.columns(name)) if keys and name in there else set()
        )
        if differing:
            raise BadInput("package_fields_differ", layer=name, fields="、".join(sorted(differing)))


def _outside(
    region: Area,
    base: Mapping[str, Mapping[str, Row]],
    theirs: Mapping[str, Mapping[str, Row]],
    touched: Mapping[str, set[str]],
) -> Iterator[Outside]:
    for name, keys in touched.items():
        for key in sorted(keys):
            was, came = base.get(name, {}).get(key), theirs[name].get(key)
            if not all(region.owns(row) for row in (was, came) if row is not None):
                row = came or was or {}
                yield Outside(name, key, str(row.get("name") or row.get("code") or key))

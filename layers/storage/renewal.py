"""What others did to an original meanwhile, brought into its working copy: three-way, by row and field.

Compared is with the file as it was last seen, so that edits of other programs count too.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from layers.changes import Edit, Row
from layers.editing.merging import Choice, Choices, Merged, merge
from layers.errors import BadInput
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.storage.connection import connect
from layers.storage.geopackage import ProjectFile
from layers.storage.loads import load
from layers.storage.schema import quoted
from layers.storage.working_copy import WorkingCopy, look

_SHOWN = ("layers", "settings")
"""Tables of how things are shown: where both sides changed them, the copy's own stay."""

Tables = dict[str, dict[str, Row]]


@dataclass(frozen=True)
class Renewal:
    """What the others did.

    Parameters
    ----------
    merged : Merged
    layers : tuple of VectorLayer
        That came new.
    left : tuple of str
        Titles of layers whose changes are not taken: rasters that came new, layers that the copy took off its
        list, layers that the others took off theirs while the copy has edits in them.
    checksum : str
        Of the original, as it was looked at.
    """

    merged: Merged
    layers: tuple[VectorLayer, ...]
    left: tuple[str, ...]
    checksum: str


def compare(
    copy: WorkingCopy, project: ProjectFile, choices: Choices | None = None, progress: Progress = ignore
) -> Renewal:
    """What the others did since the original was last seen, against the copy; nothing is changed.

    Parameters
    ----------
    copy : WorkingCopy
    project : ProjectFile
        The copy, open.
    choices : mapping, optional
        For what both changed.
    progress : Progress

    Raises
    ------
    BadInput
        The original was replaced by another project, or a layer has other fields there.
    """
    checksum = look(copy, part(progress, 0.0, 0.5))
    with (
        ProjectFile.open(copy.seen, read_only=True) as seen,
        ProjectFile.open(copy.theirs, read_only=True) as theirs,
    ):
        if _made(seen) != _made(theirs):
            raise BadInput("original_another", path=copy.original)
        was, now = seen.table("layers"), theirs.table("layers")
        new = [name for name in now if name not in was]
        rasters = [name for name in new if now[name]["geometry"] == "raster"]
        own = project.table("layers")
        shared = [n for n in was if n in now and was[n]["geometry"] != "raster"]
        touched = {name: _differing(seen, theirs, name) for name in shared}
        gone = [name for name in shared if touched[name] and name not in own]
        kept = [name for name in was if name not in now and _is_edited(project, copy, name)]
        progress(0.8)
        rows = {name: keys for name, keys in touched.items() if keys and name in own}
        sides = tuple(_rows(p, rows) for p in (seen, project, theirs))
        for side, place in zip(sides, (seen, project, theirs), strict=True):
            side["settings"] = dict(place.table("settings").items())
            side["layers"] = {n: r for n, r in place.table("layers").items() if n not in (*new, *kept)}
        layers = tuple(theirs.read(name) for name in new if name not in rasters)
        left = tuple(str({**was, **now}[name]["title"]) for name in (*rasters, *gone, *kept))
    return Renewal(_merged(sides, choices or {}), layers, left, checksum)


def _made(project: ProjectFile) -> object:
    with project.asking() as connection:
        return connection.execute("SELECT created FROM riskatlas_project").fetchone()


def _is_edited(project: ProjectFile, copy: WorkingCopy, name: str) -> bool:
    """Whether the copy has unsent edits in a layer."""
    numbers = [number for number, _ in project.deeds() if number > copy.sent]
    return any(name in project.entry(number).edit.tables for number in numbers)


def _differing(seen: ProjectFile, theirs: ProjectFile, name: str) -> set[str]:
    """Keys of the rows of a layer that are not as they were."""
    columns = seen.columns(name)
    differing = set(columns) ^ set(theirs.columns(name))
    if differing:
        raise BadInput("package_fields_differ", layer=name, fields="、".join(sorted(differing)))
    spatial = seen.layer(name).geometry != "table"
    chosen = ", ".join(map(quoted, ("uuid", *(["geom"] if spatial else []), *columns)))
    one, other = (f"SELECT {chosen} FROM {place}.{quoted(name)}" for place in ("main", "theirs"))  # noqa: S608
    with closing(connect(seen.path, read_only=True)) as connection:
        connection.execute("ATTACH ? AS theirs", (f"{theirs.path.as_uri()}?mode=ro",))
        rows = connection.execute(
            f"SELECT uuid FROM ({one} EXCEPT {other}) UNION SELECT uuid FROM ({other} EXCEPT {one})"  # noqa: S608
        )
        return {key for (key,) in rows}


def _rows(project: ProjectFile, wanted: dict[str, set[str]]) -> Tables:
    return {name: dict(_found(project, name, keys)) for name, keys in wanted.items()}


def _found(project: ProjectFile, name: str, keys: set[str]) -> Iterator[tuple[str, Row]]:
    table = project.table(name)
    for key in keys:
        row = table.get(key)
        if row is not None:
            yield key, row


def _merged(sides: tuple[Tables, ...], choices: Choices) -> Merged:
    base, mine, theirs = sides
    found = merge(base, mine, theirs)
    own: dict[tuple[str, str, str], Choice] = {
        each.place: "mine" for each in found.disagreements if each.table in _SHOWN
    }
    decided = merge(base, mine, theirs, {**own, **choices})
    told = tuple(each for each in decided.disagreements if each.table not in _SHOWN)
    return Merged(decided.changes, told, decided.undecided)


def renewed(found: Renewal, project: ProjectFile, name: str) -> Edit | None:
    """The edit that brings in what the others did, ``None`` if there is nothing.

    Raises
    ------
    BadInput
        Something is undecided.
    """
    if found.merged.undecided:
        raise BadInput("merge_undecided", count=len(found.merged.undecided))
    loaded = load(name, found.layers, project)
    if not found.merged.changes and not loaded.changes:
        return None
    return Edit(name, (*found.merged.changes, *loaded.changes), loaded.loads)

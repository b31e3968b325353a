"""A project that notes what is read of it, and what was done to those layers since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from layers.changes import Change, Edit, Row, net, rows_changed
from layers.grid import Extent
from layers.hazards.source import Source, SourceEntry
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.project import Deed, Entry
from layers.storage.geopackage import ProjectFile


@dataclass(frozen=True)
class Noted:
    """A source that remembers the names of the layers that were read.

    Parameters
    ----------
    source : Source
    names : set of str
    """

    source: Source
    names: set[str] = field(default_factory=set)

    @property
    def crs(self) -> str:
        """Projected reference system of all vector layers."""
        return self.source.crs

    def layers(self) -> Sequence[SourceEntry]:
        """All registered layers; looking is not reading."""
        return self.source.layers()

    def note(self, kinds: Sequence[str]) -> None:
        """Layers of these kinds count as read."""
        self.names.update(entry.name for entry in self.layers() if entry.kind in kinds)

    def read(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        extent: Extent | None = None,
        progress: Progress = ignore,
    ) -> VectorLayer:
        """A vector layer or table, noted."""
        self.names.add(name)
        return self.source.read(name, columns=columns, extent=extent, progress=progress)

    def raster_path(self, name: str) -> Path:
        """The file of a raster, noted."""
        self.names.add(name)
        return self.source.raster_path(name)


class Amended(NamedTuple):
    """What was done to a layer since.

    Parameters
    ----------
    layer, title : str
    what : {"rows", "gone", "new"}
        ``new``: one more of a kind that was read.
    rows : int
        Features that are not as they were.
    time : str
        Of the last edit, ISO 8601, UTC.
    """

    layer: str
    title: str
    what: str
    rows: int
    time: str


def last_edit(project: Source) -> int:
    """The number of the last line of a project's journal; 0 without one."""
    deeds = project.deeds() if isinstance(project, ProjectFile) else ()
    return max((number for number, _ in deeds), default=0)


def amended_since(project: ProjectFile, number: int, names: Sequence[str]) -> tuple[Amended, ...]:
    """What was done to some layers, or came in of their kinds, after a line of the journal.

    What was done and taken back again is not counted, and not read where undo took it back.

    Parameters
    ----------
    project : ProjectFile
    number : int
        See `last_edit`.
    names : sequence of str
        The layers that count.
    """
    entries = [project.entry(each) for each in standing(project.deeds(), number)]
    held = {str(entry.name): entry for entry in project.layers()}
    rows = project.table("layers")
    registered = {change.key: change for change in net(_part(entry, "layers") for entry in entries)}
    kinds = {str(row["kind"]) for name in names if (row := _row(rows, registered, name)) and row["kind"]}
    found = []
    for name in dict.fromkeys((*names, *registered)):
        row, count = _row(rows, registered, name), rows_changed((each.edit for each in entries), name)
        came = name in registered and registered[name].before is None and name in held
        what = ("new" if came and row and row["kind"] in kinds else "") if name not in names else (
            "gone" if name not in held else "rows" if count else "")  # fmt: skip
        if what:
            title = str(row["title"] or name) if row else name
            rows_told = count if what == "rows" else 0
            found.append(Amended(name, title, what, rows_told, _last(entries, name, what)))
    return tuple(found)


def standing(deeds: Iterable[tuple[int, Deed]], number: int) -> list[int]:
    """The lines of a journal after one that make the difference to it.

    A line that is taken back, and the one that takes it back, are left out.

    Parameters
    ----------
    deeds : iterable of (int, Deed)
        Number and deed of every line, oldest first.
    number : int
        0: before the first.
    """
    done, undone, left = list[int](), list[int](), dict[int, None]()
    for line, deed in deeds:
        turned = {"undo": done, "redo": undone}.get(deed, [])
        before = turned.pop() if turned else 0
        (undone if deed == "undo" else done).append(line)
        if deed == "do":
            undone.clear()
        if before in left:
            del left[before]
        elif line > number:
            left[line] = None
    return list(left)


def _last(entries: Sequence[Entry], name: str, what: str) -> str:
    """When a layer's rows, or its registration, were changed last."""
    if what == "rows":
        return max(each.time for each in entries if name in each.edit.tables)
    return max(each.time for each in entries if any(change.key == name for change in each.edit.of("layers")))


def _part(entry: Entry, table: str) -> Edit:
    """What an edit did to one table."""
    return Edit("", tuple(entry.edit.of(table)))


def _row(rows: Mapping[str, Row], registered: Mapping[str, Change], name: str) -> Row | None:
    """The registration of a layer, as it is or was last."""
    if name in rows:
        return rows[name]
    change = registered.get(name)
    return None if change is None else change.before

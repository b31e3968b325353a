"""Project: named tables of rows that are saved together; only an Edit changes it, all or nothing."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal, Protocol

from layers.changes import Change, Edit, Row
from layers.errors import Conflict

Deed = Literal["do", "undo", "redo"]


@dataclass(frozen=True)
class Entry:
    """One line of the journal.

    Parameters
    ----------
    number : int
        Position in the journal, from 1.
    deed : {"do", "undo", "redo"}
    edit : Edit
        The edit as it was applied (for an undo: the inverse).
    time : str
        ISO 8601, UTC.
    who : str
    """

    number: int
    deed: Deed
    edit: Edit
    time: str
    who: str


class Project(Protocol):
    """What an editing session needs of a project, wherever it is kept."""

    def table(self, name: str) -> Mapping[str, Row]:
        """Rows of a table by key.

        Raises
        ------
        KeyError
            No such table.
        """
        ...

    def apply(self, edit: Edit, deed: Deed = "do") -> int:
        """Carry out `edit` and enter it in the journal, both or neither; returns the entry's number.

        Raises
        ------
        Conflict
            A change's *before* is not what the project holds. Nothing was changed.
        """
        ...

    def journal(self) -> Iterator[Entry]:
        """All entries, oldest first."""
        ...

    def deeds(self) -> Iterator[tuple[int, Deed]]:
        """Number and deed of every entry, oldest first, without reading the edits."""
        ...

    def entry(self, number: int) -> Entry:
        """One entry.

        Raises
        ------
        KeyError
            The journal has none of that number.
        """
        ...


class MemoryProject:
    """A project of plain dictionaries: the oracle of the store's tests, and a scratch project."""

    def __init__(self, tables: Mapping[str, Mapping[str, Row]] | None = None) -> None:
        self._tables: dict[str, dict[str, Row]] = {name: dict(rows) for name, rows in (tables or {}).items()}
        self._journal: list[Entry] = []

    def table(self, name: str) -> Mapping[str, Row]:
        """Rows of a table by key."""
        return self._tables[name]

    def apply(self, edit: Edit, deed: Deed = "do") -> int:
        """Carry out `edit`, all or nothing."""
        tables = deepcopy(self._tables)
        for change in edit.changes:
            _apply(tables.setdefault(change.table, {}), change)
        self._tables = tables
        self._journal.append(Entry(len(self._journal) + 1, deed, edit, "", ""))
        return len(self._journal)

    def journal(self) -> Iterator[Entry]:
        """All entries, oldest first."""
        return iter(self._journal)

    def deeds(self) -> Iterator[tuple[int, Deed]]:
        """Number and deed of every entry, oldest first."""
        return iter([(entry.number, entry.deed) for entry in self._journal])

    def entry(self, number: int) -> Entry:
        """One entry."""
        if not 0 < number <= len(self._journal):
            raise KeyError(number)
        return self._journal[number - 1]


def _apply(rows: dict[str, Row], change: Change) -> None:
    held = rows.get(change.key)
    before, after = change.within(held)
    if held != before:
        raise Conflict(change.table, change.key)
    if after is None:
        del rows[change.key]
    else:
        rows[change.key] = after

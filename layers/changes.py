"""Change and Edit: what was, what is, and how to turn it round.

A `Change` is one row before and after. An `Edit` is a named tuple of changes, done or undone as one. From
these two follow undo, the journal, recovery, exchange files and conflicts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from operator import attrgetter, eq
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from layers.layer import Layer

Value = str | int | float | bytes | None
"""What a cell holds. Geometry is WKB bytes in the project CRS, in the column ``geom``."""

Row = Mapping[str, Value]
_NONE = object()
"""Where a change names no cell."""


@dataclass(frozen=True)
class Change:
    """One row of one table, before and after.

    Parameters
    ----------
    table : str
        Name of the table.
    key : str
        The row's UUID (or its natural key in a table that has one).
    before, after : Row or None
        ``None`` before: the row is added. ``None`` after: it is removed. Of a row that stays, columns that
        neither names are as they were.

    Examples
    --------
    >>> added = Change("county", "k", None, {"name": "景县"})
    >>> ~added
    Change(table='county', key='k', before={'name': '景县'}, after=None)
    >>> (added + ~added) is None
    True
    """

    table: str
    key: str
    before: Row | None
    after: Row | None

    def __invert__(self) -> "Change":
        return Change(self.table, self.key, self.after, self.before)

    def __add__(self, later: "Change") -> "Change | None":
        """This change and then `later` on the same row; ``None`` if together they change nothing."""
        if (self.table, self.key) != (later.table, later.key):
            raise ValueError("changes of different rows do not add up")
        before, after = self._with(self.before, later.before), later._with(later.after, self.after)
        return None if before == after else Change(self.table, self.key, before, after)

    def within(self, held: Row | None) -> tuple[Row | None, Row | None]:
        """Before and after as whole rows: with the cells of the row that is there which it does not name.

        What adds or removes a row names all of it.
        """
        if self.before is None or self.after is None:
            return self.before, self.after
        return self._with(self.before, held), self._with(self.after, held)

    def _with(self, row: Row | None, beyond: Row | None) -> Row | None:
        """A row with the cells of another that this change does not name."""
        if row is None or beyond is None or beyond.keys() <= row.keys():
            return row
        named = {*(self.before or ()), *(self.after or ())}
        return {**{column: cell for column, cell in beyond.items() if column not in named}, **row}


@dataclass(frozen=True, eq=False)
class ColumnChanges(Sequence[Change]):
    """Changes of many rows of one table, held by column: each is made when it is asked for.

    Parameters
    ----------
    table : str
    columns : tuple of str
    keys : sequence of str
        The rows, each once.
    before, after : tuple of sequences of Value, or None
        The cells of each column, in the order of the keys. None before: the rows are added. None after: they
        are removed; the columns are all that a row has then.

    Examples
    --------
    >>> changes = ColumnChanges("county", ("population",), ["k", "l"], ([1, 2],), ([3, 4],))
    >>> changes[1]
    Change(table='county', key='l', before={'population': 2}, after={'population': 4})
    >>> (~changes)[0].after
    {'population': 1}
    >>> ColumnChanges("county", ("population",), ["k"], ([1],), None)[0]
    Change(table='county', key='k', before={'population': 1}, after=None)
    """

    table: str
    columns: tuple[str, ...]
    keys: Sequence[str]
    before: tuple[Sequence[Value], ...] | None
    after: tuple[Sequence[Value], ...] | None

    @property
    def come_or_go(self) -> bool:
        """Whether the rows are added or removed."""
        return self.before is None or self.after is None

    def parts(self, size: int) -> "Iterator[ColumnChanges]":
        """The same in pieces of so many rows."""
        return (self[start : start + size] for start in range(0, len(self), size))

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, place: int) -> Change: ...
    @overload
    def __getitem__(self, place: slice) -> "ColumnChanges": ...
    def __getitem__(self, place: int | slice) -> "Change | ColumnChanges":
        if isinstance(place, slice):
            before, after = (side and tuple(c[place] for c in side) for side in (self.before, self.after))
            return ColumnChanges(self.table, self.columns, self.keys[place], before, after)
        was, became = (
            None if side is None else dict(zip(self.columns, (cells[place] for cells in side), strict=True))
            for side in (self.before, self.after)
        )
        return Change(self.table, self.keys[place], was, became)

    def __iter__(self) -> Iterator[Change]:
        for key, before, after in zip(
            self.keys, self._rows(self.before), self._rows(self.after), strict=False
        ):
            yield Change(self.table, key, before, after)

    def __invert__(self) -> "ColumnChanges":
        return ColumnChanges(self.table, self.columns, self.keys, self.after, self.before)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def _rows(self, side: tuple[Sequence[Value], ...] | None) -> Iterator[Row | None]:
        if side is None:
            return repeat(None)
        return (
            dict(zip(self.columns, cells, strict=True)) for _, *cells in zip(self.keys, *side, strict=True)
        )


@dataclass(frozen=True)
class Edit:
    """Changes that are done and undone as one.

    Parameters
    ----------
    name : str
        What the user did, in the user's language: "导入 县界".
    changes : sequence of Change
        In the order in which they are to be applied; a tuple, or `ColumnChanges` where many rows of one table
        come or go, or are other in some columns.
    loads : tuple of Layer
        Whole layers to be stored by this edit (an import, the result of a run). Their rows are not in
        `changes`; their *registration* is: a row of the table ``layers``. So undo hides such a table and
        redo shows it again.
    """

    name: str
    changes: Sequence[Change] = ()
    loads: "tuple[Layer, ...]" = field(default=(), compare=False)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of the tables that this edit touches."""
        if isinstance(self.changes, ColumnChanges):
            return frozenset({self.changes.table})
        return frozenset(map(attrgetter("table"), self.changes))

    def of(self, table: str) -> Sequence[Change]:
        """The changes of one table."""
        if isinstance(self.changes, ColumnChanges):
            return self.changes if self.changes.table == table else ()
        return [change for change in self.changes if change.table == table]

    def change_of(self, table: str, key: str) -> Change | None:
        """The first change of a row; ``None`` if the edit does not touch it."""
        changes = self.of(table)
        if isinstance(changes, ColumnChanges):
            with suppress(ValueError):
                return changes[changes.keys.index(key)]
            return None
        return next((each for each in changes if each.key == key), None)

    def growth(self, table: str) -> int:
        """By how many rows a table is longer after it."""
        changes = self.of(table)
        if isinstance(changes, ColumnChanges):
            return len(changes) * ((changes.before is None) - (changes.after is None))
        return sum((each.before is None) - (each.after is None) for each in changes)

    def comes_or_goes(self, table: str) -> bool:
        """Whether rows of a table are added or removed."""
        if isinstance(self.changes, ColumnChanges):
            return self.changes.table == table and self.changes.come_or_go
        return any(each.table == table and None in (each.before, each.after) for each in self.changes)

    def __invert__(self) -> "Edit":
        if isinstance(self.changes, ColumnChanges):
            return Edit(self.name, ~self.changes)
        return Edit(self.name, tuple(~change for change in reversed(self.changes)))


def net(edits: Iterable[Edit]) -> tuple[Change, ...]:
    """The edits added up: at most one change a row, none where a row is again as it was.

    Examples
    --------
    >>> a = Change("t", "k", None, {"n": 1})
    >>> b = Change("t", "k", {"n": 1}, {"n": 2})
    >>> net([Edit("", (a,)), Edit("", (b,))])
    (Change(table='t', key='k', before=None, after={'n': 2}),)
    """
    total: dict[tuple[str, str], Change] = {}
    for edit in edits:
        for change in edit.changes:
            row = (change.table, change.key)
            earlier = total.pop(row, None)
            added = change if earlier is None else earlier + change
            if added is not None:
                total[row] = added
    return tuple(total.values())


def rows_changed(edits: Iterable[Edit], table: str) -> int:
    """How many rows of a table are other after edits: as many changes as `net` finds there.

    Rows that lie in several changes, and neither came nor went, are compared by column; none is made.

    Examples
    --------
    >>> there, gone = Change("t", "k", None, {"n": 1}), Change("t", "l", {"n": 2}, None)
    >>> rows_changed([Edit("", (there, gone)), Edit("", (~there,))], "t")
    1
    """
    parts = [edit.of(table) for edit in edits]
    came: dict[str, bool] = {}
    went: dict[str, bool] = {}
    again = set[str]()
    for part in parts:
        for key, comes, goes in _ways(part):
            came.setdefault(key, comes)
            if key in went:
                again.add(key)
            went[key] = goes
    compared = {key for key in again if not (came[key] or went[key])}
    crossed = sum(came[key] != went[key] for key in again)
    return len(came) - len(again) + crossed + (_differing(parts, compared) if compared else 0)


def _ways(changes: Sequence[Change]) -> Iterator[tuple[str, bool, bool]]:
    """The key of each change, whether its row comes, and whether it goes."""
    if isinstance(changes, ColumnChanges):
        return zip(changes.keys, repeat(changes.before is None), repeat(changes.after is None), strict=False)
    return ((each.key, each.before is None, each.after is None) for each in changes)


def _differing(parts: Iterable[Sequence[Change]], keys: Set[str]) -> int:
    """How many of these rows have a cell that is in the end another than it was first."""
    first: dict[str, dict[str, object]] = {}
    last: dict[str, dict[str, object]] = {}
    for part in parts:
        for column, key, before, after in _cells(part):
            if key in keys:
                first.setdefault(column, {}).setdefault(key, before)
                last.setdefault(column, {})[key] = after
    pairs = ((key, was, last[column][key]) for column, cells in first.items() for key, was in cells.items())
    return len({key for key, was, became in pairs if was is not became and was != became})


def _cells(changes: Sequence[Change]) -> Iterator[tuple[str, str, object, object]]:
    """Column, key, before and after of every cell that changes name."""
    if isinstance(changes, ColumnChanges):
        nothing = repeat(repeat(_NONE))
        for column, before, after in zip(
            changes.columns, changes.before or nothing, changes.after or nothing, strict=False
        ):
            yield from zip(repeat(column), changes.keys, before, after, strict=False)
        return
    for each in changes:
        was, became = each.before or {}, each.after or {}
        for column in {**was, **became}:
            yield column, each.key, was.get(column, _NONE), became.get(column, _NONE)

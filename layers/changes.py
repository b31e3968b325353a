"""Change and Edit: what was, what is, and how to turn it round.

A `Change` is one row before and after. An `Edit` is a named tuple of changes, done or undone as one. From
these two follow undo, the journal, recovery, exchange files and conflicts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layers.layer import Layer

Value = str | int | float | bytes | None
"""What a cell holds. Geometry is WKB bytes in the project CRS, in the column ``geom``."""

Row = Mapping[str, Value]


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
        ``None`` before: the row is added. ``None`` after: it is removed.

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
        if self.before == later.after:
            return None
        return Change(self.table, self.key, self.before, later.after)


@dataclass(frozen=True)
class Edit:
    """Changes that are done and undone as one.

    Parameters
    ----------
    name : str
        What the user did, in the user's language: "导入 县界".
    changes : tuple of Change
        In the order in which they are to be applied.
    loads : tuple of Layer
        Whole layers to be stored by this edit (an import, the result of a run). Their rows are not in
        `changes`; their *registration* is: a row of the table ``layers``. So undo hides such a table and
        redo shows it again.
    """

    name: str
    changes: tuple[Change, ...] = ()
    loads: "tuple[Layer, ...]" = field(default=(), compare=False)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of the tables that this edit touches."""
        return frozenset(map(attrgetter("table"), self.changes))

    def __invert__(self) -> "Edit":
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

"""Three-way merge by row and field: what each side made of the base, and where they disagree.

Nothing is decided in silence: where both sides changed the same field differently, or one changed a row that
the other removed, there is a `Disagreement`, and a choice is needed. Geometry is a field like any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import shapely

from layers.changes import Change, Row, Value

Choice = Literal["mine", "theirs", "base"]
Tables = Mapping[str, Mapping[str, Row]]
Choices = Mapping[tuple[str, str, str], Choice]

ROW = "*"
"""The field of a disagreement about a whole row: one side removed it, the other changed it."""

_ABSENT = object()


@dataclass(frozen=True)
class Disagreement:
    """A field (or a row, field ``*``) that both sides changed, each in another way.

    Parameters
    ----------
    table, key, field : str
    base, mine, theirs : Value or Row or None
        For a row: ``None`` where it is not, or no longer.
    """

    table: str
    key: str
    field: str
    base: Value | Row
    mine: Value | Row
    theirs: Value | Row

    @property
    def place(self) -> tuple[str, str, str]:
        """What a choice is made for."""
        return self.table, self.key, self.field


@dataclass(frozen=True)
class Merged:
    """What a merge would do.

    Parameters
    ----------
    changes : tuple of Change
        From mine to the merged state; undecided fields stay as mine.
    disagreements : tuple of Disagreement
        All, decided or not.
    undecided : tuple of Disagreement
        Those without a choice.
    """

    changes: tuple[Change, ...]
    disagreements: tuple[Disagreement, ...]
    undecided: tuple[Disagreement, ...]


def merge(base: Tables, mine: Tables, theirs: Tables, choices: Choices | None = None) -> Merged:
    """Bring what `theirs` made of `base` into `mine`.

    Rows that neither side changed cost nothing but a look.

    Examples
    --------
    >>> base = {"t": {"k": {"a": 1, "b": 1}}}
    >>> found = merge(base, {"t": {"k": {"a": 2, "b": 1}}}, {"t": {"k": {"a": 3, "b": 5}}})
    >>> found.changes[0].after, found.undecided[0].field
    ({'a': 2, 'b': 5}, 'a')
    """
    chosen = choices or {}
    changes: list[Change] = []
    disagreements: list[Disagreement] = []
    for table in dict.fromkeys((*base, *theirs)):
        rows = (base.get(table, {}), mine.get(table, {}), theirs.get(table, {}))
        for key in dict.fromkeys((*rows[0], *rows[2])):
            was, own, came = (side.get(key) for side in rows)
            if came in (was, own):
                continue
            found = list(_disagreements(table, key, was, own, came))
            after = came if own == was else _merged(was, own, came, found, chosen)
            if after != own:
                changes.append(Change(table, key, own, after))
            disagreements += found
    undecided = tuple(each for each in disagreements if each.place not in chosen)
    return Merged(tuple(changes), tuple(disagreements), undecided)


def _disagreements(
    table: str, key: str, was: Row | None, own: Row | None, came: Row | None
) -> Iterator[Disagreement]:
    if own == was:
        return
    if own is None or came is None:
        yield Disagreement(table, key, ROW, was, own, came)
        return
    for field in dict.fromkeys((*own, *came)):
        old = was.get(field, _ABSENT) if was is not None else _ABSENT
        one, other = own.get(field), came.get(field)
        if one not in (other, old) and other != old:
            before = None if was is None else was.get(field)
            yield Disagreement(table, key, field, before, one, other)


def _merged(
    was: Row | None, own: Row | None, came: Row | None, found: list[Disagreement], chosen: Choices
) -> Row | None:
    """The row as both sides want it; where they disagree as chosen, else as mine."""
    sides = {"mine": own, "theirs": came, "base": was}
    if own is None or came is None:
        return sides[chosen.get(found[0].place, "mine")]
    decided = {each.field: chosen.get(each.place, "mine") for each in found}
    return {field: _value(field, was, own, came, decided) for field in dict.fromkeys((*own, *came))}


def _value(field: str, was: Row | None, own: Row, came: Row, decided: Mapping[str, Choice]) -> Value:
    if field in decided:
        side = {"mine": own, "theirs": came, "base": was or {}}[decided[field]]
        return side.get(field)
    old = was.get(field, _ABSENT) if was is not None else _ABSENT
    return came.get(field) if own.get(field) == old else own.get(field)


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

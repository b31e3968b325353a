"""Features added, removed, pasted and given values: each a pure function that returns an Edit."""

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any
from uuid import UUID

import shapely

from layers.census.formula import parse
from layers.census.reckoning import fitting, reckon
from layers.changes import Change, ColumnChanges, Edit, Row, Value
from layers.layer import Field, VectorLayer

Rows = Mapping[str, Row]


def new_key() -> str:
    """A random UUID for a new feature."""
    return str(UUID(bytes=os.urandom(16), version=4))


def wkb(geometry: Any) -> bytes:
    """A geometry as a cell: little endian, two dimensions."""
    return bytes(shapely.to_wkb(shapely.force_2d(geometry), byte_order=1))


def shape(row: Row) -> Any:
    """The geometry of a row; ``None`` if it lies nowhere."""
    cell = row.get("geom")
    return shapely.from_wkb(cell) if isinstance(cell, bytes) else None


def added(table: str, geometry: Any, values: Mapping[str, Value], name: str, key: str = "") -> Edit:
    """A new feature."""
    row = {**values, **({} if geometry is None else {"geom": wkb(geometry)})}
    return Edit(name, (Change(table, key or new_key(), None, row),))


def removed(table: str, rows: Rows, name: str) -> Edit:
    """Features taken away."""
    return Edit(name, tuple(Change(table, key, row, None) for key, row in rows.items()))


def reshaped(table: str, rows: Rows, geometries: Mapping[str, Any], name: str) -> Edit:
    """Features with other geometries; those that are as they were are left out."""
    changes = [
        Change(table, key, rows[key], {**rows[key], "geom": wkb(geometry)})
        for key, geometry in geometries.items()
    ]
    return Edit(name, tuple(change for change in changes if change.before != change.after))


def given(table: str, rows: Rows, values: Mapping[str, Value], name: str) -> Edit:
    """The same values for many features."""
    changes = [Change(table, key, row, {**row, **values}) for key, row in rows.items()]
    return Edit(name, tuple(change for change in changes if change.before != change.after))


def reckoned(
    layer: VectorLayer, held: Mapping[str, Value], field: Field, formula: str, name: str, only: str = ""
) -> Edit:
    """A field filled by a formula, where a condition holds; its changes are held by column.

    Parameters
    ----------
    layer : VectorLayer
        With ``uuid``; the features that are meant.
    held : mapping of str to Value
        What the field holds of the same features, by key.
    field : Field
    formula, name : str
    only : str
        A condition; empty for all.

    Raises
    ------
    BadInput
        The formula cannot be read, or its result does not fit the field.
    """
    cells = fitting(reckon(parse(formula), layer), field)
    holds = reckon(parse(only), layer).cells == 1 if only else repeat(True)
    keys = layer.attributes["uuid"].astype(str).tolist()
    found = [
        (key, held[key], cell)
        for key, cell, meant in zip(keys, cells, holds, strict=False)
        if meant and key in held and held[key] != cell
    ]
    chosen, before, after = zip(*found, strict=True) if found else ((), (), ())
    return Edit(name, ColumnChanges(layer.name, (field.name,), chosen, (before,), (after,)))


def pasted(
    table: str,
    columns: Sequence[str],
    copied: Iterable[Row],
    name: str,
    mapping: Mapping[str, str] | None = None,
) -> Edit:
    """Copies of features, perhaps of another layer, under new identities.

    Fields of the same name go over, and those that `mapping` (from → to) names; the others stay behind.
    """
    to = dict(mapping or {})
    rows = [{to.get(field, field): cell for field, cell in row.items()} for row in copied]
    there = {field for row in rows for field in row}
    chosen = tuple(field for field in ("geom", *columns) if field in there)
    cells = tuple([row.get(field) for row in rows] for field in chosen)
    return Edit(name, ColumnChanges(table, chosen, [new_key() for _ in rows], None, cells))

"""Values of a table brought to the features that its rows mean, by a key that both hold."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.census.catalogue import catalogue, map_fields
from layers.changes import ColumnChanges, Edit, Value
from layers.errors import BadInput, MissingFile
from layers.layer import Field, VectorLayer
from layers.storage.fields import texts_of, typed
from layers.storage.tables import read_csv, read_xlsx

KEYS = ("code", "name")
"""Fields that are tried as keys first."""


@dataclass(frozen=True, eq=False)
class Match:
    """Which row of a table belongs to each feature.

    Parameters
    ----------
    rows : ndarray of intp, shape (n,)
        A row a feature; -1 where there is none.
    unused : tuple of str
        Keys of the table that no feature has.
    repeated : tuple of str
        Keys that several rows of the table have: nobody knows which is meant, so none is taken.
    """

    rows: NDArray[np.intp]
    unused: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Features that have a row."""
        return int((self.rows >= 0).sum())


def read_table(path: Path, encoding: str = "auto") -> pd.DataFrame:
    """The cells of a spreadsheet or text file under their heads; points in it are columns like others.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.txt`` or ``.xlsx``.
    encoding : str
        Of a text.

    Raises
    ------
    MissingFile, BadInput
        The file is not there, of another format, torn or empty.
    """
    if not path.is_file():
        raise MissingFile("file_missing", path=path)
    ending = path.suffix.casefold()
    if ending not in {".csv", ".txt", ".xlsx"}:
        raise BadInput("match_no_table", path=path)
    found = read_xlsx(path) if ending == ".xlsx" else read_csv(path, encoding)
    return found.table.reset_index(drop=True)


def key_texts(values: Iterable[Any]) -> list[str]:
    """Keys as they are compared: without blanks around them, in plain forms, whole numbers without a point.

    Examples
    --------
    >>> key_texts([131127.0, " １３１１２７", None])
    ['131127', '131127', '']
    """
    plain = texts_of(pd.Series(list(values), dtype=object))
    return ["" if text is None else unicodedata.normalize("NFKC", text).strip() for text in plain]


def match(keys: Iterable[Any], others: Iterable[Any]) -> Match:
    """Find the row of each feature.

    Parameters
    ----------
    keys, others : iterable of Value
        Of the features and of the table's rows; an empty key belongs to nothing.
    """
    own, held = key_texts(keys), key_texts(others)
    counts = Counter(text for text in held if text)
    places = {text: row for row, text in enumerate(held) if counts[text] == 1}
    rows = np.array([places.get(text, -1) for text in own], np.intp)
    known = set(own)
    unused = tuple(text for text in counts if text not in known)
    return Match(rows, unused, tuple(text for text, count in counts.items() if count > 1))


def likely_keys(layer: VectorLayer, table: pd.DataFrame) -> tuple[str, str]:
    """The field and the column that bring the most features together; ``("", "")`` if none do.

    Codes and names come before other texts; numbers are no keys.
    """
    attributes = layer.attributes
    words = [str(name) for name in attributes if not pd.api.types.is_numeric_dtype(attributes[name])]
    fields = [name for name in (*KEYS, *words) if name in attributes]
    held = {str(column): set(key_texts(table[column])) - {""} for column in table.columns}
    best, chosen = 0, ("", "")
    for name in dict.fromkeys(name for name in fields if name != "uuid"):
        own = set(key_texts(layer.attributes[name])) - {""}
        for column, there in held.items():
            if len(own & there) > best:
                best, chosen = len(own & there), (name, column)
    return chosen


def likely_fields(kind: str, fields: Sequence[Field], columns: Sequence[str]) -> dict[str, str]:
    """Which column of a table fills which field, by their names: field → column."""
    by_kind = map_fields(kind, columns) if kind in catalogue() else {}
    found = {name: column for column, name in by_kind.items()}
    for field in fields:
        own = {field.name.casefold(), field.zh.casefold(), field.en.casefold()} - {""}
        same = [column for column in columns if column.casefold() in own]
        if same:
            found.setdefault(field.name, same[0])
    there = {field.name for field in fields}
    return {name: column for name, column in found.items() if name in there}


def brought(
    layer: VectorLayer,
    fields: Mapping[str, Field],
    table: pd.DataFrame,
    found: Match,
    wanted: Mapping[str, str],
    name: str,
) -> Edit:
    """The edit that brings the table's values to the features; an empty cell leaves what is there.

    Parameters
    ----------
    layer : VectorLayer
        ``uuid`` and the fields that are filled, of all features.
    fields : mapping of str to Field
    table : pandas.DataFrame
    found : Match
    wanted : mapping of str to str
        Field → column.
    name : str
        Of the edit.

    Raises
    ------
    BadInput
        A value is not of its field's type; the facts name it and its row.
    """
    keys = layer.attributes["uuid"].astype(str).tolist()
    before = {field: _cells(layer.attributes[field]) for field in wanted}
    after = {
        field: _filled(before[field], table[column], found.rows, fields[field])
        for field, column in wanted.items()
    }
    changed = [n for n in range(len(keys)) if any(before[f][n] != after[f][n] for f in wanted)]
    return Edit(
        name,
        ColumnChanges(
            layer.name,
            tuple(wanted),
            [keys[n] for n in changed],
            tuple([before[field][n] for n in changed] for field in wanted),
            tuple([after[field][n] for n in changed] for field in wanted),
        ),
    )


def _cells(values: pd.Series[Any]) -> list[Value]:
    """The cells as the database holds them."""
    return [None if pd.isna(value) else value for value in values.astype(object).tolist()]


def _filled(before: list[Value], column: pd.Series[Any], rows: NDArray[np.intp], field: Field) -> list[Value]:
    """The cells of a field, those of the table where it has any."""
    values, unread = typed(column, field)
    bad = sorted(set(rows[rows >= 0]) & set(np.flatnonzero(unread)))
    if bad:
        value = column.iloc[bad[0]]
        raise BadInput("match_value", column=column.name, row=int(bad[0]) + 1, value=value, field=field.name)
    cells = _cells(values)
    if field.type == "integer":
        cells = [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in cells]
    return [
        cells[row] if row >= 0 and cells[row] is not None else was
        for row, was in zip(rows, before, strict=True)
    ]

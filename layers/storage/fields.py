"""Foreign columns as fields of the catalogue: named, typed, cleaned lightly; the others under safe names."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from layers.census.catalogue import catalogue, map_fields
from layers.layer import Field
from layers.storage.foreign import Foreign, Note, Skipped
from layers.storage.loads import new_uuids

_TAKEN = {"fid", "geom", "uuid", "rowid", "oid", "_rowid_", "ogc_fid"}
LARGEST_WHOLE = 2.0**63
"""What no whole number of a database reaches."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
_CODES = re.compile(r"码|编号|号|电话|id$|code$|^cas", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")


Attributes = tuple["pd.DataFrame", tuple[Field, ...], tuple[Note, ...], tuple[Skipped, ...]]


def attributes_of(foreign: Foreign, kind: str) -> Attributes:
    """Columns with meaning first, then the others as they are, ``uuid`` last; their fields; and what was
    altered, as notes and by row.

    A text where a number is asked becomes no data.
    """
    mapping = map_fields(kind, map(str, foreign.table.columns)) if kind in catalogue() else {}
    columns: dict[str, Any] = {}
    fields: list[Field] = []
    notes: list[Note] = []
    altered: list[Skipped] = []
    for column, name in mapping.items():
        field = catalogue()[kind].field(name)
        columns[name], unread = typed(foreign.table[column], field)
        fields.append(field)
        if unread.any():
            first = int(np.flatnonzero(unread)[0])
            facts = {"field": column, "count": int(unread.sum()), "row": int(foreign.rows[first])}
            notes.append(Note("note.not_a_number", {**facts, "value": foreign.table[column].iloc[first]}))
            altered += [Skipped(int(row), "alter.not_a_number") for row in foreign.rows[unread]]
    for column in foreign.table.columns:
        if column in mapping or column == "uuid":
            continue
        name = safe_column(str(column), {*columns, *_field_names(kind)})
        columns[name] = _as_it_is(foreign.table[column], str(column))
        fields.append(Field(name, _type_of(columns[name]), zh=str(column), en=str(column)))
    columns["uuid"] = _uuids(foreign.table)
    made = pd.DataFrame(columns, index=pd.RangeIndex(len(foreign.table)))
    return made, tuple(fields), tuple(notes), tuple(altered)


def _field_names(kind: str) -> set[str]:
    return {field.name for field in catalogue()[kind].fields} if kind in catalogue() else set()


def safe_column(name: str, taken: set[str]) -> str:
    """A column name of letters (Chinese too), digits and underlines that is not taken.

    Examples
    --------
    >>> safe_column("最大储量(t)", set()), safe_column("FID", set()), safe_column("a;b", {"A_B"})
    ('最大储量_t', 'FID_1', 'a_b_1')
    """
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name)).strip("_")[:60] or "column"
    folded = {n.casefold() for n in taken} | _TAKEN
    number, found = 0, plain
    while found.casefold() in folded:
        number += 1
        found = f"{plain}_{number}"
    return found


def typed(values: pd.Series[Any], field: Field) -> tuple[pd.Series[Any], np.ndarray[Any, Any]]:
    """Values of the field's type, and where a text could not be read as one.

    Parameters
    ----------
    values : pandas.Series
        As they stand in a foreign file.
    field : Field
    """
    none = np.zeros(len(values), bool)
    if field.type == "text":
        return texts_of(values), none
    if field.type == "date":
        return texts_of(values.map(_as_date)), none
    numbers = _numbers(values, field.unit)
    unread = none if _is_numeric(values) else np.isnan(numbers) & texts_of(values).notna().to_numpy()
    beyond = np.abs(numbers) >= (LARGEST_WHOLE if field.type == "integer" else np.inf)
    unread, numbers = unread | beyond, np.where(beyond, np.nan, numbers)
    whole = field.type == "integer" and not np.isnan(numbers).any() and bool(np.all(numbers % 1 == 0))
    return pd.Series(numbers.astype(np.int64) if whole else numbers), unread


def _numbers(values: pd.Series[Any], unit: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    if _is_numeric(values):
        return np.asarray(values.to_numpy(np.float64, na_value=np.nan))
    codes, distinct = _distinct(values)
    return np.asarray(np.array([_number(value, unit) for value in distinct], np.float64)[codes])


def _is_numeric(values: pd.Series[Any]) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values))


def _distinct(values: pd.Series[Any]) -> tuple[np.ndarray[Any, np.dtype[np.intp]], list[Any]]:
    """Each different value once, and where it stands: most columns say few things many times."""
    codes, distinct = pd.factorize(values.astype(object).to_numpy(), use_na_sentinel=False)
    return codes, list(distinct)


def _number(value: object, unit: str) -> float:
    """A number, also with thousands separators, in full-width digits, or with the field's unit behind it."""
    if isinstance(value, int | float):
        return float(value)
    text = unicodedata.normalize("NFKC", str(value or "")).strip().replace(",", "")
    text = text.removesuffix(unicodedata.normalize("NFKC", unit)).strip() if unit else text
    return float(text) if _NUMBER.fullmatch(text) else float("nan")


def texts_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """Stripped text; ``None`` where empty; whole floats without their point.

    Parameters
    ----------
    values : pandas.Series
    """
    codes, distinct = _distinct(values)
    texts = np.array([_text(value) for value in distinct], dtype=object)
    return pd.Series(texts[codes], dtype=object)


def _text(value: Any) -> str | None:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def _as_date(value: object) -> object:
    """ISO date where the text is one, else the text."""
    text = _text(value)
    found = _DATE.fullmatch(text) if text else None
    digits = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text) if text else None
    match = found or digits
    if match is None:
        return text
    try:
        return date(*(int(part) for part in match.groups()[:3])).isoformat()
    except ValueError:
        return text


def _as_it_is(values: pd.Series[Any], column: str) -> pd.Series[Any]:
    """Numbers stay numbers; texts that are plain numbers become such, unless they look like codes."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return texts_of(values.dt.strftime("%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00"))
    if pd.api.types.is_bool_dtype(values):
        return values.astype(np.int64).reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(values):
        return values.reset_index(drop=True)
    present = [value for value in values if _text(value) is not None]
    if present and all(isinstance(value, int | float) for value in present):
        return pd.Series(pd.to_numeric(values)).reset_index(drop=True)
    texts = texts_of(values)
    plain = texts.dropna()
    if (
        len(plain)
        and not _CODES.search(column)
        and plain.map(lambda t: bool(_PLAIN_NUMBER.fullmatch(t))).all()
    ):
        return pd.Series(pd.to_numeric(texts))
    return texts


def _type_of(values: pd.Series[Any]) -> Any:
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "real" if pd.api.types.is_float_dtype(values) else "text"


def _uuids(table: pd.DataFrame) -> list[str]:
    """The file's own, if every row has one of its own; else new ones."""
    if "uuid" in table:
        given = table["uuid"]
        if given.notna().all() and given.is_unique and given.map(lambda u: isinstance(u, str)).all():
            return list(given)
    return new_uuids(len(table))

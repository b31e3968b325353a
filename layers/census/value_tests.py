"""Quality tests of values: required, domain, type, key, conditions between fields, sums of parts."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.census.catalogue import catalogue
from layers.census.formula import parse
from layers.census.reckoning import broken
from layers.census.rules import Rule
from layers.layer import Field, VectorLayer

Rows = Iterator[tuple[int, Mapping[str, Any]]]
Known = Mapping[str, VectorLayer]

_OUTER = re.compile(r"^\s|\s$|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")


def _fields(layer: VectorLayer) -> Iterator[Field]:
    """What the catalogue, or the layer itself, says of the columns that are there."""
    if layer.kind in catalogue():
        meant = {field.name: field for field in catalogue()[layer.kind].fields}
    else:
        meant = {field.name: field for field in layer.fields}
    yield from (field for name, field in meant.items() if name in layer.attributes)


def _title(field: Field) -> str:
    return field.zh or field.name


def required(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Fields that must have a value and have none."""
    for field in _fields(layer):
        if field.required:
            values = layer.attributes[field.name]
            empty = values.isna().to_numpy()
            if not pd.api.types.is_numeric_dtype(values):
                empty = empty | (values.astype("string").str.strip() == "").fillna(False).to_numpy(bool)
            yield from ((int(row), {"field": _title(field)}) for row in np.flatnonzero(empty))


def domain(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Values that the field's list does not have; where one is meant all the same, a fix says which."""
    for field in _fields(layer):
        if not field.domain:
            continue
        values = layer.attributes[field.name]
        wrong = values.notna().to_numpy() & ~values.isin(field.domain).to_numpy()
        for row in np.flatnonzero(wrong):
            value = values.iloc[row]
            if str(value).strip() == "":
                continue
            facts = {"field": _title(field), "value": value, "column": field.name}
            meant = plain_text(str(value))
            if meant in field.domain:
                facts |= {"fix": "domain", "meant": meant}
            yield int(row), facts


def plain_text(text: str) -> str:
    """Without blanks around it, control characters and full-width forms."""
    kept = "".join(letter for letter in text if not _OUTER.match(letter) or letter.isspace())
    return unicodedata.normalize("NFKC", kept).strip()


def type_of_values(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Values that are not of their field's type: texts for numbers, fractions for whole numbers, no dates."""
    for field in _fields(layer):
        values = layer.attributes[field.name]
        wrong = _is_of_other_type(values, field.type)
        for row in np.flatnonzero(wrong):
            yield int(row), {"field": _title(field), "value": values.iloc[row], "type": field.type}


def _is_of_other_type(values: "pd.Series[Any]", wanted: str) -> NDArray[np.bool_]:
    there: NDArray[np.bool_] = values.notna().to_numpy(bool)
    if wanted == "text":
        return np.zeros(len(values), bool)
    if wanted == "date":
        return np.asarray(there & ~values.map(_is_date).to_numpy(bool))
    if not pd.api.types.is_numeric_dtype(values):
        is_number = values.map(lambda value: isinstance(value, int | float)).to_numpy(bool)
        return np.asarray(there & ~is_number)
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    uneven = np.isinf(numbers) | ((numbers % 1 != 0) & (wanted == "integer"))
    return np.asarray(there & uneven)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def blanks(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Texts with blanks around them or letters that nobody sees."""
    for column in layer.attributes:
        values = layer.attributes[column]
        if pd.api.types.is_numeric_dtype(values) or column == "uuid":
            continue
        dirty = values.map(
            lambda value: isinstance(value, str) and bool(value) and bool(_OUTER.search(value))
        )
        for row in np.flatnonzero(dirty.to_numpy(bool)):
            yield (
                int(row),
                {"field": str(column), "value": values.iloc[row], "column": column, "fix": "blanks"},
            )


def unique(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Keys that more than one feature has; every one after the first is at fault."""
    name = rule.text("field")
    if name not in layer.attributes:
        return
    values = layer.attributes[name]
    keys = values.astype("string").str.strip()
    again = (keys.notna() & (keys != "") & keys.duplicated()).to_numpy(bool, na_value=False)
    for row in np.flatnonzero(again):
        yield int(row), {"field": name, "value": values.iloc[row]}


def condition(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Rows for which the condition is false; layers without its fields are passed over."""
    formula = parse(rule.text("condition"))
    there = {str(column) for column in layer.attributes} | {
        f.zh for f in layer.fields if f.name in layer.attributes
    }
    if not formula.fields <= there or not _are_of_their_types(layer, formula.fields):
        return
    shown = rule.text("field")
    for row in np.flatnonzero(broken(formula, layer)):
        value = layer.attributes[shown].iloc[row] if shown in layer.attributes else ""
        yield int(row), {"field": shown, "value": value, "condition": rule.text("condition")}


def _are_of_their_types(layer: VectorLayer, names: frozenset[str]) -> bool:
    """A column of texts where numbers are meant is the type rule's matter."""
    numbers = {f.name for f in _fields(layer) if f.type in {"integer", "real"}} & names
    return all(pd.api.types.is_numeric_dtype(layer.attributes[name]) for name in numbers)


def sum_of_parts(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Totals that their parts in another layer do not add up to; a total without any part is not judged."""
    parts = known.get(rule.text("parts"))
    columns = {rule.text("part_field"), rule.text("part_key")}
    if parts is None or not columns <= set(parts.attributes) or rule.text("key") not in layer.attributes:
        return
    if rule.text("field") not in layer.attributes:
        return
    sums = parts.attributes.groupby(rule.text("part_key"))[rule.text("part_field")].sum(min_count=1)
    wanted = layer.attributes[rule.text("key")].map(sums).to_numpy(np.float64, na_value=np.nan)
    total = layer.attributes[rule.text("field")].to_numpy(np.float64, na_value=np.nan)
    for row in np.flatnonzero(np.abs(total - wanted) > rule.number("tolerance")):
        yield int(row), {"field": rule.text("field"), "value": total[row], "sum": wanted[row]}

"""What a formula gives for every row of a layer: by column, with missing values as in SQL."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.census.formula import Node, parse
from layers.errors import BadInput
from layers.layer import Field, VectorLayer

Floats = NDArray[np.float64]
Sort = Literal["number", "text", "truth"]


@dataclass(frozen=True)
class Column:
    """Values of all rows.

    Parameters
    ----------
    sort : {"number", "text", "truth"}
    cells : ndarray
        Numbers and truths (1, 0) as float64, NaN where missing; texts as objects, ``None`` where missing.
    """

    sort: Sort
    cells: NDArray[Any]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where there is no value."""
        if self.sort == "text":
            return np.array([cell is None for cell in self.cells], bool)
        return np.asarray(np.isnan(self.cells))


def reckon(formula: str | Node, layer: VectorLayer) -> Column:
    """The values of a formula for every row.

    Parameters
    ----------
    formula : str or Node
    layer : VectorLayer
        In a plane reference system if ``area()`` or ``length()`` are asked for: they are plane ones.

    Raises
    ------
    BadInput
        It cannot be read, names no field of the layer or no function, or mixes texts and numbers.
    """
    node = parse(formula) if isinstance(formula, str) else formula
    return _Reckoner(layer).value(node)


def measures(node: Node) -> bool:
    """Whether a formula asks where features lie."""
    return (node.act == "call" and node.value in _SHAPE_FUNCTIONS) or any(map(measures, node.parts))


def broken(formula: str | Node, layer: VectorLayer) -> NDArray[np.bool_]:
    """Rows for which a condition is false; where it is missing nothing is known, and nothing broken."""
    column = reckon(formula, layer)
    if column.sort != "truth":
        raise BadInput("formula_no_condition", formula=str(formula)[:60])
    return np.asarray(column.cells == 0)


class _Reckoner:
    def __init__(self, layer: VectorLayer) -> None:
        self._layer, self._rows = layer, len(layer)
        names = {field.zh: field.name for field in layer.fields if field.zh}
        self._names = {**names, **{str(column): str(column) for column in layer.attributes}}

    def value(self, node: Node) -> Column:
        if node.act in _LEAVES:
            return self._leaf(node)
        if node.act == "call":
            return self._call(node)
        parts = [self.value(part) for part in node.parts]
        return _OPERATORS[node.act](node, parts)

    def _leaf(self, node: Node) -> Column:
        if node.act == "field":
            return self._field(node.value)
        if node.act == "text":
            return Column("text", np.full(self._rows, node.value, dtype=object))
        value = math.nan
        if node.act != "null":
            value = float(node.value) if node.act == "number" else float(node.value == "true")
        return Column("truth" if node.act == "truth" else "number", np.full(self._rows, value))

    def _field(self, name: str) -> Column:
        if name not in self._names:
            fields = "、".join(list(self._names)[:12])
            raise BadInput("formula_field", field=name, fields=fields)
        values = self._layer.attributes[self._names[name]]
        if pd.api.types.is_numeric_dtype(values):
            return Column("number", values.to_numpy(np.float64, na_value=np.nan))
        return Column("text", _objects(values))

    def _call(self, node: Node) -> Column:
        if node.value in _SHAPE_FUNCTIONS and not node.parts:
            return Column("number", _SHAPE_FUNCTIONS[node.value](self._layer))
        if node.value not in _FUNCTIONS:
            raise BadInput("formula_function", function=node.value, functions=" ".join(sorted(FUNCTIONS)))
        least, most, function = _FUNCTIONS[node.value]
        if not least <= len(node.parts) <= most:
            raise BadInput("formula_arguments", function=node.value, count=len(node.parts))
        return function(node.value, [self.value(part) for part in node.parts])


def _objects(values: "pd.Series[Any]") -> NDArray[np.object_]:
    cells: NDArray[np.object_] = values.astype(object).to_numpy(copy=True)
    cells[values.isna().to_numpy()] = None
    cells[:] = [cell if cell is None or isinstance(cell, str) else str(cell) for cell in cells]
    return cells


# --- operators -----------------------------------------------------------------------------------------


def _numbers(name: str, parts: Sequence[Column]) -> list[Floats]:
    if any(part.sort == "text" and not part.missing.all() for part in parts):
        raise BadInput("formula_sorts", sign=name)
    return [np.full(len(part.cells), np.nan) if part.sort == "text" else part.cells for part in parts]


_SUMS = {"+": np.add, "-": np.subtract, "*": np.multiply}


def _arithmetic(node: Node, parts: Sequence[Column]) -> Column:
    a, b = _numbers(node.act, parts)
    with np.errstate(all="ignore"):
        if node.act in _SUMS:
            made = np.asarray(_SUMS[node.act](a, b))
        else:
            divisor = np.where(b == 0, np.nan, b)
            made = np.asarray(a / divisor if node.act == "/" else np.fmod(a, divisor))
    return Column("number", np.where(np.isfinite(made), made, np.nan))


def _negative(node: Node, parts: Sequence[Column]) -> Column:
    (a,) = _numbers("-", parts)
    return Column("number", -a)


def _joined(node: Node, parts: Sequence[Column]) -> Column:
    a, b = (as_text(part).cells for part in parts)
    return Column("text", _each(lambda x, y: x + y, a, b))


def _each(function: Callable[..., Any], *columns: NDArray[Any]) -> NDArray[np.object_]:
    """The function of every row; missing where an argument is."""
    made = np.empty(len(columns[0]), dtype=object)
    made[:] = [
        None if any(cell is None for cell in cells) else function(*cells)
        for cells in zip(*columns, strict=True)
    ]
    return made


def _compared(node: Node, parts: Sequence[Column]) -> Column:
    left, right = parts
    missing = left.missing | right.missing
    if missing.all():
        return Column("truth", np.full(len(left.cells), np.nan))
    if (left.sort == "text") != (right.sort == "text"):
        raise BadInput("formula_sorts", sign=node.act)
    a, b = left.cells, right.cells
    if left.sort == "text":
        a, b = np.where(missing, "", a).astype(str), np.where(missing, "", b).astype(str)
    made: NDArray[np.bool_] = {
        "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal,
        ">": np.greater, ">=": np.greater_equal,
    }[node.act](a, b)  # fmt: skip
    return _truth(made, missing)


def _truth(holds: NDArray[np.bool_], missing: NDArray[np.bool_]) -> Column:
    return Column("truth", np.where(missing, np.nan, holds.astype(np.float64)))


def _truths(name: str, parts: Sequence[Column]) -> list[Floats]:
    for part in parts:
        if part.sort != "truth" and not part.missing.all():
            raise BadInput("formula_sorts", sign=name)
    return [part.cells if part.sort == "truth" else np.full(len(part.cells), np.nan) for part in parts]


def _and(node: Node, parts: Sequence[Column]) -> Column:
    a, b = _truths("and", parts)
    unknown = np.isnan(a) | np.isnan(b)
    return Column("truth", np.where((a == 0) | (b == 0), 0.0, np.where(unknown, np.nan, 1.0)))


def _or(node: Node, parts: Sequence[Column]) -> Column:
    a, b = _truths("or", parts)
    unknown = np.isnan(a) | np.isnan(b)
    return Column("truth", np.where((a == 1) | (b == 1), 1.0, np.where(unknown, np.nan, 0.0)))


def _not(node: Node, parts: Sequence[Column]) -> Column:
    (a,) = _truths("not", parts)
    return Column("truth", 1.0 - a)


def _missing(node: Node, parts: Sequence[Column]) -> Column:
    return Column("truth", parts[0].missing.astype(np.float64))


def _in(node: Node, parts: Sequence[Column]) -> Column:
    found = Column("truth", np.zeros(len(parts[0].cells)))
    for part in parts[1:]:
        found = _or(node, [found, _compared(Node("="), [parts[0], part])])
    return Column("truth", np.where(parts[0].missing, np.nan, found.cells))


def _like(node: Node, parts: Sequence[Column]) -> Column:
    texts, patterns = as_text(parts[0]), as_text(parts[1])
    made = _each(lambda text, pattern: float(_fits(text, pattern)), texts.cells, patterns.cells)
    return Column("truth", np.array([math.nan if cell is None else cell for cell in made], np.float64))


def _fits(text: str, pattern: str) -> bool:
    words = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(words.replace(".*.*", ".*"), text, re.DOTALL | re.IGNORECASE) is not None


def as_text(column: Column) -> Column:
    """Numbers as texts: whole ones without a point."""
    if column.sort == "text":
        return column
    cells = np.empty(len(column.cells), dtype=object)
    cells[:] = [
        None if math.isnan(v) else str(int(v)) if float(v).is_integer() and abs(v) < 1e15 else repr(float(v))
        for v in column.cells.tolist()
    ]
    return Column("text", cells)


_LEAVES = {"field", "text", "number", "null", "truth"}
_OPERATORS: Mapping[str, Callable[[Node, Sequence[Column]], Column]] = {
    **dict.fromkeys(("+", "-", "*", "/", "%"), _arithmetic),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _compared),
    "negative": _negative, "||": _joined, "and": _and, "or": _or, "not": _not,
    "missing": _missing, "in": _in, "like": _like,
}  # fmt: skip


# --- functions -----------------------------------------------------------------------------------------


def _numeric(function: Callable[..., Any]) -> Callable[[str, Sequence[Column]], Column]:
    def call(name: str, parts: Sequence[Column]) -> Column:
        with np.errstate(all="ignore"):
            made = np.asarray(function(*_numbers(name, parts)), np.float64)
        return Column("number", np.where(np.isfinite(made), made, np.nan))

    return call


def _textual(function: Callable[..., Any]) -> Callable[[str, Sequence[Column]], Column]:
    def call(name: str, parts: Sequence[Column]) -> Column:
        return Column("text", _each(function, *(as_text(part).cells for part in parts)))

    return call


def _letters(name: str, parts: Sequence[Column]) -> Column:
    made = _each(len, as_text(parts[0]).cells)
    return Column("number", np.array([math.nan if cell is None else cell for cell in made], np.float64))


def _to_number(name: str, parts: Sequence[Column]) -> Column:
    if parts[0].sort != "text":
        return Column("number", parts[0].cells)
    return Column("number", np.array([_number(cell) for cell in parts[0].cells], np.float64))


def _number(text: str | None) -> float:
    plain = (text or "").strip().replace(",", "")
    return float(plain) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", plain) else math.nan


def _year(name: str, parts: Sequence[Column]) -> Column:
    return _to_number(name, [_textual(lambda text: text[:4])(name, parts)])


def _coalesce(name: str, parts: Sequence[Column]) -> Column:
    return _chosen(name, [part.missing for part in parts], parts)


def _chosen(name: str, away: Sequence[NDArray[np.bool_]], parts: Sequence[Column]) -> Column:
    """Of each row the first part that is not away."""
    filled = [part for part in parts if not part.missing.all()] or list(parts)
    sort = filled[0].sort
    if any(part.sort != sort for part in filled):
        raise BadInput("formula_sorts", sign=name)
    none: Any = None if sort == "text" else math.nan
    made = np.full(len(parts[0].cells), none, dtype=object if sort == "text" else np.float64)
    for absent, part in reversed(list(zip(away, parts, strict=True))):
        made = np.where(absent, made, part.cells if part.sort == sort else none)
    return Column(sort, made)


def _if(name: str, parts: Sequence[Column]) -> Column:
    (condition,) = _truths(name, parts[:1])
    always = np.zeros(len(condition), bool)
    return _chosen(name, [condition != 1, always], parts[1:])


def _piece(text: str, start: str, count: str = "1000000") -> str:
    begin = max(int(float(start)) - 1, 0)
    return text[begin : begin + max(int(float(count)), 0)]


def _round(a: Floats, *digits: Floats) -> Floats:
    """Halves away from zero, as offices round."""
    scale = 10.0 ** (digits[0] if digits else 0.0)
    return np.asarray(np.sign(a) * np.floor(np.abs(a) * scale + 0.5) / scale)


_FUNCTIONS: Mapping[str, tuple[int, int, Callable[[str, Sequence[Column]], Column]]] = {
    "abs": (1, 1, _numeric(np.abs)),
    "round": (1, 2, _numeric(_round)),
    "floor": (1, 1, _numeric(np.floor)),
    "ceil": (1, 1, _numeric(np.ceil)),
    "sqrt": (1, 1, _numeric(lambda a: np.sqrt(np.where(a < 0, np.nan, a)))),
    "min": (2, 9, _numeric(lambda *a: np.minimum.reduce(a))),
    "max": (2, 9, _numeric(lambda *a: np.maximum.reduce(a))),
    "upper": (1, 1, _textual(str.upper)),
    "lower": (1, 1, _textual(str.lower)),
    "trim": (1, 1, _textual(str.strip)),
    "replace": (3, 3, _textual(lambda text, old, new: text.replace(old, new) if old else text)),
    "substr": (2, 3, _textual(_piece)),
    "left": (2, 2, _textual(lambda text, count: text[: max(int(float(count)), 0)])),
    "right": (2, 2, _textual(lambda text, count: text[len(text) - max(int(float(count)), 0) :])),
    "letters": (1, 1, _letters),
    "number": (1, 1, _to_number),
    "text": (1, 1, lambda name, parts: as_text(parts[0])),
    "year": (1, 1, _year),
    "coalesce": (2, 9, _coalesce),
    "if": (3, 3, _if),
}  # fmt: skip


def _measured(measure: Callable[[NDArray[Any]], Any]) -> Callable[[VectorLayer], Floats]:
    return lambda layer: np.asarray(measure(layer.shapes.geometries()), np.float64)


_SHAPE_FUNCTIONS: Mapping[str, Callable[[VectorLayer], Floats]] = {
    "area": _measured(shapely.area),
    "length": _measured(shapely.length),
    "x": lambda layer: layer.shapes.boxes[:, [0, 2]].mean(axis=1),
    "y": lambda layer: layer.shapes.boxes[:, [1, 3]].mean(axis=1),
    "vertices": _measured(shapely.get_num_coordinates),
}

FUNCTIONS = (*_FUNCTIONS, *_SHAPE_FUNCTIONS)
"""Names that a formula may call."""


def fitting(column: Column, field: Field) -> list[Any]:
    """The values as cells of a field: whole numbers for an integer field, ``None`` where missing.

    Raises
    ------
    BadInput
        The values are of another sort than the field; the facts name the first row.
    """
    if field.type in {"text", "date"}:
        return list(as_text(column).cells)
    if column.sort == "text":
        row = int(np.flatnonzero(~column.missing)[0]) + 1 if (~column.missing).any() else 0
        if row:
            raise BadInput("formula_result", field=field.zh or field.name, row=row)
        return [None] * len(column.cells)
    if field.type == "integer":
        uneven = np.flatnonzero(~column.missing & (column.cells % 1 != 0))
        if len(uneven):
            raise BadInput("formula_result", field=field.zh or field.name, row=int(uneven[0]) + 1)
        return [None if math.isnan(v) else int(v) for v in column.cells.tolist()]
    return [None if math.isnan(v) else v for v in column.cells.tolist()]

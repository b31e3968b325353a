"""Plain JSON values to frozen values and back: what a stranger's file says is checked, never run."""

import json
import math
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from layers.errors import BadInput

LONGEST_TEXT, LONGEST_OUTLINE = 200, 20_000
LONGEST_JSON = 1_000_000


def check(holds: bool, where: str, value: object) -> None:
    """Raise `BadInput` with the place and the value unless `holds`."""
    if not holds:
        raise BadInput("style_value", where=where, value=str(value)[:60])


def read_json(text: str) -> object:
    """Plain values from JSON; infinities, NaN and bottomless nesting are refused as `BadInput`."""
    check(len(text) <= LONGEST_JSON, "style", f"{len(text)} > {LONGEST_JSON}")
    try:
        values: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("style_not_json", reason=str(error)[:80]) from error
    return values


def _refuse_constant(name: str) -> float:
    raise BadInput("style_value", where="style", value=name)


def encode(value: object) -> object:
    """Plain values of a frozen value; fields at their defaults are left out."""
    if is_dataclass(value):
        pairs = ((f.name, getattr(value, f.name), f.default) for f in fields(value))
        return {name: encode(v) for name, v, default in pairs if v != default}
    if isinstance(value, tuple):
        return [encode(v) for v in value]
    return value


def decode(kind: Any, value: object, where: str) -> Any:
    """The value of a type of this module from plain JSON values.

    Parameters
    ----------
    kind : type
        A dataclass, ``str``, ``float``, ``bool``, a ``Literal``, ``tuple[X, ...]`` or a union of these.
    value : object
    where : str
        Path of the value, told when it is wrong.

    Raises
    ------
    BadInput
        An unknown key, a wrong type, an impossible number.
    """
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _decode_union(get_args(kind), value, where)
    if origin is Literal:
        check(isinstance(value, str) and value in get_args(kind), where, value)
        return value
    if origin is tuple:
        if not isinstance(value, list) or len(value) > 1000:
            raise BadInput("style_value", where=where, value=str(value)[:60])
        return tuple(decode(get_args(kind)[0], v, f"{where}[{i}]") for i, v in enumerate(value))
    return _decode_dataclass(kind, value, where) if is_dataclass(kind) else _decode_plain(kind, value, where)


def _decode_union(kinds: tuple[Any, ...], value: object, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    chosen = str if isinstance(value, str) and str in kinds else next(k for k in kinds if k is not str)
    return decode(chosen, value, where)


def _decode_dataclass(kind: Any, value: object, where: str) -> Any:
    if not isinstance(value, dict):
        raise BadInput("style_value", where=where, value=str(value)[:60])
    hints = _hints(kind)
    for name in value:
        check(name in hints, f"{where}.{str(name)[:30]}", value[name])
    return kind(**{name: decode(hints[name], v, f"{where}.{name}") for name, v in value.items()})


_hints = cache(get_type_hints)


def _decode_plain(kind: Any, value: object, where: str) -> Any:
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        check(abs(value) < 1e300 and math.isfinite(value), where, value)
        return float(value)
    check(kind in (str, bool) and type(value) is kind, where, value)
    longest = LONGEST_OUTLINE if where.endswith(".icon") else LONGEST_TEXT
    check(kind is not str or len(str(value)) <= longest, where, value)
    return value

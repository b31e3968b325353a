"""Amounts: fields that are shared out when a feature is divided and added up when features become one."""

from collections.abc import Iterable

from layers.layer import Field

ADDITIVE = frozenset(
    {"人", "户", "间", "栋", "辆", "张", "m²", "km²", "hm²", "亩", "m³", "kg", "t", "万元", "元"}
)
"""Units in which a whole is the sum of its parts; lengths are none of them: the width of a road is not."""


def amounts(fields: Iterable[Field]) -> tuple[str, ...]:
    """Names of the fields whose values are amounts of the whole: numbers in a unit that adds up.

    Parameters
    ----------
    fields : iterable of Field

    Examples
    --------
    >>> amounts([Field("population", "integer", "人"), Field("storeys", "integer")])
    ('population',)
    """
    return tuple(f.name for f in fields if f.type in {"integer", "real"} and f.unit in ADDITIVE)

"""Cells: how a value is read, what was typed as a value, and the words of a field."""

from datetime import date

from app.panels.parts import number_words
from app.words import Words, capital
from layers.changes import Value
from layers.errors import BadInput
from layers.layer import Field
from layers.risk.naming import unit_words

PLAIN_UNITS = frozenset({"", "a"})
"""Units of codes and years, which are not torn into thousands."""


def field_words(field: Field, words: Words) -> str:
    """What the user reads over a column: title and unit."""
    title = field_title(field, words)
    unit = unit_words(field.unit, words.language)
    return f"{title} ({unit})" if unit else title


def field_title(field: Field, words: Words) -> str:
    """What the user reads for a field."""
    own = field.zh if words.language == "zh_CN" else field.en
    return capital(own) or field.name


def cell_words(value: object, field: Field) -> str:
    """A cell as one reads it in a column headed by its unit."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) or (isinstance(value, int) and field.unit not in PLAIN_UNITS):
        return number_words(float(value))
    return str(value)


def exact_words(value: object, field: Field) -> str:
    """A cell in a column headed by its unit with all its digits, where two are compared or one is taken."""
    is_amount = isinstance(value, int | float) and field.unit not in PLAIN_UNITS
    return f"{value:,}" if is_amount and value == value else cell_text(value)


def cell_text(value: object) -> str:
    """A cell as one types it."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def cell_of(text: str, field: Field) -> Value:
    """What was typed, as the field holds it; empty is no value.

    Raises
    ------
    BadInput
        It is not of the field's type.
    """
    plain = text.strip()
    if not plain:
        return None
    if field.type == "date":
        return date_of(plain, field)
    if field.type == "text":
        return plain
    try:
        number = float(plain.replace(",", "").replace("，", ""))
    except ValueError:
        raise BadInput("value_typed", field=field.zh or field.name, value=text) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise BadInput("value_typed", field=field.zh or field.name, value=text)
    return int(number) if field.type == "integer" and number.is_integer() else number


def date_of(text: str, field: Field) -> str:
    """A date as ISO writes it, from the ways in which people write it.

    Raises
    ------
    BadInput
        It is none.

    Examples
    --------
    >>> date_of("2020年7月1日", Field("d", "date")), date_of("2020/7/1", Field("d", "date"))
    ('2020-07-01', '2020-07-01')
    """
    plain = text
    for sign in "年月/.":
        plain = plain.replace(sign, "-")
    parts = plain.replace("日", "").strip("-").split("-")
    try:
        if len(parts) == 1 and len(parts[0]) == 8:
            return date.fromisoformat(parts[0]).isoformat()
        year, month, day = (int(part) for part in parts)
        return date(year, month, day).isoformat()
    except ValueError:
        raise BadInput("value_no_date", field=field.zh or field.name, value=text) from None

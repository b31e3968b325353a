"""Reading a ledger as it comes from an office: every row counts, and a wrong one is named."""

import re
from collections.abc import Mapping
from datetime import date

from layers.errors import BadInput
from layers.hazards.inputs import code_text
from layers.layer import VectorLayer

_DAY = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")


def day_of(text: object) -> date | None:
    """A day, from what a cell holds; nothing if it holds nothing.

    Raises
    ------
    ValueError
        It holds something else.

    Examples
    --------
    >>> {day_of(text) for text in ("2026-01-05 00:00:00", "2026/1/5", "2026年1月5日", 20260105)}
    {datetime.date(2026, 1, 5)}
    """
    words = code_text(text)
    if not words or words in ("NaT", "<NA>"):
        return None
    found = _COMPACT.match(words) or _DAY.match(words)
    if found is None:
        raise ValueError(words)
    year, month, day = map(int, found.groups())
    return date(year, month, day)


def amount_of(text: object) -> float:
    """A number, from what a cell holds; thousands may be parted by commas.

    Raises
    ------
    ValueError
        There is no number.
    """
    words = code_text(text) if isinstance(text, str) else str(text)
    number = float(words.replace(",", "").replace("，", ""))
    if number != number or abs(number) == float("inf"):
        raise ValueError(words)
    return number


def row_error(layer: VectorLayer, row: int, column: str, text: object) -> BadInput:
    """The error that names a cell of a layer which cannot be used."""
    title = layer.title or layer.name
    return BadInput("ledger_cell", layer=title, row=row + 1, column=column, text=code_text(text) or "—")


def checked(layer: VectorLayer, row: int, cells: Mapping[str, object]) -> tuple[date, float, date | None]:
    """Day, amount and expiry of a row.

    Raises
    ------
    BadInput
        A cell that cannot be used; layer, row and column are named.
    """
    for column in ("depot", "item"):
        if not code_text(cells[column]):
            raise row_error(layer, row, column, cells[column])
    read = {"day": day_of, "amount": amount_of, "expires": day_of}
    found: dict[str, object] = {}
    for column, reader in read.items():
        try:
            found[column] = reader(cells[column])
        except ValueError:
            raise row_error(layer, row, column, cells[column]) from None
    day, amount, expires = found["day"], found["amount"], found["expires"]
    if not isinstance(day, date) or not isinstance(amount, float):
        raise row_error(layer, row, "day", cells["day"])
    return day, amount, expires if isinstance(expires, date) else None

"""Tables of values at the door of a flood run: CSV as people save it, each cell where it belongs.

UTF-8 with or without a mark, UTF-16 with one, or GB18030; commas, semicolons or tabs, where a decimal comma
may stand with the latter two. A row that does not fit its header is refused, never shifted.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from layers.errors import BadInput, MissingFile
from layers.plain_text import text_of

_SEPARATORS = (",", ";", "\t", "，")


def read_table(path: Path, columns: Sequence[str], texts: Sequence[str] = ("name",)) -> pd.DataFrame:
    """Columns of a CSV; all but the `texts` as numbers.

    Raises
    ------
    MissingFile
    BadInput
        A column is missing or stands twice, the file has no rows, a row has more cells than the header, a
        text is empty, or a value is no number.
    """
    lines = _text(path).splitlines()
    if not any(line.strip() for line in lines):
        raise BadInput("flood_csv_empty", path=path)
    separator = max(_SEPARATORS, key=lambda mark: len(set(columns) & set(_names(lines[0], mark))))
    names = _names(lines[0], separator)
    if twice := [column for column in columns if names.count(column) > 1]:
        raise BadInput("flood_csv_twice", path=path, column=twice[0])
    missing = [column for column in columns if column not in names]
    rows = _rows(path, lines[1:], separator, len(names))
    if missing or not rows:
        raise BadInput(
            "flood_csv_columns", path=path, wanted=", ".join(columns), missing=", ".join(missing) or "-"
        )
    table = pd.DataFrame(rows, columns=names)[list(columns)]
    for column in columns:
        if column in texts:
            _check_told(table[column], path)
        else:
            table[column] = _numbers(table[column], path, decimal_comma=separator in ";\t")
    return table


def _text(path: Path) -> str:
    if not path.is_file():
        raise MissingFile("file_missing", path=path)
    text = text_of(path.read_bytes())
    if text is None:
        raise BadInput("flood_csv_unreadable", path=path)
    return text


def _names(line: str, separator: str) -> list[str]:
    reader = csv.reader([line], delimiter=separator, skipinitialspace=True)
    return [name.strip().casefold() for name in next(reader, [])]


def _rows(path: Path, lines: Sequence[str], separator: str, width: int) -> list[list[str]]:
    """Cells of the rows that are not blank, each as wide as the header."""
    found: list[list[str]] = []
    try:
        for cells in csv.reader(lines, delimiter=separator, skipinitialspace=True):
            told = [cell.strip() for cell in cells]
            if not any(told):
                continue
            if any(told[width:]):
                raise BadInput("flood_csv_wide", path=path, row=len(found) + 1, cells=len(told), width=width)
            found.append(told[:width] + [""] * (width - len(told)))
    except csv.Error as error:
        raise BadInput("flood_csv_unreadable", path=path) from error
    return found


def _check_told(texts: "pd.Series[str]", path: Path) -> None:
    silent = np.flatnonzero(texts == "")
    if len(silent):
        raise BadInput("flood_csv_nameless", path=path, column=texts.name, row=int(silent[0]) + 1)


def _numbers(texts: "pd.Series[str]", path: Path, *, decimal_comma: bool) -> "pd.Series[float]":
    plain = texts.str.replace(",", ".") if decimal_comma else texts
    numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        row = int(wrong[0])
        value = texts.iloc[row] or "-"
        raise BadInput("flood_csv_number", path=path, column=texts.name, row=row + 1, value=value)
    return numbers

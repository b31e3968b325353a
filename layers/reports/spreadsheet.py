"""Spreadsheets: tables as XLSX for people and as CSV for programs.

Text from data stays text: a cell that begins with ``=``, ``+``, ``-`` or ``@`` is stored as a string, never
as a formula, and is marked so that it stays a string when somebody edits it.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.properties import PageSetupProperties

from layers.errors import BadInput, CannotWrite

LONGEST_TEXT = 32_767
"""Characters that a cell of a spreadsheet holds."""
MOST_ROWS = 1_048_575
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 42
_A4 = 9
_UPRIGHT = 95
"""Characters that an upright page of A4 holds side by side."""
_HEAD_FONT = Font(bold=True)
_HEAD_FILL = PatternFill("solid", fgColor="E8EDF1")
_HEAD_PLACE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def write_tables(
    path: Path, tables: Mapping[str, pd.DataFrame], heads: Mapping[str, str] | None = None
) -> None:
    """Tables as an XLSX workbook, one sheet each.

    Parameters
    ----------
    path : Path
        Written aside, then put in place whole.
    tables : mapping of str to DataFrame
        By title. Characters that a sheet's name may not hold are replaced, long titles cut, equal
        ones numbered.
        NaN becomes an empty cell.
    heads : mapping of str to str, optional
        What people read for a column's name; columns without keep their name.

    Raises
    ------
    BadInput
        A table has more rows than a sheet holds.
    CannotWrite
        The file cannot be written.
    """
    book = Workbook(write_only=True)
    names: list[str] = []
    for title, table in tables.items():
        if len(table) > MOST_ROWS:
            raise BadInput("table_too_long", table=title, rows=len(table), most=MOST_ROWS)
        names.append(sheet_name(title, names))
        _write_sheet(book.create_sheet(names[-1]), table, heads or {})
    if not names:
        book.create_sheet()
    _aside(path, book.save)


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """A table as CSV for programs: UTF-8, the columns as they are, plain numbers, NaN empty.

    Numbers are written as short as they can be read back exactly; whole numbers without a point.

    Raises
    ------
    CannotWrite
        The file cannot be written.
    """
    plain = table.apply(_whole)
    _aside(path, lambda aside: plain.to_csv(aside, index=False, encoding="utf-8", lineterminator="\n"))


def sheet_name(title: str, taken: list[str]) -> str:
    """A title as a sheet's name: no ``[]:*?/\\``, at most 31 characters, not yet taken.

    Examples
    --------
    >>> sheet_name("面积/人口", [])
    '面积_人口'
    >>> sheet_name("a", ["A"])
    'a (2)'
    """
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", title).strip("' ")[:31] or "_"
    name, number, used = clean, 1, {other.casefold() for other in taken}
    while name.casefold() in used:
        number += 1
        name = f"{clean[: 31 - len(f' ({number})')]} ({number})"
    return name


def _whole(column: "pd.Series[object]") -> "pd.Series[object]":
    """Floats that are all whole as integers, so that 12 people are not written 12.0."""
    if not pd.api.types.is_float_dtype(column):
        return column
    known = column.dropna()
    whole = np.isfinite(known).all() and (known == known.round()).all() and (known.abs() < 2**53).all()
    return column.astype("Int64") if whole else column


def _write_sheet(sheet: WriteOnlyWorksheet, table: pd.DataFrame, heads: Mapping[str, str]) -> None:
    titles = [heads.get(str(name), str(name)) for name in table.columns]
    plain = table.apply(_whole)
    for number, (title, name) in enumerate(zip(titles, plain.columns, strict=True), 1):
        sheet.column_dimensions[get_column_letter(number)].width = _column_width(title, plain[name])
    sheet.freeze_panes = "B2"
    _paged(sheet, wide=sum(each.width for each in sheet.column_dimensions.values()) > _UPRIGHT)
    sheet.append([_head(sheet, title) for title in titles])
    formats = [_number_format(plain[name]) for name in plain.columns]
    for row in plain.itertuples(index=False, name=None):
        sheet.append([_cell(sheet, value, shape) for value, shape in zip(row, formats, strict=True)])


def _paged(sheet: WriteOnlyWorksheet, *, wide: bool) -> None:
    """On A4, all columns on a page, the head and the number of the page on each."""
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    sheet.oddFooter.center.text = "&P / &N"


def _head(sheet: WriteOnlyWorksheet, title: str) -> WriteOnlyCell:
    cell = _cell(sheet, title, "General")
    cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _HEAD_PLACE
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: object, number_format: str) -> WriteOnlyCell:
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return WriteOnlyCell(sheet, None)
    if isinstance(value, str):
        return _text(sheet, value)
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, bool | int | float):
        return _text(sheet, str(value))
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = number_format
    return cell


def _text(sheet: WriteOnlyWorksheet, words: str) -> WriteOnlyCell:
    words = ILLEGAL_CHARACTERS_RE.sub("", words)[:LONGEST_TEXT]
    cell = WriteOnlyCell(sheet, words)
    cell.data_type = "s"
    cell.number_format = "@" if words[:1].isdigit() else "General"
    if words.startswith(_FORMULA):
        cell.quotePrefix = True
    return cell


def _number_format(column: "pd.Series[object]") -> str:
    if pd.api.types.is_integer_dtype(column):
        return "#,##0"
    return "#,##0.00" if pd.api.types.is_float_dtype(column) else "General"


def _column_width(title: str, column: "pd.Series[object]") -> float:
    """Room for the head and for the first thousand values; a hanzi takes two characters."""
    words = [title, *(f"{v:,.2f}" if isinstance(v, float) else str(v) for v in column.head(1000))]
    return float(min(_WIDEST, max(8, max(sum(1 + (ord(c) > 0x2E7F) for c in w) for w in words) + 2)))


def _aside(path: Path, write: Callable[[Path], object]) -> None:
    aside = path.with_name(f".{path.name}.part")
    try:
        write(aside)
        aside.replace(path)
    except OSError as error:
        raise CannotWrite("cannot_write_table", path=path, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing stands
            aside.unlink()

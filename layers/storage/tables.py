"""Spreadsheets at the door: CSV, text and XLSX as rows, their coordinates found by the column names."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.layer import Shapes
from layers.positions import parse_coordinate
from layers.storage.encoding import encoding_named, encoding_of
from layers.storage.foreign import Foreign, Note, Skipped

_LARGEST_TEXT = 2_000_000_000  # bytes
_LARGEST_BOOK = 1_500_000_000  # bytes, unpacked
_EAST = (
    "经度", "东经", "lon", "lng", "long", "longitude", "东坐标", "横坐标", "easting", "east", "经度坐标",
    "point_x", "x坐标", "x", "坐标x",
)  # fmt: skip
_NORTH = (
    "纬度", "北纬", "lat", "latitude", "北坐标", "纵坐标", "northing", "north", "纬度坐标",
    "point_y", "y坐标", "y", "坐标y",
)  # fmt: skip
_BOTH = (
    "坐标",
    "经纬度",
    "坐标位置",
    "位置坐标",
    "经纬度坐标",
    "lnglat",
    "lonlat",
    "location",
    "coordinates",
)
_SAID = (  # what the name of a column of degrees says of its system: reference system, shift
    (re.compile(r"bd-?09|百度|baidu"), "", "bd09"),
    (re.compile(r"gcj|火星|高德|腾讯|amap|mars"), "", "gcj02"),
    (re.compile(r"cgcs|国家2000|2000国家|2000坐标"), "EPSG:4490", ""),
    (re.compile(r"wgs-?_?84|gps"), "EPSG:4326", ""),
)
_SYSTEM = re.compile(  # before or behind the name of a column
    r"^(?:cgcs2000|wgs-?_?84|gcj-?_?(?:02)?|bd-?_?(?:09)?|gps|百度|高德)_?"
    r"|_?(?:cgcs2000|wgs-?84|gcj-?(?:02)?|bd-?09)$"
)
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]|[\s_]*(?:deg|°|度分秒|\(m\))$|\s")
_PAIR = re.compile(r"\s*[,，;；]\s*")
_RECKONED = ("=", "+", "-", "@", "\t", "\r")

Cells = list[list[Any]]


def read_csv(path: Path, encoding: str) -> Foreign:
    """A text file with a header; the delimiter is found.

    Raises
    ------
    BadInput
        Not a text, no rows, or an encoding that does not fit.
    """
    if path.stat().st_size > _LARGEST_TEXT:
        raise BadInput("file_too_large", path=path, limit="2 GB")
    content = path.read_bytes()
    name = _text_encoding(content, encoding, path)
    try:
        text = content.decode(name)
    except (UnicodeDecodeError, LookupError) as error:
        raise BadInput("encoding_wrong", path=path, encoding=encoding) from error
    if "\0" in text:
        raise BadInput("file_not_text", path=path)
    text = text.removeprefix("\ufeff")
    try:
        cells = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))]
    except csv.Error as error:
        raise BadInput("file_not_text", path=path) from error
    if all(len(row) < 2 for row in cells):
        cells = _by_blanks(cells)
    harmless = [[_unquoted(value) for value in row] for row in cells]
    return _foreign(harmless, path, name.removesuffix("-sig"))


def _by_blanks(cells: list[list[str]]) -> list[list[str]]:
    """Columns that only blanks keep apart, if that gives most rows as many cells as the first."""
    split = [row[0].split() if row else [] for row in cells]
    filled = [row for row in split if row]
    alike = sum(len(row) == len(filled[0]) for row in filled) if filled else 0
    return split if filled and len(filled[0]) > 1 and alike >= 0.9 * len(filled) else cells


def _unquoted(value: str) -> str:
    """Without the apostrophe that was put before a text which a spreadsheet would reckon."""
    return value[1:] if value[:1] == "'" and value[1:2] in _RECKONED else value


def _text_encoding(content: bytes, encoding: str, path: Path) -> str:
    if encoding != "auto":
        return encoding_named(encoding) or encoding
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return name
    return encoding_of(content.splitlines(), "", path).name


def _delimiter(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max(",\t;|", key=line.count)


def read_xlsx(path: Path, layer: str = "") -> Foreign:
    """The sheet of that name, else the first that has rows; formulas are read as the values last reckoned.

    Raises
    ------
    BadInput
        No workbook, no sheet of that name, torn, or far larger unpacked than a table of this kind can be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BOOK:
                raise BadInput("file_too_large", path=path, limit="1.5 GB")
        import openpyxl  # the window opens sooner without it

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that are of no matter here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                names = [sheet.title for sheet in book.worksheets]
                if layer and layer not in names:
                    raise BadInput("layer_not_in_file", path=path, layer=layer, layers="、".join(names))
                wanted = [sheet for sheet in book.worksheets if layer in ("", sheet.title)]
                sheets = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in wanted]
            finally:
                book.close()
    except BadInput:
        raise
    except Exception as error:  # openpyxl lets through whatever its parsers raise on a torn book
        raise BadInput("workbook_unreadable", path=path) from error
    cells = next((sheet for sheet in sheets if sum(map(_filled, sheet)) > 1), [])
    notes = (Note("note.other_sheets", {"count": len(sheets) - 1}),) if len(sheets) > 1 else ()
    return _foreign(cells, path, "utf-8", notes)


def _filled(row: Sequence[Any]) -> int:
    return int(any(_cell(value) is not None for value in row))


def _cell(value: Any) -> Any:
    """A cell as number, text or ``None``; dates as ISO text."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _foreign(cells: Cells, path: Path, encoding: str, notes: tuple[Note, ...] = ()) -> Foreign:
    head = _header_row(cells)
    if head is None:
        raise BadInput("file_empty", path=path)
    if _is_survey(cells[head]):
        head, names = head - 1, _survey_names(cells[head])
        notes = (*notes, Note("note.without_header", {}))
    else:
        names = _column_names(_named(cells, head))
    numbers: list[int] = []
    body: Cells = []
    ragged: list[Skipped] = []
    for number, row in enumerate(cells[head + 1 :], head + 2):
        if _filled(row):
            if any(_cell(value) is not None for value in row[len(names) :]):
                ragged.append(Skipped(number, "alter.surplus_cells"))
            numbers.append(number)
            body.append([_cell(value) for value in (*row, *[None] * len(names))[: len(names)]])
    if not body:
        raise BadInput("file_without_rows", path=path)
    if ragged:
        notes = (*notes, Note("note.ragged_rows", {"count": len(ragged)}))
    table = pd.DataFrame(body, columns=names, dtype=object)
    table = table.loc[:, [not n.startswith("\0") or table[n].notna().any() for n in names]]
    table.columns = pd.Index([str(n).replace("\0", "column_") for n in table.columns])
    rows = np.array(numbers, np.int64)
    return Foreign(table, rows, Shapes.none(len(table)), "", encoding, (), notes, tuple(ragged))


def _header_row(cells: Cells) -> int | None:
    """Of the first ten rows the first that names coordinates, else that is about as full as the fullest:
    titles stand alone in theirs, and groups of columns are fewer than columns.
    """
    counts = [sum(_cell(value) is not None for value in row) for row in cells[:10]]
    places = next((n for n, row in enumerate(cells[:10]) if _names_places(row)), None)
    if places is not None:
        return places
    fullest = max(counts, default=0)
    return next((n for n, count in enumerate(counts) if count and count >= 0.6 * fullest), None)


def _names_places(row: Sequence[Any]) -> bool:
    names = {_plain_name(value) for value in row if isinstance(value, str)}
    return bool(names & {*_EAST}) and bool(names & {*_NORTH})


def _named(cells: Cells, head: int) -> list[Any]:
    """The header with what merged cells above say: names of columns that reach down from there, and the
    system of coordinates that a title or a group names.
    """
    row = list(cells[head])
    above = list(cells[head - 1]) if head else []
    if sum(_cell(value) is not None for value in above) > 1:
        for place, value in enumerate(above[: len(row)]):
            row[place] = value if _cell(row[place]) is None else row[place]
    over = " ".join(str(value) for line in cells[:head] for value in line if _cell(value) is not None)
    said = next((found[0] for word, *_ in _SAID if (found := word.search(_folded(over)))), "")
    if not said or _said(" ".join(map(str, row))) != ("", ""):
        return row
    is_place = [isinstance(v, str) and _plain_name(v) in {*_EAST, *_NORTH} for v in row]
    return [f"{value}[{said}]" if place else value for value, place in zip(row, is_place, strict=True)]


def _is_survey(row: Sequence[Any]) -> bool:
    """Whether the first row is already a point of a survey: two of its cells are coordinates."""
    return _survey_pair(row) is not None


def _survey_pair(row: Sequence[Any]) -> tuple[int, int] | None:
    """Places of two neighbours that are an easting and a northing, or degrees in China, in any order."""
    values = [parse_coordinate(value) if _cell(value) is not None else float("nan") for value in row]
    for place, pair in enumerate(pairwise(values)):
        low, high = sorted(pair)
        metres = 1.8e6 < high < 6e6 and 1e5 < low < 9e5
        zoned = 1.8e6 < low < 6e6 and 1.3e7 < high < 4.6e7
        if metres or zoned or (3 < low < 54 and 73 < high < 136):
            return place, place + 1
    return None


def _survey_names(row: Sequence[Any]) -> list[str]:
    pair = _survey_pair(row) or (0, 1)
    names = [f"column_{place}" for place in range(1, len(row) + 1)]
    names[pair[0]], names[pair[1]] = "x", "y"
    return names


def _column_names(row: Sequence[Any]) -> list[str]:
    """Unique names; nameless columns start with NUL."""
    names: list[str] = []
    for place, value in enumerate(row, 1):
        name = str(_cell(value) if _cell(value) is not None else f"\0{place}")
        names.append(name if name not in names else f"{name}_{place}")
    return names


def with_points(foreign: Foreign) -> Foreign:
    """Points from the columns of coordinates; the table as it is if it has none.

    The two columns become the geometry and leave the table. Rows without coordinates are skipped.
    """
    east, north = _coordinate_column(foreign.table, _EAST), _coordinate_column(foreign.table, _NORTH)
    if east is None or north is None:
        east = north = _coordinate_column(foreign.table, _BOTH)
        if east is None or north is None:
            return foreign
        x, y = _pairs(foreign.table[east])
        if not np.isfinite(x + y).any():
            return foreign
    else:
        x, y = (_coordinates(foreign.table[column]) for column in (east, north))
    table = foreign.table.drop(columns=[*{east, north}])
    kept = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    offsets = np.arange(len(table) + 1, dtype=np.int64)
    shapes = Shapes("point", np.column_stack([x, y]), (offsets,))
    crs, shift = _said(f"{east} {north}") if np.all(np.abs(x[kept]) <= 180) else ("", "")
    placed = replace(foreign, table=table, shapes=shapes, crs=crs, shift=shift)
    return placed.keep(kept, "skip.no_coordinates")


def _said(names: str) -> tuple[str, str]:
    """The reference system and the shift that the names of columns tell of, as 经度(GCJ-02) does."""
    return next(((crs, shift) for word, crs, shift in _SAID if word.search(_folded(names))), ("", ""))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _coordinate_column(table: pd.DataFrame, names: Sequence[str]) -> str | None:
    plain = {_plain_name(str(column)): str(column) for column in reversed(table.columns)}
    return next((plain[name] for name in names if name in plain), None)


def _plain_name(column: str) -> str:
    """Folded, without spaces and without what stands in brackets."""
    return _SYSTEM.sub("", _ASIDE.sub("", _folded(column)))


def _coordinates(column: pd.Series[Any]) -> NDArray[np.float64]:
    return np.array([parse_coordinate(value) for value in column], np.float64)


def _pairs(column: pd.Series[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both coordinates from one cell, as ``115.67,37.73``; NaN where they cannot be read."""
    parts = [_PAIR.split(str(value).strip()) if value is not None else [] for value in column]
    pairs = [[parse_coordinate(part) for part in each] if len(each) == 2 else [np.nan] * 2 for each in parts]
    x, y = np.array(pairs, np.float64).reshape(-1, 2).T
    return x, y

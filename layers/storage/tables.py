"""CSV and XLSX at the door: cells as text or numbers, coordinates found by their headings."""

import csv
import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
from numpy.typing import NDArray
from openpyxl.utils.exceptions import InvalidFileException

from layers.errors import BadInput
from layers.storage.encoding import text_encoding

_PAIRS = (
    ("经度", "纬度"),
    ("lon", "lat"),
    ("lng", "lat"),
    ("longitude", "latitude"),
    ("东经", "北纬"),
    ("东坐标", "北坐标"),
    ("横坐标", "纵坐标"),
    ("x坐标", "y坐标"),
    ("x", "y"),
)
_DMS = re.compile(
    r"""^\s*(\d{1,3})\s*[°度d:\s]\s*(\d{1,2})\s*['′分m:\s]\s*([\d.]+)\s*["″秒s]?\s*([NSEW北南东西]?)\s*$""",
    re.IGNORECASE,
)
_MOST_CELLS = 60_000_000


def read_csv(path: Path, encoding: str = "auto") -> tuple[pd.DataFrame, str]:
    """A text table, every cell as text, and the encoding it was in.

    Raises
    ------
    BadInput
        It is empty, in no known encoding, or a row has more cells than the heading: the row is named.
    """
    found = text_encoding(path) if encoding == "auto" else encoding
    try:
        with path.open(encoding=found, newline="") as file:
            sample = file.read(20_000)
            file.seek(0)
            rows = list(csv.reader(file, delimiter=_delimiter(sample)))
    except (UnicodeDecodeError, LookupError) as error:
        raise BadInput("encoding_unknown", path=path) from error
    except csv.Error as error:
        raise BadInput("file_unreadable", path=path) from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise BadInput("file_empty", path=path)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > len(rows[0]):
            raise BadInput("row_too_long", path=path, row=number)
    width = len(rows[0])
    cells = [row + [""] * (width - len(row)) for row in rows[1:]]
    return pd.DataFrame(cells, columns=_unique(rows[0])), found


def _delimiter(sample: str) -> str:
    heading = sample.splitlines()[0] if sample else ""
    return max(",\t;|", key=heading.count)


def read_xlsx(path: Path) -> pd.DataFrame:
    """The first sheet, every cell as text; formulas as the values last computed.

    Raises
    ------
    BadInput
        It is no workbook, or empty, or unpacks to more than a table can be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > 20 * _MOST_CELLS:
                raise BadInput("file_too_large", path=path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = [["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, EOFError) as error:
        raise BadInput("file_unreadable", path=path) from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise BadInput("file_empty", path=path)
    return pd.DataFrame(rows[1:], columns=_unique(rows[0]))


def _unique(names: list[str]) -> list[str]:
    """Headings without a name or twice the same get a number."""
    result: list[str] = []
    for number, name in enumerate(names, start=1):
        plain = name.strip() or f"column_{number}"
        result.append(plain if plain not in result else f"{plain}_{number}")
    return result


def coordinates(table: pd.DataFrame) -> tuple[NDArray[np.float64], tuple[str, str]] | None:
    """Points of a table whose headings name coordinates, shape (rows, 2); NaN where a cell is none.

    Returns
    -------
    xy, columns or None
        ``None``: the table has no coordinates.
    """
    names = {str(column).strip().casefold(): str(column) for column in table.columns}
    for east, north in _PAIRS:
        if east in names and north in names:
            pair = names[east], names[north]
            return np.column_stack([_degrees(table[pair[0]]), _degrees(table[pair[1]])]), pair
    return None


def _degrees(cells: "pd.Series[str]") -> NDArray[np.float64]:
    """Decimal numbers, or degrees, minutes and seconds."""
    numbers: NDArray[np.float64] = pd.to_numeric(cells.str.strip(), errors="coerce").to_numpy(
        np.float64, copy=True
    )
    for at in np.flatnonzero(np.isnan(numbers)):
        found = _DMS.match(str(cells.iloc[at]))
        if found:
            degrees, minutes, seconds = (float(part) for part in found.groups()[:3])
            sign = -1 if found[4] and found[4] in "SWsw南西" else 1
            numbers[at] = sign * (degrees + minutes / 60 + seconds / 3600)
    return numbers

"""Tables of text as offices save them.

In UTF-8, UTF-16 or GB18030; with commas, semicolons or tabs; with a comma for the decimal point where that
is not the separator; with empty columns behind the last one, or no name above the ids. Every row must have
as many cells as the header: a cell that is missing is not an empty one.
"""

import csv
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from layers.errors import BadInput, MissingFile
from layers.plain_text import text_of

SEPARATORS = (",", "\t", ";", "；", "，")
NO_WAY = ("", "-", "nan", "na", "n/a", "#n/a", "null", "none")


class _Row(NamedTuple):
    """A row that is not blank: its line in the file, its cells, those up to the last that is not empty."""

    line: int
    cells: int
    filled: int


@dataclass(frozen=True)
class TextTable:
    """A table as it stands in a file.

    Parameters
    ----------
    path : Path
    text : str
        All of it, from the header on.
    separator, decimal : str
    head : tuple of str
        Names of the columns.
    width : int
        Of the widest row.
    """

    path: Path
    text: str
    separator: str
    decimal: str
    head: tuple[str, ...]
    width: int

    @classmethod
    def read(cls, path: Path) -> "TextTable":
        """A file with a header and at least one row.

        Raises
        ------
        MissingFile, BadInput
            There is no file or no table in it, or a row is longer or shorter than the header.
        """
        whole = _decoded(path)
        text = re.sub(r"\A[\s,;]*[\r\n]+", "", whole)
        separator = _separator(text)
        try:
            rows = list(_rows(text, separator, whole[: len(whole) - len(text)].count("\n")))
            names = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        except csv.Error as error:
            raise BadInput("siting_no_table", path=path) from error
        if len(rows) < 2:
            raise BadInput("siting_no_table", path=path)
        wanted, body = rows[0].filled, rows[1:]
        if all(row.cells == wanted + 1 for row in body) and max(row.filled for row in body) > wanted:
            wanted, names = wanted + 1, ["", *names]
        for row in body:
            if not row.filled <= wanted <= row.cells:
                raise BadInput("siting_ragged", path=path, row=row.line, found=row.cells, wanted=wanted)
        head = tuple(name.strip() for name in names[:wanted])
        decimal = "," if separator != "," and re.search(r"\d,\d", text) else "."
        return cls(path, text, separator, decimal, head, max(row.cells for row in rows))

    def texts(self) -> pd.DataFrame:
        """All cells as text, without blanks around them; empty cells are empty texts."""
        body = self._parsed(dict.fromkeys(range(self.width), "str"), keep_default_na=False)
        body = body.apply(lambda cells: cells.str.strip())
        if self.decimal == ",":
            body.iloc[:, 1:] = body.iloc[:, 1:].replace(r"^([-+]?\d+),(\d+)$", r"\1.\2", regex=True)
        return body[(body != "").any(axis=1)].reset_index(drop=True)

    def numbers(self) -> pd.DataFrame | None:
        """Ids as text and the other cells as numbers, NaN where `NO_WAY`; `None` if one of them is none."""
        kinds = {k: "float64" if k else "str" for k in range(self.width)}
        spelt = [*NO_WAY, *(word.upper() for word in NO_WAY), "NaN", "None"]
        unknown = {k: spelt if k else [""] for k in range(self.width)}
        try:
            body = self._parsed(kinds, na_values=unknown, keep_default_na=False)
        except ValueError:
            return None
        return body[body.notna().any(axis=1)].reset_index(drop=True)

    def _parsed(self, kinds: dict[int, str], **asked: object) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            try:
                body = pd.read_csv(
                    io.StringIO(self.text), header=0, names=list(kinds), dtype=kinds,
                    usecols=range(len(self.head)), index_col=False, sep=self.separator, decimal=self.decimal,
                    **asked,
                )  # fmt: skip
            except (csv.Error, pd.errors.ParserError, pd.errors.ParserWarning) as error:
                raise BadInput("siting_no_table", path=self.path) from error
        body.columns = pd.Index(self.head)
        return body


def _decoded(path: Path) -> str:
    if not path.is_file():
        raise MissingFile("siting_file_missing", path=path)
    text = text_of(path.read_bytes())
    if text is None:
        raise BadInput("siting_no_table", path=path)
    return text


def _separator(text: str) -> str:
    """That which stands most often in the header."""
    head = re.split(r"[\r\n]", text, maxsplit=1)[0]
    return max(SEPARATORS, key=head.count)


def _rows(text: str, separator: str, line: int) -> Iterator[_Row]:
    """The rows that are not blank; `line` lines stood before."""
    if '"' in text:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for cells in reader:
            filled = max((k + 1 for k, cell in enumerate(cells) if cell.strip()), default=0)
            if filled:
                yield _Row(line + reader.line_num, len(cells), filled)
        return
    for number, row in enumerate(re.split(r"\r\n|\r|\n", text), line + 1):
        used = row.rstrip(separator + " ")
        if used:
            yield _Row(number, row.count(separator) + 1, used.count(separator) + 1)

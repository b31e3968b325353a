"""Siting problems as tables: ids, people and costs from CSV files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.errors import BadInput
from layers.grid import Array
from layers.layer import VectorLayer
from layers.siting.arcs import Index, Mask
from layers.siting.text_table import NO_WAY, TextTable

ID_NAMES = ("id", "code", "编号", "区划代码", "name", "名称")
KEYS = ("id", "编号")
"""Names of a column of ids wherever it stands; else the first column holds them."""
YES = ("1", "true", "yes", "y", "是", "有")
NO = ("0", "false", "no", "n", "否", "无", "")
DEMAND_NAMES = ("demand", "people", "population", "人口", "常住人口", "人数", "需求")


@dataclass(frozen=True, eq=False)
class IdTable:
    """Rows that are known by their ids.

    Parameters
    ----------
    path : Path
        Where they were read, for words about errors.
    ids : tuple of str
        The column ``id`` or ``编号``, or the first one.
    columns : pandas.DataFrame
        All columns as text.
    """

    path: Path
    ids: tuple[str, ...]
    columns: pd.DataFrame

    @classmethod
    def read(cls, path: Path) -> "IdTable":
        """A CSV file; a first row with numbers is no header, but the first of them.

        Raises
        ------
        MissingFile, BadInput
            There is no file, no row, or an id stands twice.
        """
        table = read_texts(path)
        names = [str(name) for name in table.columns]
        if names[0].casefold() not in ID_NAMES and _holds_number(names[1:]):
            table.loc[-1] = names
            table = table.sort_index().reset_index(drop=True)
            table.columns = pd.Index([KEYS[0], *map(str, range(2, len(names) + 1))])
        key = next((k for k, name in enumerate(table.columns) if str(name).casefold() in KEYS), 0)
        ids = tuple(table.iloc[:, key])
        _check_ids(ids, path)
        return cls(path, ids, table)

    @classmethod
    def of(cls, layer: VectorLayer, path: Path) -> "IdTable":
        """The columns of a layer; rows without an id, a code or a name of their own are numbered from 1.

        Raises
        ------
        BadInput
            An id stands twice.
        """
        table = layer.attributes.drop(columns="uuid", errors="ignore")
        text = table.astype("string").fillna("").astype(object)
        key = next((name for name in ID_NAMES if name in table and table[name].is_unique), None)
        ids = tuple(map(str, range(1, len(table) + 1))) if key is None else tuple(text[key].astype(str))
        _check_ids(ids, path)
        return cls(path, ids, text)

    def numbers(self, column: str, *, above_zero: bool = False) -> Array:
        """A column of finite numbers of at least 0, shape (n,).

        Raises
        ------
        BadInput
            No such column, or a cell that is no such number.
        """
        cells = self._cells(column)
        values: Array = np.asarray(pd.to_numeric(cells, errors="coerce"), np.float64)
        wrong = ~np.isfinite(values) | (values < 0) | (above_zero & (values == 0))
        if wrong.any():
            row, what = int(np.argmax(wrong)), "siting_cell_above" if above_zero else "siting_cell"
            raise BadInput(what, path=self.path, column=column, id=self.ids[row], cell=cells.iloc[row])
        return values

    def flags(self, column: str) -> Mask:
        """A column of yes and no (`YES`, `NO`), shape (n,).

        Raises
        ------
        BadInput
            No such column, or a cell that is neither.
        """
        cells = self._cells(column)
        plain = cells.str.casefold().str.removesuffix(".0")
        wrong = ~plain.isin(YES + NO).to_numpy()
        if wrong.any():
            row = int(np.argmax(wrong))
            raise BadInput(
                "siting_flag", path=self.path, column=column, id=self.ids[row], cell=cells.iloc[row]
            )
        return np.asarray(plain.isin(YES), bool)

    def _cells(self, column: str) -> "pd.Series[str]":
        if column not in self.columns:
            names = "、".join(map(str, self.columns.columns))
            raise BadInput("siting_no_column", path=self.path, column=column, columns=names)
        return self.columns[column].str.strip()

    def people(self) -> Array:
        """The column of the demand, shape (n,): by its name, or else the second one."""
        plain = {str(name).casefold(): str(name) for name in reversed(self.columns.columns)}
        named = next((plain[name] for name in DEMAND_NAMES if name in plain), None)
        if named is None and self.columns.shape[1] > 1:
            named = str(self.columns.columns[1])
        return self.numbers(named or DEMAND_NAMES[0])


@dataclass(frozen=True, eq=False)
class CostTable:
    """A matrix of costs between ids.

    Parameters
    ----------
    path : Path
    points, sites : tuple of str
        Ids of rows and columns.
    costs : ndarray of float64, shape (n, m)
        NaN where a cell is empty: no way.
    """

    path: Path
    points: tuple[str, ...]
    sites: tuple[str, ...]
    costs: Array

    @classmethod
    def read(cls, path: Path) -> "CostTable":
        """A CSV file: the first row holds the ids of the sites, the first column those of the demand points.

        Empty cells, ``NaN``, ``-`` and ``inf`` mean that there is no way.

        Raises
        ------
        MissingFile, BadInput
            There is no file, an id stands twice, a row is too short or too long, or a cell is no number.
        """
        file = TextTable.read(path)
        table = file.numbers()
        table = file.texts() if table is None else table
        if table.shape[1] < 2:
            raise BadInput("siting_no_table", path=path)
        sites = tuple(map(str, table.columns[1:]))
        points = tuple(table.iloc[:, 0].fillna("").str.strip())
        _check_ids(points, path)
        _check_ids(sites, path)
        costs = np.empty((len(points), len(sites)))
        for j in range(len(sites)):
            costs[:, j] = _cost_column(table.iloc[:, j + 1], points, path)
        return cls(path, points, sites, costs)

    def rows_of(self, table: IdTable) -> Index:
        """The row of each id of a table, shape (n,).

        Raises
        ------
        BadInput
            The ids are not the same.
        """
        return places(table.ids, self.points, table.path, self.path)


def places(wanted: Sequence[str], known: Sequence[str], wanted_in: Path, known_in: Path) -> Index:
    """Where each wanted id stands among the known ones; both must be the same set.

    Raises
    ------
    BadInput
        An id of the one is missing in the other.
    """
    number = {name: k for k, name in enumerate(known)}
    for names, others, here, there in (
        (wanted, number, wanted_in, known_in),
        (known, set(wanted), known_in, wanted_in),
    ):
        missing = [name for name in names if name not in others]
        if missing:
            raise BadInput("siting_ids", id=missing[0], count=len(missing), here=here, there=there)
    return np.array([number[name] for name in wanted], np.int64)


def _holds_number(names: Sequence[str]) -> bool:
    return bool(pd.to_numeric(pd.Series(names), errors="coerce").notna().any())


def read_texts(path: Path) -> pd.DataFrame:
    """All cells of a CSV as text; the header's names as they stand.

    Raises
    ------
    MissingFile, BadInput
        There is no file, or it is no table of at least a header and a row, all of one length.
    """
    return TextTable.read(path).texts()


def _check_ids(ids: Sequence[str], path: Path) -> None:
    if "" in ids:
        raise BadInput("siting_id_empty", path=path, row=ids.index("") + 1)
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise BadInput("siting_id_twice", path=path, id=name)
        seen.add(name)


def _cost_column(cells: "pd.Series[Any]", points: Sequence[str], path: Path) -> Array:
    values: Array = np.asarray(pd.to_numeric(cells, errors="coerce"), np.float64)
    if cells.dtype != np.float64:
        _check_numbers(cells, values, points, path)
    if (values < 0).any():
        raise BadInput("siting_negative_cell", path=path, id=points[int(np.flatnonzero(values < 0)[0])])
    return values


def _check_numbers(cells: "pd.Series[Any]", values: Array, points: Sequence[str], path: Path) -> None:
    """A cell that is neither empty nor a number is told."""
    given = ~cells.str.casefold().isin(NO_WAY).to_numpy()
    bad = np.flatnonzero(np.isnan(values) & given)
    if len(bad):
        raise BadInput("siting_no_number", path=path, id=points[bad[0]], cell=cells.iloc[bad[0]])

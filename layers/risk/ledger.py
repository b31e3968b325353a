"""Ledger: whole sums by county and township at once, so that every table sums to the same totals."""

from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.risk.exposure import Exposure
from layers.risk.regions import OUTSIDE, Places

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


class Placed(Protocol):
    """Points that know their units."""

    @property
    def county(self) -> Places:
        """Position of the county of each, `OUTSIDE` for none."""
        ...

    @property
    def township(self) -> Places:
        """Position of its township."""
        ...


class Ledger:
    """Whole sums by county and township at once: the same cells make every table."""

    def __init__(self, exposure: Exposure) -> None:
        self._regions = exposure.regions
        sizes = (len(exposure.regions.get(unit, ())) + 1 for unit in ("county", "township"))
        self._shape: tuple[int, ...] = tuple(sizes)
        self._columns: dict[str, Whole] = {}

    def add(self, name: str, cloud: Placed, amounts: Array) -> None:
        """Count amounts (NaN counts nothing) at the points of a cloud."""
        place = [
            np.where(at == OUTSIDE, size - 1, at)
            for at, size in zip((cloud.county, cloud.township), self._shape, strict=True)
        ]
        cells = np.bincount(
            place[0] * self._shape[1] + place[1], np.nan_to_num(amounts), self._shape[0] * self._shape[1]
        )
        whole = np.rint(cells).astype(np.int64).reshape(self._shape)
        self._columns[name] = self._columns.get(name, 0) + whole

    def sum_up(self, name: str, parts: list[str]) -> None:
        """A column that is the sum of others."""
        self._columns[name] = sum((self._columns[part] for part in parts), np.zeros(self._shape, np.int64))

    @property
    def total(self) -> dict[str, int]:
        """The sum of each column."""
        return {name: int(cells.sum()) for name, cells in self._columns.items()}

    def table(self, unit: str) -> pd.DataFrame:
        """One row a unit; a last one for what lies outside, if anything does."""
        if unit not in self._regions:
            return pd.DataFrame()
        axis = 1 if unit == "county" else 0
        sums = {name: cells.sum(axis=axis) for name, cells in self._columns.items()}
        regions = self._regions[unit]
        whole = pd.DataFrame({"code": [*regions.codes, "outside"], "name": [*regions.names, ""], **sums})
        outside = any(each[-1] != 0 for each in sums.values())
        return whole if outside else whole.iloc[:-1].reset_index(drop=True)

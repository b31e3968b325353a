"""Numbers of the field, each with source and status: the tables in ``resources/standards``."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.resources import resource

Array = NDArray[np.float64]


@cache
def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(resource("standards", f"{name}.csv"), encoding="utf-8", keep_default_na=True)


def standard(name: str) -> pd.DataFrame:
    """A table of ``resources/standards`` as it stands (a copy).

    Every row has the columns ``status`` (verified, recalled or derived) and ``source``.
    """
    return _read(name).copy()


def curve(name: str, x: str, y: str, **where: str) -> tuple[Array, Array]:
    """Two columns of a standard table as a curve.

    Parameters
    ----------
    name : str
        Of the table.
    x, y : str
        Its columns.
    **where
        Only the rows whose columns hold these values.

    Returns
    -------
    x, y : ndarray of float64, shape (n,)
        In rising order of x.
    """
    rows = _read(name)
    for column, value in where.items():
        rows = rows[rows[column] == value]
    rows = rows.sort_values(x)
    return rows[x].to_numpy(np.float64), rows[y].to_numpy(np.float64)

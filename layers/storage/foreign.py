"""What a foreign file holds, before it has a meaning: rows as they stand, geometry, what was unreadable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import BadInput, MissingFile
from layers.layer import GeometryKind, Shapes


class Skipped(NamedTuple):
    """A row that did not come in.

    Parameters
    ----------
    row : int
        As the file's own program counts: spreadsheets with their header, features from 1.
    reason_key : str
        Names the words.
    """

    row: int
    reason_key: str


class Note(NamedTuple):
    """Something assumed or found on the way: a key of words and the facts in it."""

    key: str
    facts: dict[str, object]


@dataclass(frozen=True)
class Foreign:
    """Rows of a foreign file.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns as in the file.
    rows : ndarray of int64
        The file's number of each row.
    shapes : Shapes
        Coordinates as in the file.
    crs : str
        What the file says; empty if nothing.
    encoding : str
    skipped : tuple of Skipped
    notes : tuple of Note
    altered : tuple of Skipped
        Rows that came in otherwise than they stand in the file, or doubtful, with the key of the reason.
    presumed : str
        The reference system that the format's standard means where the file says nothing; empty if none.
    shift : {"", "gcj02", "bd09"}
        The shift that the file itself names.
    """

    table: pd.DataFrame
    rows: NDArray[np.int64]
    shapes: Shapes
    crs: str = ""
    encoding: str = ""
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Note, ...] = field(default=())
    altered: tuple[Skipped, ...] = ()
    presumed: str = ""
    shift: str = ""

    @property
    def kind(self) -> GeometryKind:
        """Point, line, polygon or table."""
        return self.shapes.kind

    def keep(self, kept: NDArray[np.bool_], reason_key: str) -> Foreign:
        """Without the rows that are not kept; they are listed with the reason."""
        if kept.all():
            return self
        skipped = tuple(Skipped(int(row), reason_key) for row in self.rows[~kept])
        return replace(
            self,
            table=self.table[kept].reset_index(drop=True),
            rows=self.rows[kept],
            shapes=self.shapes.take(kept),
            skipped=(*self.skipped, *skipped),
        )


def local_file(path: Path) -> Path:
    """The absolute path of a file on this machine.

    Raises
    ------
    BadInput
        A path that GDAL would fetch from elsewhere, or an empty file.
    MissingFile
        No such file.
    """
    text = str(path)
    if text.replace("\\", "/").lower().startswith("/vsi") or "://" in text:
        raise BadInput("path_not_local", path=path)
    if path.is_dir() and path.suffix.casefold() == ".gdb":
        return path.absolute()
    if not path.is_file():
        raise MissingFile("file_missing", path=path)
    if not path.stat().st_size:
        raise BadInput("file_empty", path=path)
    return path.absolute()

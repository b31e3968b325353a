"""What runs through cross-sections: discharge over time through lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Lattice
from layers.hazards.inundation.structures import Levee, Point, faces_of

if TYPE_CHECKING:
    from layers.hazards.inundation.scheme import Scheme  # whose kernels the window does not wait for

Array = NDArray[np.float64]
COLUMNS = ("name", "time_h", "m3_per_s")


@dataclass(frozen=True)
class Section:
    """A line through which discharge is told; what crosses it from its left to its right is positive.

    Parameters
    ----------
    name : str
    line : tuple of points
        In the CRS of the terrain.
    """

    name: str
    line: tuple[Point, ...]


class SectionRows:
    """Rows of all sections, at each time that is asked for.

    A section is the faces between cells whose centres it separates, as a levee is: no way leads round them.

    Parameters
    ----------
    sections : sequence of Section
    lattice : Lattice
    scheme : Scheme

    Raises
    ------
    BadInput
        A section separates no two cells.
    """

    def __init__(self, sections: Sequence[Section], lattice: Lattice, scheme: Scheme) -> None:
        self._names = [section.name for section in sections]
        self._scheme, self._cell = scheme, lattice.cell
        self._faces = [_faces(section, lattice) for section in sections]
        self._rows: list[tuple[str, float, float]] = []

    def read(self, time: float) -> None:
        """Take a row for each section; `time` in seconds."""
        for name, (is_west, row, column, sign) in zip(self._names, self._faces, strict=True):
            through = float((self._scheme.through(is_west, row, column) * sign).sum()) * self._cell
            self._rows.append((name, time / 3600.0, through))

    def begin_with(self, rows: pd.DataFrame) -> None:
        """Take the rows of the first part of a run."""
        self._rows = list(rows.itertuples(index=False, name=None))

    def table(self) -> pd.DataFrame:
        """All rows, section by section in time."""
        found = pd.DataFrame(self._rows, columns=list(COLUMNS))
        order = {name: number for number, name in enumerate(self._names)}
        by = found["name"].map(order)
        return found.loc[by.sort_values(kind="stable").index].reset_index(drop=True)


def _faces(
    section: Section, lattice: Lattice
) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp], Array]:
    """West or north, row, column of its faces, and the sign with which their discharge counts."""
    parts = []
    for start, end in pairwise(section.line):
        faces = faces_of(Levee(section.name, (start, end), (0.0,)), lattice)
        sign = np.where(faces.is_west, np.sign(end[1] - start[1]), np.sign(end[0] - start[0]))
        parts.append((faces.is_west, faces.row, faces.column, sign))
    found = [np.concatenate([part[n] for part in parts]) for n in range(4)]
    if not len(found[0]):
        raise BadInput("flood_section_outside", name=section.name)
    return found[0], found[1], found[2], found[3]

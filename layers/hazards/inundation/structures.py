"""What people have built: levees and roads on the faces of cells, breaches, gates, culverts, pumps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.grid import Lattice
from layers.hazards.inundation.forcing import Course, LineInflow

Array = NDArray[np.float64]
Point = tuple[float, float]
_G = 9.80665
_ASIDE = 1.2345e-6, 3.4567e-6  # cells by which lines are moved, so that none runs through a centre


@dataclass(frozen=True)
class Breach:
    """Where and how a levee gives way.

    Parameters
    ----------
    at : tuple of two floats
        The middle of the breach, in the CRS of the terrain.
    time : float
        When it begins, s.
    width : float
        When it is grown, m; the face nearest to `at` always opens.
    bottom : float
        Level to which the crest falls, m; the ground of the cells beside it still holds.
    growth : float
        How long width and depth grow, evenly, s.
    """

    at: Point
    time: float
    width: float
    bottom: float
    growth: float = 0.0


@dataclass(frozen=True)
class Levee:
    """A line that water has to overtop: a levee, a road, a railway.

    Parameters
    ----------
    name : str
    line : tuple of points
        In the CRS of the terrain.
    crest : tuple of float
        Level at each point, m; one for all if there is one.
    breaches : tuple of Breach
    """

    name: str
    line: tuple[Point, ...]
    crest: tuple[float, ...]
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, eq=False)
class Culvert:
    """A box through a levee, with or without a gate: an orifice that works both ways.

    Q = c w d √(2 g Δ), d the depth of water in the opening, Δ the difference of levels, measured from the
    middle of the opening where the lower water stands below it.

    Parameters
    ----------
    name : str
    ends : tuple of two points
    width : float
        m, all barrels together.
    invert : float
        Level of its floor, m.
    opening : Course
        Height that is open, m, over time.
    coefficient : float
        Of discharge.
    """

    name: str
    ends: tuple[Point, Point]
    width: float
    invert: float
    opening: Course
    coefficient: float = 0.6

    def discharge(self, first: float, second: float, time: float) -> float:
        """From the first end to the second at two levels, m³/s; negative the other way."""
        above, below = max(first, second), min(first, second)
        depth = min(self.opening.at(time), above - self.invert)
        if depth <= 0:
            return 0.0
        head = above - max(below, self.invert + 0.5 * depth)
        flow = self.coefficient * self.width * depth * np.sqrt(2 * _G * max(head, 0.0))
        return float(flow if first >= second else -flow)


@dataclass(frozen=True)
class Pump:
    """Takes water from a place and gives it to another, or to outside the terrain.

    Parameters
    ----------
    name : str
    source : point
    target : point or None
    rate : float
        m³/s.
    start, stop : float
        Level of water at the source at which it starts, and below which it stops, m.
    """

    name: str
    source: Point
    target: Point | None
    rate: float
    start: float
    stop: float


@dataclass(frozen=True)
class Structures:
    """All that was built."""

    levees: tuple[Levee, ...] = ()
    culverts: tuple[Culvert, ...] = ()
    pumps: tuple[Pump, ...] = ()
    inflows: tuple[LineInflow, ...] = ()


@dataclass(frozen=True, eq=False)
class Faces:
    """The faces of cells on which a levee stands.

    Parameters
    ----------
    is_west : ndarray of bool, shape (n,)
        West face of its cell, else north face.
    row, column : ndarray of intp, shape (n,)
        May be one beyond the last cell.
    x, y, crest : ndarray of float64, shape (n,)
        Where the line crosses, and its level there.
    """

    is_west: NDArray[np.bool_]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    x: Array
    y: Array
    crest: Array


def faces_of(levee: Levee, lattice: Lattice) -> Faces:
    """The faces between cells whose centres lie on different sides of a line: no way leads through.

    Parameters
    ----------
    levee : Levee
    lattice : Lattice

    Returns
    -------
    Faces
    """
    crest = levee.crest if len(levee.crest) > 1 else levee.crest * len(levee.line)
    dx, dy = (share * lattice.cell for share in _ASIDE)
    line = [(x + dx, y + dy, z) for (x, y), z in zip(levee.line, crest, strict=True)]
    parts = [_crossings(a, b, lattice, upright) for a, b in pairwise(line) for upright in (True, False)]
    found = [np.concatenate([part[n] for part in parts]) for n in range(6)]
    row, column = found[1].astype(np.intp), found[2].astype(np.intp)
    is_west = found[0].astype(np.bool_)
    rows, columns = lattice.shape
    inside = (row >= 0) & (column >= 0) & (row < rows + ~is_west) & (column < columns + is_west)
    return Faces(*(each[inside] for each in (is_west, row, column, *found[3:])))


def _crossings(
    start: Sequence[float], end: Sequence[float], lattice: Lattice, upright: bool
) -> tuple[Any, ...]:
    """Where a segment crosses the lines through the centres of rows, or of columns."""
    cell = lattice.cell
    along = ((lattice.north - start[1]) if upright else (start[0] - lattice.west)) / cell - 0.5
    beyond = ((lattice.north - end[1]) if upright else (end[0] - lattice.west)) / cell - 0.5
    lines = np.arange(np.ceil(min(along, beyond)), np.ceil(max(along, beyond)))
    share = (lines - along) / (beyond - along) if len(lines) else lines
    x, y, crest = (a + share * (b - a) for a, b in zip(start, end, strict=True))
    if upright:
        place = np.floor((x - lattice.west) / cell - 0.5) + 1
        return np.ones(len(lines)), lines, place, x, y, crest
    place = np.floor((lattice.north - y) / cell - 0.5) + 1
    return np.zeros(len(lines)), place, lines, x, y, crest


def crests_at(levee: Levee, faces: Faces, time: float) -> Array:
    """Levels of the crest on the faces of a levee, breaches grown as far as they are.

    Parameters
    ----------
    levee : Levee
    faces : Faces
        Its own.
    time : float
        s.
    """
    crest = faces.crest.copy()
    for breach in levee.breaches:
        if time < breach.time or not len(crest):
            continue
        grown = min((time - breach.time) / breach.growth, 1.0) if breach.growth > 0 else 1.0
        distance = np.hypot(faces.x - breach.at[0], faces.y - breach.at[1])
        opened = distance <= max(0.5 * breach.width * grown, float(distance.min()))
        lowered = faces.crest + grown * (min(breach.bottom, float(faces.crest.max())) - faces.crest)
        crest = np.where(opened, np.minimum(crest, lowered), crest)
    return crest


@dataclass(eq=False)
class Works:
    """Levees as they stand on a lattice at some time: crests of faces, changed as breaches grow.

    Parameters
    ----------
    levees : tuple of Levee
    lattice : Lattice
    """

    levees: tuple[Levee, ...]
    lattice: Lattice
    faces: list[Faces] = field(init=False)

    def __post_init__(self) -> None:
        self.faces = [faces_of(levee, self.lattice) for levee in self.levees]

    def crests(self, time: float) -> tuple[Array, Array]:
        """Levels on west faces and on north faces; NaN where nothing stands; the highest where two do."""
        rows, columns = self.lattice.shape
        west, north = np.full((rows, columns + 1), -np.inf), np.full((rows + 1, columns), -np.inf)
        for levee, faces in zip(self.levees, self.faces, strict=True):
            crest = crests_at(levee, faces, time)
            for target, mine in ((west, faces.is_west), (north, ~faces.is_west)):
                np.maximum.at(target, (faces.row[mine], faces.column[mine]), crest[mine])
        return tuple(np.where(np.isfinite(each), each, np.nan) for each in (west, north))  # type: ignore[return-value]

    def changes(self, start: float, end: float) -> bool:
        """Whether a breach begins or grows between two times."""
        return any(
            start < breach.time + breach.growth + 1e-9 and end >= breach.time
            for levee in self.levees
            for breach in levee.breaches
        )

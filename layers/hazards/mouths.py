"""Mouths: where the water of a breach comes out, behind the levee, on the side turned from the river."""

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Lattice

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Place = tuple[float, float]

_NEARBY = 3000.0
"""How far from a breach its river and the levee beyond are looked for, m."""
_RAYS = 32


def mouth(
    place: Place, width: float, known: Mask, drains: Mask, crest: Array, lattice: Lattice
) -> list[Place]:
    """Where the water of a breach comes out: as many cells as it is wide, behind the levee.

    Parameters
    ----------
    place : (float, float)
        In the CRS of the lattice.
    width : float
        Of the breach, m.
    known, drains : ndarray of bool, shape (rows, columns)
        Cells with data; cells in which a river or lake lies.
    crest : ndarray of float64, shape (rows, columns)
        Of levees above the ground, m; 0 without.
    lattice : Lattice

    Returns
    -------
    list of (float, float)
        Centres of the cells.

    Raises
    ------
    BadInput
        The place lies off the terrain.
    """
    row, column, inside = (each[0] for each in lattice.cells_at(*(np.array([v]) for v in place)))
    if not inside or not known[row, column]:
        raise BadInput("breach_outside", x=place[0], y=place[1])
    reach = int(np.ceil(max(_NEARBY, width) / lattice.cell))
    top, left = max(row - reach, 0), max(column - reach, 0)
    window = np.s_[top : row + reach + 1, left : column + reach + 1]
    at = (row - top, column - left)
    rows, columns = _land(known[window], drains[window], crest[window] > 0, at)
    away = np.hypot(rows - at[0], columns - at[1])
    count = max(round(width / lattice.cell), 1)
    nearest = np.argsort(away, kind="stable")[:count]
    return [
        (
            lattice.west + (columns[k] + left + 0.5) * lattice.cell,
            lattice.north - (rows[k] + top + 0.5) * lattice.cell,
        )
        for k in nearest
    ]


def _land(
    known: Mask, drains: Mask, dams: Mask, at: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Cells on the side of a place that is turned from the river, neither river nor levee themselves."""
    down, across = np.indices(known.shape)
    towards = _river_side(drains, dams, at)
    ahead = (down - at[0]) * towards[0] + (across - at[1]) * towards[1]
    free = known & ~dams & ~drains
    for found in (free & (ahead < 0), free, known):
        if found.any():
            rows, columns = np.nonzero(found)
            return rows, columns
    raise AssertionError("the breach's own cell is known")


def _river_side(drains: Mask, dams: Mask, at: tuple[int, int]) -> tuple[float, float]:
    """Which way the river lies from a levee: where a river comes first and a levee behind it.

    The sum of such directions, near ones first; without any, of those in which a river lies at all, for a
    ditch behind the levee has no levee of its own; 0, 0 if there is none.
    """
    between, open_ = np.zeros(2), np.zeros(2)
    for angle in np.linspace(0.0, 2 * np.pi, _RAYS, endpoint=False):
        way = np.array([np.sin(angle), np.cos(angle)])
        river, behind = _looked(drains, dams, at, way)
        if river:
            open_ += way / river
            between += way / river if behind else 0.0
    chosen = between if between.any() else open_
    return float(chosen[0]), float(chosen[1])


def _looked(drains: Mask, dams: Mask, at: tuple[int, int], way: Array) -> tuple[int, bool]:
    """How many cells away a river lies (0: none, or behind a levee), and whether a levee stands beyond it."""
    steps = np.arange(1, max(drains.shape))
    rows = np.rint(at[0] + steps * way[0]).astype(np.intp)
    columns = np.rint(at[1] + steps * way[1]).astype(np.intp)
    within = (rows >= 0) & (columns >= 0) & (rows < drains.shape[0]) & (columns < drains.shape[1])
    wet, dam = drains[rows[within], columns[within]], dams[rows[within], columns[within]]
    own = int(np.argmin(np.append(dam, False)))  # the levee that breaches
    first = np.flatnonzero(wet[own:])
    if not len(first) or dam[own:][: first[0]].any():
        return 0, False
    return own + int(first[0]) + 1, bool(dam[own + first[0] :].any())

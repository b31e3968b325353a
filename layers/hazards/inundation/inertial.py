"""Kernels of the local-inertial scheme (Bates, Horritt & Fewtrell 2010; de Almeida et al. 2012).

Depth `h` stands in the cells, discharge a metre of width `qx`, `qy` on their west and north faces, all in
float32. A step is one pass over the active tiles, each tile worked by one thread: `move` gives each face its
new discharge from the old state, and a row later, while all of it still is in the cache, each cell its new
depth. The last row and the last column of a tile wait: the neighbours still read their old depth, and their
far faces are the neighbours'. `join` gives them theirs when all tiles are through.

What rounding takes from a depth is handed to the cell below it: no volume is lost in float32.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.arithmetic import FAST, larger, smaller
from layers.hazards.inundation.faces import faces
from layers.hazards.inundation.rows import Row, apart, row
from layers.hazards.inundation.tiles import PAD, widen_wet, widen_wet_row

Array32 = NDArray[np.float32]
Tiles = NDArray[np.int64]
Crests = tuple[Array32, Array32]

_HELD = np.float32(1e-3)  # m: shallower water is not handed what rounding kept back
_WALL = np.float32(1e8)


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _settled(old: Any, gained: Any, kept: Any) -> Any:
    """New depth, and what is kept back, of a cell that gained a depth."""
    takes = old > _HELD
    asked = gained + (kept if takes else np.float32(0))
    new = old + asked
    lost = asked - (new - old)
    return new, lost + (np.float32(0) if takes else kept)


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")  # type: ignore[untyped-decorator]
def _settle(
    n: int,
    depth: Row,
    bed: Row,
    x: Row,
    beyond: Row,
    north: Row,
    south: Row,
    kept: Row,
    ratio: np.float32,
    gain: np.float32,
) -> tuple[np.float32, np.float32]:
    """A row of cells: its greatest depth, and its least or, if any is negative, one that is."""
    apart()
    none = np.float32(0)
    deepest, lowest = none, np.float32(1e9)
    for j in range(n):
        gained = ratio * (x[j] - beyond[j] + (north[j] - south[j])) + (gain if bed[j] < _WALL else none)
        new, kept[j] = _settled(depth[j], gained, kept[j])
        depth[j] = new
        deepest, lowest = larger(deepest, new), smaller(lowest, new)
    return deepest, lowest


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def move(
    tiles: Tiles,
    numbers: Tiles,
    h: Array32,
    z: Array32,
    friction: Array32,
    qx: Array32,
    qy: Array32,
    new_x: Array32,
    new_y: Array32,
    rest: Array32,
    dt: np.float32,
    cell: np.float32,
    gain: np.float32,
    theta: np.float32,
    crests: Crests | None,
    west: Array32,
    north: Array32,
    highest: Array32,
    lowest: Array32,
    fastest: Array32,
    wet: Tiles,
) -> None:
    """New discharge of the west and north faces of all cells of the tiles; new depths, but on the seams.

    Parameters
    ----------
    tiles : ndarray of int64, shape (n, 4)
        First row, last row + 1, first column, last column + 1.
    numbers : ndarray of int64, shape (n,)
        Of the tiles, in `rest`, `highest`, `lowest` and `wet`.
    h, z : ndarray of float32, shape (rows + 4, columns + 4)
        Depth and bed, m; a closed cell has no depth and a very high bed.
    friction : ndarray of float32, shape (1 or rows + 4, columns + 4)
        n² of Manning; one row for all if it is uniform along columns.
    qx, qy, new_x, new_y : ndarray of float32, shape (rows + 4, columns + 4)
        Discharge a metre, m²/s, eastward through west faces and southward through north faces.
    rest : ndarray of float32, shape (all tiles, width)
        What rounding has kept back, by column of a tile, m.
    dt, cell, gain, theta : float32
        `gain` is the rain of the step, m.
    crests : tuple of two ndarrays of float32, or None
        Levels of what stands on west and north faces, m; very low where nothing stands.
    west, north : ndarray of float32, shape (rows,), (columns,)
        Outward discharge a metre through those sides of the terrain, m²/s.
    highest, lowest : ndarray of float32, shape (all tiles,)
        Out: greatest and least new depth of each tile, m.
    fastest : ndarray of float32, shape (all tiles,)
        Out: greatest velocity through a face, m/s.
    wet : ndarray of int64, shape (all tiles, 4)
        Out: the box of the wet cells.
    """
    ratio = dt / cell
    edge = h.shape[1] - PAD
    varied = 1 if friction.shape[0] > 1 else 0
    for k in range(tiles.shape[0]):
        first, last, w, e = tiles[k]
        n = e - w
        m = n if e == edge else n - 1  # nobody waits east of the last column of all
        number, offset = numbers[k], (w - PAD) % rest.shape[1]
        wet[number], fast, deep, low = 0, np.float32(0), np.float32(0), np.float32(0)
        for i in range(first, last):
            here, above = i * varied, (i - 1) * varied
            stands, lies = (None, None) if crests is None else (row(crests[0], i, w), row(crests[1], i, w))
            along = faces(
                n, row(h, i, w - 1), row(h, i, w), row(z, i, w - 1), row(z, i, w), stands,
                row(friction, here, w - 1), row(friction, here, w),
                row(qx, i, w), row(qx, i, w - 1), row(qx, i, w + 1),
                row(qy, i, w - 1), row(qy, i, w), row(qy, i + 1, w - 1), row(qy, i + 1, w),
                row(new_x, i, w), dt, ratio, theta,
            )  # fmt: skip
            down = faces(
                n, row(h, i - 1, w), row(h, i, w), row(z, i - 1, w), row(z, i, w), lies,
                row(friction, above, w), row(friction, here, w),
                row(qy, i, w), row(qy, i - 1, w), row(qy, i + 1, w),
                row(qx, i, w), row(qx, i, w + 1), row(qx, i - 1, w), row(qx, i - 1, w + 1),
                row(new_y, i, w), dt, ratio, theta,
            )  # fmt: skip
            fast = max(fast, max(along, down))
            if w == PAD:
                new_x[i, PAD] = -west[i - PAD]
            if i == PAD:
                new_y[PAD, w:e] = -north[w - PAD : e - PAD]
            if i > first:
                deepest, least = _settle(
                    m, row(h, i - 1, w), row(z, i - 1, w),
                    row(new_x, i - 1, w), row(new_x, i - 1, w + 1),
                    row(new_y, i - 1, w), row(new_y, i, w), row(rest, number, offset), ratio, gain,
                )  # fmt: skip
                deep, low = max(deep, deepest), min(low, least)
                if deepest > 0:
                    widen_wet_row(wet, number, i - 1, w, m, row(h, i - 1, w))
        fastest[number], highest[number], lowest[number] = fast, deep, low


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")  # type: ignore[untyped-decorator]
def join(
    tiles: Tiles,
    numbers: Tiles,
    h: Array32,
    z: Array32,
    qx: Array32,
    qy: Array32,
    rest: Array32,
    ratio: np.float32,
    gain: np.float32,
    highest: Array32,
    lowest: Array32,
    wet: Tiles,
) -> None:
    """The new depth of the last row and of the last column of each tile; as `move`, with the new discharge.

    Parameters
    ----------
    ratio : float32
        Δt / cell.
    """
    edge = h.shape[1] - PAD
    for k in range(tiles.shape[0]):
        first, last, w, e = tiles[k]
        number, i, j = numbers[k], last - 1, e - 1
        offset = (w - PAD) % rest.shape[1]
        n = e - w
        deep, low = _settle(
            n, row(h, i, w), row(z, i, w), row(qx, i, w), row(qx, i, w + 1), row(qy, i, w),
            row(qy, i + 1, w), row(rest, number, offset), ratio, gain,
        )  # fmt: skip
        if deep > 0:
            widen_wet_row(wet, number, i, w, n, row(h, i, w))
        highest[number], lowest[number] = max(highest[number], deep), min(lowest[number], low)
        for r in range(first, first if e == edge else i):
            gained = ratio * (qx[r, j] - qx[r, j + 1] + (qy[r, j] - qy[r + 1, j]))
            gained += gain if z[r, j] < _WALL else np.float32(0)
            new, rest[number, offset + n - 1] = _settled(h[r, j], gained, rest[number, offset + n - 1])
            h[r, j] = new
            highest[number], lowest[number] = max(highest[number], new), min(lowest[number], new)
            if new > 0:
                widen_wet(wet, number, r, j)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def repay(tiles: Tiles, h: Array32, z: Array32, qx: Array32, qy: Array32, ratio: float) -> tuple[int, float]:
    """Where a cell gave more than it had, its neighbours give back what they got too much.

    Each outflow of such a cell is cut in proportion, so that the cell ends empty and no volume is made; a
    neighbour that is overdrawn by this is put right in turn.

    Parameters
    ----------
    tiles, h, z, qx, qy
        As in `join`, after it: the tiles in which a depth is negative.
    ratio : float
        Δt / cell.

    Returns
    -------
    cells : int
        How many were put right.
    made : float
        Depth that had to be made after all, m: of cells without outflow, from rounding.
    """
    columns = h.shape[1]
    stack, size = np.empty(1024, np.int64), 0
    cells, made = 0, 0.0
    for k in range(tiles.shape[0]):
        first, last, west, east = tiles[k]
        for r in range(first, last):
            for column in range(west, east):
                if h[r, column] >= 0:
                    continue
                stack[0], size = r * columns + column, 1
                while size > 0:
                    size -= 1
                    i, j = stack[size] // columns, stack[size] % columns
                    if h[i, j] >= 0:
                        continue
                    cells += 1
                    west_out, east_out = max(-qx[i, j], 0.0), max(qx[i, j + 1], 0.0)
                    north_out, south_out = max(-qy[i, j], 0.0), max(qy[i + 1, j], 0.0)
                    given = (west_out + east_out + north_out + south_out) * ratio
                    short = -np.float64(h[i, j])
                    back = min(short / given, 1.0) if given > 0.0 else 0.0
                    made += max(short - back * given, 0.0)
                    h[i, j] = 0
                    if west_out > 0.0:
                        qx[i, j] -= np.float32(back * qx[i, j])
                    if east_out > 0.0:
                        qx[i, j + 1] -= np.float32(back * qx[i, j + 1])
                    if north_out > 0.0:
                        qy[i, j] -= np.float32(back * qy[i, j])
                    if south_out > 0.0:
                        qy[i + 1, j] -= np.float32(back * qy[i + 1, j])
                    for side in range(4):
                        out = west_out if side == 0 else east_out if side == 1 else north_out
                        out = south_out if side == 3 else out
                        a = i - 1 if side == 2 else i + 1 if side == 3 else i
                        b = j - 1 if side == 0 else j + 1 if side == 1 else j
                        if out > 0.0 and z[a, b] < 1e8:
                            h[a, b] -= np.float32(back * out * ratio)
                            if h[a, b] < 0 and size < len(stack):
                                stack[size] = a * columns + b
                                size += 1
    return cells, made

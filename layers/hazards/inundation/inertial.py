"""Kernels of the local-inertial scheme (Bates, Horritt & Fewtrell 2010; de Almeida et al. 2012).

Depth `h` stands in the cells, discharge a metre of width `qx`, `qy` on their west and north faces, all in
float32. A step is two passes over the active tiles, each tile worked by one thread: `flow` gives each
face its new discharge from the old state, `settle` gives each cell its new depth from the new discharge.

The semi-implicit step on a face, with friction of the whole discharge and not of its one component:

    q' = (θ q + (1-θ)/2 (q₋ + q₊) - g h Δt ∂η/∂x) / (1 + g Δt n² |q| / h^(7/3))

|q| is the mean of the discharge before and of that which this formula gives with it: one step of Heron's
root. With the former alone a thin film on a slope swings between two states when the step is long.
The depth of a face is that over the higher bed under the higher level, as in those papers, but for a quarter
taken from the lower side where that is shallower: halfway to the central value, it halves the spreading of
a front (docs/validation).

The surface slope is formed from differences of depth and of bed, so that it stays exact over a deep datum;
differences that float32 cannot tell from rounding are taken as none, so that a lake at rest stays so.
What rounding takes from a depth is handed to the cell below it: no volume is lost in float32.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.arithmetic import FAST, inverse_cube_root
from layers.hazards.inundation.tiles import PAD, note_wet

Array32 = NDArray[np.float32]
Tiles = NDArray[np.int64]
Crests = tuple[Array32, Array32]

GRAVITY = np.float32(9.80665)
DRY = np.float32(1e-5)  # m over the bed of a face: thinner water does not flow
BEYOND = np.float32(0.25)  # share of the lower side in the depth of a face
ROUNDING = np.float32(3e-7)  # of two depths: a smaller difference of level is no slope
WEIR = np.float32(1.705)  # m^½/s, broad-crested weir in SI units


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _face(
    q: Any,
    before: Any,
    after: Any,
    across: Any,
    near: Any,
    far: Any,
    rise: Any,
    crest: Any,
    friction: Any,
    dt: Any,
    slope_dt: Any,
    theta: Any,
) -> Any:
    """New discharge of one face: depths near and far, rise of the bed, crest above the near bed."""
    one, half = np.float32(1), np.float32(0.5)
    depth = max(near, far + rise) - crest
    beyond = far if near > far + rise else near
    depth -= BEYOND * max(depth - beyond, np.float32(0))
    deep = max(depth, DRY)
    root = inverse_cube_root(deep)
    cube = root * root * root
    drag = GRAVITY * dt * friction * cube * cube * root
    drop, noise = far + rise - near, ROUNDING * (near + far)
    drop -= min(max(drop, -noise), noise)
    push = theta * q + (one - theta) * half * (before + after) - deep * slope_dt * drop
    was = np.sqrt(q * q + across * across)
    slow = one + drag * was
    would = np.sqrt(push * push + across * across * slow * slow)
    cap = deep * np.sqrt(GRAVITY * deep)
    moved = min(max(push * slow / (slow + half * drag * (was * slow + would)), -cap), cap)
    return moved if depth > DRY else np.float32(0)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def flow(
    tiles: Tiles,
    h: Array32,
    z: Array32,
    friction: Array32,
    qx: Array32,
    qy: Array32,
    new_x: Array32,
    new_y: Array32,
    dt: np.float32,
    cell: np.float32,
    theta: np.float32,
    crests: Crests | None,
) -> None:
    """The new discharge of the west and north faces of all cells of the tiles.

    Parameters
    ----------
    tiles : ndarray of int64, shape (n, 4)
        First row, last row + 1, first column, last column + 1.
    h, z : ndarray of float32, shape (rows + 4, columns + 4)
        Depth and bed, m; a closed cell has no depth and a very high bed.
    friction : ndarray of float32, shape (1 or rows + 4, columns + 4)
        n² of Manning; one row for all if it is uniform along columns.
    qx, qy, new_x, new_y : ndarray of float32, shape (rows + 4, columns + 4)
        Discharge a metre, m²/s, eastward through west faces and southward through north faces.
    dt, cell, theta : float32
    crests : tuple of two ndarrays of float32, or None
        Levels of what stands on west and north faces, m; very low where nothing stands.
    """
    slope_dt, quarter = GRAVITY * dt / cell, np.float32(0.25)
    varied = 1 if friction.shape[0] > 1 else 0
    for k in range(tiles.shape[0]):
        first, last, west, east = tiles[k]
        n = east - west
        for i in range(first, last):
            m = i * varied
            here, above = h[i, west - 1 : east], h[i - 1, west:east]
            bed, roof = z[i, west - 1 : east], z[i - 1, west:east]
            rough, rough_up = friction[m, west - 1 : east], friction[m - varied, west:east]
            x0, y0 = qx[i, west - 1 : east + 1], qy[i, west - 1 : east + 1]
            x_up, y_up, y_down = qx[i - 1, west : east + 1], qy[i - 1, west:east], qy[i + 1, west - 1 : east]
            out_x, out_y = new_x[i, west:east], new_y[i, west:east]
            half = np.float32(0.5)
            if crests is None:
                for j in range(n):
                    across = quarter * (y0[j] + y0[j + 1] + y_down[j] + y_down[j + 1])
                    rise = bed[j + 1] - bed[j]
                    out_x[j] = _face(
                        x0[j + 1], x0[j], x0[j + 2], across, here[j], here[j + 1], rise,
                        max(rise, np.float32(0)), half * (rough[j] + rough[j + 1]), dt, slope_dt, theta,
                    )  # fmt: skip
                for j in range(n):
                    across = quarter * (x0[j + 1] + x0[j + 2] + x_up[j] + x_up[j + 1])
                    rise = bed[j + 1] - roof[j]
                    out_y[j] = _face(
                        y0[j + 1], y_up[j], y_down[j + 1], across, above[j], here[j + 1], rise,
                        max(rise, np.float32(0)), half * (rough_up[j] + rough[j + 1]), dt, slope_dt, theta,
                    )  # fmt: skip
            else:
                crest_x, crest_y = crests[0][i, west:east], crests[1][i, west:east]
                for j in range(n):
                    across = quarter * (y0[j] + y0[j + 1] + y_down[j] + y_down[j + 1])
                    rise = bed[j + 1] - bed[j]
                    crest = max(max(rise, np.float32(0)), crest_x[j] - bed[j])
                    moved = _face(
                        x0[j + 1], x0[j], x0[j + 2], across, here[j], here[j + 1], rise,
                        crest, half * (rough[j] + rough[j + 1]), dt, slope_dt, theta,
                    )  # fmt: skip
                    over = max(max(here[j], here[j + 1] + rise) - crest, np.float32(0))
                    cap = WEIR * over * np.sqrt(over)
                    stands = crest_x[j] > max(bed[j], bed[j + 1])
                    out_x[j] = min(max(moved, -cap), cap) if stands else moved
                for j in range(n):
                    across = quarter * (x0[j + 1] + x0[j + 2] + x_up[j] + x_up[j + 1])
                    rise = bed[j + 1] - roof[j]
                    crest = max(max(rise, np.float32(0)), crest_y[j] - roof[j])
                    moved = _face(
                        y0[j + 1], y_up[j], y_down[j + 1], across, above[j], here[j + 1], rise,
                        crest, half * (rough_up[j] + rough[j + 1]), dt, slope_dt, theta,
                    )  # fmt: skip
                    over = max(max(above[j], here[j + 1] + rise) - crest, np.float32(0))
                    cap = WEIR * over * np.sqrt(over)
                    stands = crest_y[j] > max(roof[j], bed[j + 1])
                    out_y[j] = min(max(moved, -cap), cap) if stands else moved


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")  # type: ignore[untyped-decorator]
def settle(
    tiles: Tiles,
    numbers: Tiles,
    h: Array32,
    z: Array32,
    qx: Array32,
    qy: Array32,
    rest: Array32,
    gain: np.float32,
    ratio: np.float32,
    highest: Array32,
    lowest: Array32,
    wet: Tiles,
) -> None:
    """The new depth of all cells of the tiles, in place.

    Parameters
    ----------
    tiles, h, z, qx, qy
        As in `flow`, with the new discharge.
    numbers : ndarray of int64, shape (n,)
        Of the tiles, in `rest`, `highest` and `lowest`.
    rest : ndarray of float32, shape (all tiles, width)
        What rounding has kept back, by column of a tile, m.
    gain, ratio : float32
        Rain of the step, m; Δt / cell.
    highest, lowest : ndarray of float32, shape (all tiles,)
        Out: greatest and least new depth of each tile, m.
    wet : ndarray of int64, shape (all tiles, 4)
        Out: the box of the wet cells.
    """
    zero, wall = np.float32(0), np.float32(1e8)
    top, low = np.empty(rest.shape[1], np.float32), np.empty(rest.shape[1], np.float32)
    for k in range(tiles.shape[0]):
        first, last, west, east = tiles[k]
        n = east - west
        offset = (west - PAD) % rest.shape[1]
        kept = rest[numbers[k], offset : offset + n]
        for j in range(n):
            top[j], low[j] = zero, zero
        begins, ends = last, first
        for i in range(first, last):
            depth, bed = h[i, west:east], z[i, west:east]
            x, north, south = qx[i, west : east + 1], qy[i, west:east], qy[i + 1, west:east]
            filled = np.int32(0)
            for j in range(n):
                old = depth[j]
                change = ratio * (x[j] - x[j + 1] + (north[j] - south[j])) + (gain if bed[j] < wall else zero)
                takes = old > np.float32(1e-3)
                asked = change + (kept[j] if takes else zero)
                new = old + asked
                lost = asked - (new - old)
                kept[j] = lost + (zero if takes else kept[j])
                depth[j] = new
                top[j] = new if new > top[j] else top[j]
                low[j] = new if new < low[j] else low[j]
                filled += np.int32(1) if new > zero else np.int32(0)
            if filled > 0:
                begins, ends = min(begins, i), i + 1
        note_wet(wet, numbers[k], begins, ends, west, top[:n])
        highest[numbers[k]], lowest[numbers[k]] = top[:n].max(), low[:n].min()


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def repay(tiles: Tiles, h: Array32, z: Array32, qx: Array32, qy: Array32, ratio: float) -> tuple[int, float]:
    """Where a cell gave more than it had, its neighbours give back what they got too much.

    Each outflow of such a cell is cut in proportion, so that the cell ends empty and no volume is made; a
    neighbour that is overdrawn by this is put right in turn.

    Parameters
    ----------
    tiles, h, z, qx, qy
        As in `settle`, after it: the tiles in which a depth is negative.
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
        for row in range(first, last):
            for column in range(west, east):
                if h[row, column] >= 0:
                    continue
                stack[0], size = row * columns + column, 1
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

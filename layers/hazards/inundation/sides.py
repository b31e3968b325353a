"""Kernels of the four sides of the terrain."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.tiles import PAD

Array = NDArray[np.float64]
CLOSED_SIDE, OPEN, LEVEL, SLOPE = 0, 1, 2, 3
KINDS = {"closed": CLOSED_SIDE, "open": OPEN, "level": LEVEL, "slope": SLOPE}
_G, _DRY, _WALL = 9.80665, 1e-5, 1e8
_ROUNDING = 4e-7  # of bed and depth in float32: a smaller difference of level is none


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def edge_cell(side: int, k: int, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """Of the k-th cell along a side: its row, column, and the step outward."""
    if side == 0:
        return PAD + k, PAD, 0, -1
    if side == 1:
        return PAD + k, shape[1] - PAD - 1, 0, 1
    if side == 2:
        return PAD, PAD + k, -1, 0
    return shape[0] - PAD - 1, PAD + k, 1, 0


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def side_length(side: int, shape: tuple[int, int]) -> int:
    """How many cells lie along a side."""
    return (shape[0] if side < 2 else shape[1]) - 2 * PAD


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def continue_bed(side: int, kind: int, slope: float, z: Array, cell: float) -> None:
    """Give the rim of a side that is not closed its bed: it falls on outward, to a level only to the edge."""
    for k in range(side_length(side, z.shape)):
        row, column, down, right = edge_cell(side, k, z.shape)
        bed = z[row, column]
        if bed > _WALL:
            continue
        behind = z[row - down, column - right]
        fall = max(behind - bed, 0.0) if behind < _WALL else 0.0
        fall = slope * cell if kind == SLOPE else fall
        if kind == LEVEL:
            z[row + down, column + right] = z[row + 2 * down, column + 2 * right] = bed - 0.5 * fall
            continue
        z[row + down, column + right] = bed - fall
        z[row + 2 * down, column + 2 * right] = bed - 2 * fall


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _outward_flow(
    kind: int,
    value: float,
    h: float,
    bed: float,
    h_behind: float,
    bed_behind: float,
    q: float,
    arriving: float,
    across: float,
    friction: float,
    dt: float,
    cell: float,
) -> float:
    """New outward discharge of an edge face in the local-inertial scheme.

    Through an open side water leaves as fast as it arrives at the edge cell (depth and velocity go on as they
    are: waves leave without reflection), and at least as fast as a bed that falls outward draws it.
    """
    level, deep = bed + h, h
    if kind == LEVEL:
        deep = max(value, level) - bed
        apart = level - max(value, bed)
        slope = apart / (0.5 * cell) if abs(apart) > _ROUNDING * (abs(bed) + deep) else 0.0
    elif kind == OPEN:
        slope = max(bed_behind - bed, 0.0) / cell if bed_behind < _WALL else 0.0
    else:
        slope = value
    if deep <= _DRY:
        return 0.0
    cap = deep * float(np.sqrt(_G * deep))
    if kind == SLOPE:
        normal = deep ** (5 / 3) * float(np.sqrt(slope / friction)) if friction > 0 else cap
        return min(normal, cap)
    drag, push = _G * dt * friction / deep ** (7 / 3), q + _G * deep * dt * slope
    was = np.sqrt(q * q + across * across)
    would = np.sqrt((push / (1.0 + drag * was)) ** 2 + across * across)
    moved = min(max(float(push / (1.0 + 0.5 * drag * (was + would))), -cap), cap)
    if kind == LEVEL:
        return moved
    over = max(level, bed_behind + h_behind) - max(bed, bed_behind)
    follows = arriving / max(over, _DRY) * deep if bed_behind < _WALL else 0.0
    return max(moved if slope > 0.0 else 0.0, min(follows, cap), 0.0)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def flow_at_side(
    side: int,
    kind: int,
    value: float,
    h: Array,
    z: Array,
    friction: Array,
    qx: Array,
    qy: Array,
    dt: float,
    cell: float,
    outward: Array,
) -> None:
    """The new discharge of the faces of a side, local-inertial; arrays as in `inertial.move`, before it.

    Parameters
    ----------
    side : int
        0 west, 1 east, 2 north, 3 south.
    kind : int
        `OPEN`, `LEVEL` or `SLOPE`.
    value : float
        The level, or the slope.
    outward : ndarray of float32, shape (cells along the side,)
        Out: m²/s.
    """
    outward[:] = 0
    varied = 1 if friction.shape[0] > 1 else 0
    for k in range(side_length(side, h.shape)):
        row, column, down, right = edge_cell(side, k, h.shape)
        if z[row, column] > _WALL:
            continue
        behind, before = row - down, column - right
        face_row, face_column = row + max(down, 0), column + max(right, 0)
        if side < 2:
            q, across = right * qx[face_row, face_column], 0.5 * (qy[row, column] + qy[row + 1, column])
            arriving = right * qx[row, column + max(-right, 0)]
        else:
            q, across = down * qy[face_row, face_column], 0.5 * (qx[row, column] + qx[row, column + 1])
            arriving = down * qy[row + max(-down, 0), column]
        outward[k] = _outward_flow(
            kind, value, np.float64(h[row, column]), np.float64(z[row, column]),
            np.float64(h[behind, before]), np.float64(z[behind, before]),
            np.float64(q), np.float64(arriving), np.float64(across),
            np.float64(friction[row * varied, column]), dt, cell,
        )  # fmt: skip


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def leaves(side: int, qx: Array, qy: Array) -> float:
    """Outward discharge through a side, summed over its faces, m²/s."""
    total = 0.0
    for k in range(side_length(side, qx.shape)):
        row, column, down, right = edge_cell(side, k, qx.shape)
        face_row, face_column = row + max(down, 0), column + max(right, 0)
        through = right * qx[face_row, face_column] if side < 2 else down * qy[face_row, face_column]
        total += np.float64(through)
    return total


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _outside(
    kind: int, value: float, h: float, bed: float, speed: float, friction: float
) -> tuple[float, float]:
    """Depth and outward velocity just outside a side, from the state inside: characteristics."""
    wave = np.sqrt(_G * h)
    if kind == OPEN:
        return h, max(speed, 0.0)
    if kind == SLOPE:
        normal = h ** (2 / 3) * np.sqrt(value / friction) if friction > 0 else wave
        return h, max(min(normal, wave), speed if speed > wave else 0.0)
    if speed > wave and h > 0:
        return h, speed
    deep = max(value - bed, 0.0)
    beyond = np.sqrt(_G * deep)
    outward = speed + 2.0 * (wave - beyond)
    if outward > beyond:  # drawn down to critical depth
        critical = max(speed + 2.0 * wave, 0.0) / 3.0
        return critical * critical / _G, critical
    return deep, max(outward, -beyond)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def state_at_side(
    side: int, kind: int, value: float, h: Array, u: Array, v: Array, z: Array, friction: Array
) -> None:
    """Give the rim of a side that is not closed its water, shallow-water; arrays as in `shallow.advance`."""
    varied = 1 if friction.shape[0] > 1 else 0
    for k in range(side_length(side, h.shape)):
        row, column, down, right = edge_cell(side, k, h.shape)
        if z[row, column] > _WALL:
            continue
        along = right * u[row, column] if side < 2 else down * v[row, column]
        rim, inside = z[row + down, column + right], h[row, column]
        if kind == LEVEL and inside > 0.0:
            inside += z[row, column] - rim  # as deep as the water of the cell is at the edge
        deep, speed = _outside(kind, value, inside, rim, along, friction[row * varied, column])
        for step in range(1, PAD + 1):
            r, c = row + step * down, column + step * right
            h[r, c] = deep
            u[r, c] = right * speed if side < 2 else u[row, column]
            v[r, c] = down * speed if side >= 2 else v[row, column]

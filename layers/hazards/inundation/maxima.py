"""What is remembered of a run: greatest depth, speed and hazard rating, arrival and duration."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.arithmetic import FAST, larger
from layers.hazards.inundation.faces import DEEPER, GRAVITY, SHALLOWER
from layers.hazards.inundation.rows import Row, apart, row
from layers.hazards.inundation.tiles import in_lines, widest

Array32 = NDArray[np.float32]
Tiles = NDArray[np.int64]
_WALL = np.float32(1e8)
_DRY = np.float32(1e-5)
_HELD = np.float32(0.9) * GRAVITY  # of the Froude number squared: what counts as held at critical
_EVERY_STEP = 250_000  # cells worked: up to here every step is remembered, above every eighth
_STRIDE = 8
_FILM = np.float32(1e-3)  # m: the speed of thinner water is not remembered


@dataclass(frozen=True, eq=False)
class Maxima:
    """Arrays with a rim, updated in place.

    Parameters
    ----------
    depth, speed, rating : ndarray of float32
        Greatest so far: m, m/s, and HR = d (v + 0.5) + DF.
    arrival : ndarray of float32
        Seconds until the depth first reached the wet depth; negative if it never did.
    duration : ndarray of float32
        Seconds with at least the wet depth.
    """

    depth: Array32
    speed: Array32
    rating: Array32
    arrival: Array32
    duration: Array32

    @classmethod
    def none(cls, shape: tuple[int, int]) -> "Maxima":
        """Nothing seen yet."""
        found = cls(*(in_lines(np.zeros(shape, np.float32)) for _ in fields(cls)))
        found.arrival.fill(-1.0)
        return found


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def is_due(cells: int, steps: int) -> bool:
    """Whether a step is remembered, by the cells worked in it and its number."""
    return cells <= _EVERY_STEP or steps % _STRIDE == 0


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _debris(depth: Any, speed: Any) -> Any:
    """Debris factor of DEFRA FD2321 where the land cover is not known: 1 over 0.25 m or 2 m/s, else 0."""
    one, none = np.float32(1), np.float32(0)
    return one if (depth > np.float32(0.25)) | (speed > np.float32(2)) else none


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _passing(near: Any, far: Any, rise: Any) -> Any:
    """The depth of a face, as in `faces`; that of the cell within where the other is closed."""
    beside = far + rise
    depth = max(near, beside) - larger(rise, np.float32(0))
    lower = min(far if near > beside else near, depth + depth) - depth
    depth += min(SHALLOWER * lower, DEEPER * lower)
    depth = near if rise > _WALL else depth
    return larger(far if rise < -_WALL else depth, _DRY)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _speeds(n: int, q: Row, near: Row, far: Row, bed: Row, beyond: Row, out: Row) -> None:
    """Velocity through a row of faces: discharge by the depth over its bed, at most critical."""
    apart()
    for j in range(n):
        deep = _passing(near[j], far[j], beyond[j] - bed[j])
        cap = np.sqrt(GRAVITY * deep)
        out[j] = min(max(q[j] / deep, -cap), cap)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _means(n: int, west: Row, east: Row, north: Row, south: Row, out: Row) -> None:
    """Speed in a row of cells from the velocities through their faces."""
    apart()
    for j in range(n):
        along, across = west[j] + east[j], north[j] + south[j]
        out[j] = np.float32(0.5) * np.sqrt(along * along + across * across)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _remember(
    n: int,
    depths: Row,
    speeds: Row,
    wet: np.float32,
    seconds: np.float32,
    clock: np.float32,
    depth: Row,
    speed: Row,
    rating: Row,
    arrival: Row,
    duration: Row,
) -> None:
    """One row."""
    apart()
    half, zero = np.float32(0.5), np.float32(0)
    for j in range(n):
        d, s = depths[j], speeds[j]
        is_wet = d >= wet
        depth[j] = larger(depth[j], d)
        speed[j] = larger(speed[j], s if d >= _FILM else zero)
        rating[j] = larger(rating[j], d * (s + half) + _debris(d, s if is_wet else zero))
        duration[j] += seconds if is_wet & (arrival[j] >= zero) else zero
        arrival[j] = clock if is_wet & (arrival[j] < zero) else arrival[j]


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def remember_discharge(
    tiles: Tiles,
    h: Array32,
    z: Array32,
    qx: Array32,
    qy: Array32,
    wet: np.float32,
    seconds: np.float32,
    clock: np.float32,
    depth: Array32,
    speed: Array32,
    rating: Array32,
    arrival: Array32,
    duration: Array32,
) -> None:
    """Look at the local-inertial state: a cell's velocity is the mean of those through its opposite faces.

    Parameters
    ----------
    tiles, h, z, qx, qy
        As in `inertial.move`, after `join`.
    wet : float32
        From which depth ground counts as flooded, m.
    seconds, clock : float32
        Since the last look; since the start.
    depth, speed, rating, arrival, duration : ndarray of float32
        Of `Maxima`.
    """
    width = widest(tiles)
    scratch = np.empty((4, width + 1), np.float32)
    for k in range(tiles.shape[0]):
        first, last, w, e = tiles[k]
        n = e - w
        x, speeds = row(scratch, 0, 0), row(scratch, 1, 0)
        for i in range(first - 1, last):
            north, south = row(scratch, 2 + i % 2, 0), row(scratch, 3 - i % 2, 0)
            _speeds(
                n, row(qy, i + 1, w), row(h, i, w), row(h, i + 1, w), row(z, i, w),
                row(z, i + 1, w), south,
            )  # fmt: skip
            if i < first:
                continue
            _speeds(
                n + 1, row(qx, i, w), row(h, i, w - 1), row(h, i, w),
                row(z, i, w - 1), row(z, i, w), x,
            )  # fmt: skip
            _means(n, row(scratch, 0, 0), row(scratch, 0, 1), north, south, speeds)
            _remember(
                n, row(h, i, w), speeds, wet, seconds, clock, row(depth, i, w), row(speed, i, w),
                row(rating, i, w), row(arrival, i, w), row(duration, i, w),
            )  # fmt: skip


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _is_held(q: Any, near: Any, far: Any, rise: Any) -> Any:
    """Whether what passes a face is all that the critical depth lets pass."""
    deep = _passing(near, far, rise)
    return q * q >= _HELD * (deep * deep * deep)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _count_critical(
    n: int,
    here: Row,
    west: Row,
    north: Row,
    bed: Row,
    bed_west: Row,
    bed_north: Row,
    x: Row,
    y: Row,
    wet: np.float32,
) -> tuple[np.int32, np.int32]:
    """A row: wet cells, and those held at critical."""
    apart()
    none, one = np.int32(0), np.int32(1)
    waters, held = none, none
    for j in range(n):
        one_wet = one if here[j] >= wet else none
        is_held = _is_held(x[j], west[j], here[j], bed[j] - bed_west[j]) | _is_held(
            y[j], north[j], here[j], bed[j] - bed_north[j]
        )
        waters = np.int32(waters + one_wet)
        held = np.int32(held + (one_wet if is_held else none))
    return waters, held


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def critical_cells(
    tiles: Tiles, h: Array32, z: Array32, qx: Array32, qy: Array32, wet: np.float32
) -> tuple[int, int]:
    """How many cells are wet, and at the west or north face of how many the flow is held at critical.

    Parameters
    ----------
    tiles, h, z, qx, qy, wet
        As in `remember_discharge`.
    """
    waters, held = 0, 0
    for k in range(tiles.shape[0]):
        first, last, w, e = tiles[k]
        n = e - w
        for i in range(first, last):
            some, of_them = _count_critical(
                n, row(h, i, w), row(h, i, w - 1), row(h, i - 1, w),
                row(z, i, w), row(z, i, w - 1), row(z, i - 1, w),
                row(qx, i, w), row(qy, i, w), wet,
            )  # fmt: skip
            waters += some
            held += of_them
    return waters, held


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def remember_velocity(
    tiles: Tiles,
    h: Array32,
    u: Array32,
    v: Array32,
    wet: np.float32,
    seconds: np.float32,
    clock: np.float32,
    depth: Array32,
    speed: Array32,
    rating: Array32,
    arrival: Array32,
    duration: Array32,
) -> None:
    """Look at the shallow-water state; as `remember_discharge`."""
    scratch = np.empty((2, widest(tiles)), np.float32)
    for k in range(tiles.shape[0]):
        first, last, west, east = tiles[k]
        n = east - west
        depths, speeds = row(scratch, 0, 0), row(scratch, 1, 0)
        for i in range(first, last):
            here, along, across = h[i, west:east], u[i, west:east], v[i, west:east]
            for j in range(n):
                depths[j] = np.float32(here[j])
                speeds[j] = np.float32(np.sqrt(along[j] * along[j] + across[j] * across[j]))
            _remember(
                n, depths, speeds, wet, seconds, clock, row(depth, i, west), row(speed, i, west),
                row(rating, i, west), row(arrival, i, west), row(duration, i, west),
            )  # fmt: skip

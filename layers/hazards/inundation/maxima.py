"""What is remembered of a run: greatest depth, speed and hazard rating, arrival and duration."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.arithmetic import FAST
from layers.hazards.inundation.inertial import BEYOND, GRAVITY
from layers.hazards.inundation.tiles import widest

Array32 = NDArray[np.float32]
Tiles = NDArray[np.int64]
_WALL = np.float32(1e8)
_DRY = np.float32(1e-5)
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
        found = cls(*(np.zeros(shape, np.float32) for _ in fields(cls)))
        found.arrival.fill(-1.0)
        return found


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _debris(depth: Any, speed: Any) -> Any:
    """Debris factor of DEFRA FD2321 where the land cover is not known: 1 over 0.25 m or 2 m/s, else 0."""
    one, none = np.float32(1), np.float32(0)
    return one if (depth > np.float32(0.25)) | (speed > np.float32(2)) else none


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _face_speed(q: Any, near: Any, far: Any, rise: Any) -> Any:
    """Velocity through a face: discharge by the depth over its bed, at most critical, as in `flow`."""
    depth = max(near, far + rise) - max(rise, np.float32(0))
    depth -= BEYOND * max(depth - (far if near > far + rise else near), np.float32(0))
    depth = near if rise > _WALL else depth
    depth = far if rise < -_WALL else depth
    deep = max(depth, _DRY)
    cap = np.sqrt(GRAVITY * deep)
    return min(max(q / deep, -cap), cap)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _remember(
    depths: Array32,
    speeds: Array32,
    wet: np.float32,
    seconds: np.float32,
    clock: np.float32,
    depth: Array32,
    speed: Array32,
    rating: Array32,
    arrival: Array32,
    duration: Array32,
) -> None:
    """One row."""
    half, zero = np.float32(0.5), np.float32(0)
    for j in range(len(depths)):
        d, s = depths[j], speeds[j]
        is_wet = d >= wet
        depth[j] = max(depth[j], d)
        speed[j] = max(speed[j], s if d >= _FILM else zero)
        rating[j] = max(rating[j], d * (s + half) + _debris(d, s if is_wet else zero))
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
        As in `inertial.flow`.
    wet : float32
        From which depth ground counts as flooded, m.
    seconds, clock : float32
        Since the last look; since the start.
    depth, speed, rating, arrival, duration : ndarray of float32
        Of `Maxima`.
    """
    speeds = np.empty(widest(tiles), np.float32)
    half = np.float32(0.5)
    for k in range(tiles.shape[0]):
        first, last, west, east = tiles[k]
        n = east - west
        for i in range(first, last):
            here, bed, x = h[i, west - 1 : east + 1], z[i, west - 1 : east + 1], qx[i, west : east + 1]
            up, roof, north = h[i - 1, west:east], z[i - 1, west:east], qy[i, west:east]
            down, floor, south = h[i + 1, west:east], z[i + 1, west:east], qy[i + 1, west:east]
            for j in range(n):
                d, b = here[j + 1], bed[j + 1]
                left = _face_speed(x[j], here[j], d, b - bed[j])
                right = _face_speed(x[j + 1], d, here[j + 2], bed[j + 2] - b)
                above = _face_speed(north[j], up[j], d, b - roof[j])
                below = _face_speed(south[j], d, down[j], floor[j] - b)
                along, across = half * (left + right), half * (above + below)
                speeds[j] = np.sqrt(along * along + across * across)
            _remember(
                here[1:-1], speeds[:n], wet, seconds, clock, depth[i, west:east], speed[i, west:east],
                rating[i, west:east], arrival[i, west:east], duration[i, west:east],
            )  # fmt: skip


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
    width = widest(tiles)
    depths, speeds = np.empty(width, np.float32), np.empty(width, np.float32)
    for k in range(tiles.shape[0]):
        first, last, west, east = tiles[k]
        n = east - west
        for i in range(first, last):
            here, along, across = h[i, west:east], u[i, west:east], v[i, west:east]
            for j in range(n):
                depths[j] = np.float32(here[j])
                speeds[j] = np.float32(np.sqrt(along[j] * along[j] + across[j] * across[j]))
            _remember(
                depths[:n], speeds[:n], wet, seconds, clock, depth[i, west:east], speed[i, west:east],
                rating[i, west:east], arrival[i, west:east], duration[i, west:east],
            )  # fmt: skip

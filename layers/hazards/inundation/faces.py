"""What passes the faces between cells in a step of the local-inertial scheme: one row of faces at a time.

The semi-implicit step on a face, with friction of the whole discharge and not of its one component:

    q' = (θ q + (1-θ)/2 (q₋ + q₊) - g h Δt ∂η/∂x) / (1 + g Δt n² |q| / h^(7/3))

|q| is the mean of the discharge before and of that which this formula gives with it: one step of Heron's
root. With the former alone a thin film on a slope swings between two states when the step is long.
Without advection these equations amplify waves down a slope from a Froude number of about 0.6 on, where such
a wave, at 5/3 of the velocity, outruns gravity's √(g h). So inertia, the weight of the old discharge, fades
from 1 at Fr² = 0.2 to a quarter at 0.8; gravity's waves are then up to twice as fast, and the step as much
shorter.

The depth of a face is that over the higher bed under the higher level, as in those papers, moved towards the
depth on the lower side: by a quarter where that is shallower, which halves the spreading of a front, by a
sixth where it is deeper, which takes most of the spreading from waves down a slope and still is stable.

The surface slope is formed from differences of depth and of bed, so that it stays exact over a deep datum;
differences that float32 cannot tell from rounding are taken as none, so that a lake at rest stays so.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.arithmetic import FAST, inverse_sixth_root

Array32 = NDArray[np.float32]

GRAVITY = np.float32(9.80665)
DRY = np.float32(1e-5)  # m over the bed of a face: thinner water does not flow
SHALLOWER, DEEPER = np.float32(1 / 4), np.float32(1 / 6)  # share of the lower side in the depth of a face
ROUNDING = np.float32(3e-7)  # of two depths: a smaller difference of level is no slope
WEIR = np.float32(1.705)  # m^½/s, broad-crested weir in SI units
_ROOT_G = np.float32(np.sqrt(9.80665))
_SLOW, _FADING, _LEAST = (
    np.float32(0.2),
    np.float32(1.25),
    np.float32(0.25),
)  # inertia by Froude number squared


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
    ratio: Any,
    theta: Any,
) -> Any:
    """New discharge of one face, and its velocity.

    Depths near and far, rise of the bed, crest above the near bed; `friction` is n² of both cells together,
    `ratio` Δt / Δx.
    """
    one, half = np.float32(1), np.float32(0.5)
    beside = far + rise
    depth = max(near, beside) - crest
    beyond = min(far if near > beside else near, depth + depth) - depth
    depth += min(SHALLOWER * beyond, DEEPER * beyond)
    deep = max(depth, DRY)
    root = inverse_sixth_root(deep)
    cube = root * root * root
    seventh = cube * cube * root
    drag = np.float32(0.25) * GRAVITY * dt * friction * seventh * seventh
    drop, noise = beside - near, ROUNDING * (near + far)
    drop -= min(max(drop, -noise), noise)
    cap = _ROOT_G * deep * deep * cube
    sixth = cube * cube
    froude = abs(q) * (sixth * cube) / _ROOT_G
    inertia = max(one - _FADING * max(froude * froude - _SLOW, np.float32(0)), _LEAST)
    push = inertia * (theta * q + (one - theta) * half * (before + after)) - GRAVITY * ratio * deep * drop
    across2 = across * across
    slows = drag * np.sqrt(q * q + across2)
    slow = inertia + slows + slows
    would = np.sqrt(push * push + across2 * slow * slow)
    moved = min(max(push * slow / (slow * (inertia + slows) + drag * would), -cap), cap)
    moved = moved if depth > DRY else np.float32(0)
    return moved, abs(moved) * sixth


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _over(moved: Any, near: Any, far: Any, bed: Any, beyond: Any, crest: Any) -> Any:
    """No more than a weir lets pass where something stands on a face."""
    head = max(max(near + bed, far + beyond) - crest, np.float32(0))
    cap = WEIR * head * np.sqrt(head)
    return min(max(moved, -cap), cap) if crest > max(bed, beyond) else moved


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def faces(
    q: Array32,
    before: Array32,
    after: Array32,
    a: Array32,
    b: Array32,
    c: Array32,
    d: Array32,
    near: Array32,
    far: Array32,
    bed: Array32,
    beyond: Array32,
    rough: Array32,
    rougher: Array32,
    out: Array32,
    fast: Array32,
    dt: np.float32,
    ratio: np.float32,
    theta: np.float32,
) -> None:
    """A row of faces; `a` to `d` is the discharge across, around each; `fast` is raised to their speed."""
    quarter, none = np.float32(0.25), np.float32(0)
    for j in range(len(out)):
        across = quarter * (a[j] + b[j] + (c[j] + d[j]))
        rise = beyond[j] - bed[j]
        out[j], speed = _face(
            q[j], before[j], after[j], across, near[j], far[j], rise, max(rise, none),
            rough[j] + rougher[j], dt, ratio, theta,
        )  # fmt: skip
        fast[j] = max(fast[j], speed)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def faces_under(
    crests: Array32,
    q: Array32,
    before: Array32,
    after: Array32,
    a: Array32,
    b: Array32,
    c: Array32,
    d: Array32,
    near: Array32,
    far: Array32,
    bed: Array32,
    beyond: Array32,
    rough: Array32,
    rougher: Array32,
    out: Array32,
    fast: Array32,
    dt: np.float32,
    ratio: np.float32,
    theta: np.float32,
) -> None:
    """A row of faces on which something may stand; as `faces`."""
    quarter, none = np.float32(0.25), np.float32(0)
    for j in range(len(out)):
        across = quarter * (a[j] + b[j] + (c[j] + d[j]))
        rise = beyond[j] - bed[j]
        crest = max(max(rise, none), crests[j] - bed[j])
        moved, speed = _face(
            q[j], before[j], after[j], across, near[j], far[j], rise, crest,
            rough[j] + rougher[j], dt, ratio, theta,
        )  # fmt: skip
        out[j] = _over(moved, near[j], far[j], bed[j], beyond[j], crests[j])
        fast[j] = max(fast[j], speed)

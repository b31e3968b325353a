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

import numpy as np
from numba import njit

from layers.hazards.inundation.arithmetic import FAST, inverse_cube_root, larger, size, smaller, with_sign
from layers.hazards.inundation.rows import Row, apart

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


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def faces(
    n: int,
    near: Row,
    far: Row,
    bed: Row,
    beyond: Row,
    crests: Row | None,
    rough: Row,
    rougher: Row,
    q: Row,
    before: Row,
    after: Row,
    a: Row,
    b: Row,
    c: Row,
    d: Row,
    out: Row,
    dt: np.float32,
    ratio: np.float32,
    theta: np.float32,
) -> np.float32:
    """New discharge of a row of faces; returns their greatest velocity.

    Parameters
    ----------
    n : int
        How many faces.
    near, far, bed, beyond : rows of float32
        Depths and beds on both sides of each face, m.
    crests : row of float32, or None
        Levels of what stands on the faces, m.
    rough, rougher : rows of float32
        n² of both sides.
    q, before, after : rows of float32
        Discharge of each face, and of the faces behind and ahead of it, m²/s.
    a, b, c, d : rows of float32
        The discharge across, around each face.
    out : row of float32
        Out: m²/s, at most what passes at the critical depth or over a weir.
    dt, ratio : float32
        Δt; Δt / Δx.
    theta : float32
        Weight of a face's own discharge.
    """
    apart()
    none, one, quarter, fastest = np.float32(0), np.float32(1), np.float32(0.25), np.float32(0)
    side, fall = np.float32(0.5) * (one - theta), GRAVITY * ratio
    factor = np.float32(0.25) * GRAVITY * dt
    for j in range(n):
        rise = beyond[j] - bed[j]
        crest = larger(rise, none)
        if crests is not None:
            crest = larger(crest, crests[j] - bed[j])
        beside = far[j] + rise
        drop = beside - near[j]
        over = larger(larger(near[j], beside) - crest, DRY)
        lower = smaller(near[j] if drop > none else far[j], over + over) - over
        deep = over + DEEPER * lower + (SHALLOWER - DEEPER) * smaller(lower, none)
        thin = one / deep
        resists = factor * (rough[j] + rougher[j]) * (thin * thin) * inverse_cube_root(deep)
        cap = _ROOT_G * deep * np.sqrt(deep) if over > DRY else none
        if crests is not None:
            stands = crests[j] > max(bed[j], beyond[j])
            head = larger(max(near[j] + bed[j], far[j] + beyond[j]) - crests[j], none)
            cap = smaller(cap, WEIR * head * np.sqrt(head)) if stands else cap
        drop = with_sign(larger(size(drop) - ROUNDING * (near[j] + far[j]), none), drop)
        along = q[j]
        across = quarter * (a[j] + b[j] + (c[j] + d[j]))
        speed = along * thin
        fading = (one + _FADING * _SLOW) - (_FADING / GRAVITY) * (speed * speed * thin)
        inertia = smaller(larger(fading, _LEAST), one)
        push = inertia * (theta * along + side * (before[j] + after[j])) - fall * (deep * drop)
        across2 = across * across
        slows = resists * np.sqrt(along * along + across2)
        slow = inertia + slows
        slower = slow + slows
        would = np.sqrt(push * push + across2 * (slower * slower))
        moved = smaller(size(push * slower / (slower * slow + resists * would)), cap)
        out[j] = with_sign(moved, push)
        fastest = larger(fastest, moved * thin)
    return fastest

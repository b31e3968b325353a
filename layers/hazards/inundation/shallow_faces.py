"""What passes a face in the shallow-water scheme: states on both sides, and the flux between them.

Depth, level and velocity are reconstructed linearly in each cell (MUSCL, monotonised central limiter); bed
steps and wet/dry fronts by hydrostatic reconstruction (Audusse et al. 2004, eqs 2.9-2.16, and the centred
source of the second order); the flux between two states is HLLC (Toro 2001, §10.4).
"""

import numpy as np
from numba import njit

from layers.hazards.inundation.arithmetic import FAST

GRAVITY = 9.80665
WALL = 1e8  # m: a bed above is closed
_THIN = 1e-3  # m: beside thinner water velocity is taken as constant in a cell
_STEEP = 8.0  # a film is where the level falls over a cell by more of its depths: it thins by half at most
_HELD = 0.25  # of the depth that passes between level cells: where slopes leave less, they are not taken
_WEIR = 1.705  # m^½/s, broad-crested weir in SI units


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _slope(before: float, here: float, after: float) -> float:
    """Difference over a cell by the monotonised central limiter."""
    back, ahead = here - before, after - here
    least = min(2.0 * min(abs(back), abs(ahead)), 0.5 * abs(back + ahead))
    signed = least if ahead > 0.0 else -least
    return signed if back * ahead > 0.0 else 0.0


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _is_foot(h0: float, z0: float, h1: float, z1: float, h2: float, z2: float) -> bool:
    """Whether water falls into the middle one of three cells from a bed above its level, down a step.

    A slope of level and depth across the fall says nothing of the cell: it would hold the water back where it
    has to run on, over level ground that is still dry. On an even slope the bed goes on falling.
    """
    left, right = z0 - z1, z2 - z1
    from_left = (h0 > _THIN) & (left > h1) & (left > -4.0 * right)
    from_right = (h2 > _THIN) & (right > h1) & (right > -4.0 * left)
    return from_left | from_right


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _hllc(hl: float, ul: float, vl: float, hr: float, ur: float, vr: float) -> tuple[float, float, float]:
    """Flux of volume, of momentum along and of momentum across a face."""
    cl, cr = np.sqrt(GRAVITY * hl), np.sqrt(GRAVITY * hr)
    u, c = 0.5 * (ul + ur) + cl - cr, 0.5 * (cl + cr) + 0.25 * (ul - ur)
    left, right = min(ul - cl, u - c), max(ur + cr, u + c)
    left = ur - 2.0 * cr if hl <= 0.0 else left
    right = ul + 2.0 * cl if hr <= 0.0 else right
    left = ul - cl if hr <= 0.0 else left
    right = ur + cr if hl <= 0.0 else right
    left, right = min(left, 0.0), max(right, 0.0)
    width = right - left
    inverse = 1.0 / max(width, 1e-30)
    ql, qr = hl * ul, hr * ur
    half = 0.5 * GRAVITY
    volume = (right * ql - left * qr + left * right * (hr - hl)) * inverse
    along = (
        right * (ql * ul + half * hl * hl) - left * (qr * ur + half * hr * hr) + left * right * (qr - ql)
    ) * inverse
    return volume, along, volume * (vl if volume > 0.0 else vr)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _over(bed: float, el: float, hl: float, er: float, hr: float) -> tuple[float, float]:
    """Depths over the bed of a face, of the water on both sides."""
    return max(min(el - bed, hl), 0.0), max(min(er - bed, hr), 0.0)


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def face(
    h0: float,
    z0: float,
    u0: float,
    v0: float,
    h1: float,
    z1: float,
    u1: float,
    v1: float,
    h2: float,
    z2: float,
    u2: float,
    v2: float,
    h3: float,
    z3: float,
    u3: float,
    v3: float,
    before: float,
    crest: float,
    after: float,
) -> tuple[float, float, float, float, float]:
    """What passes between the second and the third of four cells in a row.

    `before`, `crest` and `after` are levels of what stands between the cells: no slope looks across, and no
    more passes than a broad-crested weir lets. Slopes that change so fast that a bed of one cell stands in
    the way of the water of the other are not taken: they would hold back what its own slope pushes on and on.
    Returns the flux of volume; the flux of momentum along, as the near and as the far cell feel it; that of
    momentum across; and the pull of the bed in the near cell.
    """
    near, far = z1 > WALL, z2 > WALL
    h3, z3, u3, v3 = (h0 if far else h3), (z0 if far else z3), (-u0 if far else u3), (v0 if far else v3)
    h2, z2, u2, v2 = (h1 if far else h2), (z1 if far else z2), (-u1 if far else u2), (v1 if far else v2)
    h0, z0, u0, v0 = (h3 if near else h0), (z3 if near else z0), (-u3 if near else u0), (v3 if near else v0)
    h1, z1, u1, v1 = (h2 if near else h1), (z2 if near else z1), (-u2 if near else u1), (v2 if near else v1)
    first, last = z0 > WALL, z3 > WALL
    h0, z0, u0, v0 = (
        (h1 if first else h0),
        (z1 if first else z0),
        (u1 if first else u0),
        (v1 if first else v0),
    )
    h3, z3, u3, v3 = (h2 if last else h3), (z2 if last else z3), (u2 if last else u3), (v2 if last else v3)
    e1, e2 = h1 + z1, h2 + z2
    stands = crest > max(z1, z2)
    free1 = not (stands | (before > max(z0, z1)) | _is_foot(h0, z0, h1, z1, h2, z2))
    free2 = not (stands | (after > max(z2, z3)) | _is_foot(h1, z1, h2, z2, h3, z3))
    deep1 = free1 & (min(min(h0, h1), h2) > _THIN)
    deep2 = free2 & (min(min(h1, h2), h3) > _THIN)
    dh1, dh2 = _slope(h0, h1, h2) if free1 else 0.0, _slope(h1, h2, h3) if free2 else 0.0
    de1 = _slope(h0 + z0, e1, e2) if free1 else 0.0
    de2 = _slope(e1, e2, h3 + z3) if free2 else 0.0
    dh1 = max(min(dh1, h1), -h1) if abs(de1) > _STEEP * h1 else dh1
    dh2 = max(min(dh2, h2), -h2) if abs(de2) > _STEEP * h2 else dh2
    hl, hr = h1 + 0.5 * dh1, h2 - 0.5 * dh2
    el, er = e1 + 0.5 * de1, e2 - 0.5 * de2
    ul, vl = (
        u1 + (0.5 * _slope(u0, u1, u2) if deep1 else 0.0),
        v1 + (0.5 * _slope(v0, v1, v2) if deep1 else 0.0),
    )
    ur, vr = (
        u2 - (0.5 * _slope(u1, u2, u3) if deep2 else 0.0),
        v2 - (0.5 * _slope(v1, v2, v3) if deep2 else 0.0),
    )
    a, b = _over(max(max(el - hl, er - hr), crest), el, hl, er, hr)
    a1, b1 = _over(max(max(z1, z2), crest), e1, h1, e2, h2)
    held = (a if e1 > e2 else b) < _HELD * (a1 if e1 > e2 else b1)
    el, er = (e1 if held else el), (e2 if held else er)
    bed = max(max(el - hl, er - hr), crest)
    a, b = _over(bed, el, hl, er, hr)
    volume, along, across = _hllc(a, ul, vl, b, ur, vr)
    half, over = 0.5 * GRAVITY, max(a, b)
    share = min(_WEIR * over * np.sqrt(over) / max(abs(volume), 1e-30), 1.0) if stands else 1.0
    return (
        share * volume,
        half * hl * hl + share * (along - half * a * a),
        half * hr * hr + share * (along - half * b * b),
        share * across,
        GRAVITY * h1 * (de1 - dh1),
    )

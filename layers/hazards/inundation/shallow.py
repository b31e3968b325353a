"""Kernels of the shallow-water scheme: second-order well-balanced finite volumes in float64.

What passes a face is in `shallow_faces`. Time goes by Heun's method, which is strong-stability preserving;
friction is solved implicitly at the end of the step, so that a steady flow balances exactly and films that
friction governs follow their depth at once; what is left of a film that drains gains no speed beyond the
energy around it.

Depth `h` and velocities `u` (eastward), `v` (southward) stand in the cells. A closed cell is a mirror.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.hazards.inundation.arithmetic import FAST, inverse_cube_root_64
from layers.hazards.inundation.shallow_faces import GRAVITY, WALL, face
from layers.hazards.inundation.sides import edge_cell, side_length
from layers.hazards.inundation.tiles import widen_wet_row, widest

Array = NDArray[np.float64]
State = tuple[Array, Array, Array]
Crests = tuple[Array, Array]
Tiles = NDArray[np.int64]

_DRY = 1e-6  # m: below, velocity fades out
_FILM = 1e-9  # m: below, water stands still


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _faces(
    h0: Array,
    h1: Array,
    h2: Array,
    h3: Array,
    z0: Array,
    z1: Array,
    z2: Array,
    z3: Array,
    u0: Array,
    u1: Array,
    u2: Array,
    u3: Array,
    v0: Array,
    v1: Array,
    v2: Array,
    v3: Array,
    before: Array,
    crest: Array,
    after: Array,
    o0: Array,
    o1: Array,
    o2: Array,
    o3: Array,
    o4: Array,
) -> None:
    """`face` along four rows of cells; the answers go to five rows that overlap nothing."""
    for j in range(len(o0)):
        o0[j], o1[j], o2[j], o3[j], o4[j] = face(
            h0[j], z0[j], u0[j], v0[j], h1[j], z1[j], u1[j], v1[j],
            h2[j], z2[j], u2[j], v2[j], h3[j], z3[j], u3[j], v3[j], before[j], crest[j], after[j],
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _levels(crests: Array, i: int, j: int, n: int) -> Array:
    """A part of a row of levels; of the only row, where nothing stands anywhere."""
    return crests[i, j : j + n] if crests.shape[0] > 1 else crests[0, :n]


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _faces_across(
    h: Array, z: Array, u: Array, v: Array, i: int, west: int, n: int, crests: Array, out: Array
) -> None:
    """The south faces of the cells of row i, from column `west` on."""
    east = west + n
    _faces(
        h[i - 1, west:east], h[i, west:east], h[i + 1, west:east], h[i + 2, west:east],
        z[i - 1, west:east], z[i, west:east], z[i + 1, west:east], z[i + 2, west:east],
        v[i - 1, west:east], v[i, west:east], v[i + 1, west:east], v[i + 2, west:east],
        u[i - 1, west:east], u[i, west:east], u[i + 1, west:east], u[i + 2, west:east],
        _levels(crests, i, west, n), _levels(crests, i + 1, west, n), _levels(crests, i + 2, west, n),
        out[0, :n], out[1, :n], out[2, :n], out[3, :n], out[4, :n],
    )  # fmt: skip


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _faces_along(
    h: Array, z: Array, u: Array, v: Array, i: int, west: int, n: int, crests: Array, out: Array
) -> None:
    """The west faces of the cells of row i from column `west` on, and the last east face: n + 1."""
    a, b = west - 2, west + n - 1
    hs, zs, us, vs = h[i], z[i], u[i], v[i]
    m = n + 1
    _faces(
        hs[a:b], hs[a + 1 : b + 1], hs[a + 2 : b + 2], hs[a + 3 : b + 3],
        zs[a:b], zs[a + 1 : b + 1], zs[a + 2 : b + 2], zs[a + 3 : b + 3],
        us[a:b], us[a + 1 : b + 1], us[a + 2 : b + 2], us[a + 3 : b + 3],
        vs[a:b], vs[a + 1 : b + 1], vs[a + 2 : b + 2], vs[a + 3 : b + 3],
        _levels(crests, i, west - 1, m), _levels(crests, i, west, m), _levels(crests, i, west + 1, m),
        out[0, :m], out[1, :m], out[2, :m], out[3, :m], out[4, :m],
    )  # fmt: skip


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _drag(u: float, v: float, depth: float, friction: float, dt: float) -> float:
    """What friction took of a velocity in a step, as a share of what it left."""
    root = inverse_cube_root_64(max(depth, 1e-12))
    taken: float = dt * GRAVITY * friction * np.sqrt(u * u + v * v) * root * root * root * root
    return taken


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _slowed(momentum: float, across: float, depth: float, friction: float, dt: float) -> float:
    """Velocity by momentum after a step of friction: q' + Δt g n² |q'| q' / h^(7/3) = q is solved."""
    deep = max(depth, 1e-12)
    root = inverse_cube_root_64(deep)
    speed = np.sqrt(momentum * momentum + across * across)
    drag = dt * GRAVITY * friction * speed * root * root * root * root / deep
    fade = 2.0 * deep / (deep * deep + max(deep * deep, _DRY * _DRY))
    slowed = fade * 2.0 / (1.0 + np.sqrt(1.0 + 4.0 * drag))
    return slowed if depth > _FILM else 0.0


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _renew(
    hs: Array,
    us: Array,
    vs: Array,
    bed: Array,
    ho: Array,
    uo: Array,
    vo: Array,
    rough: Array,
    x0: Array,
    x1: Array,
    x2: Array,
    x3: Array,
    x4: Array,
    n0: Array,
    n2: Array,
    n3: Array,
    s0: Array,
    s1: Array,
    s3: Array,
    s4: Array,
    ratio: float,
    gain: float,
    keep: float,
    dt: float,
    hn: Array,
    un: Array,
    vn: Array,
    least: Array,
) -> None:
    """New depth and velocity of a row of cells from what passed their faces.

    Friction acts on the whole of the step, at its end: in the second stage what it took in the first is given
    back before. A mean of two stages that were slowed one by one would still be half as fast as before the
    step where friction is quick, and that lag lets waves down a slope grow.
    """
    fresh = 1.0 - keep
    for j in range(len(hn)):
        depth = hs[j] - ratio * (x0[j + 1] - x0[j] + s0[j] - n0[j]) + (gain if bed[j] < WALL else 0.0)
        least[j] = min(least[j], depth)
        deep = keep * ho[j] + fresh * max(depth, 0.0)
        undone = 1.0 + _drag(us[j], vs[j], hs[j], rough[j], dt) if keep > 0.0 else 1.0
        pushed = hs[j] * undone * us[j] - ratio * (x1[j + 1] - x2[j] + s3[j] - n3[j] + x4[j + 1])
        turned = hs[j] * undone * vs[j] - ratio * (s1[j] - n2[j] + x3[j + 1] - x3[j] + s4[j])
        along = keep * ho[j] * uo[j] + fresh * pushed
        across = keep * ho[j] * vo[j] + fresh * turned
        slowed = _slowed(along, across, deep, rough[j], dt)
        hn[j], un[j], vn[j] = deep, slowed * along, slowed * across


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _energy(h: Array, u: Array, v: Array, z: Array, steady: Array, carried: Array) -> None:
    """|u|² + 2 g (h + z) and (|u| + 2 √(g h))² + 2 g z along a row; of a wall nothing."""
    for j in range(len(h)):
        swift, deep = u[j] * u[j] + v[j] * v[j], 2.0 * GRAVITY * h[j]
        flows, bed = z[j] < WALL, 2.0 * GRAVITY * z[j]
        steady[j] = swift + deep + bed if flows else -WALL
        carried[j] = swift + 2.0 * deep + np.sqrt(8.0 * swift * deep) + bed if flows else -WALL


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _energy_along(state: State, z: Array, i: int, west: int, n: int, out: Array) -> None:
    """Both energies in row i, from the cell before column `west` to the one after the last of n."""
    h, u, v = state
    a, b = west - 1, west + n + 1
    _energy(h[i, a:b], u[i, a:b], v[i, a:b], z[i, a:b], out[0], out[1])


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def _most(north: Array, here: Array, south: Array, j: int) -> float:
    """The most of a cell and the four beside; `j` counts from the cell in the west."""
    most: float = max(max(max(here[j], here[j + 2]), max(north[j + 1], south[j + 1])), here[j + 1])
    return most


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def _hold(h: Array, u: Array, v: Array, z: Array, north: Array, here: Array, south: Array) -> None:
    """Slow fast water to what the energy before the step, in its cell and in the four beside, allows.

    In steady flow |u|² / 2 + g (h + z) is kept (Bernoulli); else |u| + 2 √(g h) is what a characteristic
    carries (Toro 2001, §3.3), to which gravity adds no more than the fall of the bed, and none comes from
    farther than the next cell. What is left of a film that drains would gain speed as long as there is any.
    Water slower than its waves is let be.
    """
    for j in range(len(h)):
        bed, deep = 2.0 * GRAVITY * z[j], 2.0 * GRAVITY * h[j]
        steady = _most(north[0], here[0], south[0], j) - bed - deep
        carried = np.sqrt(max(_most(north[1], here[1], south[1], j) - bed, 0.0)) - np.sqrt(2.0 * deep)
        limit = max(max(steady, 0.5 * deep), max(carried, 0.0) ** 2)
        share = np.sqrt(min(limit / max(u[j] * u[j] + v[j] * v[j], 1e-30), 1.0))
        u[j], v[j] = share * u[j], share * v[j]


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")  # type: ignore[untyped-decorator]
def advance(
    tiles: Tiles,
    numbers: Tiles,
    old: State,
    now: State,
    new: State,
    z: Array,
    friction: Array,
    dt: float,
    cell: float,
    gain: float,
    keep: float,
    crests: Crests | None,
    highest: Array,
    lowest: Array,
    fastest: Array,
    wet: Tiles,
) -> None:
    """One stage: new = keep · old + (1 - keep) · (now + Δt · change of now).

    Parameters
    ----------
    tiles : ndarray of int64, shape (n, 4)
        First row, last row + 1, first column, last column + 1.
    numbers : ndarray of int64, shape (n,)
        Of the tiles, in `highest`, `lowest`, `fastest`.
    old, now, new : tuple of three ndarrays of float64, shape (rows + 4, columns + 4)
        h, u, v; `new` is written.
    z : ndarray of float64, shape (rows + 4, columns + 4)
        Bed; above 1e8 closed.
    friction : ndarray of float64, shape (1 or rows + 4, columns + 4)
        n² of Manning.
    dt, cell : float
    gain : float
        Rain of the step, m.
    keep : float
        0 in the first stage, ½ in the second.
    crests : tuple of two ndarrays of float64, or None
        Levels of what stands on west and north faces.
    highest, lowest, fastest : ndarray of float64, shape (all tiles,)
        Out: greatest and least depth, greatest speed of a wave.
    wet : ndarray of int64, shape (all tiles, 4)
        Out: the box of the wet cells.
    """
    h, u, v = now
    h_old, u_old, v_old = old
    h_new, u_new, v_new = new
    varied = 1 if friction.shape[0] > 1 else 0
    ratio = dt / cell
    width = widest(tiles)
    x, north, south = np.empty((5, width + 1)), np.empty((5, width)), np.empty((5, width))
    energy = np.empty((3, 2, width + 2))
    least, none = np.zeros(width), np.full((1, width + 1), -WALL)
    stands, lies = (none, none) if crests is None else crests
    for k in range(tiles.shape[0]):
        first, last, west, east = tiles[k]
        n = east - west
        wet[numbers[k]], fast, deepest = 0, 0.0, 0.0
        least[:n] = 0.0
        _faces_across(h, z, u, v, first - 1, west, n, lies, north)
        above, here, below = energy[0], energy[1], energy[2]
        if keep > 0.0:
            _energy_along(old, z, first - 1, west, n, above)
            _energy_along(old, z, first, west, n, here)
        for i in range(first, last):
            _faces_along(h, z, u, v, i, west, n, stands, x)
            _faces_across(h, z, u, v, i, west, n, lies, south)
            hs, us, vs, bed = h[i, west:east], u[i, west:east], v[i, west:east], z[i, west:east]
            ho, uo, vo = h_old[i, west:east], u_old[i, west:east], v_old[i, west:east]
            hn, un, vn = h_new[i, west:east], u_new[i, west:east], v_new[i, west:east]
            rough = friction[i * varied, west:east]
            _renew(
                hs, us, vs, bed, ho, uo, vo, rough, x[0], x[1], x[2], x[3], x[4], north[0], north[2],
                north[3], south[0], south[1], south[3], south[4], ratio, gain, keep, dt, hn, un, vn, least,
            )  # fmt: skip
            if keep > 0.0:
                _energy_along(old, z, i + 1, west, n, below)
                _hold(hn, un, vn, bed, above, here, below)
                above, here, below = here, below, above
            deep = 0.0
            for j in range(n):
                deep = max(deep, hn[j])
                wave = max(abs(un[j]), abs(vn[j])) + np.sqrt(GRAVITY * hn[j])
                fast = max(fast, wave)
            if deep > 0.0:
                widen_wet_row(wet, numbers[k], i, west, n, hn)
            deepest = max(deepest, deep)
            north, south = south, north
        highest[numbers[k]], lowest[numbers[k]], fastest[numbers[k]] = deepest, least[:n].min(), fast


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def leaves(side: int, h: Array, u: Array, v: Array, z: Array) -> float:
    """Outward discharge through a side whose rim is filled, summed over its faces, m²/s."""
    total = 0.0
    for k in range(side_length(side, h.shape)):
        row, column, down, right = edge_cell(side, k, h.shape)
        if z[row, column] > WALL:
            continue
        a, b = row - down, column - right
        c, d, e, f = row + down, column + right, row + 2 * down, column + 2 * right
        s = right if side < 2 else down
        along, across = (u, v) if side < 2 else (v, u)
        total += face(
            h[a, b], z[a, b], s * along[a, b], across[a, b],
            h[row, column], z[row, column], s * along[row, column], across[row, column],
            h[c, d], z[c, d], s * along[c, d], across[c, d],
            h[e, f], z[e, f], s * along[e, f], across[e, f], -WALL, -WALL, -WALL,
        )[0]  # fmt: skip
    return total

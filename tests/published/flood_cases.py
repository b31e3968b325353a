"""Published cases of moving water: what is given to a run, and what it should answer.

Used by the tests here and by ``docs/validation/make.py``, which draws them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.grid import Grid, Lattice
from layers.hazards.inundation import Course, Gauge, Inflow, Inundation, Rain, Scenario, Side, simulate

HERE = Path(__file__).parent
G = 9.80665
SHALLOW, INERTIAL = "shallow-water", "local-inertial"


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / f"flood_{name}.csv", comment="#")


def grid(values: Any, cell: float, west: float = 0.0) -> Grid:
    array = np.asarray(values, float)
    rows, columns = array.shape
    return Grid(array, Lattice(west, rows * cell, cell, rows, columns, ""), "m")


def channel(profile: Any, cell: float, rows: int = 3, west: float = 0.0) -> Grid:
    return grid(np.tile(profile, (rows, 1)), cell, west)


def centres(terrain: Grid) -> Any:
    lattice = terrain.lattice
    return lattice.west + (np.arange(lattice.columns) + 0.5) * lattice.cell


def middle(found: Inundation, name: str) -> Any:
    values = found.grids[name]
    return values[values.shape[0] // 2].astype(float)


def nonbreaking_wave(speed: float, scheme: str, cell: float) -> dict[float, tuple[Any, Any, Any, Inundation]]:
    """By time: x, depth found, depth expected at the centres of cells, and the run."""
    rows = table("nonbreaking_wave")
    rows = rows[rows["u_m_s"] == speed]
    n, times = float(rows["manning_n"].iloc[0]), sorted(set(rows["t_s"].astype(float)))
    factor = 7 / 3 * n**2 * speed**2
    t = np.linspace(0, times[-1], 2001)
    level = Side("level", Course(t, (factor * speed * t) ** (3 / 7)))
    terrain = channel(np.zeros(int(4000 / cell)), cell)
    found = simulate(
        Scenario(terrain, n, times[-1], sides={"west": level}, times=tuple(times), scheme=scheme, threads=1)
    )
    x = centres(terrain)
    return {
        time: (
            x,
            middle(found, f"depth@{time:g}"),
            (factor * np.maximum(speed * time - x, 0)) ** (3 / 7),
            found,
        )
        for time in times
    }


def rain_on_a_plane(scheme: str, cell: float, side: Side) -> tuple[pd.DataFrame, Any, Inundation]:
    """Expected rows ``t_s, q_m2_s``; discharge found at the foot; the run."""
    expected = table("rain_plane")
    terrain = channel(-0.01 * (np.arange(int(400 / cell)) + 0.5) * cell, cell)
    foot = Gauge("foot", 400 - cell / 2, 1.5 * cell)
    rain = Rain(np.array([0.0, 2700.0]), np.array([50 / 3.6e6, 0.0]))
    found = simulate(
        Scenario(
            terrain, 0.025, 5400.0, rain=rain, sides={"east": side}, gauges=(foot,), gauge_interval=60.0,
            scheme=scheme, threads=1,
        )
    )  # fmt: skip
    rows = found.gauges.iloc[1:]
    return expected, (rows["depth_m"] * rows["speed_m_s"]).to_numpy(), found


def dam_break(name: str, below: float, cell: float = 1.0) -> tuple[Any, Any, Any, Inundation]:
    """x, depth found and expected 20 s after 10 m of water are let go over `below`."""
    rows = table(name)
    terrain = channel(np.zeros(int(1000 / cell)), cell, west=-500.0)
    x = centres(terrain)
    depth = terrain.like(np.tile(np.where(x < 0, 10.0, below), (3, 1)))
    found = simulate(Scenario(terrain, 0.0, 20.0, initial=depth, scheme=SHALLOW, threads=1))
    return x, middle(found, "depth_final"), np.interp(x, rows["x"], rows["h"]), found


def thacker(cells: int, periods: float = 3.0) -> tuple[Any, Any, Any, Any, Inundation]:
    """Radius, bed, depth found and depth expected in a paraboloid in which water swings in and out."""
    reach, deep, start = 1.0, 0.1, 0.8
    cell = 4.0 / cells
    x = (np.arange(cells) + 0.5) * cell - 2.0
    r2 = x[None, :] ** 2 + x[:, None] ** 2
    bed = -deep * (1 - r2 / reach**2)
    swing = (reach**2 - start**2) / (reach**2 + start**2)
    omega = np.sqrt(8 * G * deep) / reach

    def depth(t: float) -> Any:
        w = 1 - swing * np.cos(omega * t)
        return np.maximum(deep * (np.sqrt(1 - swing**2) / w - r2 / reach**2 * (1 - swing**2) / w**2), 0.0)

    end = periods * 2 * np.pi / omega
    terrain = grid(bed, cell)
    found = simulate(Scenario(terrain, 0.0, end, initial=terrain.like(depth(0.0)), scheme=SHALLOW, threads=1))
    return np.sqrt(r2), bed, found.grids["depth_final"].astype(float), depth(end), found


def steady(
    bed: Any, cell: float, discharge: float, depth: Any, n: float, end: float, outflow: Side
) -> Inundation:
    """A channel that takes `discharge` m²/s at its west end until it runs steadily."""
    terrain = channel(bed, cell)
    y = [(row + 0.5) * cell for row in range(3)]
    course = Course(np.zeros(1), np.array([discharge * cell]))
    inflows = tuple(Inflow(f"row {k}", cell / 2, y[k], course) for k in range(3))
    gauges = tuple(
        Gauge(str(k), (k + 0.5) * cell, 1.5 * cell) for k in range(0, len(bed), max(len(bed) // 50, 1))
    )
    return simulate(
        Scenario(
            terrain, n, end, initial=terrain.like(np.tile(depth, (3, 1))), inflows=inflows,
            sides={"east": outflow}, gauges=gauges, gauge_interval=end, scheme=SHALLOW, threads=1,
        )
    )  # fmt: skip


def macdonald(cell: float = 5.0) -> tuple[Any, Any, Any, Any, Inundation]:
    """x, bed, depth found and expected: subcritical flow in a long channel with friction."""
    discharge, n, length = 2.0, 0.033, 1000.0

    def depth(x: Any) -> Any:
        return (4 / G) ** (1 / 3) * (1 + 0.5 * np.exp(-16 * (x / length - 0.5) ** 2))

    fine = np.linspace(0, length, 200_001)
    h = depth(fine)
    slope = (discharge**2 / (G * h**3) - 1) * np.gradient(h, fine) - n**2 * discharge**2 / h ** (10 / 3)
    heights = np.concatenate([[0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(fine))])
    heights -= heights[-1]
    x = (np.arange(int(length / cell)) + 0.5) * cell
    bed = np.interp(x, fine, heights)
    level = Side("level", Course(np.zeros(1), np.array([float(depth(length))])))
    found = steady(bed, cell, discharge, depth(x), n, 3000.0, level)
    return x, bed, middle(found, "depth_final"), depth(x), found


BUMPS = {"subcritical": (4.42, 2.0), "transcritical": (1.53, 0.66), "shock": (0.18, 0.33)}
"""Discharge m²/s; depth at the foot, m, imposed where the flow is subcritical (Goutal & Maurel 1997)."""


def bump(kind: str, cell: float = 0.125, end: float = 200.0) -> tuple[Any, Any, Any, Any, Inundation]:
    """x, bed, depth found and expected over a bump of 0.2 m in a channel of 25 m without friction."""
    discharge, foot = BUMPS[kind]
    x = (np.arange(int(25 / cell)) + 0.5) * cell
    bed = np.maximum(0.2 - 0.05 * (x - 10) ** 2, 0.0)
    outflow = Side("level", Course(np.zeros(1), np.array([foot])))
    found = steady(bed, cell, discharge, np.maximum(foot - bed, 0.0), 0.0, end, outflow)
    return x, bed, middle(found, "depth_final"), bump_depth(kind, x, bed), found


def bump_depth(kind: str, x: Any, bed: Any) -> Any:
    """The exact steady depth over the bump: Bernoulli's cubic, and a jump where momentum says so."""
    discharge, foot = BUMPS[kind]
    critical = (discharge**2 / G) ** (1 / 3)
    if kind == "subcritical":
        head = discharge**2 / (2 * G * foot**2) + foot
        return np.array([_root(head - z, discharge, max) for z in bed])
    head = 1.5 * critical + 0.2
    slow = np.array([_root(head - z, discharge, max) for z in bed])
    fast = np.array([_root(head - z, discharge, min) for z in bed])
    flow = np.where(x < 10, slow, fast)
    if kind == "transcritical":
        return flow
    after = discharge**2 / (2 * G * foot**2) + foot
    tail = np.array([_root(after - z, discharge, max) for z in bed])
    jump = np.flatnonzero((x > 10) & (_thrust(tail, discharge) > _thrust(fast, discharge)))[0]
    return np.where(np.arange(len(x)) < jump, flow, tail)


def _thrust(depth: Any, discharge: float) -> Any:
    return discharge**2 / depth + 0.5 * G * depth**2


def _root(head: float, discharge: float, choose: Callable[..., float]) -> float:
    """Depth of a given head over the bed: the deeper or the shallower of the two roots."""
    roots = np.roots([1.0, -head, 0.0, discharge**2 / (2 * G)])
    real = [float(root.real) for root in roots if root.real > 1e-9 and abs(root.imag) < 1e-3]
    return choose(real) if real else float("nan")


def lake(scheme: str, hours: float = 1.0) -> tuple[Any, Any, Inundation]:
    """Level expected and depth found, as float64, of a lake with islands on rough ground."""
    rng = np.random.default_rng(7)
    rows, columns, cell = 48, 300, 10.0
    y, x = np.mgrid[0:rows, 0:columns]
    bed = 500 + 3 * np.sin(x / 9) * np.cos(y / 7) + rng.normal(0, 0.3, (rows, columns))
    bed[10:14, 40:60] = np.nan
    terrain = grid(bed, cell)
    level = float(np.nanmedian(bed))
    depth = np.maximum(level - bed, 0.0)
    found = simulate(
        Scenario(terrain, 0.03, hours * 3600, initial=terrain.like(depth), scheme=scheme, threads=2)
    )
    return depth, found.grids["depth_final"].astype(float), found

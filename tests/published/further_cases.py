"""Cases with known answers: other depths, sizes, slopes, levels and directions than the published ones.

Each takes what varies and returns what was found and what was expected, or figures of how they differ.
"""

from typing import Any

import numpy as np
from scipy.optimize import brentq

from layers.grid import Grid, Lattice
from layers.hazards.inundation import (
    Course,
    Gauge,
    Inflow,
    Levee,
    Rain,
    Scenario,
    Side,
    Structures,
    simulate,
)

G = 9.80665
SHALLOW, INERTIAL = "shallow-water", "local-inertial"
WAYS = ("east", "north", "west", "south")
"""Which way the water of a channel runs: so many quarter turns counter-clockwise."""


def placed(values: Any, cell: float, way: str = "east") -> Grid:
    """A channel that runs east in `values`, turned."""
    array = np.ascontiguousarray(np.rot90(np.asarray(values, float), WAYS.index(way)))
    rows, columns = array.shape
    return Grid(array, Lattice(0.0, rows * cell, cell, rows, columns, ""), "m")


def along(found: Any, name: str, way: str) -> Any:
    """The middle row of an answer, turned back."""
    values = np.rot90(found.grids[name], -WAYS.index(way)).astype(float)
    return values[values.shape[0] // 2]


def dam_depth(x: Any, time: float, high: float, low: float) -> Any:
    """Ritter 1892 over dry ground, Stoker 1957 over water; the dam at x = 0."""
    c = np.sqrt(G * high)
    if low == 0:
        return np.where(x < -c * time, high, np.where(x < 2 * c * time, (2 * c - x / time) ** 2 / (9 * G), 0))

    def excess(middle: float) -> float:
        fan = 2 * (c - np.sqrt(G * middle))
        return fan - (middle - low) * np.sqrt(G * (middle + low) / (2 * middle * low))

    middle = brentq(excess, low * 1.000001, high * 0.999999)
    speed = 2 * (c - np.sqrt(G * middle))
    front, foot = speed * middle / (middle - low), speed - np.sqrt(G * middle)
    fan = (2 * c - x / time) ** 2 / (9 * G)
    behind = np.where(x < foot * time, fan, np.where(x < front * time, middle, low))
    return np.where(x < -c * time, high, behind)


def dam_break(
    high: float, low: float, time: float, length: float, cell: float, way: str, datum: float
) -> tuple[Any, Any]:
    """Depths along the channel, found and expected."""
    x = (np.arange(round(length / cell)) + 0.5) * cell - length / 2
    bed = placed(np.full((3, len(x)), datum), cell, way)
    water = placed(np.tile(np.where(x < 0, high, low), (3, 1)), cell, way)
    found = simulate(Scenario(bed, 0.0, time, initial=water, scheme=SHALLOW, threads=1))
    return along(found, "depth_final", way), dam_depth(x, time, high, low)


def swing(reach: float, deep: float, amplitude: float, way: str, periods: float = 1.5) -> tuple[Any, Any]:
    """Water that swings from side to side in a parabola without friction (Thacker 1981, in one dimension)."""
    cell = 4 * reach / 200
    x = (np.arange(200) + 0.5) * cell - 2 * reach
    omega = np.sqrt(2 * G * deep) / reach
    end = periods * 2 * np.pi / omega

    def depth(time: float) -> Any:
        return np.maximum(deep * (1 - ((x - amplitude * np.cos(omega * time)) / reach) ** 2), 0.0)

    bed = placed(np.tile(deep * (x / reach) ** 2, (3, 1)), cell, way)
    water = placed(np.tile(depth(0.0), (3, 1)), cell, way)
    found = simulate(Scenario(bed, 0.0, end, initial=water, scheme=SHALLOW, threads=1))
    return along(found, "depth_final", way), depth(end)


def channel(discharge: float, n: float, cell: float, way: str, froude: str) -> tuple[Any, Any]:
    """MacDonald's kilometre, slow, fast, or from slow to fast: depths found, and those it was made for."""
    length, critical = 1000.0, (discharge**2 / G) ** (1 / 3)
    shapes = {
        "slow": lambda x: 1.15 + 0.4 * np.exp(-16 * (x / length - 0.5) ** 2),
        "fast": lambda x: 0.85 - 0.15 * np.exp(-36 * (x / length - 0.5) ** 2),
        "slow to fast": lambda x: 1 - np.tanh(3 * (x / length - 0.5)) / 3,
    }
    fine = np.linspace(0, length, 100_001)
    h = critical * shapes[froude](fine)
    fall = (discharge**2 / (G * h**3) - 1) * np.gradient(h, fine) - n**2 * discharge**2 / h ** (10 / 3)
    heights = np.concatenate([[0], np.cumsum(0.5 * (fall[1:] + fall[:-1]) * np.diff(fine))])
    x = (np.arange(round(length / cell)) + 0.5) * cell
    expected = critical * shapes[froude](x)
    bed = placed(np.tile(np.interp(x, fine, heights - heights[-1]), (3, 1)), cell, way)
    water = placed(np.tile(expected, (3, 1)), cell, way)
    first = np.zeros((3, len(x)))
    first[:, 0] = 1
    rows, columns = np.nonzero(placed(first, cell, way).values)
    course = Course(np.zeros(1), np.array([discharge * cell]))
    inflows = tuple(
        Inflow("in", (column + 0.5) * cell, bed.lattice.north - (row + 0.5) * cell, course)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    )
    level = Side("level", Course(np.zeros(1), np.array([float(h[-1])])))
    sides = {way: level if froude == "slow" else Side("open")}
    found = simulate(
        Scenario(bed, n, 2400.0, initial=water, inflows=inflows, sides=sides, scheme=SHALLOW, threads=1)
    )
    return along(found, "depth_final", way), expected


def overflow(head: float, drop: float, scheme: str) -> tuple[float, float]:
    """m²/s over a levee between 40 and 60 s, found, and by the weir's formula for the head that is there."""
    bed = placed(np.tile(np.where(np.arange(400) < 200, 100.0, 100.0 - drop), (3, 1)), 10.0)
    water = bed.like(np.where(np.arange(400) < 200, 2.0 + head, 0.0) * np.ones((3, 1)))
    levee = Levee("dyke", ((2000.0, -10.0), (2000.0, 40.0)), (102.0,))
    found = simulate(
        Scenario(
            bed, 0.03, 60.0, initial=water, structures=Structures((levee,)), times=(40.0,), scheme=scheme,
            threads=1,
        )
    )  # fmt: skip
    passed = [found.grids[name][1, 200:].sum(dtype=float) * 10 for name in ("depth@40", "depth_final")]
    left = float(found.grids["depth_final"][1, 199]) - 2.0
    return (passed[1] - passed[0]) / 20.0, 1.705 * left**1.5


def spreading(cell: float, scheme: str, half: float = 600.0) -> dict[str, list[float]]:
    """Seconds until 20 m³/s from a point on a plane (n 0.05) stand 1 cm deep 240 and 480 m away."""
    middle = int(half / cell)
    size = 2 * middle + 1
    plane = placed(np.zeros((size, size)), cell)
    centre = size / 2 * cell
    spring = Inflow("spring", centre, centre, Course(np.zeros(1), np.array([20.0])))
    found = simulate(Scenario(plane, 0.05, 4500.0, inflows=(spring,), scheme=scheme, threads=1))
    seconds = found.grids["arrival"].astype(float) * 3600
    k = np.arange(middle + 1)
    return {
        "axis": np.interp([240, 480], k * cell, seconds[middle, middle:]).tolist(),
        "diagonal": np.interp([240, 480], k * cell * 2**0.5, seconds[middle + k, middle + k]).tolist(),
    }


def spreading_in_rings(width: float = 2.5, reach: float = 800.0, end: float = 4500.0) -> list[float]:
    """As `spreading`, in rings of `width` around the point: local inertia in one dimension."""
    edges = np.arange(round(reach / width) + 1) * width
    areas, h, q = np.pi * np.diff(edges**2), np.zeros(len(edges) - 1), np.zeros(len(edges) - 2)
    arrival, time, source = np.full(len(h), np.nan), 0.0, edges[1:] <= 2 * width
    while time < end:
        step = min(0.35 * width / np.sqrt(G * max(h.max(), 0.02)), 2.0)
        deep = np.maximum(h[1:], h[:-1])
        wet = np.where(deep > 1e-5, deep, 1.0)
        moved = q - G * wet * step * np.diff(h) / width
        q = np.where(deep > 1e-5, moved / (1 + G * step * 0.05**2 * np.abs(q) / wet ** (7 / 3)), 0.0)
        through = np.concatenate([[0.0], 2 * np.pi * edges[1:-1] * q, [0.0]])
        h = np.maximum(h - step * np.diff(through) / areas, 0.0)
        h[source] += 20.0 * step / areas[source].sum()
        time += step
        arrival[(h >= 0.01) & np.isnan(arrival)] = time
    return np.interp([240, 480], 0.5 * (edges[1:] + edges[:-1]), arrival).tolist()


def wave(speed: float, n: float, cell: float, end: float, way: str, scheme: str) -> tuple[Any, Any]:
    """The non-breaking wave over a plane, found and expected at the end."""
    x = (np.arange(int(np.ceil(speed * end * 1.2 / cell))) + 0.5) * cell
    factor, t = 7 / 3 * n**2 * speed**2, np.linspace(0, end, 1001)
    side = {"east": "west", "north": "south", "west": "east", "south": "north"}[way]
    level = Side("level", Course(t, (factor * speed * t) ** (3 / 7)))
    plane = placed(np.zeros((3, len(x))), cell, way)
    found = simulate(Scenario(plane, n, end, sides={side: level}, scheme=scheme, threads=1))
    return along(found, "depth_final", way), (factor * np.maximum(speed * end - x, 0)) ** (3 / 7)


def rain(slope: float, n: float, cell: float, length: float, scheme: str) -> tuple[Any, Any]:
    """Discharge at the foot of a plane that runs full under 50 mm/h and empties, found and expected, m²/s."""
    fall, factor = 50 / 3.6e6, np.sqrt(slope) / n
    full = (length / (factor * fall ** (2 / 3))) ** 0.6
    stops = float(np.ceil(full * 1.3 / 60) * 60)
    x = (np.arange(round(length / cell)) + 0.5) * cell
    foot = Gauge("foot", length - cell / 2, 1.5 * cell)
    found = simulate(
        Scenario(
            placed(np.tile(-slope * x, (3, 1)), cell), n, 2 * stops,
            rain=Rain(np.array([0.0, stops]), np.array([fall, 0.0])), sides={"east": Side("open")},
            gauges=(foot,), gauge_interval=stops / 30, scheme=scheme, threads=1,
        )
    ).gauges.iloc[1:]  # fmt: skip
    times = found["time_h"].to_numpy() * 3600
    rising = np.minimum(factor * (fall * times) ** (5 / 3), fall * length)
    deepest = (fall * length / factor) ** 0.6

    def falling(after: float) -> float:
        """Discharge at the foot: the wave of its depth has run on since the rain stopped."""
        lacking = lambda h: length - factor * h ** (2 / 3) * (h / fall + 5 / 3 * after)  # noqa: E731
        return factor * brentq(lacking, 0, 1.01 * deepest) ** (5 / 3)

    recession = [falling(max(t - stops, 0.0)) for t in times]
    expected = np.where(times <= stops, rising, recession)
    return (found["depth_m"] * found["speed_m_s"]).to_numpy(), expected

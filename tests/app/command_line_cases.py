"""Cases with known answers as a stranger runs them: plain files through `riskatlas simulate flood`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import rasterio
from rasterio.transform import Affine
from scipy.integrate import solve_ivp

from app.cli import main

G = 9.80665
WEST, NORTH = 400000.0, 4200000.0
ROWS = 3  # of a channel


class Answer(NamedTuple):
    """The folder that was written, and its summary."""

    folder: Path
    summary: dict[str, Any]

    def grid(self, name: str) -> Any:
        """A raster, NaN where no data."""
        with rasterio.open(self.folder / f"{name}.tif") as file:
            return file.read(1).astype(float)

    @property
    def gauges(self) -> pd.DataFrame:
        """Rows of ``gauges.csv``."""
        return pd.read_csv(self.folder / "gauges.csv")

    @property
    def error(self) -> float:
        """Of the volume, by what came in."""
        return float(self.summary["mass"]["error_relative"])


def raster(path: Path, values: Any, cell: float) -> Path:
    """Heights, depths or roughness in a GeoTIFF."""
    array = np.asarray(values, float)
    with rasterio.open(
        path, "w", driver="GTiff", height=array.shape[0], width=array.shape[1], count=1, dtype="float64",
        crs="EPSG:4548", transform=Affine(cell, 0, WEST, 0, -cell, NORTH),
    ) as file:  # fmt: skip
        file.write(array, 1)
    return path


def rows(path: Path, names: str, values: Sequence[Sequence[object]]) -> Path:
    """A CSV."""
    pd.DataFrame(list(values), columns=names.split(",")).to_csv(path, index=False)
    return path


def run(folder: Path, bed: Any, cell: float, duration: float, scheme: str, *words: object) -> Answer:
    """One run; `words` are further options."""
    given = (
        "--dem",
        raster(folder / "dem.tif", bed, cell),
        "--duration",
        f"{duration:g}s",
        "--scheme",
        scheme,
    )
    whole = (*given, *words, "--threads", 1, "--out", folder / "out", "--language", "en")
    if main(["simulate", "flood", *map(str, whole)]):
        raise RuntimeError(folder)
    return Answer(folder / "out", json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8")))


def along(profile: Any) -> Any:
    """A channel of equal rows."""
    return np.tile(profile, (ROWS, 1))


def middles(length: float, cell: float) -> Any:
    """Of the cells of a channel, m from its west end."""
    return (np.arange(round(length / cell)) + 0.5) * cell


def discharge(folder: Path, flow: float, cell: float) -> Path:
    """`flow` m²/s into the west end of a channel."""
    values = [(f"row {k}", WEST + cell / 2, NORTH - (k + 0.5) * cell, 0, flow * cell) for k in range(ROWS)]
    return rows(folder / "inflow.csv", "name,x,y,time_h,m3_per_s", values)


def rain_on_a_plane(
    folder: Path, slope: float, n: float, rain: float, length: float, cell: float, scheme: str
) -> tuple[Any, Any, Any]:
    """Times by that of the plane running full, discharge at the foot, and by the kinematic wave, m²/s.

    Rain in mm/h falls until the plane has run full and for a tenth longer (Henderson & Wooding 1964).
    """
    fall, factor = rain / 3.6e6, np.sqrt(slope) / n
    full = (length / (factor * fall ** (2 / 3))) ** 0.6
    foot = ("foot", WEST + length - cell / 2, NORTH - 1.5 * cell)
    answer = run(
        folder, along(50 - slope * middles(length, cell)), cell, 1.1 * full, scheme, "--manning", n,
        "--rain", rows(folder / "rain.csv", "time_h,mm_per_h", [(0, rain)]), "--boundary", "E=open",
        "--gauges", rows(folder / "g.csv", "name,x,y", [foot]),
        "--gauge-interval", f"{full / 60:g}s",
    )  # fmt: skip
    told = answer.gauges
    times = told["time_h"].to_numpy() * 3600
    expected = np.minimum(factor * (fall * times) ** (5 / 3), fall * length)
    return times / full, (told["depth_m"] * told["speed_m_s"]).to_numpy(), expected


def uniform_flow(
    folder: Path, slope: float, n: float, flow: float, cell: float, scheme: str
) -> tuple[Any, float]:
    """Depths along a channel of 100 cells that began dry and lets water out by its slope; Manning's depth."""
    normal = (flow * n / np.sqrt(slope)) ** 0.6
    answer = run(
        folder, along(30 - slope * middles(100 * cell, cell)), cell, max(600 * cell * normal / flow, 3600),
        scheme, "--manning", n, "--inflow", discharge(folder, flow, cell), "--boundary", f"E=slope:{slope}",
    )  # fmt: skip
    return answer.grid("depth_final")[1], normal


def backwater(
    folder: Path, slope: float, n: float, flow: float, times: float, length: float, cell: float, scheme: str
) -> tuple[Any, Any]:
    """Depths above a level of `times` the normal depth, found, and by gradually varied flow."""
    normal = (flow * n / np.sqrt(slope)) ** 0.6
    x, foot = middles(length, cell), times * normal

    def rise(_: float, h: Any) -> Any:
        return (n**2 * flow**2 / h ** (10 / 3) - slope) / (1 - flow**2 / (G * h**3))

    upstream = solve_ivp(rise, (0, length), [foot], rtol=1e-9, atol=1e-10, dense_output=True)
    expected = upstream.sol(length - x)[0]
    answer = run(
        folder, along(5 + slope * (length - x)), cell, 7200, scheme, "--manning", n,
        "--initial", raster(folder / "depth.tif", along(expected), cell),
        "--inflow", discharge(folder, flow, cell), "--boundary", f"E=level:{5 + foot:.9f}",
    )  # fmt: skip
    return answer.grid("depth_final")[1], expected


def macdonald_in_the_rain(folder: Path, cell: float, scheme: str) -> tuple[Any, Any]:
    """Depths of a slow kilometre that gains 1 mm/s of rain on the way (SWASHES §3.3)."""
    length, flow, rain, n = 1000.0, 1.0, 0.001, 0.033
    fine = np.linspace(0, length, 100_001)
    h, q = (4 / G) ** (1 / 3) * (1 + 0.5 * np.exp(-16 * (fine / length - 0.5) ** 2)), flow + rain * fine
    fall = (q**2 / (G * h**3) - 1) * np.gradient(h, fine) - n**2 * q**2 / h ** (10 / 3)
    fall -= 2 * q * rain / (G * h**2)
    heights = np.concatenate([[0], np.cumsum(0.5 * (fall[1:] + fall[:-1]) * np.diff(fine))])
    heights -= heights[-1]
    x = middles(length, cell)
    expected = np.interp(x, fine, h)
    answer = run(
        folder, along(np.interp(x, fine, heights)), cell, 5400, scheme, "--manning", n,
        "--initial", raster(folder / "depth.tif", along(expected), cell),
        "--inflow", discharge(folder, flow, cell), "--boundary", f"E=level:{h[-1]:.9f}",
        "--rain", rows(folder / "rain.csv", "time_h,mm_per_h", [(0, rain * 3.6e6)]),
    )  # fmt: skip
    return answer.grid("depth_final")[1], expected


TURNS = {
    "mirrored east to west": (np.fliplr, np.fliplr),
    "mirrored north to south": (np.flipud, np.flipud),
    "transposed": (np.transpose, np.transpose),
    "turned by 90°": (np.rot90, lambda values: np.rot90(values, -1)),
}


def turned(folder: Path, turn: str, scheme: str) -> dict[str, float]:
    """Greatest differences of depth, speed and arrival between a flood on rough ground and its image."""
    count, cell = 40, 10.0
    y, x = np.mgrid[0:count, 0:count]
    bed = 20 + 2 * np.sin(x / 7) * np.cos(y / 9) + 0.02 * x - 0.01 * y
    bed += np.random.default_rng(1).normal(0, 0.05, bed.shape)
    spring = np.zeros(bed.shape)
    spring[14, 11] = 1
    names, found = ("depth_max", "speed_max", "arrival"), {}
    for name, forth, back in (("straight", np.array, np.array), ("turned", *TURNS[turn])):
        place = folder / name
        place.mkdir()
        row, column = (int(n[0]) for n in np.nonzero(forth(spring)))
        at = ("a", WEST + (column + 0.5) * cell, NORTH - (row + 0.5) * cell)
        answer = run(
            place, forth(bed), cell, 1200, scheme, "--manning", 0.03, "--boundary", "open",
            "--inflow", rows(place / "i.csv", "name,x,y,time_h,m3_per_s", [(*at, 0, 0), (*at, 0.2, 15)]),
            "--rain", rows(place / "r.csv", "time_h,mm_per_h", [(0, 20), (0.2, 0)]),
        )  # fmt: skip
        found[name] = [back(answer.grid(each)) for each in names]
    pairs = zip(names, found["straight"], found["turned"], strict=True)
    return {name: float(np.nanmax(np.abs(one - other))) for name, one, other in pairs}


def between_ponds(
    folder: Path, kind: str, entry: dict[str, object], depths: tuple[float, float], scheme: str
) -> tuple[float, tuple[float, float], float]:
    """What a structure lets pass from a pond of 100,000 m² to another between 40 and 60 s, m³/s.

    Also the depths beside it at the end, upstream and downstream, and the error of the volume.
    """
    cell, half, bed = 10.0, 200, 10.0
    line = [[WEST + half * cell, NORTH + 10], [WEST + half * cell, NORTH - 60]]
    wall = {"name": "wall", "line": line, "crest_m": 60.0}
    ends = {"name": "it", "from": [WEST + 1985, NORTH - 25], "to": [WEST + 2015, NORTH - 25]}
    built = (
        {"levees": [{**wall, **entry}]} if kind == "levees" else {"levees": [wall], kind: [{**ends, **entry}]}
    )
    (folder / "s.json").write_text(json.dumps(built))
    water = np.tile(np.where(np.arange(2 * half) < half, *depths), (5, 1))
    answer = run(
        folder, np.full(water.shape, bed), cell, 60, scheme, "--manning", 0.03, "--times", "40s",
        "--initial", raster(folder / "depth.tif", water, cell), "--structures", folder / "s.json",
    )  # fmt: skip
    before, after = answer.grid("depth_40s"), answer.grid("depth_final")
    passed = (after[:, half:].sum() - before[:, half:].sum()) * cell**2 / 20
    up, down = (198, 201) if kind != "levees" else (197, 203)
    return passed, (float(after[2, up]), float(after[2, down])), answer.error

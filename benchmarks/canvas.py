"""Drawing the map, side by side with QGIS: `python benchmarks/canvas.py [--json] [--quick] [--only WORD]`.

Makes a city of its own (a riskatlas project, which is a GeoPackage, so that QGIS reads the same file), draws
it at four scales on 1600 × 1000 pixels, antialiased, each time a place never drawn before, through the very
renderer that the window uses; and measures the window on it: opening, panning while it redraws, editing,
cancelling. Prints JSON lines {case, unit, ours, peer, peer_name, ratio}; ours is after the layers have been
read, QGIS reads them each time, `QGIS memory` has them in memory. A redraw's time is that of the quickest
turn, on both sides: the machine may be shared.

QGIS is Debian's, run with Debian's Python: apt-get install --no-install-recommends qgis python3-qgis
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
RUNS = HERE / "runs"
sys.path.insert(0, str(HERE.parent))

from layers.cartography.style import Fill, Marker, Stroke, Style, Symbol  # noqa: E402
from layers.changes import Change, Edit  # noqa: E402
from layers.layer import Shapes, VectorLayer  # noqa: E402
from layers.storage.geopackage import ProjectFile, load  # noqa: E402

CENTRE = (377_000.0, 4_178_000.0)
SCALES = {"city": 112.0, "county": 25.0, "town": 8.0, "street": 1.0}
"""Metres a pixel."""
PIXEL_MM = 25.4 / 96
EDGE = Stroke(color="#505050", width_mm=PIXEL_MM)
STYLES = {
    "county": Style(symbol=Symbol(fill=Fill(color="#f2efe4"), stroke=EDGE)),
    "road": Style(symbol=Symbol(stroke=Stroke(color="#c06030", width_mm=PIXEL_MM))),
    "building": Style(symbol=Symbol(fill=Fill(color="#d8b8a0"), stroke=EDGE)),
    "place": Style(symbol=Symbol(marker=Marker(size_mm=2.0, fill=Fill(color="#3060a0"), stroke=None))),
}
"""From the lowest layer to the topmost; the peer draws the same."""


def make_city(path: Path, buildings: int) -> None:
    """A project of 11 counties (234k vertices), 20k roads (1.0M), the buildings (10 each), 50k places."""
    rng = np.random.default_rng(2026)
    layers = [
        _layer("county", counties(rng)),
        _layer("road", roads(rng, 20_000)),
        _layer("building", houses(rng, buildings)),
        _layer("place", points(_scatter(rng, 50_000))),
    ]
    with ProjectFile.create(path) as project:
        project.apply(load("city", layers, project))
        rows = {name: project.table("layers")[name] for name in STYLES}
        styled = [
            Change("layers", name, row, {**row, "style": STYLES[name].to_json(), "position": place})
            for place, (name, row) in enumerate(rows.items(), 1)
        ]
        project.apply(Edit("styles", tuple(styled)))


def _layer(name: str, shapes: Shapes) -> VectorLayer:
    floors = pd.DataFrame({"floors": np.arange(len(shapes)) % 7})
    return VectorLayer(name, "", "EPSG:4548", shapes, floors, title=name)


def _scatter(rng: np.random.Generator, count: int) -> np.ndarray:
    """Three in ten around the city's centre, one around its rim, the others in 900 villages."""
    inner, rim = int(count * 0.3), int(count * 0.1)
    middle = rng.normal(CENTRE, (2800, 2000), (inner, 2))
    around = rng.normal(CENTRE, (9000, 6000), (rim, 2))
    villages = rng.uniform(
        (CENTRE[0] - 85_000, CENTRE[1] - 53_000), (CENTRE[0] + 85_000, CENTRE[1] + 53_000), (900, 2)
    )
    homes = villages[rng.integers(0, 900, count - inner - rim)]
    return np.concatenate([middle, around, homes + rng.normal(0, 350, homes.shape)])


def houses(rng: np.random.Generator, count: int) -> Shapes:
    """Turned, notched blocks of 9 corners and the closing one."""
    corners = np.array(
        [(0, 0), (1, 0), (1, 0.4), (0.7, 0.4), (0.7, 1), (0.35, 1), (0.35, 0.8), (0, 0.8), (0, 0.4), (0, 0)]
    )
    size = rng.uniform((9, 7), (32, 18), (count, 2))
    turn = rng.uniform(0, np.pi, count)
    local = (corners - 0.5) * size[:, None, :]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    turned = np.stack(
        [local[..., 0] * cos - local[..., 1] * sin, local[..., 0] * sin + local[..., 1] * cos], 2
    )
    xy = (turned + _scatter(rng, count)[:, None, :]).reshape(-1, 2)
    single = np.arange(count + 1)
    return Shapes("polygon", xy, (single * len(corners), single, single))


def counties(rng: np.random.Generator) -> Shapes:
    """Eleven ragged regions of 21,000 vertices with a lake of 270 each."""
    shells = []
    for number in range(11):
        column, row = number % 4, number // 4
        middle = np.array([CENTRE[0] - 66_000 + column * 44_000, CENTRE[1] - 36_000 + row * 36_000])
        shells += [_ragged(rng, middle, 20_000.0, 21_003), _ragged(rng, middle + 3000, 1500.0, 270)]
    offsets = np.concatenate([[0], np.cumsum([len(ring) for ring in shells])])
    return Shapes("polygon", np.concatenate(shells), (offsets, np.arange(12) * 2, np.arange(12)))


def _ragged(rng: np.random.Generator, middle: np.ndarray, radius: float, vertices: int) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, vertices - 1, endpoint=False)
    waves = sum(rng.normal(0, 0.12 / k**1.1) * np.sin(k * angle + rng.uniform(0, 6)) for k in range(2, 400))
    reach = radius * (1 + 0.5 * waves)
    ring = middle + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    return np.concatenate([ring, ring[:1]])


def roads(rng: np.random.Generator, count: int) -> Shapes:
    """Winding lines of 50 vertices, 1 to 5 km long."""
    heading = rng.uniform(0, 2 * np.pi, count)[:, None] + np.cumsum(rng.normal(0, 0.12, (count, 50)), axis=1)
    step = rng.uniform(20, 100, count)[:, None]
    walk = np.stack([np.cos(heading) * step, np.sin(heading) * step], axis=2)
    xy = (_scatter(rng, count)[:, None, :] + np.cumsum(walk, axis=1)).reshape(-1, 2)
    return Shapes("line", xy, (np.arange(count + 1) * 50, np.arange(count + 1)))


def points(xy: np.ndarray) -> Shapes:
    return Shapes("point", xy, (np.arange(len(xy) + 1),))


def places(times: int) -> list[tuple[str, float, float, float]]:
    """Scale by scale, near the centre, never twice the same: name, x, y, metres a pixel."""
    return [
        (name, CENTRE[0] + 9.5 * metres * turn, CENTRE[1] - 4.25 * metres * turn, metres)
        for name, metres in SCALES.items()
        for turn in range(times)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="JSON lines only")
    parser.add_argument("--quick", action="store_true", help="fewer turns; within 5 minutes")
    parser.add_argument("--only", default="", help="only cases whose name holds this word")
    parser.add_argument("--keep", type=Path, help="folder that keeps the made cities between runs")
    parser.add_argument("--no-peer", action="store_true", help="ours alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name, count in (("100k buildings", 100_000), ("1M buildings", 1_000_000)):
            path = folder / f"{name.split()[0]}.gpkg"
            if not path.exists():
                make_city(path, count)
            compare(name, path, options)


def compare(name: str, path: Path, options: argparse.Namespace) -> None:
    """Ours and the peers in turn on one city; a line a case."""
    large = name.startswith("1M")
    times = 2 if options.quick and large else 3
    ours = child([sys.executable, str(RUNS / "canvas_ours.py")], path, 6)
    peers = {} if options.no_peer else qgis(path, times, memory=not large)
    for case, value in ours.items():
        if options.only not in f"{name} {case}":
            continue
        unit = "MB" if "memory" in case else "ms"
        rivals = [(p, found[case]) for p, found in peers.items() if case in found] or [("", None)]
        for peer_name, peer in rivals:
            line = {
                "case": f"{name}, {case}",
                "unit": unit,
                "ours": value,
                "peer": peer,
                "peer_name": peer_name,
            }
            print(json.dumps({**line, "ratio": round(value / peer, 3) if peer else None}), flush=True)


def qgis(path: Path, times: int, *, memory: bool) -> dict[str, dict[str, float]]:
    """What QGIS needs for the same pictures; nothing, and how to get it, where it is not installed."""
    python = "/usr/bin/python3"
    found = subprocess.run([python, "-c", "import qgis.core"], capture_output=True, check=False)
    if found.returncode:
        print(
            "QGIS is not installed: apt-get install --no-install-recommends qgis python3-qgis",
            file=sys.stderr,
        )
        return {}
    peer = [python, str(RUNS / "canvas_qgis.py")]
    peers = {"QGIS": child([*peer, "file"], path, times)}
    if memory:
        peers["QGIS memory"] = child([*peer, "memory"], path, times)
    return peers


def child(command: list[str], path: Path, times: int) -> dict[str, float]:
    """Run a measurement in a process of its own; its answer is the last line."""
    task = {"path": str(path), "places": places(times), "styles": plain_styles(), "begun": time.time()}
    ready = [*command, json.dumps(task)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that is installed lies there compiled
    done = subprocess.run(ready, capture_output=True, text=True, env=environment, check=False)
    if not done.stdout.strip():
        raise SystemExit(done.stderr)
    answer: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def plain_styles() -> dict[str, dict[str, str]]:
    """The styles in words that every program understands, the lowest layer first."""
    styles = {}
    for name, style in STYLES.items():
        symbol = style.symbol
        fill = symbol.fill or (symbol.marker.fill if symbol.marker else None)
        stroke = symbol.stroke
        styles[name] = {"fill": fill.color if fill else "", "stroke": stroke.color if stroke else ""}
    return styles


if __name__ == "__main__":
    main()

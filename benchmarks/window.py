"""What moves in the window: `python benchmarks/window.py [--json] [--quick]`.

A flood's frames over a city of 11.8 million cells at 30 m, on a map of 1600 × 1000 pixels: bringing a frame
from the file, and showing one that has been brought (60 a second are wanted: 16 ms). The oblique view of the
same piece. Selecting by condition and by location among a million houses. A shelter site dragged over
the city of the sample (50 ms a step are wanted). There is no peer for these. Prints JSON lines {case, unit,
ours, peer, peer_name, ratio}; times are of the processor, as machines are shared.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtGui import QImage, QPainter  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.application import make_application  # noqa: E402
from app.canvas.player import Player  # noqa: E402
from app.canvas.viewport import Viewport  # noqa: E402
from app.doors.sample_project import make_sample_project  # noqa: E402
from app.main_window import MainWindow  # noqa: E402
from app.settings import Settings  # noqa: E402
from layers.cartography.oblique import Relief, Stance, Surface, draw_oblique  # noqa: E402
from layers.cartography.style import default_style  # noqa: E402
from layers.cartography.timed import Frames  # noqa: E402
from layers.grid import Extent, Lattice  # noqa: E402
from layers.layer import Shapes, VectorLayer  # noqa: E402
from layers.siting.shelter_plan import solved  # noqa: E402
from layers.siting.shelter_wish import ShelterWish  # noqa: E402
from layers.siting.shelters import prepare  # noqa: E402
from layers.storage.frames import FrameWriter, frame_times  # noqa: E402
from layers.storage.geopackage import ProjectFile, load  # noqa: E402
from layers.storage.selecting import by_expression, by_location  # noqa: E402

LATTICE = Lattice(330_000.0, 4_240_000.0, 30.0, 3500, 3371, "EPSG:4548")
SCALES = {"city": 112.0, "county": 25.0, "town": 8.0}
"""Metres a pixel."""
FRAMES = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    make_application()
    with tempfile.TemporaryDirectory() as folder:
        frames(Path(folder) / "depth.tif")
        oblique()
        selecting(Path(folder) / "city.gpkg", 200_000 if options.quick else 1_000_000)
        dragging(Path(folder) / "sample.gpkg", 20 if options.quick else 60)


def tell(case: str, unit: str, ours: float) -> None:
    row = {"case": case, "unit": unit, "ours": round(ours, 2), "peer": None, "peer_name": None, "ratio": None}
    print(json.dumps(row, ensure_ascii=False), flush=True)


def milliseconds(work: Callable[[], object], turns: int = 1) -> float:
    begun = time.process_time()
    for _ in range(turns):
        work()
    return (time.process_time() - begun) * 1000 / turns


def frames(path: Path) -> None:
    """Frames of a basin that fills."""
    rows, columns = np.mgrid[0 : LATTICE.rows, 0 : LATTICE.columns].astype(np.float32)
    away = np.hypot(rows - 1800, (columns - 1700) * 0.8) + 40 * np.sin(columns / 97) * np.cos(rows / 83)
    begun = time.process_time()
    with FrameWriter(path, LATTICE, [3600.0 * k for k in range(FRAMES)], "m") as writer:
        for k in range(FRAMES):
            depth = (k * 120 - away) / 150
            writer.add(np.where(depth > 0.05, depth, np.nan))
    tell("time slider: write a frame, 11.8M cells", "ms", (time.process_time() - begun) * 1000 / FRAMES)
    layer = Frames.of_file(path, frame_times(path), default_style("depth_frames"))
    box = LATTICE.extent
    for name, scale in SCALES.items():
        view = Viewport((box.west + box.east) / 2, (box.south + box.north) / 2, scale, 1600, 1000)
        bring = milliseconds(lambda view=view: [layer.codes(k, view.extent, view.scale) for k in (3, 6, 9)])
        tell(f"time slider: bring a frame, {name}", "ms", bring / 3)
        tell(f"time slider: show a frame (p95), {name}", "ms", shown(layer, view))


def shown(layer: Frames, view: Viewport) -> float:
    """Milliseconds of this thread in which 95 of 100 frames are laid on the map."""
    player = Player()
    player.show([layer])
    player.look(view, 1.0)
    image = QImage(1600, 1000, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.white)
    spent = []
    for seconds in layer.times[1:] * 2:
        player.set_time(seconds)
        while not player.is_ready:
            time.sleep(0.005)
        painter, begun = QPainter(image), time.thread_time()
        player.paint(painter, view)
        painter.end()
        spent.append((time.thread_time() - begun) * 1000)
    player.close()
    return float(np.percentile(spent, 95))


def oblique() -> None:
    """A hilly piece of 1600 × 1000 cells with houses, turned once about."""
    rows, columns = np.mgrid[0:1000, 0:1600].astype(np.float32)
    ground = 30 * np.sin(columns / 130) * np.cos(rows / 90) + 40
    colours = np.full((1000, 1600, 4), 220, np.uint8)
    tops = np.where((rows % 20 < 8) & (columns % 24 < 10), np.float32(12), np.float32(0))
    relief = Relief(ground, colours, tops, colours, 5.0)
    surface = Surface.of(relief, 2.0)
    draw_oblique(surface, Stance(), 1600, 1000)
    tell("oblique view: shade 1.6M cells", "ms", milliseconds(lambda: Surface.of(relief, 2.0), 3))
    turns = iter(range(0, 360, 36))
    draw = lambda: draw_oblique(surface, Stance(azimuth=float(next(turns)), exaggeration=2.0), 1600, 1000)  # noqa: E731
    tell("oblique view: draw 1600 × 1000 pixels", "ms", milliseconds(draw, 10))


def selecting(path: Path, count: int) -> None:
    """Houses in a plain, and eleven counties of a thousand corners."""
    rng = np.random.default_rng(2026)
    x, y = rng.uniform(330_000, 430_000, count), rng.uniform(4_140_000, 4_240_000, count)
    houses = shapely.box(x, y, x + 12, y + 9)
    table = pd.DataFrame({"storeys": rng.integers(1, 30, count)})
    layer = VectorLayer("house", "", LATTICE.crs, Shapes.of(houses), table)
    counties = np.array([shapely.Point(340_000 + 8_500 * k, 4_190_000).buffer(7_000, 250) for k in range(11)])
    with ProjectFile.create(path, crs=LATTICE.crs) as project:
        project.apply(load("houses", [layer], project))
        size = f"{count // 1000}k houses"
        found = milliseconds(lambda: by_expression(project, "house", "storeys > 20"))
        tell(f"select by condition, {size}", "s", found / 1000)
        found = milliseconds(lambda: by_location(project, "house", "within", counties))
        tell(f"select by location, {size} within 11 counties", "s", found / 1000)
        small = Extent(380_000, 4_190_000, 381_000, 4_191_000)
        near = np.array([shapely.box(*small)])
        found = milliseconds(lambda: by_location(project, "house", "near", near, 100.0))
        tell(f"select by location, {size} near one place", "s", found / 1000)


def dragging(path: Path, turns: int) -> None:
    """A site of a plan for the whole sample city: allocation and painting of the map at each step."""
    os.environ["XDG_CONFIG_HOME"] = str(path.parent)
    make_sample_project(path)
    window = MainWindow(Settings(), "zh_CN")
    window.resize(1366, 768)
    window.show()
    window.files.open_path(path)
    settle(window, lambda: window.desk.project is not None)
    with ProjectFile.open(path, read_only=True) as project:
        wish = ShelterWish(
            objective="max-cover", count=300, time_limit=10.0, sources=("shelter", "school", "park")
        )
        plan = solved(prepare(project, wish), "plan")
    work = window.workspaces.shelters
    window.go_to("shelter_plans")
    work.shelters.case = plan.case
    work.shelters.draft = work.shelters.before = plan
    size = f"{len(plan.case.points)} × {len(plan.case.sites)}, {len(plan.row)} open"
    chance, site, spent = np.random.default_rng(0), int(np.argmax(plan.load)), []
    for _ in range(turns):
        x, y = plan.xy[site] + chance.uniform(-3000, 3000, 2)
        begun = time.thread_time()
        work.overlay.hold(site)
        work.overlay.drag_to(x, y)
        work.overlay.repaint()
        spent.append((time.thread_time() - begun) * 1000)
    tell(f"drag a site in the window, city case ({size}): median", "ms", float(np.median(spent)))
    tell(f"drag a site in the window, city case ({size}): p95", "ms", float(np.percentile(spent, 95)))
    work.shelters.draft = work.shelters.before = None
    window.close()


def settle(window: MainWindow, is_done: Callable[[], bool]) -> None:
    """Wait until the window rests."""
    while not (is_done() and window.tasks.idle):
        QApplication.processEvents()
        time.sleep(0.01)


if __name__ == "__main__":
    main()

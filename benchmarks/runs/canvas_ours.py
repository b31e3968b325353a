"""How long our window takes: run by `benchmarks/canvas.py` in a process of its own.

    QT_QPA_PLATFORM=offscreen .venv/bin/python benchmarks/runs/canvas_ours.py TASK

TASK is JSON: path of the project, places (scale, x, y, metres a pixel), and `begun`, the time at which the
process was started. Prints milliseconds by case, and the resident memory, as one JSON line.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()

import numpy as np
import shapely
from PySide6.QtCore import QEventLoop, QTimer

from app.application import make_application
from app.canvas.picture import Drawing
from app.canvas.scene import Scene
from app.canvas.viewport import Viewport
from app.main_window import MainWindow
from app.settings import Settings
from layers.changes import Change, Edit
from layers.progress import Progress
from layers.storage.apart import apart

WIDTH, HEIGHT = 1600, 1000
FRAMES = 120
LONGEST_WAIT = 60_000


class Run:
    """One window on one project."""

    def __init__(self, task: dict) -> None:
        self.task = task
        self.found: dict[str, float] = {}
        self.application = make_application()
        self.window = MainWindow(Settings(), "en")
        self.window.tasks.told.connect(lambda error: sys.exit(error.say("en")))
        self.window.tasks.crashed.connect(sys.exit)
        self.window.resize(1920, 1080)
        self.window.show()
        self.renderer = self.window.stage._renderer
        self.gaps: list[float] = []
        self._ticked = time.perf_counter()
        self._ticks = QTimer(self.window, interval=2)
        self._ticks.timeout.connect(self._tick)
        self._ticks.start()
        self.first = 0.0
        self.renderer.drawn.connect(self._note_first)

    def _note_first(self, drawing: Drawing) -> None:
        self.first = self.first or self._since_start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._ticked))
        self._ticked = now

    def _longest_gap(self) -> float:
        """The longest since the last call, in which the window did not answer."""
        self._rest(0.02)
        gaps, self.gaps = self.gaps, []
        return max(gaps, default=0.0)

    def _since_start(self) -> float:
        return 1000 * (time.time() - self.task["begun"])

    def open(self) -> None:
        """From the start of the process to a window that answers, to a picture, to the whole picture."""
        self.application.processEvents()
        self.found["window ready"] = self._since_start()
        self._longest_gap()
        self.window.files.open_path(Path(self.task["path"]))
        self._await_final(None)
        self.found["longest gap of the window while it loads"] = self._longest_gap()
        self.found["first picture"] = self.first
        self.found["whole picture"] = self._since_start()

    def redraw(self) -> None:
        """Full redraws, each of a place that was never drawn."""
        times: dict[str, list[float]] = {}
        name, x, y, metres = self.task["places"][0]
        warming = name, x + 999, y + 999, metres  # not timed, and none of the places
        self._rest(2.0)  # until the window itself wants no picture any more
        self.drawables = self.window.stack.drawables()
        for turn, (scale, x, y, metres) in enumerate([warming, *self.task["places"]]):
            scene = Scene(Path(self.task["path"]), self.drawables, Viewport(x, y, metres, WIDTH, HEIGHT))
            begun = time.perf_counter()
            drawing = self._await_final(scene)
            if turn:
                times.setdefault(scale, []).append(1000 * (time.perf_counter() - begun))
            if os.environ.get("PICTURES"):
                drawing.image.save(f"{os.environ['PICTURES']}/ours-{scale}.png")
        self.found |= {f"redraw at {scale} scale": min(t) for scale, t in times.items()}

    def pan(self) -> None:
        """Frames while the map is dragged and zoomed, and redrawn meanwhile."""
        view = self.window.stage.map
        _, x, y, metres = next(place for place in self.task["places"] if place[0] == "town")
        view.show_at(Viewport(x, y, metres, view.width(), view.height()))
        self._rest(2.0)
        self._longest_gap()
        for case, step in (("pan", lambda v: v.panned(7, 4)), ("zoom", lambda v: v.zoomed(1.02))):
            frames = []
            for _ in range(FRAMES):
                begun = time.perf_counter()
                view.show_at(step(view.view))
                view.repaint()
                frames.append(1000 * (time.perf_counter() - begun))
                self._rest(0.016)
            self.found[f"{case} frame, 95 % of them below"] = float(np.percentile(frames, 95))
        self.found["longest gap of the window while it redraws"] = self._longest_gap()
        self._rest(1.5)

    def give_up(self) -> None:
        """How soon a redraw stops that nobody wants any more."""
        waits = []
        self._rest(1.0)
        _, x, y, metres = next(place for place in self.task["places"] if place[0] == "town")
        path = Path(self.task["path"])
        for turn in range(8):
            self.renderer.ask(Scene(path, self.drawables, Viewport(x + 99 * turn, y, metres, WIDTH, HEIGHT)))
            self._rest(0.02 + 0.005 * turn)
            begun = time.perf_counter()
            self.renderer.ask(Scene(path, (), Viewport(x, y, metres, 8, 8)))
            while self.renderer._waiting:
                time.sleep(0.0005)
            waits.append(1000 * (time.perf_counter() - begun))
        self.found["a redraw not wanted any more stops after at most"] = max(waits)

    def edit(self) -> None:
        """Move a vertex of a building: the time until it is on the disk, and until it is seen."""
        view, project = self.window.stage.map, self.window.desk.project
        assert project is not None
        _, x, y, metres = next(place for place in self.task["places"] if place[0] == "street")
        view.show_at(Viewport(x, y, metres, view.width(), view.height()))
        self._rest(2.0)
        near = project.read("building", extent=view.view.extent)
        times, stored = [], []
        self._longest_gap()
        for row in range(7):
            key = str(near.attributes["uuid"].iloc[row * 13])
            before = project.table("building")[key]
            ring = shapely.get_coordinates(shapely.from_wkb(before["geom"]))
            ring[2] += 2.5
            after = {
                **before,
                "geom": shapely.to_wkb(shapely.MultiPolygon([shapely.Polygon(ring)]), byte_order=1),
            }
            begun = time.perf_counter()
            edit = Edit("vertex", (Change("building", key, before, after),))
            self.window.desk.do(edit)
            stored.append(1000 * (time.perf_counter() - begun))
            self._await(lambda drawing: True)
            view.repaint()
            times.append(1000 * (time.perf_counter() - begun))
            self._rest(0.5)
        self.found["edit of a vertex, stored and seen"] = statistics.median(times)
        self.found["edit of a vertex, stored"] = statistics.median(stored)
        self.found["longest gap of the window while it edits"] = self._longest_gap()

    def simulate(self) -> None:
        """How long the window does not answer while a model runs as its own do, in a process of its own."""
        for case, work in {"an inundation runs": "inundation", "a hazard model runs": "flood_hazard"}.items():
            self._rest(0.5)
            self._longest_gap()
            loop = QEventLoop()
            self.window.tasks.start(case, partial(run_apart, work), lambda value, loop=loop: loop.quit())
            QTimer.singleShot(LONGEST_WAIT, loop.quit)
            loop.exec()
            self.found[f"longest gap of the window while {case}"] = self._longest_gap()

    def _rest(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def _await_final(self, scene: Scene | None) -> Drawing:
        """Ask for a scene (none: wait for the one under way) and wait for its whole picture."""
        return self._await(lambda d: d.is_final and (scene is None or d.view == scene.view), scene)

    def _await(self, is_it: Callable[[Drawing], bool], scene: Scene | None = None) -> Drawing:
        loop, got = QEventLoop(), []

        def take(drawing: Drawing) -> None:
            if is_it(drawing):
                got.append(drawing)
                loop.quit()

        self.renderer.drawn.connect(take)
        if scene is not None:
            self.renderer.ask(scene)
        QTimer.singleShot(LONGEST_WAIT, loop.quit)
        loop.exec()
        self.renderer.drawn.disconnect(take)
        return got[0]

    def memory(self) -> None:
        status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        peak = next(line for line in status if line.startswith("VmHWM"))
        self.found["resident memory"] = int(peak.split()[1]) / 1024


@dataclass(frozen=True)
class Ran:
    """What a model in a process of its own answers."""

    answer: dict[str, int]


def run_apart(work: str, progress: Progress) -> Ran:
    return apart("benchmarks.runs.canvas_models", work, {}, lambda answer, _: Ran(answer), progress)


def main() -> None:
    run = Run(json.loads(sys.argv[1]))
    run.open()
    run.redraw()
    run.memory()
    run.give_up()
    run.pan()
    run.edit()
    run.simulate()
    run.window.close()
    print(json.dumps({case: round(value, 1) for case, value in run.found.items()}))


if __name__ == "__main__":
    main()

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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()

from PySide6.QtCore import QEventLoop, QTimer

from app.application import make_application
from app.canvas.renderer import Drawing
from app.canvas.scene import Scene
from app.canvas.viewport import Viewport
from app.main_window import MainWindow
from app.settings import Settings

WIDTH, HEIGHT = 1600, 1000
LONGEST_WAIT = 60_000


class Run:
    """One window on one project."""

    def __init__(self, task: dict) -> None:
        self.task = task
        self.found: dict[str, float] = {}
        self.application = make_application()
        self.window = MainWindow(Settings(), "en")
        self.window.resize(1920, 1080)
        self.window.show()
        self.renderer = self.window.stage._renderer
        self.first = 0.0
        self.renderer.drawn.connect(self._note_first)

    def _note_first(self, drawing: Drawing) -> None:
        self.first = self.first or self._since_start()

    def _since_start(self) -> float:
        return 1000 * (time.time() - self.task["begun"])

    def open(self) -> None:
        """From the start of the process to a window that answers, to a picture, to the whole picture."""
        self.window.files.open_path(Path(self.task["path"]))
        self.application.processEvents()
        self.found["window ready"] = self._since_start()
        self._await_final(None)
        self.found["first picture"] = self.first
        self.found["whole picture"] = self._since_start()

    def redraw(self) -> None:
        """Full redraws, each of a place that was never drawn."""
        times: dict[str, list[float]] = {}
        self.drawables = self.window.stack.drawables()
        for turn, (scale, x, y, metres) in enumerate([self.task["places"][0], *self.task["places"]]):
            scene = Scene(Path(self.task["path"]), self.drawables, Viewport(x, y, metres, WIDTH, HEIGHT))
            begun = time.perf_counter()
            drawing = self._await_final(scene)
            if turn:
                times.setdefault(scale, []).append(1000 * (time.perf_counter() - begun))
            if os.environ.get("PICTURES"):
                drawing.image.save(f"{os.environ['PICTURES']}/ours-{scale}.png")
        self.found |= {f"redraw at {scale} scale": statistics.median(t) for scale, t in times.items()}

    def _await_final(self, scene: Scene | None) -> Drawing:
        """Ask for a scene (none: wait for the one under way) and wait for its whole picture."""
        loop, got = QEventLoop(), []

        def take(drawing: Drawing) -> None:
            if drawing.is_final and (scene is None or drawing.view == scene.view):
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


def main() -> None:
    run = Run(json.loads(sys.argv[1]))
    run.open()
    run.redraw()
    run.memory()
    run.window.close()
    print(json.dumps({case: round(value, 1) for case, value in run.found.items()}))


if __name__ == "__main__":
    main()

"""How long the window takes to follow the hand while a tool draws, with a million features in the layer.

    python benchmarks/drawing.py [--json] [--quick]

Makes its own project (a thousand times a thousand squares), opens the window without a screen, and moves the
pointer in small steps with each tool in the hand: what is caught is found and everything that is seen of the
tool is painted. Prints JSON lines ``{case, unit, ours, peer, peer_name, ratio, target}``; `ours` is the 95th
percentile of processor time a move, in ms; a frame at 60 Hz is 16.7. There is no peer: QGIS cannot be driven
move by move from outside. `--quick` moves less often.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.main_window import MainWindow
from app.panels.layers import NAME
from app.settings import Settings
from benchmarks.editing import SOUTH, WEST, million
from layers.grid import Extent
from layers.storage import pages

FRAME = 1000 / 60
TOOLS = ("move_vertex", "move_feature", "reshape", "split", "cut_hole", "offset", "rotate", "add_feature")
MIDDLE = 500_500
"""Row of a square in the midst of all."""


def wait(application: QApplication, window: MainWindow, until: Any = lambda: True) -> None:
    for _ in range(60_000):
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        if until() and window.tasks.idle:
            return
        time.sleep(0.005)
    raise SystemExit("the window did not come to rest")


def pointer(window: MainWindow, x: float, y: float) -> None:
    """Move the mouse to a place, and paint what is seen of it."""
    over = window.workbench.tools.overlay
    assert over is not None
    at = QPointF(*window.stage.map.view.to_screen(x, y))
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, over.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(over, event)
    over.repaint()


def moves(window: MainWindow, count: int) -> float:
    """The 95th percentile of a move, ms of processor time."""
    view, chance, times = window.stage.map.view, random.Random(1), []
    x, y = view.x, view.y
    for _ in range(count):
        x, y = (c + chance.uniform(-6, 6) * view.scale for c in (x, y))
        started = time.thread_time()
        pointer(window, x, y)
        times.append(1e3 * (time.thread_time() - started))
    return sorted(times)[int(0.95 * count)]


def results(folder: Path, *, quick: bool) -> Iterator[dict[str, Any]]:
    path, count = folder / "million.gpkg", 100 if quick else 500
    million(path)
    application = QApplication([])
    window = MainWindow(Settings(), "en")
    window.show()
    window.files.open_path(path)
    wait(application, window, lambda: window.desk.project is not None)
    project, tools = window.desk.project, window.workbench.tools
    assert project is not None
    window.stack.see("parcel", True)
    items = window.layers._items()
    window.layers.tree.setCurrentItem(next(item for item in items if item.data(0, NAME) == "parcel"))
    key = pages.keys_at(project, "parcel", pages.view(project, "parcel")[MIDDLE : MIDDLE + 1])
    x, y = WEST + MIDDLE % 1000 * 120.0, SOUTH + MIDDLE // 1000 * 120.0
    for name in (*TOOLS, "tracing"):
        window.workbench.select("parcel", key)
        window.stage.map.show_extent(Extent(x, y, x + 100, y + 100).grown(150))
        wait(application, window)
        window.actions_["add_feature" if name == "tracing" else name].trigger()
        if name == "tracing":
            window.actions_["tracing"].trigger()
        if name not in {"move_vertex", "offset"}:
            at = window.stage.map.view.to_screen(x, y)
            QTest.mouseClick(tools.overlay, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, at)))
        yield {"case": f"hand {name}", "unit": "ms p95", "ours": round(moves(window, count), 2), "peer": None,
               "peer_name": "", "ratio": None, "target": round(FRAME, 1)}  # fmt: skip
        tools.end()
    window.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        for result in results(Path(folder), quick=options.quick):
            line = json.dumps(result, ensure_ascii=False)
            print(
                line if options.json else f"{result['case']:20} {result['ours']:8} {result['unit']}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())

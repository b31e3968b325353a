"""The desk: what is reckoned for a project belongs to it alone."""

import shutil
import threading
from pathlib import Path
from typing import Any

from tests.waiting import LONG

Bench = Any


def test_what_was_reckoned_for_a_project_that_was_put_away_is_not_taken_for_the_next(
    bench: Bench, county_once: Path, tmp_path: Path
) -> None:
    window, gate = bench.window, threading.Event()
    taken: list[str] = []
    for outlives in (False, True):
        work = window.desk.reading(lambda own, _: gate.wait() and own.name, outlives=outlives)
        window.tasks.start(f"outlives: {outlives}", work, taken.append)
    other = shutil.copyfile(county_once, tmp_path / "邻县.gpkg")
    window.files.open_path(other)
    bench.qtbot.waitUntil(lambda: window.desk.project is not None, timeout=LONG)
    gate.set()
    bench.settle()
    assert window.desk.project.path == other
    assert taken == ["县"]

"""The desk: what is reckoned for a project belongs to it alone."""

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from app.doors import files
from layers.progress import Cancelled, Progress
from layers.storage.geopackage import ProjectFile
from tests.waiting import LONG

Bench = Any


def test_what_was_reckoned_for_a_project_that_was_put_away_is_not_taken_for_the_next(
    bench: Bench, county_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONG", 0.1)
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


def test_a_project_is_closed_before_the_next_is_opened_and_the_window_does_not_wait(
    bench: Bench, county_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows are looked through once more then, which takes a third of a second for a whole city."""
    window, here, closed = bench.window, threading.get_ident(), list[tuple[Path, bool]]()
    close = ProjectFile.close

    def note(project: ProjectFile) -> None:
        if not project.read_only:
            closed.append((project.path, threading.get_ident() == here))
        close(project)

    monkeypatch.setattr(ProjectFile, "close", note)
    before = window.desk.project.path
    other = shutil.copyfile(county_once, tmp_path / "邻县.gpkg")
    window.files.open_path(other)
    assert window.desk.project is None
    bench.settle()
    assert window.desk.project.path == other
    assert closed == [(before, False)]
    assert list(before.parent.glob(f"{before.name}-*")) == []
    ProjectFile.open(before).close()


def test_who_still_reads_a_project_stops_when_another_is_opened_and_it_is_one_file_then(
    bench: Bench, county_once: Path, tmp_path: Path
) -> None:
    window, before, ends = bench.window, bench.window.desk.project.path, list[str]()

    def read_on(own: ProjectFile, progress: Progress) -> None:
        own.table("township")
        try:
            for _ in range(2000):
                progress(0.5)
                time.sleep(0.01)
        except Cancelled:
            ends.append("stopped")
            raise

    window.tasks.start("long", window.desk.reading(read_on))
    bench.qtbot.waitUntil(lambda: bool(window.desk._readers), timeout=LONG)
    window.files.open_path(shutil.copyfile(county_once, tmp_path / "邻县.gpkg"))
    bench.settle()
    assert ends == ["stopped"]
    assert list(before.parent.glob(f"{before.name}-*")) == []

"""Projects on network drives at the window: a working copy, sent back, merged where somebody was quicker."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.layer import Shapes, VectorLayer
from layers.storage import working_copy
from layers.storage.geopackage import ProjectFile, load
from tests.waiting import LONG


@pytest.fixture
def original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "共享盘" / "县.gpkg"
    path.parent.mkdir()
    monkeypatch.setenv("RISKATLAS_DATA", str(tmp_path / "我"))
    monkeypatch.setattr("app.editing.copies.is_remote", lambda place: place.parent == path.parent)
    table = pd.DataFrame({"name": ["一校", "二校"], "people": [1.0, 2.0], "uuid": ["a", "b"]})
    layer = VectorLayer("school", "", "EPSG:4548", Shapes.of(shapely.points([(1, 1), (900, 9)])), table, "校")
    with ProjectFile.create(path) as project:
        EditSession(project).do(load("导入", [layer], project))
    return path


def named(project: ProjectFile, key: str, name: str) -> Edit:
    row = project.table("school")[key]
    return Edit("改名", (Change("school", key, row, {**row, "name": name}),))


def names(path: Path) -> dict[str, object]:
    with ProjectFile.open(path, read_only=True) as project:
        return {key: row["name"] for key, row in project.table("school").items()}


def test_a_project_on_a_network_drive_is_edited_in_a_copy_and_sent_back(
    original: Path, open_window: Callable[[Path], MainWindow], qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    window = open_window(original)
    held = window.desk.project
    assert held is not None
    assert held.path.is_relative_to(tmp_path / "我")
    assert any("工作副本" in text for text in window.notices.texts())
    assert window.settings.recent[0] == original
    window.desk.do(named(held, "a", "我一校"))
    assert names(original)["a"] == "一校"
    assert window.actions_["send_back"].isEnabled()
    window.actions_["send_back"].trigger()
    qtbot.waitUntil(lambda: window.tasks.idle and names(original)["a"] == "我一校", timeout=LONG)

    with monkeypatch.context() as there:  # a colleague
        there.setenv("RISKATLAS_DATA", str(tmp_path / "同事"))
        copy = working_copy.fetch(original)
        with ProjectFile.open(copy.path) as project:
            session = EditSession(project)
            session.do(named(project, "a", "他一校"))
            session.do(named(project, "b", "他二校"))
        working_copy.send(copy)
    window.desk.do(named(held, "a", "我又一校"))
    window.actions_["send_back"].trigger()
    copies = window.files.copies
    qtbot.waitUntil(lambda: copies.question is not None, timeout=LONG)
    assert copies.question is not None
    copies.question.buttons()[0].click()
    qtbot.waitUntil(lambda: copies.page is not None, timeout=LONG)
    assert copies.page is not None
    copies.page.choose_all("mine")
    copies.page.accept()
    qtbot.waitUntil(lambda: names(original) == {"a": "我又一校", "b": "他二校"}, timeout=LONG)
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    window.undo()  # the merge
    assert held.table("school")["b"]["name"] == "二校"
    window.close()

    window = open_window(original)  # the next day
    assert any("1 步编辑尚未送回" in text for text in window.notices.texts())

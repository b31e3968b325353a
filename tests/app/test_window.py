"""The window from an empty desk: a new project, files dropped on it, undo, themes; offscreen and on X."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.canvas.view import RESERVE
from app.commands import COMMANDS
from app.doors.files import opened
from app.main_window import MainWindow
from layers.storage.geopackage import ProjectFile
from tests.waiting import LONG

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "sample_shapes"
pytestmark = pytest.mark.screen


@pytest.fixture
def window(open_window: Callable[..., MainWindow]) -> MainWindow:
    return open_window()


@pytest.fixture
def project(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> Path:
    """An empty project that lies on the desk."""
    path = tmp_path / "新项目.gpkg"
    ProjectFile.create(path, name="新项目").close()
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.desk.project is not None and window.tasks.idle, timeout=LONG)
    return path


def drop(window: MainWindow, *names: str) -> None:
    """Drop sample files on the window, as from a file manager."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(SAMPLES / name)) for name in names])
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(300, 300), copy, data, left, plain))


def titles(window: MainWindow) -> list[str]:
    return [entry.title for entry in window.stack.entries]


@pytest.fixture
def settled(window: MainWindow, qtbot: QtBot) -> Callable[[], None]:
    def wait() -> None:
        def is_settled() -> bool:
            drawing, wanted = window.stage.map.drawing, window.stage.map.view.grown(RESERVE)
            return window.tasks.idle and drawing is not None and drawing.is_final and drawing.view == wanted

        qtbot.wait(100)
        qtbot.waitUntil(is_settled, timeout=LONG)

    return wait


def test_the_first_page_offers_the_sample_and_says_nothing_else(window: MainWindow) -> None:
    assert window.pages.currentWidget() is window.welcome
    assert window.actions_["open_sample"].isEnabled()
    assert not window.actions_["import"].isEnabled()
    assert not window.actions_["undo"].isEnabled()


def test_dropped_files_become_layers_in_one_edit_that_can_be_undone(
    window: MainWindow, qtbot: QtBot, project: Path, settled: Callable[[], None]
) -> None:
    drop(window, "衡水市县界.shp", "主要河流.shp")
    qtbot.waitUntil(lambda: len(window.stack.entries) == 2, timeout=LONG)
    settled()
    assert sorted(titles(window)) == ["主要河流", "衡水市县界"]
    assert window.desk.session is not None
    assert window.desk.session.next_undo is not None
    window.undo()
    assert titles(window) == []
    window.redo()
    assert sorted(titles(window)) == ["主要河流", "衡水市县界"]


def test_what_was_imported_is_there_when_the_project_is_opened_again(
    window: MainWindow, qtbot: QtBot, project: Path, settled: Callable[[], None]
) -> None:
    drop(window, "衡水市县界.shp")
    qtbot.waitUntil(lambda: len(window.stack.entries) == 1, timeout=LONG)
    settled()
    window.files.close()
    assert window.pages.currentWidget() is window.welcome
    again, session = opened(project)
    with again:
        assert [entry.title for entry in again.layers()] == ["衡水市县界"]
        assert session.next_undo is not None


def test_a_file_that_is_no_layer_is_refused_by_name_and_nothing_changes(
    window: MainWindow, qtbot: QtBot, project: Path, tmp_path: Path
) -> None:
    torn = tmp_path / "撕坏.shp"
    torn.write_bytes(b"\x00\x00\x27\x0a" + b"\x00" * 20)
    window.files.bring([torn])
    qtbot.waitUntil(lambda: any("撕坏" in text for text in window.notices.texts()), timeout=LONG)
    assert titles(window) == []


def test_the_wheel_zooms_about_the_cursor_and_a_drag_pans(
    window: MainWindow, qtbot: QtBot, project: Path, settled: Callable[[], None]
) -> None:
    drop(window, "衡水市县界.shp")
    qtbot.waitUntil(lambda: len(window.stack.entries) == 1, timeout=LONG)
    settled()
    view = window.stage.map
    before, at = view.view, view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(view, at + view.rect().center() / 4)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at + view.rect().center() / 4)
    assert view.view.x < before.x
    assert view.view.scale == before.scale
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.view.scale < before.scale


def test_the_dark_theme_and_english_reach_every_part(window: MainWindow, project: Path) -> None:
    window.switch_theme()
    assert window.tokens.surface == "#1f242b"
    window.switch_language()
    assert window.actions_["import"].text().startswith("Import")
    assert window.header.search.placeholderText().isascii()


def test_no_two_commands_have_the_same_key() -> None:
    keys = [command.keys for command in COMMANDS if command.keys]
    assert len(keys) == len(set(keys))

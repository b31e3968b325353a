"""The journal: what was done is listed, and a click goes back or forward; what the program says aside."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.journal import NUMBER
from app.shell.notices import MOST
from layers.changes import Change, Edit
from layers.storage.geopackage import ProjectFile
from tests.waiting import LONG


@pytest.fixture
def window(open_window: Callable[..., MainWindow], tmp_path: Path) -> MainWindow:
    """A window on a project with five edits."""
    path = tmp_path / "历史.gpkg"
    with ProjectFile.create(path, name="历史") as project:
        before = None
        for number in range(1, 6):
            after = {"value": str(number)}
            project.apply(Edit(f"第 {number} 步", (Change("settings", "word", before, after),)))
            before = after
    window = open_window(path)
    window.actions_["journal"].trigger()
    return window


def listed(window: MainWindow) -> list[str]:
    tree = window.workspaces.edit.journal.list
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def click(window: MainWindow, qtbot: QtBot, row: int) -> str | None:
    """Click a line; the value that the project holds then."""
    tree = window.workspaces.edit.journal.list
    tree.itemClicked.emit(tree.topLevelItem(row), 0)
    qtbot.waitUntil(lambda: window.tasks.idle and not window.is_storing, timeout=LONG)
    assert window.desk.project is not None
    found = window.desk.project.table("settings").get("word")
    return None if found is None else str(found["value"])


def test_the_newest_edit_is_first_and_the_beginning_last(window: MainWindow) -> None:
    assert listed(window) == ["第 5 步", "第 4 步", "第 3 步", "第 2 步", "第 1 步", "最初"]


def test_a_click_goes_back_many_steps_and_forward_again(window: MainWindow, qtbot: QtBot) -> None:
    assert click(window, qtbot, 3) == "2"
    assert len(listed(window)) == 6
    current = window.workspaces.edit.journal.list.currentItem()
    assert current.text(0) == "第 2 步"
    assert click(window, qtbot, 5) is None
    assert click(window, qtbot, 0) == "5"
    assert not window.actions_["redo"].isEnabled()


def test_a_new_edit_forgets_what_could_be_done_again(window: MainWindow, qtbot: QtBot) -> None:
    click(window, qtbot, 3)
    window.store(Edit("另一步", (Change("settings", "other", None, {"value": "1"}),)))
    assert listed(window) == ["另一步", "第 2 步", "第 1 步", "最初"]
    assert window.workspaces.edit.journal.list.topLevelItem(3).data(0, NUMBER) == 0


def test_warnings_outlast_passing_words_and_nothing_is_said_twice(window: MainWindow, qtbot: QtBot) -> None:
    window.notices.say("磁盘快满了", "warning")
    for number in range(4):
        window.notices.say(f"好 {number}")
        window.notices.say("好 0")
    qtbot.waitUntil(lambda: len(window.notices.texts()) == MOST, timeout=LONG)
    assert "磁盘快满了" in window.notices.texts()
    assert window.notices.texts().count("好 0") == 1


def test_a_word_on_a_notice_does_what_it_says_and_the_notice_goes(window: MainWindow, qtbot: QtBot) -> None:
    window.notices.say("已移除", action=("撤销", window.undo))
    (link,) = (each for each in window.notices.findChildren(QToolButton) if each.text() == "撤销")
    link.click()
    qtbot.waitUntil(lambda: "已移除" not in window.notices.texts(), timeout=LONG)
    assert listed(window)[0] == "第 5 步"
    assert window.desk.session is not None
    assert window.desk.session.undone == (5,)

"""Selecting in the window: by condition, by place, by a polygon drawn; joined with what was selected."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.canvas.lasso import Lasso
from app.main_window import MainWindow
from tests.waiting import LONG


@pytest.fixture
def window(open_window: Callable[..., MainWindow], hengshui: Path) -> MainWindow:
    return open_window(hengshui)


def select(window: MainWindow, qtbot: QtBot, way: str = "new") -> list[str]:
    """Press the button; the names of the counties that are selected then."""
    page = window.selecting.page
    assert page is not None
    page.way.setCurrentIndex(page.way.findData(way))
    page.go.click()
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    return sorted(
        str(name) for each in window.stage.selection if each.kind == "county" for name in each["name"]
    )


def county(window: MainWindow) -> str:
    return next(entry.name for entry in window.stack.entries if entry.kind == "county")


def test_conditions_are_joined_with_what_is_selected(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["select_by"].trigger()
    page = window.selecting.page
    assert page is not None
    page.choose(county(window), 0)
    page.formula.setText("name like '武%'")
    assert select(window, qtbot) == ["武强县", "武邑县"]
    page.formula.setText("name in ('武邑县', '景县')")
    assert select(window, qtbot, "add") == ["景县", "武强县", "武邑县"]
    assert select(window, qtbot, "remove") == ["武强县"]
    assert "1" in page.told.text()
    page.formula.setText("height > 3")
    assert select(window, qtbot) == ["武强县"]
    assert window.notices.texts()


def test_what_lies_at_the_selected_features_is_selected(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["select_by"].trigger()
    page = window.selecting.page
    assert page is not None
    page.choose(county(window), 0)
    page.formula.setText("name = '桃城区'")
    select(window, qtbot)
    page.tabs.setCurrentIndex(1)
    page.relation.setCurrentIndex(page.relation.findData("near"))
    assert page.distance.isEnabled()
    page.distance.setValue(500)
    found = select(window, qtbot)
    assert "桃城区" in found
    assert 3 <= len(found) < 11


def test_a_polygon_drawn_on_the_map_selects_what_it_meets(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["select_polygon"].trigger()
    lasso, map_ = window.selecting.lasso, window.stage.map
    assert isinstance(lasso, Lasso)
    middle = QPoint(map_.width() // 2, map_.height() // 2)
    for dx, dy in ((-30, -30), (40, -20), (10, 40)):
        QTest.mouseClick(lasso, Qt.MouseButton.LeftButton, pos=middle + QPoint(dx, dy))
    QTest.keyClick(lasso, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    assert window.selecting.lasso is None
    assert 0 < sum(map(len, window.stage.selection)) < 11


def test_escape_gives_the_lasso_up_and_nothing_changes(window: MainWindow) -> None:
    window.actions_["select_polygon"].trigger()
    lasso = window.selecting.lasso
    assert lasso is not None
    QTest.mouseClick(lasso, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.keyClick(lasso, Qt.Key.Key_Escape)
    assert window.selecting.lasso is None
    assert not window.stage.selection

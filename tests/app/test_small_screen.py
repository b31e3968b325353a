"""A screen of 1366 × 768: menus in one column, notices beside the key, whole names, nothing overlaps."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.parts import fit_heads, row, table
from layers.census.quality import Finding
from tests.app.test_ground import GRADES
from tests.app.test_screens import cut_words
from tests.waiting import LONG

Bench = Any
LANGUAGES = ("zh_CN", "en")
WIDE, HIGH, HEADER = 1366, 768, 48
pytestmark = pytest.mark.screen


@pytest.fixture
def small(bench: Bench) -> MainWindow:
    window: MainWindow = bench.window
    window.resize(WIDE, HIGH)
    return window


def speak(window: MainWindow, language: str) -> None:
    if window.words.language != language:
        window.switch_language()


def place(widget: QWidget, window: MainWindow) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_menu_fits_below_the_header_in_one_column(small: MainWindow, language: str) -> None:
    speak(small, language)
    heights = {name: menu.sizeHint().height() for name, menu in small.header.menu.items()}
    assert max(heights.values()) <= HIGH - HEADER, heights
    assert small.minimumSizeHint().width() <= WIDE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1024, 1280])
def test_a_narrow_window_keeps_menus_workspaces_and_tabs_whole(
    small: MainWindow, qtbot: QtBot, language: str, width: int
) -> None:
    speak(small, language)
    small.resize(width, 640)
    for panel in ("feature", "hazard", "shelters"):
        small.go_to(panel)
        qtbot.wait(20)
        cut = [words for words in cut_words(small) if "QToolButton" in words or "QTabBar" in words]
        assert not cut, cut
    assert small.header.menus.width() >= small.header.menus.sizeHint().width()
    assert small.header.search.width() >= 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_notices_leave_the_key_of_the_map_free(
    window_of: Callable[..., MainWindow], qtbot: QtBot, language: str
) -> None:
    small = window_of(GRADES)
    small.resize(WIDE, HIGH)
    speak(small, language)
    key = small.stage.key
    assert key.isVisible()
    for number in range(3):
        small.notices.say(f"{number} " + small.words.say("outside.before", layers="乡镇界、道路"), "warning")
    qtbot.wait(50)
    assert not place(small.notices, small).intersects(place(key, small))
    small.stage.key.stand("left")
    qtbot.wait(20)
    assert not place(small.notices, small).intersects(place(key, small))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_cut_in_the_panels_at_the_foot(small: MainWindow, qtbot: QtBot, language: str) -> None:
    speak(small, language)
    facts = {"field": "name"}
    found = tuple(Finding("required", "township", str(n), (0.0, 0.0), "error", facts) for n in range(1234))
    small.toggle("tasks")
    small.workbench.findings.show_findings(found, {"township": "乡镇界_示例"})
    small.workbench._open("findings")
    qtbot.wait(50)
    assert small.docks["findings"].width() == small.docks["tasks"].width()  # one behind the other
    assert not [words for words in cut_words(small) if "QLabel" in words or "Button" in words]


@pytest.mark.parametrize("width", [250, 400])
def test_names_of_five_characters_are_whole_beside_large_numbers(qtbot: QtBot, width: int) -> None:
    tree = table(4)
    qtbot.addWidget(tree)
    tree.resize(width, 200)
    tree.show()
    tree.setHeaderLabels(["单元", "受灾人口", "转移安置", "损失/万元"])
    for _ in range(3):
        tree.addTopLevelItem(row(["郑家河沿镇", "1,463,289", "1,443,702", "1,106,173"], [1, 2, 3]))
    fit_heads(tree, [1, 2, 3])
    need = tree.sizeHintForColumn(0)
    assert tree.columnWidth(0) >= need
    assert all(tree.columnWidth(place) >= tree.sizeHintForColumn(place) for place in range(1, 4))


def test_losses_and_their_ranges_are_read_without_scrolling(small: MainWindow) -> None:
    loss = small.workspaces.risk.loss
    small.go_to("loss")
    loss._pages.setCurrentWidget(loss.table)
    loss._heads("loss.item", "loss.range")
    loss._between("转移安置", 1_542_025, 11_106_173, 81_817_946)
    fit_heads(loss.table, [1])
    header = loss.table.header()
    assert header.length() <= loss.table.viewport().width()


def test_a_foot_panel_that_lies_behind_another_comes_to_the_front(small: MainWindow, qtbot: QtBot) -> None:
    seen: Callable[[str], bool] = lambda name: not small.docks[name].visibleRegion().isEmpty()  # noqa: E731
    small.toggle("tasks")
    small.workbench._open("findings")
    qtbot.waitUntil(lambda: seen("findings") and not seen("tasks"), timeout=LONG)
    small.toggle("tasks")
    qtbot.waitUntil(lambda: seen("tasks") and not seen("findings"), timeout=LONG)
    small.toggle("tasks")
    qtbot.waitUntil(lambda: seen("findings"), timeout=LONG)
    assert not small.is_shown("tasks")


@pytest.mark.parametrize("panel", ["feature", "style", "shelters"])
def test_panels_lie_on_one_colour(small: MainWindow, qtbot: QtBot, panel: str) -> None:
    small.go_to(panel)
    qtbot.wait(30)
    side = small.workspaces.side
    picture, ground = side.grab().toImage(), side.palette().base().color().name()
    edges = [(3, side.height() // 2), (side.width() - 3, side.height() - 60), (3, side.height() - 3)]
    assert {picture.pixelColor(x, y).name() for x, y in edges} == {ground}


@pytest.mark.parametrize(("height", "scrolls"), [(HIGH, False), (640, True)])
def test_panels_scroll_only_in_a_low_window_and_reach_their_last_button(
    small: MainWindow, qtbot: QtBot, height: int, scrolls: bool
) -> None:
    small.resize(1024, height)
    pages = {}
    for panel in ("feature", "style", "region", "shelters", "shelter_plans", "sheets"):
        small.go_to(panel)
        qtbot.wait(30)
        page = small.workspaces.side._widgets[panel]
        pages[panel] = page.verticalScrollBar().maximum()
        assert page.widget().width() == page.viewport().width()
    assert bool(sum(pages.values())) == scrolls, pages

"""Finding one's way: the overview, tips under a resting mouse, bookmarks, typed coordinates."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.orientation.bookmarks import bookmarks
from app.orientation.finding import find
from layers.grid import Extent
from tests.waiting import LONG

pytestmark = pytest.mark.screen


@pytest.fixture
def window(open_window: Callable[..., MainWindow], qtbot: QtBot, hengshui: Path) -> MainWindow:
    """A window on the counties of Hengshui, and the map is there."""
    window = open_window(hengshui)
    qtbot.waitUntil(lambda: window.stage.map.drawing is not None, timeout=LONG)
    qtbot.waitUntil(lambda: window.wayfinding.inset._ground is not None, timeout=LONG)
    return window


def hover(window: MainWindow, at: QPoint) -> None:
    """Move the mouse there; the offscreen platform has none of its own."""
    none, keys, place = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, QPointF(at)
    event = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, keys)
    QCoreApplication.sendEvent(window.stage.map, event)


def test_the_overview_comes_when_a_part_is_seen_and_its_box_moves_the_map(window: MainWindow) -> None:
    inset, shown = window.wayfinding.inset, window.stage.map
    assert inset.isHidden()
    shown.zoom(8)
    assert inset.isVisible()
    before = shown.view
    QTest.mousePress(inset, Qt.MouseButton.LeftButton, pos=QPoint(40, 30))
    assert (shown.view.x, shown.view.y) == pytest.approx(inset._whole.to_map(40, 30))
    assert shown.view.scale == before.scale
    window.actions_["overview"].trigger()
    assert inset.isHidden()
    assert window.settings.overview is False


def test_a_resting_mouse_is_told_what_lies_under_it(window: MainWindow, qtbot: QtBot) -> None:
    tips, shown = window.wayfinding.tips, window.stage.map
    region = next(region for region in window.gazetteer.regions if region.name == "景县")
    shown.show_extent(region.extent)
    middle = QPoint(shown.width() // 2, shown.height() // 2)
    hover(window, middle)
    qtbot.waitUntil(tips.card.isVisible, timeout=LONG)
    assert "景县" in tips.card.text()
    hover(window, middle + QPoint(5, 5))
    assert tips.card.isHidden()
    window.actions_["map_tips"].trigger()
    hover(window, middle)
    assert not tips._rest.isActive()
    assert tips.card.isHidden()


def test_bookmarks_lie_in_the_project_and_are_gone_to_found_and_undone(window: MainWindow) -> None:
    shown, marks = window.stage.map, window.wayfinding.bookmarks
    shown.zoom(16)
    place = shown.view
    window.actions_["bookmarks"].trigger()
    page = marks.page
    assert page is not None
    page.name.setText("溃口")
    page.keep.click()
    assert page.list.count() == 1
    window.stage.show_all()
    page.go.click()
    assert (shown.view.x, shown.view.y) == pytest.approx((place.x, place.y), abs=0.01)
    assert shown.view.scale == pytest.approx(place.scale, rel=1e-3)
    project = window.desk.project
    assert project is not None
    hits = find("溃", project.crs, window.stack, window.gazetteer, marks.find("溃"), window.words)
    assert [hit[1] for hit in hits] == ["书签"]
    page.drop.click()
    assert bookmarks(project) == ()
    window.undo()
    assert [each.name for each in bookmarks(project)] == ["溃口"]


def test_a_typed_coordinate_leads_to_its_place(window: MainWindow) -> None:
    typed = ("115.67 37.74", "37.74, 115.67", "37°44′24″N 115°40′12″E", "东经115°40′12″ 北纬37°44′24″")
    for text in typed:
        hits = find(text, "EPSG:4548", window.stack, window.gazetteer, (), window.words)
        extent = hits[0][2]
        assert isinstance(extent, Extent)
        assert (extent.west + extent.east) / 2 == pytest.approx(382_769, abs=1)
        assert (extent.south + extent.north) / 2 == pytest.approx(4_179_472, abs=1)

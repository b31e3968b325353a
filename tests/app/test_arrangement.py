"""What is arranged comes back after a restart: docks, workspace, layers, view; and the tour is told once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from tests.waiting import LONG

OpenWindow = Callable[..., MainWindow]
pytestmark = pytest.mark.screen


@pytest.fixture
def opened(open_window: OpenWindow, qtbot: QtBot, hengshui: Path) -> OpenWindow:
    """Opens a window on the project, and waits for the map."""

    def shown() -> MainWindow:
        window = open_window(hengshui)
        qtbot.waitUntil(lambda: window.stage.map.drawing is not None, timeout=LONG)
        return window

    return shown


def test_docks_workspace_layers_and_view_come_back_after_a_restart(opened: OpenWindow) -> None:
    window = opened()
    areas = Qt.DockWidgetArea
    window.addDockWidget(areas.RightDockWidgetArea, window.docks["left"])
    window.go_to("database")
    window.toggle("tasks")
    river = next(entry.name for entry in window.stack.entries if entry.kind == "river")
    window.stack.see(river, False)
    window.stage.map.zoom(5)
    view = window.stage.map.view
    window.close()

    again = opened()
    assert again.dockWidgetArea(again.docks["left"]) == areas.RightDockWidgetArea
    assert again.workspaces.side.workspace == "risk"
    assert again.workspaces.side.panel == "database"
    assert again.is_shown("tasks")
    assert not again.stack.is_seen(river)
    found = again.stage.map.view
    assert (found.x, found.y, found.scale) == pytest.approx((view.x, view.y, view.scale))

    again.actions_["arrange_docks"].trigger()
    assert again.dockWidgetArea(again.docks["left"]) == areas.LeftDockWidgetArea
    assert not again.is_shown("tasks")


@pytest.mark.qt_log_ignore("propagateSizeHints")  # of the offscreen platform
def test_the_oblique_view_comes_back_as_it_was_turned(opened: OpenWindow) -> None:
    window = opened()
    window.actions_["oblique"].trigger()
    window.oblique.page.view.stand(azimuth=120.0, tilt=50.0)
    window.close()

    again = opened()
    page = again.oblique.page
    assert page is not None
    assert page.isVisible()
    assert (page.view.stance.azimuth, page.view.stance.tilt) == (120.0, 50.0)
    page.close()
    again.close()
    assert opened().oblique.page is None


def test_region_selection_and_folds_come_back_after_a_restart(opened: OpenWindow, qtbot: QtBot) -> None:
    window = opened()
    region = window.gazetteer.regions[3]
    window.choice.take_region(region.code)
    window.workbench.select("county", list(window.desk.project.table("county"))[2:4])
    window.layers.tree.topLevelItem(1).setExpanded(False)
    window.layers.choose("county")
    window.go_to("region")
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    names = window.stage.selection[0]["name"].tolist()
    window.close()

    again = opened()
    qtbot.waitUntil(lambda: again.tasks.idle and bool(again.stage.selection), timeout=LONG)
    assert again.choice.region == region.code
    assert again.stage.map.region is not None
    assert again.workspaces.risk.region.regions.tree.currentItem().text(0) == region.name
    assert again.stage.selection[0]["name"].tolist() == names
    assert again.workspaces.side.panel == "region"
    assert again.layers.chosen == "county"
    assert not again.layers.tree.topLevelItem(1).isExpanded()


def test_what_is_no_longer_there_is_not_recalled(opened: OpenWindow, qtbot: QtBot, hengshui: Path) -> None:
    window = opened()
    told = {
        "hazard": "fire",
        "seen": ["nothing"],
        "region": "999999",
        "layer": "nothing",
        "time": 5,
        "swipe": 3,
    }
    for scene in (told, {**told, "swipe": {"name": "no:no:False"}, "selection": {"nothing": ["a"]}}, {}, 7):
        window.settings.keep_scene(hengshui, json.dumps(scene))
        window.files.close()
        window.files.open_path(hengshui)
        qtbot.waitUntil(lambda: window.desk.project is not None and window.tasks.idle, timeout=LONG)
        assert window.choice.region == ""
        assert not window.stage.swipe.is_on
        assert not window.stage.selection


def test_docks_can_be_moved_and_float(opened: OpenWindow) -> None:
    window = opened()
    feature = type(window.docks["left"]).DockWidgetFeature
    for dock in window.docks.values():
        assert dock.features() & feature.DockWidgetMovable
        assert dock.features() & feature.DockWidgetFloatable


def test_the_tour_is_told_once_on_the_sample_and_can_be_skipped(
    open_window: OpenWindow, qtbot: QtBot, hengshui: Path
) -> None:
    window = open_window()
    window.sample_path = hengshui
    window.files.open_path(hengshui)
    qtbot.waitUntil(lambda: window.touring.tour is not None, timeout=LONG)
    tour = window.touring.tour
    assert tour is not None
    room = window.rect()
    texts = set()
    while window.touring.tour is not None:
        texts.add(tour.bubble.text.text())
        assert room.contains(tour.bubble.geometry())
        QTest.keyClick(tour, Qt.Key.Key_Return)
    assert len(texts) >= 4

    window.actions_["tour"].trigger()
    assert window.touring.tour is not None
    QTest.keyClick(window.touring.tour, Qt.Key.Key_Escape)
    assert window.touring.tour is None

    window.files.close()
    window.files.open_path(hengshui)
    qtbot.waitUntil(lambda: window.desk.project is not None and window.tasks.idle, timeout=LONG)
    assert not window.touring._calm.isActive()
    assert window.touring.tour is None

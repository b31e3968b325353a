"""The swipe: left of the curtain the map as it is, right of it another layer in place of the grades."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from layers.grid import Grid, Lattice
from layers.layer import RasterLayer
from layers.storage.frames import FrameWriter
from layers.storage.rasters import write_grid
from tests.waiting import LONG

WindowOf = Callable[..., MainWindow]
LATTICE = Lattice(380_000.0, 4_180_000.0, 30.0, 120, 160, "EPSG:4548")
pytestmark = pytest.mark.screen


@pytest.fixture
def window(window_of: WindowOf, tmp_path: Path) -> MainWindow:
    """A window on a project with a low flood risk and a high earthquake risk."""
    layers = []
    for hazard, value in (("flood", 1.0), ("earthquake", 1e6)):
        file = tmp_path / f"{hazard}.tif"
        write_grid(Grid(np.full(LATTICE.shape, value), LATTICE), file)
        layers.append(RasterLayer(f"risk_{hazard}", f"risk_{hazard}", str(file), LATTICE))
    return window_of(*layers)


def greens(window: MainWindow, qtbot: QtBot) -> tuple[int, int]:
    """How green the map is to the left and to the right of its middle; dark red is the worst grade."""
    map_, swipe = window.stage.map, window.stage.swipe
    qtbot.waitUntil(lambda: swipe.is_ready or not swipe.is_on, timeout=LONG)
    qtbot.waitUntil(lambda: map_.drawing is not None and map_.drawing.is_final, timeout=LONG)
    image, y = map_.grab().toImage(), map_.height() // 3
    left, right = (image.pixelColor(round(map_.width() * share), y).green() for share in (0.35, 0.65))
    return left, right


def test_two_hazards_lie_on_the_two_sides_of_the_curtain(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["swipe"].trigger()
    swipe = window.stage.swipe
    assert "地震" in swipe.choice.currentText()
    left, right = greens(window, qtbot)
    assert left > 150 > 60 > right
    swipe.curtain.move_to(0.2)
    assert max(greens(window, qtbot)) < 60
    assert not swipe.key.isHidden()


def test_the_curtain_is_dragged_and_moved_by_keys_and_ended_by_escape(window: MainWindow) -> None:
    window.actions_["swipe"].trigger()
    swipe = window.stage.swipe
    curtain, middle = swipe.curtain, QPoint(17, 200)
    QTest.mousePress(curtain, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(curtain, middle + QPoint(100, 0))
    QTest.mouseRelease(curtain, Qt.MouseButton.LeftButton, pos=middle)
    QTest.keyClick(curtain, Qt.Key.Key_Home)
    assert curtain.share == 0
    QTest.keyClick(curtain, Qt.Key.Key_Right)
    assert curtain.share == pytest.approx(0.02)
    QTest.keyClick(curtain, Qt.Key.Key_Escape)
    assert not swipe.is_on
    assert not window.actions_["swipe"].isChecked()


def test_the_map_has_the_focus_when_two_maps_are_compared_no_longer(window: MainWindow) -> None:
    window.go_to("hazard")
    for part in (window.stage.swipe.curtain, window.stage.swipe.choice):
        window.actions_["swipe"].trigger()
        part.setFocus()
        window.stage.swipe.end()
        assert window.focusWidget() is window.stage.map


def test_a_layer_that_is_shown_itself_is_compared_no_longer(window: MainWindow) -> None:
    window.actions_["swipe"].trigger()
    window.choice.take_hazard("earthquake")
    assert not window.stage.swipe.is_on or "地震" not in window.stage.swipe.choice.currentText()
    window.files.close()
    assert not window.stage.swipe.is_on


@pytest.fixture
def flood(window_of: WindowOf, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window on two floods of two hours: dry at first, then two metres deep; the second one metre."""
    layers = []
    for number, depth in enumerate((4.0, 0.2)):
        file = tmp_path / f"depth{number}.tif"
        with FrameWriter(file, LATTICE, (0.0, 3600.0, 7200.0), "m") as writer:
            for values in (np.nan, depth, depth):
                writer.add(np.full(LATTICE.shape, values))
        layers.append(RasterLayer(f"洪水{number}", "depth_frames", str(file), LATTICE))
    window = window_of(*layers)
    first, second = (entry.name for entry in window.stack.entries)
    window.stack.see(second, False)
    window.stack.see(first, True)
    qtbot.waitUntil(lambda: bool(window.stage.time.times), timeout=LONG)
    window.stage.time.seek(7200)
    return window


def reds(window: MainWindow, qtbot: QtBot) -> tuple[int, int]:
    """How red the map is to the left and to the right of its middle: water takes the red away."""
    map_, swipe, player = window.stage.map, window.stage.swipe, window.stage.time.player
    qtbot.waitUntil(lambda: swipe.is_ready and player.is_ready, timeout=LONG)
    image, y = map_.grab().toImage(), map_.height() // 3
    left, right = (image.pixelColor(round(map_.width() * share), y).red() for share in (0.35, 0.65))
    return left, right


def test_two_moments_of_one_layer_lie_on_the_two_sides(flood: MainWindow, qtbot: QtBot) -> None:
    flood.actions_["swipe"].trigger()
    swipe = flood.stage.swipe
    assert swipe.other is not None
    assert swipe.other.is_moment
    assert swipe.moment.seconds == 3600
    swipe.moment.slider.setValue(0)
    left, right = reds(flood, qtbot)
    assert left < 100 < 200 < right
    QTest.keyClick(swipe.moment.slider, Qt.Key.Key_Right)
    left, right = reds(flood, qtbot)
    assert left == right
    flood.stage.time.seek(0)
    left, right = reds(flood, qtbot)
    assert right < 100 < 200 < left
    swipe.end()
    assert flood.stage.time.player.beside == ()


def test_time_swipe_and_moment_come_back_after_a_restart(
    flood: MainWindow, open_window: WindowOf, qtbot: QtBot
) -> None:
    path = flood.desk.project.path
    flood.actions_["swipe"].trigger()
    flood.stage.swipe.curtain.move_to(0.3)
    flood.stage.swipe.moment.slider.setValue(2)
    flood.stage.time.seek(3600)
    flood.close()
    again = open_window(path)
    swipe = again.stage.swipe
    qtbot.waitUntil(lambda: swipe.is_on and again.tasks.idle, timeout=LONG)
    assert again.stage.time.seconds == 3600
    assert swipe.moment.seconds == 7200
    assert swipe.curtain.share == 0.3


def test_two_floods_lie_on_the_two_sides_at_the_time_of_the_slider(flood: MainWindow, qtbot: QtBot) -> None:
    flood.actions_["swipe"].trigger()
    swipe = flood.stage.swipe
    swipe.compare(next(other for other in swipe._others if not other.is_moment))
    qtbot.waitUntil(lambda: len(flood.stage.time.player.beside) == 1, timeout=LONG)
    left, right = reds(flood, qtbot)
    assert left < 100 < 150 < right < 230
    flood.stage.time.seek(0)
    assert min(reds(flood, qtbot)) > 230
    flood.files.close()
    assert not swipe.is_on

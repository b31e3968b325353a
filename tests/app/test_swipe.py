"""The swipe: left of the curtain the map as it is, right of it another layer in place of the grades."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.settings import Settings
from layers.grid import Grid, Lattice
from layers.layer import RasterLayer
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid

LATTICE = Lattice(380_000.0, 4_180_000.0, 30.0, 120, 160, "EPSG:4548")
LONG = 60_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window on a project with a low flood risk and a high earthquake risk."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    layers = []
    for hazard, value in (("flood", 1.0), ("earthquake", 1e6)):
        file = tmp_path / f"{hazard}.tif"
        write_grid(Grid(np.full(LATTICE.shape, value), LATTICE), file)
        layers.append(RasterLayer(f"risk_{hazard}", f"risk_{hazard}", str(file), LATTICE))
    path = tmp_path / "两个灾种.gpkg"
    with ProjectFile.create(path, name="两个灾种", crs=LATTICE.crs) as project:
        project.apply(load("风险", layers, project))
    window = MainWindow(Settings(), "zh_CN")
    qtbot.addWidget(window)
    window.show()
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.desk.project is not None and window.tasks.idle, timeout=LONG)
    return window


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


def test_a_layer_that_is_shown_itself_is_compared_no_longer(window: MainWindow) -> None:
    window.actions_["swipe"].trigger()
    window.choice.take_hazard("earthquake")
    assert not window.stage.swipe.is_on or "地震" not in window.stage.swipe.choice.currentText()
    window.files.close()
    assert not window.stage.swipe.is_on

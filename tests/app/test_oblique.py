"""The oblique view in the window: the piece stands up, is turned by hand, and its water follows the time."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.orientation.oblique import ObliquePage
from app.settings import Settings
from layers.cartography.oblique import compile_kernels
from layers.grid import Grid, Lattice
from layers.layer import RasterLayer
from layers.storage.frames import FrameWriter
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid

LATTICE = Lattice(380_000.0, 4_180_000.0, 30.0, 120, 160, "EPSG:4548")
LONG = 60_000
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # of the offscreen platform


def blues(page: ObliquePage) -> int:
    """Pixels under water."""
    picture = page.view.picture()
    assert picture is not None
    pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.width(), 4)
    return int((pixels[..., 2].astype(int) - pixels[..., 0] > 40).sum())


def test_the_piece_stands_up_is_turned_and_its_water_follows_the_time(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_kernels()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    write_grid(Grid(np.tile(np.linspace(10, 40, 160), (120, 1)), LATTICE), tmp_path / "terrain.tif")
    with FrameWriter(tmp_path / "depth.tif", LATTICE, (0.0, 3600.0), "m") as writer:
        writer.add(np.full(LATTICE.shape, np.nan))
        writer.add(np.full(LATTICE.shape, 2.5))
    files = {"terrain": "terrain.tif", "depth_frames": "depth.tif"}
    layers = [RasterLayer(kind, kind, str(tmp_path / file), LATTICE) for kind, file in files.items()]
    path = tmp_path / "洪水.gpkg"
    with ProjectFile.create(path, name="洪水", crs=LATTICE.crs) as project:
        project.apply(load("图层", layers, project))
    window = MainWindow(Settings(), "zh_CN")
    qtbot.addWidget(window)
    window.show()
    window.files.open_path(path)
    qtbot.waitUntil(lambda: bool(window.stage.time.times) and window.tasks.idle, timeout=LONG)

    window.actions_["oblique"].trigger()
    page = window.oblique.page
    assert page is not None
    qtbot.waitUntil(lambda: window.tasks.idle and page.view._relief is not None, timeout=LONG)
    window.stage.time.seek(0)
    qtbot.waitUntil(lambda: blues(page) == 0, timeout=LONG)
    window.stage.time.seek(3600)
    qtbot.waitUntil(lambda: blues(page) > 1000, timeout=LONG)
    before = page.view.stance
    QTest.keyClick(page.view, Qt.Key.Key_Right)
    QTest.keyClick(page.view, Qt.Key.Key_Plus)
    assert page.view.stance.azimuth == before.azimuth + 5
    assert page.view.stance.zoom > before.zoom
    page.exaggeration.setValue(20)
    assert page.view.stance.exaggeration == 20

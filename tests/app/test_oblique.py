"""The oblique view in the window: the piece stands up, is turned by hand, and its water follows the time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.orientation.oblique import ObliquePage
from layers.cartography.oblique import compile_kernels
from layers.grid import Grid, Lattice
from layers.layer import RasterLayer, Shapes, VectorLayer
from layers.storage.frames import FrameWriter
from layers.storage.rasters import write_grid
from tests.waiting import LONG

WindowOf = Callable[..., MainWindow]
LATTICE = Lattice(380_000.0, 4_180_000.0, 30.0, 120, 160, "EPSG:4548")


def blues(page: ObliquePage) -> int:
    """Pixels under water."""
    picture = page.view.picture()
    assert picture is not None
    pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.width(), 4)
    return int((pixels[..., 2].astype(int) - pixels[..., 0] > 40).sum())


@pytest.fixture
def window(window_of: WindowOf, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window on a slope under a flood of two hours."""
    compile_kernels()
    write_grid(Grid(np.tile(np.linspace(10, 40, 160), (120, 1)), LATTICE), tmp_path / "terrain.tif")
    with FrameWriter(tmp_path / "depth.tif", LATTICE, (0.0, 3600.0), "m") as writer:
        writer.add(np.full(LATTICE.shape, np.nan))
        writer.add(np.full(LATTICE.shape, 2.5))
    files = {"terrain": "terrain.tif", "depth_frames": "depth.tif"}
    layers = [RasterLayer(kind, kind, str(tmp_path / file), LATTICE) for kind, file in files.items()]
    window = window_of(*layers)
    qtbot.waitUntil(lambda: bool(window.stage.time.times), timeout=LONG)
    return window


def test_the_piece_stands_up_and_its_water_follows_the_time(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["oblique"].trigger()
    page = window.oblique.page
    assert page is not None
    qtbot.waitUntil(lambda: window.tasks.idle and page.view._relief is not None, timeout=LONG)
    window.stage.time.seek(0)
    qtbot.waitUntil(lambda: blues(page) == 0, timeout=LONG)
    window.stage.time.seek(3600)
    qtbot.waitUntil(lambda: blues(page) > 1000, timeout=LONG)
    page.exaggeration.setValue(20)
    assert page.view.stance.exaggeration == 20


def test_keys_and_the_other_button_move_the_view_and_the_map_follows(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_["oblique"].trigger()
    page, map_ = window.oblique.page, window.stage.map
    assert page is not None
    qtbot.waitUntil(lambda: window.tasks.idle and page.view._relief is not None, timeout=LONG)
    view = page.view
    before = view.stance
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.stance.azimuth == before.azimuth + 5
    QTest.keyClick(view, Qt.Key.Key_N)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.stance.azimuth == 0
    assert view.stance.north > 0
    assert abs(view.stance.east) < 1
    QTest.mousePress(view, Qt.MouseButton.RightButton, pos=QPoint(300, 200))
    send_drag(view, QPoint(300, 200), QPoint(150, 200), Qt.MouseButton.RightButton)
    assert view.stance.east > 0
    place, scale = view.place, map_.view.scale
    assert place is not None
    for _ in range(6):
        QTest.keyClick(view, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: map_.view.scale < scale, timeout=LONG)
    assert (map_.view.x, map_.view.y) == pytest.approx(place, abs=1.0)
    qtbot.waitUntil(lambda: window.tasks.idle and view.extent == map_.view.extent, timeout=LONG)
    assert view.stance.zoom == pytest.approx(1.0, abs=0.01)
    assert view.place == pytest.approx(place, abs=1.0)


def test_a_place_that_is_sought_in_the_view_is_shown_by_view_and_map(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_["oblique"].trigger()
    page = window.oblique.page
    assert page is not None
    page.search.setText("382000, 4178000")
    page.search.searched.emit(page.search.text())
    page.search.returnPressed.emit()

    def is_there() -> bool:
        place = page.view.place
        return place is not None and place == pytest.approx((382_000.0, 4_178_000.0), abs=1.0)

    qtbot.waitUntil(is_there, timeout=LONG)
    assert window.stage.map.view.x == pytest.approx(382_000.0, abs=1.0)


def send_drag(widget: QWidget, begun: QPoint, to: QPoint, button: Qt.MouseButton) -> None:
    """QTest moves no mouse with another button than the left."""
    at, none = QPointF(to), Qt.KeyboardModifier.NoModifier
    moved = QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, button, none)
    QApplication.sendEvent(widget, moved)
    QTest.mouseRelease(widget, button, pos=to)


def test_names_lie_on_no_ground_while_the_view_is_open(
    window_of: WindowOf, qtbot: QtBot, tmp_path: Path
) -> None:
    compile_kernels()
    write_grid(Grid(np.full((120, 160), 20.0), LATTICE), tmp_path / "terrain.tif")
    terrain = RasterLayer("terrain", "terrain", str(tmp_path / "terrain.tif"), LATTICE)
    ground = Shapes.of([shapely.box(380_500, 4_177_000, 384_000, 4_179_500)])
    county = VectorLayer("county", "county", "EPSG:4548", ground, pd.DataFrame({"name": ["深州市"]}))
    window = window_of(terrain, county)
    shown = window.stage.map
    window.actions_["oblique"].trigger()
    page = window.oblique.page
    assert page is not None

    def has_bare() -> bool:
        return shown.drawing is not None and shown.drawing.is_final and shown.drawing.bare is not None

    qtbot.waitUntil(lambda: has_bare() and window.tasks.idle, timeout=LONG)
    assert shown.drawing is not None
    assert (shown.drawing.bare != shown.drawing.pixels).any()
    qtbot.waitUntil(lambda: page.view._relief is not None, timeout=LONG)
    page.reject()
    qtbot.waitUntil(lambda: shown.drawing is not None and shown.drawing.bare is None, timeout=LONG)

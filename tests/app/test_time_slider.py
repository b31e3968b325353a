"""The time slider: a strip that comes with layers with time, and pictures that follow it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from layers.cartography.style import default_style
from layers.cartography.timed import Frames
from layers.grid import Lattice
from layers.layer import RasterLayer
from layers.storage.frames import FrameWriter
from tests.waiting import LONG

WindowOf = Callable[..., MainWindow]
LATTICE = Lattice(380_000.0, 4_180_000.0, 30.0, 120, 160, "EPSG:4548")
HOURS = (0.0, 3600.0, 5400.0)


def depths(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    values = np.full(LATTICE.shape, np.nan, np.float32)
    values[:, : 50 * number] = 2.5
    return values


@pytest.fixture
def window(window_of: WindowOf, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """A window on a project that holds three frames."""
    file = tmp_path / "depth.tif"
    with FrameWriter(file, LATTICE, HOURS, "m") as writer:
        for number in range(3):
            writer.add(depths(number))
    window = window_of(RasterLayer("depth_frames", "depth_frames", str(file), LATTICE, "m"))
    qtbot.waitUntil(lambda: bool(window.stage.time.times), timeout=LONG)
    return window


def blue(window: MainWindow, qtbot: QtBot) -> float:
    """Share of the map that is under water now."""
    time = window.stage.time
    qtbot.waitUntil(lambda: time.player.is_ready and not time._settle.isActive(), timeout=LONG)
    image = window.stage.map.grab().toImage()
    columns = [image.pixelColor(x, image.height() // 2) for x in range(image.width())]
    return sum(colour.blue() - colour.red() > 40 for colour in columns) / len(columns)


def test_the_strip_comes_with_a_layer_with_time_and_goes_with_it(window: MainWindow) -> None:
    time = window.stage.time
    assert time.isVisible()
    assert window.actions_["time_play"].isEnabled()
    window.stack.see("depth_frames", False)
    assert not time.isVisible()
    assert not window.actions_["time_play"].isEnabled()


def test_the_map_shows_the_water_of_the_time(window: MainWindow, qtbot: QtBot) -> None:
    shares = []
    for seconds in HOURS:
        window.stage.time.seek(seconds)
        shares.append(blue(window, qtbot))
    assert shares[0] == 0
    assert 0.1 < shares[1] < shares[2]


def test_times_are_told_as_one_says_them_in_both_languages(window: MainWindow) -> None:
    time = window.stage.time
    time.seek(3600)
    assert time.label.text() == "第 1 小时"
    time.step(1)
    assert time.label.text() == "第 1 小时 30 分"
    window.switch_language()
    assert time.label.text() == "1 h 30 min"


def test_playing_goes_from_the_beginning_to_the_end_and_stops(window: MainWindow, qtbot: QtBot) -> None:
    time, told = window.stage.time, []
    assert time.seconds == HOURS[-1]
    time.moved.connect(told.append)
    window.actions_["time_play"].trigger()
    qtbot.waitUntil(lambda: not time.is_playing, timeout=LONG)
    assert tuple(told) == HOURS


def test_a_run_under_way_is_followed_at_its_end(window: MainWindow) -> None:
    time, style = window.stage.time, default_style("depth_frames")
    window.stack.see("depth_frames", False)
    for count in (1, 2, 3):
        time.add("run", "模拟", Frames.held(HOURS[:count], [depths(k) for k in range(count)], LATTICE, style))
        assert time.seconds == HOURS[count - 1]
    time.seek(0)
    time.add("run", "模拟", Frames.held((*HOURS, 7200.0), [depths(k % 3) for k in range(4)], LATTICE, style))
    assert time.seconds == 0
    time.remove("run")
    assert not time.times
    time.add("run", "模拟", Frames.held(HOURS, [depths(k) for k in range(3)], LATTICE, style))
    window.files.close()
    assert not time.times

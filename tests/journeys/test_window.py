"""A planner at the window, on the sample project: what the README shows."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.settings import Settings
from layers.words import Language

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZES = ((1366, 768), (1920, 1080))


@pytest.fixture
def window_on(
    qtbot: QtBot, sample_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Language], MainWindow]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def open_window(language: Language) -> MainWindow:
        window = MainWindow(Settings(), language)
        qtbot.addWidget(window)
        window.show()
        window.files.open_path(sample_project)
        qtbot.waitUntil(lambda: window.desk.project is not None, timeout=60_000)
        return window

    return open_window


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_window_shows_the_sample_in_both_sizes(
    window_on: Callable[[Language], MainWindow], qtbot: QtBot, tmp_path: Path, language: Language
) -> None:
    window = window_on(language)
    folder = IMAGES if os.environ.get("RISKATLAS_SCREENSHOTS") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES:
        window.resize(width, height)
        qtbot.wait(6000)
        assert window.stage.width() * window.stage.height() >= 0.55 * width * height
        picture = window.grab()
        path = folder / f"window-{language}-{width}x{height}.png"
        assert picture.save(str(path))
        assert len({picture.toImage().pixel(x, height // 2) for x in range(0, width, 7)}) > 10
    QApplication.processEvents()

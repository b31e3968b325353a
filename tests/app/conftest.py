"""A small county in a window, for the tests of editing: six villages side by side, a kilometre each."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.layers import NAME
from app.settings import Settings
from app.turns import nothing_waits
from layers.editing import EditSession
from layers.layer import Field, Layer, Shapes, VectorLayer
from layers.storage.formats import read_file
from layers.storage.geopackage import ProjectFile, load
from tests.waiting import LONG

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "sample_shapes"

OpenWindow = Callable[..., MainWindow]
WEST, SOUTH = 380_000.0, 4_170_000.0


class Bench:
    """The window, with the words that the tests of editing need."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.tools = window.workbench.tools
        self.say: Callable[..., str] = window.words.say

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.window.tasks.idle and nothing_waits(), timeout=LONG)

    def rows(self) -> dict[str, Any]:
        return {str(row["name"]): row for row in self.project.table("township").values()}

    def key(self, name: str) -> str:
        return next(k for k, row in self.project.table("township").items() if row["name"] == name)

    def select(self, *names: str) -> None:
        self.window.workbench.select("township", [self.key(name) for name in names])
        self.settle()

    def choose_layer(self, layer: str = "township") -> None:
        tree = self.window.layers.tree
        tree.setCurrentItem(next(i for i in self.window.layers._items() if i.data(0, NAME) == layer))

    def do(self, command: str) -> None:
        self.window.actions_[command].trigger()

    def click(self, *points: tuple[float, float]) -> None:
        """Press at points, counted from the county's corner, with the tool in the hand."""
        for x, y in points:
            over = self.tools.overlay
            assert over is not None
            px, py = self.window.stage.map.view.to_screen(WEST + x, SOUTH + y)
            self.qtbot.mouseClick(over, Qt.MouseButton.LeftButton, pos=QPoint(round(px), round(py)))

    def press(self, key: Qt.Key) -> None:
        assert self.tools.overlay is not None
        self.qtbot.keyClick(self.tools.overlay, key)

    def type(self, text: str) -> None:
        """Type into the tool's line, as a person does: the first digit opens it."""
        self.qtbot.keyClicks(self.tools.overlay, text[0])
        line = self.tools.strip.line
        assert line.text() == text[0]
        self.qtbot.keyClicks(line, text[1:])
        self.qtbot.keyClick(line, Qt.Key.Key_Return)

    def notices(self) -> str:
        from PySide6.QtWidgets import QLabel

        return "\n".join(label.text() for label in self.window.notices.findChildren(QLabel))

    @property
    def project(self) -> ProjectFile:
        assert self.window.desk.project is not None
        return self.window.desk.project

    @property
    def edits(self) -> list[str]:
        """Names of the edits so far."""
        return [entry.edit.name for entry in self.project.journal()]


def villages(count: int = 6) -> VectorLayer:
    x = WEST + 1000.0 * np.arange(count)
    table = pd.DataFrame(
        {"code": [f"13112110{n}" for n in range(count)], "name": [f"{n}村" for n in range(count)],
         "county_code": ["131121"] * count, "population": 100 * np.arange(count)}
    )  # fmt: skip
    fields = (Field("code"), Field("name"), Field("population", "integer", "人", "常住人口"))
    shapes = Shapes.of(shapely.box(x, SOUTH, x + 1000, SOUTH + 1000))
    return VectorLayer("township", "township", "EPSG:4548", shapes, table, "乡镇", fields)


def houses(count: int = 4) -> VectorLayer:
    x = WEST + 100.0 + 200.0 * np.arange(count)
    table = pd.DataFrame(
        {"code": [f"H{n}" for n in range(count)], "structure": ["砖混"] * count, "storeys": [2] * count,
         "floor_area": [780.0] * count, "year": [1990 + n for n in range(count)]}
    )  # fmt: skip
    shapes = Shapes.of(shapely.box(x, SOUTH + 100, x + 20, SOUTH + 120))
    return VectorLayer("building", "building", "EPSG:4548", shapes, table, "房屋")


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenWindow:
    """Shows the window of somebody who has set nothing yet; with a project, once that lies on the desk."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("app.shell.notices.PASSING", 10 * LONG)  # it is read, however slow the machine

    def opened(path: Path | None = None) -> MainWindow:
        window = MainWindow(Settings(), "zh_CN")
        qtbot.addWidget(window)
        window.show()
        if path is not None:
            window.files.open_path(path)
            is_open = lambda: window.desk.project is not None and window.tasks.idle  # noqa: E731
            qtbot.waitUntil(lambda: is_open() and nothing_waits(), timeout=LONG)
        return window

    return opened


@pytest.fixture
def window_of(open_window: OpenWindow, tmp_path: Path) -> Callable[..., MainWindow]:
    """Makes a project of some layers, and a window in which it is open."""

    def made(*layers: Layer) -> MainWindow:
        path = tmp_path / "项目.gpkg"
        with ProjectFile.create(path, name="项目") as project:
            project.apply(load("图层", layers, project))
        return open_window(path)

    return made


@pytest.fixture(scope="session")
def county_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The villages and houses as a project: made once, every test has a copy."""
    path = tmp_path_factory.mktemp("县") / "县.gpkg"
    with ProjectFile.create(path, name="县") as project:
        EditSession(project).do(load("导入", [villages(), houses()], project))
    return path


@pytest.fixture
def bench(open_window: OpenWindow, county_once: Path, tmp_path: Path, qtbot: QtBot) -> Bench:
    window = open_window(shutil.copyfile(county_once, tmp_path / "县.gpkg"))
    window.stage.map.show_extent(window.stack.entry("township").extent)
    return Bench(window, qtbot)


@pytest.fixture(scope="session")
def hengshui_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the counties of Hengshui and its rivers: made once, every test has a copy."""
    path = tmp_path_factory.mktemp("衡水") / "衡水.gpkg"
    with ProjectFile.create(path, name="衡水") as made:
        files = {"county": "衡水市县界.shp", "river": "主要河流.shp"}
        layers = [read_file(SAMPLES / f, kind=kind, target_crs=made.crs).layer for kind, f in files.items()]
        made.apply(load("图层", layers, made))
    return path


@pytest.fixture
def hengshui(hengshui_once: Path, tmp_path: Path) -> Path:
    return shutil.copyfile(hengshui_once, tmp_path / "衡水.gpkg")

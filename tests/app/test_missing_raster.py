"""A project that was moved without its folder of rasters: all else is on the map, and it is said once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from pytestqt.qtbot import QtBot

from app.canvas.gestures import Click
from app.canvas.picking import identify
from app.main_window import MainWindow
from app.stack import title_of
from app.turns import nothing_waits
from layers.grid import Grid, Lattice
from layers.layer import RasterLayer, Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid
from tests.waiting import LONG

LATTICE = Lattice(380_000.0, 4_180_000.0, 30.0, 120, 160, "EPSG:4548")
COUNTY = shapely.box(380_000.0, 4_176_400.0, 384_800.0, 4_180_000.0)


def test_the_rest_is_drawn_and_the_layer_says_what_it_lacks(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    file, path = tmp_path / "risk.tif", tmp_path / "项目.gpkg"
    write_grid(Grid(np.full(LATTICE.shape, 1e6), LATTICE), file)
    risk = RasterLayer("risk_flood", "洪水风险", str(file), LATTICE)
    rows = pd.DataFrame({"name": ["某县"], "code": ["131199"]})
    county = VectorLayer("county", "county", "EPSG:4548", Shapes.of([COUNTY]), rows, "县界")
    with ProjectFile.create(path, name="项目") as project:
        project.apply(load("图层", (county, risk), project))
    for each in path.with_suffix(".rasters").iterdir():
        each.unlink()
    window, told = open_window(), list[str]()
    window.tasks.told.connect(lambda error: told.append(error.say("zh_CN")))
    window.files.open_path(path)

    def is_drawn() -> bool:
        drawing = window.stage.map.drawing
        return drawing is not None and drawing.is_final and window.tasks.idle and nothing_waits()

    qtbot.waitUntil(is_drawn, timeout=LONG)
    for _ in range(3):
        window.stage.map.zoom(1.3)
        qtbot.wait(200)
        qtbot.waitUntil(is_drawn, timeout=LONG)
    assert window.stage.map.drawing.pixels[..., 3].any()
    assert [text for text in told if "栅格" in text] == told[:1]
    assert "risk_flood.tif" in told[0]
    click = Click(382_000.0, 4_178_000.0, 10.0)
    found = identify(window.desk.project, window.stack.entries, click, lambda fraction: None)
    assert [each.entry.name for each in found] == ["county"]
    titles = {entry.name: title_of(entry, "zh_CN") for entry in window.stack.entries}
    tips = {item.text(0): item.toolTip(0) for item in window.layers._items()}
    assert "找不到栅格" in tips[titles["risk_flood"]]
    assert "找不到" not in tips[titles["county"]]


def test_a_series_by_county_of_a_project_without_counties_is_refused_in_a_sentence(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "空.gpkg"
    ProjectFile.create(path, name="空").close()
    window, told, bugs = open_window(path), list[str](), list[str]()
    window.tasks.told.connect(lambda error: told.append(error.say("zh_CN")))
    window.tasks.crashed.connect(bugs.append)
    sheets = window.workspaces.print.sheets
    sheets.scope.setCurrentIndex(sheets.scope.findData("counties"))
    window.printing.preview(sheets.wish())
    qtbot.waitUntil(lambda: bool(told or bugs), timeout=LONG)
    assert not bugs
    assert "县" in told[0] or "洪水" in told[0]

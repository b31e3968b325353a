"""Palette, measuring, style panel, the view that comes back."""

from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod
from PySide6.QtCore import Qt

from app.canvas.measuring import Measure, measured
from app.edits import restyling
from app.main_window import MainWindow
from app.settings import Settings
from app.shell.palette import Palette
from app.stack import style_of
from layers.cartography.classify import categorised, graduated, hatched
from layers.cartography.palette import ramps
from layers.layer import Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load
from tests.waiting import LONG

CRS = "EPSG:4548"  # CGCS2000, central meridian 117° E, false easting 500 km


@pytest.fixture
def project(tmp_path):
    import pandas as pd
    import shapely

    squares = [
        shapely.box(x, y, x + 800, y + 800) for x in range(0, 4000, 1000) for y in range(0, 4000, 1000)
    ]
    table = pd.DataFrame({"people": np.arange(16) ** 2, "use": ["home", "shop"] * 8})
    layer = VectorLayer("block", "", CRS, Shapes.of(squares), table, title="街区")
    path = tmp_path / "街区.gpkg"
    with ProjectFile.create(path) as opened:
        opened.apply(load("made", [layer], opened))
    return path


@pytest.fixture
def window(qtbot, project, tmp_path):
    made = MainWindow(Settings(tmp_path / "settings.ini"), "en")
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    made.files.open_path(project)
    qtbot.waitUntil(
        lambda: made.desk.project is not None and made.stage.map.drawing is not None, timeout=LONG
    )
    yield made
    made.close()


def test_lengths_and_areas_are_those_of_the_ellipsoid():
    at = [(500_000.0, 4_180_000.0), (501_000.0, 4_180_000.0), (501_000.0, 4_181_000.0)]
    length, area = measured(at, CRS)
    assert length == pytest.approx(2000, abs=0.01)
    assert area == pytest.approx(500_000, rel=1e-5)
    far = [(x + 150_000, y) for x, y in at]  # 1.7° off the central meridian the plane is too long by 0.028 %
    assert measured(far, CRS)[0] == pytest.approx(2000 / (1 + 150_000**2 / (2 * 6_371_000**2)), abs=0.02)
    assert Geod(ellps="GRS80").a == 6_378_137


def test_points_are_added_and_taken_back():
    measure = Measure()
    measure.crs = CRS
    for x in (0.0, 30.0, 60.0):
        measure.add(500_000 + x, 4e6)
    assert measure.say().startswith("60.00 m")
    measure.take_back()
    assert measure.say() == "30.00 m"
    measure.clear()
    assert measure.say() == ""


@pytest.mark.screen
def test_a_command_is_found_by_a_few_letters_and_done(qtbot, window):
    palette = Palette(window)
    qtbot.keyClicks(palette.line, "dark")
    names = [palette.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(palette.list.count())]
    assert names[0] == "theme"
    before = window.settings.theme
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.settings.theme != before
    window.switch_theme()


def test_a_command_is_found_in_the_other_language_after_those_of_ones_own(qtbot, window):
    palette = Palette(window)

    palette.line.setText("量算")
    found = [palette.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(palette.list.count())]
    assert found == ["tool_measure"]
    assert palette.none.isHidden()
    palette.line.setText("没有")
    assert palette.list.count() == 0
    assert not palette.none.isHidden()
    palette.reject()


def test_the_key_explains_classes_that_are_tried_and_those_that_hide_the_theme(qtbot, window):
    panel, key = window.workspaces.edit.style, window.stage.key
    assert key.told() == (None, "")
    panel.choose("block")
    panel.kind.setCurrentIndex(panel.kind.findData("graduated"))
    panel.field.setCurrentIndex(panel.field.findData("people"))
    panel.field.activated.emit(panel.field.currentIndex())
    qtbot.waitUntil(lambda: key.told()[1] == "街区", timeout=LONG)
    qtbot.waitUntil(lambda: not key.isHidden(), timeout=LONG)  # it takes a turn
    panel.apply.click()
    qtbot.waitUntil(lambda: bool(window.stack.entry("block").style), timeout=LONG)
    assert key.told()[1] == "街区"
    window.stack.see("block", False)
    assert key.told() == (None, "")


def test_a_style_is_tried_on_the_map_and_kept_as_an_edit(qtbot, window):
    panel, stack = window.workspaces.edit.style, window.stack
    panel.choose("block")
    panel.kind.setCurrentIndex(panel.kind.findData("graduated"))
    panel.field.setCurrentIndex(panel.field.findData("people"))
    panel.scheme.setCurrentIndex(panel.scheme.findData("quantile"))
    panel._change()
    qtbot.waitUntil(lambda: stack.style(stack.entry("block")).kind == "graduated", timeout=LONG)
    assert stack.entry("block").style == ""
    panel.apply.click()
    assert '"graduated"' in stack.entry("block").style
    assert len(stack.style(stack.entry("block")).classes) == 5
    window.undo()
    assert stack.entry("block").style == ""


def test_a_style_that_cannot_be_read_gives_way_to_that_of_the_kind(qtbot, window):
    entry = window.stack.entry("block")
    usual = style_of(entry, "en")
    window.store(restyling("torn", window.desk.project, "block", '{"classes": "graduated"}'))
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    torn = window.stack.entry("block")
    assert torn.style
    assert style_of(torn, "en") == usual
    assert window.stack.drawables()


def test_what_was_seen_last_comes_back(qtbot, window, project):
    window.stage.map.show_at(window.stage.map.view.zoomed(3))
    seen = window.stage.map.view
    qtbot.waitUntil(lambda: window.settings.view_of(project) is not None, timeout=LONG)
    window.files.close()
    window.files.open_path(project)
    qtbot.waitUntil(lambda: window.desk.project is not None, timeout=LONG)
    assert window.stage.map.view.scale == pytest.approx(seen.scale)
    assert window.stage.map.view.x == pytest.approx(seen.x)


def test_a_scale_that_is_typed_is_shown(qtbot, window):
    window.status.scale.setText("1 : 25 000")
    qtbot.keyClick(window.status.scale, Qt.Key.Key_Return)
    assert window.stage.map.view.denominator == pytest.approx(25_000)


def test_classes_of_words_and_hatches_for_print():
    style = hatched(categorised("use", ["home", "shop", "farm"], ramps()["Blues"]))
    assert [c.value for c in style.classes] == ["home", "shop", "farm"]
    assert len({c.symbol.fill.hatch for c in style.classes}) == 3
    assert len({c.symbol.fill.color for c in style.classes}) == 3
    assert graduated("n", (0, 1, 2), ramps()["viridis"]).classes[1].symbol.fill.color == "#fde725"
    assert all(len(colors) == 5 for colors in ramps().values())


def test_paths_are_told_apart_in_the_settings(tmp_path):
    settings = Settings(tmp_path / "s.ini")
    settings.keep_view(Path("a.gpkg"), 1.0, 2.0, 3.0)
    assert settings.view_of(Path("a.gpkg")) == (1.0, 2.0, 3.0)
    assert settings.view_of(Path("b.gpkg")) is None

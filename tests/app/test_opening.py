"""What the window does not need is not imported before it is there."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
from shapely import box

from app.stack import style_of
from layers.cartography.qml import qml
from layers.cartography.raster import compile_kernels
from layers.cartography.style import Fill, Style, Symbol
from layers.changes import Change, Edit
from layers.grid import Extent, Grid, Lattice
from layers.layer import RasterLayer, Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid
from tests.waiting import LONG

HEAVY = {
    *("numba", "scipy", "matplotlib", "openpyxl", "mapclassify", "folium", "fontTools", "highspy"),
    *("pandas", "pyproj", "rasterio", "layers.siting", "app.panels.hazard"),
}
MAKE_WINDOW = """
import sys
from app.application import make_application
from app.main_window import MainWindow
from app.settings import Settings
from layers.late import Late

application = make_application()
window = MainWindow(Settings(), "en")
print(*(name for name, module in sys.modules.items() if not isinstance(module, Late)))
window.close()
"""


def test_the_window_opens_without_compilers_solvers_printers_and_the_panels_of_other_work():
    done = subprocess.run([sys.executable, "-c", MAKE_WINDOW], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_qgis_is_told_how_all_layers_are_drawn_once_and_before_the_project_is_put_away(bench):
    window, path = bench.window, bench.project.path
    window.stack._tell_qgis()
    window.files.close()
    with ProjectFile.open(path, read_only=True) as project:
        styles = {e.name: qml(style_of(e, "zh_CN"), e.geometry) for e in project.layers()}
        assert project.has_styles(styles)


def test_qgis_is_told_of_layers_that_came_a_moment_ago_when_the_project_is_put_away(bench):
    window, path = bench.window, bench.project.path
    entry = window.stack.entry("township")
    row = bench.project.table("layers")["township"]
    style = Style(symbol=Symbol(fill=Fill(color="#ff0000")))
    changed = Change("layers", "township", dict(row), {**row, "style": style.to_json()})
    window.desk.do(Edit("red", (changed,)))
    assert not bench.project.has_styles({"township": qml(style, entry.geometry)})
    window.files.close()
    with ProjectFile.open(path, read_only=True) as project:
        styles = {e.name: qml(style_of(e, "zh_CN"), e.geometry) for e in project.layers()}
        assert styles["township"] == qml(style, "polygon")
        assert project.has_styles(styles)


def test_workspaces_are_made_panel_by_panel_when_nothing_else_is_to_be_done(bench, qtbot):
    side, spaces = bench.window.workspaces.side, bench.window.workspaces
    spaces._calm.setInterval(1)
    spaces._calm.start()
    qtbot.waitUntil(lambda: set(spaces._made) == {"risk", "shelters", "print"}, timeout=60_000)
    for panel, workspace in side._home.items():
        bench.window.go_to(panel)
        assert (side.workspace, side.panel) == (workspace, panel)


def test_a_workspace_that_is_wanted_while_it_is_made_is_made_at_once(bench):
    spaces = bench.window.workspaces
    making = spaces._begun("shelters")
    making._turn()
    making._turn()
    assert spaces.side._tabs["shelters"].count() == 1
    bench.window.go_to("relief")
    assert (spaces.side.panel, spaces.side._tabs["shelters"].count()) == ("relief", 4)


def test_a_workspace_that_is_clicked_comes_in_turns_and_the_last_choice_counts(bench, qtbot):
    spaces, header = bench.window.workspaces, bench.window.header
    header.worked.emit("shelters")
    assert (spaces.side.workspace, "shelters" in spaces._made) == ("edit", False)
    qtbot.waitUntil(lambda: spaces.side.workspace == "shelters", timeout=LONG)
    assert spaces.side.panel == "shelters"
    header.worked.emit("print")
    header.worked.emit("edit")
    qtbot.waitUntil(lambda: "print" in spaces._made, timeout=LONG)
    assert spaces.side.workspace == "edit"
    header.worked.emit("print")
    assert spaces.side.workspace == "print"


SHOW_PROJECT = """
import sys
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from app.application import make_application
from app.main_window import MainWindow
from app.settings import Settings
from layers.late import Late

application = make_application()
window, loop = MainWindow(Settings(), "en"), QEventLoop()

def look(drawing):
    if drawing.is_final:
        assert drawing.by_kernel
        print(*(name for name, module in sys.modules.items() if not isinstance(module, Late)))
        loop.quit()

window.stage._renderer.drawn.connect(look)
window.show()
window.files.open_path(Path(sys.argv[1]))
QTimer.singleShot(60_000, loop.quit)
loop.exec()
window.close()
"""


def test_the_first_picture_of_plain_styles_waits_for_no_compiler_and_no_tables(tmp_path):
    compile_kernels()
    path, layer = tmp_path / "p.gpkg", VectorLayer("x", "", "EPSG:4548", Shapes.of([box(0, 0, 9, 9)]), None)
    with ProjectFile.create(path) as project:
        project.apply(load("x", [layer], project))
    command = [sys.executable, "-c", SHOW_PROJECT, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "layers.kernels.door" in done.stdout.split()
    assert {"numba", "pandas"} & set(done.stdout.split()) == set()


START_COLD = """
import sys
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from app.application import make_application
from app.canvas import labels
from app.main_window import MainWindow
from app.settings import Settings

application = make_application()
window, loop, write = MainWindow(Settings(), "en"), QEventLoop(), labels._write
told = []
labels._write = lambda painter, label, view: (told.append(f"name {label.text}"), write(painter, label, view))

def look(drawing):
    if drawing.is_final:
        told.append("kernel" if drawing.by_kernel else "plain")
        told.append("seen" if (drawing.pixels[..., :3] < 250).any() else "empty")
        red, blue = drawing.pixels[..., 0].astype(int), drawing.pixels[..., 2]
        told.append("risk" if (red - blue > 90).sum() > 100 else "no risk")
        told.append("compiler" if "numba" in sys.modules else "no compiler")
        loop.quit()

window.stage._renderer.drawn.connect(look)
window.stage.plain.connect(loop.quit)
window.show()
QTimer.singleShot(60_000, loop.quit)
loop.exec()
told.append("compiled beside" if window._warming is not None else "not compiled")
window.stage.plain.disconnect(loop.quit)
window.files.open_path(Path(sys.argv[1]))
QTimer.singleShot(60_000, loop.quit)
loop.exec()
window.close()
for each in told:
    print(each)
"""


def test_a_first_start_without_kernels_draws_plainly_with_names_and_compiles_beside_the_window(tmp_path):
    path = tmp_path / "p.gpkg"
    county = pd.DataFrame({"name": ["Jing County"], "code": ["131127"]})
    layer = VectorLayer("county", "county", "EPSG:4548", Shapes.of([box(0, 0, 9000, 9000)]), county)
    lattice = Lattice(9000.0, 9000.0, 300.0, 30, 30, "EPSG:4548")
    write_grid(Grid(np.full(lattice.shape, 1e6), lattice), tmp_path / "risk.tif")
    risk = RasterLayer("risk_flood", "risk_flood", str(tmp_path / "risk.tif"), lattice)
    with ProjectFile.create(path) as project:
        project.apply(load("x", [layer, risk], project))
    command = [sys.executable, "-c", START_COLD, str(path)]
    world = {**os.environ, "RISKATLAS_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=world)
    told = done.stdout.splitlines()
    assert {"name Jing County", "plain", "seen", "risk", "no compiler", "compiled beside"} <= set(told)


def test_rows_that_meet_an_extent_are_those_of_the_index():
    rng = np.random.default_rng(5)
    squares = [box(x, y, x + s, y + s) for x, y, s in rng.integers(0, 60, (300, 3))] + [None]
    shapes = Shapes.of(squares, "polygon")
    for west, south, size in rng.integers(0, 60, (40, 3)):
        extent = Extent(west, south, west + size, south + size)
        expected = [n for n, each in enumerate(squares) if each is not None and each.intersects(box(*extent))]
        assert shapes.meeting(extent).tolist() == expected

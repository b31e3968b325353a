"""A census worker at the window: a bare file, findings, a split, a kill, undo, a package out and home."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.layers import NAME
from app.settings import Settings
from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.editing.features import shape
from layers.layer import Field, Shapes, VectorLayer
from layers.storage.formats import read_file
from layers.storage.geopackage import ProjectFile, load

ROOT = Path(__file__).resolve().parents[2]
LONG = 90_000
WEST, SOUTH = 380_000.0, 4_170_000.0

FIRST_DAY = """
import os, signal, sys
import numpy as np
from pathlib import Path
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from app.main_window import MainWindow
from app.settings import Settings
application = QApplication([])
window = MainWindow(Settings(), "zh_CN")
window.show()

def wait(until):
    for _ in range(9000):
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        if until() and window.tasks.idle:
            return
        QTest.qWait(10)
    raise SystemExit("waited in vain")

window.files.open_path(Path(sys.argv[1]))
wait(lambda: window.desk.project is not None)
window.files.bring([Path(sys.argv[2])])
wait(lambda: getattr(window.files, "page", None) is not None)
assert set(window.files.page.answers) == {"EPSG:4548", "EPSG:4509"}  # the county tells: no UTM
window.files.page.answers["EPSG:4548"].click()
window.files.page.accept()
wait(lambda: len(window.stack.entries) == 2)
window.actions_["check"].trigger()
wait(lambda: window.workbench.findings.findings)
assert len(window.workbench.findings.findings) == 20, window.workbench.findings.findings
window.workbench.findings.fix.click()
wait(lambda: not window.workbench.findings.findings)
project = window.desk.project
name = next(e.name for e in project.layers() if e.kind == "township")
layer = project.read(name)
window.stage.choose((layer.take((layer["name"] == "3村").to_numpy()),))
window.stage.map.show_extent(project.layer(name).extent)
window.actions_["split"].trigger()
for y in (-300.0, 1300.0):
    window.workbench.sketch.add(383_400.0, 4_170_000.0 + y)
QTest.keyClick(window.workbench.sketch, Qt.Key.Key_Return)
assert len(project.table(name)) == 21
window.workbench.tools.end()

def choose(*names):
    held = project.read(name)
    window.workbench.select(name, [str(u) for u in held["uuid"][held["name"].isin(names)]])
    wait(lambda: True)

def area(which):
    held = project.read(name)
    return sum(g.area for g in held.shapes.geometries(np.flatnonzero(held["name"] == which)))

choose("10村")  # its border bulges into the neighbour's ground
window.actions_["reshape"].trigger()
for x, y in ((391_000.0, 0.0), (391_300.0, 500.0), (391_000.0, 1000.0)):
    window.workbench.sketch.add(x, 4_170_000.0 + y)
QTest.keyClick(window.workbench.sketch, Qt.Key.Key_Return)
areas = [round(area(n), -3) for n in ("10村", "11村")]
assert areas == [1_150_000, 850_000], areas
window.workbench.tools.end()
choose("12村")  # a lake is no village
window.actions_["cut_hole"].trigger()
for x, y in ((392_300.0, 300.0), (392_700.0, 300.0), (392_700.0, 700.0), (392_300.0, 700.0)):
    window.workbench.sketch.add(x, 4_170_000.0 + y)
QTest.keyClick(window.workbench.sketch, Qt.Key.Key_Return)
assert round(area("12村")) == 1_000_000 - 160_000
window.workbench.tools.end()
choose("18村", "19村")  # two become one: the younger name, the people of both
window.actions_["join"].trigger()
page = window.workbench.join_page
fields = [field.name for field in page._fields]
named = next(n for n, key in enumerate(page._shown) if project.table(name)[key]["name"] == "19村")
page.table.cellClicked.emit(fields.index("name"), named)
page.accept()
joined = next(row for row in project.table(name).values() if row["name"] == "19村")
assert (joined["population"], joined["code"]) == (3700, "131121118")
choose("19村")  # and its form
form = window.workspaces.edit.feature.form
form.editors["population"].enter("3705")
QTest.keyClick(form.editors["population"].line, Qt.Key.Key_Return)
wait(lambda: any(row["population"] == 3705 for row in project.table(name).values()))
print("done", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that knows its county."""
    path = tmp_path / "县.gpkg"
    county = Shapes.of([shapely.box(WEST, SOUTH, WEST + 20_000, SOUTH + 1000)])
    table = pd.DataFrame({"code": ["131121"], "name": ["枣强县"], "population": [sum(range(0, 2000, 100))]})
    fields = (Field("code"), Field("name"), Field("population", "integer"))
    with ProjectFile.create(path, name="县") as made:
        layer = VectorLayer("county", "county", made.crs, county, table, "县界", fields)
        EditSession(made).do(load("导入", [layer], made))
    return path


@pytest.fixture
def shapefile(tmp_path: Path) -> Path:
    """Twenty villages: GBK without .cpg, no .prj, a spike on every outline."""
    path, n = tmp_path / "乡镇界.shp", np.arange(20)
    x = WEST + 1000.0 * n
    texts = {
        "名称": [f"{i}村" for i in n],
        "代码": [f"131121{100 + i}" for i in n],
        "县代码": ["131121"] * 20,
    }
    data = [np.array([_latin(t) for t in column], dtype=object) for column in texts.values()]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([spiked(west) for west in x], dtype=object)),
        field_data=[*data, (n * 100).astype(np.int32)],
        fields=[*map(_latin, texts), _latin("人口")],
        geometry_type="Polygon",
        crs="EPSG:4548",
        encoding="ISO-8859-1",
    )
    for ending in (".cpg", ".prj"):
        path.with_suffix(ending).unlink()
    return path


def spiked(west: float) -> shapely.Polygon:
    """A square kilometre whose outline runs five metres too far and back."""
    east, north = west + 1000, SOUTH + 1000
    corners = [
        (west, SOUTH),
        (east, SOUTH),
        (east, north),
        (east - 5, north + 5),
        (east, north),
        (west, north),
    ]
    return shapely.Polygon(corners)


def _latin(text: str) -> str:
    return text.encode("gbk").decode("latin-1")


@pytest.fixture
def window_on(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., MainWindow]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def open_window(path: Path) -> MainWindow:
        window = MainWindow(Settings(), "zh_CN")
        qtbot.addWidget(window)
        window.show()
        window.files.open_path(path)
        qtbot.waitUntil(lambda: window.desk.project is not None and window.tasks.idle, timeout=LONG)
        return window

    return open_window


def village(project: ProjectFile, name: str) -> tuple[str, Any]:
    return next(item for item in project.table("township").items() if item[1]["name"] == name)


def rename(window: MainWindow, name: str, /, **cells: Any) -> None:
    """Edit cells as the table does."""
    assert window.desk.project is not None
    key, _ = village(window.desk.project, name)
    for field, value in cells.items():
        window.workbench._set_cell("township", key, field, value)


@pytest.mark.screen
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs SIGKILL")
def test_days_of_a_census_worker(
    project: Path,
    shapefile: Path,
    window_on: Callable[..., MainWindow],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = [sys.executable, "-c", FIRST_DAY, str(project), str(shapefile)]
    day = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (day.returncode, day.stdout) == (-signal.SIGKILL, "done\n"), day.stderr

    window = window_on(project)  # the next morning: all is there
    held = window.desk.project
    assert held is not None
    assert len(held.table("township")) == 20
    assert all(shape(row).is_valid for row in held.table("township").values())
    assert village(held, "19村")[1]["population"] == 3705
    for _ in ("the form", "the merge", "the hole"):
        window.undo()
    people = {row["name"]: row["population"] for row in held.table("township").values()}
    assert (len(held.table("township")), people["18村"], people["19村"]) == (21, 1800, 1900)
    for _ in ("the reshaped border", "the split", "the fix", "the import"):
        window.undo()
    assert [entry.kind for entry in held.layers()] == ["county"]
    window.redo()
    window.redo()
    assert len(held.table("township")) == 20

    out = tmp_path / "枣强.gpkg"
    window.workbench.packages.lend("131121", out)
    qtbot.waitUntil(lambda: out.exists() and window.tasks.idle, timeout=LONG)
    with ProjectFile.open(out) as package:
        key, row = village(package, "5村")
        other, moved = village(package, "6村")
        theirs = Change("township", key, row, {**row, "name": "外业五村", "population": 777})
        more = Change("township", other, moved, {**moved, "population": 888})
        EditSession(package).do(Edit("外业", (theirs, more)))
    rename(window, "5村", name="内业五村")
    rename(window, "7村", population=999)
    before = dict(held.table("township").items())

    window.workbench.packages.bring_home(out)
    qtbot.waitUntil(lambda: window.workbench.packages.page is not None, timeout=LONG)
    page = window.workbench.packages.page
    assert page is not None
    assert len(page.features) == 1
    feature = page.feature
    assert [(c.field, c.mine, c.theirs) for c in feature.fields] == [("name", "内业五村", "外业五村")]
    assert set(feature.shapes) == {"base", "mine", "theirs"}
    assert not page.fine.isEnabled()
    page.boxes[0].setCurrentIndex(page.boxes[0].findData("theirs"))
    assert page.fine.isEnabled()
    page.accept()
    qtbot.waitUntil(lambda: held.table("township")[key]["name"] == "外业五村", timeout=LONG)
    people = {row["name"]: row["population"] for row in held.table("township").values()}
    assert (people["外业五村"], people["6村"], people["7村"]) == (777, 888, 999)
    window.undo()
    assert dict(held.table("township").items()) == before
    window.redo()

    target = tmp_path / "交付.shp"
    chosen = staticmethod(lambda *_, **__: (str(target), "Shapefile (*.shp)"))
    monkeypatch.setattr("app.doors.files.QFileDialog.getSaveFileName", chosen)
    tree = window.layers.tree
    tree.setCurrentItem(next(item for item in window.layers._items() if item.data(0, NAME) == "township"))
    window.actions_["export_layer"].trigger()
    qtbot.waitUntil(lambda: target.exists() and window.tasks.idle, timeout=LONG)
    assert any("交付.shp" in text for text in window.notices.texts())
    back = read_file(target, kind="township").layer
    assert isinstance(back, VectorLayer)
    assert sorted(back.attributes["name"]) == sorted(people)
    assert shape(held.table("township")[key]).area == pytest.approx(1e6)

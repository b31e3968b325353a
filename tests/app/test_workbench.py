"""The workbench: table, findings, sketches and questions, without a sample: a small county made here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.cells import cell_of
from app.panels.layers import NAME
from layers.editing.features import shape
from layers.errors import BadInput
from layers.layer import Field, Shapes, VectorLayer
from tests.waiting import LONG

WEST, SOUTH = 380_000.0, 4_170_000.0
Settle = Callable[[], None]


def village(count: int = 6) -> VectorLayer:
    """Squares of a kilometre side by side."""
    x = WEST + 1000.0 * np.arange(count)
    shapes = Shapes.of(shapely.box(x, SOUTH, x + 1000, SOUTH + 1000))
    table = pd.DataFrame(
        {"code": [f"13112110{n}" for n in range(count)], "name": [f"{n}村" for n in range(count)],
         "county_code": ["131121"] * count, "population": 100 * np.arange(count)}
    )  # fmt: skip
    fields = (Field("code"), Field("name", zh="名称"), Field("population", "integer", "人", "常住人口"))
    return VectorLayer("township", "township", "EPSG:4548", shapes, table, "乡镇", fields)


@pytest.fixture
def window(window_of: Callable[..., MainWindow]) -> MainWindow:
    window = window_of(village())
    window.stage.map.show_extent(window.stack.entries[0].extent)
    return window


@pytest.fixture
def settle(window: MainWindow, qtbot: QtBot) -> Settle:
    return lambda: qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)


def rows(window: MainWindow) -> dict[str, Any]:
    assert window.desk.project is not None
    return {str(row["name"]): row for row in window.desk.project.table("township").values()}


def select(window: MainWindow, settle: Settle, *names: str) -> None:
    assert window.desk.project is not None
    layer = window.desk.project.read("township")
    chosen = layer.take(layer.attributes["name"].isin(names).to_numpy())
    window.stage.choose((chosen,))
    settle()


def test_the_table_is_sorted_filtered_and_edited_in_place(window: MainWindow) -> None:
    window.workbench.table.show_layer(window.stack.entry("township"))
    model, panel = window.workbench.table.model, window.workbench.table
    names = [field.name for field in model.fields]
    column = names.index("population")
    assert model.rowCount() == 6
    assert model.headerData(column, Qt.Orientation.Horizontal) == "常住人口 (人)"
    panel.table.horizontalHeader().sectionClicked.emit(column)
    panel.table.horizontalHeader().sectionClicked.emit(column)
    assert model.index(0, column).data() == "500"
    panel.only.setText("population >= 200 and population < 400")
    panel.only.returnPressed.emit()
    assert model.rowCount() == 2
    assert model.setData(model.index(0, column), "1,234")
    assert rows(window)["3村"]["population"] == 1234
    window.undo()
    assert rows(window)["3村"]["population"] == 300
    panel.only.setText("population >")
    panel.only.returnPressed.emit()
    assert any("读不懂" in label.text() for label in window.notices.findChildren(QLabel))
    with pytest.raises(BadInput):
        cell_of("三", Field("n", "integer"))


def test_findings_are_listed_gone_to_and_put_right(window: MainWindow, settle: Settle, qtbot: QtBot) -> None:
    assert window.desk.project is not None
    key = next(iter(window.desk.project.table("township")))
    window.workbench._set_cell("township", key, "name", " 甲村 ")
    window.actions_["check"].trigger()
    settle()
    panel = window.workbench.findings
    assert [f.rule for f in panel.findings] == ["blanks"]
    assert "甲村" in panel.list.topLevelItem(0).text(0)
    before = window.stage.map.view
    panel.list.itemClicked.emit(panel.list.topLevelItem(0), 0)
    assert window.stage.map.view != before
    panel.fix.click()
    settle()
    assert panel.findings == ()
    assert "甲村" in rows(window)


def click(window: MainWindow, qtbot: QtBot, *points: tuple[float, float]) -> None:
    """Press at points with the tool in the hand."""
    sketch = window.workbench.tools.overlay
    assert sketch is not None
    for x, y in points:
        px, py = window.stage.map.view.to_screen(x, y)
        at = sketch.rect().topLeft()
        at.setX(round(px))
        at.setY(round(py))
        qtbot.mouseClick(sketch, Qt.MouseButton.LeftButton, pos=at)


def test_a_feature_is_split_merged_and_deleted_on_the_map(
    window: MainWindow, settle: Settle, qtbot: QtBot
) -> None:
    select(window, settle, "2村")
    window.actions_["split"].trigger()
    click(window, qtbot, (WEST + 2300, SOUTH - 400), (WEST + 2300, SOUTH + 1400))
    qtbot.keyClick(window.workbench.sketch, Qt.Key.Key_Return)
    assert window.desk.project is not None
    table = window.desk.project.table("township")
    assert len(table) == 7
    halves = [row for row in table.values() if row["name"] == "2村"]
    assert sum(int(row["population"]) for row in halves) == 200
    assert sum(shape(row).area for row in halves) == pytest.approx(1e6)
    assert [row["code"] for row in halves].count(None) == 1
    select(window, settle, "2村")
    window.actions_["join"].trigger()
    page = window.workbench.join_page
    names = [field.name for field in page._fields]
    assert page.survivor == next(k for k, r in table.items() if r["code"] == "131121102")
    assert page.cells() == {"code": "131121102", "name": "2村", "county_code": "131121", "population": 200}
    number = names.index("population")
    page.table.cellClicked.emit(number, 1)
    assert page.cells()["population"] in {59, 60, 61}
    page.table.cellClicked.emit(number, 1)
    page.table.item(names.index("name"), 2).setText("合村")
    page.accept()
    assert rows(window)["合村"]["population"] == 200
    assert len(table) == 6
    select(window, settle, "5村")
    window.actions_["delete"].trigger()
    assert "5村" not in rows(window)
    window.undo()
    assert "5村" in rows(window)


def test_a_shared_vertex_moves_for_both_and_escape_aborts(window: MainWindow, qtbot: QtBot) -> None:
    tools = window.workbench.tools
    before = {name: shape(row).area for name, row in rows(window).items()}
    window.actions_["move_vertex"].trigger()
    click(window, qtbot, (WEST + 1000, SOUTH + 1000))
    assert tools.overlay.held is not None
    qtbot.keyClick(tools.overlay, Qt.Key.Key_Escape)
    assert tools.overlay.held is None
    qtbot.keyClick(tools.overlay, Qt.Key.Key_Escape)
    assert tools.overlay is None
    assert not window.actions_["move_vertex"].isChecked()
    assert {name: shape(row).area for name, row in rows(window).items()} == before
    window.actions_["move_vertex"].trigger()
    click(window, qtbot, (WEST + 1000, SOUTH + 1000), (WEST + 1300, SOUTH + 1300))
    after = {name: shape(row).area for name, row in rows(window).items()}
    changed = {name for name in after if abs(after[name] - before[name]) > 1}
    assert changed == {"0村", "1村"}


def test_what_a_file_cannot_tell_is_asked_once(
    window: MainWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "点.shp"
    names = np.array(["甲", "乙"], dtype=object)
    points = shapely.to_wkb(shapely.points([115.65, 115.66], [37.66, 37.665]))
    pyogrio.raw.write(path, geometry=points, field_data=[names], fields=["mc"], geometry_type="Point",
                      crs="EPSG:4326", encoding="UTF-8")  # fmt: skip
    path.with_suffix(".prj").unlink()
    window.files.bring([path])
    qtbot.waitUntil(lambda: hasattr(window.files, "page"), timeout=LONG)
    page = window.files.page
    assert list(page.answers) == ["no", "gcj02", "bd09"]
    assert not page._fine.isEnabled()
    page.answers["gcj02"].setChecked(True)
    page.grab()
    page.accept()
    qtbot.waitUntil(lambda: len(window.stack.entries) == 2, timeout=LONG)
    settle()
    assert window.desk.project is not None
    entry = next(e for e in window.desk.project.layers() if e.geometry == "point")
    assert entry.provenance.shift == "gcj02"


def test_points_are_typed_and_borders_traced(window: MainWindow, qtbot: QtBot) -> None:
    item = next(item for item in window.layers._items() if item.data(0, NAME) == "township")
    window.layers.tree.setCurrentItem(item)
    window.actions_["add_feature"].trigger()
    sketch = window.workbench.sketch
    assert sketch is not None
    qtbot.keyClicks(sketch, str(int(WEST)))
    sketch.line.setText(f"{WEST} {SOUTH + 1000}")
    qtbot.keyClick(sketch.line, Qt.Key.Key_Return)
    sketch.put((WEST + 2000, SOUTH + 1000), traced=True)
    sketch.line.setText("@0,500")
    sketch.line.returnPressed.emit()
    sketch.line.setText("nonsense")
    sketch.line.returnPressed.emit()
    assert sketch.points == [
        (WEST + x, SOUTH + y) for x, y in ((0, 1000), (1000, 1000), (2000, 1000), (2000, 1500))
    ]
    qtbot.keyClick(sketch, Qt.Key.Key_Return)
    assert window.desk.project is not None
    table = window.desk.project.table("township")
    new = [row for row in table.values() if row["name"] is None]
    assert [shape(row).area for row in new] == [pytest.approx(500_000)]
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    assert any("必填" in label.text() for label in window.notices.findChildren(QLabel))


def test_features_are_copied_and_pasted_under_new_identities(window: MainWindow, settle: Settle) -> None:
    item = next(item for item in window.layers._items() if item.data(0, NAME) == "township")
    window.layers.tree.setCurrentItem(item)
    assert not window.actions_["paste"].isEnabled()
    select(window, settle, "1村", "2村")
    window.actions_["copy"].trigger()
    assert window.actions_["paste"].isEnabled()
    window.actions_["paste"].trigger()
    assert window.desk.project is not None
    names = [row["name"] for row in window.desk.project.table("township").values()]
    assert (len(names), names.count("1村"), names.count("2村")) == (8, 2, 2)
    window.undo()
    assert len(window.desk.project.table("township")) == 6


def test_a_cell_of_a_list_is_chosen_and_a_wrong_number_refused(window: MainWindow) -> None:
    panel, model = window.workbench.table, window.workbench.table.model
    panel.show_layer(window.stack.entry("township"))
    names = [field.name for field in model.fields]
    index = model.index(0, names.index("name"))
    model.fields[index.column()] = Field("name", domain=("甲", "乙"))
    box = panel.table.itemDelegate().createEditor(panel.table, QStyleOptionViewItem(), index)
    assert isinstance(box, QComboBox)
    box.setCurrentText("乙")
    panel.table.itemDelegate().setModelData(box, model, index)
    assert "乙" in rows(window)
    assert not model.setData(model.index(0, names.index("population")), "许多")
    assert any("许多" in label.text() for label in window.notices.findChildren(QLabel))


def test_a_note_is_attached_to_the_selected_feature_and_shown(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    select(window, settle, "1村")
    window.actions_["attachments"].trigger()
    page = window.workbench.page
    page.note.setText("门前积水半米")
    page.keep.click()
    settle()
    window.grab().save(str(tmp_path / "a.png"))
    select(window, settle, "1村")
    window.workbench._attach("township", window.stage.selection[0]["uuid"].iloc[0], "", tmp_path / "a.png")
    settle()
    window.actions_["attachments"].trigger()
    shown = [label.text() or label.toolTip() for label in window.workbench.page.findChildren(QLabel)]
    assert [text for text in shown if text] == ["门前积水半米", "a.png"]
    window.workbench.page.reject()

"""The attribute table with the map: selected rows, pasted blocks, conditions by hand, the calculator."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence

from app.panels.attributes import _condition
from layers.layer import Field

Bench = Any


@pytest.fixture
def table(bench: Bench) -> Any:
    bench.choose_layer()
    bench.do("show_table")
    bench.settle()
    return bench.window.workbench.table


def column(table: Any, name: str) -> int:
    return [field.name for field in table.model.fields].index(name)


def shown(table: Any) -> list[str]:
    place = column(table, "name")
    return [table.model.index(row, place).data() for row in range(table.model.rowCount())]


def test_rows_and_map_are_one_selection_and_the_selected_come_first(bench: Bench, table: Any) -> None:
    table.table.selectRow(2)
    bench.settle()
    assert [layer["name"].tolist() for layer in bench.window.stage.selection] == [["2村"]]
    bench.select("4村", "5村")
    assert table.table.rows == [4, 5]
    assert "选中 2" in table.count.text()
    table.first.click()
    assert shown(table)[:3] == ["4村", "5村", "0村"]
    assert table.table.rows == [0, 1]
    before = bench.window.stage.map.view
    table.zoom.click()
    assert bench.window.stage.map.view != before
    bench.window.stage.deselect()
    assert table.table.rows == []
    table.first.click()


def test_many_rows_are_read_in_a_task_and_all_are_selected(
    bench: Bench, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.panels.attributes.SWEPT", 2)
    table.table.selectAll()
    assert "选中 6" in table.count.text()
    bench.settle()
    (selected,) = bench.window.stage.selection
    assert sorted(selected["name"]) == [f"{number}村" for number in range(6)]
    assert table.table.rows == list(range(6))
    table.table.selectAll()
    table.table.selectRow(1)
    bench.settle()
    assert [layer["name"].tolist() for layer in bench.window.stage.selection] == [["1村"]]
    assert "选中 1" in table.count.text()


@pytest.mark.screen
def test_a_block_from_a_spreadsheet_is_pasted_whole_or_not_at_all(bench: Bench, table: Any) -> None:
    grid, place = table.table, column(table, "name")
    assert column(table, "population") == column(table, "county_code") + 1
    grid.setCurrentIndex(table.model.index(1, column(table, "county_code")))
    QGuiApplication.clipboard().setText("131122\t1,500\n131122\t许多\n")
    grid.paste()
    assert "许多" in bench.notices()
    assert len(bench.edits) == 1
    QGuiApplication.clipboard().setText("131122\t1,500\r\n131122\t1600\r\n")
    bench.qtbot.keySequence(grid, QKeySequence(QKeySequence.StandardKey.Paste))
    assert [bench.rows()[n]["population"] for n in ("0村", "1村", "2村", "3村")] == [0, 1500, 1600, 300]
    assert bench.edits[-1] == "粘贴 2 行"
    grid.setCurrentIndex(table.model.index(5, place))
    grid.paste()
    assert "从此格起只有 1 × 3" in bench.notices()
    grid.mark([1], scroll=True)
    bench.qtbot.keySequence(grid, QKeySequence(QKeySequence.StandardKey.Copy))
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert lines[0][place] == "名称"
    assert lines[1][place] == "1村"


def test_the_eye_stays_where_it_is_when_a_cell_changes(bench: Bench, table: Any) -> None:
    place = column(table, "population")
    table._sort(place)
    table._sort(place)
    table.model.setData(table.model.index(0, place), "1")
    assert shown(table)[0] == "5村"  # sorted again when one asks for it
    table._sort(place)
    assert shown(table)[:2] == ["0村", "5村"]
    table.table.setColumnWidth(place, 133)
    table.show_layer(bench.window.stack.entry("building"))
    table.show_layer(bench.window.stack.entry("township"))
    assert table.table.columnWidth(place) == 133


def test_conditions_name_fields_as_one_reads_them(bench: Bench, table: Any) -> None:
    table.only.setText("常住人口 >= 300 and 名称 <> '4村'")
    table.only.returnPressed.emit()
    assert shown(table) == ["3村", "5村"]
    table._filter(_condition(table.model.fields[column(table, "name")], "3村", same=False))
    assert shown(table) == ["5村"]
    assert _condition(Field("a", "integer"), "", same=True) == '"a" is null'
    assert _condition(Field("a"), "o'b", same=True) == "\"a\" = 'o''b'"


def test_the_calculator_shows_an_example_and_fills_shown_or_selected_rows(bench: Bench, table: Any) -> None:
    table.only.setText("population > 300")
    table.only.returnPressed.emit()
    table.calculate.click()
    page = bench.window.workbench.calculating.page
    page.field.setCurrentIndex(column(table, "population"))
    page.formula.setText("round(area() / ")
    assert not page.fine.isEnabled()
    assert "读不懂" in page.example.text()
    page.formula.setText("round(area() / 1000)")
    assert page.example.text().splitlines() == ["4村：400 → 1,000", "5村：500 → 1,000"]
    assert page.scope == "shown"
    page.accept()
    bench.settle()
    people = {name: row["population"] for name, row in bench.rows().items()}
    assert people == {"0村": 0, "1村": 100, "2村": 200, "3村": 300, "4村": 1000, "5村": 1000}
    assert bench.edits[1:] == ["计算 常住人口"]
    bench.select("1村")
    table.calculate.click()
    page = bench.window.workbench.calculating.page
    page.field.setCurrentIndex(column(table, "name"))
    page.names.itemActivated.emit(page.names.item(column(table, "name")))
    page.formula.insert(" || '（旧）'")
    assert page.scope == "picked"
    page.accept()
    bench.settle()
    assert [name for name in bench.rows() if "旧" in name] == ["1村（旧）"]


def test_the_window_keeps_copy_and_paste_of_features_outside_the_table(bench: Bench, table: Any) -> None:
    bench.select("1村")
    QGuiApplication.clipboard().setText("")
    bench.do("copy")
    assert QGuiApplication.clipboard().text() == ""
    assert bench.window.actions_["paste"].isEnabled()
    assert table.table.focusPolicy() != Qt.FocusPolicy.NoFocus

"""Quality rules as a form: asked for field by field, tried while one types, kept as text that others read."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.editing.ruling import FORM, TEXT, RulesPage
from layers.census.rules import Rule, read_rules, shipped_rules, written_rules

Bench = Any


@pytest.fixture
def page(bench: Bench) -> RulesPage:
    bench.window.workbench.review.show_rules()
    return bench.window.workbench.review.page


def look_at(page: RulesPage, name: str) -> None:
    page.list.setCurrentRow([rule.name for rule in page.rules].index(name))


def asked(page: RulesPage, label: str) -> QWidget:
    """The widget beside a label of the form."""
    form = page.form.form
    for row in range(form.rowCount()):
        item = form.itemAt(row, form.ItemRole.LabelRole)
        if item is not None and item.widget().text() == label:  # type: ignore[attr-defined]  # a label
            return form.itemAt(row, form.ItemRole.FieldRole).widget()
    raise AssertionError(label)


def choose(box: QWidget, value: str) -> None:
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def enter(widget: QWidget, text: str) -> None:
    line = widget if isinstance(widget, QLineEdit) else widget.findChild(QLineEdit)
    assert line is not None
    line.clear()
    line.insert(text)  # keys type no Chinese
    line.textEdited.emit(text)


def tick(page: RulesPage, title: str, *, on: bool = True) -> None:
    shown = page.form.layers
    item = next(shown.item(n) for n in range(shown.count()) if shown.item(n).text().startswith(title))
    item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def test_a_rule_is_made_in_the_form_and_tried_while_one_types(bench: Bench, page: RulesPage) -> None:
    page.add.click()
    assert not page.fine.isEnabled()
    enter(page.form.name, "村不超过四百人")
    tick(page, "乡镇（街道）")
    choose(asked(page, "字段"), "population")
    enter(asked(page, "不大于"), "400")
    assert page.rules[-1] == Rule(
        "村不超过四百人",
        "condition",
        kinds=("township",),
        status="chosen",
        parameters={"condition": "population <= 400", "field": "population"},
    )
    bench.qtbot.waitUntil(lambda: "发现 1 项" in page.said.text(), timeout=60_000)
    assert "村不超过四百人：常住人口，500" in page.said.text()
    page.accept()
    bench.settle()
    assert [f.rule for f in bench.window.workbench.findings.findings] == ["村不超过四百人"]
    bench.window.undo()
    assert bench.project.table("settings").get("quality_rules") is None


def test_bounds_and_formulas_are_one_test(bench: Bench, page: RulesPage) -> None:
    look_at(page, "storeys")
    assert page.form.test.currentData() == "within"
    low = asked(page, "不小于").findChild(QLineEdit)
    assert low is not None
    assert low.text() == "1"
    enter(asked(page, "不大于"), "-3.5")
    assert page.form.rule.text("condition") == "storeys >= 1 and storeys <= -3.5"
    choose(page.form.test, "condition")
    formula = asked(page, "条件")
    assert isinstance(formula, QLineEdit)
    assert formula.text() == "storeys >= 1 and storeys <= -3.5"
    enter(formula, "storeys >=")
    assert not page.fine.isEnabled()
    enter(formula, "height >= 1")
    page._try()
    assert "没有字段：height" in page.said.text()


def test_a_rule_is_switched_off_copied_and_removed(bench: Bench, page: RulesPage) -> None:
    bench.window.workbench._set_cell("township", bench.key("1村"), "population", -5)
    look_at(page, "not_negative")
    page.again.click()
    assert page.rules[-1].name == "人口为负（副本）"
    page.remove.click()
    look_at(page, "not_negative")
    page.list.currentItem().setCheckState(Qt.CheckState.Unchecked)
    page.accept()
    bench.settle()
    assert bench.window.workbench.findings.findings == ()
    bench.window.workbench.review.show_rules()
    again = bench.window.workbench.review.page
    assert [rule.name for rule in again.rules if not rule.is_on] == ["not_negative"]


def test_two_rules_of_one_name_are_not_kept(bench: Bench, page: RulesPage) -> None:
    page.add.click()
    choose(page.form.test, "valid")
    enter(page.form.name, "geometry_valid")
    assert not page.fine.isEnabled()
    assert "重复" in page.said.text()


def test_the_form_and_the_text_follow_one_another(page: RulesPage) -> None:
    page.tabs.setCurrentIndex(TEXT)
    assert page.text.toPlainText().startswith("# Quality rules")  # the notes are there, nothing was changed
    page.text.setPlainText('[[rule]]\nid = "x"\ntest = "overlap"\n')
    assert "缺少" in page.said.text()
    page.tabs.setCurrentIndex(FORM)
    assert page.tabs.currentIndex() == TEXT  # not before it can be read
    page.text.setPlainText('[[rule]]\nid = "x"\ntest = "overlap"\ntolerance = 2.5\n')
    page.tabs.setCurrentIndex(FORM)
    assert [rule.name for rule in page.rules] == ["x"]
    line = asked(page, "允许面积").findChild(QLineEdit)
    assert line is not None
    assert line.text() == "2.5"


def test_rules_go_to_a_file_and_come_from_one(page: RulesPage, tmp_path: Path) -> None:
    look_at(page, "coverage_gap")
    page.remove.click()
    page.write_out(tmp_path / "规则.toml")
    assert read_rules((tmp_path / "规则.toml").read_text(encoding="utf-8")) == page.rules
    page.back.click()
    assert page.rules == shipped_rules()
    page.bring_in(tmp_path / "规则.toml")
    assert len(page.rules) == len(shipped_rules()) - 1
    (tmp_path / "wrong.toml").write_bytes(b"\xff\xfe\x00")
    page.bring_in(tmp_path / "wrong.toml")
    assert "读不懂" in page.said.text()


def test_every_shipped_rule_goes_through_the_form_unchanged(page: RulesPage) -> None:
    for place, rule in enumerate(shipped_rules()):
        page.list.setCurrentRow(place)
        assert page.form.rule == rule
    assert page.rules == shipped_rules()
    assert read_rules(written_rules(page.rules)) == shipped_rules()

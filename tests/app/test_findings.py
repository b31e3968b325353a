"""Findings in the window: said when there are none, narrowed, gone to; the rules are the project's."""

from typing import Any

from app.editing.ruling import TEXT

Bench = Any


def check(bench: Bench) -> Any:
    bench.do("check")
    panel = bench.window.workbench.findings
    bench.settle()
    return panel


def test_the_panel_says_clearly_when_nothing_was_found(bench: Bench) -> None:
    panel = bench.window.workbench.findings
    assert panel.message.text().startswith("尚未检查")
    assert check(bench).findings == ()
    assert panel.message.text().startswith("没有发现问题")
    assert "2 个图层" in panel.message.text()
    assert panel.sign.isVisible()
    assert not panel.export.isEnabled()


def test_findings_are_narrowed_to_a_rule_and_gone_to(bench: Bench) -> None:
    key = bench.key("1村")
    bench.window.workbench._set_cell("township", key, "population", -5)
    bench.window.workbench._set_cell("township", bench.key("2村"), "name", None)
    panel = check(bench)
    assert panel.list.topLevelItemCount() == 2
    assert panel.count.text().startswith("2 项")
    panel.only.setCurrentIndex(panel.only.findData("not_negative"))
    assert panel.list.topLevelItemCount() == 1
    item = panel.list.topLevelItem(0)
    assert item.text(0) == "人口为负：常住人口，-5"
    assert item.text(1) == "1村"
    panel.list.itemActivated.emit(item, 0)
    assert [layer["uuid"].tolist() for layer in bench.window.stage.selection] == [[key]]
    assert bench.window.workspaces.edit.feature.form.isVisible()


def test_the_rules_are_edited_for_the_project_and_can_be_undone(bench: Bench) -> None:
    bench.window.workbench._set_cell("township", bench.key("1村"), "population", -5)
    panel = check(bench)
    assert [f.rule for f in panel.findings] == ["not_negative"]
    panel.rules.click()
    page = bench.window.workbench.review.page
    page.tabs.setCurrentIndex(TEXT)
    text = page.text.toPlainText()
    page.text.setPlainText(text.replace("population >= 0", "population >="))
    assert not page.fine.isEnabled()
    assert "读不懂" in page.said.text()
    page.text.setPlainText(text.replace("population >= 0", "population >= -10"))
    page.accept()
    bench.settle()
    assert panel.findings == ()
    assert bench.edits[-1] == "修改质量规则"
    bench.window.undo()
    assert [f.rule for f in check(bench).findings] == ["not_negative"]

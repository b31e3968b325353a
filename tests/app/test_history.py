"""The history of a feature in the window: who changed what; one step of long ago taken back, or why not."""

from typing import Any

from app.panels.parts import children

Bench = Any


def lines(bench: Bench) -> list[str]:
    tree = bench.window.workspaces.edit.history.tree
    return [tree.topLevelItem(n).text(0) for n in range(tree.topLevelItemCount())]


def test_the_history_of_a_feature_is_shown_and_a_step_taken_back(bench: Bench) -> None:
    panel = bench.window.workspaces.edit.history
    bench.window.workspaces.side.show_panel("history")
    bench.window.docks["right"].show()
    key = bench.key("1村")
    bench.window.workbench._set_cell("township", key, "population", 150)
    bench.window.workbench._set_cell("township", key, "name", "甲村")
    bench.window.workbench._set_cell("township", key, "population", 170)
    bench.window.workbench.select("township", [key])
    bench.window.workspaces.side.show_panel("history")
    bench.settle()
    assert lines(bench) == ["修改属性"] * 3
    first = panel.tree.topLevelItem(0)
    assert [item.text(1) for item in children(first)][-1] == "150 → 170"

    panel.tree.setCurrentItem(panel.tree.topLevelItem(1))  # the name: nothing stands on it
    panel.back.click()
    bench.settle()
    assert bench.project.table("township")[key]["name"] == "1村"
    assert bench.project.table("township")[key]["population"] == 170
    assert lines(bench)[0].startswith("撤回第")

    panel.tree.setCurrentItem(panel.tree.topLevelItem(3))  # 150: the 170 stands on it
    panel.back.click()
    assert panel.said.isVisible()
    assert "之后的编辑以它为基础" in panel.said.text()
    bench.window.undo()
    bench.settle()
    assert lines(bench)[0].startswith("撤销")
    bench.window.stage.deselect()
    assert lines(bench) == []

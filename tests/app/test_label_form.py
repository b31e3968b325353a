"""Names at features are asked for in the panel of styles: seen on the map at once, kept when applied."""

from typing import Any

Bench = Any


def test_names_are_asked_for_tried_and_kept(bench: Bench) -> None:
    window = bench.window
    window.go_to("style")
    panel = window.workspaces.edit.style
    panel.choose("building")
    entry = panel.entry
    assert entry is not None
    assert not panel.label.is_on
    assert panel.label.size.isHidden()
    panel.label.field.setCurrentIndex(panel.label.field.findData("storeys"))
    panel.label.field.activated.emit(panel.label.field.currentIndex())
    panel.label.size.setValue(11)
    assert not panel.label.size.isHidden()
    tried = window.stack.style(entry).label
    assert tried is not None
    assert (tried.field, tried.size_pt) == ("storeys", 11)
    panel.apply.click()
    bench.settle()
    assert bench.edits[1:] == ["样式 房屋"]
    kept = window.stack.style(window.stack.entry("building")).label
    assert kept == tried
    panel.label.field.setCurrentIndex(0)
    panel.label.field.activated.emit(0)
    assert window.stack.style(entry).label is None
    panel.revert.click()
    assert panel.label.field.currentData() == "storeys"

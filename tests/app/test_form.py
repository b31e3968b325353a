"""The form of a feature: made from the catalogue, checked while one types, written as one edit."""

from typing import Any

from PySide6.QtCore import QDate, Qt

from app.panels.editors import ChoiceEditor, DateEditor, editor
from layers.census.bounds import Bounds
from layers.layer import Field
from tests.waiting import LONG

Bench = Any


def form_of(bench: Bench, layer: str, *codes: str) -> Any:
    table = bench.project.table(layer)
    keys = [key for key, row in table.items() if row["code"] in codes]
    bench.window.workbench.select(layer, keys)
    bench.settle()
    return bench.window.workspaces.edit.feature.form


def house(bench: Bench, code: str) -> Any:
    return next(row for row in bench.project.table("building").values() if row["code"] == code)


def test_one_feature_is_edited_with_the_sentence_beside_the_field(bench: Bench) -> None:
    form = form_of(bench, "building", "H1")
    assert isinstance(form.editors["structure"], ChoiceEditor)
    assert form.editors["storeys"].line.placeholderText() == "1 – 120"
    assert not form.keep.isEnabled()
    line = form.editors["storeys"].line
    line.clear()
    bench.qtbot.keyClicks(line, "0")
    bench.qtbot.waitUntil(form.sentences["storeys"].isVisible, timeout=LONG)
    assert form.sentences["storeys"].text() == "地上层数不合理"
    bench.qtbot.keyClick(line, Qt.Key.Key_Up)
    assert line.text() == "1"
    bench.qtbot.waitUntil(lambda: not form.sentences["storeys"].isVisible(), timeout=LONG)
    assert house(bench, "H1")["storeys"] == 2
    bench.qtbot.keyClick(line, Qt.Key.Key_Return)
    assert house(bench, "H1")["storeys"] == 1
    assert bench.edits[-1] == "修改属性"
    bench.window.undo()
    assert line.text() == "2"


def test_what_does_not_fit_is_not_written_and_escape_reverts(bench: Bench) -> None:
    form = form_of(bench, "building", "H1")
    form.editors["storeys"].enter("许多")
    assert "不能填入" in form.sentences["storeys"].text()
    form.editors["year"].enter("2001")
    form.write()
    assert len(bench.edits) == 1
    bench.qtbot.keyClick(form.editors["year"].line, Qt.Key.Key_Escape)
    assert form.editors["storeys"].text() == "2"
    assert form.editors["year"].text() == "1991"


def test_many_features_get_only_what_was_touched_as_one_edit(bench: Bench) -> None:
    form = form_of(bench, "building", "H0", "H1", "H2")
    assert form.editors["year"].line.placeholderText() == "〈多个值〉"
    assert form.editors["structure"].text() == "砖混"
    box = form.editors["structure"].box
    box.setCurrentIndex(box.findData("砖木"))
    box.activated.emit(box.currentIndex())
    form.write()
    after = [(house(bench, f"H{n}")["structure"], house(bench, f"H{n}")["year"]) for n in range(4)]
    assert after == [("砖木", 1990), ("砖木", 1991), ("砖木", 1992), ("砖混", 1993)]
    assert bench.edits[1:] == ["修改属性（3 个要素）"]


def test_what_was_typed_is_kept_when_another_feature_is_chosen(bench: Bench) -> None:
    form = form_of(bench, "building", "H1")
    form.editors["year"].enter("1970")
    form_of(bench, "building", "H2")
    assert house(bench, "H1")["year"] == 1970
    assert form.editors["year"].text() == "1992"


def test_what_was_typed_is_kept_when_the_project_is_put_away(bench: Bench) -> None:
    form = form_of(bench, "building", "H1")
    form.editors["year"].enter("1975")
    path = bench.project.path
    bench.window.desk.close()
    bench.window.desk.open(path)
    assert house(bench, "H1")["year"] == 1975


def test_a_code_that_another_feature_has_is_told(bench: Bench) -> None:
    form = form_of(bench, "building", "H1")
    form.editors["code"].enter("H2")
    bench.qtbot.waitUntil(form.sentences["code"].isVisible, timeout=LONG)
    assert form.sentences["code"].text() == "代码重复"


def test_dates_are_typed_in_any_of_the_usual_ways_or_taken_from_a_calendar(bench: Bench) -> None:
    made = editor(Field("start", "date", zh="起始时间"), bench.window.words, Bounds())
    bench.qtbot.addWidget(made)
    assert isinstance(made, DateEditor)
    made.show_value("2016-07-19", differs=False)
    for text in ("2020年7月1日", "2020/7/1", "20200701", "2020.7.1"):
        made.enter(text)
        assert made.value() == "2020-07-01"
    made.calendar.activated.emit(QDate(2021, 2, 3))
    assert (made.text(), made.is_touched) == ("2021-02-03", True)

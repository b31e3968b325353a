"""The tools on the map, with the hand: every gesture is one edit, Escape leaves nothing behind."""

from typing import Any

import pytest
from PySide6.QtCore import Qt

from layers.editing.features import shape

WEST, SOUTH = 380_000.0, 4_170_000.0
Bench = Any
pytestmark = pytest.mark.screen


def areas(bench: Bench) -> dict[str, float]:
    return {name: round(shape(row).area) for name, row in bench.rows().items()}


def test_the_bar_is_seen_where_one_edits_and_says_keys(bench: Bench) -> None:
    bar = bench.tools.bar
    assert bar.isVisible()
    assert "Ctrl+Shift+R" in bench.window.actions_["reshape"].toolTip()
    bench.window.workspaces.side.show_workspace("risk")
    assert not bar.isVisible()
    bench.window.workspaces.side.show_workspace("edit")
    assert bar.isVisible()
    assert bar.geometry().right() < bench.window.stage.width()


def test_a_polygon_is_offset_by_a_typed_distance_and_turned_by_a_typed_angle(bench: Bench) -> None:
    bench.select("5村")
    bench.do("offset")
    bench.type("-100")
    assert areas(bench)["5村"] == 800 * 800
    bench.do("rotate")
    bench.type("45")
    west, _, east, _ = shape(bench.rows()["5村"]).bounds
    assert east - west == pytest.approx(800 * 2**0.5)
    assert bench.edits[-2:] == ["平行偏移", "旋转要素"]
    bench.window.undo()
    bench.window.undo()
    assert areas(bench)["5村"] == 1_000_000


def test_the_pointer_says_how_far_and_a_click_does_it(bench: Bench) -> None:
    bench.select("5村")
    bench.do("offset")
    bench.click((6200, 500))
    assert areas(bench)["5村"] == pytest.approx(1400 * 1400, rel=0.02)


def test_a_hole_is_cut_and_one_outside_is_refused(bench: Bench) -> None:
    bench.select("1村")
    bench.do("snapping")
    bench.do("cut_hole")
    bench.click((1200, 200), (1800, 200), (1800, 800), (1200, 800))
    bench.press(Qt.Key.Key_Return)
    assert areas(bench)["1村"] == pytest.approx(1_000_000 - 360_000, rel=0.03)
    bench.click((2200, 200), (2800, 200), (2800, 800))
    bench.press(Qt.Key.Key_Return)
    assert "洞不在面内" in bench.notices()
    assert bench.edits.count("挖洞") == 1


def test_a_border_is_drawn_anew_and_the_neighbour_gives_way_or_not(bench: Bench) -> None:
    for neighbour in (750_000, 1_000_000):
        bench.select("1村")
        bench.do("reshape")
        bench.click((2000, 0), (2500, 500), (2000, 1000))
        bench.press(Qt.Key.Key_Return)
        assert areas(bench)["1村"] == pytest.approx(1_250_000, rel=0.02)
        assert areas(bench)["2村"] == pytest.approx(neighbour, rel=0.02)
        assert bench.edits[-1] == "整形"
        bench.window.undo()
        bench.do("sharing")


def test_a_tool_with_nothing_selected_asks_for_a_feature_first(bench: Bench) -> None:
    bench.choose_layer()
    bench.do("split")
    assert bench.tools.sketch.tool.hint == "draw.pick"
    bench.click((2500, 500))
    assert bench.tools.sketch.tool.hint == "draw.split"
    bench.click((2500, -300), (2500, 1300))
    bench.press(Qt.Key.Key_Return)
    assert len(bench.project.table("township")) == 7
    assert [len(layer) for layer in bench.window.stage.selection] == [2]


def test_features_are_moved_by_a_typed_offset(bench: Bench) -> None:
    bench.select("5村")
    bench.do("move_feature")
    bench.type("@100,-50")
    assert shape(bench.rows()["5村"]).bounds == (WEST + 5100, SOUTH - 50, WEST + 6100, SOUTH + 950)
    assert bench.tools.tool == "move_feature"  # ready for the next move
    bench.press(Qt.Key.Key_Escape)
    assert bench.tools.tool == ""


def test_a_vertex_is_dragged_typed_added_and_taken_away(bench: Bench) -> None:
    bench.do("move_vertex")
    bench.click((1000, 1000))
    bench.type("@0,200")
    assert areas(bench)["0村"] == areas(bench)["1村"] == 1_100_000
    bench.tools.overlay.take(WEST + 5500, SOUTH)  # on a border: a vertex comes about
    bench.tools.overlay.lay((WEST + 5500, SOUTH - 200))
    assert areas(bench)["5村"] == 1_100_000
    bench.tools.overlay.over = bench.tools.catcher.find(WEST + 5500, SOUTH - 200, 5, ("vertex",))
    bench.press(Qt.Key.Key_Delete)
    assert areas(bench)["5村"] == 1_000_000
    assert bench.edits[-3:] == ["移动节点", "移动节点", "删除节点"]
    bench.do("sharing")
    bench.tools.overlay.take(WEST + 3000, SOUTH + 1000)
    bench.tools.overlay.lay((WEST + 3000, SOUTH + 1400))
    assert sorted(areas(bench).values())[-1] > sorted(areas(bench).values())[-3]


def test_escape_leaves_nothing_behind(bench: Bench) -> None:
    before = dict(bench.project.table("township").items())
    for command in ("split", "reshape", "cut_hole", "move_feature", "rotate", "offset"):
        bench.select("2村")
        bench.do(command)
        if command != "offset":
            bench.click((2100, 100))
        bench.qtbot.keyClicks(bench.tools.overlay, "7")
        bench.qtbot.keyClick(bench.tools.strip.line, Qt.Key.Key_Escape)
        assert bench.tools.strip.line.text() == ""
        while bench.tools.overlay is not None:
            bench.press(Qt.Key.Key_Escape)
        assert not bench.tools.strip.isVisible()
        assert not bench.window.actions_[command].isChecked()
        assert bench.window.actions_["tool_browse"].isChecked()
    assert dict(bench.project.table("township").items()) == before
    assert len(bench.edits) == 1


def test_what_is_caught_can_be_chosen(bench: Bench) -> None:
    catch = bench.tools.catcher.catch
    assert catch(WEST + 1004, SOUTH + 1004, 10).sort == "vertex"
    bench.do("snap_vertex")
    assert catch(WEST + 1400, SOUTH + 1004, 10).sort == "edge"
    bench.do("snap_edge")
    assert catch(WEST + 1400, SOUTH + 1004, 10) is None
    bench.do("snap_intersection")  # the last one stays
    assert bench.tools.catcher.sorts == ("intersection",)
    bench.do("snapping")
    assert catch(WEST + 1004, SOUTH + 1004, 10) is None


def test_a_border_is_traced_while_tracing_is_on(bench: Bench) -> None:
    bench.choose_layer()
    bench.do("tracing")
    bench.do("add_feature")
    bench.click((0, 1000), (2000, 1000))
    assert len(bench.tools.sketch.points) == 3
    bench.press(Qt.Key.Key_Backspace)
    assert len(bench.tools.sketch.points) == 2


def test_a_new_feature_gets_the_codes_of_its_place_and_its_form(bench: Bench) -> None:
    bench.choose_layer("building")
    bench.do("add_feature")
    bench.type(f"{WEST + 2100},{SOUTH + 100}")
    for text in ("@30,0", "@0,30", "@-30,0"):
        bench.type(text)
    bench.press(Qt.Key.Key_Return)
    new = [row for row in bench.project.table("building").values() if row["code"] is None]
    assert [round(shape(row).area) for row in new] == [900]
    assert new[0].get("township_code", "131121102") == "131121102"
    form = bench.window.workspaces.edit.feature.form
    assert form.isVisible()
    bench.settle()
    assert form.sentences["structure"].text() == "必填字段为空"
    bench.tools.end()

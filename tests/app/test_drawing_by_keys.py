"""Drawing without a mouse: arrows move the aim, Space sets a point, Enter ends; typed places go between."""

from typing import Any

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt

from layers.editing.features import shape

WEST, SOUTH = 380_000.0, 4_170_000.0
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # of the offscreen platform
Bench = Any
Key, Modifier = Qt.Key, Qt.KeyboardModifier


def press(bench: Bench, *keys: Qt.Key, modifier: Modifier = Modifier.NoModifier) -> None:
    for key in keys:
        bench.qtbot.keyClick(bench.tools.overlay, key, modifier)


def aim(bench: Bench) -> tuple[float, float]:
    at = bench.tools.overlay.aim.at
    assert at is not None
    return at[0] - WEST, at[1] - SOUTH


def test_arrows_move_the_aim_and_the_map_follows_it(bench: Bench) -> None:
    bench.choose_layer()
    bench.do("add_feature")
    press(bench, Key.Key_Right)  # shows it
    view = bench.window.stage.map.view
    x, y = aim(bench)
    assert (x + WEST, y + SOUTH) == pytest.approx(view.to_map(view.width / 2, view.height / 2))
    press(bench, Key.Key_Right, Key.Key_Up)
    press(bench, Key.Key_Right, modifier=Modifier.ShiftModifier)
    assert aim(bench) == pytest.approx((x + 13 * view.scale, y + 12 * view.scale))
    for _ in range(12):
        press(bench, Key.Key_Left, modifier=Modifier.ControlModifier)
    moved = bench.window.stage.map.view
    assert moved.x < view.x
    assert 0 < moved.to_screen(aim(bench)[0] + WEST, SOUTH)[0] < moved.width
    assert bench.tools.strip.hint.text() == bench.say("draw.keys.sketch")


def test_a_polygon_is_drawn_with_keys_alone_and_its_last_point_taken_back(bench: Bench) -> None:
    bench.choose_layer()
    bench.do("snapping")
    bench.do("add_feature")
    press(bench, Key.Key_Down, Key.Key_Space)
    bench.type("@500,0")
    bench.type("@0,400")
    press(bench, Key.Key_Left, Key.Key_Space, Key.Key_Backspace)
    assert len(bench.tools.sketch.points) == 3
    press(bench, Key.Key_Return)
    added = [row for row in bench.project.table("township").values() if not row["name"]]
    assert [shape(row).area for row in added] == pytest.approx([500 * 400 / 2])
    assert bench.tools.overlay.aim.at is not None  # ready for the next


def test_enter_sets_points_while_they_are_wanting_and_then_ends(bench: Bench) -> None:
    bench.choose_layer()
    bench.do("snapping")
    bench.do("add_feature")
    press(bench, Key.Key_Down, Key.Key_Return, Key.Key_Right, Key.Key_Return, Key.Key_Down, Key.Key_Return)
    assert len(bench.tools.sketch.points) == 3
    before = len(bench.project.table("township"))
    press(bench, Key.Key_Return)
    assert len(bench.project.table("township")) == before + 1


def test_a_vertex_is_found_taken_moved_and_deleted_with_keys(bench: Bench) -> None:
    bench.do("move_vertex")
    press(bench, Key.Key_N)
    x, y = aim(bench)
    tools = bench.tools.overlay
    before = tools.over.layer, tools.over.key
    press(bench, Key.Key_N)
    assert aim(bench) != (x, y)
    press(bench, Key.Key_N, modifier=Modifier.ShiftModifier)
    assert aim(bench) == pytest.approx((x, y))
    press(bench, Key.Key_Space)
    assert tools.held is not None
    bench.type("@0,5")
    assert bench.edits[-1] == "移动节点"
    assert tools.held is None
    row = bench.project.table(before[0])[before[1]]
    there = shapely.get_coordinates(shape(row)) - (x + WEST, y + SOUTH + 5)
    assert np.hypot(*there.T).min() == pytest.approx(0, abs=1e-6)


def test_a_tool_picks_its_feature_with_the_aim(bench: Bench) -> None:
    bench.choose_layer()
    bench.do("split")
    press(bench, Key.Key_Down, Key.Key_Space)
    assert bench.tools.sketch.tool.hint == "draw.split"
    assert bench.tools.overlay.aim.at is not None


def test_ctrl_f6_goes_to_what_is_drawn(bench: Bench) -> None:
    bench.choose_layer()
    bench.do("add_feature")
    bench.window.header.search.setFocus()
    bench.do("next_part")
    assert bench.window.focusWidget() is bench.tools.overlay

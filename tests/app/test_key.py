"""The key of the map says what marks of a shelter plan mean, and the drawing strip stays on a narrow map."""

from collections.abc import Callable

import pandas as pd
import pytest
import shapely
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.turns import nothing_waits
from layers.layer import Shapes, VectorLayer
from tests.waiting import LONG

EAST, NORTH = 380_000.0, 4_170_000.0


@pytest.fixture
def window(window_of: Callable[..., MainWindow]) -> MainWindow:
    """A plan of two shelters in a township."""
    ground = Shapes.of([shapely.box(EAST, NORTH, EAST + 4000, NORTH + 4000)])
    township = VectorLayer("township", "township", "EPSG:4548", ground, pd.DataFrame({"name": ["甲镇"]}))
    points = Shapes.of(shapely.points([EAST + 1000, EAST + 3000], [NORTH + 2000.0] * 2))
    table = pd.DataFrame({"name": ["一", "二"], "fullness": [40.0, 100.0]})
    sites = VectorLayer("plan_site", "plan_site", "EPSG:4548", points, table, "方案 1 · 开放场所")
    return window_of(township, sites)


def told(window: MainWindow, qtbot: QtBot) -> list[str]:
    """What the key says when it has taken its turn."""
    qtbot.waitUntil(nothing_waits, timeout=LONG)
    return [label.text() for label in window.stage.key._page.findChildren(QLabel) if label.text()]


def test_shelters_are_explained_by_how_full_they_are_while_they_are_seen(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.stack.see("plan_site", True)
    assert told(window, qtbot)[0] == "避难场所"
    assert "已满" in told(window, qtbot)
    window.stack.see("plan_site", False)
    assert told(window, qtbot) == []


def test_marks_that_the_hand_draws_are_explained(window: MainWindow, qtbot: QtBot) -> None:
    window.stack.see("plan_site", False)
    window.stage.key.explain(("plan_site", "plan_unmet"))
    assert {"避难场所", "未安置人员", "已满"} <= set(told(window, qtbot))
    assert not window.stage.key.isHidden()
    window.stage.key.explain(())
    assert window.stage.key.isHidden()


def test_the_strip_of_a_tool_stays_on_a_narrow_map_in_either_language(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(1200, 768)
    window.go_to("feature")
    window.layers.choose("township")
    for language in ("en", "zh_CN"):
        if window.words.language != language:
            window.switch_language()
        for tool in ("add_feature", "move_vertex", "reshape", "split", "cut_hole", "offset", "rotate"):
            window.actions_[tool].trigger()
            qtbot.wait(10)
            strip = window.workbench.tools.strip
            assert strip.isVisible()
            assert strip.geometry().right() < window.stage.map.width(), (language, tool)
            assert strip.hint.heightForWidth(strip.hint.width()) <= strip.height(), (language, tool)
            window.workbench.tools.end()

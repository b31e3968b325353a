"""The window by keyboard alone: parts are reached, the map is worked in its middle, controls have names."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from app.panels.layers import NAME
from app.panels.parameter_form import ParameterForm
from app.shell.keyboard import CONTROLS
from app.words import Words, capital
from layers.grid import Extent
from layers.hazards.inundation_scenario import InundationScenario
from tests.waiting import LONG

Bench = Any
pytestmark = pytest.mark.screen


@pytest.fixture
def active(bench: Bench) -> Bench:
    """A bench whose window has the keyboard."""

    def has_keyboard() -> bool:
        bench.window.activateWindow()  # in vain until the screen shows the window
        return bench.window.isActiveWindow()

    bench.qtbot.waitUntil(has_keyboard, timeout=LONG)
    return bench


def focused(bench: Bench) -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_a_key_goes_round_the_parts_of_the_window(active: Bench) -> None:
    window = active.window
    window.go_to("feature")
    window.header.search.setFocus()
    reached = []
    for _ in range(3):
        window.actions_["next_part"].trigger()
        reached.append(focused(active))
    assert reached[0] is window.stage.map
    assert window.workspaces.side.isAncestorOf(reached[1])
    assert window.layers.isAncestorOf(reached[2])


def test_the_map_has_the_focus_when_a_project_is_opened_and_no_frame(bench: Bench) -> None:
    path = bench.project.path
    bench.window.files.close()
    assert bench.window.focusWidget() is bench.window.welcome
    bench.window.files.open_path(path)
    bench.settle()
    assert bench.window.focusWidget() is bench.window.stage.map
    assert not bench.window.stage.map._by_key


def test_enter_identifies_selects_and_measures_in_the_middle_of_the_map(active: Bench) -> None:
    window = active.window
    map_ = window.stage.map
    window.header.search.setFocus()
    map_.setFocus(Qt.FocusReason.TabFocusReason)
    assert map_._by_key
    key = next(key for key, row in window.desk.project.table("township").items() if row["name"] == "2村")
    window.workbench.select("township", [key])
    box = window.stage.selection[0].shapes.extent
    window.stage.deselect()
    map_.show_extent(Extent(*box))
    QTest.keyClick(map_, Qt.Key.Key_Return)
    active.settle()
    assert "2村" in window.workspaces.edit.feature.which.currentText()
    window.actions_["tool_select"].trigger()
    QTest.keyClick(map_, Qt.Key.Key_Return)
    active.settle()
    assert [layer["name"].tolist() for layer in window.stage.selection] == [["2村"]]
    window.actions_["tool_measure"].trigger()
    QTest.keyClick(map_, Qt.Key.Key_Return)
    QTest.keyClick(map_, Qt.Key.Key_Right)
    QTest.keyClick(map_, Qt.Key.Key_Return)
    assert len(map_.measure.points) == 2


def test_every_control_has_a_name_in_both_languages(bench: Bench) -> None:
    window = bench.window
    for dock in ("table", "tasks", "findings"):
        window.docks[dock].show()
    for _ in range(2):
        nameless = set()
        for panel in window.workspaces.side.panels():
            window.go_to(panel)
            bench.settle()
            nameless |= {f"{panel}: {words}" for words in unnamed(window)}
        assert not nameless, "\n".join(sorted(nameless))
        window.switch_language()
    bench.settle()
    assert window.layers.tree.accessibleName() == "图层"


def test_numbers_of_a_model_say_their_own_name_wherever_it_stands(qtbot: QtBot) -> None:
    for language in ("zh_CN", "en"):
        words, page = Words(language), QWidget()
        qtbot.addWidget(page)
        page.setLayout(ParameterForm(words).rows(InundationScenario(())))
        fields = [each for kind in (QAbstractSpinBox, QComboBox) for each in page.findChildren(kind)]
        spoken = [field.accessibleName() for field in fields]
        assert capital(words.say("parameter.inundation.discharge")) in spoken
        assert {"A", "b", "n"} <= {*spoken}  # signs of the formula of rainstorms
        assert "" not in spoken


def unnamed(window: QWidget) -> list[str]:
    found = []
    for widget in window.findChildren(QWidget):
        is_one = isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar) and widget.isVisible()
        if is_one and not widget.objectName().startswith("qt_"):
            spoken = QAccessible.queryAccessibleInterface(widget)
            if spoken is not None and not spoken.text(QAccessible.Text.Name):
                found.append(
                    f"{type(widget).__name__} {widget.objectName()} {type(widget.parent()).__name__}"
                )
    return found


def test_layers_are_moved_by_keys(bench: Bench) -> None:
    window = bench.window
    tree, moves = window.layers.tree, []
    tree.moved.connect(lambda name, before: moves.append((name, before)))
    bench.choose_layer()
    group = tree.currentItem().parent()
    names = [group.child(number).data(0, NAME) for number in range(group.childCount())]
    after = [*names, ""][names.index("township") + 2 :]
    QTest.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert moves == [("township", name) for name in after[:1]]

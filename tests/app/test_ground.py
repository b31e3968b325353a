"""One thing colours the map: the chosen hazard, or in the shelters workspace the chosen plan."""

import json
from collections.abc import Callable
from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from layers.changes import Change, Edit
from tests.app.conftest import villages
from tests.waiting import LONG

GAP = replace(
    villages(),
    name="plan_gap",
    kind="plan_gap",
    attributes=villages().attributes.assign(unmet=[10.0 * n for n in range(6)], share=5.0),
    title="方案 1 · 各乡镇缺口",
)
GRADES = replace(
    villages(),
    name="grades",
    kind="hazard_zone",
    attributes=villages().attributes.assign(hazard="洪水", grade=3),
    title="普查等级",
)
FIGURES = ("sites", "demand", "assigned", "unmet", "mean_m", "furthest_m", "fullness", "price")
SUMMARY = {**dict.fromkeys(FIGURES, 1.0), "gap": None}
CARD = json.dumps(
    {"wish": {"objective": "p-median"}, "summary": SUMMARY, "layers": {"plan_gap": "plan_gap"}, "sites": []}
)


def on_map(window: MainWindow) -> set[str]:
    return {entry.name for entry in window.stack.entries if window.stack.is_seen(entry.name)}


def keep_plan(window: MainWindow) -> None:
    row = {"value": CARD}
    window.desk.do(Edit("方案", (Change("settings", "shelter_plan:方案 1", None, row),)))


def test_a_project_with_a_plan_opens_on_its_hazard(window_of: Callable[..., MainWindow]) -> None:
    assert on_map(window_of(GRADES, GAP)) == {"grades"}


def test_the_plan_is_on_the_map_where_shelters_are_planned_and_the_hazard_elsewhere(
    window_of: Callable[..., MainWindow],
) -> None:
    window = window_of(GRADES, GAP)
    keep_plan(window)
    window.go_to("shelter_plans")
    assert on_map(window) == {"plan_gap"}
    window.go_to("feature")
    assert on_map(window) == {"plan_gap"}  # one may edit what one looks at
    window.go_to("sheets")
    assert on_map(window) == {"grades"}


def test_what_was_ticked_stays_while_the_work_is_the_same(window_of: Callable[..., MainWindow]) -> None:
    window = window_of(GRADES, GAP)
    keep_plan(window)
    window.go_to("shelters")
    window.stack.see("plan_gap", False)
    window.go_to("shelter_rules")
    assert on_map(window) == set()
    window.go_to("hazard")
    window.stack.see("grades", False)
    window.go_to("region")
    assert on_map(window) == set()


def test_townships_of_a_stored_plan_are_listed_with_the_largest_gap_first(
    window_of: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = window_of(GAP)
    keep_plan(window)
    window.go_to("shelter_plans")
    towns = window.workspaces.shelters.plans.towns
    qtbot.waitUntil(lambda: towns.topLevelItemCount() == 6, timeout=LONG)
    told = [[towns.topLevelItem(row).text(column) for column in range(2)] for row in range(2)]
    assert told == [["5村", "50"], ["4村", "40"]]

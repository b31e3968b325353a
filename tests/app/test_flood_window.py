"""A duty officer's flood in the window: a breach on the map, the run, the loss, the table as a file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.plot import picture_of
from app.turns import nothing_waits
from layers.editing import features
from layers.grid import Extent, Grid, Lattice
from layers.hazards.inundation_scenario import InundationScenario
from layers.layer import RasterLayer, Shapes, VectorLayer
from layers.storage.rasters import write_grid
from tests.waiting import LONG

CRS = "EPSG:4548"
WEST, SOUTH = 500_000.0, 4_170_000.0


def layer(kind: str, shapes: list[shapely.Geometry], **columns: object) -> VectorLayer:
    return VectorLayer(kind, kind, CRS, Shapes.of(shapes), pd.DataFrame(columns))


@pytest.fixture
def window(window_of: Callable[..., MainWindow], tmp_path: Path) -> MainWindow:
    """The window with a project: a plain of 3 × 2 km with a river between levees, and a few houses."""
    lattice = Lattice.covering(Extent(WEST, SOUTH, WEST + 3000, SOUTH + 2000), 60.0, CRS)
    fall = np.tile(np.linspace(2.0, 0.0, lattice.columns), (lattice.rows, 1))
    write_grid(Grid(20.0 + fall, lattice, "m"), tmp_path / "terrain.tif")
    upright = lambda x: shapely.LineString([(WEST + x, SOUTH), (WEST + x, SOUTH + 2000)])  # noqa: E731
    houses = [shapely.box(WEST + x, SOUTH + 990, WEST + x + 12, SOUTH + 1002) for x in range(1300, 2300, 100)]
    area = shapely.box(WEST, SOUTH, WEST + 3000, SOUTH + 2000)
    layers = [
        layer("county", [area], code=["131101"], name=["甲县"], population=[500]),
        layer("river", [upright(900)], name=["河"]),
        layer("levee", [upright(750), upright(1050)], name=["左堤", "右堤"], crest=[3.0, 3.0]),
        layer("plan_gap", [area], code=["131101"], name=["甲县"], unmet=[9.0]),
        layer("building", houses, structure=["砖混"] * 10, floor_area=[200.0] * 10, use=["农村住宅"] * 10),
        RasterLayer("terrain", "terrain", str(tmp_path / "terrain.tif"), lattice, "m"),
    ]
    return window_of(*layers)


def test_a_breach_is_picked_run_and_read_as_loss(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    risk = window.workspaces.risk
    window.choice.take_hazard("inundation")
    window.go_to("hazard")
    qtbot.waitUntil(lambda: not risk.hazard.breaches.isHidden(), timeout=LONG)
    risk.breaching.pick()
    assert risk.breaching.pin is not None
    risk.breaching.pin.put(WEST + 1050, SOUTH + 1000)
    assert risk.hazard.breaches.places == ((WEST + 1050, SOUTH + 1000),)
    assert risk.breaching.pin is None
    set_numbers(window, cell=60.0, duration=1.0, lasts=1.0, rise=0.0, discharge=60.0)
    for entry in window.stack.entries:
        window.stack.see(entry.name, True)
    risk.hazard.launch()
    kinds: Callable[[], set[str]] = lambda: {entry.kind for entry in window.stack.entries}  # noqa: E731
    qtbot.waitUntil(lambda: "hazard_inundation" in kinds() and window.tasks.idle, timeout=LONG)
    gap = next(entry.name for entry in window.stack.entries if entry.kind == "plan_gap")
    assert not window.stack.is_seen(gap)  # it lay over the water
    assert {"risk_inundation", "depth_frames", "flood_extent", "evacuation_county"} <= kinds()
    assert window.stage.time.times[-1] == 3600.0
    assert risk.hazard.breaches.places == ((WEST + 1050, SOUTH + 1000),)
    risk.loss.run()
    qtbot.waitUntil(lambda: risk.loss.result is not None, timeout=LONG)
    found = risk.loss.result
    assert found.total["loss"] > 0
    risk.loss.show_view("county")
    top = risk.loss.table.topLevelItem(0)
    assert top.text(0) == "甲县"
    assert top.text(1).splitlines()[0] == f"{found.total['people_hit']:,}"
    window.files.write_table(found.by_county, "损失", tmp_path / "loss.csv")
    qtbot.waitUntil(lambda: (tmp_path / "loss.csv").exists(), timeout=LONG)
    assert pd.read_csv(tmp_path / "loss.csv")["loss"].sum() == found.total["loss"]
    window.desk.undo()
    qtbot.waitUntil(lambda: "hazard_inundation" not in kinds(), timeout=LONG)


def test_gauges_and_sections_are_told_over_time_and_follow_the_slider(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    risk, panel = window.workspaces.risk, window.hydrographs.panel
    window.choice.take_hazard("inundation")
    window.go_to("hazard")
    qtbot.waitUntil(lambda: not risk.hazard.breaches.isHidden(), timeout=LONG)
    picks = {"breach": [(1050, 1000)], "gauge": [(1300, 1000)], "section": [(1200, 100), (1200, 1900)]}
    for sort, places in picks.items():
        risk.breaching.pick(sort)
        for x, y in places:
            assert risk.breaching.pin is not None
            risk.breaching.pin.put(WEST + x, SOUTH + y)
    breaches = risk.hazard.breaches
    breaches.list.item(1).setText("村口")
    assert breaches.gauges == (("村口", WEST + 1300, SOUTH + 1000),)
    set_numbers(window, cell=60.0, duration=1.0, lasts=1.0, rise=0.0, discharge=60.0, frame=0.5)
    risk.hazard.launch()
    qtbot.waitUntil(lambda: bool(panel.hydrographs) and window.tasks.idle, timeout=LONG)
    assert {"flood_gauge", "flood_section", "hydrograph"} <= {each.kind for each in window.stack.entries}
    assert [line.name for line in panel.plot.lines] == ["村口"]
    assert window.is_shown("hydrographs")
    window.stage.time.seek(1800.0)
    assert panel.view.marker == 0.5
    panel.view.sought.emit(1.0)
    assert window.stage.time.seconds == 3600.0
    depth = panel.plot.lines[0].values
    assert depth[0] == 0.0
    assert depth[-1] > 0.05
    panel.quantity.setCurrentIndex(panel.quantity.findData("discharge"))
    panel.quantity.activated.emit(0)
    window.files.write_table(panel.frame(), "过程线", tmp_path / "q.csv")
    window.hydrographs.write_picture(picture_of(panel.plot), tmp_path / "q.png")
    qtbot.waitUntil(lambda: (tmp_path / "q.csv").exists() and (tmp_path / "q.png").exists(), timeout=LONG)
    told = pd.read_csv(tmp_path / "q.csv")
    assert list(told) == ["时间（h）", "断面 1 流量 (m³/s)"]
    assert 0.2 * 60 < told.iloc[-1, 1] < 60
    while breaches.list.count() > 1:
        breaches.list.setCurrentRow(1)
        breaches.remove.click()
    risk.hazard.launch()
    qtbot.waitUntil(lambda: not panel.hydrographs and window.tasks.idle, timeout=LONG)
    assert "flood_gauge" not in {each.kind for each in window.stack.entries}


def test_a_scenario_set_runs_as_one_task_is_stopped_and_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.workspaces.risk.sets
    window.go_to("sets")
    assert not panel.start.isEnabled()
    panel.picking.emit()
    window.workspaces.risk.breaching.pin.put(WEST + 1050, SOUTH + 1000)
    panel.add_places(((WEST + 750, SOUTH + 500),))
    panel.periods.show_rows([(20.0, 30.0, 0.0), (100.0, 60.0, 0.0)])
    panel.take_base(InundationScenario(duration=0.5, lasts=0.5, rise=0.0))
    panel.periods.item(0, 1).setText("许多")
    panel.launch()
    assert window.tasks.idle  # the wrong number was told, nothing runs
    panel.periods.item(0, 1).setText("30")
    chosen = panel.scenario_set()
    assert [place.x for place in chosen.places] == [WEST + 1050, WEST + 750]
    assert (chosen.base.cell, chosen.spread) == (90.0, None)
    runs = window.desk.project.path.with_suffix(".runs")
    panel.launch()
    qtbot.waitUntil(lambda: any(runs.glob("run_001*.json")), timeout=LONG)
    for task in window.tasks.running():
        task.cancel()
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    panel.launch()
    kinds: Callable[[], list[str]] = lambda: [entry.kind for entry in window.stack.entries]  # noqa: E731
    qtbot.waitUntil(lambda: "scenario_run" in kinds() and window.tasks.idle, timeout=LONG)
    qtbot.waitUntil(lambda: not runs.exists(), timeout=LONG)
    assert {"annual_damage_county", "exceedance_flood"} <= set(kinds())
    assert window.stack.theme.kind == "exceedance_flood"
    assert panel.table.topLevelItemCount() == 2 + 4
    panel.show_view("county")
    assert panel.table.topLevelItem(0).text(0) == "甲县"
    assert panel.table.topLevelItem(0).text(2) == panel.table.topLevelItem(1).text(2)
    window.desk.undo()
    qtbot.waitUntil(lambda: "scenario_run" not in kinds(), timeout=LONG)
    assert panel.views.currentData() == "set"


def test_the_form_asks_only_what_counts_and_tells_the_storm(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.workspaces.risk.hazard
    window.choice.take_hazard("inundation")
    window.go_to("hazard")
    qtbot.waitUntil(lambda: panel.rain is not None and not panel.breaches.isHidden(), timeout=LONG)
    fields = panel._form._fields
    boxes = {name: fields["inundation", name].__self__ for name in ("rain_from", "storm_place", "loss_from")}
    spins = {
        name: fields["inundation", name].__self__ for name in ("rain", "storm_period", "storm_a", "runoff")
    }
    shown = lambda: {name for name, spin in spins.items() if not spin.isHidden()}  # noqa: E731
    assert shown() == {"rain", "runoff"}
    boxes["rain_from"].setCurrentIndex(1)
    assert shown() == {"storm_period", "runoff"}
    spins["storm_period"].setValue(100.0)
    assert "100 年一遇" in panel.rain.storm.text()
    assert "待核对" in panel.rain.storm.text()
    boxes["storm_place"].setCurrentIndex(3)
    boxes["loss_from"].setCurrentIndex(1)
    assert shown() == {"storm_period", "storm_a"}
    panel.rain.losses.item(11, 1).setText("horton:50,5,2")
    scenario = panel.scenario()
    assert (scenario.rain_from, scenario.storm_place, scenario.storm_period) == ("storm", "own", 100.0)
    assert dict(scenario.land_losses)[12.0] == "horton:50,5,2"
    panel.rain.losses.item(11, 1).setText("喝掉")
    panel.launch()
    assert window.tasks.idle  # the wrong words were told, nothing runs


def test_what_was_typed_stays_while_the_project_is_edited_elsewhere(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.workspaces.risk.hazard
    window.choice.take_hazard("inundation")
    qtbot.waitUntil(lambda: panel.rain is not None and not panel.breaches.isHidden(), timeout=LONG)
    set_numbers(window, duration=7.0)
    panel._form._fields["inundation", "loss_from"].__self__.setCurrentIndex(1)  # type: ignore[attr-defined]
    panel.rain.losses.item(11, 1).setText("horton:50,5,2")
    scenario = panel.scenario()
    project = window.desk.project
    assert project is not None
    (key, row), *_ = project.table("county").items()
    window.desk.do(features.given("county", {key: row}, {"population": 7}, "改"))
    qtbot.waitUntil(nothing_waits, timeout=LONG)
    assert panel.scenario() == scenario
    assert scenario.duration == 7.0
    window.switch_language()
    qtbot.waitUntil(nothing_waits, timeout=LONG)
    assert panel.scenario() == scenario
    assert any(label.text().startswith("Inundation in two") for label in panel.findChildren(QLabel))
    window.choice.take_hazard("earthquake")
    qtbot.waitUntil(nothing_waits, timeout=LONG)
    window.choice.take_hazard("inundation")
    qtbot.waitUntil(nothing_waits, timeout=LONG)
    assert panel.scenario().duration != 7.0


def test_escape_gives_a_pick_up_and_a_wrong_hydrograph_is_told(window: MainWindow, tmp_path: Path) -> None:
    risk = window.workspaces.risk
    window.choice.take_hazard("inundation")
    risk.breaching.pick()
    QTest.keyClick(risk.breaching.pin, "\x1b")
    assert risk.breaching.pin is None
    assert risk.hazard.breaches.places == ()
    path = tmp_path / "q.csv"
    path.write_text("time_h,m3_per_s\n1,5\n0,5\n")
    risk.breaching.read_file(path)
    assert risk.hazard.breaches.hydrograph == ()
    path.write_text("time_h,m3_per_s\n0,5\n2,50\n")
    risk.breaching.read_file(path)
    assert risk.hazard.breaches.hydrograph == ((0.0, 5.0), (2.0, 50.0))


def test_prices_changed_in_the_form_change_the_estimate(window: MainWindow, qtbot: QtBot) -> None:
    loss = window.workspaces.risk.loss
    loss.show_view("values")
    loss._form._fields["valuation", "brick_concrete"].__self__.setValue(3600.0)
    loss.show_view("summary")
    assert loss.valuation.brick_concrete == 3600.0


def set_numbers(window: MainWindow, **numbers: float) -> None:
    """Write numbers into the form of the model."""
    fields = window.workspaces.risk.hazard.form._fields
    for name, value in numbers.items():
        fields["inundation", name].__self__.setValue(value)  # type: ignore[attr-defined]

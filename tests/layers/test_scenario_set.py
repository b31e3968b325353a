"""Scenario sets: every run once, stopped and gone on with, and sums over the years that a hand can check."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.errors import KnownError
from layers.grid import Grid, Lattice
from layers.hazards.inundation_scenario import InundationScenario
from layers.progress import Cancelled
from layers.risk.scenario_run import carry_out, read_set
from layers.risk.scenario_set import (
    COUNTED,
    BreachPlace,
    ReturnPeriod,
    RunAnswer,
    ScenarioSet,
    SetRun,
    Spread,
    add_up,
    annual_weights,
)
from layers.risk.scenario_store import set_layers, stored_set
from layers.storage.geopackage import ProjectFile, load

PLACES = (BreachPlace("甲", 1.0, 1.0, 3.0), BreachPlace("乙", 2.0, 2.0, 1.0))
PERIODS = (ReturnPeriod(10.0, 100.0), ReturnPeriod(50.0, 300.0, 80.0), ReturnPeriod(100.0, 500.0))
LATTICE = Lattice(0.0, 60.0, 30.0, 2, 3, "EPSG:4548")


def answered(run: SetRun) -> RunAnswer:
    """A made answer: the loss is 100 times the years at the first place, ten times at the other."""
    loss = int(run.period.years * (100 if run.place.name == "甲" else 10))
    row = dict.fromkeys(COUNTED, 0) | {"loss": loss, "loss_low": loss // 2, "loss_high": loss * 2}
    table = pd.DataFrame([{"code": "1", "name": "县", **row}])
    depth = np.full(LATTICE.shape, 1.0 if run.period.years >= 50 else 0.0)
    depth[0, 0] = np.nan
    return RunAnswer(Grid(depth, LATTICE, "m"), {"county": table}, {})


def test_yearly_weights_are_trapezoids_with_the_tail() -> None:
    years = np.array([10.0, 50.0, 100.0])
    values = np.array([0.0, 8.0, 20.0])
    by_hand = 0.5 * (0 + 8) * (0.1 - 0.02) + 0.5 * (8 + 20) * (0.02 - 0.01) + 20 * 0.01
    assert annual_weights(years) @ values == pytest.approx(by_hand)
    assert annual_weights(years).sum() == pytest.approx(0.1)
    assert annual_weights(np.array([20.0])).tolist() == [0.05]


def test_loss_and_exceedance_add_up_by_share_and_period() -> None:
    found = add_up(ScenarioSet(InundationScenario(), PLACES, PERIODS), answered, (0.5,))
    assert found.table[["place", "years"]].values.tolist() == [
        [place.name, period.years] for place in PLACES for period in PERIODS
    ]
    weights = annual_weights(np.array([10.0, 50.0, 100.0]))
    expected = weights @ (np.array([10.0, 50.0, 100.0]) * (0.75 * 100 + 0.25 * 10))
    assert found.annual["county"]["loss_a"].iloc[0] == pytest.approx(expected)
    flooded = found.exceedance[0.5].values
    assert np.isnan(flooded[0, 0])
    assert flooded[1, 1] == pytest.approx(weights[1:].sum())


def test_a_spread_makes_low_mid_and_high_of_every_run() -> None:
    chosen = ScenarioSet(InundationScenario(), PLACES, PERIODS, Spread(breach=(0.5, 2.0)))
    runs = list(chosen.runs())
    assert len(runs) == len({run.key for run in runs}) == 18
    assert [run.model.discharge for run in runs[:3]] == [50.0, 100.0, 200.0]
    found = add_up(chosen, answered, (0.5,)).annual["county"].iloc[0]
    assert found["loss_a_low"] < found["loss_a"] < found["loss_a_high"]


def test_a_hydrograph_is_scaled_to_the_discharge_of_the_period() -> None:
    base = InundationScenario(hydrograph=((0.0, 0.0), (1.0, 50.0), (3.0, 0.0)))
    run = next(iter(ScenarioSet(base, PLACES, PERIODS).runs()))
    assert run.model.hydrograph == ((0.0, 0.0), (1.0, 100.0), (3.0, 0.0))


@pytest.mark.parametrize("periods", [(), (ReturnPeriod(1.0, 1.0),), PERIODS[::-1]])
def test_periods_that_do_not_rise_above_one_year_are_refused(periods: tuple[ReturnPeriod, ...]) -> None:
    with pytest.raises(KnownError):
        ScenarioSet(InundationScenario(), PLACES, periods)
    with pytest.raises(KnownError):
        ScenarioSet(InundationScenario(), (PLACES[0], PLACES[0]), PERIODS)


def test_a_stopped_set_goes_on_where_it_was(world, tmp_path: Path) -> None:
    lattice = world.lattice(100.0)
    world.add_raster("terrain", Grid(np.full(lattice.shape, 20.0), lattice, "m"))
    world.add("river", [world.line((1050, 0), (1050, 2000))], name=["河"])
    place = world.point(1500, 1000)
    base = InundationScenario(cell=100.0, duration=0.5, lasts=0.5, rise=0.0, frame=0.5)
    chosen = ScenarioSet(base, (BreachPlace("口", place.x, place.y),), PERIODS[:2])

    def stop(fraction: float) -> None:
        if fraction > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        carry_out(world, chosen, tmp_path / "runs", stop)
    first = tmp_path / "runs" / "run_001_10a_mid.json"
    made = first.stat().st_mtime_ns
    found, provenance = carry_out(world, chosen, tmp_path / "runs")
    assert first.stat().st_mtime_ns == made
    again, _ = carry_out(world, chosen, tmp_path / "runs")
    pd.testing.assert_frame_equal(found.table, again.table)
    assert found.table["flooded_km2"].is_monotonic_increasing
    assert found.table["people_hit"].iloc[-1] > 0
    assert "ScenarioSet(" in provenance.model
    county, town = (found.annual[unit]["people_hit_a"].sum() for unit in ("county", "township"))
    assert county == pytest.approx(town)


def test_a_set_is_read_from_json_and_what_is_wrong_is_told(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    place = {"name": "口", "x": 115.5, "y": 37.5}
    periods = [{"years": 10, "discharge": 100}, {"years": 50, "discharge": 300, "rain": 50}]
    path.write_text(json.dumps({"base": {"cell": 90}, "places": [place], "periods": periods, "spread": True}))
    found = read_set(path, "EPSG:4548")
    assert found.places[0].x == pytest.approx(367_358, abs=1)
    assert found.spread == Spread()
    assert found.base.cell == 90
    for wrong in ("{", json.dumps({"places": [place]}), json.dumps({"places": [{"n": 1}], "periods": []})):
        path.write_text(wrong)
        with pytest.raises(KnownError):
            read_set(path, "EPSG:4548")
    fine = {"places": [place], "periods": periods}
    for more in ({"spraed": True}, {"periods": [{"years": 10, "discharge": -5}]}):
        path.write_text(json.dumps({**fine, **more}))
        with pytest.raises(KnownError):
            read_set(path, "EPSG:4548")
    for none in (tmp_path / "none.json", tmp_path):
        with pytest.raises(KnownError):
            read_set(none, "EPSG:4548")


def test_a_stored_set_comes_back_with_its_runs_and_both_units(world, tmp_path: Path) -> None:
    lattice = world.lattice(100.0)
    world.add_raster("terrain", Grid(np.full(lattice.shape, 20.0), lattice, "m"))
    world.add("river", [world.line((1050, 0), (1050, 2000))], name=["河"])
    place = world.point(1500, 1000)
    base = InundationScenario(cell=100.0, duration=0.25, lasts=0.25, rise=0.0, frame=0.5)
    chosen = ScenarioSet(base, (BreachPlace("口", place.x, place.y),), PERIODS[:2], Spread())
    found, provenance = carry_out(world, chosen, tmp_path / "runs")
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        layers = set_layers(world, found, provenance, tmp_path)
        project.apply(load("集", layers, project))
        stored = stored_set(project)
    assert stored is not None
    pd.testing.assert_frame_equal(stored.runs, found.table, check_dtype=False)
    assert set(stored.annual) == {"county", "township"}
    assert stored.annual["county"]["loss_a"].sum() == pytest.approx(stored.annual["township"]["loss_a"].sum())
    assert "loss_a_high" in stored.annual["county"]

"""The rain of a flood scenario: even, a design storm, by zones; less a share, or what each land takes."""

import numpy as np
import pytest

from layers.errors import KnownError
from layers.grid import Grid
from layers.hazards.inundation.losses import CurveNumber
from layers.hazards.inundation.storms import Storm, formula
from layers.hazards.inundation_rain import default_losses, read_hyetograph, storm_of
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.source import Reading
from layers.risk.assessment import hazard_result
from layers.risk.scenario_set import BreachPlace, ReturnPeriod, ScenarioSet, Spread

CELL = 100.0
AREA = 4000 * 2000


@pytest.fixture
def flat(world) -> object:
    """A flat plain with a river: what falls stays where it falls."""
    lattice = world.lattice(CELL)
    world.add_raster("terrain", Grid(np.full(lattice.shape, 20.0), lattice, "m"))
    world.add("river", [world.line((1050, 0), (1050, 2000))], name=["河"])
    return world


def raining(**values: object) -> InundationScenario:
    return InundationScenario(**{"cell": CELL, "duration": 3.0, "frame": 3.0, **values})  # type: ignore[arg-type]


def mass(project: object, model: InundationScenario) -> dict[str, float]:
    found = hazard_result(project, "inundation", model=model)
    assert found.companions is not None
    return found.companions.summary["mass"]


def test_a_design_storm_brings_the_depth_of_its_formula(flat) -> None:
    model = raining(rain_from="storm", storm_period=50.0, storm_minutes=120.0, runoff=0.5)
    known = formula("hengshui")
    depth = known.a * (1 + known.c * np.log10(50)) * 0.006 * 120 / (120 + known.b) ** known.n / 1000
    assert mass(flat, model)["rain_m3"] == pytest.approx(0.5 * depth * AREA, rel=1e-3)
    assert known.status == "recalled"


def test_a_formula_of_ones_own_takes_the_place_of_the_citys() -> None:
    own = raining(
        rain_from="storm", storm_place="own", storm_a=2000.0, storm_c=0.8, storm_b=10.0, storm_n=0.7
    )
    assert storm_of(own) == Storm(2000.0, 0.8, 10.0, 0.7, 20.0, 120.0, 0.4)
    assert storm_of(raining(rain_from="storm")).a == 3575


def test_rain_by_zones_falls_where_the_zones_lie(flat) -> None:
    flat.add(
        "rain_zone",
        [flat.box(0, 0, 2000, 2000), flat.box(2000, 0, 3000, 2000)],
        name=["西", "中"],
        rain=[None, 60.0],
        hours=[None, 2.0],
        hyetograph=["0 10; 1 30; 2 0", None],
    )
    found = hazard_result(flat, "inundation", model=raining(rain_from="zones", runoff=1.0))
    assert found.companions is not None
    fallen = found.companions.summary["mass"]["rain_m3"]
    assert fallen == pytest.approx((0.04 * 2000 + 0.06 * 1000) * 2000, rel=1e-5)
    x, y = np.array([500.0, 3900.0]) + flat.point(0, 0).x, np.full(2, flat.point(0, 1000).y)
    west, outside = found.intensity.at(x, y)
    assert west == pytest.approx(0.04, abs=2e-3)
    assert outside == 0.0
    assert len(found.model.zone_rain) == 2


def test_land_takes_by_its_curve_number(flat) -> None:
    lattice = flat.lattice(CELL)
    classes = np.where(np.arange(lattice.columns) < 20, 12.0, 17.0)
    flat.add_raster("landcover", Grid(np.tile(classes, (lattice.rows, 1)), lattice))
    given = {"rain": 100.0, "rain_hours": 2.0, "loss_from": "land", "soil": "C"}
    found = mass(flat, raining(**given))
    runs = float(CurveNumber(83.0).excess(np.full(120, 0.1 / 120)).sum())
    assert found["rain_m3"] == pytest.approx((runs + 0.1) / 2 * AREA, rel=1e-3)
    assert found["rain_soaked_m3"] == pytest.approx((0.1 - runs) / 2 * AREA, rel=1e-3)
    own = tuple((number, "none") for number, _ in default_losses("C"))
    assert mass(flat, raining(**given, land_losses=own))["rain_m3"] == pytest.approx(0.1 * AREA, rel=1e-3)


def test_what_lacks_or_is_wrong_is_told(flat) -> None:
    for model in (raining(rain_from="zones"), raining(rain=10.0, loss_from="land")):
        with pytest.raises(KnownError):
            mass(flat, model)
    for wrong in ("", "0", "1 5; 0 3", "0 -3", "a b"):
        with pytest.raises(KnownError):
            read_hyetograph(wrong, "东")
    flat.add("rain_zone", [flat.box(0, 0, 100, 100)], name=["东"], hyetograph=["5 1; 2 2"])
    with pytest.raises(KnownError, match="rain zone 东"):
        mass(flat, raining(rain_from="zones"))
    assert not raining(rain_from="storm", runoff=0.0).is_driven
    assert raining(rain_from="storm").is_driven
    assert Reading(flat).first("rain_zone") is not None


def test_a_sets_storms_follow_its_return_periods() -> None:
    periods = (ReturnPeriod(20, 100), ReturnPeriod(100, 200, 80.0))
    place, spread = (BreachPlace("口", 0, 0),), Spread(rain=(0.5, 2))
    chosen = ScenarioSet(raining(rain_from="storm"), place, periods, spread)
    runs = {(run.period.years, run.end): run.model for run in chosen.runs()}
    assert [runs[years, "mid"].storm_period for years in (20, 100)] == [20, 100]
    assert [runs[20, end].rain_by for end in ("low", "mid", "high")] == [0.5, 1.0, 2.0]
    even = ScenarioSet(raining(), place, periods, spread)
    assert [run.model.rain for run in even.runs()][-3:] == [40.0, 80.0, 160.0]
    assert {run.model.rain_by for run in even.runs()} == {1.0}

"""Shelter cases on a small made-up county: people are counted once, ways agree, plans keep their promises."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards.attenuation import ScenarioEarthquake
from layers.layer import RasterLayer, Shapes, VectorLayer
from layers.risk.assessment import hazard_result
from layers.risk.loss import loss_result
from layers.risk.results import results_edit
from layers.siting.candidates import candidate_sites, class_for
from layers.siting.closing import Closing
from layers.siting.dragging import dragged
from layers.siting.network import on_foot, road_network
from layers.siting.paths import Access, travel_times
from layers.siting.residents import UNITS, gather, residents_of
from layers.siting.rules import siting_rules, with_values
from layers.siting.scenario import (
    Scenario,
    displaced_people,
    displaced_share,
    hazard_of,
    shaking_entry,
    shaking_layers,
    stored_earthquake,
)
from layers.siting.shelter_layers import exclusions, plan_layers, summary
from layers.siting.shelter_plan import (
    ShelterPlan,
    against_bound,
    allocated,
    closed,
    moved,
    opened,
    resized,
    solved,
)
from layers.siting.shelter_robust import plan_scores, worst_of
from layers.siting.shelter_routes import ways_of
from layers.siting.shelter_store import cards, plan_edit, plan_removal, revived, wish_of, wish_row
from layers.siting.shelter_wish import ShelterWish
from layers.siting.shelters import prepare
from layers.siting.ways_to import metres_to
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid

CRS = "EPSG:4548"
EAST, NORTH = 400_000.0, 4_170_000.0
SIDE = 6000.0

# Semi-axes, km, of the attenuation of GB 18306-2015, eastern zone (training material, test vectors).
SEMI_AXES = [(5.5, 7, 2.97, 1.89), (5.5, 6, 22.83, 15.54), (6.0, 7, 15.31, 10.2)]


@pytest.fixture(scope="module")
def project(make_county: Callable[[], ProjectFile]) -> ProjectFile:
    return make_county()


def at(x: float, y: float) -> tuple[float, float]:
    return EAST + x, NORTH + y


def wish(**given: object) -> ShelterWish:
    rules = with_values(siting_rules(), {}, ("S7", "S9"))
    usual = {"scenario": Scenario("everyone"), "unit": "grid", "cell": 500.0, "count": 6, "radius": 4000.0,
             "time_limit": 3.0, "rules": rules, "objective": "max-cover"}  # fmt: skip
    return ShelterWish(**{**usual, **given})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plan(project: ProjectFile) -> ShelterPlan:
    return solved(prepare(project, wish()), "方案")


def check(plan: ShelterPlan) -> None:
    served = np.bincount(plan.flows.point, plan.flows.people, len(plan.demand))
    assert np.array_equal(served + plan.unmet, plan.demand)
    assert (plan.load <= plan.capacity + 1e-9).all()
    assert (plan.flows.cost <= plan.case.radius + 1e-6).all()


@pytest.mark.parametrize(("magnitude", "intensity", "long", "short"), SEMI_AXES)
def test_ellipses_are_those_of_the_zoning_map(
    magnitude: float, intensity: float, long: float, short: float
) -> None:
    event = ScenarioEarthquake(0, 0, magnitude, azimuth=30.0)
    axes = [float(axis[0]) / 1000 for axis in event.semi_axes(np.array([intensity]))]
    assert axes == pytest.approx([long, short], abs=0.02)
    turn = np.radians(30.0)
    both = np.array([(np.sin(turn), np.cos(turn)), (np.cos(turn), -np.sin(turn))])
    ends = both * 1000 * np.array([[long], [short]])
    assert event.at(*ends.T) == pytest.approx([intensity] * 2, abs=0.01)


def test_a_magnitude_beyond_the_attenuation_is_refused() -> None:
    with pytest.raises(BadInput):
        ScenarioEarthquake(0, 0, 9.2)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("by_day", [False, True])
def test_everybody_is_gathered_once(project: ProjectFile, unit: str, by_day: bool) -> None:
    people = residents_of(project, by_day=by_day)
    places = gather(people, unit, 500.0)  # type: ignore[arg-type]
    assert places.residents.sum() == people.people.sum() == 4000
    towns = np.bincount(places.township, places.residents)
    assert towns.tolist() == [2500, 1500]
    event = Scenario("earthquake", 6.5, EAST + 3000, NORTH + 3000)
    share = displaced_share(event, people, hazard_of(project, event))
    assert 0 < displaced_people(places, people, share).sum() < 4000
    assert displaced_people(places, people, share).sum() == round((people.people * share).sum())


def test_by_day_people_are_at_work(project: ProjectFile) -> None:
    night, day = residents_of(project), residents_of(project, by_day=True)
    assert len(day.people) > len(night.people)


def test_more_shaking_drives_out_more_people(project: ProjectFile) -> None:
    people = residents_of(project)
    events = [Scenario("earthquake", m, EAST, NORTH) for m in (5.5, 6.5, 7.5)]
    needs = [
        (people.people * displaced_share(each, people, hazard_of(project, each))).sum() for each in events
    ]
    assert needs[0] < needs[1] < needs[2]


def test_the_shaking_of_a_plan_is_a_result_of_the_project_whose_displaced_the_losses_count_too(
    project: ProjectFile,
) -> None:
    event = Scenario("earthquake", 6.5, EAST + 1000, NORTH + 3000)
    assert shaking_entry(project, event) is None
    reckoned = prepare(project, wish(scenario=event)).demand
    model = event.earthquake
    assert model is not None
    project.apply(results_edit("情景", project, hazard_result(project, "shaking", model=model)))
    stored = stored_earthquake(shaking_layers(project)[0])
    assert stored == event
    case = prepare(project, wish(scenario=stored))
    assert np.array_equal(case.demand, reckoned)
    assert case.demand.sum() == pytest.approx(loss_result(project, "shaking").total["displaced"], abs=1)
    assert shaking_layers(project)[0].provenance.model == repr(model)
    other = replace(event, magnitude=7.0)
    assert shaking_entry(project, other) is None
    assert prepare(project, wish(scenario=other)).demand.sum() > reckoned.sum()


def test_a_result_of_unknown_making_drives_people_out_too(project: ProjectFile, tmp_path: Path) -> None:
    lattice = Lattice(EAST, NORTH + SIDE, 100.0, 60, 60, CRS)
    write_grid(Grid(np.full(lattice.shape, 9.0), lattice), tmp_path / "i.tif")
    foreign = RasterLayer("report", "hazard_earthquake", str(tmp_path / "i.tif"), lattice)
    project.apply(load("速报", [foreign], project))
    event = next(e for e in map(stored_earthquake, shaking_layers(project)) if not e.magnitude)
    assert event.layer == "report"
    assert prepare(project, wish(scenario=event)).demand.sum() > 1000
    assert "stored" in event.title("en")
    with pytest.raises(BadInput):
        prepare(project, wish(scenario=replace(event, layer="没有")))


def test_strong_shaking_brings_bridges_down_and_nobody_walks_over_them() -> None:
    lines = [[at(k, 0), at(k, 900)] for k in (0, 300, 600)] + [[at(0, 900), at(600, 900)]]
    roads = VectorLayer("road", "road", CRS, Shapes.of(list(map(shapely.LineString, lines))),
                        pd.DataFrame({"class": ["乡道"] * 4}))  # fmt: skip
    network = road_network(roads, on_foot())
    rivers = np.array([shapely.LineString([at(-100, 450), at(400, 450)])])
    lattice = Lattice(EAST - 500, NORTH + 1500, 100.0, 20, 20, CRS)
    shaking = Grid(np.tile(np.where(np.arange(20) < 7, 9.0, 7.0), (20, 1)), lattice)
    closing = Closing(shaking=shaking, rivers=rivers)
    crossing = shapely.intersects(network.lines, rivers[0])
    west = shapely.get_x(shapely.centroid(network.lines)) < EAST + 150
    assert np.array_equal(closing.fallen(network), crossing & west)
    assert closing.of(network).is_open.sum() == len(network.lines) - 1
    assert Closing(shaking=shaking, rivers=rivers, bridges=9.5).of(network).is_open.all()
    assert Closing(rivers=rivers).of(network).is_open.all()


def test_candidates_take_class_and_room_from_their_area(project: ProjectFile) -> None:
    sites = candidate_sites(project, ("shelter", "school")).sites
    assert sites["source"].tolist() == ["shelter"] * 9 + ["school"] * 3
    assert set(sites["class"]) == {"紧急", "短期"}
    assert sites["capacity"].tolist() == [500] * 9 + [2000] * 3
    assert class_for(10.0).name == "紧急"
    own = candidate_sites(project, ("shelter",), stay="短期").sites
    assert own["capacity"].tolist() == [750] * 9


def test_a_plan_keeps_its_promises(plan: ShelterPlan) -> None:
    check(plan)
    assert len(plan.row) <= 6
    assert plan.case.judgement.excluded_by(0) == ("S4", "S6")
    assert 0 not in plan.row
    words = exclusions(plan.case, 0, "zh_CN")
    assert [rule for rule, _ in words] == ["S4", "S6"]
    assert "141 m" in words[0][1]


@given(st.integers(0, 2**32 - 1))
def test_changes_by_hand_keep_everybody_in_the_count(plan: ShelterPlan, seed: int) -> None:
    draw = np.random.default_rng(seed)
    now = plan
    for _ in range(4):
        deed = draw.integers(4)
        site = int(draw.integers(max(len(now.row), 1)))
        if deed == 0 and len(now.row):
            now = moved(now, site, np.array(at(*draw.uniform(0, SIDE, 2))))
        elif deed == 1 and len(now.row):
            now = closed(now, site)
        elif deed == 2:
            rest = np.setdiff1d(now.case.allowed, now.row)
            now = opened(now, int(draw.choice(rest))) if len(rest) else now
        elif len(now.row):
            now = resized(now, site, float(draw.integers(0, 900)))
        check(now)


@given(st.floats(10, SIDE - 10), st.floats(10, SIDE - 10))
def test_ways_to_a_dragged_site_are_those_of_a_point_on_the_network(
    plan: ShelterPlan, x: float, y: float
) -> None:
    """The oracle ties the place to the network as one more point and searches anew."""
    xy = np.array(at(x, y))
    points = plan.case.points.xy
    roads = plan.case.roads
    access = Access.of(road_network(roads, on_foot(plan.case.wish.speed)), np.vstack([points, xy]))
    origins, target = np.arange(len(points)), np.array([len(points)])
    metres = travel_times(access, origins, target)[:, 0] * plan.case.wish.speed
    found = metres_to(plan.case.access, len(points), xy)
    assert found == pytest.approx(metres, abs=0.01)


def test_ways_are_as_long_as_the_plan_says_and_use_open_roads(plan: ShelterPlan) -> None:
    dragged = moved(plan, 0, plan.xy[0] + 430.0)
    for each in (plan, dragged):
        ways = ways_of(each)
        assert np.allclose([way.line.length for way in ways], each.flows.cost, atol=0.01)
        ends = [way.line.coords[-1] for way in ways]
        assert np.allclose(ends, each.xy[each.flows.site])
        assert each.case.network.is_open[np.concatenate([way.edges for way in ways])].all()


def test_a_plan_is_stored_by_one_edit_and_found_again(project: ProjectFile, plan: ShelterPlan) -> None:
    project.apply(plan_edit(project, plan, "选址", "zh_CN"))
    assert list(cards(project)) == ["方案"]
    kinds = {entry.kind for entry in project.layers()}
    assert {"plan_site", "plan_allocation", "plan_gap", "plan_excluded"} <= kinds
    again = revived(project, "方案")
    assert summary(again) == pytest.approx(summary(plan), nan_ok=True)
    scores = plan_scores(project, cards(project), (Scenario("everyone"),), "zh_CN")
    assert scores["unmet"].tolist() == [plan.unmet.sum()]
    assert worst_of(scores)["worst"].tolist() == [plan.unmet.sum()]
    project.apply(plan_removal(project, "方案", "删除"))
    assert not cards(project)
    assert not {entry.kind for entry in project.layers()} & {"plan_site", "plan_gap"}


def test_gap_layers_add_up(plan: ShelterPlan) -> None:
    made = {each.kind: each for each in plan_layers(plan, "zh_CN")}
    gap = made["plan_gap"]
    assert gap["demand"].sum() == plan.demand.sum()
    assert gap["unmet"].sum() == plan.unmet.sum()
    assert made["plan_site"]["people"].sum() == plan.flows.people.sum()


def test_a_wish_survives_being_written_down() -> None:
    asked = wish(scenario=Scenario("earthquake", 6.0, 1.0, 2.0), others=(Scenario("flood", stage=2.0),))
    again = wish_of(json.loads(json.dumps(wish_row(asked))))
    assert wish_row(again) == wish_row(asked)
    assert again.scenario == asked.scenario
    assert {rule.id for rule in again.rules} == {rule.id for rule in asked.rules}


def test_a_closed_site_leaves_nobody_behind_in_the_count(plan: ShelterPlan) -> None:
    nothing = plan
    while len(nothing.row):
        nothing = closed(nothing, 0)
    assert nothing.unmet.sum() == plan.demand.sum()
    assert allocated(nothing).flows.people.size == 0


def test_a_plan_by_hand_is_held_to_the_proven_bound_where_that_is_one(plan: ShelterPlan) -> None:
    own = against_bound(plan)
    assert own is not None
    assert own.gap == pytest.approx(abs(plan.gap), abs=1e-9)
    fewer = against_bound(closed(plan, 0))
    assert fewer is not None
    assert (fewer.why, fewer.sites) == ("", len(plan.row))
    assert fewer.objective <= plan.bound + 1e-6
    assert fewer.gap >= own.gap
    row = int(np.setdiff1d(plan.case.allowed, plan.row)[0])
    doubts = [opened(plan, row), moved(plan, 0, plan.xy[0] + 50.0), resized(plan, 0, 9000.0)]
    assert [found.why for found in map(against_bound, doubts) if found] == ["more", "moved", "roomier"]


def test_a_site_in_the_hand_loses_nobody_and_comes_near_the_exact_allocation(plan: ShelterPlan) -> None:
    draw, hand = np.random.default_rng(3), plan
    for _ in range(30):
        site = int(draw.integers(len(plan.row)))
        hand = dragged(hand, site, np.array(at(*draw.uniform(200, SIDE - 200, 2))))
        check(hand)
    exact = allocated(hand)
    assert hand.unmet.sum() >= exact.unmet.sum()
    assert hand.unmet.sum() <= exact.unmet.sum() + 0.05 * plan.demand.sum()


def test_nobody_in_need_is_said(project: ProjectFile) -> None:
    far = Scenario("earthquake", 5.0, EAST + 900_000, NORTH)
    with pytest.raises(BadInput, match="Nobody needs a shelter"):
        prepare(project, wish(scenario=far))

"""What a plan promises, held in every table that leaves the house, after every change, after reopening."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.editing.session import EditSession
from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.layer import RasterLayer, Shapes, VectorLayer
from layers.progress import ignore
from layers.reports.evacuation import evacuation_tables, spatial_need, write_evacuation
from layers.reports.shelter_book import book_subject, cards_of
from layers.siting.answers import Given
from layers.siting.dragging import dragged
from layers.siting.relief_answers import answer
from layers.siting.residents import residents_of
from layers.siting.rules import siting_rules, with_values
from layers.siting.scenario import STAGES, Scenario, event_named
from layers.siting.shelter_layers import plan_layers, summary, township_table
from layers.siting.shelter_plan import ShelterPlan, closed, moved, opened, resized, solved
from layers.siting.shelter_routes import ways_of
from layers.siting.shelter_store import cards, plan_edit, revived, wish_of, wish_row
from layers.siting.shelter_wish import Exclusion, ShelterWish
from layers.siting.shelters import prepare
from layers.siting.verdicts import candidate_table, connection_of, evidence_against, rule_table
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid

CRS = "EPSG:4548"
EAST, NORTH, SIDE = 400_000.0, 4_170_000.0, 6000.0


@pytest.fixture(scope="module")
def project(make_county: Callable[[], ProjectFile], tmp_path_factory: pytest.TempPathFactory) -> ProjectFile:
    """The small county, with water a metre deep across its middle and shaking that brings bridges down."""
    made, folder = make_county(), tmp_path_factory.mktemp("r")
    lattice = Lattice(EAST - 500, NORTH + SIDE + 500, 100.0, 70, 70, CRS)
    depth, shaking = np.zeros(lattice.shape), np.full(lattice.shape, 9.0)
    depth[:, 33:36] = 1.0
    layers = []
    for kind, values in (("hazard_inundation", depth), ("hazard_earthquake", shaking)):
        write_grid(Grid(values, lattice), folder / f"{kind}.tif")
        layers.append(RasterLayer(kind, kind, str(folder / f"{kind}.tif"), lattice))
    made.apply(load("结果", layers, made))
    return made


def wish(**given: object) -> ShelterWish:
    rules = with_values(siting_rules(), {}, ("S7", "S9"))
    usual = {"scenario": Scenario("everyone"), "unit": "grid", "cell": 500.0, "count": 4, "radius": 3000.0,
             "time_limit": 3.0, "rules": rules, "objective": "max-cover"}  # fmt: skip
    return ShelterWish(**{**usual, **given})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plan(project: ProjectFile) -> ShelterPlan:
    return solved(prepare(project, wish(flood=Exclusion("hazard_inundation", 0.0))), "方案")


def promised(plan: ShelterPlan) -> None:
    """Allocated and unmet are demand, to the person, wherever they stand; no site holds more than it can."""
    demand, unmet = float(plan.demand.sum()), float(plan.unmet.sum())
    assert float(plan.flows.people.sum()) + unmet == demand
    assert (plan.load <= plan.capacity).all()
    towns = township_table(plan)
    assert (towns["assigned"] + towns["unmet"] == towns["demand"]).all()
    assert towns["demand"].sum() == demand
    moves, sites, rows, left, *_ = evacuation_tables(plan, "zh_CN", ways_of(plan)).values()
    assert moves["people"].sum() == sites["people"].sum() == rows["assigned"].sum() == demand - unmet
    assert left["people"].sum() == rows["unmet"].sum() == unmet
    assert (sites["people"] + sites["room_left"] == sites["capacity"]).all()
    by_town = moves.groupby("township")["people"].sum().reindex(rows["name"], fill_value=0)
    assert by_town.tolist() == rows["assigned"].tolist()
    made = {layer.kind: layer for layer in plan_layers(plan, "en")}
    assert made["plan_gap"]["unmet"].sum() == unmet
    site_need, town_need = spatial_need(plan, "en")
    assert site_need["people"].sum() == demand - unmet
    assert town_need["unmet"].sum() == unmet


def changed(plan: ShelterPlan, draw: np.random.Generator, deed: int) -> ShelterPlan:
    """One change by hand."""
    site, place = int(draw.integers(max(len(plan.row), 1))), draw.uniform(0, SIDE, 2) + (EAST, NORTH)
    rest = np.setdiff1d(plan.case.allowed, plan.row)
    if deed == 0 and len(rest):
        return opened(plan, int(draw.choice(rest)))
    if not len(plan.row):
        return plan
    return (closed(plan, site), moved(plan, site, place), dragged(plan, site, place),
            resized(plan, site, float(draw.integers(0, 900))))[deed % 4]  # fmt: skip


@given(st.lists(st.integers(0, 3), max_size=4), st.integers(0, 2**32 - 1))
def test_every_table_keeps_its_promise_under_every_change(
    plan: ShelterPlan, deeds: list[int], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    for deed in deeds:
        plan = changed(plan, draw, deed)
    promised(plan)


def test_the_workbook_holds_the_same_people_as_the_plan(plan: ShelterPlan, tmp_path: Path) -> None:
    write_evacuation(plan, tmp_path / "预案.xlsx", "zh_CN", ways_of(plan))
    book = openpyxl.load_workbook(tmp_path / "预案.xlsx")
    moves, sites, towns, left, candidates, rules, _ = book.worksheets
    column = {sheet.title: {cell.value: number for number, cell in enumerate(sheet[1])} for sheet in book}

    def total(sheet: openpyxl.worksheet.worksheet.Worksheet, head: str) -> float:
        at = column[sheet.title][head]
        return sum(row[at] for row in sheet.iter_rows(min_row=2, values_only=True))

    assigned, unmet = float(plan.flows.people.sum()), float(plan.unmet.sum())
    assert total(moves, "人数") == total(sites, "人数") == total(towns, "已安置人数") == assigned
    assert total(left, "人数") == total(towns, "未安置人数") == unmet
    assert candidates.max_row == 1 + len(plan.case.sites)
    assert rules.max_row == 1 + len(siting_rules())
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (9, 1)
        assert sheet.print_title_rows == "$1:$1"


def test_the_cards_hold_the_people_of_their_sites(project: ProjectFile, plan: ShelterPlan) -> None:
    subject = book_subject(project, plan, "zh_CN")
    told = []
    for page in cards_of(subject):
        figures, served = page.tables
        people = dict(figures.rows)["人数"].replace(",", "")
        assert sum(float(row[1].replace(",", "")) for row in served.rows) == float(people)
        told.append(float(people))
    assert sum(told) == plan.flows.people.sum()


def test_nobody_walks_over_a_flooded_road_or_a_bridge_that_is_down(
    project: ProjectFile, plan: ShelterPlan
) -> None:
    shaken = solved(prepare(project, wish(scenario=event_named(project, "hazard_earthquake", 0.0))), "震")
    for each in (plan, shaken, moved(plan, 0, plan.xy[0] + 300.0)):
        shut, ways = each.case.closing.shut(each.case.network), ways_of(each)
        assert not shut[np.concatenate([way.edges for way in ways])].any()
    assert plan.case.closing.shut(plan.case.network).any()
    x = plan.case.points.xy[:, 0] - EAST
    gone = plan.xy[plan.flows.site, 0] - EAST
    assert ((x[plan.flows.point] < 2950) == (gone < 2950)).all()  # nobody crosses the water


def test_all_who_live_in_an_area_that_is_cleared_leave_it(project: ProjectFile) -> None:
    ground = shapely.box(EAST, NORTH, EAST + 2500, NORTH + 2500)
    layer = VectorLayer(
        "footprint", "", CRS, Shapes.of([ground], "polygon"), pd.DataFrame({"name": ["泄漏"]})
    )
    project.apply(load("影响区", [layer], project))
    event = event_named(project, "footprint", 0.0)
    made = solved(prepare(project, wish(scenario=event, count=2)), "清空")
    people = residents_of(project)
    inside = shapely.contains_xy(ground, *people.xy.T)
    assert made.demand.sum() == people.people[inside].sum() > 0
    promised(made)
    assert not shapely.contains_xy(ground, *made.xy.T).any()
    named = [made.case.judgement.excluded_by(int(row)) for row in range(len(made.case.sites))]
    own = shapely.contains_xy(ground, *made.case.xy.T)
    assert ["A2" in rules for rules in named] == own.tolist()
    assert wish_of(json.loads(json.dumps(wish_row(made.case.wish)))).scenario == event
    with pytest.raises(BadInput, match="road"):
        prepare(project, wish(scenario=Scenario("area", layer="road")))


def test_a_stored_result_of_depths_names_no_stage(project: ProjectFile) -> None:
    event = event_named(project, "hazard_inundation", 4.0)
    assert (event.stage, event.title("en")) == (0.0, "flood (stored depths)")
    assert all(entry.kind != STAGES for entry in project.layers())


@pytest.mark.parametrize("given", [{}, {"single_source": True}, {"objective": "p-center", "radius": 9000.0},
                                   {"objective": "p-median"}, {"radius": None}])  # fmt: skip
def test_a_plan_that_is_kept_and_reopened_gives_the_same_numbers(
    project: ProjectFile, given: dict[str, object]
) -> None:
    made = solved(prepare(project, wish(**{"time_limit": 1.0, **given})), "留")
    project.apply(plan_edit(project, made, "选址", "zh_CN"))
    again = revived(project, "留")
    assert summary(again) == pytest.approx(summary(made), nan_ok=True)
    assert (again.unmet == made.unmet).all()
    assert all((a == b).all() for a, b in zip(again.flows, made.flows, strict=True))
    json.dumps(cards(project)["留"], allow_nan=False)


def test_an_undone_change_by_hand_gives_back_the_numbers_before(
    project: ProjectFile, plan: ShelterPlan
) -> None:
    session = EditSession(project)
    session.do(plan_edit(project, plan, "选址", "zh_CN"))
    before = summary(revived(project, "方案"))
    hand = resized(closed(moved(plan, 0, plan.xy[0] + 400.0), 1), 0, 123.0)
    session.do(plan_edit(project, hand, "手工", "zh_CN"))
    promised(revived(project, "方案"))
    assert summary(revived(project, "方案")) == pytest.approx(summary(hand), nan_ok=True)
    session.undo()
    assert summary(revived(project, "方案")) == pytest.approx(before, nan_ok=True)
    session.redo()
    assert summary(revived(project, "方案"))["sites"] == len(hand.row)


def test_every_excluded_site_names_its_rule_with_clause_and_status(plan: ShelterPlan) -> None:
    case, table = plan.case, candidate_table(plan, "zh_CN")
    excluded = table[table["verdict"] == "excluded"]
    assert len(excluded) == int((~case.judgement.is_allowed).sum()) > 0
    for row in excluded.index:
        against = evidence_against(case, int(row), "zh_CN")
        assert "、".join(each.rule for each in against) == excluded.loc[row, "rule"] != ""
        for each in against:
            assert each.clause
            assert each.source
            assert each.status in ("verified", "recalled", "derived", "assumed")
            assert each.clause in excluded.loc[row, "why"]
    assert (table["verdict"] == "open").sum() == len(plan.row)
    rules = rule_table(plan, "en").set_index("rule")
    assert rules.loc["S7", "judged"] == "off"
    assert rules.loc["S3", "judged"] == "without"
    assert rules["status"].notna().all()
    assert rules["excluded"].sum() == sum(len(case.judgement.excluded_by(int(row))) for row in excluded.index)


def test_what_has_no_road_near_it_is_counted(plan: ShelterPlan) -> None:
    found = connection_of(plan.case)
    assert found.closed > 0
    lost = ~plan.case.access.is_tied
    assert found.places == lost[: len(plan.case.points)].sum()
    assert found.people == plan.demand[lost[: len(plan.case.points)]].sum()
    assert (plan.unmet[lost[: len(plan.case.points)]] == plan.demand[lost[: len(plan.case.points)]]).all()


@pytest.mark.parametrize("objective", ["p-center", "max-cover", "set-cover"])
def test_a_plan_in_no_time_places_whole_demand_points_all_the_same(
    project: ProjectFile, objective: str
) -> None:
    count = None if objective == "set-cover" else 6
    asked = wish(objective=objective, count=count, radius=9000.0, single_source=True, time_limit=0.1)
    made = solved(prepare(project, asked), "快")
    promised(made)
    assert made.flows.people.sum() > 0.5 * made.demand.sum()
    assert len(np.unique(made.flows.point)) == len(made.flows.point)


@pytest.mark.parametrize(
    ("event", "said"),
    [("", "the project holds: 洪水淹没最大水深, 地震危险性."), ("none", "All roads are open.")],
)
def test_roads_that_count_as_open_are_said_to_and_what_could_close_them(
    project: ProjectFile, event: str, said: str
) -> None:
    found = answer("ten_hours", project, None, Given(event=event), "en", ignore)
    assert found.verdict.splitlines()[-1].endswith(said)
    told = answer("ten_hours", project, None, Given(event="hazard_inundation"), "en", ignore).verdict
    assert told.splitlines()[-1].startswith("Roads are closed by")

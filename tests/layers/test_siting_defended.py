"""What an officer must be able to defend: nothing dropped in silence, nothing passed that was not judged."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.errors import BadInput
from layers.layer import Shapes, VectorLayer
from layers.reports.evacuation import spatial_need, write_evacuation
from layers.siting.as_kept import amended, amended_words, as_kept, differences
from layers.siting.noted import amended_since, last_edit
from layers.siting.plan_rules import plan_findings, residents_served, unjudged
from layers.siting.priority import PriorityGroup, priority_groups
from layers.siting.rules import shelter_classes, siting_rules, with_values
from layers.siting.scenario import Scenario
from layers.siting.served_first import served_first
from layers.siting.shelter_layers import flow_table, plan_layers, site_table, summary
from layers.siting.shelter_plan import ShelterPlan, solved
from layers.siting.shelter_store import cards, plan_edit, revived
from layers.siting.shelter_wish import ShelterWish
from layers.siting.shelters import prepare
from layers.siting.verdicts import candidate_table, connection_of, exclusion_counts, rule_table
from layers.storage.geopackage import ProjectFile, load

CRS = "EPSG:4548"


def wish(**given: object) -> ShelterWish:
    rules = with_values(siting_rules(), {}, ("S7", "S9"))
    usual = {"scenario": Scenario("everyone"), "unit": "grid", "cell": 500.0, "count": 6, "radius": 4000.0,
             "time_limit": 2.0, "rules": rules, "objective": "max-cover"}  # fmt: skip
    return ShelterWish(**{**usual, **given})  # type: ignore[arg-type]


@pytest.fixture
def project(make_county: Callable[[], ProjectFile]) -> ProjectFile:
    return make_county()


def change(project: ProjectFile, table: str, row: int, **values: str | int | float | None) -> None:
    key = list(project.table(table))[row]
    before = dict(project.table(table)[key])
    project.apply(Edit("改", (Change(table, key, before, before | values),)))


def more(project: ProjectFile, kind: str, shapes: list[object], **columns: object) -> None:
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(shapes)))
    project.apply(load("加", [VectorLayer(kind, kind, CRS, Shapes.of(shapes), table)], project))


def test_features_without_a_place_and_room_in_words_are_told(project: ProjectFile) -> None:
    somewhere = shapely.Point(403_000, 4_173_000)
    more(project, "park", [somewhere, shapely.Point()], name=["人民公园", "无图公园"])
    more(project, "shelter", [somewhere, shapely.Point(402_000, 4_172_000)], name=["约", "负"],
         capacity=["约五百人", "-40"], effective_area=[1e3, 1e3], **{"class": ["紧急"] * 2})  # fmt: skip
    case = prepare(project, wish(sources=("shelter", "park")))
    assert case.placeless == ("park 无图公园",)
    assert connection_of(case).placeless == case.placeless
    sites = case.sites.attributes.set_index("name")
    assert (sites.loc["约", "room_by"], sites.loc["约", "capacity"]) == ("unreadable", 2000)
    assert (sites.loc["负", "room_by"], sites.loc["负", "capacity"]) == ("negative", 0)
    told = candidate_table(solved(case, "方案"), "zh_CN").set_index("name")["unjudged"]
    assert "容量不是数字" in told["约"]
    assert "容量为负" in told["负"]


def test_where_every_candidate_is_excluded_a_plan_serves_nobody_and_names_the_rules(
    project: ProjectFile, tmp_path: Path
) -> None:
    rules = with_values(siting_rules(), {"S4": 50_000.0, "S6": 50_000.0}, ("S7", "S9"))
    case = prepare(project, wish(rules=rules))
    plan = solved(case, "全排除")
    assert not len(plan.row)
    assert plan.unmet.sum() == plan.demand.sum() == summary(plan)["unmet"] == 4000
    assert plan.status == "optimal"
    assert exclusion_counts(case) == {"S4": len(case.sites), "S6": len(case.sites)}
    assert {layer.kind for layer in plan_layers(plan, "zh_CN")} == {"plan_unmet", "plan_excluded", "plan_gap"}
    write_evacuation(plan, tmp_path / "预案.xlsx", "zh_CN")
    about = openpyxl.load_workbook(tmp_path / "预案.xlsx")["说明"]
    assert f"S4 {len(case.sites)}" in str([row[1].value for row in about.iter_rows()])
    assert len(spatial_need(plan, "en")[0]) == 0


def test_a_region_without_a_candidate_is_told(project: ProjectFile) -> None:
    with pytest.raises(BadInput) as told:
        prepare(project, wish(sources=("park",)))
    assert told.value.key == "siting_no_candidates"


@pytest.fixture
def plan(project: ProjectFile) -> ShelterPlan:
    more(project, "shelter", [shapely.Point(401_000 + 900 * k, 4_173_500) for k in range(5)],
         name=[f"固{k}" for k in range(5)], capacity=[90, 300, 700, 900, 1100],
         effective_area=[3000.0] * 5, entrances=[1, 2, 3, 2, None],
         **{"class": ["短期"] * 4 + ["长期"]})  # fmt: skip
    return solved(prepare(project, wish(sources=("shelter",), count=12)), "方案")


def test_room_for_the_people_of_the_area_and_ground_for_units_are_judged(plan: ShelterPlan) -> None:
    found = plan_findings(plan)
    classes = plan.case.sites["class"].to_numpy()[plan.row]
    moves, people = (
        flow_table(plan),
        dict(zip(plan.case.points.names, plan.case.points.residents, strict=True)),
    )
    for each in found:
        if each.rule == "S13":
            assert classes[each.site] in ("短期", "长期")
            lived = sum(people[place] for place in set(moves["place"][plan.flows.site == each.site]))
            assert each.limit <= np.ceil(0.15 * lived)
            assert each.passes == (plan.capacity[each.site] >= each.limit)
        else:
            assert classes[each.site] == "紧急"
            assert each.limit == np.ceil(plan.load[each.site] * 0.505)
            assert dict(each.facts)["units"] == np.ceil(plan.load[each.site] / 2000)
    assert residents_served(plan).sum() == pytest.approx(4000 - plan.unmet.sum(), abs=len(plan.row))
    assert {each.rule for each in found} == {"S13", "S15"}
    rules = rule_table(plan, "zh_CN").set_index("rule")
    assert rules.loc[["S13", "S15"], "judged"].tolist() == ["yes", "yes"]
    assert rules.loc["S13", "excluded"] == sum(e.rule == "S13" and not e.passes for e in found)


def test_entrances_are_held_to_the_class(plan: ShelterPlan) -> None:
    table = candidate_table(plan, "zh_CN").set_index("name")
    assert table.loc["固0", "rule"] == "S14"
    assert "S14" not in table.loc["固1", "rule"]
    assert "S14" in table.loc["固4", "unjudged"]


def test_every_rule_is_judged_or_says_why_not(plan: ShelterPlan) -> None:
    case, found = plan.case, plan.case.judgement.findings
    open_rows = {
        int(row): {e.rule for e in plan_findings(plan) if plan.row[e.site] == row} for row in plan.row
    }
    fixed = case.sites["class"].isin(["短期", "中期", "长期", "中心"]).to_numpy()
    for row in range(len(case.sites)):
        told = dict(unjudged(case, row, "en", open_rows))
        assert all(told.values())
        known = found[
            (found["site"] == row) & (found["found"].notna() | found["rule"].isin(["S2", "S4", "S5", "S6"]))
        ]
        judged = set(known["rule"]) | open_rows.get(row, set())
        assert not judged & set(told)
        other = {"S15" if fixed[row] else "S13"} | (
            {"S13", "S15"} if not case.judgement.is_allowed[row] else set()
        )
        asked = {rule.id for rule in siting_rules() if rule.kind != "info"}
        assert asked - other <= judged | set(told)


def test_what_changed_since_a_plan_is_told_by_layer(project: ProjectFile) -> None:
    case = prepare(project, wish(sources=("shelter", "park")))
    assert case.as_of == last_edit(project)
    assert {"township", "building", "road", "shelter", "enterprise"} <= set(case.inputs)
    assert amended_since(project, case.as_of, case.inputs) == ()
    change(project, "shelter", 0, capacity=9)
    change(project, "shelter", 1, capacity=8)
    change(project, "school", 1, name="别处")
    change(project, "building", 0, occupants=99)
    change(project, "building", 0, occupants=20)
    found = amended_since(project, case.as_of, case.inputs)
    assert [(each.layer, each.what, each.rows) for each in found] == [("shelter", "rows", 2)]
    assert found[0].time
    before = found[0].time
    more(project, "depot", [shapely.Point(401_000, 4_171_000)], name=["与此无关"])
    assert amended_since(project, case.as_of, case.inputs) == found
    assert found[0].time == before
    more(project, "shelter", [shapely.Point(401_000, 4_171_000)], name=["新"])
    found = amended_since(project, case.as_of, case.inputs)
    assert [each.what for each in found] == ["rows", "new"]
    row = dict(project.table("layers")["enterprise"])
    project.apply(Edit("去", (Change("layers", "enterprise", row, None),)))
    found = amended_since(project, case.as_of, case.inputs)
    assert [(each.layer, each.what) for each in found if each.what == "gone"] == [("enterprise", "gone")]


def test_what_undo_took_back_is_not_read(project: ProjectFile, monkeypatch: pytest.MonkeyPatch) -> None:
    before, session, read = last_edit(project), EditSession(project), list[int]()
    for number in (0, 1):
        row = dict(project.table("shelter")[(key := list(project.table("shelter"))[number])])
        session.do(Edit("改", (Change("shelter", key, row, {**row, "capacity": 7.0 + number}),)))
    session.undo()
    entry = ProjectFile.entry
    monkeypatch.setattr(ProjectFile, "entry", lambda own, number: read.append(number) or entry(own, number))
    (found,) = amended_since(project, before, ["shelter"])
    assert (found.what, found.rows, read) == ("rows", 1, [before + 1])


def test_priority_groups_are_whole_people_who_count_once(project: ProjectFile) -> None:
    groups = priority_groups()
    case = prepare(project, wish(priority=groups))
    assert case.groups is not None
    assert np.array_equal(case.groups, np.round(case.groups))
    assert (case.groups.sum(axis=0) <= case.people).all()
    expected = 4000 * sum(group.share for group in groups)
    assert case.groups.sum() == pytest.approx(expected, abs=len(case.people))
    plan = solved(case, "优先")
    first = served_first(plan)
    assert first is not None
    assert np.allclose(first.unmet + np.array([np.bincount(plan.flows.point, each, len(case.people))
                                               for each in first.flows]), case.groups)  # fmt: skip
    assert (first.flows.sum(axis=0) <= plan.flows.people).all()
    assert first.unmet.sum() == np.maximum(plan.unmet - (case.people - case.groups.sum(axis=0)), 0).sum()
    figures, sites, moves = summary(plan), site_table(plan), flow_table(plan)
    assert (
        figures["priority"] - figures["priority_unmet"] == sites["priority"].sum() == moves["priority"].sum()
    )
    slow = moves[moves["priority"] > 0]
    assert (slow["slow_minutes"] >= slow["minutes"]).all()


def test_where_a_township_tells_its_elderly_they_decide_who_is_left_out(project: ProjectFile) -> None:
    elderly = replace(priority_groups()[0], weight=50.0)
    towns = list(project.table("township"))
    assert len(towns) == 2
    even = prepare(project, wish(priority=(replace(elderly, share=0.2),)))
    assert even.weight is not None
    assert np.ptp(even.weight[even.people > 20]) < 3.0
    kept = project.read("township")
    rows = kept.attributes.drop(columns="uuid").assign(elderly=[0, 1500])
    held = dict(project.table("layers")["township"])
    project.apply(Edit("去", (Change("layers", "township", held, None),)))
    table = VectorLayer("township", "township", CRS, kept.shapes, rows)
    project.apply(load("乡镇", [table], project))
    told = prepare(project, wish(priority=(elderly,), sources=("shelter",), count=2, cell=6000.0))
    assert told.groups is not None
    east = told.points.township == 1
    assert told.groups[0][~east].sum() == 0
    assert told.groups[0][east].sum() == told.people[east].sum()
    plan = solved(told, "优先")
    plain = solved(replace(told, groups=None, wish=replace(told.wish, priority=())), "平常")
    assert plan.unmet[east].sum() <= plain.unmet[east].sum()


def test_a_priority_group_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadInput):
        PriorityGroup("x", "甲", "x", 0.1, 0.5, 1.0, "x", "assumed", "source.elderly")


def test_the_ground_of_emergency_shelters_follows_the_classes() -> None:
    assert next(each for each in shelter_classes() if each.name == "紧急").area_per_person == 0.5


def test_a_plan_keeps_its_numbers_of_then_or_is_reckoned_anew(project: ProjectFile) -> None:
    plan = solved(prepare(project, wish(sources=("shelter",), priority=priority_groups()[:2])), "方案")
    project.apply(plan_edit(project, plan, "存", "zh_CN"))
    card = cards(project)["方案"]
    assert amended(project, card) == ()
    first = str(plan.names[int(np.argmax(plan.load))])
    change(project, "shelter", int(first[-1]), capacity=3)
    change(project, "building", 0, occupants=0)
    change(project, "township", 0, population=1000)
    told = amended(project, card)
    assert {(each.layer, each.rows) for each in told} == {("shelter", 1), ("building", 1), ("township", 1)}
    then = as_kept(project, "方案")
    assert (then.case.metres[:, then.row] <= then.case.radius).any(
        axis=1
    ).sum() > 50  # ways of now to all sites
    was, found = summary(plan), summary(then)
    assert {key: value for key, value in found.items() if key != "price"} == pytest.approx(
        {key: value for key, value in was.items() if key != "price"}, abs=0.1
    )
    assert flow_table(then)[["place", "site", "people", "priority"]].equals(
        flow_table(plan)[["place", "site", "people", "priority"]]
    )
    now = revived(project, "方案", is_proven=False)
    assert now.demand.sum() == 2500
    assert now.capacity[now.names.index(first)] == 3
    assert now.status == "by_hand"
    assert now.proof is None
    facts = differences(card, now)
    assert facts["demand_then"] == "4,000" != facts["demand"]
    assert "1 features" in amended_words(told[0], "en")


def test_a_plan_without_numbers_of_then_says_so(project: ProjectFile) -> None:
    plan = solved(prepare(project, wish(sources=("shelter",))), "旧")
    project.apply(plan_edit(project, plan, "存", "zh_CN"))
    row = dict(project.table("settings")["shelter_plan:旧"])
    card = json.loads(str(row["value"]))
    old = {name: value for name, value in card.items() if name not in ("as_of", "places")}
    project.apply(Edit("旧", (Change("settings", "shelter_plan:旧", row, {"value": json.dumps(old)}),)))
    assert amended(project, cards(project)["旧"]) == ()
    with pytest.raises(BadInput):
        as_kept(project, "旧")
    assert summary(revived(project, "旧"))["unmet"] == plan.unmet.sum()


def test_two_sites_of_one_name_on_one_spot_stay_two(project: ProjectFile) -> None:
    more(project, "park", [shapely.Point(403_000, 4_173_000)] * 2, name=["同", "同"])
    plan = solved(prepare(project, wish(sources=("park",), count=2)), "方案")
    assert len(set(plan.row.tolist())) == 2
    project.apply(plan_edit(project, plan, "存", "zh_CN"))
    again = revived(project, "方案")
    assert sorted(again.row.tolist()) == sorted(plan.row.tolist())
    assert summary(again)["unmet"] == summary(plan)["unmet"]


def test_a_township_with_fewer_than_no_people_is_named(project: ProjectFile) -> None:
    change(project, "township", 0, population=-5)
    case = prepare(project, wish())
    assert case.miscounted == connection_of(case).miscounted == ("东镇",)
    assert case.people.sum() == 1500

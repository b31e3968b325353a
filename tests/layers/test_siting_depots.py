"""Relief on the small made-up county: ledgers, depots and their standard, further depots, who is reached."""

import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from layers.changes import Change, Edit
from layers.errors import BadInput
from layers.progress import ignore
from layers.siting.answers import Given
from layers.siting.balance import balance
from layers.siting.depot_siting import site_depots
from layers.siting.depots import compliance, depot_criteria
from layers.siting.network import on_foot
from layers.siting.reach import fire_reach
from layers.siting.relief_answers import STUDIES, answer
from layers.siting.relief_checks import grid_findings, warned
from layers.siting.relief_study import Hours, ten_hours
from layers.siting.routing import route_between
from layers.siting.rules import siting_rules, with_values
from layers.siting.scenario import Scenario
from layers.siting.shelter_plan import ShelterPlan, solved
from layers.siting.shelter_wish import ShelterWish
from layers.siting.shelters import prepare
from layers.siting.stock import Books, outflow
from layers.storage.geopackage import ProjectFile
from layers.words import has

SIDE = 6000.0
DAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def project(make_county: Callable[[], ProjectFile]) -> ProjectFile:
    return make_county()


@pytest.fixture(scope="module")
def plan(project: ProjectFile) -> ShelterPlan:
    rules = with_values(siting_rules(), {}, ("S7", "S9"))
    wish = ShelterWish(Scenario("everyone"), cell=500.0, count=6, radius=4000.0, time_limit=3.0, rules=rules,
                       objective="max-cover")  # fmt: skip
    return solved(prepare(project, wish), "方案")


def copied(project: ProjectFile, path: Path) -> ProjectFile:
    with sqlite3.connect(project.path) as source, sqlite3.connect(path) as target:
        source.backup(target)
    return ProjectFile.open(path)


def without_ledger(project: ProjectFile, folder: Path) -> ProjectFile:
    """The same project, but for the ledger."""
    own = copied(project, folder / "无账.gpkg")
    entry = own.first("depot_ledger")
    assert entry is not None
    own.apply(Edit("去掉", (Change("layers", entry.name, dict(own.table("layers")[entry.name]), None),)))
    return own


def test_without_a_ledger_depots_give_what_their_layer_says(
    project: ProjectFile, plan: ShelterPlan, tmp_path: Path
) -> None:
    found = balance(without_ledger(project, tmp_path), plan, 10, "summer", DAY)
    items = found.items.set_index("item")
    assert items.loc["tent", "given"] == min(40, items.loc["tent", "needed"])
    assert items.loc["water", "given"] == 2500
    known = items.dropna(subset=["stock"])
    assert np.allclose(known["given"] + known["gap"], known["needed"])
    assert np.isnan(items.loc["clothes", "gap"])
    sent = found.deliveries.groupby("item")["amount"].sum()
    assert sent["tent"] == items.loc["tent", "given"]
    assert not found.by_ledger
    assert not len(found.lines)


def test_what_is_given_stands_in_the_ledger_and_is_gone_once_posted(
    project: ProjectFile, plan: ShelterPlan, tmp_path: Path
) -> None:
    own = copied(project, tmp_path / "账.gpkg")
    found = balance(own, plan, 10, "summer", DAY)
    items = found.items.set_index("item")
    assert found.unknown == ("镇库",)
    assert items.loc["tent", "stock"] == 38
    assert np.isnan(items.loc["water", "stock"])
    late = balance(own, plan, 10, "summer", date(2026, 7, 1)).items.set_index("item")
    assert late.loc["tent", "stock"] == 20  # the first lot has expired
    lines = found.lines[found.lines["item"] == "tent"]
    assert lines["amount"].sum() == items.loc["tent", "given"] == 38
    assert lines["expires"].tolist() == [date(2026, 6, 1), None]
    edit = outflow(own, found.deliveries, DAY, "方案", "出库")
    own.apply(edit)
    assert Books.of(own).table(DAY)["amount"].tolist() == [0.0]
    with pytest.raises(BadInput, match="县库"):
        own.apply(outflow(own, found.deliveries, DAY, "方案", "再出一次"))


def test_every_depot_is_held_to_every_criterion(project: ProjectFile) -> None:
    found = compliance(project, depot_criteria(), Hours()).set_index(["depot", "id"])
    assert found.loc[("县库", "D1"), ["asked", "found", "verdict"]].tolist() == [630.0, 500.0, "failed"]
    assert found.loc[("县库", "D2"), "verdict"] == "failed"  # 100 quilts for 5,000 people
    assert found.loc[("镇库", "D1"), "verdict"] == "not_asked"
    assert found.loc[("县库", "D3"), ["verdict", "missing"]].tolist() == ["not_judged", "hazard_flood"]
    assert found.loc[("县库", "D4"), "missing"] == "road"  # there is no expressway
    assert found.loc[("县库", "D7"), "verdict"] == "met"
    assert 4.0 < found.loc[("县库", "D7"), "found"] < 4.5
    strict = compliance(project, depot_criteria({"hours": 4.0, "hazard": 9000.0}), Hours())
    strict = strict.set_index(["depot", "id"])
    assert strict.loc[("县库", "D7"), "verdict"] == "failed"
    plant = strict.loc[("县库", "D5")]
    assert plant["verdict"] == "failed"
    assert 0 < plant["found"] < 9000
    assert found["status"].isin(["verified", "recalled", "derived", "assumed"]).all()
    assert found["source"].map(has).all()


def test_new_depots_help_more_people_in_time_and_never_fewer(project: ProjectFile) -> None:
    hours = Hours(4.05, 2.0, 2.0)  # three minutes to drive
    shares = []
    for count in (1, 2):
        found = site_depots(project, count, depot_criteria(), hours, "en")
        assert found.before <= found.after <= found.at_best
        assert int(found.sites["is_new"].sum()) == count
        assert found.layer.kind == "depot_plan"
        shares.append(found.after)
    assert shares[0] <= shares[1]
    assert found.before < shares[1]
    everywhere = depot_criteria({"hazard": 90_000.0})
    with pytest.raises(BadInput):
        site_depots(project, 1, everywhere, hours, "en")


def test_every_study_answers_in_words(project: ProjectFile, plan: ShelterPlan) -> None:
    for name in STUDIES:
        ends = {"origin": (400_100.0, 4_170_200.0), "target": (405_000.0, 4_175_000.0)}
        found = answer(name, project, plan, Given(day=DAY, count=1, **ends), "en", ignore)  # type: ignore[arg-type]
        assert found.verdict
        assert len(found.heads) == len(found.rows.columns)
        assert len(found.parent) in (0, len(found.rows))
        assert len(found.details) in (0, len(found.rows))
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in "".join(found.heads))


def test_a_route_is_told_turn_by_turn(project: ProjectFile) -> None:
    found = route_between(project, (400_000.0, 4_170_000.0), (406_000.0, 4_173_000.0), on_foot())
    assert found.line.length == pytest.approx(9000.0, abs=1.0)
    assert found.table["metres"].sum() == pytest.approx(9000.0, abs=1.0)
    assert found.table["turn"].iloc[0] == "start"
    assert set(found.table["turn"]) <= {"start", "straight", "left", "right"}
    with pytest.raises(BadInput):
        route_between(project, (400_000.0, 4_170_000.0), (0.0, 0.0), on_foot())


def test_who_is_helped_in_time_depends_on_the_limit(project: ProjectFile) -> None:
    late = ten_hours(project, None, Hours(4.0, 2.0, 2.0), "zh_CN")
    early = ten_hours(project, None, Hours(10.0, 2.0, 2.0), "zh_CN")
    assert late.share < early.share == 1.0
    assert early.table["people"].sum() == 4000
    assert (early.table["late"] == 0).all()


def test_fire_engines_reach_more_ground_with_more_time(project: ProjectFile) -> None:
    near, far = (fire_reach(project, minutes, "zh_CN") for minutes in (2.0, 8.0))
    assert 0 < near.layer["area_km2"][0] < far.layer["area_km2"][0]
    assert np.isnan(near.burnable)


def test_warnings_patches_and_ledger_are_checked(project: ProjectFile) -> None:
    heard = warned(project, "zh_CN")
    assert max(heard.sirens, heard.staff) <= heard.share <= heard.sirens + heard.staff
    assert 0.5 < heard.sirens < 1.0
    assert 0.4 < heard.staff < 0.7  # one of two patches has nobody
    layer = heard.layer
    assert layer["people"].sum() - layer["unheard"].sum() == pytest.approx(4000 * heard.share)
    assert heard.table["people"].sum() == 4000
    found = grid_findings(project, "zh_CN").table.set_index("what")["area_m2"]
    assert found["重叠"] == pytest.approx(100 * SIDE)
    assert found["空白"] == pytest.approx(100 * SIDE)
    assert found["无责任人"] == pytest.approx(2900 * SIDE)
    assert Books.of(project).table(DAY)["amount"].tolist() == [38.0]
    assert Books.of(project).table(date(2026, 7, 1))["amount"].tolist() == [20.0]

"""`riskatlas shelters` and `relief` on a small county: what a stranger scripts, and what they get wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.cli import main
from layers.changes import Change, Edit
from layers.reports import village_cards
from layers.storage.geopackage import ProjectFile

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def county(make_county: Callable[[], ProjectFile]) -> Path:
    with make_county() as project:
        return project.path


@pytest.fixture
def run(county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The verb's status, ``plan.json`` and what it says on stderr."""

    def work(*words: str) -> tuple[int, Any, str]:
        status = main(
            [words[0], str(county), *words[1:], *(("--out", str(tmp_path / "o")) * (words[0] != "relief"))]
        )
        page = tmp_path / "o" / "plan.json"
        answer = json.loads(page.read_text(encoding="utf-8")) if page.exists() else None
        return status, answer, capsys.readouterr().err

    return work


SOLVE = (
    "shelters",
    "--count",
    "3",
    "--cell",
    "500",
    "--radius",
    "4000",
    "--time-limit",
    "2",
    "--without",
    "S9",
)


def test_a_plan_is_changed_by_words_and_everybody_stays_in_the_count(run: Run) -> None:
    status, first, _ = run(*SOLVE, "--store", "方案/甲")
    assert status == 0
    before, ids = first["summary"], [site["id"] for site in first["sites"]]
    rest = [each["id"] for each in first["candidates"] if each["verdict"] == "allowed"]
    for words in (["--close", ids[0]], ["--room", f"{ids[1]}=100"], ["--move", f"{ids[2]}=400500,4170500"],
                  ["--open", rest[0]], []):  # fmt: skip
        status, now, _ = run("shelters", "--plan", "方案/甲", *words)
        figures = now["summary"]
        assert status == 0
        assert figures["assigned"] + figures["unmet"] == figures["demand"] == before["demand"]
        assert sum(town["demand"] for town in now["townships"]) == figures["demand"]
        assert all(site["people"] <= site["capacity"] for site in now["sites"])
    assert now["summary"] == before
    assert sum(site["people"] for site in now["sites"]) == before["assigned"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--plan", "没有"), "没有"),
        (("--close", "C0001"), "--plan"),
        (("--radius", "-5"), "radius"),
        (("--cell", "0"), "cell"),
        (("--time-limit", "nan"), "time_limit"),
        (("--budget", "-1"), "budget"),
        (("--speed", "9"), "speed"),
        (("--sources", "mall"), "mall"),
        (("--evidence", "power_line=nowhere"), "power_line"),
        (("--scenario", "area"), "--event"),
        (("--event", "road"), "road"),
        (("--region", "999"), "999"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(run: Run, words: tuple[str, ...], told: str) -> None:
    status, _, error = run("shelters", *words)
    assert status == 1
    assert told in error
    assert error.count("\n") == 1


def test_a_changed_plan_names_a_site_that_it_has_not(run: Run) -> None:
    assert run(*SOLVE, "--store", "乙")[0] == 0
    for words in (("--close", "X9"), ("--room", "C0002=-1"), ("--room", "C0002=many"), ("--move", "C0002=5")):
        status, _, error = run("shelters", "--plan", "乙", *words)
        assert status == 1
        assert words[1].partition("=")[0] in error


def test_needs_and_isochrones_leave_the_house_as_tables(run: Run, tmp_path: Path, county: Path) -> None:
    assert run(*SOLVE, "--store", "丙")[0] == 0
    status, _, _ = run("relief", "--study", "balance", "--plan", "丙", "--set", "day=2026-04-01",
                       "--out", str(tmp_path / "b.xlsx"))  # fmt: skip
    assert status == 0
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert [sheet.max_row > 1 for sheet in book] == [True, True, True]
    status, _, _ = run("relief", "--study", "isochrones", "--set", "origin=403000,4173000",
                       "--set", "bands=5,15", "--out", str(tmp_path / "i.csv"), "--store")  # fmt: skip
    assert status == 0
    rows = [line.split(",") for line in (tmp_path / "i.csv").read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["county", "code", "name", "people", "within_5", "within_15", "beyond"]
    assert all(int(row[3]) == int(row[5]) + int(row[6]) for row in rows[1:])
    with ProjectFile.open(county, read_only=True) as project:
        assert "isochrone" in {entry.kind for entry in project.layers()}
    status, _, error = run("relief", "--study", "isochrones", "--set", "bands=soon", "--set", "origin=1,2")
    assert (status, "soon" in error) == (1, True)
    assert run("relief", "--study", "ten_hours", "--set", "days=0")[0] == 1


def test_a_changed_project_is_told_and_the_numbers_of_then_can_be_kept(
    run: Run, county: Path, tmp_path: Path
) -> None:
    status, first, _ = run(*SOLVE, "--priority", "elderly", "--priority", "disabled=4,0.1", "--store", "乙")
    assert status == 0
    figures = first["summary"]
    assert figures["priority"] > 0
    assert sum(site["priority"] for site in first["sites"]) == figures["priority"] - figures["priority_unmet"]
    assert first["changed_since"] == []
    assert all("unjudged" in each for each in first["candidates"])
    with ProjectFile.open(county) as project:
        key = next(iter(project.table("township")))
        row = dict(project.table("township")[key])
        project.apply(Edit("人口", (Change("township", key, row, row | {"population": 1000}),)))
    status, kept, told = run("shelters", "--plan", "乙", "--as-kept")
    assert status == 0
    assert "1 个要素改动" in told
    assert {key: kept["summary"][key] for key in ("demand", "unmet", "priority")} == {
        key: figures[key] for key in ("demand", "unmet", "priority")
    }
    status, anew, told = run("shelters", "--plan", "乙")
    assert status == 0
    assert "重新计算" in told
    assert anew["summary"]["demand"] == 2500 < figures["demand"]
    assert len(anew["changed_since"]) == 1
    with ProjectFile.open(county) as project:
        now = dict(project.table("township")[key])
        project.apply(Edit("还原", (Change("township", key, now, row),)))
    status, again, told = run("shelters", "--plan", "乙", "--write", "table")
    assert (status, again["changed_since"], told) == (0, [], "")
    sheet = openpyxl.load_workbook(next((tmp_path / "o").glob("*.xlsx")))["转移去向"]
    heads = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert sum(each[heads.index("优先人群人数")] for each in rows) == sum(
        s["priority"] for s in again["sites"]
    )


def test_where_all_candidates_are_excluded_the_verb_says_by_what(run: Run) -> None:
    status, answer, _ = run(*SOLVE, "--rule", "S4=90000", "--write", "table,need")
    assert status == 0
    assert answer["summary"]["assigned"] == 0
    assert answer["summary"]["unmet"] == answer["summary"]["demand"]
    assert answer["excluded_by"]["S4"] == len(answer["candidates"])


def test_too_many_village_cards_are_refused_before_the_search(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(*_: Any) -> None:
        raise AssertionError("it was sought")

    monkeypatch.setattr(village_cards, "MOST_PLACES", 1)
    monkeypatch.setattr("app.verbs.shelters.solved", search)
    status, answer, said = run(*SOLVE, "--write", "cards")
    assert (status, answer) == (1, None)
    assert "1 " in said

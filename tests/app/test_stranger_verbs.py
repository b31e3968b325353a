"""The command line as a stranger scripts it: nothing lost or passed over, errors for people and machines."""

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import rasterio
from rasterio.transform import Affine

from app.arguments.shelters import relief_words
from app.cli import main
from app.verbs.relief import given_by
from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.errors import BadInput
from layers.siting.answers import Given
from layers.storage.geopackage import ProjectFile

Run = Callable[..., Any]
RING = [[115.4, 37.4], [115.6, 37.4], [115.6, 37.7], [115.4, 37.7], [115.4, 37.4]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls `riskatlas` with `--json`; returns the object, having looked at the status."""

    def call(*words: object, status: int = 0) -> Any:
        assert main([*map(str, words), "--json"]) == status
        said = capsys.readouterr()
        told = json.loads(said.out)
        if status:
            assert said.err.count("\n") == 1
            assert said.err == f"riskatlas: {told['message']}\n"
        return told

    return call


@pytest.fixture
def project(tmp_path: Path, run: Run) -> Path:
    path, file = tmp_path / "项目.gpkg", tmp_path / "县.geojson"
    properties = {"code": "131121", "name": "枣强县", "population": 5}
    shape = {"type": "Polygon", "coordinates": [RING]}
    feature = {"type": "Feature", "properties": properties, "geometry": shape}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    run("new", path)
    run("import", path, file, "--as", "county")
    return path


def test_an_export_never_replaces_a_project(run: Run, project: Path, tmp_path: Path) -> None:
    held, other = project.read_bytes(), tmp_path / "别的.gpkg"
    run("new", other)
    for path in (project, other):
        assert run("export", project, "county", path, status=1)["error"] == "project_in_the_way"
    assert project.read_bytes() == held
    assert run("info", other)["layers"] == []
    plain = tmp_path / "县.gpkg"
    for _ in range(2):
        run("export", project, "county", plain)


def test_files_that_hold_degrees_take_no_other_system(run: Run, project: Path, tmp_path: Path) -> None:
    for name in ("a.geojson", "a.csv", "a.xlsx"):
        told = run("export", project, "county", tmp_path / name, "--crs", "EPSG:3857", status=1)
        assert told["error"] == "crs_fixed"
    run("export", project, "county", tmp_path / "a.geojson", "--crs", "EPSG:4326")
    run("export", project, "county", tmp_path / "a.shp", "--crs", "EPSG:3857")


def test_paths_that_no_system_takes_are_told(run: Run, project: Path, tmp_path: Path) -> None:
    long, under = tmp_path / f"{'长' * 200}.csv", tmp_path / "县.geojson" / "x.csv"
    for path in (long, under):
        run("export", project, "county", path, status=1)
        run("import", project, path, status=1)
        run("check", project, "--out", path, status=1)
    run("new", long, status=1)


def test_who_stops_listening_is_no_error_of_the_program(project: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m app log {shlex.quote(str(project))} | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""


def test_tables_are_refused_before_anything_changes(run: Run, project: Path, tmp_path: Path) -> None:
    for out, error in (
        ("t.txt", "table_ending"),
        ("no/t.csv", "folder_missing"),
        ("d.csv", "place_is_folder"),
    ):
        (tmp_path / "d.csv").mkdir(exist_ok=True)
        for words in (("check", project, "--fix"), ("loss", project, "--hazard", "flood"),
                      ("overlay", project, "--hazard", "fire"), ("query", project, "--hazard", "fire"),
                      ("relief", project, "--study", "depots", "--post")):  # fmt: skip
            assert run(*words, "--out", tmp_path / out, status=1)["error"] == error
    assert run("share", project, "--out", project, status=1)["error"] == "web_map_ending"


def test_an_unknown_region_is_told_at_once_with_those_that_there_are(run: Run, project: Path) -> None:
    for words in (("query", "--hazard", "flood"), ("map", "--hazard", "flood"), ("shelters",)):
        told = run(words[0], project, *words[1:], "--region", "枣强县", status=1)
        assert told["error"] == "region_not_there"
        assert "131121 枣强县" in told["message"]


def test_a_layer_is_told_under_the_name_that_it_has(run: Run, project: Path, tmp_path: Path) -> None:
    file = tmp_path / "县.geojson"
    named = [run("import", project, file, "--as", "county")["layers"][0]["name"] for _ in range(2)]
    assert named == ["county_2", "county_3"]
    assert {"county", *named} == {layer["name"] for layer in run("info", project)["layers"]}


def test_words_of_an_import_that_name_nothing_are_refused(run: Run, project: Path, tmp_path: Path) -> None:
    file, book = tmp_path / "县.geojson", openpyxl.Workbook()
    assert run("import", project, file, "--as", "nothing", status=1)["error"] == "kind_unknown"
    told = run("import", project, file, "--encoding", "klingon", status=1)
    assert (told["error"], "klingon" in told["message"]) == ("encoding_wrong", True)
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    second = book.create_sheet("第二")
    second.append(["c", "d"])
    second.append([3, 4])
    book.save(tmp_path / "t.xlsx")
    told = run("import", project, tmp_path / "t.xlsx", "--layer", "第三", status=1)
    assert "Sheet、第二" in told["message"]
    name = run("import", project, tmp_path / "t.xlsx", "--layer", "第二")["layers"][0]["name"]
    out = tmp_path / "t.csv"
    run("export", project, name, out)
    assert out.read_text("utf-8-sig").split()[0] == "uuid,c,d"


def test_a_join_refuses_numbers_beyond_the_field_and_its_own_key(
    run: Run, project: Path, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    table = tmp_path / "t.csv"
    for number in ("9999999999999999999999", "1e400"):
        table.write_text(f"code,population\n131121,{number}\n", "utf-8")
        told = run("join", project, "county", table, "--set", "population", status=1)
        assert (told["error"], number in told["message"]) == ("match_value", True)
    assert not recwarn.list
    assert run("join", project, "county", table, "--set", "code", status=1)["error"] == "match_key_filled"


def test_a_history_needs_both_its_words(run: Run, project: Path) -> None:
    for words in (("--layer", "county"), ("--uuid", "x")):
        assert run("log", project, *words, status=1)["error"] == "history_of_what"


def test_days_are_counted_from_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for days in ("-5", "0", "1.5"):
        with pytest.raises(SystemExit, match="2"):
            main(["loss", str(project), "--hazard", "flood", "--days", days])
    assert "at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["--stage", "--exclude-stage", "--azimuth"])
def test_what_is_no_number_is_no_number_of_a_scenario(project: Path, word: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["shelters", str(project), word, "nan"])


@pytest.mark.parametrize("word", ["--burn-depth=nan", "--least-depth=-1", "--least-area=nan"])
def test_what_is_no_number_is_no_number_of_the_ground(tmp_path: Path, word: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["terrain", "d.tif", word, "--out", str(tmp_path)])


def test_choices_outlive_a_merge_that_needs_more_of_them(run: Run, project: Path, tmp_path: Path) -> None:
    out = tmp_path / "县.gpkg"
    run("checkout", project, "--region", "131121", out)
    for path, name, people in ((out, "对方", 7), (project, "本方", 9)):
        with ProjectFile.open(path) as held:
            ((key, row),) = held.table("county").items()
            after = {**row, "name": name, "population": people}
            EditSession(held).do(Edit("改", (Change("county", key, row, after),)))
    refused = run("merge", project, out, status=1)
    assert {each["field"] for each in refused["conflicts"]} == {"name", "population"}
    page = Path(refused["file"])
    lines = json.loads(page.read_text("utf-8"))
    for line in lines:
        line["choose"] = "theirs" if line["field"] == "name" else ""
    page.write_text(json.dumps(lines, ensure_ascii=False), "utf-8")
    for words in (("--resolve", page), ()):
        refused = run("merge", project, out, *words, status=1)
        held = {line["field"]: line["choose"] for line in json.loads(page.read_text("utf-8"))}
        assert held == {"name": "theirs", "population": ""}


def test_terrain_does_not_write_over_its_ground(run: Run, tmp_path: Path) -> None:
    ground = tmp_path / "terrain.tif"
    ground.write_bytes(b"")
    assert run("terrain", ground, "--out", tmp_path, status=1)["error"] == "over_input"


def test_tiles_at_both_ends_of_the_world_are_not_joined(run: Run, tmp_path: Path) -> None:
    tiles = [tmp_path / "a.tif", tmp_path / "b.tif"]
    for path, west in zip(tiles, (400_000.0, 90_000_000.0), strict=True):
        with rasterio.open(
            path, "w", driver="GTiff", height=200, width=2, count=1, dtype="float64", crs="EPSG:4548",
            transform=Affine(10, 0, west, 0, -10, 4_200_000),
        ) as file:  # fmt: skip
            file.write(np.ones((200, 2)), 1)
    assert run("terrain", *tiles, "--out", tmp_path / "o", status=1)["error"] == "tiles_far_apart"
    assert not (tmp_path / "o").exists()


def test_a_file_without_rules_is_no_clean_bill(run: Run, project: Path, tmp_path: Path) -> None:
    rules = tmp_path / "r.toml"
    rules.write_text("[rules]\nid = 1\n", "utf-8")
    assert run("check", project, "--rules", rules, status=1)["error"] == "rules_none"


def test_relief_takes_no_place_that_is_none_and_tells_all_its_names() -> None:
    with pytest.raises(BadInput):
        given_by(["origin=nan,2"])
    listed = next(a.help for a in _options(relief_words) if a.dest == "values")
    assert {field.name for field in fields(Given)} <= set(str(listed).replace("(", " ").split())


def _options(words: Callable[[argparse.ArgumentParser], None]) -> list[argparse.Action]:
    parser = argparse.ArgumentParser()
    words(parser)
    return parser._actions


def test_an_epicentre_in_degrees_is_told_from_one_in_metres(run: Run, project: Path, tmp_path: Path) -> None:
    told = run("shelters", project, "--epicentre", "115.7,37.7", "--out", tmp_path / "o", status=1)
    assert told["error"] == "epicentre_degrees"
    assert run("shelters", project, "--radius", "far", status=1)["error"] == "option_no_number"


def test_points_are_no_area_that_is_cleared(run: Run, project: Path, tmp_path: Path) -> None:
    table = tmp_path / "点.csv"
    table.write_text("名称,经度,纬度\n甲,115.5,37.5\n", "utf-8")
    name = run("import", project, table, "--crs", "EPSG:4490", "--gcj02", "no")["layers"][0]["name"]
    told = run("shelters", project, "--event", name, "--out", tmp_path / "o", status=1)
    assert told["error"] == "scenario_no_area"

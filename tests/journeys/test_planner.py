"""A planner's way from files to a printed map, by the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pypdf
import pytest
from PIL import Image

GRADES = ("low", "medium_low", "medium", "medium_high", "high", "nodata")
CENSUS_2020 = {
    "131102": 833_088,
    "131103": 304_854,
    "131121": 365_640,
    "131122": 265_962,
    "131123": 176_672,
    "131124": 254_613,
    "131125": 327_496,
    "131126": 444_493,
    "131127": 463_949,
    "131128": 293_877,
    "131182": 482_289,
}


def test_the_sample_project_holds_real_and_synthetic_layers_and_says_which(
    machine: Callable[..., Any], sample_project: Path
) -> None:
    layers = machine("info", sample_project)["layers"]
    kinds = {layer["kind"] for layer in layers}
    assert {"county", "township", "river", "lake", "levee", "road", "building", "enterprise"} <= kinds
    assert {"school", "hospital", "shelter", "depot", "fire_station", "terrain", "fuel"} <= kinds
    assert {layer["synthetic"] for layer in layers if layer["kind"] == "building"} == {True}
    assert {layer["synthetic"] for layer in layers if layer["kind"] == "county"} == {False}
    assert next(layer["rows"] for layer in layers if layer["kind"] == "building") == 200_000


@pytest.fixture(scope="module")
def overlay(
    riskatlas: Callable[..., Any], sample_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], pd.DataFrame]:
    """The table of a hazard by region; each is made once."""
    folder = tmp_path_factory.mktemp("叠加")

    def table(hazard: str, unit: str) -> pd.DataFrame:
        path = folder / f"{hazard}_{unit}.csv"
        if not path.exists():
            riskatlas("overlay", sample_project, "--hazard", hazard, "--unit", unit, "--out", path)
        return pd.read_csv(path, dtype={"code": str})

    return table


@pytest.mark.parametrize("hazard", ["flood", "earthquake", "fire", "drought", "wind_hail"])
def test_overlay_counts_everybody_once(overlay: Callable[[str, str], pd.DataFrame], hazard: str) -> None:
    table = overlay(hazard, "county")
    assert dict(zip(table["code"], table["population_total"], strict=True)) == CENSUS_2020
    assert table["population_total"].sum() == 4_212_933
    assert table["buildings_total"].sum() == 200_000
    for exposure in ("population", "buildings", "enterprises", "schools", "hospitals"):
        parts = sum(table[f"{exposure}_{grade}"] for grade in GRADES)
        assert (parts == table[f"{exposure}_total"]).all(), exposure


def test_townships_and_square_kilometres_add_up_to_the_counties(
    overlay: Callable[[str, str], pd.DataFrame],
) -> None:
    county, township, grid = (overlay("flood", unit) for unit in ("county", "township", "grid"))
    assert len(township) == 129
    for column in ("population_total", "population_high", "buildings_total", "buildings_nodata"):
        assert township[column].sum() == county[column].sum(), column
        assert grid[column].sum() == county[column].sum(), column


def test_the_workbook_holds_the_numbers_of_the_csv(
    riskatlas: Callable[..., Any], sample_project: Path, tmp_path: Path
) -> None:
    csv, xlsx = tmp_path / "t.csv", tmp_path / "t.xlsx"
    for path in (csv, xlsx):
        riskatlas("query", sample_project, "--hazard", "flood", "--region", "131127", "--out", path)
    rows = pd.read_csv(csv)
    cells = [cell.value for row in openpyxl.load_workbook(xlsx).worksheets[0].iter_rows() for cell in row]
    assert {"hazard", "exposure", "capacity"} == set(rows["section"])
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    assert numbers == pytest.approx(rows["value"].dropna().tolist(), rel=1e-12)


def test_a_county_sheet_is_an_a3_page_whose_chinese_can_be_found(
    riskatlas: Callable[..., Any], sample_project: Path, tmp_path: Path
) -> None:
    riskatlas(
        "map",
        sample_project,
        "--hazard",
        "flood",
        "--region",
        "131127",
        "--format",
        "pdf,png",
        "--out",
        tmp_path,
    )
    page = pypdf.PdfReader(next(tmp_path.glob("*.pdf"))).pages[0]
    millimetres = [float(side) / 72 * 25.4 for side in page.mediabox[2:]]
    assert sorted(millimetres) == pytest.approx([297, 420], abs=0.5)
    text = "".join(page.extract_text().split())
    for words in ("景县", "洪水", "风险", "图例", "合成", "内部用图", "EPSG:4548"):
        assert words in text, words
    with Image.open(next(tmp_path.glob("*.png"))) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.5)
        assert sorted(picture.size) == pytest.approx([3508, 4961], abs=2)


def test_the_web_map_asks_nothing_of_the_network(
    riskatlas: Callable[..., Any], sample_project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    riskatlas("share", sample_project, "--out", path)
    page = path.read_text(encoding="utf-8")
    for marker in ('src="http', "src='http", "url(http", '<link rel="stylesheet" href="http', "@import"):
        assert marker not in page, marker


def test_loss_by_township_sums_to_the_total_and_says_what_it_leaves_out(
    riskatlas: Callable[..., Any], machine: Callable[..., Any], sample_project: Path
) -> None:
    found = machine("loss", sample_project, "--hazard", "earthquake", "--unit", "township")
    table = pd.DataFrame(found["rows"])
    assert table["loss"].sum() == found["total"]["loss"] > 0
    assert table["displaced"].sum() == found["total"]["displaced"] > 0
    assert found["missing"] == ["crops", "roads"]
    assert {need["item"] for need in found["needs"]} >= {"tent", "water", "grain"}
    said = riskatlas("loss", sample_project, "--hazard", "flood", "--set", "gold=1", status=1).stderr
    assert "rc" in said


def test_a_scenario_set_gives_runs_yearly_loss_and_maps_and_stands_in_the_project(
    machine: Callable[..., Any], own_project: Path, tmp_path: Path
) -> None:
    given = {
        "base": {"cell": 500, "duration": 1, "lasts": 1, "rise": 0},
        "places": [{"name": "滏阳新河", "x": 116.06, "y": 38.05}],
        "periods": [{"years": 20, "discharge": 500}, {"years": 100, "discharge": 2000}],
    }
    (tmp_path / "set.json").write_text(json.dumps(given), encoding="utf-8")
    out = tmp_path / "out"
    told = machine("scenarios", own_project, "--set", tmp_path / "set.json", "--store", "--out", out)
    assert [run["years"] for run in told["runs"]] == [20, 100]
    assert told["runs"][0]["flooded_km2"] < told["runs"][1]["flooded_km2"]
    yearly = pd.read_csv(out / "annual_township.csv")
    assert yearly["loss_a"].sum() == pytest.approx(pd.read_csv(out / "annual_county.csv")["loss_a"].sum())
    assert (out / "exceedance_0.5m.tif").is_file()
    kinds = {layer["kind"] for layer in machine("info", own_project)["layers"]}
    assert {"scenario_run", "annual_damage", "exceedance_flood"} <= kinds

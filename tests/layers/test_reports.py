"""What leaves the house: spreadsheets, the web map, the page; with hostile names in the data."""

import html
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
from PIL import Image

from layers.cartography.engrave import draw
from layers.cartography.floodsheet import MOST_ROWS, ranking_title
from layers.cartography.graded import result_style, scale_of_result
from layers.cartography.render import limits
from layers.cartography.risksheet import compose, risk_sheet, risk_subject
from layers.errors import BadInput, CannotWrite
from layers.grid import Grid
from layers.hazards.recipe import revived
from layers.reports.spreadsheet import write_csv, write_tables
from layers.reports.webmap import share
from layers.risk.assessment import hazard_result, risk_result
from layers.risk.grades import GRADE_KEYS, RiskGrade
from layers.risk.naming import heads, item_words, worded
from layers.risk.results import results_edit
from layers.risk.vulnerability import FloodDamage
from layers.storage.geopackage import ProjectFile, load

SCRIPT = "<script>alert('害')</script>"
FORMULA = '=HYPERLINK("x","y")'


@pytest.fixture
def project(world, tmp_path: Path):
    """A project of the small world with an assessed flood, whose names mean harm."""
    county = world.vectors["county"]
    county.attributes["name"] = [SCRIPT, FORMULA]
    with ProjectFile.create(tmp_path / "项目.gpkg", name="项目") as made:
        made.apply(load("导入", list(world.vectors.values()), made))
        rising = np.linspace(0.0, 5.0, world.lattice().rows * world.lattice().columns)
        world.add_raster("hazard_flood", Grid(rising.reshape(world.lattice().shape), world.lattice(), "m"))
        found = hazard_result(world, "flood")
        made.apply(results_edit("评估", made, found))
        yield made


# spreadsheets


def test_a_cell_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    names = [FORMULA, "+1", "-1", "@x", "00131", "景县"]
    write_tables(
        tmp_path / "t.xlsx", {"表/一": pd.DataFrame({"名称": names, "数": [1.0, 2, np.nan, 4, 5, 6]})}
    )
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert sheet.title == "表_一"
    assert [cell.value for cell in cells] == names
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells[:4])
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [1, 2, None, 4, 5, 6]


def test_a_csv_reads_back_to_the_last_bit_and_whole_numbers_are_whole(tmp_path: Path) -> None:
    table = pd.DataFrame({"code": ["01", "02"], "people": [3.0, np.nan], "share": [1 / 3, 2e-17]})
    write_csv(tmp_path / "t.csv", table)
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()[1].startswith("01,3,0.3333")
    again = pd.read_csv(tmp_path / "t.csv", dtype={"code": str})
    assert (again["share"] == table["share"]).all()
    assert np.isnan(again["people"][1])


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        write_csv(tmp_path / "gone" / "t.csv", pd.DataFrame({"a": [1]}))
    assert list(tmp_path.iterdir()) == []


def test_the_heads_of_a_table_are_said_in_both_languages() -> None:
    table = pd.DataFrame(columns=["code", "population_total", "buildings_rc_medium_low", "road_km_nodata"])
    assert list(heads({"": table}, "zh_CN").values()).count("") == 0
    assert item_words("buildings_rc_medium_low", "zh_CN") == "房屋·钢筋混凝土·中低"
    assert item_words("road_km_nodata", "en") == "Roads · no data"
    rows = pd.DataFrame(
        {"section": ["hazard"], "item": ["area_km2_high"], "unit": ["km²"], "value": [1.0], "status": [""]}
    )
    assert worded(rows, "zh_CN").iloc[0].tolist() == ["致灾因子", "面积·高", "km²", 1.0, ""]


# styles and recipes of results


@pytest.mark.parametrize("kind", ["hazard_flood", "hazard_fire", "risk_earthquake"])
def test_a_stored_result_is_drawn_in_the_grade_that_its_scale_gives(kind: str) -> None:
    style, scale = result_style(kind), scale_of_result(kind)
    assert style is not None
    assert scale is not None
    values = np.array([scale.bounds[0] - 0.01, *scale.bounds, *(np.array(scale.bounds) + 0.001), -1.0, 1e6])
    lower, upper = limits(style)
    order = list(reversed(RiskGrade))
    for value, grade in zip(values, scale.grade(values), strict=True):
        drawn = [order[k] for k in range(5) if lower[k] <= value < upper[k]]
        assert drawn == [grade], value
    assert result_style("terrain") is None
    assert scale_of_result("risk_drought") is None


def test_a_recipe_gives_its_model_back_and_runs_nothing() -> None:
    assert revived(repr(FloodDamage(stage=2.5)), [FloodDamage]) == FloodDamage(stage=2.5)
    assert revived("Other(x=1); FloodDamage(stage=3.0)", [FloodDamage]) == FloodDamage(stage=3.0)
    for text in (
        "",
        "FloodDamage(",
        "FloodDamage(stage=-1.0)",
        "FloodDamage(stage=open('x'))",
        "FloodDamage(a=1)",
    ):
        assert revived(text, [FloodDamage]) is None, text


def test_risk_goes_on_with_the_numbers_that_are_stored(project: ProjectFile) -> None:
    default = risk_result(project, "flood")
    lower = risk_result(project, "flood", vulnerability=FloodDamage(stage=2.0))
    project.apply(results_edit("评估", project, lower))
    again = risk_result(project, "flood")
    assert again.vulnerability == FloodDamage(stage=2.0)
    assert again.by_county["affected_people"].sum() < default.by_county["affected_people"].sum()


# the page


def test_a_page_says_what_it_shows_and_its_numbers_are_those_of_the_result(
    project: ProjectFile, tmp_path: Path
) -> None:
    sheet = risk_sheet(project, "flood", "all", review_number="GS(2026)1号", maker="应急局")
    draw(sheet, pdf=tmp_path / "页.pdf", png=tmp_path / "页.png", dpi=60)
    page = pypdf.PdfReader(tmp_path / "页.pdf").pages[0]
    text = "".join(page.extract_text().split())
    result = risk_result(project, "flood")
    for words in ("洪水灾害风险图", "GS(2026)1号", "应急局", "EPSG:4548", "含合成示例数据", "数据缺失"):
        assert words in text, words
    for key in GRADE_KEYS:
        assert f"{result.by_county[f'people_{key}'].sum():,.0f}" in text
    fonts = page["/Resources"]["/Font"].values()
    assert all("NotoSansSC" in font.get_object()["/BaseFont"] for font in fonts)
    with Image.open(tmp_path / "页.png") as picture:
        assert picture.size == (992, 702)


def test_a_region_that_is_not_there_is_named(project: ProjectFile) -> None:
    with pytest.raises(BadInput, match="999999"):
        risk_sheet(project, "flood", "999999")


def test_a_region_without_area_is_named(project: ProjectFile) -> None:
    subject = risk_subject(project, "flood")
    county = subject.county
    with pytest.raises(BadInput, match="no area"):
        compose(replace(subject, county=county.take(np.zeros(len(county), bool))), "all")


def test_hatches_tell_the_grades_apart_without_colour(project: ProjectFile) -> None:
    plain, hatched = (
        risk_sheet(project, "flood", "all", hatched=on).legends[0].rows[:5] for on in (False, True)
    )
    assert {row.symbol.fill.hatch for row in plain if row.symbol.fill} == {"none"}
    assert len({row.symbol.fill.hatch for row in hatched if row.symbol.fill}) == 5


# the web map


def test_names_that_mean_harm_are_words_on_the_web_map(world, tmp_path: Path) -> None:
    world.vectors["county"].attributes["name"] = [SCRIPT, FORMULA]
    world.vectors["township"].attributes["name"] = [SCRIPT, "</script><img src=http://x>", "b", "c"]
    _assessable(world)
    with ProjectFile.create(tmp_path / "项目.gpkg", name="项目") as made:
        made.apply(load("导入", list(world.vectors.values()), made))
        for hazard in ("flood", "earthquake", "fire"):
            made.apply(results_edit(hazard, made, hazard_result(world, hazard)))
        share(made, tmp_path / "图.html")
    page = (tmp_path / "图.html").read_text(encoding="utf-8")
    assert SCRIPT not in page
    assert "<img src=http" not in page
    assert html.escape("</script>") in page.replace("\\u0026", "&").replace("\\/", "/")
    assert not re.search(r"""<\w+[^<>]*\s(src|href)=["']?http""", page)
    assert "connect-src" in page or "default-src 'none'" in page
    assert "≥ 800" in page


def _assessable(world) -> None:
    """Stored intensities of all three hazards."""
    lattice = world.lattice()
    for kind, value in {"hazard_flood": 1.0, "hazard_earthquake": 7.0, "hazard_fire": 0.4}.items():
        world.add_raster(kind, Grid(np.full(lattice.shape, value), lattice))


def test_a_ranking_that_leaves_some_out_says_of_how_many() -> None:
    said = [ranking_title("risksheet.ranking_township", count, "zh_CN") for count in (MOST_ROWS, 20)]
    assert said == ["各乡镇受影响人口密度", "各乡镇受影响人口密度（最高 18 个，共 20 个）"]

"""Selecting by a condition, by place and by a polygon, against brute force one by one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.errors import BadInput
from layers.layer import Shapes, VectorLayer
from layers.progress import Cancelled
from layers.storage.geopackage import ProjectFile, load
from layers.storage.selecting import RELATIONS, by_expression, by_location, by_polygon, combined

CRS = "EPSG:4548"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFile:
    rng = np.random.default_rng(7)
    xy = rng.uniform(380_000, 390_000, (800, 2)).round(-1)
    boxes = [shapely.box(x, x2 - 60, x + 60, x2) for x, x2 in xy]
    houses = VectorLayer(
        "house", "", CRS, Shapes.of(boxes),
        pd.DataFrame({"storeys": rng.integers(1, 30, 800), "use": rng.choice(["住宅", "工厂"], 800)}),
    )  # fmt: skip
    areas = [shapely.box(381_000, 381_000, 384_000, 385_000), shapely.box(385_000, 385_000, 387_010, 387_010)]
    zones = VectorLayer("zone", "", CRS, Shapes.of(areas), pd.DataFrame({"name": ["甲", "乙"]}))
    made = ProjectFile.create(tmp_path / "选择.gpkg", name="选择", crs=CRS)
    made.apply(load("houses", [houses, zones], made))
    return made


def keys(layer: VectorLayer) -> set[str]:
    return set(layer["uuid"])


@pytest.mark.parametrize("relation", RELATIONS)
def test_by_location_finds_what_asking_one_by_one_finds(project: ProjectFile, relation: str) -> None:
    houses, zones = project.read("house"), project.read("zone").shapes.geometries()
    judge = {
        "meets": shapely.intersects,
        "within": shapely.covered_by,
        "contains": shapely.covers,
        "touches": shapely.touches,
        "near": lambda a, b: shapely.distance(a, b) <= 137.0,
    }[relation]
    expected = {
        key
        for key, house in zip(houses["uuid"], houses.shapes.geometries(), strict=True)
        if any(judge(house, zone) for zone in zones)
    }
    assert keys(by_location(project, "house", relation, zones, 137.0)) == expected  # type: ignore[arg-type]
    assert expected or relation == "contains"


def test_the_zones_that_contain_a_house_are_found_too(project: ProjectFile) -> None:
    house = shapely.box(382_000, 382_000, 382_060, 382_060)
    found = by_location(project, "zone", "contains", np.array([house], object))
    assert found["name"].tolist() == ["甲"]


def test_a_polygon_selects_what_meets_it(project: ProjectFile) -> None:
    star = shapely.Polygon([(380_000, 380_000), (390_000, 381_000), (383_000, 389_000)])
    houses = project.read("house")
    expected = set(houses["uuid"][shapely.intersects(houses.shapes.geometries(), star)])
    assert 0 < len(expected) < 800
    assert keys(by_polygon(project, "house", star)) == expected


@pytest.mark.parametrize(
    "formula", ["storeys >= 10 and use = '住宅'", "abs(storeys - 10) < 3", "area() > 100 and storeys < 5"]
)
def test_a_condition_selects_by_the_database_or_by_column(project: ProjectFile, formula: str) -> None:
    table = project.read("house").attributes
    expected = {
        "storeys >= 10 and use = '住宅'": (table["storeys"] >= 10) & (table["use"] == "住宅"),
        "abs(storeys - 10) < 3": (table["storeys"] - 10).abs() < 3,
        "area() > 100 and storeys < 5": table["storeys"] < 5,
    }[formula]
    assert keys(by_expression(project, "house", formula)) == set(table["uuid"][expected])


@pytest.mark.parametrize("formula", ["storeys >", "height > 3", "storeys + 1", "run('rm')"])
def test_a_condition_that_is_none_is_refused(project: ProjectFile, formula: str) -> None:
    with pytest.raises(BadInput):
        by_expression(project, "house", formula)


def test_selections_are_joined_taken_away_and_met(project: ProjectFile) -> None:
    high, homes = (
        by_expression(project, "house", "storeys > 15"),
        by_expression(project, "house", "use='住宅'"),
    )
    zones = project.read("zone")
    before = (zones, high)
    joined = combined(before, homes, "add")
    assert set().union(*(keys(each) for each in joined if each.name == "house")) == keys(high) | keys(homes)
    assert sum(len(each) for each in joined if each.name == "house") == len(keys(high) | keys(homes))
    assert zones in joined
    assert keys(combined(before, homes, "remove")[1]) == keys(high) - keys(homes)
    assert keys(combined(before, homes, "intersect")[0]) == keys(high) & keys(homes)
    assert combined(before, homes, "new") == (homes,)
    assert combined((high,), high, "remove") == ()


def test_selecting_stops_when_it_is_no_longer_wanted(project: ProjectFile) -> None:
    def unwanted(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        by_location(project, "house", "meets", project.read("zone").shapes.geometries(), progress=unwanted)

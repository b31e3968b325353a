"""Rules on candidate sites: every exclusion names its rule."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.grid import Grid, Lattice
from layers.layer import Shapes, VectorLayer
from layers.siting.rules import Rule, distances_by, judge, shelter_classes, siting_rules

CRS = "EPSG:4548"
RULES = {rule.id: rule for rule in siting_rules()}


def layer(*shapes: shapely.Geometry, **columns: object) -> VectorLayer:
    return VectorLayer("x", "", CRS, Shapes.of(list(shapes)), pd.DataFrame(columns, index=range(len(shapes))))


def test_every_rule_of_the_standard_stands_with_its_source() -> None:
    assert [f"S{n}" for n in range(1, 20)] == [rule for rule in RULES if rule != "S2a"]
    assert all(
        rule.source and rule.status in {"verified", "recalled", "derived", "assumed"}
        for rule in RULES.values()
    )
    assert all(rule.zh and rule.en for rule in RULES.values())


def test_a_site_near_a_plant_or_inside_a_floodway_is_excluded_by_name() -> None:
    sites = layer(shapely.Point(0, 0), shapely.Point(1500, 0), shapely.Point(5000, 0))
    plants = layer(shapely.Point(300, 0), shapely.Point(2000, 0), safety_distance=[200.0, np.nan])
    floodway = layer(shapely.box(-50, -50, 50, 50))
    found = judge(sites, {"explosive_plant": plants, "floodway": floodway}, siting_rules())
    assert [found.excluded_by(k) for k in range(3)] == [("S2",), ("S6",), ()]
    assert found.is_allowed.tolist() == [False, False, True]
    row = found.findings[(found.findings["rule"] == "S6") & (found.findings["site"] == 1)].iloc[0]
    assert (row["found"], row["limit"]) == (500.0, 1000.0)
    assert "S1" in found.not_judged
    assert "S2" not in found.not_judged


def test_at_the_limit_a_distance_is_still_too_short_and_beyond_it_is_enough() -> None:
    fires = layer(shapely.Point(0, 0))
    sites = layer(shapely.Point(30, 0), shapely.Point(30.001, 0), shapely.Point(29, 0))
    assert judge(sites, {"fire_source": fires}, [RULES["S5"]]).is_allowed.tolist() == [False, True, False]


def test_distances_follow_voltage_and_height() -> None:
    lines = layer(*[shapely.LineString([(0, 0), (1, 0)])] * 5, kv=[35, 110, 220, 500, np.nan])
    assert distances_by(RULES["S3"], lines).tolist() == [25, 25, 40, 75, 75]
    houses = layer(shapely.box(0, 0, 9, 9), shapely.box(0, 0, 9, 9), height=[18.0, np.nan])
    assert distances_by(RULES["S7"], houses).tolist() == [18, 20]


def test_a_pipeline_that_crosses_a_site_excludes_it_and_one_beside_it_does_not() -> None:
    sites = layer(shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100))
    pipe = layer(shapely.LineString([(50, -10), (50, 200)]))
    assert judge(sites, {"pipeline": pipe}, [RULES["S8"]]).is_allowed.tolist() == [False, True]


def test_depth_excludes_and_slope_scores() -> None:
    lattice = Lattice(0, 100, 50.0, 2, 2, CRS)
    depth = Grid(np.array([[0.0, 0.4], [0.0, np.nan]]), lattice, "m")
    slope = Grid(np.array([[0.0, 3.5], [14.0, np.nan]]), lattice, "°")
    sites = layer(*[shapely.Point(x, y) for y in (75, 25) for x in (25, 75)])
    found = judge(sites, {"flood_depth": depth, "slope": slope}, [RULES["S2a"], RULES["S9"]])
    assert found.is_allowed.tolist() == [True, False, True, True]
    np.testing.assert_allclose(found.score, [1.0, 0.5, 0.0, np.nan])


def test_values_can_be_edited_and_columns_of_the_candidates_are_judged() -> None:
    sites = layer(shapely.Point(0, 0), shapely.Point(1, 0), shapely.Point(2, 0), entrances=[1, 3, None])
    assert judge(sites, {}, [RULES["S14"]]).is_allowed.tolist() == [False, True, True]
    strict: Rule = replace(RULES["S14"], value=4.0)
    assert judge(sites, {}, [strict]).is_allowed.tolist() == [False, False, True]
    assert judge(layer(shapely.Point(0, 0)), {}, [strict]).not_judged == ("S14",)


def test_a_class_holds_as_many_people_as_its_area_allows() -> None:
    classes = {each.name: each for each in shelter_classes()}
    assert list(classes) == ["紧急", "临时", "短期", "中期", "长期", "中心"]
    assert classes["短期"].room(np.array([1999.9, 2000.0, 99_999.0])).tolist() == [999, 1000, 5000]
    assert classes["长期"].room(np.array([45.0])) == pytest.approx([10])

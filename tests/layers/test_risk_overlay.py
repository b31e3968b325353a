"""Grades, exposure and overlay: every amount counts once, nothing is lost, missing is not low."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.hazards.model import IntensityMeasure
from layers.hazards.source import Reading
from layers.layer import Shapes
from layers.risk.assessment import exposure_of, hazard_result, overlay
from layers.risk.exposure import apportion, steps
from layers.risk.grades import GRADE_KEYS, RiskGrade, RiskScale, scale_of
from layers.risk.overlay import PARTS
from layers.risk.regions import OUTSIDE, read_regions


def heights(world, left: float, right: float) -> np.ndarray:
    """One height west of the middle, another east of it."""
    lattice = world.lattice()
    values = np.full(lattice.shape, left)
    values[:, lattice.columns // 2 :] = right
    return values


def add_buildings(world, count: int = 60, seed: int = 1, **columns: object) -> list[shapely.Polygon]:
    chance = np.random.default_rng(seed)
    places = chance.uniform((5, 5), (3985, 1985), (count, 2))
    boxes = [world.box(x, y, x + 10, y + 10) for x, y in places]
    structures = np.array(["钢筋混凝土", "砖混", "砖木", "土木", "钢结构", "其他"])
    given = {
        "structure": chance.choice(structures, count),
        "floor_area": chance.uniform(50, 500, count),
        "occupants": chance.integers(0, 9, count),
        "year": chance.integers(1970, 2020, count),
    }
    world.add("building", boxes, synthetic=True, **{**given, **columns})
    return boxes


# grades


@pytest.mark.parametrize("worse", ["higher", "lower"])
def test_a_value_on_a_bound_belongs_to_the_worse_grade(worse) -> None:
    scale = RiskScale(IntensityMeasure("m", "", worse), (1.0, 2.0, 3.0, 4.0), "", "derived")
    for bound in scale.bounds:
        below, on, above = scale.grade(np.nextafter(bound, [-np.inf, bound, np.inf]))
        assert on == max(below, above)
        assert abs(int(below) - int(above)) == 1


@pytest.mark.parametrize("worse", ["higher", "lower"])
def test_the_interval_printed_for_a_grade_holds_what_is_graded_so(worse) -> None:
    scale = RiskScale(IntensityMeasure("m", "", worse), (1.0, 2.0, 3.0, 4.0), "", "derived")
    for grade in RiskGrade:
        low, high = scale.interval(grade)
        inside = max(low, -9.0) / 2 + min(high, 9.0) / 2
        assert scale.grade(np.array([inside])).tolist() == [grade]


def test_bounds_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="rising"):
        RiskScale(IntensityMeasure("m", ""), (1.0, 2.0, 2.0, 4.0), "", "derived")


@pytest.mark.parametrize("hazard", ["flood", "earthquake", "fire"])
def test_every_risk_has_a_scale_with_source_and_status(hazard) -> None:
    scale = scale_of(f"affected_people_{hazard}")
    assert scale.source
    assert scale.status == "derived"
    assert scale.measure.unit == "人/km²"


# sharing out


@given(st.integers(0, 10**7), st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_shares_are_whole_sum_to_the_total_and_lie_within_one_of_the_quota(total, weights) -> None:
    array = np.array(weights)
    shares = apportion(total, array)
    assert shares.sum() == total
    assert shares.min() >= 0
    if array.sum() > 0:
        assert np.all(np.abs(shares - total * (array / array.sum())) < 1 + 1e-6)


# places


def test_points_lie_in_the_unit_that_shapely_says_and_a_border_belongs_to_the_lowest_code(world) -> None:
    regions = read_regions(Reading(world), "township")
    chance = np.random.default_rng(3)
    places = [world.point(*xy) for xy in chance.uniform((-500, -500), (4500, 2500), (300, 2))]
    places += [world.point(2000, 1000), world.point(2000, 500), world.point(0, 0)]
    polygons = regions.shapes.geometries()
    expected = [next((n for n, p in enumerate(polygons) if p.intersects(q)), OUTSIDE) for q in places]
    found = regions.locate(np.array([p.x for p in places]), np.array([p.y for p in places]))
    assert found.tolist() == expected
    assert regions.codes == ("11", "12", "21", "22")


def test_a_feature_without_place_lies_outside(world) -> None:
    regions = read_regions(Reading(world), "county")
    assert regions.locate(np.array([np.nan]), np.array([0.0])).tolist() == [OUTSIDE]


def test_the_steps_of_roads_sum_to_their_lengths(world) -> None:
    lines = [
        world.line((0, 0), (30, 40), (30, 45)),
        shapely.MultiLineString([world.line((0, 0), (1000, 0)), world.line((5000, 0), (5000, 7))]),
    ]
    x, y, length, of = steps(Shapes.of(lines), 25.0)
    assert length.max() <= 25.0
    assert length.sum() == pytest.approx(sum(line.length for line in lines), rel=1e-12)
    assert np.bincount(of, length) == pytest.approx([line.length for line in lines])
    on_a_line = shapely.distance(shapely.points(x, y), shapely.union_all(lines))
    assert on_a_line.max() < 1e-6


# the table


def brute_force(world, boxes, weights: np.ndarray, regions: pd.DataFrame, grades: np.ndarray) -> pd.DataFrame:
    """Each building asked of each polygon, its grade from the cell that its middle lies in."""
    lattice = world.lattice()
    table = pd.DataFrame(0.0, index=regions["code"], columns=["nodata", *GRADE_KEYS])
    for box, weight in zip(boxes, weights, strict=True):
        middle = box.centroid
        code = next(row.code for row in regions.itertuples() if row.polygon.intersects(middle))
        row = int((lattice.north - middle.y) // lattice.cell)
        column = int((middle.x - lattice.west) // lattice.cell)
        table.iloc[table.index.get_loc(code), grades[row, column]] += weight
    return table


def test_buildings_are_counted_as_brute_force_counts_them(graded: Callable, world) -> None:
    chance = np.random.default_rng(7)
    values = chance.uniform(0, 6, world.lattice().shape)
    values[values > 5.5] = np.nan
    boxes = add_buildings(world, 200)
    source = graded(values)
    table = overlay(source, "flood", "township").table.set_index("code")
    units = pd.DataFrame(
        {
            "code": world.vectors["township"]["code"],
            "polygon": world.vectors["township"].shapes.geometries(),
        }
    )
    grades = scale_of("height_above_drainage").grade(values)
    expected = brute_force(world, boxes, np.ones(200), units, grades)
    for key in ("nodata", *GRADE_KEYS):
        assert table[f"buildings_{key}"].tolist() == expected[key].tolist()
    area = brute_force(world, boxes, world.vectors["building"]["floor_area"].to_numpy(), units, grades)
    np.testing.assert_allclose(table["floor_area_m2_high"], area["high"])


def test_the_parts_of_every_exposure_sum_to_its_total(graded: Callable, world) -> None:
    add_buildings(world)
    world.add("road", [world.line((100, 100), (3900, 1900))], class_=["国道"])
    world.add("school", [world.point(100, 100), world.point(3000, 100)])
    table = overlay(graded(heights(world, 0.5, np.nan)), "flood", "county").table
    for name in (
        "population",
        "buildings",
        "buildings_rc",
        "floor_area_m2",
        "schools",
        "road_km",
        "area_km2",
    ):
        parts = table[[f"{name}_{part}" for part in PARTS[1:]]].sum(axis=1)
        np.testing.assert_allclose(parts, table[f"{name}_total"])
    slugs = [
        c for c in table if c.startswith("buildings_") and c.endswith("_total") and c != "buildings_total"
    ]
    assert table[slugs].sum(axis=1).tolist() == table["buildings_total"].tolist()
    assert table["road_km_total"].sum() == pytest.approx(np.hypot(3.8, 1.8))


@pytest.mark.parametrize("with_buildings", [True, False])
def test_people_sum_to_the_census_to_the_last_person(graded: Callable, world, with_buildings) -> None:
    if with_buildings:
        add_buildings(world, 37)
    source = graded(heights(world, 0.5, 9.0))
    towns = overlay(source, "flood", "township").table
    assert dict(zip(towns["code"], towns["population_total"], strict=True)) == {
        "11": 101,
        "12": 200,
        "21": 300,
        "22": 400,
    }
    counties = overlay(source, "flood", "county").table
    assert counties["population_total"].tolist() == [301, 700]
    assert counties["name"].tolist() == ["甲县", "乙县"]
    assert towns["population_total"].dtype == np.int64


def test_a_township_without_buildings_keeps_its_people(graded: Callable, world) -> None:
    world.add(
        "building", [world.box(100, 100, 110, 110)], structure=["砖混"], floor_area=[80.0], occupants=[3]
    )
    found = overlay(graded(heights(world, 0.5, 9.0)), "flood", "township")
    assert found.table["population_total"].tolist() == [101, 200, 300, 400]
    assert "note.people_by_area" in found.notes


def test_without_occupants_people_are_shared_by_floor_area(graded: Callable, world) -> None:
    spots = [world.box(100, 100, 110, 110), world.box(500, 500, 510, 510)]
    world.add("building", spots, structure=["砖混"] * 2, floor_area=[300.0, 100.0])
    exposure = exposure_of(graded(heights(world, 0.5, 9.0)))
    people = exposure.clouds[1].amounts["population"]
    assert people.tolist() == [76.0, 25.0]


def test_without_townships_the_counties_residents_count(graded: Callable, world) -> None:
    del world.vectors["township"]
    add_buildings(world)
    table = overlay(graded(heights(world, 0.5, 9.0)), "flood", "county").table
    assert table["population_total"].tolist() == [301, 700]


def test_what_has_no_grade_is_counted_apart_never_as_low(graded: Callable, world) -> None:
    add_buildings(world)
    table = overlay(graded(np.full(world.lattice().shape, np.nan)), "flood", "county").table
    assert table["population_nodata"].tolist() == [301, 700]
    assert table["population_low"].sum() == 0
    assert table["buildings_nodata"].sum() == 60


def test_a_row_for_outside_stands_last_and_only_if_something_lies_there(graded: Callable, world) -> None:
    world.add("school", [world.point(100, 100)])
    source = graded(heights(world, 0.5, 9.0))
    assert "outside" not in overlay(source, "flood", "county").table["code"].tolist()
    world.add("school", [world.point(100, 100), world.point(9000, 9000), None])
    table = overlay(source, "flood", "county").table
    assert table["code"].tolist() == ["131101", "131102", "outside"]
    assert table["schools_total"].tolist() == [1, 0, 2]


def test_exposures_without_a_layer_have_no_columns(graded: Callable, world) -> None:
    table = overlay(graded(heights(world, 0.5, 9.0)), "flood", "county").table
    assert [c for c in table if c.endswith("_total")] == ["population_total", "area_km2_total"]
    assert table.columns[:4].tolist() == ["code", "name", "population_total", "population_low"]
    assert [c.removeprefix("population_") for c in table.columns[2:9]] == list(PARTS)


def test_an_unknown_structure_is_counted_apart(graded: Callable, world) -> None:
    add_buildings(world, 2, structure=["砖混", None])
    table = overlay(graded(heights(world, 0.5, 9.0)), "flood", "county").table
    assert table["buildings_unknown_total"].sum() == 1
    assert table["buildings_other_total"].sum() == 0


def test_areas_are_those_of_the_polygons_also_of_units_smaller_than_a_cell(graded: Callable, world) -> None:
    world.add(
        "township",
        [world.box(0, 0, 2000, 2000), world.box(2000, 0, 2010, 10)],
        code=["11", "12"],
        name=["a", "b"],
        county_code=["131101"] * 2,
        population=[1, 2],
    )
    table = overlay(graded(heights(world, 0.5, 9.0)), "flood", "township").table
    np.testing.assert_allclose(table["area_km2_total"], [4.0, 1e-4])
    assert table["population_total"].tolist() == [1, 2]


def test_square_kilometres_hold_the_same_totals(graded: Callable, world) -> None:
    add_buildings(world)
    source = graded(heights(world, 0.5, 9.0))
    squares, counties = overlay(source, "flood", "grid").table, overlay(source, "flood", "county").table
    assert squares["code"].iloc[0] == "E500N4170"
    assert len(squares) == 8
    for column in ("population_high", "buildings_total", "area_km2_low"):
        assert squares[column].sum() == pytest.approx(counties[column].sum())


def test_census_polygons_are_overlaid_exactly_and_the_worst_of_several_counts(world) -> None:
    boxes = add_buildings(world)
    zones = [world.box(0, 0, 1000, 2000), world.box(0, 0, 4000, 777), world.box(3000, 0, 4000, 2000)]
    world.add("hazard_zone", zones, hazard=["干旱"] * 3, grade=["高", "中低", None], synthetic=True)
    found = overlay(world, "drought", "county")
    table = found.table
    middles = [box.centroid for box in boxes]
    high = sum(zones[0].intersects(p) for p in middles)
    low = sum(zones[1].intersects(p) and not zones[0].intersects(p) for p in middles)
    assert table["buildings_high"].sum() == high
    assert table["buildings_medium_low"].sum() == low
    assert table["buildings_nodata"].sum() == len(boxes) - high - low
    assert "note.census_grades" in found.notes
    assert found.synthetic


def test_zones_of_another_hazard_do_not_count(world) -> None:
    world.add("hazard_zone", [world.box(0, 0, 4000, 2000)] * 2, hazard=["干旱", "风雹"], grade=["低", "高"])
    assert np.nanmax(hazard_result(world, "drought").grades.values) == 1
    assert np.nanmin(hazard_result(world, "wind_hail").grades.values) == 5

"""From a project to hazard, risk and database: one table, and word of where it comes from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layers.errors import KnownError
from layers.grid import Grid
from layers.hazards import HeightAboveDrainage, ZoningIntensity
from layers.hazards.model import parameters
from layers.progress import Cancelled
from layers.risk.affected import SPREAD, risk_grid
from layers.risk.assessment import (
    exposure_of,
    hazard_result,
    lattice_of,
    overlay,
    risk_result,
)
from layers.risk.database import CAPACITIES, query
from layers.risk.exposure import Cloud
from layers.risk.hazard import HAZARD_NAMES
from layers.risk.results import results_edit
from layers.risk.vulnerability import VULNERABILITIES, EarthquakeDamage, FireReach, FloodDamage
from layers.storage.geopackage import ProjectFile
from layers.words import has
from tests.waiting import becomes_true


def cloud_of(world, *places: tuple[float, float], structure: str = "", year: float = np.nan) -> Cloud:
    points = [world.point(*place) for place in places]
    count = len(points)
    nowhere = np.full(count, -1, np.intp)
    given = {"structure": np.full(count, structure), "year": np.full(count, year)} if structure else {}
    x, y = np.array([p.x for p in points]), np.array([p.y for p in points])
    return Cloud(x, y, {"population": np.ones(count)}, nowhere, nowhere, "", **given)


def flooded(world, height: float, people: int = 0) -> object:
    world.add_raster("hazard_flood", Grid(np.full(world.lattice().shape, height), world.lattice(), "m"))
    return world


# vulnerability


def test_flood_damage_is_the_curve_at_the_depth_under_the_stage(world) -> None:
    cloud = cloud_of(world, (100, 100))
    for height, share in [(4.0, 0.0), (9.0, 0.0), (3.5, 0.33), (3.25, 0.165 + 0.0), (3.0, 0.49), (1.0, 0.87)]:
        found = FloodDamage(stage=4.0).share(world.constant(height), cloud)[0]
        expected = {3.25: np.interp(0.75, [0.5, 1.0], [0.33, 0.49])}.get(height, share)
        assert found == pytest.approx(expected)


def test_earthquake_damage_is_interpolated_between_whole_intensities(world) -> None:
    def damage(intensity: float, structure: str, year: float = np.nan) -> float:
        cloud = cloud_of(world, (100, 100), structure=structure, year=year)
        return float(EarthquakeDamage().share(world.constant(intensity), cloud)[0])

    assert damage(7.0, "rc") == pytest.approx(0.0534)
    assert damage(7.5, "rc") == pytest.approx((0.0534 + 0.1316) / 2)
    assert damage(8.0, "brick_concrete", 1975) == pytest.approx(0.2959)
    assert damage(8.0, "brick_concrete", 2005) == pytest.approx(0.1758)
    assert damage(8.0, "brick_concrete") == pytest.approx(0.2959)  # year unknown: the worse
    assert damage(4.0, "earth_wood") == 0.0
    assert damage(6.0, "unknown") == damage(6.0, "other")


def test_weaker_structures_and_stronger_shaking_never_damage_less(world) -> None:
    order = ["rc", "brick_concrete", "brick_wood"]
    shares = np.array(
        [
            [
                EarthquakeDamage().share(world.constant(i), cloud_of(world, (1, 1), structure=s))[0]
                for s in order
            ]
            for i in np.arange(4.0, 11.0, 0.25)
        ]
    )
    assert np.all(np.diff(shares, axis=0) >= 0)
    assert np.all(np.diff(shares, axis=1) >= 0)


def test_fire_reaches_the_neighbouring_cell_and_no_further(world) -> None:
    values = np.zeros(world.lattice().shape)
    values[10, 10] = 0.8
    values[10, 9] = np.nan
    worst = FireReach(reach=100.0).worst_around(Grid(values, world.lattice())).values
    assert worst[10, 11] == worst[9, 10] == worst[10, 10] == 0.8
    assert worst[9, 9] == worst[10, 12] == 0.0
    assert np.isnan(worst[10, 9])


@pytest.mark.parametrize("kind", VULNERABILITIES, ids=lambda kind: kind.name)
def test_a_vulnerability_is_a_share_keeps_no_data_and_has_words(world, kind) -> None:
    values = np.linspace(0.0, 12.0, world.lattice().rows * world.lattice().columns).reshape(
        world.lattice().shape
    )
    values[0, 0] = np.nan
    intensity = Grid(values / 12.0 if kind.hazard == "fire" else values, world.lattice())
    cloud = cloud_of(world, (45, 2065), *((x, 1000) for x in range(100, 4000, 100)))
    shares = kind().share(intensity, cloud)
    assert np.isnan(shares).tolist() == [True] + [False] * 39
    assert np.nanmin(shares) >= 0
    assert np.nanmax(shares) <= 1
    keys = [f"vulnerability.{kind.name}", kind.limits]
    keys += [f"parameter.{kind.name}.{each.name}" for each in parameters(kind())]
    assert [key for key in keys if not has(key)] == []


# risk


def test_risk_is_people_times_share_over_area(world) -> None:
    flooded(world, 3.0)
    result = risk_result(world, "flood")
    county = result.by_county.set_index("code")
    assert county.loc["131101", "affected_people"] == pytest.approx(301 * 0.49)
    assert county.loc["131101", "risk"] == pytest.approx(301 * 0.49 / 4.0)
    assert county["population"].sum() == 1001
    grades = [f"people_{key}" for key in ("low", "medium_low", "medium", "medium_high", "high", "nodata")]
    assert county[grades].sum(axis=1).tolist() == county["population"].tolist()
    densest = result.by_township["risk"].max()
    assert np.nanmax(result.risk.values) <= densest * 1.15  # people spread evenly: nowhere denser


def test_the_risk_of_one_house_is_spread_over_the_cells_around_it_and_kept(world) -> None:
    cells = exposure_of(world)
    lattice = lattice_of(world, 300.0)
    shares = tuple(np.zeros(len(cloud.x)) for cloud in cells.clouds)
    house = cloud_of(world, (2000, 1000))
    house = Cloud(**{**house.__dict__, "amounts": {"population": np.array([50.0])}})
    exposure = type(cells)((*cells.clouds, house), cells.regions, cells.reading)
    risk = risk_grid(exposure, (*shares, np.ones(1)), lattice).values
    assert np.nansum(risk) * 0.09 == pytest.approx(50.0, rel=0.06)
    assert np.nanmax(risk) == pytest.approx(50.0 / (2 * np.pi * (SPREAD / 1000) ** 2), rel=0.2)
    row, column = np.unravel_index(np.nanargmax(risk), risk.shape)
    assert lattice.cells_at(house.x, house.y)[0] == row
    assert lattice.cells_at(house.x, house.y)[1] == column


def test_where_the_hazard_is_not_known_the_risk_is_not_known(world) -> None:
    flooded(world, np.nan)
    result = risk_result(world, "flood")
    assert np.isnan(result.risk.values).all()
    assert result.by_township["grade"].tolist() == [0, 0, 0, 0]
    assert result.by_township["people_nodata"].tolist() == [101, 200, 300, 400]


def test_a_worse_hazard_never_lowers_the_risk(world) -> None:
    risks = []
    for height in (5.0, 3.0, 1.0):
        flooded(world, height)
        risks.append(risk_result(world, "flood").by_county["risk"].to_numpy())
    assert np.all(np.diff(risks, axis=0) >= 0)


def test_risk_by_grades_alone_is_refused_with_the_hazards_name(world) -> None:
    world.add("hazard_zone", [world.box(0, 0, 4000, 2000)] * 2, hazard=["干旱", "洪水"], grade=["低", "高"])
    for hazard in ("drought", "flood"):
        with pytest.raises(KnownError) as caught:
            risk_result(world, hazard)
        assert caught.value.key == "risk_by_grades_only"


# hazard


def test_the_parameters_of_a_given_model_count_even_if_a_result_is_stored(world) -> None:
    flooded(world, 1.0)
    world.add_raster("terrain", world.constant(20.0))
    world.add("river", [world.line((0, 1000), (4000, 1000))])
    stored = hazard_result(world, "flood")
    assert np.all(stored.intensity.values == 1.0)
    assert stored.model is None
    steep, flat = (
        hazard_result(world, "flood", model=HeightAboveDrainage(head_loss=loss)) for loss in (10.0, 0.0)
    )
    assert steep.intensity.values.max() > flat.intensity.values.max() == 0.0
    assert "head_loss=10.0" in steep.provenance.model


def test_without_layers_and_census_the_missing_layers_are_named(world) -> None:
    for hazard in HAZARD_NAMES:
        with pytest.raises(KnownError) as caught:
            hazard_result(world, hazard)
        assert ("epicentre" if hazard == "shaking" else "census") in caught.value.say("en")


def test_a_result_is_synthetic_as_soon_as_one_layer_read_is(world) -> None:
    world.add("seismic_zone", [], code=["131101", "131102"], pga=[0.1, 0.15])
    real = hazard_result(world, "earthquake")
    assert not real.synthetic
    assert "note.site_class_assumed" in real.notes
    world.add("site_class", [world.box(0, 0, 4000, 2000)], synthetic=True, **{"class": ["III"]})
    made_up = hazard_result(world, "earthquake")
    assert made_up.synthetic
    assert made_up.provenance.inputs == ("county", "seismic_zone", "site_class")
    assert overlay(world, "earthquake", "county").synthetic
    assert risk_result(world, "earthquake").synthetic


def test_risk_names_every_layer_and_both_models_with_their_parameters(world) -> None:
    world.add("seismic_zone", [], code=["131101", "131102"], pga=[0.1, 0.15])
    result = risk_result(world, "earthquake", model=ZoningIntensity(motion="rare"))
    assert {"county", "seismic_zone", "township"} <= set(result.provenance.inputs)
    assert "motion='rare'" in result.provenance.model
    assert "EarthquakeDamage" in result.provenance.model
    assert all(has(key) for key in result.notes)


def test_a_stopped_assessment_raises_and_leaves_nothing_behind(world) -> None:
    flooded(world, 3.0)

    def stop(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        risk_result(world, "flood", stop)
    assert risk_result(world, "flood").by_county["population"].sum() == 1001


# database


def with_capacity(world) -> object:
    flooded(world, 3.0)
    world.add(
        "shelter",
        [world.point(100, 100), world.point(3000, 100)],
        capacity=[500, None],
        effective_area=[1.0, 2.0],
    )
    world.add("hospital", [world.point(100, 100), world.point(100, 200)], beds=[None, None])
    world.add("fire_station", [world.point(3000, 100)], people=[12], vehicles=[3], synthetic=True)
    return world


def test_the_database_repeats_the_numbers_of_the_overlay(world) -> None:
    with_capacity(world)
    found = query(world, "flood", "131102")
    table = overlay(world, "flood", "county").table.set_index("code").loc["131102"]
    rows = found.table[found.table["section"] != "capacity"]
    assert dict(zip(rows["item"], rows["value"], strict=True)) == table.drop("name").to_dict()
    assert found.name == "乙县"


def test_the_whole_city_is_the_sum_of_its_counties(world) -> None:
    with_capacity(world)
    parts = [query(world, "flood", code).table.set_index("item")["value"] for code in ("131101", "131102")]
    whole = query(world, "flood", "all").table.set_index("item")["value"]
    assert whole["shelter_capacity"] == 500
    for item in whole.index[whole.notna()].drop("shelter_capacity"):
        assert parts[0][item] + parts[1][item] == pytest.approx(whole[item])


def test_capacity_is_counted_and_what_is_not_known_is_not_zero(world) -> None:
    with_capacity(world)
    here = query(world, "flood", "11").table.set_index("item")
    assert here.loc["shelter_count", "value"] == 1
    assert here.loc["shelter_capacity", "value"] == 500
    assert here.loc["fire_station_people", "value"] == 0
    assert here.loc["hospital_count", "value"] == 2
    assert np.isnan(here.loc["hospital_beds", "value"])
    assert here.loc["fire_station_count", "status"] == "synthetic"
    assert np.isnan(query(world, "flood", "21").table.set_index("item").loc["shelter_capacity", "value"])


def test_an_unknown_region_is_refused_with_its_code(world) -> None:
    flooded(world, 3.0)
    with pytest.raises(KnownError, match="999"):
        query(world, "flood", "999")


def test_every_item_of_the_database_has_words(world) -> None:
    for kind, columns in CAPACITIES.items():
        assert all(has(f"capacity.{kind}_{item}") for item in ("count", *columns))


# a project on disk


def test_results_stored_in_a_project_come_back_and_changed_layers_are_noticed(
    world, graded: Callable, tmp_path: Path
) -> None:
    from layers.storage.geopackage import load

    flooded(world, 3.0)
    result = risk_result(world, "flood")
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        project.apply(load("regions", [world.vectors["county"], world.vectors["township"]], project))
        edit = results_edit("flood", project, result.hazard_result, result)
        folder = Path(edit.loads[0].path).parent
        project.apply(edit)
        again = risk_result(project, "flood")
        assert again is risk_result(project, "flood")
        np.testing.assert_allclose(again.by_county["affected_people"], result.by_county["affected_people"])
        assert {entry.kind for entry in project.layers()} >= {"hazard_flood", "risk_flood"}
        project.apply(results_edit("again", project, result.hazard_result))
        assert sum(entry.kind == "hazard_flood" for entry in project.layers()) == 1
        assert risk_result(project, "flood") is not again
    del edit
    assert becomes_true(lambda: not folder.exists())

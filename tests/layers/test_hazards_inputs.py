"""The grids of the models, made from the layers of a project."""

import numpy as np
import pytest

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards import HAZARDS, FuelDryness, HeightAboveDrainage, ZoningIntensity
from layers.hazards import inputs as made
from layers.hazards.inputs import MissingLayer, gather, missing_kinds
from layers.hazards.rasterise import burn, centres
from layers.hazards.source import Reading
from layers.layer import Shapes


def test_every_input_of_every_model_can_be_made_or_is_named_missing(empty_world) -> None:
    reading = Reading(empty_world)
    for kind in HAZARDS:
        assert missing_kinds(kind(), reading)
        with pytest.raises(MissingLayer):
            gather(kind(), reading, empty_world.lattice())


def test_a_missing_layer_is_named_in_both_languages(empty_world) -> None:
    with pytest.raises(MissingLayer) as caught:
        gather(ZoningIntensity(), Reading(empty_world), empty_world.lattice())
    assert "地震动参数区划" in caught.value.say("zh_CN")
    assert "seismic zoning" in caught.value.say("en")


def test_of_several_terrain_models_the_coarsest_that_is_fine_enough_is_read(world) -> None:
    for number, (name, cell) in enumerate([("coarse", 500.0), ("wanted", 60.0), ("finest", 20.0)]):
        world.add_raster("terrain", world.constant(float(number), cell), name)
    reading = Reading(world)
    assert np.nanmax(made.terrain(reading, world.lattice()).values) == 1.0
    assert reading.names == ("wanted",)


def test_a_lake_stands_at_least_at_its_design_level(world) -> None:
    world.add_raster("terrain", world.constant(18.0))
    world.add("lake", [world.box(500, 500, 900, 900), world.box(2000, 500, 2400, 900)], level=[21.0, None])
    terrain = made.terrain(Reading(world), world.lattice())
    x, y = world.point(700, 700).x, world.point(700, 700).y
    assert terrain.at(np.array([x, x + 1500]), np.array([y, y])).tolist() == [21.0, 18.0]


def test_rivers_of_all_layers_and_lakes_are_drainage(world) -> None:
    world.add("river", [world.line((0, 100), (4000, 100))], "one", name_=["a"])
    world.add("river", [world.line((0, 1900), (4000, 1900))], "two", synthetic=True, name_=["b"])
    world.add("lake", [world.box(500, 500, 900, 900)])
    reading = Reading(world)
    drainage = made.drainage(reading, world.lattice())
    places = [world.point(2000, y) for y in (100, 1900, 1000)] + [world.point(700, 700)]
    found = drainage.at(np.array([p.x for p in places]), np.array([p.y for p in places]))
    assert found.tolist() == [1.0, 1.0, 0.0, 1.0]
    assert reading.names == ("lake", "one", "two")
    assert reading.synthetic


def test_a_levee_that_the_terrain_shows_already_counts_once(world) -> None:
    lattice = world.lattice()
    line = world.line((0, 1000), (4000, 1000))
    world.add("levee", [line], crest=[4.0])
    shown = burn(Shapes.of([line]), np.array([2.5]), lattice, empty=0.0, touched=True)
    world.add_raster("terrain", Grid(20.0 + shown, lattice, "m"))
    levee = made.levee(Reading(world), lattice).values
    np.testing.assert_allclose(levee[shown > 0], 1.5)
    assert np.all(levee[shown == 0] == 0)


def test_without_levees_and_site_classes_the_assumption_is_noted(world) -> None:
    reading = Reading(world)
    assert not made.levee(reading, world.lattice()).values.any()
    assert np.all(made.site_class(reading, world.lattice()).values == 2)
    assert reading.notes == ["note.no_levees", "note.site_class_assumed"]


def test_zoning_codes_match_whether_text_or_numbers(world) -> None:
    world.add("seismic_zone", [], code=[131101.0, 131102.0], pga=[0.05, 0.15])
    pga = made.pga(Reading(world), world.lattice())
    y = np.full(2, world.point(0, 1000).y)
    assert pga.at(np.array([world.point(1000, 0).x, world.point(3000, 0).x]), y).tolist() == [0.05, 0.15]


def test_zoning_of_another_place_is_refused(world) -> None:
    world.add("seismic_zone", [], code=["999999"], pga=[0.05])
    with pytest.raises(BadInput, match="seismic_zone"):
        made.pga(Reading(world), world.lattice())


def test_a_county_without_zoning_has_no_data(world) -> None:
    world.add("seismic_zone", [], code=["131101"], pga=[0.05])
    values = made.pga(Reading(world), world.lattice()).values
    assert np.isnan(values[:, -1]).all()


def test_slope_is_the_tangent_of_a_tilted_plane(world) -> None:
    lattice = world.lattice()
    x, y = centres(lattice)
    plane = (0.03 * x - 0.04 * y).reshape(lattice.shape)
    world.add_raster("terrain", Grid(plane, lattice, "m"))
    np.testing.assert_allclose(made.slope(Reading(world), lattice).values, 0.05)


def test_the_dry_season_may_lie_across_the_new_year(world, monkeypatch) -> None:
    months = [2.0, 3.0, 30.0, 40, 50, 60, 70, 80, 40, 30, 20, 4.0]
    world.add_raster("rainfall", world.constant(0.0, 1000.0))

    def read(path: object, *, band: int, target: Lattice, resampling: str) -> Grid:
        return Grid(np.full(target.shape, months[band - 1]), target, "mm")

    monkeypatch.setattr(made, "read_grid", read)
    rain = made.dry_season_rain(Reading(world), world.lattice())
    np.testing.assert_allclose(rain.values, 9.0)


def test_of_features_on_one_cell_the_highest_value_stands_in_any_order(world) -> None:
    boxes = [world.box(0, 0, 1000, 1000), world.box(0, 0, 500, 500), world.box(0, 0, 4000, 2000)]
    values = np.array([1.0, 3.0, np.nan])
    lattice = world.lattice()
    one = burn(Shapes.of(boxes), values, lattice)
    other = burn(Shapes.of(boxes[::-1]), values[::-1], lattice)
    np.testing.assert_array_equal(one, other)
    assert np.nanmax(one) == 3.0
    assert np.isnan(one[0, -1])


def test_models_run_on_a_world_and_say_what_they_read(world) -> None:
    world.add_raster("terrain", world.constant(20.0))
    world.add("river", [world.line((0, 100), (4000, 100))], synthetic=True)
    reading = Reading(world)
    grids = gather(HeightAboveDrainage(), reading, world.lattice())
    assert set(grids) == {"terrain", "drainage", "levee"}
    assert reading.names == ("river", "terrain")
    assert reading.origin("m").provenance.synthetic
    assert reading.sources == ("source of terrain", "source of river")
    assert missing_kinds(FuelDryness(), reading) == ("fuel", "rainfall")

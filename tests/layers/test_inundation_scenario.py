"""A flood scenario in a project: where a breach lets its water in, what is kept, what follows from it."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from layers.cartography.risksheet import risk_sheet
from layers.errors import KnownError
from layers.grid import Grid, Lattice
from layers.hazards.inundation.buildings import covered_share
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.source import Reading
from layers.layer import RasterLayer, Shapes
from layers.risk.assessment import hazard_result, overlay, risk_result
from layers.risk.companions import KINDS
from layers.risk.consequences import CLOSED, consequences
from layers.risk.hazard import hazards_at_hand
from layers.risk.hydrographs import stored_hydrographs
from layers.risk.loss import loss_of, loss_result
from layers.risk.results import results_edit
from layers.risk.valuation import Valuation
from layers.siting.network import by_vehicle, road_network
from layers.storage.frames import frame_times
from layers.storage.geopackage import ProjectFile, load

CELL = 50.0


def flooding(**values: object) -> InundationScenario:
    given = {"discharge": 20.0, "rise": 0.0, "lasts": 1.0, "duration": 1.0, "cell": CELL, "frame": 0.5}
    return InundationScenario(**{**given, **values})  # type: ignore[arg-type]


@pytest.fixture
def plain(world) -> object:
    """A river from south to north between two levees, on a plain that falls gently to the east."""
    lattice = world.lattice(CELL)
    fall = np.linspace(2.0, 0.0, lattice.columns)
    world.add_raster("terrain", Grid(np.tile(20.0 + fall, (lattice.rows, 1)), lattice, "m"))
    world.add("river", [world.line((1025, 0), (1025, 2000))], name=["河"])
    world.add("levee", [world.line((x, 0), (x, 2000)) for x in (875, 1175)], crest=[3.0, 3.0])
    return world


def depths(found) -> Grid:
    assert found.intensity is not None
    return found.intensity


def test_the_water_of_a_breach_enters_the_land_behind_the_levee(plain) -> None:
    place = plain.point(1175, 1000)
    model = flooding(places=((place.x, place.y),))
    found = hazard_result(plain, "inundation", model=model)
    grid = depths(found)
    beside = grid.at(np.array([place.x + 100]), np.array([place.y]))[0]
    river = grid.at(np.array([place.x - 150]), np.array([place.y]))[0]
    assert beside > 0.2
    assert beside > river
    volume = grid.lattice.cell**2 * np.nansum(found.companions.grid("arrival_flood").values >= 0)
    assert volume > 0
    assert found.companions.summary["mass"]["inflow_m3"] == pytest.approx(20.0 * 3600, rel=1e-6)


@pytest.mark.parametrize(("levee", "side"), [(875, -1), (1175, 1)])
def test_a_ditch_behind_the_levee_is_not_taken_for_the_river(plain, levee: float, side: int) -> None:
    """Each levee of the river has a ditch close behind it, and the levees end within sight."""
    ditches = [plain.line((x, 0), (x, 2000)) for x in (775, 1275)]
    plain.add("river", [plain.line((1025, 0), (1025, 2000)), *ditches], name=["河", "沟", "沟"])
    plain.add("levee", [plain.line((x, 400), (x, 1600)) for x in (875, 1175)], crest=[3.0, 3.0])
    place = plain.point(levee, 1000)
    found = depths(hazard_result(plain, "inundation", model=flooding(places=((place.x, place.y),))))
    x = np.array([place.x + side * 75, place.x - side * 75])
    behind, before = found.at(x, np.full(2, place.y))
    assert behind > 0.2
    assert behind > before


def test_a_run_keeps_depths_in_time_and_its_other_rasters(plain) -> None:
    place = plain.point(1175, 1000)
    found = hazard_result(plain, "inundation", model=flooding(places=((place.x, place.y),)))
    files = found.companions.files
    assert set(files) == {*KINDS, "depth_frames"}
    assert frame_times(files["depth_frames"]) == (0.0, 1800.0, 3600.0)
    rating, depth = found.companions.grid("rating_inundation"), depths(found)
    assert rating.lattice == depth.lattice
    assert (np.nan_to_num(rating.values) + 1e-3 >= 0.5 * np.nan_to_num(depth.values)).all()


def test_rain_alone_runs_and_a_lake_stands_at_its_level(plain) -> None:
    plain.add("lake", [plain.box(3000, 500, 3500, 1500)], name=["湖"], level=[21.0])
    rained = hazard_result(plain, "inundation", model=flooding(rain=100.0, rain_hours=0.5, runoff=0.5))
    mass = rained.companions.summary["mass"]
    assert mass["rain_m3"] == pytest.approx(0.05 * 4000 * 2000, rel=0.02)
    assert mass["initial_m3"] > 0


def test_nothing_to_run_and_a_breach_elsewhere_are_known_errors(plain) -> None:
    with pytest.raises(KnownError):
        hazard_result(plain, "inundation")
    with pytest.raises(KnownError):
        hazard_result(plain, "inundation", model=flooding(places=((0.0, 0.0),)))
    assert "inundation" not in hazards_at_hand(Reading(plain))


def test_a_hydrograph_takes_the_place_of_the_plain_discharge() -> None:
    model = InundationScenario(hydrograph=((0.0, 0.0), (2.0, 100.0), (4.0, 0.0)))
    assert model.course().total(0.0, 4 * 3600.0) == pytest.approx(2 * 3600 * 100.0)
    assert InundationScenario(rise=0.0).course().at(0.0) == 1000.0


def test_units_to_evacuate_closed_roads_and_flooded_areas_follow(plain) -> None:
    plain.add(
        "road",
        [plain.line((1200, 1000), (3900, 1000)), plain.line((0, 100), (500, 100))],
        name=["东路", "西路"],
        **{"class": ["省道", "乡道"]},
    )
    place = plain.point(1175, 1000)
    run = risk_result(plain, "inundation", model=flooding(places=((place.x, place.y),), discharge=60.0))
    made = {layer.kind: layer for layer in consequences(plain, run)}
    area, roads, units = made["flood_extent"], made["closed_road"], made["evacuation_unit"]
    wet = np.nansum(depths(run.hazard_result).values >= 0.05) * CELL**2 / 1e6
    assert area["area"].sum() == pytest.approx(wet, rel=0.25)  # single cells go with their neighbours
    assert roads["name"].tolist() == ["东路"]
    assert roads["closed_from"].iloc[0] <= 0.5
    assert 0 < roads["length"].iloc[0] <= 2.7
    assert roads.shapes.extent.east <= plain.point(3900, 0).x
    lost = loss_of(plain, run.hazard_result, run.vulnerability, Valuation())
    assert units["people"].sum() == lost.total["people_hit"] > 0
    assert set(units["code"]) == set(lost.by_township.query("people_hit > 0")["code"])
    assert (units["arrival"] < 1.0).all()


def test_water_at_a_time_closes_roads_for_the_routing(plain) -> None:
    plain.add("road", [plain.line((1200, 1000), (3900, 1000))], **{"class": ["省道"]})
    place = plain.point(1175, 1000)
    run = risk_result(plain, "inundation", model=flooding(places=((place.x, place.y),), discharge=60.0))
    early, late = (run.hazard_result.companions.depth_at(hours * 3600.0) for hours in (0.0, 5.0))
    roads = road_network(plain.vectors["road"], by_vehicle())
    assert not roads.reached_by(early, CLOSED).any()
    assert roads.reached_by(late, CLOSED).all()
    assert not roads.closed_by(late, CLOSED).is_open.any()


def to_project(world, path: Path) -> ProjectFile:
    """The world as a project on disk."""
    project = ProjectFile.create(path)
    rasters = [
        RasterLayer(entry.name, entry.kind, str(world.raster_path(entry.name)), entry.lattice, "m")
        for entry in world.rasters.values()
    ]
    project.apply(load("world", [*world.vectors.values(), *rasters], project))
    return project


def test_scenario_risk_and_loss_stand_in_the_project_as_one_edit(plain, tmp_path: Path) -> None:
    plain.add("building", [plain.box(1300, 990, 1310, 1000)], structure=["砖混"], floor_area=[200.0])
    place = plain.point(1175, 1000)
    with to_project(plain, tmp_path / "p.gpkg") as project:
        before = {entry.name for entry in project.layers()}
        run = risk_result(project, "inundation", model=flooding(places=((place.x, place.y),)))
        project.apply(results_edit("情景", project, run.hazard_result, run))
        kinds = {entry.kind for entry in project.layers() if entry.name not in before}
        assert kinds == {"hazard_inundation", "risk_inundation", "depth_frames", *KINDS}
        again = hazard_result(project, "inundation")
        assert again.model == flooding(places=((place.x, place.y),))
        lost = loss_result(project, "inundation")
        assert 0 < lost.total["loss"] < lost.total["value"]
        assert lost.by_township["buildings_loss"].sum() == lost.total["buildings_loss"] > 0
        assert overlay(project, "inundation", "county").table["population_total"].sum() == 1001


def test_the_sheet_of_a_scenario_shows_depths_and_says_how_far_the_terrain_bears_them(
    plain, tmp_path: Path
) -> None:
    place = plain.point(1175, 1000)
    with to_project(plain, tmp_path / "p.gpkg") as project:
        run = risk_result(project, "inundation", model=flooding(places=((place.x, place.y),)))
        units = [layer for layer in consequences(project, run) if layer.kind == "evacuation_unit"]
        project.apply(results_edit("情景", project, run.hazard_result, run, more=units))
        sheet = risk_sheet(project, "inundation", "131101", language="en")
    legend = sheet.legends[0]
    assert [row.title for row in legend.rows][-1] == "no data"
    wet = sum(float(row.cells[1]) for row in legend.rows[:-1])
    assert 0 < wet < 4.0
    assert sheet.legends[1].rows[0].title == "Breach"
    told = {note.head: note.words for note in sheet.notes}
    assert "recalled" in told["Terrain"]
    assert "Breaches" in told
    assert "1000" not in told["Parameters"]
    assert "discharge of each breach 20 m³/s" in told["Parameters"]
    assert "townships (the project has no layer of villages)" in told["Units to evacuate"]
    assert sheet.tables[0].heads[1] == "Hit"


def test_hatches_tell_depths_apart_on_the_map_and_in_its_legend(plain, tmp_path: Path) -> None:
    place = plain.point(1175, 1000)
    with to_project(plain, tmp_path / "p.gpkg") as project:
        run = risk_result(project, "inundation", model=flooding(places=((place.x, place.y),)))
        project.apply(results_edit("情景", project, run.hazard_result, run))
        coloured, hatched = (risk_sheet(project, "inundation", "131101", hatched=on) for on in (False, True))
    fills = [row.symbol.fill for row in hatched.legends[0].rows[:-1]]
    assert {row.symbol.fill.hatch for row in coloured.legends[0].rows[:-1]} == {"none"}
    assert len({fill.hatch for fill in fills} - {"none"}) == len(fills) == 5
    assert fills == [each.symbol.fill for each in hatched.layers[0].style.classes[:-1]]
    assert fills[0].spacing_mm < fills[-1].spacing_mm  # deep water is the darker


def test_gauges_and_sections_come_back_from_the_project_as_hydrographs(plain, tmp_path: Path) -> None:
    place = plain.point(1175, 1000)
    gauge, ends = plain.point(1400, 1000), (plain.point(1300, 50), plain.point(1300, 1950))
    model = flooding(
        places=((place.x, place.y),),
        gauges=(("村口", gauge.x, gauge.y),),
        sections=(("公路", tuple((end.x, end.y) for end in ends)),),
    )
    run = risk_result(plain, "inundation", model=model)
    made = [
        layer
        for layer in consequences(plain, run)
        if layer.kind in {"flood_gauge", "hydrograph", "flood_section"}
    ]
    with ProjectFile.create(tmp_path / "p.gpkg") as project:
        project.apply(load("a", made, project))
        village, road = stored_hydrographs(project)
    assert (village.name, set(village.values)) == ("村口", {"depth", "level", "speed"})
    assert (road.name, set(road.values)) == ("公路", {"discharge"})
    assert village.hours.tolist() == pytest.approx([n / 12 for n in range(13)])
    depth = depths(run.hazard_result).at(np.array([gauge.x]), np.array([gauge.y]))[0]
    assert village.values["depth"].max() == pytest.approx(depth, rel=0.2)
    peaks = {layer.kind: layer.attributes.iloc[0] for layer in made if layer.kind != "hydrograph"}
    assert peaks["flood_gauge"]["depth"] == pytest.approx(village.values["depth"].max(), abs=1e-3)
    passed = np.trapezoid(road.values["discharge"], road.hours * 3600) / 1e4
    assert peaks["flood_section"]["volume"] == pytest.approx(passed, abs=1e-3)
    assert 0 < passed < 20 * 3600 / 1e4


def test_shares_of_cells_are_those_of_their_areas() -> None:
    lattice = Lattice(0.0, 40.0, 20.0, 2, 3, "EPSG:4548")
    houses = [shapely.box(10, 20, 30, 40), shapely.box(40, 0, 60, 20), shapely.box(45, 5, 50, 10)]
    share = covered_share(Shapes.of(houses), lattice).values
    assert share.tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]


@pytest.mark.parametrize("mode", ["block", "raise", "roughen"])
def test_houses_stand_in_the_water_around_them(plain, mode: str) -> None:
    """Whether cells of houses are closed, raised or rough, the people in them are hit."""
    plain.add("building", [plain.box(1350, 900, 1450, 1100)], structure=["砖混"], floor_area=[9000.0])
    place = plain.point(1175, 1000)
    given = {"places": ((place.x, place.y),), "discharge": 60.0}
    free, built = (
        hazard_result(plain, "inundation", model=flooding(**given, buildings=each)) for each in ("open", mode)
    )
    x, y = np.array([plain.point(1375, 1025).x]), np.array([plain.point(1375, 1025).y])
    assert depths(built).at(x, y)[0] > 0.2
    assert built.companions.grid("rating_inundation").at(x, y)[0] > 0.2
    before = np.array([plain.point(1325, 1025).x])
    assert depths(built).at(before, y)[0] > depths(free).at(before, y)[0] * 1.02


def test_without_a_layer_of_buildings_none_can_stand_in_the_way(plain) -> None:
    place = plain.point(1175, 1000)
    plain.vectors = {name: layer for name, layer in plain.vectors.items() if layer.kind != "building"}
    with pytest.raises(KnownError):
        hazard_result(plain, "inundation", model=flooding(places=((place.x, place.y),), buildings="block"))


def test_villages_are_the_units_to_evacuate_where_the_project_has_them(plain) -> None:
    """People are counted in their village; their sum is what the ledger says of them."""
    shapes = [plain.box(1200, 0, 2500, 1000), plain.box(1200, 1000, 2500, 2000), plain.box(3900, 0, 4000, 50)]
    plain.add("village", shapes, code=["1", "2", "3"], name=["南村", "北村", "远村"])
    place = plain.point(1175, 1000)
    run = risk_result(plain, "inundation", model=flooding(places=((place.x, place.y),), discharge=60.0))
    made = {layer.kind: layer for layer in consequences(plain, run)}
    assert "evacuation_unit" not in made
    units = made["evacuation_village"].attributes
    assert set(units["name"]) <= {"南村", "北村"}
    assert (units["depth"] > 0.05).all()
    assert (units["arrival"] <= 1.0).all()
    lost = loss_of(plain, run.hazard_result, run.vulnerability, Valuation())
    inside = sum(
        float((each.people * (np.nan_to_num(depths(run.hazard_result).at(each.x, each.y)) >= 0.05))[
            (each.x > shapes[0].bounds[0]) & (each.x < shapes[0].bounds[2])
        ].sum())
        for each in lost.displaced
    )  # fmt: skip
    assert units["people"].sum() == pytest.approx(inside, abs=2)
    assert (units["displaced_low"] <= units["displaced_high"]).all()

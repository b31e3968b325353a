"""Rain by zones, losses by classes, design storms, inflow along lines, sections, polygons."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from layers.errors import BadInput, KnownError
from layers.grid import Grid, Lattice
from layers.hazards.inundation import SCHEMES, Course, Inflow, Rain, Scenario, Side, simulate
from layers.hazards.inundation.extent import flooded
from layers.hazards.inundation.files import read_losses, read_sections, read_zoned_rain, write_raster
from layers.hazards.inundation.forcing import LineInflow
from layers.hazards.inundation.losses import CurveNumber, GreenAmpt, Horton
from layers.hazards.inundation.rain_series import RainSeries
from layers.hazards.inundation.sections import Section
from layers.hazards.inundation.series_files import read_rain_series
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.storms import read_storm
from layers.hazards.inundation.structure_files import read_structures
from layers.hazards.inundation.structures import Levee, Structures
from layers.progress import Cancelled
from layers.storage.frames import FrameWriter

ROWS, COLUMNS = 6, 20
LATTICE = Lattice(0, ROWS * 10.0, 10.0, ROWS, COLUMNS, "")
FLAT = Grid(np.zeros(LATTICE.shape), LATTICE, "m")
WALL = Structures((Levee("wall", ((100.0, -50.0), (100.0, 110.0)), (9.0,)),))
PLACED = Grid(FLAT.values, replace(LATTICE, crs="EPSG:4548"), "m")
ZONES = FLAT.like(np.where(np.arange(COLUMNS) < 10, 1.0, 2.0) * np.ones((ROWS, 1)))


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


def shower(*rows: tuple[float, float]) -> Rain:
    """Hours and mm/h."""
    times, rain = np.array(rows).T
    return Rain(times * 3600, rain / 3.6e6)


def halves(scheme: str, **forcing: object) -> tuple[float, float, dict]:
    """Mean depth, mm, on both sides of a wall, and the account."""
    found = simulate(Scenario(FLAT, 0.03, 4800.0, structures=WALL, scheme=scheme, threads=1, **forcing))
    final = found.grids["depth_final"].astype(float) * 1000
    return float(final[:, :10].mean()), float(final[:, 10:].mean()), found.summary["mass"]


def test_each_zone_has_its_own_rain(scheme) -> None:
    rain = Zoned(ZONES, {1.0: shower((0, 36), (0.5, 0)), 2.0: shower((0.25, 72), (0.5, 0))})
    west, east, mass = halves(scheme, rain=rain)
    assert (west, east) == pytest.approx((18.0, 18.0), rel=1e-5)
    assert abs(mass["error_relative"]) < 1e-6


def test_where_there_is_no_zone_no_rain_falls(scheme) -> None:
    half = FLAT.like(np.where(np.arange(COLUMNS) < 10, 1.0, np.nan) * np.ones((ROWS, 1)))
    west, east, _ = halves(scheme, rain=Zoned(half, {1.0: shower((0, 30), (1, 0))}))
    assert (west, east) == pytest.approx((30.0, 0.0), rel=1e-5)


def test_each_class_of_land_takes_what_its_formula_says(scheme) -> None:
    loss = Zoned(ZONES, {1.0: CurveNumber(70.0), 2.0: Horton(30.0, 10.0, 2.0)})
    west, east, mass = halves(scheme, rain=shower((0, 60), (1, 0)), loss=loss)
    store = 25.4 * (1000 / 70 - 10)
    assert west == pytest.approx((60 - 0.2 * store) ** 2 / (60 + 0.8 * store), rel=1e-5)
    assert east == pytest.approx(60 - 10 - 20 / 2 * (1 - np.exp(-2)), rel=1e-5)
    assert mass["rain_m3"] + mass["rain_soaked_m3"] == pytest.approx(0.06 * ROWS * COLUMNS * 100, rel=1e-6)


def test_a_zone_without_rain_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        Zoned(ZONES, {1.0: shower((0, 1))}, "rain.csv")
    assert caught.value.facts == {"zone": 2.0, "name": "rain.csv"}


def test_a_design_storm_holds_in_every_span_around_its_peak_what_the_formula_says() -> None:
    storm, status = read_storm("beijing:P=20,minutes=120,r=0.4")
    rain = storm.rain()
    strength = 2001 * (1 + 0.811 * np.log10(20))
    assert status.startswith("recalled")
    assert rain.total(0, 7200) * 1000 == pytest.approx(strength / (120 + 8) ** 0.711 * 120 * 0.006, rel=1e-9)
    assert rain.times[rain.intensity.argmax()] == 0.4 * 7200
    span = 30.0  # minutes: 12 before the peak, 18 after
    fallen = rain.total((48 - 12) * 60, (48 + 18) * 60) * 1000
    assert fallen == pytest.approx(strength / (span + 8) ** 0.711 * span * 0.006, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "key"), [("atlantis:P=2,minutes=60", "flood_storm_place"), ("beijing:P=2", "flood_storm")]
)
def test_a_storm_that_is_not_understood_is_told_in_one_sentence(text, key) -> None:
    with pytest.raises(BadInput) as caught:
        read_storm(text)
    assert caught.value.key == key


def test_a_section_tells_the_discharge_and_its_sign(scheme) -> None:
    bed = FLAT.like(np.tile(-0.02 * np.arange(COLUMNS), (ROWS, 1)))
    line = LineInflow("river", ((5.0, 0.0), (5.0, 60.0)), Course(np.zeros(1), np.array([30.0])))
    sections = (
        Section("down", ((100.0, -20.0), (100.0, 80.0))),
        Section("up", ((150.0, 80.0), (90.0, -20.0))),
        Section("along", ((10.0, 30.0), (150.0, 30.0))),
    )
    found = simulate(
        Scenario(
            bed, 0.03, 3600.0, inflows=line.spread(10.0), sides={"east": Side("open")}, sections=sections,
            gauge_interval=1800.0, scheme=scheme, threads=1,
        )
    )  # fmt: skip
    last = found.sections.groupby("name")["m3_per_s"].last()
    assert last.to_dict() == pytest.approx({"down": 30.0, "up": -30.0, "along": 0.0}, abs=0.01)
    assert found.sections["time_h"].tolist()[:3] == pytest.approx([0, 0.5, 1.0])


def test_a_section_tells_what_really_passed_where_the_water_is_uneven(scheme) -> None:
    """A dam breaks on to a bump: what passed a line is what stands beyond it."""
    x = np.arange(80)
    bed = np.tile(0.8 * np.exp(-(((x - 40) / 4) ** 2)), (3, 1))
    terrain = Grid(bed, Lattice(0.0, 30.0, 10.0, 3, 80, ""), "m")
    water = terrain.like(np.tile(np.where(x < 25, 3.0, 0.2), (3, 1)) - np.minimum(bed, 0.2))
    line = Section("bump", ((430.0, -10.0), (430.0, 40.0)))
    found = simulate(
        Scenario(
            terrain,
            0.03,
            120.0,
            initial=water,
            sections=(line,),
            gauge_interval=0.5,
            scheme=scheme,
            threads=1,
        )
    )
    passed = np.trapezoid(found.sections["m3_per_s"], found.sections["time_h"] * 3600)
    gained = (found.grids["depth_final"] - water.values)[:, 43:].sum(dtype=float) * 100
    assert gained > 1000
    assert passed == pytest.approx(gained, rel=0.005)


def test_a_section_off_the_terrain_is_refused() -> None:
    with pytest.raises(BadInput, match="far"):
        simulate(Scenario(FLAT, 0.03, 1.0, sections=(Section("far", ((-90.0, 0.0), (-90.0, 60.0))),)))


def test_polygons_cover_the_cells_of_each_class_of_depth() -> None:
    depth = np.zeros(LATTICE.shape, np.float32)
    depth[0, :3], depth[2, 5], depth[5, 5] = 0.3, 2.5, np.nan
    found = flooded(depth, LATTICE, 0.05)
    assert found["class"].tolist() == [1, 4]
    assert found["area_m2"].tolist() == found.area.tolist() == [300.0, 100.0]
    assert flooded(depth * 0, LATTICE, 0.05).empty


def test_files_of_zones_losses_sections_and_lines_are_read(tmp_path) -> None:
    (tmp_path / "r.csv").write_text("zone,time_h,mm_per_h\n1,0,5\n2,0,6\n2,1,0\n")
    (tmp_path / "s.csv").write_text("name,x,y\na,0,0\na,1,1\n")
    (tmp_path / "j.json").write_text(
        json.dumps({"inflows": [{"name": "w", "line": [[0, 5], [0, 45]], "m3_per_s": [[0, 0], [1, 8]]}]})
    )
    rain = read_zoned_rain(tmp_path / "r.csv", ZONES)
    line = read_structures(tmp_path / "j.json").inflows[0]
    assert rain.values[2.0].total(0, 7200) == pytest.approx(0.006)
    assert read_sections(tmp_path / "s.csv") == (Section("a", ((0.0, 0.0), (1.0, 1.0))),)
    assert [(each.x, each.y, each.discharge.at(3600)) for each in line.spread(10.0)] == [
        (0, 10, 2), (0, 20, 2), (0, 30, 2), (0, 40, 2),
    ]  # fmt: skip
    assert isinstance(line.spread(10.0)[0], Inflow)
    with pytest.raises(BadInput) as caught:
        read_losses(str(tmp_path / "l.csv"), FLAT, None)
    assert caught.value.key == "flood_losses_land"


def series(tmp_path: Path, *frames: tuple[float, object]) -> RainSeries:
    """Hours and mm/h, as bands of one file."""
    path = tmp_path / "rain.tif"
    with FrameWriter(path, PLACED.lattice, [hours * 3600 for hours, _ in frames], "mm/h") as writer:
        for _, rate in frames:
            writer.add(np.broadcast_to(np.asarray(rate, float), LATTICE.shape))
    return read_rain_series(path, PLACED)


HALVES = np.where(np.arange(COLUMNS) < 10, 40.0, 0.0) * np.ones((ROWS, 1))


def poured(rain: RainSeries, scheme: str = "local-inertial", **more: object) -> tuple[float, float, dict]:
    """Mean depth, mm, on both sides of the wall, and the account."""
    found = simulate(
        Scenario(PLACED, 0.03, 4800.0, rain=rain, structures=WALL, scheme=scheme, threads=1, **more)
    )
    final = found.grids["depth_final"].astype(float) * 1000
    return float(final[:, :10].mean()), float(final[:, 10:].mean()), found.summary["mass"]


def test_rasters_of_rain_fall_cell_by_cell_in_their_time(scheme, tmp_path) -> None:
    rain = series(tmp_path, (0.25, HALVES), (0.5, 20.0), (0.75, HALVES[:, ::-1]), (1.0, 0.0))
    west, east, mass = poured(rain, scheme)
    assert (west, east) == pytest.approx((10 + 5, 5 + 10), rel=1e-5)
    assert abs(mass["error_relative"]) < 1e-6
    assert rain.frames[1].time == 1800


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CurveNumber(70.0), Horton(30.0, 10.0, 2.0)),
        (GreenAmpt(10.0, 110.0, 0.3), None),
        (GreenAmpt(3.0, 200.0, 0.2), GreenAmpt(60.0, 60.0, 0.3)),
    ],
)
def test_losses_of_rasters_are_those_of_the_same_hyetograph(tmp_path, one, other) -> None:
    loss = Zoned(PLACED.like(ZONES.values), {1.0: one, 2.0: other})
    found = poured(series(tmp_path, (0, 80.0), (0.5, 20.0), (1.0, 0.0)), loss=loss)
    same = poured(shower((0, 80), (0.5, 20), (1, 0)), loss=loss)
    assert found[:2] == pytest.approx(same[:2], rel=2e-3)
    assert found[2]["rain_soaked_m3"] == pytest.approx(same[2]["rain_soaked_m3"], rel=2e-3)
    fallen = (40 + 10) / 1000 * ROWS * COLUMNS * 100
    assert found[2]["rain_m3"] + found[2]["rain_soaked_m3"] == pytest.approx(fallen, rel=1e-4)


@pytest.mark.parametrize("share", [0.45, 0.99])
def test_a_run_under_rasters_goes_on_where_it_was_stopped(tmp_path, monkeypatch, share: float) -> None:
    monkeypatch.setattr("layers.hazards.inundation.run._PATIENCE", 0.0)
    rain = series(tmp_path, (0, 80.0), (0.5, HALVES), (1.0, 0.0))
    scenario = Scenario(PLACED, 0.03, 4800.0, rain=rain, loss=CurveNumber(80.0), threads=1)

    def stop(fraction: float) -> None:
        if fraction > share:
            raise Cancelled

    with pytest.raises(Cancelled):
        simulate(scenario, stop, keep_in=tmp_path / "kept.npz")
    going_on, whole = simulate(scenario, resume=tmp_path / "kept.npz"), simulate(scenario)
    np.testing.assert_allclose(going_on.grids["depth_final"], whole.grids["depth_final"], rtol=1e-4)
    for name in ("rain_m3", "rain_soaked_m3"):
        assert going_on.summary["mass"][name] == pytest.approx(whole.summary["mass"][name], rel=1e-3)


def test_what_is_wrong_with_rasters_of_rain_is_told(tmp_path) -> None:
    with pytest.raises(BadInput, match="negative"):
        series(tmp_path, (0, -1.0))
    elsewhere = Lattice(9000, 60.0, 20.0, 3, 10, PLACED.lattice.crs)
    for lattice in (elsewhere, replace(PLACED.lattice, crs="EPSG:4549")):
        with FrameWriter(tmp_path / "o.tif", lattice, (0.0,)) as writer:
            writer.add(np.zeros(lattice.shape))
        with pytest.raises(BadInput, match="covers nothing"):
            read_rain_series(tmp_path / "o.tif", PLACED)
    folder = tmp_path / "rain"
    folder.mkdir()
    with pytest.raises(KnownError, match=r"times\.csv"):
        read_rain_series(folder, PLACED)
    for hours in (1, 2):
        write_raster(np.full(LATTICE.shape, hours, np.float32), PLACED.lattice, folder / f"{hours}.tif", "")
    (folder / "times.csv").write_text("file,time_h\n1.tif,0\n2.tif,1.5\n")
    assert read_rain_series(folder, PLACED).frames[1].time == 5400
    (folder / "times.csv").write_text("file,time_h\n1.tif,2\n2.tif,1.5\n")
    with pytest.raises(BadInput, match="do not rise"):
        read_rain_series(folder, PLACED)
    with pytest.raises(BadInput, match="carry no times"):
        read_rain_series(folder / "1.tif", PLACED)
    assert read_rain_series(folder / "1.tif", PLACED, (0.0,)).frames[0].band == 1
    with pytest.raises(BadInput, match="1 bands, but 2"):
        read_rain_series(folder / "1.tif", PLACED, (0.0, 1.0))
    write_raster(np.zeros(LATTICE.shape, np.float32), PLACED.lattice, folder / "mm.tif", "mm")
    with pytest.raises(BadInput, match="should be mm/h"):
        read_rain_series(folder / "mm.tif", PLACED, (0.0,))

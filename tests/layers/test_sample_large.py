"""The large sample files, made small: buildings that add up, terrain that flows, a cache that is whole."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from layers.census.catalogue import catalogue, guess_kind, map_fields
from layers.errors import CannotWrite
from layers.progress import Cancelled
from layers.sample import large_folder, make_large
from layers.sample.buildings import within_room
from layers.sample.ground import Ground
from layers.sample.large import BUILDING_FILE, MARKER, TERRAIN_FILE, is_complete
from layers.sample.real import Real

COUNT, CELL = 6_000, 240.0


@pytest.fixture(scope="module")
def ground():
    return Ground(Real())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("缓存 cache") / "sample"
    make_large(folder, buildings=COUNT, cell=CELL)
    return folder


@pytest.fixture(scope="module")
def buildings(folder):
    return gpd.read_file(folder / BUILDING_FILE)


def test_there_are_as_many_buildings_as_asked_for(buildings):
    assert len(buildings) == COUNT
    assert buildings["楼栋编号"].is_unique


def test_occupants_sum_to_the_township_population_to_the_last_person(buildings, ground):
    people = ground.townships.set_index("code")["people"]
    assert buildings.groupby("乡镇代码")["居住人数"].sum().to_dict() == people.to_dict()
    assert buildings["居住人数"].sum() == 4_212_933


def test_nobody_lives_where_nobody_dwells(buildings):
    dwelling = buildings["用途"].isin(["城镇住宅", "农村住宅"])
    assert (buildings.loc[~dwelling, "居住人数"] == 0).all()
    assert (buildings["居住人数"] >= 0).all()


def test_every_building_lies_inside_its_township(buildings, ground):
    polygon = ground.townships.set_index("code")["polygon"].reindex(buildings["乡镇代码"]).to_numpy()
    footprint = buildings.geometry.to_numpy()
    assert shapely.contains_properly(polygon, shapely.point_on_surface(footprint)).all()
    assert shapely.contains_properly(polygon, footprint).all()


def test_no_building_overlaps_another_or_stands_in_the_lake(buildings, ground):
    footprints = buildings.geometry.to_numpy()
    first, second = shapely.STRtree(footprints).query(footprints, predicate="intersects")
    assert (first == second).all()
    assert not any(shapely.intersects(basin, footprints).any() for basin in ground.basins.values())


def test_floor_area_agrees_with_footprint_and_storeys(buildings):
    ratio = buildings["建筑面积"] / (buildings.area * buildings["地上层数"])
    assert ratio.between(0.5, 1.2).all()
    assert buildings["地上层数"].min() >= 1
    assert (buildings.loc[buildings["结构类型"] == "砖木", "地上层数"] <= 3).all()
    assert buildings["建成年份"].between(1949, 2020).all()


def test_building_fields_are_found_by_the_catalogue(buildings):
    columns = [c for c in buildings.columns if c != "geometry"]
    assert guess_kind("房屋建筑_示例", columns, "polygon") == "building"
    mapping = map_fields("building", columns)
    assert set(mapping.values()) == {f.name for f in catalogue()["building"].fields}
    for column, name in mapping.items():
        domain = catalogue()["building"].field(name).domain
        assert not domain or set(buildings[column]) <= set(domain)


def test_what_finds_no_room_goes_to_other_townships():
    fitted = within_room(np.array([50, 50, 10]), np.array([20, 60, 200]))
    assert fitted.sum() == 110
    assert (fitted <= [20, 60, 200]).all()
    with pytest.raises(ValueError, match="room for 30"):
        within_room(np.array([50, 50]), np.array([20, 10]))


def test_terrain_falls_from_south_west_to_north_east(folder):
    with rasterio.open(folder / TERRAIN_FILE) as file:
        heights = file.read(1, masked=True)
        assert file.crs.to_epsg() == 4548
        assert file.overviews(1)
    assert heights.min() > 5
    assert heights.max() < 45
    row, column = np.nonzero(~heights.mask)
    design = np.column_stack([np.ones(len(row)), column, -row])
    _, east, north = np.linalg.lstsq(design, heights.compressed(), rcond=None)[0]
    assert east < 0
    assert north < 0


def test_terrain_follows_the_real_one(folder, ground):
    with rasterio.open(folder / TERRAIN_FILE) as file:
        heights = file.read(1, masked=True)
        x = file.transform.c + (np.arange(file.width) + 0.5) * CELL
        y = file.transform.f - (np.arange(file.height) + 0.5) * CELL
    real = ground.real.height(*np.meshgrid(x, y))
    apart = (heights - real).compressed()
    assert abs(np.median(apart)) < 0.3
    assert np.quantile(np.abs(apart), 0.8) < 1.0


def test_levees_stand_out_and_the_lake_bed_lies_low(folder, ground):
    with rasterio.open(folder / TERRAIN_FILE) as file:
        for level, basin in ground.basins.items():
            points = shapely.get_coordinates(basin.buffer(-3 * CELL).representative_point())
            assert next(file.sample(points))[0] == pytest.approx(level, abs=0.6)
        levee = next(v for v in ground.levees if v.name == "滏阳新河左堤（示例）")
        middle = shapely.get_coordinates(levee.line.interpolate(0.5, normalized=True))
        lifted = next(file.sample(middle))[0] - ground.real.height(*middle.T)[0]
        assert lifted > 0.6 * levee.crest


def test_what_is_complete_is_not_made_again(folder):
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    files = make_large(folder, buildings=COUNT, cell=CELL)
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before
    assert [f.kind for f in files] == ["building", "terrain"]
    assert all(f.provenance.synthetic and f.path.is_file() for f in files)


def test_a_torn_file_is_made_again_the_same(tmp_path):
    terrain = tmp_path / TERRAIN_FILE
    make_large(tmp_path, buildings=3_000, cell=600.0)
    whole = terrain.read_bytes()
    terrain.write_bytes(whole[: len(whole) // 2])
    make_large(tmp_path, buildings=3_000, cell=600.0)
    assert terrain.read_bytes() == whole


@pytest.mark.parametrize("marker", ["[]", "{", '{"sizes": 3}', "null"])
def test_a_garbled_marker_counts_as_none(tmp_path, marker):
    (tmp_path / MARKER).write_text(marker, encoding="utf-8")
    assert not is_complete(tmp_path, {"version": 1})


@pytest.mark.parametrize("stop_at", [0.05, 0.4, 0.9])
def test_cancelled_work_leaves_nothing_behind(tmp_path, stop_at):
    def stop(fraction):
        if fraction >= stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        make_large(tmp_path / "sample", stop, buildings=3_000, cell=600.0)
    assert list(tmp_path.iterdir()) == []


def test_progress_only_grows_and_ends_at_one(tmp_path):
    seen = []
    make_large(tmp_path / "sample", seen.append, buildings=3_000, cell=600.0)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 50


def test_a_place_that_cannot_be_written_is_told_with_its_name(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(CannotWrite) as caught:
        make_large(blocked / "sample", buildings=3_000, cell=600.0)
    assert str(blocked) in caught.value.say("zh_CN")


def test_the_cache_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("RISKATLAS_CACHE", str(tmp_path))
    assert large_folder() == tmp_path / "sample"
    monkeypatch.delenv("RISKATLAS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    monkeypatch.setattr("sys.platform", "linux")
    assert large_folder() == tmp_path / "x" / "riskatlas" / "sample"

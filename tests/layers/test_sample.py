"""The committed sample: complete, listed, tiling, adding up, connected, and made again the same."""

import re

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from layers.census.catalogue import catalogue, guess_kind, map_fields
from layers.resources import sample
from layers.sample import sample_files
from layers.sample.files import sources, sources_page
from layers.sample.plane import largest_remainder
from layers.sample.real import Real, read_shapes
from layers.sample.small import make_small
from layers.sample.water import LAKE_BOX

SIDE_FILES = {".shx", ".dbf", ".cpg", ".prj"}
COUNTY_POPULATION = {
    "131102": 833_088, "131103": 304_854, "131121": 365_640, "131122": 265_962, "131123": 176_672,
    "131124": 254_613, "131125": 327_496, "131126": 444_493, "131127": 463_949, "131128": 293_877,
    "131182": 482_289,
}  # fmt: skip


def read_table(path):
    """Any table of the sample as text, decoded as its first bytes say."""
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=str)
    marked = path.read_bytes().startswith(b"\xef\xbb\xbf")
    return pd.read_csv(path, dtype=str, encoding="utf-8-sig" if marked else "gbk")


@pytest.fixture(scope="module")
def counties():
    return read_shapes("衡水市县界")


@pytest.fixture(scope="module")
def townships():
    return read_shapes("乡镇界_示例")


@pytest.fixture(scope="module")
def roads():
    return read_shapes("道路_示例")


def test_every_listed_file_is_there_and_every_file_is_listed():
    there = {p.name for p in sample().iterdir() if p.suffix not in SIDE_FILES}
    assert there - {"sources.toml", "SOURCES.md"} == {f.path.name for f in sample_files()}
    for file in sample_files():
        assert file.path.is_file()


def test_the_sources_page_is_made_from_the_table_and_names_every_file():
    page = sample("SOURCES.md").read_text(encoding="utf-8")
    assert page == sources_page()
    assert all(f"`{name}`" in page for name in sources())


def test_side_files_are_missing_exactly_where_the_table_says_so():
    for source in sources().values():
        if source.file.endswith(".shp") and not source.large:
            path = sample(source.file)
            assert path.with_suffix(".cpg").exists() == ("cpg" not in source.missing), source.file
            assert path.with_suffix(".prj").exists() == ("prj" not in source.missing), source.file


def test_some_shapefiles_lack_their_encoding_and_some_their_crs():
    missing = [set(s.missing) for s in sources().values()]
    assert {"cpg"} in missing
    assert {"prj"} in missing
    assert {"cpg", "prj"} in missing


def test_the_sample_is_small():
    assert sum(p.stat().st_size for p in sample().iterdir()) < 10e6


def test_every_source_names_its_origin_its_licence_and_whether_it_is_made_up():
    for file in sample_files():
        assert file.provenance.source, file.path.name
        assert file.provenance.licence, file.path.name
        assert file.provenance.synthetic == ("示例" in file.path.name), file.path.name
        assert file.provenance.synthetic == ("合成" in file.provenance.source)


def test_kind_and_required_fields_are_found_from_names_alone():
    for file in sample_files():
        path = file.path
        if path.suffix == ".tif":
            columns, geometry = [], "raster"
        elif path.suffix == ".shp":
            rows = gpd.read_file(path, encoding="GBK", rows=1)
            columns = [c for c in rows.columns if c != "geometry"]
            geometry = {0: "point", 1: "line", 2: "polygon"}[shapely.get_dimensions(rows.geometry.iloc[0])]
        else:
            columns = list(read_table(path).columns)
            geometry = "point" if "经度" in columns else "table"
        assert guess_kind(path.stem, columns, geometry) == file.kind, path.name
        if file.kind:
            required = {f.name for f in catalogue()[file.kind].fields if f.required}
            assert required <= set(map_fields(file.kind, columns).values()), path.name


def test_values_keep_within_the_domains_of_the_catalogue():
    for file in sample_files():
        if file.kind and file.path.suffix != ".tif":
            rows = read_shapes(file.path.stem) if file.path.suffix == ".shp" else read_table(file.path)
            for column, name in map_fields(file.kind, rows.columns).items():
                domain = catalogue()[file.kind].field(name).domain
                assert not domain or set(rows[column].dropna()) <= set(domain), (file.path.name, column)


def test_county_population_is_that_of_the_census(counties):
    assert dict(zip(counties["区划代码"], counties["常住人口"], strict=True)) == COUNTY_POPULATION
    assert counties["常住人口"].sum() == 4_212_933


def test_townships_tile_the_counties_to_the_last_bit(counties, townships):
    assert len(townships) == 129
    polygons = townships.geometry.to_numpy()
    assert shapely.is_valid(polygons).all()
    assert (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON).all()
    assert shapely.coverage_is_valid(polygons)
    for code, county in zip(counties["区划代码"], counties.geometry, strict=True):
        own = polygons[townships["县代码"] == code]
        assert shapely.equals_exact(
            shapely.coverage_union_all(own).normalize(), county.normalize(), tolerance=0
        ), code
        assert shapely.area(own).sum() == pytest.approx(county.area, rel=1e-12)


def test_no_township_is_a_sliver(townships):
    on_plane = townships.to_crs(4548)
    area, perimeter = on_plane.area.to_numpy(), on_plane.length.to_numpy()
    assert area.min() > 5e5
    assert (4 * np.pi * area / perimeter**2).min() > 0.15


def test_township_population_sums_to_the_county_and_to_the_zones(townships):
    assert townships.groupby("县代码")["常住人口"].sum().to_dict() == COUNTY_POPULATION
    zones = townships["区划代码"].str[:6]
    assert townships.loc[zones == "131171", "常住人口"].sum() == 144_731
    assert townships.loc[zones == "131172", "常住人口"].sum() == 79_771
    assert (townships["常住人口"] > 0).all()


def test_township_codes_and_names_are_the_official_ones(townships):
    official = Real().codes.set_index("区划代码")["名称"].to_dict()
    assert dict(zip(townships["区划代码"], townships["名称"], strict=True)) == official
    zones = townships["区划代码"].str.startswith(("131171", "131172"))
    assert zones.sum() == 7
    assert set(townships.loc[zones, "县代码"]) == {"131102"}


def test_the_road_network_is_one_piece_with_exactly_shared_nodes(roads):
    lines = roads.geometry.to_numpy()
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)])
    nodes, number = np.unique(ends, axis=0, return_inverse=True)
    start, end = number.reshape(2, -1)
    graph = coo_matrix((np.ones(len(lines)), (start, end)), shape=(len(nodes),) * 2)
    assert connected_components(graph, directed=False)[0] == 1
    assert set(roads["技术等级"]) == {"高速", "国道", "省道", "县道", "乡道"}


def test_every_township_seat_is_a_node_of_the_roads(roads):
    seats = read_shapes("乡镇驻地_示例").to_crs(4548)
    lines = roads.geometry.to_numpy()
    ends = shapely.union_all([shapely.get_point(lines, k) for k in (0, -1)])
    assert shapely.distance(seats.geometry.to_numpy(), ends).max() < 0.05


def test_roads_cross_only_at_nodes_except_expressways(roads):
    lines = roads.loc[roads["技术等级"] != "高速"].geometry.to_numpy()
    assert shapely.STRtree(lines).query(lines, predicate="crosses").size == 0


def test_no_road_enters_the_lake(roads):
    lake = read_shapes("衡水湖_示例").to_crs(4548).union_all()
    assert not shapely.intersects(lake, roads.geometry.to_numpy()).any()


def test_the_lake_has_its_published_area_and_limits():
    lake = read_shapes("衡水湖_示例")
    area = lake.to_crs(4548).area.to_numpy() / 1e6
    assert area == pytest.approx([42.5, 32.5], abs=0.01)
    assert shapely.box(*LAKE_BOX).covers(lake.union_all())
    assert set(lake["设计水位"]) == {21.0}


def test_made_up_rivers_are_kept_apart_from_the_real_ones():
    made, real = set(read_shapes("河流_示例")["名称"]), set(read_shapes("主要河流")["名称"])
    assert made == {"滏阳河", "滏东排河", "清凉江", "江江河", "索泸河", "潴龙河"}
    assert {"滹沱河", "滏阳新河", "卫运河", "南运河"} <= real
    assert not made & real


def test_every_made_up_enterprise_says_so():
    rows = read_table(sample("企业_示例.xlsx"))
    assert len(rows) == 62
    assert rows["企业名称"].str.contains("示例").all()
    assert rows["企业名称"].is_unique


def test_cas_numbers_have_a_valid_check_digit():
    numbers = read_table(sample("企业_示例.xlsx"))["CAS号"].dropna()
    assert len(numbers) > 30
    for number in numbers:
        assert re.fullmatch(r"[1-9]\d{1,6}-\d\d-\d", number)
        *digits, check = (int(d) for d in number if d != "-")
        assert sum(k * d for k, d in enumerate(reversed(digits), 1)) % 10 == check, number


def test_points_of_the_tables_lie_in_the_city(counties):
    city = counties.union_all().buffer(1e-6)
    for name in ("企业_示例.xlsx", "物资储备库_示例.csv", "救援队伍_示例.xlsx", "第一响应人_示例.csv"):
        rows = read_table(sample(name))
        inside = shapely.contains_xy(city, rows["经度"].astype(float), rows["纬度"].astype(float))
        assert inside.all(), name


def test_some_hazard_grades_are_missing_for_both_hazards():
    zones = read_shapes("普查危险性等级_示例")
    missing = zones[zones["危险性等级"].isna()].groupby("灾种").size().to_dict()
    assert missing == {"干旱": 4, "风雹": 5}
    assert zones.groupby("灾种")["危险性等级"].nunique().to_dict() == {"干旱": 5, "风雹": 5}


def test_shelters_hold_no_more_than_their_area_allows():
    shelters = read_shapes("避难场所_示例")
    least = shelters["类别"].map({"中心": 4.5, "长期": 4.5, "中期": 3.0, "短期": 2.0, "紧急": 0.5})
    assert (shelters["可容纳人数"] * least <= shelters["有效面积"]).all()


def test_the_fuel_map_holds_only_models_it_says_it_holds():
    with rasterio.open(sample("可燃物类型_示例.tif")) as file:
        fuel = file.read(1)
        assert file.crs.to_epsg() == 4548
    models, counts = np.unique(fuel[fuel != 255], return_counts=True)
    assert set(models.tolist()) == {91, 93, 98, 102, 142, 161, 183, 189}
    assert counts[models == 93] / counts.sum() > 0.7


def test_the_made_up_files_are_made_again_from_the_real_ones(tmp_path):
    seen = []
    made = make_small(tmp_path, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    for path in made:
        committed = sample(path.name)
        if path.suffix == ".shp":
            ours = gpd.read_file(path, encoding="GBK")
            theirs = gpd.read_file(committed, encoding="GBK")
            tolerance = 1e-6 if abs(theirs.total_bounds[0]) < 360 else 0.02
            assert shapely.equals_exact(ours.geometry, theirs.geometry, tolerance=tolerance).all(), path.name
            pd.testing.assert_frame_equal(
                pd.DataFrame(ours.drop(columns="geometry")), pd.DataFrame(theirs.drop(columns="geometry"))
            )
            assert {p.suffix for p in tmp_path.glob(f"{path.stem}.*")} == {
                p.suffix for p in committed.parent.glob(f"{path.stem}.*")
            }
        elif path.suffix == ".tif":
            with rasterio.open(path) as ours, rasterio.open(committed) as theirs:
                assert ours.profile == theirs.profile
                assert (ours.read() == theirs.read()).mean() > 0.9999
        elif path.suffix in {".csv", ".xlsx"}:
            pd.testing.assert_frame_equal(read_table(path), read_table(committed))
        else:
            assert path.read_bytes() == committed.read_bytes()


def test_a_workbook_carries_no_formula():
    for name in ("企业_示例.xlsx", "救援队伍_示例.xlsx", "地震动参数区划.xlsx"):
        sheet = openpyxl.load_workbook(sample(name)).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_largest_remainder_gives_the_exact_total_and_nothing_to_zero_weights():
    shares = largest_remainder(np.array([1.0, 1.0, 1.0, 0.0]), 100)
    assert shares.tolist() == [34, 33, 33, 0]
    assert largest_remainder(np.array([0.2, 0.3, 0.5]), 7).tolist() == [1, 2, 4]

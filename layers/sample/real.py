"""The committed real files from which the synthetic ones are made."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from layers.grid import Array
from layers.resources import sample
from layers.sample.plane import PLANE, project, to_plane
from layers.sample.townships import Towns

# The township in which each county seat of the place names lies.
SEAT_TOWNS = {
    "131103100": "冀州", "131121100": "枣强", "131122100": "武邑", "131123100": "武强", "131124100": "饶阳",
    "131125100": "安平", "131126100": "郑口", "131127100": "景州", "131128100": "阜城", "131182101": "深州",
}  # fmt: skip
CITY_SEAT = "桃城"
# Metres east and north of the county seat: sub-districts, zones and lake-side towns, roughly placed.
OFFSETS = {
    "131102001": (-1700, 300), "131102002": (1700, 500), "131102003": (200, 1900), "131102004": (100, -1500),
    "131171400": (5200, 3600), "131171401": (7200, 800), "131171402": (3800, -3900),
    "131172101": (-7600, -5200), "131172203": (600, -8200), "131172401": (-2400, -4600),
    "131103400": (-2300, -1200), "131103401": (-900, -3300),
    "131125400": (2600, 900), "131125401": (-1500, 1500),
    "131182400": (3400, 2600), "131182401": (-1900, 1200), "131182403": (2300, -1700),
}  # fmt: skip


def read_shapes(name: str) -> gpd.GeoDataFrame:
    """A committed Shapefile, its text read as GBK whatever its side files say."""
    return gpd.read_file(sample(f"{name}.shp"), encoding="GBK")


@dataclass(frozen=True)
class Real:
    """Counties, rivers, terrain and code list, read when first asked for; geometry on the plane."""

    @cached_property
    def counties(self) -> gpd.GeoDataFrame:
        """County code, name, census population, polygon on the plane."""
        counties = read_shapes("衡水市县界")
        return counties.set_geometry(gpd.GeoSeries(to_plane(counties.geometry.values), crs=PLANE))

    @cached_property
    def city(self) -> shapely.Polygon:
        """The union of the counties."""
        return shapely.coverage_union_all(self.counties.geometry.values)

    @cached_property
    def rivers(self) -> dict[str, shapely.LineString]:
        """The real rivers that touch the city, by name."""
        rivers = read_shapes("主要河流")
        lines = dict(zip(rivers["名称"], to_plane(rivers.geometry.values), strict=True))
        return {name: line for name, line in lines.items() if line.intersects(self.city)}

    @cached_property
    def seats(self) -> dict[str, Array]:
        """Where the county seats lie, by place name."""
        places = read_shapes("地名")
        xy = shapely.get_coordinates(to_plane(places.geometry.values))
        return {n: p for n, p, k in zip(places["名称"], xy, places["类别"], strict=True) if k == "区县驻地"}

    @cached_property
    def codes(self) -> pd.DataFrame:
        """The official township code list, with the number of villages."""
        text = {"区划代码": str, "县代码": str, "统计区代码": str}
        return pd.read_csv(sample("乡镇街道代码.csv"), encoding="gbk", dtype=text)

    def towns(self, county: str) -> Towns:
        """The townships of a county, without shapes."""
        rows = self.codes[self.codes["县代码"] == county]
        anchors = [self._anchor(code) for code in rows["区划代码"]]
        kinds = rows["类别"]
        return Towns(
            tuple(rows["区划代码"]), tuple(rows["名称"]), rows["村居数"].to_numpy(np.int64),
            ((kinds == "街道") | kinds.str.startswith("类乡级")).to_numpy(),
            tuple(rows["统计区代码"]), np.array(anchors),
        )  # fmt: skip

    def _anchor(self, code: str) -> Array:
        county = "131102" if code.startswith(("131171", "131172")) else code[:6]
        if code in OFFSETS:
            return np.asarray(self.county_seats[county] + OFFSETS[code])
        return self.county_seats[county] if code in SEAT_TOWNS else np.full(2, np.nan)

    @cached_property
    def county_seats(self) -> dict[str, Array]:
        """Where the county seats lie, by county code."""
        seats = {code[:6]: self.seats[name] for code, name in SEAT_TOWNS.items()}
        return {"131102": self.seats[CITY_SEAT], **seats}

    @cached_property
    def _terrain(self) -> tuple[NDArray[np.float64], rasterio.Affine]:
        with rasterio.open(sample("地形_5角分.tif")) as file:
            return file.read(1).astype(float), file.transform

    def height(self, x: Array, y: Array) -> Array:
        """The real 5′ terrain between its cells, cubic, metres; `x`, `y` on the plane, of one shape."""
        values, transform = self._terrain
        points = shapely.points(np.ravel(x), np.ravel(y))
        lon, lat = shapely.get_coordinates(project(points, PLANE, "EPSG:4326")).T
        column, row = (lon - transform.c) / transform.a, (lat - transform.f) / transform.e
        height = map_coordinates(values, [row - 0.5, column - 0.5], order=3, mode="nearest")
        return np.asarray(height).reshape(np.shape(x))

"""A small made world for the tests of hazard and risk: two counties of two townships each, on 4 × 2 km."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.grid import Extent, Grid, Lattice
from layers.layer import Provenance, Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid

CRS = "EPSG:4548"
WEST, SOUTH = 500_000.0, 4_170_000.0


@dataclass(frozen=True)
class WorldEntry:
    name: str
    kind: str
    title: str
    provenance: Provenance
    lattice: Lattice | None
    extent: Extent | None


@dataclass(eq=False)
class World:
    """A source in memory; rasters lie as GeoTIFF in a folder of the test."""

    folder: Path
    crs: str = CRS
    vectors: dict[str, VectorLayer] = field(default_factory=dict)
    rasters: dict[str, WorldEntry] = field(default_factory=dict)

    def layers(self) -> Sequence[WorldEntry]:
        vectors = [
            WorldEntry(layer.name, layer.kind, layer.name, layer.provenance, None, layer.shapes.extent)
            for layer in self.vectors.values()
        ]
        return [*vectors, *self.rasters.values()]

    def read(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        extent: Extent | None = None,
        progress: Progress = ignore,
    ) -> VectorLayer:
        layer = self.vectors[name]
        if columns is None:
            return layer
        return replace(layer, attributes=layer.attributes[list(columns)])

    def raster_path(self, name: str) -> Path:
        return self.folder / f"{name}.tif"

    def add(
        self,
        kind: str,
        geometries: Sequence[object],
        table: str = "",
        synthetic: bool = False,
        **columns: object,
    ) -> None:
        shapes = Shapes.of(list(geometries)) if geometries else None
        rows = pd.DataFrame(columns, index=None if columns else range(len(geometries)))
        self.vectors[table or kind] = VectorLayer(
            table or kind,
            kind,
            self.crs,
            Shapes.none(len(rows)) if shapes is None else shapes,
            rows,
            provenance=Provenance(source=f"source of {table or kind}", synthetic=synthetic),
        )

    def add_raster(self, kind: str, grid: Grid, name: str = "", synthetic: bool = False) -> None:
        name = name or kind
        write_grid(grid, self.raster_path(name), dtype="float64")
        provenance = Provenance(source=f"source of {name}", synthetic=synthetic)
        self.rasters[name] = WorldEntry(name, kind, name, provenance, grid.lattice, grid.lattice.extent)

    @staticmethod
    def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
        """A box in metres from the south-west corner of the world."""
        return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)

    @staticmethod
    def point(x: float, y: float) -> shapely.Point:
        return shapely.Point(WEST + x, SOUTH + y)

    @staticmethod
    def line(*places: tuple[float, float]) -> shapely.LineString:
        return shapely.LineString([(WEST + x, SOUTH + y) for x, y in places])

    @staticmethod
    def lattice(cell: float = 90.0) -> Lattice:
        return Lattice.covering(Extent(WEST, SOUTH, WEST + 4000, SOUTH + 2000), cell, CRS)

    def constant(self, value: float, cell: float = 90.0) -> Grid:
        lattice = self.lattice(cell)
        return Grid(np.full(lattice.shape, value), lattice)


@pytest.fixture
def empty_world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def world(empty_world: World) -> World:
    """Counties 1 and 2 side by side; townships 11, 12 in the one and 21, 22 in the other, south and north."""
    box = empty_world.box
    empty_world.add(
        "county",
        [box(2000, 0, 4000, 2000), box(0, 0, 2000, 2000)],
        code=["131102", "131101"],
        name=["乙县", "甲县"],
        population=[700, 301],
    )
    empty_world.add(
        "township",
        [box(x, y, x + 2000, y + 1000) for x in (0, 2000) for y in (0, 1000)],
        code=["11", "12", "21", "22"],
        name=["南镇", "北镇", "南乡", "北乡"],
        county_code=["131101", "131101", "131102", "131102"],
        population=[101, 200, 300, 400],
        synthetic=True,
    )
    return empty_world


@pytest.fixture
def graded(world: World) -> Callable[[np.ndarray], World]:
    """The world with a stored flood hazard of these heights above drainage."""

    def make(heights: np.ndarray) -> World:
        world.add_raster("hazard_flood", Grid(heights, world.lattice(), "m"))
        return world

    return make


EAST, NORTH, SIDE = 400_000.0, 4_170_000.0, 6000.0


def made_layer(kind: str, shapes: list[object], **columns: object) -> VectorLayer:
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(shapes)))
    return VectorLayer(kind, kind, CRS, Shapes.of(shapes), table)


def place(x: float, y: float) -> tuple[float, float]:
    return EAST + x, NORTH + y


def county(path: Path) -> ProjectFile:
    """Two townships, a grid of roads, 240 houses, nine shelters, three schools, a chemical plant."""
    draw = np.random.default_rng(7)
    west = shapely.box(*place(0, 0), *place(SIDE / 2, SIDE))
    east = shapely.box(*place(SIDE / 2, 0), *place(SIDE, SIDE))
    lines = [shapely.LineString([place(0, k), place(SIDE, k)]) for k in range(0, 6001, 750)]
    lines += [shapely.LineString([place(k, 0), place(k, SIDE)]) for k in range(0, 6001, 750)]
    roads = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    houses = draw.uniform(100, SIDE - 100, (240, 2))
    boxes = [shapely.box(*place(x, y), *place(x + 12, y + 9)) for x, y in houses]
    sites = draw.uniform(300, SIDE - 300, (9, 2))
    layers = [
        made_layer("county", [shapely.union(west, east)], code=["130001"], name=["甲县"], population=[4000]),
        made_layer(
            "township",
            [west, east],
            code=["130001001", "130001002"],
            name=["东镇", "西镇"],
            county_code=["130001"] * 2,
            population=[2500, 1500],
        ),
        made_layer(
            "road",
            list(roads),
            name=[f"路{k}" for k in range(len(roads))],
            **{"class": ["乡道"] * len(roads)},
        ),
        made_layer(
            "building",
            boxes,
            use=["农村住宅"] * 200 + ["公共建筑"] * 40,
            storeys=[1] * 240,
            structure=["砖木"] * 120 + ["砖混"] * 120,
            floor_area=[100.0] * 240,
            year=[1985] * 240,
            occupants=[20] * 200 + [0] * 40,
        ),
        made_layer(
            "shelter",
            [shapely.Point(place(x, y)) for x, y in sites],
            name=[f"避难{k}" for k in range(9)],
            capacity=[500] * 9,
            effective_area=[1500.0] * 9,
            **{"class": ["紧急"] * 9},
        ),
        made_layer(
            "school", [shapely.Point(place(k, k)) for k in (1000, 3000, 5000)], name=["一小", "二小", "三小"]
        ),
        made_layer(
            "enterprise",
            [shapely.Point(place(*(sites[0] + 100)))],
            name=["化工厂"],
            type=["危险化学品生产"],
            status=["在产"],
            substance=["苯"],
        ),
        made_layer(
            "depot",
            [shapely.Point(place(3000, 3000)), shapely.Point(place(500, 500))],
            name=["县库", "镇库"],
            tier=["县级", "乡镇"],
            floor_area=[500.0, 90.0],
            tents=[30, 10],
            quilts=[100, 50],
            food=[1.0, 0.5],
            water=[2.0, 0.5],
        ),
        made_layer("fire_station", [shapely.Point(place(3000, 3000))], name=["一站"]),
        made_layer(
            "siren",
            [shapely.Point(place(1500, 3000)), shapely.Point(place(4500, 3000))],
            name=["东", "西"],
            reach=[4000.0, np.nan],
        ),
        made_layer(
            "grid_patch",
            [shapely.box(*place(w, 0), *place(e, SIDE)) for w, e in ((0, 3100), (3000, 5900))],
            name=["甲", "乙"],
            responsible=["张三", ""],
        ),
        VectorLayer(
            "depot_ledger",
            "depot_ledger",
            "",
            Shapes.none(3),
            pd.DataFrame(
                {
                    "depot": ["县库"] * 3,
                    "item": ["帐篷"] * 3,
                    "day": ["2026-01-01", "2026-02-01", "2026-03-01"],
                    "amount": [30.0, 20.0, -12.0],
                    "expires": ["2026-06-01", None, None],
                }
            ),
        ),
    ]
    made = ProjectFile.create(path, name="小县", crs=CRS)
    made.apply(load("导入", layers, made))
    return made


@pytest.fixture(scope="module")
def make_county(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], ProjectFile]:
    """A small county for shelters and relief."""
    return lambda: county(tmp_path_factory.mktemp("p") / "小县.gpkg")

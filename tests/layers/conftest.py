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

"""The oblique view: what stands in front hides what lies behind, heights lift, water lies on the ground."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.cartography.oblique import Relief, Stance, Surface, draw_oblique
from layers.cartography.relief import STOREY, relief_of
from layers.cartography.style import default_style
from layers.grid import Extent, Grid, Lattice
from layers.layer import RasterLayer, Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid

GREEN, RED = (90, 160, 90, 255), (200, 40, 40, 255)
SIDE = 60


def relief(top: float = 0.0) -> Relief:
    """A flat green field, with a red house of that height in its middle."""
    colours, roofs = (np.broadcast_to(np.array(c, np.uint8), (SIDE, SIDE, 4)) for c in (GREEN, RED))
    tops = np.zeros((SIDE, SIDE), np.float32)
    tops[25:35, 25:35] = top
    return Relief(np.full((SIDE, SIDE), 12.0, np.float32), colours, tops, roofs, 5.0)


def picture(field: Relief, **stance: float) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    seen = Stance(**{"exaggeration": 1.0, "azimuth": 0.0, "tilt": 30.0, **stance})
    return draw_oblique(Surface.of(field, seen.exaggeration), seen, 200, 160)


def reds(pixels: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]) -> int:
    return int(((pixels[..., 0] > 80) & (pixels[..., 1] < 60)).sum())


def test_a_higher_house_covers_more_of_what_lies_behind_it() -> None:
    counts = [reds(picture(relief(top))) for top in (1.0, 40.0, 80.0)]
    assert 0 < counts[0] < counts[1] < counts[2]
    assert reds(picture(relief(0.0))) == 0


def test_straight_from_above_height_does_not_count() -> None:
    low, high = picture(relief(3.0), tilt=90.0), picture(relief(80.0), tilt=90.0)
    assert reds(low) == pytest.approx(reds(high), rel=0.05)


def test_turned_about_the_picture_is_the_mirror_of_a_symmetric_field() -> None:
    field = relief(30.0)
    north, south = picture(field, azimuth=0.0), picture(field, azimuth=180.0)
    assert reds(north) == pytest.approx(reds(south), rel=0.1)


def test_walls_are_darker_than_roofs() -> None:
    pixels = picture(relief(60.0))
    shades = {int(red) for red in pixels[..., 0][(pixels[..., 1] < 60) & (pixels[..., 0] > 80)]}
    assert max(shades) == 200
    assert min(shades) < 150


def test_water_lies_on_the_ground_and_houses_stand_out_of_it() -> None:
    water = np.broadcast_to(np.array((30, 60, 140, 200), np.uint8), (SIDE, SIDE, 4))
    depths = np.full((SIDE, SIDE), 2.0, np.float32)
    wet = picture(relief(10.0).flooded(depths, water))
    assert wet[..., 2].max() > 140
    assert reds(wet) > 0
    drowned = picture(relief(1.0).flooded(depths, water))
    assert reds(drowned) == 0


def test_a_project_gives_terrain_storeys_and_colours_of_risk(tmp_path: Path) -> None:
    lattice = Lattice(380_000.0, 4_180_000.0, 30.0, 40, 50, "EPSG:4548")
    slope = np.tile(np.linspace(20.0, 60.0, 50), (40, 1))
    files = {"terrain": slope, "risk_flood": np.full(lattice.shape, 1e6)}
    layers: list[RasterLayer | VectorLayer] = []
    for kind, values in files.items():
        write_grid(Grid(values, lattice), tmp_path / f"{kind}.tif")
        layers.append(RasterLayer(kind, kind, str(tmp_path / f"{kind}.tif"), lattice))
    house = shapely.box(380_300, 4_179_300, 380_400, 4_179_400)
    table = pd.DataFrame({"structure": ["砖混"], "storeys": [7]})
    layers.append(VectorLayer("building", "building", lattice.crs, Shapes.of([house]), table))
    with ProjectFile.create(tmp_path / "p.gpkg", name="p", crs=lattice.crs) as project:
        project.apply(load("all", layers, project))
        extent = Extent(380_000.0, 4_179_000.0, 381_000.0, 4_180_000.0)
        colours = np.full((100, 100, 4), 255, np.uint8)
        theme = "risk_flood", default_style("depth_frames")
        found = relief_of(project, extent, colours, theme)
    assert found.cell == 10.0
    assert found.ground[50, 0] == pytest.approx(20.0)
    assert found.ground[50, 99] > 45.0
    assert found.tops.max() == 7 * STOREY
    assert (found.tops > 0).sum() == 100
    assert found.roofs[65, 35].tolist() != [205, 190, 165, 255]

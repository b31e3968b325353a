"""Rain of another grid, laid on the terrain: no volume is made or lost; and Green and Ampt's ponding."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import Affine
from scipy.integrate import solve_ivp

from layers.grid import Grid, Lattice
from layers.hazards.inundation import Scenario
from layers.hazards.inundation.checks import warnings_of
from layers.hazards.inundation.losses import GreenAmpt
from layers.hazards.inundation.series_files import read_rain_series
from layers.hazards.inundation.soaking import Soil

LATTICE = Lattice(500_000.0, 4_100_000.0, 30.0, 70, 90, "EPSG:4548")
TERRAIN = Grid(np.zeros(LATTICE.shape), LATTICE, "m")


def rain_file(path: Path, values: np.ndarray, transform: Affine, crs: str) -> Path:
    rows, columns = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float32", crs=crs,
        transform=transform, nodata=-1.0,
    ) as file:  # fmt: skip
        file.write(values.astype("float32"), 1)
    return path


def laid(path: Path) -> np.ndarray:
    """mm/h on the terrain."""
    return read_rain_series(path, TERRAIN, (0.0,)).intensity(0).astype(float) * 3.6e6


@pytest.mark.parametrize(
    ("cell", "west", "north"),
    [(1000.0, 499_300.0, 4_100_450.0), (130.0, 499_950.0, 4_100_020.0), (7.0, 5e5, 4.1e6)],
)  # fmt: skip
def test_each_cell_gets_the_mean_of_the_rain_over_its_area(tmp_path, cell, west, north) -> None:
    """An oracle on metres: rain and terrain are cut into squares of a metre."""
    rows, columns = int(np.ceil(2800 / cell)), int(np.ceil(3500 / cell))
    rain = np.random.default_rng(2).uniform(0, 50, (rows, columns))
    rain[1, 1] = -1.0  # no data: no rain
    found = laid(rain_file(tmp_path / "r.tif", rain, Affine(cell, 0, west, 0, -cell, north), "EPSG:4548"))
    x = LATTICE.west + np.arange(30 * 90) + 0.5
    y = LATTICE.north - np.arange(30 * 70) - 0.5
    column = np.floor((x - west) / cell).astype(int)
    row = np.floor((north - y) / cell).astype(int)
    fine = np.where(rain < 0, 0.0, rain)[row[:, None], column[None, :]]
    expected = fine.reshape(70, 30, 90, 30).mean(axis=(1, 3))
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert found.sum() == pytest.approx(expected.sum(), rel=1e-6)


def test_rain_in_degrees_is_looked_up_where_each_cell_lies(tmp_path) -> None:
    to = Transformer.from_crs("EPSG:4548", "EPSG:4326", always_xy=True)
    west, north = to.transform(499_000.0, 4_101_000.0)
    step, rain = 0.01, np.random.default_rng(3).uniform(0, 50, (5, 7))
    found = laid(rain_file(tmp_path / "r.tif", rain, Affine(step, 0, west, 0, -step, north), "EPSG:4326"))
    columns, rows = np.meshgrid(np.arange(90), np.arange(70))
    lon, lat = to.transform(5e5 + (columns + 0.5) * 30, 4.1e6 - (rows + 0.5) * 30)
    expected = rain[((north - lat) / step).astype(int), ((lon - west) / step).astype(int)]
    assert np.mean(np.abs(found - expected) < 1e-3) > 0.98
    assert found.sum() == pytest.approx(expected.sum(), rel=2e-3)


def test_what_the_rain_leaves_bare_is_told(tmp_path) -> None:
    half = Affine(100.0, 0, 501_350.0, 0, -100.0, 4_100_000.0)
    path = rain_file(tmp_path / "r.tif", np.full((21, 20), 10.0), half, "EPSG:4548")
    rain = read_rain_series(path, TERRAIN, (0.0,))
    scenario = Scenario(TERRAIN, 0.03, 60.0, rain=rain)
    assert [(key, round(facts["share"])) for key, facts in warnings_of(scenario)] == [("rain_bare", 50)]
    np.testing.assert_allclose(laid(path), np.where(np.arange(90) < 45, 0.0, 10.0) * np.ones((70, 1)))


@pytest.mark.parametrize("rate", [8.0, 15.0, 40.0, 120.0])
def test_green_and_ampts_ground_ponds_when_the_rain_outruns_it(rate) -> None:
    """Against their differential equation, in two spans of five minutes with a pause between."""
    soil = GreenAmpt(10.0, 110.0, 0.3)
    here = Grid(np.zeros((2, 2)), Lattice(0, 20.0, 10.0, 2, 2, ""), "m")
    found = Soil(here, soil)
    ran = 0.0
    for start, fall in ((0.0, rate), (300.0, 0.0), (600.0, rate), (900.0, rate / 2)):
        rates = np.full((2, 2), fall / 3.6e6, np.float32)
        ran += float(found.excess(rates, start, start + 300.0)[1, 1]) * 300.0 * 1e3

    def soaks(time: float, taken: np.ndarray) -> np.ndarray:
        fall = (rate, 0.0, rate, rate / 2)[min(int(time // 300), 3)]
        return np.minimum(fall, 10.0 * (1 + 110.0 * 0.3 / np.maximum(taken, 1e-9))) / 3600

    taken = np.zeros(1)
    for start in (0.0, 300.0, 600.0, 900.0):
        taken = solve_ivp(soaks, (start, start + 299.9999), taken, rtol=1e-9, atol=1e-9, max_step=1.0).y[
            :, -1
        ]
    assert ran == pytest.approx(rate / 12 * 2.5 - taken[0], abs=2e-3)

"""Thin water on rough ground without friction is no faster than the height that it has lost allows."""

import numpy as np
import pytest

from layers.grid import Grid, Lattice
from layers.hazards.inundation import Inundation, Rain, Scenario, simulate

G = 9.80665
SIZE, CELL = 60, 10.0
STORM = Rain(np.array([0.0, 60.0]), np.array([500 / 3.6e6, 0.0]))


def rough(deviation: float, bowl: float = 0.0, tilt: float = 0.0) -> Grid:
    """Ground whose cells know nothing of each other, in a bowl, or on a slope: m from cell to cell."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] - SIZE / 2
    bed = 50 + np.random.default_rng(5).normal(0, deviation, (SIZE, SIZE)) + bowl * np.hypot(x, y) - tilt * x
    return Grid(bed, Lattice(0.0, SIZE * CELL, CELL, SIZE, SIZE, ""), "m")


def run(terrain: Grid, n: float, column: float = 0.0) -> tuple[Inundation, np.ndarray]:
    """A column of water falls on dry ground, or a minute's storm; and the speed that energy allows."""
    water = np.zeros((SIZE, SIZE))
    water[25:35, 25:35] = column
    found = simulate(
        Scenario(
            terrain, n, 90.0, initial=terrain.like(water), rain=None if column else STORM,
            scheme="shallow-water", threads=1,
        )
    )  # fmt: skip
    highest = (terrain.values + 2 * water).max()  # a front on dry ground runs at 2 √(g h): its head is 2 h
    return found, np.sqrt(2 * G * (highest - terrain.values))


@pytest.mark.parametrize("n", [0.0, 0.001, 0.03])
@pytest.mark.parametrize("deviation", [0.1, 1.0, 5.0])
def test_a_column_that_falls_on_rough_ground_keeps_to_its_energy(deviation, n) -> None:
    """At 5 m, without friction, once 196 m/s and six times the steps."""
    found, allowed = run(rough(deviation), n, column=5.0)
    assert (found.grids["speed_max"] <= allowed).all()
    assert found.summary["steps"] < 500
    assert abs(found.summary["mass"]["error_relative"]) < 1e-12


@pytest.mark.parametrize("deviation", [0.2, 1.0])
def test_a_column_that_runs_down_a_rough_slope_keeps_to_its_energy(deviation) -> None:
    """Between jets and thin water beside them; once hundreds of m/s."""
    found, allowed = run(rough(deviation, tilt=2.5), 0.0, column=3.0)
    assert (found.grids["speed_max"] - allowed).max() < 0.2
    assert found.summary["steps"] < 1000


@pytest.mark.parametrize(("bowl", "steps"), [(0.0, 200), (2.0, 700)])
def test_a_storm_on_rough_ground_keeps_to_its_energy(bowl, steps) -> None:
    """Once 142 and 228 m/s in two minutes, in films that were pushed but could not leave."""
    terrain = rough(1.0, bowl)
    found, allowed = run(terrain, 0.0)
    assert (found.grids["speed_max"] - allowed).max() < 0.2
    assert found.summary["steps"] < steps
    assert abs(found.summary["mass"]["error_relative"]) < 1e-12


def test_what_is_left_of_a_film_is_no_faster_than_what_left() -> None:
    """A cell on a slope that drains below dry ground: its last water once gained speed for ever."""
    bed = np.tile(60.0 - 2.0 * np.arange(40.0), (5, 1))
    water = np.zeros(bed.shape)
    water[:, 2] = 0.05
    terrain = Grid(bed, Lattice(0.0, 50.0, CELL, 5, 40, ""), "m")
    found = simulate(
        Scenario(terrain, 0.0, 20.0, initial=terrain.like(water), scheme="shallow-water", threads=1)
    )
    speed = np.nanmax(found.grids["speed_max"], axis=0)
    fallen = bed[0, 0] - bed[0]  # some wets the cell above, and lies on the whole slope of that
    assert (speed[2:] < 1.05 * np.sqrt(2 * G * (fallen[2:] + 2 * 0.05))).all()
    assert speed[12] > 0.7 * np.sqrt(2 * G * fallen[12])

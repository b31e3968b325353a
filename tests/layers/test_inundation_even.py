"""The flood engine does the same whichever way it is turned, and comes to its end at any duration."""

import numpy as np
import pytest

from layers.grid import Grid, Lattice
from layers.hazards.inundation import SCHEMES, Course, Inflow, Levee, Scenario, Side, Structures, simulate

TURNS = range(4)
"""Quarter turns counter-clockwise: what runs east then runs north, west, south."""


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


def turned(bed: np.ndarray, turn: int, cell: float = 10.0) -> Grid:
    values = np.rot90(bed, turn)
    rows, columns = values.shape
    return Grid(values, Lattice(0.0, rows * cell, cell, rows, columns, ""), "m")


def inflows_at(terrain: Grid, where: np.ndarray, discharge: float) -> tuple[Inflow, ...]:
    """One at the centre of each cell that is marked."""
    lattice, course = terrain.lattice, Course(np.zeros(1), np.array([discharge]))
    rows, columns = np.nonzero(where)
    x, y = (columns + 0.5) * lattice.cell, lattice.north - (rows + 0.5) * lattice.cell
    return tuple(Inflow("in", float(a), float(b), course) for a, b in zip(x, y, strict=True))


def test_water_let_in_along_a_side_runs_the_same_way_from_all_four(scheme) -> None:
    """Fast enough that the momentum it brings counts: 1 m²/s on a slope of 2 in a thousand."""
    bed = np.tile(-0.02 * np.arange(30.0), (3, 1))
    first = np.zeros(bed.shape, bool)
    first[:, 0] = True
    depths = []
    for turn in TURNS:
        terrain = turned(bed, turn)
        side = ("east", "north", "west", "south")[turn]
        scenario = Scenario(
            terrain, 0.03, 600.0, inflows=inflows_at(terrain, np.rot90(first, turn), 10.0),
            sides={side: Side("open")}, scheme=scheme, threads=1,
        )  # fmt: skip
        depths.append(np.rot90(simulate(scenario).grids["depth_final"], -turn))
    for each in depths[1:]:
        np.testing.assert_allclose(each, depths[0], atol=2e-5)


def test_a_run_ends_though_a_step_ends_where_it_is_judged() -> None:
    """19/20 of 1.1 s, divided by 1.1 s, is less than 19/20: once this went round for ever."""
    terrain = turned(np.zeros((4, 4)), 0)
    still = terrain.like(np.ones((4, 4)))
    end = 1.1
    found = simulate(Scenario(terrain, 0.03, end, initial=still, times=(19 / 20 * end,), threads=1))
    assert found.summary["steps"] < 100


def test_ripples_of_a_deep_pool_die_down(scheme) -> None:
    """A step at which waves across both axes at once would grow makes noise out of rounding."""
    terrain = turned(np.zeros((48, 48)), 0)
    ripples = np.random.default_rng(1).normal(0, 0.01, (48, 48))
    scenario = Scenario(terrain, 0.03, 200.0, initial=terrain.like(10 + ripples), scheme=scheme, threads=1)
    assert simulate(scenario).grids["depth_final"].std() < 0.3 * ripples.std()


def test_water_runs_on_from_the_foot_of_a_levee_that_it_overtops(scheme) -> None:
    """Five metres above low ground: what passes is the weir's, and it does not pile up where it falls."""
    bed = np.tile(np.where(np.arange(200) < 100, 100.0, 97.0), (5, 1))
    terrain = turned(bed, 0)
    water = terrain.like(np.where(bed == 100.0, 2.5, 0.0))
    levee = Levee("dyke", ((1000.0, -10.0), (1000.0, 60.0)), (102.0,))
    found = simulate(
        Scenario(
            terrain, 0.03, 60.0, initial=water, structures=Structures((levee,)), scheme=scheme,
            times=(40.0,), threads=1,
        )
    )  # fmt: skip
    depth, passed = found.grids["depth_final"][2], {}
    for name in ("depth@40", "depth_final"):
        passed[name] = found.grids[name][2, 100:].sum(dtype=float) * 10.0
    head = float(depth[99]) - 2.0
    assert (passed["depth_final"] - passed["depth@40"]) / 20.0 == pytest.approx(1.705 * head**1.5, rel=0.03)
    assert depth[100] < 0.6
    assert found.grids["speed_max"].max() < 3.0


def test_water_runs_on_from_the_foot_of_a_fall(scheme) -> None:
    """Without a levee, over a step of three metres onto dry ground."""
    bed = np.tile(np.where(np.arange(100) < 50, 3.0, 0.0), (3, 1))
    terrain = turned(bed, 0)
    found = simulate(
        Scenario(terrain, 0.03, 20.0, initial=terrain.like(np.where(bed > 0, 1.0, 0.0)), scheme=scheme)
    )
    depth = found.grids["depth_final"][1]
    assert depth[50] < 0.9
    assert depth[54] > 0.05

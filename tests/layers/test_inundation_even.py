"""The flood engine does the same whichever way it is turned, and comes to its end at any duration."""

import numpy as np
import pytest

from layers.grid import Grid, Lattice
from layers.hazards.inundation import SCHEMES, Course, Inflow, Scenario, Side, simulate

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

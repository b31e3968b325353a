"""Ground made fit for water."""

from dataclasses import replace

import numpy as np
import pytest

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards.terrain import (
    breached,
    burned,
    compile_kernels,
    depressions,
    doubtful_share,
    filled,
    mosaic,
)
from layers.layer import Shapes

LATTICE = Lattice(1000.0, 2000.0, 10.0, 9, 12, "EPSG:4548")


def pit(depth: float = 2.0) -> Grid:
    """A plain that falls eastward with a pit of two cells, four to its west a shallow one."""
    ground = np.tile(10 - 0.1 * np.arange(12), (9, 1))
    ground[4, 6:8] = ground[4, 6] - depth
    ground[2, 2] -= 0.05
    return Grid(ground, LATTICE, "m")


def sink_free(ground: np.ndarray) -> bool:
    """No cell inside is lower than all that it could spill over: filling changes nothing."""
    return bool(np.allclose(filled(ground), ground, atol=1e-12, equal_nan=True))


def test_a_sink_is_filled_to_where_it_spills_and_nothing_else_is_touched() -> None:
    compile_kernels()
    ground = pit().values
    found = filled(ground)
    raised = found > ground
    assert np.argwhere(raised).tolist() == [[4, 6], [4, 7]]
    assert found[4, 6] == found[4, 7] == ground[3, 8]  # the lowest neighbour
    assert sink_free(found)


def test_a_sink_is_breached_by_lowering_its_way_out_only() -> None:
    rng = np.random.default_rng(4)
    ground = rng.random((40, 50)) + np.add.outer(np.arange(40), np.arange(50)) * 0.01
    ground[10:13, 20:22] = np.nan
    found = breached(ground)
    assert (found <= ground)[np.isfinite(ground)].all()
    assert np.isnan(found[10:13, 20:22]).all()
    assert sink_free(found)
    assert np.nansum(ground - found) < np.nansum(filled(ground) - ground) * 3


def test_low_places_are_listed_with_depth_area_and_volume() -> None:
    ground = pit()
    table, depth = depressions(ground, least_depth=0.1)
    level = ground.values[3, 8]
    expected = level - ground.values[4, 6]
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["x"], row["y"]) in ((1065.0, 1955.0), (1075.0, 1955.0))
    assert row["level_m"] == pytest.approx(level)
    assert row["depth_m"] == pytest.approx(expected)
    assert row["area_m2"] == 200.0
    assert row["volume_m3"] == pytest.approx(2 * expected * 100)
    assert depth.sum() * 100 == pytest.approx(row["volume_m3"])
    none, _ = depressions(ground, least_area=300.0)
    assert none.empty


def test_tiles_become_one_grid_and_their_difference_is_told() -> None:
    whole = pit()
    left = Grid(whole.values[:, :7], replace(LATTICE, columns=7), "m")
    right = Grid(
        whole.values[2:, 5:] + 0.3, replace(LATTICE, west=1050.0, north=1980.0, rows=7, columns=7), "m"
    )
    found, difference = mosaic([left, right])
    assert found.lattice == LATTICE
    assert difference == pytest.approx(0.3)
    assert found.values[5, 6] == whole.values[5, 6]
    assert found.values[5, 9] == pytest.approx(whole.values[5, 9] + 0.3)
    assert np.isnan(found.values[0, 9])
    with pytest.raises(BadInput):
        mosaic([left, Grid(right.values, replace(right.lattice, west=1053.0), "m")])


def test_rivers_are_burned_in() -> None:
    line = Shapes(
        "line", np.array([[1000.0, 1955.0], [1120.0, 1955.0]]), (np.array([0, 2]), np.array([0, 1]))
    )
    ground = pit()
    found = ground.values - burned(ground, line, 1.5)
    assert (found[4] == 1.5).all()
    assert found.sum() == pytest.approx(12 * 1.5)


def test_depths_below_the_error_of_the_terrain_are_doubtful() -> None:
    depth = np.array([[0.0, 0.2, 0.4, 2.0, np.nan]])
    assert doubtful_share(depth, 0.5) == pytest.approx(2 / 3)
    assert doubtful_share(depth, 0.1) == 0.0
    assert doubtful_share(depth * 0, 0.5) == 0.0

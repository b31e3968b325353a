"""Cases with known answers that the published ones do not name: other sizes, levels, ways and slopes."""

import numpy as np
import pytest

from tests.published import further_cases as cases
from tests.published.further_cases import INERTIAL, SHALLOW


def l1(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).sum() / np.abs(expected).sum())


@pytest.mark.parametrize(
    "given",
    [
        (2, 0, 30, 1000, 2, "north", 1000),
        (1, 0.2, 40, 600, 2, "west", 300),
        (0.005, 0.001, 6, 10, 0.02, "south", 0),
        (50, 1, 20, 4000, 10, "east", 0),
    ],
)
def test_dams_of_any_depth_break_whichever_way_and_however_high(given) -> None:
    assert l1(*cases.dam_break(*given)) < 0.004


@pytest.mark.parametrize("given", [(1.0, 0.5, 0.16, "east"), (3000.0, 10.0, 1000.0, "south")])
def test_water_swings_from_side_to_side_in_a_parabola(given) -> None:
    assert l1(*cases.swing(*given)) < 0.004


@pytest.mark.parametrize("given", [(2.0, 0.04, 20.0, "west", "slow"), (2.5, 0.02, 20.0, "south", "fast"),
                                   (2.0, 0.0218, 20.0, "north", "slow to fast")])  # fmt: skip
def test_channels_run_slow_fast_and_from_one_to_the_other(given) -> None:
    found, expected = cases.channel(*given)
    assert l1(found, expected) < 0.01
    assert np.abs(found - expected)[4:].max() < 0.03 * expected.max()


@pytest.mark.parametrize("scheme", [INERTIAL, SHALLOW])
@pytest.mark.parametrize("given", [(0.2, 3.0), (1.0, 0.0)])
def test_a_levee_is_overtopped_by_the_formula_of_the_weir(scheme, given) -> None:
    found, expected = cases.overflow(*given, scheme)
    assert found == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("scheme", [INERTIAL, SHALLOW])
def test_water_from_a_point_spreads_along_axis_and_diagonal_alike(scheme) -> None:
    """To the time in which the front crosses a cell, and about the time of rings around the point."""
    cell, rings = 20.0, cases.spreading_in_rings(5.0)
    found = cases.spreading(cell, scheme)
    crossing = cell * (rings[1] - rings[0]) / 240
    for place in (0, 1):
        assert abs(found["axis"][place] - found["diagonal"][place]) < crossing
        assert abs(found["axis"][place] - rings[place]) < crossing
        assert abs(found["diagonal"][place] - rings[place]) < 0.5 * crossing


@pytest.mark.parametrize(
    ("given", "tolerance"),
    [((0.2, 0.03, 25.0, 9000.0, "north", INERTIAL), 5), ((0.6, 0.03, 10.0, 3000.0, "west", SHALLOW), 3)],
)
def test_waves_of_other_speeds_run_over_a_plane(given, tolerance) -> None:
    found, expected = cases.wave(*given)
    assert 1000 * float(np.sqrt(np.mean((found - expected) ** 2))) < tolerance


@pytest.mark.parametrize(
    "given",
    [
        (0.02, 0.03, 5.0, 400.0, INERTIAL),
        (0.005, 0.02, 5.0, 200.0, SHALLOW),
        (0.03, 0.1, 10.0, 400.0, SHALLOW),
    ],
)
def test_rain_runs_off_planes_of_other_slopes(given) -> None:
    found, expected = cases.rain(*given)
    assert 1 - ((found - expected) ** 2).sum() / ((expected - expected.mean()) ** 2).sum() > 0.999

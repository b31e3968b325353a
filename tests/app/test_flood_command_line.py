"""Cases with known answers, run on plain files by `riskatlas simulate flood`."""

from pathlib import Path

import numpy as np
import pytest

from tests.app import command_line_cases as cases

SHALLOW, INERTIAL = "shallow-water", "local-inertial"


def l1(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).sum() / np.abs(expected).sum())


@pytest.mark.parametrize("slope", [0.01, 0.05])
def test_rain_on_a_plane_rises_to_its_equilibrium_without_a_hump(tmp_path, slope) -> None:
    _, found, expected = cases.rain_on_a_plane(tmp_path, slope, 0.03, 100.0, 200.0, 10.0, SHALLOW)
    assert 1 - ((found - expected) ** 2).sum() / ((expected - expected.mean()) ** 2).sum() > 0.998
    assert found.max() < 1.03 * expected.max()


@pytest.mark.parametrize("scheme", [INERTIAL, SHALLOW])
@pytest.mark.parametrize("given", [(0.001, 0.03, 1.0, 10.0), (0.005, 0.03, 1.0, 10.0)])
def test_a_channel_runs_at_mannings_depth(tmp_path, scheme, given) -> None:
    found, normal = cases.uniform_flow(tmp_path, *given, scheme)
    assert found[10:] == pytest.approx(normal, rel=0.005)


@pytest.mark.parametrize(("scheme", "bound"), [(INERTIAL, 0.015), (SHALLOW, 0.001)])
@pytest.mark.parametrize("times", [1.8, 0.8])
def test_a_level_backs_water_up_or_draws_it_down(tmp_path, scheme, bound, times) -> None:
    assert l1(*cases.backwater(tmp_path, 0.001, 0.03, 2.0, times, 2000.0, 20.0, scheme)) < bound


def test_a_channel_gains_rain_on_its_way(tmp_path) -> None:
    assert l1(*cases.macdonald_in_the_rain(tmp_path, 10.0, SHALLOW)) < 0.002


@pytest.mark.parametrize("scheme", [INERTIAL, SHALLOW])
@pytest.mark.parametrize("turn", ["mirrored east to west", "turned by 90°"])
def test_a_flood_turned_is_the_flood_that_is_turned(tmp_path, scheme, turn) -> None:
    bound = {"depth_max": 1e-5, "speed_max": 1e-4, "arrival": 1e-6}
    for name, difference in cases.turned(tmp_path, turn, scheme).items():
        assert difference < bound[name]


@pytest.mark.parametrize("scheme", [INERTIAL, SHALLOW])
def test_pumps_and_breaches_pass_what_their_formulas_say(tmp_path: Path, scheme) -> None:
    for name in ("pump", "breach"):
        (tmp_path / name).mkdir()
    pump = {"m3_per_s": 3, "start_m": 11, "stop_m": 10.5}
    passed, _, error = cases.between_ponds(tmp_path / "pump", "pumps", pump, (2.0, 0.5), scheme)
    assert passed == pytest.approx(3, rel=1e-5)
    assert abs(error) < 1e-6
    at = [cases.WEST + 2000, cases.NORTH - 25]
    breach = {"breaches": [{"at": at, "time_h": 0.001, "width_m": 30, "bottom_m": 11.5}]}
    passed, (up, _), _ = cases.between_ponds(tmp_path / "breach", "levees", breach, (2.3, 0.0), scheme)
    assert passed == pytest.approx(1.705 * 30 * (up - 1.5) ** 1.5, rel=0.05)

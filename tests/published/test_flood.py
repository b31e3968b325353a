"""Moving water against closed forms, with the tolerances that others reach. Numbers: see the CSVs."""

import numpy as np
import pytest

from layers.hazards.inundation import Side
from tests.published.flood_cases import (
    BUMPS,
    INERTIAL,
    SHALLOW,
    bump,
    dam_break,
    lake,
    macdonald,
    nonbreaking_wave,
    rain_on_a_plane,
    thacker,
)


def rmse(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - expected) ** 2)))


def l1(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).sum() / np.abs(expected).sum())


@pytest.mark.parametrize(("speed", "scheme", "cell"), [(0.4, INERTIAL, 25.0), (1.0, SHALLOW, 25.0)])
def test_a_wave_runs_over_a_rough_plane_as_the_closed_form_says(speed, scheme, cell) -> None:
    tolerance = {0.4: 0.012, 1.0: 0.015}[speed]
    for found, expected in ((f, e) for _, f, e, _ in nonbreaking_wave(speed, scheme, cell).values()):
        assert rmse(found, expected) < tolerance


@pytest.mark.parametrize("scheme", [INERTIAL, SHALLOW])
@pytest.mark.parametrize(
    ("side", "cell"),
    [(Side("open"), 10.0), (Side("open"), 4.0), (Side("slope", slope=0.01), 4.0)],
    ids=["open 10 m", "open 4 m", "slope"],
)
def test_rain_runs_off_a_plane_as_a_kinematic_wave(scheme, side, cell) -> None:
    expected, found, run = rain_on_a_plane(scheme, cell, side)
    flow = expected["q_m2_s"].to_numpy()
    assert 1 - ((found - flow) ** 2).sum() / ((flow - flow.mean()) ** 2).sum() > 0.999
    half_a_cell = 0.5 * cell / 400  # the gauge stands that far above the foot
    assert found.max() == pytest.approx(flow.max(), rel=max(0.005, 0.5 * half_a_cell))
    assert abs(run.summary["mass"]["error_relative"]) < 1e-6


@pytest.mark.parametrize(
    ("name", "below"), [("stoker_wet_h10_h1_t20", 1.0), ("ritter_dry_h10_t20", 0.0)], ids=["Stoker", "Ritter"]
)
def test_a_dam_breaks_as_the_closed_form_says(name, below) -> None:
    _, found, expected, run = dam_break(name, below)
    assert l1(found, expected) < 0.01
    assert run.summary["mass"]["error_relative"] == pytest.approx(0, abs=1e-12)


def test_water_swings_in_a_paraboloid_for_three_periods_without_drift() -> None:
    _, _, found, expected, run = thacker(100)
    assert l1(found, expected) < 0.02
    assert found.sum() == pytest.approx(expected.sum(), rel=1e-3)
    assert run.summary["mass"]["error_relative"] == pytest.approx(0, abs=1e-12)


def test_a_rough_channel_runs_steadily_at_the_depth_it_was_designed_for() -> None:
    _, _, found, expected, run = macdonald(10.0)
    assert l1(found, expected) < 0.01
    steady = run.gauges[run.gauges["time_h"] > 0].iloc[3:]  # the inflow needs three cells
    assert (steady["depth_m"] * steady["speed_m_s"]).to_numpy() == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize("kind", BUMPS)
def test_water_runs_over_a_bump(kind) -> None:
    x, _, found, expected, _ = bump(kind, 0.25, 200.0)
    assert l1(found, expected) < 0.01
    away = (x > 0.75) & ((np.abs(x - 11.66) > 0.75) | (kind != "shock"))  # of inflow and jump
    assert np.abs(found - expected)[away].max() < 0.015 * expected.max()


@pytest.mark.parametrize(("scheme", "bound"), [(SHALLOW, 1e-12), (INERTIAL, 1e-5)])
def test_a_lake_with_islands_stays_at_rest(scheme, bound) -> None:
    depth, found, run = lake(scheme, 0.5)
    assert np.nanmax(np.abs(found - depth)) < bound
    assert np.nanmax(run.grids["speed_max"]) < bound

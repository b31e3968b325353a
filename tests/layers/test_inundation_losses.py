"""What the ground takes of the rain."""

import numpy as np
import pytest
from scipy.optimize import brentq

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards.inundation import Rain, Scenario, simulate
from layers.hazards.inundation.losses import CurveNumber, GreenAmpt, Horton, excess_rain, read_loss

STORM = Rain(np.array([0.0, 7200.0]), np.array([40.0, 0.0]) / 3.6e6)  # 80 mm in two hours


def test_a_curve_number_leaves_what_its_formula_says() -> None:
    excess, lost = excess_rain(STORM, CurveNumber(75.0), 10800.0)
    store = 25.4 * (1000 / 75 - 10)
    runs = (80 - 0.2 * store) ** 2 / (80 + 0.8 * store)
    assert excess.total(0, 10800) == pytest.approx(runs / 1000, rel=1e-9)
    assert lost == pytest.approx((80 - runs) / 1000, rel=1e-9)
    assert excess_rain(STORM, CurveNumber(100.0), 10800.0)[1] == pytest.approx(0, abs=1e-12)


def test_horton_leaves_what_falls_above_its_capacity() -> None:
    excess, _ = excess_rain(STORM, Horton(30.0, 5.0, 2.0), 7200.0)
    capacity = 5 * 2 + 25 * (1 - np.exp(-4)) / 2
    assert excess.total(0, 7200) == pytest.approx((80 - capacity) / 1000, rel=1e-9)


def test_green_and_ampt_take_what_their_implicit_equation_says() -> None:
    flood = Rain(np.zeros(1), np.array([1000 / 3.6e6]))
    _, lost = excess_rain(flood, GreenAmpt(10.0, 110.0, 0.3), 7200.0)
    pull = 33.0
    taken = brentq(lambda f: f - pull * np.log(1 + f / pull) - 20.0, 1, 200)
    assert lost * 1000 == pytest.approx(taken, rel=1e-6)


def test_light_rain_soaks_in_whole() -> None:
    drizzle = Rain(np.zeros(1), np.array([2 / 3.6e6]))
    for loss in (Horton(30.0, 5.0, 2.0), GreenAmpt(10.0, 110.0, 0.3), CurveNumber(50.0)):
        assert excess_rain(drizzle, loss, 3600.0)[0].total(0, 3600) == pytest.approx(0, abs=1e-12)


def test_a_run_tells_what_ran_and_what_soaked_in() -> None:
    terrain = Grid(np.zeros((4, 5)), Lattice(0, 40, 10.0, 4, 5, ""), "m")
    mass = simulate(Scenario(terrain, 0.03, 7200.0, rain=STORM, loss=CurveNumber(80.0))).summary["mass"]
    assert mass["rain_m3"] + mass["rain_soaked_m3"] == pytest.approx(0.08 * 2000, rel=1e-6)
    assert mass["stored_m3"] == pytest.approx(mass["rain_m3"], rel=1e-6)


def test_losses_are_read_from_words() -> None:
    assert read_loss("cn:75") == CurveNumber(75.0)
    assert read_loss("horton:50,5,2") == Horton(50.0, 5.0, 2.0)
    assert read_loss("green-ampt:10,110,0.3") == GreenAmpt(10.0, 110.0, 0.3)
    for text in ("cn", "cn:0", "cn:101", "horton:1,2", "sponge:1", "green-ampt:a,b,c", "horton:5,-1,2"):
        with pytest.raises(BadInput):
            read_loss(text)

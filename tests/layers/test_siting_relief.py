"""Demand and relief: nobody is lost, no stock is below zero, every gap is said."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.layer import Shapes, VectorLayer
from layers.risk.needs import needs_of
from layers.siting.demand import Demand, displaced, gathered, people_of, whole_people
from layers.siting.relief import (
    check_patches,
    distribute,
    is_helped_in_time,
    nearest,
    share_helped,
)
from layers.siting.stock import Entry, drawn, lots_on, stock_on

CRS = "EPSG:4548"


@given(st.lists(st.floats(0, 1e5), max_size=30))
def test_rounding_to_whole_people_keeps_their_sum(people: list[float]) -> None:
    given_people = np.array(people)
    whole = whole_people(given_people)
    assert whole.sum() == round(float(given_people.sum()))
    assert (np.abs(whole - given_people) < 1 + 1e-9).all()


def test_gathering_people_in_cells_loses_nobody() -> None:
    chance = np.random.default_rng(0)
    demand = Demand(chance.random((500, 2)) * 3000, chance.integers(0, 9, 500).astype(float), CRS)
    cells = gathered(demand, 500.0)
    assert len(cells.people) <= 36
    assert cells.people.sum() == demand.people.sum()
    np.testing.assert_allclose(cells.people @ cells.xy, demand.people @ demand.xy)


def test_people_come_from_a_column_and_water_drives_out_its_share() -> None:
    points = Shapes.of(shapely.points([[25, 75], [75, 75], [25, 25], [75, 25]]))
    villages = VectorLayer("v", "", CRS, points, pd.DataFrame({"night": [100, 100, 100, None]}))
    with pytest.raises(BadInput, match="day"):
        people_of(villages, "day")
    demand = people_of(villages, "night")
    assert demand.people.tolist() == [100, 100, 100, 0]
    depth = Grid(np.array([[0.1, 0.5], [3.0, np.nan]]), Lattice(0, 100, 50.0, 2, 2, CRS), "m")
    out = displaced(demand, depth, np.array([0.3, 0.7, 1.5]), np.array([0.2, 0.6, 1.0]))
    assert out.people.tolist() == [0, 40, 100, 0]


def test_stock_goes_out_by_expiry_and_never_below_zero() -> None:
    ledger = [
        Entry(date(2026, 1, 1), "水", 100, date(2026, 3, 1)),
        Entry(date(2026, 1, 2), "水", 50, date(2026, 2, 1)),
        Entry(date(2026, 1, 10), "水", -60),
    ]
    assert stock_on(ledger, date(2026, 1, 5)) == {"水": 150}
    assert stock_on(ledger, date(2026, 1, 10)) == {"水": 90}
    assert stock_on(ledger, date(2026, 2, 15)) == {"水": 90}
    assert stock_on(ledger, date(2026, 3, 2)) == {"水": 0}
    with pytest.raises(BadInput, match="91"):
        stock_on([*ledger, Entry(date(2026, 2, 20), "水", -91)], date(2026, 2, 28))


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60), st.integers(0, 30)), min_size=1, max_size=8),
    st.integers(0, 50),
    st.floats(0, 200),
)
def test_an_outflow_takes_what_expires_first_and_the_rest_is_still_there(
    lots: list[tuple[int, int, int]], day: int, wanted: float
) -> None:
    start = date(2026, 1, 1)
    ledger = [Entry(start + timedelta(came), "水", amount, start + timedelta(came + keeps))
              for came, amount, keeps in lots]  # fmt: skip
    today = start + timedelta(day)
    held = lots_on(ledger, today).get("水", [])
    there = sum(lot.amount for lot in held)
    taken = drawn(held, wanted)
    assert sum(lot.amount for lot in taken) == pytest.approx(min(wanted, there))
    assert [lot.until for lot in held] == sorted(lot.until for lot in held)
    out = Entry(today, "水", -min(wanted, there))
    left = stock_on([*ledger, out], today).get("水", 0.0)
    assert left == pytest.approx(there - min(wanted, there), abs=1e-6)
    by_hand = sum(a for came, a, keeps in lots if came <= day <= came + keeps)
    assert there == by_hand


def test_needs_follow_people_days_and_season() -> None:
    needs = needs_of(1000, 40, 10, "winter").set_index("item")["amount"]
    assert needs["water"] == 1000 * 5 * 10
    assert needs["grain"] == 1000 * 1.0 * 10
    assert (needs["tent"], needs["quilt"], needs["toilet"], needs["bed"]) == (200, 1000, 4, 20)
    assert needs_of(1000, 0, 1, "spring_autumn").set_index("item")["amount"]["tent"] == 200
    assert needs_of(1000, 40, 10, "winter")["status"].isin(["verified", "derived", "recalled"]).all()


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 2**31))
def test_as_much_as_can_be_is_distributed_on_the_quickest_ways(places: int, depots: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    needs, stock = chance.integers(0, 20, places).astype(float), chance.integers(0, 30, depots).astype(float)
    seconds = chance.integers(1, 50, (places, depots)).astype(float)
    seconds[chance.random(seconds.shape) < 0.3] = np.inf
    found = distribute(needs, stock, seconds)
    np.testing.assert_allclose(found.amount.sum(axis=1) + found.gap, needs)
    assert (found.amount.sum(axis=0) <= stock).all()
    assert (found.amount[np.isinf(seconds)] == 0).all()
    cost = np.where(np.isfinite(seconds), seconds, 0.0).ravel() - 1e4
    limits = np.where(np.isfinite(seconds), 1e3, 0.0).ravel()
    rows = np.concatenate(
        [np.kron(np.eye(places), np.ones(depots)), np.kron(np.ones(places), np.eye(depots))]
    )
    best = linprog(cost, A_ub=rows, b_ub=[*needs, *stock], bounds=np.column_stack([0 * limits, limits]))
    assert float(cost @ found.amount.ravel()) == pytest.approx(best.fun, abs=1e-3)


def test_who_is_helped_in_ten_hours() -> None:
    drive = np.array([[3600.0, np.inf], [9 * 3600, 8 * 3600], [np.inf, np.inf]])
    helped = is_helped_in_time(drive, mobilise=3600.0, transfer=3600.0)
    assert helped.tolist() == [True, True, False]
    assert share_helped(np.array([100.0, 300, 100]), helped) == pytest.approx(0.8)
    assert is_helped_in_time(drive, 3600.0, 3601.0).tolist() == [True, False, False]


def test_the_nearest_responders_come_first() -> None:
    which, seconds = nearest(np.array([[50.0, 10, np.inf], [np.inf, np.inf, 7]]), 2)
    assert which.tolist() == [[1, 0], [2, -1]]
    assert seconds[0].tolist() == [10, 50]


def test_patches_that_overlap_leave_gaps_or_have_nobody_are_found() -> None:
    patches = np.array([shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10), shapely.box(20, 0, 25, 10)])
    found = check_patches(patches, ["甲", "", "乙"], shapely.box(0, 0, 30, 10))
    assert (found.overlaps.tolist(), found.overlap.tolist()) == ([[0, 1]], [20.0])
    assert found.gap.area == pytest.approx(50)
    assert found.unnamed.tolist() == [1]

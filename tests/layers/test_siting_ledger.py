"""Ledgers and depots as offices write them: every row counts, a wrong one is named."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from layers.errors import BadInput
from layers.layer import Shapes, VectorLayer
from layers.siting.balance import balance
from layers.siting.ledger import amount_of, day_of
from layers.siting.relief import distribute, is_helped_in_time
from layers.siting.relief_study import Depots, Hours, places_of, ten_hours
from layers.siting.residents import residents_of
from layers.siting.rules import siting_rules, with_values
from layers.siting.scenario import Scenario
from layers.siting.shelter_plan import ShelterPlan, solved
from layers.siting.shelter_wish import ShelterWish
from layers.siting.shelters import prepare
from layers.siting.stock import Books, Entry, stock_on
from layers.storage.geopackage import ProjectFile, load

CRS = "EPSG:4548"
DAY = date(2026, 4, 1)
ROWS = {"depot": ["县库", "县库"], "item": ["帐篷", "棉被"], "day": ["2026-01-01", "2026-01-02"],
        "amount": [30.0, 100.0], "expires": ["2027-01-01", None], "unit": ["顶", "床"]}  # fmt: skip


def with_ledger(folder: Path, depots: list[str] | None = None, **cells: list[object]) -> ProjectFile:
    """A project with two depots and a ledger of two rows, some cells of which are others."""
    names = ["县库", "镇库"] if depots is None else depots
    made = ProjectFile.create(folder / "账.gpkg", name="账", crs=CRS)
    table = pd.DataFrame({**ROWS, **cells})
    ledger = VectorLayer("depot_ledger", "depot_ledger", "", Shapes.none(len(table)), table, "台账")
    points = Shapes.of([shapely.Point(400_000 + 100 * k, 4_170_000) for k in range(len(names))], "point")
    depot = VectorLayer("depot", "depot", CRS, points, pd.DataFrame({"name": names, "tier": "县级"}), "库")
    made.apply(load("导入", [ledger, depot], made))
    return made


@pytest.mark.parametrize("written", ["2026-01-05", "2026/1/5", "2026.01.05", "2026年1月5日", "20260105",
                                     "2026-01-05T08:00:00", 20260105.0, date(2026, 1, 5)])  # fmt: skip
def test_a_day_is_read_as_offices_write_it(written: object) -> None:
    assert day_of(written) == date(2026, 1, 5)


@pytest.mark.parametrize("written", ["去年", "2026-13-40", "5/1/26", "46027", 46027.0])
def test_what_is_no_day_is_refused(written: object) -> None:
    with pytest.raises(ValueError):
        day_of(written)


def test_amounts_may_be_text_but_not_words() -> None:
    assert [amount_of(text) for text in ("1,200", " 30 ", -5, "-2.5")] == [1200.0, 30.0, -5.0, -2.5]
    for wrong in ("30 顶", "", None, float("nan"), "inf"):
        with pytest.raises(ValueError):
            amount_of(wrong)


WRONG = [("day", "去年"), ("day", None), ("amount", "三十"), ("amount", None), ("expires", "长期"),
         ("depot", None), ("item", "")]  # fmt: skip


@pytest.mark.parametrize(("column", "cell"), WRONG)
def test_a_wrong_cell_of_a_ledger_is_named_by_row_and_column(
    tmp_path: Path, column: str, cell: object
) -> None:
    cells = [str(ROWS[column][0]), cell]
    with with_ledger(tmp_path, **{column: cells}) as project, pytest.raises(BadInput) as told:
        Books.of(project)
    words = told.value.say("zh_CN")
    assert all(part in words for part in ("台账", "第 2 行", column))


def test_a_ledger_written_with_slashes_and_tonnes_is_the_same_stock(tmp_path: Path) -> None:
    cells: dict[str, list[object]] = {"item": ["饮用水", "water"], "day": ["2026/1/1", "20260102"],
                                      "amount": ["1,5", "500"], "unit": ["吨", "L"]}  # fmt: skip
    with with_ledger(tmp_path, **cells) as project:
        assert Books.of(project).table(DAY)["amount"].tolist() == [15_500.0]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(-40, 60), st.integers(0, 40)), max_size=8),
    st.randoms(),
    st.integers(0, 60),
)
def test_rows_in_any_order_give_the_same_stock_which_is_never_negative(
    rows: list[tuple[int, int, int]], shuffle: object, day: int
) -> None:
    start = date(2026, 1, 1)
    entries = [Entry(start + timedelta(came), "水", float(amount), start + timedelta(came + keeps))
               for came, amount, keeps in rows]  # fmt: skip
    mixed = list(entries)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]

    def held(lines: list[Entry]) -> float | None:
        try:
            return stock_on(lines, start + timedelta(day)).get("水", 0.0)
        except BadInput:
            return None

    stock = held(entries)
    assert stock == held(mixed)
    assert stock is None or stock >= 0


@pytest.fixture(scope="module")
def county(make_county: Callable[[], ProjectFile]) -> ProjectFile:
    return make_county()


@pytest.fixture(scope="module")
def plan(county: ProjectFile) -> ShelterPlan:
    rules = with_values(siting_rules(), {}, ("S7", "S9"))
    wish = ShelterWish(Scenario("everyone"), cell=500.0, count=6, radius=4000.0, time_limit=3.0, rules=rules)
    return solved(prepare(county, wish), "方案")


def test_every_item_that_is_given_or_lacking_is_what_is_needed(
    county: ProjectFile, plan: ShelterPlan
) -> None:
    found = balance(county, plan, 10, "winter", DAY)
    counted = found.items[found.items["stock"].notna()]
    assert len(counted)
    assert (counted["given"] + counted["gap"] == counted["needed"].round()).all()
    assert (counted["given"] <= counted["stock"]).all()
    sent = found.deliveries.groupby("item")["amount"].sum()
    assert sent.to_dict() == counted.set_index("item")["given"][lambda given: given > 0].to_dict()
    drawn = found.lines.groupby(["depot", "item"])["amount"].sum()
    assert drawn.to_dict() == found.deliveries.groupby(["depot", "item"])["amount"].sum().to_dict()


def test_two_depots_of_one_name_cannot_share_a_ledger(tmp_path: Path, plan: ShelterPlan) -> None:
    with with_ledger(tmp_path, ["县库", "县库"]) as project, pytest.raises(BadInput, match="县库"):
        balance(project, plan, 10, "winter", DAY)


def test_a_depot_without_a_place_or_with_less_than_nothing_is_named() -> None:
    shapes = Shapes.of(np.array([shapely.Point(0, 0), shapely.Point()]), "point")
    table = pd.DataFrame({"name": ["甲", "乙"], "tents": ["3", "-1"], "quilts": [None, "五床"]})
    layer = VectorLayer("depot", "depot", CRS, shapes, table, "储备库")
    with pytest.raises(BadInput, match="乙"):
        places_of(layer)
    for item, row in (("tent", "第 2 行"), ("quilt", "第 2 行")):
        with pytest.raises(BadInput) as told:
            Depots(layer, np.zeros((2, 2))).stock(item)
        assert row in told.value.say("zh_CN")


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**31))
def test_the_quickest_distribution_is_that_of_linear_programming(places: int, depots: int, seed: int) -> None:
    """The oracle is scipy's simplex on the same transport problem, the unmet at a price above all ways."""
    draw = np.random.default_rng(seed)
    needs, stock = (draw.integers(0, 30, count).astype(float) for count in (places, depots))
    seconds = draw.integers(1, 60, (places, depots)).astype(float)
    seconds[draw.random(seconds.shape) < 0.3] = np.inf
    found = distribute(needs, stock, seconds, limit=50.0)
    usable = seconds <= 50.0
    price = np.append(np.where(usable, seconds, 1e4).ravel(), np.full(places, 1e4))
    rows = np.hstack([np.kron(np.eye(places), np.ones(depots)), np.eye(places)])
    columns = np.hstack([np.kron(np.ones(places), np.eye(depots)), np.zeros((depots, places))])
    bounds = [(0, None if each else 0) for each in usable.ravel()] + [(0, None)] * places
    exact = linprog(price, columns, stock, rows, needs, bounds, method="highs-ds")
    driven = float((found.amount * np.where(usable, seconds, 0.0)).sum())
    assert driven + 1e4 * found.gap.sum() == pytest.approx(exact.fun, abs=1e-5)
    assert (found.amount.sum(axis=1) + found.gap == needs).all()


def test_the_ten_hour_rule_by_hand(county: ProjectFile) -> None:
    """Mobilise 2 h, transfer 2 h: a limit of 10 h leaves six hours to drive, one of 4.05 h three minutes."""
    drive = np.array([[6 * 3600.0, 9e9], [6 * 3600.0 + 1, np.inf], [np.inf, np.inf]])
    assert is_helped_in_time(drive, 2 * 3600, 2 * 3600).tolist() == [True, False, False]
    assert Hours(4.05).drive == pytest.approx(180.0)
    found = ten_hours(county, None, Hours(4.05), "zh_CN")
    people = residents_of(county)
    assert found.table["people"].sum() == people.people.sum()
    assert found.table["late"].sum() == found.places.residents[~found.helped].sum()
    assert found.share == pytest.approx(1 - found.table["late"].sum() / people.people.sum())

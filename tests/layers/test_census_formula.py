"""Formulas: read as SQL reads them (SQLite is the oracle), reckoned by column, harmless."""

import sqlite3
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.census.formula import parse
from layers.census.reckoning import FUNCTIONS, broken, fitting, reckon
from layers.errors import BadInput
from layers.layer import Field, Shapes, VectorLayer

A = [1.0, 2.5, np.nan, -3.0, 0.0]
B = [4.0, np.nan, 2.0, 3.0, 0.0]
TEXTS = ["甲", "abc", None, "乙 丙", ""]


def layer() -> VectorLayer:
    table = pd.DataFrame({"a": A, "b": B, "t": pd.Series(TEXTS, dtype=object)})
    shapes = Shapes.of(shapely.box(0, 0, np.arange(1, 6), 2))
    return VectorLayer("l", "", "EPSG:4548", shapes, table, fields=(Field("a", "real", zh="层数"),))


NUMBERS = st.sampled_from(["a", "b", "1", "2.5", "0", "-3"])


def sums(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner)
    return pair.map(lambda p: f"({p[0]} {p[1]} {p[2]})") | pair.map(lambda p: f"{p[0]} {p[1]} ({p[2]})")


SUMS = st.recursive(NUMBERS, sums, max_leaves=6)
COMPARED = st.tuples(SUMS, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), SUMS).map(" ".join)
PLAIN = (
    COMPARED
    | SUMS.map(lambda s: f"{s} is null")
    | SUMS.map(lambda s: f"{s} is not null")
    | st.tuples(SUMS, NUMBERS, NUMBERS).map(lambda p: f"{p[0]} in ({p[1]}, {p[2]})")
    | st.tuples(SUMS, NUMBERS, NUMBERS).map(lambda p: f"{p[0]} not between {p[1]} and {p[2]}")
    | st.sampled_from(["t = '甲'", "t <> 'abc'", "t like 'a%'", "t in ('甲', 'x')", "t || 'x' = 'abcx'"])
)


def logic(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
        lambda p: f"({p[0]}) {p[1]} ({p[2]})"
    ) | (inner.map(lambda p: f"not ({p})"))


def by_sqlite(text: str) -> list[Any]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE l (a REAL, b REAL, t TEXT)")
    rows = [
        (None if np.isnan(a) else a, None if np.isnan(b) else b, t)
        for a, b, t in zip(A, B, TEXTS, strict=True)
    ]
    connection.executemany("INSERT INTO l VALUES (?, ?, ?)", rows)
    try:
        return [value for (value,) in connection.execute(f"SELECT {text} FROM l ORDER BY rowid")]
    finally:
        connection.close()


def ours(text: str) -> list[Any]:
    return [None if np.isnan(v) else v for v in reckon(text, layer()).cells]


@given(st.recursive(PLAIN, logic, max_leaves=5))
def test_conditions_are_what_sqlite_says(text: str) -> None:
    assert ours(text) == by_sqlite(text)


@given(SUMS)
def test_sums_are_what_sqlite_says(text: str) -> None:
    assert ours(text) == pytest.approx(by_sqlite(text), nan_ok=True)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 + 2 * 3", [7.0] * 5),
        ("a / b", [0.25, None, None, -1.0, None]),
        ("层数 * 2", [2.0, 5.0, None, -6.0, 0.0]),
        ("round(2.5) + round(-2.5) + round(1.005, 1)", [1.0] * 5),
        ("area()", [2.0, 4.0, 6.0, 8.0, 10.0]),
        ("coalesce(a, b, 9)", [1.0, 2.5, 2.0, -3.0, 0.0]),
        ("if(a > 1, 10, b)", [4.0, 10.0, 2.0, 3.0, 0.0]),
        ("letters(t)", [1.0, 3.0, None, 3.0, 0.0]),
        ("number('1,200.5')", [1200.5] * 5),
        ("year('1998-05-01')", [1998.0] * 5),
        ("max(a, b, 1)", [4.0, None, None, 3.0, 1.0]),
    ],
)
def test_formulas_give_what_they_say(text: str, values: list[Any]) -> None:
    assert ours(text) == pytest.approx(values)


def test_texts_are_joined_and_cut() -> None:
    made = reckon("left(t, 1) || '-' || text(2) || replace('aa', 'a', 'b')", layer())
    assert made.cells.tolist() == ["甲-2bb", "a-2bb", None, "乙-2bb", "-2bb"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "(a",
        "a = = b",
        "'open",
        "a b",
        "1 + 'x'",
        "t > 3",
        "a and b",
        "nothing",
        "eval(a)",
        "a..b",
        "a; b",
        "__import__('os')",
        "a.b",
        "[x for x in t]",
        "lambda: 1",
        "round()",
        "(" * 500 + "a" + ")" * 500,
        "-" * 500 + "1",
        "not " * 500 + "a = 1",
        "a" * 5000,
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        reckon(text, layer())
    assert raised.value.say("zh_CN")


@given(st.text("ab t'\"()+-*/<>=,1.%|并 notandor", max_size=40))
def test_any_text_is_reckoned_or_refused(text: str) -> None:
    with suppress(BadInput):
        assert len(reckon(text, layer()).cells) == 5


def test_a_condition_with_a_missing_value_is_not_broken() -> None:
    assert broken("a >= 1", layer()).tolist() == [False, False, False, True, True]
    with pytest.raises(BadInput):
        broken("a + 1", layer())


def test_results_fit_their_field_or_are_refused() -> None:
    assert fitting(reckon("a", layer()), Field("n", "real")) == [1.0, 2.5, None, -3.0, 0.0]
    assert fitting(reckon("b", layer()), Field("n", "integer")) == [4, None, 2, 3, 0]
    assert fitting(reckon("b", layer()), Field("n", "text")) == ["4", None, "2", "3", "0"]
    for text in ("a", "t"):
        with pytest.raises(BadInput) as raised:
            fitting(reckon(text, layer()), Field("n", "integer", zh="数量"))
        assert "数量" in raised.value.say("zh_CN")
    assert "area" in FUNCTIONS
    assert parse("a + b").fields == {"a", "b"}

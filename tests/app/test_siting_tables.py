"""Tables as strangers hand them to `riskatlas site`: what is read, and what is refused with a reason."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.cli import main

DEMAND = "id,demand\na,5\nb,3\nc,4\n"
MATRIX = ",a,b,c\na,0,2,6\nb,2,0,7\nc,6,7,0\n"
SITES = "id,room,price,built,word\na,5,1,0,否\nb,6,2,1,是\nc,4,3,0,\n"
OBJECTIVES = {"p-median": ["--count", "2"], "p-center": ["--count", "2"],
              "max-cover": ["--count", "2", "--radius", "2"], "set-cover": ["--radius", "2"]}  # fmt: skip


def asked(
    folder: Path, *words: str, demand: str | bytes = DEMAND, matrix: str | bytes = MATRIX, sites: str = SITES
) -> tuple[int, Path]:
    """Exit status and plan of the verb for these files."""
    files = {"d.csv": demand, "m.csv": matrix, "c.csv": sites}
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    given = [
        f"--{key}={folder / name}"
        for key, name in zip(("demand", "matrix", "candidates"), files, strict=True)
    ]
    usual = [] if "--objective" in words else ["--objective", "p-median"]
    more = [] if "--count" in words or usual == [] else ["--count", "2"]
    return main(
        ["site", *given, *usual, *more, *words, "--out", str(folder / "out")]
    ), folder / "out" / "plan.json"


def plan_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def marked(text: str, separator: str) -> str:
    return text.replace(",", separator)


@pytest.mark.parametrize(
    "files",
    [
        {"demand": marked(DEMAND, ";"), "matrix": marked(MATRIX, ";")},
        {"demand": marked(DEMAND, "\t"), "matrix": marked(MATRIX, "\t")},
        {"demand": "\ufeff" + DEMAND, "matrix": "\ufeff" + MATRIX},
        {"demand": DEMAND.encode("utf-16"), "matrix": MATRIX.encode("utf-16")},
        {"demand": DEMAND.replace("\n", "\r\n"), "matrix": MATRIX.replace("\n", "\r")},
        {"demand": "a,5\nb,3\nc,4\n"},
        {"demand": "人口,编号\n5,a\n3,b\n4,c\n"},
        {"demand": "demand,ID\n5,a\n3,b\n4,c\n"},
        {"demand": "\n,\n" + DEMAND + "\n\n", "matrix": ",,,\n" + MATRIX + ",,,\n"},
        {"matrix": MATRIX[1:]},
        {"matrix": MATRIX.replace("\n", ",,\n")},
        {"matrix": MATRIX.replace("7", "")},
        {"matrix": MATRIX.replace("7", "N/A")},
        {"matrix": '"","a","b","c"\n"a","0","2","6"\nb,2,0,7\nc,6,7,0\n'},
        {"matrix": marked(MATRIX, ";").replace("7", "7,5")},
    ],
)
def test_a_table_is_read_however_an_office_saved_it(tmp_path: Path, files: dict[str, Any]) -> None:
    status, path = asked(tmp_path, **files)
    assert status == 0
    assert (plan_of(path)["open"], plan_of(path)["objective"]) == (["a", "c"], 6)


def test_ids_that_look_like_nothing_are_ids(tmp_path: Path) -> None:
    ids = str.maketrans({"a": "NA", "b": "null", "c": "nan"})
    files = {"demand": DEMAND.translate(ids).replace("demNAnd", "demand"), "matrix": MATRIX.translate(ids)}
    status, path = asked(tmp_path, sites=SITES.translate(ids).replace("id,", "id,"), **files)
    assert status == 0
    assert plan_of(path)["open"] == ["NA", "nan"]


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        ({"matrix": MATRIX.replace("2,0,7", "2,0")}, [], ["m.csv", "3", "4"]),
        ({"matrix": MATRIX.replace("2,0,7", "2,0,7,1")}, [], ["m.csv", "3", "5"]),
        ({"matrix": "# made by hand\n" + MATRIX}, [], ["m.csv", "2"]),
        ({"matrix": MATRIX.replace("7", "7m")}, [], ["m.csv", "c", "7m"]),
        ({"matrix": MATRIX.replace("7", "-1")}, [], ["m.csv", "c"]),
        ({"matrix": "id\na\n"}, [], ["m.csv"]),
        ({"matrix": b"PK\x03\x04" + bytes(99)}, [], ["m.csv"]),
        # In no encoding: no id is guessed.
        ({"demand": DEMAND.encode() + b"d\xff,1\n"}, [], ["d.csv", "不是可用的表格"]),
        ({"demand": DEMAND.replace("3", "")}, [], ["d.csv", "b", "demand"]),
        ({"demand": DEMAND.replace("3", "-3")}, [], ["d.csv", "b", "-3"]),
        ({"demand": DEMAND.replace("3", "inf")}, [], ["d.csv", "b", "inf"]),
        ({"demand": DEMAND.replace("3", '"3,000"')}, [], ["d.csv", "b", "3,000"]),
        ({}, ["--capacity", "nothing"], ["nothing"]),
        ({"sites": SITES.replace("b,6", "b,-6")}, ["--capacity", "room"], ["c.csv", "b", "-6"]),
        ({"sites": SITES.replace("b,6", "b,∞")}, ["--capacity", "room"], ["c.csv", "b", "∞"]),
        ({"demand": DEMAND.replace("4", "0")}, ["--priority", "demand"], ["d.csv", "c", "0"]),
        ({}, ["--existing", "price"], ["c.csv", "b", "2"]),
        ({}, ["--penalty", "3", "--objective", "p-center", "--count", "1"], ["--penalty"]),
        ({}, ["--count", "0"], ["0"]),
        ({}, ["--count", "4"], ["4"]),
    ],
)
def test_what_is_wrong_is_told_with_file_and_row(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, Any],
    words: list[str],
    said: list[str],
) -> None:
    status, path = asked(tmp_path, *words, **files)
    heard = capsys.readouterr().err.replace(str(tmp_path), "").strip()
    assert (status, path.exists(), len(heard.splitlines())) == (1, False, 1)
    assert all(word in heard for word in said)


@pytest.mark.parametrize("word", ["--radius", "--time-limit", "--gap", "--penalty", "--budget"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf"])
def test_an_amount_is_a_finite_number_of_at_least_nothing(tmp_path: Path, word: str, value: str) -> None:
    with pytest.raises(SystemExit) as ended:
        asked(tmp_path, f"{word}={value}")
    assert ended.value.code == 2


@pytest.mark.parametrize("flag", ["built", "word"])
@pytest.mark.parametrize("whole", [[], ["--single-source"]])
@pytest.mark.parametrize("budget", [[], ["--price", "price", "--budget", "4"]])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_files_add_up_to_what_is_told(
    tmp_path: Path, objective: str, budget: list[str], whole: list[str], flag: str
) -> None:
    words = ["--objective", objective, *OBJECTIVES[objective], "--capacity", "room", "--existing", flag]
    status, path = asked(tmp_path, *words, *budget, *whole)
    plan, cost = plan_of(path), pd.read_csv(tmp_path / "m.csv", index_col=0)
    sites = pd.read_csv(tmp_path / "c.csv", index_col="id")
    flows = pd.DataFrame(plan["assigned"], columns=["demand", "site", "people", "cost"])
    left = {each["demand"]: each["people"] for each in plan["unmet"]}
    served = flows.groupby("demand")["people"].sum().to_dict()
    assert status == 0
    assert {name: served.get(name, 0) + left.get(name, 0) for name in "abc"} == {"a": 5, "b": 3, "c": 4}
    assert (flows.groupby("site")["people"].sum() <= sites["room"].reindex(plan["open"])).all()
    assert "b" in plan["open"]
    assert set(flows["site"]) <= set(plan["open"])
    assert not budget or sites["price"][plan["open"]].sum() <= 4
    assert not whole or flows["demand"].is_unique
    assert flows["cost"].tolist() == [cost.loc[row.demand, row.site] for row in flows.itertuples()]
    told = {
        "p-median": (flows["people"] * flows["cost"]).sum(),
        "p-center": flows["cost"].max(),
        "max-cover": flows["people"].sum(),
        "set-cover": sites["price"][plan["open"]].sum() if budget else len(plan["open"]),
    }
    assert plan["objective"] == plan["bound"] == told[objective]
    assert (plan["status"], plan["gap"]) == ("optimal", 0)


def test_many_numbers_are_read_as_they_stand(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    costs = chance.random((60, 40)).round(6)
    frame = pd.DataFrame(costs, [f"d{i}" for i in range(60)], [f"s{j}" for j in range(40)])
    demand = "id,demand\n" + "".join(f"d{i},1\n" for i in range(60))
    status, path = asked(tmp_path, "--count", "40", demand=demand, matrix=frame.to_csv())
    assert status == 0
    assert sorted(flow["cost"] for flow in plan_of(path)["assigned"]) == sorted(costs.min(axis=1))

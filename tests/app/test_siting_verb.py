"""`riskatlas site` on plain files."""

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from app.cli import main
from layers.grid import Grid, Lattice
from layers.storage.rasters import write_grid

DEMAND = "id,demand,room,urgency\n甲,5,9,1\n乙,3,4,2\n丙,4,0,1\n"
MATRIX = ",甲,乙,丙\n甲,0,2,\n乙,2,0,7\n丙,6,7,0\n"
CANDIDATES = "id,capacity,price,built\n丙,4,1,1\n乙,6,2,0\n甲,5,3,0\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "d.csv").write_text(DEMAND, encoding="utf-8")
    (tmp_path / "m.csv").write_bytes(MATRIX.encode("gb18030"))
    (tmp_path / "c.csv").write_text(CANDIDATES, encoding="utf-8-sig")
    return tmp_path


def site(files: Path, *words: str, status: int = 0, matrix: str = "m.csv") -> dict[str, Any]:
    """The plan that the verb writes for these words."""
    asked = ["site", "--demand", files / "d.csv", "--matrix", files / matrix, *words, "--out", files / "out"]
    assert main([str(word) for word in asked]) == status
    return {} if status else json.loads((files / "out" / "plan.json").read_text(encoding="utf-8"))


def test_a_plan_is_written_with_its_bound(files: Path) -> None:
    plan = site(files, "--objective", "p-median", "--count", "2")
    assert plan["open"] == ["甲", "丙"]
    assert (plan["status"], plan["objective"], plan["bound"], plan["gap"]) == ("optimal", 6, 6, 0)
    assert plan["assigned"][1] == {"demand": "乙", "site": "甲", "people": 3, "cost": 2}
    assert plan["unmet"] == []
    tables = {name for name, _ in pyogrio.list_layers(files / "out" / "plan.gpkg")}
    assert tables == {"site", "allocation", "unmet"}


@pytest.mark.parametrize("capacity", ["4", "room", "capacity"])
def test_capacity_is_a_number_a_field_of_the_demand_or_of_the_candidates(files: Path, capacity: str) -> None:
    words = ["--candidates", str(files / "c.csv")] if capacity == "capacity" else []
    plan = site(files, "--objective", "p-median", "--count", "2", "--capacity", capacity, *words)
    room = {
        "4": {"甲": 4, "乙": 4, "丙": 4},
        "room": {"甲": 9, "乙": 4, "丙": 0},
        "capacity": {"甲": 5, "乙": 6, "丙": 4},
    }[capacity]
    load = {name: sum(flow["people"] for flow in plan["assigned"] if flow["site"] == name) for name in room}
    assert all(load[name] <= room[name] for name in room)
    assert sum(load.values()) + sum(left["people"] for left in plan["unmet"]) == 12
    assert plan["assigned_total"] + plan["unmet_total"] == plan["demand_total"] == 12


def test_existing_sites_prices_and_priorities_are_fields(files: Path) -> None:
    words = ["--candidates", str(files / "c.csv"), "--existing", "built"]
    plan = site(
        files, "--objective", "max-cover", "--radius", "1", "--price", "price", "--budget", "3", *words
    )
    assert plan["open"] == ["乙", "丙"]
    plan = site(files, "--objective", "p-median", "--count", "1", "--priority", "urgency")
    assert plan["objective"] == min(0 + 12 + 24, 10 + 0 + 28)


def test_a_demand_point_that_is_not_split_goes_to_one_site(files: Path) -> None:
    plan = site(files, "--objective", "p-median", "--count", "3", "--capacity", "4", "--single-source")
    assert sorted(flow["people"] for flow in plan["assigned"]) == [3, 4]
    assert plan["unmet"] == [{"demand": "甲", "people": 5}]


@pytest.mark.parametrize(
    ("matrix", "words", "said"),
    [
        ("gone.csv", [], "gone.csv"),
        (",甲,乙\n甲,0,-1\n乙,1,0\n丙,3,4\n", [], "甲"),
        (",甲,乙\n甲,0,x\n乙,1,0\n丙,3,4\n", [], "x"),
        (",甲,甲\n甲,0,1\n乙,1,0\n丙,3,4\n", [], "甲"),
        (",甲\n甲,0\n乙,1\n丁,3\n", [], "丙"),
        (MATRIX, ["--count", "9"], "9"),
        (MATRIX, ["--capacity", "无"], "无"),
        (MATRIX, ["--objective", "max-cover"], "--radius"),
        (MATRIX, ["--existing", "built"], "--candidates"),
        (",甲,乙\n甲,0,1,5\n乙,1,0\n丙,3,4\n", [], "t.csv"),
        ("", [], "t.csv"),
    ],
)
def test_wrong_input_is_told_in_one_line_and_nothing_is_written(
    files: Path, capsys: pytest.CaptureFixture[str], matrix: str, words: list[str], said: str
) -> None:
    name = matrix if matrix.endswith(".csv") else "t.csv"
    if name == "t.csv":
        (files / name).write_text(matrix, encoding="utf-8")
    site(files, "--objective", "p-median", "--count", "1", *words, status=1, matrix=name)
    heard = capsys.readouterr()
    assert heard.out == ""
    assert said in heard.err
    assert len(heard.err.strip().splitlines()) == 1
    assert not (files / "out").exists()


def test_a_machine_reads_one_object(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site(files, "--objective", "p-center", "--count", "1", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["objective"], answer["open"]) == (6, ["甲"])
    assert np.isfinite(answer["seconds"])


def test_along_roads_costs_are_metres_on_foot_and_water_closes_roads(tmp_path: Path) -> None:
    def made(file: str, shapes: list[Any], **columns: list[Any]) -> Path:
        frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548")
        frame.to_file(tmp_path / file)
        return tmp_path / file

    at, side = np.array([[500_000.0, 4_170_000.0]]), 1000.0
    corner = lambda i, j: tuple((at + side * np.array([i, j]))[0])  # noqa: E731
    ways = [((0, 0), (1, 0)), ((1, 0), (1, 1)), ((0, 0), (0, 1)), ((0, 1), (1, 1))]
    lines = [shapely.LineString([corner(*a), corner(*b)]) for a, b in ways]
    roads = made("r.gpkg", lines, **{"class": ["乡道"] * 4})
    demand = made("d.gpkg", [shapely.Point(corner(0, 0))], name=["甲村"], population=[120])
    places = [shapely.Point(corner(1, 0)), shapely.Point(corner(1, 1))]
    sites = made("c.gpkg", places, id=["东", "远"], room=[90, 99])
    asked = ["site", "--demand", demand, "--candidates", sites, "--roads", roads, "--objective", "p-median"]
    asked += ["--count", "2", "--capacity", "room", "--out", tmp_path / "out"]

    def flows(*words: str) -> dict[str, tuple[int, int]]:
        assert main([str(word) for word in (*asked, *words)]) == 0
        plan = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
        return {flow["site"]: (flow["people"], round(flow["cost"])) for flow in plan["assigned"]}

    assert flows() == {"东": (90, 1000), "远": (30, 2000)}
    lattice = Lattice(499_400, 4_171_600, 200.0, 11, 11, "EPSG:4548")
    depth = np.zeros(lattice.shape)
    depth[6:10, 5] = 1.0  # half way to the east
    write_grid(Grid(depth, lattice, "m"), tmp_path / "h.tif")
    assert flows("--closed-by", str(tmp_path / "h.tif")) == {"东": (21, 3000), "远": (99, 2000)}

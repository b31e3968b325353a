"""What a stranger may hand to `riskatlas simulate flood` by mistake: one sentence, and no output."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from tests.app.test_simulate_flood import Affine, write

BED = np.tile(np.linspace(12, 10, 20), (12, 1))
HERE, THERE = (500055, 4099945), (500150, 4099945)
CULVERT = {"name": "c", "from": HERE, "to": THERE, "width_m": 1, "height_m": 1, "invert_m": 10.5}
BREACH = {"at": [500100, 4099940], "time_h": 0.01, "width_m": 20, "bottom_m": 11}
LEVEE = {"name": "l", "line": [[500100, 4100010], [500100, 4099870]], "crest_m": 13}
INFLOW = "name,x,y,time_h,m3_per_s\n"
PLACE = "500055,4099945"


def tell(tmp_path: Path, capsys, *words: object, language: str = "en") -> tuple[int, list[str]]:
    """How a run of a moment ended, and what it said."""
    if not (tmp_path / "dem.tif").exists():
        write(tmp_path / "dem.tif", BED)
    given = ("--dem", tmp_path / "dem.tif", "--duration", "10s", "--threads", 1, "--out", tmp_path / "out")
    words = words if "--manning" in words else (*words, "--manning", 0.03)
    status = main(["simulate", "flood", *map(str, given), *map(str, words), "--language", language])
    return status, capsys.readouterr().err.strip().splitlines()


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(text)
    return path


def structures(tmp_path: Path, kind: str, *entries: object) -> tuple[str, Path]:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({kind: entries}))
    return "--structures", path


REFUSED = {
    "bands of a terrain": (lambda p: write(p, BED) and _bands(p), "3 bands"),
    "complex heights": (lambda p: write(p, BED.astype("complex64")), "complex"),
    "-999 not declared": (lambda p: write(p, np.where(np.eye(12, 20) > 0, -999.0, BED)), "-999"),
    "geocentric": (lambda p: write(p, BED, crs="EPSG:4978"), "geocentric"),
    "feet upward": (lambda p: write(p, BED, crs="EPSG:32650+6360"), "foot"),
    "cells of 100 km": (lambda p: write(p, BED, transform=Affine(1e5, 0, 0, 0, -1e5, 0)), "100000 m wide"),
    "rotated": (lambda p: write(p, BED, transform=Affine(9.9, 1.4, 0, 1.4, -9.9, 0)), "north-up"),
    "south-up": (lambda p: write(p, BED, transform=Affine(10, 0, 0, 0, 10, 0)), "north-up"),
}


def _bands(path: Path) -> None:
    import rasterio

    with rasterio.open(
        path, "w", driver="GTiff", height=12, width=20, count=3, dtype="float64", crs="EPSG:4548",
        transform=Affine(10, 0, 500000, 0, -10, 4100000),
    ) as file:  # fmt: skip
        file.write(np.stack([BED] * 3))


@pytest.mark.parametrize("case", REFUSED)
def test_terrain_that_cannot_be_meant_is_refused(tmp_path, capsys, case) -> None:
    make, sentence = REFUSED[case]
    make(tmp_path / "dem.tif")
    status, told = tell(tmp_path, capsys)
    assert (status, len(told)) == (1, 1)
    assert sentence in told[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "text", "sentence"),
    [
        ("--rain", "time_h,mm_per_h,mm_per_h\n0,1,2\n", "names mm_per_h twice"),
        ("--inflow", f"{INFLOW}a,{PLACE},0,1e9\n", "no river"),
        ("--gauges", f"name,x,y\na,{PLACE}\n a ,{PLACE}\n", "stands twice"),
    ],
)
def test_tables_that_cannot_be_meant_are_refused(tmp_path, capsys, option, text, sentence) -> None:
    status, told = tell(tmp_path, capsys, option, table(tmp_path, text))
    assert (status, len(told)) == (1, 1)
    assert sentence in told[0]


@pytest.mark.parametrize(
    ("kind", "entries", "sentence"),
    [
        ("culverts", [{**CULVERT, "to": [500058, 4099948]}], "lie in one cell"),
        ("culverts", [{**CULVERT, "hight_m": 2}], "hight_m?"),
        ("culverts", [{**CULVERT, "coefficient": 5}], "coefficient 5 > 1"),
        ("culverts", [{**CULVERT, "width_m": 0}], "wrong: 0"),
        ("culverts", [{**CULVERT, "name": ""}], "name"),
        ("culverts", [{**CULVERT, "to": [0, 0]}], "lies off the terrain"),
        ("levees", [{**LEVEE, "line": [[115, 37], [116, 38]]}], "wholly off the terrain"),
        ("levees", [{**LEVEE, "breaches": [{**BREACH, "at": [500030, 4099940]}]}], "70 m away"),
        ("levees", [{**LEVEE, "breaches": [{**BREACH, "bottom_m": 14}]}], "not below its crest"),
        ("levees", [{**LEVEE, "breach": [BREACH]}], "breach?"),
    ],
)
def test_structures_that_cannot_be_meant_are_refused(tmp_path, capsys, kind, entries, sentence) -> None:
    status, told = tell(tmp_path, capsys, *structures(tmp_path, kind, *entries))
    assert (status, len(told)) == (1, 1)
    assert sentence in told[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("depth", [BED, np.full(BED.shape, 13.0)], ids=["the ground's", "a level"])
def test_heights_in_place_of_depths_are_refused(tmp_path, capsys, depth) -> None:
    status, told = tell(tmp_path, capsys, "--initial", write(tmp_path / "h.tif", depth))
    assert (status, len(told)) == (1, 1)
    assert "not depths" in told[0]


@pytest.mark.parametrize("depth", [np.full(BED.shape, 0.5), np.maximum(11.5 - BED, 0), 13 - BED])
def test_depths_are_taken_as_depths(tmp_path, capsys, depth) -> None:
    assert tell(tmp_path, capsys, "--initial", write(tmp_path / "h.tif", depth)) == (0, [])


@pytest.mark.parametrize("words", [("--boundary", "W=slope:0"), ("--boundary", "W=slope:5"),
                                   ("--duration", "4000d"),
                                   ("--gauge-interval", "0.0000001s", "--gauges", "G")])  # fmt: skip
def test_numbers_that_cannot_be_meant_are_refused(tmp_path, capsys, words) -> None:
    gauges = table(tmp_path, f"name,x,y\na,{PLACE}\n")
    status, told = tell(tmp_path, capsys, *(gauges if word == "G" else word for word in words))
    assert (status, len(told)) == (1, 1)


@pytest.mark.parametrize(
    ("words", "text", "sentence"),
    [
        (("--rain", "T"), "time_h,mm_per_h\n0,10\n60,20\n120,0\n", "after the end of the run"),
        (("--rain", "T"), "time_h,mm_per_h\n0,10\n0.001,20\n", "goes on to the end"),
        (("--rain", "T"), "time_h,mm_per_h\n5,10\n", "no rain falls before"),
        (("--inflow", "T"), f"{INFLOW}a,{PLACE},0,0\na,{PLACE},3600,1\na,{PLACE},7200,0\n", "in hours"),
        (("--inflow", "T"), f"{INFLOW}a,{PLACE},0,1\na,500095,4099945,0,1\n", "2 places"),
        (("--inflow", "T"), f"{INFLOW}a,{PLACE},0,-1\n", "taken away"),
        (("--boundary", "W=level:0.5"), "", "water only leaves"),
        (("--boundary", "E=slope:0.5"), "", "not per cent"),
        (("--rain", "T", "--manning", "1"), "time_h,mm_per_h\n0,1\n", "a class of land"),
        ((), "", "there will be no water"),
    ],
)
def test_what_is_odd_but_can_be_run_is_told(tmp_path, capsys, words, text, sentence) -> None:
    path = table(tmp_path, text)
    status, told = tell(tmp_path, capsys, *(path if word == "T" else word for word in words))
    assert status == 0
    assert any(sentence in line for line in told)
    assert any(
        sentence in note for note in json.loads((tmp_path / "out" / "summary.json").read_text())["warnings"]
    )


@pytest.mark.parametrize(
    ("kind", "entry", "sentence"),
    [
        ("levees", {**LEVEE, "crest_m": 2}, "not a height"),
        ("levees", {**LEVEE, "breaches": [{**BREACH, "time_h": 60}]}, "after the end"),
        ("culverts", {**CULVERT, "invert_m": 100}, "far above"),
        (
            "pumps",
            {"name": "p", "from": HERE, "to": THERE, "m3_per_s": 1, "start_m": 1, "stop_m": 0},
            "takes",
        ),
    ],
)
def test_what_is_odd_about_structures_is_told(tmp_path, capsys, kind, entry, sentence) -> None:
    status, told = tell(tmp_path, capsys, *structures(tmp_path, kind, entry))
    assert status == 0
    assert any(sentence in line for line in told)


def test_ground_that_is_torn_apart_or_framed_by_a_code_is_told(tmp_path, capsys) -> None:
    framed = np.pad(BED[1:-1, 1:-1] + 100, 1)
    framed[:, 10] = np.nan
    write(tmp_path / "dem.tif", framed)
    _, told = tell(tmp_path, capsys)
    assert any("2 parts" in line for line in told)
    assert any("110 m below" in line for line in told)


def test_a_stretched_map_is_told_in_both_languages(tmp_path, capsys) -> None:
    write(tmp_path / "dem.tif", BED, crs="EPSG:3857", transform=Affine(10, 0, 12880000, 0, -10, 4540000))
    assert "off by +26 %" in tell(tmp_path, capsys)[1][0]
    assert "+26%" in tell(tmp_path, capsys, language="zh_CN")[1][0]


def test_a_time_named_in_two_ways_is_written_under_both(tmp_path, capsys) -> None:
    status, _ = tell(tmp_path, capsys, "--duration", "25min", "--times", "0h,0.333333h,1min,60s")
    assert status == 0
    assert {path.stem for path in (tmp_path / "out").glob("depth_*[hns].tif")} == {
        "depth_0h", "depth_0.333333h", "depth_1min", "depth_60s",
    }  # fmt: skip

"""CSV at the door of a flood run: read as people save it, or refused by file, row and cure."""

import json
from pathlib import Path

import pytest

from layers.errors import BadInput
from layers.hazards.inundation.files import read_inflows, read_rain, read_sides
from layers.hazards.inundation.structure_files import read_structures
from layers.hazards.inundation.tables import read_table

RAIN = ("time_h", "mm_per_h")


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("time_h,mm_per_h\n0,1.5\n1.5,0\n", "utf-8-sig"),
        ("time_h,mm_per_h,备注\n0,1.5,暴雨\n\n1.5,0,停\n", "gb18030"),
        ("time_h,mm_per_h\r\n0,1.5\r\n1.5,0\r\n", "utf-16"),
        ("time_h;mm_per_h\n0;1,5\n1,5;0\n", "utf-8"),
        ("Time_h\tMM_per_h\n0\t1.5\n1.5\t0\n", "utf-8"),
        ("time_h，mm_per_h\n0，1.5\n1.5，0\n", "utf-8"),
        ('"time_h", "mm_per_h"\n"0","1.5"\n1.5,0,,\n', "utf-8"),
    ],
    ids=["mark", "GB18030", "UTF-16", "semicolons", "tabs and capitals", "Chinese commas", "quotes"],
)
def test_a_table_is_read_as_people_save_it(tmp_path, text, encoding) -> None:
    table = read_table(written(tmp_path, text, encoding), RAIN)
    assert table.to_numpy().tolist() == [[0.0, 1.5], [1.5, 0.0]]


@pytest.mark.parametrize(
    ("text", "key", "facts"),
    [
        ("", "flood_csv_empty", {}),
        ("\n \n", "flood_csv_empty", {}),
        ("time_h,mm_per_h\n0,1\n1,2,3\n", "flood_csv_wide", {"row": 2, "cells": 3, "width": 2}),
        ("time_h,mm_per_h\n0,1\n\n1\n", "flood_csv_number", {"row": 2, "column": "mm_per_h", "value": "-"}),
        ("time_h,mm_per_h\n0,nan\n", "flood_csv_number", {"row": 1, "value": "nan"}),
        ('time_h,mm_per_h\n0,"1,000"\n', "flood_csv_number", {"value": "1,000"}),
        ("time_h,rain\n0,1\n", "flood_csv_columns", {"missing": "mm_per_h"}),
        ("time_h,mm_per_h\n\0\n", "flood_csv_unreadable", {}),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path, text, key, facts) -> None:
    with pytest.raises(BadInput) as refused:
        read_rain(written(tmp_path, text))
    assert refused.value.key == key
    assert {name: str(refused.value.facts[name]) for name in facts} == {n: str(v) for n, v in facts.items()}


def test_an_inflow_without_a_name_is_refused_and_not_left_out(tmp_path) -> None:
    with pytest.raises(BadInput) as refused:
        read_inflows(written(tmp_path, "name,x,y,time_h,m3_per_s\na,1,1,0,5\n,1,1,0,5\n"))
    assert (refused.value.key, refused.value.facts["row"]) == ("flood_csv_nameless", 2)


@pytest.mark.parametrize("words", ["S=slope:1.2.3", "S=slope:.", "S=slope:"])
def test_a_slope_that_is_no_number_is_refused(words) -> None:
    with pytest.raises(BadInput):
        read_sides(words)


def pump(start: float) -> str:
    return json.dumps({"name": "p", "from": [0, 0], "m3_per_s": 1, "start_m": start, "stop_m": 0})


GATE = {"name": "g", "from": [0, 0], "to": [1, 1], "width_m": 1, "invert_m": 0, "opening_m": []}


@pytest.mark.parametrize(
    "text",
    [
        '{"levees": 5}',
        f'{{"pumps": [{pump(-1)}]}}',
        f'{{"pumps": [{pump(1)}, {pump(1)}]}}',
        json.dumps({"gates": [GATE]}),
    ],
    ids=["no list", "stops above its start", "twice", "no opening"],
)
def test_structures_that_make_no_sense_are_refused(tmp_path, text) -> None:
    with pytest.raises(BadInput):
        read_structures(written(tmp_path, text))

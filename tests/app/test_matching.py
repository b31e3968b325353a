"""A table's values are brought to a layer in the window and by the command line, as one edit."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.cli import main

Bench = Any


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "人口.csv"
    path.write_text("代码,常住人口\n131121101,777\n131121102,200\n9,1\n", encoding="utf-8")
    return path


def test_a_table_is_brought_in_by_the_page(bench: Bench, table: Path) -> None:
    bench.choose_layer()
    matching = bench.window.workbench.matching
    matching.read(bench.window.stack.entry("township"), table)
    bench.settle()
    page = matching.page
    assert (page.field.currentData(), page.column.currentData()) == ("code", "代码")
    assert page.fill == {"population": "常住人口"}
    assert "6 个要素中有 2 个" in page.told.text()
    assert "1 行没有对应要素：9" in page.told.text()
    page.targets["population"].setCurrentIndex(0)
    assert not page.fine.isEnabled()
    page.targets["population"].setCurrentIndex(page.targets["population"].findData("常住人口"))
    page.accept()
    bench.settle()
    assert bench.rows()["1村"]["population"] == 777
    assert "已填入 1 个要素" in bench.notices()
    bench.window.undo()
    assert bench.rows()["1村"]["population"] == 100


def test_a_table_is_brought_in_by_the_command_line(
    bench: Bench, table: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = str(bench.project.path)
    bench.window.files.close()
    asked: Callable[..., int] = lambda *more: main(["join", path, "乡镇", str(table), *more])  # noqa: E731
    assert asked("--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["matched"], told["changed"], told["unused"]) == (2, 1, ["9"])
    assert told["filled"] == {"population": "常住人口"}
    assert asked("--key", "名称=无") == 1
    assert "无" in capsys.readouterr().err


def test_what_other_programs_changed_is_entered_before_the_command_line_writes(
    bench: Bench, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bench.project.path
    bench.window.files.close()
    with closing(sqlite3.connect(path)) as other, other:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            other.create_function(name, 1, lambda shape: 0)
        other.execute("UPDATE township SET name = '外面改的' WHERE code = '131121103'")
    assert main(["join", str(path), "township", str(table)]) == 0
    assert "外部修改" in capsys.readouterr().err
    assert main(["log", str(path), "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)["entries"]]
    assert names[-2:] == ["外部修改", "从“人口.csv”填入乡镇"]

"""The report of an import at the window: every row that was skipped or altered, with its reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from layers.storage.geopackage import ProjectFile
from tests.waiting import LONG


def test_rows_that_did_not_come_in_are_listed_at_the_window(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, table, plain = tmp_path / "p.gpkg", tmp_path / "点.csv", tmp_path / "好.csv"
    ProjectFile.create(path).close()
    head = "名称,经度(CGCS2000),纬度(CGCS2000)\n甲,115.6,37.7\n"
    table.write_text(f"{head}乙,,\n丙,待查,37\n", encoding="utf-8")
    plain.write_text(head, encoding="utf-8")
    window = open_window(path)
    window.files.bring([plain])
    qtbot.waitUntil(lambda: len(window.stack.entries) == 1 and window.tasks.idle, timeout=LONG)
    assert window.files.report is None
    window.files.bring([table])
    qtbot.waitUntil(lambda: window.files.report is not None, timeout=LONG)
    page = window.files.report
    assert page is not None
    rows = [[item.text(n) for n in range(4)] for item in map(page.list.topLevelItem, (1, 2))]
    assert rows == [["点.csv", str(n), "未导入", "没有坐标或坐标读不出"] for n in (3, 4)]
    page.grab().save(str(tmp_path / "report.png"))
    monkeypatch.setattr(window.files, "_ask_place", lambda *_: tmp_path / "清单.csv")
    page.export()
    qtbot.waitUntil(lambda: (tmp_path / "清单.csv").exists() and window.tasks.idle, timeout=LONG)
    assert "待查" not in (tmp_path / "清单.csv").read_text("utf-8-sig")
    assert "未导入" in (tmp_path / "清单.csv").read_text("utf-8-sig")

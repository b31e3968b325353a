"""A planner at the window, on the sample project: what the README shows, and what a working day needs."""

import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from PySide6.QtWidgets import QDoubleSpinBox, QLabel
from pytestqt.qtbot import QtBot

from app.canvas.view import RESERVE
from app.main_window import MainWindow
from app.settings import Settings
from app.turns import nothing_waits
from layers.risk.assessment import risk_result
from layers.risk.vulnerability import FloodDamage
from layers.storage.geopackage import ProjectFile
from layers.words import Language

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZES = ((1366, 768), (1920, 1080))
LONG = 120_000

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def window_on(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenWindow:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def open_window(project: Path, language: Language = "zh_CN") -> MainWindow:
        window = MainWindow(Settings(), language)
        qtbot.addWidget(window)
        window.show()
        window.files.open_path(project)
        qtbot.waitUntil(lambda: window.desk.project is not None, timeout=LONG)
        settle(window, qtbot)
        return window

    return open_window


def settle(window: MainWindow, qtbot: QtBot, *, after: object = None) -> None:
    """Until no task is in hand and the map shows what it should, in another picture than `after`."""

    def is_settled() -> bool:
        drawing = window.stage.map.drawing
        wanted = window.stage.map.view.grown(RESERVE)
        return (
            window.tasks.idle
            and nothing_waits()
            and drawing is not None
            and drawing is not after
            and drawing.is_final
            and drawing.view == wanted
        )

    qtbot.wait(100)
    qtbot.waitUntil(is_settled, timeout=LONG)


def key_of(window: MainWindow) -> list[str]:
    """What the card in the map's corner says."""
    card = window.stage.key
    return [each.text() for each in card.findChildren(QLabel) if each.text() and each.isVisibleTo(card)]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_window_shows_the_sample_in_both_sizes(
    window_on: OpenWindow, qtbot: QtBot, sample_project: Path, tmp_path: Path, language: Language
) -> None:
    window = window_on(sample_project, language)
    folder = IMAGES if os.environ.get("RISKATLAS_SCREENSHOTS") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    window.choice.take_region("131127")
    window.go_to("region")
    for width, height in SIZES:
        window.resize(width, height)
        settle(window, qtbot)
        assert window.stage.width() * window.stage.height() >= 0.55 * width * height
        picture = window.grab()
        path = folder / f"window-{language}-{width}x{height}.png"
        assert picture.save(str(path))
        assert len({picture.toImage().pixel(x, height // 2) for x in range(0, width, 7)}) > 10


def test_the_map_shows_the_chosen_hazard_and_says_what_its_colours_mean(
    window_on: OpenWindow, qtbot: QtBot, sample_project: Path
) -> None:
    window = window_on(sample_project)
    seen = {}
    for hazard, title in {"flood": "洪水风险（人/km²）", "earthquake": "地震风险（人/km²）"}.items():
        before = window.stage.map.drawing if hazard != window.choice.hazard else None
        window.choice.take_hazard(hazard)
        settle(window, qtbot, after=before)
        assert key_of(window)[0] == title
        assert "含合成示例数据" in key_of(window)
        seen[hazard] = window.stage.map.grab().toImage()
    assert seen["flood"] != seen["earthquake"]
    window.choice.take_hazard("drought")
    qtbot.waitUntil(nothing_waits, timeout=LONG)
    assert key_of(window)[0] == "干旱 · 普查危险性等级"
    assert "数据缺失" in key_of(window)


def test_a_planner_runs_a_flood_with_another_stage_and_every_number_follows(
    window_on: OpenWindow, qtbot: QtBot, own_project: Path, tmp_path: Path
) -> None:
    window = window_on(own_project)
    before = _affected(own_project)
    window.go_to("hazard")
    panel = window.workspaces.risk.hazard
    assert panel.form is not None  # whoever asks for it has it made at once
    stage = next(s for s in panel.findChildren(QDoubleSpinBox) if s.value() == FloodDamage().stage)
    stage.setValue(2.0)
    panel.launch()
    settle(window, qtbot)
    assert _affected(own_project) < before
    assert window.stack.theme is not None
    assert "FloodDamage(stage=2.0)" in window.stack.theme.provenance.model
    window.choice.take_region("131127")
    window.go_to("database")
    window.workspaces.risk.database.run()
    settle(window, qtbot)
    frame = window.workspaces.risk.database.frame
    assert frame is not None
    assert {"致灾因子", "承灾体", "减灾能力"} <= {
        window.workspaces.risk.database.table.topLevelItem(row).text(0)
        for row in range(window.workspaces.risk.database.table.topLevelItemCount())
    }
    window.files.write_table(frame, "景县", tmp_path / "景县.xlsx")
    settle(window, qtbot)
    sheet = openpyxl.load_workbook(tmp_path / "景县.xlsx").worksheets[0]
    written = [row[3].value for row in sheet.iter_rows(min_row=2)]
    assert pd.Series(written, dtype=float).tolist() == pytest.approx(frame["value"].tolist(), nan_ok=True)
    window.undo()
    settle(window, qtbot)
    assert _affected(own_project) == before


def test_the_language_is_switched_at_once_and_a_page_is_previewed(
    window_on: OpenWindow, qtbot: QtBot, sample_project: Path
) -> None:
    window = window_on(sample_project)
    window.switch_language()
    window.choice.take_hazard("fire")
    settle(window, qtbot)
    assert key_of(window)[0] == "Forest fire risk (people/km²)"
    window.workspaces.side.show_workspace("print")
    window.workspaces.print.sheets.look.click()
    settle(window, qtbot)
    picture = window.workspaces.print.sheets.preview.picture
    assert picture is not None
    assert picture.width() / picture.height() == pytest.approx(420 / 297, abs=0.01)


def _affected(path: Path) -> float:
    """Affected people in the city, as sheet, web map and command line reckon them."""
    with ProjectFile.open(path, read_only=True) as project:
        return float(risk_result(project, "flood").by_county["affected_people"].sum())

"""The relief panel: only the fields that matter are shown, and the form says what was asked."""

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.panels.relief import ReliefPanel
from app.theme import dress, the_application
from app.words import Words
from layers.siting.answers import OPEN, Answer, Given


@pytest.fixture
def panel(qtbot: QtBot) -> ReliefPanel:
    made = ReliefPanel(Words("en"))
    qtbot.addWidget(made)
    made.show_events([("Depth of a breach", "hazard_inundation")])
    made.study.setCurrentIndex(made.study.findData("isochrones"))
    return made


def shown(panel: ReliefPanel) -> set[str]:
    fields = {"origin": panel.places["origin"], "bands": panel.bands, **panel.numbers}
    return {name for name, field in fields.items() if not field.isHidden()}


def test_fields_follow_what_isochrones_begin_at_and_what_closes_roads(panel: ReliefPanel) -> None:
    assert shown(panel) == {"origin", "bands"}
    panel.source.setCurrentIndex(panel.source.findData("depot"))
    panel.travel.setCurrentIndex(panel.travel.findData("foot"))
    assert shown(panel) == {"bands", "pace"}
    panel.closed_by.setCurrentIndex(panel.closed_by.findData("hazard_inundation"))
    assert shown(panel) == {"bands", "pace", "stage", "depth", "bridges"}
    panel.closed_by.setCurrentIndex(panel.closed_by.findData(OPEN))
    assert shown(panel) == {"bands", "pace"}


def test_the_form_says_what_was_asked(panel: ReliefPanel) -> None:
    panel.source.setCurrentIndex(panel.source.findData("depot"))
    panel.bands.setText("5, 15")
    panel.closed_by.setCurrentIndex(panel.closed_by.findData("hazard_inundation"))
    given = panel.given()
    assert (given.source, given.bands, given.event, given.travel) == (
        "depot",
        "5, 15",
        "hazard_inundation",
        "vehicle",
    )
    panel.closed_by.setCurrentIndex(0)
    assert panel.given().event == Given().event


def test_an_empty_study_says_what_it_is_about_and_an_answer_takes_its_place(panel: ReliefPanel) -> None:
    panel.resize(284, 640)
    panel.show()
    assert panel.note.isVisible()
    assert panel.note.y() < panel.start.geometry().bottom() + 20
    assert not panel.table.isVisible()
    panel.show_answer(ten_hours())
    assert not panel.note.isVisible()
    assert panel.table.isVisible()
    assert panel.study.toolTip() == panel.note.text()


def test_four_columns_are_seen_side_by_side_in_the_narrowest_panel(panel: ReliefPanel, qtbot: QtBot) -> None:
    dress(the_application(), "light")
    panel.resize(284, 640)
    panel.show()
    panel.show_answer(ten_hours())
    qtbot.wait(20)
    table = panel.table
    assert table.horizontalScrollBar().maximum() == 0
    assert table.columnWidth(0) >= table.fontMetrics().horizontalAdvance("程油子乡镇")
    assert table.headerItem().textAlignment(2) & Qt.AlignmentFlag.AlignRight


def ten_hours() -> Answer:
    """As the ten-hour rule answers."""
    rows = pd.DataFrame(
        {"town": ["程油子乡镇", "武强镇"] * 20, "people": 57_174, "late": 54_161, "share": 5.3}
    )
    return Answer("93.5 % are helped", ("乡镇", "人口", "超时", "按时 %"), rows)

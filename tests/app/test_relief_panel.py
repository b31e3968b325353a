"""The relief panel: only the fields that matter are shown, and the form says what was asked."""

import pytest
from pytestqt.qtbot import QtBot

from app.panels.relief import ReliefPanel
from app.words import Words
from layers.siting.answers import OPEN, Given


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

"""The form of a hazard is made in turns, out of sight; who asks for it has it made at once."""

from pytestqt.qtbot import QtBot

from app.panels.hazard import HazardPanel
from layers.hazards.inundation_scenario import InundationScenario
from tests.app.conftest import Bench
from tests.waiting import LONG


def panel_of(bench: Bench) -> HazardPanel:
    panel = bench.window.workspaces.risk.hazard
    bench.window.go_to("hazard")
    bench.qtbot.waitUntil(lambda: panel._making is None, timeout=LONG)
    return panel


def test_the_form_before_is_seen_until_the_next_is_whole(bench: Bench, qtbot: QtBot) -> None:
    panel = panel_of(bench)
    before = panel._scroll.widget()
    panel._late.work()  # nothing is another: nothing is made
    assert panel._making is None
    bench.window.choice.take_hazard("inundation")
    panel._late.work()
    making = panel._making
    assert making is not None
    assert panel._scroll.widget() is before
    with qtbot.waitSignal(making.whole, timeout=LONG):
        pass
    assert panel._scroll.widget() is not before
    assert not panel._scroll.widget().isHidden()
    assert panel._making is None


def test_who_asks_has_the_form_made_at_once(bench: Bench) -> None:
    panel = panel_of(bench)
    bench.window.choice.take_hazard("inundation")
    panel._late.work()
    model = panel.scenario()
    assert panel._making is None
    assert isinstance(model, InundationScenario)
    assert panel.rain is not None


def test_another_hazard_gives_up_the_form_that_is_made(bench: Bench, qtbot: QtBot) -> None:
    panel = panel_of(bench)
    bench.window.choice.take_hazard("inundation")
    panel._late.work()
    first = panel._making
    bench.window.choice.take_hazard("earthquake")
    panel._late.work()
    assert panel._making is not first
    qtbot.waitUntil(lambda: panel._making is None, timeout=LONG)
    assert {owner for owner, _ in panel.form._fields} == {panel._models[0].name, panel._models[1].name}  # type: ignore[index]
    assert panel.rain is None


def test_what_was_typed_stays_when_the_language_changes_twice_in_a_row(bench: Bench, qtbot: QtBot) -> None:
    panel = panel_of(bench)
    bench.window.choice.take_hazard("inundation")
    panel._late.work()
    panel.form._fields["inundation", "duration"].__self__.setValue(7.0)  # type: ignore[attr-defined]
    for _ in range(2):
        bench.window.switch_language()
        panel._late.work()
        assert panel._making is not None
    qtbot.waitUntil(lambda: panel._making is None, timeout=LONG)
    model = panel.scenario()
    assert model is not None
    assert model.duration == 7.0
    bench.window.switch_language()
    bench.settle()
    assert panel.scenario() == model

"""The form of a point symbol gives back what it was shown, and what was chosen in it."""

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from app.panels.marker import FILE, MarkerForm, contrast
from app.words import Words
from layers.cartography.style import Fill, Marker, Stroke
from tests.waiting import LONG

EDGE = Stroke(color="#123456", width_mm=0.3)


@pytest.fixture
def form(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.words = Words("en", parent)
    return MarkerForm(parent.words, parent)


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


@pytest.mark.parametrize(
    "marker",
    [
        Marker(shape="star", size_mm=4.5, stroke=EDGE),
        Marker(glyph="tree", stroke=EDGE),
        Marker(shape="none", icon="flame", stroke=EDGE, size_m=250.0),
        Marker(icon="M-500,-500 500,-500 500,500", stroke=EDGE),
    ],
)
def test_a_marker_comes_back_as_it_was_shown(form, marker):
    form.show(marker)
    assert form.marker(marker.fill, EDGE) == marker
    form._words.speak("zh_CN")
    assert form.marker(marker.fill, EDGE) == marker


def test_shape_icon_and_unit_are_chosen(form, qtbot):
    form.show(Marker(glyph="school", size_mm=3.0))
    with qtbot.waitSignals([form.changed] * 2, timeout=LONG):
        choose(form.shape, "diamond")
        choose(form.icon, "dam")
    choose(form.unit, "m")
    marker = form.marker(Fill("#ffff00"), None)
    assert (marker.shape, marker.icon, marker.glyph) == ("diamond", "dam", "")
    assert (marker.size_m, marker.size_mm) == (30.0, 3.0)
    assert marker.ink == contrast("#ffff00") == "#202020"


def test_an_icon_from_a_file_is_taken_apart_and_a_bad_one_is_told(form, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "x.svg"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    form.show(Marker(icon="flame"))
    path.write_text("<svg><script/></svg>", encoding="utf-8")
    with qtbot.waitSignal(form.told, timeout=LONG):
        choose(form.icon, FILE)
    assert form.marker(Fill(), None).icon == "flame"
    path.write_text('<svg><rect width="4" height="4"/></svg>', encoding="utf-8")
    with qtbot.waitSignal(form.changed, timeout=LONG):
        choose(form.icon, FILE)
    assert form.marker(Fill(), None).icon.startswith("M")


def test_icons_are_taken_apart_when_their_list_is_first_seen(form, qtbot, monkeypatch):
    monkeypatch.setattr("app.panels.marker.kernels_loaded", lambda: True)
    form.show(Marker(icon="flame"))
    assert form._reading.ident is None
    form.icon.setParent(form._parent)
    form._parent.show()
    qtbot.waitUntil(lambda: not form._undrawn, timeout=LONG)
    assert not form.icon.itemIcon(form.icon.findData("flame")).isNull()

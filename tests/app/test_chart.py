"""The chart of a region has the width of its panel, whenever that was laid out."""

import numpy as np
from pytestqt.qtbot import QtBot

from app.panels.chart import Chart
from tests.waiting import LONG


def test_a_chart_that_was_drawn_for_another_width_asks_to_be_drawn_again(qtbot: QtBot) -> None:
    chart = Chart()
    qtbot.addWidget(chart)
    chart.resize(264, 152)
    chart.show()
    with qtbot.waitSignal(chart.unfit, timeout=LONG):
        chart.show_pixels(np.zeros((304, 1280, 4), np.uint8), 2.0)  # before the panel was laid out
    with qtbot.assertNotEmitted(chart.unfit, wait=200):
        chart.show_pixels(np.zeros((304, 528, 4), np.uint8), 2.0)
    with qtbot.waitSignal(chart.unfit, timeout=LONG):
        chart.resize(300, 152)

"""The preview of a sheet is shown large when it is clicked, near and whole."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.page_view import PageView
from app.panels.sheets import Preview
from tests.waiting import LONG


@pytest.fixture
def preview(open_window: Callable[..., MainWindow], hengshui, qtbot: QtBot) -> Preview:
    window = open_window(hengshui)
    window.resize(1366, 768)
    window.go_to("sheets")
    return window.workspaces.print.sheets.preview


def page() -> QImage:
    """An A3 page with one red corner."""
    picture = QImage(1587, 1122, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    for x in range(1500, 1587):
        for y in range(1000, 1122):
            picture.setPixelColor(x, y, QColor("red"))
    return picture


def test_an_empty_preview_cannot_be_enlarged(preview: Preview) -> None:
    QTest.mouseClick(preview, Qt.MouseButton.LeftButton)
    assert preview.window().findChildren(PageView) == []
    assert preview.toolTip() == ""


def test_a_click_shows_the_page_large_then_in_full_size_where_one_clicked(
    preview: Preview, qtbot: QtBot
) -> None:
    preview.show_picture(page())
    assert preview.toolTip() != ""
    QTest.mouseClick(preview, Qt.MouseButton.LeftButton)
    (large,) = preview.window().findChildren(PageView)
    qtbot.waitExposed(large)
    assert preview.width() * 3 < large.shown.width() <= 1366
    assert large.shown.height() <= 768
    corner = large._paper.mapTo(large, large._paper.corner) + QPoint(
        large.shown.width() - 12, large.shown.height() - 12
    )
    QTest.mouseClick(large, Qt.MouseButton.LeftButton, pos=corner)
    assert large.is_near
    assert large.shown.size() == page().size()
    view = large._scroll.viewport()
    assert view.grab().toImage().pixelColor(view.width() - 5, view.height() - 5) == QColor("red")
    QTest.keyClick(large, Qt.Key.Key_Space)
    assert not large.is_near
    QTest.keyClick(large, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: preview.window().findChildren(PageView) == [], timeout=LONG)

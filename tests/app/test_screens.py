"""Every panel of every workspace, in both languages, both themes, at both sizes: no word is cut.

With ``RISKATLAS_SCREENSHOTS=1`` (or a project's path, for the sample) pictures of the workspaces are written,
into ``RISKATLAS_SCREENSHOTS_FOLDER``.
"""

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.canvas.view import RESERVE
from app.main_window import MainWindow
from app.turns import nothing_waits

ROOT = Path(__file__).resolve().parents[2]
SIZES = ((1366, 768), (1920, 1080))
WRITES = os.environ.get("RISKATLAS_SCREENSHOTS", "")
FOLDER = Path(os.environ.get("RISKATLAS_SCREENSHOTS_FOLDER", ROOT / "out" / "screens"))
pytestmark = pytest.mark.skipif(
    os.environ.get("QT_QPA_PLATFORM") != "offscreen", reason="a screen may be smaller than the window"
)
ARROW = 30
"""Pixels of a box of choices beside its words."""
LONG = 300_000 if WRITES else 150_000


@pytest.fixture
def window(open_window: Callable[..., MainWindow], qtbot: QtBot, hengshui: Path) -> MainWindow:
    """A window on a small project, or on the sample where pictures are wanted."""
    if not WRITES:
        return open_window(hengshui)
    window = open_window()
    window.settings.toured = True
    window.sample_path = Path(WRITES) if WRITES != "1" else hengshui.with_name("示例.gpkg")
    window.files.open_sample()
    qtbot.waitUntil(lambda: window.desk.project is not None and window.tasks.idle, timeout=LONG)
    return window


def test_no_word_is_cut_in_any_panel_language_theme_or_size(window: MainWindow, qtbot: QtBot) -> None:
    cut: set[str] = set()
    for theme, language, size in product(("light", "dark"), ("zh_CN", "en"), SIZES):
        dress(window, qtbot, theme, language, size)
        for panel in window.workspaces.side.panels():
            window.go_to(panel)
            qtbot.waitUntil(nothing_waits, timeout=LONG)  # a form grows in turns
            qtbot.wait(1)
            cut |= {f"{language} {size[0]} {panel}: {words}" for words in cut_words(window)}
    assert not cut, "\n".join(sorted(cut))


def test_fields_stand_in_columns_beside_or_below_their_names(window: MainWindow, qtbot: QtBot) -> None:
    crooked: set[str] = set()
    for language in ("zh_CN", "en"):
        dress(window, qtbot, "light", language, SIZES[0])
        for hazard, panel in [
            *product(("flood", "inundation", "shaking", "fire"), ["hazard"]),
            *product(["flood"], ("sets", "shelters", "style", "sheets")),
        ]:
            window.choice.take_hazard(hazard)
            window.go_to(panel)
            qtbot.waitUntil(nothing_waits, timeout=LONG)
            qtbot.wait(10)
            shown = [form for form in window.findChildren(QFormLayout) if _is_shown(form)]
            columns = [_columns(form, window) for form in shown]
            if panel == "shelters":  # its forms stand one below the other
                columns = [set().union(*columns)]
            wrong = [each for each in columns if len(each) > 1 or min(each, default=ARROW) < ARROW]
            crooked |= {f"{language} {hazard} {panel}: {each}" for each in wrong}
    assert not crooked, "\n".join(sorted(crooked))


def _is_shown(form: QFormLayout) -> bool:
    parent = form.parentWidget()
    return parent is not None and parent.isVisible()


def _columns(form: QFormLayout, window: QWidget) -> set[int]:
    """How far from the form's edge fields begin, but those below their names: pixels."""
    beside: set[int] = set()
    parent = form.parentWidget()
    assert parent is not None
    left = parent.mapTo(window, form.geometry().topLeft()).x()
    for line in range(form.rowCount()):
        item = form.itemAt(line, QFormLayout.ItemRole.FieldRole)
        field = item.widget() if item is not None else None
        if field is not None and field.isVisible():
            beside.add(field.mapTo(window, QPoint(0, 0)).x() - left)
    return beside - {0}


def test_the_map_keeps_more_than_half_of_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    dress(window, qtbot, "light", "zh_CN", SIZES[0])
    window.go_to("feature")
    qtbot.wait(50)
    shown = window.stage.map
    assert shown.width() * shown.height() >= 0.55 * 1366 * 768


@pytest.mark.skipif(not WRITES, reason="pictures are written when RISKATLAS_SCREENSHOTS=1")
def test_pictures_of_every_workspace_are_written(window: MainWindow, qtbot: QtBot) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for theme, language, size in product(("light", "dark"), ("zh_CN", "en"), SIZES):
        dress(window, qtbot, theme, language, size)
        for workspace, panel in window.workspaces.side.fronts().items():
            window.go_to(panel)
            settle(window, qtbot)
            picture = plainer(window.grab().toImage())
            name = f"{workspace}-{language}-{theme}-{size[0]}x{size[1]}.png"
            assert picture.save(str(FOLDER / name), quality=0)


def plainer(picture: QImage) -> QImage:
    """The picture in 256 colours: it is small then, and looks the same."""
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    shape = picture.height(), picture.bytesPerLine() // 4
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(shape)[:, : picture.width()]
    bins = (pixels >> 9 & 0x7C00) | (pixels >> 6 & 0x3E0) | (pixels >> 3 & 0x1F)
    channels = [pixels >> shift & 0xFF for shift in (16, 8, 0)]
    counts = np.bincount(bins.ravel(), minlength=1 << 15)
    sums = [np.bincount(bins.ravel(), each.ravel(), 1 << 15) for each in channels]
    means = np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None]
    used, order = np.flatnonzero(counts), np.argsort(-counts)
    coarse = (order >> 12 & 7) << 6 | (order >> 7 & 7) << 3 | (order >> 2 & 7)
    _, rare = np.unique(coarse, return_index=True)  # the commonest of every part of the colours
    common = np.unique(np.concatenate([order[:160], order[np.sort(rare)][:96]]))
    nearest = np.zeros(1 << 15, np.uint8)
    nearest[used] = ((means[used][:, None] - means[common][None]) ** 2).sum(axis=2).argmin(axis=1)
    codes = np.ascontiguousarray(nearest[bins])
    small = QImage(codes.data, *codes.shape[::-1], codes.shape[1], QImage.Format.Format_Indexed8)
    small.setColorTable(
        [0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in means[common].round()]
    )
    return small.copy()


def dress(window: MainWindow, qtbot: QtBot, theme: str, language: str, size: tuple[int, int]) -> None:
    if window.settings.theme != theme:
        window.switch_theme()
    if window.words.language != language:
        window.switch_language()
    window.resize(*size)
    qtbot.wait(20)  # for the layouts


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until all is drawn as it is now: the picture before may show other layers of the same place."""
    before = window.stage.map.drawing
    window.stage.map.refresh()

    def is_settled() -> bool:
        shown = window.stage.map
        drawing, wanted = shown.drawing, shown.view.grown(RESERVE)
        return (
            window.tasks.idle
            and drawing not in (None, before)
            and drawing.is_final
            and drawing.view == wanted
        )

    qtbot.wait(100)
    qtbot.waitUntil(is_settled, timeout=LONG)
    qtbot.wait(50)


def cut_words(window: QWidget) -> list[str]:
    """Words of labels, buttons, tabs and empty lines that have less room than they need."""
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not widget.visibleRegion().boundingRect().height():
            continue
        if isinstance(widget, QTabBar):
            found += _cut_tabs(widget)
        elif _text(widget) and not _fits(widget, window):
            found.append(
                f"{type(widget).__name__} “{_text(widget)[:40]}” {widget.width()} < {_needs(widget)}"
            )
    return found


def _text(widget: QWidget) -> str:
    if isinstance(widget, QToolButton) and widget.toolButtonStyle().name == "ToolButtonIconOnly":
        has_icon = widget.defaultAction() is not None or not widget.icon().isNull()
        return "" if has_icon else widget.text()
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.placeholderText() if isinstance(widget, QLineEdit) and not widget.text() else ""


def _needs(widget: QWidget) -> int:
    if isinstance(widget, QLineEdit):
        return widget.fontMetrics().horizontalAdvance(widget.placeholderText()) + 12
    if isinstance(widget, QComboBox):
        icon = widget.iconSize().width() + 4 if not widget.itemIcon(widget.currentIndex()).isNull() else 0
        return widget.fontMetrics().horizontalAdvance(widget.currentText()) + ARROW + icon
    if isinstance(widget, QLabel) and widget.wordWrap():
        longest = max(widget.text().replace("\u200b", " ").split(), key=len, default="")
        return widget.fontMetrics().horizontalAdvance(longest) if longest.isascii() else 0
    return widget.sizeHint().width()


def _fits(widget: QWidget, window: QWidget) -> bool:
    if (
        isinstance(widget, QLabel)
        and widget.wordWrap()
        and widget.heightForWidth(widget.width()) > widget.height() + 2
    ):
        return False
    seen = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        room = QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        seen.setLeft(max(seen.left(), room.left()))
        seen.setRight(min(seen.right(), room.right()))
        parent = parent.parentWidget()
    return seen.width() + 2 >= _needs(widget)


def _cut_tabs(bar: QTabBar) -> list[str]:
    """Tabs whose word is elided, or that lie beyond the bar's end."""
    shown = [number for number in range(bar.count()) if bar.isTabVisible(number)]
    wide = {number: bar.fontMetrics().horizontalAdvance(bar.tabText(number)) + 8 for number in shown}
    rects = {number: bar.tabRect(number) for number in shown}
    cut = [n for n in shown if wide[n] > rects[n].width() or rects[n].right() > bar.width() + 2]
    return [f"QTabBar “{bar.tabText(number)}”" for number in cut]

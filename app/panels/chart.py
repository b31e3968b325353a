"""The chart of a region: how much lies in each grade. Drawn by matplotlib, off the GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.panels.parts import number_words
from app.theme import Tokens
from layers.resources import resource

NARROWEST = 200
REST = 120
"""Milliseconds without another width after which the chart is drawn anew."""


@dataclass(frozen=True)
class Bars:
    """What the chart shows: a bar for each grade, the highest grade at the top."""

    titles: tuple[str, ...]
    values: tuple[float, ...]
    colours: tuple[str, ...]
    size: tuple[int, int]
    ratio: float
    tokens: Tokens


def draw_bars(bars: Bars) -> NDArray[np.uint8]:
    """The chart as premultiplied RGBA pixels on the panel's ground."""
    from matplotlib import font_manager, rcParams  # the window opens sooner without them
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rcParams["text.hinting"] = "none"  # hinted, small hanzi run into each other
    path = resource("fonts", "NotoSansSC-Regular.ttf")
    font = font_manager.FontProperties(fname=str(path), size=8.5)
    dpi = 96 * bars.ratio
    figure = Figure(figsize=(bars.size[0] / 96, bars.size[1] / 96), dpi=dpi, facecolor=bars.tokens.surface)
    canvas = FigureCanvasAgg(figure)
    left = 0.08 + 0.023 * max(map(_columns, bars.titles), default=0)
    axes = figure.add_axes((left, 0.03, 0.98 - left, 0.94), facecolor=bars.tokens.surface)
    rows = range(len(bars.values))
    axes.barh(
        rows, bars.values, height=0.62, color=bars.colours, edgecolor=bars.tokens.strong_line, linewidth=0.5
    )
    top = max(bars.values, default=0.0)
    for number, value in enumerate(bars.values):
        axes.text(
            value + top * 0.02, number, number_words(value), va="center", color=bars.tokens.ink, font=font
        )
    axes.set_yticks(list(rows), bars.titles, font=font, color=bars.tokens.soft_ink)
    axes.set_xticks([])
    axes.set_xlim(0, (top or 1) * 1.32)
    axes.set_ylim(len(bars.values) - 0.4, -0.6)
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(bars.tokens.strong_line)
    canvas.draw()
    pixels: NDArray[np.uint8] = np.array(canvas.buffer_rgba())
    return pixels


def _columns(text: str) -> int:
    """How wide a text is, in Latin letters; a hanzi is two."""
    return sum(1 + (ord(letter) > 0x2E7F) for letter in text)


class Chart(QWidget):
    """Shows the chart's image. Signal: `unfit` when that is of another width than the panel."""

    unfit = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pixels: NDArray[np.uint8] | None = None
        self._ratio = 1.0
        self.setFixedHeight(152)
        self.setMinimumWidth(NARROWEST)
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self.unfit)

    def sizeHint(self) -> QSize:
        return QSize(240, 152)

    def show_pixels(self, pixels: NDArray[np.uint8] | None, ratio: float) -> None:
        """Show these; ``None``: nothing."""
        self._pixels, self._ratio = pixels, ratio
        self.update()
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def _measure(self) -> None:
        if self._pixels is not None and abs(self._pixels.shape[1] / self._ratio - self.width()) > 1:
            self._rest.start()

    def image(self) -> QImage | None:
        """The picture over the array's memory, which this widget keeps."""
        if self._pixels is None:
            return None
        height, width = self._pixels.shape[:2]
        picture = QImage(self._pixels.data, width, height, width * 4, QImage.Format.Format_RGBA8888)
        picture.setDevicePixelRatio(self._ratio)
        return picture

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self.image()
        if picture is not None:
            painter = QPainter(self)
            painter.drawImage(QPointF(0, 0), picture)
            painter.end()


def readable(values: Sequence[float]) -> tuple[float, ...]:
    """Values that can be drawn: what is not known has no length."""
    return tuple(0.0 if value != value else float(value) for value in values)

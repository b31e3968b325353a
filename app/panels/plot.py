"""A plot of lines over hours, drawn by the painter: axes with round numbers, names, a marker that moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.panels.parts import number_words
from app.theme import LIGHT, Tokens, font

Array = NDArray[np.float64]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9")
"""Okabe and Ito's, told apart by colour-blind readers too; the same again dashed, then dotted."""
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
_HOURS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, 168.0)
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 14.0, 26.0, 36.0


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a plot, shape (times,) each."""

    name: str
    hours: Array
    values: Array


@dataclass(frozen=True, eq=False)
class Plot:
    """What is drawn: lines, what their values are, what the hours are called."""

    lines: tuple[Line, ...]
    title: str
    across: str

    @property
    def hours(self) -> tuple[float, float]:
        """From when to when."""
        ends = [(line.hours[0], line.hours[-1]) for line in self.lines if len(line.hours)]
        first, last = min((a for a, _ in ends), default=0.0), max((b for _, b in ends), default=1.0)
        return float(first), float(last if last > first else first + 1.0)

    @property
    def ticks(self) -> Array:
        """Round values from below the least to above the greatest."""
        known = [line.values[np.isfinite(line.values)] for line in self.lines]
        values = np.concatenate([*known, np.zeros(0)])
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        return round_ticks(low, high)


def round_ticks(low: float, high: float, count: int = 5) -> Array:
    """About so many round numbers around two.

    Examples
    --------
    >>> round_ticks(0.0, 0.87).tolist()
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> round_ticks(21.3, 21.3).round(2).tolist()
    [20.0, 21.0, 22.0]
    """
    span = high - low if high - low > 1e-9 else max(abs(high) * 0.05, 1.0)
    rough = span / count
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * next(each for each in (1.0, 2.0, 2.5, 5.0, 10.0) if each * power >= rough * 0.999)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    if high - low <= 1e-9:
        first, last, step = np.floor(low - 1), np.floor(low + 1), 1.0
    return np.asarray((np.arange(first, last + 0.5) * step).round(10))


def pen_of(number: int, width: float = 2.0) -> QPen:
    """The pen of a line by its place."""
    pen = QPen(QColor(COLOURS[number % len(COLOURS)]), width)
    pen.setStyle(_DASHES[number // len(COLOURS) % len(_DASHES)])
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


class _Frame:
    """Where values lie on the picture."""

    def __init__(self, plot: Plot, size: tuple[float, float]) -> None:
        self.box = QRectF(_LEFT, _TOP, max(size[0] - _LEFT - _RIGHT, 10), max(size[1] - _TOP - _BOTTOM, 10))
        self.first, self.last = plot.hours
        self.ticks = plot.ticks
        self.low, self.high = float(self.ticks[0]), float(self.ticks[-1])

    def x(self, hours: float) -> float:
        return self.box.left() + (hours - self.first) / (self.last - self.first) * self.box.width()

    def y(self, value: float) -> float:
        return self.box.bottom() - (value - self.low) / (self.high - self.low) * self.box.height()

    def hours(self, x: float) -> float:
        share = (x - self.box.left()) / self.box.width()
        return self.first + min(max(share, 0.0), 1.0) * (self.last - self.first)


def draw_plot(
    painter: QPainter, plot: Plot, size: tuple[float, float], tokens: Tokens, marker: float | None
) -> None:
    """Draw a plot; `marker` are the hours at which a line stands, None: none."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, *size), QColor(tokens.surface))
    frame = _Frame(plot, size)
    _draw_axes(painter, plot, frame, tokens)
    for number, line in enumerate(plot.lines):
        painter.setPen(pen_of(number))
        known = np.isfinite(line.values)
        points = zip(line.hours[known].tolist(), line.values[known].tolist(), strict=True)
        painter.drawPolyline(QPolygonF([QPointF(frame.x(h), frame.y(v)) for h, v in points]))
    _draw_names(painter, plot, frame, tokens, marker)
    if marker is not None and frame.first <= marker <= frame.last:
        _draw_marker(painter, plot, frame, tokens, marker)


def _draw_axes(painter: QPainter, plot: Plot, frame: _Frame, tokens: Tokens) -> None:
    painter.setFont(font(11))
    box, ink = frame.box, QColor(tokens.soft_ink)
    for tick in frame.ticks.tolist():
        y = frame.y(tick)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.setPen(ink)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, y - 8, box.left() - 6, 16), right, _tick_words(tick, frame.ticks))
    step = next(
        (each for each in _HOURS if (frame.last - frame.first) / each <= box.width() / 56), _HOURS[-1]
    )
    for hours in np.arange(np.ceil(frame.first / step), frame.last / step + 1e-9).tolist():
        x = frame.x(hours * step)
        painter.setPen(QPen(QColor(tokens.strong_line), 1))
        painter.drawLine(QPointF(x, box.bottom()), QPointF(x, box.bottom() + 4))
        painter.setPen(ink)
        painter.drawText(
            QRectF(x - 30, box.bottom() + 4, 60, 15), Qt.AlignmentFlag.AlignCenter, f"{hours * step:g}"
        )
    painter.setPen(QPen(QColor(tokens.strong_line), 1))
    painter.drawLine(box.bottomLeft(), box.bottomRight())
    painter.setPen(ink)
    below = QRectF(box.left(), box.bottom() + 18, box.width(), 16)
    painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, plot.across)


def _tick_words(tick: float, ticks: Array) -> str:
    """As many decimals as the step needs; thousands apart."""
    step = f"{ticks[1] - ticks[0]:.6f}".rstrip("0").rstrip(".")
    return f"{tick:,.{len(step.partition('.')[2])}f}"


def _draw_names(painter: QPainter, plot: Plot, frame: _Frame, tokens: Tokens, marker: float | None) -> None:
    """What is plotted, then each line's name with its value at the marker, as far as there is room."""
    x, y = 8.0, 13.0
    painter.setFont(font(12, strong=True))
    painter.setPen(QColor(tokens.ink))
    painter.drawText(QPointF(x, y + 4), plot.title)
    x += QFontMetricsF(painter.font()).horizontalAdvance(plot.title) + 18
    painter.setFont(font(11))
    metrics = QFontMetricsF(painter.font())
    for number, line in enumerate(plot.lines):
        value = "" if marker is None else number_words(value_at(line, marker), 2)
        text = f"{line.name}  {value}".rstrip()
        wide = metrics.horizontalAdvance(text)
        if x + 24 + wide > frame.box.right():
            painter.drawText(QPointF(x, y + 4), "…")
            return
        painter.setPen(pen_of(number))
        painter.drawLine(QPointF(x, y), QPointF(x + 18, y))
        painter.setPen(QColor(tokens.ink))
        painter.drawText(QPointF(x + 23, y + 4), text)
        x += 23 + wide + 16


def _draw_marker(painter: QPainter, plot: Plot, frame: _Frame, tokens: Tokens, marker: float) -> None:
    x = frame.x(marker)
    painter.setPen(QPen(QColor(tokens.accent), 1.2))
    painter.drawLine(QPointF(x, frame.box.top()), QPointF(x, frame.box.bottom()))
    for number, line in enumerate(plot.lines):
        value = value_at(line, marker)
        if value == value:
            painter.setPen(QPen(QColor(tokens.surface), 1.2))
            painter.setBrush(QColor(COLOURS[number % len(COLOURS)]))
            painter.drawEllipse(QPointF(x, frame.y(value)), 4, 4)


def value_at(line: Line, hours: float) -> float:
    """The value of a line at a time; NaN outside it."""
    if not len(line.hours) or not line.hours[0] <= hours <= line.hours[-1]:
        return float("nan")
    return float(np.interp(hours, line.hours, line.values))


def picture_of(plot: Plot, size: tuple[int, int] = (960, 480), ratio: float = 2.0) -> QImage:
    """The plot on white paper, to be pasted or kept; without a marker."""
    image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    draw_plot(painter, plot, size, LIGHT, None)
    painter.end()
    return image


class PlotView(QWidget):
    """Shows a plot. Signal: `sought(hours)` a time is pointed at, by a click or a drag."""

    sought = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.plot: Plot | None = None
        self.marker: float | None = None
        self.tokens = LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        return QSize(640, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)

    def show_plot(self, plot: Plot | None) -> None:
        """Another plot."""
        self.plot = plot
        self.update()

    def show_marker(self, hours: float | None) -> None:
        """The marker stands at another time."""
        if hours != self.marker:
            self.marker = hours
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.plot is None:
            return
        painter = QPainter(self)
        draw_plot(painter, self.plot, (self.width(), self.height()), self.tokens, self.marker)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._seek(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event)

    def _seek(self, event: QMouseEvent) -> None:
        if self.plot is not None:
            self.sought.emit(_Frame(self.plot, (self.width(), self.height())).hours(event.position().x()))

"""Samples of symbols for the legend, drawn by the map's own kernel as soon as it is ready."""

from dataclasses import replace
from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPen, QPixmap

from app.canvas.picture import image_of
from app.theme import LIGHT
from layers.cartography.legend import LegendEntry, patch, ramp_patch
from layers.cartography.raster import kernels_loaded
from layers.cartography.style import Symbol

PATCH = QSize(20, 14)
RATIO = 2
HIGHEST = 3.2
"""Millimetres of a marker that a sample shows whole."""


_DRAWN: dict[LegendEntry, QIcon] = {}


def legend_icon(entry: LegendEntry) -> QIcon:
    """The sample beside a line of the legend."""
    if entry not in _DRAWN and kernels_loaded():
        draw_sample(entry)
    return icon_at_hand(entry)


def is_drawn(entry: LegendEntry) -> bool:
    """Whether the kernel has drawn the sample of such a line before."""
    return entry in _DRAWN


@cache
def blank() -> QIcon:
    """Room for a sample that is drawn in a moment."""
    picture = QPixmap(PATCH)
    picture.fill(Qt.GlobalColor.transparent)
    return QIcon(picture)


def icon_at_hand(entry: LegendEntry) -> QIcon:
    """The sample as it was drawn; a plain one, unless the kernels are there and will draw it in a moment."""
    drawn = _DRAWN.get(entry)
    if drawn is not None:
        return drawn
    if kernels_loaded():
        return blank()
    return _icon(entry.symbol, _plain(entry.symbol, PATCH.width() * RATIO, PATCH.height() * RATIO))


def _icon(symbol: Symbol, sample: QImage) -> QIcon:
    picture = QPixmap.fromImage(_on_paper(symbol, sample))
    picture.setDevicePixelRatio(RATIO)
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)  # Qt would tint the colours of the map
    return icon


def draw_sample(entry: LegendEntry) -> None:
    """Have the kernel draw the sample; a millisecond or more."""
    width, height = PATCH.width() * RATIO, PATCH.height() * RATIO
    if entry.ramp is not None:
        pixels = ramp_patch(entry.ramp, width, height)
    else:
        pixels = patch(_fitting(entry.symbol), width, height, 96.0 * RATIO)
    _DRAWN[entry] = _icon(entry.symbol, image_of(pixels).copy())


def _on_paper(symbol: Symbol, sample: QImage) -> QImage:
    """A line, and a fill that shines through, lie on paper, as on the map, whatever the theme."""
    is_whole = symbol.fill is not None and symbol.fill.opacity == 1.0
    if is_whole or symbol.marker is not None:
        return sample
    paper = QImage(sample.size(), QImage.Format.Format_ARGB32_Premultiplied)
    paper.fill(Qt.GlobalColor.transparent)
    painter = QPainter(paper)
    painter.fillRect(paper.rect().adjusted(2, 2, -2, -2), QColor(LIGHT.paper))
    painter.drawImage(0, 0, sample)
    painter.end()
    return paper


def _fitting(symbol: Symbol) -> Symbol:
    """The symbol with its marker no higher than the sample."""
    marker = symbol.marker
    if marker is None or marker.size_mm <= HIGHEST:
        return symbol
    return replace(symbol, marker=replace(marker, size_mm=HIGHEST))


def _plain(symbol: Symbol, width: int, height: int) -> QImage:
    """A plain sample: the window does not wait for kernels."""
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    marker, edge = symbol.marker, symbol.stroke or (symbol.marker and symbol.marker.stroke)
    painter.setPen(QPen(QColor(edge.color), 2) if edge else Qt.PenStyle.NoPen)
    fill = marker.fill if marker else symbol.fill
    if marker is not None and fill is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(fill.color))
        painter.drawEllipse(QPointF(width / 2, height / 2), height / 2 - 4, height / 2 - 4)
    elif fill is None:
        painter.drawLine(2, height // 2, width - 2, height // 2)
    else:
        painter.setBrush(QColor(fill.color))
        painter.drawRect(QRectF(2, 2, width - 4, height - 4))
    painter.end()
    return image

"""What lies over the map on the screen: the scale bar and the outline of what was identified."""

import math

import shapely
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.canvas.viewport import Viewport
from app.theme import Tokens, font

BAR = 110
"""Pixels that the scale bar takes at most."""


def round_length(most: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not above `most`.

    Examples
    --------
    >>> round_length(734.0)
    500.0
    """
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most)


def length_words(metres: float) -> str:
    """A length as one writes it: 500 m, 20 km."""
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def paint_scale_bar(painter: QPainter, view: Viewport, tokens: Tokens) -> None:
    """The scale bar in the lower left corner, on a card of its own."""
    metres = round_length(BAR * view.scale)
    width = metres / view.scale
    left, bottom = 16.0, view.height - 16.0
    card = QRectF(left - 8, bottom - 26, width + 16, 34)
    ground = QColor(tokens.surface)
    ground.setAlphaF(0.86)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(card, 4, 4)
    painter.setPen(QPen(QColor(tokens.ink), 1.4))
    right = left + width
    corners = ((left, bottom - 5), (left, bottom), (right, bottom), (right, bottom - 5))
    painter.drawPolyline([QPointF(x, y) for x, y in corners])
    painter.setFont(font(11))
    painter.drawText(card.adjusted(8, 1, -8, -10), Qt.AlignmentFlag.AlignCenter, length_words(metres))


def paint_aim(painter: QPainter, room: QRect, tokens: Tokens) -> None:
    """A frame around the map, and the place in its middle that Enter meets."""
    middle, arm = QPointF(room.width() // 2 + 0.5, room.height() // 2 + 0.5), 9.0
    for pen in (QPen(QColor(255, 255, 255, 220), 4), QPen(QColor(tokens.accent), 1.6)):
        painter.setPen(pen)
        for x, y in ((arm, 0.0), (0.0, arm)):
            painter.drawLine(middle - QPointF(x, y), middle + QPointF(x, y))
    painter.setPen(QPen(QColor(tokens.accent), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(room.adjusted(1, 1, -1, -1))


def paint_outline(
    painter: QPainter, geometry: shapely.Geometry, view: Viewport, colour: str, *, glows: bool = True
) -> None:
    """One feature's outline, so that one sees which it is; the inside glows, if wanted."""
    path = QPainterPath()
    for part in shapely.get_parts([geometry]):
        _add(path, part, view)
    glow = QColor(colour)
    glow.setAlphaF(0.18)
    filled = glows and geometry.geom_type.endswith("Polygon")
    painter.setBrush(glow if filled else Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(255, 255, 255, 200), 4.5), QPen(QColor(colour), 2.2)):
        painter.setPen(pen)
        painter.drawPath(path)


def _add(path: QPainterPath, part: shapely.Geometry, view: Viewport) -> None:
    if part.geom_type == "Point":
        path.addEllipse(QPointF(*view.to_screen(part.x, part.y)), 7, 7)
        return
    rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
    for ring in rings:
        simple = shapely.simplify(ring, view.scale / 2)
        path.addPolygon(QPolygonF([QPointF(*view.to_screen(x, y)) for x, y in simple.coords]))

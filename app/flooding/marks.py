"""Marks of a flood on the map: numbered breaches, gauges, names."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

BREACH, TOLD = "#b3261e", "#0b5c8a"
"""Colours of breaches, and of gauges and cross-sections."""


def draw_breach(painter: QPainter, at: QPointF, number: int) -> None:
    """A numbered disc."""
    draw_dot(painter, at, 9, BREACH)
    box = QRectF(at.x() - 9, at.y() - 9, 18, 18)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))


def draw_dot(painter: QPainter, at: QPointF, radius: int, colour: str) -> None:
    """A disc with a white border."""
    painter.setPen(QPen(QColor("#ffffff"), 2))
    painter.setBrush(QColor(colour))
    painter.drawEllipse(at, radius, radius)


def write_name(painter: QPainter, at: QPointF, name: str) -> None:
    """A name beside its place, in ink on a white border."""
    path = QPainterPath()
    path.addText(at + QPointF(9, 4), painter.font(), name)
    painter.strokePath(path, QPen(QColor("#ffffff"), 3))
    painter.fillPath(path, QColor(TOLD))

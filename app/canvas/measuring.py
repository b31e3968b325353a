"""Measuring: lengths and areas of what is clicked together, on the ellipsoid, not in the plane."""

from __future__ import annotations

from functools import cache

import pyproj
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from app.canvas.viewport import Viewport
from app.theme import LIGHT, Tokens, font

Point = tuple[float, float]


@cache
def _ground(crs: str) -> tuple[pyproj.Geod, pyproj.Transformer]:
    """The ellipsoid of a reference system, and the way from its plane to degrees on it."""
    found = pyproj.CRS.from_user_input(crs)
    geographic = found.geodetic_crs
    assert geographic is not None
    return found.get_geod() or pyproj.Geod(ellps="GRS80"), pyproj.Transformer.from_crs(
        found, geographic, always_xy=True
    )


def measured(points: list[Point], crs: str) -> tuple[float, float]:
    """Length of the line in m and area of the ring that it closes in m², along geodesics (Karney 2013)."""
    if len(points) < 2:
        return 0.0, 0.0
    geod, to_degrees = _ground(crs)
    x, y = zip(*points, strict=True)
    longitudes, latitudes = to_degrees.transform(x, y)
    area, _ = geod.polygon_area_perimeter(longitudes, latitudes)
    return float(geod.line_length(longitudes, latitudes)), abs(float(area)) if len(points) > 2 else 0.0


def length_words(metres: float) -> str:
    """Examples: 12.34 m, 1.234 km."""
    return f"{metres / 1000:,.3f} km" if metres >= 1000 else f"{metres:,.2f} m"


def area_words(square_metres: float) -> str:
    """Examples: 812.0 m², 1.234 km²."""
    return f"{square_metres / 1e6:,.3f} km²" if square_metres >= 1e6 else f"{square_metres:,.1f} m²"


class Measure:
    """The points clicked so far, and the one under the mouse."""

    def __init__(self) -> None:
        self.crs = ""
        self.points: list[Point] = []
        self.to: Point | None = None

    def add(self, x: float, y: float) -> None:
        self.points.append((x, y))

    def take_back(self) -> None:
        """Without the last point."""
        del self.points[-1:]

    def clear(self) -> None:
        self.points, self.to = [], None

    @property
    def line(self) -> list[Point]:
        """The points, and the one under the mouse."""
        return [*self.points, self.to] if self.points and self.to else list(self.points)

    def say(self) -> str:
        """What is measured, as one reads it."""
        if not self.crs or len(self.line) < 2:
            return ""
        length, area = measured(self.line, self.crs)
        return f"{length_words(length)}   {area_words(area)}" if area else length_words(length)

    def paint(self, painter: QPainter, view: Viewport, tokens: Tokens) -> None:
        """The line, its points, and beside the last what it measures."""
        line = [QPointF(*view.to_screen(x, y)) for x, y in self.line]
        if not line:
            return
        fill = QColor(LIGHT.accent)
        fill.setAlphaF(0.10)
        painter.setBrush(fill)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(QPolygonF(line))
        for pen in (QPen(QColor(255, 255, 255, 220), 5), QPen(QColor(LIGHT.accent), 2)):  # paper is light
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(line))
        painter.setBrush(QColor(LIGHT.surface))
        for point in line[: len(self.points)]:
            painter.drawEllipse(point, 4, 4)
        self._card(painter, line[-1], view, tokens)

    def _card(self, painter: QPainter, at: QPointF, view: Viewport, tokens: Tokens) -> None:
        words = self.say()
        if not words:
            return
        painter.setFont(font(13, strong=True))
        wide = QFontMetricsF(painter.font()).horizontalAdvance(words) + 20
        left = min(at.x() + 14, view.width - wide - 8)
        card = QRectF(left, min(at.y() + 14, view.height - 36.0), wide, 28)
        painter.setPen(QPen(QColor(tokens.strong_line), 1))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(card, 4, 4)
        painter.setPen(QColor(tokens.ink))
        painter.drawText(card, Qt.AlignmentFlag.AlignCenter, words)

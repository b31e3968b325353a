"""The townships under a plan in hand, coloured by the people left out."""

from collections.abc import Iterator

import numpy as np
import shapely
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QWidget

from app.canvas.viewport import Viewport
from app.turns import Making
from layers.risk.regions import Regions
from layers.siting.residents import town_shapes
from layers.siting.shelter_plan import ShelterPlan

GAPS = ((5000, "#b3392c", 0.5), (2000, "#d9694f", 0.45), (500, "#eda283", 0.4), (1, "#f8dccb", 0.4))
"""People left out in a township, and its colour and opacity, as in the style of the layer ``plan_gap``."""
COARSE = 60.0
"""Metres by which townships are simplified: they are painted anew at every move of the hand."""
AT_ONCE = 32
"""Outlines that are made in a turn of the window."""


class Townships:
    """Paints them; their outlines are made a few in a turn, when they are first wanted.

    Parameters
    ----------
    ground : QWidget
        Painted anew when there are more.
    """

    def __init__(self, ground: QWidget) -> None:
        self._ground = ground
        self._towns: Regions | None = None
        self._paths: list[QPainterPath] = []

    def paint(self, painter: QPainter, plan: ShelterPlan, view: Viewport) -> None:
        """The townships in view where people are left out, as far as their outlines are there."""
        towns, town, seen = plan.case.points.towns, plan.case.points.township, view.extent
        self._want(towns)
        unmet = np.zeros(len(towns))
        near = towns.shapes.meeting(seen)
        unmet[near] = np.bincount(town[town >= 0], plan.unmet[town >= 0], len(towns))[near]
        left, top = view.to_screen(0.0, 0.0)
        painter.save()
        painter.setTransform(QTransform(1 / view.scale, 0, 0, -1 / view.scale, left, top))
        painter.setPen(QPen(QColor("#8d7c98"), 0))
        for path, people in zip(self._paths, unmet.tolist(), strict=False):
            found = next(((c, a) for least, c, a in GAPS if people >= least), None)
            if found is not None:
                colour = QColor(found[0])
                colour.setAlphaF(found[1])
                painter.setBrush(colour)
                painter.drawPath(path)
        painter.restore()

    def _want(self, towns: Regions) -> None:
        if self._towns is not towns:
            self._towns, self._paths = towns, []
            Making(self._made(towns), self._ground).begin()

    def _made(self, towns: Regions) -> Iterator[None]:
        shapes = town_shapes(towns)
        for start in range(0, len(shapes), AT_ONCE):
            if towns is not self._towns:
                return
            self._paths += map(_path, shapes[start : start + AT_ONCE])
            self._ground.update()
            yield


def _path(shape: shapely.Geometry) -> QPainterPath:
    """A polygon in map coordinates."""
    path = QPainterPath()
    for part in shapely.get_parts(shapely.simplify(shape, COARSE)):
        for ring in (part.exterior, *part.interiors):
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in shapely.get_coordinates(ring).tolist()]))
    return path

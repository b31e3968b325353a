"""Names on the map: the cartography says where, QPainter writes them."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform

from app.canvas.amending import Amended
from app.canvas.scene import Drawable
from app.theme import font
from layers.cartography.labelling import PlacedLabel, labels
from layers.cartography.view import View
from layers.progress import Progress


def write_names(
    painter: QPainter, named: Sequence[tuple[Drawable, Amended]], view: View, progress: Progress
) -> None:
    """Write the names of layers, the topmost first: it takes the room."""
    placed: list[PlacedLabel] = []
    for drawable, layer in reversed(named):
        placed += labels(layer.fresh, drawable.style, view, placed, progress)
        placed += labels(layer.base, drawable.style, view, placed, progress, layer.hidden)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for label in placed:
        progress(0.0)
        _write(painter, label, view)


def _write(painter: QPainter, label: PlacedLabel, view: View) -> None:
    letters = font(round(label.size_pt * view.dpi / 72), strong=label.bold)
    metrics = QFontMetricsF(letters)
    path = QPainterPath()
    start = QPointF(-metrics.horizontalAdvance(label.text) / 2, (metrics.ascent() - metrics.descent()) / 2)
    path.addText(start, letters, label.text)
    placed = QTransform().translate(label.x, label.y).rotate(-label.angle).map(path)
    if label.halo:
        halo = QPen(QColor(label.halo), 2 * view.pixels(label.halo_mm), Qt.PenStyle.SolidLine)
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(placed, halo)
    painter.fillPath(placed, QColor(label.color))

"""The oblique picture of a piece of the map: moved, turned, tilted and zoomed by hand or key."""

import math

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.canvas.picture import image_of
from app.theme import LIGHT, the_application
from app.words import Words
from layers.cartography.oblique import Relief, Sight, Stance, Surface, draw_oblique
from layers.grid import Extent

FLATTEST, STEEPEST = 12.0, 88.0
FARTHEST, CLOSEST = 0.5, 12.0
TURN, CLOSER = 0.4, 1.12
"""Degrees a pixel of the hand, and the factor of a wheel's notch or a key."""
STEP = 0.1
"""Share of the picture that an arrow moves it."""
SETTLE = 350
"""Milliseconds without movement after which the place counts as reached."""
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_MOVING = (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)


class ObliqueView(QWidget):
    """Drag to turn and tilt, with the right button to move, wheel to come closer; keys do the same.

    Signals: `stood` from elsewhere; `settled` the hand rests.
    """

    stood = Signal()
    settled = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.stance = Stance()
        self.extent: Extent | None = None
        self._relief: Relief | None = None
        self._surface: Surface | None = None
        self._press: tuple[QPoint, Stance] | None = None
        self._rest = QTimer(self, interval=SETTLE, singleShot=True)
        self._rest.timeout.connect(self.settled)
        words.bind(self.setToolTip, "oblique.tip")
        words.bind(self.setAccessibleName, "oblique.title")
        words.bind(self.setAccessibleDescription, "oblique.tip")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.compass = Compass(self, words)

    def show_relief(self, relief: Relief, extent: Extent) -> None:
        """A piece, or other water on it; what is looked at stays in the middle as far as it lies there."""
        if extent != self.extent:
            self._stand_on(extent)
        self._relief, self._surface, self.extent = relief, None, extent
        self.update()

    def look_at_middle(self) -> None:
        """The piece that comes is another: look at all of it."""
        self.extent = None

    @property
    def place(self) -> tuple[float, float] | None:
        """The point of the plane in the middle of the picture."""
        if self.extent is None:
            return None
        x, y = _middle(self.extent)
        return x + self.stance.east, y + self.stance.north

    def stand(self, **changed: float) -> None:
        """Look from elsewhere, or at another place of the piece."""
        self.stance = Stance(**{**vars(self.stance), **changed})
        tilt = min(max(self.stance.tilt, FLATTEST), STEEPEST)
        zoom = min(max(self.stance.zoom, FARTHEST), CLOSEST)
        self.stance = Stance(**{**vars(self.stance), **self._within(), "tilt": tilt, "zoom": zoom})
        self._rest.start()
        self.compass.update()
        self.stood.emit()
        self.update()

    def picture(self) -> QImage | None:
        """What is seen, in the pixels of the screen."""
        surface = self._shown()
        if surface is None:
            return None
        ratio = self.devicePixelRatioF()
        size = round(self.width() * ratio), round(self.height() * ratio)
        image = image_of(draw_oblique(surface, self.stance, *size, LIGHT.paper)).copy()
        image.setDevicePixelRatio(ratio)
        return image

    # --- Qt's events -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, picture = QPainter(self), self.picture()
        painter.fillRect(self.rect(), QColor(LIGHT.paper))
        if picture is not None:
            painter.drawImage(0, 0, picture)
        if self.hasFocus():
            painter.setPen(QPen(the_application().palette().highlight().color(), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.compass.move(self.width() - self.compass.width() - 12, 12)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press = event.position().toPoint(), self.stance

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        at, (begun, stance) = event.position().toPoint(), self._press
        dragged = at - begun
        if event.buttons() & Qt.MouseButton.LeftButton and not _moves(event):
            self.stand(azimuth=stance.azimuth + dragged.x() * TURN, tilt=stance.tilt + dragged.y() * TURN / 2)
        elif _moves(event):
            self._move(stance, -dragged.x(), -dragged.y())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Closer about the place under the mouse."""
        before, surface, at = self.stance, self._shown(), event.position()
        self.stand(zoom=before.zoom * CLOSER ** (event.angleDelta().y() / 120))
        if surface is not None:
            was, now = (
                Sight(surface, stance, self.width(), self.height()).place(at.x(), at.y())
                for stance in (before, self.stance)
            )
            self.stand(east=before.east + was[0] - now[0], north=before.north + was[1] - now[1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, stance = event.key(), self.stance
        if key in _ARROWS:
            x, y = _ARROWS[Qt.Key(key)]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.stand(azimuth=stance.azimuth + 5 * x, tilt=stance.tilt - 5 * y)
            else:
                self._move(stance, x * STEP * self.width(), y * STEP * self.height())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.stand(zoom=stance.zoom * CLOSER)
        elif key == Qt.Key.Key_Minus:
            self.stand(zoom=stance.zoom / CLOSER)
        elif key == Qt.Key.Key_N:
            self.stand(azimuth=0.0)
        elif key == Qt.Key.Key_Home:
            self.reset()
        else:
            super().keyPressEvent(event)

    def reset(self) -> None:
        """All of the piece, as at the beginning."""
        self.stand(**{**vars(Stance()), "exaggeration": self.stance.exaggeration})

    # --- what it is made of ----------------------------------------------------------------------------

    def _shown(self) -> Surface | None:
        if self._relief is None:
            return None
        exaggeration = self.stance.exaggeration
        if self._surface is None or self._surface.exaggeration != exaggeration:
            self._surface = Surface.of(self._relief, exaggeration)
        return self._surface

    def _move(self, stance: Stance, x: float, y: float) -> None:
        """Look at what lay so many pixels aside."""
        surface = self._shown()
        if surface is not None:
            sight = Sight(surface, stance, self.width(), self.height())
            east, north = sight.place(self.width() / 2 + x, self.height() / 2 + y)
            self.stand(east=east, north=north)

    def _within(self) -> dict[str, float]:
        """What is looked at lies on the piece."""
        if self.extent is None:
            return {}
        wide, high = self.extent.width / 2, self.extent.height / 2
        return {
            "east": min(max(self.stance.east, -wide), wide),
            "north": min(max(self.stance.north, -high), high),
        }

    def _stand_on(self, extent: Extent) -> None:
        """Look at the same place of another piece, as large as before; else at all of it."""
        east, north, zoom = 0.0, 0.0, 1.0
        if self.extent is not None and self.place is not None:
            (x, y), (middle_x, middle_y) = self.place, _middle(extent)
            east, north = x - middle_x, y - middle_y
            zoom = self.stance.zoom * extent.width / self.extent.width
        self.extent = extent
        self.stand(east=east, north=north, zoom=zoom)
        self._rest.stop()


class Compass(QAbstractButton):
    """Where north lies; pressed: north is ahead again."""

    def __init__(self, view: ObliqueView, words: Words) -> None:
        super().__init__(view)
        self._view = view
        self.setFixedSize(44, 44)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        words.bind(self.setToolTip, "oblique.north")
        words.bind(self.setAccessibleName, "oblique.north")
        self.clicked.connect(lambda: view.stand(azimuth=0.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(QColor(LIGHT.accent if self.hasFocus() else LIGHT.line), 2 if self.hasFocus() else 1)
        )
        painter.setBrush(QColor(255, 255, 255, 225))
        painter.drawEllipse(QRectF(2, 2, 40, 40))
        painter.translate(22, 22)
        painter.rotate(-self._view.stance.azimuth)
        painter.setPen(Qt.PenStyle.NoPen)
        for sign, ink in ((-1, "#c0392b"), (1, LIGHT.faint_ink)):
            painter.setBrush(QColor(ink))
            painter.drawPolygon(QPolygonF([QPointF(0, sign * 13), QPointF(-4.5, 0), QPointF(4.5, 0)]))
        painter.setPen(QColor(LIGHT.ink))
        small = painter.font()
        small.setPixelSize(9)
        small.setBold(True)
        painter.setFont(small)
        turned = math.radians(self._view.stance.azimuth)
        painter.resetTransform()
        at = QPointF(22 - 16.5 * math.sin(turned), 22 - 16.5 * math.cos(turned))
        painter.drawText(QRectF(at.x() - 6, at.y() - 6, 12, 12), Qt.AlignmentFlag.AlignCenter, "N")
        painter.end()


def _moves(event: QMouseEvent) -> bool:
    """Whether a drag moves the picture: another button than the left, or Ctrl."""
    held = any(event.buttons() & button for button in _MOVING)
    return held or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _middle(extent: Extent) -> tuple[float, float]:
    return (extent.west + extent.east) / 2, (extent.south + extent.north) / 2

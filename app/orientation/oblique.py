"""The oblique view: the piece of the map that is seen, with terrain, buildings and water standing up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QProcess, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSlider, QWidget

from app.canvas.renderer import image_of
from app.canvas.view import MapView
from app.panels.parts import column
from app.theme import LIGHT, named
from app.words import Words
from layers.cartography.oblique import Colours, Relief, Stance, Surface, draw_oblique, walk_columns
from layers.cartography.relief import Theme, flooded, relief_of
from layers.cartography.timed import Frames
from layers.grid import Extent
from layers.kernels import is_warm
from layers.progress import Progress
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

FLATTEST, STEEPEST = 12.0, 88.0
TURN, CLOSER = 0.4, 1.12
"""Degrees a pixel of the hand, and the factor of a wheel's notch."""
MOST_EXAGGERATION = 80
PALE = 0.5
"""How much of the map's colours is left on the ground."""
_TURNS = {
    Qt.Key.Key_Left: (-5, 0),
    Qt.Key.Key_Right: (5, 0),
    Qt.Key.Key_Up: (0, 5),
    Qt.Key.Key_Down: (0, -5),
}
_COMPILING = "from layers.cartography.oblique import compile_kernels as c; c()"


class ObliqueView(QWidget):
    """Drag to turn and tilt, wheel to come closer; arrows, plus and minus do the same."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.stance = Stance()
        self._relief: Relief | None = None
        self._surface: Surface | None = None
        self._press: tuple[QPoint, Stance] | None = None
        words.bind(self.setToolTip, "oblique.tip")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(960, 560)

    def show_relief(self, relief: Relief | None) -> None:
        """Another piece, or other water."""
        self._relief, self._surface = relief, None
        self.update()

    def stand(self, **changed: float) -> None:
        """Look from elsewhere."""
        known = {name: getattr(self.stance, name) for name in ("azimuth", "tilt", "exaggeration", "zoom")}
        known |= changed
        known["tilt"] = min(max(known["tilt"], FLATTEST), STEEPEST)
        known["zoom"] = min(max(known["zoom"], 0.5), 12.0)
        self.stance = Stance(**known)
        self.update()

    def picture(self) -> QImage | None:
        """What is seen, in the pixels of the screen."""
        if self._relief is None:
            return None
        exaggeration = self.stance.exaggeration
        if self._surface is None or self._surface.exaggeration != exaggeration:
            self._surface = Surface.of(self._relief, exaggeration)
        ratio = self.devicePixelRatioF()
        size = round(self.width() * ratio), round(self.height() * ratio)
        image = image_of(draw_oblique(self._surface, self.stance, *size, LIGHT.paper)).copy()
        image.setDevicePixelRatio(ratio)
        return image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, picture = QPainter(self), self.picture()
        painter.fillRect(self.rect(), QColor(LIGHT.paper))
        if picture is not None:
            painter.drawImage(0, 0, picture)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press = event.position().toPoint(), self.stance

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is not None and event.buttons() & Qt.MouseButton.LeftButton:
            dragged, stance = event.position().toPoint() - self._press[0], self._press[1]
            self.stand(azimuth=stance.azimuth + dragged.x() * TURN, tilt=stance.tilt + dragged.y() * TURN / 2)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.stand(zoom=self.stance.zoom * CLOSER ** (event.angleDelta().y() / 120))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, stance = event.key(), self.stance
        if key in _TURNS:
            turn, tilt = _TURNS[Qt.Key(key)]
            self.stand(azimuth=stance.azimuth + turn, tilt=stance.tilt + tilt)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.stand(zoom=stance.zoom * CLOSER)
        elif key == Qt.Key.Key_Minus:
            self.stand(zoom=stance.zoom / CLOSER)
        else:
            super().keyPressEvent(event)


class ObliquePage(QDialog):
    """The view with its sliders. Signal: `asked` show what the map shows now."""

    asked = Signal()

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        words.bind(self.setWindowTitle, "oblique.title")
        self.view = ObliqueView(words)
        self.exaggeration = QSlider(Qt.Orientation.Horizontal)
        self.exaggeration.setRange(1, MOST_EXAGGERATION)
        self.exaggeration.setFixedWidth(200)
        self.told, self.state = QLabel(), named(QLabel(), "soft")
        self.renew = QPushButton()
        words.bind(self.renew.setText, "oblique.renew")
        words.bind(self.renew.setToolTip, "oblique.renew.tip")
        layout = column(self, 0, 0)
        layout.addWidget(self.view, 1)
        line = QHBoxLayout()
        line.setContentsMargins(16, 8, 16, 8)
        line.setSpacing(12)
        line.addWidget(self.told)
        line.addWidget(self.exaggeration)
        line.addWidget(self.state, 1)
        line.addWidget(self.renew)
        layout.addLayout(line)
        self.exaggeration.valueChanged.connect(self._stand)
        self.renew.clicked.connect(self.asked)
        words.changed.connect(self._speak)
        self._speak()

    def _stand(self, exaggeration: int) -> None:
        self.view.stand(exaggeration=float(exaggeration))
        self._speak()

    def _speak(self) -> None:
        self.told.setText(self._words.say("oblique.exaggeration", times=self.exaggeration.value()))


class Oblique:
    """Brings what the page shows: the relief in a task, its water at the time of the time slider."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.page: ObliquePage | None = None
        self._extent: Extent | None = None
        self._dry: Relief | None = None
        self._compiling: QProcess | None = None
        self._rest = QTimer(window, interval=60, singleShot=True)
        self._rest.timeout.connect(self._flood)
        window.stage.time.moved.connect(lambda _: self._rest.start())

    def open(self) -> None:
        """Show the piece of the map that is seen."""
        if self.page is None:
            self.page = ObliquePage(self._window.words, self._window)
            self.page.asked.connect(self.show_piece)
        self.page.show()
        self.show_piece()

    def show_piece(self) -> None:
        """Show what the map shows now."""
        window, page = self._window, self.page
        if page is None or window.desk.project is None:
            return
        page.state.setText(window.words.say("oblique.coming"))
        if not is_warm((walk_columns,)):
            self._compile()
            return
        view, theme = window.stage.map.view, self._theme()
        extent, colours = view.extent, map_colours(window.stage.map)
        steep = min(max(round(extent.width / 2500), 2), 60)
        page.exaggeration.setValue(steep)

        def work(own: ProjectFile, progress: Progress) -> Relief:
            return relief_of(own, extent, colours, theme, progress)

        def done(relief: Relief) -> None:
            self._dry, self._extent = relief, extent
            page.state.clear()
            page.view.show_relief(relief)
            self._flood()

        window.tasks.start(window.words.say("task.relief"), window.desk.reading(work), done)

    def _theme(self) -> Theme | None:
        stack = self._window.stack
        theme = stack.theme_of(stack.hazard)
        return (theme.name, stack.style(theme)) if theme is not None and theme.geometry == "raster" else None

    def _flood(self) -> None:
        """Lay the water of the moment on the relief."""
        window, page, dry, extent = self._window, self.page, self._dry, self._extent
        player = window.stage.time.player
        frames = next((layer for layer in player.layers if isinstance(layer, Frames)), None)
        if page is None or not page.isVisible() or dry is None or extent is None or frames is None:
            return
        number = frames.picture_at(player.seconds)
        if number < 0:
            page.view.show_relief(dry)
            return

        def work(progress: Progress) -> Relief:
            return flooded(dry, extent, lambda box, cell: frames.read(number, box, cell), frames.style)

        def done(relief: Relief) -> None:
            if dry is self._dry:
                page.view.show_relief(relief)

        window.tasks.start(window.words.say("task.relief"), work, done, quiet=True)

    def _compile(self) -> None:
        """A child process compiles the kernel; the window never does."""
        if self._compiling is not None:
            return
        child = self._compiling = QProcess(self._window)
        child.finished.connect(self._compiled)
        child.start(sys.executable, ["-c", _COMPILING])

    def _compiled(self) -> None:
        self._compiling = None
        if is_warm((walk_columns,)):
            self.show_piece()


def map_colours(shown: MapView) -> Colours:
    """The map's picture as it is seen, pale, so that buildings stand out; opaque, a cell a logical pixel."""
    canvas = QImage(shown.width(), shown.height(), QImage.Format.Format_RGBA8888_Premultiplied)
    canvas.fill(QColor(LIGHT.paper))
    painter = QPainter(canvas)
    if shown.drawing is not None:
        painter.setOpacity(PALE)
        shown.blit(painter, shown.drawing)
    painter.end()
    pixels = np.frombuffer(canvas.constBits(), np.uint8).reshape(canvas.height(), canvas.bytesPerLine())
    return pixels[:, : canvas.width() * 4].reshape(canvas.height(), canvas.width(), 4).copy()

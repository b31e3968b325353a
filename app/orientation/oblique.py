"""The oblique view: the piece of the map that is seen, with terrain, buildings and water standing up.

Map and view show the same place: what moves one moves the other, so places are found in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from app.canvas.key import Key
from app.canvas.oblique import CLOSEST, ObliqueView
from app.canvas.picture import image_of
from app.canvas.stage import Warming
from app.canvas.timeline import time_words
from app.canvas.view import RESERVE, MapView
from app.canvas.viewport import Viewport
from app.panels.parts import column
from app.shell.search import SearchBox
from app.stack import Stack
from app.theme import LIGHT, Tokens, named
from app.words import Words
from layers.cartography.oblique import Colours, Relief, walk_columns
from layers.cartography.relief import Theme, flooded, relief_of
from layers.cartography.timed import Frames
from layers.kernels import is_warm
from layers.progress import Progress
from layers.storage.geopackage import LayerEntry, ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

MOST_EXAGGERATION = 80
SIZE = QSize(1040, 660)
PALE = 0.5
"""How much of the map's colours is left on the ground."""
DRIFT = 0.12
"""Share of the piece off its middle from which the map is moved after the view."""
NEARER, FARTHER = 1.5, 0.75
"""Zoom beyond which the map is zoomed after the view."""


class RiskKey(Key):
    """The key of the colours that the buildings take."""

    def told(self) -> tuple[LayerEntry | None, str]:
        entry = self._stack.theme_of(self._stack.hazard)
        if entry is None or entry.geometry != "raster":
            return super().told()
        return entry, self._stack.heading(entry, self._stack.hazard)


class ObliquePage(QDialog):
    """The view with its sliders, a search box, and the key of its colours."""

    def __init__(self, words: Words, stack: Stack, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        words.bind(self.setWindowTitle, "oblique.title")
        self.view, self.search = ObliqueView(words), SearchBox(words)
        self.search.paint(tokens)
        self.search.setFixedWidth(232)
        self.exaggeration = QSlider(Qt.Orientation.Horizontal)
        self.exaggeration.setRange(1, MOST_EXAGGERATION)
        self.exaggeration.setFixedWidth(160)
        words.bind(self.exaggeration.setAccessibleName, "oblique.heights")
        self.told, self.state = QLabel(), named(QLabel(), "soft")
        self.whole = QPushButton()
        words.bind(self.whole.setText, "oblique.whole")
        words.bind(self.whole.setToolTip, "oblique.whole.tip")
        self._lay_out()
        self.key = RiskKey(stack, words, self.view, self)
        self.exaggeration.valueChanged.connect(self._stand)
        self.whole.clicked.connect(self.view.reset)
        words.changed.connect(self._speak)
        self.view.setFocus()
        self.resize(SIZE)
        self._speak()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the search box chooses a hit and presses no button; pages change the heights."""
        steps = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}
        if event.key() in steps:
            self.exaggeration.setValue(self.exaggeration.value() + steps[Qt.Key(event.key())])
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.key.settle()

    def exaggerate(self, times: int) -> None:
        """So much, without anybody's hand."""
        with QSignalBlocker(self.exaggeration):
            self.exaggeration.setValue(times)
        self._stand(self.exaggeration.value())

    def _lay_out(self) -> None:
        layout = column(self, 0, 0)
        layout.addWidget(self.view, 1)
        line = QHBoxLayout()
        line.setContentsMargins(16, 8, 16, 8)
        line.setSpacing(12)
        line.addWidget(self.told)
        line.addWidget(self.exaggeration)
        line.addWidget(self.state, 1)
        line.addWidget(self.search)
        line.addWidget(self.whole)
        layout.addLayout(line)
        self.whole.setAutoDefault(False)

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
        self._dry: Relief | None = None
        self._asked: Viewport | None = None
        self._steep, self._factor = 1, 1.0
        self._warming: Warming | None = None
        self._rest = QTimer(window, interval=60, singleShot=True)
        self._rest.timeout.connect(self._flood)
        self._waits = QTimer(window, interval=150, singleShot=True)
        self._waits.timeout.connect(self.show_piece)
        window.stage.time.moved.connect(lambda _: self._rest.start())
        window.stage.time.stood.connect(lambda _: self._rest.start())
        window.stage.map.walked.connect(self._follow_map)
        window.stack.changed.connect(self._renew)

    def open(self) -> None:
        """Show the piece of the map that is seen."""
        window = self._window
        if self.page is None:
            self.page = ObliquePage(window.words, window.stack, window.tokens, window)
            self.page.view.settled.connect(self._follow_hand)
            self.page.exaggeration.valueChanged.connect(self._take_factor)
            window.wayfinding.serve(self.page.search)
            self.page.search.found.connect(lambda _: self._come_back())
            self.page.finished.connect(lambda _: self._keep_bare(False))
        self.page.show()
        self._keep_bare(True)
        self._renew()

    def _keep_bare(self, keeps: bool) -> None:
        """Names lie on no ground: while the view is open the map is drawn without them too."""
        stage = self._window.stage
        if stage.keeps_bare != keeps:
            stage.keeps_bare = keeps
            stage.map.refresh()

    def told(self) -> dict[str, float]:
        """How one looks, to come back to it; empty while the view is closed. The place is that of the map."""
        if self.page is None or not self._is_shown:
            return {}
        stance = self.page.view.stance
        return {"azimuth": stance.azimuth, "tilt": stance.tilt, "factor": self._factor}

    def recall(self, told: Mapping[str, float]) -> None:
        """Open the view as it was left."""
        if told:
            self._factor = float(told["factor"])
            self.open()
            assert self.page is not None
            self.page.view.stand(azimuth=float(told["azimuth"]), tilt=float(told["tilt"]))

    def _come_back(self) -> None:
        """The place was sought here, so here one stays."""
        assert self.page is not None
        self.page.activateWindow()
        self.page.view.setFocus()

    @property
    def _is_shown(self) -> bool:
        return self.page is not None and self.page.isVisible() and self._window.desk.project is not None

    def _renew(self) -> None:
        """What the map shows is another."""
        self._asked = None
        if self._is_shown:
            self._waits.start()

    def _follow_map(self) -> None:
        """The map was moved: the view goes there."""
        if self._is_shown and self._window.stage.map.view != self._asked:
            assert self.page is not None
            self.page.view.look_at_middle()
            self._waits.start()

    def _follow_hand(self) -> None:
        """The view was moved: the map goes there, and gives the piece around it."""
        page, map_ = self.page, self._window.stage.map
        if page is None or not self._is_shown or page.view.extent is None or page.view.place is None:
            return
        stance, extent = page.view.stance, page.view.extent
        drift = max(abs(stance.east) / extent.width, abs(stance.north) / extent.height)
        if drift > DRIFT / min(stance.zoom, 1.0) or not FARTHER <= stance.zoom <= NEARER:
            x, y = page.view.place
            view = map_.view.zoomed(min(stance.zoom, CLOSEST))
            self._asked = Viewport(x, y, view.scale, map_.width(), map_.height())
            map_.show_at(self._asked)
            self._waits.start()

    def show_piece(self) -> None:
        """Show what the map shows now, as soon as it is drawn."""
        window, page = self._window, self.page
        if page is None or not self._is_shown:
            return
        page.state.setText(window.words.say("oblique.coming"))
        map_ = window.stage.map
        if not is_warm((walk_columns,)):
            self._compile()
            return
        drawing = map_.drawing
        is_there = drawing is not None and drawing.is_final and drawing.bare is not None
        if drawing is None or not is_there or drawing.view != map_.view.grown(RESERVE):
            self._waits.start()
            return
        view, theme = map_.view, self._theme()
        extent, colours = view.extent, map_colours(map_)
        self._asked = view

        def work(own: ProjectFile, progress: Progress) -> Relief:
            return relief_of(own, extent, colours, theme, progress)

        def done(relief: Relief) -> None:
            if self._asked == view:
                self._dry = relief
                self._steepen(extent.width)
                page.view.show_relief(relief, extent)
                page.state.clear()
                page.key.fill()
                self._flood()

        window.tasks.start(window.words.say("task.relief"), window.desk.reading(work), done, quiet=True)

    def _steepen(self, width: float) -> None:
        """Heights are exaggerated with the width of the piece, by as much more or less as the hand chose."""
        assert self.page is not None
        self._steep = min(max(round(width / 2500), 2), 60)
        self.page.exaggerate(round(self._steep * self._factor))

    def _take_factor(self, exaggeration: int) -> None:
        self._factor = exaggeration / self._steep

    def _theme(self) -> Theme | None:
        stack = self._window.stack
        theme = stack.theme_of(stack.hazard)
        return (theme.name, stack.style(theme)) if theme is not None and theme.geometry == "raster" else None

    def _flood(self) -> None:
        """Lay the water of the moment on the relief."""
        window, page, dry = self._window, self.page, self._dry
        if page is None or not self._is_shown or dry is None or page.view.extent is None:
            return
        extent, player = page.view.extent, window.stage.time.player
        frames = next((layer for layer in player.layers if isinstance(layer, Frames)), None)
        number = frames.picture_at(player.seconds) if frames is not None else -1
        if frames is None or number < 0:
            page.state.clear()
            page.view.show_relief(dry, extent)
            return
        when = time_words(player.seconds, window.words.say)

        def work(progress: Progress) -> Relief:
            return flooded(dry, extent, lambda box, cell: frames.read(number, box, cell), frames.style)

        def done(relief: Relief) -> None:
            if dry is self._dry and extent == page.view.extent:
                page.state.setText(window.words.say("oblique.water", time=when))
                page.view.show_relief(relief, extent)

        window.tasks.start(window.words.say("task.relief"), work, done, quiet=True)

    def _compile(self) -> None:
        """A child process compiles the kernel; the window never does."""
        if self._warming is None:
            self._warming = Warming("oblique", self._window)
            self._warming.ready.connect(self._compiled)
            self._warming.begin()

    def _compiled(self) -> None:
        self._warming = None
        if is_warm((walk_columns,)):
            self.show_piece()


def map_colours(shown: MapView) -> Colours:
    """The map as it is seen, without names, pale, so that buildings stand out; a cell a logical pixel."""
    canvas = QImage(shown.width(), shown.height(), QImage.Format.Format_RGBA8888_Premultiplied)
    canvas.fill(QColor(LIGHT.paper))
    painter = QPainter(canvas)
    drawing = shown.drawing
    if drawing is not None and drawing.bare is not None:
        image = image_of(drawing.bare)
        image.setDevicePixelRatio(drawing.image.devicePixelRatio())
        painter.setOpacity(PALE)
        shown.blit(painter, replace(drawing, image=image))
    painter.end()
    pixels = np.frombuffer(canvas.constBits(), np.uint8).reshape(canvas.height(), canvas.bytesPerLine())
    return pixels[:, : canvas.width() * 4].reshape(canvas.height(), canvas.width(), 4).copy()

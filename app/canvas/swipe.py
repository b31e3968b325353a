"""Swipe: a curtain drawn over the map, this picture to its left and another to its right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from app.canvas.key import Key
from app.canvas.picture import Drawing
from app.canvas.scene import Drawable
from app.canvas.timeline import time_words
from app.canvas.view import RESERVE, MapView
from app.canvas.viewport import Viewport
from app.orientation.comparing import Other, compared, others, played
from app.theme import Tokens, icon, named
from app.words import Words
from layers.storage.geopackage import LayerEntry

if TYPE_CHECKING:
    from app.canvas.stage import Stage

BELOW_TOOLS = 60
"""Pixels that the tools take at the map's upper edge."""
GRIP, KNOB = 17, 15
"""Pixels: width of the strip that can be taken, and radius of the knob on it."""
STEP = 0.02
"""Share of the map that a key moves the curtain."""


class Curtain(QWidget):
    """A vertical line with a knob. Signals: `moved` by hand or key; `closed` by Esc."""

    moved = Signal()
    closed = Signal()

    def __init__(self, view: MapView) -> None:
        super().__init__(view)
        self._view = view
        self.share = 0.5
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def x_of_line(self) -> int:
        """Pixel of the line on the map."""
        return round(self._view.width() * self.share)

    def move_to(self, share: float) -> None:
        """Stand at so much of the map's width."""
        self.share = min(max(share, 0.0), 1.0)
        self.settle()
        self.moved.emit()
        self._view.update()

    def settle(self) -> None:
        """As high as the map."""
        self.setGeometry(self.x_of_line - GRIP, 0, 2 * GRIP, self._view.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, middle = self._view.tokens, QPointF(GRIP, self.height() / 2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for width, colour in ((4.0, QColor(255, 255, 255, 190)), (2.0, QColor(tokens.accent))):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(GRIP, 0), QPointF(GRIP, self.height()))
        painter.setPen(QPen(QColor(tokens.accent), 3.0 if self.hasFocus() else 1.5))
        painter.setBrush(QColor(tokens.surface))
        painter.drawEllipse(middle, KNOB, KNOB)
        painter.setPen(QPen(QColor(tokens.accent), 2))
        for side in (-1, 1):
            tip, back = middle + QPointF(side * 9, 0), middle + QPointF(side * 4, 0)
            painter.drawPolyline([back + QPointF(0, -5), tip, back + QPointF(0, 5)])
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            at = self.mapToParent(event.position().toPoint()).x()
            self.move_to(at / max(self._view.width(), 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        steps = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP, Qt.Key.Key_Home: -1, Qt.Key.Key_End: 1}
        if key in steps:
            self.move_to(self.share + steps[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class OtherKey(Key):
    """The key of what lies on the right."""

    def __init__(self, swipe: Swipe, words: Words, stage: Stage) -> None:
        self._swipe = swipe
        super().__init__(stage.stack, words, stage.map, stage)

    def told(self) -> tuple[LayerEntry | None, str]:
        other = self._swipe.other
        return (None, "") if other is None else (other.entry, other.title)

    def marks(self) -> tuple[str, ...]:
        return ()

    def fill(self) -> None:
        if self._swipe.other is None:
            self.hide()
        else:
            super().fill()


class Moment(QWidget):
    """A small slider for the time right of the curtain. Signal: `moved`."""

    moved = Signal()

    def __init__(self, stage: Stage, words: Words) -> None:
        super().__init__()
        self._time, self._words = stage.time, words
        self.slider, self.label = QSlider(Qt.Orientation.Horizontal), named(QLabel(), "strong")
        self.slider.setFixedWidth(120)
        words.bind(self.slider.setToolTip, "swipe.moment.tip")
        words.bind(self.slider.setAccessibleName, "swipe.moment.tip")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider)
        row.addWidget(self.label)
        self.slider.valueChanged.connect(self._tell)
        words.changed.connect(self._speak)

    @property
    def seconds(self) -> float:
        """The time that is shown there."""
        times = self._time.times
        return times[min(self.slider.value(), len(times) - 1)] if times else 0.0

    def begin(self) -> None:
        """Half as far as the time on the left, or at the end if that is at its beginning."""
        times, now = self._time.times, self._time.slider.value()
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(len(times) - 1, 0))
            self.slider.setValue(now // 2 if now else len(times) - 1)
        self._speak()

    def _tell(self) -> None:
        self._speak()
        self.moved.emit()

    def _speak(self) -> None:
        self.label.setText(time_words(self.seconds, self._words.say))


class Swipe(QObject):
    """Compares the map with itself. Signal: `changed` it was begun or ended."""

    changed = Signal()

    def __init__(self, stage: Stage, words: Words) -> None:
        super().__init__(stage)
        self._stage, self._words, self._map = stage, words, stage.map
        self.other: Other | None = None
        self._others: tuple[Other, ...] = ()
        self._drawing: Drawing | None = None
        self.curtain = Curtain(self._map)
        self.card = named(QFrame(self._map), "tools")
        self.left, self.choice, cross = QLabel(), QComboBox(), named(QToolButton(), "flat")
        self.key = OtherKey(self, words, stage)
        self.moment = Moment(stage, words)
        self._lay_out(cross)
        self.curtain.moved.connect(self._settle)
        self.curtain.closed.connect(self.end)
        cross.clicked.connect(self.end)
        self.choice.activated.connect(lambda: self.compare(self._others[self.choice.currentIndex()]))
        self._map.overlays.append(self.paint)
        self._map.installEventFilter(self)
        self.moment.moved.connect(self._play)
        stage.time.moved.connect(lambda _: self._name_left())
        stage.stack.changed.connect(self._fill)
        words.changed.connect(self._fill)
        self.end()

    def _lay_out(self, cross: QToolButton) -> None:
        self._cross = cross
        self._words.bind(cross.setToolTip, "swipe.end")
        self._words.bind(self.choice.setToolTip, "swipe.other.tip")
        self._words.bind(self.curtain.setToolTip, "swipe.tip")
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        row = QHBoxLayout(self.card)
        row.setContentsMargins(12, 4, 6, 4)
        row.setSpacing(8)
        for widget in (self.left, named(QLabel("│"), "faint"), self.choice, self.moment, cross):
            row.addWidget(widget)
        self.paint_icons(self._map.tokens)

    @property
    def is_on(self) -> bool:
        """Whether two maps are compared."""
        return self.other is not None

    @property
    def is_ready(self) -> bool:
        """Whether the other map has been drawn as it is seen now."""
        drawing = self._drawing
        return drawing is not None and drawing.is_final and drawing.view == self._map.view.grown(RESERVE)

    def toggle(self) -> None:
        """Begin with the next hazard, or end."""
        if self.is_on:
            self.end()
            return
        self._fill()
        if self._others:
            self.compare(self._others[0])
            self.curtain.move_to(0.5)
            self.curtain.setFocus()

    def compare(self, other: Other) -> None:
        """Show this on the right."""
        self.other = other
        if other.is_moment:
            self.moment.begin()
        self._fill()
        self._stage.key.stand("left")
        self._show(True)
        self._map.refresh()
        self.changed.emit()

    def end(self) -> None:
        """One map again."""
        was_on, self.other, self._drawing = self.is_on, None, None
        if self._map.window().focusWidget() in (self.curtain, self._cross, self.choice):
            self._map.setFocus()  # else Qt would hand it to the next button, far away
        self._show(False)
        self._play()
        self._stage.key.stand("right")
        self._map.refresh()
        self._map.update()
        if was_on:
            self.changed.emit()

    def drawables(self) -> tuple[Drawable, ...] | None:
        """What is drawn right of the curtain, if there is one."""
        return None if self.other is None else compared(self._stage.stack, self.other)

    def take(self, drawing: Drawing) -> None:
        """The picture right of the curtain has come."""
        if self.is_on:
            self._drawing = drawing
            self._map.update()

    def paint_icons(self, tokens: Tokens) -> None:
        """Icons in the ink of the theme."""
        self._cross.setIcon(icon("x", tokens))
        self._cross.setIconSize(QSize(14, 14))

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """The other map, right of the curtain."""
        if not self.is_on or self._drawing is None:
            return
        line = self.curtain.x_of_line
        right = QRectF(line, 0, self._map.width() - line, self._map.height())
        painter.save()
        painter.setClipRect(right)
        painter.fillRect(right, QColor(self._map.tokens.paper))
        self._map.blit(painter, self._drawing)
        self._stage.time.player.paint_beside(painter, view)
        painter.restore()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.is_on:
            self._settle()
        return False

    def _show(self, on: bool) -> None:
        for widget in (self.curtain, self.card):
            widget.setVisible(on)
        self.key.fill()
        if on:
            self._settle()

    def _settle(self) -> None:
        self.curtain.settle()
        self.left.ensurePolished()
        self.card.adjustSize()
        left = self.curtain.x_of_line - self.left.geometry().right() - 12
        self.card.move(min(max(left, 60), max(self._map.width() - self.card.width() - 12, 60)), BELOW_TOOLS)
        self.card.raise_()
        self.key.settle()

    def _fill(self) -> None:
        """What can be compared with what is seen."""
        stack = self._stage.stack
        self._others = others(stack)
        names = [other.name for other in self._others]
        number = names.index(self.other.name) if self.other and self.other.name in names else -1
        with QSignalBlocker(self.choice):
            self.choice.clear()
            self.choice.addItems([other.title for other in self._others])
            self.choice.setCurrentIndex(number)
        self._name_left()
        if self.other is None:
            return
        if number < 0:
            self.end()
            return
        self.other = self._others[number]
        self.moment.setVisible(self.other.is_moment)
        self._play()
        self.key.fill()
        self._settle()

    def _play(self) -> None:
        """Layers with time on the right, at their own moment if they have one."""
        other, time = self.other, self._stage.time
        if other is None:
            time.compare(())
        else:
            time.compare(played(self._stage.stack, other), self.moment.seconds if other.is_moment else None)

    def _name_left(self) -> None:
        """What lies on the left; of another moment of it, this moment."""
        stage, title = self._stage, self._stage.stack.theme_title or self._words.say("swipe.plain")
        is_moment = self.other is not None and self.other.is_moment
        when = time_words(stage.time.seconds, self._words.say)
        self.left.setText(f"{title} · {when}" if is_moment else title)
        if self.is_on:
            self._settle()

"""The first tour: a few words beside the parts of the window, once, on the sample project; Esc ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import Tokens, named
from app.words import Words

if TYPE_CHECKING:
    from app.main_window import MainWindow

WIDTH, AWAY, ROOM = 320, 14, 6
"""Pixels: width of a bubble, its distance from what it tells of, and the room around that."""
CALM = 900
"""Milliseconds between the project's coming and the first bubble."""


Stop = tuple[str, Callable[[], QRect]]
"""What is told of, by its words, and where it stands in the window."""


class Bubble(QFrame):
    """A few sentences with Skip and Next."""

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("bubble")
        self.setFixedWidth(WIDTH)
        self.title, self.count = named(QLabel(), "title"), named(QLabel(), "faint")
        self.text = QLabel(wordWrap=True)
        self.skip = QPushButton(words.say("tour.skip"))
        self.next = named(QPushButton(), "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        self._column = layout
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        line = QHBoxLayout()
        line.addWidget(self.count, 1)
        line.addWidget(self.skip)
        line.addWidget(self.next)
        layout.addLayout(line)

    def settle(self) -> None:
        """As high as its words."""
        for child in self.findChildren(QWidget):
            child.ensurePolished()
        self._column.activate()
        self.setFixedHeight(self._column.totalHeightForWidth(WIDTH))


class Tour(QWidget):
    """Lies over the window, lets only what it tells of shine through. Signal: `ended`."""

    ended = Signal()

    def __init__(self, window: QWidget, stops: list[Stop], words: Words, tokens: Tokens) -> None:
        super().__init__(window)
        self._stops, self._words, self._tokens = stops, words, tokens
        self.at = -1
        self.bubble = Bubble(words, self)
        self.bubble.skip.clicked.connect(self.end)
        self.bubble.next.clicked.connect(self.go_on)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.setFocus()
        self.go_on()

    def go_on(self) -> None:
        """The next stop; after the last it ends."""
        if self.at + 1 >= len(self._stops):
            self.end()
            return
        self.at += 1
        say, (name, _), last = self._words.say, self._stops[self.at], self.at + 1 == len(self._stops)
        self.bubble.title.setText(say(f"tour.{name}"))
        self.bubble.text.setText(say(f"tour.{name}.text"))
        self.bubble.count.setText(f"{self.at + 1} / {len(self._stops)}")
        self.bubble.next.setText(say("tour.done" if last else "tour.next"))
        self.bubble.skip.setVisible(not last)
        self._settle()

    def end(self) -> None:
        """Go away."""
        self.window().removeEventFilter(self)
        self.hide()
        self.deleteLater()
        self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.window().rect())
            self._settle()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right, Qt.Key.Key_Space):
            self.go_on()

    def paintEvent(self, event: QPaintEvent) -> None:
        shade, hole = QPainterPath(), QRectF(self._target())
        shade.addRect(QRectF(self.rect()))
        shade.addRoundedRect(hole, 8, 8)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(shade, QColor(10, 18, 24, 96))
        painter.setPen(QPen(QColor(self._tokens.accent), 2))
        painter.drawRoundedRect(hole, 8, 8)
        painter.end()

    def _target(self) -> QRect:
        place = self._stops[self.at][1]().adjusted(-ROOM, -ROOM, ROOM, ROOM)
        return place.intersected(self.rect().adjusted(2, 2, -2, -2))

    def _settle(self) -> None:
        """The bubble beside what it tells of, wherever there is room."""
        self.bubble.settle()
        target, size, room = self._target(), self.bubble.size(), self.rect().adjusted(8, 8, -8, -8)
        places = (
            QPoint(target.right() + AWAY, target.top()),
            QPoint(target.left(), target.bottom() + AWAY),
            QPoint(target.right() - size.width(), target.bottom() + AWAY),
            QPoint(target.left() - size.width() - AWAY, target.bottom() - size.height()),
        )
        fits = [place for place in places if room.contains(QRect(place, size))]
        middle = room.center() - QRect(QPoint(0, 0), size).center()
        self.bubble.move(fits[0] if fits else middle)
        self.update()


class Touring(QObject):
    """Begins the tour when the sample is opened for the first time, or when it is asked for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.tour: Tour | None = None
        self._calm = QTimer(self, interval=CALM, singleShot=True)
        self._calm.timeout.connect(self.begin)
        window.desk.changed.connect(self._follow)

    def begin(self) -> None:
        """From the first stop."""
        window = self._window
        if self.tour is not None or window.desk.project is None:
            return
        window.settings.toured = True
        stage = window.stage
        stops = [
            ("layers", self._place(window.docks["left"])),
            ("workspaces", self._place(window.header.switch)),
            ("tools", self._place(stage.tools)),
            ("key", self._place(stage.key)),
            ("search", self._place(window.header.search)),
            ("undo", self._place(window.header.buttons["undo"])),
        ]
        shown = [(name, place) for name, place in stops if not place().isEmpty()]
        self.tour = Tour(window, shown, window.words, window.tokens)
        self.tour.ended.connect(self._end)

    def _end(self) -> None:
        self.tour = None
        self._window.stage.map.setFocus()

    def _place(self, widget: QWidget) -> Callable[[], QRect]:
        def place() -> QRect:
            if not widget.isVisible():
                return QRect()
            return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size())

        return place

    def _follow(self, tables: frozenset[str]) -> None:
        project = self._window.desk.project
        if "project" not in tables:
            return
        if self.tour is not None:
            self.tour.end()
        is_sample = project is not None and project.path == self._window.sample_path
        if is_sample and not self._window.settings.toured:
            self._calm.start()
        else:
            self._calm.stop()

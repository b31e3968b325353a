"""A sheet as large as the screen allows; a click shows it in its full size, another the whole."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from app.panels.parts import column
from app.words import Words

AROUND = 80
"""Pixels of the window that stay free around the page."""


def fitted(picture: QImage, room: QSize, ratio: float) -> QImage:
    """The picture as large as the room allows, never larger than it is, sharp on dense screens."""
    most = room * ratio
    if picture.width() > most.width() or picture.height() > most.height():
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        picture = picture.scaled(most, keep, smooth)
    shown = QImage(picture)
    shown.setDevicePixelRatio(ratio)
    return shown


class _Paper(QWidget):
    """The picture, in the middle of its room."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = QImage()

    def show_picture(self, picture: QImage) -> None:
        self.shown = picture
        self.setMinimumSize(self.size_of_picture)
        self.update()

    @property
    def size_of_picture(self) -> QSize:
        return self.shown.deviceIndependentSize().toSize()

    @property
    def corner(self) -> QPoint:
        """Where the picture begins."""
        free = self.size() - self.size_of_picture
        return QPoint(max(free.width() // 2, 0), max(free.height() // 2, 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(QRectF(QPointF(self.corner), self.shown.deviceIndependentSize()), self.shown)
        painter.end()


class PageView(QDialog):
    """The page over the window; Esc closes it, a click or Space goes near and back."""

    def __init__(self, picture: QImage, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(words.say("sheets.preview"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._picture, self.is_near = picture, False
        self._paper, self._scroll = _Paper(), QScrollArea(widgetResizable=True)
        self._paper.setToolTip(words.say("sheets.near"))
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._paper)
        column(self, 8).addWidget(self._scroll)
        whole = fitted(picture, parent.size() - QSize(AROUND, AROUND), 1.0)
        self.resize(whole.size() + QSize(24, 24))
        self.setMinimumSize(320, 240)
        self._turn(near=False)

    @property
    def shown(self) -> QImage:
        """The picture as it is seen."""
        return self._paper.shown

    def _turn(self, *, near: bool, at: QPointF | None = None) -> None:
        """The page in its full size, with the place that was clicked in the middle, or the whole of it."""
        self.is_near = near
        ratio = self.devicePixelRatioF()
        room = self._picture.size() if near else self.size() - QSize(24, 24)
        self._paper.show_picture(fitted(self._picture, room, ratio))
        self._paper.setCursor(Qt.CursorShape.PointingHandCursor)
        if at is not None:
            size, view = self._paper.size_of_picture, self._scroll.viewport().size()
            self._paper.resize(size.expandedTo(view))
            for bar, place, wide in (
                (self._scroll.horizontalScrollBar(), at.x() * size.width(), view.width()),
                (self._scroll.verticalScrollBar(), at.y() * size.height(), view.height()),
            ):
                bar.setValue(round(place - wide / 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        size, corner = self._paper.size_of_picture, self._paper.corner
        place = self._paper.mapFrom(self, event.position().toPoint()) - corner
        self._turn(near=not self.is_near, at=QPointF(place.x() / size.width(), place.y() / size.height()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._turn(near=not self.is_near, at=QPointF(0.5, 0.5))
        else:
            super().keyPressEvent(event)

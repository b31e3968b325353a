"""The map on the screen: blits the renderer's picture, and turns the hand's gestures into values."""

from collections.abc import Callable
from typing import Literal

import shapely
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.furniture import paint_aim, paint_outline, paint_scale_bar
from app.canvas.gestures import Click, Frame, Gesture, Pan
from app.canvas.measuring import Measure
from app.canvas.picture import Drawing
from app.canvas.viewport import Trail, Viewport
from app.theme import LIGHT, Tokens
from layers.grid import Extent

Tool = Literal["browse", "select", "zoom", "measure"]

RESERVE = 0.25
"""Share of the screen that is drawn beyond each edge, for panning."""
MOVING = 20
"""Milliseconds after a movement at which a picture is asked for: the next one may come meanwhile."""
SETTLE = 400
"""Milliseconds without movement after which a place is remembered."""
STEP = 2.0**0.5

_CURSORS = {
    "browse": Qt.CursorShape.OpenHandCursor,
    "select": Qt.CursorShape.ArrowCursor,
    "zoom": Qt.CursorShape.CrossCursor,
    "measure": Qt.CursorShape.CrossCursor,
}
_TAKES_BACK = (Qt.Key.Key_Escape, Qt.Key.Key_Backspace)
_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
"""How the focus comes without a mouse."""
_ARROWS = {
    Qt.Key.Key_Left: (0.2, 0.0),
    Qt.Key.Key_Right: (-0.2, 0.0),
    Qt.Key.Key_Up: (0.0, 0.2),
    Qt.Key.Key_Down: (0.0, -0.2),
}


class MapView(QWidget):
    """A window on the plane.

    Signals: `wanted(Viewport)` a picture of this is needed; `viewed(Viewport)` what is shown is another;
    `pointed(x, y)` where the mouse is; `clicked(Click)` and `framed(Extent, add)` what a gesture was for.
    """

    wanted = Signal(object)
    viewed = Signal(object)
    pointed = Signal(float, float)
    clicked = Signal(object, bool)
    framed = Signal(object, bool)
    walked = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("map")
        self.tokens = tokens
        self.view = Viewport(0, 0, 100, 800, 600)
        self.tool: Tool = "browse"
        self.trail = Trail()
        self.measure = Measure()
        self.outline: shapely.Geometry | None = None
        self.region: shapely.Geometry | None = None
        self.overlays: list[Callable[[QPainter, Viewport], None]] = []
        """What is laid on the picture, the lowest first."""
        self._drawing: Drawing | None = None
        self._gesture: Gesture | None = None
        self._fitted: Extent | None = None
        self._has_space = self._by_key = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._ask = QTimer(self, singleShot=True)
        self._ask.timeout.connect(self._want)
        self._settle = QTimer(self, interval=SETTLE, singleShot=True)
        self._settle.timeout.connect(self._remember)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 240)

    # --- what is shown ---------------------------------------------------------------------------------

    def show_at(self, view: Viewport) -> None:
        """Show this piece of the plane; the picture of before serves until the fresh one comes."""
        self._fitted = None
        self.view = view.resized(self.width(), self.height())
        self.viewed.emit(self.view)
        self._ask.start(MOVING)
        self._settle.start()
        self.update()

    def show_extent(self, extent: Extent) -> None:
        """Show all of a box; it stays fitted to the map's size until the hand moves it."""
        self.show_at(Viewport.fitting(extent, self.width(), self.height()))
        self._fitted = extent

    def zoom(self, factor: float) -> None:
        """Closer (or farther, below 1) about the middle."""
        self.show_at(self.view.zoomed(factor))

    def zoom_to_scale(self, denominator: float) -> None:
        """The same middle at a scale of 1 : `denominator`."""
        self.zoom(self.view.denominator / denominator)
        self.setFocus()

    def go_back(self) -> None:
        self._go(self.trail.back())

    def go_forward(self) -> None:
        self._go(self.trail.forward())

    def set_tool(self, tool: Tool) -> None:
        """What the left button does from now on."""
        self.abort()
        self.measure.clear()
        self.tool = tool
        self._set_cursor()

    def abort(self) -> None:
        """Give up the gesture under way: as if it had not begun."""
        gesture, self._gesture = self._gesture, None
        if isinstance(gesture, Pan):
            self.show_at(gesture.start)
        self._set_cursor()
        self.update()

    def refresh(self) -> None:
        """The content is another: draw it anew, as soon as all have followed."""
        self._ask.start(0)

    def clear(self) -> None:
        """Nothing is shown any more."""
        self._drawing, self.outline, self.region, self.trail = None, None, None, Trail()
        self.measure.clear()
        self.update()

    @Slot(object)
    def take(self, drawing: Drawing) -> None:
        """The renderer's picture has come."""
        self._drawing = drawing
        self.update()

    @property
    def drawing(self) -> Drawing | None:
        """The picture that is blitted."""
        return self._drawing

    def _go(self, view: Viewport) -> None:
        self.show_at(view)
        self._settle.stop()
        self.walked.emit()

    def _want(self) -> None:
        self.wanted.emit(self.view)

    def _remember(self) -> None:
        self.trail.walk(self.view)
        self.walked.emit()

    # --- Qt's events -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.tokens.paper))
        if self._drawing is not None:
            self.blit(painter, self._drawing)
        for overlay in self.overlays:
            overlay(painter, self.view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.region is not None:
            paint_outline(painter, self.region, self.view, LIGHT.ink, glows=False)
        if self.outline is not None:
            paint_outline(painter, self.outline, self.view, self.tokens.accent)
        self.measure.paint(painter, self.view, self.tokens)
        if self._gesture is not None:
            self._gesture.paint(painter)
        if self._drawing is not None:
            paint_scale_bar(painter, self.view, self.tokens)
        if self._by_key:
            paint_aim(painter, self.rect(), self.tokens)
        painter.end()

    def blit(self, painter: QPainter, drawing: Drawing) -> None:
        """The picture where it belongs now: moved, and scaled if the scale is another."""
        box = drawing.view.extent
        left, top = self.view.to_screen(box.west, box.north)
        right, bottom = self.view.to_screen(box.east, box.south)
        if drawing.view.scale == self.view.scale:
            ratio = drawing.image.devicePixelRatio()
            painter.drawImage(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), drawing.image)
            return
        target = QRectF(left, top, right - left, bottom - top)
        painter.drawImage(target, drawing.image, QRectF(drawing.image.rect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view = self.view.resized(event.size().width(), event.size().height())
        if self._fitted is not None:
            self.show_extent(self._fitted)
            return
        self.viewed.emit(self.view)
        self._ask.start(MOVING)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come to by keys, the map shows what Enter would meet."""
        self._by_key = event.reason() in _KEYS
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._by_key = False
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._gesture is not None:
            return
        at = event.position()
        self.show_at(self.view.zoomed(2 ** (event.angleDelta().y() / 240), at.x(), at.y()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._by_key = False
        left = event.button() == Qt.MouseButton.LeftButton
        if self._gesture is not None or not (left or event.button() == Qt.MouseButton.MiddleButton):
            return
        self._gesture = self._begin(event.position().toPoint(), left=left)
        self._set_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        point = self.view.to_map(at.x(), at.y())
        self.pointed.emit(*point)
        if self.measure.points:
            self.measure.to = point
            self.update()
        if self._gesture is None:
            return
        view = self._gesture.move(at)
        if view is not None:
            self.show_at(view)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            adds = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._finish(gesture.release(event.position().toPoint()), adds=adds)
        self._set_cursor()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._gesture is not None:
            self.abort()
        elif key in _TAKES_BACK and self.measure.points:
            self.measure.clear() if key == Qt.Key.Key_Escape else self.measure.take_back()
            self.update()
        elif key == Qt.Key.Key_Space:
            self._has_space = True
            self._set_cursor()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._by_key = True
            middle = QPoint(self.width() // 2, self.height() // 2)
            adds = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._finish(Click.at(self.view, middle), adds=adds)
            self.update()
        elif key in _ARROWS:
            dx, dy = _ARROWS[key]
            self.show_at(self.view.panned(dx * self.width(), dy * self.height()))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / STEP)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._has_space = False
            self._set_cursor()
        super().keyReleaseEvent(event)

    # --- gestures --------------------------------------------------------------------------------------

    def _begin(self, at: QPoint, *, left: bool) -> Gesture:
        if not left or self._has_space or self.tool in {"browse", "measure"}:
            return Pan(self.view, at)
        return Frame(self.view, at, self.tokens.accent)

    def _finish(self, value: object, *, adds: bool) -> None:
        if isinstance(value, Viewport):
            self.show_at(value)
        elif isinstance(value, Click) and self.tool == "measure":
            self.measure.add(value.x, value.y)
        elif isinstance(value, Click) and self.tool == "zoom":
            self.show_at(self.view.zoomed(2, *self.view.to_screen(value.x, value.y)))
        elif isinstance(value, Click):
            self.clicked.emit(value, adds)
        elif isinstance(value, Extent) and self.tool == "zoom":
            self.show_extent(value)
        elif isinstance(value, Extent):
            self.framed.emit(value, adds)

    def _set_cursor(self) -> None:
        if isinstance(self._gesture, Pan):
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.setCursor(_CURSORS["browse" if self._has_space else self.tool])

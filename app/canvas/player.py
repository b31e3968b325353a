"""The player: pictures of layers with time, brought by a thread of its own, coloured and laid on the map.

A picture holds codes, at the resolution of the screen; a table gives them colours. What is shown at a time is
fetched first, then what comes next, as far as the memory set aside for it goes.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage, QPainter

from app.canvas.viewport import Viewport
from layers.cartography.timed import Codes, Table, Timed
from layers.errors import KnownError
from layers.grid import Extent

MOST_BYTES = 160_000_000
"""Memory for pictures."""
MARGIN = 0.15
"""Share of the screen that is fetched beyond each edge, for panning."""

Key = tuple[int, int]
"""Layer and picture."""
Wish = tuple[Extent, float]
"""Extent and metres a device pixel."""


@dataclass(frozen=True, eq=False)
class _Coloured:
    """A picture in colours; `pixels` is the memory that `image` shows."""

    codes: Codes
    table: Table
    pixels: NDArray[np.uint32]
    image: QImage


class Player(QObject):
    """Layers with time at one moment. Signals: `arrived`; `told(KnownError)` a picture could not be read."""

    arrived = Signal()
    told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.seconds = 0.0
        self.seconds_beside: float | None = None
        self.layers: tuple[Timed, ...] = ()
        self.beside: tuple[Timed, ...] = ()
        self._all: tuple[Timed, ...] = ()
        self._news = threading.Condition()
        self._wish: Wish | None = None
        self._wanted: list[Key] = []
        self._fresh: dict[Key, Codes | None] = {}
        self._stale: dict[Key, Codes | None] = {}
        self._coloured: dict[tuple[int, bool], _Coloured] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._bring_all, name="player", daemon=True)
        self._thread.start()

    def show(self, layers: Sequence[Timed], beside: Sequence[Timed] = ()) -> None:
        """Play these layers, the lowest first, and those right of the swipe; what is in both is read once."""
        with self._news:
            self.layers, self.beside = tuple(layers), tuple(beside)
            self._all = tuple(dict.fromkeys([*layers, *beside]))
            self._fresh, self._stale = {}, {}
            self._coloured.clear()
        self._plan()

    def look(self, view: Viewport, ratio: float) -> None:
        """Pictures of this piece of the plane are needed; those of before serve until they come."""
        margin = max(view.extent.width, view.extent.height) * MARGIN
        wish = view.extent.grown(margin), view.scale / ratio
        with self._news:
            if wish == self._wish:
                return
            self._wish = wish
            self._stale = {**self._stale, **self._fresh}
            self._fresh = {}
        self._plan()

    def set_time(self, seconds: float) -> None:
        """The moment that is shown."""
        self.seconds = seconds
        self._plan()

    def set_moment(self, seconds: float | None) -> None:
        """The moment right of the swipe; ``None``: the same as on the left."""
        self.seconds_beside = seconds
        self._plan()

    def close(self) -> None:
        """End the thread."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join()

    @property
    def is_ready(self) -> bool:
        """Whether the pictures of this moment have come, on both sides."""
        with self._news:
            return all(key in self._fresh for key in (*self._now(), *self._now(beside=True)))

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Lay the pictures of this moment on the map; names and lines show through their colours."""
        self._paint(painter, view, beside=False)

    def paint_beside(self, painter: QPainter, view: Viewport) -> None:
        """Lay those right of the swipe there."""
        self._paint(painter, view, beside=True)

    def _paint(self, painter: QPainter, view: Viewport, *, beside: bool) -> None:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        for number, picture in self._now(beside=beside):
            codes = self._codes((number, picture))
            if codes is None or not codes.extent.meets(view.extent):
                continue
            left, top = view.to_screen(codes.extent.west, codes.extent.north)
            right, bottom = view.to_screen(codes.extent.east, codes.extent.south)
            table = self._all[number].table(self._seconds(beside))
            image = self._image((number, beside), codes, table)
            painter.drawImage(QRectF(left, top, right - left, bottom - top), image, QRectF(image.rect()))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)

    def _seconds(self, beside: bool) -> float:
        return self.seconds if not beside or self.seconds_beside is None else self.seconds_beside

    def _now(self, *, beside: bool = False) -> list[Key]:
        layers, seconds = self.beside if beside else self.layers, self._seconds(beside)
        pictures = ((self._all.index(layer), layer.picture_at(seconds)) for layer in layers)
        return [(number, picture) for number, picture in pictures if picture >= 0]

    def _codes(self, key: Key) -> Codes | None:
        with self._news:
            return self._fresh[key] if key in self._fresh else self._stale.get(key)

    def _image(self, place: tuple[int, bool], codes: Codes, table: Table) -> QImage:
        """The coloured picture; the last one of each layer and side is kept."""
        known = self._coloured.get(place)
        if known is None or known.codes is not codes or not np.array_equal(known.table, table):
            colours = np.ascontiguousarray(table[:, [2, 1, 0, 3]]).view("<u4")[:, 0]
            pixels = colours[codes.values]
            height, width = pixels.shape
            image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
            known = self._coloured[place] = _Coloured(codes, table, pixels, image)
        return known.image

    def _plan(self) -> None:
        """Say what is wanted: the pictures of now, then those that follow."""
        with self._news:
            wanted = self._now() + self._now(beside=True)
            for number, layer in enumerate(self._all):
                count = layer.picture_at(float("inf")) + 1
                first = max(layer.picture_at(self.seconds), 0)
                wanted += [(number, (first + k) % count) for k in range(count)]
            self._wanted = list(dict.fromkeys(wanted))
            self._news.notify_all()

    def _next(self) -> Key | None:
        """What is to be brought now; ``None``: nothing, or no room."""
        if self._wish is None:
            return None
        held = [codes.values.nbytes for codes in self._fresh.values() if codes is not None]
        most = max(3, MOST_BYTES // max(held, default=1))
        within = self._wanted[:most]
        if len(self._fresh) >= most:
            self._fresh = {key: codes for key, codes in self._fresh.items() if key in set(within)}
        return next((key for key in within if key not in self._fresh), None)

    def _bring_all(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closing or self._next() is not None)
                if self._closing:
                    return
                key, wish, layers = self._next(), self._wish, self._all
            assert key is not None
            assert wish is not None
            codes = self._bring(lambda k=key, w=wish, ls=layers: ls[k[0]].codes(k[1], *w))  # type: ignore[misc]
            with self._news:
                if wish == self._wish and layers is self._all:
                    self._fresh[key] = codes
                    if all(now in self._fresh for now in (*self._now(), *self._now(beside=True))):
                        self._stale = {}
            self.arrived.emit()

    def _bring(self, read: Callable[[], Codes | None]) -> Codes | None:
        try:
            return read()
        except KnownError as error:
            self.told.emit(error)
            return None

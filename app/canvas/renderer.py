"""The thread that draws: the newest request wins, an older one is given up at its next safe point."""

import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage, QPainter

from app.canvas.fallback import paint_layer
from app.canvas.labels import Labeller
from app.canvas.scene import Drawable, Shelf
from app.canvas.viewport import SCREEN_DPI, Viewport
from layers.cartography.raster import View, kernels_ready
from layers.cartography.render import draw, new_image
from layers.cartography.style import Style
from layers.errors import KnownError
from layers.grid import Grid
from layers.layer import VectorLayer
from layers.progress import Cancelled, Progress

Pixels = NDArray[np.uint8]
PARTIAL_AFTER = 0.3
"""Seconds after which an unfinished picture is shown."""


@dataclass(frozen=True, eq=False)
class Request:
    """What is to be drawn: the layers from the lowest to the topmost, on a viewport."""

    path: Path
    drawables: tuple[Drawable, ...]
    view: Viewport
    ratio: float = 1.0
    selection: tuple[VectorLayer, ...] = ()
    selection_style: Style | None = None


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture of a viewport; `pixels` is the memory that `image` shows."""

    view: Viewport
    image: QImage
    pixels: Pixels
    is_final: bool
    by_kernel: bool


@dataclass
class _Work:
    """One request under way."""

    request: Request
    view: View
    progress: Progress
    pictures: list[Pixels] = field(default_factory=list)
    by_kernel: bool = True

    @property
    def drawables(self) -> tuple[Drawable, ...]:
        """The layers that are drawn at this scale."""
        return tuple(d for d in self.request.drawables if d.is_drawn_at(self.request.view.denominator))


def image_of(pixels: Pixels) -> QImage:
    """A QImage over the array's own memory: keep the array as long as the image."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGBA8888_Premultiplied)


class Renderer(QThread):
    """Draws what is asked for; `drawn` carries a `Drawing`."""

    drawn = Signal(object)
    told = Signal(object)
    crashed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._news = threading.Condition()
        self._asked: Request | None = None
        self._stale: frozenset[str] = frozenset()
        self._stopping = False
        self._shelf: Shelf | None = None
        self._shelf_path: Path | None = None
        self._kept: dict[tuple[object, ...], Pixels] = {}

    def ask(self, request: Request | None) -> None:
        """Draw this, and nothing asked before; ``None``: close the project."""
        with self._news:
            self._asked = request
            self._waiting = True
            self._news.notify()

    def forget(self, tables: frozenset[str]) -> None:
        """The rows of these tables are no longer what they were."""
        with self._news:
            self._stale |= tables

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        with self._news:
            self._stopping = self._waiting = True
            self._news.notify()
        self.wait()

    _waiting = False

    def run(self) -> None:
        """The thread's life."""
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting)
                self._waiting = False
                request, stopping = self._asked, self._stopping
            if stopping or request is None:
                self._close()
                if stopping:
                    return
                continue
            self._try(request)

    def _try(self, request: Request) -> None:
        try:
            self._draw(request)
        except Cancelled:
            pass
        except KnownError as error:
            self.told.emit(error)
        except Exception:
            self.crashed.emit(traceback.format_exc())

    def _progress(self, fraction: float) -> None:
        if self._waiting:
            raise Cancelled

    def _draw(self, request: Request) -> None:
        self._open(request.path)
        self._forget_stale()
        size = round(request.view.width * request.ratio), round(request.view.height * request.ratio)
        view = View(request.view.extent, *size, SCREEN_DPI * request.ratio)
        work = _Work(request, view, self._progress, by_kernel=kernels_ready())
        named: list[tuple[Drawable, VectorLayer]] = []
        keep: dict[tuple[object, ...], Pixels] = {}
        told = time.monotonic()
        for drawable in work.drawables:
            pixels, layer = self._picture(work, drawable, keep)
            work.pictures.append(pixels)
            if isinstance(layer, VectorLayer) and drawable.style.label is not None:
                named.append((drawable, layer))
            if time.monotonic() - told > PARTIAL_AFTER:
                self.drawn.emit(self._compose(work, [], is_final=False))
                told = time.monotonic()
        self._kept = keep
        self._select(work)
        self.drawn.emit(self._compose(work, named, is_final=True))

    def _picture(
        self, work: _Work, drawable: Drawable, keep: dict[tuple[object, ...], Pixels]
    ) -> tuple[Pixels, VectorLayer | Grid]:
        """The layer's own image: the one of before if nothing about it has changed."""
        assert self._shelf is not None
        pixel = work.request.view.scale / work.request.ratio
        layer = self._shelf.layer(drawable, work.view.extent, pixel, work.progress)
        key = (drawable.entry.name, id(layer), drawable.style, work.view, work.by_kernel)
        pixels = self._kept.get(key)
        if pixels is None:
            pixels = self._fresh(work, layer, drawable.style)
        keep[key] = pixels
        return pixels, layer

    def _fresh(self, work: _Work, layer: VectorLayer | Grid, style: Style) -> Pixels:
        pixels = new_image(work.view)
        if work.by_kernel:
            draw(pixels, layer, style, work.view, work.progress)
        else:
            paint_layer(image_of(pixels), layer, style, work.request.view, work.request.ratio, work.progress)
        return pixels

    def _select(self, work: _Work) -> None:
        style = work.request.selection_style
        for layer in work.request.selection if style else ():
            assert style is not None
            work.pictures.append(self._fresh(work, layer, style))

    def _compose(self, work: _Work, named: list[tuple[Drawable, VectorLayer]], *, is_final: bool) -> Drawing:
        pixels = new_image(work.view)
        image = image_of(pixels)
        painter = QPainter(image)
        try:
            for number, picture in enumerate(work.pictures):
                work.progress(0.0)
                is_layer = number < len(work.drawables)
                painter.setOpacity(work.drawables[number].opacity if is_layer else 1.0)
                painter.drawImage(0, 0, image_of(picture))
            painter.setOpacity(1.0)
            self._write_names(painter, work, named)
        finally:
            painter.end()
        image.setDevicePixelRatio(work.request.ratio)
        return Drawing(work.request.view, image, pixels, is_final, work.by_kernel)

    def _write_names(self, painter: QPainter, work: _Work, named: list[tuple[Drawable, VectorLayer]]) -> None:
        assert self._shelf is not None
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(work.request.ratio, work.request.ratio)
        labeller = Labeller(painter, work.request.view)
        for drawable, layer in reversed(named):
            assert drawable.style.label is not None
            labeller.write(layer, drawable.style.label, self._shelf.anchors(layer), work.progress)

    def _open(self, path: Path) -> None:
        if path != self._shelf_path:
            self._close()
            self._shelf = Shelf(path)
            self._shelf_path = path

    def _forget_stale(self) -> None:
        with self._news:
            stale, self._stale = self._stale, frozenset()
        if stale and self._shelf is not None:
            self._shelf.forget(stale)
            self._kept.clear()

    def _close(self) -> None:
        if self._shelf is not None:
            self._shelf.close()
        self._shelf, self._shelf_path = None, None
        self._kept.clear()

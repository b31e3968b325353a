"""The thread that draws: the newest scene wins, an older one is given up at its next safe point."""

import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage, QPainter

from app import garbage
from app.canvas.amending import Amended, touched
from app.canvas.fallback import paint_layer
from app.canvas.labels import write_names
from app.canvas.scene import Drawable, Scene
from app.canvas.shelf import Shelf
from app.canvas.viewport import SCREEN_DPI, Viewport
from layers.cartography.merge import Picture, merge
from layers.cartography.raster import View, compile_kernels, kernels_loaded, kernels_ready
from layers.cartography.render import draw_from_afar, draw_plainly, new_image
from layers.cartography.style import Style
from layers.changes import Change, Edit
from layers.errors import KnownError
from layers.grid import Extent, Grid
from layers.progress import Cancelled

Pixels = NDArray[np.uint8]

PATIENCE = 0.25
"""Seconds that a picture waits for layers that are still being read."""
PARTIAL_AFTER = 0.3
"""Seconds after which an unfinished picture is shown."""
SLOW = 0.1
"""Seconds of drawing above which the reserve around the screen is drawn after what the screen shows."""
MEND_MM = 3.0
"""How far around an edit the picture is mended: as far as symbols reach."""
PENDING = 2
"""Layers' images that are laid on the picture together."""
DEAR = 0.008
"""Seconds of drawing above which a layer's image is kept."""


def image_of(pixels: Pixels) -> QImage:
    """A QImage over the array's own memory: keep the array as long as the image."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGBA8888_Premultiplied)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture of a viewport; `pixels` is the memory that `image` shows."""

    view: Viewport
    image: QImage
    pixels: Pixels
    is_final: bool
    by_kernel: bool
    is_beside: bool = False


@dataclass(frozen=True, eq=False)
class _Kept:
    """A layer's image, and the layer it is of."""

    layer: Amended | Grid
    pixels: Pixels


@dataclass
class _Work:
    """One picture under way; `pending` are layers' images that do not lie on `pixels` yet."""

    scene: Scene
    seen: Viewport
    view: View
    pixels: Pixels
    by_kernel: bool
    is_final: bool = True
    named: list[tuple[Drawable, Amended]] = field(default_factory=list)
    pending: list[Picture] = field(default_factory=list)
    told: float = field(default_factory=time.monotonic)

    def lay_pending(self) -> None:
        """Lay the images that are pending on the picture."""
        pending, self.pending = self.pending, []
        if self.by_kernel:
            merge(self.pixels, *pending)
            return
        for picture in pending:
            under, over = image_of(self.pixels), image_of(picture.pixels)  # a painter keeps no image alive
            painter = QPainter(under)
            painter.setOpacity(picture.opacity)
            painter.drawImage(0, 0, over)
            painter.end()


class Renderer(QThread):
    """Draws the scene it is asked for; `drawn` carries a `Drawing`."""

    drawn = Signal(object)
    told = Signal(object)
    crashed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._news = threading.Condition()
        self._asked: Scene | None = None
        self._stale: frozenset[str] = frozenset()
        self._edits: list[Edit] = []
        self._last: Drawing | None = None
        self._waiting = self._has_come = self._stopping = self._is_slow = False
        self._loading = threading.Thread(target=self._load, name="kernels", daemon=True)
        self._is_loaded = threading.Event()
        self._shelf: Shelf | None = None
        self._shelf_path: Path | None = None
        self._kept: dict[tuple[object, ...], _Kept] = {}

    def ask(self, scene: Scene | None) -> None:
        """Draw this, and nothing asked before; ``None``: close the project."""
        with self._news:
            self._asked = scene
            self._waiting = True
            self._news.notify()

    def forget(self, tables: frozenset[str]) -> None:
        """The rows of these tables are no longer what they were."""
        with self._news:
            self._stale |= tables

    def follow(self, edit: Edit) -> None:
        """These rows have changed: large layers follow them, small ones are read anew."""
        with self._news:
            self._edits.append(edit)

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        with self._news:
            self._stopping = self._waiting = True
            self._news.notify()
        self.wait()

    def run(self) -> None:
        """The thread's life; while another loads the kernels, which takes half a second, layers are read."""
        self._loading.start()
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._has_come)
                self._waiting = self._has_come = False
                scene, stopping = self._asked, self._stopping
            if stopping or scene is None:
                self._close()
                if stopping:
                    self._loading.join()
                    return
                continue
            if self._is_loaded.is_set():
                self._fetch_kernels()
            self._try(scene)

    def _try(self, scene: Scene) -> None:
        try:
            self._draw(scene)
        except Cancelled:
            pass
        except KnownError as error:
            self.told.emit(error)
        except Exception:
            self.crashed.emit(traceback.format_exc())

    def _load(self) -> None:
        self._fetch_kernels()
        garbage.begin()
        self._is_loaded.set()

    def _fetch_kernels(self) -> None:
        """Load the kernels if they are compiled: at the start, or when another process has done it."""
        with suppress(Cancelled):
            if kernels_ready() and not kernels_loaded():
                compile_kernels(self._pause)

    def _pause(self, fraction: float) -> None:
        """Let the window come to its turn between two kernels."""
        if self._stopping:
            raise Cancelled
        time.sleep(0.001)

    def _progress(self, fraction: float) -> None:
        if self._waiting:
            raise Cancelled

    def _arrived(self, error: Exception | None) -> None:
        """Called by the shelf's thread: something has come, draw with it when this picture is done."""
        if isinstance(error, KnownError):
            self.told.emit(error)
        elif error is not None:
            self.crashed.emit("".join(traceback.format_exception(error)))
        with self._news:
            self._has_come = True
            self._news.notify()

    def _draw(self, scene: Scene) -> None:
        self._open(scene.path)
        box = self._forget_stale()
        assert self._shelf is not None
        if box is not None:
            self._mend(scene, box)
        grown = scene.view.grown(scene.reserve)
        asked = time.monotonic()
        self._shelf.want(tuple(d for side in scene.sides() for d in side.drawn()), grown.extent)
        while not self._is_loaded.wait(0.005):
            self._progress(0.0)
        self._shelf.wait(asked + PATIENCE - time.monotonic(), lambda: self._waiting)
        kept: dict[tuple[object, ...], _Kept] = {}
        for seen in (scene.view, grown) if scene.reserve and self._is_slow else (grown,):
            begun = time.monotonic()
            fresh = [self._paint(side, seen, kept) for side in scene.sides()]
            self._is_slow = any(fresh) and time.monotonic() - begun > SLOW
        self._kept = kept

    def _paint(self, scene: Scene, seen: Viewport, kept: dict[tuple[object, ...], _Kept]) -> bool:
        """One picture; returns whether a layer of it was drawn anew."""
        size = round(seen.width * scene.ratio), round(seen.height * scene.ratio)
        view = View(seen.extent, *size, SCREEN_DPI * scene.ratio)
        work = _Work(scene, seen, view, new_image(view), kernels_ready())
        fresh = False
        for drawable, layer in self._layers(work):
            fresh |= self._lay(work, drawable, layer, kept)
            if time.monotonic() - work.told > PARTIAL_AFTER:
                self.drawn.emit(self._finished(work, is_final=False))
                work.told = time.monotonic()
        self._select(work)
        self.drawn.emit(self._finished(work, is_final=work.is_final))
        return fresh

    def _layers(self, work: _Work) -> Iterator[tuple[Drawable, Amended | Grid | None]]:
        assert self._shelf is not None
        pixel = work.seen.scale / work.scene.ratio
        for drawable in work.scene.drawn():
            yield drawable, self._shelf.layer(drawable, work.view.extent, pixel)

    def _lay(
        self,
        work: _Work,
        drawable: Drawable,
        layer: Amended | Grid | None,
        kept: dict[tuple[object, ...], _Kept],
    ) -> bool:
        """Lay a layer's image on the picture; returns whether it was drawn anew."""
        if layer is None:
            self._lay_boxes(work, drawable)
            return True
        key = (drawable.entry.name, id(layer), drawable.style, work.view, work.by_kernel)
        begun, own = time.monotonic(), self._kept.get(key)
        is_known = own is not None
        own = own or _Kept(layer, self._fresh(work, layer, drawable.style))
        if is_known or time.monotonic() - begun > DEAR:
            kept[key] = self._kept[key] = own
        self._merge(work, own.pixels, drawable.style)
        if isinstance(layer, Amended) and drawable.style.label is not None:
            work.named.append((drawable, layer))
        return not is_known

    def _lay_boxes(self, work: _Work, drawable: Drawable) -> None:
        """The layer is still being read: its boxes, if they are known, stand for it."""
        assert self._shelf is not None
        work.is_final = False
        boxes = self._shelf.boxes(drawable)
        if boxes is not None and work.by_kernel:
            own = new_image(work.view)
            draw_from_afar(own, boxes, drawable.style, work.view, self._progress)
            self._merge(work, own, drawable.style)

    def _fresh(self, work: _Work, layer: Amended | Grid, style: Style) -> Pixels:
        pixels = new_image(work.view)
        if not work.by_kernel:
            for plain in (layer.base, layer.fresh) if isinstance(layer, Amended) else ():
                paint_layer(image_of(pixels), plain, style, work.seen, work.scene.ratio, self._progress)
        elif isinstance(layer, Amended):
            draw_plainly(pixels, layer.base, style, work.view, self._progress, layer.hidden)
            draw_plainly(pixels, layer.fresh, style, work.view, self._progress)
        else:
            draw_plainly(pixels, layer, style, work.view, self._progress)
        return pixels

    def _merge(self, work: _Work, pixels: Pixels, style: Style) -> None:
        """Lay a layer's image on the picture, by and by."""
        self._progress(0.0)
        work.pending.append(Picture(pixels, style.opacity, style.blend))
        if len(work.pending) >= PENDING:
            work.lay_pending()

    def _select(self, work: _Work) -> None:
        style = work.scene.selection_style
        for layer in work.scene.selection if style else ():
            assert style is not None
            self._merge(work, self._fresh(work, Amended.of(layer), style), style)

    def _finished(self, work: _Work, *, is_final: bool) -> Drawing:
        """The picture as it is, with the names if it is final."""
        work.lay_pending()
        pixels = work.pixels if is_final else work.pixels.copy()
        image = image_of(pixels)
        if work.named:
            painter = QPainter(image)
            try:
                write_names(painter, work.named, work.view, self._progress)
            finally:
                painter.end()
        image.setDevicePixelRatio(work.scene.ratio)
        beside = work.scene.is_beside
        drawing = Drawing(work.seen, image, pixels, is_final, work.by_kernel, beside)
        self._last = drawing if is_final and not beside else self._last
        return drawing

    def _open(self, path: Path) -> None:
        if path != self._shelf_path:
            self._close()
            self._shelf = Shelf(path, self._arrived)
            self._shelf_path = path

    def _forget_stale(self) -> Extent | None:
        """Let the shelf follow what has changed; returns the box in which large layers are to be mended."""
        with self._news:
            stale, self._stale = self._stale, frozenset()
            edits, self._edits = self._edits, []
        if self._shelf is None:
            return None
        mended: list[Change] = []
        for edit in edits:
            for table in edit.tables:
                changes = [change for change in edit.changes if change.table == table]
                if self._shelf.follow(table, changes):
                    mended += changes
                else:
                    stale |= {table}
        if stale:
            self._shelf.forget(stale)
            self._kept = {key: kept for key, kept in self._kept.items() if key[0] not in stale}
        return touched(mended) if mended and not stale else None

    def _mend(self, scene: Scene, box: Extent) -> None:
        """Draw anew what lies in a box, in the last picture and in the layers' images that are kept."""
        last = self._last
        if last is None or not last.by_kernel or last.view.scale != scene.view.scale:
            return
        height, width = last.pixels.shape[:2]
        view = View(last.view.extent, width, height, SCREEN_DPI * scene.ratio)
        piece = view.around_box(box, view.pixels(MEND_MM))
        if piece is None:
            return
        rows, columns, part = piece
        work = _Work(scene, last.view, part, new_image(part), by_kernel=True)
        for drawable, layer in self._layers(work):
            if layer is not None:
                own = self._fresh(work, layer, drawable.style)
                self._merge(work, own, drawable.style)
                self._mend_kept(drawable, layer, view, own, (rows, columns))
        work.lay_pending()
        pixels = last.pixels.copy()
        pixels[rows, columns] = work.pixels
        image = image_of(pixels)
        image.setDevicePixelRatio(scene.ratio)
        self.drawn.emit(Drawing(last.view, image, pixels, is_final=False, by_kernel=True))

    def _mend_kept(
        self, drawable: Drawable, layer: Amended | Grid, view: View, own: Pixels, at: tuple[slice, slice]
    ) -> None:
        """Put a mended piece into the layer's image, which is then that of the layer as it is now."""
        for key, kept in list(self._kept.items()):
            is_it = key[0] == drawable.entry.name and key[2:4] == (drawable.style, view)
            if is_it and kept.layer is not layer:
                kept.pixels[at] = own
                self._kept[(key[0], id(layer), *key[2:])] = _Kept(layer, kept.pixels)

    def _close(self) -> None:
        if self._shelf is not None:
            self._shelf.close()
        self._shelf, self._shelf_path, self._last = None, None, None
        self._kept.clear()

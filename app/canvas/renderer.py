"""The thread that draws: the newest scene wins, an older one is given up at its next safe point."""

import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QPainter

from app import garbage
from app.canvas.amending import Amended, touched
from app.canvas.fallback import lay, paint_layer
from app.canvas.labels import write_names
from app.canvas.picture import Drawing, Pixels, Work, begun, coat_of, image_of, selection
from app.canvas.scene import Drawable, Scene
from app.canvas.shelf import Shelf
from app.canvas.viewport import SCREEN_DPI
from layers.cartography.picture import Coat, paint
from layers.cartography.plain import plain_cells
from layers.cartography.raster import View, kernels_loaded, kernels_ready, load_kernels
from layers.cartography.render import new_image, painter_from_afar
from layers.cartography.style import Style
from layers.changes import Change, ColumnChanges, Edit
from layers.errors import KnownError, MissingLayer
from layers.grid import Extent, Grid
from layers.layer import VectorLayer
from layers.progress import Cancelled

PATIENCE = 0.25
"""Seconds that a picture waits for layers that are still being read."""
PARTIAL_AFTER = 0.3
"""Seconds after which an unfinished picture is shown, while the kernels are not there."""
SLOW = 0.1
"""Seconds of drawing above which the reserve around the screen is drawn after what the screen shows."""
MEND_MM = 3.0
"""How far around an edit the picture is mended: as far as symbols reach."""
DEAR = 50_000
"""Vertices in view above which a layer's image is kept, once a view is drawn again."""


@dataclass(frozen=True, eq=False)
class _Kept:
    """A layer's image, and the layer it is of."""

    layer: Amended | Grid
    pixels: Pixels


class Renderer(QThread):
    """Draws the scene it is asked for; `drawn` carries a `Drawing`; `cold`: the kernels are not compiled."""

    drawn = Signal(object)
    cold = Signal()
    told = Signal(object)
    crashed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._news = threading.Condition()
        self._asked: Scene | None = None
        self._stale: frozenset[str] = frozenset()
        self._edits: list[Edit] = []
        self._last: Drawing | None = None
        self._waiting = self._has_come = self._stopping = self._is_slow = self._is_open = False
        self._loading = threading.Thread(target=self._load, name="kernels", daemon=True)
        self._is_loaded = threading.Event()
        self._shelf: Shelf | None = None
        self._shelf_path: Path | None = None
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._seen: tuple[View, ...] = ()

    def begin(self) -> None:
        """Start the thread, if it has not been stopped before."""
        if not self._stopping:
            self.start()

    def ask(self, scene: Scene | None) -> None:
        """Draw this, and nothing asked before; ``None``: close the project."""
        with self._news:
            self._asked = scene
            self._waiting = True
            self._news.notify_all()

    def put_away(self) -> None:
        """Close the project; returns when its file is let go."""
        self.ask(None)
        if self.isRunning():
            with self._news:
                self._news.wait_for(lambda: not (self._waiting or self._is_open))

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
            self._news.notify_all()
        self.wait()

    def run(self) -> None:
        """The thread's life; while another loads the kernels, which takes half a second, layers are read."""
        self._loading.start()
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._has_come)
                self._waiting = self._has_come = False
                scene, stopping = self._asked, self._stopping
                self._is_open = True
            if stopping or scene is None:
                self._close()
                with self._news:
                    self._is_open = False
                    self._news.notify_all()
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
        if not kernels_ready():
            self.cold.emit()
        garbage.begin()
        self._is_loaded.set()

    def _fetch_kernels(self) -> None:
        """Load the kernels if they are compiled: at the start, or when another process has done it."""
        with suppress(Cancelled):
            if kernels_ready() and not kernels_loaded():
                load_kernels(self._pause)

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
            if not isinstance(error, MissingLayer):  # it was taken back while it was read
                self.told.emit(error)
        elif error is not None:
            self.crashed.emit("".join(traceback.format_exception(error)))
        with self._news:
            self._has_come = True
            self._news.notify_all()

    def _draw(self, scene: Scene) -> None:
        self._open(scene.path)
        box = self._forget_stale()
        assert self._shelf is not None
        if box is not None:
            self._mend(scene, box)
        grown = scene.view.grown(scene.reserve)
        asked = time.monotonic()
        wanted = tuple(d for side in scene.sides() for d in side.drawn())
        self._shelf.want(wanted, grown.extent)
        while not self._is_loaded.wait(0.005):
            self._progress(0.0)
        self._shelf.wait(asked + PATIENCE - time.monotonic(), lambda: self._waiting)
        if self._shelf.is_waiting and not self._shelf.has_any(wanted, scene.view.extent):
            return  # what was seen before is better than nothing
        kept: dict[tuple[object, ...], _Kept] = {}
        seen: list[View] = []
        for viewport in (scene.view, grown) if scene.reserve and self._is_slow else (grown,):
            since = time.monotonic()
            works = [begun(side, viewport) for side in scene.sides()]
            fresh = [self._paint(w, kept) if kernels_ready() else self._paint_without(w) for w in works]
            self._is_slow = any(fresh) and time.monotonic() - since > SLOW
            seen.append(works[0].view)
            if self._shelf.is_waiting:
                break  # what comes is drawn too, and then the reserve
        self._kept, self._seen = kept, tuple(seen)

    def _paint(self, work: Work, kept: dict[tuple[object, ...], _Kept]) -> bool:
        """One picture; returns whether a layer of it was drawn anew."""
        coats = [
            coat
            for drawable, layer in self._layers(work)
            if (coat := self._coat(work, drawable, layer, kept)) is not None
        ]
        paint(work.pixels, [*coats, *selection(work)], work.view, self._progress)
        self._kept |= kept
        self.drawn.emit(self._finished(work, is_final=work.is_final, by_kernel=True))
        return any(coat.painters for coat in coats)

    def _layers(self, work: Work) -> Iterator[tuple[Drawable, Amended | Grid | None]]:
        """The layers as far as they are there, the lowest first; final if all are that can be read."""
        assert self._shelf is not None
        pixel = work.seen.scale / work.scene.ratio
        for drawable in work.scene.drawn():
            layer = self._shelf.layer(drawable, work.view.extent, pixel)
            work.is_final &= layer is not None or self._shelf.has_failed(drawable)
            if isinstance(layer, Amended) and drawable.style.label is not None:
                work.named.append((drawable, layer))
            yield drawable, layer

    def _coat(
        self,
        work: Work,
        drawable: Drawable,
        layer: Amended | Grid | None,
        kept: dict[tuple[object, ...], _Kept],
    ) -> Coat | None:
        """What a layer adds to the picture; its boxes, if they are known, stand for one that is not there."""
        assert self._shelf is not None
        self._progress(0.0)
        style = drawable.style
        if layer is None:
            boxes = self._shelf.boxes(drawable)
            painters = () if boxes is None else (painter_from_afar(boxes, style, work.view),)
            return Coat(painters, style.opacity, style.blend) if painters else None
        key = (drawable.entry.name, id(layer), style, work.view)
        own = self._kept.get(key)
        if own is not None:
            kept[key] = own
            return Coat((), style.opacity, style.blend, own.pixels)
        coat = coat_of(layer, style, work.view)
        if work.view in self._seen and coat.work > DEAR:
            own = kept[key] = _Kept(layer, new_image(work.view))
            return replace(coat, own=own.pixels)
        return coat

    def _paint_without(self, work: Work) -> bool:
        """One picture without the kernels: layer by layer, and shown as it grows."""
        told = time.monotonic()
        for drawable, layer in self._layers(work):
            if isinstance(layer, Grid):
                self._progress(0.0)
                lay(plain_cells(layer, drawable.style, work.view), work.pixels, drawable.style.opacity)
            elif layer is not None:
                self._lay_without(work, (layer.base, layer.fresh), drawable.style)
            if time.monotonic() - told > PARTIAL_AFTER:
                self.drawn.emit(self._finished(work, is_final=False, by_kernel=False))
                told = time.monotonic()
        style = work.scene.selection_style
        if style is not None:
            self._lay_without(work, work.scene.selection, style)
        self.drawn.emit(self._finished(work, is_final=work.is_final, by_kernel=False))
        return True

    def _lay_without(self, work: Work, layers: Sequence[VectorLayer], style: Style) -> None:
        own = new_image(work.view)
        over = image_of(own)
        for layer in layers:
            paint_layer(over, layer, style, work.seen, work.scene.ratio, self._progress)
        lay(own, work.pixels, style.opacity)

    def _finished(self, work: Work, *, is_final: bool, by_kernel: bool) -> Drawing:
        """The picture as it is, with the names."""
        pixels = work.pixels if is_final or by_kernel else work.pixels.copy()
        image = image_of(pixels)
        bare = pixels.copy() if is_final and work.scene.keeps_bare else None
        if work.named:
            writing = QPainter(image)
            try:
                write_names(writing, work.named, work.view, self._progress)
            finally:
                writing.end()
        image.setDevicePixelRatio(work.scene.ratio)
        beside = work.scene.is_beside
        drawing = Drawing(work.seen, image, pixels, is_final, by_kernel, beside, bare)
        self._last = drawing if is_final and not beside else self._last
        return drawing

    def _open(self, path: Path) -> None:
        if path != self._shelf_path:
            self._close()
            self._shelf = Shelf(path, self._arrived)
            self._shelf_path, self._is_slow = path, True

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
                changes = edit.of(table)
                if self._shelf.follow(table, changes):
                    is_column = isinstance(changes, ColumnChanges) and not changes.come_or_go
                    mended += () if is_column else changes
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
        work = Work(scene, last.view, part, new_image(part))
        there = [(drawable, layer) for drawable, layer in self._layers(work) if layer is not None]
        owns = [new_image(part) for _ in there]
        coats = [replace(coat_of(n, d.style, part), own=own) for (d, n), own in zip(there, owns, strict=True)]
        paint(
            work.pixels, coats, part
        )  # never given up: it is short, and without it a whole picture is needed
        for (drawable, layer), own in zip(there, owns, strict=True):
            self._mend_kept(drawable, layer, view, own, (rows, columns))
        last.pixels[rows, columns] = work.pixels
        self.drawn.emit(replace(last, is_final=False))

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

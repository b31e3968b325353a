"""The shelf: the layers of one project in memory, brought there by a thread of its own.

The thread that draws takes what lies on the shelf and never waits long: what is not there yet is asked for,
and `arrived` is called when it has come. Small layers come first. Of many small polygons the boxes of the
spatial index come first: from afar they are the picture.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.canvas.amending import Amended
from app.canvas.scene import Drawable
from layers.changes import Change, ColumnChanges
from layers.errors import KnownError
from layers.grid import Extent, Grid, Lattice
from layers.progress import Cancelled, Progress
from layers.storage.blobs import geometry_error
from layers.storage.drawing import read_boxes, read_drawn
from layers.storage.frames import read_piece
from layers.storage.geopackage import ProjectFile

WHOLE_ROWS = 2_000_000
"""Layers with more rows are read by extent."""
BOXES_ABOVE = 50_000
"""Rows above which the boxes are read first."""
LARGE, MOST_CHANGES = 20_000, 1_000
"""Rows from which a layer follows an edit instead of being read anew, and changes up to which it does."""
WHOLE_CELLS = 3_000_000
"""Rasters with more cells are read piece by piece, at about the resolution of the screen."""

Key = tuple[str, tuple[str, ...], tuple[str, str] | None]
"""Table, columns, and the rows that are wanted of it."""
Boxes = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Kept:
    """A layer as far as it was read; an extent of ``None``: whole."""

    layer: Amended
    extent: Extent | None

    def can_follow(self, changes: Sequence[Change]) -> bool:
        """Whether the layer is so large, and the edit so small, that following is better than reading."""
        return len(self.layer.base) >= LARGE and len(self.layer.rows) + len(changes) <= MOST_CHANGES

    def shows(self, columns: Iterable[str]) -> bool:
        """Whether the layer was read with one of these columns."""
        return any(column in self.layer.base.attributes for column in columns)


@dataclass(frozen=True, eq=False)
class _Wish:
    """A layer to be brought; an extent of ``None``: whole."""

    drawable: Drawable
    extent: Extent | None

    @property
    def key(self) -> Key:
        return _key(self.drawable)


def _key(drawable: Drawable) -> Key:
    return drawable.entry.name, drawable.columns, drawable.only


class Shelf:
    """Layers of one project.

    Parameters
    ----------
    path : Path
        The project; opened read-only.
    arrived : callable
        Called in the bringing thread when something has come, with the error if it could not.
    """

    def __init__(self, path: Path, arrived: Callable[[Exception | None], None]) -> None:
        self._path, self._arrived = path, arrived
        self._project = ProjectFile.open(path, read_only=True)
        self._grids: dict[str, Grid] = {}
        self._news = threading.Condition()
        self._kept: dict[Key, _Kept] = {}
        self._boxes: dict[str, Boxes] = {}
        self._wishes: dict[Key, _Wish] = {}
        self._failed: set[Key] = set()
        self._torn: dict[str, list[int]] = {}
        """Features that cannot be drawn, as it was said last of a layer."""
        self._age = 0
        self._closing = False
        self._thread = threading.Thread(target=self._bring_all, name="shelf", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the project go; returns when the thread has ended."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join()
        self._project.close()

    def forget(self, tables: frozenset[str]) -> None:
        """Read these anew when they are next wanted."""
        with self._news:
            self._age += 1
            self._kept = {key: kept for key, kept in self._kept.items() if key[0] not in tables}
            self._boxes = {name: boxes for name, boxes in self._boxes.items() if name not in tables}
            self._failed = {key for key in self._failed if key[0] not in tables}
        self._grids = {name: grid for name, grid in self._grids.items() if name not in tables}

    def want(self, drawables: tuple[Drawable, ...], extent: Extent) -> None:
        """Have these brought, as far as `extent`, if they do not lie here; what was wanted before is not."""
        with self._news:
            missing = [d for d in drawables if d.entry.geometry != "raster" and not self._lies(d, extent)]
            wishes = [_Wish(d, _reach(d, extent)) for d in sorted(missing, key=lambda d: d.entry.rows)]
            self._wishes = {wish.key: wish for wish in wishes if wish.key not in self._failed}
            self._news.notify_all()

    def wait(self, seconds: float, unwanted: Callable[[], bool]) -> None:
        """Wait until all that is wanted lies here, for so long at most."""
        until = time.monotonic() + seconds
        with self._news:
            while self._wishes and time.monotonic() < until and not unwanted():
                self._news.wait(0.01)

    @property
    def is_waiting(self) -> bool:
        """Whether something that is wanted has not come yet."""
        with self._news:
            return bool(self._wishes)

    def follow(self, table: str, changes: Sequence[Change]) -> bool:
        """Let a large layer follow an edit; whether it does, else it is to be read anew."""
        with self._news:
            kept = {key: one for key, one in self._kept.items() if key[0] == table}
            is_coming = any(key[0] == table for key in self._wishes)
            if is_coming or any(key[2] for key in kept):
                return False
            if isinstance(changes, ColumnChanges) and not changes.come_or_go:
                return bool(kept) and not any(one.shows(changes.columns) for one in kept.values())
            if not all(one.can_follow(changes) for one in kept.values()):
                return False
            for key, one in kept.items():
                self._kept[key] = _Kept(one.layer.after(changes), one.extent)
            return bool(kept)

    def layer(self, drawable: Drawable, extent: Extent, pixel: float) -> Amended | Grid | None:
        """The layer as far as `extent`, rasters at the resolution of the screen; ``None``: not here yet."""
        if drawable.entry.geometry == "raster":
            return self._grid_if_there(drawable, extent, pixel)
        with self._news:
            return self._kept[_key(drawable)].layer if self._lies(drawable, extent) else None

    def has_failed(self, drawable: Drawable) -> bool:
        """Whether the layer could not be read: it was told once, and the others are the picture."""
        with self._news:
            return _key(drawable) in self._failed

    def has_any(self, drawables: Sequence[Drawable], extent: Extent) -> bool:
        """Whether anything of these is here that can be drawn."""
        with self._news:
            return any(
                d.entry.geometry == "raster" or d.entry.name in self._boxes or self._lies(d, extent)
                for d in drawables
            )

    def boxes(self, drawable: Drawable) -> Boxes | None:
        """The boxes of a layer's features, where they have come before the features."""
        with self._news:
            return None if drawable.only else self._boxes.get(drawable.entry.name)

    def _lies(self, drawable: Drawable, extent: Extent) -> bool:
        kept = self._kept.get(_key(drawable))
        return kept is not None and (kept.extent is None or kept.extent.holds(extent))

    def _bring_all(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._wishes or self._closing)
                if self._closing:
                    return
                wish = next(iter(self._wishes.values()))
            error: Exception | None = None
            try:
                self._bring(wish)
            except Cancelled:
                continue
            except Exception as problem:
                error = problem
                with self._news:
                    self._failed.add(wish.key)
                    self._wishes.pop(wish.key, None)
            self._arrived(error)

    def _bring(self, wish: _Wish) -> None:
        entry, age = wish.drawable.entry, self._age
        if entry.geometry == "polygon" and entry.rows > BOXES_ABOVE and entry.name not in self._boxes:
            boxes = read_boxes(self._path, entry.name)
            with self._news:
                self._boxes[entry.name] = boxes
            self._arrived(None)
        columns, only = wish.drawable.columns, wish.drawable.only
        layer, torn = read_drawn(self._path, entry, columns, wish.extent, self._watching(wish))
        if torn and self._torn.get(entry.name) != torn:
            self._torn[entry.name] = torn
            self._arrived(geometry_error(entry.title or entry.name, torn))
        if only is not None and only[0] in layer.attributes:
            layer = layer.take((layer[only[0]] == only[1]).to_numpy(bool))
        with self._news:
            if age == self._age:
                self._kept[wish.key] = _Kept(Amended.of(layer), wish.extent)
                if wish.extent is None:
                    self._boxes.pop(entry.name, None)
                if self._wishes.get(wish.key) is wish or wish.extent is None:
                    self._wishes.pop(wish.key, None)
            self._news.notify_all()

    def _watching(self, wish: _Wish) -> Progress:
        """Stops the reading when the shelf closes, or when another piece of the layer is wanted."""

        def watch(fraction: float) -> None:
            other = self._wishes.get(wish.key, wish)
            if self._closing or (wish.extent is not None and other.extent != wish.extent):
                raise Cancelled

        return watch

    def _grid_if_there(self, drawable: Drawable, extent: Extent, pixel: float) -> Grid | None:
        """A raster whose file is gone or broken is told of once; no picture waits for it."""
        if self.has_failed(drawable):
            return None
        try:
            return self._grid(drawable, extent, pixel)
        except KnownError as error:
            with self._news:
                self._failed.add(_key(drawable))
            self._arrived(error)
            return None

    def _grid(self, drawable: Drawable, extent: Extent, pixel: float) -> Grid:
        entry = drawable.entry
        lattice = entry.lattice
        if lattice is not None and lattice.rows * lattice.columns > WHOLE_CELLS:
            return _piece(self._project.raster_path(entry.name), lattice, extent, pixel)
        if entry.name not in self._grids:
            self._grids[entry.name] = self._project.grid(entry.name)
        return self._grids[entry.name]


def _piece(path: Path, lattice: Lattice, extent: Extent, pixel: float) -> Grid:
    """A raster as far as an extent, from the file's overviews; its cells are no larger than a pixel."""
    piece = read_piece(path, extent, pixel / math.sqrt(2))
    if piece is None:
        return Grid(np.full((1, 1), np.nan), replace(lattice, rows=1, columns=1))
    rows, columns = piece.values.shape
    cell = lattice.cell * 2 ** round(math.log2(piece.extent.width / columns / lattice.cell))
    box = replace(
        lattice, west=piece.extent.west, north=piece.extent.north, cell=cell, rows=rows, columns=columns
    )
    return Grid(piece.values.astype(np.float64), box)


def _reach(drawable: Drawable, extent: Extent) -> Extent | None:
    """How far a layer is read: whole, or somewhat beyond what is shown."""
    if drawable.entry.rows <= WHOLE_ROWS:
        return None
    return extent.grown(max(extent.width, extent.height) / 4)

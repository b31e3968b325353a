"""Catching: what lies under the pointer, among the layers that are seen, kept while it stays near."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.desk import Desk
from app.stack import Stack
from layers.changes import Row
from layers.editing.snapping import ALL, Around, Snap, Sort, around, snap, trace
from layers.grid import Extent
from layers.layer import Shapes
from layers.storage import pages
from layers.storage.geopackage import ProjectFile

Point = tuple[float, float]

MOST, MOST_KEPT = 1500, 400
"""Features within reach beyond which nothing is caught; about the pointer, beyond which nothing is kept."""
MOST_TRACED = 6000
"""Features between two points beyond which no border is traced."""
ROOM = 16.0
"""How many times the reach is read about the pointer, so that the next move need not read."""
AROUND = 100.0
"""Metres about two points within which a border between them is looked for."""
DRAWN = frozenset({"point", "line", "polygon"})


@dataclass(frozen=True)
class Caught:
    """A place that was caught, and the feature that has it."""

    snap: Snap
    layer: str
    key: str

    @property
    def point(self) -> Point:
        return self.snap.x, self.snap.y


@dataclass(frozen=True, eq=False)
class _Kept:
    extent: Extent
    keys: tuple[str, ...]
    about: Around


class Catcher(QObject):
    """Asks the spatial index on disk, and keeps what it said. Signal: `changed` when a switch was turned."""

    changed = Signal()

    def __init__(self, desk: Desk, stack: Stack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._stack = desk, stack
        self.snaps = True
        self.traces = False
        self.shares = True
        """Whether borders that several features share move together."""
        self.sorts: tuple[Sort, ...] = ALL
        self._kept: dict[str, _Kept] = {}
        self._traced: dict[str, tuple[Extent, Shapes | None]] = {}
        desk.changed.connect(lambda _: self._forget())
        stack.changed.connect(self._forget)

    def _forget(self) -> None:
        """What was read may be so no longer."""
        self._kept.clear()
        self._traced.clear()

    def turn(self, switch: str) -> None:
        """Turn `snaps`, `traces` or `shares` on or off."""
        setattr(self, switch, not getattr(self, switch))
        self.changed.emit()

    def turn_sort(self, sort: Sort) -> None:
        """Catch vertices, intersections or edges, or catch them no more; never none of them."""
        wanted = set(self.sorts) ^ {sort}
        self.sorts = tuple(each for each in ALL if each in wanted) or self.sorts
        self.changed.emit()

    def catch(self, x: float, y: float, reach: float) -> Snap | None:
        """What snapping brings the pointer to; ``None`` if it is off or nothing lies near."""
        found = self.find(x, y, reach, self.sorts) if self.snaps else None
        return found.snap if found is not None else None

    def find(
        self, x: float, y: float, reach: float, sorts: tuple[Sort, ...], layers: frozenset[str] | None = None
    ) -> Caught | None:
        """The nearest vertex, crossing or border of the layers that are seen (of those named)."""
        best: Caught | None = None
        for name in self._seen() if layers is None else layers:
            kept = self._about(name, Extent(x, y, x, y).grown(reach), reach)
            caught = snap((x, y), kept.about, reach, sorts) if kept is not None else None
            if caught is not None and (best is None or _rank(caught) < _rank(best.snap)):
                assert kept is not None
                best = Caught(caught, name, kept.keys[caught.row])
        return best

    def row(self, layer: str, key: str) -> Row | None:
        """A feature's row; ``None`` if it is gone."""
        return self._project.table(layer).get(key)

    def near(self, place: Point, tolerance: float) -> dict[str, dict[str, Row]]:
        """Features that are seen and lie at a place, by layer."""
        found: dict[str, dict[str, Row]] = {}
        extent = Extent(*place, *place).grown(tolerance)
        for name in self._seen():
            keys, _ = pages.near(self._project, name, extent)
            table = self._project.table(name)
            if keys:
                found[name] = {key: table[key] for key in keys}
        return found

    def trace(self, start: Point, end: Point) -> tuple[Point, ...]:
        """The border between two points, of the layers that are seen; empty if there is none."""
        box = Extent(*np.minimum(start, end), *np.maximum(start, end)).grown(AROUND)
        for name in self._seen({"line", "polygon"}):
            shapes = self._bordering(name, box)
            way = trace(shapes, start, end) if shapes is not None else None
            if way is not None:
                return tuple((float(x), float(y)) for x, y in way)
        return ()

    def _bordering(self, name: str, box: Extent) -> Shapes | None:
        """What lies in a box, from what is kept if that holds the box; ``None`` if there is too much."""
        kept = self._traced.get(name)
        if kept is not None and kept[0].holds(box):
            return kept[1]
        wide = box.grown(AROUND)
        keys, shapes = pages.near(self._project, name, wide, MOST_TRACED + 1)
        self._traced[name] = wide, shapes if len(keys) <= MOST_TRACED else None
        return self._traced[name][1]

    @property
    def _project(self) -> ProjectFile:
        assert self._desk.project is not None
        return self._desk.project

    def _seen(self, kinds: frozenset[str] | set[str] = DRAWN) -> Iterator[str]:
        for entry in self._stack.entries:
            if entry.geometry in kinds and self._stack.is_seen(entry.name):
                yield entry.name

    def _about(self, name: str, box: Extent, reach: float) -> _Kept | None:
        """What lies in the box, from what is kept if it holds the box; ``None`` if there is too much."""
        kept = self._kept.get(name)
        if kept is not None and kept.extent.holds(box):
            return kept
        for extent, most in ((box.grown(ROOM * reach), MOST_KEPT), (box, MOST)):
            keys, shapes = pages.near(self._project, name, extent, most + 1)
            if len(keys) <= most:
                kept = self._kept[name] = _Kept(extent, keys, around(shapes, extent))
                return kept
        return None


def _rank(caught: Snap) -> tuple[int, float]:
    return ALL.index(caught.sort), caught.distance

"""Shapes made ready for the kernels: arrays of one layout, areas, and a packed index of the boxes.

The index (after Leutenegger et al. 1997, "STR") sorts the features along a Morton curve and packs them into
nodes of 64; a look at the boxes of the nodes, and of the features in the nodes that are partly in view, finds
what is seen without a look at each feature.
"""

# mypy: disallow-untyped-defs=False

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from layers.cartography.view import View
from layers.grid import Array, Extent
from layers.kernels import kernel
from layers.layer import Offsets, Shapes

Rows = NDArray[np.int64]

NODE = 64  # features a node
NOWHERE = 1 << 40  # the place on the curve of what has no place


@kernel
def spread(value):
    """Sixteen bits with a gap after each."""
    value = (value | (value << 8)) & 0x00FF00FF
    value = (value | (value << 4)) & 0x0F0F0F0F
    value = (value | (value << 2)) & 0x33333333
    return (value | (value << 1)) & 0x55555555


@kernel
def morton_codes(boxes, west, south, cell, codes):
    """Find the place of each box's middle along a Morton curve (Morton 1966); `NOWHERE` if it is empty."""
    for i in range(len(boxes)):
        x, y = (boxes[i, 0] + boxes[i, 2]) * 0.5, (boxes[i, 1] + boxes[i, 3]) * 0.5
        if x == x:
            codes[i] = spread(int((x - west) / cell)) | spread(int((y - south) / cell)) << 1
        else:
            codes[i] = NOWHERE


@kernel
def node_boxes(boxes, order, size, nodes):
    """Widen the box of a node for every `size` features in that order."""
    for i in range(len(order)):
        node, box = nodes[i // size], boxes[order[i]]
        node[0], node[1] = min(node[0], box[0]), min(node[1], box[1])
        node[2], node[3] = max(node[2], box[2]), max(node[3], box[3])


@kernel
def mark_seen(boxes, order, nodes, size, west, south, east, north, seen):
    """Mark the features whose boxes meet a box; returns how many they are."""
    found = 0
    for n in range(len(nodes)):
        node = nodes[n]
        if not (node[0] <= east and node[2] >= west and node[1] <= north and node[3] >= south):
            continue
        whole = west <= node[0] and node[2] <= east and south <= node[1] and node[3] <= north
        for i in range(n * size, min((n + 1) * size, len(order))):
            box = boxes[order[i]] if not whole else node
            if whole or (box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south):
                seen[order[i]] = True
                found += 1
    return found


@kernel
def deal_out(boxes, rows, north, per_metre, reach, edges, counts, found):
    """Deal features out to bands of pixel rows that begin and end at `edges`; one may fall to several.

    `reach`: pixels that a symbol reaches beyond its feature. `counts`, `found`: how many each has, and which.
    """
    bands = len(counts)
    for row in rows:
        top = (north - boxes[row, 3]) * per_metre - reach
        bottom = (north - boxes[row, 1]) * per_metre + reach
        for band in range(bands):
            if bottom >= edges[band] and top <= edges[band + 1]:
                found[band, counts[band]] = row
                counts[band] += 1


@kernel
def add_areas(xy, rings, parts, firsts, lasts, areas):
    """Add up the area of each polygon feature, holes taken off."""
    for feature in range(len(firsts)):
        for part in range(firsts[feature], lasts[feature]):
            for ring in range(parts[part], parts[part + 1]):
                start, end = rings[ring], rings[ring + 1]
                twice = 0.0
                for i in range(start + 1, end - 1):
                    dx, dy = xy[i, 0] - xy[start, 0], xy[i, 1] - xy[start, 1]
                    twice += dx * (xy[i + 1, 1] - xy[start, 1]) - (xy[i + 1, 0] - xy[start, 0]) * dy
                areas[feature] += 0.5 * abs(twice) if ring == parts[part] else -0.5 * abs(twice)


@kernel
def end_of_chunk(rows, sizes, start, vertices, features):
    """Where a chunk that begins at `start` ends: at so many vertices or features, whatever comes first."""
    end, total = start, 0
    most = min(len(rows), start + features)
    while end < most and (total < vertices or end == start):
        total += sizes[rows[end]]
        end += 1
    return end


@dataclass(frozen=True, eq=False)
class Prepared:
    """Shapes as the kernels take them.

    Parameters
    ----------
    shapes : Shapes
        float64 and int64, C order, writable.
    """

    shapes: Shapes

    @property
    def firsts(self) -> Offsets:
        """Where each feature begins in the next finer offsets."""
        return self.shapes.offsets[-1][:-1]

    @property
    def lasts(self) -> Offsets:
        """Where each feature ends in the next finer offsets."""
        return self.shapes.offsets[-1][1:]

    @property
    def first_runs(self) -> Offsets:
        """Where the rings or parts of each feature begin."""
        return self._runs[:-1]

    @property
    def last_runs(self) -> Offsets:
        """Where the rings or parts of each feature end."""
        return self._runs[1:]

    @cached_property
    def _runs(self) -> Offsets:
        offsets = self.shapes.offsets
        return offsets[1][offsets[2]] if self.shapes.kind == "polygon" else offsets[-1]

    @cached_property
    def longest(self) -> int:
        """Vertices of the longest ring or part."""
        return int(np.diff(self.shapes.offsets[0]).max(initial=0))

    @cached_property
    def areas(self) -> Array:
        """Area of each polygon, m²; nothing of other shapes."""
        if self.shapes.kind != "polygon":
            return np.zeros(0)
        rings, parts, _ = self.shapes.offsets
        areas = np.zeros(len(self.shapes))
        add_areas(self.shapes.xy, rings, parts, self.firsts, self.lasts, areas)
        return areas

    @cached_property
    def sizes(self) -> Offsets:
        """Vertices of each feature."""
        return np.diff(self.shapes.spans)

    @cached_property
    def is_plain(self) -> bool:
        """Whether each feature is one vertex."""
        return bool((self.sizes == 1).all())

    @cached_property
    def _index(self) -> tuple[Rows, Array]:
        """The features along the curve, and the boxes of the nodes."""
        boxes, extent = self.shapes.boxes, self.shapes.extent
        if extent is None:
            return np.zeros(0, np.int64), np.zeros((0, 4))
        cell = max(extent.width, extent.height, 1e-6) / 65535
        codes = np.empty(len(boxes), np.int64)
        morton_codes(boxes, float(extent.west), float(extent.south), float(cell), codes)
        order = np.argsort(codes)[: np.count_nonzero(codes < NOWHERE)].astype(np.int64)
        nodes = np.full((-(-len(order) // NODE), 4), (np.inf, np.inf, -np.inf, -np.inf))
        node_boxes(boxes, order, NODE, nodes)
        return order, nodes

    def rows(self, extent: Extent) -> Rows:
        """The features whose boxes meet `extent`, in their order; those without geometry never do."""
        order, nodes = self._index
        seen = np.zeros(len(self.shapes), np.bool_)
        found = mark_seen(self.shapes.boxes, order, nodes, NODE, *map(float, extent), seen)
        return np.flatnonzero(seen).astype(np.int64) if found else np.zeros(0, np.int64)


def deal(boxes: Array, rows: Rows, view: View, reach: float, edges: Sequence[int]) -> list[Rows]:
    """Which of the rows reach into each of the bands of a view that begin and end at pixel rows `edges`."""
    if len(edges) == 2:
        return [rows]
    _, north, _, per_metre = view.frame
    bands = len(edges) - 1
    counts, found = np.zeros(bands, np.int64), np.empty((bands, len(rows)), np.int64)
    deal_out(boxes, rows, north, per_metre, float(reach), np.asarray(edges, np.int64), counts, found)
    return [of_band[:count] for of_band, count in zip(found, counts, strict=True)]


_prepared: WeakKeyDictionary[Shapes, Prepared] = WeakKeyDictionary()


def prepared(shapes: Shapes) -> Prepared:
    """The shapes made ready, once as long as they live; arrays of another layout are copied."""
    if shapes not in _prepared:
        xy = np.require(shapes.xy, np.float64, ["C", "W"])
        offsets = tuple(np.require(o, np.int64, ["C", "W"]) for o in shapes.offsets)
        same = all(a is b for a, b in zip((xy, *offsets), (shapes.xy, *shapes.offsets), strict=True))
        # a copy of the value, so that the dictionary does not keep its own key alive
        _prepared[shapes] = Prepared(Shapes(shapes.kind, shapes.xy if same else xy, offsets))
    return _prepared[shapes]

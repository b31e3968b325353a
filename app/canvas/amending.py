"""Amending: a large layer in memory follows an edit row by row, without being read anew.

The rows that an edit changed are hidden in the layer as it was read, and their new shapes lie on top of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from layers.cartography.prepared import Rows, prepared
from layers.changes import Change, Row
from layers.grid import Extent
from layers.layer import Shapes, VectorLayer


@dataclass(frozen=True, eq=False)
class Amended:
    """A layer as it was read, and what has changed since.

    Parameters
    ----------
    base : VectorLayer
        As it was read.
    hidden : ndarray of int64
        Its rows that are no longer so.
    rows : dict
        Rows as they are now, by UUID.
    fresh : VectorLayer
        The features of these rows.
    """

    base: VectorLayer
    hidden: Rows
    rows: Mapping[str, Row]
    fresh: VectorLayer

    @classmethod
    def of(cls, layer: VectorLayer) -> "Amended":
        """The layer, nothing changed yet."""
        nothing = np.zeros(0, np.int64)
        return cls(layer, nothing, {}, layer.take(nothing))

    def after(self, changes: Iterable[Change]) -> "Amended":
        """The layer after some more changes."""
        rows, hidden = dict(self.rows), set(self.hidden.tolist())
        for change in changes:
            if rows.pop(change.key, None) is None and change.before is not None:
                hidden |= set(_rows_of(self.base, change.before))
            if change.after is not None:
                rows[change.key] = change.after
        fresh = _layer_of(self.base, list(rows.values()))
        return replace(self, hidden=np.array(sorted(hidden), np.int64), rows=rows, fresh=fresh)


def touched(changes: Iterable[Change]) -> Extent | None:
    """The box of all that changes show, before and after."""
    sides = [row for change in changes for row in (change.before, change.after) if row]
    shapes = [shape for shape in map(_shape, sides) if shape is not None and not shape.is_empty]
    return Extent(*shapely.total_bounds(shapes).tolist()) if shapes else None


def _shape(row: Row) -> shapely.Geometry | None:
    wkb = row.get("geom")
    return shapely.from_wkb(wkb) if isinstance(wkb, bytes) else None


def _rows_of(layer: VectorLayer, row: Row) -> list[int]:
    """The row of a layer that has the shape of a row on the disk: the first of them, if several."""
    shape = _shape(row)
    if shape is None or shape.is_empty:
        return []
    xy = shapely.get_coordinates(shape)
    ready = prepared(layer.shapes)
    spans = layer.shapes.spans
    for found in ready.rows(Extent(*shape.bounds)).tolist():
        if np.array_equal(layer.shapes.xy[spans[found] : spans[found + 1]], xy):
            return [found]
    return []


def _layer_of(like: VectorLayer, rows: list[Row]) -> VectorLayer:
    """Rows on the disk as a layer with the columns of another."""
    shapes = Shapes.of([_shape(row) for row in rows], like.shapes.kind)
    cells = {column: [row.get(column) for row in rows] for column in like.attributes}
    attributes = pd.DataFrame(cells, columns=like.attributes.columns, index=pd.RangeIndex(len(rows)))
    return replace(like, shapes=shapes, attributes=attributes)

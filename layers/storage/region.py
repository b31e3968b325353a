"""Where data should lie: what a project knows of its place, to test coordinates against.

Three kinds of evidence tell whether degrees carry the shift of web maps: boundaries that the project has too,
rows that name the region they lie in, and points that the project has under the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Extent
from layers.layer import Shapes, VectorLayer
from layers.storage.crs import GEOGRAPHIC, transformed
from layers.storage.gcj02 import from_bd09, from_gcj02

_GOOD = 0.01  # share of the area in which two boundaries may differ and still be the same
_BETTER = 0.25  # how much less a corrected boundary must differ
_NEAR = 60.0  # metres between two points of the same name that are the same place
_FAR = 250.0  # metres that the other readings must be off
_FEWEST = 3  # points of the same name that prove anything
_WITNESSES = 5  # rows more that must lie outside the region they name
_ENOUGH_ROWS = 20_000  # of a large file
_NAMED = 0.9  # share of a column's values that must be names or codes of regions

SHIFTS = {"gcj02": from_gcj02, "bd09": from_bd09}
READINGS = ("", *SHIFTS)

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Region:
    """What is known of the place, in the project's reference system.

    Parameters
    ----------
    extent : Extent or None
    layers : tuple of VectorLayer
        Polygons of regions, with ``code`` and ``name`` where known; points with ``name``.
    """

    extent: Extent | None
    layers: tuple[VectorLayer, ...] = ()

    @classmethod
    def of(cls, region: object, anchors: Sequence[VectorLayer] = ()) -> Region:
        """From a layer, an extent, a shapely geometry or ``None``, and further layers to test against."""
        if isinstance(region, VectorLayer):
            return cls(region.shapes.extent, (region, *anchors))
        if isinstance(region, Extent):
            return cls(region, tuple(anchors))
        if isinstance(region, shapely.Geometry):
            shapes = Shapes.of([region])
            layer = VectorLayer("region", "", "", shapes, pd.DataFrame(index=pd.RangeIndex(1)))
            return cls(Extent(*region.bounds), (layer, *anchors))
        return cls(None, tuple(anchors))

    @cached_property
    def outlines(self) -> tuple[NDArray[np.object_], ...]:
        """The polygons of each layer that has some."""
        return tuple(
            shapely.make_valid(layer.shapes.geometries())
            for layer in self.layers
            if layer.geometry_kind == "polygon" and len(layer)
        )

    @cached_property
    def labelled(self) -> dict[str, Any]:
        """Polygons by code and by name, where those are unique."""
        found: dict[str, Any] = {}
        for layer in self.layers:
            if layer.geometry_kind == "polygon":
                polygons = layer.shapes.geometries()
                for label, row in _unique(layer):
                    found.setdefault(label, polygons[row])
        return found

    @cached_property
    def places(self) -> dict[str, tuple[float, float]]:
        """Points by name, where that is unique in its layer."""
        found: dict[str, tuple[float, float]] = {}
        for layer in self.layers:
            if layer.geometry_kind == "point":
                for label, row in _unique(layer):
                    start, end = layer.shapes.spans[row : row + 2]
                    if end > start:
                        found.setdefault(
                            label, (float(layer.shapes.xy[start, 0]), float(layer.shapes.xy[start, 1]))
                        )
        return found


def _unique(layer: VectorLayer) -> Iterator[tuple[str, int]]:
    """Codes and names of the rows, where no other row has them."""
    for column in ("code", "name"):
        if column in layer.attributes:
            texts = layer.attributes[column].map(_label)
            once = texts.notna() & ~texts.duplicated(keep=False)
            yield from zip(texts[once].tolist(), np.flatnonzero(once).tolist(), strict=True)


def _label(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def shifted(shapes: Shapes, shift: str) -> Shapes:
    """Degrees with a shift (``gcj02``, ``bd09``) taken out of them."""
    if not shift:
        return shapes
    lon, lat = SHIFTS[shift](shapes.xy[:, 0], shapes.xy[:, 1])
    return Shapes(shapes.kind, np.column_stack([lon, lat]), shapes.offsets)


def find_shift(shapes: Shapes, table: pd.DataFrame, region: Region, target: str) -> str | None:
    """The shift of degrees: ``""`` none, ``gcj02``, ``bd09``; ``None`` if it cannot be told.

    Parameters
    ----------
    shapes : Shapes
        In degrees, east first.
    table : pandas.DataFrame
        The rows' columns: names and codes are looked for in all of them.
    region : Region
    target : str
        The region's reference system.
    """
    few, rows = _some(shapes, table)
    readings = {shift: transformed(shifted(few, shift), GEOGRAPHIC, target) for shift in READINGS}
    return find_reading(readings, rows, region)


def find_system(
    shapes: Shapes, table: pd.DataFrame, region: Region, target: str, systems: Sequence[str]
) -> str | None:
    """Which of several reference systems the shapes are in, ``None`` if nothing proves it."""
    few, rows = _some(shapes, table)
    return find_reading({crs: transformed(few, crs, target) for crs in systems}, rows, region)


def find_reading(readings: dict[str, Shapes], table: pd.DataFrame, region: Region) -> str | None:
    """Which of several readings of the same rows is the right one, ``None`` if nothing proves it."""
    if not region.layers:
        return None
    if next(iter(readings.values())).kind == "polygon":
        for parts in region.outlines:
            found = _by_outline(readings, parts)
            if found is not None:
                return found
    middles = {reading: _middles(read) for reading, read in readings.items()}
    for evidence in (_by_place, _by_label):
        found = evidence(middles, table, region)
        if found is not None:
            return found
    return None


def _some(shapes: Shapes, table: pd.DataFrame) -> tuple[Shapes, pd.DataFrame]:
    """Rows of a large file that speak for all of them."""
    if len(table) <= _ENOUGH_ROWS:
        return shapes, table
    rows = np.arange(0, len(table), len(table) // _ENOUGH_ROWS)
    return shapes.take(rows), table.iloc[rows]


def _by_outline(readings: dict[str, Shapes], parts: NDArray[np.object_]) -> str | None:
    """Told where the data has the same outline as parts of the region: then the right reading leaves almost
    no difference, the wrong ones a seam of half a kilometre.
    """
    differences = {shift: _difference(read, parts) for shift, read in readings.items()}
    best, second = sorted(differences, key=lambda shift: differences[shift])[:2]
    sure = differences[best] < _GOOD and differences[best] < _BETTER * differences[second]
    return best if sure else None


def _difference(shapes: Shapes, parts: NDArray[np.object_]) -> float:
    """Area that only one of the two covers, as a share of the region's parts that the data mostly covers."""
    if not np.isfinite(shapes.xy).all():
        return float("inf")
    extent = shapes.extent
    if extent is None or not shapely.intersects(parts, shapely.box(*extent)).any():
        return float("inf")
    polygons = shapes.geometries()
    if shapely.area(polygons).sum() < 0.5 * shapely.area(parts).min():
        return float("inf")  # houses are no boundary
    data = shapely.union_all(shapely.make_valid(polygons))
    covered = shapely.area(shapely.intersection(parts, data)) > 0.5 * shapely.area(parts)
    if not covered.any():
        return float("inf")
    same = shapely.union_all(parts[covered])
    return float(shapely.symmetric_difference(same, data).area / same.area)


def _middles(shapes: Shapes) -> Points:
    boxes = shapes.boxes
    return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2])


def _texts(table: pd.DataFrame) -> Iterator[pd.Series[Any]]:
    for column in table:
        values = table[column]
        if not pd.api.types.is_float_dtype(values):
            yield values.map(_label)


def _by_place(middles: dict[str, Points], table: pd.DataFrame, region: Region) -> str | None:
    """Told where the project has points of the same names: the right reading falls upon them."""
    for texts in _texts(table):
        once = texts.isin(region.places.keys()) & ~texts.duplicated(keep=False)
        rows = np.flatnonzero(once.to_numpy())
        if len(rows) < _FEWEST:
            continue
        known = np.array([region.places[texts.iloc[row]] for row in rows])
        off = {shift: float(np.median(np.hypot(*(xy[rows] - known).T))) for shift, xy in middles.items()}
        best, second = sorted(off, key=lambda shift: off[shift])[:2]
        if off[best] < _NEAR and off[second] > _FAR:
            return best
    return None


def _by_label(middles: dict[str, Points], table: pd.DataFrame, region: Region) -> str | None:
    """Told where rows name the region they lie in: read rightly all lie there, read wrongly some do not."""
    for texts in _texts(table):
        known = texts.isin(region.labelled.keys()).to_numpy()
        if known.sum() < _WITNESSES or known.mean() < _NAMED or texts[known].nunique() < 2:
            continue
        rows = np.flatnonzero(known)
        polygons = np.array([region.labelled[texts.iloc[row]] for row in rows], dtype=object)
        outside = {
            shift: int(np.sum(~shapely.intersects_xy(polygons, xy[rows, 0], xy[rows, 1])))
            for shift, xy in middles.items()
        }
        best, second = sorted(outside, key=lambda shift: outside[shift])[:2]
        if outside[best] <= 0.002 * len(rows) and outside[second] >= outside[best] + _WITNESSES:
            return best
    return None

"""Layer: data of one kind with meaning. It does not draw itself.

A layer in memory is columnar: flat coordinate arrays with offsets and boxes, and pandas columns without
geometry; never a Python object a row. Shapely geometries are made for the rows in hand only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Extent, Lattice

GeometryKind = Literal["point", "line", "polygon", "table"]
Offsets = NDArray[np.int64]
Mask = NDArray[np.bool_] | NDArray[np.intp]

_SHAPELY_KIND = {
    "point": shapely.GeometryType.MULTIPOINT,
    "line": shapely.GeometryType.MULTILINESTRING,
    "polygon": shapely.GeometryType.MULTIPOLYGON,
}
_SINGLE = {
    "point": shapely.GeometryType.POINT,
    "line": shapely.GeometryType.LINESTRING,
    "polygon": shapely.GeometryType.POLYGON,
}
_DEPTHS = {"point": 1, "line": 2, "polygon": 3}
_DIMENSION: dict[int, GeometryKind] = {0: "point", 1: "line", 2: "polygon"}


@dataclass(frozen=True)
class Field:
    """A column that has a meaning.

    Parameters
    ----------
    name : str
        Column name in the project, English, lower case.
    type : {"text", "integer", "real", "date"}
    unit : str
        SI unit of the values or empty.
    zh, en : str
        What the user reads.
    domain : tuple of str
        Allowed values; empty means free.
    required : bool
    aliases : tuple of str
        Names under which foreign files carry the field.
    """

    name: str
    type: Literal["text", "integer", "real", "date"] = "text"
    unit: str = ""
    zh: str = ""
    en: str = ""
    domain: tuple[str, ...] = ()
    required: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where a layer comes from, so that a map can say so.

    Parameters
    ----------
    source : str
        File, office or model, as printed under "sources".
    date : str
        ISO date of the data, empty if unknown.
    licence : str
    synthetic : bool
        True: made up for demonstration. Every map that shows the layer says so.
    model : str
        Name and parameters (``repr``) of the model that made it; empty for data.
    inputs : tuple of str
        Names of the layers that the model read.
    note : str
        What was assumed or repaired on the way (CRS inferred, encoding found, GCJ-02 removed …).
    shift : str
        ``gcj02`` or ``bd09`` if that shift was taken out at the door; so it can be put back.
    """

    source: str = ""
    date: str = ""
    licence: str = ""
    synthetic: bool = False
    model: str = ""
    inputs: tuple[str, ...] = ()
    note: str = ""
    shift: str = ""


_AT_ONCE = 20_000  # features: numpy lets no other thread run meanwhile


@dataclass(frozen=True, eq=False)
class Shapes:
    """Geometries of n features as flat arrays; every feature is stored as its multi-type.

    Parameters
    ----------
    kind : {"point", "line", "polygon", "table"}
    xy : ndarray of float64, shape (vertices, 2)
        Easting, northing.
    offsets : tuple of ndarray of int64
        From the innermost outwards, each of length count + 1. Points: ``(features→xy,)``. Lines:
        ``(parts→xy, features→parts)``. Polygons: ``(rings→xy, parts→rings, features→parts)``; the first
        ring of a part is its shell, the others its holes. A feature without geometry is empty.
    """

    kind: GeometryKind
    xy: NDArray[np.float64]
    offsets: tuple[Offsets, ...]

    def __len__(self) -> int:
        return len(self.offsets[-1]) - 1

    @classmethod
    def of(
        cls, geometries: Sequence[object] | NDArray[np.object_], kind: GeometryKind | None = None
    ) -> Shapes:
        """From shapely geometries of one dimension; ``None`` becomes empty.

        `kind` is needed if all of them are empty.

        Raises
        ------
        ValueError
            Geometries of different dimensions, or collections.

        Examples
        --------
        >>> shapes = Shapes.of([shapely.Point(1, 2), None])
        >>> shapes.kind, len(shapes), shapes.offsets[0].tolist()
        ('point', 2, [0, 1, 1])
        """
        array = np.asarray(geometries, dtype=object)
        dimensions = set(np.unique(shapely.get_dimensions(array[~shapely.is_empty(array)]))) - {-1}
        if len(dimensions) > 1:
            raise ValueError(f"geometries of several dimensions: {sorted(dimensions)}")
        found = _DIMENSION[int(dimensions.pop())] if dimensions else kind
        if found is None or found == "table" or (kind and found != kind):
            raise ValueError(f"expected {kind}, found {found}")
        if not len(array):
            return cls(found, np.empty((0, 2)), (np.zeros(1, np.int64),) * _DEPTHS[found])
        multi = _SHAPELY_KIND[found]
        whole = np.isin(shapely.get_type_id(array), (_SINGLE[found].value, multi.value)) & ~shapely.is_empty(
            array
        )
        kept = array if whole.all() else _as_multi(array, multi)
        made, xy, offsets = shapely.to_ragged_array(kept, include_z=False)
        if made != multi:  # every feature has one part
            offsets = (*offsets, np.arange(len(array) + 1))
        return cls(found, np.ascontiguousarray(xy), tuple(np.asarray(o, np.int64) for o in offsets))

    @classmethod
    def none(cls, rows: int) -> Shapes:
        """No geometry for `rows` rows of a table."""
        return cls("table", np.empty((0, 2)), (np.zeros(rows + 1, np.int64),))

    def geometries(self, rows: Mask | None = None) -> NDArray[np.object_]:
        """Shapely multi-geometries of the rows (all by default); ``None`` for a table."""
        if self.kind == "table":
            return np.full(len(self) if rows is None else len(np.arange(len(self))[rows]), None)
        shapes = self if rows is None else self.take(rows)
        if not len(shapes.xy):
            return np.full(len(shapes), _empty(_SHAPELY_KIND[shapes.kind]))
        result: NDArray[np.object_] = shapely.from_ragged_array(
            _SHAPELY_KIND[shapes.kind], shapes.xy, shapes.offsets
        )
        return result

    def take(self, rows: Mask) -> Shapes:
        """The features of these rows (a mask or indices), in that order."""
        chosen = np.arange(len(self))[rows]
        offsets: list[Offsets] = []
        for level in reversed(self.offsets):
            starts = level[chosen]
            counts = level[chosen + 1] - starts
            offsets.append(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
            chosen = _ranges(starts, counts)
        xy = self.xy if self.kind == "table" else self.xy[chosen]
        return Shapes(self.kind, xy, tuple(reversed(offsets)))

    @cached_property
    def spans(self) -> Offsets:
        """Offsets features→xy, shape (features + 1,)."""
        span = self.offsets[-1]
        for level in reversed(self.offsets[:-1]):
            span = level[span]
        return span

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """West, south, east, north of each feature, shape (features, 4); NaN where empty."""
        boxes = np.full((len(self), 4), np.nan)
        if self.kind == "table" or not len(self.xy):
            return boxes
        filled = np.flatnonzero(np.diff(self.spans) > 0)
        for first in range(0, len(filled), _AT_ONCE):
            rows = filled[first : first + _AT_ONCE]
            start, end = self.spans[rows[0]], self.spans[rows[-1] + 1]
            xy, starts = self.xy[start:end], self.spans[rows] - start
            boxes[rows, :2] = np.minimum.reduceat(xy, starts, axis=0)
            boxes[rows, 2:] = np.maximum.reduceat(xy, starts, axis=0)
        return boxes

    def meeting(self, extent: Extent) -> NDArray[np.int64]:
        """The rows whose boxes meet an extent, ascending; those without geometry never do."""
        west, south, east, north = self.boxes.T
        seen = (
            (west <= extent.east) & (east >= extent.west) & (south <= extent.north) & (north >= extent.south)
        )
        return np.flatnonzero(seen)

    @property
    def extent(self) -> Extent | None:
        """The box of all features; ``None`` if all are empty."""
        if self.kind == "table" or not len(self.xy):
            return None
        x, y = self.xy[:, 0], self.xy[:, 1]
        return Extent(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def _as_multi(array: NDArray[np.object_], multi: shapely.GeometryType) -> NDArray[np.object_]:
    """Each geometry as its multi-type; ``None`` as an empty one."""
    make = {
        shapely.GeometryType.MULTIPOINT: shapely.multipoints,
        shapely.GeometryType.MULTILINESTRING: shapely.multilinestrings,
        shapely.GeometryType.MULTIPOLYGON: shapely.multipolygons,
    }[multi]
    parts, owners = shapely.get_parts(shapely.force_2d(array), return_index=True)
    kept = ~shapely.is_empty(parts)
    result: NDArray[np.object_] = np.full(len(array), _empty(multi), dtype=object)
    if kept.any():
        make(parts[kept], indices=owners[kept], out=result)
    return result


def _empty(multi: shapely.GeometryType) -> object:
    return shapely.from_wkt(f"{multi.name} EMPTY")


def _ranges(starts: Offsets, counts: Offsets) -> NDArray[np.int64]:
    """The concatenated ``range(start, start + count)`` of every pair."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    ranges: NDArray[np.int64] = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return ranges


class _Attributes:
    """The columns of a layer: where there are none, pandas is not needed until they are looked at."""

    def __get__(self, layer: VectorLayer | None, owner: type[VectorLayer]) -> pd.DataFrame:
        if layer is None:
            raise AttributeError  # a layer has no attributes by default
        if layer.__dict__["attributes"] is None:
            layer.__dict__["attributes"] = pd.DataFrame(index=pd.RangeIndex(len(layer.shapes)))
        return layer.__dict__["attributes"]

    def __set__(self, layer: VectorLayer, attributes: pd.DataFrame | None) -> None:
        layer.__dict__["attributes"] = attributes


@dataclass(frozen=True, eq=False)
class VectorLayer:
    """Features of one kind: shapes, columns, meaning.

    Parameters
    ----------
    name : str
        Table name in the project: ASCII, unique.
    kind : str
        Name in the census catalogue, or "" if it is of no known kind.
    crs : str
        ``EPSG:code`` or WKT; empty for a table without geometry.
    shapes : Shapes
    attributes : pandas.DataFrame
        One row a feature, RangeIndex, no geometry. Column ``uuid`` identifies the row across copies. ``None``
        becomes a table without columns.
    title : str
        What the user reads; the catalogue's words if empty.
    fields : tuple of Field
        Meaning of the columns, where known.
    provenance : Provenance
    """

    name: str
    kind: str
    crs: str
    shapes: Shapes
    attributes: _Attributes = _Attributes()
    title: str = ""
    fields: tuple[Field, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        if self.has_columns and len(self.shapes) != len(self.attributes):
            raise ValueError(f"{len(self.shapes)} shapes for {len(self.attributes)} rows in {self.name}")

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def has_columns(self) -> bool:
        """Whether it was made with attributes."""
        return self.__dict__["attributes"] is not None

    def __getitem__(self, column: str) -> pd.Series[object]:
        return self.attributes[column]

    @property
    def geometry_kind(self) -> GeometryKind:
        """Point, line, polygon or table."""
        return self.shapes.kind

    def take(self, rows: Mask) -> VectorLayer:
        """The layer of these rows (a mask or indices)."""
        chosen = np.arange(len(self))[rows]
        shapes = self.shapes.take(chosen)
        attributes = self.attributes.iloc[chosen].reset_index(drop=True) if self.has_columns else None
        described = self.title, self.fields, self.provenance
        return VectorLayer(self.name, self.kind, self.crs, shapes, attributes, *described)

    def with_columns(self, columns: Mapping[str, object]) -> VectorLayer:
        """The layer with columns added or replaced."""
        return replace(self, attributes=self.attributes.assign(**dict(columns)))

    def with_shapes(self, shapes: Shapes, crs: str) -> VectorLayer:
        """The layer with other shapes, for example after a transformation."""
        return replace(self, shapes=shapes, crs=crs)


@dataclass(frozen=True)
class RasterLayer:
    """A raster on disk: never edited, only made.

    Parameters
    ----------
    name : str
        Name in the project: ASCII, unique.
    kind : str
        Name in the census catalogue (``terrain``, ``fuel`` …), or a result such as ``hazard_flood``.
    path : str
        GeoTIFF, relative to the project's ``NAME.rasters`` folder, or absolute before it is stored.
    lattice : Lattice
    unit : str
    title : str
    provenance : Provenance
    sha256 : str
        Checksum of the stored file; empty before it is stored.
    """

    name: str
    kind: str
    path: str
    lattice: Lattice
    unit: str = ""
    title: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    sha256: str = ""


Layer = VectorLayer | RasterLayer

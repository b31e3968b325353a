"""GeoPackage geometry blobs: a header with box and reference system, then WKB.

Source: OGC 12-128r18 (GeoPackage 1.3.1), clause 2.1.3 "BLOB format". Written here: little endian, no Z or M,
box as (min x, max x, min y, max y), always a multi-geometry; a feature without geometry is NULL.
"""

import struct
from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.changes import Value
from layers.errors import BadInput
from layers.layer import GeometryKind, Shapes

Boxes = NDArray[np.float64]
_BOX_BYTES = (0, 32, 48, 48, 64)
_HEADER = np.dtype(
    [("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("box", "<f8", (4,))], align=False
)
HEAD = _HEADER.itemsize
"""Bytes before the WKB in a blob of ours."""
_MULTI = {
    "point": shapely.multipoints,
    "line": shapely.multilinestrings,
    "polygon": shapely.multipolygons,
}
_BEGINNINGS = {
    kind: struct.pack("<BI", 1, code) for kind, code in (("point", 4), ("line", 5), ("polygon", 6))
}
_EMPTY_FLAG = 0x10
_LEAST = 8  # bytes before the box
_TYPES = {
    "point": (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT),
    "line": (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    "polygon": (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
}


def blobs_of(shapes: Shapes, srs_id: int) -> list[bytes | None]:
    """One blob a feature; ``None`` where it has no geometry."""
    wkb = shapely.to_wkb(shapes.geometries(), byte_order=1)
    there = ~np.isnan(shapes.boxes[:, 0])
    cells = [cell if holds else None for cell, holds in zip(wkb, there.tolist(), strict=True)]
    return blobs_in(cells, shapes.boxes, srs_id)


def boxes_of(wkb: Sequence[Value]) -> Boxes:
    """West, south, east, north of many geometries; NaN where there is none."""
    cells = np.array([cell if isinstance(cell, bytes) else None for cell in wkb], object)
    boxes: Boxes = shapely.bounds(shapely.from_wkb(cells, on_invalid="ignore")).reshape(-1, 4)
    return boxes


def blobs_in(wkb: Sequence[Value], boxes: Boxes, srs_id: int) -> list[bytes | None]:
    """The blobs of many geometries given as canonical WKB (see `canonical`), and their boxes."""
    headers = _headers(boxes, srs_id)
    return [
        headers[i * HEAD : (i + 1) * HEAD] + cell if isinstance(cell, bytes) else None
        for i, cell in enumerate(wkb)
    ]


def _headers(boxes: Boxes, srs_id: int) -> bytes:
    headers = np.zeros(len(boxes), _HEADER)
    headers["magic"], headers["flags"], headers["srs"] = b"GP", 0b0000_0011, srs_id
    headers["box"] = boxes[:, [0, 2, 1, 3]]
    return headers.tobytes()


def blob_of(wkb: bytes | None, srs_id: int) -> bytes | None:
    """The blob of one geometry given as canonical WKB (see `canonical`)."""
    if wkb is None:
        return None
    west, south, east, north = shapely.bounds(shapely.from_wkb(wkb, on_invalid="ignore"))
    return struct.pack("<2sBBi4d", b"GP", 0, 0b0000_0011, srs_id, west, east, south, north) + wkb


def wkb_of(blob: bytes | None) -> bytes | None:
    """The WKB inside a blob; ``None`` for NULL and an empty geometry, no bytes of what is no blob at all."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or len(blob) <= _LEAST:
        return b""
    return None if blob[3] & _EMPTY_FLAG else blob[_start(blob) :]


def _start(blob: bytes) -> int:
    return _LEAST + _BOX_BYTES[min((blob[3] >> 1) & 7, 4)]


def shapes_of(blobs: Sequence[bytes | None], kind: GeometryKind) -> tuple[Shapes, NDArray[np.intp]]:
    """Flat arrays of many blobs, and the places of those that are torn or of another kind: they are empty."""
    return shapes_in([wkb_of(blob) for blob in blobs], kind)


def shapes_in(cells: Sequence[Value], kind: GeometryKind) -> tuple[Shapes, NDArray[np.intp]]:
    """As `shapes_of`, of cells that hold WKB or nothing."""
    if kind == "table":
        return Shapes.none(len(cells)), np.empty(0, np.intp)
    wkb = np.array([cell if isinstance(cell, bytes) else None for cell in cells], dtype=object)
    geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    there = np.array([cell is not None for cell in wkb], dtype=bool)
    fit = shapely.is_empty(geometries) | np.isin(shapely.get_type_id(geometries), _TYPES[kind])
    torn = np.flatnonzero(there & ~fit)
    geometries[torn] = None
    return Shapes.of(geometries, kind), torn


def geometry_error(layer: str, torn: Sequence[int]) -> BadInput:
    """What is said of a layer with torn geometries, given by their places, from 0."""
    return BadInput("geometry_unreadable", layer=layer, row=torn[0] + 1, number=len(torn))


def canonical(value: bytes | None, kind: GeometryKind) -> bytes | None:
    """A cell's WKB as the store keeps it: little endian, two dimensions, multi-type; ``None`` if empty.

    Raises
    ------
    BadInput
        The bytes are no WKB of that kind of geometry.
    """
    if value is None or kind == "table":
        return None
    if value.startswith(_BEGINNINGS[kind]) and len(value) > 9:
        return value
    geometry = shapely.force_2d(shapely.from_wkb(value, on_invalid="ignore"))
    if geometry is None:
        raise BadInput("geometry_no_wkb")
    if shapely.is_empty(geometry):
        return None
    if shapely.get_dimensions(geometry) != {"point": 0, "line": 1, "polygon": 2}[kind]:
        raise BadInput("geometry_of_other_kind", expected=kind, found=geometry.geom_type)
    parts = shapely.get_parts(geometry)
    return bytes(shapely.to_wkb(_MULTI[kind](parts[~shapely.is_empty(parts)]), byte_order=1))


def spatial_functions() -> dict[str, Callable[[bytes | None], float | int | None]]:
    """The SQL functions that the standard's index triggers call, by name."""
    return {
        "ST_MinX": lambda blob: _edge(blob, 0),
        "ST_MaxX": lambda blob: _edge(blob, 1),
        "ST_MinY": lambda blob: _edge(blob, 2),
        "ST_MaxY": lambda blob: _edge(blob, 3),
        "ST_IsEmpty": lambda blob: None if blob is None else int(not _lies(blob)),
    }


def _lies(blob: bytes) -> bool:
    """Whether it has a place: what is empty or torn has none."""
    edge = _edge(blob, 0)
    return edge is not None and edge == edge


def _edge(blob: bytes | None, edge: int) -> float | None:
    wkb = wkb_of(blob)
    if blob is None or not wkb:
        return None
    if blob[3] & 0b1110:
        order = "<" if blob[3] & 1 else ">"
        return float(struct.unpack_from(order + "4d", blob, 8)[edge])
    west, south, east, north = shapely.bounds(shapely.from_wkb(wkb, on_invalid="ignore"))
    return float((west, east, south, north)[edge])

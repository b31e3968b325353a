"""Kernel: many GeoPackage geometries at once into flat arrays, without an object a row.

Reads what this program and most others write: little-endian WKB in two dimensions, single or multi-geometries
of the layer's kind (OGC 12-128r18, 2.1.3; OGC 06-103r4, 8.2). The rest it declines, and shapely reads it.
"""

# mypy: disallow-untyped-defs=False

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layers.kernels import is_warm, kernel
from layers.layer import GeometryKind, Offsets, Shapes

POINT = 16  # bytes of two coordinates
LEAST = 8  # bytes of a blob's beginning
_KINDS = {"point": 1, "line": 2, "polygon": 3}


@kernel
def whole(data, at):
    """The unsigned number of 32 bits that begins at a byte."""
    return (
        np.int64(data[at])
        | np.int64(data[at + 1]) << 8
        | np.int64(data[at + 2]) << 16
        | np.int64(data[at + 3]) << 24
    )


@kernel
def unpack(data, starts, kind, xy, rings, parts, features):
    """Count parts, rings and vertices; if the arrays have room for them, fill them too.

    Returns (parts, rings, vertices); parts is -1 if a geometry is of another form than is read here.
    """
    fills = len(xy) > 0
    p, r, v = 0, 0, 0
    for i in range(len(starts) - 1):
        at, end = starts[i], starts[i + 1]
        if end > at + 8 and not data[at + 3] & 0x10:
            box = (data[at + 3] >> 1) & 7
            at += 8 + (0 if box == 0 else 32 if box == 1 else 48 if box < 4 else 64)
            if at + 9 > end or data[at] != 1:
                return -1, 0, 0
            count, code = 1, whole(data, at + 1)
            if code == kind + 3:
                count = whole(data, at + 5)
                at += 9
            for _ in range(count):
                if at + 9 > end or data[at] != 1 or whole(data, at + 1) != kind:
                    return -1, 0, 0
                at += 5
                several = 1
                if kind == 3:
                    several = whole(data, at)
                    at += 4
                    if fills:
                        parts[p] = r
                p += 1
                for _ in range(several):
                    n = 1
                    if kind > 1:
                        if at + 4 > end:
                            return -1, 0, 0
                        n = whole(data, at)
                        at += 4
                    if at + n * POINT > end:
                        return -1, 0, 0
                    if fills:
                        rings[r] = v
                        for byte in range(n * POINT):
                            xy[v * POINT + byte] = data[at + byte]
                    at += n * POINT
                    v += n
                    r += 1
        if fills:
            features[i + 1] = p
    if fills:
        rings[r] = v
        if kind == 3:
            parts[p] = r
    return p, r, v


def unpacked(blobs: Sequence[bytes | None], kind: GeometryKind) -> Shapes | None:
    """Flat arrays of many blobs; ``None`` if one is of a form that is not read here."""
    code = _KINDS[kind]
    filled = [blob or b"" for blob in blobs]
    try:
        data = np.frombuffer(b"".join(filled), np.uint8)
    except TypeError:  # another program has put there what is no blob
        return None
    lengths = np.fromiter(map(len, filled), np.int64, len(filled))
    if ((lengths > 0) & (lengths <= LEAST)).any():
        return None
    starts = np.concatenate([[0], np.cumsum(lengths)])
    none, nothing = np.zeros(0, np.int64), np.zeros(0, np.uint8)
    p, r, v = unpack(data, starts, code, nothing, none, none, none)
    if p < 0:
        return None
    xy = np.empty(v * POINT, np.uint8)
    rings, parts, features = (np.zeros(n + 1, np.int64) for n in (r, p, len(blobs)))
    unpack(data, starts, code, xy, rings, parts, features)
    offsets = {1: (features,), 2: (rings, features), 3: (rings, parts, features)}[code]
    made = Shapes(kind, xy.view(np.float64).reshape(-1, 2), offsets)
    return made if code == 1 or _are_whole(made.xy, rings, code) else None


def _are_whole(xy: NDArray[np.float64], rings: Offsets, code: int) -> bool:
    """Whether lines have two vertices at least, rings four and the last one the first: others are torn."""
    if len(rings) < 2:
        return True
    if np.diff(rings).min() < (4 if code == 3 else 2):
        return False
    return code == 2 or bool((xy[rings[:-1]] == xy[rings[1:] - 1]).all())


def is_compiled() -> bool:
    """Whether the kernel lies compiled on the disk: the first call does not wait for it."""
    return unpack.is_loaded or is_warm([unpack])

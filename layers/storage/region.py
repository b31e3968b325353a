"""Where data should lie: a region that the project knows, to test coordinates against."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.grid import Extent
from layers.layer import Shapes, VectorLayer
from layers.storage.crs import GEOGRAPHIC, transformed
from layers.storage.gcj02 import from_bd09, from_gcj02

_GOOD = 0.01  # share of the area in which two boundaries may differ and still be the same
_BETTER = 0.25  # how much less a corrected boundary must differ

SHIFTS = {"gcj02": from_gcj02, "bd09": from_bd09}


@dataclass(frozen=True)
class Region:
    """A region in the project's reference system.

    Parameters
    ----------
    extent : Extent or None
    parts : ndarray of shapely polygons
        Empty if only the box is known.
    """

    extent: Extent | None
    parts: NDArray[np.object_]

    @classmethod
    def of(cls, region: object) -> "Region":
        """From a layer, an extent, a shapely geometry, or ``None``."""
        nothing: NDArray[np.object_] = np.empty(0, dtype=object)
        if isinstance(region, VectorLayer):
            polygons = region.shapes.geometries() if region.geometry_kind == "polygon" else nothing
            return cls(region.shapes.extent, polygons)
        if isinstance(region, Extent):
            return cls(region, nothing)
        if isinstance(region, shapely.Geometry):
            parts = np.array([region], dtype=object) if region.area else nothing
            return cls(Extent(*region.bounds), parts)
        return cls(None, nothing)


def shifted(shapes: Shapes, shift: str) -> Shapes:
    """Degrees with a shift (``gcj02``, ``bd09``) taken out of them."""
    lon, lat = SHIFTS[shift](shapes.xy[:, 0], shapes.xy[:, 1])
    return Shapes(shapes.kind, np.column_stack([lon, lat]), shapes.offsets)


def find_shift(shapes: Shapes, region: Region, target: str) -> str | None:
    """The shift of polygons in degrees: ``""`` none, ``gcj02``, ``bd09``; ``None`` if it cannot be told.

    Told only where the data has the same outline as parts of the region: then the right reading leaves
    almost no difference, the wrong ones a seam of half a kilometre.
    """
    if shapes.kind != "polygon" or not len(region.parts):
        return None
    differences = {}
    for shift in ("", *SHIFTS):
        read = shifted(shapes, shift) if shift else shapes
        differences[shift] = _difference(transformed(read, GEOGRAPHIC, target), region)
    best, second = sorted(differences, key=lambda shift: differences[shift])[:2]
    sure = differences[best] < _GOOD and differences[best] < _BETTER * differences[second]
    return best if sure else None


def _difference(shapes: Shapes, region: Region) -> float:
    """Area that only one of the two covers, as a share of the region's parts that the data mostly covers."""
    if not np.isfinite(shapes.xy).all():
        return float("inf")
    data = shapely.union_all(shapely.make_valid(shapes.geometries()))
    parts = shapely.make_valid(region.parts)
    covered = shapely.area(shapely.intersection(parts, data)) > 0.5 * shapely.area(parts)
    if not covered.any():
        return float("inf")
    same = shapely.union_all(parts[covered])
    return float(shapely.symmetric_difference(same, data).area / same.area)

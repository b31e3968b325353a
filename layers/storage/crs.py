"""Reference systems: telling two apart, transforming flat arrays, and finding what a file does not say."""

from functools import lru_cache

import numpy as np
import pyproj

from layers.grid import Extent
from layers.layer import Shapes


def same_crs(one: str, other: str) -> bool:
    """Whether two definitions mean the same system, whatever the order of axes."""
    return one == other or (
        bool(one) and bool(other) and _crs(one).equals(_crs(other), ignore_axis_order=True)
    )


@lru_cache(maxsize=64)
def _crs(text: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(text)


def transformed(shapes: Shapes, source: str, target: str) -> Shapes:
    """Shapes in another reference system; x is always east, y always north."""
    if shapes.kind == "table" or not len(shapes.xy):
        return shapes
    road = pyproj.Transformer.from_crs(_crs(source), _crs(target), always_xy=True)
    x, y = road.transform(shapes.xy[:, 0], shapes.xy[:, 1])
    return Shapes(shapes.kind, np.column_stack([x, y]), shapes.offsets)


def transformed_extent(extent: Extent, source: str, target: str) -> Extent:
    """The box, in another reference system, that holds all of `extent`."""
    if same_crs(source, target):
        return extent
    road = pyproj.Transformer.from_crs(_crs(source), _crs(target), always_xy=True)
    return Extent(*road.transform_bounds(*extent))

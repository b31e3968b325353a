"""What is odd about the ground of a scenario: holes, spikes, codes that mean no data, roughness, place."""

from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.ndimage import label

from layers.grid import Grid, Lattice
from layers.hazards.inundation.files import NO_CRS
from layers.hazards.inundation.scenario import Scenario

Note = tuple[str, dict[str, Any]]
Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_SPIKE = 50.0  # m above or below all neighbours, or below all other ground
_STRETCHED = 0.01  # of a length on the map against that on the ground
_ROUGH = 0.5  # n above: more likely a class than a roughness
_DEEP = 200.0  # m of water at the start
_LONE = 16  # cells: smaller parts of the ground are left out


def ground_notes(scenario: Scenario) -> list[Note]:
    """Notes on terrain, roughness and water at the start."""
    lattice, bed = scenario.terrain.lattice, scenario.terrain.values
    known = np.isfinite(bed)
    found: list[Note] = [("no_crs", {})] if lattice.crs == NO_CRS else _stretched(lattice)
    inside = _holes(known)
    if inside:
        found.append(("closed_inside", {"count": inside}))
    found += _parts(known) + _spikes(bed, known) + _apart(bed[known])
    return found + _roughness(scenario.manning, known) + _deep(scenario.initial, known)


def _stretched(lattice: Lattice) -> list[Note]:
    """Whether lengths on the map are not those on the ground, as in web Mercator, or far from its zone."""
    extent = lattice.extent
    x, y = 0.5 * (extent.west + extent.east), 0.5 * (extent.south + extent.north)
    try:
        projection = pyproj.Proj(lattice.crs)
        factors = projection.get_factors(*projection(x, y, inverse=True))
    except pyproj.exceptions.ProjError:
        return []
    scale = float(factors.meridional_scale)
    if np.isfinite(scale) and abs(scale - 1) <= _STRETCHED:
        return []
    return [("stretched", {"percent": 100 * (scale - 1)})] if np.isfinite(scale) else [("off_map", {})]


def _holes(known: Mask) -> int:
    """Cells without data that no way without data joins to the edge."""
    names, _ = label(~known)
    outer = np.unique(np.r_[names[0], names[-1], names[:, 0], names[:, -1]])
    sizes = np.bincount(names.ravel())
    sizes[0] = sizes[outer] = 0
    return int(sizes.sum())


def _parts(known: Mask) -> list[Note]:
    """Parts of the ground between which no water can pass."""
    names, _ = label(known)
    sizes = np.bincount(names.ravel())[1:]
    count = int((sizes >= _LONE).sum())
    return [("parts", {"count": count})] if count > 1 else []


def _spikes(bed: Array, known: Mask) -> list[Note]:
    """Cells far above or below all of their neighbours."""
    rows, columns = bed.shape
    framed = np.pad(np.where(known, bed, np.nan), 1, constant_values=np.nan)
    high, low = np.full(bed.shape, -np.inf), np.full(bed.shape, np.inf)
    for down in range(3):
        for right in range(3):
            if (down, right) != (1, 1):
                beside = framed[down : down + rows, right : right + columns]
                np.fmax(high, beside, out=high)
                np.fmin(low, beside, out=low)
    odd = np.argwhere(known & np.isfinite(high) & ((bed > high + _SPIKE) | (bed < low - _SPIKE)))
    if not len(odd):
        return []
    row, column = (int(n) + 1 for n in odd[0])
    return [("spikes", {"count": len(odd), "row": row, "column": column})]


def _apart(heights: Array) -> list[Note]:
    """Cells that share one height far below all others: a code for no data that is not declared."""
    lowest = float(heights.min())
    others = heights[heights > lowest]
    count = len(heights) - len(others)
    if count < 2 or not len(others) or others.min() - lowest < _SPIKE:
        return []
    return [("apart", {"count": count, "value": lowest, "below": float(others.min()) - lowest})]


def _roughness(manning: Grid | float, known: Mask) -> list[Note]:
    n = manning.values[known] if isinstance(manning, Grid) else np.array([manning])
    found: list[Note] = [("rough", {"value": float(n.max())})] if n.max() > _ROUGH else []
    smooth = int((n == 0).sum()) if isinstance(manning, Grid) else 0
    return [*found, ("smooth", {"count": smooth})] if smooth else found


def _deep(initial: Grid | None, known: Mask) -> list[Note]:
    deepest = float(np.nanmax(initial.values[known], initial=0.0)) if initial is not None else 0.0
    return [("initial_deep", {"depth": deepest})] if deepest > _DEEP else []

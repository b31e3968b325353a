"""What is odd about a scenario, though it can be run."""

from typing import Any

import numpy as np
from scipy.ndimage import label

from layers.hazards.inundation.files import NO_CRS
from layers.hazards.inundation.scenario import Scenario

_SPIKE = 50.0  # m above or below all neighbours


def warnings_of(scenario: Scenario) -> list[tuple[str, dict[str, Any]]]:
    """Keys of words (``flood.KEY``) and their facts.

    Parameters
    ----------
    scenario : Scenario
    """
    found: list[tuple[str, dict[str, Any]]] = []
    if scenario.terrain.lattice.crs == NO_CRS:
        found.append(("no_crs", {}))
    bed = scenario.terrain.values
    known = np.isfinite(bed)
    inside = _holes(known)
    if inside:
        found.append(("closed_inside", {"count": inside}))
    found += _spikes(bed, known)
    short = [course.name for course in _courses(scenario) if _ends_early(course, scenario.duration)]
    if short:
        name = short[0] if len(short) == 1 else f"{short[0]} … ({len(short)})"
        found.append(("series_short", {"name": name}))
    return found


def _holes(known: Any) -> int:
    """Cells without data that no way without data joins to the edge."""
    names, _ = label(~known)
    outer = np.unique(np.r_[names[0], names[-1], names[:, 0], names[:, -1]])
    sizes = np.bincount(names.ravel())
    sizes[0] = sizes[outer] = 0
    return int(sizes.sum())


def _spikes(bed: Any, known: Any) -> list[tuple[str, dict[str, Any]]]:
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


def _ends_early(course: Any, duration: float) -> bool:
    """Whether values are held over a part of the run; a single one from the start on is meant so."""
    if len(course.times) == 1 and course.times[0] <= 0:
        return False
    return bool(course.times[-1] < duration - 1e-6 or course.times[0] > 0)


def _courses(scenario: Scenario) -> list[Any]:
    levels = [side.level for side in scenario.sides.values() if side.level is not None]
    return [inflow.discharge for inflow in scenario.inflows] + levels

"""What is odd about a scenario, though it can be run."""

from typing import Any

import numpy as np
from scipy.ndimage import binary_fill_holes, maximum_filter, minimum_filter

from layers.hazards.inundation.files import NO_CRS
from layers.hazards.inundation.scenario import Scenario

_SPIKE = 50.0  # m above or below all neighbours
_AROUND = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.bool_)


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
    inside = int((binary_fill_holes(known) & ~known).sum())
    if inside:
        found.append(("closed_inside", {"count": inside}))
    found += _spikes(bed, known)
    for course in _courses(scenario):
        if course.times[-1] < scenario.duration - 1e-6 or course.times[0] > 0:
            found.append(("series_short", {"name": course.name}))
    return found


def _spikes(bed: Any, known: Any) -> list[tuple[str, dict[str, Any]]]:
    high = maximum_filter(np.where(known, bed, -np.inf), footprint=_AROUND, mode="constant", cval=-np.inf)
    low = minimum_filter(np.where(known, bed, np.inf), footprint=_AROUND, mode="constant", cval=np.inf)
    odd = np.argwhere(
        known & np.isfinite(high) & np.isfinite(low) & ((bed > high + _SPIKE) | (bed < low - _SPIKE))
    )
    if not len(odd):
        return []
    row, column = (int(n) + 1 for n in odd[0])
    return [("spikes", {"count": len(odd), "row": row, "column": column})]


def _courses(scenario: Scenario) -> list[Any]:
    levels = [side.level for side in scenario.sides.values() if side.level is not None]
    return [inflow.discharge for inflow in scenario.inflows] + levels

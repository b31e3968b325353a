"""What is odd about a scenario, though it can be run."""

from typing import Any

import numpy as np
from scipy.ndimage import label

from layers.hazards.inundation.files import NO_CRS
from layers.hazards.inundation.forcing import Rain
from layers.hazards.inundation.rain_series import RainSeries
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.structures import faces_of

_SPIKE = 50.0  # m above or below all neighbours; of a level, above all ground
_HEAVIEST = 2500.0  # mm/h: more than any minute that was recorded


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
    found += _odd_levels(scenario, float(np.nanmax(bed)))
    found += [
        ("levee_away", {"name": levee.name})
        for levee in scenario.structures.levees
        if not len(faces_of(levee, scenario.terrain.lattice).row)
    ]
    heaviest = max((float(rain.intensity.max()) for rain in _rains(scenario)), default=0.0) * 3.6e6
    if heaviest > _HEAVIEST:
        found.append(("rain_heavy", {"rain": heaviest}))
    if isinstance(scenario.rain, RainSeries) and (bare := scenario.rain.bare(scenario.terrain)) > 1e-6:
        found.append(("rain_bare", {"share": 100 * bare}))
    short = [course.name for course in _courses(scenario) if _ends_early(course, scenario.duration)]
    if short:
        name = short[0] if len(short) == 1 else f"{short[0]} … ({len(short)})"
        found.append(("series_short", {"name": name}))
    return found


def _odd_levels(scenario: Scenario, highest: float) -> list[tuple[str, dict[str, Any]]]:
    """Levels on sides far above all ground."""
    above = {
        name: float(side.level.values.max()) - highest
        for name, side in scenario.sides.items()
        if side.level is not None
    }
    return [("level_away", {"name": name, "above": far}) for name, far in above.items() if far > _SPIKE]


def _rains(scenario: Scenario) -> list[Rain]:
    """The hyetographs, where rain comes as such."""
    if isinstance(scenario.rain, Zoned):
        return list(scenario.rain.values.values())
    return [scenario.rain] if isinstance(scenario.rain, Rain) else []


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

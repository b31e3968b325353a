"""What is odd about that which drives the water: rain, inflows and levels against the run and the ground."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from layers.hazards.inundation.forcing import SIDES, Course, Rain
from layers.hazards.inundation.ground_notes import Array, Note
from layers.hazards.inundation.rain_series import RainSeries
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.showers import Zoned

_AWAY = 50.0  # m of a level above all ground
_STEEP = 0.2  # of a boundary: steeper looks like per cent
_HEAVIEST = 2500.0  # mm/h: more than any minute that was recorded
_LARGEST = 3e5  # m³/s: more than the Amazon carries
_TIMES = 20.0  # the run: a series that goes on for so long may count minutes or seconds
_HOUR, _MM_PER_HOUR = 3600.0, 1.0 / 3.6e6


def drive_notes(scenario: Scenario) -> list[Note]:
    """Notes on sides, rain and inflows."""
    return [*_sides(scenario), *_rain(scenario), *_inflows(scenario), *_series(scenario), *_still(scenario)]


def _sides(scenario: Scenario) -> list[Note]:
    """Sides where there is no ground, levels far above or wholly below the ground, slopes as of walls."""
    bed, found = scenario.terrain.values, list[Note]()
    highest = float(np.nanmax(bed))
    edges = dict(zip(SIDES, (bed[:, 0], bed[:, -1], bed[0], bed[-1]), strict=True))
    for name, side in scenario.sides.items():
        edge = edges[name][np.isfinite(edges[name])]
        if side.kind != "closed" and not len(edge):
            found.append(("side_closed", {"name": name}))
        elif side.level is not None and (above := float(side.level.values.max()) - highest) > _AWAY:
            found.append(("level_away", {"name": name, "above": above}))
        elif side.level is not None and float(side.level.values.max()) < edge.min():
            facts = {"name": name, "level": float(side.level.values.max()), "bed": float(edge.min())}
            found.append(("level_below", facts))
        elif side.kind == "slope" and side.slope > _STEEP:
            found.append(("slope_steep", {"name": name, "slope": side.slope}))
    return found


def _rain(scenario: Scenario) -> list[Note]:
    rain, found = scenario.rain, list[Note]()
    rains = [rain] if isinstance(rain, Rain) else []
    rains += list(rain.values.values()) if isinstance(rain, Zoned) else []
    heaviest = max((float(each.intensity.max()) for each in rains), default=0.0) / _MM_PER_HOUR
    if heaviest > _HEAVIEST:
        found.append(("rain_heavy", {"rain": heaviest}))
    if isinstance(rain, RainSeries) and (bare := rain.bare(scenario.terrain)) > 1e-6:
        found.append(("rain_bare", {"share": 100 * bare}))
    for each in rains:
        last = float(each.intensity[-1]) / _MM_PER_HOUR
        if each.times[-1] < scenario.duration - 1e-6 and last > 0 and len(each.times) > 1:
            found.append(("rain_held", {"name": each.name, "rain": last, "time": each.times[-1] / _HOUR}))
        if each.times[0] > 0:
            found.append(("rain_late", {"name": each.name, "time": each.times[0] / _HOUR}))
    return found + [note for each in rains for note in _beyond(each.name, each.times, scenario.duration)]


def _inflows(scenario: Scenario) -> list[Note]:
    found: list[Note] = []
    largest = max((float(each.discharge.values.max()) for each in scenario.inflows), default=0.0)
    if largest > _LARGEST:
        found.append(("inflow_large", {"flow": largest}))
    drawn = {each.name for each in scenario.inflows if (each.discharge.values < 0).any()}
    found += [("inflow_drawn", {"name": name}) for name in sorted(drawn)]
    lines = {each.name for each in scenario.structures.inflows}
    places = Counter(each.name for each in scenario.inflows if each.name not in lines)
    several = [(name, count) for name, count in places.items() if count > 1]
    return found + [("inflow_places", {"name": name, "count": count}) for name, count in several]


def _series(scenario: Scenario) -> list[Note]:
    """Series that do not cover the run, or go on beyond it."""
    courses = _courses(scenario)
    short = list(dict.fromkeys(each.name for each in courses if _ends_early(each, scenario.duration)))
    found: list[Note] = []
    if short:
        name = short[0] if len(short) == 1 else f"{short[0]} … ({len(short)})"
        found.append(("series_short", {"name": name}))
    courses += [each.opening for each in scenario.structures.culverts]
    beyond = {each.name: _beyond(each.name, each.times, scenario.duration) for each in courses}
    return found + [note for notes in beyond.values() for note in notes]


def _beyond(name: str, times: Array, duration: float) -> list[Note]:
    """Whether a series goes on for many times the run: its times may be in another unit."""
    late = int((times > duration + 1e-6).sum())
    if times[-1] < _TIMES * duration:
        return []
    facts = {"name": name, "count": late, "time": float(times[-1]) / _HOUR, "end": duration / _HOUR}
    return [("series_long", facts)]


def _ends_early(course: Course, duration: float) -> bool:
    """Whether values are held over a part of the run; a single one from the start on is meant so."""
    if len(course.times) == 1 and course.times[0] <= 0:
        return False
    return bool(course.times[-1] < duration - 1e-6 or course.times[0] > 0)


def _courses(scenario: Scenario) -> list[Course]:
    levels = [side.level for side in scenario.sides.values() if side.level is not None]
    return [inflow.discharge for inflow in scenario.inflows] + levels


def _still(scenario: Scenario) -> list[Note]:
    """Whether there is nothing from which water could come."""
    waters: Sequence[object] = (scenario.rain, scenario.initial, *scenario.inflows)
    levels = any(side.level is not None for side in scenario.sides.values())
    return [] if levels or any(each is not None for each in waters) else [("no_water", {})]

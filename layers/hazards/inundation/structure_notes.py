"""What is odd about the structures of a scenario: what holds nothing, or never comes to work."""

import numpy as np

from layers.hazards.inundation.ground_notes import Array, Note
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.structures import Culvert, Faces, Levee, faces_of

_AWAY = 50.0  # m of a crest or of a floor above all ground
_BELOW = 5.0  # m of a floor below the ground at both ends
_HOUR = 3600.0


def structure_notes(scenario: Scenario) -> list[Note]:
    """Notes on levees, breaches, culverts, gates and pumps."""
    found: list[Note] = []
    for levee in scenario.structures.levees:
        found += _levee(levee, scenario)
        found += [
            ("breach_late", {"name": levee.name, "time": each.time / _HOUR})
            for each in levee.breaches
            if each.time > scenario.duration
        ]
    for culvert in scenario.structures.culverts:
        found += _culvert(culvert, scenario)
    for pump in scenario.structures.pumps:
        bed = _beds([pump.source], scenario)[0]
        if pump.start < bed:
            found.append(("pump_low", {"name": pump.name, "start": pump.start, "bed": bed}))
    return found


def _levee(levee: Levee, scenario: Scenario) -> list[Note]:
    faces, bed = faces_of(levee, scenario.terrain.lattice), scenario.terrain.values
    if not len(faces.row):
        return [("levee_away", {"name": levee.name})]
    above = faces.crest - _ground(faces, bed)
    low = float((above <= 0).mean())
    if low > 0.5:
        return [("levee_low", {"name": levee.name, "share": 100 * low})]
    far = float(faces.crest.max()) - float(np.nanmax(bed))
    return [("levee_high", {"name": levee.name, "above": far})] if far > _AWAY else []


def _ground(faces: Faces, bed: Array) -> Array:
    """The higher ground beside each face; where there is none, none is higher."""
    rows, columns = bed.shape
    framed = np.pad(np.nan_to_num(bed, nan=-np.inf), 1, constant_values=-np.inf)
    i, j = faces.row + 1, faces.column + 1
    near = framed[np.clip(i - ~faces.is_west, 0, rows + 1), np.clip(j - faces.is_west, 0, columns + 1)]
    higher: Array = np.maximum(near, framed[i, j])
    return higher


def _culvert(culvert: Culvert, scenario: Scenario) -> list[Note]:
    beds = _beds(list(culvert.ends), scenario)
    facts = {"name": culvert.name, "invert": culvert.invert, "bed": float(beds.min())}
    if culvert.invert > float(np.nanmax(scenario.terrain.values)) + _AWAY:
        return [("culvert_high", facts)]
    return [("culvert_low", facts)] if culvert.invert < float(beds.min()) - _BELOW else []


def _beds(points: list[tuple[float, float]], scenario: Scenario) -> Array:
    """Ground at points that were found to lie on it; NaN off the terrain."""
    x, y = np.array(points, float).T
    row, column, inside = scenario.terrain.lattice.cells_at(x, y)
    found: Array = np.where(inside, scenario.terrain.values[row, column], np.nan)
    return found

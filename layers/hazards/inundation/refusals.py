"""What contradicts itself between the files of a run, each of which may stand alone: refused beforehand."""

import numpy as np
import shapely

from layers.errors import BadInput
from layers.grid import Grid
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.structures import Breach, Levee, Structures

_MOST_FLOW = 1e7  # m³/s: thirty times what the largest river carries
_MOST_ROWS = 2e7  # of gauges and sections: a gigabyte of text
_LONGEST = 366 * 86400.0  # s
_HIGH = 5.0  # m: on ground that stands higher a depth can be told from a level
_FLAT = 0.1  # of the ground's spread: how even a level may be told


def check_sense(scenario: Scenario) -> None:
    """Refuse a scenario that cannot be meant as it is.

    Raises
    ------
    BadInput
        A run of years, more rows of gauges than a table holds, water at the start that is a level, an inflow
        beyond all rivers, a link from a cell to itself, a levee off the terrain, a breach that is not at its
        levee or not below its crest.
    """
    if scenario.duration > _LONGEST:
        raise BadInput("flood_long", days=scenario.duration / 86400)
    rows = (len(scenario.gauges) + len(scenario.sections)) * scenario.duration / scenario.gauge_interval
    if rows > _MOST_ROWS:
        raise BadInput("flood_rows", rows=rows, interval=scenario.gauge_interval)
    if scenario.initial is not None and _is_level(scenario.initial, scenario.terrain):
        raise BadInput("flood_initial_level", depth=float(np.nanmax(scenario.initial.values)))
    for inflow in scenario.inflows:
        if (most := float(np.abs(inflow.discharge.values).max())) > _MOST_FLOW:
            raise BadInput("flood_inflow_wild", name=inflow.name, flow=most)
    _check_links(scenario.structures, scenario.terrain)
    for levee in scenario.structures.levees:
        _check_levee(levee, scenario.terrain)


def _is_level(initial: Grid, terrain: Grid) -> bool:
    """Whether depths are evidently heights: those of the ground, or even where the ground is not."""
    bed, depth = terrain.values, initial.values
    wet = np.isfinite(bed) & (np.nan_to_num(depth) > 0)
    if not wet.any():
        return False
    bed, depth = bed[wet], depth[wet]
    spread = float(bed.std())
    is_ground = float(np.abs(depth - bed).max()) < 0.05 * max(spread, 0.2)
    is_even = spread > 0.1 and float(depth.std()) < _FLAT * spread and bool((depth >= bed).all())
    return bool(np.median(bed) > _HIGH) and (is_ground or is_even)


def _check_links(structures: Structures, terrain: Grid) -> None:
    links = [(each.name, each.ends) for each in structures.culverts]
    links += [(each.name, (each.source, each.target)) for each in structures.pumps if each.target]
    for name, ends in links:
        x, y = np.array(ends, float).T
        row, column, inside = terrain.lattice.cells_at(x, y)
        if inside.all() and row[0] == row[1] and column[0] == column[1]:
            raise BadInput("flood_link_short", name=name, row=int(row[0]) + 1, column=int(column[0]) + 1)


def _check_levee(levee: Levee, terrain: Grid) -> None:
    extent, line = terrain.lattice.extent, shapely.LineString(levee.line)
    if not line.intersects(shapely.box(extent.west, extent.south, extent.east, extent.north)):
        raise BadInput("flood_levee_outside", name=levee.name)
    for breach in levee.breaches:
        away = float(line.distance(shapely.Point(breach.at)))
        if away > max(breach.width, 2 * terrain.lattice.cell):
            raise BadInput("flood_breach_away", name=levee.name, away=away)
        if breach.bottom >= (crest := _crest_at(levee, line, breach)):
            raise BadInput("flood_breach_high", name=levee.name, bottom=breach.bottom, crest=crest)


def _crest_at(levee: Levee, line: shapely.LineString, breach: Breach) -> float:
    if len(levee.crest) == 1:
        return levee.crest[0]
    along = [0.0, *np.cumsum(np.hypot(*np.diff(np.array(levee.line), axis=0).T)).tolist()]
    return float(np.interp(line.project(shapely.Point(breach.at)), along, levee.crest))

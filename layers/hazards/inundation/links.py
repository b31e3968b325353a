"""Culverts, gates and pumps at work: volumes that go from cell to cell beside the faces."""

from typing import Any

import numpy as np

from layers.grid import Grid
from layers.hazards.inundation.places import places
from layers.hazards.inundation.scheme import Scheme
from layers.hazards.inundation.structures import Culvert, Point, Structures

Cell = tuple[int, int]


class Links:
    """The links of a run and what went through them.

    Parameters
    ----------
    structures : Structures
    terrain : Grid

    Raises
    ------
    BadInput
        An end lies off the terrain or in a closed cell.
    """

    def __init__(self, structures: Structures, terrain: Grid) -> None:
        self._bed = terrain.values
        self._culverts = [
            (culvert, *(_cell(culvert.name, end, terrain) for end in culvert.ends))
            for culvert in structures.culverts
        ]
        self._pumps = [
            (
                pump,
                _cell(pump.name, pump.source, terrain),
                None if pump.target is None else _cell(pump.name, pump.target, terrain),
            )
            for pump in structures.pumps
        ]
        self.running = {pump.name: False for pump in structures.pumps}
        names = [each.name for each in structures.culverts] + [each.name for each in structures.pumps]
        self.passed = dict.fromkeys(names, 0.0)

    def work(self, scheme: Scheme, time: float, dt: float) -> None:
        """Move what goes through the links in a step."""
        for culvert, first, second in self._culverts:
            levels = self._level(scheme, first), self._level(scheme, second)
            volume = _passing(culvert, levels, time, dt, scheme.ground.cell**2)
            source, target = (first, second) if volume >= 0 else (second, first)
            moved = self._move(scheme, source, target, abs(volume))
            self.passed[culvert.name] += moved if volume >= 0 else -moved
        for pump, source, target in self._pumps:
            level = self._level(scheme, source)
            runs = level >= pump.start or (self.running[pump.name] and level > pump.stop)
            self.running[pump.name] = runs
            if runs:
                self.passed[pump.name] += self._move(scheme, source, target, pump.rate * dt)

    def _level(self, scheme: Scheme, cell: Cell) -> float:
        return float(self._bed[cell]) + float(scheme.depth[cell])

    def _move(self, scheme: Scheme, source: Cell, target: Cell | None, volume: float) -> float:
        taken = -scheme.pour(*source, -volume)
        given = scheme.pour(*target, taken) if target is not None else 0.0
        scheme.account.taken += taken - given
        return taken


def _passing(culvert: Culvert, levels: tuple[float, float], time: float, dt: float, area: float) -> float:
    """What goes through a culvert in a step, m³: at the levels of the middle of the step, which it moves."""
    most = 0.5 * abs(levels[0] - levels[1]) * area  # then the levels are equal
    volume = 0.0
    for _ in range(2):
        moved = 0.5 * volume / area
        asked = culvert.discharge(levels[0] - moved, levels[1] + moved, time) * dt
        volume = float(np.clip(asked, -most, most))
    return volume


def _cell(name: str, point: Point, terrain: Grid) -> Any:
    x, y = np.array([point[0]], float), np.array([point[1]], float)
    row, column = places([name], x, y, terrain.lattice, terrain.values, "flood_link_outside")
    return int(row[0]), int(column[0])

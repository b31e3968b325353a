"""A run: the water moves on from mark to mark, and what it did is remembered."""

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.grid import Grid, Lattice
from layers.hazards.inundation.courses import Drive
from layers.hazards.inundation.crew import Crew
from layers.hazards.inundation.forcing import Rain, inward
from layers.hazards.inundation.gauges import GaugeRows
from layers.hazards.inundation.keeping import keep, restore
from layers.hazards.inundation.links import Links
from layers.hazards.inundation.local_inertial import LocalInertial, Stage, put_crests
from layers.hazards.inundation.losses import excess_rain
from layers.hazards.inundation.maxima import Array32, Maxima, is_due
from layers.hazards.inundation.places import places
from layers.hazards.inundation.rain_series import RainSeries, SeriesShowers
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.scheme import Crests, Ground, Scheme
from layers.hazards.inundation.sections import SectionRows
from layers.hazards.inundation.shallow_water import ShallowWater
from layers.hazards.inundation.showers import Showers, Zoned
from layers.hazards.inundation.structures import Works
from layers.hazards.inundation.tiles import inner
from layers.progress import Cancelled, Progress, ignore

_JUDGEMENTS = 20  # in a run
_NOTABLE = 0.05  # of the wet cells at critical: worth a word
_PATIENCE = 0.1  # s between two words of progress


@dataclass(frozen=True, eq=False)
class Inundation:
    """What a run answers. Arrays have the shape of the terrain; NaN where a cell is closed.

    Parameters
    ----------
    lattice : Lattice
    grids : dict of str to ndarray of float32
        ``depth_max`` m, ``speed_max`` m/s, ``hazard_rating``, ``arrival`` h (NaN where never flooded),
        ``duration`` h, ``depth_final`` m; and ``depth_TIME`` for each time that was asked for.
    gauges : DataFrame
        ``name, time_h, depth_m, level_m, speed_m_s``.
    summary : dict
        Mass balance, steps, time, scheme, threads; ``critical_share``: of the wet cells, over the run, those
        that local-inertial held at the critical velocity.
    sections : DataFrame
        ``name, time_h, m3_per_s``.
    """

    lattice: Lattice
    grids: dict[str, Array32]
    gauges: pd.DataFrame
    summary: dict[str, Any] = field(default_factory=dict)
    sections: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def warnings(self) -> list[tuple[str, dict[str, Any]]]:
        """Keys of words (``flood.KEY``) and their facts: what to know before the result is used."""
        share = self.summary["critical_share"]
        return [("critical", {"share": 100 * share})] if share >= _NOTABLE else []

    def grid(self, name: str) -> Grid:
        """One of the grids as a `Grid`."""
        return Grid(self.grids[name].astype(np.float64), self.lattice, UNITS[name.split("@")[0]])


UNITS = {
    "depth_max": "m",
    "speed_max": "m/s",
    "hazard_rating": "",
    "arrival": "h",
    "duration": "h",
    "depth_final": "m",
    "depth": "m",
    "speed": "m/s",
}


def simulate(
    scenario: Scenario,
    progress: Progress = ignore,
    *,
    resume: Path | None = None,
    keep_in: Path | None = None,
    witness: Callable[[float, Any], None] | None = None,
) -> Inundation:
    """Run a flood.

    Parameters
    ----------
    scenario : Scenario
    progress : Progress
        Told about ten times a second; may raise `Cancelled`.
    resume : Path or None
        A kept run to go on with.
    keep_in : Path or None
        Where to keep the run if it is cancelled.
    witness : callable, optional
        Is shown the time, s, and the depths (a view) at each of the scenario's times, which then stand not in
        the answer.

    Returns
    -------
    Inundation

    Raises
    ------
    BadInput
        A gauge or an inflow lies off the terrain; the kept run is of another scenario.
    Cancelled
        The listener of `progress` wants no more.
    """
    with Crew(scenario.threads) as crew:
        run = Run(scenario, crew)
        run.witness = witness
        if resume is not None:
            restore(run, resume)
            run.catch_up()
        try:
            return run.finish(progress)
        except Cancelled:
            if keep_in is not None:
                keep(run, keep_in)
            raise


def make_scheme(scenario: Scenario, crew: Crew, crests: Crests | None = None) -> Scheme:
    """The scheme that a scenario asks for, with the water it starts with."""
    terrain = scenario.terrain
    bed = np.ascontiguousarray(terrain.values)  # kernels take rows as they lie in memory
    manning = scenario.manning
    rough = np.ascontiguousarray(manning.values) if isinstance(manning, Grid) else float(manning)
    ground = Ground(bed, rough, terrain.lattice.cell, scenario.sides, crests)
    depth = np.zeros(bed.shape) if scenario.initial is None else scenario.initial.values
    depth = np.ascontiguousarray(np.nan_to_num(depth))
    if scenario.scheme == "shallow-water":
        return ShallowWater(ground, depth, crew)
    return LocalInertial(ground, depth, crew, scenario.theta)


class Run:
    """A run under way.

    Parameters
    ----------
    scenario : Scenario
    crew : Crew
    """

    def __init__(self, scenario: Scenario, crew: Crew) -> None:
        self.scenario, self.crew = scenario, crew
        levees = scenario.structures.levees
        self.works = Works(levees, scenario.terrain.lattice) if levees else None
        self.scheme = make_scheme(scenario, crew, self.works.crests(0.0) if self.works else None)
        self.links = Links(scenario.structures, scenario.terrain)
        self.time, self.steps, self.worked = 0.0, 0, 0
        self.rain, self.showers, self.soaked = self._sky()
        self.maxima = Maxima.none(self.scheme.h.shape)
        self.gauges = GaugeRows(scenario.gauges, scenario.terrain.lattice, self.scheme)
        self.sections = SectionRows(scenario.sections, scenario.terrain.lattice, self.scheme)
        self.snapshots: dict[str, Array32] = {}
        self.witness: Callable[[float, Any], None] | None = None
        self.remembered = 0.0
        self.judged = [0, 0, 0]  # how often; cells that were wet then; those of them held at critical
        self._began = clock.perf_counter()
        self._inflows = self._places()

    def _sky(self) -> tuple[Rain | None, Showers | SeriesShowers | None, float]:
        """Rain that runs: the same everywhere, or from place to place; and of the former the volume that is
        lost, m³.
        """
        scenario, area = self.scenario, self.scheme.ground.cell**2
        rain, loss = scenario.rain, scenario.loss
        if isinstance(rain, RainSeries):
            return None, SeriesShowers(scenario.terrain, rain, loss, scenario.duration), 0.0
        if rain is None:
            return None, None, 0.0
        if isinstance(rain, Zoned) or isinstance(loss, Zoned):
            return None, Showers(scenario.terrain, rain, loss, scenario.duration), 0.0
        if loss is None:
            return rain, None, 0.0
        runs, soaked = excess_rain(rain, loss, scenario.duration)
        return runs, None, soaked * self.scheme.open_cells * area

    def _places(self) -> list[tuple[int, int]]:
        inflows, terrain = self.scenario.inflows, self.scenario.terrain
        x, y = np.array([i.x for i in inflows], float), np.array([i.y for i in inflows], float)
        names = [inflow.name for inflow in inflows]
        row, column = places(names, x, y, terrain.lattice, terrain.values, "flood_inflow_outside")
        found = list(zip(row.tolist(), column.tolist(), strict=True))
        self._inward = inward(found, terrain.lattice.shape)
        return found

    def finish(self, progress: Progress = ignore) -> Inundation:
        """Go on to the end."""
        told = 0.0
        if self.steps == 0:
            self._look()
            self._mark()
        for mark in self._marks():
            if mark <= self.time:
                continue
            while self.time < mark:
                now = clock.perf_counter()
                if now - told > _PATIENCE:  # before a step: no mark is passed that was not told
                    told = now
                    progress(self.time / self.scenario.duration)
                if not self._leap(mark):
                    self._step(mark)
                self._judge()
            self._look()
            self._mark()
        progress(1.0)
        return self._answer()

    def catch_up(self) -> None:
        """Let the rain that fell before a kept run was stopped pass by: the ground took its share of it."""
        if self.showers:
            self.showers.depths(self.time, self.time)

    def _marks(self) -> list[float]:
        """When something is to be told, in order; the last is the end."""
        scenario = self.scenario
        marks = {time for time in scenario.times if 0 < time <= scenario.duration} | {scenario.duration}
        if scenario.gauges or scenario.sections:
            count = int(np.floor(scenario.duration / scenario.gauge_interval + 1e-9))
            marks |= {n * scenario.gauge_interval for n in range(1, count + 1)}
        merged: list[float] = []
        for mark in sorted(marks):
            if not merged or mark - merged[-1] > 1e-6:
                merged.append(mark)
        return merged

    def _step(self, mark: float) -> None:
        """One step towards a mark: the way there is cut into equal steps."""
        scheme, start = self.scheme, self.time
        dt = scheme.longest(start)
        for (row, column), inflow in zip(self._inflows, self.scenario.inflows, strict=True):
            dt = min(dt, scheme.raising(row, column, inflow.discharge.at(start)))
        pieces = max(int(np.ceil((mark - start) / dt - 1e-9)), 1)
        dt = (mark - start) / pieces
        rain = self.rain.total(start, start + dt) / dt if self.rain else 0.0
        done = scheme.advance(start, dt, rain)
        self.time = mark if pieces == 1 and done == dt else start + done
        if self.showers:
            scheme.sprinkle(self.showers.numbers, self.showers.depths(start, self.time))
        self._pour(start, self.time)
        self.links.work(scheme, self.time, self.time - start)
        if self.works and scheme.crests and self.works.changes(start, self.time):
            put_crests(scheme.crests, self.works.crests(self.time), scheme.datum)
        self.steps += 1
        self.worked += scheme.tiling.cells
        if is_due(scheme.tiling.cells, self.steps):
            self._look()

    @property
    def _judgement(self) -> float:
        """When it is next looked how many cells the scheme holds at critical."""
        return (self.judged[0] + 1) / _JUDGEMENTS * self.scenario.duration

    def _judge(self) -> None:
        if self.time >= self._judgement:
            waters, held = self.scheme.held(self.scenario.wet_depth)
            reached = int(self.time / self.scenario.duration * _JUDGEMENTS)
            often = max(reached, self.judged[0] + 1)  # rounding must not leave the same judgement due
            self.judged = [often, self.judged[1] + waters, self.judged[2] + held]

    def _leap(self, mark: float) -> bool:
        """Many steps towards a mark in one call; False where something else happens between steps."""
        scheme = self.scheme
        busy = bool(self.links.passed) or self.showers is not None
        grows = self.works is not None and self.works.changes(self.time, mark)
        if busy or grows or not isinstance(scheme, LocalInertial):
            return False
        now = Stage(self.time, self.steps, self.worked, self.remembered)
        now = scheme.leap(self._drive, self.maxima, self.scenario.wet_depth, now, mark, self._judgement)
        self.time, self.steps, self.worked, self.remembered = now
        return True

    @cached_property
    def _drive(self) -> Drive:
        """What drives a local-inertial scheme."""
        assert isinstance(self.scheme, LocalInertial)
        fallen = self.rain.course(self.scenario.duration) if self.rain else None
        return self.scheme.drive(self.scenario.inflows, self._inflows, fallen)

    def _pour(self, start: float, end: float) -> None:
        account = self.scheme.account
        cell = self.scheme.ground.cell
        for place, way, inflow in zip(self._inflows, self._inward, self.scenario.inflows, strict=True):
            volume = inflow.discharge.total(start, end)
            across = max(volume, 0.0) / (end - start) / cell
            added = self.scheme.pour(*place, volume, (way[0] * across, way[1] * across))
            account.inflow += max(added, 0.0)
            account.taken += max(-added, 0.0)

    def _look(self) -> None:
        seconds = self.time - self.remembered
        if seconds > 0 or self.steps == 0:
            self.scheme.remember(self.maxima, self.scenario.wet_depth, seconds, self.time)
            self.remembered = self.time

    def _mark(self) -> None:
        """Tell the gauges and keep the depths, if this is a time for it."""
        scenario = self.scenario
        turns = self.time / scenario.gauge_interval
        if abs(turns - round(turns)) < 1e-6 or self.time >= scenario.duration:  # the end is told too
            self.gauges.read(self.time)
            self.sections.read(self.time)
        for time in scenario.times:
            if abs(time - self.time) < 1e-6 and self.witness is not None:
                self.witness(time, self.scheme.depth)
            elif abs(time - self.time) < 1e-6:
                self.snapshots[f"depth@{time:.12g}"] = self._masked(self.scheme.depth)

    @cached_property
    def _closed(self) -> Any:
        return ~np.isfinite(self.scenario.terrain.values)

    def _masked(self, values: Any) -> Any:
        masked = np.array(values)
        masked[self._closed] = np.nan
        return masked

    def _answer(self) -> Inundation:
        maxima = self.maxima
        arrival = inner(maxima.arrival)
        lasted = np.minimum(inner(maxima.duration), np.float32(self.time) - np.maximum(arrival, 0))
        grids = {
            "depth_max": self._masked(inner(maxima.depth)),
            "speed_max": self._masked(inner(maxima.speed)),
            "hazard_rating": self._masked(inner(maxima.rating)),
            "arrival": self._masked(np.where(arrival < 0, np.float32(np.nan), arrival / np.float32(3600))),
            "duration": self._masked(lasted / np.float32(3600)),  # a sum of many steps in float32
            "depth_final": self._masked(self.scheme.depth),
            **self.snapshots,
        }
        return Inundation(
            self.scenario.terrain.lattice, grids, self.gauges.table(), self._summary(), self.sections.table()
        )

    def _summary(self) -> dict[str, Any]:
        scheme, account = self.scheme, self.scheme.account
        seconds = clock.perf_counter() - self._began
        stored = scheme.stored
        error = stored - account.initial - account.gained + account.given
        scale, cell_area = account.gained or account.initial, scheme.ground.cell**2
        return {
            "scheme": self.scenario.scheme,
            "threads": self.crew.threads,
            "duration_s": self.scenario.duration,
            "steps": self.steps,
            "wall_s": round(seconds, 3),
            "cell_steps_per_s": round(self.worked / max(seconds, 1e-9)),
            "cells": scheme.open_cells,
            "closed_cells": int(self.scenario.terrain.values.size - scheme.open_cells),
            "flooded_km2": float((inner(self.maxima.arrival) >= 0).sum()) * scheme.ground.cell**2 / 1e6,
            "wet_depth_m": self.scenario.wet_depth,
            "clipped_cells": scheme.clipped,
            "critical_share": round(self.judged[2] / max(self.judged[1], 1), 4),
            "mass": {
                "initial_m3": account.initial,
                "rain_m3": account.rain,
                "rain_soaked_m3": self.soaked + (self.showers.lost * cell_area if self.showers else 0.0),
                "inflow_m3": account.inflow,
                "taken_m3": account.taken,
                "links_m3": self.links.passed,
                "lost_m3": account.lost,
                "sides_m3": {
                    name: {"in": entered, "out": left} for name, (entered, left) in account.through.items()
                },
                "in_m3": account.gained,
                "out_m3": account.given,
                "stored_m3": stored,
                "made_m3": account.made,
                "error_m3": error,
                "error_relative": error / scale if scale else 0.0,
            },
        }

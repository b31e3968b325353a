"""Scenario sets: breaches at several places for several return periods, and what they add up to.

The annual exceedance probability (AEP) of a return period T is 1/T. For one T the places are taken to exclude
one another: a flood of that size breaches at one of them, with the place's share. Sums over the years are
trapezoids over AEP between the return periods; beyond the largest its value holds on to AEP 0; what is more
frequent than the smallest is taken to do nothing. Both are stated with every result.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid
from layers.hazards.inundation_scenario import InundationScenario
from layers.risk.damage import WaterDamage

Array = NDArray[np.float64]

ENDS = ("low", "mid", "high")
COUNTED = ("people_hit", "displaced_low", "displaced", "displaced_high", "loss_low", "loss", "loss_high")
"""What is told of each run and summed over the years."""


@dataclass(frozen=True)
class BreachPlace:
    """A place where a levee may breach.

    Parameters
    ----------
    name : str
    x, y : float
        In the project's CRS.
    share : float
        Of the floods of any size that breach here; all shares are scaled to sum to 1.
    """

    name: str
    x: float
    y: float
    share: float = 1.0


@dataclass(frozen=True)
class ReturnPeriod:
    """What a flood of a return period brings.

    Parameters
    ----------
    years : float
        Above 1.
    discharge : float
        Of the breach, m³/s.
    rain : float
        mm, if the base's rain is even; a design storm is that of the return period instead, and rain by
        zones is the same for all.
    """

    years: float
    discharge: float
    rain: float = 0.0


@dataclass(frozen=True)
class Spread:
    """How far low and high lie from mid: factors of roughness, breach discharge and width, and rain.

    Low takes the first number of each pair, high the second. Roughness has no one sign: slow water stands
    deeper near the breach and reaches less far.
    """

    roughness: tuple[float, float] = (0.8, 1.25)
    breach: tuple[float, float] = (0.7, 1.3)
    rain: tuple[float, float] = (0.8, 1.2)


@dataclass(frozen=True)
class ScenarioSet:
    """Runs of a flood at each place for each return period.

    Parameters
    ----------
    base : InundationScenario
        All that is the same in every run.
    places : tuple of BreachPlace
    periods : tuple of ReturnPeriod
        In rising order of years.
    spread : Spread or None
        With it each run is made low, mid and high.

    Raises
    ------
    BadInput
        No places or periods, two of one name, or years that do not rise above 1.
    """

    base: InundationScenario
    places: tuple[BreachPlace, ...]
    periods: tuple[ReturnPeriod, ...]
    spread: Spread | None = None

    def __post_init__(self) -> None:
        years = [period.years for period in self.periods]
        names = [place.name for place in self.places]
        if not names or len(set(names)) < len(names) or not all(place.share > 0 for place in self.places):
            raise BadInput("set_places", names="、".join(names))
        if not years or years[0] <= 1 or any(b <= a for a, b in pairwise(years)):
            raise BadInput("set_periods", years="、".join(f"{each:g}" for each in years))

    @property
    def ends(self) -> tuple[str, ...]:
        """Mid alone, or low, mid and high."""
        return ("mid",) if self.spread is None else ENDS

    def runs(self) -> "Iterator[SetRun]":
        """All runs, place by place."""
        for number, (place, period, end) in enumerate(product(self.places, self.periods, self.ends), 1):
            yield SetRun(number, place, period, end, self._model(place, period, end))

    def _model(self, place: BreachPlace, period: ReturnPeriod, end: str) -> InundationScenario:
        roughness, breach, rain = self._factors(end)
        peak = max((flow for _, flow in self.base.hydrograph), default=0.0)
        by = period.discharge * breach / peak if peak else 0.0
        return replace(
            self.base,
            places=((place.x, place.y),),
            hydrograph=tuple((hour, flow * by) for hour, flow in self.base.hydrograph),
            discharge=period.discharge * breach,
            width=self.base.width * breach,
            rain=period.rain * rain if self.base.rain_from == "even" else self.base.rain,
            rain_by=self.base.rain_by * (1.0 if self.base.rain_from == "even" else rain),
            storm_period=period.years,
            roughness=self.base.roughness * roughness,
        )

    def _factors(self, end: str) -> tuple[float, float, float]:
        if self.spread is None or end == "mid":
            return 1.0, 1.0, 1.0
        at = 0 if end == "low" else 1
        return self.spread.roughness[at], self.spread.breach[at], self.spread.rain[at]

    @property
    def shares(self) -> Array:
        """Of the places, summing to 1."""
        given = np.array([place.share for place in self.places], np.float64)
        return np.asarray(given / given.sum())


@dataclass(frozen=True)
class SetRun:
    """One of the runs of a set."""

    number: int
    place: BreachPlace
    period: ReturnPeriod
    end: str
    model: InundationScenario

    @property
    def key(self) -> str:
        """Its name among files: number, years, end."""
        return f"run_{self.number:03d}_{self.period.years:g}a_{self.end}"


@dataclass(frozen=True, eq=False)
class RunAnswer:
    """What is kept of a run.

    Parameters
    ----------
    depth : Grid
        Greatest, m.
    by_unit : mapping of str to DataFrame
        For ``county`` and ``township``: ``code, name`` and `COUNTED`.
    summary : mapping of str to object
        Of the engine.
    """

    depth: Grid
    by_unit: Mapping[str, pd.DataFrame]
    summary: Mapping[str, object]


def annual_weights(years: Array) -> Array:
    """What the value of each return period weighs in a year: trapezoids over AEP, and the tail.

    Parameters
    ----------
    years : ndarray of float64, shape (periods,)
        Rising.

    Returns
    -------
    ndarray of float64, shape (periods,)
        Their sum is the AEP of the smallest period.

    Examples
    --------
    >>> (annual_weights(np.array([10.0, 100.0])) @ np.array([0.0, 100.0])).round(3)
    np.float64(5.5)
    """
    probability = 1.0 / years
    half = -0.5 * np.diff(probability)
    weights = np.r_[half, 0.0] + np.r_[0.0, half]
    weights[-1] += probability[-1]
    return np.asarray(weights)


@dataclass(frozen=True, eq=False)
class SetAnswer:
    """What a scenario set adds up to.

    Parameters
    ----------
    table : DataFrame
        One row a run: ``place, x, y, share, years, end, discharge, rain, flooded_km2, depth_max_m`` and
        `COUNTED`.
    annual : mapping of str to DataFrame
        For ``county`` and ``township``: ``code, name`` and the yearly expectation of `COUNTED` of the mid
        runs, named ``…_a``; with a spread, ``loss_a_low`` and ``loss_a_high`` are of the low loss of the
        low runs and of the high loss of the high ones.
    exceedance : mapping of float to Grid
        For each depth: the probability in a year that it is reached (mid runs).
    """

    table: pd.DataFrame
    annual: Mapping[str, pd.DataFrame]
    exceedance: Mapping[float, Grid]


def add_up(
    chosen: ScenarioSet, answers: Callable[[SetRun], RunAnswer], depths: tuple[float, ...]
) -> SetAnswer:
    """Table, yearly expectations and exceedance maps of a set whose runs are done.

    Parameters
    ----------
    chosen : ScenarioSet
    answers : callable
        The answer of each run; asked for one after the other, so that they may lie on disk.
    depths : tuple of float
        m, of the exceedance maps.
    """
    weights = annual_weights(np.array([period.years for period in chosen.periods]))
    rows: list[dict[str, object]] = []
    reached: dict[float, Array] = {}
    sums: dict[tuple[str, str], Array] = {}
    frames: dict[str, pd.DataFrame] = {}
    depth: Grid | None = None
    for run in chosen.runs():
        answer = answers(run)
        rows.append(_row(run, answer))
        weight = chosen.shares[chosen.places.index(run.place)] * weights[chosen.periods.index(run.period)]
        for unit, frame in answer.by_unit.items():
            frames.setdefault(unit, frame[["code", "name"]])
            counts = weight * frame[list(COUNTED)].to_numpy(np.float64)
            sums[unit, run.end] = sums.get((unit, run.end), 0.0) + counts
        if run.end == "mid":
            depth = answer.depth
            for least in depths:
                wet = reached.setdefault(least, np.zeros(depth.values.shape))
                wet[np.nan_to_num(depth.values) >= least] += weight
    assert depth is not None
    known = np.isfinite(depth.values)
    maps = {least: depth.like(np.where(known, wet, np.nan), "") for least, wet in reached.items()}
    yearly = {unit: _yearly(frame, unit, sums, chosen.ends) for unit, frame in frames.items()}
    return SetAnswer(pd.DataFrame(rows), yearly, maps)


def _row(run: SetRun, answer: RunAnswer) -> dict[str, object]:
    depth = answer.depth
    wet = np.nan_to_num(depth.values) >= WaterDamage.least
    counts = answer.by_unit["county" if "county" in answer.by_unit else "township"][list(COUNTED)].sum()
    return {
        "place": run.place.name,
        "x": run.place.x,
        "y": run.place.y,
        "share": run.place.share,
        "years": run.period.years,
        "end": run.end,
        "discharge": run.model.discharge,
        "rain": run.model.rain,
        "flooded_km2": float(wet.sum()) * depth.lattice.cell**2 / 1e6,
        "depth_max_m": float(np.nanmax(depth.values)),
        **{name: int(value) for name, value in counts.items()},
    }


def _yearly(
    frame: pd.DataFrame, unit: str, sums: Mapping[tuple[str, str], Array], ends: tuple[str, ...]
) -> pd.DataFrame:
    columns = {f"{name}_a": sums[unit, "mid"][:, number] for number, name in enumerate(COUNTED)}
    if len(ends) > 1:
        columns["loss_a_low"] = sums[unit, "low"][:, COUNTED.index("loss_low")]
        columns["loss_a_high"] = sums[unit, "high"][:, COUNTED.index("loss_high")]
    return frame.assign(**columns)

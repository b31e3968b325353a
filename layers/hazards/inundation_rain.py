"""The rain of a flood scenario, as the engine wants it: even, a design storm, or by zones; and its losses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from layers.errors import BadInput
from layers.grid import Grid
from layers.hazards.inundation import Rain
from layers.hazards.inundation.losses import Loss, read_loss
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.storms import Storm, formula
from layers.hazards.standards import standard

if TYPE_CHECKING:
    from layers.hazards.inundation_scenario import InundationScenario

RAINS = ("even", "storm", "zones")
"""Where the rain comes from: an even depth, a design storm, zones with hyetographs of their own."""
LOSSES = ("share", "land")
"""What the ground takes: a share of all rain, or by class of land cover."""
SOILS = ("A", "B", "C", "D")
"""Hydrologic soil groups (USDA NEH 630, chapter 7), from sand to clay."""
OWN = "own"
"""The rainstorm formula is typed in, not that of a place."""
_STEP = 1.0  # minutes of a design storm's steps
_HOUR, _MM = 3600.0, 1e-3

Hyetograph = tuple[tuple[float, float], ...]
"""Hours and mm/h; each intensity holds until the next."""
ZoneRain = tuple[tuple[float, Hyetograph], ...]
"""By number of the zone."""


@dataclass(frozen=True)
class Fallen:
    """Rain and losses of a scenario.

    Parameters
    ----------
    rain : Rain, Zoned or None
    loss : Zoned or None
    """

    rain: Rain | Zoned | None
    loss: Loss | Zoned | None


def fallen(model: "InundationScenario", inputs: Mapping[str, Grid]) -> Fallen:
    """What falls, and what the ground takes of it.

    Parameters
    ----------
    model : InundationScenario
    inputs : mapping of str to Grid
        ``landcover``, classes (IGBP), for losses by class (NaN takes nothing); ``rain_zone``, numbers of the
        zones, for rain by zones (NaN: none falls).

    Raises
    ------
    BadInput
        A loss of a class says nothing that is known.
    """
    by_land = model.loss_from == "land"
    by = model.rain_by * (1.0 if by_land else model.runoff)
    loss = _losses(model, inputs["landcover"]) if by_land else None
    if model.rain_from == "zones":
        rains = {number: hyetograph_rain(rows, by) for number, rows in model.zone_rain}
        return Fallen(Zoned(inputs["rain_zone"], rains, "rain_zone"), loss)
    if model.rain_from == "storm":
        storm = storm_of(model).rain(_STEP)
        return Fallen(Rain(storm.times, storm.intensity * by, storm.name), loss)
    if model.rain * by <= 0:
        return Fallen(None, None)
    return Fallen(hyetograph_rain(((0.0, model.rain / model.rain_hours), (model.rain_hours, 0.0)), by), loss)


def storm_of(model: "InundationScenario") -> Storm:
    """The design storm of a scenario, by the formula of a place or by one's own numbers.

    Parameters
    ----------
    model : InundationScenario
    """
    a, c, b, n = model.storm_a, model.storm_c, model.storm_b, model.storm_n
    if model.storm_place != OWN:
        known = formula(model.storm_place)
        a, c, b, n = known.a, known.c, known.b, known.n
    return Storm(a, c, b, n, model.storm_period, model.storm_minutes, model.storm_peak)


def hyetograph_rain(rows: Hyetograph, by: float = 1.0) -> Rain:
    """A hyetograph as the engine's rain, `by` times as strong.

    Parameters
    ----------
    rows : tuple of (float, float)
        Hours and mm/h.
    by : float
    """
    hours, rates = np.array(rows, np.float64).T
    return Rain(hours * _HOUR, rates * by * _MM / _HOUR)


def read_hyetograph(text: str, name: str = "") -> Hyetograph:
    """``0 10; 1 25; 3 0``: hours and mm/h, as a field of a layer holds them.

    Examples
    --------
    >>> read_hyetograph("0 10; 1 25; 3 0")
    ((0.0, 10.0), (1.0, 25.0), (3.0, 0.0))

    Raises
    ------
    BadInput
        It is no such text, times do not rise, or rain is negative.
    """
    try:
        pairs = [
            part.replace(",", " ").split() for part in text.replace("；", ";").split(";") if part.strip()
        ]
        rows = tuple((float(hours), float(rate)) for hours, rate in pairs)
    except ValueError as error:
        raise BadInput("rain_zone_text", name=name, text=text) from error
    rising = all(later > earlier for (earlier, _), (later, _) in pairwise(rows))
    if not rows or not rising or any(hours < 0 or rate < 0 for hours, rate in rows):
        raise BadInput("rain_zone_text", name=name, text=text)
    return rows


def default_losses(soil: str) -> tuple[tuple[float, str], ...]:
    """Curve numbers by class of land cover, as words of losses, for a hydrologic soil group.

    Parameters
    ----------
    soil : {"A", "B", "C", "D"}
    """
    table = standard("curve_number")
    return tuple(
        (float(number), f"cn:{value:g}")
        for number, value in zip(table["class"], table[soil.lower()], strict=True)
    )


def _losses(model: "InundationScenario", land: Grid) -> Zoned:
    told = dict(model.land_losses or default_losses(model.soil))
    classes: Sequence[float] = np.unique(land.values[np.isfinite(land.values)]).tolist()
    found = {number: _loss(told.get(number, "none")) for number in classes}
    return Zoned(land, found, "landcover")


def _loss(words: str) -> Loss | None:
    return None if words in ("", "none") else read_loss(words)

"""Design storms: Keifer & Chu's hyetograph ("Chicago", 1957) from a local formula of rainstorm intensity.

The mean intensity of the heaviest t minutes of a storm of a return period P is, in China,

    q = A (1 + C lg P) / (t + b)^n        L/(s·ha), t in minutes

(GB 50014, design of outdoor drainage). In the storm every time span around the peak has just that mean: a
share r of its rain falls before the peak. Formulas by place: ``resources/standards/rainstorm_formula.csv``.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.hazards.inundation.forcing import Rain
from layers.hazards.standards import standard

Array = NDArray[np.float64]
PLACES = ("hengshui", "shijiazhuang", "beijing")
"""Slugs of the formulas that the program comes with."""
_LITRES = 6e-3  # mm a minute of one L/(s·ha)


@dataclass(frozen=True)
class Storm:
    """A design storm.

    Parameters
    ----------
    a, c, b, n : float
        Of the formula: L/(s·ha), -, minutes, -.
    period : float
        Return period, years.
    minutes : float
        Duration.
    peak : float
        r, share of the duration before the peak, above 0 and below 1.
    """

    a: float
    c: float
    b: float
    n: float
    period: float
    minutes: float
    peak: float = 0.4

    def depth(self, minutes: Array | float) -> Array:
        """Depth of the heaviest minutes, mm."""
        span = np.asarray(minutes, float)
        strength = self.a * (1 + self.c * np.log10(self.period)) * _LITRES
        return np.asarray(strength * span / (span + self.b) ** self.n)

    def rain(self, step: float = 1.0) -> Rain:
        """The hyetograph in even steps of `step` minutes; each holds the exact depth of its span."""
        edges = np.append(np.arange(0.0, self.minutes - 1e-9, step), self.minutes)
        away = edges - self.peak * self.minutes
        before, after = np.maximum(-away, 0.0) / self.peak, np.maximum(away, 0.0) / (1 - self.peak)
        fallen = (1 - self.peak) * self.depth(after) - self.peak * self.depth(before)
        intensity = np.diff(fallen) / np.diff(edges) / 60.0 * 1e-3
        return Rain(edges * 60.0, np.append(intensity, 0.0), f"storm of {self.period:g} years")


class Formula(NamedTuple):
    """A rainstorm formula of a place, and where it comes from."""

    a: float
    c: float
    b: float
    n: float
    status: str
    source: str


def formula(place: str) -> Formula:
    """The formula of a place by its slug.

    Raises
    ------
    BadInput
        The place is not among the formulas.
    """
    rows = standard("rainstorm_formula")
    row = rows[rows["slug"] == place.strip().lower()]
    if row.empty:
        raise BadInput("flood_storm_place", text=place, known=", ".join(rows["slug"]))
    first = row.iloc[0]
    a, c, b, n = (float(first[k]) for k in ("a", "c", "b_min", "n"))
    return Formula(a, c, b, n, str(first["status"]), str(first["source"]))


def read_storm(text: str) -> tuple[Storm, str]:
    """``hengshui:P=20,minutes=120,r=0.4``: the storm, and the status and source of its formula.

    Raises
    ------
    BadInput
        The place is not among the formulas, or the words say something else.
    """
    place, _, words = text.partition(":")
    known = formula(place)
    given = dict(re.findall(r"(P|minutes|r)=([0-9.]+)(?:,|$)", words))
    try:
        numbers = {name: float(value) for name, value in given.items()}
        period, minutes, peak = numbers["P"], numbers["minutes"], numbers.get("r", 0.4)
    except (KeyError, ValueError) as error:
        raise BadInput("flood_storm", text=text) from error
    sound = 0.1 < period <= 10_000 and 0 < minutes <= 4320 and 0 < peak < 1
    if not sound or len(given) != len(words.split(",")):
        raise BadInput("flood_storm", text=text)
    storm = Storm(known.a, known.c, known.b, known.n, period, minutes, peak)
    return storm, f"{known.status}: {known.source}"

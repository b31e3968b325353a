"""A scenario earthquake: intensity by elliptical attenuation from magnitude, epicentre and azimuth."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.standards import standard

LEAST = 1.0
"""Intensity that is always exceeded: the search for the ellipse of a place begins here."""
_HALVINGS = 40


@dataclass(frozen=True)
class ScenarioEarthquake:
    """An earthquake that may happen, or that just has.

    The intensity at a place is that of the ellipse on which it lies: the semi-axes of intensity I are
    where ``A + B M + C lg(R + R0)`` equals I along the long and the short axis.

    Parameters
    ----------
    x, y : float
        Epicentre: easting, northing, metres.
    magnitude : float
        5 to 8.5.
    azimuth : float
        Of the long axis, degrees clockwise from north.
    zone : str
        A zone of ``resources/standards/attenuation_intensity.csv``.
    """

    x: float
    y: float
    magnitude: float
    azimuth: float = 30.0
    zone: str = "east"

    def __post_init__(self) -> None:
        if not 5.0 <= self.magnitude <= 8.5:
            raise BadInput("magnitude_range", magnitude=self.magnitude)

    @property
    def greatest(self) -> float:
        """Intensity at the epicentre."""
        return min(self._at(axis, 0.0) for axis in ("major", "minor"))

    def semi_axes(self, intensity: Array) -> tuple[Array, Array]:
        """Long and short semi-axis of intensities, metres; 0 above the greatest.

        Examples
        --------
        >>> ScenarioEarthquake(0, 0, 6.0).semi_axes(np.array([7.0]))[0].round(-1).tolist()
        [15310.0]
        """
        return self._semi_axis("major", intensity), self._semi_axis("minor", intensity)

    def intensity(self, x: Array, y: Array) -> Array:
        """Intensity at places, at most `greatest`, at least `LEAST`.

        Parameters
        ----------
        x, y : ndarray of float64, shape (n,)
            Easting, northing, metres.
        """
        turn = np.radians(self.azimuth)
        east, north = np.asarray(x) - self.x, np.asarray(y) - self.y
        along = east * np.sin(turn) + north * np.cos(turn)
        across = east * np.cos(turn) - north * np.sin(turn)
        low, high = np.full(len(along), LEAST), np.full(len(along), self.greatest)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            long, short = self.semi_axes(middle)
            with np.errstate(divide="ignore", invalid="ignore"):
                outside = (along / long) ** 2 + (across / short) ** 2 > 1
            high = np.where(outside, middle, high)
            low = np.where(outside, low, middle)
        return low

    def _at(self, axis: str, kilometres: float) -> float:
        a, b, c, r0 = _coefficients(self.zone, axis)
        return float(a + b * self.magnitude + c * np.log10(kilometres + r0))

    def _semi_axis(self, axis: str, intensity: Array) -> Array:
        a, b, c, r0 = _coefficients(self.zone, axis)
        kilometres = 10 ** ((a + b * self.magnitude - intensity) / -c) - r0
        return np.maximum(kilometres, 0.0) * 1000.0


@cache
def _coefficients(zone: str, axis: str) -> tuple[float, float, float, float]:
    table = standard("attenuation_intensity")
    row = table[(table["zone"] == zone) & (table["axis"] == axis)]
    if row.empty:
        raise BadInput("attenuation_zone", zone=zone, known="、".join(table["zone"].unique()))
    return tuple(float(row[name].iloc[0]) for name in ("a", "b", "c", "r0_km"))  # type: ignore[return-value]

"""A scenario earthquake: intensity by elliptical attenuation from magnitude, epicentre and azimuth."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from layers.errors import BadInput
from layers.grid import Array, Grid
from layers.hazards.model import Input, IntensityMeasure, Reference, check_parameters, parameter
from layers.hazards.standards import standard
from layers.progress import Progress, ignore

LEAST = 1.0
"""Intensity that is always exceeded: the search for the ellipse of a place begins here."""
_HALVINGS = 30
_AT_ONCE = 50_000
"""Cells that are reckoned at once: what the processor's cache holds."""


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

    name: ClassVar[str] = "scenario_earthquake"
    hazard: ClassVar[str] = "shaking"
    measure: ClassVar[IntensityMeasure] = IntensityMeasure("seismic_intensity", "", "higher")
    requires: ClassVar[tuple[Input, ...]] = (
        Input("region", "", "1 where a county lies; nothing is said of what lies outside."),
    )
    references: ClassVar[tuple[Reference, ...]] = (Reference("reference.attenuation", "verified"),)
    limits: ClassVar[str] = "limits.scenario_earthquake"

    x: float = 0.0
    y: float = 0.0
    magnitude: float = parameter(6.5, source="source.scenario", status="derived", low=5.0, high=8.5)
    azimuth: float = parameter(
        30.0, unit="°", source="source.scenario", status="derived", low=0.0, high=180.0
    )
    zone: str = parameter(
        "east", source="source.attenuation", status="verified", choices=("east", "moderate")
    )

    def __post_init__(self) -> None:
        if not 5.0 <= self.magnitude <= 8.5:
            raise BadInput("magnitude_range", magnitude=self.magnitude)
        check_parameters(self)

    @property
    def is_driven(self) -> bool:
        """Whether it has an epicentre."""
        return (self.x, self.y) != (0.0, 0.0)

    def intensity(self, inputs: Mapping[str, Grid], progress: Progress = ignore) -> Grid:
        """Intensity of the shaking, 1 to 12; NaN outside the region.

        Parameters
        ----------
        inputs : mapping of str to Grid
            ``region``.
        progress : Progress
        """
        region = inputs["region"]
        lattice, values = region.lattice, np.full(region.values.shape, np.nan)
        rows, columns = np.nonzero(np.isfinite(region.values))
        progress(0.0)
        for first in range(0, len(rows), _AT_ONCE):
            row, column = rows[first : first + _AT_ONCE], columns[first : first + _AT_ONCE]
            east, north = (column + 0.5) * lattice.cell, (row + 0.5) * lattice.cell
            values[row, column] = self.at(lattice.west + np.asarray(east), lattice.north - np.asarray(north))
            progress(0.99 * first / len(rows))
        progress(1.0)
        return region.like(values, unit="")

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

    def at(self, x: Array, y: Array) -> Array:
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
            outside = (along * short) ** 2 + (across * long) ** 2 > (long * short) ** 2
            high = np.where(outside, middle, high)
            low = np.where(outside, low, middle)
        return low

    def _at(self, axis: str, kilometres: float) -> float:
        a, b, c, r0 = _coefficients(self.zone, axis)
        return float(a + b * self.magnitude + c * np.log10(kilometres + r0))

    def _semi_axis(self, axis: str, intensity: Array) -> Array:
        a, b, c, r0 = _coefficients(self.zone, axis)
        kilometres = np.exp((a + b * self.magnitude - intensity) * (np.log(10.0) / -c)) - r0
        metres: Array = np.maximum(kilometres, 0.0) * 1000.0
        return metres


@cache
def _coefficients(zone: str, axis: str) -> tuple[float, float, float, float]:
    table = standard("attenuation_intensity")
    row = table[(table["zone"] == zone) & (table["axis"] == axis)]
    if row.empty:
        raise BadInput("attenuation_zone", zone=zone, known="、".join(table["zone"].unique()))
    return tuple(float(row[name].iloc[0]) for name in ("a", "b", "c", "r0_km"))  # type: ignore[return-value]

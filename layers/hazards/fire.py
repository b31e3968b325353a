"""Wildland fire hazard: what can burn, how steep, how dry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers.grid import Grid, same_lattice
from layers.hazards.model import Input, IntensityMeasure, Reference, check_parameters, parameter
from layers.hazards.standards import curve
from layers.progress import Progress, ignore

Array = NDArray[np.float64]


def flame_length(fuel: Array) -> Array:
    """Flame length of a fuel model in one reference fire weather, m.

    Parameters
    ----------
    fuel : ndarray of float64
        Number of a fuel model: Scott & Burgan 2005 or Anderson 1982; 91 to 99 do not burn.

    Returns
    -------
    ndarray of float64
        0 where it does not burn, NaN for a number that is no fuel model.

    Examples
    --------
    >>> flame_length(np.array([93.0, 102.0, 7000.0])).tolist()
    [0.0, 1.38, nan]
    """
    numbers, lengths = curve("fuel_flame_length", "fuel_model", "flame_length_m")
    place = np.clip(np.searchsorted(numbers, fuel), 0, len(numbers) - 1)
    return np.where(numbers[place] == fuel, lengths[place], np.nan)


@dataclass(frozen=True)
class FuelDryness:
    """Susceptibility to wildland fire, 0 to 1: flame length on this slope over a limit, times dryness.

    The flame length of the fuel model in reference fire weather grows with the slope as Rothermel's rate
    of spread does, φ = 5.275 β^-0.3 tan²(slope) (Rothermel 1972, equation 51), through Byram's relation
    L ∝ I^0.46. Over `uncontrollable` it counts 1. Dryness is the deficit of rain in the three driest
    months, 1 - rain / `wet_season`, within 0 and 1.

    What does not burn (water, buildings, bare ground, ploughed land) has susceptibility 0: that is known, and
    low. What has no or an unknown fuel model has no data.
    """

    name: ClassVar[str] = "fuel_dryness"
    hazard: ClassVar[str] = "fire"
    measure: ClassVar[IntensityMeasure] = IntensityMeasure("fire_susceptibility", "", "higher")
    requires: ClassVar[tuple[Input, ...]] = (
        Input("fuel", "", "Number of the fuel model (Scott & Burgan 2005); 91 to 99 do not burn."),
        Input("slope", "", "Tangent of the slope."),
        Input("dry_season_rain", "mm", "Rain in the three driest months in a row."),
    )
    references: ClassVar[tuple[Reference, ...]] = (
        Reference("Scott & Burgan 2005, RMRS-GTR-153: fuel models", "verified"),
        Reference("reference.behave_fit", "derived"),
        Reference("Rothermel 1972, INT-115, equation 51: slope factor", "recalled"),
        Reference("Byram 1959: flame length from fireline intensity", "recalled"),
        Reference("reference.dryness_index", "derived"),
    )
    limits: ClassVar[str] = "limits.fuel_dryness"

    uncontrollable: float = parameter(
        3.4,
        unit="m",
        source="source.uncontrollable",
        status="recalled",
        low=1.0,
        high=10.0,
    )
    wet_season: float = parameter(
        150.0,
        unit="mm",
        source="source.wet_season",
        status="derived",
        low=10.0,
        high=1000.0,
    )
    packing_ratio: float = parameter(
        0.005,
        source="source.packing_ratio",
        status="derived",
        low=0.0005,
        high=0.05,
    )

    def __post_init__(self) -> None:
        check_parameters(self)

    def intensity(self, inputs: Mapping[str, Grid], progress: Progress = ignore) -> Grid:
        """Susceptibility, 0 to 1.

        Parameters
        ----------
        inputs : mapping of str to Grid
            ``fuel``, ``slope``, ``dry_season_rain`` on one lattice.
        progress : Progress

        Returns
        -------
        Grid
            NaN where an input has no data or the fuel model is unknown.

        Raises
        ------
        BadInput
            The inputs lie on different lattices.
        """
        fuel, slope, rain = inputs["fuel"], inputs["slope"], inputs["dry_season_rain"]
        same_lattice(fuel, slope, rain)
        progress(0.0)
        steepness = 5.275 * self.packing_ratio**-0.3 * np.square(slope.values)
        flames = flame_length(fuel.values) * np.power(1.0 + steepness, 0.46)
        progress(0.5)
        dryness = np.clip(1.0 - rain.values / self.wet_season, 0.0, 1.0)
        susceptibility = np.clip(flames / self.uncontrollable, 0.0, 1.0) * dryness
        progress(1.0)
        return fuel.like(susceptibility, unit="")

"""Earthquake hazard from the zoning map: ground motion at the site class, as intensity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers.grid import Grid, same_lattice
from layers.hazards.model import Input, IntensityMeasure, Reference, check_parameters, parameter
from layers.hazards.standards import standard
from layers.progress import Progress, ignore

Array = NDArray[np.float64]

GRAVITY = 9.80665
"""Standard gravity, m/s² (verified: ISO 80000-3)."""

SITE_CLASSES = ("I0", "I1", "II", "III", "IV")
"""Site classes of GB 18306-2015 in the order of their codes 0 to 4 in the grid ``site_class``."""

_GB18306 = "GB 18306-2015"


def site_factor(pga: Array, site: Array) -> Array:
    """Fa: ground motion at a site over that at a site of class II.

    GB 18306-2015 Appendix E, table E.1 (recalled), linear between the columns' accelerations and constant
    beyond them.

    Parameters
    ----------
    pga : ndarray of float64
        Peak acceleration at class II, g.
    site : ndarray of float64, same shape
        Code of the class: position in `SITE_CLASSES`; anything else has no factor.

    Returns
    -------
    ndarray of float64
        NaN where either is unknown.

    Examples
    --------
    >>> site_factor(np.array([0.10, 0.125]), np.array([3.0, 3.0])).tolist()
    [1.25, 1.2]
    """
    table = standard("site_factor")
    factor = np.full(np.shape(pga), np.nan)
    for code, site_class in enumerate(SITE_CLASSES):
        here = (site == code) & np.isfinite(pga)
        factor[here] = np.interp(pga[here], table["pga_class_II_g"], table[site_class])
    return factor


def intensity_of_pga(pga: Array) -> Array:
    """Seismic intensity from peak acceleration: I = 3.17 lg(PGA) + 6.59.

    GB/T 17742-2020 (recalled with confidence 0.92; it gives back the means of that standard's table).

    Parameters
    ----------
    pga : ndarray of float64
        m/s².

    Returns
    -------
    ndarray of float64
        1 to 12; 1 for no motion; NaN stays NaN.
    """
    with np.errstate(divide="ignore"):
        intensity: Array = np.clip(3.17 * np.log10(pga) + 6.59, 1.0, 12.0)
    return intensity


@dataclass(frozen=True)
class ZoningIntensity:
    """Intensity of the zoning map's ground motion, adjusted to the site class.

    The basic acceleration at class II is taken to the motion asked for (frequent, basic, rare, very rare),
    then multiplied by the site factor of *that* acceleration, then turned into intensity.
    """

    name: ClassVar[str] = "zoning_intensity"
    hazard: ClassVar[str] = "earthquake"
    measure: ClassVar[IntensityMeasure] = IntensityMeasure("seismic_intensity", "", "higher")
    requires: ClassVar[tuple[Input, ...]] = (
        Input("pga", "g", "Basic peak acceleration at site class II, by zone."),
        Input("site_class", "", "Site class as code: 0 I0, 1 I1, 2 II, 3 III, 4 IV."),
    )
    references: ClassVar[tuple[Reference, ...]] = (
        Reference("GB 18306-2015, Appendix E: site factor, linear in between", "recalled"),
        Reference("GB/T 17742-2020: intensity from peak acceleration", "recalled"),
    )
    limits: ClassVar[str] = "limits.zoning_intensity"

    motion: str = parameter(
        "basic",
        source=_GB18306,
        status="recalled",
        choices=("frequent", "basic", "rare", "very_rare"),
    )
    frequent: float = parameter(1 / 3, source=_GB18306, status="recalled", low=0.2, high=1.0)
    rare: float = parameter(1.9, source=_GB18306 + ": 1.6 to 2.3", status="recalled", low=1.6, high=2.3)
    very_rare: float = parameter(2.9, source=_GB18306 + ": 2.7 to 3.2", status="recalled", low=2.7, high=3.2)

    def __post_init__(self) -> None:
        check_parameters(self)

    @property
    def factor(self) -> float:
        """The motion asked for over the basic one."""
        return 1.0 if self.motion == "basic" else float(getattr(self, self.motion))

    def intensity(self, inputs: Mapping[str, Grid], progress: Progress = ignore) -> Grid:
        """Intensity 1 to 12 of the motion asked for.

        Parameters
        ----------
        inputs : mapping of str to Grid
            ``pga``, ``site_class`` on one lattice.
        progress : Progress

        Returns
        -------
        Grid
            Not rounded; NaN where either input has no data or the class is none of the five.

        Raises
        ------
        BadInput
            The inputs lie on different lattices.
        """
        pga, site = inputs["pga"], inputs["site_class"]
        same_lattice(pga, site)
        progress(0.0)
        at_class_two = pga.values * self.factor
        at_site = at_class_two * site_factor(at_class_two, site.values) * GRAVITY
        progress(0.5)
        intensity = intensity_of_pga(at_site)
        progress(1.0)
        return pga.like(intensity, unit="")

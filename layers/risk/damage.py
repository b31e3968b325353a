"""Damage: which share of a thing's value is lost, and which share of the people is driven out."""

from typing import ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.hazards.model import Reference
from layers.hazards.standards import curve, standard
from layers.risk.exposure import Cloud
from layers.risk.hazard import both_names
from layers.risk.vulnerability import EarthquakeDamage, Vulnerability, along

Array = NDArray[np.float64]
_WATER = ("height_above_drainage", "flood_depth")
_DEBRIS_DEPTH = 0.25  # m: over it floating things count, DEFRA FD2321


class Bounds(NamedTuple):
    """Low, mid and high of the same thing."""

    low: Array
    mid: Array
    high: Array


class Damage(Protocol):
    """How a hazard damages: by its severity, as `Vulnerability.severity` gives it.

    ``least`` is the severity from which on somebody or something counts as hit.
    """

    references: ClassVar[tuple[Reference, ...]]
    least: ClassVar[float]

    def ratio(self, asset: str, severity: Array, cloud: Cloud) -> Array | None:
        """Share of the value lost, 0 to 1, NaN where the severity is; None if there is no curve for it."""
        ...

    def displaced(self, severity: Array, cloud: Cloud) -> Bounds:
        """Share of the people who have to leave."""
        ...

    def classes(self, severity: Array, rating: Array | None) -> dict[str, NDArray[np.bool_]]:
        """In which classes people are counted, and who is in each; in none where the severity is NaN.

        Parameters
        ----------
        severity : ndarray of float64, shape (n,)
        rating : ndarray of float64, shape (n,), or None
            Hazard rating of the water where its speed is known.
        """
        ...


class WaterDamage:
    """By depth of water, m: depth-damage curves of the JRC for Asia, dwellings by structure."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("Huizinga et al. 2017, JRC105688: depth-damage, Asia", "recalled"),
        Reference("reference.structure_factor", "derived"),
        Reference("reference.displaced_by_depth", "derived"),
        Reference("DEFRA/EA FD2321: hazard rating", "recalled"),
    )
    least: ClassVar[float] = 0.05

    def ratio(self, asset: str, severity: Array, cloud: Cloud) -> Array | None:
        """Buildings and contents by use and structure; crops, roads, enterprises."""
        if asset not in ("buildings", "contents"):
            plain = {"crops": "agriculture", "roads": "roads", "enterprises": "industry"}[asset]
            return _by_depth(severity, plain)
        home, other = _by_depth(severity, "residential"), _by_depth(severity, "commercial")
        ratio = np.where(np.isin(cloud.sort, ("business", "public")), other, home)
        return np.minimum(ratio * _structure_factor(cloud), 1.0)

    def displaced(self, severity: Array, cloud: Cloud) -> Bounds:
        """By depth at the building."""
        shares = (curve("flood_displaced_share", "depth_m", name) for name in ("low", "share", "high"))
        return Bounds(*(along(severity, *points) for points in shares))

    def classes(self, severity: Array, rating: Array | None) -> dict[str, NDArray[np.bool_]]:
        """The depth classes of flood risk maps, and the classes of the hazard rating."""
        depths, ratings = standard("flood_depth_classes"), standard("flood_hazard_rating")
        if rating is None:
            rating = hazard_rating(severity, np.zeros(len(severity)))
        wet = severity >= self.least
        return {
            **_within(severity, depths["depth_low_m"].to_list(), "depth", wet),
            **_within(rating, ratings["rating_low"].to_list(), "rating", wet),
        }


class ShakingDamage:
    """By seismic intensity: repair cost of buildings by structure and year.

    People are driven out of buildings as GB/T 18208.4 counts them: all of the destroyed and severely damaged
    ones, half of the moderately damaged ones; none of those at the least, all of those at the most. Contents
    lose half the share that their building does (HAZUS; recalled).

    Parameters
    ----------
    vulnerability : EarthquakeDamage
    """

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("reference.damage_index_fit", "derived"),
        Reference("GB/T 18208.4: c + d + e/2", "recalled"),
    )
    least: ClassVar[float] = 5.5

    def __init__(self, vulnerability: EarthquakeDamage) -> None:
        self._vulnerability = vulnerability

    def ratio(self, asset: str, severity: Array, cloud: Cloud) -> Array | None:
        """Buildings, contents and enterprises; there is no curve for crops and roads."""
        if asset in ("crops", "roads"):
            return None
        ratio = self._vulnerability.read("earthquake_damage_ratio", "repair_cost_ratio", severity, cloud)
        return 0.5 * ratio if asset == "contents" else ratio

    def displaced(self, severity: Array, cloud: Cloud) -> Bounds:
        """By the states of damage."""
        severe, destroyed, moderate = (
            self._vulnerability.read("earthquake_damage_states", state, severity, cloud)
            for state in ("severe", "destroyed", "moderate")
        )
        sure = severe + destroyed
        return Bounds(sure, sure + 0.5 * moderate, sure + moderate)

    def classes(self, severity: Array, rating: Array | None) -> dict[str, NDArray[np.bool_]]:
        """Whole intensities from VI."""
        del rating
        shaken = severity >= self.least
        return _within(severity, [5.5, 6.5, 7.5, 8.5, 9.5], "intensity", shaken, first=6)


def damage_of(vulnerability: Vulnerability) -> Damage:
    """How the hazard of a vulnerability damages.

    Raises
    ------
    BadInput
        There are no loss curves for it.
    """
    if isinstance(vulnerability, EarthquakeDamage):
        return ShakingDamage(vulnerability)
    if vulnerability.measure in _WATER:
        return WaterDamage()
    raise BadInput("loss_no_curves", hazard=both_names(vulnerability.hazard))


def hazard_rating(depth: Array, speed: Array) -> Array:
    """HR = d (v + 0.5) + DF of DEFRA/EA FD2321, the debris factor 1 over 0.25 m or 2 m/s, else 0.

    Parameters
    ----------
    depth, speed : ndarray of float64, same shape
        m and m/s.

    Examples
    --------
    >>> hazard_rating(np.array([0.2, 1.0]), np.array([0.0, 1.0])).tolist()
    [0.1, 2.5]
    """
    debris = (depth > _DEBRIS_DEPTH) | (speed > 2.0)
    return np.asarray(depth * (speed + 0.5) + debris)


def _within(
    values: Array, lower: list[float], name: str, counted: NDArray[np.bool_], first: int = 1
) -> dict[str, NDArray[np.bool_]]:
    """Who of the counted is in each class; a value on a bound is in the upper one."""
    place = np.searchsorted(lower, values, side="right")
    return {f"{name}_{first + k}": counted & (place == k + 1) for k in range(len(lower))}


def _by_depth(depth: Array, column: str) -> Array:
    return along(depth, *curve("flood_damage_ratio", "depth_m", column))


def _structure_factor(cloud: Cloud) -> Array:
    table = standard("flood_structure_factor")
    factors = dict(zip(table["slug"], table["factor"], strict=True))
    slugs, place = np.unique(cloud.structure, return_inverse=True)
    return np.array([float(factors[str(slug)]) for slug in slugs])[place]

"""Valuation: what exposed things are worth, in yuan, as parameters that the user sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from layers.grid import Grid
from layers.hazards.model import check_parameters, parameter
from layers.risk.exposure import Cloud, Exposure

Array = NDArray[np.float64]

ASSETS = ("buildings", "contents", "crops", "roads", "enterprises")
"""What is valued; their words are ``asset.NAME``."""

CROPLAND = {12: 1.0, 14: 0.5}
"""IGBP classes of land cover that are tilled, and the share of them that is: cropland; cropland and natural
vegetation in a mosaic (40 to 60 % in the definition of the class)."""


def _worth(default: float, unit: str, high: float, source: str = "source.replacement_value") -> Any:
    return parameter(default, unit=unit, source=source, status="derived", low=0.0, high=high)


@dataclass(frozen=True)
class Valuation:
    """Replacement values at today's prices.

    They are defaults of the program, not statistics of a place; the bounds of all go down or up together, so
    that low and high are the ends of what may be, not a confidence interval.
    """

    name: ClassVar[str] = "valuation"
    limits: ClassVar[str] = "limits.valuation"

    rc: float = _worth(2500.0, "元/m²", 50_000)
    steel: float = _worth(2000.0, "元/m²", 50_000)
    brick_concrete: float = _worth(1800.0, "元/m²", 50_000)
    brick_wood: float = _worth(1200.0, "元/m²", 50_000)
    earth_wood: float = _worth(800.0, "元/m²", 50_000)
    other: float = _worth(1500.0, "元/m²", 50_000)
    home_contents: float = _worth(0.5, "", 5, "source.contents")
    business_contents: float = _worth(1.0, "", 5, "source.contents")
    crop: float = _worth(17_000.0, "元/ha", 1_000_000, "source.crop_value")
    expressway: float = _worth(8.0e6, "元/km", 1_000_000_000, "source.road_value")
    national: float = _worth(3.0e6, "元/km", 1_000_000_000, "source.road_value")
    provincial: float = _worth(2.0e6, "元/km", 1_000_000_000, "source.road_value")
    county_road: float = _worth(1.2e6, "元/km", 1_000_000_000, "source.road_value")
    township_road: float = _worth(0.5e6, "元/km", 1_000_000_000, "source.road_value")
    enterprise: float = _worth(300_000.0, "元/人", 100_000_000, "source.enterprise_value")
    value_spread: float = _worth(0.3, "", 0.99, "source.value_spread")
    curve_spread: float = _worth(0.3, "", 0.99, "source.curve_spread")

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True, eq=False)
class Asset:
    """A sort of thing that can be lost.

    Parameters
    ----------
    name : str
        One of `ASSETS`.
    cloud : Cloud
        Where it stands.
    amount : ndarray of float64, shape (n,)
        NaN where it is not told.
    unit : str
        Of the amount.
    value : ndarray of float64, shape (n,)
        Yuan, NaN where the amount is.
    """

    name: str
    cloud: Cloud
    amount: Array
    unit: str
    value: Array


def assets_of(exposure: Exposure, land: Grid | None, valuation: Valuation) -> Iterator[Asset]:
    """What the exposure holds of each of `ASSETS`; what the project has no layer of is left out.

    Parameters
    ----------
    exposure : Exposure
    land : Grid or None
        Classes of land cover (IGBP), for the crops.
    valuation : Valuation
    """
    for cloud in exposure.clouds:
        if "buildings" in cloud.amounts:
            yield from _buildings(cloud, valuation)
        if cloud.is_cells and land is not None:
            yield _crops(cloud, land, valuation)
        if "road_km" in cloud.amounts:
            price = _priced(cloud.sort, valuation, "township_road")
            km = cloud.amounts["road_km"]
            yield Asset("roads", cloud, km * 1000.0, "m", km * price)
        if "workers" in cloud.amounts:
            workers = _told(cloud.amounts["workers"])
            yield Asset("enterprises", cloud, workers, "人", workers * valuation.enterprise)


def _buildings(cloud: Cloud, valuation: Valuation) -> Iterator[Asset]:
    area = _told(cloud.amounts["floor_area_m2"])
    value = area * _priced(cloud.structure, valuation, "other")
    yield Asset("buildings", cloud, area, "m²", value)
    is_business = np.isin(cloud.sort, ("business", "public"))
    share = np.where(is_business, valuation.business_contents, valuation.home_contents)
    yield Asset("contents", cloud, area, "m²", value * share)


def _crops(cells: Cloud, land: Grid, valuation: Valuation) -> Asset:
    """Tilled land of the cells; NaN where the land cover is not known."""
    cover = land.at(cells.x, cells.y)
    shares = (np.where(cover == code, share, 0.0) for code, share in CROPLAND.items())
    tilled = sum(shares, np.zeros(len(cover)))
    area = np.where(np.isnan(cover), np.nan, cells.amounts["area_km2"] * 1e6 * tilled)
    return Asset("crops", cells, area, "m²", area / 1e4 * valuation.crop)


def _told(amount: Array) -> Array:
    """An amount of nothing was not told."""
    return np.where(amount > 0, amount, np.nan)


def _priced(sorts: NDArray[np.str_], valuation: Valuation, otherwise: str) -> Array:
    """The price of each sort; `otherwise` stands for those that have none."""
    names, place = np.unique(sorts, return_inverse=True)
    fallback = getattr(valuation, otherwise)
    return np.array([float(getattr(valuation, str(name) or otherwise, fallback)) for name in names])[place]

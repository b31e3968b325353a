"""Vulnerability and loss: which share of those exposed a hazard affects, and how many that is on a cell."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from layers.grid import Grid, Lattice
from layers.hazards.model import check_parameters, parameter
from layers.hazards.standards import curve, standard
from layers.layer import VectorLayer
from layers.risk.exposure import Exposure

Array = NDArray[np.float64]

_REACH = 500.0  # m: standard deviation of the weights of people around a cell


@dataclass(frozen=True)
class FloodVulnerability:
    """Depth at a stage above the drainage, and the residential depth–damage curve (JRC, Asia)."""

    stage: float = parameter(
        4.0,
        unit="m",
        source="Engineering default: bankfull and a large flood above it",
        status="derived",
        low=0.0,
        high=20.0,
    )

    def __post_init__(self) -> None:
        check_parameters(self)

    def share(self, intensity: Array, buildings: VectorLayer | None) -> Array:
        """Share affected, 0 to 1, of heights above drainage in m."""
        depth, ratio = curve("flood_damage_ratio", "depth_m", "residential")
        water = self.stage - intensity
        return np.where(np.isnan(water), np.nan, np.where(water > 0, np.interp(water, depth, ratio), 0.0))


@dataclass(frozen=True)
class EarthquakeVulnerability:
    """Mean repair cost ratio by structure, year and intensity, fitted to GB/T 17742-2020."""

    def share(self, intensity: Array, buildings: VectorLayer | None) -> Array:
        """Share affected, 0 to 1, of seismic intensities; old masonry where nothing is known."""
        result = np.full(len(intensity), np.nan)
        kind = _damage_curves(buildings, len(intensity))
        for name in np.unique(kind):
            steps, ratio = curve("earthquake_damage_ratio", "intensity", "repair_cost_ratio", curve=name)
            rows = kind == name
            result[rows] = np.interp(intensity[rows], steps, ratio)
        return np.where(np.isnan(intensity), np.nan, result)


def _damage_curves(buildings: VectorLayer | None, rows: int) -> NDArray[np.str_]:
    """The curve of each building, by structure and whether it was built before its design year."""
    kinds = standard("structures").set_index("structure")
    fallback = kinds.loc["其他", "curve_old"]
    if buildings is None:
        return np.full(rows, fallback)
    structure = buildings["structure"].fillna("").astype(str)
    year = pd.to_numeric(buildings.attributes.get("year", pd.Series(np.nan, range(rows))), errors="coerce")
    design = structure.map(kinds["design_year"]).astype(float)
    new = (year >= design) | design.isna()
    chosen = np.where(new, structure.map(kinds["curve_new"]), structure.map(kinds["curve_old"]))
    curves: NDArray[np.str_] = np.where(structure.isin(kinds.index), chosen, fallback).astype(str)
    return curves


@dataclass(frozen=True)
class FireVulnerability:
    """The share affected grows with susceptibility; it is the intensity itself, within reach of the fuel."""

    def share(self, intensity: Array, buildings: VectorLayer | None) -> Array:
        """Share affected, 0 to 1."""
        return np.clip(intensity, 0.0, 1.0)


class Vulnerability(Protocol):
    """The share of those exposed that a hazard affects."""

    def share(self, intensity: Array, buildings: VectorLayer | None) -> Array:
        """Share affected, 0 to 1; NaN where the intensity is not known."""
        ...


VULNERABILITIES: dict[str, Vulnerability] = {
    "flood": FloodVulnerability(),
    "earthquake": EarthquakeVulnerability(),
    "fire": FireVulnerability(),
}


def per_km2(people: Exposure, share: Array, lattice: Lattice, known: Grid) -> Grid:
    """People affected per square kilometre around each cell of `lattice`.

    Weighed by a Gaussian of 500 m, so that the answer does not hang on which side of a cell's edge a house
    stands; their sum is kept.

    Parameters
    ----------
    people : Exposure
    share : ndarray of float64, shape (n,)
        Share affected; NaN where the hazard is not known: such people are not in the sum.
    lattice : Lattice
    known : Grid
        NaN where nothing is known of the hazard: the answer is NaN there too.
    """
    row, column, inside = lattice.cells_at(people.x, people.y)
    counted = inside & np.isfinite(share)
    cells = row[counted] * lattice.columns + column[counted]
    affected = np.bincount(cells, (people.amount * share)[counted], lattice.rows * lattice.columns)
    mean = gaussian_filter(affected.reshape(lattice.shape), _REACH / lattice.cell, mode="constant")
    density = np.maximum(mean, 0.0) / (lattice.cell / 1000.0) ** 2
    return Grid(np.where(np.isnan(known.values), np.nan, density), lattice, "人/km²")

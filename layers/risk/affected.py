"""Affected people: by cell and by unit."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.grid import Grid, Lattice
from layers.risk.exposure import Cloud, Exposure
from layers.risk.grades import GRADE_KEYS, Grades, RiskScale
from layers.risk.regions import OUTSIDE

Array = NDArray[np.float64]

SPREAD = 300.0
"""Standard deviation of the weights of people around a cell, m: an engineering default."""
_SUMS = ("area_km2", "population", "affected_people", "affected_floor_area_m2")


def risk_grid(exposure: Exposure, shares: Sequence[Array], lattice: Lattice) -> Grid:
    """Affected people on the square kilometre around each cell.

    Weighed by a Gaussian of 300 m, which is a window of about 1 km without its corners: the answer does not
    hang on which side of a cell's edge a house stands.

    Parameters
    ----------
    exposure : Exposure
    shares : sequence of ndarray of float64
        For each cloud: the affected share of each point, NaN where not known.
    lattice : Lattice

    Returns
    -------
    Grid
        In 人/km²; 0 where nobody lives; NaN where nothing of the units lies or no share is known.
    """
    affected, known, any_point = (np.zeros(lattice.rows * lattice.columns) for _ in range(3))
    for cloud, share in zip(exposure.clouds, shares, strict=True):
        if "population" not in cloud.amounts:
            continue
        row, column, inside = lattice.cells_at(cloud.x, cloud.y)
        cell = (row * lattice.columns + column)[inside]
        people = (cloud.amounts["population"] * np.nan_to_num(share))[inside]
        affected += np.bincount(cell, people, len(affected))
        known += np.bincount(cell, np.isfinite(share[inside]), len(affected))
        any_point += np.bincount(cell, None, len(affected))
    from scipy.ndimage import gaussian_filter  # the window opens sooner without it

    has_answer = ((any_point > 0) & (known > 0)).reshape(lattice.shape)
    spread = SPREAD / lattice.cell
    people_around = gaussian_filter(affected.reshape(lattice.shape), spread, mode="constant")
    area_around = (
        gaussian_filter(has_answer.astype(np.float64), spread, mode="constant") * lattice.cell**2 / 1e6
    )
    density = np.full(lattice.shape, np.nan)
    density[has_answer] = np.maximum(people_around[has_answer], 0.0) / area_around[has_answer]
    return Grid(density, lattice, "人/km²")


def by_unit(
    exposure: Exposure, shares: Sequence[Array], grades: Grid, scale: RiskScale, unit: str
) -> pd.DataFrame:
    """The risk table of one sort of unit.

    Parameters
    ----------
    exposure : Exposure
    shares : sequence of ndarray of float64
        For each cloud: the affected share of each point, NaN where not known.
    grades : Grid
        Risk grades of the cells, in which people are counted.
    scale : RiskScale
        Grades the units' own risk.
    unit : {"county", "township"}

    Returns
    -------
    pandas.DataFrame
        See `layers.risk.assessment.RiskResult`.
    """
    regions = exposure.regions[unit]
    count = len(regions)
    sums = {name: np.zeros(count) for name in _SUMS}
    people, known = np.zeros((count, 6)), np.zeros(count)
    for cloud, share in zip(exposure.clouds, shares, strict=True):
        place: NDArray[np.intp] = getattr(cloud, unit)
        inside = place != OUTSIDE
        at = place[inside]
        for name, amount in _amounts(cloud, share).items():
            sums[name] += np.bincount(at, amount[inside], count)
        if "population" in cloud.amounts:
            grade = np.nan_to_num(grades.at(cloud.x, cloud.y)).astype(np.intp)[inside]
            weight = cloud.amounts["population"][inside]
            people += np.bincount(at * 6 + grade, weight, count * 6).reshape(count, 6)
            known += np.bincount(at, np.isfinite(share)[inside], count)
    sums["area_km2"] = regions.areas
    risk = np.where(known > 0, sums["affected_people"] / regions.areas, np.nan)
    return _risk_table(regions.codes, regions.names, sums, risk, scale.grade(risk), people)


def _amounts(cloud: Cloud, share: Array) -> dict[str, Array]:
    """What a cloud adds to the table's sums."""
    amounts = {}
    if "population" in cloud.amounts:
        amounts["population"] = cloud.amounts["population"]
        amounts["affected_people"] = cloud.amounts["population"] * np.nan_to_num(share)
    if "floor_area_m2" in cloud.amounts:
        amounts["affected_floor_area_m2"] = cloud.amounts["floor_area_m2"] * np.nan_to_num(share)
    return amounts


def _risk_table(
    codes: tuple[str, ...],
    names: tuple[str, ...],
    sums: dict[str, Array],
    risk: Array,
    grade: Grades,
    people: Array,
) -> pd.DataFrame:
    sums = {**sums, "population": np.rint(sums["population"]).astype(np.int64)}
    counts = np.rint(people).astype(np.int64)
    by_grade = {f"people_{key}": counts[:, number] for number, key in enumerate(GRADE_KEYS, 1)}
    columns = {"code": codes, "name": names, **sums, "risk": risk, "grade": grade.astype(np.int64)}
    return pd.DataFrame({**columns, **by_grade, "people_nodata": counts[:, 0]})

"""Loss: what a hazard costs, whom it hits, and who has to leave; by county and township."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Grid
from layers.hazards.inputs import landcover
from layers.hazards.memory import remembered
from layers.hazards.origin import Origin, Traced
from layers.hazards.source import Reading, Source
from layers.progress import Progress, ignore, part
from layers.risk.assessment import (
    chosen_vulnerability,
    exposure_of,
    hazard_result,
    lattice_of,
    whence,
)
from layers.risk.damage import Bounds, Damage, WaterDamage, damage_of
from layers.risk.exposure import Exposure
from layers.risk.hazard import HazardResult, both_names
from layers.risk.ledger import Ledger
from layers.risk.needs import DAYS, needs_of
from layers.risk.regions import Places
from layers.risk.valuation import ASSETS, Asset, Valuation, assets_of
from layers.risk.vulnerability import Vulnerability

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
_PEOPLE = ("population", "people_nodata", "people_hit")


@dataclass(frozen=True, eq=False)
class Displaced:
    """Who has to leave, and from where.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        Project CRS.
    people : ndarray of float64, shape (n,)
        Who lives there.
    leaving : Bounds
        Of those, not whole: low, mid, high; NaN where the hazard is not known.
    county, township : ndarray of int, shape (n,)
        Position of the unit, `OUTSIDE` for none.
    """

    x: Array
    y: Array
    people: Array
    leaving: Bounds
    county: Places
    township: Places


@dataclass(frozen=True, eq=False)
class LossResult(Traced):
    """Loss, people and displaced people of one hazard.

    Columns of the tables, whole numbers all, so that sums are exact (``ASSET`` is one of `assets`):

    - ``code, name``; a last row ``outside`` only if something lies outside all units;
    - ``population``; of those ``people_hit`` (by the least severity of the damage model) and
      ``people_nodata`` (the hazard is not known there);
    - ``people_CLASS``: people by class: ``depth_1`` …, ``rating_1`` … of water, ``intensity_6`` … of shaking;
    - ``displaced_low, displaced, displaced_high``;
    - ``ASSET_hit``: m² of floor or crops, m of road, workers;
    - ``ASSET_value``, yuan, where the hazard is known; ``ASSET_value_nodata`` where it is not;
      ``ASSET_unvalued``: places whose amount is not told, which count in no sum;
    - ``ASSET_loss_low, ASSET_loss, ASSET_loss_high``, yuan;
    - ``loss_low, loss, loss_high``, ``value``, ``value_nodata``, ``unvalued``: sums over the assets.

    Parameters
    ----------
    hazard : str
    by_county, by_township : pandas.DataFrame
        One row a unit; empty if the project has no such units.
    total : mapping of str to int
        The sums of either table.
    assets, missing : tuple of str
        Which of `ASSETS` are in the tables, and which are not: the project has no such layer, or the hazard
        no curve for it. These are not known, not zero.
    displaced : tuple of Displaced
        The people behind the tables.
    hazard_result : HazardResult
    vulnerability : Vulnerability
    valuation : Valuation
    """

    hazard: str
    by_county: pd.DataFrame
    by_township: pd.DataFrame
    total: Mapping[str, int]
    assets: tuple[str, ...]
    missing: tuple[str, ...]
    displaced: tuple[Displaced, ...]
    hazard_result: HazardResult
    vulnerability: Vulnerability
    valuation: Valuation

    def by(self, unit: str) -> pd.DataFrame:
        """The table of ``county`` or ``township``."""
        return {"county": self.by_county, "township": self.by_township}[unit]

    def row(self, unit: str, code: str) -> Mapping[str, int]:
        """The numbers of one unit, or of all (``all``).

        Raises
        ------
        BadInput
            No such unit.
        """
        if code == "all":
            return self.total
        table = self.by(unit)
        rows = table[table["code"] == code] if len(table) else table
        if rows.empty:
            raise BadInput("region_unknown", region=code)
        return {str(name): int(value) for name, value in rows.iloc[0].drop(["code", "name"]).items()}

    def needs(self, unit: str, code: str, days: int = DAYS, season: str = "summer") -> pd.DataFrame:
        """What the displaced people of a unit need.

        Parameters
        ----------
        unit, code : str
            As in `row`.
        days : int
            For what is used up day by day.
        season : {"summer", "winter", "spring_autumn"}

        Returns
        -------
        pandas.DataFrame
            ``item, zh, en, unit, low, amount, high, status, source``. What injured people need is left out:
            their number is not known.
        """
        row = self.row(unit, code)
        names = {"low": "displaced_low", "amount": "displaced", "high": "displaced_high"}
        parts = {to: needs_of(row[name], np.nan, days, season) for to, name in names.items()}
        table = parts["amount"].assign(low=parts["low"]["amount"], high=parts["high"]["amount"])
        table = table[["item", "zh", "en", "unit", "low", "amount", "high", "status", "source"]]
        return table[table["amount"].notna()].reset_index(drop=True)


def loss_result(
    project: Source,
    hazard: str,
    progress: Progress = ignore,
    *,
    vulnerability: Vulnerability | None = None,
    valuation: Valuation | None = None,
) -> LossResult:
    """The loss of a project's hazard: stored, modelled, as `layers.risk.assessment.hazard_result` gives it.

    Parameters
    ----------
    project : Source
    hazard : str
        One that has loss curves: flood, inundation, earthquake.
    progress : Progress
    vulnerability : Vulnerability, optional
        With the user's parameters; by default those of the stored risk.
    valuation : Valuation, optional
        With the user's replacement values.

    Raises
    ------
    KnownError
        Layers are missing, the hazard is known by grades alone, or there are no curves for it.
    """
    chosen = vulnerability or chosen_vulnerability(project, hazard)
    worth = valuation or Valuation()
    return remembered(
        project, ("loss", hazard, chosen, worth), lambda: _loss(project, hazard, chosen, worth, progress)
    )


def _loss(
    project: Source, hazard: str, vulnerability: Vulnerability, valuation: Valuation, progress: Progress
) -> LossResult:
    found = hazard_result(project, hazard, part(progress, 0.0, 0.4))
    return loss_of(project, found, vulnerability, valuation, part(progress, 0.4, 1.0))


def loss_of(
    project: Source,
    found: HazardResult,
    vulnerability: Vulnerability,
    valuation: Valuation,
    progress: Progress = ignore,
) -> LossResult:
    """The loss of a hazard at hand, stored in the project or not, on what the project exposes.

    Parameters
    ----------
    project : Source
    found : HazardResult
    vulnerability : Vulnerability
        Of the hazard's measure.
    valuation : Valuation
    progress : Progress

    Raises
    ------
    KnownError
        As `assess_loss`.
    """
    exposure = exposure_of(project, part(progress, 0.0, 0.5))
    reading = Reading(project)
    land = landcover(reading, lattice_of(project))
    reading.note(valuation.limits)
    origin = whence(found, exposure, vulnerability, reading).modelled(valuation)
    rating = None if found.companions is None else found.companions.grid("rating_inundation")
    rest = part(progress, 0.5, 1.0)
    return assess_loss(
        found, exposure, vulnerability, valuation, origin, land=land, rating=rating, progress=rest
    )


def assess_loss(
    found: HazardResult,
    exposure: Exposure,
    vulnerability: Vulnerability,
    valuation: Valuation,
    origin: Origin,
    *,
    land: Grid | None = None,
    rating: Grid | None = None,
    progress: Progress = ignore,
) -> LossResult:
    """Loss from a hazard's intensity, what is exposed, how it is damaged, and what it is worth.

    Parameters
    ----------
    found : HazardResult
    exposure : Exposure
    vulnerability : Vulnerability
        Of the hazard's measure.
    valuation : Valuation
    origin : Origin
        Of the result.
    land : Grid or None
        Classes of land cover, for the crops.
    rating : Grid or None
        Hazard rating of the water; without it, that of standing water.
    progress : Progress

    Raises
    ------
    BadInput
        The hazard is known by grades only, or there are no curves for it.
    """
    if found.intensity is None:
        raise BadInput("risk_by_grades_only", hazard=both_names(found.hazard))
    damage = damage_of(vulnerability)
    ledger = Ledger(exposure)
    severities = {id(cloud): vulnerability.severity(found.intensity, cloud) for cloud in exposure.clouds}
    progress(0.3)
    displaced = tuple(_count_people(ledger, exposure, damage, severities, rating))
    progress(0.6)
    assets = _count_assets(ledger, assets_of(exposure, land, valuation), damage, valuation, severities)
    progress(1.0)
    missing = tuple(name for name in ASSETS if name not in assets)
    tables = {unit: ledger.table(unit) for unit in ("county", "township")}
    if rating is None and isinstance(damage, WaterDamage):
        origin = origin.noting("note.standing_water")
    return LossResult(
        found.hazard, tables["county"], tables["township"], ledger.total, assets, missing, displaced, found,
        vulnerability, valuation, origin=origin,
    )  # fmt: skip


def _count_people(
    ledger: Ledger, exposure: Exposure, damage: Damage, severities: Mapping[int, Array], rating: Grid | None
) -> Iterator[Displaced]:
    for cloud in exposure.clouds:
        if "population" not in cloud.amounts:
            continue
        people, severity = cloud.amounts["population"], severities[id(cloud)]
        leaving = Bounds(*(people * share for share in damage.displaced(severity, cloud)))
        rated = None if rating is None else rating.at(cloud.x, cloud.y)
        counts = {
            "population": people,
            "people_nodata": people * np.isnan(severity),
            "people_hit": people * (severity >= damage.least),
            **{f"people_{name}": people * who for name, who in damage.classes(severity, rated).items()},
            "displaced_low": leaving.low,
            "displaced": leaving.mid,
            "displaced_high": leaving.high,
        }
        for name, amounts in counts.items():
            ledger.add(name, cloud, amounts)
        lived_in = people > 0
        yield Displaced(
            cloud.x[lived_in],
            cloud.y[lived_in],
            people[lived_in],
            Bounds(*(each[lived_in] for each in leaving)),
            cloud.county[lived_in],
            cloud.township[lived_in],
        )


def _count_assets(
    ledger: Ledger,
    assets: Iterator[Asset],
    damage: Damage,
    valuation: Valuation,
    severities: Mapping[int, Array],
) -> tuple[str, ...]:
    found = []
    for asset in sorted(assets, key=lambda each: ASSETS.index(each.name)):
        severity = severities[id(asset.cloud)]
        ratio = damage.ratio(asset.name, severity, asset.cloud)
        if ratio is not None:
            found += [] if asset.name in found else [asset.name]
            _count_asset(ledger, asset, severity, ratio, damage.least, valuation)
    for column in ("value", "value_nodata", "unvalued", "loss_low", "loss", "loss_high"):
        ledger.sum_up(column, [f"{name}_{column}" for name in found])
    return tuple(found)


def _count_asset(
    ledger: Ledger, asset: Asset, severity: Array, ratio: Array, least: float, valuation: Valuation
) -> None:
    known = np.isfinite(severity)
    lower, upper = 1.0 - valuation.value_spread, 1.0 + valuation.value_spread
    gentle, harsh = 1.0 - valuation.curve_spread, 1.0 + valuation.curve_spread
    counts = {
        "hit": asset.amount * (severity >= least),
        "value": asset.value * known,
        "value_nodata": asset.value * ~known,
        "unvalued": np.isnan(asset.value).astype(np.float64),
        "loss_low": asset.value * lower * ratio * gentle,
        "loss": asset.value * ratio,
        "loss_high": asset.value * upper * np.minimum(ratio * harsh, 1.0),
    }
    for column, amounts in counts.items():
        ledger.add(f"{asset.name}_{column}", asset.cloud, amounts)

"""Hydrographs: what gauges and cross-sections of a simulated flood told over time, as layers and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.hazards.inputs import numbers
from layers.hazards.inundation_scenario import ARRIVES, InundationScenario
from layers.hazards.source import Reading, Source
from layers.layer import Provenance, Shapes, VectorLayer
from layers.risk.companions import Companions

Array = NDArray[np.float64]

TABLE = "hydrograph"
"""Catalogue kind of the table of all hydrographs."""
QUANTITIES: Mapping[str, str] = {"depth": "m", "level": "m", "speed": "m/s", "discharge": "m³/s"}
"""What is told, and its unit."""
_COLUMNS = {
    "time_h": "time",
    "depth_m": "depth",
    "level_m": "level",
    "speed_m_s": "speed",
    "m3_per_s": "discharge",
}


@dataclass(frozen=True, eq=False)
class Hydrograph:
    """What one place told over time.

    Parameters
    ----------
    name : str
    hours : ndarray of float64, shape (times,)
        From the beginning of the run.
    values : mapping of str to ndarray of float64, shape (times,)
        By quantity (see `QUANTITIES`): depth, level and speed of a gauge, discharge of a cross-section.
    """

    name: str
    hours: Array
    values: Mapping[str, Array]

    def at(self, quantity: str, hours: float) -> float:
        """The value at a time, linear between the told ones; NaN if the place does not tell it."""
        told = self.values.get(quantity)
        return float("nan") if told is None else float(np.interp(hours, self.hours, told))


def hydrograph_layers(
    model: InundationScenario, companions: Companions, crs: str, provenance: Provenance
) -> tuple[VectorLayer, ...]:
    """Gauges with their peaks, cross-sections with theirs, and the table of what they told.

    Parameters
    ----------
    model : InundationScenario
    companions : Companions
        Of its run.
    crs : str
        Of the places.
    provenance : Provenance

    Returns
    -------
    tuple of VectorLayer
        Kinds ``flood_gauge``, ``flood_section``, ``hydrograph``; without places, none.
    """
    found: list[VectorLayer] = []
    told = [each.rename(columns=_COLUMNS) for each in (companions.gauges, companions.sections) if len(each)]
    if model.gauges and len(companions.gauges):
        points = [shapely.Point(x, y) for _, x, y in model.gauges]
        rows = _gauge_rows(companions.gauges, [name for name, _, _ in model.gauges])
        found.append(
            VectorLayer("flood_gauge", "flood_gauge", crs, Shapes.of(points), rows, provenance=provenance)
        )
    if model.sections and len(companions.sections):
        lines = [shapely.LineString(line) for _, line in model.sections]
        rows = _section_rows(companions.sections, [name for name, _ in model.sections])
        found.append(
            VectorLayer("flood_section", "flood_section", crs, Shapes.of(lines), rows, provenance=provenance)
        )
    if told:
        table = pd.concat(told, ignore_index=True).reindex(columns=["name", "time", *QUANTITIES])
        found.append(VectorLayer(TABLE, TABLE, "", Shapes.none(len(table)), table, provenance=provenance))
    return tuple(found)


def _gauge_rows(told: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    by = told.groupby("name", sort=False)
    peak = told.loc[by["depth_m"].idxmax()].set_index("name").reindex(names)
    wet = told[told["depth_m"] >= ARRIVES].groupby("name")["time_h"].min()
    return pd.DataFrame(
        {
            "name": names,
            "depth": peak["depth_m"].round(3).to_numpy(),
            "level": peak["level_m"].round(3).to_numpy(),
            "peak_at": peak["time_h"].round(3).to_numpy(),
            "arrival": wet.reindex(names).round(3).to_numpy(),
            "speed": by["speed_m_s"].max().reindex(names).round(3).to_numpy(),
        }
    )


def _section_rows(told: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    by = told.groupby("name", sort=False)
    strongest = told.loc[told["m3_per_s"].abs().groupby(told["name"], sort=False).idxmax()].set_index("name")
    volume = {name: float(np.trapezoid(rows["m3_per_s"], rows["time_h"] * 3600.0)) / 1e4 for name, rows in by}
    strongest = strongest.reindex(names)
    return pd.DataFrame(
        {
            "name": names,
            "discharge": strongest["m3_per_s"].round(3).to_numpy(),
            "peak_at": strongest["time_h"].round(3).to_numpy(),
            "volume": [round(volume[name], 3) for name in names],
        }
    )


def stored_hydrographs(project: Source) -> tuple[Hydrograph, ...]:
    """The hydrographs that a project holds, in their order; none without a run that told any.

    Parameters
    ----------
    project : Source
    """
    layer = Reading(project).read_first(TABLE, "name", "time", *QUANTITIES)
    if layer is None:
        return ()
    table = layer.attributes
    found = []
    for name, rows in table.groupby("name", sort=False):
        hours = numbers(rows["time"])
        order = np.argsort(hours, kind="stable")
        values = {quantity: numbers(rows[quantity])[order] for quantity in QUANTITIES}
        known = {quantity: told for quantity, told in values.items() if np.isfinite(told).any()}
        found.append(Hydrograph(str(name), hours[order], known))
    return tuple(found)

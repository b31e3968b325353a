"""Scenario sets in a project: the layers of what they added up to, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from layers.changes import Edit
from layers.hazards.inputs import code_text, numbers
from layers.hazards.source import Reading, Source
from layers.layer import Provenance, RasterLayer, Shapes, VectorLayer
from layers.risk.assessment import exposure_of
from layers.risk.scenario_set import SetAnswer
from layers.storage.geopackage import ProjectFile, load
from layers.storage.passing import in_passing
from layers.storage.rasters import write_grid

ANNUAL: Mapping[str, str] = {"county": "annual_damage_county", "township": "annual_damage"}
"""Catalogue kinds of the yearly damage, by unit."""
TEXTS = ("place", "end")


@dataclass(frozen=True, eq=False)
class StoredSet:
    """A scenario set as a project holds it.

    Parameters
    ----------
    runs : DataFrame
        See `layers.risk.scenario_set.SetAnswer.table`.
    annual : mapping of str to DataFrame
        By unit, those that are stored.
    """

    runs: pd.DataFrame
    annual: Mapping[str, pd.DataFrame]


def set_layers(
    project: Source, found: SetAnswer, provenance: Provenance, folder: Path
) -> tuple[VectorLayer | RasterLayer, ...]:
    """Layers of a set: the table of runs, yearly damage by unit, exceedance maps.

    Parameters
    ----------
    project : Source
    found : SetAnswer
    provenance : Provenance
    folder : Path
        Where the maps are written.
    """
    runs = VectorLayer(
        "scenario_run", "scenario_run", "", Shapes.none(len(found.table)), found.table, provenance=provenance
    )
    layers: list[VectorLayer | RasterLayer] = [runs]
    regions = exposure_of(project).regions
    for unit, kind in ANNUAL.items():
        if unit in found.annual:
            yearly = found.annual[unit].iloc[: len(regions[unit])].reset_index(drop=True)
            layers.append(
                VectorLayer(kind, kind, project.crs, regions[unit].shapes, yearly, provenance=provenance)
            )
    for depth, grid in found.exceedance.items():
        name = f"exceedance_{round(depth * 100):03d}"
        path = folder / f"{name}.tif"
        write_grid(grid, path)
        title = f"AEP ≥ {depth:g} m"
        layers.append(
            RasterLayer(
                name, "exceedance_flood", str(path), grid.lattice, "", title=title, provenance=provenance
            )
        )
    return tuple(layers)


def set_edit(name: str, project: ProjectFile, found: SetAnswer, provenance: Provenance) -> Edit:
    """The edit that stores a set in place of an earlier one.

    Parameters
    ----------
    name : str
        What the user did, in the user's language.
    project : ProjectFile
    found : SetAnswer
    provenance : Provenance

    Returns
    -------
    Edit
        Its rasters lie in a temporary folder, which goes when the edit does.
    """

    def made(folder: Path) -> Edit:
        return load(name, set_layers(project, found, provenance, folder), project, replace_kind=True)

    return in_passing(made)


def stored_set(project: Source) -> StoredSet | None:
    """The scenario set that a project holds; None without one.

    Parameters
    ----------
    project : Source
    """
    reading = Reading(project)
    runs = _table(reading, "scenario_run", TEXTS)
    if runs is None:
        return None
    annual = {unit: _table(reading, kind, ("code", "name")) for unit, kind in ANNUAL.items()}
    return StoredSet(runs, {unit: table for unit, table in annual.items() if table is not None})


def _table(reading: Reading, kind: str, texts: tuple[str, ...]) -> pd.DataFrame | None:
    """The columns of a layer that a set has: texts as they are, all else as numbers."""
    entry = reading.first(kind)
    if entry is None:
        return None
    frame = reading.source.read(entry.name).attributes.drop(columns=["uuid"], errors="ignore")
    return pd.DataFrame(
        {
            name: [code_text(cell) for cell in frame[name]] if name in texts else numbers(frame[name])
            for name in frame.columns
        }
    )

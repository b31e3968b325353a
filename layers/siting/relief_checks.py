"""What relief is watched by: who hears a warning, whether every patch has its person."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from layers.grid import Array, Extent
from layers.hazards.inputs import MissingLayer, code_text, needed_layer, numbers
from layers.hazards.source import Reading, Source
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.siting.arcs import Mask
from layers.siting.relief import check_patches
from layers.siting.residents import Residents, residents_of
from layers.words import Language, say

REACH = 1000.0
"""How far a siren is heard where its layer does not say, m (assumed)."""


class Heard(NamedTuple):
    """Who hears a warning.

    Parameters
    ----------
    share, sirens, staff : float
        Of the people: in all, by sirens and loudspeakers, by grid staff.
    table : pandas.DataFrame
        By county ``name, people, sirens, staff, share`` (per cent).
    layer : VectorLayer
        Townships with the share that hears it, kind ``warning_reach``.
    """

    share: float
    sirens: float
    staff: float
    table: pd.DataFrame
    layer: VectorLayer


def warned(project: Source, language: Language, progress: Progress = ignore) -> Heard:
    """Share of the people whom sirens, loudspeakers or grid staff warn, in all, by county and by township.

    Staff warn the people of patches for which somebody is responsible.

    Raises
    ------
    MissingLayer
        Neither sirens nor patches, or no counties.
    """
    reading = Reading(project)
    counties = needed_layer(reading, "county", "name")
    people = residents_of(project, progress=part(progress, 0.0, 0.7))
    loud, staff = _loud(reading, people), _staffed(reading, people)
    if loud is None and staff is None:
        raise MissingLayer("siren")
    nobody = np.zeros(len(people.xy), bool)
    loud, staff = nobody if loud is None else loud, nobody if staff is None else staff
    channels = {"sirens": loud, "staff": staff, "share": loud | staff}
    rows = []
    for name, shape in zip(counties["name"], counties.shapes.geometries(), strict=True):
        shapely.prepare(shape)
        here = shapely.contains_xy(shape, *people.xy.T)
        shares = [_share(people.people[here], heard[here]) for heard in channels.values()]
        rows.append((code_text(name), float(people.people[here].sum()), *(round(100 * s, 1) for s in shares)))
    table = pd.DataFrame(rows, columns=["name", "people", *channels])
    progress(0.9)
    whole = {name: _share(people.people, heard) for name, heard in channels.items()}
    layer = _by_town(project, people, channels["share"], language)
    progress(1.0)
    return Heard(whole["share"], whole["sirens"], whole["staff"], table, layer)


def _loud(reading: Reading, people: Residents) -> Mask | None:
    """Who lives within reach of a siren or loudspeaker."""
    sirens = reading.read("siren", "reach")
    if sirens is None:
        return None
    reach = numbers(sirens["reach"])
    heard = shapely.buffer(sirens.shapes.geometries(), np.where(np.isfinite(reach), reach, REACH))
    return _within(shapely.union_all(heard), people)


def _staffed(reading: Reading, people: Residents) -> Mask | None:
    """Who lives in a patch for which somebody is responsible."""
    patches = reading.read("grid_patch", "responsible")
    if patches is None:
        return None
    named = patches["responsible"].map(code_text).str.strip().ne("").to_numpy(bool)
    return _within(shapely.union_all(patches.shapes.geometries(np.flatnonzero(named))), people)


def _within(ground: shapely.Geometry, people: Residents) -> Mask:
    shapely.prepare(ground)
    return np.asarray(shapely.contains_xy(ground, *people.xy.T))


def _share(people: Array, heard: Mask) -> float:
    total = float(people.sum())
    return float(people[heard].sum()) / total if total else float("nan")


def _by_town(project: Source, people: Residents, heard: Mask, language: Language) -> VectorLayer:
    """Townships with the share of their people who hear a warning."""
    towns, known = people.towns, people.township >= 0
    town, count = people.township[known], len(people.towns)
    total = np.bincount(town, people.people[known], count)
    unheard = np.bincount(town, np.where(heard, 0.0, people.people)[known], count)
    table = pd.DataFrame({"code": towns.codes, "name": towns.names, "people": total, "unheard": unheard})
    table["share"] = np.round(100 * (1 - unheard / np.where(total > 0, total, 1.0)), 1)
    rows = np.flatnonzero(total > 0)
    table, title = table.iloc[rows].reset_index(drop=True), say("relief.warning_layer", language)
    return VectorLayer("warning_reach", "warning_reach", project.crs, towns.shapes.take(rows), table, title)


class Patches(NamedTuple):
    """What is wrong with the grid: ``what, where, area_m2``; the ground, as boxes and as a layer."""

    table: pd.DataFrame
    places: tuple[Extent, ...]
    layer: VectorLayer | None


def grid_findings(project: Source, language: Language) -> Patches:
    """Overlaps and gaps of the patches within the townships, and patches without a person.

    Raises
    ------
    MissingLayer
        No patches, or no townships.
    """
    patches = needed_layer(Reading(project), "grid_patch", "name", "responsible")
    towns = needed_layer(Reading(project), "township", "code")
    shapes = patches.shapes.geometries()
    names = [code_text(name) or "—" for name in patches["name"]]
    people = [code_text(person) for person in patches["responsible"]]
    found = check_patches(shapes, people, shapely.union_all(towns.shapes.geometries()))
    rows = [("overlap", f"{names[a]} / {names[b]}", float(area), shapely.intersection(shapes[a], shapes[b]))
            for (a, b), area in zip(found.overlaps, found.overlap, strict=True)]  # fmt: skip
    rows += [("gap", "—", float(shapely.area(each)), each) for each in shapely.get_parts(found.gap)]
    rows += [("unnamed", names[row], float(shapely.area(shapes[row])), shapes[row]) for row in found.unnamed]
    table = pd.DataFrame([row[:3] for row in rows], columns=["what", "where", "area_m2"])
    table["what"] = [say(f"relief.patch.{what}", language) for what in table["what"]]
    ground = [_areas(row[3]) for row in rows]
    layer = VectorLayer("grid_finding", "grid_finding", project.crs, Shapes.of(ground, "polygon"), table,
                        say("relief.patch_layer", language)) if rows else None  # fmt: skip
    places = tuple(Extent(*shape.bounds).grown(300.0) for shape in ground)
    return Patches(table, places, layer)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of what may be a collection."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])

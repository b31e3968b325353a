"""What relief is watched by: who hears a warning, whether every patch has its person."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from layers.hazards.inputs import code_text, needed_layer, numbers
from layers.hazards.source import Reading, Source
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.siting.relief import check_patches, warning_coverage
from layers.siting.residents import residents_of
from layers.words import Language, say

REACH = 1000.0
"""How far a siren is heard where its layer does not say, m (assumed)."""


class Heard(NamedTuple):
    """Who hears a warning: share of the people, and by county ``name, people, share`` (per cent)."""

    share: float
    table: pd.DataFrame


def warned(project: Source, progress: Progress = ignore) -> Heard:
    """Share of the people within reach of sirens and loudspeakers, in all and by county.

    Raises
    ------
    MissingLayer
        No sirens, or no counties.
    """
    sirens = needed_layer(Reading(project), "siren", "reach")
    counties = needed_layer(Reading(project), "county", "name")
    people = residents_of(project, progress=part(progress, 0.0, 0.8))
    reach = numbers(sirens["reach"])
    heard = shapely.buffer(sirens.shapes.geometries(), np.where(np.isfinite(reach), reach, REACH))
    shapes = counties.shapes.geometries()
    rows = []
    for name, shape in zip(counties["name"], shapes, strict=True):
        shapely.prepare(shape)
        here = shapely.contains_xy(shape, *people.xy.T)
        share = warning_coverage(people.xy[here], people.people[here], heard, shape)
        rows.append((code_text(name), float(people.people[here].sum()), round(100 * share, 1)))
    whole = warning_coverage(people.xy, people.people, heard, shapely.union_all(shapes))
    progress(1.0)
    return Heard(whole, pd.DataFrame(rows, columns=["name", "people", "share"]))


class Patches(NamedTuple):
    """What is wrong with the grid: ``what, where, area_m2``; and the ground in question as a layer."""

    table: pd.DataFrame
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
    return Patches(table, layer)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of what may be a collection."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])

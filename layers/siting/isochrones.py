"""Ground and people within some minutes of a place, depot, station or shelter, on foot or by vehicle."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from rasterio.features import shapes as outlines
from rasterio.transform import Affine

from layers.errors import BadInput
from layers.grid import Array, Extent, Lattice
from layers.hazards.source import Source
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.siting.arcs import Index
from layers.siting.network import Lines, Network
from layers.siting.paths import Access, reached, seconds_from
from layers.siting.relief_study import origin_of
from layers.siting.residents import Residents, residents_of
from layers.words import Language, say

CELLS = 350
"""Cells along the longer side of the ground that is reached."""
FINEST, COARSEST = 20.0, 500.0
"""Sides of the cells, m."""
FURTHEST = 2000.0
"""Metres from the nearest road beyond which nothing is reached."""


class Isochrones(NamedTuple):
    """What is reached within some times.

    Parameters
    ----------
    layer : VectorLayer
        One ring a time, kind ``isochrone``: ``minutes`` (up to), ``area_km2``, ``people``.
    table : pandas.DataFrame
        By township ``county, code, name, people``, then ``within_10`` … (people, each time with those before
        it) and ``beyond``; people outside all townships in a last row without a code.
    """

    layer: VectorLayer
    table: pd.DataFrame


def minutes_of(text: str) -> tuple[float, ...]:
    """Rising times from words such as ``10,20,30``.

    Raises
    ------
    BadInput
        Not positive numbers with commas between.

    Examples
    --------
    >>> minutes_of("30,10")
    (10.0, 30.0)
    """
    try:
        found = sorted({float(word) for word in text.replace("，", ",").split(",")})
    except ValueError:
        raise BadInput("isochrone_minutes", text=text) from None
    if not 0 < found[0] <= found[-1] < np.inf:
        raise BadInput("isochrone_minutes", text=text)
    return tuple(found)


def isochrones(
    project: Source,
    network: Network,
    sources: Array,
    minutes: Sequence[float],
    title: str,
    language: Language,
    progress: Progress = ignore,
) -> Isochrones:
    """Ground and people within some times of the nearest of some places.

    The time holds the way to the road and from it, at the pace of people. Ground is told in square cells;
    people are counted where they live, not by cell.

    Parameters
    ----------
    project : Source
        Its people.
    network : Network
        The roads that are open.
    sources : ndarray of float64, shape (k, 2)
    minutes : sequence of float
        Rising.
    title : str
        Of the layer.
    language : {"zh_CN", "en"}

    Raises
    ------
    BadInput
        No place has a road near it.
    """
    people = residents_of(project, progress=part(progress, 0.0, 0.4))
    access = Access.of(network, np.concatenate([sources, people.xy]), FURTHEST)
    if not access.is_tied[: len(sources)].any():
        raise BadInput("isochrone_far", metres=f"{FURTHEST:g}")
    starts = np.arange(len(sources))
    seconds = seconds_from(access, starts)[access.nodes[len(sources) :]] + access.approach[len(sources) :]
    progress(0.6)
    ring = _rings(seconds, minutes)
    ground, areas = _ground(project.crs, network, sources, minutes)
    progress(0.9)
    counts = np.bincount(ring, people.people, len(minutes) + 1)[:-1]
    table = pd.DataFrame({"minutes": list(minutes), "area_km2": np.round(areas, 4), "people": counts})
    layer = VectorLayer("isochrone", "isochrone", project.crs, Shapes.of(ground, "polygon"), table, title, (),
                        origin_of(project, language))  # fmt: skip
    progress(1.0)
    return Isochrones(layer, _by_town(people, ring, minutes, language))


def _rings(seconds: Array, minutes: Sequence[float]) -> Index:
    """Which ring a time belongs to; beyond the last one: their number."""
    return np.searchsorted(np.asarray(minutes) * 60.0, seconds, side="left").astype(np.int64)


def _ground(crs: str, network: Network, sources: Array, minutes: Sequence[float]) -> tuple[Lines, Array]:
    """The ground of each ring, and its square kilometres."""
    lattice = _lattice(crs, network, sources, minutes[-1] * 60.0)
    x = lattice.west + (np.arange(lattice.columns) + 0.5) * lattice.cell
    y = lattice.north - (np.arange(lattice.rows) + 0.5) * lattice.cell
    places = np.column_stack([each.ravel() for each in np.meshgrid(x, y)])
    access = Access.of(network, np.concatenate([sources, places]), FURTHEST)
    count = len(sources)
    seconds = seconds_from(access, np.arange(count))[access.nodes[count:]] + access.approach[count:]
    ring = _rings(seconds, minutes).reshape(lattice.shape).astype(np.uint8)
    transform = Affine(*lattice.transform)
    parts: dict[int, list[object]] = {number: [] for number in range(len(minutes))}
    for shape, value in outlines(ring, mask=ring < len(minutes), transform=transform):
        parts[int(value)].append(shapely.geometry.shape(shape))
    ground = np.array([shapely.multipolygons(np.array(each, object)) for each in parts.values()], object)
    return ground, shapely.area(ground) / 1e6


def _lattice(crs: str, network: Network, sources: Array, limit: float) -> Lattice:
    """Cells over all that may be reached within a limit, from all sources."""
    lines = reached(Access.of(network, sources, FURTHEST), np.arange(len(sources)), limit)
    beside = min(limit * network.travel.off_road, FURTHEST)
    box = shapely.total_bounds(lines if len(lines) else shapely.points(sources))
    extent = Extent(*box.tolist()).grown(beside)
    cell = float(np.clip(max(extent.width, extent.height) / CELLS, FINEST, COARSEST))
    return Lattice.covering(extent, cell, crs)


def _by_town(people: Residents, ring: Index, minutes: Sequence[float], language: Language) -> pd.DataFrame:
    """People of each township within each time, and beyond the last."""
    towns, count = people.towns, len(people.towns)
    row = np.where(people.township >= 0, people.township, count)
    found = np.zeros((count + 1, len(minutes) + 1))
    np.add.at(found, (row, ring), people.people)
    table = pd.DataFrame({
        "county": [*towns.parents, ""], "code": [*towns.codes, ""],
        "name": [*towns.names, say("relief.outside", language)], "people": found.sum(axis=1),
    })  # fmt: skip
    within = found.cumsum(axis=1)
    for number, limit in enumerate(minutes):
        table[f"within_{limit:g}"] = within[:, number]
    table["beyond"] = found[:, -1]
    return table[table["people"] > 0].reset_index(drop=True)

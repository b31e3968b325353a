"""Relief for a shelter plan: what depots give, who is helped within ten hours, what fire engines reach."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.inputs import MissingLayer, code_text, numbers
from layers.hazards.source import Reading, Source
from layers.layer import Provenance, VectorLayer
from layers.progress import Progress, ignore, part
from layers.siting.arcs import Mask
from layers.siting.closing import Closing, roads_of
from layers.siting.ledger import row_error
from layers.siting.network import Network, Travel, by_vehicle, road_network
from layers.siting.paths import Access, travel_times
from layers.siting.relief import FIRST_HELP_HOURS, is_helped_in_time, nearest, share_helped
from layers.siting.residents import Gathering, gather, residents_of
from layers.siting.shelter_plan import ShelterPlan
from layers.words import Language, say

STOCKS = {"tent": ("tents", 1.0), "quilt": ("quilts", 1.0), "water": ("water", 1e3), "grain": ("food", 1e3)}
"""What the columns of depots hold of an item, and units a unit of the column: tonnes of water are litres."""


@dataclass(frozen=True, eq=False)
class Depots:
    """Depots of a project.

    Parameters
    ----------
    layer : VectorLayer
    xy : ndarray of float64, shape (k, 2)
    """

    layer: VectorLayer
    xy: Array

    @classmethod
    def of(cls, project: Source) -> "Depots":
        """All depots.

        Raises
        ------
        MissingLayer
        """
        columns = {column for column, _ in STOCKS.values()}
        layer = Reading(project).read("depot", "name", "tier", "floor_area", *sorted(columns))
        if layer is None or not len(layer):
            raise MissingLayer("depot")
        return cls(layer, places_of(layer))

    def stock(self, item: str) -> Array:
        """What each depot holds of an item, in the unit of the needs; an empty cell is nothing.

        Raises
        ------
        BadInput
            A cell below zero, or of words; layer, row and column are named.
        """
        column, factor = STOCKS[item]
        cells = self.layer[column]
        held = numbers(cells)
        for row, cell in enumerate(cells):
            if held[row] < 0 or (held[row] != held[row] and code_text(cell)):
                raise row_error(self.layer, row, column, cell)
        return np.nan_to_num(held) * factor

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [code_text(name) for name in self.layer["name"]]

    @property
    def tiers(self) -> list[str]:
        """市级, 县级, 乡镇."""
        return [code_text(tier) for tier in self.layer["tier"]]

    @property
    def floor_area(self) -> Array:
        """m²; NaN where it is not told."""
        return numbers(self.layer["floor_area"])


class Hours(NamedTuple):
    """The ten-hour rule: from the report until people are helped.

    Parameters
    ----------
    limit, mobilise, transfer : float
        Hours.
    """

    limit: float = FIRST_HELP_HOURS
    mobilise: float = 2.0
    transfer: float = 2.0

    @property
    def drive(self) -> float:
        """What is left for the drive, seconds."""
        return max(self.limit - self.mobilise - self.transfer, 0.0) * 3600.0


def places_of(layer: VectorLayer) -> Array:
    """The middle of each feature, shape (n, 2).

    Raises
    ------
    BadInput
        A feature without a place; layer, row and name are told.
    """
    middle = shapely.centroid(layer.shapes.geometries())
    lost = np.flatnonzero(shapely.is_missing(middle) | shapely.is_empty(middle))
    if len(lost):
        row = int(lost[0])
        name = code_text(layer["name"].iloc[row]) if "name" in layer.attributes else ""
        raise BadInput("feature_nowhere", layer=layer.title or layer.name, row=row + 1, name=name or "—",
                       more=len(lost) - 1)  # fmt: skip
    found: Array = shapely.get_coordinates(middle)
    return found


def stations_of(project: Source, kind: str) -> VectorLayer:
    """All features of a kind from which help comes, with their names.

    Raises
    ------
    MissingLayer
        There are none.
    """
    layer = Reading(project).read(kind, "name")
    if layer is None or not len(layer):
        raise MissingLayer(kind)
    return layer


def open_roads(project: Source, travel: Travel, closing: Closing | None) -> Network:
    """The network of a project's roads that an event leaves open.

    Raises
    ------
    MissingLayer
        No roads.
    """
    network = road_network(roads_of(project), travel)
    return network if closing is None else closing.of(network)


def drives(project: Source, closing: Closing | None, places: Array, stations: Array,
           progress: Progress = ignore) -> Array:  # fmt: skip
    """Seconds by vehicle to places from stations, on the roads that an event leaves open.

    Returns
    -------
    ndarray of float64, shape (places, stations)
    """
    network = open_roads(project, by_vehicle(), closing)
    access = Access.of(network, np.concatenate([places, stations]))
    starts, ends = len(places) + np.arange(len(stations)), np.arange(len(places))
    return travel_times(access, starts, ends, progress=progress).T


class Help(NamedTuple):
    """Who is helped within the limit.

    Parameters
    ----------
    share : float
        Of the people.
    places : Gathering
    helped : ndarray of bool, shape (places,)
    layer : VectorLayer
        Townships with the share helped, kind ``relief_reach``.
    table : pandas.DataFrame
        ``code, name, people, late, share``.
    """

    share: float
    places: Gathering
    helped: Mask
    layer: VectorLayer
    table: pd.DataFrame


def ten_hours(
    project: Source, closing: Closing | None, hours: Hours, language: Language, progress: Progress = ignore
) -> Help:
    """Who is helped by the nearest depot within a limit: mobilise, drive, transfer.

    Parameters
    ----------
    project : Source
    closing : Closing, optional
        The roads that an event closes.
    hours : Hours
    """
    depots = Depots.of(project)
    places = gather(residents_of(project, progress=part(progress, 0.0, 0.4)), "grid", 2000.0)
    seconds = drives(project, closing, places.xy, depots.xy, part(progress, 0.4, 1.0))
    helped = is_helped_in_time(seconds, hours.mobilise * 3600, hours.transfer * 3600, hours.limit * 3600)
    table = _by_town(places, helped)
    title = say("relief.reach_layer", language, hours=f"{hours.limit:g}")
    layer = VectorLayer("relief_reach", "relief_reach", project.crs,
                        places.towns.shapes.take(table.index.to_numpy()), table.reset_index(drop=True), title,
                        (), origin_of(project, language))  # fmt: skip
    return Help(share_helped(places.residents, helped), places, helped, layer, table)


def _by_town(places: Gathering, helped: Mask) -> pd.DataFrame:
    known = places.township >= 0
    town, people = places.township[known], places.residents[known]
    total = np.bincount(town, people, len(places.towns))
    late = np.bincount(town, np.where(helped[known], 0.0, people), len(places.towns))
    towns = {"code": places.towns.codes, "name": places.towns.names}
    table = pd.DataFrame({**towns, "people": total, "late": late})
    table["share"] = np.round(100 * (1 - late / np.where(total > 0, total, 1.0)), 1)
    return table[total > 0]


def origin_of(project: Source, language: Language) -> Provenance:
    """Where a relief study comes from."""
    read = [each for each in project.layers() if each.kind in {"road", "depot", "fire_station", "building"}]
    synthetic = any(each.provenance.synthetic for each in read)
    return Provenance(source=say("relief.source", language), synthetic=synthetic)


def responders_for(
    project: Source,
    plan: ShelterPlan,
    closing: Closing | None,
    kind: str,
    count: int,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """The nearest responders of a kind to each shelter: ``site, rank, name, minutes``; one row without a name
    for a shelter that none can reach.
    """
    layer = stations_of(project, kind)
    seconds = drives(project, closing, plan.xy, places_of(layer), progress)
    which, found = nearest(seconds, min(count, len(layer)))
    names = [code_text(name) for name in layer["name"]]
    rows = [(plan.names[site], rank + 1, names[which[site, rank]] if which[site, rank] >= 0 else "",
             found[site, rank] / 60)
            for site, rank in np.ndindex(which.shape) if which[site, rank] >= 0 or not rank]  # fmt: skip
    return pd.DataFrame(rows, columns=["site", "rank", "name", "minutes"])

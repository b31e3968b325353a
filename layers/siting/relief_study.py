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
from layers.layer import Provenance, Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.risk.needs import needs_of
from layers.siting.arcs import Mask
from layers.siting.network import by_vehicle, road_network
from layers.siting.paths import Access, isochrone, travel_times
from layers.siting.relief import depot_findings, distribute, is_helped_in_time, nearest, share_helped
from layers.siting.residents import Gathering, gather, residents_of
from layers.siting.scenario import open_roads
from layers.siting.shelter_layers import site_table
from layers.siting.shelter_plan import ShelterPlan
from layers.storage.rasters import read_grid
from layers.words import Language, say

STOCKS = {"tent": ("tents", 1.0), "quilt": ("quilts", 1.0), "water": ("water", 1e3), "grain": ("food", 1e3)}
"""What the columns of depots hold of an item, and units a unit of the column: tonnes of water are litres."""
TIERS = ("市级", "县级", "乡镇")
NOT_BURNABLE = (91.0, 100.0)
"""Fuel models that do not burn, from and below."""


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
        """What each depot holds of an item, in the unit of the needs."""
        column, factor = STOCKS[item]
        return np.nan_to_num(numbers(self.layer[column])) * factor

    def table(self) -> pd.DataFrame:
        """One row a depot: ``name, tier, floor_area, low, high, complies`` by 建标121-2009; no rule: NaN."""
        rows = []
        for name, tier, area in zip(self.layer["name"], self.layer["tier"], numbers(self.layer["floor_area"]),
                                    strict=True):  # fmt: skip
            try:
                low, high, complies = depot_findings(code_text(tier), float(area))
            except BadInput:  # 建标121-2009 asks nothing of townships
                low, high, complies = float("nan"), float("nan"), True
            rows.append((code_text(name), code_text(tier), float(area), low, high, complies))
        return pd.DataFrame(rows, columns=["name", "tier", "floor_area", "low", "high", "complies"])


def places_of(layer: VectorLayer) -> Array:
    """The middle of each feature, shape (n, 2)."""
    found: Array = shapely.get_coordinates(shapely.centroid(layer.shapes.geometries()))
    return found


def drives(project: Source, plan: ShelterPlan | None, points: Array, targets: Array,
           progress: Progress = ignore) -> Array:  # fmt: skip
    """Seconds by vehicle from places to places, on the roads that a plan's water leaves open.

    Returns
    -------
    ndarray of float64, shape (points, targets)
    """
    roads = Reading(project).read("road", "name", "class")
    if roads is None:
        raise MissingLayer("road")
    network = open_roads(road_network(roads, by_vehicle()), None if plan is None else plan.case.depth)
    access = Access.of(network, np.concatenate([points, targets]))
    origins, ends = np.arange(len(points)), len(points) + np.arange(len(targets))
    return travel_times(access, origins, ends, progress=progress)


class Balance(NamedTuple):
    """What is needed at the shelters of a plan and what the depots can give.

    Parameters
    ----------
    items : pandas.DataFrame
        ``item, zh, en, unit, needed, stock, given, gap, status``; of items that no depot counts the stock is
        NaN.
    deliveries : pandas.DataFrame
        ``depot, site, item, amount, minutes``.
    """

    items: pd.DataFrame
    deliveries: pd.DataFrame


def balance(
    project: Source, plan: ShelterPlan, days: int, season: str, progress: Progress = ignore
) -> Balance:
    """Needs of the people in shelters, and their allocation from the depots on the quickest ways."""
    depots = Depots.of(project)
    sites = site_table(plan)
    needs = needs_of(float(sites["people"].sum()), 0.0, days, season)
    needs = needs[needs["amount"] > 0]
    seconds = drives(project, plan, plan.xy, depots.xy, part(progress, 0.0, 0.8))
    items, moves = [], []
    for line in needs.itertuples():
        share = sites["people"].to_numpy(float) / max(float(sites["people"].sum()), 1.0)
        wanted = float(str(line.amount)) * share
        if line.item not in STOCKS:
            unknown = (np.nan, np.nan, np.nan)
            items.append((line.item, line.zh, line.en, line.unit, line.amount, *unknown, line.status))
            continue
        stock = depots.stock(str(line.item))
        found = distribute(wanted, stock, seconds)
        given = float(found.amount.sum())
        items.append((line.item, line.zh, line.en, line.unit, line.amount, float(stock.sum()), given,
                      float(found.gap.sum()), line.status))  # fmt: skip
        for site, depot in zip(*np.nonzero(found.amount > 0.5), strict=True):
            moves.append((code_text(depots.layer["name"].iloc[depot]), sites["name"].iloc[site], line.item,
                          float(found.amount[site, depot]), float(seconds[site, depot]) / 60))  # fmt: skip
    progress(1.0)
    names = ["item", "zh", "en", "unit", "needed", "stock", "given", "gap", "status"]
    deliveries = pd.DataFrame(moves, columns=["depot", "site", "item", "amount", "minutes"])
    return Balance(pd.DataFrame(items, columns=names), deliveries)


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
    project: Source, plan: ShelterPlan | None, mobilise: float, transfer: float, limit: float,
    language: Language, progress: Progress = ignore,
) -> Help:  # fmt: skip
    """Who is helped by the nearest depot within a limit: mobilise, drive, transfer.

    Parameters
    ----------
    project : Source
    plan : ShelterPlan, optional
        Its water closes roads.
    mobilise, transfer, limit : float
        Hours.
    """
    depots = Depots.of(project)
    places = gather(residents_of(project, progress=part(progress, 0.0, 0.4)), "grid", 2000.0)
    seconds = drives(project, plan, places.xy, depots.xy, part(progress, 0.4, 1.0))
    helped = is_helped_in_time(seconds, mobilise * 3600, transfer * 3600, limit * 3600)
    table = _by_town(places, helped)
    title = say("relief.reach_layer", language, hours=f"{limit:g}")
    layer = VectorLayer("relief_reach", "relief_reach", project.crs,
                        places.towns.shapes.take(table.index.to_numpy()), table.reset_index(drop=True), title,
                        (), _origin(project, language))  # fmt: skip
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


def _origin(project: Source, language: Language) -> Provenance:
    read = [each for each in project.layers() if each.kind in {"road", "depot", "fire_station", "building"}]
    synthetic = any(each.provenance.synthetic for each in read)
    return Provenance(source=say("relief.source", language), synthetic=synthetic)


class Reach(NamedTuple):
    """What is reached from stations within some minutes.

    Parameters
    ----------
    layer : VectorLayer
        The ground, kind ``response_area``.
    burnable, reached : float
        km² of burnable fuel, and of it within reach; NaN without fuel models.
    """

    layer: VectorLayer
    burnable: float
    reached: float


def fire_reach(project: Source, minutes: float, language: Language, progress: Progress = ignore) -> Reach:
    """Ground within reach of the fire stations, and the share of burnable fuel in it."""
    stations = Reading(project).read("fire_station", "name")
    roads = Reading(project).read("road", "name", "class")
    if stations is None or not len(stations):
        raise MissingLayer("fire_station")
    if roads is None:
        raise MissingLayer("road")
    access = Access.of(road_network(roads, by_vehicle()), places_of(stations))
    progress(0.3)
    ground = isochrone(access, np.arange(len(stations)), minutes * 60)
    progress(0.7)
    burnable, reached = _fuel(project, ground)
    title = say("relief.response_layer", language, minutes=f"{minutes:g}")
    table = pd.DataFrame({"minutes": [minutes], "area_km2": [float(shapely.area(ground)) / 1e6]})
    shapes, origin = Shapes.of([ground], "polygon"), _origin(project, language)
    layer = VectorLayer("response_area", "response_area", project.crs, shapes, table, title, (), origin)
    progress(1.0)
    return Reach(layer, burnable, reached)


def _fuel(project: Source, ground: shapely.Geometry) -> tuple[float, float]:
    """km² of burnable fuel, and of it inside."""
    reading = Reading(project)
    entry = reading.first("fuel")
    if entry is None:
        return float("nan"), float("nan")
    grid = read_grid(reading.raster(entry))
    row, column = np.nonzero(np.isfinite(grid.values) & ~((grid.values >= NOT_BURNABLE[0])
                                                          & (grid.values < NOT_BURNABLE[1])))  # fmt: skip
    lattice = grid.lattice
    x = lattice.west + (column + 0.5) * lattice.cell
    y = lattice.north - (row + 0.5) * lattice.cell
    shapely.prepare(ground)
    inside = shapely.contains_xy(ground, x, y)
    cell = lattice.cell**2 / 1e6
    return len(x) * cell, float(inside.sum()) * cell


def responders_for(
    project: Source, plan: ShelterPlan, kind: str, count: int, progress: Progress = ignore
) -> pd.DataFrame:
    """The nearest responders of a kind to each shelter: ``site, rank, name, minutes``."""
    layer = Reading(project).read(kind, "name")
    if layer is None or not len(layer):
        raise MissingLayer(kind)
    seconds = drives(project, plan, plan.xy, places_of(layer), progress)
    which, found = nearest(seconds, min(count, len(layer)))
    names, known = [code_text(name) for name in layer["name"]], np.argwhere(which >= 0)
    rows = [(plan.names[site], rank + 1, names[which[site, rank]], found[site, rank] / 60)
            for site, rank in known.tolist()]  # fmt: skip
    return pd.DataFrame(rows, columns=["site", "rank", "name", "minutes"])

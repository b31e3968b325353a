"""Made-up buildings: rows of rectangles round the settlements, with structure, storeys, year and occupants.

Township population is the truth: occupants are its apportionment, by floor area, to the last person.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from layers.grid import Array
from layers.progress import Progress, ignore, part
from layers.sample.ground import Ground
from layers.sample.plane import chance, largest_remainder

USES = np.array(["城镇住宅", "农村住宅", "公共建筑", "工商建筑", "其他"], dtype=object)
STRUCTURES = np.array(["钢筋混凝土", "砖混", "砖木", "土木", "钢结构", "其他"], dtype=object)
SURVEY_YEAR = 2020
URBAN_DENSITY = 2500.0  # people per km² from which a township is town all over
SPARE = 3.0  # plots laid out for each that is needed
EDGE = 26.0  # metres between a building's middle and the township line: more than half its diagonal
VERGE = 27.0  # metres between a building's middle and the middle of a road
CLEARANCE = 45.0  # metres that settlements keep from each other
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Settlements:
    """Clusters of buildings.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
    town : ndarray of intp, shape (n,)
        Row of the township.
    target : ndarray of float64, shape (n,)
        Buildings wanted.
    urban : ndarray of bool, shape (n,)
    """

    xy: Array
    town: Index
    target: Array
    urban: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Plots:
    """Places to build on: middle, settlement, turn of the rows (radians); innermost first in a settlement."""

    xy: Array
    settlement: Index
    turn: Array


def build(ground: Ground, count: int, progress: Progress = ignore) -> pd.DataFrame:
    """Buildings in the columns of the catalogue, with `polygon` on the plane.

    Parameters
    ----------
    ground : Ground
    count : int
        Number of buildings; at least twenty a township.
    progress : Progress

    Returns
    -------
    pandas.DataFrame
        Columns code, township_code, use, structure, storeys, floor_area (m²), year, occupants, polygon.
    """
    towns = ground.townships
    wanted = 20 + largest_remainder(towns["people"].to_numpy(float) ** 0.6, count - 20 * len(towns))
    settlements = _settle(ground, wanted)
    progress(0.1)
    plots = _plots(ground, settlements, wanted, part(progress, 0.1, 0.6))
    town, urban = settlements.town[plots.settlement], settlements.urban[plots.settlement]
    first = np.concatenate([[True], town[1:] != town[:-1]])
    rows = _describe(urban, first)
    progress(0.7)
    rows["occupants"] = _occupants(rows, town, towns["people"].to_numpy(), part(progress, 0.7, 0.8))
    codes = towns["code"].to_numpy(dtype=object)[town]
    number = pd.Series(town).groupby(town).cumcount() + 1
    rows.insert(0, "township_code", codes)
    rows.insert(0, "code", pd.Series(codes, dtype=object) + number.map("{:05d}".format))
    rows["polygon"] = _rectangles(plots, rows.pop("length").to_numpy(), rows.pop("depth").to_numpy())
    progress(1.0)
    return rows


def _settle(ground: Ground, wanted: NDArray[np.int64]) -> Settlements:
    """Settlements of each township, its seat by far the largest; none inside a larger one."""
    towns, xy = ground.townships, ground.settlements
    points, owner = shapely.STRtree(towns["polygon"].to_numpy()).query(shapely.points(xy), predicate="within")
    xy, town = xy[points], owner
    seats = towns[["x", "y"]].to_numpy()
    is_seat = np.hypot(*(xy - seats[town]).T) < 5
    missing = np.setdiff1d(np.arange(len(towns)), town[is_seat])
    xy, town = np.concatenate([xy, seats[missing]]), np.concatenate([town, missing])
    is_seat = np.concatenate([is_seat, np.ones(len(missing), bool)])
    density = towns["people"].to_numpy() / shapely.area(towns["polygon"].to_numpy()) * 1e6
    urban = (density > URBAN_DENSITY)[town] | (is_seat & (towns["people"].to_numpy() > 45_000)[town])
    weight = chance("settlements").lognormal(0, 0.5, len(xy))
    weight[is_seat] *= np.where(urban[is_seat], 16, 6)
    target = _share(weight, town, wanted)
    kept = _outside_larger(xy, target, urban, is_seat)
    return Settlements(xy[kept], town[kept], _share(weight[kept], town[kept], wanted), urban[kept])


def _share(weight: Array, town: Index, wanted: NDArray[np.int64]) -> Array:
    """Buildings of each settlement: its share of the township's."""
    shares: Array = weight / np.bincount(town, weight)[town] * wanted[town]
    return np.maximum(shares, 1.0)


def _outside_larger(xy: Array, target: Array, urban: NDArray[np.bool_], is_seat: NDArray[np.bool_]) -> Index:
    """Settlements that no seat's built-up disk covers; seats always stay."""
    radius = np.sqrt(target * np.where(urban, 2000, 900) / np.pi)
    covered = np.zeros(len(xy), bool)
    for seat in np.flatnonzero(is_seat):
        covered |= np.hypot(*(xy - xy[seat]).T) < radius[seat] + radius
    return np.flatnonzero(~covered | is_seat)


def _plots(ground: Ground, settlements: Settlements, wanted: NDArray[np.int64], progress: Progress) -> Plots:
    """As many free plots in each township as wanted, or as it has room for, the innermost ones first."""
    plots = _lay_out(settlements)
    progress(0.2)
    free = np.flatnonzero(_are_free(plots, settlements, ground, part(progress, 0.2, 0.9)))
    room = np.bincount(settlements.town[plots.settlement[free]], minlength=len(wanted))
    chosen = free[_innermost(plots.settlement[free], settlements, within_room(wanted, room))]
    return Plots(plots.xy[chosen], plots.settlement[chosen], plots.turn[chosen])


def within_room(wanted: NDArray[np.int64], room: NDArray[np.int64]) -> NDArray[np.int64]:
    """The wanted numbers, what does not fit going to townships that have room, the total unchanged.

    Raises
    ------
    ValueError
        The whole city has no room for so many.
    """
    if room.sum() < wanted.sum():
        raise ValueError(f"room for {room.sum()} buildings, {wanted.sum()} wanted")
    fitted = np.minimum(wanted, room)
    while (left := int(wanted.sum() - fitted.sum())) > 0:
        spare = room - fitted
        fitted = np.minimum(
            fitted + largest_remainder(np.where(spare > 0, wanted, 0).astype(float), left), room
        )
    return fitted


def _lay_out(settlements: Settlements) -> Plots:
    """Plots in rows and blocks round each settlement, nearest first, more than are needed."""
    draw = chance("layout")
    count = np.ceil(settlements.target * SPARE + 15).astype(np.int64)
    place = np.repeat(np.arange(len(count)), count)
    order = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    column, row = _spiral(int(count.max()))
    urban = settlements.urban[place]
    x = column[order] * np.where(urban, 50.0, 24.0) + np.floor_divide(column[order], 5) * np.where(
        urban, 22, 9
    )
    y = row[order] * np.where(urban, 30.0, 26.0) + np.floor_divide(row[order], 4) * np.where(urban, 20, 8)
    turn = draw.normal(0, 0.09, len(count))[place]
    jitter = draw.uniform(-1.2, 1.2, (len(place), 2))
    offset = np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
    return Plots(settlements.xy[place] + offset + jitter, place, turn)


def _spiral(count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of a mesh, ordered outwards with a ragged edge."""
    reach = int(np.sqrt(count)) + 3
    column, row = (m.ravel() for m in np.meshgrid(*[np.arange(-reach, reach + 1)] * 2))
    ragged = chance("edge").uniform(0.85, 1.2, len(column))
    order = np.argsort(np.hypot(column, row * 1.15) * ragged, kind="stable")[:count]
    return column[order], row[order]


def _are_free(
    plots: Plots, settlements: Settlements, ground: Ground, progress: Progress
) -> NDArray[np.bool_]:
    """Whether a plot lies in its township, off the water and the roads, clear of other settlements."""
    distance, nearest = cKDTree(settlements.xy).query(plots.xy, k=2)
    free: NDArray[np.bool_] = (nearest[:, 0] == plots.settlement) & (
        distance[:, 1] - distance[:, 0] > CLEARANCE
    )
    polygons = ground.townships["polygon"].to_numpy()
    town = settlements.town[plots.settlement]
    order = np.argsort(town, kind="stable")
    bounds = np.searchsorted(town[order], np.arange(len(polygons) + 1))
    for k, polygon in enumerate(polygons):
        rows = order[bounds[k] : bounds[k + 1]]
        inner = shapely.buffer(polygon, -EDGE)
        shapely.prepare(inner)
        free[rows] &= shapely.contains_xy(inner, plots.xy[rows])
        progress(k / len(polygons))
    wet = ground.wet
    shapely.prepare(wet)
    free[free] = ~shapely.contains_xy(wet, plots.xy[free])
    roads = shapely.STRtree(ground.roads.geometry.to_numpy())
    points = np.flatnonzero(free)
    close = roads.query(shapely.points(plots.xy[points]), predicate="dwithin", distance=VERGE)[0]
    free[points[close]] = False
    return free


def _innermost(place: Index, settlements: Settlements, wanted: NDArray[np.int64]) -> Index:
    """Of the plots in these settlements, the relatively innermost, as many a township as wanted."""
    town = settlements.town[place]
    rank = pd.Series(place).groupby(place).cumcount().to_numpy() / settlements.target[place]
    order = np.lexsort((rank, town))
    within = np.arange(len(order)) - np.searchsorted(town[order], town[order])
    return np.asarray(order[within < wanted[town[order]]])


def _describe(urban: NDArray[np.bool_], first: NDArray[np.bool_]) -> pd.DataFrame:
    """Use, structure, storeys, floor area, year, length and depth; the first of a township is a dwelling."""
    draw, size = chance("buildings"), len(urban)
    use = np.where(
        urban,
        _pick(draw, (0.70, 0.0, 0.08, 0.18, 0.04), size),
        _pick(draw, (0.0, 0.87, 0.03, 0.07, 0.03), size),
    )
    use[first] = np.where(urban[first], 0, 1)
    built = np.where(urban, 2021, 2019) - draw.gamma(2.2, np.where(urban, 8.0, 10.5))
    year = np.floor(np.clip(built, 1949, SURVEY_YEAR)).astype(np.int64)
    storeys = _storeys(draw, use, year)
    structure = _structures(draw, use, year, storeys)
    long = np.select([use == 0, use == 1, use == 3], [34, 14, 26 - 8 * ~urban], 20 - 5 * ~urban).astype(float)
    length = np.round(long * draw.uniform(0.72, 1.22, size), 1)
    depth = np.round(np.minimum(length, np.where(urban, 13.5, 9.5) * draw.uniform(0.8, 1.25, size)), 1)
    area = np.round(length * depth * storeys * draw.uniform(0.88, 1.0, size), 1)
    return pd.DataFrame({
        "use": USES[use], "structure": STRUCTURES[structure], "storeys": storeys, "floor_area": area,
        "year": year, "length": length, "depth": depth,
    })  # fmt: skip


def _pick(draw: np.random.Generator, shares: tuple[float, ...], size: int) -> Index:
    """Indices drawn with the given shares."""
    return np.searchsorted(np.cumsum(shares), draw.random(size) * sum(shares), side="right")


def _storeys(draw: np.random.Generator, use: Index, year: NDArray[np.int64]) -> NDArray[np.int64]:
    """Storeys: blocks of flats grow with the years, farmhouses have one or two."""
    u = draw.random(len(use))
    tall = np.select(
        [year > 2012, year > 1995], [5 + np.floor(22 * u**2), 3 + np.floor(5 * u)], 1 + np.floor(5 * u)
    )
    low = 1 + (u > np.where(year > 2005, 0.68, 0.93))
    other = 1 + np.floor(4 * u**2)
    return np.asarray(np.select([use == 0, use == 1], [tall, low], other)).astype(np.int64)


def _structures(
    draw: np.random.Generator, use: Index, year: NDArray[np.int64], storeys: NDArray[np.int64]
) -> Index:
    """Structure by height, age and use: tall is concrete, old farmhouses are earth or brick and timber."""
    size = len(use)
    old = _pick(draw, (0.0, 0.06, 0.58, 0.33, 0.0, 0.03), size)
    middle = _pick(draw, (0.01, 0.46, 0.47, 0.04, 0.0, 0.02), size)
    new = _pick(draw, (0.09, 0.76, 0.12, 0.0, 0.02, 0.01), size)
    town = _pick(draw, (0.38, 0.60, 0.0, 0.0, 0.01, 0.01), size)
    trade = _pick(draw, (0.22, 0.31, 0.0, 0.0, 0.45, 0.02), size)
    return np.select(
        [storeys >= 7, use == 3, (storeys >= 3) | (use == 0), year < 1982, year < 2001],
        [np.zeros(size, np.intp), trade, town, old, middle],
        new,
    )


def _occupants(
    rows: pd.DataFrame, town: Index, people: NDArray[np.int64], progress: Progress
) -> NDArray[np.int64]:
    """People of each township to its dwellings by floor area, largest remainder."""
    dwelling = rows["use"].isin(["城镇住宅", "农村住宅"]).to_numpy()
    weight = np.where(
        dwelling, rows["floor_area"].to_numpy() * chance("occupants").uniform(0.7, 1.3, len(rows)), 0
    )
    occupants = np.zeros(len(rows), np.int64)
    order = np.argsort(town, kind="stable")
    bounds = np.searchsorted(town[order], np.arange(len(people) + 1))
    for k, total in enumerate(people.tolist()):
        mine = order[bounds[k] : bounds[k + 1]]
        occupants[mine] = largest_remainder(weight[mine], total)
        progress(k / len(people))
    return occupants


def _rectangles(plots: Plots, length: Array, depth: Array) -> NDArray[np.object_]:
    """Footprints, turned as their settlement is, in centimetres."""
    corner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) / 2
    side = corner * np.column_stack([length, depth])[:, None]
    cos, sin = np.cos(plots.turn)[:, None], np.sin(plots.turn)[:, None]
    x = plots.xy[:, :1] + side[..., 0] * cos - side[..., 1] * sin
    y = plots.xy[:, 1:] + side[..., 0] * sin + side[..., 1] * cos
    footprints: NDArray[np.object_] = shapely.polygons(np.round(np.stack([x, y], axis=-1), 2))
    return footprints

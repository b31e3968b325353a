"""Where people are, by night or by day, and the places at which they are gathered: the demand points."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.source import Reading, Source
from layers.late import Late
from layers.progress import Progress, ignore, part
from layers.risk.assessment import exposure_of
from layers.risk.exposure import UNKNOWN_STRUCTURE, Cloud, apportion
from layers.risk.regions import OUTSIDE, Regions
from layers.siting.arcs import Index, Mask

ndimage = Late("scipy.ndimage")

Unit = Literal["building", "grid", "village", "township"]
UNITS: tuple[Unit, ...] = ("grid", "village", "township", "building")

AT_HOME_BY_DAY = 0.5
"""Share of the people who are at home by day (assumed); the others are where people work and learn."""
WORKPLACES = ("公共建筑", "工商建筑")
VILLAGE_GAP = 150.0
"""Houses nearer than about this belong to one settlement, m (assumed)."""
VILLAGE_WIDTH = 1500.0
"""A settlement that is wider is parted, m (assumed): a town is not one place to set out from."""


@dataclass(frozen=True, eq=False)
class Residents:
    """People at buildings; where no building stands, in cells.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
    people : ndarray of float64, shape (n,)
        Whole.
    structure : ndarray of str, shape (n,)
        Slug of the structure type.
    year : ndarray of float64, shape (n,)
        Year built, NaN if not known.
    township : ndarray of int, shape (n,)
        Position in `towns`; -1 for none.
    towns : Regions
        Townships; counties where the project has no townships.
    """

    xy: Array
    people: Array
    structure: NDArray[np.str_]
    year: Array
    township: Index
    towns: Regions

    @property
    def cloud(self) -> Cloud:
        """The same as a cloud of the exposure, for damage curves."""
        x, y = self.xy.T
        amounts = {"population": self.people}
        town = self.township.astype(np.intp)
        return Cloud(x, y, amounts, town, town, "", self.structure, self.year)

    def within(self, region: str) -> "Residents":
        """Those of a county or township, by code; ``all``: everybody.

        Raises
        ------
        BadInput
            No such region.
        """
        if region == "all":
            return self
        towns = np.array(
            [region in (c, p) for c, p in zip(self.towns.codes, self.towns.parents, strict=True)]
        )
        if not towns.any():
            raise BadInput("region_unknown", region=region)
        kept = (self.township != OUTSIDE) & towns[self.township]
        return self.take(np.flatnonzero(kept))

    def take(self, rows: Index) -> "Residents":
        """Some of them."""
        return replace(
            self,
            xy=self.xy[rows],
            people=self.people[rows],
            structure=self.structure[rows],
            year=self.year[rows],
            township=self.township[rows],
        )


def residents_of(project: Source, *, by_day: bool = False, progress: Progress = ignore) -> Residents:
    """The people of a project, see `layers.risk.exposure.read_exposure`.

    Parameters
    ----------
    project : Source
    by_day : bool
        `AT_HOME_BY_DAY` of the people are at home, the others in the public and commercial buildings of
        their township, by floor area; where it has none, at home.
    progress : Progress
    """
    exposure = exposure_of(project, part(progress, 0.0, 0.8))
    clouds = [cloud for cloud in exposure.clouds if "population" in cloud.amounts]
    towns = exposure.regions.get("township") or exposure.regions["county"]
    people = [cloud.amounts["population"] for cloud in clouds]
    if by_day:
        people = [_by_day(project, cloud, count) for cloud, count in zip(clouds, people, strict=True)]
    every = [_residents(cloud, count, towns) for cloud, count in zip(clouds, people, strict=True)]
    progress(1.0)
    return Residents(
        np.concatenate([each.xy for each in every]),
        np.concatenate([each.people for each in every]),
        np.concatenate([each.structure for each in every]),
        np.concatenate([each.year for each in every]),
        np.concatenate([each.township for each in every]),
        towns,
    )


def _residents(cloud: Cloud, people: Array, towns: Regions) -> Residents:
    """The points of a cloud where somebody is."""
    rows = np.flatnonzero((people > 0) & np.isfinite(cloud.x))
    known = len(cloud.structure) > 0
    nothing = np.full(len(cloud.x), np.nan)
    structure = cloud.structure if known else np.full(len(cloud.x), UNKNOWN_STRUCTURE, "U16")
    owner = cloud.township if (cloud.township != OUTSIDE).any() else cloud.county
    return Residents(
        np.column_stack([cloud.x, cloud.y])[rows],
        people[rows].astype(np.float64),
        structure[rows],
        (cloud.year if known else nothing)[rows],
        owner[rows].astype(np.int64),
        towns,
    )


def _by_day(project: Source, cloud: Cloud, people: Array) -> Array:
    """People by day; a cloud without buildings stays as it is."""
    if cloud.is_cells:
        return people
    layer = Reading(project).read("building", "use")
    if layer is None or len(layer) != len(people):
        return people
    works = layer["use"].isin(WORKPLACES).to_numpy()
    area = cloud.amounts.get("floor_area_m2", np.ones(len(people)))
    away = people - np.floor(people * AT_HOME_BY_DAY)
    moved = np.zeros(len(people))
    for town in np.unique(cloud.township):
        here = np.flatnonzero(cloud.township == town)
        there = here[works[here]]
        if len(there):
            moved[here] -= away[here]
            moved[there] += apportion(round(float(away[here].sum())), area[there])
    return people + moved


@dataclass(frozen=True, eq=False)
class Gathering:
    """Demand points: places with the people who set out from there.

    Parameters
    ----------
    of : ndarray of int64, shape (n,)
        The place of each resident point.
    xy : ndarray of float64, shape (k, 2)
        The resident point nearest to the middle of all: a place where somebody lives.
    residents : ndarray of float64, shape (k,)
    township : ndarray of int64, shape (k,)
        Position in `towns`, that of most people.
    names : tuple of str
        Township and number.
    towns : Regions
    """

    of: Index
    xy: Array
    residents: Array
    township: Index
    names: tuple[str, ...]
    towns: Regions

    def __len__(self) -> int:
        return len(self.xy)

    def take(self, rows: Index) -> "Gathering":
        """Some of the places; resident points of the others belong to none (-1)."""
        place = np.full(len(self), -1)
        place[rows] = np.arange(len(rows))
        return Gathering(
            np.where(self.of >= 0, place[self.of], -1),
            self.xy[rows],
            self.residents[rows],
            self.township[rows],
            tuple(self.names[row] for row in rows),
            self.towns,
        )


def gather(residents: Residents, unit: Unit, cell: float = 1000.0) -> Gathering:
    """Residents gathered at demand points.

    Parameters
    ----------
    residents : Residents
    unit : {"building", "grid", "village", "township"}
        ``village``: settlements of houses that lie close together.
    cell : float
        Side of the cells of ``grid``, metres.
    """
    if not len(residents.xy):
        raise BadInput("siting_nobody")
    keys = _keys(residents, unit, cell)
    pairs = np.column_stack([residents.township, keys]) if unit in ("grid", "village") else keys[:, None]
    _, of = np.unique(pairs, axis=0, return_inverse=True)
    of = of.ravel().astype(np.int64)
    count = int(of.max()) + 1
    people = np.bincount(of, residents.people, count).astype(np.float64)
    township = np.zeros(count, np.int64)
    township[of] = residents.township
    names = tuple(residents.towns.names) if unit == "township" else _names(township, residents.towns)
    if unit == "township":
        names = tuple(residents.towns.names[k] if k >= 0 else "—" for k in township)
    return Gathering(of, _nearest_to_middle(residents, of, people), people, township, names, residents.towns)


def _keys(residents: Residents, unit: Unit, cell: float) -> Index:
    """A number for each resident point, equal for those that are gathered."""
    if unit == "grid":
        return _cells(residents.xy, cell)
    if unit == "village":
        return _settlements(residents.xy)
    return residents.township if unit == "township" else np.arange(len(residents.xy))


def _cells(xy: Array, side: float) -> Index:
    """The number of the square cell of each point."""
    column, row = (np.floor((xy - xy.min(axis=0)) / side)).astype(np.int64).T
    return np.asarray(row * (column.max() + 1) + column, np.int64)


def _settlements(xy: Array) -> Index:
    """Houses whose cells touch are one settlement; wide ones are parted by larger cells."""
    at = np.floor((xy - xy.min(axis=0)) / (VILLAGE_GAP / 1.5)).astype(np.int64)
    occupied = np.zeros(at.max(axis=0) + 1, bool)
    occupied[at[:, 0], at[:, 1]] = True
    patches, _ = ndimage.label(occupied, np.ones((3, 3)))
    patch = patches[at[:, 0], at[:, 1]].astype(np.int64)
    large = _cells(xy, VILLAGE_WIDTH)
    return np.asarray(patch * (large.max() + 1) + _main_cell(patch, large, xy), np.int64)


def _main_cell(patch: Index, large: Index, xy: Array) -> Index:
    """The large cell of each point of a wide settlement; one for all of a narrow one."""
    order = np.argsort(patch, kind="stable")
    starts = np.flatnonzero(np.diff(patch[order], prepend=-1))
    width = np.max([np.maximum.reduceat(xy[order, k], starts) - np.minimum.reduceat(xy[order, k], starts)
                    for k in (0, 1)], axis=0)  # fmt: skip
    wide = np.repeat(width > VILLAGE_WIDTH, np.diff(starts, append=len(order)))
    is_wide: Mask = np.zeros(len(patch), bool)
    is_wide[order] = wide
    return np.where(is_wide, large, 0)


def _names(township: Index, towns: Regions) -> tuple[str, ...]:
    """Township and a number within it."""
    order = np.argsort(township, kind="stable")
    _, start, counts = np.unique(township[order], return_index=True, return_counts=True)
    number = np.empty(len(township), np.int64)
    number[order] = np.arange(len(township)) - np.repeat(start, counts) + 1
    return tuple(
        f"{towns.names[town] if town >= 0 else '—'} {n:03d}" for town, n in zip(township, number, strict=True)
    )


def _nearest_to_middle(residents: Residents, of: Index, people: Array) -> Array:
    """Of each place the resident point nearest to the middle of its people."""
    middle = np.column_stack(
        [np.bincount(of, residents.people * residents.xy[:, k], len(people)) / people for k in (0, 1)]
    )
    away = np.hypot(*(residents.xy - middle[of]).T)
    order = np.lexsort((away, of))
    first = np.flatnonzero(np.diff(of[order], prepend=-1))
    return residents.xy[order[first]]


def town_shapes(towns: Regions) -> NDArray[np.object_]:
    """Polygons of the townships, in their order."""
    shapes: NDArray[np.object_] = shapely.force_2d(towns.shapes.geometries())
    return shapes

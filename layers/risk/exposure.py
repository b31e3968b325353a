"""Exposure: what stands in a hazard's way, as amounts at points, so that each is counted once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Lattice
from layers.hazards.standards import standard
from layers.layer import VectorLayer
from layers.risk.inputs import layers_of, needed
from layers.storage.geopackage import ProjectFile

Array = NDArray[np.float64]

_ROAD_STEP = 50.0  # m between the points that stand for a road: below a cell of the hazard


@dataclass(frozen=True, eq=False)
class Exposure:
    """Amounts of one thing at points.

    Parameters
    ----------
    name : str
        Its words are ``exposure.NAME``; its columns begin with ``NAME_``.
    x, y : ndarray of float64, shape (n,)
        Easting, northing, m.
    amount : ndarray of float64, shape (n,)
        Whole numbers for people and things; m² or km otherwise.
    """

    name: str
    x: Array
    y: Array
    amount: Array


def exposures(project: ProjectFile, lattice: Lattice) -> Iterator[Exposure]:
    """All that the project holds: people, buildings in all and by structure, floor area, sites, roads.

    Parameters
    ----------
    project : ProjectFile
    lattice : Lattice
        Its cells stand for people where there are no buildings.
    """
    people = population(project, lattice)
    yield people
    if layers_of(project, "building"):
        yield from _buildings(project, people)
    for kind, name in (("enterprise", "enterprises"), ("school", "schools"), ("hospital", "hospitals")):
        if layers_of(project, kind):
            yield _sites(project, kind, name)
    if layers_of(project, "road"):
        yield _roads(project)


def population(project: ProjectFile, lattice: Lattice) -> Exposure:
    """People, as many in each township as the census counted: the township is the truth.

    They are where the occupants of buildings are; if those do not add up to the township's number, they
    are apportioned to it by largest remainder. Where there are no buildings, people are spread over the
    cells of the region.
    """
    region = project.read(_census_layer(project))
    people = pd.to_numeric(region["population"], errors="coerce").fillna(0).to_numpy(np.int64)
    if layers_of(project, "building"):
        buildings = project.read(needed(project, "building")[0].name, columns=("occupants", "floor_area"))
        x, y = middles(buildings)
        weight = _occupants(buildings)
    else:
        x, y = (axis.ravel() for axis in cell_centres(lattice))
        weight = np.ones(len(x))
    owner = owners(region, x, y)
    return Exposure("population", x, y, _apportion_by(owner, weight, people).astype(np.float64))


def _census_layer(project: ProjectFile) -> str:
    townships = layers_of(project, "township")
    return townships[0].name if townships else needed(project, "county")[0].name


def _occupants(buildings: VectorLayer) -> Array:
    """Occupants if the layer has any, else floor area: what people are apportioned by."""
    for column in ("occupants", "floor_area"):
        if column in buildings.attributes:
            numbers = pd.to_numeric(buildings[column], errors="coerce").fillna(0)
            weight: Array = numbers.to_numpy(np.float64)
            if weight.sum() > 0:
                return weight
    return np.ones(len(buildings))


def _apportion_by(owner: NDArray[np.intp], weight: Array, totals: NDArray[np.int64]) -> NDArray[np.int64]:
    shares = np.zeros(len(owner), np.int64)
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(len(totals) + 1))
    for unit, total in enumerate(totals):
        rows = order[edges[unit] : edges[unit + 1]]
        if len(rows):
            shares[rows] = apportion(int(total), weight[rows])
    return shares


def apportion(total: int, weights: Array) -> NDArray[np.int64]:
    """Whole shares of `total` in proportion to `weights`, by largest remainder; equal ones by position.

    Examples
    --------
    >>> apportion(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    weights = weights if weights.sum() > 0 else np.ones(len(weights))
    exact = total * weights / weights.sum()
    shares: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    remainder = total - int(shares.sum())
    shares[np.argsort(-(exact - shares), kind="stable")[:remainder]] += 1
    return shares


def _buildings(project: ProjectFile, people: Exposure) -> Iterator[Exposure]:
    """Each building stands where its people are counted."""
    layer = project.read(needed(project, "building")[0].name, columns=("structure", "floor_area"))
    x, y = people.x, people.y
    yield Exposure("buildings", x, y, np.ones(len(x)))
    structure = layer["structure"].fillna("").astype(str).to_numpy()
    kinds = standard("structures")
    known = dict(zip(kinds["structure"], kinds["slug"], strict=True))
    slugs = np.array([known.get(name, "other") for name in structure])
    for slug in kinds["slug"]:
        yield Exposure(f"buildings_{slug}", x, y, (slugs == slug).astype(np.float64))
    area = pd.to_numeric(layer["floor_area"], errors="coerce").fillna(0).to_numpy(np.float64)
    yield Exposure("floor_area_m2", x, y, area)


def _sites(project: ProjectFile, kind: str, name: str) -> Exposure:
    points = [middles(project.read(entry.name, columns=())) for entry in layers_of(project, kind)]
    x, y = np.concatenate([p[0] for p in points]), np.concatenate([p[1] for p in points])
    return Exposure(name, x, y, np.ones(len(x)))


def _roads(project: ProjectFile) -> Exposure:
    """Every road cut into equal pieces of at most 50 m, each standing at its middle."""
    lines = np.concatenate(
        [
            shapely.get_parts(project.read(e.name, columns=()).shapes.geometries())
            for e in layers_of(project, "road")
        ]
    )
    lengths = shapely.length(lines)
    pieces = np.maximum(np.ceil(lengths / _ROAD_STEP), 1).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), pieces)
    number = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    middle = shapely.line_interpolate_point(lines[line], (number + 0.5) / pieces[line], normalized=True)
    return Exposure(
        "road_km", shapely.get_x(middle), shapely.get_y(middle), (lengths / pieces / 1000.0)[line]
    )


def middles(layer: VectorLayer) -> tuple[Array, Array]:
    """A point that stands for each feature; NaN where it is empty.

    For a four-cornered polygon (nearly every building) the mean of its corners, which is much quicker than
    a point on the surface, as other shapes have it.
    """
    shapes = layer.shapes
    if shapes.kind == "point":
        box = shapes.boxes
        return box[:, 0], box[:, 1]
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    starts, counts = shapes.spans[:-1], np.diff(shapes.spans)
    plain = (counts == 5) if shapes.kind == "polygon" else np.zeros(len(shapes), bool)
    corners = starts[plain][:, None] + np.arange(4)
    x[plain], y[plain] = shapes.xy[corners, 0].mean(axis=1), shapes.xy[corners, 1].mean(axis=1)
    others = np.flatnonzero(~plain & (counts > 0))
    points = shapely.point_on_surface(shapes.geometries(others))
    x[others], y[others] = shapely.get_x(points), shapely.get_y(points)
    return x, y


def cell_centres(lattice: Lattice) -> tuple[Array, Array]:
    """Easting and northing of all cell centres, shape (rows, columns) each."""
    x = lattice.west + (np.arange(lattice.columns) + 0.5) * lattice.cell
    y = lattice.north - (np.arange(lattice.rows) + 0.5) * lattice.cell
    east, north = np.meshgrid(x, y)
    return east, north


class Owners:
    """Which unit holds each point; exposures that share their points are asked once.

    Parameters
    ----------
    units : VectorLayer
        Polygons.
    """

    def __init__(self, units: VectorLayer) -> None:
        self.units = units
        self._asked: list[tuple[Array, NDArray[np.intp]]] = []

    def of(self, exposure: Exposure) -> NDArray[np.intp]:
        """As `owners`."""
        for x, found in self._asked:
            if x is exposure.x:
                return found
        found = owners(self.units, exposure.x, exposure.y)
        self._asked.append((exposure.x, found))
        return found


def owners(units: VectorLayer, x: Array, y: Array) -> NDArray[np.intp]:
    """Which unit holds each point; ``len(units)`` if none does. On a border the first unit counts.

    The many points are indexed and asked by the few prepared polygons.
    """
    tree = shapely.STRtree(shapely.points(x, y))
    polygons = units.shapes.geometries()
    shapely.prepare(polygons)
    unit, point = tree.query(polygons, predicate="intersects")
    owner = np.full(len(x), len(units), np.intp)
    np.minimum.at(owner, point, unit)
    return owner

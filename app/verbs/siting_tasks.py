"""Siting problems from what the command line names: a matrix of costs, or places and roads."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.reckoning import Reckoning
from layers.errors import BadInput
from layers.grid import Array
from layers.layer import VectorLayer
from layers.siting.arcs import Index, Mask
from layers.siting.network import Network, by_vehicle, on_foot, road_network
from layers.siting.paths import Access, travel_times
from layers.siting.plan_layers import Places
from layers.siting.problem import SitingProblem
from layers.siting.tables import CostTable, IdTable, places
from layers.storage.crs import is_geographic
from layers.storage.formats import read_file
from layers.storage.rasters import read_grid

_USUAL_CRS = "EPSG:4548"


@dataclass(frozen=True, eq=False)
class Task:
    """A problem with the ids and, where they are known, the places of its rows and columns."""

    problem: SitingProblem
    points: Places
    sites: Places


def from_matrix(options: argparse.Namespace) -> Task:
    """The costs as they stand in a table."""
    matrix, demand = CostTable.read(options.matrix), IdTable.read(options.demand)
    costs = matrix.costs[matrix.rows_of(demand)]
    candidates = None if options.candidates is None else IdTable.read(options.candidates)
    columns = _Columns(matrix.sites, matrix.path, candidates, demand)
    problem = _problem(options, demand, columns, costs)
    return Task(problem, Places(demand.ids), Places(matrix.sites))


def _problem(
    options: argparse.Namespace, demand: IdTable, columns: "_Columns", costs: Array
) -> SitingProblem:
    return SitingProblem(
        options.objective,
        demand.people(),
        costs,
        count=options.count,
        radius=options.radius,
        capacity=columns.capacity(options.capacity),
        kept=columns.flags(options.existing),
        prices=columns.of_sites(options.price),
        budget=options.budget,
        weight=None if options.priority is None else demand.numbers(options.priority, above_zero=True),
        single_source=options.single_source,
        penalty=options.penalty,
    )


def from_roads(options: argparse.Namespace, reckoning: Reckoning) -> Task:
    """Costs along roads: metres on foot, seconds by vehicle."""
    roads = _layer(options.roads, options.crs, "road", None)
    demand, candidates = (
        _layer(path, options.crs, "", roads.crs) for path in (options.demand, options.candidates)
    )
    travel = by_vehicle() if options.travel == "vehicle" else on_foot()
    network = _open_roads(road_network(roads, travel), options)
    tables = [IdTable.of(demand, options.demand), IdTable.of(candidates, options.candidates)]
    points, sites = _points(demand, options.demand), _points(candidates, options.candidates)
    access = Access.of(network, np.concatenate([points, sites]))
    origins, targets = np.arange(len(points)), len(points) + np.arange(len(sites))
    seconds = travel_times(access, origins, targets, progress=reckoning.progress("cli.distances"))
    report = network.report
    reckoning.tell(
        "cli.network",
        joined=report.joined, parted=report.parted, crossings=report.crossings, pieces=report.pieces,
        apart=len(report.apart), lost=int((~access.is_tied).sum()),
    )  # fmt: skip
    costs = seconds if options.travel == "vehicle" else seconds * travel.off_road
    columns = _Columns(tables[1].ids, options.candidates, tables[1], tables[0])
    problem = _problem(options, tables[0], columns, costs)
    crs = roads.crs
    return Task(problem, Places(tables[0].ids, points, crs), Places(tables[1].ids, sites, crs))


def _layer(path: Path, crs: str, kind: str, target: str | None) -> VectorLayer:
    """A vector layer in a projected reference system: that of the roads. Degrees are taken as true."""
    found = read_file(path, kind=kind, crs=crs, gcj02="no", target_crs=target or _USUAL_CRS)
    if target is None and found.crs and not is_geographic(found.crs):
        found = read_file(path, kind=kind, crs=crs, gcj02="no", target_crs=found.crs)
    if not isinstance(found.layer, VectorLayer):
        raise BadInput("siting_no_places", path=path)
    return found.layer


def _points(layer: VectorLayer, path: Path) -> Array:
    """One place for each row: of an area, the middle of its box."""
    boxes = layer.shapes.boxes
    if layer.geometry_kind == "table" or np.isnan(boxes).any():
        raise BadInput("siting_no_places", path=path)
    return np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)])


def _open_roads(network: Network, options: argparse.Namespace) -> Network:
    """Without the roads that a hazard closes."""
    if options.closed_by is None:
        return network
    return network.closed_by(read_grid(options.closed_by), options.closed_above)


@dataclass(frozen=True, eq=False)
class _Columns:
    """What is known of the candidate sites, in the order of the matrix."""

    sites: Sequence[str]
    matrix: Path
    candidates: IdTable | None
    demand: IdTable

    def of_sites(self, column: str | None) -> Array | None:
        """A column of numbers in the candidates' table."""
        if column is None:
            return None
        table, place = self._table(column)
        return table.numbers(column)[place]

    def flags(self, column: str | None) -> Mask | None:
        """A column of yes and no."""
        if column is None:
            return None
        table, place = self._table(column)
        return table.flags(column)[place]

    def _table(self, column: str) -> tuple[IdTable, Index]:
        """The candidates' table, and the row of each site in it."""
        if self.candidates is None:
            raise BadInput("siting_candidates_missing", column=column)
        return self.candidates, places(self.sites, self.candidates.ids, self.matrix, self.candidates.path)

    def capacity(self, asked: str | None) -> Array | None:
        """One number for all; a column of the candidates or, of the same ids, of the demand."""
        if asked is None:
            return None
        number = _number(asked)
        if number is not None:
            return np.full(len(self.sites), number)
        if self.candidates is not None and asked in self.candidates.columns:
            return self.of_sites(asked)
        if Path(asked).is_file():
            table = IdTable.read(Path(asked))
            last = "capacity" if "capacity" in table.columns else str(table.columns.columns[-1])
            return table.numbers(last)[places(self.sites, table.ids, self.matrix, table.path)]
        if self.candidates is None and asked in self.demand.columns:
            number_of = {name: k for k, name in enumerate(self.demand.ids)}
            missing = [name for name in self.sites if name not in number_of]
            if missing:
                raise BadInput(
                    "siting_ids", id=missing[0], count=len(missing), here=self.matrix, there=self.demand.path
                )
            return self.demand.numbers(asked)[[number_of[name] for name in self.sites]]
        raise BadInput("siting_capacity", asked=asked)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None

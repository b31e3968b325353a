"""What the verb `site` does: read, solve, write the plan."""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.reckoning import Reckoning
from app.whole import whole_file
from layers.errors import BadInput
from layers.grid import Array
from layers.layer import Shapes, VectorLayer
from layers.siting.arcs import Mask
from layers.siting.problem import SitingPlan, SitingProblem
from layers.siting.solve import solve
from layers.siting.tables import CostTable, IdTable, places
from layers.storage.export import write_layers
from layers.words import say


@dataclass(frozen=True, eq=False)
class _Task:
    """A problem with the ids of its rows and columns."""

    problem: SitingProblem
    points: Sequence[str]
    sites: Sequence[str]


def site(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Choose sites; write ``plan.json`` and ``plan.gpkg``."""
    task = _from_matrix(options)
    started = time.monotonic()
    plan = solve(task.problem, options.time_limit, reckoning.progress("cli.siting"))
    answer = _answer(task, plan, time.monotonic() - started)
    paths = options.out / "plan.json", options.out / "plan.gpkg"
    with whole_file(paths[0]) as page, whole_file(paths[1]) as package:
        page.write_text(json.dumps(answer, ensure_ascii=False, indent=1), encoding="utf-8")
        write_layers(_layers(task, plan, reckoning), package)
    _tell(plan, answer, reckoning)
    for path in paths:
        reckoning.wrote(path)
    short = {key: answer[key] for key in ("status", "objective", "bound", "gap", "open", "seconds")}
    return {**short, "unmet": answer["unmet_total"], "wrote": list(paths)}


def _from_matrix(options: argparse.Namespace) -> _Task:
    matrix, demand = CostTable.read(options.matrix), IdTable.read(options.demand)
    costs = matrix.costs[matrix.rows_of(demand)]
    candidates = None if options.candidates is None else IdTable.read(options.candidates)
    columns = _Columns(matrix.sites, matrix.path, candidates, demand)
    problem = SitingProblem(
        options.objective,
        demand.people(),
        costs,
        count=options.count,
        radius=options.radius,
        capacity=columns.capacity(options.capacity),
        kept=columns.flags(options.existing),
        prices=columns.of_sites(options.price),
        budget=options.budget,
        weight=None if options.priority is None else demand.numbers(options.priority),
        single_source=options.single_source,
        penalty=options.penalty,
    )
    return _Task(problem, demand.ids, matrix.sites)


@dataclass(frozen=True, eq=False)
class _Columns:
    """What is known of the candidate sites, in the order of the matrix."""

    sites: Sequence[str]
    matrix: Path
    candidates: IdTable | None
    demand: IdTable

    def of_sites(self, column: str | None) -> Array | None:
        """A column of the candidates' table."""
        if column is None:
            return None
        if self.candidates is None:
            raise BadInput("siting_candidates_missing", column=column)
        place = places(self.sites, self.candidates.ids, self.matrix, self.candidates.path)
        return self.candidates.numbers(column)[place]

    def flags(self, column: str | None) -> Mask | None:
        values = self.of_sites(column)
        return None if values is None else values.astype(bool)

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


def _plain(value: float) -> float | int:
    """Whole numbers as such."""
    return int(value) if float(value).is_integer() else float(value)


def _answer(task: _Task, plan: SitingPlan, seconds: float) -> dict[str, Any]:
    """The plan as the command line promises it."""
    flows = zip(*(part.tolist() for part in plan.assigned), strict=True)
    left = np.flatnonzero(plan.unmet > 0).tolist()
    return {
        "status": plan.status,
        "objective": _plain(plan.objective),
        "bound": _plain(plan.bound),
        "gap": plan.gap,
        "open": [task.sites[j] for j in plan.opened],
        "assigned": [
            {"demand": task.points[i], "site": task.sites[j], "people": _plain(people), "cost": _plain(cost)}
            for i, j, people, cost in flows
        ],
        "unmet": [{"demand": task.points[i], "people": _plain(plan.unmet[i])} for i in left],
        "demand_total": _plain(float(task.problem.demand.sum())),
        "assigned_total": _plain(float(plan.assigned.people.sum())),
        "unmet_total": _plain(float(plan.unmet.sum())),
        "kind": task.problem.objective,
        "penalty": plan.penalty,
        "seconds": round(seconds, 3),
    }


def _layers(task: _Task, plan: SitingPlan, reckoning: Reckoning) -> list[VectorLayer]:
    """The plan as tables: open sites with their load, flows, and the unmet."""
    load = np.bincount(plan.assigned.site, plan.assigned.people, len(task.sites))
    points, sites = np.array(task.points, object), np.array(task.sites, object)
    capacity = task.problem.capacity
    left = np.flatnonzero(plan.unmet > 0)
    tables = {
        "site": {
            "id": sites[plan.opened],
            "people": load[plan.opened],
            "capacity": np.full(len(plan.opened), np.nan) if capacity is None else capacity[plan.opened],
        },
        "allocation": {
            "demand": points[plan.assigned.point],
            "site": sites[plan.assigned.site],
            "people": plan.assigned.people,
            "cost": plan.assigned.cost,
        },
        "unmet": {"demand": points[left], "people": plan.unmet[left]},
    }
    return [
        VectorLayer(
            name, "", "", Shapes.none(len(next(iter(columns.values())))), pd.DataFrame(columns),
            title=say(f"siting.{name}", reckoning.language),
        )
        for name, columns in tables.items()
    ]  # fmt: skip


def _tell(plan: SitingPlan, answer: dict[str, Any], reckoning: Reckoning) -> None:
    reckoning.tell(
        "cli.sited",
        sites=len(plan.opened),
        objective=f"{plan.objective:.10g}",
        bound=f"{plan.bound:.10g}",
        gap=f"{plan.gap:.4%}",
        status=say(f"siting.{plan.status}", reckoning.language),
        assigned=answer["assigned_total"],
        unmet=answer["unmet_total"],
    )

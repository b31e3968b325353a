"""What the verb `site` does: read, solve, write the plan."""

import argparse
import json
import time
from typing import Any

import numpy as np

from app.reckoning import Reckoning
from app.verbs.siting_tasks import Task, from_matrix, from_roads
from app.whole import whole_file
from layers.errors import BadInput
from layers.siting.plan_layers import plan_layers
from layers.siting.problem import SitingPlan
from layers.siting.solve import solve
from layers.storage.export import write_layers
from layers.words import say


def site(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Choose sites; write ``plan.json`` and ``plan.gpkg``."""
    task = _task(options, reckoning)
    started = time.monotonic()
    plan = solve(task.problem, options.time_limit, reckoning.progress("cli.siting"), options.gap)
    answer = _answer(task, plan, time.monotonic() - started)
    paths = options.out / "plan.json", options.out / "plan.gpkg"
    with whole_file(paths[0]) as page, whole_file(paths[1]) as package:
        page.write_text(json.dumps(answer, ensure_ascii=False, indent=1), encoding="utf-8")
        write_layers(plan_layers(task.problem, plan, task.points, task.sites, reckoning.language), package)
    _tell(plan, answer, reckoning)
    for path in paths:
        reckoning.wrote(path)
    short = {key: answer[key] for key in ("status", "objective", "bound", "gap", "open", "seconds")}
    return {**short, "unmet": answer["unmet_total"], "wrote": list(paths)}


def _task(options: argparse.Namespace, reckoning: Reckoning) -> Task:
    if options.matrix is not None:
        return from_matrix(options)
    if options.candidates is None or options.roads is None:
        raise BadInput("siting_costs_missing")
    return from_roads(options, reckoning)


def _plain(value: float) -> float | int:
    """Whole numbers as such."""
    return int(value) if float(value).is_integer() else float(value)


def _answer(task: Task, plan: SitingPlan, seconds: float) -> dict[str, Any]:
    """The plan as the command line promises it."""
    flows = zip(*(part.tolist() for part in plan.assigned), strict=True)
    left = np.flatnonzero(plan.unmet > 0).tolist()
    points, sites = task.points.ids, task.sites.ids
    return {
        "status": plan.status,
        "objective": _plain(plan.objective),
        "bound": _plain(plan.bound),
        "gap": plan.gap,
        "open": [sites[j] for j in plan.opened],
        "assigned": [
            {
                "demand": points[i],
                "site": sites[j],
                "people": _plain(people),
                "cost": _plain(cost),
            }
            for i, j, people, cost in flows
        ],
        "unmet": [{"demand": points[i], "people": _plain(plan.unmet[i])} for i in left],
        "demand_total": _plain(float(task.problem.demand.sum())),
        "assigned_total": _plain(float(plan.assigned.people.sum())),
        "unmet_total": _plain(float(plan.unmet.sum())),
        "kind": task.problem.objective,
        "penalty": plan.penalty,
        "seconds": round(seconds, 3),
    }


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

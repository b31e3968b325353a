"""A siting plan as layers: open sites with their load, who goes where, and the unmet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.grid import Array
from layers.layer import Shapes, VectorLayer
from layers.siting.arcs import Index
from layers.siting.problem import SitingPlan, SitingProblem
from layers.words import Language, say


@dataclass(frozen=True, eq=False)
class Places:
    """Ids of demand points or sites, and where they are, if that is known.

    Parameters
    ----------
    ids : sequence of str
    xy : ndarray of float64, shape (n, 2), optional
    crs : str
    """

    ids: Sequence[str]
    xy: Array | None = None
    crs: str = ""

    def named(self, rows: Index) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
        """The ids of some rows."""
        return np.array(self.ids, object)[rows]

    def shapes(self, rows: Index) -> Shapes:
        """The places of some rows; none where they are not known."""
        if self.xy is None:
            return Shapes.none(len(rows))
        return Shapes.of(shapely.points(self.xy[rows]), "point")


def plan_layers(
    problem: SitingProblem, plan: SitingPlan, points: Places, sites: Places, language: Language
) -> list[VectorLayer]:
    """Layers ``site``, ``allocation`` and ``unmet``; tables where the places are not known."""
    load = np.bincount(plan.assigned.site, plan.assigned.people, len(sites.ids))
    room = np.full(len(load), np.nan) if problem.capacity is None else problem.capacity
    left = np.flatnonzero(plan.unmet > 0)
    flows = plan.assigned
    opened = pd.DataFrame(
        {"id": sites.named(plan.opened), "people": load[plan.opened], "capacity": room[plan.opened]}
    )
    ways = pd.DataFrame(
        {
            "demand": points.named(flows.point),
            "site": sites.named(flows.site),
            "people": flows.people,
            "cost": flows.cost,
        }
    )
    unmet = pd.DataFrame({"demand": points.named(left), "people": plan.unmet[left]})
    parts = (
        ("site", opened, sites.shapes(plan.opened)),
        ("allocation", ways, allocation_lines(plan, points, sites)),
        ("unmet", unmet, points.shapes(left)),
    )
    return [
        VectorLayer(
            name, "", points.crs if shapes.kind != "table" else "", shapes, table,
            title=say(f"siting.{name}", language),
        )
        for name, table, shapes in parts
    ]  # fmt: skip


def allocation_lines(plan: SitingPlan, points: Places, sites: Places) -> Shapes:
    """A straight line for each flow; none where the places are not known."""
    flows = plan.assigned
    if points.xy is None or sites.xy is None:
        return Shapes.none(len(flows.point))
    ends = np.stack([points.xy[flows.point], sites.xy[flows.site]], axis=1)
    return Shapes.of(shapely.linestrings(ends), "line")

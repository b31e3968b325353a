"""One route between two places, on the roads that an event leaves open, turn by turn."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from layers.errors import BadInput
from layers.hazards.inputs import code_text
from layers.hazards.source import Source
from layers.layer import Shapes, VectorLayer
from layers.siting.closing import Closing, roads_of
from layers.siting.network import Travel, road_network
from layers.siting.paths import Access, route

Place = tuple[float, float]


class Routed(NamedTuple):
    """A route.

    Parameters
    ----------
    line : shapely.LineString
    seconds : float
        With the ways between the places and the roads.
    table : pandas.DataFrame
        In order ``road`` (its name, or its class), ``turn``, ``metres``, ``seconds``.
    """

    line: shapely.LineString
    seconds: float
    table: pd.DataFrame


def route_between(
    project: Source, origin: Place, target: Place, travel: Travel, closing: Closing | None = None
) -> Routed:
    """The quickest way between two places.

    Parameters
    ----------
    project : Source
    origin, target : tuple of float
        Easting, northing, m.
    travel : Travel
    closing : Closing, optional
        The roads and bridges that an event closes.

    Raises
    ------
    MissingLayer
        No roads.
    BadInput
        An end is not given, or there is no way.
    """
    if (0.0, 0.0) in (origin, target) or origin == target:
        raise BadInput("route_ends")
    roads = roads_of(project)
    network = road_network(roads, travel)
    network = network if closing is None else closing.of(network)
    found = route(Access.of(network, np.array([origin, target])), 0, 1)
    pairs = zip(roads["name"].map(code_text), roads["class"].map(code_text), strict=True)
    names = [name or grade or "—" for name, grade in pairs]
    table = found.table.assign(road=[names[int(row)] for row in found.table["road"]])
    return Routed(found.line, found.seconds, table)


def route_layer(project: Source, found: Routed, title: str) -> VectorLayer:
    """A route as a layer of kind ``route``."""
    table = pd.DataFrame({"name": [title], "metres": [round(found.line.length)],
                          "minutes": [round(found.seconds / 60.0, 1)]})  # fmt: skip
    return VectorLayer("route", "route", project.crs, Shapes.of([found.line], "line"), table, title)

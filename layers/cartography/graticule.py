"""Graticule: meridians and parallels, where they meet the edge of a map, and where north is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from layers.grid import Extent

Edge = Literal["west", "east", "south", "north"]
_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300)
_STEPS = 181


@dataclass(frozen=True)
class Tick:
    """Where a meridian or parallel leaves the map.

    Parameters
    ----------
    edge : {"west", "east", "south", "north"}
    x, y : float
        CRS metres.
    words : str
        Degrees and minutes, such as ``115°30′E``.
    """

    edge: Edge
    x: float
    y: float
    words: str


@cache
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(crs, "EPSG:4490", always_xy=True)


def spacing(extent: Extent, crs: str, wanted: float = 5.0) -> int:
    """Minutes between meridians such that about `wanted` of them cross the map."""
    longitudes, _ = _edge(extent, crs, "south")
    minutes = float(np.ptp(longitudes)) * 60 / wanted
    return next((m for m in _MINUTES if m >= minutes), _MINUTES[-1])


def ticks(extent: Extent, crs: str, minutes: int) -> Iterator[Tick]:
    """Every place where a multiple of `minutes` meets an edge of the map."""
    edges: tuple[Edge, ...] = ("south", "north", "west", "east")
    for edge in edges:
        axis = 0 if edge in {"south", "north"} else 1
        degrees = _edge(extent, crs, edge)[axis]
        x, y = _edge_points(extent, edge)
        run = degrees * 60 / minutes
        for multiple in range(int(np.ceil(run.min())), int(np.floor(run.max())) + 1):
            at = float(np.interp(multiple, run, np.arange(_STEPS)))
            place = np.interp(at, np.arange(_STEPS), x), np.interp(at, np.arange(_STEPS), y)
            yield Tick(edge, float(place[0]), float(place[1]), degrees_minutes(multiple * minutes, axis))


def lines(extent: Extent, crs: str, minutes: int) -> Iterator[NDArray[np.float64]]:
    """Meridians and parallels over the map, each of shape (n, 2), CRS metres; they run past its edges."""
    longitudes = np.concatenate([_edge(extent, crs, "south")[0], _edge(extent, crs, "north")[0]])
    latitudes = np.concatenate([_edge(extent, crs, "west")[1], _edge(extent, crs, "east")[1]])
    along_x = np.linspace(longitudes.min(), longitudes.max(), _STEPS)
    along_y = np.linspace(latitudes.min(), latitudes.max(), _STEPS)
    back = _to_degrees(crs)
    for meridian in _multiples(longitudes, minutes):
        yield np.column_stack(back.transform(np.full(_STEPS, meridian), along_y, direction="INVERSE"))
    for parallel in _multiples(latitudes, minutes):
        yield np.column_stack(back.transform(along_x, np.full(_STEPS, parallel), direction="INVERSE"))


def degrees_minutes(minutes: int, axis: int) -> str:
    """An angle as maps print it.

    Examples
    --------
    >>> degrees_minutes(6930, 0), degrees_minutes(2250, 1)
    ('115°30′E', '37°30′N')
    """
    hemisphere = ("EW", "NS")[axis][minutes < 0]
    degrees, rest = divmod(abs(minutes), 60)
    return f"{degrees}°{rest:02d}′{hemisphere}"


def north(crs: str, centre: tuple[float, float]) -> float:
    """Direction of true north on the map at a point, degrees anticlockwise from straight up."""
    longitude, latitude = _to_degrees(crs).transform(*centre)
    x, y = _to_degrees(crs).transform(longitude, latitude + 0.01, direction="INVERSE")
    return float(np.degrees(np.arctan2(centre[0] - x, y - centre[1])))


def _multiples(degrees: NDArray[np.float64], minutes: int) -> NDArray[np.float64]:
    first, last = np.ceil(degrees.min() * 60 / minutes), np.floor(degrees.max() * 60 / minutes)
    return np.arange(first, last + 1) * minutes / 60


def _edge_points(extent: Extent, edge: Edge) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if edge in {"south", "north"}:
        y = extent.south if edge == "south" else extent.north
        return np.linspace(extent.west, extent.east, _STEPS), np.full(_STEPS, y)
    x = extent.west if edge == "west" else extent.east
    return np.full(_STEPS, x), np.linspace(extent.south, extent.north, _STEPS)


def _edge(extent: Extent, crs: str, edge: Edge) -> NDArray[np.float64]:
    """Longitudes and latitudes along an edge, shape (2, steps)."""
    return np.asarray(_to_degrees(crs).transform(*_edge_points(extent, edge)))

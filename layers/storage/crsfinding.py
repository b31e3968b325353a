"""Which reference system coordinates are in when the file does not say."""

import numpy as np
import pyproj
from numpy.typing import NDArray

from layers.errors import UnknownCrs
from layers.grid import Extent
from layers.storage.crs import same_crs

_FALSE_EASTINGS = {"EPSG:4526": 38, "EPSG:4527": 39, "EPSG:4498": 20}
_SIX_DIGITS = ("EPSG:4548", "EPSG:4547", "EPSG:4509")


def find_crs(xy: NDArray[np.float64], region: Extent | None, target: str, path: object) -> tuple[str, bool]:
    """The system in which the coordinates lie in the region, and whether their axes are swapped.

    Degrees are CGCS2000. An easting with a zone number names its zone. Six digits may be any of three
    zones: the region decides, if exactly one puts the data there.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
    region : Extent or None
        Where the project's data lie, in `target`.
    target : str
        The project's CRS.
    path : object
        The file, for the message.

    Raises
    ------
    UnknownCrs
        None fits, or several do: they are named.
    """
    points = xy[np.isfinite(xy).all(axis=1)]
    if not len(points):
        raise UnknownCrs("crs_unknown", path=path, candidates="—")
    swapped = _is_swapped(points)
    straight = points[:, ::-1] if swapped else points
    candidates = _candidates(straight)
    fitting = [crs for crs in candidates if len(candidates) == 1 or _fits(straight, crs, region, target)]
    distinct = [crs for n, crs in enumerate(fitting) if not any(same_crs(crs, c) for c in fitting[:n])]
    if len(distinct) != 1:
        raise UnknownCrs("crs_unknown", path=path, candidates="、".join(distinct or candidates) or "—")
    return distinct[0], swapped


def _is_swapped(points: NDArray[np.float64]) -> bool:
    """Northing first, as surveyors write it; or latitude first."""
    x, y = np.median(points, axis=0)
    degrees = abs(x) <= 90 and 70 < y <= 140 and 0 < x < 60
    metres = 1e6 < x < 7e6 and (1e5 < y < 9e5 or y > 1e7)
    return bool(degrees or metres)


def _candidates(points: NDArray[np.float64]) -> tuple[str, ...]:
    x = float(np.median(points[:, 0]))
    if np.all(np.abs(points[:, 0]) <= 180) and np.all(np.abs(points[:, 1]) <= 90):
        return ("EPSG:4490",)
    zoned = tuple(crs for crs, zone in _FALSE_EASTINGS.items() if int(x // 1e6) == zone)
    return zoned or (_SIX_DIGITS if 1e5 < x < 9e5 else ())


def _fits(points: NDArray[np.float64], crs: str, region: Extent | None, target: str) -> bool:
    """Whether nearly all points lie in the region, with a margin of a fifth of its size."""
    if region is None:
        return True
    road = pyproj.Transformer.from_crs(crs, target, always_xy=True)
    x, y = road.transform(points[:, 0], points[:, 1])
    box = region.grown(0.2 * max(region.width, region.height))
    inside = (x >= box.west) & (x <= box.east) & (y >= box.south) & (y <= box.north)
    return bool(inside.mean() > 0.5)

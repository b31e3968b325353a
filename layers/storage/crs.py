"""Reference systems: telling two apart, transforming flat arrays, and finding what a file does not say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyproj
from numpy.typing import NDArray

from layers.errors import UnknownCrs
from layers.grid import Extent
from layers.layer import Shapes

Array = NDArray[np.float64]

Prove = Callable[[Sequence[str], bool], str | None]

GEOGRAPHIC = "EPSG:4490"
SEPARATOR = "、"
"""Between the candidates that an error names."""
_ENOUGH = 0.9  # share of the coordinates that must speak for a system
_NORTHINGS = (1.8e6, 6.0e6)  # of China
_BESIDE = 3.0  # degrees that data may reach beyond a system's area of use: a city in one zone
_CHINA_DATUMS = (4490, 4326, 4979, 4480)


@dataclass(frozen=True)
class FoundCrs:
    """A reference system and how the coordinates are written in it.

    Parameters
    ----------
    crs : str
    swapped : bool
        The file's x is north and its y east.
    """

    crs: str
    swapped: bool = False


def same_crs(one: str, other: str) -> bool:
    """Whether two definitions mean the same system, whatever the order of axes."""
    return one == other or (
        bool(one) and bool(other) and _crs(one).equals(_crs(other), ignore_axis_order=True)
    )


@lru_cache(maxsize=64)
def _crs(text: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(text)


def named_crs(text: str) -> str:
    """``EPSG:code`` where the definition is in the register, else as it is.

    Raises
    ------
    UnknownCrs
        It defines nothing.
    """
    try:
        found = _crs(text)
    except pyproj.exceptions.CRSError as error:
        raise UnknownCrs("crs_unreadable", crs=text) from error
    code = found.to_epsg()
    return f"EPSG:{code}" if code else text


def is_geographic(crs: str) -> bool:
    """Whether its coordinates are degrees."""
    return bool(_crs(crs).is_geographic)


def is_of_another_datum(crs: str) -> bool:
    """Whether the system is on a datum such as Beijing 1954, whose way to CGCS2000 is known roughly only."""
    geodetic = _crs(crs).geodetic_crs
    return (
        geodetic is not None
        and geodetic.to_epsg() not in _CHINA_DATUMS
        and not any(geodetic.equals(_crs(f"EPSG:{code}"), ignore_axis_order=True) for code in _CHINA_DATUMS)
    )


def transformed(shapes: Shapes, source: str, target: str) -> Shapes:
    """Shapes in another reference system; x is always east, y always north; infinite where that fails."""
    if shapes.kind == "table" or not len(shapes.xy) or same_crs(source, target):
        return shapes
    x, y = transformed_points(shapes.xy[:, 0], shapes.xy[:, 1], source, target)
    return Shapes(shapes.kind, np.column_stack([x, y]), shapes.offsets)


def transformed_points(x: Array, y: Array, source: str, target: str) -> tuple[Array, Array]:
    """Points in another reference system, east first; infinite where that fails."""
    if same_crs(source, target):
        return x, y
    east, north = _road(source, target).transform(x, y)
    return np.asarray(east), np.asarray(north)


def transformed_extent(extent: Extent, source: str, target: str) -> Extent:
    """The box, in another reference system, that holds all of `extent`."""
    if same_crs(source, target):
        return extent
    return Extent(*_road(source, target).transform_bounds(*extent))


def _road(source: str, target: str) -> pyproj.Transformer:
    """From one system to the other.

    Raises
    ------
    UnknownCrs
        There is no way: a definition that cannot be used, or one of another planet.
    """
    try:
        return pyproj.Transformer.from_crs(_crs(source), _crs(target), always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise UnknownCrs("crs_unreadable", crs=_crs(source).name) from error


def given_crs(crs: str, x: Array, y: Array) -> FoundCrs:
    """The system that the user names, north first where the coordinates fit it only so."""
    return FoundCrs(crs, swapped=not _is_plausible(crs, x, y) and _is_plausible(crs, y, x))


def tested_crs(
    declared: str,
    x: Array,
    y: Array,
    path: Path,
    region: Extent | None,
    target: str,
    prove: Prove | None,
) -> tuple[FoundCrs, bool]:
    """What a file says of its system, tested against its coordinates; and whether it lies.

    Degrees that are metres, metres outside the system's area of use, exchanged axes: then the coordinates are
    believed, not the words.

    Raises
    ------
    UnknownCrs
        The words are wrong and the coordinates tell no system; or by the words all lies far from the region
        and by the coordinates within it.
    """
    if _is_plausible(declared, x, y):
        _refuse_contradiction(declared, x, y, path, region, target)
        return FoundCrs(declared), False
    if _is_plausible(declared, y, x):
        return FoundCrs(declared, swapped=True), False
    found = find_crs(x, y, path, region, target, prove)
    if found.crs == GEOGRAPHIC and not _is_china(*((y, x) if found.swapped else (x, y))):
        return FoundCrs(declared), False  # small numbers, but no degrees that anybody here would write
    return found, True


def _is_china(lon: Array, lat: Array) -> bool:
    return _mostly((lon >= 73) & (lon <= 136) & (lat >= 3) & (lat <= 54))


def _is_plausible(crs: str, x: Array, y: Array) -> bool:
    """Whether most coordinates lie in China, or where the system is used, or not far from there."""
    if is_geographic(crs):
        is_swapped_china = _mostly((x >= 3) & (x <= 54)) and _mostly((y >= 73) & (y <= 90))
        return _mostly((np.abs(x) <= 180) & (np.abs(y) <= 90)) and not is_swapped_china
    area = _crs(crs).area_of_use
    lon, lat = transformed_points(x, y, crs, GEOGRAPHIC)
    if area is None or _is_china(lon, lat):
        return _mostly(np.isfinite(lon) & np.isfinite(lat))
    inside = (lon >= area.west - _BESIDE) & (lon <= area.east + _BESIDE)
    return _mostly(inside & (lat >= area.south - _BESIDE) & (lat <= area.north + _BESIDE))


def _refuse_contradiction(
    declared: str, x: Array, y: Array, path: Path, region: Extent | None, target: str
) -> None:
    """A file that by its own words lies outside the region and by its coordinates within is asked about."""
    if region is None or share_inside(x, y, declared, target, region) > 1 - _ENOUGH:
        return
    try:
        found = find_crs(x, y, path, region, target)
        fitting = [] if found.swapped else [found.crs]
    except UnknownCrs as error:
        fitting = str(error.facts.get("candidates", "")).split(SEPARATOR) if error.key == "crs_twins" else []
    if any(same_crs(crs, declared) for crs in fitting):
        return
    if fitting and share_inside(x, y, fitting[0], target, region) >= _ENOUGH:
        candidates, said = SEPARATOR.join((declared, *fitting)), SEPARATOR.join(fitting)
        raise UnknownCrs("crs_contradicts", path=path, declared=declared, found=said, candidates=candidates)


def find_crs(
    x: Array, y: Array, path: Path, region: Extent | None, target: str, prove: Prove | None = None
) -> FoundCrs:
    """The system that a file's coordinates speak of.

    Degrees are CGCS2000. Eastings with a zone number name their Gauss-Kruger zone. Six-digit eastings fit
    several zones: the one that puts the data into `region` is taken, if no other system has coordinates like
    those. Where a six-degree zone and UTM share the meridian nothing is taken that is not proven.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        As written in the file.
    path : Path
        For the error.
    region : Extent, optional
        Where the data should lie, in `target`.
    target : str
    prove : callable, optional
        Which of several systems the data itself proves, given whether it is north first; none if it does not.

    Raises
    ------
    UnknownCrs
        No system fits, or several do; the facts name them.
    """
    if _mostly(np.abs(x) <= 180) and _mostly(np.abs(y) <= 180):
        return _degrees(x, y, path)
    swapped = _mostly(_is_northing(x)) and not _mostly(_is_northing(y))
    east, north = (y, x) if swapped else (x, y)
    if not _mostly(_is_northing(north)):
        raise UnknownCrs("crs_unknown", path=path, x=_middle(x), y=_middle(y))
    zoned = _zoned(east)
    if zoned:
        return FoundCrs(zoned, swapped)
    proven = (lambda systems: prove(systems, swapped)) if prove else None
    return FoundCrs(_unzoned(east, north, path, region, target, proven), swapped)


def _mostly(holds: NDArray[np.bool_]) -> bool:
    return bool(holds.size) and bool(np.mean(holds) >= _ENOUGH)


def _is_northing(values: Array) -> NDArray[np.bool_]:
    return (values >= _NORTHINGS[0]) & (values <= _NORTHINGS[1])


def _middle(values: Array) -> float:
    return float(np.median(values)) if values.size else float("nan")


def _degrees(x: Array, y: Array, path: Path) -> FoundCrs:
    if _mostly(np.abs(y) <= 90):
        lies_in_china = _mostly((x >= 3) & (x <= 54)) and _mostly((y >= 73) & (y <= 90))
        return FoundCrs(GEOGRAPHIC, lies_in_china)
    if _mostly(np.abs(x) <= 90):
        return FoundCrs(GEOGRAPHIC, swapped=True)
    raise UnknownCrs("crs_unknown", path=path, x=_middle(x), y=_middle(y))


def _zoned(east: Array) -> str:
    """The Gauss-Kruger zone whose number stands before the six digits of the easting."""
    zones = np.floor(east / 1e6)
    zone = int(_middle(zones))
    within = east - zone * 1e6
    if not _mostly((zones == zone) & (within >= 1e5) & (within <= 9e5)):
        return ""
    if 13 <= zone <= 23:  # six-degree zones: EPSG 4491 is zone 13
        return f"EPSG:{4491 + zone - 13}"
    if 25 <= zone <= 45:  # three-degree zones: EPSG 4513 is zone 25
        return f"EPSG:{4513 + zone - 25}"
    return ""


def _unzoned(
    east: Array,
    north: Array,
    path: Path,
    region: Extent | None,
    target: str,
    prove: Callable[[Sequence[str]], str | None] | None,
) -> str:
    candidates = _systems(region, target) if _mostly((east >= 1e5) & (east <= 9e5)) else ()
    if not candidates:
        raise UnknownCrs("crs_unknown", path=path, x=_middle(east), y=_middle(north))
    fitting = [crs for crs in candidates if region and share_inside(east, north, crs, target, region) > 0.8]
    left = fitting or list(candidates)
    proven = prove(left) if prove and len(left) > 1 else None
    left = [crs for each in ([proven] if proven else left) for crs in (each, twin_crs(each)) if crs]
    if len(left) == 1 and (fitting or proven):
        return left[0]
    one_meridian = len({meridian_of(crs) for crs in left}) == 1
    key = "crs_twins" if one_meridian else "crs_ambiguous"
    raise UnknownCrs(key, path=path, candidates=SEPARATOR.join(left), x=_middle(east), y=_middle(north))


def _systems(region: Extent | None, target: str) -> Sequence[str]:
    """Systems of six-digit eastings around the region, else around Hengshui: three-degree zones and UTM.

    A six-degree zone of the same meridian has the same coordinates (EPSG:4509 is EPSG:4548): one stands
    for both.
    """
    if region is None:
        meridians: Sequence[int] = (114, 117)
    else:
        west, _, east, _ = transformed_extent(region, target, GEOGRAPHIC)
        nearest = round((west + east) / 2 / 3) * 3
        meridians = [m for m in (nearest - 3, nearest, nearest + 3) if 75 <= m <= 135]
    utm = [f"EPSG:{32600 + (m + 183) // 6}" for m in meridians if (m + 183) % 6 == 0]
    return *(f"EPSG:{4534 + (m - 75) // 3}" for m in meridians), *utm


def meridian_of(crs: str) -> float:
    """The central meridian of a transverse Mercator system, degrees; NaN of any other.

    Examples
    --------
    >>> meridian_of("EPSG:4548"), meridian_of("EPSG:4509"), meridian_of("EPSG:32650")
    (117.0, 117.0, 117.0)
    """
    operation = _crs(crs).coordinate_operation
    named = {each.name: each.value for each in operation.params} if operation is not None else {}
    return float(named.get("Longitude of natural origin", float("nan")))


def twin_crs(crs: str) -> str:
    """The six-degree system whose coordinates are those of a three-degree one; empty if there is none.

    Examples
    --------
    >>> twin_crs("EPSG:4548"), twin_crs("EPSG:4547")
    ('EPSG:4509', '')
    """
    place = int(crs.removeprefix("EPSG:")) - 4534 if crs.removeprefix("EPSG:").isdigit() else -1
    return f"EPSG:{4502 + place // 2}" if 0 <= place <= 20 and place % 2 == 0 else ""


def share_inside(x: Array, y: Array, crs: str, target: str, region: Extent) -> float:
    """Share of points that lie in the region or not far from it."""
    if not x.size:
        return 0.0
    east, north = transformed_points(x, y, crs, target)
    near = region.grown(0.1 * max(region.width, region.height))
    inside = (east >= near.west) & (east <= near.east) & (north >= near.south) & (north <= near.north)
    return float(np.mean(inside))

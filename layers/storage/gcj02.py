"""GCJ-02 and BD-09: the shifted longitudes and latitudes of Chinese web maps, to and from true ones.

The shift is not a projection and has no parameters in any register; the formulas are those in public use
since 2010 (for example in the open libraries ``eviltransform`` and ``coordtransform``; status: derived from
public code, no official text exists). The way back is by fixed-point iteration, to better than a millimetre.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_A = 6378245.0  # Krasovsky 1940 ellipsoid, metres
_E2 = 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0
_STEPS = 12


def may_be_shifted(lon: Array, lat: Array) -> bool:
    """Whether any of these degrees lie where the shift exists."""
    return bool(np.any(_is_inside(lon, lat)))


def _is_inside(lon: Array, lat: Array) -> "NDArray[np.bool_]":
    return np.asarray((lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271))


def to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """From true longitude and latitude (WGS 84 or CGCS2000), degrees; outside China nothing is shifted."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    east, north = _waves(lon - 105.0, lat - 35.0)
    radians = np.radians(lat)
    w = 1 - _E2 * np.sin(radians) ** 2
    shift_lat = np.degrees(north / (_A * (1 - _E2) / (w * np.sqrt(w))))
    shift_lon = np.degrees(east / (_A / np.sqrt(w) * np.cos(radians)))
    inside = _is_inside(lon, lat)
    return np.where(inside, lon + shift_lon, lon), np.where(inside, lat + shift_lat, lat)


def _waves(x: Array, y: Array) -> tuple[Array, Array]:
    """Shift to the east and to the north in metres."""
    sin, pi = np.sin, np.pi
    shared = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    root = np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
    east = east + (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east = east + (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
    north = north + (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north = north + (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    return east, north


def from_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    """True longitude and latitude of GCJ-02 ones, degrees."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    true_lon, true_lat = lon, lat
    for _ in range(_STEPS):
        seen_lon, seen_lat = to_gcj02(true_lon, true_lat)
        true_lon, true_lat = true_lon - (seen_lon - lon), true_lat - (seen_lat - lat)
    return true_lon, true_lat


def to_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """BD-09 of true longitude and latitude, degrees."""
    x, y = to_gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def from_bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    """True longitude and latitude of BD-09 ones, degrees."""
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    true_lon, true_lat = lon, lat
    for _ in range(_STEPS):
        seen_lon, seen_lat = to_bd09(true_lon, true_lat)
        true_lon, true_lat = true_lon - (seen_lon - lon), true_lat - (seen_lat - lat)
    return true_lon, true_lat

"""The shift of Chinese web maps: GCJ-02 from WGS 84 and back.

Source: the published reverse engineering of the shift (constants of the Krasovsky ellipsoid and the sine
series), as used by open map software; the inverse is found by iteration, to below a millimetre.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_A = 6378245.0  # m, semi-major axis of the Krasovsky 1940 ellipsoid
_EE = 0.00669342162296594323  # its first eccentricity squared


def to_gcj02(lonlat: Array) -> Array:
    """Shift WGS 84 (or CGCS2000) degrees as Chinese web maps do.

    Parameters
    ----------
    lonlat : ndarray of float64, shape (n, 2)
    """
    return lonlat + _shift(lonlat)


def from_gcj02(lonlat: Array) -> Array:
    """Take the shift out again, by fixed-point iteration."""
    plain = lonlat.copy()
    for _ in range(8):
        plain = lonlat - _shift(plain)
    return plain


def _shift(lonlat: Array) -> Array:
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    waves = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (waves + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (waves + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    latitude = np.radians(lonlat[:, 1])
    magic = 1.0 - _EE * np.sin(latitude) ** 2
    metres_north = _A * (1.0 - _EE) / magic**1.5 * np.pi / 180.0
    metres_east = _A / np.sqrt(magic) * np.cos(latitude) * np.pi / 180.0
    return np.column_stack([east / metres_east, north / metres_north])

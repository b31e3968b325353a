"""The plane on which the sample is made: EPSG:4548, seeded chance, smooth fields without period."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from layers.grid import Array

PLANE = "EPSG:4548"
DEGREES = "EPSG:4490"
SEED = 131100

Geometries = NDArray[np.object_]


def chance(name: str) -> np.random.Generator:
    """The random numbers of one part of the sample; parts do not disturb each other.

    Parameters
    ----------
    name : str
        The part: ``"roads"``, ``"enterprises"`` …
    """
    return np.random.default_rng([SEED, crc32(name.encode())])


@cache
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def project(geometries: Any, source: str, target: str) -> Geometries:
    """Geometries from one CRS to another, rounded to 1e-7 degrees or centimetres.

    Seven decimals give back exactly the coordinates of a source that was itself rounded to six or seven,
    so that polygons made on the plane share their vertices with the counties to the last bit.
    """
    decimals = 7 if pyproj.CRS(target).is_geographic else 2
    transformer = _transformer(source, target)

    def move(xy: Array) -> Array:
        return np.round(np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), decimals)

    moved: Geometries = shapely.transform(np.asarray(geometries, dtype=object), move)
    return moved


def to_plane(geometries: Any, source: str = DEGREES) -> Geometries:
    """Geometries on the plane, unrounded.

    Parameters
    ----------
    geometries : array_like of shapely geometry
    source : str
        Their CRS.
    """
    transformer = _transformer(source, PLANE)

    def move(xy: Array) -> Array:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    moved: Geometries = shapely.transform(np.asarray(geometries, dtype=object), move)
    return moved


@dataclass(frozen=True)
class Waves:
    """A smooth random field: a sum of plane waves with seeded directions, lengths and phases.

    Parameters
    ----------
    name : str
        Seeds the field.
    wavelength : float
        Typical length in metres; the waves span half to twice of it.
    amplitude : float
        Standard deviation of the field, in the unit wanted.
    count : int
        Number of waves.
    """

    name: str
    wavelength: float
    amplitude: float = 1.0
    count: int = 16

    def __call__(self, x: Array, y: Array) -> Array:
        """The field at the points; `x` and `y` in metres, of any shape."""
        draw = chance(f"waves {self.name}")
        length = self.wavelength * 2 ** draw.uniform(-1, 1, self.count)
        angle, phase = draw.uniform(0, 2 * np.pi, (2, self.count))
        field = np.zeros(np.broadcast(x, y).shape)
        for k, a, p in zip(2 * np.pi / length, angle, phase, strict=True):
            field += np.cos(k * (np.cos(a) * (x - 4e5) + np.sin(a) * (y - 4.18e6)) + p)
        field *= self.amplitude * np.sqrt(2 / self.count)
        return field


def bend(lines: Geometries, name: str, wavelength: float, amplitude: float, step: float) -> Geometries:
    """Lines made winding: densified, then shifted by a smooth field that leaves their ends in place.

    Parameters
    ----------
    lines : ndarray of shapely.LineString
        On the plane.
    name : str
        Seeds the field.
    wavelength, amplitude, step : float
        Of the winding and of the vertices, in metres.
    """
    dense, line = shapely.get_coordinates(shapely.segmentize(lines, step), return_index=True)
    first = np.searchsorted(line, np.arange(len(lines)))
    last = np.append(first[1:], len(line)) - 1
    shift = np.column_stack([Waves(f"{name} {axis}", wavelength, amplitude)(*dense.T) for axis in "xy"])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
    part = ((along - along[first][line]) / (along[last] - along[first])[line])[:, None]
    bent = dense + shift - (1 - part) * shift[first][line] - part * shift[last][line]
    bent[first], bent[last] = dense[first], dense[last]
    winding: Geometries = shapely.linestrings(bent, indices=line)
    return winding


def largest_remainder(weights: Array, total: int) -> NDArray[np.int64]:
    """Integers in proportion to the weights that sum to `total` exactly (Hamilton's method).

    Parameters
    ----------
    weights : ndarray of float64, shape (n,)
        Not negative, at least one positive.
    total : int

    Returns
    -------
    ndarray of int64, shape (n,)
        A weight of zero gets zero.
    """
    share = weights / weights.sum() * total
    whole: NDArray[np.int64] = np.floor(share).astype(np.int64)
    left = total - int(whole.sum())
    order = np.lexsort((np.arange(len(share)), -(share - whole)))
    whole[order[weights[order] > 0][:left]] += 1
    return whole

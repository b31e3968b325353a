"""Counties and townships: which unit does a place lie in?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.grid import Lattice
from layers.hazards.inputs import code_text, needed_layer, numbers
from layers.hazards.rasterise import burn
from layers.hazards.source import Reading
from layers.layer import Shapes

Array = NDArray[np.float64]
Places = NDArray[np.intp]
OUTSIDE = -1


@dataclass(frozen=True, eq=False)
class Regions:
    """Units of one sort, in the order of their codes.

    Parameters
    ----------
    codes, names, parents : tuple of str
        `parents`: code of the county of a township; empty for counties.
    populations : ndarray of float64, shape (units,)
        Residents; NaN if not known.
    shapes : Shapes
        In the project's CRS, metres.
    layer : str
        Name of the layer.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    parents: tuple[str, ...]
    populations: Array
    shapes: Shapes
    layer: str

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def areas(self) -> Array:
        """Areas of the units, km², shape (units,)."""
        areas: Array = shapely.area(self.shapes.geometries()) / 1e6
        return areas

    @property
    def place(self) -> Mapping[str, int]:
        """Position of each code."""
        return {code: number for number, code in enumerate(self.codes)}

    def locate(self, x: Array, y: Array) -> Places:
        """Position of the unit in which each point lies; `OUTSIDE` if in none.

        A point on the border of several belongs to the one with the lowest code, so each is in exactly one.
        The many points are indexed and asked with the few polygons: half a second for 200,000.

        Parameters
        ----------
        x, y : ndarray of float64, shape (n,)
            NaN (a feature without place) is outside.
        """
        owner = np.full(len(x), OUTSIDE, np.intp)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        tree = shapely.STRtree(shapely.points(x[known], y[known]))
        unit, point = tree.query(self.shapes.geometries(), predicate="intersects")
        last_wins = np.argsort(-unit, kind="stable")
        owner[known[point[last_wins]]] = unit[last_wins]
        return owner

    def on(self, lattice: Lattice) -> Places:
        """Position of the unit in which each cell's centre lies, shape (rows × columns,)."""
        # burn keeps the highest value, but the lowest code is to win
        order = len(self) - np.arange(len(self), dtype=np.float64)
        burnt = burn(self.shapes, order, lattice, empty=len(self) + 1.0).ravel()
        return (len(self) - burnt).astype(np.intp)


def read_regions(reading: Reading, kind: str) -> Regions:
    """The counties or townships of a project.

    Parameters
    ----------
    reading : Reading
    kind : {"county", "township"}

    Raises
    ------
    MissingLayer
        The project has no such layer.
    """
    layer = needed_layer(reading, kind, "code", "name", "population", "county_code")
    codes = np.array([code_text(code) for code in layer["code"]])
    layer = layer.take(np.argsort(codes, kind="stable"))
    return Regions(
        codes=tuple(np.sort(codes, kind="stable").tolist()),
        names=tuple(code_text(name) for name in layer["name"]),
        parents=tuple(code_text(code) for code in layer["county_code"]),
        populations=numbers(layer["population"]),
        shapes=layer.shapes,
        layer=layer.name,
    )

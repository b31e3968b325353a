"""Flood hazard without a simulation: how high must the water stand in the drainage to reach a cell?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from layers.grid import Grid, same_lattice
from layers.hazards.model import Input, IntensityMeasure, Reference, check_parameters, parameter
from layers.hazards.reach import Array, lower_away, spill_heights
from layers.progress import Progress, ignore, part


@dataclass(frozen=True)
class HeightAboveDrainage:
    """The stage above the drainage at which water reaches a cell over ground and levees.

    Two steps. (1) *The water surface at stage 0*: the level of the drainage, which from its banks falls by
    `head_loss` with distance; of several drainages the highest surface counts. Where it stands above the
    ground, as beside a perched river, the land is lower than the river: in a plain the nearest drainage
    matters, not the one that the land drains to. (2) *The way*: a cell is wet at stage s if from some
    drainage a way leads to it on which neither ground nor levee crest stands higher than s above that
    surface. The intensity is the least such s.

    So a levee protects what lies behind it up to its crest, unless water comes round its end, and a higher
    levee never raises the hazard of any cell. In a valley, with `head_loss` 0 and no levees, the answer
    is the height above nearest drainage (HAND) of Rennó et al. 2008.

    A levee in the same cell as its river counts for both banks. A drainage cell has intensity 0.
    """

    name: ClassVar[str] = "height_above_drainage"
    hazard: ClassVar[str] = "flood"
    measure: ClassVar[IntensityMeasure] = IntensityMeasure("height_above_drainage", "m", "lower")
    requires: ClassVar[tuple[Input, ...]] = (
        Input("terrain", "m", "Elevation of the ground; of the design level where a lake stands."),
        Input("drainage", "", "1 where a river or lake lies, 0 elsewhere."),
        Input("levee", "m", "Height of the levee crest above the ground, 0 without levee."),
    )
    references: ClassVar[tuple[Reference, ...]] = (
        Reference("Rennó et al. 2008, Remote Sensing of Environment 112: HAND", "recalled"),
        Reference("Barnes, Lehman & Mulla 2014, Computers & Geosciences 62: priority flood", "recalled"),
        Reference("reference.sloping_surface", "derived"),
    )
    limits: ClassVar[str] = "limits.height_above_drainage"

    head_loss: float = parameter(
        0.3,
        unit="m/km",
        source="source.head_loss",
        status="derived",
        low=0.0,
        high=10.0,
    )

    def __post_init__(self) -> None:
        check_parameters(self)

    def intensity(self, inputs: Mapping[str, Grid], progress: Progress = ignore) -> Grid:
        """The stage, in metres above the drainage, at which each cell is reached.

        Parameters
        ----------
        inputs : mapping of str to Grid
            ``terrain``, ``drainage``, ``levee`` on one lattice.
        progress : Progress

        Returns
        -------
        Grid
            In m, at least 0; NaN where an input has no data or no way leads from any drainage.

        Raises
        ------
        BadInput
            The inputs lie on different lattices.
        """
        terrain, drainage, levee = inputs["terrain"], inputs["drainage"], inputs["levee"]
        lattice = same_lattice(terrain, drainage, levee)
        known = np.isfinite(terrain.values) & np.isfinite(drainage.values) & np.isfinite(levee.values)
        drains = known & (drainage.values > 0)
        progress(0.0)
        surface = self._water_surface(np.where(drains, terrain.values, -np.inf), lattice.cell)
        progress(0.2)
        crest = np.maximum(levee.values, 0.0)
        ground = np.where(known, terrain.values + crest - surface, np.nan)
        starts = np.where(drains, crest, np.nan)
        height = np.maximum(spill_heights(ground, starts, part(progress, 0.2, 1.0)), 0.0)
        height[drains] = 0.0
        progress(1.0)
        return terrain.like(height, unit="m")

    def _water_surface(self, levels: Array, cell: float) -> Array:
        lower_away(levels, self.head_loss * cell / 1000.0)
        return np.where(np.isfinite(levels), levels, np.nan)

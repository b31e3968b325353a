"""Models that `canvas_ours` lets run beside the window: ``python -m benchmarks.runs.canvas_models``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from layers.grid import Grid, Lattice
from layers.hazards.flood import HeightAboveDrainage
from layers.hazards.inundation import Scenario, simulate
from layers.progress import Progress
from layers.storage.apart import serve_works


def slope(side: int) -> Grid:
    """A plain that falls to the south-east, with hummocks."""
    y, x = np.mgrid[:side, :side].astype(float)
    heights = 20 - 0.002 * (x + y) + 0.3 * np.sin(x / 17) * np.cos(y / 23)
    return Grid(heights, Lattice(0.0, 30.0 * side, 30.0, side, side, "EPSG:4548"), "m")


def inundation(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Ten minutes of a flood of 3 m that stands in a corner of the plain."""
    terrain = slope(600)
    depth = np.zeros(terrain.values.shape)
    depth[:150, :150] = 3.0
    found = simulate(Scenario(terrain, 0.03, 600.0, initial=terrain.like(depth), threads=1), progress)
    return {"steps": found.summary["steps"]}


def flood_hazard(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """At which stage the water of a river reaches each of 2.25 million cells."""
    terrain = slope(1500)
    drainage = np.zeros(terrain.values.shape)
    drainage[::300] = 1.0
    nothing = terrain.like(np.zeros(drainage.shape))
    grids = {"terrain": terrain, "drainage": terrain.like(drainage), "levee": nothing}
    return {"cells": HeightAboveDrainage().intensity(grids, progress).values.size}


if __name__ == "__main__":
    serve_works({"inundation": inundation, "flood_hazard": flood_hazard})

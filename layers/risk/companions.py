"""Companions: the rasters that a run makes beside the intensity: speed, rating, arrival, duration, frames."""

from __future__ import annotations

import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.grid import Grid
from layers.hazards import inundation
from layers.hazards.inundation.buildings import Mask, filled_in
from layers.hazards.inundation_scenario import InundationScenario, flood_depth
from layers.hazards.source import Reading
from layers.progress import Progress, part
from layers.storage.frames import FrameWriter, frame_times
from layers.storage.passing import go_with
from layers.storage.rasters import read_grid, write_grid

if TYPE_CHECKING:
    from layers.hazards.inundation import Inundation

KINDS: Mapping[str, str] = {
    "speed_inundation": "speed_max",
    "rating_inundation": "hazard_rating",
    "arrival_flood": "arrival",
    "duration_inundation": "duration",
}
"""Catalogue kinds, and what the engine calls them."""
FRAMES = "depth_frames"
UNITS: Mapping[str, str] = {
    "speed_inundation": "m/s",
    "rating_inundation": "",
    "arrival_flood": "h",
    "duration_inundation": "h",
    FRAMES: "m",
}


@dataclass(frozen=True, eq=False)
class Companions:
    """Files by catalogue kind.

    Parameters
    ----------
    files : mapping of str to Path
    summary : mapping of str to object
        Of the run: mass balance, steps, seconds; empty for stored ones.
    gauges, sections : pandas.DataFrame
        What was told over time, as the engine gives it; empty for stored ones, whose hydrographs are a layer.
    notes : tuple of str
        Keys of words on what the run itself showed.
    """

    files: Mapping[str, Path]
    summary: Mapping[str, object]
    gauges: pd.DataFrame = field(default_factory=lambda: pd.DataFrame())
    sections: pd.DataFrame = field(default_factory=lambda: pd.DataFrame())
    notes: tuple[str, ...] = ()

    def grid(self, kind: str) -> Grid | None:
        """One of them as a grid; None if it is not there."""
        path = self.files.get(kind)
        return None if path is None else read_grid(path)

    def depth_at(self, seconds: float) -> Grid | None:
        """Depth of the water at the last frame up to a time, m: what closes roads then.

        Parameters
        ----------
        seconds : float
            From the beginning of the run; before the first frame, that one.

        Returns
        -------
        Grid or None
            None if no frames were kept.
        """
        path = self.files.get(FRAMES)
        times = () if path is None else frame_times(path)
        if path is None or not times:
            return None
        return read_grid(path, band=max(bisect_right(times, seconds), 1))


def stored_companions(reading: Reading) -> Companions:
    """Those that the project holds."""
    entries = {kind: reading.first(kind) for kind in UNITS}
    files = {kind: reading.raster(entry) for kind, entry in entries.items() if entry is not None}
    return Companions(files, {})


def run_scenario(
    model: InundationScenario, inputs: Mapping[str, Grid], progress: Progress
) -> tuple[Grid, Companions]:
    """Run a flood; its depths in time go to a file while it runs, the other rasters when it is done.

    Returns
    -------
    depth : Grid
        The greatest, m; 0 where a lake stood before.
    companions : Companions
        In a folder that goes when they do.
    """
    folder = Path(tempfile.mkdtemp(prefix="riskatlas-"))
    try:
        lattice, scenario = next(iter(inputs.values())).lattice, model.scenario(inputs)
        taken = model.taken(inputs)
        del inputs  # a city's grids are large, and the engine has its own
        frames = folder / f"{FRAMES}.tif"
        with FrameWriter(frames, lattice, model.times, UNITS[FRAMES]) as writer:
            show = lambda _time, depth: writer.add(depth)  # noqa: E731
            found = inundation.simulate(scenario, part(progress, 0.0, 0.95), witness=show)
        files = {FRAMES: frames, **_write(found, folder, taken)}
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    notes = tuple(f"note.flood_{key}" for key, _ in found.warnings)
    made = Companions(files, found.summary, found.gauges, found.sections, notes)
    go_with(made, folder)
    progress(1.0)
    return flood_depth(scenario, found, taken), made


def _write(found: Inundation, folder: Path, taken: Mask | None) -> dict[str, Path]:
    """The rasters beside the depth; buildings that take a cell stand in the water around it."""
    files, known = {}, np.isfinite(found.grids["depth_max"])
    for kind, name in KINDS.items():
        files[kind] = folder / f"{kind}.tif"
        grid = found.grid(name)
        if taken is not None:
            filled_in(grid.values, taken, known)
        write_grid(grid, files[kind])
    return files

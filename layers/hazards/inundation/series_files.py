"""Rain as rasters in time at the door: a GeoTIFF of many bands, or a folder with a list of times."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from layers.errors import BadInput, MissingFile
from layers.grid import Grid
from layers.hazards.inundation.files import check_place
from layers.hazards.inundation.rain_series import RainFrame, RainSeries
from layers.hazards.inundation.tables import read_table
from layers.storage.frames import frame_times
from layers.storage.rasters import opened

LIST = "times.csv"
"""In a folder: ``file, time_h``."""
_UNITS = frozenset({"", "mm/h", "mm/hr", "mm h-1", "mm h^-1", "mm/hour", "毫米/小时"})
SUFFIXES = frozenset({".tif", ".tiff"})


def is_series(path: Path) -> bool:
    """Whether a path is rain as rasters: a folder, or a GeoTIFF."""
    return path.is_dir() or path.suffix.lower() in SUFFIXES


def read_rain_series(path: Path, terrain: Grid, times: Sequence[float] = ()) -> RainSeries:
    """Rasters of intensity, mm/h, on the grid of the terrain. Each holds until the next, the last to the end.

    Parameters
    ----------
    path : Path
        A GeoTIFF whose bands carry their times (tag ``TIME_SECONDS``), or a folder with `LIST`.
    terrain : Grid
    times : sequence of float
        s, of the bands of a GeoTIFF that carries none.

    Raises
    ------
    MissingFile
    BadInput
        Another grid or reference system, times that lack or do not rise, another unit, negative rain.
    """
    frames = _listed(path) if path.is_dir() else _bands(path, times)
    series = RainSeries(tuple(frames), terrain.lattice, path.name)
    for file in dict.fromkeys(frame.path for frame in frames):
        with opened(file) as source:
            check_place(source, file, terrain.lattice)
            wrong = [unit for unit in source.units if (unit or "").strip().lower() not in _UNITS]
        if wrong:
            raise BadInput("rain_series_unit", name=file.name, unit=wrong[0])
    for number in range(len(frames)):
        series.intensity(number)  # negative rain is found before the run begins
    return series


def _listed(folder: Path) -> list[RainFrame]:
    path = folder / LIST
    if not path.is_file():
        raise MissingFile("rain_series_list", path=path)
    table = read_table(path, ("file", "time_h"), texts=("file",))
    return [
        RainFrame(folder / str(row.file).strip(), 1, float(row.time_h) * 3600) for row in table.itertuples()
    ]


def _bands(path: Path, times: Sequence[float]) -> list[RainFrame]:
    known = tuple(times) or frame_times(path)
    with opened(path) as source:
        count = source.count
    if not known:
        raise BadInput("rain_series_times", name=path.name)
    if len(known) != count:
        raise BadInput("rain_series_count", name=path.name, bands=count, times=len(known))
    if not np.isfinite(known).all():
        raise BadInput("rain_series_times", name=path.name)
    return [RainFrame(path, band, time) for band, time in enumerate(known, 1)]

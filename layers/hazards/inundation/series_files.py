"""Rain as rasters in time at the door: a GeoTIFF of many bands, or a folder with a list of times."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import rasterio

from layers.errors import BadInput, MissingFile
from layers.grid import Grid
from layers.hazards.inundation.files import is_placed
from layers.hazards.inundation.fitting import Fitting, fitting_of
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
    """Rasters of intensity, mm/h. Each holds until the next, the last to the end.

    Those of another grid are laid on the terrain as `layers.hazards.inundation.fitting` says.

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
        Rain elsewhere than the terrain, times that lack or do not rise, another unit, negative rain.
    """
    frames = _listed(path) if path.is_dir() else _bands(path, times)
    RainSeries(tuple(frames), terrain.lattice, path.name)  # times are judged before anything large is made
    fittings: dict[Path, Fitting | None] = {}
    known: dict[object, Fitting | None] = {}
    for file in dict.fromkeys(frame.path for frame in frames):
        with opened(file) as source:
            place = (source.transform, source.shape, source.crs)
            if place not in known:
                known[place] = _fitting(source, file, terrain)
            fittings[file] = known[place]
            wrong = [unit for unit in source.units if (unit or "").strip().lower() not in _UNITS]
        if wrong:
            raise BadInput("rain_series_unit", name=file.name, unit=wrong[0])
    placed = tuple(replace(frame, fitting=fittings[frame.path]) for frame in frames)
    series = RainSeries(placed, terrain.lattice, path.name)
    for number in range(len(frames)):
        series.intensity(number)  # negative rain is found before the run begins
    return series


def _fitting(source: "rasterio.DatasetReader", file: Path, terrain: Grid) -> Fitting | None:
    """How a raster of rain lies on the terrain; None on the same lattice."""
    if is_placed(source, terrain.lattice):
        return None
    turned = abs(source.transform.b) + abs(source.transform.d)
    fitting = None if turned else fitting_of(source, terrain.lattice)
    if fitting is None or not fitting.covered.any():
        raise BadInput("rain_series_elsewhere", name=file.name, bounds=_told(source.bounds))
    return fitting


def _told(bounds: Sequence[float]) -> str:
    return ", ".join(f"{each:.6g}" for each in bounds)


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

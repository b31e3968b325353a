"""GeoTIFF at the door: a band as a grid, a grid as a file."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from layers.errors import BadInput, CannotWrite, MissingFile, UnknownCrs
from layers.grid import Grid, Lattice
from layers.late import Late

warp = Late("rasterio.warp")

# Nothing is fetched, no side files of the folder are looked for, and nothing is run.
_SAFE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_PAM_ENABLED": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
}
_DRIVER = "GTiff"  # whatever the file claims to be
_BLOCK = 256


@contextmanager
def opened(path: Path) -> Iterator[rasterio.DatasetReader]:
    """A GeoTIFF, read without network; GDAL's complaints become known errors.

    Raises
    ------
    MissingFile
        It is not there.
    BadInput
        It is no GeoTIFF, or torn.
    """
    if not Path(path).is_file():
        raise MissingFile("file_missing", path=path)
    try:
        with rasterio.Env(**_SAFE), rasterio.open(Path(path).absolute(), driver=_DRIVER) as source:
            yield source
    except rasterio.errors.RasterioError as error:
        raise BadInput("raster_unreadable", path=path) from error


def drained(path: Path) -> None:
    """Read every block once, so that what is torn is found.

    Raises
    ------
    BadInput
        A block cannot be read.
    """
    with opened(path) as source:
        try:
            for band in source.indexes:
                for _, window in source.block_windows(band):
                    source.read(band, window=window)
        except rasterio.errors.RasterioError as error:
            raise BadInput("raster_unreadable", path=path) from error


def crs_text(crs: rasterio.CRS | None) -> str:
    """``EPSG:code`` or WKT; empty if the file says nothing."""
    if not crs:
        return ""
    code = crs.to_epsg(confidence_threshold=70)
    return f"EPSG:{code}" if code else str(crs.to_wkt())


def lattice_of(source: rasterio.DatasetReader, path: Path, crs: str = "") -> Lattice:
    """Where the cells of an open raster lie.

    Raises
    ------
    BadInput
        The cells are not square and north-up.
    UnknownCrs
        Neither the file nor `crs` says the reference system.
    """
    transform = source.transform
    found = crs_text(source.crs) or crs
    if not found:
        raise UnknownCrs("raster_crs_unknown", path=path)
    square = abs(abs(transform.e) - transform.a) <= 1e-6 * abs(transform.a)
    if transform.b or transform.d or transform.e >= 0 or not square:
        raise BadInput("raster_not_square", path=path, width=transform.a, height=abs(transform.e))
    return Lattice(transform.c, transform.f, transform.a, source.height, source.width, found)


def read_grid(
    path: Path, *, band: int = 1, target: Lattice | None = None, resampling: str = "bilinear"
) -> Grid:
    """One band of a GeoTIFF as float64, NaN where no data; warped if `target` is given.

    Parameters
    ----------
    path : Path
    band : int
        From 1.
    target : Lattice, optional
        The lattice of the result; the file's own by default.
    resampling : {"nearest", "bilinear", "cubic", "average", "mode", "max", "min", "sum"}

    Raises
    ------
    MissingFile, BadInput, UnknownCrs
        The file is not there, torn, has no such band, oblong cells (without `target`) or no reference system.
    """
    with opened(path) as source:
        if not 1 <= band <= source.count:
            raise BadInput("raster_band", path=path, band=band, count=source.count)
        values = source.read(band, masked=True).astype(np.float64).filled(np.nan)
        values = values * source.scales[band - 1] + source.offsets[band - 1]
        unit = source.units[band - 1] or ""
        if target is None:
            return Grid(values, lattice_of(source, path), unit)
        if not source.crs:
            raise UnknownCrs("raster_crs_unknown", path=path)
        return Grid(_warped(values, source, target, resampling), target, unit)


def _warped(
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    source: rasterio.DatasetReader,
    target: Lattice,
    resampling: str,
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    result = np.full(target.shape, np.nan)
    warp.reproject(
        values,
        result,
        src_transform=source.transform,
        src_crs=source.crs,
        src_nodata=np.nan,
        dst_transform=rasterio.Affine(*target.transform),
        dst_crs=rasterio.CRS.from_user_input(target.crs),
        dst_nodata=np.nan,
        resampling=rasterio.enums.Resampling[resampling],
    )
    return result


def write_grid(grid: Grid, path: Path, *, dtype: str = "float32") -> None:
    """Write a grid as a tiled, compressed GeoTIFF with overviews; the file appears whole or not at all.

    NaN is no data; in an integer `dtype` no data is the type's largest value (``uint8``: 255).

    Raises
    ------
    CannotWrite
        No room, or no right to write.
    BadInput
        A value that `dtype` cannot hold.
    """
    path = Path(path).absolute()
    aside = path.with_name(f".{path.name}.new.tif")
    values, nodata = _as_dtype(grid, path, np.dtype(dtype))
    try:
        with rasterio.Env(**_SAFE):
            _write(grid, values, nodata, aside)
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except (OSError, rasterio.errors.RasterioError) as error:
        raise CannotWrite("file_unwritable", path=path) from error
    finally:
        aside.unlink(missing_ok=True)


def _as_dtype(
    grid: Grid, path: Path, dtype: np.dtype[Any]
) -> tuple[np.ndarray[tuple[int, int], np.dtype[Any]], float]:
    if dtype.kind == "f":
        return grid.values.astype(dtype), float("nan")
    nodata = float(np.iinfo(dtype).max)
    present = grid.values[~np.isnan(grid.values)]
    lowest = float(np.iinfo(dtype).min)
    if present.size and not (present.min() >= lowest and present.max() < nodata):
        raise BadInput("raster_overflow", path=path, dtype=dtype.name)
    return np.where(np.isnan(grid.values), nodata, np.round(grid.values)).astype(dtype), nodata


def _write(
    grid: Grid,
    values: np.ndarray[tuple[int, int], np.dtype[Any]],
    nodata: float,
    path: Path,
) -> None:
    profile = {
        "driver": "GTiff",
        "height": grid.lattice.rows,
        "width": grid.lattice.columns,
        "count": 1,
        "dtype": values.dtype.name,
        "crs": rasterio.CRS.from_user_input(grid.lattice.crs),
        "transform": rasterio.Affine(*grid.lattice.transform),
        "nodata": nodata,
        "compress": "deflate",
        "predictor": 3 if values.dtype.kind == "f" else 2,
        "tiled": True,
        "blockxsize": _BLOCK,
        "blockysize": _BLOCK,
        "bigtiff": "if_safer",
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)
        if grid.unit:
            target.set_band_unit(1, grid.unit)
        factors = [2**n for n in range(1, 6) if min(grid.lattice.shape) / 2**n >= _BLOCK]
        if factors:
            target.build_overviews(factors, rasterio.enums.Resampling.nearest)


def value_range(path: Path) -> tuple[float, float]:
    """Least and largest value of the first band, about, seen on a coarse picture; 0, 1 if it is empty."""
    with opened(path) as source:
        shape = (min(source.height, 256), min(source.width, 256))
        seen = source.read(1, masked=True, out_shape=shape).astype(np.float64).filled(np.nan)
    present = seen[np.isfinite(seen)]
    return (float(present.min()), float(present.max())) if present.size else (0.0, 1.0)


def with_crs(path: Path, crs: str) -> Path:
    """A copy of a GeoTIFF that says its reference system, in a folder that goes when the program ends."""
    folder = _scratch() / hashlib.sha256(str(path).encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    copy = folder / path.name
    try:
        shutil.copyfile(path, copy)
        with rasterio.Env(**_SAFE), rasterio.open(copy, "r+", driver="GTiff") as target:
            target.crs = rasterio.CRS.from_user_input(crs)
    except (OSError, rasterio.errors.RasterioError) as error:
        raise CannotWrite("file_unwritable", path=copy) from error
    return copy


@cache
def _scratch() -> Path:
    folder = tempfile.mkdtemp(prefix="riskatlas-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)

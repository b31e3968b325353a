"""A raster in time: the bands of one GeoTIFF are its frames, and each carries its time."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import rasterio
from numpy.typing import NDArray

from layers.errors import BadInput, CannotWrite
from layers.grid import Extent, Lattice
from layers.storage.rasters import lattice_of, opened

Values = NDArray[np.float32]

TIME = "TIME_SECONDS"
"""The tag of a band that says its time."""
_BLOCK = 256


class Piece(NamedTuple):
    """Values of a piece of the plane, row 0 in the north; NaN is no data."""

    values: Values
    extent: Extent


class FrameWriter:
    """Writes frames one by one; the file appears whole when the last has come, or not at all.

    Parameters
    ----------
    path : Path
    lattice : Lattice
    times : sequence of float
        Seconds from the beginning, ascending; one a frame.
    unit : str
        Of the values.

    Raises
    ------
    CannotWrite
        No room, or no right to write.

    Examples
    --------
    >>> import tempfile
    >>> lattice = Lattice(0.0, 30.0, 30.0, 1, 2, "EPSG:4509")
    >>> path = Path(tempfile.mkdtemp()) / "depth.tif"
    >>> with FrameWriter(path, lattice, (0.0, 3600.0), "m") as writer:
    ...     writer.add(np.zeros((1, 2)))
    ...     writer.add(np.ones((1, 2)))
    >>> frame_times(path)
    (0.0, 3600.0)
    """

    def __init__(self, path: Path, lattice: Lattice, times: Sequence[float], unit: str = "") -> None:
        self._path = Path(path).absolute()
        self._aside = self._path.with_name(f".{self._path.name}.new.tif")
        self._lattice, self._times, self._unit = lattice, tuple(map(float, times)), unit
        self._written = 0

    def __enter__(self) -> Self:
        try:
            self._file = rasterio.open(self._aside, "w", **_profile(self._lattice, len(self._times)))
        except (OSError, rasterio.errors.RasterioError) as error:
            raise CannotWrite("file_unwritable", path=self._path) from error
        return self

    def add(self, values: NDArray[np.floating]) -> None:
        """The next frame, shape of the lattice."""
        band = self._written + 1
        try:
            self._file.write(values.astype(np.float32, copy=False), band)
            self._file.update_tags(band, **{TIME: repr(self._times[self._written])})
            if self._unit:
                self._file.set_band_unit(band, self._unit)
        except (OSError, rasterio.errors.RasterioError) as error:
            raise CannotWrite("file_unwritable", path=self._path) from error
        self._written = band

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._written == len(self._times):
                self._finish()
        except (OSError, rasterio.errors.RasterioError) as problem:
            raise CannotWrite("file_unwritable", path=self._path) from problem
        finally:
            self._file.close()
            self._aside.unlink(missing_ok=True)

    def _finish(self) -> None:
        factors = [2**n for n in range(1, 6) if min(self._lattice.shape) / 2**n >= _BLOCK]
        if factors:
            self._file.build_overviews(factors, rasterio.enums.Resampling.nearest)
        self._file.close()
        with self._aside.open("rb+") as file:
            os.fsync(file.fileno())
        self._aside.replace(self._path)


def _profile(lattice: Lattice, count: int) -> dict[str, object]:
    return {
        "driver": "GTiff",
        "height": lattice.rows,
        "width": lattice.columns,
        "count": count,
        "dtype": "float32",
        "crs": rasterio.CRS.from_user_input(lattice.crs),
        "transform": rasterio.Affine(*lattice.transform),
        "nodata": float("nan"),
        "compress": "deflate",
        "zlevel": 3,
        "predictor": 2,
        "interleave": "band",
        "tiled": True,
        "blockxsize": _BLOCK,
        "blockysize": _BLOCK,
        "bigtiff": "if_safer",
    }


def frame_times(path: Path) -> tuple[float, ...]:
    """Times of a raster's bands in seconds; empty if they carry none.

    Raises
    ------
    MissingFile, BadInput
        The file is not there, torn, or its times are no ascending numbers.
    """
    with opened(path) as source:
        said = [source.tags(band).get(TIME) for band in source.indexes]
    if None in said:
        return ()
    try:
        times = tuple(float(text) for text in said)
    except ValueError as error:
        raise BadInput("raster_times", path=path) from error
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise BadInput("raster_times", path=path)
    return times


def read_piece(path: Path, extent: Extent, pixel: float, band: int = 1) -> Piece | None:
    """A band as far as an extent, at about the resolution of a screen.

    Parameters
    ----------
    path : Path
    extent : Extent
        In the raster's own reference system.
    pixel : float
        Metres that a pixel of the screen shows; cells are thinned to the power of two nearest to it.
    band : int
        From 1.

    Returns
    -------
    Piece or None
        None if the raster does not reach into the extent.

    Raises
    ------
    MissingFile, BadInput, UnknownCrs
        The file is not there, torn, has no such band, oblong cells or no reference system.
    """
    with opened(path) as source:
        if not 1 <= band <= source.count:
            raise BadInput("raster_band", path=path, band=band, count=source.count)
        lattice = lattice_of(source, path)
        span = _span(lattice, extent, pixel)
        if span is None:
            return None
        top, left, bottom, right, step = span
        window = rasterio.windows.Window(left, top, right - left, bottom - top)
        shape = -(-(bottom - top) // step), -(-(right - left) // step)
        try:
            values = source.read(band, window=window, out_shape=shape, masked=True).astype(np.float32)
        except rasterio.errors.RasterioError as error:
            raise BadInput("raster_unreadable", path=path) from error
        scale, offset = source.scales[band - 1], source.offsets[band - 1]
    filled = values.filled(np.nan)
    plain = (scale, offset) == (1.0, 0.0)
    return Piece(filled if plain else filled * np.float32(scale) + np.float32(offset), _box(lattice, span))


def held_piece(values: Values, lattice: Lattice, extent: Extent, pixel: float) -> Piece | None:
    """As `read_piece`, of values in memory, shape of the lattice."""
    span = _span(lattice, extent, pixel)
    if span is None:
        return None
    top, left, bottom, right, step = span
    return Piece(values[top:bottom:step, left:right:step], _box(lattice, span))


Span = tuple[int, int, int, int, int]


def _span(lattice: Lattice, extent: Extent, pixel: float) -> Span | None:
    """First row and column, the ones after the last, and every how many-th is wanted."""
    step = 2 ** max(0, round(np.log2(max(pixel, 1e-9) / lattice.cell)))
    side = lattice.cell * step
    left = max(0, int(np.floor((extent.west - lattice.west) / side)) * step)
    top = max(0, int(np.floor((lattice.north - extent.north) / side)) * step)
    right = min(lattice.columns, int(np.ceil((extent.east - lattice.west) / side)) * step)
    bottom = min(lattice.rows, int(np.ceil((lattice.north - extent.south) / side)) * step)
    return (top, left, bottom, right, step) if top < bottom and left < right else None


def _box(lattice: Lattice, span: Span) -> Extent:
    top, left, bottom, right, _ = span
    west, north, cell = lattice.west, lattice.north, lattice.cell
    return Extent(west + left * cell, north - bottom * cell, west + right * cell, north - top * cell)
